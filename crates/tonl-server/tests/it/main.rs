//! Behaviour of the crate, seen from outside: a real server on a real socket, asked by clients that
//! say exactly what a test wants them to say.
#![cfg(test)]

mod access;
mod attacks;
mod client;
mod coding;
mod connections;
mod conversion;
mod headers;
mod limits;
mod mcp;
mod order;
mod origins;
mod proxies;
mod routing;
mod server;
mod shutdown;
mod streams;
mod tls;
mod tools;
mod uploads;
