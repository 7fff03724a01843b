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
//!         // A PUBLISH that is longer than the buffer comes in pieces.
//!         Event::PublishStart { header, payload_len } => println!("{header:?}, {payload_len} bytes"),
//!         Event::Payload { chunk, left } => println!("{} bytes, {left} to come", chunk.len()),
//!         _ => {} // events of later versions
//!     }
//! }
//! # assert_eq!(seen, 3);
//! ```

use crate::error::{DecodeError, ErrorKind};
use crate::frame::Halt;
use crate::options::Tolerated;
use crate::types::PacketType;
use crate::wire::PREFIX_LEN;

use super::{Decoder, Packet, PublishHeader, Sink};

pub use super::window::{CommitError, State, Step, Window};

/// What [`PacketReader::next`] has found. It points into the reader's buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A whole packet.
    Packet(Packet<'a>),
    /// A PUBLISH whose frame is longer than the buffer. Its payload follows as [`Event::Payload`], all
    /// of it, before any other packet; [`skip`](PacketReader::skip) leaves it out.
    PublishStart {
        /// Everything but the payload; good until the next call for the reader.
        header: PublishHeader<'a>,
        /// The bytes of the whole payload; at least 1.
        payload_len: u32,
    },
    /// The next bytes of the payload.
    Payload {
        /// At least one byte. How a payload is cut depends on how its bytes arrive.
        chunk: &'a [u8],
        /// The bytes of the payload after this chunk; 0 at the last one.
        left: u32,
    },
    /// Receive more: there is nothing to give out.
    NeedMore {
        /// The bytes still missing, as in [`Decoded::NeedMore`](super::Decoded::NeedMore); inside a payload, or a frame that is
        /// skipped, as many as the frame has left and the buffer takes.
        at_least: usize,
    },
}

/// Puts packets together from bytes as they arrive, in a buffer that the caller lends.
///
/// Call [`next`](Self::next) until it answers `NeedMore`; then receive into [`space`](Self::space),
/// [`commit`](Self::commit) what came, and go on.
///
/// A PUBLISH that is longer than the buffer comes in pieces, if what stands before its payload fits: a
/// buffer of 256 bytes takes a message of any size. Any other packet that does not fit is refused
/// with `packet_too_large`. Which it is, the declared length and the buffer's decide, never the way in
/// which the bytes arrive.
///
/// Bytes are moved only when a frame straddles the end of the buffer. After an error the reader stays
/// in it: the specification wants the connection closed (\[MQTT-4.8.0-1\]). Who wants to go on all
/// the same calls [`skip`](Self::skip).
///
/// A reader is 28 bytes on a 32-bit machine, 48 on a 64-bit one.
#[derive(Debug)]
pub struct PacketReader<'b> {
    buf: &'b mut [u8],
    window: Window,
    tolerated: Tolerated,
}

const _: () = assert!(size_of::<PacketReader<'_>>() == if size_of::<usize>() == 4 { 28 } else { 48 });

impl<'b> PacketReader<'b> {
    /// A reader over a buffer that holds the largest packet that is to be received in one piece. One
    /// without room for a fixed header (under 2 bytes) refuses everything with `packet_too_large`; one of 2 to 4 bytes also
    /// does that to a frame whose longer header it cannot hold, which then has no known size and cannot be skipped.
    pub const fn new(buf: &'b mut [u8]) -> Self {
        Self { buf, window: Window::EMPTY, tolerated: Tolerated::NOTHING }
    }

    /// Where the next bytes go. Empty only when the buffer holds bytes that [`next`](Self::next) has
    /// not been asked for, or after an error that was not [`skip`](Self::skip)ped.
    pub fn space(&mut self) -> &mut [u8] {
        self.window.space(self.buf)
    }

    /// Says that `n` bytes were put at the front of [`space`](Self::space).
    ///
    /// Errors: [`CommitError`] when there was no room for as many; nothing is taken then.
    pub fn commit(&mut self, n: usize) -> Result<(), CommitError> {
        self.window.commit(n, self.buf.len())
    }

    /// The next packet or piece of one, or how many bytes it lacks. It borrows the reader: handle it
    /// before the next call, in the loop itself rather than in a function that returns it.
    ///
    /// Errors: those of [`Decoder::decode`], and `packet_too_large` when the frame does not fit the
    /// buffer and is no PUBLISH, or one whose topic does not fit; [`refused_len`](Self::refused_len)
    /// has its size. The same error comes again until [`skip`](Self::skip).
    #[allow(clippy::should_implement_trait)] // lends from the reader, which no Iterator can
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub fn next(&mut self, decoder: &Decoder) -> Result<Event<'_>, DecodeError> {
        let (unread, cap) = (self.window.unread(self.buf), self.buf.len());
        // Whatever is not a whole packet is out of line.
        if !matches!(self.window.state, State::Frame { missing: 0 }) {
            if let Some(event) = go_on(&mut self.window, unread, cap) {
                return event;
            }
        }
        decoder.decode_into(
            unread,
            AsEvent { window: &mut self.window, tolerated: &mut self.tolerated, decoder, unread, cap },
        )
    }

    /// What the decoder's options let through in the packet that [`next`](Self::next) gave last; for a
    /// PUBLISH in pieces, in all of it.
    pub const fn tolerated(&self) -> Tolerated {
        self.tolerated
    }

    /// The bytes of the whole frame that [`next`](Self::next) has refused, as its header declares them,
    /// where the header can be trusted.
    pub fn refused_len(&self) -> Option<u32> {
        self.window.refused_len(self.buf)
    }

    /// The frame that [`next`](Self::next) has refused, if it has all come and its end is known: for who
    /// wants to read it by other rules
    /// ([`UnvalidatedSubscribe`](crate::v3::UnvalidatedSubscribe)), then [`skip`](Self::skip)s it.
    pub fn refused_frame(&self) -> Option<&[u8]> {
        self.window.unread(self.buf).get(..self.refused_len()? as usize)
    }

    /// Leaves out the frame that [`next`](Self::next) has refused, or the rest of a payload that has
    /// begun, whether it has all come or not, and goes on behind it. Does nothing at any other time.
    ///
    /// Only a frame whose fixed header was not the mistake can be left out, or one that was too large:
    /// else nobody knows where the next one starts, and the error is given again. A remaining length that the
    /// type cannot have is believed, as in a PUBACK of 3 bytes. A peer that has broken one rule may have broken
    /// others; the specification wants the connection closed (\[MQTT-4.8.0-1\]).
    pub fn skip(&mut self) -> Result<(), DecodeError> {
        self.window.skip(self.buf)
    }
}

/// What is under way, if the bytes that wait are not to be decoded.
#[inline(never)]
fn go_on<'a>(window: &mut Window, unread: &'a [u8], cap: usize) -> Option<Result<Event<'a>, DecodeError>> {
    match window.step(cap) {
        Step::Decode => None,
        Step::Payload { len, left } => {
            Some(Ok(Event::Payload { chunk: unread.get(..len).unwrap_or_default(), left }))
        }
        Step::NeedMore { at_least } => Some(Ok(Event::NeedMore { at_least })),
        Step::Refused(error) => Some(Err(error)),
    }
}

/// For [`PacketReader::next`].
struct AsEvent<'r, 'a> {
    window: &'r mut Window,
    tolerated: &'r mut Tolerated,
    decoder: &'r Decoder,
    unread: &'a [u8],
    cap: usize,
}

impl<'a> Sink<'a> for AsEvent<'_, 'a> {
    type Answer = Result<Event<'a>, DecodeError>;

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn packet(self, packet: Packet<'a>, len: usize, tolerated: Tolerated) -> Self::Answer {
        self.window.take(len);
        *self.tolerated = tolerated;
        Ok(Event::Packet(packet))
    }

    #[inline(never)]
    fn need_more(self, at_least: usize) -> Self::Answer {
        let Self { window, decoder, unread, cap, .. } = self;
        let begun = need_more(window, at_least, cap, |window| begin_in(window, decoder, unread, cap));
        Ok(match begun? {
            Begin::Publish { header, payload_len, tolerated, .. } => {
                *self.tolerated = tolerated;
                Event::PublishStart { header, payload_len }
            }
            Begin::NeedMore { at_least } => Event::NeedMore { at_least },
        })
    }

    #[inline(never)]
    fn refused(self, error: DecodeError) -> Self::Answer {
        Err(self.window.refuse(error))
    }
}

/// The frame at the front lacks `lacking` bytes. If the buffer of `cap` bytes holds them too, they are waited
/// for; else `too_long` decides: [`begin_in`] where a PUBLISH may come in pieces, [`refuse_too_large`] where it
/// may not.
#[doc(hidden)]
pub fn need_more<'a>(
    window: &mut Window,
    lacking: usize,
    cap: usize,
    too_long: impl FnOnce(&mut Window) -> Result<Begin<'a>, DecodeError>,
) -> Result<Begin<'a>, DecodeError> {
    if window.can_hold(lacking, cap) {
        return Ok(Begin::NeedMore { at_least: window.wait(lacking) });
    }
    too_long(window)
}

/// The frame is longer than the buffer.
const TOO_LARGE: DecodeError = DecodeError::new(ErrorKind::PacketTooLarge, 1);

/// Refuses a frame that is longer than the buffer, whatever its type.
#[doc(hidden)]
pub const fn refuse_too_large<'a>(window: &mut Window) -> Result<Begin<'a>, DecodeError> {
    Err(window.refuse(TOO_LARGE))
}

/// [`begin_publish`] for a window, which goes on with what was found.
#[doc(hidden)]
pub fn begin_in<'a>(
    window: &mut Window,
    decoder: &Decoder,
    unread: &'a [u8],
    cap: usize,
) -> Result<Begin<'a>, DecodeError> {
    match begin_publish(decoder, unread, cap) {
        Ok(begun) => {
            match begun {
                Begin::Publish { header_len, payload_len, .. } => {
                    window.begin_payload(header_len, payload_len)
                }
                Begin::NeedMore { at_least } => {
                    window.wait(at_least);
                }
            }
            Ok(begun)
        }
        Err(error) => Err(window.refuse(error)),
    }
}

/// What [`begin_publish`] has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin<'a> {
    /// Everything before the payload is there.
    Publish {
        /// It.
        header: PublishHeader<'a>,
        /// Its bytes, fixed header included.
        header_len: usize,
        /// The bytes of the payload.
        payload_len: u32,
        /// What the decoder's options let through.
        tolerated: Tolerated,
    },
    /// It is not complete.
    NeedMore {
        /// The bytes that are missing until the payload, or until that is known.
        at_least: usize,
    },
}

/// Reads a frame that is longer than the buffer of `cap` bytes which it is received in: everything of
/// a PUBLISH but its payload. For [`PacketReader`], and for who keeps a buffer of their own.
///
/// Errors: `packet_too_large` when it is no PUBLISH, or what stands before the payload does not fit;
/// those of [`Publish::decode`](crate::v3::Publish::decode).
pub fn begin_publish<'a>(decoder: &Decoder, unread: &'a [u8], cap: usize) -> Result<Begin<'a>, DecodeError> {
    let header = match decoder.header(unread) {
        Ok(header) if matches!(header.packet_type, PacketType::Publish) => header,
        Err(Halt::Refused(error)) => return Err(error),
        _ => return Err(TOO_LARGE), // not even the fixed header fits, or no other type comes in pieces
    };
    let at_topic = header.header_len;
    let topic_len = unread.get(at_topic..).and_then(|body| body.split_first_chunk());
    // What has to be there: the topic's length prefix; then that, the topic and the packet identifier.
    let mut needed = at_topic.saturating_add(PREFIX_LEN);
    if let Some((prefix, _)) = topic_len {
        needed = needed.saturating_add(u16::from_be_bytes(*prefix).into());
        if needed > header.frame_len {
            return Err(DecodeError::new(ErrorKind::Truncated, at_topic));
        }
        // A frame that ends inside the identifier is read to its end, after the topic.
        needed = needed.saturating_add(PublishHeader::id_len(header.flags)).min(header.frame_len);
    }
    if needed > cap {
        return Err(TOO_LARGE);
    }
    match unread.get(at_topic..needed) {
        Some(front) => {
            let mut r = decoder.reader(&header, front, needed);
            let publish = PublishHeader::read(header.flags, &mut r)?;
            Ok(Begin::Publish {
                header: publish,
                header_len: needed,
                payload_len: header.frame_len.saturating_sub(needed) as u32,
                tolerated: r.tolerated(),
            })
        }
        None => Ok(Begin::NeedMore { at_least: needed.saturating_sub(unread.len()) }),
    }
}
