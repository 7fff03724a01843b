//! Functions of which some can panic. `.ci/no-panic.sh --self-test` must name exactly those whose name
//! says so.

#![no_std]

// The very handler that is put to use in `mqttc`.
#[path = "../../../mqtt-ffi/lib/src/panic.rs"]
mod panic;

const TABLE: [u8; 4] = [1, 2, 3, 5];

/// The check makes the index safe.
#[unsafe(no_mangle)]
pub extern "C" fn checked(i: usize) -> u8 {
    if i < TABLE.len() { TABLE[i] } else { 0 }
}

/// `get` asks.
#[unsafe(no_mangle)]
pub extern "C" fn asks(i: usize) -> u8 {
    TABLE.get(i).copied().unwrap_or(0)
}

/// The caller's index, unchecked.
#[unsafe(no_mangle)]
pub extern "C" fn can_panic_by_index(i: usize) -> u8 {
    TABLE[i]
}

/// A division by the caller's zero.
#[unsafe(no_mangle)]
pub extern "C" fn can_panic_by_division(a: u32, b: u32) -> u32 {
    a / b
}

/// Two functions down; the other one calls into `core`, too, but nothing that panics.
#[unsafe(no_mangle)]
pub extern "C" fn can_panic_deep_below(i: usize) -> u8 {
    if is_text([i as u8, 1]) { deep(i) } else { 0 }
}

#[inline(never)]
fn is_text(bytes: [u8; 2]) -> bool {
    core::str::from_utf8(&bytes).is_ok()
}

#[inline(never)]
fn deep(i: usize) -> u8 {
    let bytes = core::str::from_utf8(&TABLE).map(str::as_bytes).expect("ASCII");
    bytes[i..].first().copied().unwrap_or(0)
}
