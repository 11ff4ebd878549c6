//! Any bytes as JSON, through every profile and back.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tonl_testkit::targets::round_trip(data));
