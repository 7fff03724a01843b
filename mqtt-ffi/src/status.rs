//! What a call returns: counts, events and statuses, and the detail beside them.

use mqtt_codec::{EncodeError, ErrorKind};

use crate::slice::mqttc_slice;

/// Why a call did nothing: 0 when it did, negative for an error. The values are those of
/// `enum mqttc_code` and never change; new ones are appended.
pub type mqttc_status = i32;

/// What decoders and readers return when it is no length, and the values of `mqttc_status`: -1 to -31
/// are mistakes of the caller, -32 and below are broken rules of the specification, the same for
/// decoding and encoding. A call that only checks returns 0 when all is well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum mqttc_code {
    /// From a decoder or a reader: the packet is not complete, receive more. `left` of `mqttc_detail`
    /// is the number of bytes to receive before the next call.
    MQTTC_NEED_MORE = 0,
    /// From a reader: a packet.
    MQTTC_PACKET = 1,
    /// From a reader: the start of a PUBLISH that is longer than its buffer.
    MQTTC_PUBLISH_START = 2,
    /// From a reader: a piece of that PUBLISH's payload.
    MQTTC_PAYLOAD = 3,
    /// A pointer is NULL that must not be.
    MQTTC_ERR_NULL = -1,
    /// The output is too small; nothing was written. The same call with NULL and 0 in place of the
    /// buffer returns the size that is needed.
    MQTTC_ERR_BUFFER_TOO_SMALL = -2,
    /// A flag byte that is not 0 or 1, a slice with bytes whose `has_` flag is 0, a packet type or role
    /// that does not exist, an option that this version does not know, reserved bytes that are not 0, a
    /// commit beyond the space, a struct that was not initialised or was tampered with, a reader that is
    /// in use; a misaligned pointer, a length over PTRDIFF_MAX, or an input that overlaps an output.
    MQTTC_ERR_INVALID_ARGUMENT = -3,
    /// The remaining length takes more than four bytes, or would be over 268435455 (section 2.2.3).
    MQTTC_ERR_REMAINING_LENGTH = -32,
    /// The remaining length is not in its shortest form (section 2.2.3).
    MQTTC_ERR_REMAINING_LENGTH_PADDED = -33,
    /// Packet types 0 and 15 are forbidden (section 2.2.1).
    MQTTC_ERR_PACKET_TYPE_RESERVED = -34,
    /// The flag bits of the fixed header are not those that the type must have [MQTT-2.2.2-1].
    MQTTC_ERR_FLAGS_RESERVED = -35,
    /// The frame is longer than `max_packet_len`, or than the reader's buffer.
    MQTTC_ERR_PACKET_TOO_LARGE = -36,
    /// This packet type is never sent in this direction (section 2.2.1).
    MQTTC_ERR_WRONG_DIRECTION = -37,
    /// The frame ends before a field that must be there, or inside it.
    MQTTC_ERR_TRUNCATED = -38,
    /// The frame goes on after its last field.
    MQTTC_ERR_TRAILING_BYTES = -39,
    /// A string is not well-formed UTF-8 [MQTT-1.5.3-1].
    MQTTC_ERR_UTF8 = -40,
    /// A string holds U+0000 [MQTT-1.5.3-2].
    MQTTC_ERR_NUL_IN_STRING = -41,
    /// A string or binary field is over 65535 bytes.
    MQTTC_ERR_STRING_TOO_LONG = -42,
    /// The protocol name is neither MQTT nor MQIsdp [MQTT-3.1.2-1].
    MQTTC_ERR_PROTOCOL_NAME = -43,
    /// The protocol level does not go with the name [MQTT-3.1.2-2]: answer CONNACK 1.
    MQTTC_ERR_PROTOCOL_LEVEL = -44,
    /// A CONNECT of another known version, such as MQTT 5: answer CONNACK 1.
    MQTTC_ERR_PROTOCOL_VERSION_OTHER = -45,
    /// Bit 0 of the connect flags is set [MQTT-3.1.2-3].
    MQTTC_ERR_CONNECT_FLAG_RESERVED = -46,
    /// The will QoS is not 0, 1 or 2 [MQTT-3.1.2-14].
    MQTTC_ERR_WILL_QOS = -47,
    /// Will QoS or will retain without a will [MQTT-3.1.2-11].
    MQTTC_ERR_WILL_FLAGS_WITHOUT_WILL = -48,
    /// A password without a user name [MQTT-3.1.2-22].
    MQTTC_ERR_PASSWORD_WITHOUT_USER_NAME = -49,
    /// The client identifier is empty without clean session [MQTT-3.1.3-8], or, in MQTT 3.1, not of 1
    /// to 23 characters: answer CONNACK 2.
    MQTTC_ERR_CLIENT_ID_REJECTED = -50,
    /// Bits 7 to 1 of the connect acknowledge flags are not 0.
    MQTTC_ERR_CONNACK_FLAGS = -51,
    /// A CONNACK return code is over 5.
    MQTTC_ERR_RETURN_CODE = -52,
    /// Session present with a return code that is not 0 [MQTT-3.2.2-4].
    MQTTC_ERR_SESSION_PRESENT_WITH_REFUSAL = -53,
    /// The QoS of a PUBLISH is not 0, 1 or 2 [MQTT-3.3.1-4].
    MQTTC_ERR_QOS_RESERVED = -54,
    /// DUP on a PUBLISH of QoS 0 [MQTT-3.3.1-2].
    MQTTC_ERR_DUP_WITHOUT_QOS = -55,
    /// A topic name is empty [MQTT-4.7.3-1].
    MQTTC_ERR_TOPIC_EMPTY = -56,
    /// A topic name holds + or # [MQTT-3.3.2-2].
    MQTTC_ERR_TOPIC_WILDCARD = -57,
    /// A packet identifier is 0 [MQTT-2.3.1-1].
    MQTTC_ERR_PACKET_ID_ZERO = -58,
    /// A SUBSCRIBE or UNSUBSCRIBE without a topic filter [MQTT-3.8.3-3].
    MQTTC_ERR_NO_FILTERS = -59,
    /// A topic filter is empty [MQTT-4.7.3-1].
    MQTTC_ERR_FILTER_EMPTY = -60,
    /// A wildcard that does not fill its level, or a # before the last level [MQTT-4.7.1-2].
    MQTTC_ERR_FILTER_WILDCARD = -61,
    /// A subscription's options are not a QoS of 0, 1 or 2 [MQTT-3.8.3-4].
    MQTTC_ERR_SUBSCRIBE_OPTIONS = -62,
    /// A SUBACK without a return code [MQTT-3.8.4-5].
    MQTTC_ERR_NO_RETURN_CODES = -63,
    /// A SUBACK return code is not 0, 1, 2 or 0x80 [MQTT-3.9.3-2].
    MQTTC_ERR_SUBACK_RETURN_CODE = -64,
    /// A decoder for one packet type was given a frame of another type.
    MQTTC_ERR_PACKET_TYPE_UNEXPECTED = -65,
    /// A string holds a control character or a non-character, and MQTTC_REFUSE_CONTROL_CHARACTERS is
    /// set (section 1.5.3).
    MQTTC_ERR_CHARACTER_DISCOURAGED = -66,
}

pub(crate) const NEED_MORE: i32 = mqttc_code::MQTTC_NEED_MORE as i32;
pub(crate) const PACKET: i32 = mqttc_code::MQTTC_PACKET as i32;
pub(crate) const PUBLISH_START: i32 = mqttc_code::MQTTC_PUBLISH_START as i32;
pub(crate) const PAYLOAD: i32 = mqttc_code::MQTTC_PAYLOAD as i32;
/// No error.
pub(crate) const NONE: mqttc_status = 0;
pub(crate) const NULL: mqttc_status = mqttc_code::MQTTC_ERR_NULL as i32;
pub(crate) const BUFFER_TOO_SMALL: mqttc_status = mqttc_code::MQTTC_ERR_BUFFER_TOO_SMALL as i32;
pub(crate) const INVALID_ARGUMENT: mqttc_status = mqttc_code::MQTTC_ERR_INVALID_ARGUMENT as i32;
pub(crate) const TYPE_UNEXPECTED: mqttc_status = mqttc_code::MQTTC_ERR_PACKET_TYPE_UNEXPECTED as i32;
pub(crate) const TOO_LARGE: mqttc_status = mqttc_code::MQTTC_ERR_PACKET_TOO_LARGE as i32;

/// The status of the first error kind; the others follow it downwards.
pub(crate) const FIRST_RULE: mqttc_status = mqttc_code::MQTTC_ERR_REMAINING_LENGTH as i32;

/// The status of a broken rule.
pub(crate) const fn of_kind(kind: ErrorKind) -> mqttc_status {
    FIRST_RULE.wrapping_sub(kind as i32)
}

/// The place of a rule's status in [`ErrorKind::ALL`], if it is one there.
pub(crate) fn kind_index(status: mqttc_status) -> Option<usize> {
    usize::try_from(FIRST_RULE.checked_sub(status)?).ok()
}

/// The rule of a status, if it is one.
pub(crate) fn to_kind(status: mqttc_status) -> Option<ErrorKind> {
    ErrorKind::ALL.get(kind_index(status)?).copied()
}

/// What a decoder or a reader tells beside what it returns. Pass NULL if you do not want it.
///
/// - A packet: `bytes` is its frame.
/// - MQTTC_PUBLISH_START: `left` is the length of the payload.
/// - MQTTC_PAYLOAD: `bytes` is the piece, `left` is what comes after it, 0 at the last.
/// - MQTTC_NEED_MORE: `left` is the number of bytes to receive before the next call.
/// - A broken rule (-32 and below): `offset` is the first byte that breaks it. With
///   MQTTC_ERR_PACKET_TOO_LARGE `left` is the length that the frame declares, 0 if that is not known.
/// - A caller's mistake (-1 to -31): nothing is written.
///
/// What is not named is 0, and `bytes` then NULL with length 0.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mqttc_detail {
    /// The frame of a packet, or a piece of a payload. It points into the buffer that was decoded.
    pub bytes: mqttc_slice,
    /// The bytes that are missing, or still to come.
    pub left: u32,
    /// The byte that breaks the rule, counted from the frame's first byte. It is never more than the
    /// bytes of this frame that you gave: where the fault shows before its byte is there, it is their
    /// number.
    pub offset: u32,
}

impl mqttc_detail {
    pub(crate) const NOTHING: Self = Self { bytes: mqttc_slice::EMPTY, left: 0, offset: 0 };
}

/// Why an encoder wrote nothing.
pub(crate) enum Failure {
    Codec(EncodeError),
    Status(mqttc_status),
}

impl From<mqttc_status> for Failure {
    fn from(status: mqttc_status) -> Self {
        Self::Status(status)
    }
}

impl From<ErrorKind> for Failure {
    fn from(kind: ErrorKind) -> Self {
        Self::Codec(EncodeError::Invalid(kind))
    }
}

impl From<EncodeError> for Failure {
    fn from(error: EncodeError) -> Self {
        Self::Codec(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The enumerators are written out for the header; this holds them against the codec's kinds.
    #[test]
    fn every_kind_has_its_status() {
        let source = include_str!("status.rs");
        for (kind, value) in ErrorKind::ALL.iter().zip(32..) {
            let line = format!("    MQTTC_ERR_{} = -{value},\n", kind.name().to_uppercase());
            assert!(source.contains(&line), "{line}");
            assert_eq!(of_kind(*kind), -value);
            assert_eq!(to_kind(-value), Some(*kind));
        }
        assert_eq!(source.matches("\n    MQTTC_ERR_").count(), ErrorKind::ALL.len() + 3);
        for status in [0, 1, -1, -3, -31, -67, i32::MAX, i32::MIN] {
            assert_eq!(to_kind(status), None);
        }
    }
}
