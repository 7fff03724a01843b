//! PUBACK, PUBREC, PUBREL, PUBCOMP, UNSUBACK: a packet identifier alone (sections 3.4 to 3.7, 3.11).

use mqtt_codec::v3::{self, RawFrame};
use mqtt_codec::{DecodeError, PacketId, PacketType};

use crate::call::{self, Task};
use crate::decoder::mqttc_decoder;
use crate::ptr::Out;
use crate::status::{INVALID_ARGUMENT, mqttc_detail, mqttc_status};

/// What the functions that encode an acknowledgement have in common. Its type and identifier come in one number, so
/// that all parameters go in registers.
///
/// # Safety
///
/// As for every function here: see the crate's documentation.
#[cfg_attr(target_pointer_width = "64", inline(always))]
#[cfg_attr(target_pointer_width = "32", inline(never))]
unsafe fn encode_pair(type_and_id: u32, buf: *mut u8, cap: usize, why: *mut mqttc_status) -> usize {
    // SAFETY: the caller's promise.
    unsafe {
        call::encode_number(buf, cap, why, |out| {
            let packet_type = PacketType::from_number((type_and_id >> 16) as u8).ok_or(INVALID_ARGUMENT)?;
            Ok(v3::encode_ack(packet_type, (type_and_id as u16).try_into()?, out)?)
        })
    }
}

/// # Safety
///
/// As for every function here.
#[inline(always)]
pub(crate) unsafe fn encode(
    packet_type: PacketType,
    packet_id: u16,
    buf: *mut u8,
    cap: usize,
    why: *mut mqttc_status,
) -> usize {
    // SAFETY: the caller's promise.
    unsafe { encode_pair((packet_type as u32) << 16 | u32::from(packet_id), buf, cap, why) }
}

/// Writes a PUBACK and returns its length, 4; for packet id 7: `40 02 00 07`. `buf`, `cap` and `why` as
/// for `mqttc_connect_encode`.
///
/// Errors: MQTTC_ERR_PACKET_ID_ZERO; MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_NULL,
/// MQTTC_ERR_INVALID_ARGUMENT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_puback_encode(
    packet_id: u16,
    buf: *mut u8,
    cap: usize,
    why: *mut mqttc_status,
) -> usize {
    // SAFETY: the caller's promise.
    unsafe { encode(PacketType::PubAck, packet_id, buf, cap, why) }
}

/// Writes a PUBREC and returns its length, 4; for packet id 7: `50 02 00 07`. As `mqttc_puback_encode`.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_pubrec_encode(
    packet_id: u16,
    buf: *mut u8,
    cap: usize,
    why: *mut mqttc_status,
) -> usize {
    // SAFETY: the caller's promise.
    unsafe { encode(PacketType::PubRec, packet_id, buf, cap, why) }
}

/// Writes a PUBREL and returns its length, 4; for packet id 7: `62 02 00 07`. As `mqttc_puback_encode`.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_pubrel_encode(
    packet_id: u16,
    buf: *mut u8,
    cap: usize,
    why: *mut mqttc_status,
) -> usize {
    // SAFETY: the caller's promise.
    unsafe { encode(PacketType::PubRel, packet_id, buf, cap, why) }
}

/// Writes a PUBCOMP and returns its length, 4; for packet id 7: `70 02 00 07`. As `mqttc_puback_encode`.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_pubcomp_encode(
    packet_id: u16,
    buf: *mut u8,
    cap: usize,
    why: *mut mqttc_status,
) -> usize {
    // SAFETY: the caller's promise.
    unsafe { encode(PacketType::PubComp, packet_id, buf, cap, why) }
}

/// Writes an UNSUBACK and returns its length, 4; for packet id 7: `b0 02 00 07`. As `mqttc_puback_encode`.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_unsuback_encode(
    packet_id: u16,
    buf: *mut u8,
    cap: usize,
    why: *mut mqttc_status,
) -> usize {
    // SAFETY: the caller's promise.
    unsafe { encode(PacketType::UnsubAck, packet_id, buf, cap, why) }
}

/// Reads an acknowledgement, which an error leaves as it was.
#[inline(always)]
pub(crate) fn read(frame: &mut RawFrame<'_>, out: Out<u16>) -> Result<(), DecodeError> {
    out.put(frame.ack_id().map(PacketId::get))
}

/// Decodes the PUBACK, PUBREC, PUBREL, PUBCOMP or UNSUBACK at the front of `buf`; which one it is, the
/// type of `mqttc_peek` tells. As `mqttc_connect_decode`.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_ack_decode(
    dec: *const mqttc_decoder,
    buf: *const u8,
    len: usize,
    packet_id: *mut u16,
    detail: *mut mqttc_detail,
) -> i32 {
    use PacketType::*;
    const TASK: Task = Task::of::<u16>(&[PubAck, PubRec, PubRel, PubComp, UnsubAck]);
    // SAFETY: the caller's promise.
    unsafe { call::decode(TASK, dec, buf, len, packet_id, detail, read) }
}
