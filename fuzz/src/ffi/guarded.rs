//! Memory that shows when more is written than should be.

use std::mem::MaybeUninit;

/// A letter: what is not told from an input that lies in the output would be taken for good text.
const CANARY: u8 = b'Z';
const MARGIN: usize = 32;

/// Bytes to write, between canaries. The sanitizer would find a write beyond an allocation; these also show
/// one that is in it.
pub(crate) struct Buffer {
    bytes: Box<[u8]>,
    len: usize,
}

impl Buffer {
    pub(crate) fn new(len: usize) -> Self {
        Self { bytes: vec![CANARY; len + 2 * MARGIN].into(), len }
    }

    /// The bytes between the canaries; a dangling pointer never, NULL if there is none.
    pub(crate) fn as_mut_ptr(&mut self) -> *mut u8 {
        if self.len == 0 { std::ptr::null_mut() } else { self.bytes[MARGIN..].as_mut_ptr() }
    }

    /// What was written, when `written` bytes were and not one more.
    pub(crate) fn written(&self, written: usize) -> &[u8] {
        let (before, rest) = self.bytes.split_at(MARGIN);
        let (inside, after) = rest.split_at(written);
        assert!(written <= self.len, "{written} bytes written into {}", self.len);
        assert!(before.iter().chain(after).all(|byte| *byte == CANARY), "written where nothing should be");
        inside
    }
}

/// A result to be filled, between canaries.
#[repr(C)]
pub(crate) struct Slot<T> {
    before: [u8; MARGIN],
    value: MaybeUninit<T>,
    after: [u8; MARGIN],
}

impl<T: Copy> Slot<T> {
    pub(crate) fn new() -> Self {
        let mut value = MaybeUninit::<T>::uninit();
        // SAFETY: one `T` is there to be written to; any bytes may stand in it.
        unsafe { value.as_mut_ptr().write_bytes(CANARY, 1) };
        Self { before: [CANARY; MARGIN], value, after: [CANARY; MARGIN] }
    }

    pub(crate) fn as_mut_ptr(&mut self) -> *mut T {
        self.value.as_mut_ptr()
    }

    /// The value, which the call has filled.
    ///
    /// # Safety
    ///
    /// The call has said that it has filled it.
    pub(crate) unsafe fn filled(&self) -> T {
        self.check_margins();
        // SAFETY: the caller's promise.
        unsafe { self.value.assume_init() }
    }

    /// The call has left it alone.
    pub(crate) fn check_untouched(&self) {
        self.check_margins();
        // SAFETY: it was written to byte by byte when it was made, and nothing else has been, or a value over
        // that whose padding may hold what it likes: only a type without padding is asked for its bytes.
        let bytes = unsafe {
            std::slice::from_raw_parts(self.value.as_ptr().cast::<MaybeUninit<u8>>(), size_of::<T>())
        };
        for byte in bytes {
            // SAFETY: as above.
            assert_eq!(unsafe { byte.assume_init() }, CANARY, "a result is written to on an error");
        }
    }

    pub(crate) fn check_margins(&self) {
        assert!(self.before.iter().chain(&self.after).all(|byte| *byte == CANARY), "written beside a result");
    }
}
