//! The behaviour of the crate, seen from outside.
#![cfg(test)]

mod corpora;
mod fixtures;
mod properties;
mod random;
mod specification;
mod strategies;
