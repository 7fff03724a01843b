//! From bytes to structs.

use mqtt_codec::frame::{self, Peek};
use mqtt_codec::list::{self, Item};
use mqtt_codec::v3::{
    ConnAck, ConnectParts, Decoder, Protocol, Publish, RawFrame, Role, Split, SubAck, Subscribe,
    Subscription, Unsubscribe, UnvalidatedSubscribe, UnvalidatedSubscription, UnvalidatedUnsubscribe,
};
use mqtt_codec::{
    ConnectVersion, DecodeError, ErrorKind, PacketType, PeekVersion, TopicFilter, Utf8, peek_connect_version,
};

use crate::ptr::{self, Out, Place};
use crate::status::{self, INVALID_ARGUMENT, NEED_MORE, OK, mqttc_status};
use crate::types::{
    flag, mqttc_connack, mqttc_connect, mqttc_connect_version, mqttc_decoder, mqttc_error, mqttc_filter_list,
    mqttc_filters, mqttc_frame, mqttc_packet, mqttc_packet_body, mqttc_publish, mqttc_slice, mqttc_suback,
    mqttc_subscription,
};

/// Why a decode function gives no packet.
enum Refusal {
    /// A rule is broken.
    Frame(DecodeError),
    /// The caller's mistake.
    Call(mqttc_status),
}

impl From<DecodeError> for Refusal {
    fn from(error: DecodeError) -> Self {
        Self::Frame(error)
    }
}

impl From<mqttc_status> for Refusal {
    fn from(status: mqttc_status) -> Self {
        Self::Call(status)
    }
}

/// What a decode function found, and the `*used` that goes with it.
enum Found<T> {
    Item(T, usize),
    NeedMore(usize),
}

/// What every decode function does around its work: judges the pointers, runs `work` on the bytes, and
/// writes `*out`, `*used` and `*err`. `used` is `None` in a function without it.
///
/// # Safety
///
/// As for every function here: see the crate's documentation.
#[cfg_attr(target_pointer_width = "64", inline(always))]
unsafe fn answer<'a, T>(
    buf: *const u8,
    len: usize,
    out: *mut T,
    used: Option<*mut usize>,
    err: *mut mqttc_error,
    work: impl FnOnce(&'a [u8]) -> Result<Found<T>, Refusal>,
) -> mqttc_status {
    // SAFETY: the caller's promise, here and below.
    let buf = match unsafe { judge(buf, len, Place::of(out), used, err) } {
        Ok(buf) => buf,
        Err(status) => return status,
    };
    let (status, n) = match work(buf) {
        Ok(Found::Item(item, n)) => {
            // SAFETY: as above; `judge` has judged it.
            unsafe { Out::judged(out) }.set(item);
            (OK, n)
        }
        Ok(Found::NeedMore(n)) => (NEED_MORE, n),
        // SAFETY: as above; likewise.
        Err(refusal) => return unsafe { refuse(refusal, err) },
    };
    if let Some(used) = used {
        // SAFETY: as above; likewise.
        unsafe { Out::judged(used) }.set(n);
    }
    status
}

/// Judges all pointers of a decode function: no result may lie in the bytes.
///
/// # Safety
///
/// As for every function here.
#[cfg_attr(target_pointer_width = "64", inline(always))]
#[cfg_attr(target_pointer_width = "32", inline(never))]
unsafe fn judge<'a>(
    buf: *const u8,
    len: usize,
    out: Place,
    used: Option<*mut usize>,
    err: *mut mqttc_error,
) -> Result<&'a [u8], mqttc_status> {
    // SAFETY: the caller's promise.
    let buf = unsafe { ptr::input(buf, len) }?;
    out.judge(buf.as_ptr(), buf.len())?;
    if let Some(used) = used {
        Place::of(used).judge(buf.as_ptr(), buf.len())?;
    }
    if !err.is_null() {
        Place::of(err).judge(buf.as_ptr(), buf.len())?;
    }
    Ok(buf)
}

/// The status of a refusal, with `*err` filled for a broken rule.
///
/// # Safety
///
/// `err` is NULL or was judged.
#[cold]
#[inline(never)]
unsafe fn refuse(refusal: Refusal, err: *mut mqttc_error) -> mqttc_status {
    match refusal {
        Refusal::Frame(error) => {
            let error = status::of_error(error);
            if !err.is_null() {
                // SAFETY: the caller's promise.
                unsafe { Out::judged(err) }.set(error);
            }
            error.status
        }
        Refusal::Call(status) => status,
    }
}

/// Splits a frame from what follows it, as the caller's decoder wants it.
///
/// # Safety
///
/// As for every function here.
#[cfg_attr(target_pointer_width = "64", inline(always))]
#[cfg_attr(target_pointer_width = "32", inline(never))]
unsafe fn split<'a>(dec: *const mqttc_decoder, role: Role, buf: &'a [u8]) -> Result<Split<'a>, Refusal> {
    // SAFETY: the caller's promise.
    Ok(unsafe { decoder(dec, role) }?.split(buf)?)
}

/// The codec's decoder, for a function that serves `role` alone; NULL is the default one.
///
/// # Safety
///
/// As for every function here.
pub(crate) unsafe fn decoder(dec: *const mqttc_decoder, role: Role) -> Result<Decoder, mqttc_status> {
    if dec.is_null() {
        return Ok(Decoder::DEFAULT.role(role));
    }
    // SAFETY: the caller's promise.
    Ok(unsafe { ptr::view(dec) }?.codec()?.and_role(role))
}

/// Fills a decoder: no limit, any role, MQTT 3.1.1, no options. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_decoder_init(dec: *mut mqttc_decoder) {
    // SAFETY: the caller's promise.
    if let Ok(dec) = unsafe { Out::new(dec) } {
        dec.set(mqttc_decoder {
            max_packet_len: u32::MAX,
            options: 0,
            role: ANY,
            protocol_level: Protocol::V3_1_1.level(),
            reserved: [0; 6],
        });
    }
}

/// Reads the fixed header alone, so that you know the type and the length of a frame before the rest
/// has come: `30 85 01` is a PUBLISH of 3 + 133 bytes.
///
/// MQTTC_OK: `*out` is filled, `*used` is the header's length. MQTTC_NEED_MORE: `*used` is 2 for an
/// empty buffer, 1 when the length is unfinished. Errors: MQTTC_ERR_PACKET_TYPE_RESERVED,
/// MQTTC_ERR_REMAINING_LENGTH, MQTTC_ERR_REMAINING_LENGTH_PADDED; MQTTC_ERR_NULL,
/// MQTTC_ERR_INVALID_ARGUMENT. On an error `*out` and `*used` are untouched; a broken rule (-32 and
/// below) fills `*err`, if `err` is not NULL.
///
/// Who sees the other side break a rule must close the connection [MQTT-4.8.0-1]. Who goes on all the same
/// leaves out the whole frame, whether it has come or not: its end is known when the header was not the
/// mistake.
///
///     s = mqttc_decode(dec, buf, len, &packet, &used, &err);
///     if (s <= -32 && mqttc_peek(buf, len, &frame, &used, NULL) == MQTTC_OK
///         && (err.offset >= frame.header_len || s == MQTTC_ERR_PACKET_TOO_LARGE))
///         drop(frame.header_len + frame.remaining_len);
///
/// `mqttc_reader_skip` does this for a reader.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_peek(
    buf: *const u8,
    len: usize,
    out: *mut mqttc_frame,
    used: *mut usize,
    err: *mut mqttc_error,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe {
        answer(buf, len, out, Some(used), err, |buf| {
            Ok(match frame::peek(buf)? {
                Peek::Header(header) => Found::Item(header.into(), header.header_len.into()),
                Peek::NeedMore { at_least } => Found::NeedMore(at_least),
            })
        })
    }
}

/// Tells which version the CONNECT at the front of `buf` speaks, before a decoder is chosen: as soon as
/// its protocol name and level are there, 9 bytes in MQTT 3.1.1. The bridge bit in the level is left
/// out of account.
///
/// MQTTC_OK: `*version` is MQTTC_VERSION_3_1, MQTTC_VERSION_3_1_1, MQTTC_VERSION_5_0 or
/// MQTTC_VERSION_UNKNOWN, `*used` is 0. MQTTC_NEED_MORE: `*used` is the number of bytes still missing,
/// at the least. Errors: those of `mqttc_peek`; MQTTC_ERR_PACKET_TYPE_UNEXPECTED when it is no CONNECT;
/// MQTTC_ERR_TRUNCATED when the frame ends before the level.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_peek_connect_version(
    buf: *const u8,
    len: usize,
    version: *mut u8,
    used: *mut usize,
    err: *mut mqttc_error,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe {
        answer(buf, len, version, Some(used), err, |buf| {
            Ok(match peek_connect_version(buf)? {
                PeekVersion::Version(version) => Found::Item(number_of(version) as u8, 0),
                PeekVersion::NeedMore { at_least } => Found::NeedMore(at_least),
            })
        })
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

const ANY: u8 = Role::Any as u8;
const CLIENT: u8 = Role::Client as u8;
const SERVER: u8 = Role::Server as u8;

/// Reads the body of a frame. `ROLE` is known when this is compiled, so that the readers of types
/// that the role never receives are not linked.
#[inline]
fn read_body<const ROLE: u8>(frame: &mut RawFrame<'_>) -> Result<mqttc_packet, DecodeError> {
    use mqttc_packet_body as Body;
    let u = match frame.packet_type() {
        PacketType::Connect if ROLE != CLIENT => Body { connect: ConnectParts::from_frame(frame)?.into() },
        PacketType::ConnAck if ROLE != SERVER => Body { connack: ConnAck::from_frame(frame)?.into() },
        PacketType::Publish => Body { publish: Publish::from_frame(frame)?.into() },
        PacketType::PubAck | PacketType::PubRec | PacketType::PubRel | PacketType::PubComp => {
            Body { packet_id: frame.ack_id()?.get() }
        }
        PacketType::Subscribe if ROLE != CLIENT => Body { subscribe: read_subscribe(frame)? },
        PacketType::SubAck if ROLE != SERVER => Body { suback: SubAck::from_frame(frame)?.into() },
        PacketType::Unsubscribe if ROLE != CLIENT => Body { unsubscribe: read_unsubscribe(frame)? },
        PacketType::UnsubAck if ROLE != SERVER => Body { packet_id: frame.ack_id()?.get() },
        PacketType::PingResp if ROLE != SERVER => Body { packet_id: 0 },
        PacketType::PingReq | PacketType::Disconnect if ROLE != CLIENT => Body { packet_id: 0 },
        // The decoder was narrowed to this role, and has refused the other types.
        _ => return Err(frame.wrong_direction()),
    };
    Ok(mqttc_packet { u, tolerated: frame.tolerated().bits(), r#type: frame.packet_type() as u8 })
}

fn read_subscribe(frame: &mut RawFrame<'_>) -> Result<mqttc_filter_list, DecodeError> {
    if frame.allows_bad_filters() {
        let UnvalidatedSubscribe { id, filters } = UnvalidatedSubscribe::from_frame(frame)?;
        return Ok(mqttc_filter_list::new(id, filters, true, true));
    }
    let Subscribe { id, filters } = Subscribe::from_frame(frame)?;
    Ok(mqttc_filter_list::new(id, filters, true, false))
}

fn read_unsubscribe(frame: &mut RawFrame<'_>) -> Result<mqttc_filter_list, DecodeError> {
    if frame.allows_bad_filters() {
        let UnvalidatedUnsubscribe { id, filters } = UnvalidatedUnsubscribe::from_frame(frame)?;
        return Ok(mqttc_filter_list::new(id, filters, false, true));
    }
    let Unsubscribe { id, filters } = Unsubscribe::from_frame(frame)?;
    Ok(mqttc_filter_list::new(id, filters, false, false))
}

/// # Safety
///
/// As for every function here.
#[inline]
unsafe fn decode_as<const ROLE: u8>(
    role: Role,
    dec: *const mqttc_decoder,
    buf: *const u8,
    len: usize,
    out: *mut mqttc_packet,
    used: *mut usize,
    err: *mut mqttc_error,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe {
        answer(buf, len, out, Some(used), err, |buf| {
            Ok(match split(dec, role, buf)? {
                Split::Frame(mut frame) => Found::Item(read_body::<ROLE>(&mut frame)?, frame.len()),
                Split::NeedMore { at_least } => Found::NeedMore(at_least),
            })
        })
    }
}

/// Decodes the packet at the front of `buf`. Bytes after its frame are never looked at; slices in
/// `*out` point into `buf`; there is nothing to free.
///
/// `dec`: limits, role, version and options; NULL means the defaults. `err` may be NULL, the others not.
///
/// MQTTC_OK: `*out` is filled, `*used` is the frame's length: the next packet starts there.
/// MQTTC_NEED_MORE: the frame is not complete, `*used` is the number of bytes still missing (2 for an
/// empty buffer, 1 while the remaining length is unfinished, afterwards exact); `*out` is untouched.
/// Below 0: `*out` and `*used` are untouched. A broken rule (-32 and below) fills `*err`, and the
/// specification wants the connection closed [MQTT-4.8.0-1]; -1 to -31 are mistakes of the call.
///
///     d0 00               PINGRESP
///     40 02 00 07         PUBACK, packet id 7
///     30 05 00 03 a / b   PUBLISH to "a/b", QoS 0, no payload
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_decode(
    dec: *const mqttc_decoder,
    buf: *const u8,
    len: usize,
    out: *mut mqttc_packet,
    used: *mut usize,
    err: *mut mqttc_error,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe { decode_as::<ANY>(Role::Any, dec, buf, len, out, used, err) }
}

/// Like `mqttc_decode`, for a client: takes only what a server sends, and links only that. Other types
/// are MQTTC_ERR_WRONG_DIRECTION, and so are those that the role of `dec` never receives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_decode_from_server(
    dec: *const mqttc_decoder,
    buf: *const u8,
    len: usize,
    out: *mut mqttc_packet,
    used: *mut usize,
    err: *mut mqttc_error,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe { decode_as::<CLIENT>(Role::Client, dec, buf, len, out, used, err) }
}

/// Like `mqttc_decode`, for a server: takes only what a client sends, and links only that. Other types
/// are MQTTC_ERR_WRONG_DIRECTION.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_decode_from_client(
    dec: *const mqttc_decoder,
    buf: *const u8,
    len: usize,
    out: *mut mqttc_packet,
    used: *mut usize,
    err: *mut mqttc_error,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe { decode_as::<SERVER>(Role::Server, dec, buf, len, out, used, err) }
}

/// What the decode functions for one type have in common.
///
/// # Safety
///
/// As for every function here.
#[inline]
unsafe fn decode_one<'a, T>(
    dec: *const mqttc_decoder,
    frame: *const u8,
    len: usize,
    out: *mut T,
    err: *mut mqttc_error,
    read: impl FnOnce(&mut RawFrame<'a>) -> Result<T, DecodeError>,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe {
        answer(frame, len, out, None, err, |buf| match split(dec, Role::Any, buf)? {
            Split::Frame(mut frame) => Ok(Found::Item(read(&mut frame)?, 0)),
            Split::NeedMore { .. } => Err(DecodeError::new(ErrorKind::Truncated, buf.len()).into()),
        })
    }
}

/// Decodes one CONNECT that has come whole, as `mqttc_peek` tells. Bytes after it are not looked at.
///
/// Links nothing but CONNECT. Errors as for `mqttc_decode`; also MQTTC_ERR_PACKET_TYPE_UNEXPECTED for
/// a frame of another type, and MQTTC_ERR_TRUNCATED for one that is not complete.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_connect_decode(
    dec: *const mqttc_decoder,
    frame: *const u8,
    len: usize,
    out: *mut mqttc_connect,
    err: *mut mqttc_error,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe { decode_one(dec, frame, len, out, err, |frame| ConnectParts::from_frame(frame).map(Into::into)) }
}

/// Decodes one CONNACK that has come whole: `20 02 00 00` is "accepted". As `mqttc_connect_decode`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_connack_decode(
    dec: *const mqttc_decoder,
    frame: *const u8,
    len: usize,
    out: *mut mqttc_connack,
    err: *mut mqttc_error,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe { decode_one(dec, frame, len, out, err, |frame| ConnAck::from_frame(frame).map(Into::into)) }
}

/// Decodes one PUBLISH that has come whole. As `mqttc_connect_decode`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_publish_decode(
    dec: *const mqttc_decoder,
    frame: *const u8,
    len: usize,
    out: *mut mqttc_publish,
    err: *mut mqttc_error,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe { decode_one(dec, frame, len, out, err, |frame| Publish::from_frame(frame).map(Into::into)) }
}

/// Decodes one PUBACK, PUBREC, PUBREL, PUBCOMP or UNSUBACK that has come whole; which one it is, the
/// type of `mqttc_peek` tells. As `mqttc_connect_decode`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_ack_decode(
    dec: *const mqttc_decoder,
    frame: *const u8,
    len: usize,
    packet_id: *mut u16,
    err: *mut mqttc_error,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe { decode_one(dec, frame, len, packet_id, err, |frame| Ok(frame.ack_id()?.get())) }
}

/// Decodes one SUBSCRIBE that has come whole. As `mqttc_connect_decode`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_subscribe_decode(
    dec: *const mqttc_decoder,
    frame: *const u8,
    len: usize,
    out: *mut mqttc_filter_list,
    err: *mut mqttc_error,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe { decode_one(dec, frame, len, out, err, read_subscribe) }
}

/// Decodes one SUBACK that has come whole. As `mqttc_connect_decode`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_suback_decode(
    dec: *const mqttc_decoder,
    frame: *const u8,
    len: usize,
    out: *mut mqttc_suback,
    err: *mut mqttc_error,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe { decode_one(dec, frame, len, out, err, |frame| SubAck::from_frame(frame).map(Into::into)) }
}

/// Decodes one UNSUBSCRIBE that has come whole. As `mqttc_connect_decode`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_unsubscribe_decode(
    dec: *const mqttc_decoder,
    frame: *const u8,
    len: usize,
    out: *mut mqttc_filter_list,
    err: *mut mqttc_error,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe { decode_one(dec, frame, len, out, err, read_unsubscribe) }
}

/// Judges one PINGREQ, PINGRESP or DISCONNECT that has come whole, and tells which it is. As
/// `mqttc_connect_decode`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_empty_decode(
    dec: *const mqttc_decoder,
    frame: *const u8,
    len: usize,
    packet_type: *mut u8,
    err: *mut mqttc_error,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe { decode_one(dec, frame, len, packet_type, err, |frame| Ok(frame.empty_type()? as u8)) }
}

/// The next filter of a decoded SUBSCRIBE or UNSUBSCRIBE.
///
/// 1: `*out` is filled and `*it` stands behind it. 0: there are no more. Below 0: `it` or `out` cannot
/// be one (MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT), or what is left in the iterator is no list of
/// filters (MQTTC_ERR_INVALID_ARGUMENT); nothing is touched.
///
///     mqttc_filters it = packet.u.subscribe.filters;
///     mqttc_subscription s;
///     while (mqttc_filters_next(&it, &s) == 1)
///         grant(s.filter, s.qos);
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_filters_next(it: *mut mqttc_filters, out: *mut mqttc_subscription) -> i32 {
    let next = (|| {
        // SAFETY: the caller's promise.
        let filters = unsafe { ptr::read(it) }?;
        // SAFETY: as above.
        let rest = unsafe { ptr::input(filters.rest.ptr, filters.rest.len) }?;
        // SAFETY: as above.
        let it = unsafe { Out::new(it) }?.apart_from(rest)?;
        // SAFETY: as above.
        let out = unsafe { Out::new(out) }?.apart_from(rest)?;
        let item = match (flag(filters.has_qos)?, flag(filters.unvalidated)?) {
            (true, false) => first(rest, |item: Subscription<'_>| (item.filter.as_bytes(), item.qos as u8)),
            (true, true) => {
                first(rest, |item: UnvalidatedSubscription<'_>| (item.filter.as_bytes(), item.qos as u8))
            }
            (false, false) => first(rest, |filter: TopicFilter<'_>| (filter.as_bytes(), 0)),
            (false, true) => first(rest, |filter: Utf8<'_>| (filter.as_bytes(), 0)),
        };
        let Some(((filter, qos), rest)) = item.map_err(|_| INVALID_ARGUMENT)? else {
            return Ok(0);
        };
        out.set(mqttc_subscription { filter: mqttc_slice::of(filter), qos });
        it.set(mqttc_filters { rest: mqttc_slice::of(rest), ..filters });
        Ok(1)
    })();
    next.unwrap_or_else(|status| status)
}

/// A filter and its QoS, and the bytes behind them.
type First<'a> = ((&'a [u8], u8), &'a [u8]);

/// The first item of a list's bytes, judged anew; `None` at the end.
fn first<'a, T: Item<'a>>(
    rest: &'a [u8],
    parts: impl FnOnce(T) -> (&'a [u8], u8),
) -> Result<Option<First<'a>>, ErrorKind> {
    Ok(list::read_first(rest)?.map(|(item, rest)| (parts(item), rest)))
}
