//! Connections from the listener to tasks of their own, and the end of that.
//!
//! Nobody who has begun a connection may lose it, and a request with it, because the listener closes:
//! the system counts a client as connected before anybody here has heard of it.

use crate::connection::{Caps, Connections, Ending};
use crate::listener;
use crate::records::Records;
use crate::server::Exempt;
use axum::body::Body;
use http::{Request, Response};
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::TaskTracker;
use tower_service::Service;

/// How long a client that has begun a connection may take to complete it when the listener closes: a
/// round trip.
const HANDSHAKES_END: Duration = Duration::from_millis(200);

/// Takes connections, and serves each if there is a place for it.
pub(crate) struct Acceptor<S> {
    pub(crate) listener: TcpListener,
    pub(crate) exempt: Exempt,
    pub(crate) records: Records,
    pub(crate) caps: Caps,
    pub(crate) tracker: TaskTracker,
    pub(crate) connections: Connections<S>,
}

impl<S> Acceptor<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Future: Send,
{
    /// Takes connections until the end comes.
    pub(crate) async fn accept_until(&self, end: impl Future<Output = ()>) {
        let mut end = pin!(end);
        loop {
            let (socket, addr) = tokio::select! {
                accepted = listener::accept(&self.listener, |error| self.records.accept_failed(error)) => accepted,
                () = &mut end => return,
            };
            self.take(socket, addr);
        }
    }

    /// Lets nobody begin any more, waits until those who have begun are connected, and takes them.
    pub(crate) async fn close(self) {
        listener::refuse_new(&self.listener);
        self.accept_until(tokio::time::sleep(HANDSHAKES_END)).await;
        loop {
            match listener::take_ready(&self.listener) {
                Ok(Some((socket, addr))) => self.take(socket, addr),
                Ok(None) => return,
                Err(error) => return self.records.accept_failed(&error),
            }
        }
    }

    /// Serves a connection on a task of its own, if there is a place for it.
    fn take(&self, socket: TcpStream, addr: SocketAddr) {
        let ip = addr.ip().to_canonical();
        let counted = (!(self.exempt)(ip)).then_some(ip);
        let place = match self.caps.take(counted) {
            Ok(place) => place,
            Err(full) => return self.records.connection_refused(full, ip),
        };
        let connections = self.connections.clone();
        let records = self.records.clone();
        self.tracker.spawn(async move {
            records.connection_opened();
            let ending = connections.serve(socket, addr, place).await;
            if ending == Ending::Handshake {
                records.handshake_failed(ip);
            }
            records.connection_closed();
        });
    }
}
