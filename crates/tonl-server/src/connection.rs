//! One connection: handshake, HTTP, its limits, and its end.

mod activity;
mod caps;
mod io;
mod upload;

pub(crate) use caps::{Caps, Full, Place};

use crate::config::ConnectionConfig;
use crate::lifecycle::{Lifecycle, Phase};
use crate::tls::Tls;
use activity::{Activity, BusyBody};
use axum::body::Body;
use http::header::{CONNECTION, HeaderValue};
use http::{Request, Response, Version};
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
/// How long an idle connection stays open when the server drains, and how long a TLS handshake that is
/// under way may take. A request may be on its way that the client sent before it could know, in TLS
/// right behind its end of the handshake; it is answered, with the word that it was the last one.
const LAST_REQUEST: Duration = Duration::from_millis(500);

const CLOSE: HeaderValue = HeaderValue::from_static("close");

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
    /// It took too long when the server ended.
    Cut,
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
        self.serve_over(socket, addr).await
    }

    async fn serve_over<T>(self, socket: T, addr: SocketAddr) -> Ending
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let Some(tls) = &self.tls else {
            return self.http1(socket, Peer { addr, tls: false }).await;
        };
        let handshake = tls.acceptor().accept(socket);
        let handshake = tokio::time::timeout(self.config.handshake, handshake);
        let shaken = tokio::select! {
            biased;
            shaken = handshake => shaken,
            () = self.drained(LAST_REQUEST) => return Ending::Clean,
        };
        let Ok(Ok(socket)) = shaken else {
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
        let io = TimedIo::new(socket, self.limits(), Protocol::Http1, activity.clone());
        let mut http = http1::Builder::new();
        // The socket has the time limits: the library's own begins when a connection becomes idle.
        http.timer(TokioTimer::new())
            .header_read_timeout(None)
            .max_header_size(MAX_HEAD)
            .max_buf_size(BUFFER);
        let service = self.service(peer, activity.clone());
        let connection = http.serve_connection(TokioIo::new(io), service);
        let mut connection = pin!(connection);
        self.until_drained(
            connection.as_mut(),
            &activity,
            Protocol::Http1,
            |connection| {
                connection.graceful_shutdown();
            },
        )
        .await
    }

    async fn http2<T>(self, socket: T, peer: Peer) -> Ending
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let activity = Activity::default();
        let io = TimedIo::new(socket, self.limits(), Protocol::Http2, activity.clone());
        let mut http = http2::Builder::new(TokioExecutor::new());
        http.timer(TokioTimer::new())
            .max_concurrent_streams(100)
            .max_header_list_size(16 << 10)
            .max_send_buf_size(BUFFER)
            .max_pending_accept_reset_streams(20)
            .max_local_error_reset_streams(100)
            .keep_alive_interval(Duration::from_secs(20))
            .keep_alive_timeout(Duration::from_secs(20));
        let service = self.service(peer, activity.clone());
        let connection = http.serve_connection(TokioIo::new(io), service);
        let mut connection = pin!(connection);
        let ending = self.until_drained(
            connection.as_mut(),
            &activity,
            Protocol::Http2,
            |connection| {
                connection.graceful_shutdown();
            },
        );
        tokio::select! {
            ending = ending => ending,
            () = stalled(&activity, self.config.write_stall) => Ending::Broken,
        }
    }

    fn limits(&self) -> Limits {
        Limits {
            head: self.config.header_timeout,
            keep_alive: self.config.keep_alive,
            write_stall: self.config.write_stall,
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
        let lifecycle = self.lifecycle.clone();
        hyper::service::service_fn(move |request: Request<Incoming>| {
            let busy = activity.begin();
            let (mut request, upload) = upload::watched(request);
            request.extensions_mut().insert(peer);
            let may_close = request.version() <= Version::HTTP_11;
            let answer = stack.clone().oneshot(request);
            let lifecycle = lifecycle.clone();
            async move {
                let mut answer = answer.await?;
                upload.tell(&mut answer);
                if may_close && lifecycle.phase() >= Phase::Leaving {
                    answer.headers_mut().insert(CONNECTION, CLOSE);
                }
                Ok(answer.map(|body| {
                    let body = upload.before_end(body);
                    if may_close {
                        BusyBody::new(body, busy)
                    } else {
                        BusyBody::watched(body, busy)
                    }
                }))
            }
        })
    }

    async fn until_drained<C, E>(
        &self,
        mut connection: std::pin::Pin<&mut C>,
        activity: &Activity,
        protocol: Protocol,
        end: impl FnOnce(std::pin::Pin<&mut C>),
    ) -> Ending
    where
        C: Future<Output = Result<(), E>>,
    {
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = self.is_last(activity, protocol) => {
                end(connection.as_mut());
                tokio::select! {
                    ended = connection => ended,
                    // Half a head, or nothing at all, is no reason to wait.
                    () = at_rest(activity, protocol) => Ok(()),
                    () = self.lifecycle.reached(Phase::Over) => return Ending::Cut,
                }
            }
        };
        match ended {
            Ok(()) => Ending::Clean,
            Err(_) => Ending::Broken,
        }
    }

    /// Waits until the other end is to be told that no more requests are taken.
    ///
    /// HTTP/1.1 has no word for that but one of the last answer, so that a last request is waited for.
    /// GOAWAY can be said at any time; but a client that has not asked yet would take it for a refusal.
    async fn is_last(&self, activity: &Activity, protocol: Protocol) {
        self.lifecycle.reached(Phase::Draining).await;
        match protocol {
            Protocol::Http1 => self.drained(LAST_REQUEST).await,
            Protocol::Http2 => tokio::select! {
                () = self.drained(LAST_REQUEST) => {}
                () = has_asked(activity) => {}
            },
        }
    }

    /// Waits until the server drains and this time has passed, or until all is over.
    async fn drained(&self, time: Duration) {
        self.lifecycle.reached(Phase::Draining).await;
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            () = self.lifecycle.reached(Phase::Over) => {}
        }
    }
}

/// Waits until an answer was not taken for so long.
async fn stalled(activity: &Activity, longest: Duration) {
    loop {
        tokio::time::sleep(longest / 6).await;
        if activity.has_stalled(longest) {
            return;
        }
    }
}

/// Waits until the first request has come.
async fn has_asked(activity: &Activity) {
    const LOOK: Duration = Duration::from_millis(10);
    while activity.ever() == 0 {
        tokio::time::sleep(LOOK).await;
    }
}

/// Waits until no request is being answered and all that was written is on its way. In HTTP/2 requests
/// that cross the word that no more are taken have their time.
async fn at_rest(activity: &Activity, protocol: Protocol) {
    const LOOK: Duration = Duration::from_millis(50);
    if protocol == Protocol::Http2 {
        tokio::time::sleep(LAST_REQUEST).await;
    }
    let mut looks = 0;
    while looks < 2 {
        tokio::time::sleep(LOOK).await;
        looks = if activity.is_at_rest() { looks + 1 } else { 0 };
    }
}

#[cfg(test)]
mod tests;
