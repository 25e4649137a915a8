//! A file in the journal's place.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::journal::file(data));
