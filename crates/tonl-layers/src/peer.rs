//! Who is at the other end: the connection's peer, and the client it speaks for.

use std::net::{IpAddr, SocketAddr};

/// The other end of the connection itself. The accept loop puts it into each request's extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Peer {
    /// Its address.
    pub addr: SocketAddr,
    /// Whether the connection is encrypted up to this process.
    pub tls: bool,
}

/// The client a request comes from, after trusted proxies were asked. The client address layer puts
/// it into the extensions; every defence behind that layer uses this and never the peer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Client {
    /// Its address, IPv4 also where it came mapped into IPv6.
    pub ip: IpAddr,
    /// Whether the client speaks HTTPS: to us, or to a trusted proxy that says so.
    pub https: bool,
    /// The host that a trusted proxy says the client asked for.
    pub forwarded_host: Option<String>,
}

impl Client {
    /// A client that speaks to us directly.
    pub fn direct(peer: Peer) -> Self {
        Self {
            ip: peer.addr.ip().to_canonical(),
            https: peer.tls,
            forwarded_host: None,
        }
    }
}
