//! Any bytes, into the decoder. What must hold is in `src/decode.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| mqtt_codec_fuzz::decode::check(input));
