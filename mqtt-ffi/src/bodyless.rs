//! PINGREQ, PINGRESP and DISCONNECT: packets without a body (sections 3.12 to 3.14).

use mqtt_codec::v3::{self, RawFrame};
use mqtt_codec::{DecodeError, PacketType};

use crate::call::{self, Task};
use crate::decoder::mqttc_decoder;
use crate::ptr::Out;
use crate::status::{mqttc_detail, mqttc_status};

/// What the functions that encode a packet without a body have in common.
///
/// # Safety
///
/// As for every function here: see the crate's documentation.
#[cfg_attr(target_pointer_width = "64", inline(always))]
#[cfg_attr(target_pointer_width = "32", inline(never))]
pub(crate) unsafe fn encode(
    buf: *mut u8,
    cap: usize,
    why: *mut mqttc_status,
    packet_type: PacketType,
) -> usize {
    // SAFETY: the caller's promise.
    unsafe { call::encode_number(buf, cap, why, |out| Ok(v3::encode_empty(packet_type, out)?)) }
}

/// Writes a PINGREQ and returns its length, 2: `c0 00`. `buf`, `cap` and `why` as for
/// `mqttc_connect_encode`.
///
/// Errors: MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_pingreq_encode(buf: *mut u8, cap: usize, why: *mut mqttc_status) -> usize {
    // SAFETY: the caller's promise.
    unsafe { encode(buf, cap, why, PacketType::PingReq) }
}

/// Writes a PINGRESP and returns its length, 2: `d0 00`. As `mqttc_pingreq_encode`.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_pingresp_encode(buf: *mut u8, cap: usize, why: *mut mqttc_status) -> usize {
    // SAFETY: the caller's promise.
    unsafe { encode(buf, cap, why, PacketType::PingResp) }
}

/// Writes a DISCONNECT and returns its length, 2: `e0 00`. As `mqttc_pingreq_encode`.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_disconnect_encode(buf: *mut u8, cap: usize, why: *mut mqttc_status) -> usize {
    // SAFETY: the caller's promise.
    unsafe { encode(buf, cap, why, PacketType::Disconnect) }
}

/// Reads a packet without a body, which an error leaves as it was.
fn read(frame: &mut RawFrame<'_>, out: Out<u8>) -> Result<(), DecodeError> {
    out.put(frame.empty_type().map(|found| found as u8))
}

/// Decodes the PINGREQ, PINGRESP or DISCONNECT at the front of `buf`, and writes which it is, such as
/// MQTTC_PINGRESP. As `mqttc_connect_decode`.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_bodyless_decode(
    dec: *const mqttc_decoder,
    buf: *const u8,
    len: usize,
    packet_type: *mut u8,
    detail: *mut mqttc_detail,
) -> i32 {
    use PacketType::*;
    const TASK: Task = Task::of::<u8>(&[PingReq, PingResp, Disconnect]);
    // SAFETY: the caller's promise.
    unsafe { call::decode(TASK, dec, buf, len, packet_type, detail, read) }
}
