//! The fixed header: `type and flags | remaining length` (MQTT 3.1.1 section 2.2), the same in all
//! versions. It alone says where a frame ends.

use crate::error::{DecodeError, ErrorKind};
use crate::types::PacketType;
use crate::wire;

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

    /// True when the remaining length is not in its shortest form. Table 2.4 gives one size to each
    /// value (A01).
    pub(crate) const fn is_padded(&self) -> bool {
        self.header_len as usize != wire::header_len(self.remaining_len as usize)
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
    peek_with(buf, false, |_, _| Ok(()))
}

/// [`peek`], with a judge of type and flags who is asked as soon as the first byte is there, and with
/// padding allowed or not.
#[inline]
pub(crate) fn peek_with(
    buf: &[u8],
    padding: bool,
    judge: impl FnOnce(PacketType, u8) -> Result<(), ErrorKind>,
) -> Result<Peek, DecodeError> {
    let Some((first, rest)) = buf.split_first() else {
        return Ok(Peek::NeedMore { at_least: 2 });
    };
    let packet_type = PacketType::from_first_byte(*first).map_err(|kind| DecodeError::new(kind, 0))?;
    let flags = first & 0x0f;
    judge(packet_type, flags).map_err(|kind| DecodeError::new(kind, 0))?;
    if let Some(byte @ 0..=0x7f) = rest.first() {
        let remaining_len = u32::from(*byte);
        return Ok(Peek::Header(FixedHeader { packet_type, flags, header_len: 2, remaining_len }));
    }
    let (header_len, remaining_len) = match long_remaining_len(rest) {
        Ok(Some(length)) => length,
        Ok(None) => return Ok(Peek::NeedMore { at_least: 1 }),
        Err(kind) => return Err(DecodeError::new(kind, 1)),
    };
    let header = FixedHeader { packet_type, flags, header_len, remaining_len };
    // Table 2.4 has one size for each value.
    if header.is_padded() && !padding {
        return Err(DecodeError::new(ErrorKind::RemainingLengthPadded, 1)); // (A01)
    }
    Ok(Peek::Header(header))
}

/// A remaining length of any size, low group first (section 2.2.3), with the length of the whole
/// header; `None` while it is unfinished.
fn long_remaining_len(bytes: &[u8]) -> Result<Option<(u8, u32)>, ErrorKind> {
    let mut value = 0;
    for (group, byte) in (0..4u8).zip(bytes) {
        value |= u32::from(byte & 0x7f) << (u32::from(group).wrapping_mul(7));
        if byte & 0x80 == 0 {
            return Ok(Some((group.wrapping_add(2), value)));
        }
    }
    // A fourth byte that says "more" is one too many, whatever follows.
    if bytes.len() >= 4 { Err(ErrorKind::RemainingLength) } else { Ok(None) } // section 2.2.3
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
}
