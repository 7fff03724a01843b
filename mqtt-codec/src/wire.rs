//! Bytes to integers and strings and back, within one frame: what every packet file reads and
//! writes with (MQTT 3.1.1 sections 1.5 and 2.2.3).

use crate::error::{DecodeError, EncodeError, ErrorKind};
use crate::options::{Options, Tolerated};

/// The most that a remaining length can say: 268 435 455, which is `ff ff ff 7f` (section 2.2.3).
pub const MAX_REMAINING_LEN: u32 = 0x0fff_ffff;

/// The most bytes that a string or a binary field can have (section 1.5.3).
pub const MAX_FIELD_LEN: usize = 0xffff;

/// Where speed counts: strings are judged and bytes copied by machine words, and what is frequent has code of its own. A
/// smaller machine does it byte by byte and all in one, in less code.
pub(crate) const IS_BIG_MACHINE: bool = size_of::<usize>() >= 8;

/// The bytes of a two-byte length prefix.
pub(crate) const PREFIX_LEN: usize = 2;

/// What is wrong in a field that follows a length prefix.
#[derive(Clone, Copy)]
pub(crate) struct Fault {
    pub(crate) kind: ErrorKind,
    /// Counted from the field's length prefix: 0 is the prefix, 2 the field's first byte.
    pub(crate) at: u32,
}

impl Fault {
    /// The field as a whole breaks the rule.
    pub(crate) const fn whole(kind: ErrorKind) -> Self {
        Self { kind, at: 0 }
    }

    /// The byte at `index` of the field's content, which is at most 65 535 bytes long, breaks the rule.
    pub(crate) const fn byte(kind: ErrorKind, index: usize) -> Self {
        Self { kind, at: (index as u32).wrapping_add(PREFIX_LEN as u32) }
    }
}

/// Reads one frame's body from front to back and never beyond its end.
///
/// A read that fails reports where the field starts, and the reader is not used any more.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    /// The length of the whole frame, so that `end - rest.len()` is an offset in it.
    end: usize,
    options: Options,
    tolerated: Tolerated,
}

impl<'a> Reader<'a> {
    /// `body` is what follows the fixed header in a frame of `frame_len` bytes.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(crate) const fn new(body: &'a [u8], frame_len: usize, options: Options) -> Self {
        Self { rest: body, end: frame_len, options, tolerated: Tolerated::NOTHING }
    }

    pub(crate) const fn options(&self) -> Options {
        self.options
    }

    /// Lets a broken rule pass if its option is set, and notes that it did.
    pub(crate) const fn tolerates(&mut self, option: u32) -> bool {
        let is_set = self.options.has(option);
        if is_set {
            self.tolerate(option);
        }
        is_set
    }

    pub(crate) const fn tolerate(&mut self, option: u32) {
        self.tolerated.add(option);
    }

    pub(crate) const fn tolerated(&self) -> Tolerated {
        self.tolerated
    }

    /// The length of the whole frame.
    pub(crate) const fn end(&self) -> usize {
        self.end
    }

    /// Where the next byte stands in the frame.
    pub(crate) const fn offset(&self) -> usize {
        self.end.wrapping_sub(self.rest.len())
    }

    /// An error at the next byte.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(crate) const fn error(&self, kind: ErrorKind) -> DecodeError {
        DecodeError::new(kind, self.offset())
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(crate) fn u8(&mut self) -> Result<u8, DecodeError> {
        let Some((byte, rest)) = self.rest.split_first() else {
            return Err(self.error(ErrorKind::Truncated));
        };
        self.rest = rest;
        Ok(*byte)
    }

    /// A 16-bit integer, high byte first (section 1.5.2).
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(crate) fn u16(&mut self) -> Result<u16, DecodeError> {
        let Some((bytes, rest)) = self.rest.split_first_chunk() else {
            return Err(self.error(ErrorKind::Truncated));
        };
        self.rest = rest;
        Ok(u16::from_be_bytes(*bytes))
    }

    /// The content of a field with a two-byte length prefix (section 1.5.3).
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(crate) fn field(&mut self) -> Result<&'a [u8], DecodeError> {
        let Some((field, rest)) = split_field(self.rest) else {
            return Err(self.error(ErrorKind::Truncated));
        };
        self.rest = rest;
        Ok(field)
    }

    /// All that is left.
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// All that is left, read.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(crate) const fn take_rest(&mut self) -> &'a [u8] {
        let rest = self.rest;
        self.rest = &[];
        rest
    }

    /// Ends the reading: nothing may be left.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(crate) const fn finish(&self) -> Result<(), DecodeError> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.error(ErrorKind::TrailingBytes)) }
    }
}

/// Splits a field with a two-byte length prefix from what follows it.
#[cfg_attr(target_pointer_width = "64", inline(always))]
pub(crate) const fn split_field(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    match bytes.split_first_chunk::<PREFIX_LEN>() {
        Some((prefix, rest)) => rest.split_at_checked(u16::from_be_bytes(*prefix) as usize),
        None => None,
    }
}

/// Writes one frame into exactly the bytes that it takes. [`Writer::begin`] made sure that they are there,
/// so a write that does not fit cannot happen; it would be left out, not panic.
pub(crate) struct Writer<'o> {
    rest: &'o mut [u8],
    /// The bytes of the whole frame that go into the output.
    len: usize,
}

impl<'o> Writer<'o> {
    /// Begins a frame of `body_len` bytes after its fixed header, the last `apart` of which the caller sends
    /// himself: checks that the length can be announced, then that `out` holds the rest, and only then
    /// writes the header.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) fn begin(
        first: u8,
        body_len: usize,
        apart: u32,
        out: &'o mut [u8],
    ) -> Result<Self, EncodeError> {
        let remaining_len = body_len.saturating_add(apart as usize);
        if remaining_len > MAX_REMAINING_LEN as usize {
            return Err(EncodeError::Invalid(ErrorKind::RemainingLength)); // section 2.2.3
        }
        let needed = header_len(remaining_len).wrapping_add(body_len);
        let Some(out) = out.get_mut(..needed) else {
            return Err(EncodeError::BufferTooSmall { needed });
        };
        let mut writer = Self { rest: out, len: needed };
        writer.u8(first);
        writer.remaining_len(remaining_len as u32);
        Ok(writer)
    }

    /// Ends the frame: the bytes that were written.
    pub(crate) const fn end(self) -> usize {
        self.len
    }

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(crate) fn array<const N: usize>(&mut self, bytes: [u8; N]) {
        if let Some((front, rest)) = core::mem::take(&mut self.rest).split_first_chunk_mut() {
            *front = bytes;
            self.rest = rest;
        }
    }

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(crate) fn u8(&mut self, byte: u8) {
        self.array([byte]);
    }

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(crate) fn u16(&mut self, value: u16) {
        self.array(value.to_be_bytes());
    }

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        if !IS_BIG_MACHINE {
            self.byte_by_byte(bytes);
        } else if let Some((front, rest)) = core::mem::take(&mut self.rest).split_at_mut_checked(bytes.len())
        {
            copy(front, bytes);
            self.rest = rest;
        }
    }

    /// The bytes that end the frame.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(crate) fn last_bytes(&mut self, bytes: impl Iterator<Item = u8>) {
        if !IS_BIG_MACHINE {
            bytes.for_each(|byte| self.u8(byte));
        } else {
            // All at once where they lie in a slice.
            core::mem::take(&mut self.rest).iter_mut().zip(bytes).for_each(|(to, byte)| *to = byte);
        }
    }

    /// With two ends to the loop, so that no `memcpy` is made of it, which would be larger than all of this.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn byte_by_byte(&mut self, bytes: &[u8]) {
        for byte in bytes {
            let Some((to, rest)) = core::mem::take(&mut self.rest).split_first_mut() else { return };
            *to = *byte;
            self.rest = rest;
        }
    }

    /// A field with its two-byte length prefix; its type has made sure that the length fits.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) fn field(&mut self, bytes: &[u8]) {
        if !IS_BIG_MACHINE {
            self.u16(bytes.len() as u16);
            self.byte_by_byte(bytes);
        } else {
            self.field_and(bytes, []);
        }
    }

    /// A field and the bytes that stand behind it.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(crate) fn field_and<const N: usize>(&mut self, bytes: &[u8], behind: [u8; N]) {
        if !IS_BIG_MACHINE {
            self.field(bytes);
            self.array(behind);
            return;
        }
        // One check for all of them.
        let len = field_len(bytes).wrapping_add(N);
        let Some((front, rest)) = core::mem::take(&mut self.rest).split_at_mut_checked(len) else { return };
        if let Some((prefix, front)) = front.split_first_chunk_mut() {
            *prefix = (bytes.len() as u16).to_be_bytes();
            if let Some((content, to)) = front.split_last_chunk_mut() {
                *to = behind;
                copy_here(content, bytes);
            }
        }
        self.rest = rest;
    }

    /// The remaining length in its shortest form, low group first (section 2.2.3).
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn remaining_len(&mut self, mut value: u32) {
        if IS_BIG_MACHINE {
            // Nearly all: with the branches that have told the header's length.
            match header_len(value as usize) {
                2 => return self.u8(value as u8),
                3 => return self.array([value as u8 | 0x80, (value >> 7) as u8]),
                _ => {}
            }
        }
        while value > 0x7f {
            self.u8(value as u8 | 0x80);
            value >>= 7;
        }
        self.u8(value as u8);
    }
}

/// Writes a whole frame of a fixed length, or nothing.
#[cfg_attr(target_pointer_width = "64", inline(always))]
pub(crate) fn encode_array<const N: usize>(frame: [u8; N], out: &mut [u8]) -> Result<usize, EncodeError> {
    let Some(to) = out.first_chunk_mut() else {
        return Err(EncodeError::BufferTooSmall { needed: N });
    };
    *to = frame;
    Ok(N)
}

/// Copies between slices of one length. What is short, as topics and readings are, is copied in one or two
/// pieces that may overlap, without a call.
#[cfg_attr(target_pointer_width = "64", inline(always))]
fn copy(to: &mut [u8], from: &[u8]) {
    if from.len() > 32 {
        to.copy_from_slice(from);
    } else {
        copy_here(to, from);
    }
}

/// The same without a call at all: what is a field is short enough for that, and around a call all that its
/// writer has in hand would have to be kept.
#[cfg_attr(target_pointer_width = "64", inline(always))]
fn copy_here(mut to: &mut [u8], mut from: &[u8]) {
    while from.len() > 32 {
        let (Some((to_block, to_rest)), Some((block, rest))) =
            (to.split_first_chunk_mut::<16>(), from.split_first_chunk::<16>())
        else {
            return;
        };
        *to_block = *block;
        (to, from) = (to_rest, rest);
    }
    if !(copy_ends::<16>(to, from) || copy_ends::<8>(to, from) || copy_ends::<4>(to, from)) {
        to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
    }
}

/// Copies the first and the last `N` bytes: all, when there are from `N` to `2 * N`.
#[cfg_attr(target_pointer_width = "64", inline(always))]
fn copy_ends<const N: usize>(to: &mut [u8], from: &[u8]) -> bool {
    let (Some(first), Some(last)) = (from.first_chunk::<N>(), from.last_chunk::<N>()) else { return false };
    if let Some(to) = to.first_chunk_mut() {
        *to = *first;
    }
    if let Some(to) = to.last_chunk_mut() {
        *to = *last;
    }
    true
}

/// The bytes of a field with its length prefix. (No slice is so long that this wraps.)
pub(crate) const fn field_len(field: &[u8]) -> usize {
    field.len().wrapping_add(PREFIX_LEN)
}

/// The bytes of a fixed header that announces `remaining_len` bytes.
pub(crate) const fn header_len(remaining_len: usize) -> usize {
    // The sizes of table 2.4.
    match remaining_len {
        0..=0x7f => 2,
        0x80..=0x3fff => 3,
        0x4000..=0x1f_ffff => 4,
        _ => 5,
    }
}

/// The bytes of a whole frame, fixed header included.
pub(crate) const fn frame_len(remaining_len: usize) -> usize {
    remaining_len.saturating_add(header_len(remaining_len))
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    #[test]
    fn every_byte_is_copied_and_no_other() {
        let from: Vec<u8> = (1..=100).collect();
        for len in 0..=100 {
            for copy in [copy, copy_here] {
                let mut to = [0; 102];
                copy(&mut to[1..=len], &from[..len]);
                assert_eq!(to[1..=len], from[..len]);
                assert!(to[0] == 0 && to[len + 1..].iter().all(|byte| *byte == 0), "{len}");
            }
        }
    }

    /// What a machine with 32 bits does instead.
    #[test]
    fn every_byte_is_written_and_none_behind_the_end() {
        let from: Vec<u8> = (1..=40).collect();
        for len in 0..=40 {
            let mut to = [0; 42];
            let mut w = Writer { rest: &mut to[1..=len], len };
            w.byte_by_byte(&from[..len / 2]);
            w.byte_by_byte(&from[len / 2..]);
            assert_eq!(to[1..=len], from[..len]);
            assert!(to[0] == 0 && to[len + 1..].iter().all(|byte| *byte == 0), "{len}");
        }
    }

    #[test]
    fn a_field_ends_inside_its_frame() {
        assert_eq!(split_field(&[0, 1, b'a', b'b']), Some((&b"a"[..], &b"b"[..])));
        assert_eq!(split_field(&[0, 0]), Some((&[][..], &[][..])));
        assert_eq!(split_field(&[0, 2, b'a']), None);
        assert_eq!(split_field(&[0]), None);
    }

    #[test]
    fn the_remaining_length_is_minimal_and_at_most_four_bytes() {
        // Table 2.4: the first and the last value of each size.
        for (value, bytes) in [
            (0, &[0x00][..]),
            (127, &[0x7f]),
            (128, &[0x80, 0x01]),
            (16_383, &[0xff, 0x7f]),
            (16_384, &[0x80, 0x80, 0x01]),
            (2_097_151, &[0xff, 0xff, 0x7f]),
            (2_097_152, &[0x80, 0x80, 0x80, 0x01]),
            (268_435_455, &[0xff, 0xff, 0xff, 0x7f]),
        ] {
            let mut out = [0xa5; 8];
            let written = Writer::begin(0x30, 0, value, &mut out).unwrap().end();
            assert_eq!(&out[1..written], bytes);
            assert_eq!(written, header_len(value as usize));
            assert!(out[written..].iter().all(|b| *b == 0xa5));
        }
        let refused = Writer::begin(0x30, 0, 268_435_456, &mut [0; 8]).map(Writer::end);
        assert_eq!(refused, Err(EncodeError::Invalid(ErrorKind::RemainingLength)));
    }
}
