//! A file of the desired state.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::files::yaml(data));
