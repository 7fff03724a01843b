//! What can be wrong with a packet, and where: one [`ErrorKind`] per rule of the specification.

use thiserror::Error;

/// The rule that a packet breaks. Decoding and encoding share the kinds: whatever decoding refuses
/// by default, encoding refuses with the same kind.
///
/// The order is that of the C status values (`MQTTC_ERR_REMAINING_LENGTH` is -32, the next one -33,
/// and so on); new kinds are appended and no value ever changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Error)]
#[non_exhaustive]
#[repr(u8)]
pub enum ErrorKind {
    /// The remaining length takes more than four bytes, or is over 268 435 455 (section 2.2.3).
    #[error("the remaining length takes more than four bytes")]
    RemainingLength,
    /// The remaining length is not in its shortest form (section 2.2.3, table 2.4).
    #[error("the remaining length is not in its shortest form")]
    RemainingLengthPadded,
    /// Packet types 0 and 15 are forbidden (section 2.2.1, table 2.1).
    #[error("packet types 0 and 15 are forbidden")]
    PacketTypeReserved,
    /// The flag bits of the fixed header are not those of table 2.2 (\[MQTT-2.2.2-1\], \[MQTT-2.2.2-2\]).
    #[error("the fixed header's flag bits are not those that this packet type must have")]
    FlagsReserved,
    /// The whole frame is longer than `max_packet_len`, or than the reader's buffer.
    #[error("the packet is larger than the limit that the receiver has set")]
    PacketTooLarge,
    /// The receiver's role never gets this packet type (section 2.2.1, table 2.1).
    #[error("this packet type is never sent in this direction")]
    WrongDirection,
    /// The frame ends before a field that must be there, or inside it.
    #[error("the packet ends before this field does")]
    Truncated,
    /// The frame goes on after its last field.
    #[error("bytes are left over after the packet's last field")]
    TrailingBytes,
    /// A string is not well-formed UTF-8 (\[MQTT-1.5.3-1\]).
    #[error("a string is not well-formed UTF-8")]
    Utf8,
    /// A string holds U+0000 (\[MQTT-1.5.3-2\]).
    #[error("a string must not hold U+0000")]
    NulInString,
    /// A string or binary field is over 65 535 bytes (sections 1.5.3 and 4.7.3, \[MQTT-4.7.3-3\]).
    #[error("a string or binary field is longer than 65535 bytes")]
    StringTooLong,
    /// The protocol name is neither `MQTT` nor `MQIsdp` (\[MQTT-3.1.2-1\]).
    #[error("the protocol name is neither \"MQTT\" nor \"MQIsdp\"")]
    ProtocolName,
    /// The protocol level is not one that the protocol name goes with (\[MQTT-3.1.2-2\]): answer
    /// CONNACK 0x01. The level is the byte at the error's offset.
    #[error("the protocol level is not supported")]
    ProtocolLevel,
    /// The CONNECT is of a known version that this codec does not speak, such as `MQTT` level 5
    /// (\[MQTT-3.1.2-2\]): answer CONNACK 0x01. The level is the byte at the error's offset.
    #[error("the CONNECT is of another protocol version")]
    ProtocolVersionOther,
    /// Bit 0 of the connect flags is set (\[MQTT-3.1.2-3\]).
    #[error("bit 0 of the connect flags must be 0")]
    ConnectFlagReserved,
    /// The will QoS is 3 (\[MQTT-3.1.2-14\]).
    #[error("the will QoS must be 0, 1 or 2")]
    WillQos,
    /// Will QoS or will retain is set without the will flag (\[MQTT-3.1.2-11\], -13, -15).
    #[error("will QoS and will retain must be 0 when the will flag is 0")]
    WillFlagsWithoutWill,
    /// The password flag is set without the user name flag (\[MQTT-3.1.2-22\]).
    #[error("there must be no password without a user name")]
    PasswordWithoutUserName,
    /// The client identifier is empty without clean session (\[MQTT-3.1.3-7\], -8), or, in MQTT 3.1,
    /// not of 1 to 23 characters: answer CONNACK 0x02.
    #[error("the client identifier is not one that a server may accept")]
    ClientIdRejected,
    /// Bits 7 to 1 of the connect acknowledge flags are not 0 (section 3.2.2.1).
    #[error("bits 7 to 1 of the connect acknowledge flags must be 0")]
    ConnackFlags,
    /// A CONNACK return code is over 5 (section 3.2.2.3, table 3.1).
    #[error("the connect return code is reserved")]
    ReturnCode,
    /// Session present is set although the return code is not 0 (\[MQTT-3.2.2-4\]).
    #[error("session present must be 0 when the connection is refused")]
    SessionPresentWithRefusal,
    /// The QoS bits of a PUBLISH are 11 (\[MQTT-3.3.1-4\]).
    #[error("the QoS bits of a PUBLISH must not both be 1")]
    QosReserved,
    /// DUP is set on a PUBLISH of QoS 0 (\[MQTT-3.3.1-2\]).
    #[error("DUP must be 0 when the QoS is 0")]
    DupWithoutQos,
    /// A topic name is empty (\[MQTT-4.7.3-1\]).
    #[error("a topic name must have at least one character")]
    TopicEmpty,
    /// A topic name holds `+` or `#` (\[MQTT-3.3.2-2\], \[MQTT-4.7.1-1\]).
    #[error("a topic name must not hold a wildcard")]
    TopicWildcard,
    /// A packet identifier is 0 (\[MQTT-2.3.1-1\], -6, -7).
    #[error("a packet identifier must not be 0")]
    PacketIdZero,
    /// A SUBSCRIBE or UNSUBSCRIBE without a topic filter (\[MQTT-3.8.3-3\], \[MQTT-3.10.3-2\]).
    #[error("there must be at least one topic filter")]
    NoFilters,
    /// A topic filter is empty (\[MQTT-4.7.3-1\]).
    #[error("a topic filter must have at least one character")]
    FilterEmpty,
    /// A `#` that is not the whole last level, or a `+` that is not a whole level
    /// (\[MQTT-4.7.1-2\], \[MQTT-4.7.1-3\]).
    #[error("a wildcard must fill its level, and \"#\" must be the last one")]
    FilterWildcard,
    /// The option byte of a subscription is not 0, 1 or 2 (\[MQTT-3.8.3-4\]).
    #[error("a subscription's options must be a QoS of 0, 1 or 2 and nothing else")]
    SubscribeOptions,
    /// A SUBACK without a return code (\[MQTT-3.8.4-5\]).
    #[error("there must be at least one return code")]
    NoReturnCodes,
    /// A SUBACK return code is not 0, 1, 2 or 0x80 (\[MQTT-3.9.3-2\]).
    #[error("a SUBACK return code must be 0, 1, 2 or 0x80")]
    SubackReturnCode,
    /// A decoder for one packet type was given a frame of another type. [`Decoder::decode`] never
    /// answers this.
    ///
    /// [`Decoder::decode`]: crate::v3::Decoder::decode
    #[error("the frame is of another packet type than the one asked for")]
    PacketTypeUnexpected,
}

impl ErrorKind {
    /// Every kind, in the order of the C status values.
    pub const ALL: &'static [Self] = &[
        Self::RemainingLength,
        Self::RemainingLengthPadded,
        Self::PacketTypeReserved,
        Self::FlagsReserved,
        Self::PacketTooLarge,
        Self::WrongDirection,
        Self::Truncated,
        Self::TrailingBytes,
        Self::Utf8,
        Self::NulInString,
        Self::StringTooLong,
        Self::ProtocolName,
        Self::ProtocolLevel,
        Self::ProtocolVersionOther,
        Self::ConnectFlagReserved,
        Self::WillQos,
        Self::WillFlagsWithoutWill,
        Self::PasswordWithoutUserName,
        Self::ClientIdRejected,
        Self::ConnackFlags,
        Self::ReturnCode,
        Self::SessionPresentWithRefusal,
        Self::QosReserved,
        Self::DupWithoutQos,
        Self::TopicEmpty,
        Self::TopicWildcard,
        Self::PacketIdZero,
        Self::NoFilters,
        Self::FilterEmpty,
        Self::FilterWildcard,
        Self::SubscribeOptions,
        Self::NoReturnCodes,
        Self::SubackReturnCode,
        Self::PacketTypeUnexpected,
    ];

    /// The kind's name as C and `inspect` spell it, in lower case: `topic_wildcard`.
    pub const fn name(self) -> &'static str {
        self.texts().0
    }

    /// The general clause of the rule, such as `MQTT-3.3.2-2`; `None` for rules that the
    /// specification states without a number, and for limits that are the caller's own.
    pub const fn spec_ref(self) -> Option<&'static str> {
        self.texts().1
    }

    /// The name and the clause, side by side.
    const fn texts(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::RemainingLength => ("remaining_length", None),
            Self::RemainingLengthPadded => ("remaining_length_padded", None),
            Self::PacketTypeReserved => ("packet_type_reserved", None),
            Self::FlagsReserved => ("flags_reserved", Some("MQTT-2.2.2-1")),
            Self::PacketTooLarge => ("packet_too_large", None),
            Self::WrongDirection => ("wrong_direction", None),
            Self::Truncated => ("truncated", None),
            Self::TrailingBytes => ("trailing_bytes", None),
            Self::Utf8 => ("utf8", Some("MQTT-1.5.3-1")),
            Self::NulInString => ("nul_in_string", Some("MQTT-1.5.3-2")),
            Self::StringTooLong => ("string_too_long", Some("MQTT-4.7.3-3")),
            Self::ProtocolName => ("protocol_name", Some("MQTT-3.1.2-1")),
            Self::ProtocolLevel => ("protocol_level", Some("MQTT-3.1.2-2")),
            Self::ProtocolVersionOther => ("protocol_version_other", Some("MQTT-3.1.2-2")),
            Self::ConnectFlagReserved => ("connect_flag_reserved", Some("MQTT-3.1.2-3")),
            Self::WillQos => ("will_qos", Some("MQTT-3.1.2-14")),
            Self::WillFlagsWithoutWill => ("will_flags_without_will", Some("MQTT-3.1.2-11")),
            Self::PasswordWithoutUserName => ("password_without_user_name", Some("MQTT-3.1.2-22")),
            Self::ClientIdRejected => ("client_id_rejected", Some("MQTT-3.1.3-8")),
            Self::ConnackFlags => ("connack_flags", Some("MQTT-2.2.2-1")),
            Self::ReturnCode => ("return_code", None),
            Self::SessionPresentWithRefusal => ("session_present_with_refusal", Some("MQTT-3.2.2-4")),
            Self::QosReserved => ("qos_reserved", Some("MQTT-3.3.1-4")),
            Self::DupWithoutQos => ("dup_without_qos", Some("MQTT-3.3.1-2")),
            Self::TopicEmpty => ("topic_empty", Some("MQTT-4.7.3-1")),
            Self::TopicWildcard => ("topic_wildcard", Some("MQTT-3.3.2-2")),
            Self::PacketIdZero => ("packet_id_zero", Some("MQTT-2.3.1-1")),
            Self::NoFilters => ("no_filters", Some("MQTT-3.8.3-3")),
            Self::FilterEmpty => ("filter_empty", Some("MQTT-4.7.3-1")),
            Self::FilterWildcard => ("filter_wildcard", Some("MQTT-4.7.1-2")),
            Self::SubscribeOptions => ("subscribe_options", Some("MQTT-3.8.3-4")),
            Self::NoReturnCodes => ("no_return_codes", Some("MQTT-3.8.4-5")),
            Self::SubackReturnCode => ("suback_return_code", Some("MQTT-3.9.3-2")),
            Self::PacketTypeUnexpected => ("packet_type_unexpected", None),
        }
    }

    /// The CONNACK return code that a server answers before it closes: 0x01 for a protocol level it
    /// does not serve (\[MQTT-3.1.2-2\]), 0x02 for a client identifier it does not accept
    /// (\[MQTT-3.1.3-8\]). `None`: close without an answer (\[MQTT-3.1.4-1\], \[MQTT-4.8.0-1\]).
    pub const fn connack_code(self) -> Option<u8> {
        match self {
            Self::ProtocolLevel | Self::ProtocolVersionOther => Some(0x01),
            Self::ClientIdRejected => Some(0x02),
            _ => None,
        }
    }
}

/// Why a frame was refused, and at which byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[error("{kind} (byte {offset})")]
pub struct DecodeError {
    kind: ErrorKind,
    offset: u32,
}

impl DecodeError {
    /// The frame is at most 268 435 460 bytes, so that an offset in it always fits.
    #[cold]
    pub(crate) const fn new(kind: ErrorKind, offset: usize) -> Self {
        Self { kind, offset: offset as u32 }
    }

    /// The rule that the frame breaks.
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The first byte that breaks the rule, counted from the frame's first byte.
    ///
    /// Type, direction and flags: 0. Remaining length (too long, padded, over the limit): 1. A
    /// length prefix that overruns the frame, an empty topic, a protocol name or client identifier
    /// that is refused: the field's length prefix. A missing field: where it would start. A trailing
    /// byte: the first one. An ill-formed, NUL or wildcard byte: that byte.
    pub const fn offset(&self) -> usize {
        self.offset as usize
    }
}

/// Why a packet was not encoded. The output is untouched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// The output is too small; nothing was written.
    #[error("the output buffer is too small: {needed} bytes are needed")]
    BufferTooSmall {
        /// The bytes that this packet takes.
        needed: usize,
    },
    /// The packet breaks a rule.
    #[error(transparent)]
    Invalid(#[from] ErrorKind),
}
