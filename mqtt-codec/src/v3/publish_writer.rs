//! A PUBLISH whose payload is produced piece by piece under a length declared before.

use thiserror::Error;

use crate::error::EncodeError;
use crate::wire::MAX_REMAINING_LEN;

use super::publish::PublishHeader;

/// Counts the payload of a PUBLISH that is sent piece by piece.
///
/// The remaining length stands at the front of the frame, so the payload's length is declared before the
/// first of its bytes is made. One byte more would be read as the next packet, one byte less would take
/// the next packet's first: this refuses both, before the byte is sent. Nothing is kept but two numbers,
/// and nothing is sent: that is the caller's part.
///
/// ```
/// use mqtt_codec::TopicName;
/// use mqtt_codec::v3::{Delivery, PublishHeader, PublishWriter};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let mut sent = Vec::new();
/// # let mut send = |bytes: &[u8]| sent.extend_from_slice(bytes);
/// let header =
///     PublishHeader { topic: TopicName::new("log")?, delivery: Delivery::AtMostOnce, retain: false };
/// let mut out = [0; 16];
/// let (mut writer, len) = PublishWriter::start(&header, 6, &mut out)?;
/// send(&out[..len]);
/// for n in 1..=3_u8 {
///     send(writer.piece(&[b'0' + n, b'\n'])?);
/// }
/// writer.end()?; // all 6 bytes were taken
/// # assert_eq!(sent, b"\x30\x0b\x00\x03log1\n2\n3\n");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, PartialEq, Eq, Hash)]
#[must_use = "the PUBLISH is not whole until `end` has said so"]
pub struct PublishWriter {
    declared: u32,
    left: u32,
}

/// A payload that is not as long as was declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[error("a payload of {offered} bytes where {declared} were declared")]
pub struct PayloadLenError {
    /// The bytes that the header has declared.
    pub declared: u32,
    /// The bytes of all pieces together: with the one that was refused, or at the end.
    pub offered: u64,
}

impl PublishWriter {
    /// Writes everything that comes before a payload of `payload_len` bytes, and returns how many bytes
    /// that is, with the writer that counts the payload. On an error `out` is untouched.
    ///
    /// Errors: those of [`PublishHeader::encode`].
    pub fn start(
        header: &PublishHeader<'_>,
        payload_len: u32,
        out: &mut [u8],
    ) -> Result<(Self, usize), EncodeError> {
        let len = header.encode(payload_len, out)?;
        Ok((Self { declared: payload_len, left: payload_len }, len))
    }

    /// Takes the next piece of the payload and gives it back, to be sent now. It may be of any length.
    ///
    /// Errors: [`PayloadLenError`] when there would be more than was declared; the piece does not count
    /// then, and another one may be offered.
    pub fn piece<'p>(&mut self, bytes: &'p [u8]) -> Result<&'p [u8], PayloadLenError> {
        self.count(bytes.len())?;
        Ok(bytes)
    }

    /// [`piece`](Self::piece) for the C face, which has only the length.
    #[doc(hidden)]
    pub fn count(&mut self, len: usize) -> Result<(), PayloadLenError> {
        let left = u32::try_from(len).ok().and_then(|len| self.left.checked_sub(len));
        self.left = left.ok_or(self.error(len))?;
        Ok(())
    }

    /// The writer whose two numbers C has kept; `None` when they can be those of none.
    #[doc(hidden)]
    pub const fn from_parts(declared: u32, left: u32) -> Option<Self> {
        if left <= declared && declared <= MAX_REMAINING_LEN { Some(Self { declared, left }) } else { None }
    }

    /// The bytes that are still to come.
    #[must_use]
    pub const fn left(&self) -> u32 {
        self.left
    }

    /// Says that there is no further piece.
    ///
    /// Errors: [`PayloadLenError`] when there was less than was declared. The frame cannot be ended then:
    /// close the connection.
    pub fn end(self) -> Result<(), PayloadLenError> {
        if self.left == 0 { Ok(()) } else { Err(self.error(0)) }
    }

    /// What is wrong when `more` bytes are added to those that were taken.
    const fn error(&self, more: usize) -> PayloadLenError {
        let taken = self.declared.saturating_sub(self.left) as u64;
        PayloadLenError { declared: self.declared, offered: taken.saturating_add(more as u64) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::topic::TopicName;
    use crate::types::PacketId;
    use crate::v3::publish::{Delivery, Publish};
    use std::string::ToString;
    use std::vec::Vec;

    fn header() -> PublishHeader<'static> {
        let id = PacketId::new(10).unwrap();
        let delivery = Delivery::AtLeastOnce { id, dup: false };
        PublishHeader { topic: TopicName::new("a/b").unwrap(), delivery, retain: true }
    }

    fn start(payload_len: u32) -> PublishWriter {
        PublishWriter::start(&header(), payload_len, &mut [0; 32]).unwrap().0
    }

    #[test]
    fn which_numbers_can_be_a_writers() {
        for (declared, left) in [(0, 0), (5, 0), (5, 5), (MAX_REMAINING_LEN, 0)] {
            let writer = PublishWriter::from_parts(declared, left);
            assert_eq!(writer, Some(PublishWriter { declared, left }));
        }
        for (declared, left) in [(0, 1), (5, 6), (MAX_REMAINING_LEN + 1, 0), (u32::MAX, u32::MAX)] {
            assert_eq!(PublishWriter::from_parts(declared, left), None);
        }
    }

    #[test]
    fn the_pieces_behind_the_header_are_the_publish() {
        let payload: Vec<u8> = (0..=255).collect();
        let whole =
            Publish { topic: header().topic, delivery: header().delivery, retain: true, payload: &payload };
        let mut frame = vec![0xa5; whole.encoded_len()];
        whole.encode(&mut frame).unwrap();
        for size in [1, 7, 255, 256] {
            let mut out = [0xa5; 32];
            let (mut writer, len) = PublishWriter::start(&header(), 256, &mut out).unwrap();
            let mut sent = out.get(..len).unwrap().to_vec();
            for piece in payload.chunks(size) {
                assert_eq!(writer.left() as usize, frame.len() - sent.len());
                sent.extend_from_slice(writer.piece(piece).unwrap());
            }
            assert_eq!(sent, frame);
            assert_eq!(writer.end(), Ok(()));
        }
    }

    #[test]
    fn more_than_was_declared_is_refused_and_not_counted() {
        let mut writer = start(5);
        assert_eq!(writer.piece(b"abcdef"), Err(PayloadLenError { declared: 5, offered: 6 }));
        assert_eq!(writer.left(), 5);
        assert_eq!(writer.piece(b"abc"), Ok(&b"abc"[..]));
        assert_eq!(writer.piece(b"def"), Err(PayloadLenError { declared: 5, offered: 6 }));
        assert_eq!(writer.left(), 2);
        assert_eq!(writer.piece(b""), Ok(&b""[..]));
        assert_eq!(writer.piece(b"de"), Ok(&b"de"[..]));
        assert_eq!(writer.piece(b""), Ok(&b""[..]));
        assert_eq!(writer.piece(b"f"), Err(PayloadLenError { declared: 5, offered: 6 }));
        assert_eq!(writer.end(), Ok(()));
    }

    #[test]
    fn to_end_with_less_is_refused() {
        let mut writer = start(2);
        writer.piece(b"a").unwrap();
        let error = writer.end().unwrap_err();
        assert_eq!(error, PayloadLenError { declared: 2, offered: 1 });
        assert_eq!(error.to_string(), "a payload of 1 bytes where 2 were declared");
        assert_eq!(start(1).end(), Err(PayloadLenError { declared: 1, offered: 0 }));
        assert_eq!(start(0).end(), Ok(()));
    }

    #[test]
    fn what_the_header_refuses_does_not_start() {
        let mut out = [0xa5; 8];
        let too_small = EncodeError::BufferTooSmall { needed: 9 };
        assert_eq!(PublishWriter::start(&header(), 2, &mut out), Err(too_small));
        let too_long = EncodeError::Invalid(ErrorKind::RemainingLength);
        assert_eq!(PublishWriter::start(&header(), 268_435_455 - 6, &mut out), Err(too_long));
        assert_eq!(out, [0xa5; 8]);
        assert_eq!(start(268_435_455 - 7).left(), 268_435_455 - 7);
    }
}
