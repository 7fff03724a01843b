//! MQTT 3.1.1 and MQTT 3.1: the packets, and the decoder that finds them in a buffer.

mod ack;
mod connack;
mod connect;
mod decoder;
mod empty;
mod filters;
mod owned;
mod publish;
mod publish_writer;
pub mod stream;
mod suback;
mod subscribe;
#[cfg(feature = "tokio-codec")]
pub mod tokio;
mod unsubscribe;
mod window;

pub use ack::{Ack, PubAck, PubComp, PubRec, PubRel, UnsubAck};
pub use connack::{ConnAck, ConnectReturnCode};
pub use connect::{Connect, Login, Will};
pub use decoder::{Decoder, Protocol, RawFrame, Role, Split};
pub use empty::{Disconnect, PingReq, PingResp};
pub use owned::Frame;
pub use publish::{Delivery, PatchError, Publish, PublishHeader};
pub use publish_writer::{PayloadLenError, PublishWriter};
pub use suback::{SubAck, SubAckCode, SubAckCodes};
pub use subscribe::{Subscribe, Subscription, Subscriptions, UnvalidatedSubscribe, UnvalidatedSubscription};
pub use unsubscribe::{TopicFilters, Unsubscribe, UnvalidatedUnsubscribe};

#[doc(hidden)]
pub use ack::encode_ack;
#[doc(hidden)]
pub use connect::ConnectParts;
#[cfg(feature = "arbitrary")]
pub(crate) use connect::MAX_CLIENT_ID_3_1;
#[doc(hidden)]
pub use empty::encode_empty;
#[doc(hidden)]
pub use filters::{AnyFilter, encode_filters};
#[doc(hidden)]
pub use publish::PublishParts;

pub use crate::options::Tolerated;

use crate::error::{DecodeError, EncodeError};
use crate::frame::Halt;
use crate::types::{PacketId, PacketType};

/// What [`decode`] found at the front of a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoded<'a> {
    /// A whole packet.
    Packet {
        /// The packet; its strings and payload point into the buffer.
        packet: Packet<'a>,
        /// The bytes of its frame; the next packet starts behind them.
        len: usize,
        /// What the decoder's options let through.
        tolerated: Tolerated,
    },
    /// The frame is not complete.
    NeedMore {
        /// The bytes still missing: 2 for an empty buffer, 1 while the remaining length is
        /// unfinished, afterwards the exact number.
        at_least: usize,
    },
}

/// Decodes the packet at the front of `buf` by the rules of MQTT 3.1.1; a CONNECT by those of the
/// version it names. The same as [`Decoder::DEFAULT`]`.decode(buf)`.
///
/// Errors: those of [`Decoder::decode`].
#[inline]
pub fn decode(buf: &[u8]) -> Result<Decoded<'_>, DecodeError> {
    Decoder::DEFAULT.decode(buf)
}

/// The packets in a buffer that holds several, one after the other, by the default rules.
///
/// ```
/// use mqtt_codec::v3::{Packet, frames};
/// let mut packets = frames(b"\xd0\x00\x40\x02\x00\x07\x30");
/// assert_eq!(packets.next(), Some(Ok(Packet::PingResp)));
/// assert!(matches!(packets.next(), Some(Ok(Packet::PubAck(ack))) if ack.id.get() == 7));
/// assert_eq!(packets.next(), None);
/// assert_eq!(packets.rest(), b"\x30"); // the start of a packet that has not come yet
/// ```
pub fn frames(buf: &[u8]) -> Frames<'_> {
    Decoder::DEFAULT.frames(buf)
}

// The numbers of the types that are not left to `decode_rare`, to match on.
const CONNECT: u8 = PacketType::Connect as u8;
const SUBSCRIBE: u8 = PacketType::Subscribe as u8;
const PUBLISH: u8 = PacketType::Publish as u8;
const PUBACK: u8 = PacketType::PubAck as u8;
const SUBACK: u8 = PacketType::SubAck as u8;
const PINGREQ: u8 = PacketType::PingReq as u8;
const PINGRESP: u8 = PacketType::PingResp as u8;

/// A packet that is read from a frame of its type. (A trait and not a function to call back: that would not
/// be inlined where it counts.)
trait Read<'a>: Into<Packet<'a>> {
    fn read(frame: &mut RawFrame<'a>) -> Result<Self, DecodeError>;
}

impl<'a> Read<'a> for Publish<'a> {
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn read(frame: &mut RawFrame<'a>) -> Result<Self, DecodeError> {
        Self::from_frame(frame)
    }
}

impl<'a> Read<'a> for PubAck {
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn read(frame: &mut RawFrame<'a>) -> Result<Self, DecodeError> {
        Self::from_frame(frame)
    }
}

impl<'a> Read<'a> for SubAck<'a> {
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn read(frame: &mut RawFrame<'a>) -> Result<Self, DecodeError> {
        Self::from_frame(frame)
    }
}

impl<'a> Read<'a> for PingReq {
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn read(frame: &mut RawFrame<'a>) -> Result<Self, DecodeError> {
        Self::from_frame(frame)
    }
}

impl<'a> Read<'a> for PingResp {
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn read(frame: &mut RawFrame<'a>) -> Result<Self, DecodeError> {
        Self::from_frame(frame)
    }
}

impl<'a> Read<'a> for Connect<'a> {
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn read(frame: &mut RawFrame<'a>) -> Result<Self, DecodeError> {
        Self::from_frame(frame)
    }
}

impl<'a> Read<'a> for Subscribe<'a> {
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn read(frame: &mut RawFrame<'a>) -> Result<Self, DecodeError> {
        Self::from_frame(frame)
    }
}

impl<'a> Read<'a> for Packet<'a> {
    fn read(frame: &mut RawFrame<'a>) -> Result<Self, DecodeError> {
        Self::from_frame(frame)
    }
}

/// What is made of the packet that a decoder has found: there, and not somewhere to be copied from.
trait Sink<'a> {
    type Answer;
    fn packet(self, packet: Packet<'a>, len: usize, tolerated: Tolerated) -> Self::Answer;
    fn need_more(self, at_least: usize) -> Self::Answer;
    fn refused(self, error: DecodeError) -> Self::Answer;
}

/// For who has the buffer.
struct AsDecoded;

impl<'a> Sink<'a> for AsDecoded {
    type Answer = Result<Decoded<'a>, DecodeError>;

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn packet(self, packet: Packet<'a>, len: usize, tolerated: Tolerated) -> Self::Answer {
        Ok(Decoded::Packet { packet, len, tolerated })
    }

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn need_more(self, at_least: usize) -> Self::Answer {
        Ok(Decoded::NeedMore { at_least })
    }

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn refused(self, error: DecodeError) -> Self::Answer {
        Err(error)
    }
}

impl Decoder {
    /// Decodes the packet at the front of `buf`. Bytes after its frame are never looked at.
    ///
    /// Type, direction, flags, remaining length, `max_packet_len` and a length that the type can
    /// never have are judged, in this order, as soon as the fixed header shows them; everything else
    /// when the frame is whole.
    ///
    /// Errors: every [`ErrorKind`](crate::ErrorKind) but `string_too_long` and `packet_type_unexpected`. The
    /// specification wants the connection closed after any of them (\[MQTT-4.8.0-1\]).
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub fn decode<'a>(&self, buf: &'a [u8]) -> Result<Decoded<'a>, DecodeError> {
        self.decode_into(buf, AsDecoded)
    }

    /// One jump by the type, for those that are frequent: in its arm all that depends on the type is settled
    /// when this is compiled, and no arm copies what only another one fills.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn decode_into<'a, S: Sink<'a>>(&self, buf: &'a [u8], sink: S) -> S::Answer {
        match buf.first().map(|first| first >> 4) {
            Some(PUBLISH) => self.decode_as::<Publish<'_>, S>(buf, sink),
            Some(PUBACK) => self.decode_as::<PubAck, S>(buf, sink),
            Some(SUBACK) => self.decode_as::<SubAck<'_>, S>(buf, sink),
            Some(PINGREQ) => self.decode_as::<PingReq, S>(buf, sink),
            Some(PINGRESP) => self.decode_as::<PingResp, S>(buf, sink),
            _ => self.decode_rare(buf, sink),
        }
    }

    /// The same for types that are too large or too rare to stand in every user of `decode`.
    #[inline(never)]
    fn decode_rare<'a, S: Sink<'a>>(&self, buf: &'a [u8], sink: S) -> S::Answer {
        match buf.first().map(|first| first >> 4) {
            Some(CONNECT) => self.decode_as::<Connect<'_>, S>(buf, sink),
            Some(SUBSCRIBE) => self.decode_as::<Subscribe<'_>, S>(buf, sink),
            _ => self.decode_as::<Packet<'_>, S>(buf, sink),
        }
    }

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn decode_as<'a, P: Read<'a>, S: Sink<'a>>(&self, buf: &'a [u8], sink: S) -> S::Answer {
        let mut frame = match self.frame(buf) {
            Ok(frame) => frame,
            Err(Halt::NeedMore { at_least }) => return sink.need_more(at_least),
            Err(Halt::Refused(error)) => return sink.refused(error),
        };
        match P::read(&mut frame) {
            Ok(packet) => sink.packet(packet.into(), frame.len(), frame.tolerated()),
            Err(error) => sink.refused(error),
        }
    }

    /// The packets in a buffer that holds several, one after the other.
    pub const fn frames<'a>(&self, buf: &'a [u8]) -> Frames<'a> {
        Frames { decoder: *self, rest: buf, failed: false }
    }
}

/// An iterator over the packets of a buffer; see [`frames`]. It ends at a frame that is not
/// complete, and after an error: what follows a broken frame is not read.
#[derive(Clone, Debug)]
pub struct Frames<'a> {
    decoder: Decoder,
    rest: &'a [u8],
    failed: bool,
}

impl<'a> Frames<'a> {
    /// The bytes that were not taken: the start of a frame that is not complete, or the broken frame
    /// and all that follows it.
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Result<Packet<'a>, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        match self.decoder.decode(self.rest) {
            Ok(Decoded::Packet { packet, len, .. }) => {
                self.rest = self.rest.get(len..).unwrap_or_default();
                Some(Ok(packet))
            }
            Ok(Decoded::NeedMore { .. }) => None,
            Err(error) => {
                self.failed = true; // [MQTT-4.8.0-1]
                Some(Err(error))
            }
        }
    }
}

impl core::iter::FusedIterator for Frames<'_> {}

/// Any of the 14 packets.
///
/// The tag is a byte of its own, and the packet type's number: hidden in a field that has values to spare,
/// it would have to be worked out for every `match`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Packet<'a> {
    /// A client asks for a connection.
    Connect(Connect<'a>) = 1,
    /// The server's answer to CONNECT.
    ConnAck(ConnAck) = 2,
    /// A message.
    Publish(Publish<'a>) = 3,
    /// Acknowledges a PUBLISH of QoS 1.
    PubAck(PubAck) = 4,
    /// The first answer to a PUBLISH of QoS 2.
    PubRec(PubRec) = 5,
    /// The answer to PUBREC.
    PubRel(PubRel) = 6,
    /// The answer to PUBREL.
    PubComp(PubComp) = 7,
    /// A client asks for messages.
    Subscribe(Subscribe<'a>) = 8,
    /// The answer to SUBSCRIBE.
    SubAck(SubAck<'a>) = 9,
    /// A client ends subscriptions.
    Unsubscribe(Unsubscribe<'a>) = 10,
    /// The answer to UNSUBSCRIBE.
    UnsubAck(UnsubAck) = 11,
    /// A client shows that it is there.
    PingReq = 12,
    /// The answer to PINGREQ.
    PingResp = 13,
    /// A client ends the connection.
    Disconnect = 14,
}

impl<'a> Packet<'a> {
    /// Reads a frame of any type.
    ///
    /// Errors: those of the packet's own `from_frame`.
    pub fn from_frame(frame: &mut RawFrame<'a>) -> Result<Self, DecodeError> {
        Ok(match frame.packet_type() {
            PacketType::Connect => Self::Connect(Connect::from_frame(frame)?),
            PacketType::ConnAck => Self::ConnAck(ConnAck::from_frame(frame)?),
            PacketType::Publish => Self::Publish(Publish::from_frame(frame)?),
            PacketType::PubAck => Self::PubAck(Ack::from_frame(frame)?),
            PacketType::PubRec => Self::PubRec(Ack::from_frame(frame)?),
            PacketType::PubRel => Self::PubRel(Ack::from_frame(frame)?),
            PacketType::PubComp => Self::PubComp(Ack::from_frame(frame)?),
            PacketType::Subscribe => Self::Subscribe(Subscribe::from_frame(frame)?),
            PacketType::SubAck => Self::SubAck(SubAck::from_frame(frame)?),
            PacketType::Unsubscribe => Self::Unsubscribe(Unsubscribe::from_frame(frame)?),
            PacketType::UnsubAck => Self::UnsubAck(Ack::from_frame(frame)?),
            PacketType::PingReq => Self::PingReq,
            PacketType::PingResp => Self::PingResp,
            PacketType::Disconnect => Self::Disconnect,
        })
    }

    /// The bytes that `encode` writes, when the packet keeps the rules.
    pub fn encoded_len(&self) -> usize {
        match self {
            Self::Connect(packet) => packet.encoded_len(),
            Self::ConnAck(packet) => packet.encoded_len(),
            Self::Publish(packet) => packet.encoded_len(),
            Self::PubAck(packet) => packet.encoded_len(),
            Self::PubRec(packet) => packet.encoded_len(),
            Self::PubRel(packet) => packet.encoded_len(),
            Self::PubComp(packet) => packet.encoded_len(),
            Self::Subscribe(packet) => packet.encoded_len(),
            Self::SubAck(packet) => packet.encoded_len(),
            Self::Unsubscribe(packet) => packet.encoded_len(),
            Self::UnsubAck(packet) => packet.encoded_len(),
            Self::PingReq => PingReq.encoded_len(),
            Self::PingResp => PingResp.encoded_len(),
            Self::Disconnect => Disconnect.encoded_len(),
        }
    }

    /// Writes the packet to the front of `out` and returns its length. On an error `out` is
    /// untouched.
    ///
    /// Errors: `BufferTooSmall` with the size needed; `Invalid` with the rule that the packet breaks,
    /// as the packet's own `encode` lists them.
    pub fn encode(&self, out: &mut [u8]) -> Result<usize, EncodeError> {
        // The large ones are never inlined on a 64-bit machine, so that nothing is done here but to jump to
        // them, and none saves the registers that another one needs.
        match self {
            Self::Connect(packet) => packet.encode(out),
            Self::ConnAck(packet) => packet.encode(out),
            Self::Publish(packet) => packet.encode(out),
            Self::PubAck(packet) => packet.encode(out),
            Self::PubRec(packet) => packet.encode(out),
            Self::PubRel(packet) => packet.encode(out),
            Self::PubComp(packet) => packet.encode(out),
            Self::Subscribe(packet) => packet.encode(out),
            Self::SubAck(packet) => packet.encode(out),
            Self::Unsubscribe(packet) => packet.encode(out),
            Self::UnsubAck(packet) => packet.encode(out),
            Self::PingReq => PingReq.encode(out),
            Self::PingResp => PingResp.encode(out),
            Self::Disconnect => Disconnect.encode(out),
        }
    }

    /// The packet's type.
    pub const fn packet_type(&self) -> PacketType {
        match self {
            Self::Connect(_) => PacketType::Connect,
            Self::ConnAck(_) => PacketType::ConnAck,
            Self::Publish(_) => PacketType::Publish,
            Self::PubAck(_) => PacketType::PubAck,
            Self::PubRec(_) => PacketType::PubRec,
            Self::PubRel(_) => PacketType::PubRel,
            Self::PubComp(_) => PacketType::PubComp,
            Self::Subscribe(_) => PacketType::Subscribe,
            Self::SubAck(_) => PacketType::SubAck,
            Self::Unsubscribe(_) => PacketType::Unsubscribe,
            Self::UnsubAck(_) => PacketType::UnsubAck,
            Self::PingReq => PacketType::PingReq,
            Self::PingResp => PacketType::PingResp,
            Self::Disconnect => PacketType::Disconnect,
        }
    }

    /// The packet identifier, where the packet has one (section 2.3.1, table 2.5).
    pub const fn packet_id(&self) -> Option<PacketId> {
        match self {
            Self::Publish(packet) => packet.packet_id(),
            Self::PubAck(packet) => packet.packet_id(),
            Self::PubRec(packet) => packet.packet_id(),
            Self::PubRel(packet) => packet.packet_id(),
            Self::PubComp(packet) => packet.packet_id(),
            Self::Subscribe(packet) => packet.packet_id(),
            Self::SubAck(packet) => packet.packet_id(),
            Self::Unsubscribe(packet) => packet.packet_id(),
            Self::UnsubAck(packet) => packet.packet_id(),
            Self::Connect(_) | Self::ConnAck(_) | Self::PingReq | Self::PingResp | Self::Disconnect => None,
        }
    }
}

impl<'a> From<Connect<'a>> for Packet<'a> {
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn from(packet: Connect<'a>) -> Self {
        Self::Connect(packet)
    }
}

impl From<ConnAck> for Packet<'_> {
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn from(packet: ConnAck) -> Self {
        Self::ConnAck(packet)
    }
}

impl<'a> From<Publish<'a>> for Packet<'a> {
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn from(packet: Publish<'a>) -> Self {
        Self::Publish(packet)
    }
}

impl From<PubAck> for Packet<'_> {
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn from(packet: PubAck) -> Self {
        Self::PubAck(packet)
    }
}

impl From<PubRec> for Packet<'_> {
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn from(packet: PubRec) -> Self {
        Self::PubRec(packet)
    }
}

impl From<PubRel> for Packet<'_> {
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn from(packet: PubRel) -> Self {
        Self::PubRel(packet)
    }
}

impl From<PubComp> for Packet<'_> {
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn from(packet: PubComp) -> Self {
        Self::PubComp(packet)
    }
}

impl<'a> From<Subscribe<'a>> for Packet<'a> {
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn from(packet: Subscribe<'a>) -> Self {
        Self::Subscribe(packet)
    }
}

impl<'a> From<SubAck<'a>> for Packet<'a> {
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn from(packet: SubAck<'a>) -> Self {
        Self::SubAck(packet)
    }
}

impl<'a> From<Unsubscribe<'a>> for Packet<'a> {
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn from(packet: Unsubscribe<'a>) -> Self {
        Self::Unsubscribe(packet)
    }
}

impl From<UnsubAck> for Packet<'_> {
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn from(packet: UnsubAck) -> Self {
        Self::UnsubAck(packet)
    }
}

impl From<PingReq> for Packet<'_> {
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn from(_: PingReq) -> Self {
        Self::PingReq
    }
}

impl From<PingResp> for Packet<'_> {
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn from(_: PingResp) -> Self {
        Self::PingResp
    }
}

impl From<Disconnect> for Packet<'_> {
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn from(_: Disconnect) -> Self {
        Self::Disconnect
    }
}
