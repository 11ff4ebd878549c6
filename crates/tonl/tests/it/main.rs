//! The behaviour of the crate, seen from outside.
#![cfg(test)]

mod fixtures;
mod random;
mod specification;
