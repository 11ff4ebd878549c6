//! Behaviour of the crate against other implementations.
#![cfg(test)]

mod oracles;
