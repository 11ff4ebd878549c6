//! Any bytes as TOON: no panic, and what is read comes back.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tonl_testkit::targets::toon(data));
