//! The server as a whole: binds, takes connections, and ends in order.
//!
//! The end (S54): `/ready` says no at once; after the delay that load balancers need the listener
//! closes; streams end politely and requests in flight finish within the time allowed; what is left
//! then is cut and counted. A second signal cuts at once.

use crate::acceptor::Acceptor;
use crate::config::{NetworkConfig, ShutdownConfig};
use crate::connection::{Caps, Connections};
use crate::lifecycle::{Lifecycle, Phase};
use crate::listener::{self, BindError};
use crate::records::Records;
use crate::tls::{Tls, TlsError};
use axum::body::Body;
use http::{Request, Response};
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;
use tower_service::Service;

/// Why a server cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// It cannot listen.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// Its certificates cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The system fails.
    #[error("cannot read the address of the listening socket: {0}")]
    System(#[from] io::Error),
}

/// Signals to stop, as they come: each `next` is one.
pub trait StopSignals: Send {
    /// Waits for the next signal and gives its name.
    fn next(&mut self) -> impl Future<Output = &'static str> + Send;
}

/// Which addresses are exempt from the cap of connections an address.
pub type Exempt = Arc<dyn Fn(IpAddr) -> bool + Send + Sync>;

/// What was left when the server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stopped {
    /// How many connections were cut because they took too long.
    pub cut: usize,
}

/// A bound server.
pub struct Server {
    listener: TcpListener,
    addr: SocketAddr,
    tls: Option<Tls>,
    config: NetworkConfig,
    lifecycle: Lifecycle,
    records: Records,
    exempt: Exempt,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("addr", &self.addr)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// Reads certificates and binds the address. Must run inside a tokio runtime.
    ///
    /// # Errors
    /// When certificates cannot be used or the address cannot be bound.
    pub fn bind(
        config: NetworkConfig,
        lifecycle: Lifecycle,
        records: Records,
        exempt: Exempt,
    ) -> Result<Self, StartError> {
        let tls = config.tls.clone().map(Tls::load).transpose()?;
        let listener = listener::bind(config.listen)?;
        Ok(Self {
            addr: listener.local_addr()?,
            listener,
            tls,
            config,
            lifecycle,
            records,
            exempt,
        })
    }

    /// The address that is listened to.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The certificates, to read them again on a signal.
    pub fn tls(&self) -> Option<Tls> {
        self.tls.clone()
    }

    /// Serves until a signal comes, then ends as the module says.
    pub async fn run<S>(self, stack: S, mut signals: impl StopSignals) -> Stopped
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send,
    {
        let config = self.config.clone();
        let lifecycle = self.lifecycle.clone();
        let records = self.records.clone();
        let caps = Caps::new(config.connections.max, config.connections.max_per_address);
        let tracker = TaskTracker::new();
        if let Some(tls) = self.tls() {
            let watching = watch_certificates(tls, config.tls_poll, records.clone());
            let lifecycle = lifecycle.clone();
            tracker.spawn(async move {
                tokio::select! {
                    () = watching => {}
                    () = lifecycle.reached(Phase::Draining) => {}
                }
            });
        }
        lifecycle.advance(Phase::Serving);
        let acceptor = Acceptor {
            connections: Connections {
                config: self.config.connections,
                tls: self.tls,
                lifecycle: lifecycle.clone(),
                stack,
            },
            listener: self.listener,
            exempt: self.exempt,
            records: records.clone(),
            caps: caps.clone(),
            tracker: tracker.clone(),
        };
        let (wish, ()) = tokio::join!(
            leave(&config.shutdown, &lifecycle, &records, &mut signals),
            acceptor.accept_until(lifecycle.reached(Phase::Draining)),
        );
        match wish {
            Wish::Orderly => acceptor.close().await,
            Wish::AtOnce => drop(acceptor),
        }
        Records::draining(caps.open());
        tracker.close();
        if wish == Wish::Orderly {
            drain(&tracker, &config.shutdown, &mut signals).await;
        }
        let cut = caps.open();
        lifecycle.advance(Phase::Over);
        // Each task sees the phase at its next turn, so that this does not wait for any client.
        tracker.wait().await;
        records.stopped(cut);
        Stopped { cut }
    }
}

/// How those who send signals want the server to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Orderly,
    AtOnce,
}

/// Waits for a signal, says that the server is leaving, and waits as long as load balancers need.
async fn leave(
    config: &ShutdownConfig,
    lifecycle: &Lifecycle,
    records: &Records,
    signals: &mut impl StopSignals,
) -> Wish {
    let signal = signals.next().await;
    lifecycle.advance(Phase::Leaving);
    records.leaving(signal);
    let wish = tokio::select! {
        () = tokio::time::sleep(config.prestop_delay) => Wish::Orderly,
        _again = signals.next() => Wish::AtOnce,
    };
    lifecycle.advance(Phase::Draining);
    wish
}

/// Waits for what is in flight, but not longer than allowed nor past another signal.
async fn drain(tracker: &TaskTracker, config: &ShutdownConfig, signals: &mut impl StopSignals) {
    tokio::select! {
        () = tracker.wait() => {}
        () = tokio::time::sleep(config.timeout) => {}
        _again = signals.next() => {}
    }
}

/// Reads the certificates again and again.
async fn watch_certificates(tls: Tls, poll: Duration, records: Records) {
    loop {
        tokio::time::sleep(poll).await;
        records.certificates(&tls.reload());
    }
}
