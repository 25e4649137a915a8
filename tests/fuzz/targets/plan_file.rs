//! A saved plan.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::files::plan_file(data));
