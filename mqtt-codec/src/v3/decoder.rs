//! How to decode: role, version, limits and options; and the fixed header, judged by them.

use crate::error::{DecodeError, ErrorKind};
use crate::frame::{Halt, Header, Peek};
use crate::options::{Options, Tolerated};
use crate::types::PacketType;
use crate::wire::{IS_BIG_MACHINE, MAX_FIELD_LEN, PREFIX_LEN, Reader};

// The flags of a PUBLISH (section 3.3.1).
pub(super) const RETAIN: u8 = 1;
pub(super) const QOS_SHIFT: u8 = 1;
pub(super) const DUP: u8 = 1 << 3;

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
        !Directions::refused_by(self).cover(packet_type)
    }
}

/// A set of directions, as bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Directions(u8);

impl Directions {
    const NONE: Self = Self(0);
    const TO_SERVER: Self = Self(1);
    const TO_CLIENT: Self = Self(2);

    /// The direction that a type is bound to (table 2.1).
    const fn only_of(packet_type: PacketType) -> Self {
        use PacketType::*;
        match packet_type {
            Connect | Subscribe | Unsubscribe | PingReq | Disconnect => Self::TO_SERVER,
            ConnAck | SubAck | UnsubAck | PingResp => Self::TO_CLIENT,
            Publish | PubAck | PubRec | PubRel | PubComp => Self::NONE,
        }
    }

    /// True when a type is bound to one of these directions.
    const fn cover(self, packet_type: PacketType) -> bool {
        self.0 & Self::only_of(packet_type).0 != 0
    }

    const fn refused_by(role: Role) -> Self {
        match role {
            Role::Any => Self::NONE,
            Role::Client => Self::TO_SERVER,
            Role::Server => Self::TO_CLIENT,
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

/// How to decode: limits, role and version. [`Decoder::DEFAULT`] has no limit, any role and the
/// rules of MQTT 3.1.1; each setter gives a changed copy.
///
/// ```
/// use mqtt_codec::v3::{Decoder, Role};
/// const CLIENT: Decoder = Decoder::DEFAULT.role(Role::Client).max_packet_len(4096);
/// assert!(CLIENT.decode(&[0xc0, 0x00]).is_err()); // no server sends PINGREQ
/// ```
///
/// A SUBSCRIBE whose filters are to be left unvalidated (A25) has no option but a type:
/// [`UnvalidatedSubscribe`](crate::v3::UnvalidatedSubscribe). A packet with filters that break their
/// rules would not be a [`Subscribe`](crate::v3::Subscribe).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decoder {
    max_packet_len: u32,
    refused: Directions,
    protocol: Protocol,
    options: Options,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Decoder {
    /// No limit, any role, MQTT 3.1.1.
    pub const DEFAULT: Self = Self {
        max_packet_len: u32::MAX,
        refused: Directions::NONE,
        protocol: Protocol::V3_1_1,
        options: Options::NONE,
    };

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
        self.refused = Directions::refused_by(role);
        self
    }

    /// Refuses, beside what is refused already, the packet types that `role` never receives: the
    /// stricter of two roles.
    #[doc(hidden)]
    #[must_use]
    pub const fn and_role(mut self, role: Role) -> Self {
        self.refused.0 |= Directions::refused_by(role).0;
        self
    }

    /// The version whose rules hold. The body of a CONNECT is decoded by the version that it names itself; a
    /// server goes on with [`Connect::protocol`](crate::v3::Connect::protocol) for what that client sends
    /// next.
    ///
    /// The header flags of a CONNECT come before its version. MQTT 3.1.1 requires them to be 0, MQTT 3.1
    /// ignores them (A30). A decoder for MQTT 3.1.1 refuses other flags at once, even in a CONNECT of
    /// MQTT 3.1. A decoder for MQTT 3.1 refuses them only when the CONNECT turns out to be one of MQTT 3.1.1.
    /// A server that serves both versions therefore starts with a decoder for [`Protocol::V3_1`].
    #[must_use]
    pub const fn protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = protocol;
        self
    }

    /// Takes a remaining length that is not in its shortest form, such as `c0 80 00` (A01). Off by
    /// default: `remaining_length_padded`.
    #[must_use]
    pub const fn allow_padded_remaining_length(self, on: bool) -> Self {
        self.with(Options::PADDED_REMAINING_LENGTH, on)
    }

    /// Takes a PUBLISH of QoS 0 that has DUP set, and drops the DUP (A02). Off by default:
    /// `dup_without_qos`.
    #[must_use]
    pub const fn allow_dup_without_qos(self, on: bool) -> Self {
        self.with(Options::DUP_WITHOUT_QOS, on)
    }

    /// Takes a CONNECT that has a password and no user name, with an empty user name: many devices send
    /// it (A08). Off by default: `password_without_user_name`.
    #[must_use]
    pub const fn allow_password_without_user_name(self, on: bool) -> Self {
        self.with(Options::PASSWORD_WITHOUT_USER_NAME, on)
    }

    /// Takes a CONNECT whose protocol level has bit 7 set, as bridges between brokers send it, and drops
    /// the bit (A12). Off by default: `protocol_level`.
    #[must_use]
    pub const fn allow_bridge_bit(self, on: bool) -> Self {
        self.with(Options::BRIDGE_BIT, on)
    }

    /// Takes reserved return codes in a SUBACK, as they are (A16). Off by default:
    /// `suback_return_code`.
    #[must_use]
    pub const fn allow_raw_suback_codes(self, on: bool) -> Self {
        self.with(Options::RAW_SUBACK_CODES, on)
    }

    /// Takes a reserved return code in a CONNACK, as it is (A17). Off by default: `return_code`.
    #[must_use]
    pub const fn allow_raw_connack_codes(self, on: bool) -> Self {
        self.with(Options::RAW_CONNACK_CODES, on)
    }

    /// Takes a CONNACK that refuses and has session present set, and drops the latter (A18). Off by
    /// default: `session_present_with_refusal`.
    #[must_use]
    pub const fn allow_session_present_with_refusal(self, on: bool) -> Self {
        self.with(Options::SESSION_PRESENT_WITH_REFUSAL, on)
    }

    /// Takes a SUBACK, UNSUBACK, PUBACK, PUBREC, PUBREL or PUBCOMP whose header has other flag bits than the
    /// type must have, and drops them (A23). Off by default: `flags_reserved`.
    ///
    /// Brokers send them: ThingsBoard, Moquette up to 0.11 and MoP put the QoS into the flags of what they
    /// answer, such as `92` for a SUBACK, and a client that refuses it can do nothing with them. No option
    /// lets the flag bits of another type pass.
    #[must_use]
    pub const fn allow_ack_flags(self, on: bool) -> Self {
        self.with(Options::ACK_FLAGS, on)
    }

    /// Refuses strings that hold a control character (U+0001 to U+001F, U+007F to U+009F) or a
    /// non-character (U+FDD0 to U+FDEF, and the last two of each plane) with `character_discouraged`:
    /// section 1.5.3 wants them not sent, and lets a receiver close (A20, A21). Off by default.
    #[must_use]
    pub const fn refuse_control_characters(self, on: bool) -> Self {
        self.with(Options::NO_CONTROL_CHARACTERS, on)
    }

    /// MQTT 3.1: takes client identifiers of more than 23 characters, as most of its brokers do (A32).
    /// Off by default: `client_id_rejected`. An empty one stays refused.
    #[must_use]
    pub const fn allow_long_client_id_3_1(self, on: bool) -> Self {
        self.with(Options::LONG_CLIENT_ID_3_1, on)
    }

    /// MQTT 3.1: wants the unused flag bits of the fixed header to be those of MQTT 3.1.1 (A30), in a CONNECT
    /// too. Off by default: they are ignored.
    #[must_use]
    pub const fn strict_flags_3_1(self, on: bool) -> Self {
        self.with(Options::STRICT_FLAGS_3_1, on)
    }

    /// MQTT 3.1: wants bit 0 of the connect flags to be 0 (A31). Off by default: it is ignored.
    #[must_use]
    pub const fn strict_connect_flag_3_1(self, on: bool) -> Self {
        self.with(Options::STRICT_CONNECT_FLAG_3_1, on)
    }

    /// MQTT 3.1: wants the user name and the password to be there when their flags say so (A33). Off by
    /// default: a packet that ends before them has none.
    #[must_use]
    pub const fn strict_login_3_1(self, on: bool) -> Self {
        self.with(Options::STRICT_LOGIN_3_1, on)
    }

    /// MQTT 3.1: refuses 0x80 in a SUBACK, which that version does not know (A35), with
    /// `suback_return_code`. Off by default: brokers send it.
    #[must_use]
    pub const fn refuse_suback_failure_3_1(self, on: bool) -> Self {
        self.with(Options::NO_SUBACK_FAILURE_3_1, on)
    }

    /// The bits of all options that there are: the lower half lets something pass, the upper half refuses.
    #[doc(hidden)]
    pub const ALL_OPTION_BITS: u32 = Options::ALL;

    /// Sets the options from the bits of C's `mqttc_decoder.options`; `None` for bits that are no option. One of them
    /// is C's alone: [`RawFrame::allows_bad_filters`].
    #[doc(hidden)]
    #[must_use]
    pub const fn with_option_bits(mut self, bits: u32) -> Option<Self> {
        match Options::from_bits(bits) {
            Some(options) => {
                self.options = options;
                Some(self)
            }
            None => None,
        }
    }

    const fn with(mut self, option: u32, on: bool) -> Self {
        self.options = self.options.with(option, on);
        self
    }

    /// Splits the frame at the front of `buf` from what follows, with its fixed header judged and its
    /// body unread: for who wants to know the type first, and reads it with the packet's own
    /// `from_frame`. A program links only the packets that it reads.
    ///
    /// Errors: those of [`Decoder::peek`].
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub fn split<'a>(&self, buf: &'a [u8]) -> Result<Split<'a>, DecodeError> {
        match self.frame(buf) {
            Ok(frame) => Ok(Split::Frame(frame)),
            Err(Halt::NeedMore { at_least }) => Ok(Split::NeedMore { at_least }),
            Err(Halt::Refused(error)) => Err(error),
        }
    }

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(super) fn frame<'a>(&self, buf: &'a [u8]) -> Result<RawFrame<'a>, Halt> {
        let header = self.header(buf)?;
        let body = if !IS_BIG_MACHINE {
            buf.get(header.header_len..header.frame_len)
        } else {
            // Two branches are cheaper than what the compiler joins the range's two comparisons with.
            buf.get(header.header_len..).and_then(|rest| rest.get(..header.remaining_len()))
        };
        match body {
            Some(body) => {
                let body = self.reader(&header, body, header.frame_len);
                let Header { packet_type, flags, .. } = header;
                Ok(RawFrame { packet_type, flags, protocol: self.protocol, body })
            }
            None => Err(Halt::NeedMore { at_least: header.frame_len.wrapping_sub(buf.len()) }),
        }
    }

    /// A reader of what follows a fixed header; `end` is where that ends in the frame.
    #[inline(always)]
    pub(super) fn reader<'a>(&self, header: &Header, body: &'a [u8], end: usize) -> Reader<'a> {
        let mut r = Reader::new(body, end, self.options);
        if IS_BIG_MACHINE {
            // One question for both, as it is asked for every packet.
            if self.options.has(Options::PADDED_REMAINING_LENGTH | Options::ACK_FLAGS) {
                r.tolerate(self.let_through(*header));
            }
        } else if header.was_padded {
            r.tolerate(Options::PADDED_REMAINING_LENGTH);
        }
        r
    }

    /// The options that have let something through in a fixed header: what is wrong there all the same. (By value:
    /// what is pointed to would be kept in memory.)
    #[cold]
    #[inline(never)]
    const fn let_through(self, header: Header) -> u32 {
        let padded = if header.is_padded() { Options::PADDED_REMAINING_LENGTH } else { 0 };
        padded | flags_let_through(header.packet_type, header.flags, self.protocol, self.options)
    }

    /// The frame that `buf` must begin with.
    ///
    /// Errors: those of [`Decoder::peek`], and `truncated` at the end of `buf` when the frame is not
    /// complete.
    pub fn whole<'a>(&self, buf: &'a [u8]) -> Result<RawFrame<'a>, DecodeError> {
        self.frame(buf).map_err(|halt| match halt {
            Halt::NeedMore { .. } => DecodeError::new(ErrorKind::Truncated, buf.len()),
            Halt::Refused(error) => error,
        })
    }

    /// Reads the fixed header and judges all that it shows.
    ///
    /// Errors, in the order in which they are looked for: `packet_type_reserved`, `wrong_direction`,
    /// `flags_reserved` (PUBLISH: `qos_reserved`, `dup_without_qos`), `remaining_length`,
    /// `remaining_length_padded`, `packet_too_large`, `truncated`, `trailing_bytes`.
    pub fn peek(&self, buf: &[u8]) -> Result<Peek, DecodeError> {
        Peek::of(self.header(buf))
    }

    #[inline(always)]
    pub(super) fn header(&self, buf: &[u8]) -> Result<Header, Halt> {
        let (packet_type, flags) = Header::start(buf)?;
        if let Err(kind) = self.judge_first_byte(packet_type, flags) {
            return Err(Halt::Refused(DecodeError::new(kind, 0)));
        }
        let padding = self.options.has(Options::PADDED_REMAINING_LENGTH);
        let header = Header::finish((packet_type, flags), buf, padding)?;
        if header.frame_len > self.max_packet_len as usize {
            return Err(Halt::Refused(DecodeError::new(ErrorKind::PacketTooLarge, 1)));
        }
        judge_remaining_len(&header)?;
        Ok(header)
    }

    /// True for the types whose flags an option lets pass. (By value: what is pointed to would be kept in memory.)
    #[cold]
    const fn lets_flags_pass(self, packet_type: PacketType) -> bool {
        use PacketType::*;
        self.options.has(Options::ACK_FLAGS)
            && matches!(packet_type, PubAck | PubRec | PubRel | PubComp | SubAck | UnsubAck)
    }

    #[inline(always)]
    fn judge_first_byte(&self, packet_type: PacketType, flags: u8) -> Result<(), ErrorKind> {
        if self.refused.cover(packet_type) {
            return Err(ErrorKind::WrongDirection); // table 2.1 (A29)
        }
        let Some(required) = packet_type.required_flags() else {
            return judge_publish_flags(flags, self.options);
        };
        let is_right = are_required(flags, required, self.protocol, self.options);
        if is_right || self.lets_flags_pass(packet_type) {
            Ok(()) // [MQTT-2.2.2-1] (A23)
        } else {
            Err(ErrorKind::FlagsReserved) // [MQTT-2.2.2-2]
        }
    }
}

/// True when the flags are those that a type must have, as far as the version looks at them.
#[inline(always)]
const fn are_required(flags: u8, required: u8, protocol: Protocol, options: Options) -> bool {
    // MQTT 3.1 gives a meaning to the QoS bits of PUBREL, SUBSCRIBE and UNSUBSCRIBE alone and
    // ignores the others (A30).
    let looked_at = match protocol {
        Protocol::V3_1_1 => 0b1111,
        Protocol::V3_1 if options.has(Options::STRICT_FLAGS_3_1) => 0b1111,
        Protocol::V3_1 if required == 0 => 0,
        Protocol::V3_1 => 0b0110,
    };
    flags & looked_at == required
}

/// The option that has let the flags of a frame through which are not those of its type, or 0.
const fn flags_let_through(packet_type: PacketType, flags: u8, protocol: Protocol, options: Options) -> u32 {
    match packet_type.required_flags() {
        Some(required) if !are_required(flags, required, protocol, options) => Options::ACK_FLAGS,
        _ => 0, // those of a PUBLISH mean something
    }
}

/// What the flags of a PUBLISH must not be.
#[cfg_attr(target_pointer_width = "64", inline(always))]
pub(super) const fn judge_publish_flags(flags: u8, options: Options) -> Result<(), ErrorKind> {
    match flags >> QOS_SHIFT & 3 {
        3 => Err(ErrorKind::QosReserved), // [MQTT-3.3.1-4]
        // [MQTT-3.3.1-2] [MQTT-4.3.1-1] (A02)
        0 if flags & DUP != 0 && !options.has(Options::DUP_WITHOUT_QOS) => Err(ErrorKind::DupWithoutQos),
        _ => Ok(()),
    }
}

/// The longest body of a CONNECT: the longer protocol name; level, connect flags and keep alive; and
/// five fields of full length.
const MAX_CONNECT_LEN: usize =
    PREFIX_LEN + Protocol::V3_1.name().len() + 4 + 5 * (PREFIX_LEN + MAX_FIELD_LEN);

/// Refuses a remaining length that no packet of the type can have, whatever its body.
#[inline(always)]
fn judge_remaining_len(header: &Header) -> Result<(), DecodeError> {
    use PacketType::*;
    let len = header.remaining_len();
    let (least, most) = match header.packet_type {
        Connect => (2, MAX_CONNECT_LEN),
        Publish | Subscribe | SubAck | Unsubscribe => (2, usize::MAX),
        // Section 3.2.1; sections 3.4 to 3.7 and 3.11.
        ConnAck | PubAck | PubRec | PubRel | PubComp | UnsubAck => (2, 2),
        PingReq | PingResp | Disconnect => (0, 0), // sections 3.12 to 3.14
    };
    if len < least {
        // All that is missing is the two-byte field at the body's start, or CONNACK's return code.
        let missing = if matches!(header.packet_type, ConnAck) { len } else { 0 };
        return Err(DecodeError::new(ErrorKind::Truncated, header.header_len.wrapping_add(missing)));
    }
    if len > most {
        return Err(DecodeError::new(ErrorKind::TrailingBytes, header.header_len.wrapping_add(most)));
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
        /// The bytes still missing, as in [`Decoded::NeedMore`](crate::v3::Decoded::NeedMore).
        at_least: usize,
    },
}

/// A whole frame whose fixed header was judged and whose body is to be read once.
#[derive(Clone, Debug)]
pub struct RawFrame<'a> {
    packet_type: PacketType,
    flags: u8,
    protocol: Protocol,
    body: Reader<'a>,
}

impl<'a> RawFrame<'a> {
    /// The packet's type.
    pub const fn packet_type(&self) -> PacketType {
        self.packet_type
    }

    /// The bytes of the whole frame, fixed header included; never 0.
    #[allow(clippy::len_without_is_empty)]
    pub const fn len(&self) -> usize {
        self.body.end()
    }

    /// What the decoder's options have let through so far: in the header, and in the body once it was
    /// read.
    pub const fn tolerated(&self) -> Tolerated {
        let mut tolerated = self.body.tolerated();
        if !IS_BIG_MACHINE && self.body.options().has(Options::ACK_FLAGS) {
            let options = self.body.options();
            tolerated.add(flags_let_through(self.packet_type, self.flags, self.protocol, options));
        }
        tolerated
    }

    /// True when C set the option that leaves filters unvalidated; in Rust the type that is decoded says
    /// it.
    #[doc(hidden)]
    pub const fn allows_bad_filters(&self) -> bool {
        self.body.options().has(Options::BAD_FILTERS)
    }

    /// The error for who does not receive this type.
    #[doc(hidden)]
    pub const fn wrong_direction(&self) -> DecodeError {
        DecodeError::new(ErrorKind::WrongDirection, 0)
    }

    pub(super) const fn flags(&self) -> u8 {
        self.flags
    }

    pub(super) const fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// The body's reader, if the frame is of this type; a copy, because what somebody points to would be
    /// kept in memory. [`close`](Self::close) takes it back.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(super) fn open(&self, packet_type: PacketType) -> Result<Reader<'a>, DecodeError> {
        if self.packet_type == packet_type {
            Ok(self.body.clone())
        } else {
            Err(DecodeError::new(ErrorKind::PacketTypeUnexpected, 0))
        }
    }

    /// Ends the reading of the body: nothing may be left.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(super) fn close(&mut self, body: Reader<'a>) -> Result<(), DecodeError> {
        body.finish()?;
        self.body = body;
        Ok(())
    }
}
