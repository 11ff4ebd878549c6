//! Behaviour of the crate as its users see it.
#![cfg(test)]

mod csv_losses;
mod json_stream;
mod policies;
mod privacy;
mod progress;
mod push;
mod round_trip;
mod savings;
mod toon;
mod toon_suite;
mod yaml_suite;

/// The folder that holds the corpora, if `TONL_CORPORA` names one.
#[expect(
    clippy::disallowed_methods,
    reason = "a test reads where the corpora are"
)]
fn corpora() -> Option<std::path::PathBuf> {
    std::env::var_os("TONL_CORPORA").map(Into::into)
}
