//! Behaviour of the crate, seen from outside: a real server on a real socket, asked by clients that
//! say exactly what a test wants them to say.
#![cfg(test)]

mod access;
mod client;
mod connections;
mod headers;
mod order;
mod routing;
mod server;
mod shutdown;
mod tls;
mod uploads;
