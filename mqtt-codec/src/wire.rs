//! Bytes to integers and strings and back, within one frame: what every packet file reads and
//! writes with (MQTT 3.1.1 sections 1.5 and 2.2.3).

use crate::error::{DecodeError, EncodeError, ErrorKind};
use crate::options::{Options, Tolerated};

/// The most that a remaining length can say: 268 435 455, which is `ff ff ff 7f` (section 2.2.3).
pub const MAX_REMAINING_LEN: u32 = 0x0fff_ffff;

/// The most bytes that a string or a binary field can have (section 1.5.3).
pub const MAX_FIELD_LEN: usize = 0xffff;

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

    /// The byte at `index` of the field's content breaks the rule.
    pub(crate) const fn byte(kind: ErrorKind, index: usize) -> Self {
        Self { kind, at: (index as u32).saturating_add(PREFIX_LEN as u32) }
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

    /// The verdict on the field that was read from `start` on, with the byte that it is about. A
    /// discouraged character is refused too if that option is set.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(crate) fn judged(
        &self,
        start: usize,
        field: &[u8],
        mut verdict: Result<(), Fault>,
    ) -> Result<(), DecodeError> {
        if self.options.has(Options::NO_CONTROL_CHARACTERS) {
            verdict = check_characters(field, verdict); // section 1.5.3 (A20, A21)
        }
        match verdict {
            Ok(()) => Ok(()), // the string as it is, U+FEFF too: [MQTT-1.5.3-3]
            Err(fault) => Err(DecodeError::new(fault.kind, start.wrapping_add(fault.at as usize))),
        }
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

/// Adds to the verdict on a string that no character may be one that section 1.5.3 wants not to be
/// sent (A20, A21). What comes first in the string counts.
#[cold]
fn check_characters(string: &[u8], verdict: Result<(), Fault>) -> Result<(), Fault> {
    let text = string.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let discouraged = |c: char| {
        let is_non_character = matches!(c, '\u{fdd0}'..='\u{fdef}') || c as u32 & 0xfffe == 0xfffe;
        c.is_control() || is_non_character
    };
    match text.find(discouraged) {
        Some(index) => {
            let found = Fault::byte(ErrorKind::CharacterDiscouraged, index);
            Err(verdict.err().filter(|fault| fault.at <= found.at).unwrap_or(found))
        }
        None => verdict,
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

/// Writes into exactly the bytes that a packet takes. [`encode_frame`] made sure that they are
/// there, so a write that does not fit cannot happen; it would be left out, not panic.
pub(crate) struct Writer<'o> {
    rest: &'o mut [u8],
}

impl Writer<'_> {
    pub(crate) fn array<const N: usize>(&mut self, bytes: [u8; N]) {
        if let Some((front, rest)) = core::mem::take(&mut self.rest).split_first_chunk_mut() {
            *front = bytes;
            self.rest = rest;
        }
    }

    pub(crate) fn u8(&mut self, byte: u8) {
        self.array([byte]);
    }

    pub(crate) fn u16(&mut self, value: u16) {
        self.array(value.to_be_bytes());
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        if let Some((front, rest)) = core::mem::take(&mut self.rest).split_at_mut_checked(bytes.len()) {
            copy(front, bytes);
            self.rest = rest;
        }
    }

    /// A field with its two-byte length prefix; its type has made sure that the length fits.
    pub(crate) fn field(&mut self, bytes: &[u8]) {
        self.u16(bytes.len() as u16);
        self.bytes(bytes);
    }

    /// The remaining length in its shortest form, low group first (section 2.2.3).
    fn remaining_len(&mut self, mut value: u32) {
        while value > 0x7f {
            self.u8(value as u8 | 0x80);
            value >>= 7;
        }
        self.u8(value as u8);
    }
}

/// Copies between slices of one length. On a 64-bit machine what is short, as topics and readings are, is
/// copied in one or two pieces that may overlap, without a call.
#[cfg_attr(target_pointer_width = "64", inline(always))]
fn copy(to: &mut [u8], from: &[u8]) {
    if size_of::<usize>() < 8 || from.len() > 32 {
        to.copy_from_slice(from);
    } else if !(copy_ends::<16>(to, from) || copy_ends::<8>(to, from) || copy_ends::<4>(to, from)) {
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

/// The bytes of a field with its length prefix.
pub(crate) const fn field_len(field: &[u8]) -> usize {
    field.len().saturating_add(PREFIX_LEN)
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

/// Writes a whole frame: checks that `body_len` can be announced, then that `out` holds the frame,
/// and only then writes. `write` must write `body_len` bytes. Returns the frame's length.
#[inline]
pub(crate) fn encode_frame(
    first: u8,
    body_len: usize,
    out: &mut [u8],
    write: impl FnOnce(&mut Writer<'_>),
) -> Result<usize, EncodeError> {
    encode_split_frame(first, body_len, 0, out, write)
}

/// Like [`encode_frame`], but the last `apart` bytes of the body are not written: the caller sends
/// them after `out`. Returns the bytes written.
#[inline]
pub(crate) fn encode_split_frame(
    first: u8,
    body_len: usize,
    apart: u32,
    out: &mut [u8],
    write: impl FnOnce(&mut Writer<'_>),
) -> Result<usize, EncodeError> {
    let remaining_len = body_len.saturating_add(apart as usize);
    if remaining_len > MAX_REMAINING_LEN as usize {
        return Err(EncodeError::Invalid(ErrorKind::RemainingLength)); // section 2.2.3
    }
    let needed = header_len(remaining_len).saturating_add(body_len);
    let Some(out) = out.get_mut(..needed) else {
        return Err(EncodeError::BufferTooSmall { needed });
    };
    let mut writer = Writer { rest: out };
    writer.u8(first);
    writer.remaining_len(remaining_len as u32);
    write(&mut writer);
    Ok(needed)
}

/// True when every byte is in 0x01..=0x7f and, where `NO_WILDCARD`, none is `+` or `#`: then the
/// bytes are well-formed UTF-8 without U+0000, proved in one pass.
#[cfg_attr(target_pointer_width = "64", inline(always))]
pub(crate) const fn is_plain<const NO_WILDCARD: bool>(bytes: &[u8]) -> bool {
    all_allowed::<true, NO_WILDCARD>(bytes)
}

/// True when no byte is 0 and, where `NO_WILDCARD`, none is `+` or `#`: what is left to know of
/// well-formed UTF-8.
pub(crate) const fn is_unmarked<const NO_WILDCARD: bool>(bytes: &[u8]) -> bool {
    all_allowed::<false, NO_WILDCARD>(bytes)
}

/// On a 64-bit machine by blocks, each of which is a vector register: eight instructions for 16 bytes. On
/// a smaller one byte by byte, in few instructions. The last block overlaps the one before it.
#[cfg_attr(target_pointer_width = "64", inline(always))]
const fn all_allowed<const ASCII: bool, const NO_WILDCARD: bool>(bytes: &[u8]) -> bool {
    if size_of::<usize>() < 8 {
        return block_allowed::<ASCII, NO_WILDCARD>(bytes);
    }
    let mut rest = bytes;
    while let Some((block, tail)) = rest.split_first_chunk::<16>() {
        if !block_allowed::<ASCII, NO_WILDCARD>(block) {
            return false;
        }
        rest = tail;
    }
    if rest.is_empty() {
        return true;
    }
    if let Some(block) = bytes.last_chunk::<16>() {
        return block_allowed::<ASCII, NO_WILDCARD>(block);
    }
    if let (Some(a), Some(b)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        return block_allowed::<ASCII, NO_WILDCARD>(a) & block_allowed::<ASCII, NO_WILDCARD>(b);
    }
    if let (Some(a), Some(b)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        return block_allowed::<ASCII, NO_WILDCARD>(a) & block_allowed::<ASCII, NO_WILDCARD>(b);
    }
    match *bytes {
        [a, b, c] => block_allowed::<ASCII, NO_WILDCARD>(&[a, b, c]),
        [a, b] => block_allowed::<ASCII, NO_WILDCARD>(&[a, b]),
        [a] => block_allowed::<ASCII, NO_WILDCARD>(&[a]),
        _ => true, // empty: not reached
    }
}

/// [`all_allowed`] without a branch for each byte.
#[cfg_attr(target_pointer_width = "64", inline(always))]
const fn block_allowed<const ASCII: bool, const NO_WILDCARD: bool>(block: &[u8]) -> bool {
    let mut bad = 0;
    let mut rest = block;
    while let Some((byte, tail)) = rest.split_first() {
        bad |= (*byte == 0) as u8;
        if ASCII {
            bad |= (*byte >= 0x80) as u8;
        }
        if NO_WILDCARD {
            bad |= is_wildcard(*byte) as u8;
        }
        rest = tail;
    }
    bad == 0
}

/// Where `+` and `#` stand among eight ASCII characters: the high bit of each such byte, the first byte
/// lowest.
pub(crate) const fn wildcards(word: [u8; 8]) -> u64 {
    const HIGH: u64 = splat(0x80);
    // 0 where a wildcard stands; taking anything else below 0x80 from 0x80 clears the high bit.
    HIGH.wrapping_sub((u64::from_le_bytes(word) & splat(!0x08)) ^ splat(b'#')) & HIGH
}

/// A word with `byte` in every place.
const fn splat(byte: u8) -> u64 {
    (u64::MAX / 0xff).wrapping_mul(byte as u64)
}

pub(crate) const fn is_wildcard(byte: u8) -> bool {
    byte & !0x08 == b'#' // `#` (0x23) and `+` (0x2b) differ in this bit alone
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    fn by_bytes(bytes: &[u8], no_wildcard: bool) -> bool {
        bytes.iter().all(|b| (1..0x80).contains(b) && !(no_wildcard && (*b == b'+' || *b == b'#')))
    }

    #[test]
    fn the_scan_agrees_with_bytes() {
        for len in 0..40 {
            for at in 0..len {
                for byte in 0..=255 {
                    let mut text = vec![b'a'; len];
                    text[at] = byte;
                    assert_eq!(is_plain::<true>(&text), by_bytes(&text, true), "{text:02x?}");
                    assert_eq!(is_plain::<false>(&text), by_bytes(&text, false), "{text:02x?}");
                    let is_marked = text.contains(&0);
                    assert_eq!(is_unmarked::<false>(&text), !is_marked, "{text:02x?}");
                    let is_marked = is_marked || text.contains(&b'+') || text.contains(&b'#');
                    assert_eq!(is_unmarked::<true>(&text), !is_marked, "{text:02x?}");
                }
            }
        }
    }

    #[test]
    fn the_scan_agrees_on_pairs_of_bytes() {
        for pair in 0..=u16::MAX {
            let [a, b] = pair.to_be_bytes();
            let text = [b'x', b'y', a, b, b'z', b'x', b'y', b'z'];
            assert_eq!(is_plain::<true>(&text), by_bytes(&text, true), "{text:02x?}");
            assert_eq!(is_plain::<false>(&text), by_bytes(&text, false), "{text:02x?}");
        }
    }

    #[test]
    fn every_byte_is_copied_and_no_other() {
        let from: Vec<u8> = (1..=100).collect();
        for len in 0..=100 {
            let mut to = [0; 102];
            copy(&mut to[1..=len], &from[..len]);
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
            let written = encode_split_frame(0x30, 0, value, &mut out, |_| {}).unwrap();
            assert_eq!(&out[1..written], bytes);
            assert_eq!(written, header_len(value as usize));
            assert!(out[written..].iter().all(|b| *b == 0xa5));
        }
        let refused = encode_split_frame(0x30, 0, 268_435_456, &mut [0; 8], |_| {});
        assert_eq!(refused, Err(EncodeError::Invalid(ErrorKind::RemainingLength)));
    }
}
