//! CONNACK: a server's answer to CONNECT (section 3.2).

use mqtt_codec::v3::{ConnAck, ConnectReturnCode, RawFrame};
use mqtt_codec::{DecodeError, ErrorKind, PacketType};

use crate::call::{self, Task, flag};
use crate::decoder::mqttc_decoder;
use crate::ptr::{FromC, Out, Output};
use crate::status::{self, Failure, mqttc_detail, mqttc_status};

/// CONNACK: a server's answer to CONNECT (section 3.2). Fill it with `mqttc_connack_init`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mqttc_connack {
    /// 0 or 1: the server has kept the session; 0 with a refusal.
    pub session_present: u8,
    /// 0 accepted; 1 unacceptable protocol version, 2 identifier rejected, 3 server unavailable, 4 bad
    /// user name or password, 5 not authorized.
    pub return_code: u8,
}

// SAFETY: integers alone.
unsafe impl FromC for mqttc_connack {}

impl mqttc_connack {
    const INIT: Self = Self { session_present: 0, return_code: 0 };
}

impl From<ConnAck> for mqttc_connack {
    fn from(packet: ConnAck) -> Self {
        Self { session_present: packet.session_present.into(), return_code: packet.return_code.0 }
    }
}

/// Fills a CONNACK: accepted, no session present. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_connack_init(p: *mut mqttc_connack) {
    // SAFETY: the caller's promise.
    unsafe { call::init(p, mqttc_connack::INIT) }
}

/// Writes a CONNACK and returns its length, 4; "accepted" is `20 02 00 00`. `buf`, `cap` and `why` as
/// for `mqttc_connect_encode`.
///
/// Errors: MQTTC_ERR_RETURN_CODE for a code over 5, MQTTC_ERR_SESSION_PRESENT_WITH_REFUSAL
/// [MQTT-3.2.2-4]; MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_connack_encode(
    p: *const mqttc_connack,
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
unsafe fn encode(c: &mqttc_connack, output: Output<'_>) -> Result<usize, Failure> {
    let session_present = flag(c.session_present)?;
    let connack = ConnAck { session_present, return_code: ConnectReturnCode(c.return_code) };
    // SAFETY: the only slice of this output.
    Ok(connack.encode(unsafe { output.into_slice() })?)
}

/// Reads a CONNACK, which an error leaves as it was.
#[inline(always)]
pub(crate) fn read(frame: &mut RawFrame<'_>, out: Out<mqttc_connack>) -> Result<(), DecodeError> {
    out.put(ConnAck::from_frame(frame))
}

/// Decodes the CONNACK at the front of `buf`: `20 02 00 00` is "accepted". As `mqttc_connect_decode`.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_connack_decode(
    dec: *const mqttc_decoder,
    buf: *const u8,
    len: usize,
    out: *mut mqttc_connack,
    detail: *mut mqttc_detail,
) -> i32 {
    const TASK: Task = Task::of::<mqttc_connack>(&[PacketType::ConnAck]);
    // SAFETY: the caller's promise.
    unsafe { call::decode(TASK, dec, buf, len, out, detail, read) }
}

/// The CONNACK return code with which a server answers a CONNECT that was refused with this status,
/// before it closes: 1 for a protocol level that is not served [MQTT-3.1.2-2], 2 for a client
/// identifier [MQTT-3.1.3-8]; -1: close without an answer [MQTT-3.1.4-1].
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn mqttc_connack_code(status: mqttc_status) -> i32 {
    status::to_kind(status).and_then(ErrorKind::connack_code).map_or(-1, i32::from)
}
