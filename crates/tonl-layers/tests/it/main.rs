//! Behaviour of the crate, seen from outside.
#![cfg(test)]

mod auth;
mod bodies;
mod bombs;
mod client_addr;
mod coded;
mod collecting;
mod concurrency;
mod content_type;
mod cors;
mod development;
mod encoding;
mod exchange;
mod host;
mod origin;
mod pacing;
mod panicking;
mod rate_limit;
mod raw;
mod request_id;
mod security_headers;
mod session;
mod stack;
mod strict_head;
