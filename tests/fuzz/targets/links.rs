//! Links to a next page.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::services::links(data));
