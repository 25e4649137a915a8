//! Answers of Graph.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::services::graph(data));
