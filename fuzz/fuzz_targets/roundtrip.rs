//! Packets made up, encoded and decoded. What must hold is in `src/roundtrip.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| mqtt_codec_fuzz::roundtrip::check(input));
