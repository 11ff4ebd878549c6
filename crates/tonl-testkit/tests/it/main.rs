//! A short run of every fuzz target without a fuzzer: checked-in seeds, the texts of the fixtures,
//! random documents, and all of them damaged.
#![cfg(test)]

mod smoke;
