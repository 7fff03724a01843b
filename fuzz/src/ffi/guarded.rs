//! Memory that shows when more is written than should be.

use std::mem::MaybeUninit;
use std::ops::Range;

/// A letter: what is not told from an input that lies in the output would be taken for good text.
pub(crate) const CANARY: u8 = b'Z';
const MARGIN: usize = 32;

/// Whether nothing was written to these bytes. Compared as slices, which is quick under Miri too.
fn are_canaries(bytes: &[u8]) -> bool {
    const CANARIES: [u8; 256] = [CANARY; 256];
    bytes.chunks(CANARIES.len()).all(|chunk| *chunk == CANARIES[..chunk.len()])
}

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
        self.written_in(0..written)
    }

    /// What was written, when just these bytes were.
    pub(crate) fn written_in(&self, range: Range<usize>) -> &[u8] {
        let Range { start, end } = range;
        assert!(start <= end && end <= self.len, "{start} to {end} written into {}", self.len);
        let (before, rest) = self.bytes.split_at(MARGIN + start);
        let (inside, after) = rest.split_at(end - start);
        assert!(are_canaries(before) && are_canaries(after), "written where nothing should be");
        inside
    }
}

/// A result to be filled, between canaries.
///
/// In a box, as a value that is moved may lose the bytes between its fields, and then they cannot be looked
/// at.
pub(crate) struct Slot<T>(Box<Guarded<T>>);

#[repr(C)]
struct Guarded<T> {
    before: [u8; MARGIN],
    value: MaybeUninit<T>,
    after: [u8; MARGIN],
}

impl<T: Copy> Slot<T> {
    pub(crate) fn new() -> Self {
        let mut place = Box::<Guarded<T>>::new_uninit();
        // SAFETY: one is there to be written to, and any bytes may stand in it.
        unsafe {
            place.as_mut_ptr().write_bytes(CANARY, 1);
            Self(place.assume_init())
        }
    }

    pub(crate) fn as_mut_ptr(&mut self) -> *mut T {
        self.0.value.as_mut_ptr()
    }

    /// The value, which the call has filled.
    ///
    /// # Safety
    ///
    /// The call has said that it has filled it.
    pub(crate) unsafe fn filled(&self) -> T {
        self.check_margins();
        // SAFETY: the caller's promise.
        unsafe { self.0.value.assume_init() }
    }

    /// The call has left it alone.
    pub(crate) fn check_untouched(&self) {
        self.check_margins();
        // SAFETY: it was written to byte by byte when it was made. If a call has written a value over that, bytes
        // between its fields may have none any more: then the test fails either way.
        let bytes = unsafe { std::slice::from_raw_parts(self.0.value.as_ptr().cast(), size_of::<T>()) };
        assert!(are_canaries(bytes), "a result is written to on an error");
    }

    pub(crate) fn check_margins(&self) {
        let Guarded { before, after, .. } = &*self.0;
        assert!(are_canaries(before) && are_canaries(after), "written beside a result");
    }
}
