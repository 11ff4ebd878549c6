//! The optional label with a client's network: personal data made coarse, and a bounded set.

use prometheus_client::encoding::{EncodeLabel, EncodeLabelSet, LabelSetEncoder};
use std::collections::HashSet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

/// Most networks that get a value of their own; a hostile client cannot add more.
const MOST: usize = 1_000;

/// A network that clients come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Network {
    /// An IPv4 /24.
    V4([u8; 3]),
    /// An IPv6 /48.
    V6([u16; 3]),
    /// One beyond the bound.
    Other,
}

impl Network {
    /// The network of an address; an IPv4 address inside IPv6 is an IPv4 address.
    fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => {
                let [a, b, c, _] = v4.octets();
                Self::V4([a, b, c])
            }
            IpAddr::V6(v6) => {
                let [a, b, c, ..] = v6.segments();
                Self::V6([a, b, c])
            }
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::V4([a, b, c]) => write!(f, "{}/24", Ipv4Addr::new(a, b, c, 0)),
            Self::V6([a, b, c]) => write!(f, "{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0)),
            Self::Other => f.write_str("other"),
        }
    }
}

/// The networks seen so far, if they are to be told apart at all.
#[derive(Debug, Default)]
pub(crate) struct ClientNetworks(Option<Mutex<HashSet<Network>>>);

impl ClientNetworks {
    /// Tells networks apart.
    pub(crate) fn told() -> Self {
        Self(Some(Mutex::default()))
    }

    /// The label's value for a client; none if networks are not told apart.
    pub(crate) fn label(&self, client: IpAddr) -> Option<Network> {
        let seen = self.0.as_ref()?;
        let network = Network::of(client);
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let known = seen.contains(&network) || (seen.len() < MOST && seen.insert(network));
        Some(if known { network } else { Network::Other })
    }
}

/// The labels of an answer with status 429.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct HitLabels {
    pub(crate) endpoint: &'static str,
    pub(crate) network: Option<Network>,
}

impl EncodeLabelSet for HitLabels {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        ("endpoint", self.endpoint).encode(encoder.encode_label())?;
        match self.network {
            Some(network) => ("ip", network.to_string()).encode(encoder.encode_label()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(networks: &ClientNetworks, address: &str) -> String {
        networks
            .label(address.parse().unwrap())
            .unwrap()
            .to_string()
    }

    #[test]
    fn an_address_is_reduced_to_its_network() {
        let networks = ClientNetworks::told();
        for (address, network) in [
            ("203.0.113.9", "203.0.113.0/24"),
            ("::ffff:203.0.113.9", "203.0.113.0/24"),
            ("2001:db8:7:8::9", "2001:db8:7::/48"),
        ] {
            assert_eq!(label(&networks, address), network);
        }
        assert!(
            ClientNetworks::default()
                .label(IpAddr::V4(Ipv4Addr::LOCALHOST))
                .is_none()
        );
    }

    #[test]
    fn networks_beyond_the_bound_are_other() {
        let networks = ClientNetworks::told();
        for third in 0..MOST {
            let (b, c) = (third / 256, third % 256);
            assert_eq!(
                label(&networks, &format!("10.{b}.{c}.1")),
                format!("10.{b}.{c}.0/24")
            );
        }
        assert_eq!(label(&networks, "192.0.2.1"), "other");
        assert_eq!(label(&networks, "10.0.0.77"), "10.0.0.0/24");
    }
}
