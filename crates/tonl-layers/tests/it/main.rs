//! Behaviour of the crate, seen from outside.
#![cfg(test)]

mod client_addr;
mod cors;
mod exchange;
mod host;
mod origin;
mod request_id;
mod security_headers;
