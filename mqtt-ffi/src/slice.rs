//! Slices: bytes that somebody else owns.

/// Bytes that somebody else owns. Not NUL-terminated: print them with
/// `"%.*s", (int)s.len, (const char *)s.ptr`, compare them with `mqttc_eq`.
///
/// In a decoded packet a slice points into the buffer that was decoded, and is good for as long as
/// those bytes stay there. To encode, point it at your own bytes (`mqttc_str`, `mqttc_bytes`); they
/// are only read during the call. `ptr` may be NULL only when `len` is 0.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mqttc_slice {
    /// The first byte.
    pub ptr: *const u8,
    /// How many bytes.
    pub len: usize,
}

impl mqttc_slice {
    pub(crate) const EMPTY: Self = Self { ptr: core::ptr::null(), len: 0 };

    /// Bytes that lie in what was decoded.
    pub(crate) const fn of(bytes: &[u8]) -> Self {
        Self { ptr: bytes.as_ptr(), len: bytes.len() }
    }

    /// Bytes that may be absent. Without this C would see the address that Rust gives to no bytes at all.
    pub(crate) const fn of_optional(bytes: &[u8]) -> Self {
        if bytes.is_empty() { Self::EMPTY } else { Self::of(bytes) }
    }
}
