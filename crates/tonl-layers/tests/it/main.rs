//! Behaviour of the crate, seen from outside.
#![cfg(test)]

mod client_addr;
mod concurrency;
mod content_type;
mod cors;
mod exchange;
mod host;
mod origin;
mod request_id;
mod security_headers;
mod stack;
mod strict_head;
