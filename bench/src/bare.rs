//! `tonl-bench bare`: an HTTP server without routes, layers or limits, to be measured beside ours.
//!
//! It has the runtime and the HTTP library of ours. What ours does beyond it is what is compared.

use anyhow::Result;
use bytes::Bytes;
use clap::Args;
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::net::Ipv4Addr;
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

/// Where it listens, and how long its answers are.
#[derive(Debug, Args)]
pub struct Bare {
    /// The port, on loopback
    port: u16,
    /// Bytes of the body that answers a GET
    bytes: usize,
}

impl Bare {
    /// Serves until the process is ended.
    ///
    /// # Errors
    /// When the port cannot be listened to.
    pub fn run(&self) -> Result<()> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        runtime.block_on(self.serve())
    }

    async fn serve(&self) -> Result<()> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).await?;
        let tasks = TaskTracker::new();
        let body = Bytes::from(vec![b'x'; self.bytes]);
        loop {
            let (socket, _) = listener.accept().await?;
            socket.set_nodelay(true)?;
            let body = body.clone();
            let service = service_fn(move |request| {
                let answer = answer(request, &body);
                async move { Ok::<_, Infallible>(answer) }
            });
            let connection = http1::Builder::new().serve_connection(TokioIo::new(socket), service);
            tasks.spawn(connection);
        }
    }
}

fn answer(request: Request<Incoming>, body: &Bytes) -> Response<Either<Full<Bytes>, Incoming>> {
    let body = if request.method() == Method::POST {
        Either::Right(request.into_body())
    } else {
        Either::Left(Full::new(body.clone()))
    };
    let mut response = Response::new(body);
    let kind = HeaderValue::from_static("application/octet-stream");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
