//! From structs to bytes.

use core::mem::offset_of;

use mqtt_codec::list::{Item, List};
use mqtt_codec::v3::{
    AnyFilter, ConnAck, ConnectParts, ConnectReturnCode, Publish, PublishParts, SubAck, SubAckCode,
    Subscribe, Unsubscribe, encode_ack, encode_empty, encode_filters,
};
use mqtt_codec::{ErrorKind, PacketId, PacketType};

use crate::ptr::{self, Array, FromC, Out, Output, Place};
use crate::status::{self, Answer, Failure, INVALID_ARGUMENT, OK, mqttc_status};
use crate::types::{
    flag, mqttc_connack, mqttc_connect, mqttc_filter_list, mqttc_packet, mqttc_publish, mqttc_slice,
    mqttc_suback, mqttc_subscribe, mqttc_subscription, mqttc_unsubscribe, protocol_of,
};

/// What every function that encodes a struct does around its work: judges the pointers, runs `work`, and
/// writes `*written`.
///
/// # Safety
///
/// As for every function here: see the crate's documentation.
#[inline(always)]
pub(crate) unsafe fn answer<'a, T: FromC + 'a, A: Into<Answer>>(
    p: *const T,
    buf: *mut u8,
    cap: usize,
    written: *mut usize,
    work: impl FnOnce(&'a T, Output<'a>) -> Result<A, Failure>,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe {
        match begin_with(p, buf, cap, written) {
            Ok((c, output)) => end(written, work(c, output)),
            Err(status) => status,
        }
    }
}

/// Begins a function that encodes a struct: judges all its pointers and gives the struct and the output. What
/// follows is [`end`].
///
/// # Safety
///
/// As for every function here: see the crate's documentation.
#[cfg_attr(target_pointer_width = "64", inline(always))]
unsafe fn begin_with<'a, T: FromC>(
    p: *const T,
    buf: *mut u8,
    cap: usize,
    written: *mut usize,
) -> Result<(&'a T, Output<'a>), mqttc_status> {
    // SAFETY: the caller's promise; all was judged.
    unsafe {
        let output = Output::of(buf, cap);
        judge_with(Place::of(p), output, written)?;
        Ok((ptr::judged_view(p), output))
    }
}

/// # Safety
///
/// As for every function here.
#[cfg_attr(target_pointer_width = "64", inline(always))]
#[cfg_attr(target_pointer_width = "32", inline(never))]
unsafe fn judge_with(p: Place, output: Output<'_>, written: *mut usize) -> Result<(), mqttc_status> {
    // SAFETY: the caller's promise, here and below.
    unsafe { judge(output, written) }?;
    match output.holds_none_of(p) {
        Ok(()) => Ok(()),
        // SAFETY: as above; `judge` has judged it.
        Err(status) => Err(unsafe { end::<usize>(written, Err(status.into())) }),
    }
}

/// Begins a function that encodes: judges where the output and its length go. An output that cannot be one sets
/// `*written` to 0.
///
/// # Safety
///
/// As for every function here.
#[cfg_attr(target_pointer_width = "64", inline(always))]
unsafe fn begin<'a>(buf: *mut u8, cap: usize, written: *mut usize) -> Result<Output<'a>, mqttc_status> {
    // SAFETY: the caller's promise; the output was judged.
    unsafe {
        let output = Output::of(buf, cap);
        judge(output, written)?;
        Ok(output)
    }
}

/// # Safety
///
/// As for every function here.
#[cfg_attr(target_pointer_width = "64", inline(always))]
#[cfg_attr(target_pointer_width = "32", inline(never))]
unsafe fn judge(output: Output<'_>, written: *mut usize) -> Result<(), mqttc_status> {
    // SAFETY: the caller's promise.
    unsafe { Out::new(written) }?;
    match output.judge() {
        // Else the length would be written over the packet.
        Ok(()) => output.apart_from(written),
        // SAFETY: as above; it was judged.
        Err(status) => Err(unsafe { end::<usize>(written, Err(status.into())) }),
    }
}

/// Ends a function that encodes: the status of the result, with `*written` set.
///
/// # Safety
///
/// `written` was judged by [`begin`].
#[inline(always)]
unsafe fn end<A: Into<Answer>>(written: *mut usize, result: Result<A, Failure>) -> mqttc_status {
    let answer = Answer::of(result);
    // SAFETY: the caller's promise.
    unsafe { Out::judged(written) }.set(answer.written);
    answer.status
}

/// Fills a struct with its initial value; does nothing for NULL.
///
/// # Safety
///
/// As for every function here.
unsafe fn init<T>(p: *mut T, value: T) {
    // SAFETY: the caller's promise.
    if let Ok(p) = unsafe { Out::new(p) } {
        p.set(value);
    }
}

/// Fills a CONNECT: MQTT 3.1.1, clean session, keep alive 60 seconds, empty client identifier, no
/// will, no user name, no password. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_connect_init(p: *mut mqttc_connect) {
    // SAFETY: the caller's promise.
    unsafe { init(p, mqttc_connect::INIT) }
}

/// Writes a CONNECT. After `mqttc_connect_init` and `client_id = mqttc_str("ab")`, 16 bytes:
///
///     10 0e  00 04 'M' 'Q' 'T' 'T'  04  02  00 3c  00 02 'a' 'b'
///
/// `*written`: the bytes written. `cap` 0 (then `buf` may be NULL) asks for the size:
/// MQTTC_ERR_BUFFER_TOO_SMALL with `*written` the size that is needed. On an error `buf` is untouched,
/// and `*written` is 0 unless the buffer was too small, or `written` itself is what is refused: NULL,
/// misaligned, or inside `buf`.
///
/// Errors: MQTTC_ERR_PROTOCOL_LEVEL, MQTTC_ERR_PROTOCOL_VERSION_OTHER (level 5), MQTTC_ERR_WILL_QOS,
/// MQTTC_ERR_WILL_FLAGS_WITHOUT_WILL, MQTTC_ERR_PASSWORD_WITHOUT_USER_NAME,
/// MQTTC_ERR_CLIENT_ID_REJECTED [MQTT-3.1.3-7]; for the strings MQTTC_ERR_UTF8,
/// MQTTC_ERR_NUL_IN_STRING, MQTTC_ERR_STRING_TOO_LONG, for the will topic also MQTTC_ERR_TOPIC_EMPTY,
/// MQTTC_ERR_TOPIC_WILDCARD; MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_connect_encode(
    p: *const mqttc_connect,
    buf: *mut u8,
    cap: usize,
    written: *mut usize,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe { answer(p, buf, cap, written, |c, output| encode_connect(c, output)) }
}

/// # Safety
///
/// As for every function here.
#[cfg_attr(target_pointer_width = "64", inline(always))]
unsafe fn encode_connect(c: &mqttc_connect, output: Output<'_>) -> Result<usize, Failure> {
    let protocol = protocol_of(c.protocol_level).ok_or(match c.protocol_level {
        5 => ErrorKind::ProtocolVersionOther,
        _ => ErrorKind::ProtocolLevel,
    })?;
    // 0 or 1 if each of them is.
    flag(c.clean_session | c.has_will | c.will_retain | c.has_user_name | c.has_password)?;
    let flags = c.clean_session.wrapping_mul(ConnectParts::CLEAN_SESSION)
        | c.has_will.wrapping_mul(ConnectParts::WILL)
        // Any QoS over 2 is as wrong as 3, and has two bits to be so.
        | c.will_qos.min(3) << ConnectParts::WILL_QOS_SHIFT
        | c.will_retain.wrapping_mul(ConnectParts::WILL_RETAIN)
        | c.has_password.wrapping_mul(ConnectParts::PASSWORD)
        | c.has_user_name.wrapping_mul(ConnectParts::USER_NAME);
    // SAFETY: the caller's promise.
    let bytes = |slice| unsafe { output.input(slice) };
    let mut fields: [&[u8]; 5] = [bytes(c.client_id)?, &[], &[], &[], &[]];
    if c.has_will != 0 {
        fields[1] = bytes(c.will_topic)?;
        fields[2] = bytes(c.will_message)?;
    }
    if c.has_user_name != 0 {
        fields[3] = bytes(c.user_name)?;
    }
    if c.has_password != 0 {
        fields[4] = bytes(c.password)?;
    }
    let parts = ConnectParts { protocol, flags, keep_alive: c.keep_alive, fields };
    parts.judge()?;
    // SAFETY: the only slice of this output.
    Ok(parts.encode(unsafe { output.into_slice() })?)
}

/// Fills a CONNACK: accepted, no session present. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_connack_init(p: *mut mqttc_connack) {
    // SAFETY: the caller's promise.
    unsafe { init(p, mqttc_connack { session_present: 0, return_code: 0 }) }
}

/// Writes a CONNACK, 4 bytes; "accepted" is `20 02 00 00`. `*written` and `cap` as for
/// `mqttc_connect_encode`.
///
/// Errors: MQTTC_ERR_RETURN_CODE for a code over 5, MQTTC_ERR_SESSION_PRESENT_WITH_REFUSAL
/// [MQTT-3.2.2-4]; MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_connack_encode(
    p: *const mqttc_connack,
    buf: *mut u8,
    cap: usize,
    written: *mut usize,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe { answer(p, buf, cap, written, |c, output| encode_connack(c, output)) }
}

/// # Safety
///
/// As for every function here.
unsafe fn encode_connack(c: &mqttc_connack, output: Output<'_>) -> Result<usize, Failure> {
    let session_present = flag(c.session_present)?;
    let connack = ConnAck { session_present, return_code: ConnectReturnCode(c.return_code) };
    // SAFETY: the only slice of this output.
    Ok(connack.encode(unsafe { output.into_slice() })?)
}

/// Fills a PUBLISH: QoS 0, not retained, no topic, no payload. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_publish_init(p: *mut mqttc_publish) {
    let empty = mqttc_publish {
        topic: mqttc_slice::EMPTY,
        payload: mqttc_slice::EMPTY,
        packet_id: 0,
        qos: 0,
        dup: 0,
        retain: 0,
    };
    // SAFETY: the caller's promise.
    unsafe { init(p, empty) }
}

/// Writes a PUBLISH with its payload. Topic "a/b", QoS 1, packet id 10, payload "hi", 11 bytes:
///
///     32 09  00 03 'a' '/' 'b'  00 0a  'h' 'i'
///
/// `*written` and `cap` as for `mqttc_connect_encode`. The payload must not lie in `buf`: build it
/// elsewhere, or write the header alone with `mqttc_publish_header_encode`.
///
/// Errors: MQTTC_ERR_QOS_RESERVED, MQTTC_ERR_DUP_WITHOUT_QOS [MQTT-3.3.1-2], MQTTC_ERR_PACKET_ID_ZERO
/// (QoS 1 and 2) [MQTT-2.3.1-1]; MQTTC_ERR_TOPIC_EMPTY, MQTTC_ERR_TOPIC_WILDCARD, MQTTC_ERR_UTF8,
/// MQTTC_ERR_NUL_IN_STRING, MQTTC_ERR_STRING_TOO_LONG; MQTTC_ERR_REMAINING_LENGTH when topic and
/// payload are over 268435455 bytes together; MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_NULL,
/// MQTTC_ERR_INVALID_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_publish_encode(
    p: *const mqttc_publish,
    buf: *mut u8,
    cap: usize,
    written: *mut usize,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe {
        answer(p, buf, cap, written, |c: &mqttc_publish, output| {
            Ok(encode_publish(c, output.input(c.payload)?, 0, output))
        })
    }
}

/// Writes a PUBLISH with a payload, of which `apart` bytes go another way; `c.payload` is not looked at.
///
/// # Safety
///
/// As for every function here.
#[cfg_attr(target_pointer_width = "64", inline(always))]
#[cfg_attr(target_pointer_width = "32", inline(never))]
pub(crate) unsafe fn encode_publish(
    c: &mqttc_publish,
    payload: &[u8],
    apart: u32,
    output: Output<'_>,
) -> Answer {
    // SAFETY: the caller's promise.
    Answer::of(unsafe { try_publish(c, payload, apart, output) })
}

/// # Safety
///
/// As for every function here.
#[inline(always)]
unsafe fn try_publish(
    c: &mqttc_publish,
    payload: &[u8],
    apart: u32,
    output: Output<'_>,
) -> Result<usize, Failure> {
    // 0 or 1 if both of them are.
    flag(c.dup | c.retain)?;
    // SAFETY: the caller's promise; the only slice of this output to write.
    unsafe {
        let topic = output.input(c.topic)?;
        let parts = PublishParts::new(c.qos, c.dup != 0, c.retain != 0, c.packet_id, topic)?;
        Ok(parts.encode(payload, apart, output.into_slice())?)
    }
}

/// Writes all of a PUBLISH but its payload, for `payload_len` bytes that you send right after it from
/// wherever they are (`writev`, DMA, a file). `p->payload` is not looked at. As above with
/// `payload_len` 2, 9 bytes: `32 09  00 03 'a' '/' 'b'  00 0a`.
///
/// Errors: as for `mqttc_publish_encode`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_publish_header_encode(
    p: *const mqttc_publish,
    payload_len: u32,
    buf: *mut u8,
    cap: usize,
    written: *mut usize,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe { answer(p, buf, cap, written, |c, output| Ok(encode_publish(c, &[], payload_len, output))) }
}

/// Sets the DUP flag of an encoded PUBLISH that you have stored to send again [MQTT-3.3.1-1]. Only
/// `buf[0]` is looked at and changed: `32` becomes `3a`.
///
/// Errors, with `buf` untouched: MQTTC_ERR_DUP_WITHOUT_QOS for QoS 0, MQTTC_ERR_QOS_RESERVED,
/// MQTTC_ERR_PACKET_TYPE_UNEXPECTED or MQTTC_ERR_PACKET_TYPE_RESERVED for what is no PUBLISH,
/// MQTTC_ERR_TRUNCATED for `len` 0; MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_publish_set_dup(buf: *mut u8, len: usize) -> mqttc_status {
    // SAFETY: the caller's promise.
    match unsafe { Output::new(buf, len) } {
        // SAFETY: the only slice of this output.
        Ok(output) => Publish::set_dup(unsafe { output.into_slice() }).map_or_else(status::of_kind, |()| OK),
        Err(status) => status,
    }
}

/// What the functions that encode an acknowledgement do.
///
/// # Safety
///
/// As for every function here.
#[cfg_attr(target_pointer_width = "64", inline(always))]
#[cfg_attr(target_pointer_width = "32", inline(never))]
unsafe fn answer_ack(
    packet_type: PacketType,
    packet_id: u16,
    buf: *mut u8,
    cap: usize,
    written: *mut usize,
) -> mqttc_status {
    // SAFETY: the caller's promise; the only slice of this output.
    unsafe {
        match begin(buf, cap, written) {
            Ok(output) => end(written, to_ack(packet_type, packet_id, output.into_slice())),
            Err(status) => status,
        }
    }
}

#[cfg_attr(target_pointer_width = "64", inline(always))]
fn to_ack(packet_type: PacketType, packet_id: u16, out: &mut [u8]) -> Result<usize, Failure> {
    Ok(encode_ack(packet_type, packet_id.try_into()?, out)?)
}

/// Writes a PUBACK, 4 bytes; for packet id 7: `40 02 00 07`. `*written` and `cap` as for
/// `mqttc_connect_encode`.
///
/// Errors: MQTTC_ERR_PACKET_ID_ZERO; MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_NULL,
/// MQTTC_ERR_INVALID_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_puback_encode(
    packet_id: u16,
    buf: *mut u8,
    cap: usize,
    written: *mut usize,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe { answer_ack(PacketType::PubAck, packet_id, buf, cap, written) }
}

/// Writes a PUBREC, 4 bytes; for packet id 7: `50 02 00 07`. As `mqttc_puback_encode`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_pubrec_encode(
    packet_id: u16,
    buf: *mut u8,
    cap: usize,
    written: *mut usize,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe { answer_ack(PacketType::PubRec, packet_id, buf, cap, written) }
}

/// Writes a PUBREL, 4 bytes; for packet id 7: `62 02 00 07`. As `mqttc_puback_encode`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_pubrel_encode(
    packet_id: u16,
    buf: *mut u8,
    cap: usize,
    written: *mut usize,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe { answer_ack(PacketType::PubRel, packet_id, buf, cap, written) }
}

/// Writes a PUBCOMP, 4 bytes; for packet id 7: `70 02 00 07`. As `mqttc_puback_encode`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_pubcomp_encode(
    packet_id: u16,
    buf: *mut u8,
    cap: usize,
    written: *mut usize,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe { answer_ack(PacketType::PubComp, packet_id, buf, cap, written) }
}

/// Fills a SUBSCRIBE: no filters, no packet identifier. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_subscribe_init(p: *mut mqttc_subscribe) {
    // SAFETY: the caller's promise.
    unsafe { init(p, mqttc_subscribe { filters: core::ptr::null(), count: 0, packet_id: 0 }) }
}

/// Writes a SUBSCRIBE. One filter "a/#" with QoS 1, packet id 1, 10 bytes:
///
///     82 08  00 01  00 03 'a' '/' '#'  01
///
/// `*written` and `cap` as for `mqttc_connect_encode`.
///
/// Errors: MQTTC_ERR_PACKET_ID_ZERO, MQTTC_ERR_NO_FILTERS [MQTT-3.8.3-3]; for a subscription
/// MQTTC_ERR_FILTER_EMPTY, MQTTC_ERR_FILTER_WILDCARD, MQTTC_ERR_UTF8, MQTTC_ERR_NUL_IN_STRING,
/// MQTTC_ERR_STRING_TOO_LONG, MQTTC_ERR_SUBSCRIBE_OPTIONS (a QoS that is not 0, 1 or 2);
/// MQTTC_ERR_REMAINING_LENGTH; MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_subscribe_encode(
    p: *const mqttc_subscribe,
    buf: *mut u8,
    cap: usize,
    written: *mut usize,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe { answer_filters(PacketType::Subscribe, p, buf, cap, written) }
}

// The two structs differ in what `filters` points at, and in nothing else.
const _: () = {
    assert!(size_of::<mqttc_subscribe>() == size_of::<mqttc_unsubscribe>());
    assert!(offset_of!(mqttc_subscribe, filters) == offset_of!(mqttc_unsubscribe, filters));
    assert!(offset_of!(mqttc_subscribe, count) == offset_of!(mqttc_unsubscribe, count));
    assert!(offset_of!(mqttc_subscribe, packet_id) == offset_of!(mqttc_unsubscribe, packet_id));
};

/// What the functions that encode a SUBSCRIBE or an UNSUBSCRIBE do; `packet_type` tells which of the two structs
/// `p` points at.
///
/// # Safety
///
/// As for every function here.
#[cfg_attr(target_pointer_width = "32", inline(never))]
unsafe fn answer_filters(
    packet_type: PacketType,
    p: *const mqttc_subscribe,
    buf: *mut u8,
    cap: usize,
    written: *mut usize,
) -> mqttc_status {
    // SAFETY: the caller's promise; the only slice of this output to write.
    unsafe {
        answer(p, buf, cap, written, |c: &mqttc_subscribe, output| {
            let id = c.packet_id.try_into()?;
            let filters = match packet_type {
                PacketType::Subscribe => Filters::Subscribe(output.array(c.filters, c.count)?),
                _ => Filters::Unsubscribe(output.array(c.filters.cast(), c.count)?),
            };
            for (filter, qos) in filters.clone() {
                AnyFilter::new(output.input(filter)?, qos)?;
            }
            let filters = filters.map(|(filter, qos)| AnyFilter::judged(output.judged_input(filter), qos));
            Ok(encode_filters(packet_type, id, filters, output.into_slice())?)
        })
    }
}

/// The filters of a SUBSCRIBE, with a QoS each, or of an UNSUBSCRIBE.
#[derive(Clone)]
enum Filters<'a> {
    Subscribe(Array<'a, mqttc_subscription>),
    Unsubscribe(Array<'a, mqttc_slice>),
}

impl Iterator for Filters<'_> {
    type Item = (mqttc_slice, Option<u8>);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Subscribe(items) => items.next().map(|item| (item.filter, Some(item.qos))),
            Self::Unsubscribe(items) => items.next().map(|filter| (filter, None)),
        }
    }
}

/// Fills a SUBACK: no return codes, no packet identifier. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_suback_init(p: *mut mqttc_suback) {
    // SAFETY: the caller's promise.
    unsafe { init(p, mqttc_suback { return_codes: mqttc_slice::EMPTY, packet_id: 0 }) }
}

/// Writes a SUBACK. Return codes 1 and 0x80, packet id 1, 6 bytes: `90 04  00 01  01 80`. `*written`
/// and `cap` as for `mqttc_connect_encode`.
///
/// Errors: MQTTC_ERR_PACKET_ID_ZERO, MQTTC_ERR_NO_RETURN_CODES, MQTTC_ERR_SUBACK_RETURN_CODE
/// [MQTT-3.9.3-2], MQTTC_ERR_REMAINING_LENGTH; MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_NULL,
/// MQTTC_ERR_INVALID_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_suback_encode(
    p: *const mqttc_suback,
    buf: *mut u8,
    cap: usize,
    written: *mut usize,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe { answer(p, buf, cap, written, |c, output| encode_suback(c, output)) }
}

/// # Safety
///
/// As for every function here.
unsafe fn encode_suback(c: &mqttc_suback, output: Output<'_>) -> Result<usize, Failure> {
    let id = c.packet_id.try_into()?;
    // SAFETY: the caller's promise.
    let codes = unsafe { output.input(c.return_codes) }?.iter().copied().map(SubAckCode);
    // SAFETY: the only slice of this output.
    Ok(SubAck::encode_iter(id, codes, unsafe { output.into_slice() })?)
}

/// Fills an UNSUBSCRIBE: no filters, no packet identifier. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_unsubscribe_init(p: *mut mqttc_unsubscribe) {
    // SAFETY: the caller's promise.
    unsafe { init(p, mqttc_unsubscribe { filters: core::ptr::null(), count: 0, packet_id: 0 }) }
}

/// Writes an UNSUBSCRIBE. One filter "a/#", packet id 1, 9 bytes: `a2 07  00 01  00 03 'a' '/' '#'`.
/// `*written` and `cap` as for `mqttc_connect_encode`.
///
/// Errors: as for `mqttc_subscribe_encode`, less MQTTC_ERR_SUBSCRIBE_OPTIONS.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_unsubscribe_encode(
    p: *const mqttc_unsubscribe,
    buf: *mut u8,
    cap: usize,
    written: *mut usize,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe { answer_filters(PacketType::Unsubscribe, p.cast(), buf, cap, written) }
}

/// Writes an UNSUBACK, 4 bytes; for packet id 7: `b0 02 00 07`. As `mqttc_puback_encode`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_unsuback_encode(
    packet_id: u16,
    buf: *mut u8,
    cap: usize,
    written: *mut usize,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe { answer_ack(PacketType::UnsubAck, packet_id, buf, cap, written) }
}

/// What the functions that encode a packet without a body do.
///
/// # Safety
///
/// As for every function here.
#[cfg_attr(target_pointer_width = "64", inline(always))]
#[cfg_attr(target_pointer_width = "32", inline(never))]
unsafe fn answer_empty(
    packet_type: PacketType,
    buf: *mut u8,
    cap: usize,
    written: *mut usize,
) -> mqttc_status {
    // SAFETY: the caller's promise; the only slice of this output.
    unsafe {
        match begin(buf, cap, written) {
            Ok(output) => end(written, encode_empty(packet_type, output.into_slice()).map_err(Failure::from)),
            Err(status) => status,
        }
    }
}

/// Writes a PINGREQ, 2 bytes: `c0 00`. `*written` and `cap` as for `mqttc_connect_encode`.
///
/// Errors: MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_pingreq_encode(buf: *mut u8, cap: usize, written: *mut usize) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe { answer_empty(PacketType::PingReq, buf, cap, written) }
}

/// Writes a PINGRESP, 2 bytes: `d0 00`. As `mqttc_pingreq_encode`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_pingresp_encode(
    buf: *mut u8,
    cap: usize,
    written: *mut usize,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe { answer_empty(PacketType::PingResp, buf, cap, written) }
}

/// Writes a DISCONNECT, 2 bytes: `e0 00`. As `mqttc_pingreq_encode`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_disconnect_encode(
    buf: *mut u8,
    cap: usize,
    written: *mut usize,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe { answer_empty(PacketType::Disconnect, buf, cap, written) }
}

/// Writes a packet that was decoded, or that you filled in likewise: the member of `u` that `type`
/// names. A SUBSCRIBE or UNSUBSCRIBE writes what its iterator has left. `tolerated` is not looked at.
///
/// Errors: those of the type's own encode function; MQTTC_ERR_INVALID_ARGUMENT also for a type that
/// does not exist and for an iterator that was tampered with.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_packet_encode(
    p: *const mqttc_packet,
    buf: *mut u8,
    cap: usize,
    written: *mut usize,
) -> mqttc_status {
    // SAFETY: the caller's promise; every member takes any bits, and reading one is what `type` asks for.
    unsafe {
        let (c, output) = match begin_with(p, buf, cap, written) {
            Ok(call) => call,
            Err(status) => return status,
        };
        let Some(packet_type) = PacketType::from_number(c.r#type) else {
            return end::<usize>(written, Err(INVALID_ARGUMENT.into()));
        };
        match packet_type {
            PacketType::Connect => mqttc_connect_encode(&c.u.connect, buf, cap, written),
            PacketType::ConnAck => mqttc_connack_encode(&c.u.connack, buf, cap, written),
            PacketType::Publish => mqttc_publish_encode(&c.u.publish, buf, cap, written),
            PacketType::PubAck
            | PacketType::PubRec
            | PacketType::PubRel
            | PacketType::PubComp
            | PacketType::UnsubAck => answer_ack(packet_type, c.u.packet_id, buf, cap, written),
            // Of one type, in one place.
            PacketType::Subscribe | PacketType::Unsubscribe => {
                end(written, encode_decoded(packet_type, &c.u.subscribe, output))
            }
            PacketType::SubAck => mqttc_suback_encode(&c.u.suback, buf, cap, written),
            PacketType::PingReq | PacketType::PingResp | PacketType::Disconnect => {
                answer_empty(packet_type, buf, cap, written)
            }
        }
    }
}

/// Writes a decoded SUBSCRIBE or UNSUBSCRIBE.
///
/// # Safety
///
/// As for every function here.
unsafe fn encode_decoded(
    packet_type: PacketType,
    c: &mqttc_filter_list,
    output: Output<'_>,
) -> Result<usize, Failure> {
    // SAFETY: the caller's promise; the only slice of this output to write.
    unsafe {
        let (id, bytes) = filter_bytes(c, packet_type == PacketType::Subscribe, output)?;
        Ok(match packet_type {
            PacketType::Subscribe => {
                Subscribe { id, filters: judge_list(c, bytes)? }.encode(output.into_slice())?
            }
            _ => Unsubscribe { id, filters: judge_list(c, bytes)? }.encode(output.into_slice())?,
        })
    }
}

/// The packet identifier and the wire bytes of a decoded list, whose items must be of the packet's
/// kind.
///
/// # Safety
///
/// As for every function here.
unsafe fn filter_bytes<'a>(
    c: &mqttc_filter_list,
    has_qos: bool,
    output: Output<'a>,
) -> Result<(PacketId, &'a [u8]), Failure> {
    if flag(c.filters.has_qos)? != has_qos {
        return Err(INVALID_ARGUMENT.into());
    }
    // SAFETY: the caller's promise.
    let bytes = unsafe { output.input(c.filters.rest) }?;
    Ok((c.packet_id.try_into()?, bytes))
}

/// The items, each judged. One that was let in unvalidated is refused by its rule; anything else that
/// decoding would not have taken is the caller's mistake.
fn judge_list<'a, T: Item<'a>>(c: &mqttc_filter_list, bytes: &'a [u8]) -> Result<List<'a, T>, Failure> {
    let unvalidated = flag(c.filters.unvalidated)?;
    List::from_wire(bytes).map_err(|kind| match kind {
        ErrorKind::FilterEmpty | ErrorKind::FilterWildcard if unvalidated => kind.into(),
        _ => INVALID_ARGUMENT.into(),
    })
}

/// The packet identifier to use after `last`: one more, and 1 after 65535 and after 0. Whether it is
/// still in use [MQTT-2.3.1-2] is for you to know.
#[unsafe(no_mangle)]
pub extern "C" fn mqttc_next_packet_id(last: u16) -> u16 {
    PacketId::new(last).map_or(PacketId::MIN, PacketId::next).get()
}
