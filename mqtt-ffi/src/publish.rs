//! PUBLISH: a message (section 3.3).

use mqtt_codec::v3::{PatchError, Publish, PublishHeader, PublishParts, PublishWriter, RawFrame};
use mqtt_codec::{DecodeError, PacketId, PacketType};

use crate::call::{self, Encoded, Task, flag};
use crate::decoder::mqttc_decoder;
use crate::ptr::{self, FromC, Out, Output};
use crate::slice::mqttc_slice;
use crate::status::{self, Failure, INVALID_ARGUMENT, NONE, mqttc_detail, mqttc_status};

/// PUBLISH: a message (section 3.3). Fill it with `mqttc_publish_init`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mqttc_publish {
    /// Where it is published: at least one byte, no wildcards.
    pub topic: mqttc_slice,
    /// The message; any bytes, also none.
    pub payload: mqttc_slice,
    /// 1 to 65535 with QoS 1 and 2; 0 when decoded with QoS 0, and not looked at when encoded with it.
    pub packet_id: u16,
    /// 0, 1 or 2.
    pub qos: u8,
    /// 0 or 1: this is not the first try; 0 with QoS 0.
    pub dup: u8,
    /// 0 or 1: to a server, keep it for later subscribers; from a server, it was kept.
    pub retain: u8,
}

// SAFETY: integers and raw pointers alone.
unsafe impl FromC for mqttc_publish {}

impl mqttc_publish {
    const INIT: Self = Self {
        topic: mqttc_slice::EMPTY,
        payload: mqttc_slice::EMPTY,
        packet_id: 0,
        qos: 0,
        dup: 0,
        retain: 0,
    };
}

impl From<Publish<'_>> for mqttc_publish {
    fn from(packet: Publish<'_>) -> Self {
        Self {
            topic: mqttc_slice::of(packet.topic.as_bytes()),
            payload: mqttc_slice::of(packet.payload),
            packet_id: packet.delivery.packet_id().map_or(0, PacketId::get),
            qos: packet.delivery.qos() as u8,
            dup: packet.delivery.dup().into(),
            retain: packet.retain.into(),
        }
    }
}

impl From<PublishHeader<'_>> for mqttc_publish {
    fn from(header: PublishHeader<'_>) -> Self {
        let PublishHeader { topic, delivery, retain } = header;
        Self { payload: mqttc_slice::EMPTY, ..Publish { topic, delivery, retain, payload: &[] }.into() }
    }
}

/// Fills a PUBLISH: QoS 0, not retained, no topic, no payload. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_publish_init(p: *mut mqttc_publish) {
    // SAFETY: the caller's promise.
    unsafe { call::init(p, mqttc_publish::INIT) }
}

/// Writes a PUBLISH with its payload and returns its length. Topic "a/b", QoS 1, packet id 10, payload
/// "hi", 11 bytes:
///
///     32 09  00 03 'a' '/' 'b'  00 0a  'h' 'i'
///
/// `buf`, `cap` and `why` as for `mqttc_connect_encode`. The payload must not lie in `buf`; if it does,
/// write the header alone, in front of it with `mqttc_publish_encode_before`, or elsewhere with
/// `mqttc_publish_header_encode`.
///
/// Errors: MQTTC_ERR_QOS_RESERVED, MQTTC_ERR_DUP_WITHOUT_QOS [MQTT-3.3.1-2], MQTTC_ERR_PACKET_ID_ZERO
/// (QoS 1 and 2) [MQTT-2.3.1-1]; MQTTC_ERR_TOPIC_EMPTY, MQTTC_ERR_TOPIC_WILDCARD, MQTTC_ERR_UTF8,
/// MQTTC_ERR_NUL_IN_STRING, MQTTC_ERR_STRING_TOO_LONG; MQTTC_ERR_REMAINING_LENGTH when topic and
/// payload are over 268435455 bytes together; MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_NULL,
/// MQTTC_ERR_INVALID_ARGUMENT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_publish_encode(
    p: *const mqttc_publish,
    buf: *mut u8,
    cap: usize,
    why: *mut mqttc_status,
) -> usize {
    // SAFETY: the caller's promise.
    unsafe { call::encode(p, buf, cap, why, |c: &mqttc_publish, output| encode(c, c.payload, 0, output)) }
}

/// Writes a PUBLISH with a payload, of which `outside` bytes are sent by themselves; `c.payload` is not looked at.
///
/// # Safety
///
/// As for every function here: see the crate's documentation.
#[cfg_attr(target_pointer_width = "64", inline(always))]
#[cfg_attr(target_pointer_width = "32", inline(never))]
unsafe fn encode(c: &mqttc_publish, payload: mqttc_slice, outside: u32, output: Output<'_>) -> Encoded {
    // SAFETY: the caller's promise; the only slice of this output to write.
    unsafe { try_encode(c, payload, outside, output) }.into()
}

/// # Safety
///
/// As for every function here.
#[inline(always)]
unsafe fn try_encode(
    c: &mqttc_publish,
    payload: mqttc_slice,
    outside: u32,
    output: Output<'_>,
) -> Result<usize, Failure> {
    // SAFETY: the caller's promise; the only slice of this output to write.
    unsafe {
        let payload = output.input(payload)?;
        // 0 or 1 if both of them are.
        flag(c.dup | c.retain)?;
        let topic = output.input(c.topic)?;
        let flags = c.dup.wrapping_mul(PublishParts::DUP) | c.retain.wrapping_mul(PublishParts::RETAIN);
        let parts = PublishParts::new(c.qos, flags, c.packet_id, topic)?;
        Ok(parts.encode(payload, outside, output.into_slice())?)
    }
}

/// Writes all of a PUBLISH but its payload, for `payload_len` bytes that you send right after it from
/// wherever they are (`writev`, DMA, a file), and returns the length of what it has written.
/// `p->payload` is not looked at. As above with `payload_len` 2, 9 bytes:
/// `32 09  00 03 'a' '/' 'b'  00 0a`.
///
/// `buf`, `cap` and `why` as for `mqttc_connect_encode`. Errors: as for `mqttc_publish_encode`.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_publish_header_encode(
    p: *const mqttc_publish,
    payload_len: u32,
    buf: *mut u8,
    cap: usize,
    why: *mut mqttc_status,
) -> usize {
    // SAFETY: the caller's promise.
    unsafe { call::encode(p, buf, cap, why, |c, output| encode(c, mqttc_slice::EMPTY, payload_len, output)) }
}

/// Writes all of a PUBLISH but its payload in front of a payload that lies in the buffer already, at
/// `buf + at`, so that both are one run of bytes, and returns the length of what it has written: the
/// frame begins at `buf + at - length` and ends behind the payload. `p->payload` is not looked at.
///
///     size_t n = make_json((char *)buf + 64, sizeof buf - 64);
///     size_t h = mqttc_publish_encode_before(&p, buf, 64, n, &why);
///     if (h > 0)
///         send(fd, buf + 64 - h, h + n, 0);
///
/// Nothing else in the first `at` bytes changes, and the topic must not lie there. NULL and 0 in place
/// of `buf` and `at` ask for the length: at least so many bytes must be kept free. `why` as for
/// `mqttc_connect_encode`; it must not lie in the payload either.
///
/// Errors: as for `mqttc_publish_encode`; MQTTC_ERR_BUFFER_TOO_SMALL when `at` is too small.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_publish_encode_before(
    p: *const mqttc_publish,
    buf: *mut u8,
    at: usize,
    payload_len: usize,
    why: *mut mqttc_status,
) -> usize {
    // A payload that is longer than any number here is too long for a PUBLISH as well.
    let outside = u32::try_from(payload_len).unwrap_or(u32::MAX);
    // SAFETY: the caller's promise.
    unsafe { call::encode(p, buf, at, why, |c, output| encode_before(c, outside, output)) }
}

/// # Safety
///
/// As for every function here.
unsafe fn encode_before(
    c: &mqttc_publish,
    outside: u32,
    output: Output<'_>,
) -> Result<Encoded, mqttc_status> {
    flag(c.dup | c.retain)?;
    // SAFETY: the caller's promise.
    unsafe {
        // The topic must not lie in any of it, also where nothing is written.
        output.input(c.topic)?;
        // Asked for its length first, by the function that writes it: one that measures alone would be a second
        // body of PUBLISH in a small machine's image.
        let needed = encode(c, mqttc_slice::EMPTY, outside, output.last(0).unwrap_or(output));
        Ok(match needed.needed().and_then(|len| output.last(len)) {
            Some(end) => encode(c, mqttc_slice::EMPTY, outside, end),
            None => needed,
        })
    }
}

/// Sets the DUP flag of an encoded PUBLISH that you have stored to send again [MQTT-3.3.1-1]. Only
/// `buf[0]` is looked at and changed: `32` becomes `3a`.
///
/// Returns 0, or with `buf` untouched: MQTTC_ERR_INVALID_ARGUMENT for QoS 0, which has no DUP;
/// MQTTC_ERR_QOS_RESERVED; MQTTC_ERR_PACKET_TYPE_UNEXPECTED or MQTTC_ERR_PACKET_TYPE_RESERVED for what is
/// no PUBLISH; MQTTC_ERR_TRUNCATED for `len` 0; MQTTC_ERR_NULL.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_publish_set_dup(buf: *mut u8, len: usize) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe { patch(buf, len, Publish::set_dup) }
}

/// Sets the packet identifier of an encoded PUBLISH that you have stored to send again, or to another
/// subscriber. With id 11, `32 09 00 03 'a' '/' 'b' 00 0a ..` becomes `32 09 00 03 'a' '/' 'b' 00 0b ..`.
/// The payload need not be there.
///
/// Returns 0, or with `buf` untouched: MQTTC_ERR_PACKET_ID_ZERO; MQTTC_ERR_INVALID_ARGUMENT for QoS 0,
/// which has no packet identifier; MQTTC_ERR_TRUNCATED when `buf` or the frame ends before the end of the
/// identifier; MQTTC_ERR_QOS_RESERVED, MQTTC_ERR_REMAINING_LENGTH, MQTTC_ERR_REMAINING_LENGTH_PADDED,
/// MQTTC_ERR_PACKET_TYPE_UNEXPECTED, MQTTC_ERR_PACKET_TYPE_RESERVED; MQTTC_ERR_NULL.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_publish_set_packet_id(
    buf: *mut u8,
    len: usize,
    packet_id: u16,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe { patch(buf, len, |frame| Publish::set_packet_id(frame, PacketId::try_from(packet_id)?)) }
}

/// What the functions that change an encoded PUBLISH have in common.
///
/// # Safety
///
/// As for every function here.
unsafe fn patch(
    buf: *mut u8,
    len: usize,
    change: impl FnOnce(&mut [u8]) -> Result<(), PatchError>,
) -> mqttc_status {
    // SAFETY: the caller's promise; the only slice of this output.
    match unsafe { Output::new(buf, len) }.map(|output| change(unsafe { output.into_slice() })) {
        Ok(Ok(())) => NONE,
        Ok(Err(PatchError::Invalid(kind))) => status::of_kind(kind),
        Ok(Err(_)) => INVALID_ARGUMENT,
        Err(status) => status,
    }
}

/// Reads a PUBLISH, which an error leaves as it was.
#[inline(always)]
pub(crate) fn read(frame: &mut RawFrame<'_>, out: Out<mqttc_publish>) -> Result<(), DecodeError> {
    out.put(Publish::from_frame(frame))
}

/// Decodes the PUBLISH at the front of `buf`. As `mqttc_connect_decode`.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_publish_decode(
    dec: *const mqttc_decoder,
    buf: *const u8,
    len: usize,
    out: *mut mqttc_publish,
    detail: *mut mqttc_detail,
) -> i32 {
    const TASK: Task = Task::of::<mqttc_publish>(&[PacketType::Publish]);
    // SAFETY: the caller's promise.
    unsafe { call::decode(TASK, dec, buf, len, out, detail, read) }
}

/// Counts the payload of a PUBLISH that you send piece by piece: one byte more or less than the header
/// has declared would break the connection. Fill it with `mqttc_payload_counter_init`; both fields are
/// the counter's own.
///
///     size_t n = mqttc_publish_header_encode(&p, total, buf, sizeof buf, &why);
///     if (n == 0)
///         return why;
///     mqttc_payload_counter_init(&c, total);
///     while (n > 0 && send_all(fd, buf, n) == 0) {
///         n = produce(buf, sizeof buf);
///         if (mqttc_payload_counter_count(&c, n) < 0)
///             break;
///     }
///     if (mqttc_payload_counter_end(&c) < 0)
///         close(fd);
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mqttc_payload_counter {
    /// The payload's length, as the header has declared it.
    pub declared: u32,
    /// The bytes of it that are still to come.
    pub left: u32,
}

// SAFETY: integers alone.
unsafe impl FromC for mqttc_payload_counter {}

/// Begins to count a payload of `payload_len` bytes, the number that was given to
/// `mqttc_publish_header_encode`. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_payload_counter_init(c: *mut mqttc_payload_counter, payload_len: u32) {
    // SAFETY: the caller's promise.
    unsafe { call::init(c, mqttc_payload_counter { declared: payload_len, left: payload_len }) }
}

/// Counts the next `n` bytes of the payload: call it before you send them.
///
/// Returns 0, or with `*c` unchanged: MQTTC_ERR_INVALID_ARGUMENT when there would be more than was
/// declared (do not send them), or when `c` is not a counter; MQTTC_ERR_NULL.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_payload_counter_count(
    c: *mut mqttc_payload_counter,
    n: usize,
) -> mqttc_status {
    call::status_of((|| {
        // SAFETY: the caller's promise.
        let (parts, mut counter) = unsafe { read_counter(c) }?;
        counter.count(n).map_err(|_| INVALID_ARGUMENT)?;
        // SAFETY: as above; `read_counter` has checked it.
        unsafe { Out::checked(c) }.set(mqttc_payload_counter { left: counter.left(), ..parts });
        Ok(())
    })())
}

/// 0 when the payload has all been counted: the PUBLISH is whole. `*c` is not changed.
///
/// Errors: MQTTC_ERR_INVALID_ARGUMENT when bytes are missing (close the connection: what you would send
/// next would be taken for them), or when `c` is not a counter; MQTTC_ERR_NULL.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_payload_counter_end(c: *const mqttc_payload_counter) -> mqttc_status {
    // SAFETY: the caller's promise.
    let counter = unsafe { read_counter(c) };
    call::status_of(counter.and_then(|(_, counter)| counter.end().map_err(|_| INVALID_ARGUMENT)))
}

/// Reads the numbers, and the counter that they are.
///
/// # Safety
///
/// As for every function here.
unsafe fn read_counter(
    c: *const mqttc_payload_counter,
) -> Result<(mqttc_payload_counter, PublishWriter), mqttc_status> {
    // SAFETY: the caller's promise.
    let parts = unsafe { ptr::read(c) }?;
    let counter = PublishWriter::from_parts(parts.declared, parts.left).ok_or(INVALID_ARGUMENT)?;
    Ok((parts, counter))
}
