//! Behaviour of the crate, seen from outside.
#![cfg(test)]

mod client_addr;
mod exchange;
mod request_id;
mod security_headers;
