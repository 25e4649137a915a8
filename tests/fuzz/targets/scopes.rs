//! A scope in the files.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::files::scopes(data));
