//! The YAML source: no panic, well-formed events, and no more of them than the budget allows.

use super::checked::Checked;
use tonl_convert::source::yaml::{self, YamlOptions};

/// How many bytes aliases and merge keys may add.
const BUDGET: u64 = 64 << 10;

/// Any bytes as YAML: no panic; the events are those of one value; what comes out is bounded by the
/// text and the budget.
///
/// # Panics
/// If one of that does not hold.
pub fn yaml_budget(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut options = YamlOptions::default();
    options.expansion_bytes = Some(BUDGET);
    let mut sink = Checked::default();
    let read = yaml::parse(text, &options, &mut sink);
    // A byte of text is at most a key, a null and an end; an escape is at most three bytes long.
    let bound = BUDGET + 64 + 32 * text.len() as u64;
    assert!(sink.cost <= bound, "{} bytes of at most {bound}", sink.cost);
    if read.is_ok() {
        sink.assert_one_value();
    }
}
