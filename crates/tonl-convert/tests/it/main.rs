//! Behaviour of the crate as its users see it.
#![cfg(test)]

mod round_trip;
mod yaml_suite;
