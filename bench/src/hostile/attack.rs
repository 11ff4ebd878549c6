//! An attack by name, and the list of all of them.

use super::server::{Server, Setup};
use super::{bodies, calls, crowds, forged, framing, heads, http2, sessions, tls};
use anyhow::Result;
use std::net::Ipv4Addr;

/// One attack.
#[derive(Debug)]
pub(super) struct Attack {
    /// Its name in the table, in `docs/security.md` and for `--only`.
    pub(super) name: &'static str,
    /// The server that it is made against.
    pub(super) setup: Setup,
    /// Attacks, and says what the server answered; an error if that is not as expected.
    pub(super) run: fn(&Server) -> Result<String>,
}

/// An attack on a server with the standard settings.
pub(super) const fn plain(name: &'static str, run: fn(&Server) -> Result<String>) -> Attack {
    with(name, &[], run)
}

/// An attack on a server with these settings.
pub(super) const fn with(
    name: &'static str,
    settings: &'static [(&'static str, &'static str)],
    run: fn(&Server) -> Result<String>,
) -> Attack {
    let setup = Setup {
        settings,
        tls: false,
    };
    Attack { name, setup, run }
}

/// An attack on a server that speaks TLS, with these settings.
pub(super) const fn over_tls(
    name: &'static str,
    settings: &'static [(&'static str, &'static str)],
    run: fn(&Server) -> Result<String>,
) -> Attack {
    let setup = Setup {
        settings,
        tls: true,
    };
    Attack { name, setup, run }
}

/// All attacks in the order of the table.
pub(super) fn all() -> impl Iterator<Item = &'static Attack> {
    [
        bodies::ATTACKS,
        calls::ATTACKS,
        heads::ATTACKS,
        framing::ATTACKS,
        forged::ATTACKS,
        crowds::ATTACKS,
        sessions::ATTACKS,
        tls::ATTACKS,
        http2::ATTACKS,
    ]
    .into_iter()
    .flatten()
}

/// The attacker with this number: each has an address of its own on the loopback network.
pub(super) fn attacker(number: usize) -> Ipv4Addr {
    let [_, high, middle, low] = u32::try_from(number + 1).unwrap_or(1).to_be_bytes();
    Ipv4Addr::new(127, high.saturating_add(1), middle, low)
}
