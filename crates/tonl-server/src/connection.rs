//! One connection: handshake, HTTP, its limits, and its end.

mod activity;
mod caps;
mod io;

pub(crate) use caps::{Caps, Full, Place};

use crate::config::ConnectionConfig;
use crate::lifecycle::{Lifecycle, Phase};
use crate::tls::Tls;
use activity::{Activity, BusyBody};
use axum::body::Body;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use io::{Limits, Protocol, TimedIo};
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tonl_layers::Peer;
use tower::ServiceExt;
use tower_service::Service;

/// The largest request head in bytes; beyond it the answer is 431.
const MAX_HEAD: usize = 16 << 10;
/// The most bytes read from a socket at once, and kept to be written.
const BUFFER: usize = 128 << 10;

/// What all connections of a server have in common.
#[derive(Clone, Debug)]
pub(crate) struct Connections<S> {
    pub(crate) config: ConnectionConfig,
    pub(crate) tls: Option<Tls>,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) stack: S,
}

/// How a connection ended, for the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// As HTTP ends.
    Clean,
    /// The TLS handshake failed or took too long.
    Handshake,
    /// The other end broke the protocol, left, or was too slow.
    Broken,
}

impl<S> Connections<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
{
    /// Serves one connection to its end; from [`Phase::Draining`] on it ends after the request in
    /// flight. The place is given back at the end.
    pub(crate) async fn serve(self, socket: TcpStream, addr: SocketAddr, place: Place) -> Ending {
        let _place = place;
        // Rows of a slow stream must not wait for the acknowledgement of the row before.
        let _best_effort = socket.set_nodelay(true);
        let Some(tls) = &self.tls else {
            return self.http1(socket, Peer { addr, tls: false }).await;
        };
        let handshake = tls.acceptor().accept(socket);
        let Ok(Ok(socket)) = tokio::time::timeout(self.config.handshake, handshake).await else {
            return Ending::Handshake;
        };
        let peer = Peer { addr, tls: true };
        if socket.get_ref().1.alpn_protocol() == Some(b"h2") {
            self.http2(socket, peer).await
        } else {
            self.http1(socket, peer).await
        }
    }

    async fn http1<T>(self, socket: T, peer: Peer) -> Ending
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let activity = Activity::default();
        let io = TimedIo::new(socket, self.limits(Protocol::Http1), activity.clone());
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(self.config.header_timeout)
            .max_header_size(MAX_HEAD)
            .max_buf_size(BUFFER);
        let service = self.service(peer, activity);
        let connection = http.serve_connection(TokioIo::new(io), service);
        let mut connection = pin!(connection);
        self.until_drained(connection.as_mut(), |connection| {
            connection.graceful_shutdown();
        })
        .await
    }

    async fn http2<T>(self, socket: T, peer: Peer) -> Ending
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let activity = Activity::default();
        let first = self.config.header_timeout;
        let limits = self.limits(Protocol::Http2 { first });
        let io = TimedIo::new(socket, limits, activity.clone());
        let mut http = http2::Builder::new(TokioExecutor::new());
        http.timer(TokioTimer::new())
            .max_concurrent_streams(100)
            .max_header_list_size(16 << 10)
            .max_send_buf_size(BUFFER)
            .max_pending_accept_reset_streams(20)
            .max_local_error_reset_streams(100)
            .keep_alive_interval(Duration::from_secs(20))
            .keep_alive_timeout(Duration::from_secs(20));
        let service = self.service(peer, activity);
        let connection = http.serve_connection(TokioIo::new(io), service);
        let mut connection = pin!(connection);
        self.until_drained(connection.as_mut(), |connection| {
            connection.graceful_shutdown();
        })
        .await
    }

    fn limits(&self, protocol: Protocol) -> Limits {
        Limits {
            keep_alive: self.config.keep_alive,
            write_stall: self.config.write_stall,
            protocol,
        }
    }

    fn service(
        &self,
        peer: Peer,
        activity: Activity,
    ) -> impl hyper::service::Service<
        Request<Incoming>,
        Response = Response<BusyBody<Body>>,
        Error = Infallible,
        Future: Send,
    > + use<S> {
        let stack = self.stack.clone();
        hyper::service::service_fn(move |request: Request<Incoming>| {
            let busy = activity.begin();
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(peer);
            let answer = stack.clone().oneshot(request);
            async move { Ok(answer.await?.map(|body| BusyBody::new(body, busy))) }
        })
    }

    async fn until_drained<C, E>(
        &self,
        mut connection: std::pin::Pin<&mut C>,
        end: impl FnOnce(std::pin::Pin<&mut C>),
    ) -> Ending
    where
        C: Future<Output = Result<(), E>>,
    {
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = self.lifecycle.reached(Phase::Draining) => {
                end(connection.as_mut());
                connection.await
            }
        };
        match ended {
            Ok(()) => Ending::Clean,
            Err(_) => Ending::Broken,
        }
    }
}
