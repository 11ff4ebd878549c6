//! Request bodies: how large, how fast, how coded. What is behind sees decoded, limited bytes.
//!
//! [`BodyLayer`] looks at the head first: a `Content-Length` over the limit is 413, a coding that is
//! unknown or not the only one is 415, and no byte was read. Then it wraps the body in a
//! [`GuardedBody`], which decodes and limits while the bytes stream; it never holds a whole body.
//! Whoever does hold one uses [`collect`] and so takes its bytes out of its client's [`Share`] of a
//! common [`Budget`].
//!
//! | defence | what it stops |
//! |---|---|
//! | [`BodyLimit`], on the bytes as sent and as decoded | large bodies, bombs up to the ratio |
//! | ratio cap after a first piece | gzip, zstd and brotli bombs of any size |
//! | idle time and least rate ([`BodyConfig`]) | slow bodies that hold a connection |
//! | the [`Budget`], and a [`Share`] of it for each client | many bodies at once, of all or of one |
//! | one piece of at most 64 KiB a poll | one body that keeps a thread from all others |
//! | strict codings: checksums, no bytes after the end | bodies that two readers read differently |
//!
//! # Memory
//! A decoder keeps its window: 32 KiB for gzip and deflate, at most 8 MiB for zstd (a frame that
//! asks for more is malformed), at most 16 MiB for brotli, whose decoder enlarges it with the bytes
//! that come. 24 bits are an ordinary setting of brotli's encoders, so no lower bound is set there.
//! With [`BodyLayer::out_of`] windows count against the client's share.
//!
//! # Example
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::Full;
//! use std::convert::Infallible;
//! use tonl_layers::body::{BodyConfig, BodyLayer, BodyLimit, Budget, GuardedBody, collect};
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! let limit = BodyLimit::Bytes(1_000_000);
//! let budget = Budget::new(256 * 1024 * 1024, 64 * 1024 * 1024);
//! let config = BodyConfig { limit, ..BodyConfig::default() };
//! let layer = BodyLayer::new(config).out_of(budget.clone());
//! let service = layer.layer(service_fn(move |request: Request<GuardedBody<_>>| {
//!     let share = budget.of_request(request.extensions());
//!     async move {
//!         let answer = match collect(request.into_body(), limit, &share).await {
//!             Ok(body) => Response::new(Bytes::copy_from_slice(body.bytes())),
//!             Err(error) => error.rejection().into_response(),
//!         };
//!         Ok::<_, Infallible>(answer)
//!     }
//! }));
//! # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
//! # runtime.block_on(async {
//! let request = Request::new(Full::new(Bytes::from("text")));
//! assert_eq!(service.oneshot(request).await.unwrap().body(), "text");
//! # });
//! ```
//!
//! # The trap
//! An error of the body reaches the handler in the middle of its work, after the layers have let the
//! request pass. Whoever reads a body answers with [`BodyError::rejection`], also where a framework
//! has wrapped the error: [`BodyError::of`] finds it.

mod brotli;
mod budget;
mod coding;
mod collect;
mod decode;
mod error;
mod guarded;
mod gzip;
mod layer;
mod pace;

pub use budget::{Budget, Permit, Share};
pub use coding::Coding;
pub use collect::{Collected, collect};
pub use error::{BodyError, BoxError};
pub use guarded::GuardedBody;
pub use layer::{BodyLayer, Guarded, GuardedFuture};

use std::time::Duration;

/// How many bytes a body may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyLimit {
    /// At most this many, both as sent and as decoded.
    Bytes(u64),
    /// As many as come: for streams that are never held as a whole.
    Unlimited,
}

impl BodyLimit {
    /// The limit, if this many bytes are more.
    fn exceeded_by(self, bytes: u64) -> Option<u64> {
        match self {
            Self::Bytes(limit) if bytes > limit => Some(limit),
            Self::Bytes(_) | Self::Unlimited => None,
        }
    }

    /// The largest number of bytes allowed.
    fn bytes(self) -> u64 {
        match self {
            Self::Bytes(limit) => limit,
            Self::Unlimited => u64::MAX,
        }
    }
}

/// What a body must keep to. The defaults are the contract's; a route with other needs states them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyConfig {
    /// How many bytes it may have. Default: 52,428,800.
    pub limit: BodyLimit,
    /// How many decoded bytes one byte as sent may become. Default: 100.
    pub ratio: u64,
    /// How many decoded bytes are allowed before `ratio` counts. Default: 1 MiB.
    pub ratio_after: u64,
    /// How long to wait for the next byte. Default: 30 s.
    pub idle: Duration,
    /// How many bytes as sent a second of waiting must bring; 0 asks for none. Default: 1,024.
    pub rate: u64,
    /// How long to wait, in all, before `rate` counts. Default: 10 s.
    pub rate_after: Duration,
}

impl Default for BodyConfig {
    fn default() -> Self {
        Self {
            limit: BodyLimit::Bytes(52_428_800),
            ratio: 100,
            ratio_after: 1024 * 1024,
            idle: Duration::from_secs(30),
            rate: 1024,
            rate_after: Duration::from_secs(10),
        }
    }
}
