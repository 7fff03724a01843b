//! CONNECT: asks a server for a connection (section 3.1).

use mqtt_codec::v3::{ConnectParts, RawFrame};
use mqtt_codec::{DecodeError, ErrorKind, PacketType};

use crate::call::{self, Task, flag};
use crate::decoder::{mqttc_decoder, mqttc_level, protocol_of};
use crate::ptr::{FromC, Out, Output};
use crate::slice::mqttc_slice;
use crate::status::{Failure, INVALID_ARGUMENT, mqttc_detail, mqttc_status};

/// CONNECT: asks a server for a connection (section 3.1). Fill it with `mqttc_connect_init`, then set
/// what you need; `mqttc_connect_login` and `mqttc_connect_will` set a field together with its flag. A
/// slice with bytes whose `has_` flag is 0 is MQTTC_ERR_INVALID_ARGUMENT, so that none is forgotten.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mqttc_connect {
    /// Who the client is. MQTT 3.1.1: may be empty if `clean_session`. MQTT 3.1: 1 to 23 characters.
    pub client_id: mqttc_slice,
    /// Where the will is published. With `has_will` alone.
    pub will_topic: mqttc_slice,
    /// What is published there; may be empty. With `has_will` alone.
    pub will_message: mqttc_slice,
    /// May be empty. With `has_user_name` alone.
    pub user_name: mqttc_slice,
    /// May be empty; any bytes. With `has_password` alone.
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
    /// 0 or 1: there is a user name.
    pub has_user_name: u8,
    /// 0 or 1: there is a password; not without a user name [MQTT-3.1.2-22].
    pub has_password: u8,
}

// SAFETY: integers and raw pointers alone.
unsafe impl FromC for mqttc_connect {}

impl mqttc_connect {
    const INIT: Self = Self {
        client_id: mqttc_slice::EMPTY,
        will_topic: mqttc_slice::EMPTY,
        will_message: mqttc_slice::EMPTY,
        user_name: mqttc_slice::EMPTY,
        password: mqttc_slice::EMPTY,
        keep_alive: 60,
        protocol_level: mqttc_level::MQTTC_LEVEL_3_1_1 as u8,
        clean_session: 1,
        has_will: 0,
        will_qos: 0,
        will_retain: 0,
        has_user_name: 0,
        has_password: 0,
    };
}

impl From<ConnectParts<'_>> for mqttc_connect {
    #[inline(always)]
    fn from(parts: ConnectParts<'_>) -> Self {
        let bit = |flag| u8::from(parts.flags & flag != 0);
        let [client_id, will_topic, will_message, user_name, password] =
            parts.fields.map(mqttc_slice::of_optional);
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

/// Fills a CONNECT: MQTT 3.1.1, clean session, keep alive 60 seconds, empty client identifier, no
/// will, no user name, no password. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_connect_init(p: *mut mqttc_connect) {
    // SAFETY: the caller's promise.
    unsafe { call::init(p, mqttc_connect::INIT) }
}

/// Writes a CONNECT and returns its length. After `mqttc_connect_init` and
/// `client_id = mqttc_str("ab")`, 16 bytes:
///
///     10 0e  00 04 'M' 'Q' 'T' 'T'  04  02  00 3c  00 02 'a' 'b'
///
/// Every encoder returns the bytes that it has written. It returns 0 when it refuses; then `buf` is
/// untouched, and `*why` is the status that says why (0 after success). `why` may be NULL; read `*why` in
/// a statement of its own, not among the arguments beside the call. NULL and 0 in place of `buf` and
/// `cap` ask for the size: it is returned, and nothing is written.
///
/// Errors: MQTTC_ERR_PROTOCOL_LEVEL, MQTTC_ERR_PROTOCOL_VERSION_OTHER (level 5), MQTTC_ERR_WILL_QOS,
/// MQTTC_ERR_WILL_FLAGS_WITHOUT_WILL, MQTTC_ERR_PASSWORD_WITHOUT_USER_NAME,
/// MQTTC_ERR_CLIENT_ID_REJECTED [MQTT-3.1.3-7]; for the strings MQTTC_ERR_UTF8,
/// MQTTC_ERR_NUL_IN_STRING, MQTTC_ERR_STRING_TOO_LONG, for the will topic also MQTTC_ERR_TOPIC_EMPTY,
/// MQTTC_ERR_TOPIC_WILDCARD; MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_connect_encode(
    p: *const mqttc_connect,
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
#[cfg_attr(target_pointer_width = "64", inline(always))]
unsafe fn encode(c: &mqttc_connect, output: Output<'_>) -> Result<usize, Failure> {
    // 0 or 1 if each of them is.
    flag(c.clean_session | c.has_will | c.will_retain | c.has_user_name | c.has_password)?;
    // SAFETY: the caller's promise.
    let bytes = |slice| unsafe { output.input(slice) };
    // Bytes without their flag: it was forgotten.
    let absent = |len: usize| if len == 0 { Ok(()) } else { Err(INVALID_ARGUMENT) };
    let mut fields: [&[u8]; 5] = [bytes(c.client_id)?, &[], &[], &[], &[]];
    if c.has_will != 0 {
        fields[1] = bytes(c.will_topic)?;
        fields[2] = bytes(c.will_message)?;
    } else {
        absent(c.will_topic.len | c.will_message.len)?;
    }
    if c.has_user_name != 0 {
        fields[3] = bytes(c.user_name)?;
    } else {
        absent(c.user_name.len)?;
    }
    if c.has_password != 0 {
        fields[4] = bytes(c.password)?;
    } else {
        absent(c.password.len)?;
    }
    let protocol = match protocol_of(c.protocol_level) {
        Some(protocol) => protocol,
        None if c.protocol_level == 5 => return Err(ErrorKind::ProtocolVersionOther.into()),
        None => return Err(ErrorKind::ProtocolLevel.into()),
    };
    let flags = c.clean_session.wrapping_mul(ConnectParts::CLEAN_SESSION)
        | c.has_will.wrapping_mul(ConnectParts::WILL)
        // Any QoS over 2 is as wrong as 3, and has two bits to be so.
        | c.will_qos.min(3) << ConnectParts::WILL_QOS_SHIFT
        | c.will_retain.wrapping_mul(ConnectParts::WILL_RETAIN)
        | c.has_password.wrapping_mul(ConnectParts::PASSWORD)
        | c.has_user_name.wrapping_mul(ConnectParts::USER_NAME);
    let parts = ConnectParts { protocol, flags, keep_alive: c.keep_alive, fields };
    parts.judge()?;
    // SAFETY: the only slice of this output.
    Ok(parts.encode(unsafe { output.into_slice() })?)
}

/// Reads a CONNECT, which an error leaves as it was.
#[inline(always)]
pub(crate) fn read(frame: &mut RawFrame<'_>, out: Out<mqttc_connect>) -> Result<(), DecodeError> {
    let mut parts = ConnectParts::empty();
    parts.read(frame)?;
    out.set(parts.into());
    Ok(())
}

/// Decodes the CONNECT at the front of `buf`, as `mqttc_decode` does, and links nothing but CONNECT.
///
/// What the first byte shows ranks first: a frame of another type is
/// MQTTC_ERR_PACKET_TYPE_UNEXPECTED, however much of it has come.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_connect_decode(
    dec: *const mqttc_decoder,
    buf: *const u8,
    len: usize,
    out: *mut mqttc_connect,
    detail: *mut mqttc_detail,
) -> i32 {
    const TASK: Task = Task::of::<mqttc_connect>(&[PacketType::Connect]);
    // SAFETY: the caller's promise.
    unsafe { call::decode(TASK, dec, buf, len, out, detail, read) }
}
