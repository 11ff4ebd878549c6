//! Behaviour of the crate, seen from outside.
#![cfg(test)]

mod bodies;
mod bombs;
mod coded;
mod collecting;
mod encoding;
mod pacing;
mod panicking;
mod raw;
