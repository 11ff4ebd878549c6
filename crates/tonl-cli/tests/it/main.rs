//! The `tonl` command as a person or a script meets it: exit code, standard output, standard error.
#![cfg(test)]

mod batch;
mod check;
mod convert;
mod corpora;
mod disk;
mod documented;
mod errors;
mod fixtures;
mod fmt;
mod manual;
mod pipes;
mod sandbox;
mod several;
mod stream;
mod watch;
