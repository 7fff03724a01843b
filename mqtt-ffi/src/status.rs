//! Status values, and what they mean in words.

use core::ffi::{CStr, c_char};

use mqtt_codec::{DecodeError, EncodeError, ErrorKind, PacketType};

use crate::types::mqttc_error;

/// What a call answers: 0 done, 1 need more, 2 to 9 reader events, negative an error. The values
/// are those of `enum mqttc_code` and never change; new errors are appended.
pub type mqttc_status = i32;

/// The values of `mqttc_status`. -1 to -31 are mistakes of the caller, -32 and below are broken rules
/// of the specification, the same for decoding and encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum mqttc_code {
    /// Done.
    MQTTC_OK = 0,
    /// The frame is not complete; `*used` (of the reader: `*left`) tells how many bytes are missing.
    MQTTC_NEED_MORE = 1,
    /// Of the reader: the start of a PUBLISH that is longer than its buffer.
    MQTTC_PUBLISH_START = 2,
    /// Of the reader: a piece of that PUBLISH's payload.
    MQTTC_PAYLOAD = 3,
    /// A pointer is NULL that must not be.
    MQTTC_ERR_NULL = -1,
    /// The output is too small; `*written` tells the size that is needed. Nothing was written.
    MQTTC_ERR_BUFFER_TOO_SMALL = -2,
    /// A flag byte that is not 0 or 1, a packet type or role that does not exist, reserved bytes that
    /// are not 0, a commit beyond the space, a struct that was not initialised or was tampered with; a
    /// misaligned pointer, a length over PTRDIFF_MAX, or an input that overlaps the output.
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

pub(crate) const OK: mqttc_status = mqttc_code::MQTTC_OK as i32;
pub(crate) const NEED_MORE: mqttc_status = mqttc_code::MQTTC_NEED_MORE as i32;
pub(crate) const PUBLISH_START: mqttc_status = mqttc_code::MQTTC_PUBLISH_START as i32;
pub(crate) const PAYLOAD: mqttc_status = mqttc_code::MQTTC_PAYLOAD as i32;
pub(crate) const NULL: mqttc_status = mqttc_code::MQTTC_ERR_NULL as i32;
pub(crate) const BUFFER_TOO_SMALL: mqttc_status = mqttc_code::MQTTC_ERR_BUFFER_TOO_SMALL as i32;
pub(crate) const INVALID_ARGUMENT: mqttc_status = mqttc_code::MQTTC_ERR_INVALID_ARGUMENT as i32;

/// The status of the first error kind; the others follow it downwards.
const FIRST_RULE: mqttc_status = mqttc_code::MQTTC_ERR_REMAINING_LENGTH as i32;

/// The status of a broken rule.
pub(crate) const fn of_kind(kind: ErrorKind) -> mqttc_status {
    FIRST_RULE.wrapping_sub(kind as i32)
}

/// A refused frame, as C sees it.
pub(crate) const fn of_error(error: DecodeError) -> mqttc_error {
    mqttc_error { status: of_kind(error.kind()), offset: error.offset() as u32 }
}

/// The rule of a status, if it is one.
pub(crate) fn to_kind(status: mqttc_status) -> Option<ErrorKind> {
    let index = usize::try_from(FIRST_RULE.checked_sub(status)?).ok()?;
    ErrorKind::ALL.get(index).copied()
}

/// The codec's error, if the status is that of a rule.
pub(crate) fn to_decode_error(error: mqttc_error) -> Option<DecodeError> {
    to_kind(error.status).map(|kind| DecodeError::new(kind, error.offset as usize))
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

/// What an encoder answers: the status, and `*written`. Two numbers go in registers from function to function, a
/// `Result<usize, Failure>` on a microcontroller through memory.
#[derive(Clone, Copy)]
pub(crate) struct Answer {
    pub(crate) status: mqttc_status,
    pub(crate) written: usize,
}

impl Answer {
    /// Of a result, whose good side is the bytes written or what a function that did the work has answered.
    #[inline(always)]
    pub(crate) fn of<T: Into<Self>>(result: Result<T, Failure>) -> Self {
        let (status, written) = match result {
            Ok(answer) => return answer.into(),
            Err(Failure::Codec(EncodeError::BufferTooSmall { needed })) => (BUFFER_TOO_SMALL, needed),
            Err(Failure::Codec(EncodeError::Invalid(kind))) => (of_kind(kind), 0),
            Err(Failure::Codec(_)) => (INVALID_ARGUMENT, 0),
            Err(Failure::Status(status)) => (status, 0),
        };
        Self { status, written }
    }
}

impl From<usize> for Answer {
    #[inline(always)]
    fn from(written: usize) -> Self {
        Self { status: OK, written }
    }
}

/// What a status means, in a few words of English. Never NULL; static, nothing to free.
#[unsafe(no_mangle)]
pub extern "C" fn mqttc_strerror(status: mqttc_status) -> *const c_char {
    let text: &CStr = match status {
        OK => c"done",
        NEED_MORE => c"more bytes are needed",
        PUBLISH_START => c"the start of a long PUBLISH",
        PAYLOAD => c"a piece of a payload",
        NULL => c"a pointer is NULL that must not be",
        BUFFER_TOO_SMALL => c"the output buffer is too small",
        INVALID_ARGUMENT => c"an argument is not one that this call takes",
        _ => match to_kind(status) {
            Some(kind) => kind.c_texts().2,
            None => c"not a status of this version",
        },
    };
    text.as_ptr()
}

/// The clause of the specification that a status stands for, such as "MQTT-3.3.2-2"; "" for rules
/// without a number and for statuses that are no rule. Never NULL; static, nothing to free.
#[unsafe(no_mangle)]
pub extern "C" fn mqttc_spec_ref(status: mqttc_status) -> *const c_char {
    to_kind(status).map_or(c"", |kind| kind.c_texts().1).as_ptr()
}

/// The name of a packet type, such as "PUBLISH" for 3; "reserved" for a number that is none. Never
/// NULL; static, nothing to free.
#[unsafe(no_mangle)]
pub extern "C" fn mqttc_packet_type_str(packet_type: u8) -> *const c_char {
    PacketType::from_number(packet_type).map_or(c"reserved", PacketType::c_name).as_ptr()
}

/// The CONNACK return code with which a server answers a CONNECT that was refused with this status,
/// before it closes: 1 for a protocol level that is not served [MQTT-3.1.2-2], 2 for a client
/// identifier [MQTT-3.1.3-8]; -1: close without an answer [MQTT-3.1.4-1].
#[unsafe(no_mangle)]
pub extern "C" fn mqttc_connack_code(status: mqttc_status) -> i32 {
    to_kind(status).and_then(ErrorKind::connack_code).map_or(-1, i32::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of `mqttc_code`, by the lines of this file.
    fn codes() -> std::vec::Vec<mqttc_status> {
        let lines = include_str!("status.rs").lines();
        let values =
            lines.filter(|line| line.starts_with("    MQTTC_")).filter_map(|line| line.split_once(" = "));
        values.map(|(_, value)| value.trim_end_matches(',').parse().unwrap()).collect()
    }

    #[test]
    fn every_status_has_a_text_of_its_own() {
        let text = |status| {
            // SAFETY: a static C string.
            unsafe { CStr::from_ptr(mqttc_strerror(status)) }.to_str().unwrap()
        };
        let none = text(i32::MIN);
        let mut seen = std::collections::HashSet::from([none]);
        for status in codes() {
            assert!(seen.insert(text(status)), "{status}: {}", text(status));
        }
        assert_eq!(seen.len(), ErrorKind::ALL.len() + 8);
        assert!((10..100).chain(-31..=-4).all(|status| text(status) == none));
    }

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
