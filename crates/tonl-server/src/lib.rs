//! The HTTP process: routes, the stack of layers, connections, shutdown.
//!
//! [`App`] puts the parts together from checked settings, [`stack()`] gives the service that every
//! request passes, and [`Server`] listens, takes connections and ends in order. Nothing here reads an
//! environment, an argument or a configuration file.
#![deny(clippy::indexing_slicing)]

mod acceptor;
mod access;
mod app;
pub mod config;
mod connection;
mod fail_closed;
mod lifecycle;
mod listener;
mod live;
mod observe;
mod pool;
mod records;
mod respond;
mod routes;
mod server;
mod stack;
mod tls;

pub use access::Access;
pub use app::{App, AppConfig, LegacySse, Protection, RateLimits};
pub use lifecycle::{Lifecycle, Phase};
pub use listener::BindError;
pub use records::Records;
pub use routes::convert_stream::ConvertLimits;
pub use server::{Exempt, Server, StartError, StopSignals, Stopped};
pub use stack::stack;
pub use tls::{Tls, TlsError, TlsFiles, TlsReload};
