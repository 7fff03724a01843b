//! The fixed header: `type and flags | remaining length` (MQTT 3.1.1 section 2.2), the same in all
//! versions. It alone says where a frame ends.

use crate::error::{DecodeError, ErrorKind};
use crate::types::PacketType;
use crate::wire::{self, IS_BIG_MACHINE};

/// A fixed header as it stood on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FixedHeader {
    /// The upper half of the first byte.
    pub packet_type: PacketType,
    /// The lower half of the first byte, unjudged.
    pub flags: u8,
    /// The bytes of the header itself, 2 to 5.
    pub header_len: u8,
    /// The bytes after the header, at most 268 435 455.
    pub remaining_len: u32,
}

impl FixedHeader {
    /// The bytes of the whole frame, header included: at most 268 435 460.
    pub const fn frame_len(&self) -> u32 {
        self.remaining_len.saturating_add(self.header_len as u32)
    }
}

/// What [`peek`] saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Peek {
    /// The fixed header is complete.
    Header(FixedHeader),
    /// The fixed header is not complete.
    NeedMore {
        /// The bytes still missing: 2 for an empty buffer, 1 when the length is unfinished.
        at_least: usize,
    },
}

/// Reads the fixed header at the front of `buf`, so that a caller knows the type and the length of
/// a frame before the rest has come.
///
/// Errors: `packet_type_reserved`, `remaining_length`, `remaining_length_padded`. Flags, direction
/// and limits are the decoder's to judge.
///
/// ```
/// use mqtt_codec::frame::{Peek, peek};
/// let Peek::Header(header) = peek(&[0x30, 0x85, 0x01]).unwrap() else { panic!() };
/// assert_eq!((header.remaining_len, header.frame_len()), (133, 136));
/// ```
pub fn peek(buf: &[u8]) -> Result<Peek, DecodeError> {
    Peek::of(Header::start(buf).and_then(|start| Header::finish(start, buf, false)))
}

/// The bytes of the whole frame at the front of `buf` as its header declares them, header included; 0 when that is
/// unfinished, or takes more than four bytes. A length that is not in its shortest form counts as well.
#[doc(hidden)]
pub fn declared_len(buf: &[u8]) -> u32 {
    let [_, rest @ ..] = buf else { return 0 };
    let (header_len, remaining_len) = long_remaining_len(rest);
    header_len.wrapping_add(remaining_len) as u32
}

/// A fixed header in machine words: kept like this it stays in registers from one step of a decoder to
/// the next, where the eight bytes of a [`FixedHeader`] are packed and unpacked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub(crate) packet_type: PacketType,
    pub(crate) flags: u8,
    pub(crate) header_len: usize,
    /// Of the whole frame; at most 268 435 460.
    pub(crate) frame_len: usize,
    /// That the remaining length is not in its shortest form, and was let through. A big machine finds it out again when
    /// the option is set, which costs other headers nothing.
    pub(crate) was_padded: bool,
}

/// Why there is no header or frame.
pub(crate) enum Halt {
    NeedMore { at_least: usize },
    Refused(DecodeError),
}

impl From<DecodeError> for Halt {
    fn from(error: DecodeError) -> Self {
        Self::Refused(error)
    }
}

impl Header {
    /// The type and the flags, as soon as the first byte is there. What they must be is for the caller to
    /// judge before the rest.
    #[inline(always)]
    pub(crate) fn start(buf: &[u8]) -> Result<(PacketType, u8), Halt> {
        let Some(first) = buf.first() else { return Err(Halt::NeedMore { at_least: 2 }) };
        match PacketType::from_first_byte(*first) {
            Ok(packet_type) => Ok((packet_type, first & 0x0f)),
            Err(kind) => Err(Halt::Refused(DecodeError::new(kind, 0))),
        }
    }

    /// The whole header, with padding allowed or not.
    #[inline(always)]
    pub(crate) fn finish(
        (packet_type, flags): (PacketType, u8),
        buf: &[u8],
        padding: bool,
    ) -> Result<Self, Halt> {
        let rest = match buf {
            [_, byte @ 0..=0x7f, ..] => {
                let frame_len = usize::from(*byte).wrapping_add(2);
                return Ok(Self { packet_type, flags, header_len: 2, frame_len, was_padded: false });
            }
            [_, rest @ ..] => rest,
            [] => &[],
        };
        let (header_len, remaining_len) = long_remaining_len(rest);
        if header_len == 0 {
            // A fourth byte that says "more" is one too many, whatever follows.
            return Err(match rest.len() {
                ..4 => Halt::NeedMore { at_least: 1 },
                _ => DecodeError::new(ErrorKind::RemainingLength, 1).into(), // section 2.2.3
            });
        }
        let frame_len = remaining_len.wrapping_add(header_len);
        let mut header = Self { packet_type, flags, header_len, frame_len, was_padded: false };
        let is_padded = header.is_padded();
        if is_padded && !padding {
            return Err(Halt::Refused(DecodeError::new(ErrorKind::RemainingLengthPadded, 1))); // (A01)
        }
        header.was_padded = is_padded && !IS_BIG_MACHINE;
        Ok(header)
    }

    /// True when the remaining length is not in its shortest form. Table 2.4 has one size for each value (A01).
    pub(crate) const fn is_padded(&self) -> bool {
        self.header_len != wire::header_len(self.remaining_len())
    }

    /// The header at the front of `buf`, whatever its flags are and whether the length fits the type or not.
    pub(crate) fn declared(buf: &[u8]) -> Option<Self> {
        Self::start(buf).and_then(|start| Self::finish(start, buf, true)).ok()
    }

    /// The bytes after the header.
    pub(crate) const fn remaining_len(&self) -> usize {
        self.frame_len.wrapping_sub(self.header_len)
    }

    pub(crate) const fn fixed(&self) -> FixedHeader {
        FixedHeader {
            packet_type: self.packet_type,
            flags: self.flags,
            header_len: self.header_len as u8,
            remaining_len: self.remaining_len() as u32,
        }
    }
}

impl Peek {
    pub(crate) fn of(header: Result<Header, Halt>) -> Result<Self, DecodeError> {
        match header {
            Ok(header) => Ok(Self::Header(header.fixed())),
            Err(Halt::NeedMore { at_least }) => Ok(Self::NeedMore { at_least }),
            Err(Halt::Refused(error)) => Err(error),
        }
    }
}

/// A remaining length of any size, low group first (section 2.2.3): the length of the whole header and the value; two
/// zeros where none ends in the first four bytes.
#[cfg_attr(target_pointer_width = "64", inline(always))]
#[cfg_attr(target_pointer_width = "32", inline(never))]
fn long_remaining_len(bytes: &[u8]) -> (usize, usize) {
    let mut value = 0;
    for (group, byte) in (0..4usize).zip(bytes) {
        value |= usize::from(byte & 0x7f) << (group.wrapping_mul(7));
        if byte & 0x80 == 0 {
            return (group.wrapping_add(2), value);
        }
    }
    (0, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(buf: &[u8]) -> (ErrorKind, usize) {
        let error = peek(buf).unwrap_err();
        (error.kind(), error.offset())
    }

    #[test]
    fn bytes_to_header() {
        for (bytes, len) in [
            (&[0x30, 0x00][..], 0),
            (&[0x30, 0x7f], 127),
            (&[0x30, 0x80, 0x01], 128),
            (&[0x30, 0xff, 0x7f, 0xee], 16_383),
            (&[0x30, 0x80, 0x80, 0x01], 16_384),
            (&[0x30, 0xff, 0xff, 0x7f], 2_097_151),
            (&[0x30, 0x80, 0x80, 0x80, 0x01], 2_097_152),
            (&[0x30, 0xff, 0xff, 0xff, 0x7f], 268_435_455),
        ] {
            let Peek::Header(header) = peek(bytes).unwrap() else { panic!("{bytes:02x?}") };
            assert_eq!(header.remaining_len, len);
            assert_eq!(usize::from(header.header_len), wire::header_len(len as usize));
        }
    }

    #[test]
    fn an_unfinished_header_says_how_much_is_missing() {
        assert_eq!(peek(&[]), Ok(Peek::NeedMore { at_least: 2 }));
        for bytes in [&[0x30][..], &[0x30, 0x80], &[0x30, 0xff, 0xff], &[0x30, 0x80, 0x80, 0x80]] {
            assert_eq!(peek(bytes), Ok(Peek::NeedMore { at_least: 1 }), "{bytes:02x?}");
        }
    }

    #[test]
    fn refusals() {
        assert_eq!(refused(&[0x00]), (ErrorKind::PacketTypeReserved, 0));
        assert_eq!(refused(&[0xf0, 0x00]), (ErrorKind::PacketTypeReserved, 0));
        assert_eq!(refused(&[0x30, 0xff, 0xff, 0xff, 0xff]), (ErrorKind::RemainingLength, 1));
        assert_eq!(refused(&[0x30, 0xff, 0xff, 0xff, 0x80, 0x01]), (ErrorKind::RemainingLength, 1));
        assert_eq!(refused(&[0xc0, 0x80, 0x00]), (ErrorKind::RemainingLengthPadded, 1));
        assert_eq!(refused(&[0x30, 0x83, 0x80, 0x00]), (ErrorKind::RemainingLengthPadded, 1));
        assert_eq!(refused(&[0x30, 0xff, 0xff, 0x80, 0x00]), (ErrorKind::RemainingLengthPadded, 1));
    }

    /// Whatever the flags are, and whether the length fits the type or not.
    #[test]
    fn the_length_that_a_header_declares() {
        for (bytes, len) in [
            (&[0x30, 0x00][..], 2),
            (&[0x3f, 0x7f], 129),
            (&[0x40, 0x03, 0x00], 5),
            (&[0x91, 0x80, 0x01, 0xff], 131),
            (&[0x30, 0xff, 0xff, 0xff, 0x7f], 268_435_460),
            (&[0xc0, 0x80, 0x00], 3),
            (&[0x30, 0x83, 0x80, 0x80, 0x00], 8),
            (&[], 0),
            (&[0x30], 0),
            (&[0x30, 0x80], 0),
            (&[0x30, 0xff, 0xff, 0xff], 0),
            (&[0x30, 0xff, 0xff, 0xff, 0xff], 0),
        ] {
            assert_eq!(declared_len(bytes), len, "{bytes:02x?}");
        }
    }
}
