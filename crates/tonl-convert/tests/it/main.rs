//! Behaviour of the crate as its users see it.
#![cfg(test)]

mod yaml_suite;
