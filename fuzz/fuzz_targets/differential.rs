//! Any bytes, to other codecs too. What may differ is in `differences.md`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| mqtt_codec_fuzz::differential::check(input));
