//! A packet that is kept: its frame, checked once, with the bytes that it was read from.

use core::fmt;
use core::hash::{Hash, Hasher};

use crate::error::{DecodeError, ErrorKind};
use crate::options::Tolerated;
use crate::types::PacketType;

#[cfg(feature = "alloc")]
use crate::error::EncodeError;

use super::{Decoder, Packet};

/// One whole frame that a [`Decoder`] has accepted, with its bytes: a `Vec<u8>`, `bytes::Bytes`, an
/// `Arc<[u8]>`, a `[u8; N]`, or a slice that is only borrowed.
///
/// A [`Packet`] borrows from the buffer that it was read from, and cannot be kept longer than that buffer.
/// A frame that owns its bytes can be stored, cloned and sent to another thread.
///
/// ```
/// use mqtt_codec::v3::{Decoder, Frame, Packet};
///
/// # fn main() -> Result<(), mqtt_codec::DecodeError> {
/// let received = b"\x30\x07\x00\x03a/bhi".to_vec();
/// let frame = Frame::new(&Decoder::DEFAULT, received)?; // the bytes move in
/// let Packet::Publish(publish) = frame.packet() else { unreachable!() };
/// assert_eq!((publish.topic.as_str(), publish.payload), ("a/b", &b"hi"[..]));
/// assert_eq!(frame.into_inner(), b"\x30\x07\x00\x03a/bhi");
/// # Ok(())
/// # }
/// ```
///
/// `B` must give the same bytes whenever it is asked. Frames are equal when their bytes are, whatever their
/// decoders: `20 02 01 00` has session present set for MQTT 3.1.1 and not for 3.1, and is one frame for both.
#[derive(Clone, Copy)]
pub struct Frame<B> {
    decoder: Decoder,
    tolerated: Tolerated,
    bytes: B,
}

impl<B: AsRef<[u8]>> Frame<B> {
    /// Takes the bytes of exactly one frame, read by the rules of `decoder`.
    ///
    /// Errors: those of [`Decoder::decode`]; `truncated` at the end of `bytes` when the frame is not
    /// complete; `trailing_bytes` at the first byte behind it.
    pub fn new(decoder: &Decoder, bytes: B) -> Result<Self, DecodeError> {
        let tolerated = judge(decoder, bytes.as_ref())?;
        Ok(Self::judged(decoder, tolerated, bytes))
    }

    /// The packet, decoded again from the bytes: this costs what [`Decoder::decode`] costs, so call it
    /// once and keep what it gives.
    ///
    /// It cannot fail, as [`new`](Self::new) has read the same bytes by the same rules. Only where `B`
    /// gives other bytes now, and they are no packet, is this a [`Packet::PingReq`] made up.
    pub fn packet(&self) -> Packet<'_> {
        self.decode().unwrap_or(Packet::PingReq)
    }

    fn decode(&self) -> Result<Packet<'_>, DecodeError> {
        Packet::from_frame(&mut self.decoder.whole(self.as_bytes())?)
    }

    /// The packet's type, from the first byte alone.
    pub fn packet_type(&self) -> PacketType {
        let first = self.as_bytes().first().and_then(|first| PacketType::from_first_byte(*first).ok());
        first.unwrap_or(PacketType::PingReq) // as in `packet`
    }

    /// The frame's bytes, fixed header included.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.as_ref()
    }
}

impl<B> Frame<B> {
    /// A frame that `decoder` has accepted.
    pub(super) const fn judged(decoder: &Decoder, tolerated: Tolerated, bytes: B) -> Self {
        Self { decoder: *decoder, tolerated, bytes }
    }

    /// What the decoder's options have let through. The bytes still have it; the packet has the form that
    /// the rules allow.
    pub const fn tolerated(&self) -> Tolerated {
        self.tolerated
    }

    /// The bytes as they were given.
    pub fn into_inner(self) -> B {
        self.bytes
    }

    #[cfg(feature = "tokio-codec")]
    pub(super) const fn inner(&self) -> &B {
        &self.bytes
    }
}

#[cfg(feature = "alloc")]
impl<B: AsRef<[u8]> + From<alloc::vec::Vec<u8>>> Frame<B> {
    /// Encodes a packet into memory of its own, of exactly [`Packet::encoded_len`] bytes. Needs the feature
    /// `alloc`.
    ///
    /// ```
    /// use mqtt_codec::PacketId;
    /// use mqtt_codec::v3::{Frame, PubAck};
    ///
    /// # fn main() -> Result<(), mqtt_codec::EncodeError> {
    /// let frame = Frame::<Vec<u8>>::encode(&PubAck { id: PacketId::MIN }.into())?;
    /// assert_eq!(frame.as_bytes(), b"\x40\x02\x00\x01");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Errors: `Invalid`, as [`Packet::encode`]; nothing is allocated then.
    pub fn encode(packet: &Packet<'_>) -> Result<Self, EncodeError> {
        let mut bytes = alloc::vec![0; packet.checked_len()?];
        packet.encode(&mut bytes)?;
        Ok(Self::judged(&Decoder::DEFAULT, Tolerated::default(), bytes.into()))
    }
}

#[cfg(feature = "alloc")]
impl Packet<'_> {
    /// The bytes that `encode` writes, when the packet keeps the rules.
    pub(super) fn checked_len(&self) -> Result<usize, EncodeError> {
        match self.encode(&mut []) {
            Ok(len) | Err(EncodeError::BufferTooSmall { needed: len }) => Ok(len),
            Err(error) => Err(error),
        }
    }
}

/// Reads the one frame that `bytes` are.
fn judge(decoder: &Decoder, bytes: &[u8]) -> Result<Tolerated, DecodeError> {
    let mut frame = decoder.whole(bytes)?;
    Packet::from_frame(&mut frame)?;
    if bytes.len() > frame.len() {
        return Err(DecodeError::new(ErrorKind::TrailingBytes, frame.len()));
    }
    Ok(frame.tolerated())
}

impl<B: AsRef<[u8]>> AsRef<[u8]> for Frame<B> {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl<B: AsRef<[u8]>, C: AsRef<[u8]>> PartialEq<Frame<C>> for Frame<B> {
    fn eq(&self, other: &Frame<C>) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl<B: AsRef<[u8]>> Eq for Frame<B> {}

impl<B: AsRef<[u8]>> Hash for Frame<B> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl<B: AsRef<[u8]>> fmt::Debug for Frame<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Frame").field(&self.packet()).finish()
    }
}
