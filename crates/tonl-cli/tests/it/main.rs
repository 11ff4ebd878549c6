//! The `tonl` command as a person or a script meets it: exit code, standard output, standard error.
#![cfg(test)]

mod allocator;
mod analyze;
mod audit;
mod batch;
mod check;
mod convert;
mod corpora;
mod count;
mod disk;
mod documented;
mod errors;
mod fixtures;
mod fmt;
mod manual;
mod mcp;
mod models;
mod pipes;
mod privacy;
mod roi;
mod sandbox;
mod serving;
mod several;
mod stream;
mod stub;
mod token;
mod tokens;
mod top;
mod watch;
