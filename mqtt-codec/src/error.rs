//! What can be wrong with a packet, and where: one [`ErrorKind`] per rule of the specification.

use core::ffi::CStr;

use thiserror::Error;

/// The rule that a packet breaks. Decoding and encoding share the kinds: whatever decoding refuses
/// by default, encoding refuses with the same kind.
///
/// The order is that of the C status values (`MQTTC_ERR_REMAINING_LENGTH` is -32, the next one -33,
/// and so on); new kinds are appended and no value ever changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Error)]
#[error("{}", self.message())]
#[non_exhaustive]
#[repr(u8)]
pub enum ErrorKind {
    /// The remaining length takes more than four bytes, or is over 268 435 455 (section 2.2.3).
    RemainingLength,
    /// The remaining length is not in its shortest form (section 2.2.3, table 2.4).
    RemainingLengthPadded,
    /// Packet types 0 and 15 are forbidden (section 2.2.1, table 2.1).
    PacketTypeReserved,
    /// The flag bits of the fixed header are not those of table 2.2 (\[MQTT-2.2.2-1\], \[MQTT-2.2.2-2\]).
    FlagsReserved,
    /// The whole frame is longer than `max_packet_len`, or than the reader's buffer.
    PacketTooLarge,
    /// The receiver's role never gets this packet type (section 2.2.1, table 2.1).
    WrongDirection,
    /// The frame ends before a field that must be there, or inside it.
    Truncated,
    /// The frame goes on after its last field.
    TrailingBytes,
    /// A string is not well-formed UTF-8 (\[MQTT-1.5.3-1\]).
    Utf8,
    /// A string holds U+0000 (\[MQTT-1.5.3-2\]).
    NulInString,
    /// A string or binary field is over 65 535 bytes (sections 1.5.3 and 4.7.3, \[MQTT-4.7.3-3\]).
    StringTooLong,
    /// The protocol name is neither `MQTT` nor `MQIsdp` (\[MQTT-3.1.2-1\]).
    ProtocolName,
    /// The protocol level is not one that the protocol name goes with (\[MQTT-3.1.2-2\]): answer
    /// CONNACK 0x01. The level is the byte at the error's offset.
    ProtocolLevel,
    /// The CONNECT is of a known version that this codec does not speak, such as `MQTT` level 5
    /// (\[MQTT-3.1.2-2\]): answer CONNACK 0x01. The level is the byte at the error's offset.
    ProtocolVersionOther,
    /// Bit 0 of the connect flags is set (\[MQTT-3.1.2-3\]).
    ConnectFlagReserved,
    /// The will QoS is 3 (\[MQTT-3.1.2-14\]).
    WillQos,
    /// Will QoS or will retain is set without the will flag (\[MQTT-3.1.2-11\], -13, -15).
    WillFlagsWithoutWill,
    /// The password flag is set without the user name flag (\[MQTT-3.1.2-22\]).
    PasswordWithoutUserName,
    /// The client identifier is empty without clean session (\[MQTT-3.1.3-7\], -8), or, in MQTT 3.1,
    /// not of 1 to 23 characters: answer CONNACK 0x02.
    ClientIdRejected,
    /// Bits 7 to 1 of the connect acknowledge flags are not 0 (section 3.2.2.1).
    ConnackFlags,
    /// A CONNACK return code is over 5 (section 3.2.2.3, table 3.1).
    ReturnCode,
    /// Session present is set although the return code is not 0 (\[MQTT-3.2.2-4\]).
    SessionPresentWithRefusal,
    /// The QoS bits of a PUBLISH are 11 (\[MQTT-3.3.1-4\]).
    QosReserved,
    /// DUP is set on a PUBLISH of QoS 0 (\[MQTT-3.3.1-2\]).
    DupWithoutQos,
    /// A topic name is empty (\[MQTT-4.7.3-1\]).
    TopicEmpty,
    /// A topic name holds `+` or `#` (\[MQTT-3.3.2-2\], \[MQTT-4.7.1-1\]).
    TopicWildcard,
    /// A packet identifier is 0 (\[MQTT-2.3.1-1\], -6, -7).
    PacketIdZero,
    /// A SUBSCRIBE or UNSUBSCRIBE without a topic filter (\[MQTT-3.8.3-3\], \[MQTT-3.10.3-2\]).
    NoFilters,
    /// A topic filter is empty (\[MQTT-4.7.3-1\]).
    FilterEmpty,
    /// A `#` that is not the whole last level, or a `+` that is not a whole level
    /// (\[MQTT-4.7.1-2\], \[MQTT-4.7.1-3\]).
    FilterWildcard,
    /// The option byte of a subscription is not 0, 1 or 2 (\[MQTT-3.8.3-4\]).
    SubscribeOptions,
    /// A SUBACK without a return code (\[MQTT-3.8.4-5\]).
    NoReturnCodes,
    /// A SUBACK return code is not 0, 1, 2 or 0x80 (\[MQTT-3.9.3-2\]).
    SubackReturnCode,
    /// A decoder for one packet type was given a frame of another type. [`Decoder::decode`] never
    /// answers this.
    ///
    /// [`Decoder::decode`]: crate::v3::Decoder::decode
    PacketTypeUnexpected,
    /// A string holds a control character or a non-character, and the decoder was told to refuse them
    /// (section 1.5.3).
    CharacterDiscouraged,
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
        Self::CharacterDiscouraged,
    ];

    /// The kind's name as C and `inspect` spell it, in lower case: `topic_wildcard`.
    pub const fn name(self) -> &'static str {
        text(self.c_texts().0)
    }

    /// The general clause of the rule, such as `MQTT-3.3.2-2`; `None` for rules that the
    /// specification states without a number, and for limits that are the caller's own.
    pub const fn spec_ref(self) -> Option<&'static str> {
        let clause = text(self.c_texts().1);
        if clause.is_empty() { None } else { Some(clause) }
    }

    /// The rule in a few words, as `Display` prints it.
    pub const fn message(self) -> &'static str {
        text(self.c_texts().2)
    }

    /// Name, clause (empty if none) and message as C reads them.
    #[doc(hidden)]
    pub const fn c_texts(self) -> (&'static CStr, &'static CStr, &'static CStr) {
        match self {
            Self::RemainingLength => {
                (c"remaining_length", c"", c"the remaining length takes more than four bytes")
            }
            Self::RemainingLengthPadded => {
                (c"remaining_length_padded", c"", c"the remaining length is not in its shortest form")
            }
            Self::PacketTypeReserved => {
                (c"packet_type_reserved", c"", c"packet types 0 and 15 are forbidden")
            }
            Self::FlagsReserved => (
                c"flags_reserved",
                c"MQTT-2.2.2-1",
                c"the fixed header's flag bits are not those that this packet type must have",
            ),
            Self::PacketTooLarge => {
                (c"packet_too_large", c"", c"the packet is larger than the limit that the receiver has set")
            }
            Self::WrongDirection => {
                (c"wrong_direction", c"", c"this packet type is never sent in this direction")
            }
            Self::Truncated => (c"truncated", c"", c"the packet ends before this field does"),
            Self::TrailingBytes => {
                (c"trailing_bytes", c"", c"bytes are left over after the packet's last field")
            }
            Self::Utf8 => (c"utf8", c"MQTT-1.5.3-1", c"a string is not well-formed UTF-8"),
            Self::NulInString => (c"nul_in_string", c"MQTT-1.5.3-2", c"a string must not hold U+0000"),
            Self::StringTooLong => {
                (c"string_too_long", c"MQTT-4.7.3-3", c"a string or binary field is longer than 65535 bytes")
            }
            Self::ProtocolName => {
                (c"protocol_name", c"MQTT-3.1.2-1", c"the protocol name is neither \"MQTT\" nor \"MQIsdp\"")
            }
            Self::ProtocolLevel => {
                (c"protocol_level", c"MQTT-3.1.2-2", c"the protocol level is not supported")
            }
            Self::ProtocolVersionOther => {
                (c"protocol_version_other", c"MQTT-3.1.2-2", c"the CONNECT is of another protocol version")
            }
            Self::ConnectFlagReserved => {
                (c"connect_flag_reserved", c"MQTT-3.1.2-3", c"bit 0 of the connect flags must be 0")
            }
            Self::WillQos => (c"will_qos", c"MQTT-3.1.2-14", c"the will QoS must be 0, 1 or 2"),
            Self::WillFlagsWithoutWill => (
                c"will_flags_without_will",
                c"MQTT-3.1.2-11",
                c"will QoS and will retain must be 0 when the will flag is 0",
            ),
            Self::PasswordWithoutUserName => (
                c"password_without_user_name",
                c"MQTT-3.1.2-22",
                c"there must be no password without a user name",
            ),
            Self::ClientIdRejected => (
                c"client_id_rejected",
                c"MQTT-3.1.3-8",
                c"the client identifier is not one that a server may accept",
            ),
            Self::ConnackFlags => {
                (c"connack_flags", c"MQTT-2.2.2-1", c"bits 7 to 1 of the connect acknowledge flags must be 0")
            }
            Self::ReturnCode => (c"return_code", c"", c"the connect return code is reserved"),
            Self::SessionPresentWithRefusal => (
                c"session_present_with_refusal",
                c"MQTT-3.2.2-4",
                c"session present must be 0 when the connection is refused",
            ),
            Self::QosReserved => {
                (c"qos_reserved", c"MQTT-3.3.1-4", c"the QoS bits of a PUBLISH must not both be 1")
            }
            Self::DupWithoutQos => (c"dup_without_qos", c"MQTT-3.3.1-2", c"DUP must be 0 when the QoS is 0"),
            Self::TopicEmpty => {
                (c"topic_empty", c"MQTT-4.7.3-1", c"a topic name must have at least one character")
            }
            Self::TopicWildcard => {
                (c"topic_wildcard", c"MQTT-3.3.2-2", c"a topic name must not hold a wildcard")
            }
            Self::PacketIdZero => (c"packet_id_zero", c"MQTT-2.3.1-1", c"a packet identifier must not be 0"),
            Self::NoFilters => (c"no_filters", c"MQTT-3.8.3-3", c"there must be at least one topic filter"),
            Self::FilterEmpty => {
                (c"filter_empty", c"MQTT-4.7.3-1", c"a topic filter must have at least one character")
            }
            Self::FilterWildcard => (
                c"filter_wildcard",
                c"MQTT-4.7.1-2",
                c"a wildcard must fill its level, and \"#\" must be the last one",
            ),
            Self::SubscribeOptions => (
                c"subscribe_options",
                c"MQTT-3.8.3-4",
                c"a subscription's options must be a QoS of 0, 1 or 2 and nothing else",
            ),
            Self::NoReturnCodes => {
                (c"no_return_codes", c"MQTT-3.8.4-5", c"there must be at least one return code")
            }
            Self::SubackReturnCode => {
                (c"suback_return_code", c"MQTT-3.9.3-2", c"a SUBACK return code must be 0, 1, 2 or 0x80")
            }
            Self::PacketTypeUnexpected => (
                c"packet_type_unexpected",
                c"",
                c"the frame is of another packet type than the one asked for",
            ),
            Self::CharacterDiscouraged => {
                (c"character_discouraged", c"", c"a string holds a control character or a non-character")
            }
        }
    }

    /// The CONNACK return code that a server answers before it closes: 0x01 for a protocol level it
    /// does not serve (\[MQTT-3.1.2-2\]), 0x02 for a client identifier it does not accept
    /// (\[MQTT-3.1.3-8\]). `None`: close without an answer (\[MQTT-3.1.4-1\], \[MQTT-4.8.0-1\]).
    pub const fn connack_code(self) -> Option<u8> {
        match self {
            Self::ProtocolLevel | Self::ProtocolVersionOther => Some(0x01),
            Self::ClientIdRejected => Some(0x02),
            _ => None, // close: [MQTT-3.1.4-1]
        }
    }
}

/// The text of one of our own C strings.
pub(crate) const fn text(text: &'static CStr) -> &'static str {
    match text.to_str() {
        Ok(text) => text,
        Err(_) => "",
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
    /// An error at a byte of a frame, for who decodes by other means and uses
    /// [`stream::Window`](crate::v3::stream::Window). A frame is at most 268 435 460 bytes, so that an
    /// offset in it always fits.
    #[cold]
    pub const fn new(kind: ErrorKind, offset: usize) -> Self {
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
