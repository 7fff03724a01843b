//! Topic filters and names. What must hold is in `src/topics.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| mqtt_codec_fuzz::topics::check(input));
