//! Behaviour of the crate, seen from outside.
#![cfg(test)]

mod auth;
mod development;
mod rate_limit;
mod session;
