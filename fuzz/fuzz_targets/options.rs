//! Any bytes, with any options. What must hold is in `src/options.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| mqtt_codec_fuzz::options::check(input));
