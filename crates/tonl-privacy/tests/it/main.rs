//! Policies as a caller meets them.
#![cfg(test)]

mod documented;
mod leaks;
mod properties;

use tonl::json::parse;
use tonl::{Limits, ValueBuilder};
use tonl_privacy::{Detail, Filter, Findings, Policy};

/// The JSON text after the policy, and what was found.
pub(crate) fn filtered(policy: &Policy, json: &str) -> (String, Findings) {
    let mut filter = Filter::new(policy, Detail::Places, ValueBuilder::new());
    parse(json.as_bytes(), &Limits::default(), &mut filter).unwrap();
    let value = filter.sink().take().pop().unwrap();
    (tonl_testkit::json::text(&value), filter.into_findings())
}
