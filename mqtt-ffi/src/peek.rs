//! The fixed header, and the version of a CONNECT: what is known before a packet is whole.

use mqtt_codec::frame::{self, FixedHeader, Peek};
use mqtt_codec::{ConnectVersion, PeekVersion, peek_connect_version};

use crate::call::{self, End};
use crate::ptr::{Out, Place};
use crate::status::{NEED_MORE, mqttc_detail};

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
    /// Of MQTT 5 alone; here MQTTC_ERR_PACKET_TYPE_RESERVED.
    MQTTC_AUTH = 15,
}

/// A fixed header: what the first 2 to 5 bytes of a frame say.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mqttc_header {
    /// The bytes after the header.
    pub remaining_len: u32,
    /// MQTTC_CONNECT (1) to MQTTC_DISCONNECT (14).
    pub r#type: u8,
    /// The lower half of the first byte, not checked.
    pub flags: u8,
    /// The bytes of the header itself, 2 to 5. The frame is `header_len + remaining_len` bytes.
    pub header_len: u8,
}

impl From<FixedHeader> for mqttc_header {
    fn from(header: FixedHeader) -> Self {
        Self {
            remaining_len: header.remaining_len,
            r#type: header.packet_type as u8,
            flags: header.flags,
            header_len: header.header_len,
        }
    }
}

/// Reads the fixed header alone, so that you know the type and the length of a frame before the rest
/// has come: `30 85 01` is a PUBLISH of 3 + 133 bytes.
///
/// Returns the header's length, 2 to 5, with `*out` filled and `bytes` of `*detail` the header;
/// MQTTC_NEED_MORE (0), with `left` 2 for an empty buffer and 1 while the length is unfinished; or below
/// 0 MQTTC_ERR_PACKET_TYPE_RESERVED, MQTTC_ERR_REMAINING_LENGTH, MQTTC_ERR_REMAINING_LENGTH_PADDED,
/// MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT. `*out` is filled only with a header.
///
/// After a broken rule the specification requires you to close the connection [MQTT-4.8.0-1]. If you
/// continue anyway, leave out the whole frame, including bytes that have not arrived yet. You know where
/// it ends unless the error is in the header:
///
///     s = mqttc_decode(dec, buf, len, &packet, &detail);
///     if (s <= MQTTC_ERR_REMAINING_LENGTH && mqttc_peek(buf, len, &header, NULL) > 0
///         && (detail.offset >= header.header_len || s == MQTTC_ERR_PACKET_TOO_LARGE))
///         leave_out(header.header_len + header.remaining_len);
///
/// `mqttc_reader_skip` does this for a reader. It knows the decoder, too: a padded length that
/// MQTTC_ALLOW_PADDED_REMAINING_LENGTH lets through is an error here.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_peek(
    buf: *const u8,
    len: usize,
    out: *mut mqttc_header,
    detail: *mut mqttc_detail,
) -> i32 {
    // SAFETY: the caller's promise; `check_pointers` has checked what is written.
    unsafe {
        let end = match call::check_pointers(buf, len, Place::of(out), detail) {
            Ok(bytes) => match frame::peek(bytes) {
                Ok(Peek::Header(header)) => {
                    Out::checked(out).set(header.into());
                    return call::packet(buf, header.header_len.into(), detail);
                }
                Ok(Peek::NeedMore { at_least }) => End::new(NEED_MORE, at_least),
                Err(error) => End::refused(error, bytes),
            },
            Err(status) => status.into(),
        };
        call::refuse(end, detail)
    }
}

/// The version of a CONNECT, as `mqttc_peek_connect_version` and `mqttc_reader_connect_version` return it.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub enum mqttc_connect_version {
    /// Another protocol name, or a level that does not go with it.
    MQTTC_VERSION_UNKNOWN = 1,
    /// MQIsdp, level 3.
    MQTTC_VERSION_3_1 = 3,
    /// MQTT, level 4.
    MQTTC_VERSION_3_1_1 = 4,
    /// MQTT, level 5.
    MQTTC_VERSION_5_0 = 5,
}

/// Tells which version the CONNECT at the front of `buf` speaks, before a decoder is chosen: as soon as
/// its protocol name and level are there, 9 bytes in MQTT 3.1.1. The bridge bit in the level is not
/// looked at. `detail` may be NULL; with a version all of it is 0.
///
/// Returns MQTTC_VERSION_3_1 (3), MQTTC_VERSION_3_1_1 (4), MQTTC_VERSION_5_0 (5) or
/// MQTTC_VERSION_UNKNOWN (1); MQTTC_NEED_MORE (0), with `left` of `*detail` the number of bytes still
/// missing, at the least; or below 0 the errors of `mqttc_peek`, MQTTC_ERR_PACKET_TYPE_UNEXPECTED when it
/// is no CONNECT, and MQTTC_ERR_TRUNCATED when the frame ends before the level.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_peek_connect_version(
    buf: *const u8,
    len: usize,
    detail: *mut mqttc_detail,
) -> i32 {
    // SAFETY: the caller's promise; `check_pointers` has checked what is written.
    unsafe {
        let end = match call::check_pointers(buf, len, Place::NOTHING, detail) {
            Ok(bytes) => peek_version(bytes),
            Err(status) => status.into(),
        };
        if end.status <= NEED_MORE {
            return call::refuse(end, detail);
        }
        call::set_detail(detail, mqttc_detail::NOTHING);
        end.status
    }
}

/// The version of the CONNECT that `buf` begins with, as the status.
pub(crate) fn peek_version(buf: &[u8]) -> End {
    match peek_connect_version(buf) {
        Ok(PeekVersion::Version(version)) => End::new(number_of(version) as i32, 0),
        Ok(PeekVersion::NeedMore { at_least }) => End::new(NEED_MORE, at_least),
        Err(error) => End::refused(error, buf),
    }
}

fn number_of(version: ConnectVersion) -> mqttc_connect_version {
    match version {
        ConnectVersion::V3_1 => mqttc_connect_version::MQTTC_VERSION_3_1,
        ConnectVersion::V3_1_1 => mqttc_connect_version::MQTTC_VERSION_3_1_1,
        ConnectVersion::V5_0 => mqttc_connect_version::MQTTC_VERSION_5_0,
        _ => mqttc_connect_version::MQTTC_VERSION_UNKNOWN,
    }
}
