//! Any bytes as TONL text.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tonl_testkit::targets::reader(data));
