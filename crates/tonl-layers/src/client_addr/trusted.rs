//! Which peers are proxies whose word about the client counts.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::IpAddr;

/// The networks of trusted proxies. By default there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
}

/// A part of a list of proxies that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadProxy {
    /// It is neither an address, a network nor a known word.
    #[error(
        "{0:?} is no trusted proxy: expected an address (10.0.0.1), a network (10.0.0.0/8), \
         loopback or private"
    )]
    Unreadable(String),
    /// An address with a prefix that does not cover all of it.
    #[error("{written:?} has bits behind its prefix: write {network} or leave the prefix out")]
    LooseBits {
        /// What was written.
        written: String,
        /// The network with that prefix.
        network: IpNet,
    },
    /// A network that holds every address.
    #[error("{0:?} trusts every address, so that any client can name another: list the proxies")]
    Everybody(String),
}

impl TrustedProxies {
    /// Reads a list with commas: addresses, CIDR networks of IPv4 and IPv6, `loopback`
    /// (`127.0.0.0/8`, `::1`) and `private` (`10.0.0.0/8`, `172.16.0.0/12`, `192.168.0.0/16`,
    /// `fc00::/7`).
    /// Networks in the IPv4-mapped range of IPv6 mean IPv4. An empty list trusts nobody.
    ///
    /// # Errors
    /// Every part that cannot be used, in order.
    pub fn parse(list: &str) -> Result<Self, Vec<BadProxy>> {
        let mut networks = Vec::new();
        let mut bad = Vec::new();
        for part in list.split(',').map(str::trim).filter(|it| !it.is_empty()) {
            match part.to_ascii_lowercase().as_str() {
                "loopback" => networks.extend(known(LOOPBACK)),
                "private" => networks.extend(known(PRIVATE)),
                _ => match network(part) {
                    Ok(network) => networks.push(network),
                    Err(error) => bad.push(error),
                },
            }
        }
        if bad.is_empty() {
            Ok(Self { networks })
        } else {
            Err(bad)
        }
    }

    /// Whether a proxy at this address is trusted. IPv4 mapped into IPv6 counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks
            .iter()
            .any(|network| network.contains(&address))
    }

    /// Whether all of them are on this machine; also if there is none.
    pub fn are_local(&self) -> bool {
        self.networks
            .iter()
            .all(|network| network.network().is_loopback() && network.broadcast().is_loopback())
    }

    /// Whether nobody is trusted.
    pub fn is_empty(&self) -> bool {
        self.networks.is_empty()
    }
}

fn network(part: &str) -> Result<IpNet, BadProxy> {
    if let Ok(address) = part.parse::<IpAddr>() {
        return Ok(IpNet::from(address.to_canonical()));
    }
    let unreadable = || BadProxy::Unreadable(part.to_owned());
    let written = part.parse::<IpNet>().map_err(|_| unreadable())?;
    let network = unmapped(written);
    if network.prefix_len() == 0 {
        return Err(BadProxy::Everybody(part.to_owned()));
    }
    if network.trunc() != network {
        return Err(BadProxy::LooseBits {
            written: part.to_owned(),
            network: network.trunc(),
        });
    }
    Ok(network)
}

/// `::ffff:a.b.c.d/(96 + n)` as `a.b.c.d/n`.
fn unmapped(network: IpNet) -> IpNet {
    let IpNet::V6(v6) = network else {
        return network;
    };
    let v4 = v6.addr().to_ipv4_mapped();
    v4.zip(v6.prefix_len().checked_sub(96))
        .and_then(|(address, prefix)| Ipv4Net::new(address, prefix).ok())
        .map_or(network, IpNet::V4)
}

fn known(table: &'static [([u16; 8], u8)]) -> impl Iterator<Item = IpNet> {
    let networks = table.iter();
    networks.filter_map(|(segments, prefix)| {
        let v6 = Ipv6Net::new((*segments).into(), *prefix).ok()?;
        Some(unmapped(IpNet::V6(v6)))
    })
}

/// RFC 1122, 3.2.1.3 and RFC 4291, 2.5.3.
const LOOPBACK: &[([u16; 8], u8)] = &[
    ([0, 0, 0, 0, 0, 0xffff, 0x7f00, 0], 104),
    ([0, 0, 0, 0, 0, 0, 0, 1], 128),
];

/// RFC 1918 and RFC 4193.
const PRIVATE: &[([u16; 8], u8)] = &[
    ([0, 0, 0, 0, 0, 0xffff, 0x0a00, 0], 104),
    ([0, 0, 0, 0, 0, 0xffff, 0xac10, 0], 108),
    ([0, 0, 0, 0, 0, 0xffff, 0xc0a8, 0], 112),
    ([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_part_covers_what_it_says_and_no_more() {
        let cases = [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.1"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("2001:db8::/32", "2001:db8::1", "2001:db9::1"),
            ("loopback", "127.1.2.3", "128.0.0.1"),
            ("Loopback", "::1", "::2"),
            ("private", "172.31.0.1", "172.32.0.1"),
            ("private", "192.168.0.1", "192.169.0.1"),
            ("private", "fdff::1", "fe80::1"),
            ("::ffff:10.0.0.0/104", "10.1.1.1", "11.1.1.1"),
            ("::ffff:192.0.2.7", "192.0.2.7", "::1"),
            ("127.0.0.1", "::ffff:127.0.0.1", "::1"),
        ];
        for (list, inside, outside) in cases {
            let trusted = TrustedProxies::parse(list).unwrap();
            assert!(trusted.contains(inside.parse().unwrap()), "{list} {inside}");
            assert!(
                !trusted.contains(outside.parse().unwrap()),
                "{list} {outside}"
            );
        }
    }

    #[test]
    fn nobody_is_trusted_by_default_or_by_an_empty_list() {
        assert!(TrustedProxies::default().is_empty());
        assert!(TrustedProxies::parse(" , ").unwrap().is_empty());
        assert!(!TrustedProxies::default().contains("127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn every_bad_part_is_reported() {
        let bad = TrustedProxies::parse("10.0.0.1/8, proxy, loopback, 0.0.0.0/0, ::/0, 1.2.3.4/33");
        let bad: Vec<String> = bad.unwrap_err().iter().map(ToString::to_string).collect();
        let starts = [
            r#""10.0.0.1/8" has bits behind its prefix: write 10.0.0.0/8 or"#,
            r#""proxy" is no trusted proxy: expected an address"#,
            r#""0.0.0.0/0" trusts every address"#,
            r#""::/0" trusts every address"#,
            r#""1.2.3.4/33" is no trusted proxy"#,
        ];
        assert_eq!(bad.len(), starts.len(), "{bad:?}");
        for (message, start) in bad.iter().zip(starts) {
            assert!(message.starts_with(start), "{message}");
        }
    }
}
