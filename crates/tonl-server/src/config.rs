//! What the server is told: checked values, passed in once. Nothing here reads an environment.

use crate::tls::TlsFiles;
use std::net::IpAddr;
use std::time::Duration;

/// Where to listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listen {
    /// The address.
    pub host: IpAddr,
    /// The port; 0 lets the system choose.
    pub port: u16,
    /// What happens when the port is taken.
    pub when_busy: WhenBusy,
}

impl Listen {
    /// This address and port, and no other.
    pub fn at(host: IpAddr, port: u16) -> Self {
        Self {
            host,
            port,
            when_busy: WhenBusy::Fail,
        }
    }
}

/// What happens when the port is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenBusy {
    /// The start fails: somebody asked for this port.
    #[default]
    Fail,
    /// The next free port is taken, of this many.
    Next(u16),
}

/// Time limits and counts of connections. *Source:* the contract's section on time and connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionConfig {
    /// How many connections may be open.
    pub max: usize,
    /// How many from one address; trusted proxies are exempt.
    pub max_per_address: usize,
    /// How long a request's head may take in all.
    pub header_timeout: Duration,
    /// How long a connection may wait for its next request.
    pub keep_alive: Duration,
    /// How long a write may make no progress.
    pub write_stall: Duration,
    /// How long a TLS handshake may take.
    pub handshake: Duration,
}

impl ConnectionConfig {
    /// The limits that hold unless others are set.
    pub const STANDARD: Self = Self {
        max: 10_000,
        max_per_address: 256,
        header_timeout: Duration::from_secs(10),
        keep_alive: Duration::from_secs(5),
        write_stall: Duration::from_secs(30),
        handshake: Duration::from_secs(10),
    };
}

/// How the process ends. *Source:* S54.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShutdownConfig {
    /// How long requests are still accepted after the signal, while `/ready` says 503.
    pub prestop_delay: Duration,
    /// How long requests in flight may take after that.
    pub timeout: Duration,
}

impl ShutdownConfig {
    /// No delay, 30 seconds.
    pub const STANDARD: Self = Self {
        prestop_delay: Duration::ZERO,
        timeout: Duration::from_secs(30),
    };
}

/// Everything the network side of the server is told.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NetworkConfig {
    /// Where to listen.
    pub listen: Listen,
    /// Limits of connections.
    pub connections: ConnectionConfig,
    /// How the process ends.
    pub shutdown: ShutdownConfig,
    /// Certificates; `None` speaks plain HTTP.
    pub tls: Option<TlsFiles>,
    /// How often certificate files are looked at.
    pub tls_poll: Duration,
}

impl NetworkConfig {
    /// Plain HTTP with the standard limits.
    pub fn plain(listen: Listen) -> Self {
        Self {
            listen,
            connections: ConnectionConfig::STANDARD,
            shutdown: ShutdownConfig::STANDARD,
            tls: None,
            tls_poll: Duration::from_secs(5),
        }
    }
}
