//! `libmqttc.a` and `libmqttc.so`: the C API of `mqtt-ffi`, with the panic handler that a library
//! without the standard library needs. Always built alone (`-p mqttc`).

#![cfg_attr(not(test), no_std)]

pub use mqtt_ffi::*;

/// Nothing in the codec panics; if something does all the same, it must not go on.
#[cfg(not(test))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
