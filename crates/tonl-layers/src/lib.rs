//! HTTP defences as layers: most decide from a request's head alone, before its body is read.
//!
//! Nothing here names a route, a tool or a format. A [`Defence`] looks at the head, lets it pass or
//! refuses it with a [`Rejection`], and may add to the head of the answer; [`DefenceLayer`] makes a
//! tower layer of it. What a defence finds out for those behind it stands in the request's
//! extensions ([`Peer`], [`Client`], ...).
#![deny(clippy::indexing_slicing)]

pub mod auth;
pub mod authority;
pub mod body;
pub mod capacity;
pub mod client_addr;
mod clock;
pub mod concurrency;
pub mod content_type;
pub mod cors;
mod defence;
pub mod encode;
pub mod host;
pub mod origin;
pub mod panic;
mod peer;
mod principal;
pub mod rate_limit;
mod rejection;
pub mod request_id;
pub mod security_headers;
pub mod session;
pub mod strict_head;

pub use clock::{Clock, Hands, Moment};
pub use defence::{Defence, DefenceLayer, Defended, DefendedFuture, Verdict};
pub use peer::{Client, Peer};
pub use principal::{Identity, Principal, PrincipalKind, Scope, Scopes};
pub use rejection::{Form, Refusal, Refused, Rejection};
