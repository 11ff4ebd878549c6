//! The HTTP process: routes, the stack of layers, connections, shutdown.
#![deny(clippy::indexing_slicing)]

pub mod config;
mod connection;
pub mod lifecycle;
mod listener;
pub mod records;
pub mod server;
pub mod tls;

pub use listener::BindError;
