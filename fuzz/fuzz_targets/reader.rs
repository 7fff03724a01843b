//! Any bytes, cut anywhere. What must hold is in `src/reader.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| mqtt_codec_fuzz::reader::check(input));
