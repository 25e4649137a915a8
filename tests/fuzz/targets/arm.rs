//! Answers of Resource Manager.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::services::arm(data));
