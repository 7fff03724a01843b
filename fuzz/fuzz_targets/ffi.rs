//! The C functions. What must hold is in `src/ffi`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| mqtt_codec_fuzz::ffi::check(input));
