//! The structs that C sees, and their conversion to and from the codec's.

use mqtt_codec::PacketId;
use mqtt_codec::frame::FixedHeader;
use mqtt_codec::list::{Item, List};
use mqtt_codec::v3::{ConnAck, ConnectParts, Decoder, Protocol, Publish, PublishHeader, Role, SubAck};

use crate::ptr::FromC;
use crate::status::{INVALID_ARGUMENT, mqttc_status};

/// Bytes that somebody else owns. Not NUL-terminated: print with
/// `"%.*s", (int)s.len, (const char *)s.ptr`.
///
/// In a decoded packet a slice points into the buffer that was decoded, and is good for as long as
/// those bytes stay there. To encode, point it at your own bytes (`mqttc_str`, `mqttc_bytes`); they
/// are only read during the call. `ptr` may be NULL only when `len` is 0.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mqttc_slice {
    /// The first byte.
    pub ptr: *const u8,
    /// How many bytes.
    pub len: usize,
}

impl mqttc_slice {
    pub(crate) const EMPTY: Self = Self { ptr: core::ptr::null(), len: 0 };

    pub(crate) const fn of(bytes: &[u8]) -> Self {
        Self { ptr: bytes.as_ptr(), len: bytes.len() }
    }
}

/// Why a frame was refused, and where.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct mqttc_error {
    /// The same as the call has answered: -32 or below.
    pub status: mqttc_status,
    /// The first byte that breaks the rule, counted from the frame's first byte.
    pub offset: u32,
}

/// A fixed header: what the first 2 to 5 bytes of a frame say.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mqttc_frame {
    /// The bytes after the header.
    pub remaining_len: u32,
    /// MQTTC_CONNECT (1) to MQTTC_DISCONNECT (14).
    pub r#type: u8,
    /// The lower half of the first byte, unjudged.
    pub flags: u8,
    /// The bytes of the header itself, 2 to 5. The frame is `header_len + remaining_len` bytes.
    pub header_len: u8,
}

impl From<FixedHeader> for mqttc_frame {
    fn from(header: FixedHeader) -> Self {
        Self {
            remaining_len: header.remaining_len,
            r#type: header.packet_type as u8,
            flags: header.flags,
            header_len: header.header_len,
        }
    }
}

/// The packet types, by their numbers on the wire (section 2.2.1).
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub enum mqttc_packet_type {
    /// A client asks for a connection.
    MQTTC_CONNECT = 1,
    /// The server's answer to CONNECT.
    MQTTC_CONNACK = 2,
    /// A message, either way.
    MQTTC_PUBLISH = 3,
    /// Acknowledges a PUBLISH of QoS 1.
    MQTTC_PUBACK = 4,
    /// The first answer to a PUBLISH of QoS 2.
    MQTTC_PUBREC = 5,
    /// The answer to PUBREC.
    MQTTC_PUBREL = 6,
    /// The answer to PUBREL.
    MQTTC_PUBCOMP = 7,
    /// A client asks for messages.
    MQTTC_SUBSCRIBE = 8,
    /// The answer to SUBSCRIBE.
    MQTTC_SUBACK = 9,
    /// A client ends subscriptions.
    MQTTC_UNSUBSCRIBE = 10,
    /// The answer to UNSUBSCRIBE.
    MQTTC_UNSUBACK = 11,
    /// A client shows that it is there.
    MQTTC_PINGREQ = 12,
    /// The answer to PINGREQ.
    MQTTC_PINGRESP = 13,
    /// A client ends the connection.
    MQTTC_DISCONNECT = 14,
}

/// Which side decodes, for `mqttc_decoder`.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub enum mqttc_role {
    /// Takes every packet type.
    MQTTC_ROLE_ANY = 0,
    /// Takes only what a server may send.
    MQTTC_ROLE_CLIENT = 1,
    /// Takes only what a client may send.
    MQTTC_ROLE_SERVER = 2,
}

/// Protocol levels, for `mqttc_connect` and `mqttc_decoder` (section 3.1.2.2).
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub enum mqttc_level {
    /// MQTT 3.1, protocol name MQIsdp.
    MQTTC_LEVEL_3_1 = 3,
    /// MQTT 3.1.1, protocol name MQTT.
    MQTTC_LEVEL_3_1_1 = 4,
}

/// How to decode. Fill it with `mqttc_decoder_init`, then change what you need; NULL in its place
/// means the same as freshly initialised. Its size never changes.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mqttc_decoder {
    /// The longest frame to take, fixed header included; longer ones are MQTTC_ERR_PACKET_TOO_LARGE as
    /// soon as their length is known. UINT32_MAX: no limit.
    pub max_packet_len: u32,
    /// MQTTC_ALLOW_, MQTTC_REFUSE_ and MQTTC_STRICT_ options, joined with `|`; 0: the rules as they are.
    pub options: u32,
    /// MQTTC_ROLE_ANY, MQTTC_ROLE_CLIENT or MQTTC_ROLE_SERVER; types that this side never receives are
    /// MQTTC_ERR_WRONG_DIRECTION.
    pub role: u8,
    /// The version whose rules hold: MQTTC_LEVEL_3_1_1 or MQTTC_LEVEL_3_1. A CONNECT's body is judged by
    /// the version that it names itself; the flag bits of its first byte by this one, as they come
    /// before that name.
    pub protocol_level: u8,
    /// For what is to come; must be 0.
    pub reserved: [u8; 6],
}

/// Options of `mqttc_decoder`, joined with `|`. What an MQTTC_ALLOW_ option has let through in a packet
/// shows as the same bit in the packet's `tolerated`; its fields are then in the form that the rules
/// allow, but for raw codes and a long client identifier, which the encoders refuse. None loosens an
/// encoder. The numbers, such as A01, are those of the table of options in CONFORMANCE.md.
#[derive(Clone, Copy, Debug)]
#[repr(u32)]
pub enum mqttc_option {
    /// Takes a remaining length that is not in its shortest form, such as `c0 80 00` (A01).
    MQTTC_ALLOW_PADDED_REMAINING_LENGTH = 1 << 0,
    /// Takes a PUBLISH of QoS 0 that has DUP set, and drops the DUP (A02).
    MQTTC_ALLOW_DUP_WITHOUT_QOS = 1 << 1,
    /// Takes a CONNECT with a password and no user name, with an empty user name (A08).
    MQTTC_ALLOW_PASSWORD_WITHOUT_USER_NAME = 1 << 2,
    /// Takes a CONNECT whose protocol level has bit 7 set, as bridges send it, and drops the bit (A12).
    MQTTC_ALLOW_BRIDGE_BIT = 1 << 3,
    /// Takes reserved return codes in a SUBACK, as they are (A16).
    MQTTC_ALLOW_RAW_SUBACK_CODES = 1 << 4,
    /// Takes a reserved return code in a CONNACK, as it is (A17).
    MQTTC_ALLOW_RAW_CONNACK_CODES = 1 << 5,
    /// Takes a CONNACK that refuses and has session present set, and drops the latter (A18).
    MQTTC_ALLOW_SESSION_PRESENT_WITH_REFUSAL = 1 << 6,
    /// MQTT 3.1: takes client identifiers of more than 23 characters (A32).
    MQTTC_ALLOW_LONG_CLIENT_ID_3_1 = 1 << 7,
    /// Leaves the topic filters of SUBSCRIBE and UNSUBSCRIBE unvalidated but for UTF-8 and U+0000, so that
    /// a server can answer 0x80 to a bad one instead of closing: check each with
    /// `mqttc_topic_filter_check` (A25).
    MQTTC_ALLOW_BAD_FILTERS = 1 << 8,
    /// Refuses control characters and non-characters in strings, with
    /// MQTTC_ERR_CHARACTER_DISCOURAGED (A20, A21).
    MQTTC_REFUSE_CONTROL_CHARACTERS = 1 << 16,
    /// MQTT 3.1: wants the unused flag bits of the fixed header to be those of MQTT 3.1.1 (A30).
    MQTTC_STRICT_FLAGS_3_1 = 1 << 17,
    /// MQTT 3.1: wants bit 0 of the connect flags to be 0 (A31).
    MQTTC_STRICT_CONNECT_FLAG_3_1 = 1 << 18,
    /// MQTT 3.1: wants the user name and the password to be there when their flags say so (A33).
    MQTTC_STRICT_LOGIN_3_1 = 1 << 19,
    /// MQTT 3.1: refuses 0x80 in a SUBACK (A35).
    MQTTC_REFUSE_SUBACK_FAILURE_3_1 = 1 << 20,
}

/// What `mqttc_peek_connect_version` tells.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub enum mqttc_connect_version {
    /// Another protocol name, or a level that does not go with it.
    MQTTC_VERSION_UNKNOWN = 0,
    /// MQIsdp, level 3.
    MQTTC_VERSION_3_1 = 3,
    /// MQTT, level 4.
    MQTTC_VERSION_3_1_1 = 4,
    /// MQTT, level 5.
    MQTTC_VERSION_5_0 = 5,
}

impl mqttc_decoder {
    /// The codec's decoder; `INVALID_ARGUMENT` for what is not a decoder.
    #[inline(always)]
    pub(crate) fn codec(&self) -> Result<Decoder, mqttc_status> {
        let role = match self.role {
            0 => Role::Any,
            1 => Role::Client,
            2 => Role::Server,
            _ => return Err(INVALID_ARGUMENT),
        };
        let protocol = protocol_of(self.protocol_level).ok_or(INVALID_ARGUMENT)?;
        if self.reserved != [0; 6] {
            return Err(INVALID_ARGUMENT);
        }
        let dec = Decoder::DEFAULT.max_packet_len(self.max_packet_len).role(role).protocol(protocol);
        dec.with_option_bits(self.options).ok_or(INVALID_ARGUMENT)
    }
}

/// CONNECT: asks a server for a connection (section 3.1). Fill it with `mqttc_connect_init`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mqttc_connect {
    /// Who the client is. MQTT 3.1.1: may be empty if `clean_session`. MQTT 3.1: 1 to 23 characters.
    pub client_id: mqttc_slice,
    /// Where the will is published. Looked at only if `has_will`.
    pub will_topic: mqttc_slice,
    /// What is published there; may be empty. Looked at only if `has_will`.
    pub will_message: mqttc_slice,
    /// May be empty. Looked at only if `has_user_name`.
    pub user_name: mqttc_slice,
    /// May be empty; any bytes. Looked at only if `has_password`.
    pub password: mqttc_slice,
    /// The longest silence of the client, in seconds; 0 turns the check off.
    pub keep_alive: u16,
    /// MQTTC_LEVEL_3_1_1 or MQTTC_LEVEL_3_1.
    pub protocol_level: u8,
    /// 0 or 1: start afresh and keep nothing afterwards.
    pub clean_session: u8,
    /// 0 or 1: there is a message to publish when the client vanishes.
    pub has_will: u8,
    /// 0, 1 or 2; 0 without a will.
    pub will_qos: u8,
    /// 0 or 1; 0 without a will.
    pub will_retain: u8,
    /// 0 or 1.
    pub has_user_name: u8,
    /// 0 or 1; not without a user name [MQTT-3.1.2-22].
    pub has_password: u8,
}

/// CONNACK: a server's answer to CONNECT (section 3.2).
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mqttc_connack {
    /// 0 or 1: the server has kept the session; 0 with a refusal.
    pub session_present: u8,
    /// 0 accepted; 1 unacceptable protocol version, 2 identifier rejected, 3 server unavailable, 4 bad
    /// user name or password, 5 not authorized.
    pub return_code: u8,
}

/// PUBLISH: a message (section 3.3). Fill it with `mqttc_publish_init`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mqttc_publish {
    /// Where it is published: at least one byte, no wildcards.
    pub topic: mqttc_slice,
    /// The message; any bytes, also none.
    pub payload: mqttc_slice,
    /// 1 to 65535 with QoS 1 and 2; 0 when decoded with QoS 0, and not looked at when encoded with it.
    pub packet_id: u16,
    /// 0, 1 or 2.
    pub qos: u8,
    /// 0 or 1: this is not the first try; 0 with QoS 0.
    pub dup: u8,
    /// 0 or 1: to a server, keep it for later subscribers; from a server, it was kept.
    pub retain: u8,
}

/// Counts the payload of a PUBLISH that is sent piece by piece. Fill it with
/// `mqttc_publish_writer_start`; both fields are the writer's own.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mqttc_publish_writer {
    /// The payload's length, as the header says it.
    pub declared: u32,
    /// The bytes of it that are still to come.
    pub left: u32,
}

/// A topic filter and the QoS that is asked for it.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mqttc_subscription {
    /// Which topics; wildcards where section 4.7.1 allows them.
    pub filter: mqttc_slice,
    /// 0, 1 or 2. 0 when it comes from an UNSUBSCRIBE.
    pub qos: u8,
}

/// SUBSCRIBE to be encoded (section 3.8). Fill it with `mqttc_subscribe_init`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mqttc_subscribe {
    /// An array of `count` subscriptions.
    pub filters: *const mqttc_subscription,
    /// At least 1.
    pub count: usize,
    /// 1 to 65535; the SUBACK repeats it.
    pub packet_id: u16,
}

/// UNSUBSCRIBE to be encoded (section 3.10). Fill it with `mqttc_unsubscribe_init`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mqttc_unsubscribe {
    /// An array of `count` topic filters.
    pub filters: *const mqttc_slice,
    /// At least 1.
    pub count: usize,
    /// 1 to 65535; the UNSUBACK repeats it.
    pub packet_id: u16,
}

/// SUBACK: the answer to SUBSCRIBE (section 3.9). Fill it with `mqttc_suback_init`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mqttc_suback {
    /// One byte for each filter of the SUBSCRIBE, in their order: the QoS that is granted (0, 1, 2), or
    /// 0x80 for a refusal.
    pub return_codes: mqttc_slice,
    /// 1 to 65535; that of the SUBSCRIBE.
    pub packet_id: u16,
}

/// The filters of a decoded SUBSCRIBE or UNSUBSCRIBE: an iterator over the frame's bytes. A copy
/// starts where the original stands. Advance it with `mqttc_filters_next` alone; like any slice, `rest`
/// must not be made longer than the bytes that are there.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mqttc_filters {
    /// What is left of the list, as it stands on the wire.
    pub rest: mqttc_slice,
    /// 1 in a SUBSCRIBE, where a QoS follows each filter; 0 in an UNSUBSCRIBE.
    pub has_qos: u8,
    /// 1 where MQTTC_ALLOW_BAD_FILTERS was set: check each filter with `mqttc_topic_filter_check`.
    pub unvalidated: u8,
}

/// A decoded SUBSCRIBE or UNSUBSCRIBE.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mqttc_filter_list {
    /// The filters, to be walked with `mqttc_filters_next`.
    pub filters: mqttc_filters,
    /// 1 to 65535.
    pub packet_id: u16,
}

/// The body of an `mqttc_packet`; its `type` tells which member.
#[derive(Clone, Copy)]
#[repr(C)]
pub union mqttc_packet_body {
    /// MQTTC_CONNECT
    pub connect: mqttc_connect,
    /// MQTTC_CONNACK
    pub connack: mqttc_connack,
    /// MQTTC_PUBLISH
    pub publish: mqttc_publish,
    /// MQTTC_PUBACK, MQTTC_PUBREC, MQTTC_PUBREL, MQTTC_PUBCOMP, MQTTC_UNSUBACK
    pub packet_id: u16,
    /// MQTTC_SUBSCRIBE
    pub subscribe: mqttc_filter_list,
    /// MQTTC_SUBACK
    pub suback: mqttc_suback,
    /// MQTTC_UNSUBSCRIBE
    pub unsubscribe: mqttc_filter_list,
}

/// Any decoded packet. PINGREQ, PINGRESP and DISCONNECT have no body.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct mqttc_packet {
    /// The member of this packet's `type`.
    pub u: mqttc_packet_body,
    /// What the decoder's options have let through: `mqttc_option` bits, 0 by default.
    pub tolerated: u32,
    /// MQTTC_CONNECT (1) to MQTTC_DISCONNECT (14).
    pub r#type: u8,
}

/// Decodes one frame: `mqttc_decode`, `mqttc_decode_from_server` or `mqttc_decode_from_client`.
pub type mqttc_decode_fn = Option<
    unsafe extern "C" fn(
        dec: *const mqttc_decoder,
        buf: *const u8,
        len: usize,
        out: *mut mqttc_packet,
        used: *mut usize,
        err: *mut mqttc_error,
    ) -> mqttc_status,
>;

/// Puts packets together from the bytes of a socket, in a buffer that you lend. Fill it with
/// `mqttc_reader_init`; all fields are the reader's own. 40 bytes where pointers have 32 bits, else 64.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct mqttc_reader {
    /// The lent buffer.
    pub buf: *mut u8,
    /// Its size.
    pub cap: usize,
    /// The decode function given at init.
    pub decode: mqttc_decode_fn,
    /// The decoder given at init, or NULL.
    pub dec: *const mqttc_decoder,
    /// The first byte that was not read.
    pub start: usize,
    /// The end of what was committed.
    pub end: usize,
    /// The error in which the reader is; status 0 if in none.
    pub refused: mqttc_error,
    /// The bytes that the frame, the payload or the skipped frame at `start` lacks.
    pub missing: u32,
    /// What is at `start`: 0 a frame, 1 a payload, 2 a skipped frame.
    pub state: u8,
}

// As Rust lays it out; the header's MQTTC_SIZE says the same of C.
const _: () = assert!(size_of::<mqttc_reader>() == if size_of::<usize>() == 4 { 40 } else { 64 });

// SAFETY: integers, raw pointers and `Option<extern "C" fn>` alone: any bits are a value.
unsafe impl FromC for mqttc_slice {}
// SAFETY: as above.
unsafe impl FromC for mqttc_decoder {}
// SAFETY: as above.
unsafe impl FromC for mqttc_connect {}
// SAFETY: as above.
unsafe impl FromC for mqttc_connack {}
// SAFETY: as above.
unsafe impl FromC for mqttc_publish {}
// SAFETY: as above.
unsafe impl FromC for mqttc_publish_writer {}
// SAFETY: as above.
unsafe impl FromC for mqttc_subscription {}
// SAFETY: as above.
unsafe impl FromC for mqttc_subscribe {}
// SAFETY: as above.
unsafe impl FromC for mqttc_unsubscribe {}
// SAFETY: as above.
unsafe impl FromC for mqttc_suback {}
// SAFETY: as above.
unsafe impl FromC for mqttc_filters {}
// SAFETY: as above; a union of such types.
unsafe impl FromC for mqttc_packet {}
// SAFETY: as above.
unsafe impl FromC for mqttc_reader {}

/// The version of a protocol level.
pub(crate) const fn protocol_of(level: u8) -> Option<Protocol> {
    const V3_1: u8 = Protocol::V3_1.level();
    const V3_1_1: u8 = Protocol::V3_1_1.level();
    match level {
        V3_1 => Some(Protocol::V3_1),
        V3_1_1 => Some(Protocol::V3_1_1),
        _ => None,
    }
}

/// A flag byte that must be 0 or 1.
pub(crate) const fn flag(byte: u8) -> Result<bool, mqttc_status> {
    match byte {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(INVALID_ARGUMENT),
    }
}

impl From<ConnectParts<'_>> for mqttc_connect {
    #[inline(always)]
    fn from(parts: ConnectParts<'_>) -> Self {
        let bit = |flag| u8::from(parts.flags & flag != 0);
        let [client_id, will_topic, will_message, user_name, password] = parts.fields.map(mqttc_slice::of);
        Self {
            client_id,
            will_topic,
            will_message,
            user_name,
            password,
            keep_alive: parts.keep_alive,
            protocol_level: parts.protocol.level(),
            clean_session: bit(ConnectParts::CLEAN_SESSION),
            has_will: bit(ConnectParts::WILL),
            will_qos: parts.flags >> ConnectParts::WILL_QOS_SHIFT & 3,
            will_retain: bit(ConnectParts::WILL_RETAIN),
            has_user_name: bit(ConnectParts::USER_NAME),
            has_password: bit(ConnectParts::PASSWORD),
        }
    }
}

impl mqttc_connect {
    pub(crate) const INIT: Self = Self {
        client_id: mqttc_slice::EMPTY,
        will_topic: mqttc_slice::EMPTY,
        will_message: mqttc_slice::EMPTY,
        user_name: mqttc_slice::EMPTY,
        password: mqttc_slice::EMPTY,
        keep_alive: 60,
        protocol_level: Protocol::V3_1_1.level(),
        clean_session: 1,
        has_will: 0,
        will_qos: 0,
        will_retain: 0,
        has_user_name: 0,
        has_password: 0,
    };
}

impl From<ConnAck> for mqttc_connack {
    fn from(packet: ConnAck) -> Self {
        Self { session_present: packet.session_present.into(), return_code: packet.return_code.0 }
    }
}

impl From<Publish<'_>> for mqttc_publish {
    fn from(packet: Publish<'_>) -> Self {
        Self {
            topic: mqttc_slice::of(packet.topic.as_bytes()),
            payload: mqttc_slice::of(packet.payload),
            packet_id: packet.delivery.packet_id().map_or(0, PacketId::get),
            qos: packet.delivery.qos() as u8,
            dup: packet.delivery.dup().into(),
            retain: packet.retain.into(),
        }
    }
}

impl From<PublishHeader<'_>> for mqttc_publish {
    fn from(header: PublishHeader<'_>) -> Self {
        let PublishHeader { topic, delivery, retain } = header;
        Publish { topic, delivery, retain, payload: &[] }.into()
    }
}

impl From<SubAck<'_>> for mqttc_suback {
    fn from(packet: SubAck<'_>) -> Self {
        Self { return_codes: wire_slice(packet.return_codes), packet_id: packet.id.get() }
    }
}

/// The bytes of a decoded list.
fn wire_slice<'a, T: Item<'a>>(list: List<'a, T>) -> mqttc_slice {
    list.wire_bytes().map_or(mqttc_slice::EMPTY, mqttc_slice::of)
}
