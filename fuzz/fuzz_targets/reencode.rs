//! Any bytes, decoded and encoded again. What must hold is in `src/reencode.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| mqtt_codec_fuzz::reencode::check(input));
