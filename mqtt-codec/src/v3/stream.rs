//! From a socket's bytes to packets: puts frames together in a buffer that the caller lends.
//!
//! A socket gives bytes, not packets: half a packet, or three at once. [`PacketReader`] takes them as
//! they come.
//!
//! ```
//! use mqtt_codec::v3::stream::{Event, PacketReader};
//! use mqtt_codec::v3::{Decoder, Packet};
//! # fn receive(room: &mut [u8], wire: &mut &[u8]) -> usize {
//! #     let n = wire.len().min(3).min(room.len());
//! #     room[..n].copy_from_slice(&wire[..n]);
//! #     *wire = &wire[n..];
//! #     n
//! # }
//! # let mut wire = &b"\xd0\x00\x40\x02\x00\x07\xd0\x00"[..];
//! # let mut seen = 0;
//! let mut buf = [0; 256];
//! let mut reader = PacketReader::new(&mut buf);
//! loop {
//!     match reader.next(&Decoder::DEFAULT).expect("close the connection") {
//!         Event::Packet(packet) => {
//!             println!("{packet:?}");
//! #           seen += 1;
//!         }
//!         Event::NeedMore { .. } => {
//!             let n = receive(reader.space(), &mut wire); // recv(), whatever it gives
//!             if n == 0 { break }
//!             reader.commit(n).unwrap();
//!         }
//!         _ => {} // events of later versions
//!     }
//! }
//! # assert_eq!(seen, 3);
//! ```

use thiserror::Error;

use crate::error::{DecodeError, ErrorKind};
use crate::frame::{self, Peek};

use super::{Decoded, Decoder, Packet};

/// What [`PacketReader::next`] has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A whole packet. It points into the reader's buffer.
    Packet(Packet<'a>),
    /// The next frame is not complete.
    NeedMore {
        /// The bytes still missing, as in [`Decoded::NeedMore`].
        at_least: usize,
    },
}

/// More bytes were committed than there was room for. Nothing was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[error("{committed} bytes were committed where there was room for {room}")]
pub struct CommitError {
    /// The bytes that were committed.
    pub committed: usize,
    /// The room that there was.
    pub room: usize,
}

/// Puts packets together from bytes as they arrive, in a buffer that the caller lends.
///
/// Call [`next`](Self::next) until it answers `NeedMore`; then receive into
/// [`space`](Self::space), [`commit`](Self::commit) what came, and go on. A packet that does not fit
/// the buffer is refused with `packet_too_large`.
///
/// Bytes are moved only when a frame straddles the end of the buffer. After an error the reader stays
/// in it: the specification wants the connection closed (\[MQTT-4.8.0-1\]). Who wants to go on all
/// the same calls [`skip`](Self::skip).
#[derive(Debug)]
pub struct PacketReader<'b> {
    buf: &'b mut [u8],
    window: Window,
    refused: Option<DecodeError>,
}

impl<'b> PacketReader<'b> {
    /// A reader over a buffer that holds the largest packet that is to be received. One without room
    /// for a fixed header (under 2 bytes) refuses everything with `packet_too_large`.
    pub const fn new(buf: &'b mut [u8]) -> Self {
        Self { buf, window: Window::EMPTY, refused: None }
    }

    /// Where the next bytes go. Empty only when the buffer holds bytes that [`next`](Self::next) has
    /// not been asked for.
    pub fn space(&mut self) -> &mut [u8] {
        self.window.space(self.buf)
    }

    /// Says that `n` bytes were put at the front of [`space`](Self::space).
    ///
    /// Errors: [`CommitError`] when there was no room for as many; nothing is taken then.
    pub fn commit(&mut self, n: usize) -> Result<(), CommitError> {
        self.window.commit(n, self.buf.len())
    }

    /// The next packet, or how many bytes it lacks. The packet borrows the reader: handle it before
    /// the next call, in the loop itself rather than in a function that returns it.
    ///
    /// Errors: those of [`Decoder::decode`], and `packet_too_large` when the frame does not fit the
    /// buffer. The same error comes again until [`skip`](Self::skip).
    #[allow(clippy::should_implement_trait)] // lends from the reader, which no Iterator can
    pub fn next(&mut self, decoder: &Decoder) -> Result<Event<'_>, DecodeError> {
        if let Some(error) = self.refused {
            return Err(error);
        }
        let cap = self.buf.len();
        let result = match decoder.decode(self.window.unread(self.buf)) {
            Ok(Decoded::Packet { packet, len, .. }) => {
                self.window.take(len);
                return Ok(Event::Packet(packet));
            }
            Ok(Decoded::NeedMore { at_least }) => self.window.need(at_least, cap),
            Err(error) => Err(error),
        };
        match result {
            Ok(at_least) => Ok(Event::NeedMore { at_least }),
            Err(error) => {
                self.refused = Some(error); // [MQTT-4.8.0-1]
                Err(error)
            }
        }
    }

    /// The frame that [`next`](Self::next) has refused, if it has all come and its end is known: for who
    /// wants to read it by other rules
    /// ([`UnvalidatedSubscribe`](crate::v3::UnvalidatedSubscribe)), then [`skip`](Self::skip)s it.
    pub fn refused_frame(&self) -> Option<&[u8]> {
        let error = self.refused?;
        let unread = self.window.unread(self.buf);
        unread.get(..skippable_len(error.kind(), error.offset(), unread)?)
    }

    /// Leaves out the frame that [`next`](Self::next) has refused, whether it has all come or not,
    /// and goes on behind it. Does nothing when no frame was refused.
    ///
    /// Only a frame whose fixed header was not the mistake can be left out, or one that was too large:
    /// else nobody knows where the next one starts, and the error is given again. A peer that has
    /// broken one rule may have broken others; the specification wants the connection closed
    /// (\[MQTT-4.8.0-1\]).
    pub fn skip(&mut self) -> Result<(), DecodeError> {
        if let Some(error) = self.refused {
            let unread = self.window.unread(self.buf);
            let Some(len) = skippable_len(error.kind(), error.offset(), unread) else {
                return Err(error);
            };
            self.window.skip(len);
            self.refused = None;
        }
        Ok(())
    }
}

/// The length of the refused frame at the front of `unread`, when its header can be trusted: what
/// was wrong is its size, or lies behind the header.
pub fn skippable_len(kind: ErrorKind, offset: usize, unread: &[u8]) -> Option<usize> {
    // A padded length that was let through is trusted; one that was refused is the mistake itself.
    match frame::peek_with(unread, true, |_, _| Ok(())) {
        Ok(Peek::Header(header))
            if kind == ErrorKind::PacketTooLarge || offset >= usize::from(header.header_len) =>
        {
            Some(header.frame_len() as usize)
        }
        _ => None,
    }
}

/// Where the bytes that wait to be read stand in a lent buffer: the bookkeeping of [`PacketReader`],
/// for who keeps the buffer elsewhere (the C reader does).
///
/// Every method wants the same buffer, or its length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// The first byte that was not read.
    pub start: usize,
    /// The end of what was committed.
    pub end: usize,
    /// The bytes that the frame at `start` lacks.
    pub missing: usize,
    /// The bytes of a skipped frame that have not come yet.
    pub skipping: usize,
}

impl Window {
    /// Nothing has come yet.
    pub const EMPTY: Self = Self { start: 0, end: 0, missing: 0, skipping: 0 };

    /// False when the numbers cannot be those of a buffer of `cap` bytes.
    pub const fn is_sound(&self, cap: usize) -> bool {
        self.start <= self.end && self.end <= cap
    }

    /// The bytes that wait.
    pub fn unread<'a>(&self, buf: &'a [u8]) -> &'a [u8] {
        buf.get(self.start..self.end).unwrap_or_default()
    }

    /// The room behind the bytes that wait, after they were moved to the front if the frame that they
    /// begin would run over the end of the buffer.
    pub fn space<'a>(&mut self, buf: &'a mut [u8]) -> &'a mut [u8] {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
        let lacking = self.missing.max(1);
        if self.start > 0 && buf.len().saturating_sub(self.end) < lacking && self.is_sound(buf.len()) {
            buf.copy_within(self.start..self.end, 0);
            self.end = self.end.saturating_sub(self.start);
            self.start = 0;
        }
        buf.get_mut(self.end..).unwrap_or_default()
    }

    /// `n` bytes have come into the room.
    pub fn commit(&mut self, n: usize, cap: usize) -> Result<(), CommitError> {
        let room = cap.saturating_sub(self.end);
        if n > room {
            return Err(CommitError { committed: n, room });
        }
        self.end = self.end.saturating_add(n);
        self.missing = self.missing.saturating_sub(n);
        self.drop_skipped();
        Ok(())
    }

    /// A frame of `len` bytes was read.
    pub fn take(&mut self, len: usize) {
        self.start = self.start.saturating_add(len).min(self.end);
        self.missing = 0;
    }

    /// The frame lacks `at_least` bytes. Gives the bytes that are missing, those of a skipped frame
    /// first.
    ///
    /// Errors: `packet_too_large` when the frame does not fit a buffer of `cap` bytes.
    pub fn need(&mut self, at_least: usize, cap: usize) -> Result<usize, DecodeError> {
        if self.skipping > 0 {
            return Ok(self.skipping);
        }
        if self.end.saturating_sub(self.start).saturating_add(at_least) > cap {
            return Err(DecodeError::new(ErrorKind::PacketTooLarge, 1));
        }
        self.missing = at_least;
        Ok(at_least)
    }

    /// The frame of `len` bytes is to be left out, now and as it comes.
    pub fn skip(&mut self, len: usize) {
        self.skipping = len;
        self.missing = 0;
        self.drop_skipped();
    }

    fn drop_skipped(&mut self) {
        let dropped = self.end.saturating_sub(self.start).min(self.skipping);
        self.start = self.start.saturating_add(dropped);
        self.skipping = self.skipping.saturating_sub(dropped);
    }
}
