//! Telemetry as a server, a scraper and an auditor meet it.
#![cfg(test)]
#![expect(
    clippy::float_cmp,
    reason = "the values are counts, and sums that are exact in binary"
)]

mod audit;
mod events;
mod exposition;
mod floods;
mod logs;
mod parser;
mod series;
mod tampering;
