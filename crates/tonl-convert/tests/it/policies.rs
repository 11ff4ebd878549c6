//! Policies that several tests use.

use tonl_privacy::{Mode, Policy};

/// A policy that redacts the member `email` of each record.
pub(crate) fn hiding_email() -> Policy {
    let builder = Policy::builder().rule("email".parse().unwrap(), Mode::Redact);
    builder.build().unwrap()
}
