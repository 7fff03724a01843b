//! `libmqttc.a` and `libmqttc.so`: the C API of `mqtt-ffi`, with the panic handler that a library
//! without the standard library needs. Always built alone (`-p mqttc`).

#![cfg_attr(not(test), no_std)]

#[cfg(not(test))]
mod panic;

pub use mqtt_ffi::*;
