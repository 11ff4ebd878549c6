//! Any bytes as lines of JSON, through the stream writer and back.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tonl_testkit::targets::ndjson_chunks(data));
