//! What is counted as one client.

use crate::principal::{Identity, Principal, PrincipalKind};
use std::fmt;
use std::net::IpAddr;

/// Who is counted: an address or an identity, in 16 bytes.
///
/// One household or one rented machine has a whole IPv6 /64, so that network counts as one client;
/// an IPv4 address that comes mapped into IPv6 counts as itself.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key(u128);

const V4: u128 = 4 << 120;
const V6: u128 = 6 << 120;
const IDENTITY: u128 = 1 << 120;

impl Key {
    /// The key of an address.
    pub fn address(ip: IpAddr) -> Self {
        match ip.to_canonical() {
            IpAddr::V4(ip) => Self(V4 | u128::from(ip.to_bits())),
            IpAddr::V6(ip) => Self(V6 | (ip.to_bits() >> 64)),
        }
    }

    /// The key of all whose address is not known: they share one count.
    pub fn unknown() -> Self {
        Self(0)
    }

    /// The key of an identity: the first 120 bits of its digest.
    pub fn identity(identity: &Identity) -> Self {
        Self(IDENTITY | (u128::from_be_bytes(first_half(identity.as_bytes())) >> 8))
    }

    /// The key of a principal that the operator knows. Sessions and the anonymous have none: a new
    /// one would be a new count.
    pub fn principal(principal: &Principal) -> Option<Self> {
        match principal.kind() {
            PrincipalKind::Token | PrincipalKind::Run => Some(Self::identity(principal.identity())),
            PrincipalKind::Session(_) | PrincipalKind::Anonymous => None,
        }
    }
}

/// 32 hexadecimal digits, for stores outside the process.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

fn first_half(digest: &[u8; 32]) -> [u8; 16] {
    let mut half = [0; 16];
    half.iter_mut()
        .zip(digest)
        .for_each(|(to, from)| *to = *from);
    half
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::principal::{Scope, Scopes};
    use crate::session::SessionId;

    fn of(text: &str) -> Key {
        Key::address(text.parse().unwrap())
    }

    // S24
    #[test]
    fn a_client_is_an_ipv4_address_or_an_ipv6_network() {
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.7"), of("192.0.2.7"));
        assert_ne!(of("192.0.2.7"), of("192.0.2.8"));
        assert_ne!(of("0.0.0.1"), of("0:0:0:1::"));
        assert_ne!(of("0.0.0.0"), Key::unknown());
        assert_ne!(of("::1"), Key::unknown());
    }

    #[test]
    fn only_tokens_that_the_operator_knows_are_counted_by_identity() {
        let identity = Identity::new([9; 32]);
        let known = Principal::token("ci", identity, Scopes::all());
        assert_eq!(Key::principal(&known), Some(Key::identity(&identity)));
        assert!(Key::principal(&Principal::run(identity)).is_some());
        let id = SessionId::parse(&"0".repeat(64)).unwrap();
        assert_eq!(Key::principal(&Principal::session(id, identity)), None);
        assert_eq!(Key::principal(&Principal::anonymous(Scope::Mcp)), None);
    }

    #[test]
    fn identities_differ_and_are_no_addresses() {
        let one = Key::identity(&Identity::new([1; 32]));
        assert_ne!(one, Key::identity(&Identity::new([2; 32])));
        assert_ne!(Key::identity(&Identity::new([0; 32])), of("0.0.0.0"));
        assert_eq!(one.to_string().len(), 32);
    }
}
