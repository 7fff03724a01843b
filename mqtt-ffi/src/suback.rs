//! SUBACK: the answer to SUBSCRIBE (section 3.9).

use mqtt_codec::v3::{RawFrame, SubAck, SubAckCode};
use mqtt_codec::{DecodeError, PacketType};

use crate::call::{self, Task};
use crate::decoder::mqttc_decoder;
use crate::ptr::{FromC, Out, Output};
use crate::slice::mqttc_slice;
use crate::status::{Failure, mqttc_detail, mqttc_status};

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

// SAFETY: integers and raw pointers alone.
unsafe impl FromC for mqttc_suback {}

impl From<SubAck<'_>> for mqttc_suback {
    fn from(packet: SubAck<'_>) -> Self {
        Self {
            return_codes: packet.return_codes.wire_bytes().map_or(mqttc_slice::EMPTY, mqttc_slice::of),
            packet_id: packet.id.get(),
        }
    }
}

/// Fills a SUBACK: no return codes, no packet identifier. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_suback_init(p: *mut mqttc_suback) {
    // SAFETY: the caller's promise.
    unsafe { call::init(p, mqttc_suback { return_codes: mqttc_slice::EMPTY, packet_id: 0 }) }
}

/// Writes a SUBACK and returns its length. Return codes 1 and 0x80, packet id 1, 6 bytes:
/// `90 04  00 01  01 80`. `buf`, `cap` and `why` as for `mqttc_connect_encode`.
///
/// Errors: MQTTC_ERR_PACKET_ID_ZERO, MQTTC_ERR_NO_RETURN_CODES, MQTTC_ERR_SUBACK_RETURN_CODE
/// [MQTT-3.9.3-2], MQTTC_ERR_REMAINING_LENGTH; MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_NULL,
/// MQTTC_ERR_INVALID_ARGUMENT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_suback_encode(
    p: *const mqttc_suback,
    buf: *mut u8,
    cap: usize,
    why: *mut mqttc_status,
) -> usize {
    // SAFETY: the caller's promise.
    unsafe { call::encode(p, buf, cap, why, |c, output| encode(c, output)) }
}

/// # Safety
///
/// As for every function here: see the crate's documentation.
unsafe fn encode(c: &mqttc_suback, output: Output<'_>) -> Result<usize, Failure> {
    let id = c.packet_id.try_into()?;
    // SAFETY: the caller's promise.
    let codes = unsafe { output.input(c.return_codes) }?.iter().copied().map(SubAckCode);
    // SAFETY: the only slice of this output.
    Ok(SubAck::encode_iter(id, codes, unsafe { output.into_slice() })?)
}

/// Reads a SUBACK, which an error leaves as it was.
#[inline(always)]
pub(crate) fn read(frame: &mut RawFrame<'_>, out: Out<mqttc_suback>) -> Result<(), DecodeError> {
    out.put(SubAck::from_frame(frame))
}

/// Decodes the SUBACK at the front of `buf`. As `mqttc_connect_decode`.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_suback_decode(
    dec: *const mqttc_decoder,
    buf: *const u8,
    len: usize,
    out: *mut mqttc_suback,
    detail: *mut mqttc_detail,
) -> i32 {
    const TASK: Task = Task::of::<mqttc_suback>(&[PacketType::SubAck]);
    // SAFETY: the caller's promise.
    unsafe { call::decode(TASK, dec, buf, len, out, detail, read) }
}
