//! From bytes to structs.

use mqtt_codec::frame::{self, Peek};
use mqtt_codec::list::{self, Item};
use mqtt_codec::v3::{
    ConnAck, ConnectParts, Decoder, Protocol, Publish, RawFrame, Role, Split, SubAck, Subscription,
    UnvalidatedSubscription,
};
use mqtt_codec::{
    ConnectVersion, DecodeError, ErrorKind, PacketId, PacketType, PeekVersion, TopicFilter, Utf8,
    peek_connect_version,
};

use crate::ptr::{self, Out, Place};
use crate::status::{self, INVALID_ARGUMENT, NEED_MORE, OK, mqttc_status};
use crate::types::{
    flag, mqttc_connack, mqttc_connect, mqttc_connect_version, mqttc_decoder, mqttc_error, mqttc_filter_list,
    mqttc_filters, mqttc_frame, mqttc_packet, mqttc_publish, mqttc_slice, mqttc_suback, mqttc_subscription,
};

/// What a function that looks ahead found, and the `*used` that goes with it.
enum Found<T> {
    Item(T, usize),
    NeedMore(usize),
}

/// What the functions that look ahead do around their work: judges the pointers, runs `work` on the bytes, and
/// writes `*out`, `*used` and `*err`.
///
/// # Safety
///
/// As for every function here: see the crate's documentation.
#[cfg_attr(target_pointer_width = "64", inline(always))]
unsafe fn answer<'a, T>(
    buf: *const u8,
    len: usize,
    out: *mut T,
    used: *mut usize,
    err: *mut mqttc_error,
    work: impl FnOnce(&'a [u8]) -> Result<Found<T>, DecodeError>,
) -> mqttc_status {
    // SAFETY: the caller's promise, here and below.
    let buf = match unsafe { judge(buf, len, Place::of(out), Some(used), err) } {
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
        Err(error) => return unsafe { refuse(error, err) },
    };
    // SAFETY: as above; likewise.
    unsafe { Out::judged(used) }.set(n);
    status
}

/// Judges all pointers of a decode function: no result may lie in the bytes.
///
/// # Safety
///
/// As for every function here.
#[inline(always)]
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

/// The status of a broken rule, with `*err` filled.
///
/// # Safety
///
/// `err` is NULL or was judged.
#[cold]
#[inline(never)]
unsafe fn refuse(error: DecodeError, err: *mut mqttc_error) -> mqttc_status {
    let error = status::of_error(error);
    if !err.is_null() {
        // SAFETY: the caller's promise.
        unsafe { Out::judged(err) }.set(error);
    }
    error.status
}

/// Begins every function that decodes a packet: judges the pointers and splits the frame from what follows it, as
/// the caller's decoder wants it. What is not to be decoded gives the status to return, with `*used` and `*err`
/// written. `used` is `None` in a function that takes whole frames alone.
///
/// # Safety
///
/// As for every function here.
#[cfg_attr(target_pointer_width = "64", inline(always))]
#[cfg_attr(target_pointer_width = "32", inline(never))]
unsafe fn open<'a>(
    role: Role,
    dec: *const mqttc_decoder,
    buf: *const u8,
    len: usize,
    out: Place,
    used: Option<*mut usize>,
    err: *mut mqttc_error,
) -> Result<RawFrame<'a>, mqttc_status> {
    // SAFETY: the caller's promise; `judge` has judged what is written.
    unsafe {
        let buf = judge(buf, len, out, used, err)?;
        let error = match (decoder(dec, role)?.split(buf), used) {
            (Ok(Split::Frame(frame)), _) => return Ok(frame),
            (Ok(Split::NeedMore { at_least }), Some(used)) => {
                Out::judged(used).set(at_least);
                return Err(NEED_MORE);
            }
            (Ok(Split::NeedMore { .. }), None) => DecodeError::new(ErrorKind::Truncated, buf.len()),
            (Err(error), _) => error,
        };
        Err(refuse(error, err))
    }
}

/// The codec's decoder, for a function that serves `role` alone; NULL is the default one.
///
/// # Safety
///
/// As for every function here.
#[inline(always)]
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
/// `mqttc_reader_skip` does this for a reader. It knows the decoder, too: a length that is padded and was let
/// through (MQTTC_ALLOW_PADDED_REMAINING_LENGTH) is an error here.
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
        answer(buf, len, out, used, err, |buf| {
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
        answer(buf, len, version, used, err, |buf| {
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

/// Reads the body of a frame into `*out`, which an error leaves as it was. `ROLE` is known when this is compiled,
/// so that the readers of types that the role never receives are not linked.
///
/// # Safety
///
/// `out` was judged.
#[inline]
unsafe fn read_body<const ROLE: u8>(
    frame: &mut RawFrame<'_>,
    out: *mut mqttc_packet,
) -> Result<(), DecodeError> {
    // SAFETY: the caller's promise. Each member is written where it stands: a packet handed on by value would be
    // copied twice on its way.
    unsafe {
        let u = &raw mut (*out).u;
        match frame.packet_type() {
            PacketType::Connect if ROLE != CLIENT => {
                read_connect(frame, Out::judged(&raw mut (*u).connect))?;
            }
            PacketType::ConnAck if ROLE != SERVER => {
                Out::judged(&raw mut (*u).connack).put(ConnAck::from_frame(frame))?;
            }
            PacketType::Publish => Out::judged(&raw mut (*u).publish).put(Publish::from_frame(frame))?,
            PacketType::PubAck
            | PacketType::PubRec
            | PacketType::PubRel
            | PacketType::PubComp
            | PacketType::UnsubAck => read_ack(frame, Out::judged(&raw mut (*u).packet_id))?,
            PacketType::Subscribe | PacketType::Unsubscribe if ROLE != CLIENT => {
                read_filters(frame, frame.packet_type(), Out::judged(&raw mut (*u).subscribe))?;
            }
            PacketType::SubAck if ROLE != SERVER => {
                Out::judged(&raw mut (*u).suback).put(SubAck::from_frame(frame))?;
            }
            PacketType::PingReq | PacketType::PingResp | PacketType::Disconnect => {}
            // The decoder was narrowed to this role, and has refused the other types.
            _ => return Err(frame.wrong_direction()),
        }
        Out::judged(&raw mut (*out).tolerated).set(frame.tolerated().bits());
        Out::judged(&raw mut (*out).r#type).set(frame.packet_type() as u8);
    }
    Ok(())
}

#[inline(always)]
fn read_connect(frame: &mut RawFrame<'_>, out: Out<mqttc_connect>) -> Result<(), DecodeError> {
    let mut parts = ConnectParts::empty();
    parts.read(frame)?;
    out.set(parts.into());
    Ok(())
}

#[inline(always)]
fn read_ack(frame: &mut RawFrame<'_>, out: Out<u16>) -> Result<(), DecodeError> {
    out.put(frame.ack_id().map(PacketId::get))
}

/// Reads a SUBSCRIBE or an UNSUBSCRIBE.
#[cfg_attr(target_pointer_width = "32", inline(never))]
fn read_filters(
    frame: &mut RawFrame<'_>,
    packet_type: PacketType,
    out: Out<mqttc_filter_list>,
) -> Result<(), DecodeError> {
    let (id, bytes) = frame.filters(packet_type)?;
    let filters = mqttc_filters {
        rest: mqttc_slice::of(bytes),
        has_qos: (packet_type == PacketType::Subscribe).into(),
        unvalidated: frame.allows_bad_filters().into(),
    };
    out.set(mqttc_filter_list { filters, packet_id: id.get() });
    Ok(())
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
    // SAFETY: the caller's promise; `open` has judged what is written.
    unsafe {
        let mut opened = open(role, dec, buf, len, Place::of(out), Some(used), err);
        // Read where it stands: taken out of the result it would be copied.
        let frame = match &mut opened {
            Ok(frame) => frame,
            Err(status) => return *status,
        };
        match read_body::<ROLE>(frame, out) {
            Ok(()) => {
                Out::judged(used).set(frame.len());
                OK
            }
            Err(error) => refuse(error, err),
        }
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
    read: impl FnOnce(&mut RawFrame<'a>, Out<T>) -> Result<(), DecodeError>,
) -> mqttc_status {
    // SAFETY: the caller's promise; `open` has judged what is written.
    unsafe {
        let mut opened = open(Role::Any, dec, frame, len, Place::of(out), None, err);
        // Read where it stands: taken out of the result it would be copied.
        let frame = match &mut opened {
            Ok(frame) => frame,
            Err(status) => return *status,
        };
        match read(frame, Out::judged(out)) {
            Ok(()) => OK,
            Err(error) => refuse(error, err),
        }
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
    unsafe { decode_one(dec, frame, len, out, err, read_connect) }
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
    unsafe { decode_one(dec, frame, len, out, err, |frame, out| out.put(ConnAck::from_frame(frame))) }
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
    unsafe { decode_one(dec, frame, len, out, err, |frame, out| out.put(Publish::from_frame(frame))) }
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
    unsafe { decode_one(dec, frame, len, packet_id, err, read_ack) }
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
    unsafe {
        decode_one(dec, frame, len, out, err, |frame, out| read_filters(frame, PacketType::Subscribe, out))
    }
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
    unsafe { decode_one(dec, frame, len, out, err, |frame, out| out.put(SubAck::from_frame(frame))) }
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
    unsafe {
        decode_one(dec, frame, len, out, err, |frame, out| read_filters(frame, PacketType::Unsubscribe, out))
    }
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
    unsafe {
        decode_one(dec, frame, len, packet_type, err, |frame, out| {
            out.put(frame.empty_type().map(|found| found as u8))
        })
    }
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
