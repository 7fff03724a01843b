//! MQTT 3.1.1 and MQTT 3.1: the packets, and the decoder that finds them in a buffer.

mod ack;
mod connack;
mod connect;
mod empty;
mod publish;
pub mod stream;
mod suback;
mod subscribe;
mod unsubscribe;

pub use ack::{Ack, PubAck, PubComp, PubRec, PubRel, UnsubAck};
pub use connack::{ConnAck, ConnectReturnCode};
pub use connect::{Connect, Login, Will};
pub use empty::{Disconnect, PingReq, PingResp};
pub use publish::{Delivery, Publish, PublishHeader};
pub use suback::{SubAck, SubAckCode, SubAckCodes};
pub use subscribe::{Subscribe, Subscription, Subscriptions};
pub use unsubscribe::{TopicFilters, Unsubscribe};

use crate::error::{DecodeError, EncodeError, ErrorKind};
use crate::frame::{self, FixedHeader, Peek};
use crate::types::{PacketId, PacketType};
use crate::wire::Reader;

/// Which side of the connection decodes (section 2.2.1, table 2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Role {
    /// Takes every packet type.
    #[default]
    Any,
    /// Takes only what a server may send.
    Client,
    /// Takes only what a client may send.
    Server,
}

impl Role {
    /// True when this side may receive `packet_type`.
    pub const fn receives(self, packet_type: PacketType) -> bool {
        use PacketType::*;
        match packet_type {
            Connect | Subscribe | Unsubscribe | PingReq | Disconnect => !matches!(self, Self::Client),
            ConnAck | SubAck | UnsubAck | PingResp => !matches!(self, Self::Server),
            Publish | PubAck | PubRec | PubRel | PubComp => true,
        }
    }
}

/// A protocol version that this module speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// MQTT 3.1: protocol name `MQIsdp`, level 3.
    V3_1,
    /// MQTT 3.1.1: protocol name `MQTT`, level 4.
    #[default]
    V3_1_1,
}

impl Protocol {
    /// The protocol name that a CONNECT carries (section 3.1.2.1).
    pub const fn name(self) -> &'static str {
        match self {
            Self::V3_1 => "MQIsdp",
            Self::V3_1_1 => "MQTT",
        }
    }

    /// The protocol level that a CONNECT carries (section 3.1.2.2).
    pub const fn level(self) -> u8 {
        match self {
            Self::V3_1 => 3,
            Self::V3_1_1 => 4,
        }
    }
}

/// What an option of the decoder let through in a packet. The options of this version let nothing
/// through, so it is always empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Tolerated(u32);

impl Tolerated {
    /// Nothing was tolerated: the packet keeps every rule.
    pub const NOTHING: Self = Self(0);

    /// True when the packet keeps every rule.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// One bit for each thing tolerated, as C sees it.
    pub const fn bits(self) -> u32 {
        self.0
    }
}

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

/// How to decode: limits, role and version. [`Decoder::DEFAULT`] has no limit, any role and the
/// rules of MQTT 3.1.1; each setter gives a changed copy.
///
/// ```
/// use mqtt_codec::v3::{Decoder, Role};
/// const CLIENT: Decoder = Decoder::DEFAULT.role(Role::Client).max_packet_len(4096);
/// assert!(CLIENT.decode(&[0xc0, 0x00]).is_err()); // no server sends PINGREQ
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decoder {
    max_packet_len: u32,
    role: Role,
    protocol: Protocol,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Decoder {
    /// No limit, any role, MQTT 3.1.1.
    pub const DEFAULT: Self = Self { max_packet_len: u32::MAX, role: Role::Any, protocol: Protocol::V3_1_1 };

    /// Refuses frames longer than `len` bytes, fixed header included, with `packet_too_large` as soon
    /// as their length is known.
    #[must_use]
    pub const fn max_packet_len(mut self, len: u32) -> Self {
        self.max_packet_len = len;
        self
    }

    /// Refuses packet types that this side never receives with `wrong_direction`.
    #[must_use]
    pub const fn role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }

    /// The version whose rules hold. A CONNECT's body is judged by the version that it names itself;
    /// a server goes on with [`Connect::protocol`] for what the client sends after it. The flag bits of
    /// the fixed header, which MQTT 3.1 ignores in CONNECT, come before that name: a server that serves
    /// such clients starts with [`Protocol::V3_1`].
    #[must_use]
    pub const fn protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = protocol;
        self
    }

    /// Decodes the packet at the front of `buf`. Bytes after its frame are never looked at.
    ///
    /// Type, direction, flags, remaining length, `max_packet_len` and a length that the type can
    /// never have are judged, in this order, as soon as the fixed header shows them; everything else
    /// when the frame is whole.
    ///
    /// Errors: every [`ErrorKind`] but `string_too_long` and `packet_type_unexpected`. The
    /// specification wants the connection closed after any of them (\[MQTT-4.8.0-1\]).
    pub fn decode<'a>(&self, buf: &'a [u8]) -> Result<Decoded<'a>, DecodeError> {
        match self.split(buf)? {
            Split::Frame(frame) => {
                let packet = Packet::from_frame(&frame)?;
                Ok(Decoded::Packet { packet, len: frame.len(), tolerated: Tolerated::NOTHING })
            }
            Split::NeedMore { at_least } => Ok(Decoded::NeedMore { at_least }),
        }
    }

    /// Splits the frame at the front of `buf` from what follows, with its fixed header judged and its
    /// body unread: for who wants to know the type first, and reads it with the packet's own
    /// `from_frame`. A program links only the packets that it reads.
    ///
    /// Errors: those of [`Decoder::peek`].
    pub fn split<'a>(&self, buf: &'a [u8]) -> Result<Split<'a>, DecodeError> {
        let header = match self.peek(buf)? {
            Peek::Header(header) => header,
            Peek::NeedMore { at_least } => return Ok(Split::NeedMore { at_least }),
        };
        let len = header.frame_len() as usize;
        match buf.get(usize::from(header.header_len)..len) {
            Some(body) => {
                let body = Reader::new(body, len);
                Ok(Split::Frame(RawFrame { header, protocol: self.protocol, body }))
            }
            None => Ok(Split::NeedMore { at_least: len.saturating_sub(buf.len()) }),
        }
    }

    /// The frame that `buf` must begin with.
    ///
    /// Errors: those of [`Decoder::peek`], and `truncated` at the end of `buf` when the frame is not
    /// complete.
    pub fn whole<'a>(&self, buf: &'a [u8]) -> Result<RawFrame<'a>, DecodeError> {
        match self.split(buf)? {
            Split::Frame(frame) => Ok(frame),
            Split::NeedMore { .. } => Err(DecodeError::new(ErrorKind::Truncated, buf.len())),
        }
    }

    /// The packets in a buffer that holds several, one after the other.
    pub const fn frames<'a>(&self, buf: &'a [u8]) -> Frames<'a> {
        Frames { decoder: *self, rest: buf, failed: false }
    }

    /// Reads the fixed header and judges all that it shows.
    ///
    /// Errors, in the order in which they are looked for: `packet_type_reserved`, `wrong_direction`,
    /// `flags_reserved` (PUBLISH: `qos_reserved`, `dup_without_qos`), `remaining_length`,
    /// `remaining_length_padded`, `packet_too_large`, `truncated`, `trailing_bytes`.
    pub fn peek(&self, buf: &[u8]) -> Result<Peek, DecodeError> {
        let peek = frame::peek_with(buf, |packet_type, flags| self.judge_first_byte(packet_type, flags))?;
        if let Peek::Header(header) = &peek {
            if header.frame_len() > self.max_packet_len {
                return Err(DecodeError::new(ErrorKind::PacketTooLarge, 1));
            }
            judge_remaining_len(header)?;
        }
        Ok(peek)
    }

    fn judge_first_byte(&self, packet_type: PacketType, flags: u8) -> Result<(), ErrorKind> {
        if !self.role.receives(packet_type) {
            return Err(ErrorKind::WrongDirection); // table 2.1 (A29)
        }
        let Some(required) = packet_type.required_flags() else {
            return publish::judge_flags(flags);
        };
        // MQTT 3.1 gives a meaning to the QoS bits of PUBREL, SUBSCRIBE and UNSUBSCRIBE alone and
        // ignores the others (A30).
        let looked_at = match self.protocol {
            Protocol::V3_1 if required == 0 => 0,
            Protocol::V3_1 => 0b0110,
            Protocol::V3_1_1 => 0b1111,
        };
        if flags & looked_at == required {
            Ok(()) // [MQTT-2.2.2-1]
        } else {
            Err(ErrorKind::FlagsReserved) // [MQTT-2.2.2-2]
        }
    }
}

/// Refuses a remaining length that no packet of the type can have, whatever its body.
fn judge_remaining_len(header: &FixedHeader) -> Result<(), DecodeError> {
    use PacketType::*;
    let header_len = usize::from(header.header_len);
    let len = header.remaining_len;
    let (least, most) = match header.packet_type {
        Connect => (2, connect::MAX_LEN),
        Publish | Subscribe | SubAck | Unsubscribe => (2, u32::MAX),
        ConnAck | PubAck | PubRec | PubRel | PubComp | UnsubAck => (2, 2),
        PingReq | PingResp | Disconnect => (0, 0),
    };
    if len < least {
        // All that is missing is the two-byte field at the body's start, or CONNACK's return code.
        let missing = if matches!(header.packet_type, ConnAck) { len as usize } else { 0 };
        return Err(DecodeError::new(ErrorKind::Truncated, header_len.saturating_add(missing)));
    }
    if len > most {
        return Err(DecodeError::new(ErrorKind::TrailingBytes, header_len.saturating_add(most as usize)));
    }
    Ok(())
}

/// What [`Decoder::split`] found at the front of a buffer.
#[derive(Clone, Debug)]
pub enum Split<'a> {
    /// A whole frame.
    Frame(RawFrame<'a>),
    /// The frame is not complete.
    NeedMore {
        /// The bytes still missing, as in [`Decoded::NeedMore`].
        at_least: usize,
    },
}

/// A whole frame whose fixed header was judged and whose body was not yet read.
#[derive(Clone, Debug)]
pub struct RawFrame<'a> {
    header: FixedHeader,
    protocol: Protocol,
    body: Reader<'a>,
}

impl<'a> RawFrame<'a> {
    /// The packet's type.
    pub const fn packet_type(&self) -> PacketType {
        self.header.packet_type
    }

    /// The bytes of the whole frame, fixed header included; never 0.
    #[allow(clippy::len_without_is_empty)]
    pub const fn len(&self) -> usize {
        self.header.frame_len() as usize
    }

    /// The error for who does not receive this type.
    pub const fn wrong_direction(&self) -> DecodeError {
        DecodeError::new(ErrorKind::WrongDirection, 0)
    }

    /// Refuses a frame of another type.
    fn expect(&self, packet_type: PacketType) -> Result<&Self, DecodeError> {
        if self.header.packet_type as u8 == packet_type as u8 {
            Ok(self)
        } else {
            Err(DecodeError::new(ErrorKind::PacketTypeUnexpected, 0))
        }
    }

    /// Reads the body to its last byte.
    #[inline]
    fn read<T>(
        &self,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        let mut body = self.body.clone();
        let packet = read(&mut body)?;
        body.finish()?;
        Ok(packet)
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
                self.failed = true;
                Some(Err(error))
            }
        }
    }
}

impl core::iter::FusedIterator for Frames<'_> {}

/// Any of the 14 packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // each variant is documented at its struct
pub enum Packet<'a> {
    Connect(Connect<'a>),
    ConnAck(ConnAck),
    Publish(Publish<'a>),
    PubAck(PubAck),
    PubRec(PubRec),
    PubRel(PubRel),
    PubComp(PubComp),
    Subscribe(Subscribe<'a>),
    SubAck(SubAck<'a>),
    Unsubscribe(Unsubscribe<'a>),
    UnsubAck(UnsubAck),
    PingReq,
    PingResp,
    Disconnect,
}

impl<'a> Packet<'a> {
    /// Reads a frame of any type.
    ///
    /// Errors: those of the packet's own `from_frame`.
    pub fn from_frame(frame: &RawFrame<'a>) -> Result<Self, DecodeError> {
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
    fn from(packet: Connect<'a>) -> Self {
        Self::Connect(packet)
    }
}

impl From<ConnAck> for Packet<'_> {
    fn from(packet: ConnAck) -> Self {
        Self::ConnAck(packet)
    }
}

impl<'a> From<Publish<'a>> for Packet<'a> {
    fn from(packet: Publish<'a>) -> Self {
        Self::Publish(packet)
    }
}

impl From<PubAck> for Packet<'_> {
    fn from(packet: PubAck) -> Self {
        Self::PubAck(packet)
    }
}

impl From<PubRec> for Packet<'_> {
    fn from(packet: PubRec) -> Self {
        Self::PubRec(packet)
    }
}

impl From<PubRel> for Packet<'_> {
    fn from(packet: PubRel) -> Self {
        Self::PubRel(packet)
    }
}

impl From<PubComp> for Packet<'_> {
    fn from(packet: PubComp) -> Self {
        Self::PubComp(packet)
    }
}

impl<'a> From<Subscribe<'a>> for Packet<'a> {
    fn from(packet: Subscribe<'a>) -> Self {
        Self::Subscribe(packet)
    }
}

impl<'a> From<SubAck<'a>> for Packet<'a> {
    fn from(packet: SubAck<'a>) -> Self {
        Self::SubAck(packet)
    }
}

impl<'a> From<Unsubscribe<'a>> for Packet<'a> {
    fn from(packet: Unsubscribe<'a>) -> Self {
        Self::Unsubscribe(packet)
    }
}

impl From<UnsubAck> for Packet<'_> {
    fn from(packet: UnsubAck) -> Self {
        Self::UnsubAck(packet)
    }
}

impl From<PingReq> for Packet<'_> {
    fn from(_: PingReq) -> Self {
        Self::PingReq
    }
}

impl From<PingResp> for Packet<'_> {
    fn from(_: PingResp) -> Self {
        Self::PingResp
    }
}

impl From<Disconnect> for Packet<'_> {
    fn from(_: Disconnect) -> Self {
        Self::Disconnect
    }
}
