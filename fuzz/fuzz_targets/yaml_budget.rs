//! Any bytes as YAML: no panic, and no more output than the budget allows.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tonl_testkit::targets::yaml_budget(data));
