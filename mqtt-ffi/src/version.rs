//! Version: which library this is, and whether the header fits it.

use core::ffi::c_char;

use crate::packet::mqttc_packet;
use crate::status::{INVALID_ARGUMENT, NONE, mqttc_status};

/// The number of this header's binary interface: struct layouts, function signatures and status
/// values. It changes when one of them does.
pub const MQTTC_ABI: u32 = 1;

/// The library's version, such as "0.1.0". Static, nothing to free.
#[unsafe(no_mangle)]
pub extern "C" fn mqttc_version() -> *const c_char {
    // Two NULs: what has one at its end alone goes into the section of all C strings, which linkers keep whole.
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0\0");
    VERSION.as_ptr().cast()
}

/// 0 if the library was built for this header, MQTTC_ERR_INVALID_ARGUMENT if not. Call it
/// once at start through the macro MQTTC_CHECK(), which fills in the arguments.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn mqttc_check_abi(abi: u32, packet_size: usize) -> mqttc_status {
    if abi == MQTTC_ABI && packet_size == size_of::<mqttc_packet>() { NONE } else { INVALID_ARGUMENT }
}
