//! The decode functions against `Decoder`, and the functions that take single values.

use std::ffi::CStr;
use std::ptr;

use arbitrary::Unstructured;
use mqtt_codec::frame::{self, Peek};
use mqtt_codec::list::{Item, List};
use mqtt_codec::v3::{
    Connect, Decoded, Decoder, Packet, Protocol, Publish, Role, UnvalidatedSubscribe, UnvalidatedUnsubscribe,
};
use mqtt_codec::{
    ConnectVersion, DecodeError, ErrorKind, PacketId, PacketType, PeekVersion, TopicFilter, TopicName,
    peek_connect_version,
};
use mqtt_ffi::decode as c;
use mqtt_ffi::encode::{mqttc_next_packet_id, mqttc_packet_encode, mqttc_publish_set_dup};
use mqtt_ffi::status::mqttc_code::{
    MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_INVALID_ARGUMENT, MQTTC_NEED_MORE, MQTTC_OK,
};
use mqtt_ffi::status::{mqttc_connack_code, mqttc_packet_type_str, mqttc_spec_ref, mqttc_strerror};
use mqtt_ffi::topic::{mqttc_topic_filter_check, mqttc_topic_matches, mqttc_topic_name_check};
use mqtt_ffi::types::{
    mqttc_connect, mqttc_decode_fn, mqttc_decoder, mqttc_error, mqttc_filter_list, mqttc_packet,
    mqttc_publish, mqttc_slice,
};
use mqtt_ffi::version::{MQTTC_ABI, mqttc_check_abi, mqttc_version};

use super::guarded::{Buffer, Slot};
use crate::encoding::frame_of;
use crate::input::{LOOSENING, TIGHTENING};

const OK: i32 = MQTTC_OK as i32;
const NEED_MORE: i32 = MQTTC_NEED_MORE as i32;
const INVALID_ARGUMENT: i32 = MQTTC_ERR_INVALID_ARGUMENT as i32;
const BAD_FILTERS: u32 = 1 << 8;

/// The status of a broken rule.
pub(crate) fn status_of(kind: ErrorKind) -> i32 {
    let index = ErrorKind::ALL.iter().position(|other| *other == kind).unwrap();
    -32 - i32::try_from(index).unwrap()
}

/// A decoder with any integers in its fields: mostly ones that mean something.
pub(crate) fn any_decoder(u: &mut Unstructured<'_>) -> arbitrary::Result<mqttc_decoder> {
    let wild = u.ratio(1, 8)?;
    let options: u32 = u.arbitrary()?;
    Ok(mqttc_decoder {
        max_packet_len: if u.arbitrary()? { u32::MAX } else { u.arbitrary()? },
        options: if wild { options } else { options & (LOOSENING | TIGHTENING) },
        role: if wild { u.arbitrary()? } else { u.int_in_range(0..=2)? },
        protocol_level: if wild { u.arbitrary()? } else { u.int_in_range(3..=4)? },
        reserved: if wild { u.arbitrary()? } else { [0; 6] },
    })
}

/// The same decoder in Rust; `None` where C must refuse it.
pub(crate) fn in_rust(dec: &mqttc_decoder) -> Option<Decoder> {
    let role = match dec.role {
        0 => Role::Any,
        1 => Role::Client,
        2 => Role::Server,
        _ => return None,
    };
    let protocol = match dec.protocol_level {
        3 => Protocol::V3_1,
        4 => Protocol::V3_1_1,
        _ => return None,
    };
    let decoder = Decoder::DEFAULT.role(role).protocol(protocol).max_packet_len(dec.max_packet_len);
    if dec.reserved == [0; 6] { decoder.with_option_bits(dec.options) } else { None }
}

pub(super) fn check(input: &[u8]) {
    let mut u = Unstructured::new(input);
    let (Ok(dec), Ok(is_null)) = (any_decoder(&mut u), u.arbitrary::<bool>()) else { return };
    // An allocation that ends where the bytes do.
    let buf: Box<[u8]> = u.take_rest().into();
    let (p, rust) =
        if is_null { (ptr::null(), Some(Decoder::DEFAULT)) } else { (&raw const dec, in_rust(&dec)) };
    for (decode, role) in [
        (Some(c::mqttc_decode as _), Role::Any),
        (Some(c::mqttc_decode_from_server as _), Role::Client),
        (Some(c::mqttc_decode_from_client as _), Role::Server),
    ] {
        check_decode(
            decode,
            p,
            rust.map(|rust| rust.and_role(role)),
            dec.options & BAD_FILTERS != 0 && !is_null,
            &buf,
        );
    }
    if let Some(rust) = rust {
        check_one_type(p, &rust, &buf);
    }
    check_peeks(&buf);
}

/// One of the three functions that decode any packet.
fn check_decode(
    decode: mqttc_decode_fn,
    dec: *const mqttc_decoder,
    rust: Option<Decoder>,
    unvalidated: bool,
    buf: &[u8],
) {
    let (mut out, mut used, mut err) =
        (Slot::<mqttc_packet>::new(), Slot::<usize>::new(), Slot::<mqttc_error>::new());
    // SAFETY: every pointer is to a live object of its type, `dec` too, unless it is NULL.
    let status = unsafe {
        decode.unwrap()(dec, buf.as_ptr(), buf.len(), out.as_mut_ptr(), used.as_mut_ptr(), err.as_mut_ptr())
    };
    let Some(rust) = rust else {
        assert_eq!(status, INVALID_ARGUMENT);
        out.check_untouched();
        used.check_untouched();
        err.check_untouched();
        return;
    };
    match rust.decode(buf) {
        Err(error) if unvalidated && is_about_filters(error) => check_bad_filters(&rust, status, &out, buf),
        Err(error) => {
            out.check_untouched();
            used.check_untouched();
            check_error(status, &err, error);
        }
        Ok(Decoded::NeedMore { at_least }) => {
            out.check_untouched();
            err.check_untouched();
            // SAFETY: need more: it is filled.
            assert_eq!((status, unsafe { used.filled() }), (NEED_MORE, at_least));
        }
        Ok(Decoded::Packet { packet, len, tolerated }) => {
            err.check_untouched();
            assert_eq!(status, OK);
            // SAFETY: done: both are filled.
            let (found, used) = unsafe { (out.filled(), used.filled()) };
            assert_eq!(
                (used, found.tolerated, found.r#type),
                (len, tolerated.bits(), packet.packet_type() as u8)
            );
            check_packet(&found, &packet, unvalidated, buf);
            check_encode(&found, &packet);
        }
    }
}

fn check_error(status: i32, err: &Slot<mqttc_error>, error: DecodeError) {
    assert_eq!(status, status_of(error.kind()));
    // SAFETY: a broken rule: it is filled.
    let err = unsafe { err.filled() };
    assert_eq!((err.status, err.offset as usize), (status, error.offset()));
}

/// The rules that MQTTC_ALLOW_BAD_FILTERS leaves out.
fn is_about_filters(error: DecodeError) -> bool {
    matches!(error.kind(), ErrorKind::FilterEmpty | ErrorKind::FilterWildcard)
}

/// A SUBSCRIBE or UNSUBSCRIBE with a filter that is none: C lets it through, if nothing else is wrong.
fn check_bad_filters(rust: &Decoder, status: i32, out: &Slot<mqttc_packet>, buf: &[u8]) {
    let loose = match PacketType::from_first_byte(buf[0]) {
        Ok(PacketType::Subscribe) => UnvalidatedSubscribe::decode(rust, buf).map(|packet| packet.id),
        _ => UnvalidatedUnsubscribe::decode(rust, buf).map(|packet| packet.id),
    };
    match loose {
        Ok(id) => {
            assert_eq!(status, OK);
            // SAFETY: done: it is filled, and is a list.
            let list = unsafe { out.filled().u.subscribe };
            assert_eq!((list.packet_id, list.filters.unvalidated), (id.get(), 1));
        }
        Err(error) => {
            out.check_untouched();
            assert_eq!(status, status_of(error.kind()));
        }
    }
}

/// The bytes of a slice, which points into `buf` unless it is empty.
fn bytes_of(slice: mqttc_slice, buf: &[u8]) -> &[u8] {
    if slice.len == 0 {
        return &[];
    }
    let start = (slice.ptr as usize).checked_sub(buf.as_ptr() as usize).expect("a slice before the buffer");
    &buf[start..start + slice.len]
}

fn check_packet(found: &mqttc_packet, packet: &Packet<'_>, unvalidated: bool, buf: &[u8]) {
    // SAFETY: of the union's members the one is read that the type names, and all of them are integers and
    // pointers.
    unsafe {
        match packet {
            Packet::Connect(packet) => check_connect(&found.u.connect, packet, buf),
            Packet::ConnAck(packet) => {
                let found = found.u.connack;
                let expected = (u8::from(packet.session_present), packet.return_code.0);
                assert_eq!((found.session_present, found.return_code), expected);
            }
            Packet::Publish(packet) => check_publish(&found.u.publish, packet, buf),
            Packet::Subscribe(packet) => {
                check_list(&found.u.subscribe, packet.id, packet.filters, 1, unvalidated, buf);
                check_items(&found.u.subscribe, packet.filters.iter().map(|s| (s.filter, s.qos as u8)), buf);
            }
            Packet::Unsubscribe(packet) => {
                check_list(&found.u.unsubscribe, packet.id, packet.filters, 0, unvalidated, buf);
                check_items(&found.u.unsubscribe, packet.filters.iter().map(|filter| (filter, 0)), buf);
            }
            Packet::SubAck(packet) => {
                let found = found.u.suback;
                assert_eq!(found.packet_id, packet.id.get());
                assert_eq!(Some(bytes_of(found.return_codes, buf)), packet.return_codes.wire_bytes());
            }
            Packet::PingReq | Packet::PingResp | Packet::Disconnect => {}
            acknowledgement => {
                assert_eq!(found.u.packet_id, acknowledgement.packet_id().map_or(0, PacketId::get));
            }
        }
    }
}

fn check_connect(found: &mqttc_connect, packet: &Connect<'_>, buf: &[u8]) {
    assert_eq!(bytes_of(found.client_id, buf), packet.client_id.as_bytes());
    let numbers = (found.keep_alive, found.protocol_level, found.clean_session);
    assert_eq!(numbers, (packet.keep_alive, packet.protocol.level(), packet.clean_session.into()));
    assert_eq!(found.has_will, packet.will.is_some().into());
    assert_eq!(found.has_user_name, packet.login.is_some().into());
    assert_eq!(found.has_password, packet.login.is_some_and(|login| login.password.is_some()).into());
    match packet.will {
        Some(will) => {
            assert_eq!(bytes_of(found.will_topic, buf), will.topic.as_bytes());
            assert_eq!(bytes_of(found.will_message, buf), will.message.as_bytes());
            assert_eq!((found.will_qos, found.will_retain), (will.qos as u8, will.retain.into()));
        }
        None => assert_eq!((found.will_qos, found.will_retain), (0, 0)),
    }
    if let Some(login) = packet.login {
        assert_eq!(bytes_of(found.user_name, buf), login.user_name.as_bytes());
        let password = login.password.map_or(&[][..], |password| password.as_bytes());
        assert_eq!(bytes_of(found.password, buf), password);
    }
}

fn check_publish(found: &mqttc_publish, packet: &Publish<'_>, buf: &[u8]) {
    assert_eq!(bytes_of(found.topic, buf), packet.topic.as_bytes());
    assert_eq!(bytes_of(found.payload, buf), packet.payload);
    assert_eq!(found.packet_id, packet.packet_id().map_or(0, PacketId::get));
    let flags = (packet.delivery.qos() as u8, packet.delivery.dup().into(), packet.retain.into());
    assert_eq!((found.qos, found.dup, found.retain), flags);
}

fn check_list<'a, T: Item<'a>>(
    found: &mqttc_filter_list,
    id: PacketId,
    list: List<'a, T>,
    has_qos: u8,
    unvalidated: bool,
    buf: &[u8],
) {
    assert_eq!((found.packet_id, found.filters.has_qos), (id.get(), has_qos));
    assert_eq!(found.filters.unvalidated, unvalidated.into());
    assert_eq!(Some(bytes_of(found.filters.rest, buf)), list.wire_bytes());
}

/// The C iterator gives the same items, and ends where they do.
fn check_items<'a>(
    found: &mqttc_filter_list,
    items: impl Iterator<Item = (TopicFilter<'a>, u8)>,
    buf: &[u8],
) {
    let mut it = Slot::<mqtt_ffi::types::mqttc_filters>::new();
    // SAFETY: one is there to be written to.
    unsafe { it.as_mut_ptr().write(found.filters) };
    for (filter, qos) in items {
        let mut out = Slot::new();
        // SAFETY: both are live objects; the iterator's bytes are still there. 1: `out` is filled.
        let item = unsafe {
            assert_eq!(c::mqttc_filters_next(it.as_mut_ptr(), out.as_mut_ptr()), 1);
            out.filled()
        };
        assert_eq!((bytes_of(item.filter, buf), item.qos), (filter.as_bytes(), qos));
    }
    let mut out = Slot::new();
    // SAFETY: as above.
    assert_eq!(unsafe { c::mqttc_filters_next(it.as_mut_ptr(), out.as_mut_ptr()) }, 0);
    out.check_untouched();
    it.check_margins();
}

/// What was decoded is encoded as Rust encodes it, or refused by the same rule.
fn check_encode(found: &mqttc_packet, packet: &Packet<'_>) {
    let rust = packet.encode(&mut vec![0; packet.encoded_len()]);
    let mut out = Buffer::new(packet.encoded_len());
    let mut written = Slot::<usize>::new();
    // SAFETY: every pointer is to a live object of its type, and the packet's slices are still there.
    let status =
        unsafe { mqttc_packet_encode(found, out.as_mut_ptr(), packet.encoded_len(), written.as_mut_ptr()) };
    // SAFETY: it is filled whatever the answer is, unless a pointer is wrong.
    let written = unsafe { written.filled() };
    match rust {
        Ok(len) => {
            assert_eq!((status, written), (OK, len));
            assert_eq!(out.written(len), frame_of(packet));
        }
        Err(mqtt_codec::EncodeError::Invalid(kind)) => {
            assert_eq!((status, written), (status_of(kind), 0));
            out.written(0);
        }
        Err(error) => panic!("{error:?} with {} bytes", packet.encoded_len()),
    }
    // A byte too little, and none at all.
    for cap in [packet.encoded_len() - 1, 0] {
        let (mut out, mut needed) = (Buffer::new(cap), Slot::<usize>::new());
        // SAFETY: as above.
        let small = unsafe { mqttc_packet_encode(found, out.as_mut_ptr(), cap, needed.as_mut_ptr()) };
        // SAFETY: as above.
        let needed = unsafe { needed.filled() };
        out.written(0);
        let expected = if rust.is_ok() { (MQTTC_ERR_BUFFER_TOO_SMALL as i32, written) } else { (status, 0) };
        assert_eq!((small, needed), expected);
    }
}

/// The functions for one type take just what the general one takes of that type.
fn check_one_type(dec: *const mqttc_decoder, rust: &Decoder, buf: &[u8]) {
    let (p, len) = (buf.as_ptr(), buf.len());
    let mut err = Slot::<mqttc_error>::new();
    let e = err.as_mut_ptr();
    let (mut connect, mut connack, mut publish) = (Slot::new(), Slot::new(), Slot::new());
    let (mut suback, mut id, mut empty) = (Slot::new(), Slot::<u16>::new(), Slot::<u8>::new());
    let (mut subscribe, mut unsubscribe) = (Slot::new(), Slot::new());
    // SAFETY: every pointer is to a live object of its type, `dec` too, unless it is NULL.
    let statuses = unsafe {
        [
            c::mqttc_connect_decode(dec, p, len, connect.as_mut_ptr(), e),
            c::mqttc_connack_decode(dec, p, len, connack.as_mut_ptr(), e),
            c::mqttc_publish_decode(dec, p, len, publish.as_mut_ptr(), e),
            c::mqttc_ack_decode(dec, p, len, id.as_mut_ptr(), e),
            c::mqttc_subscribe_decode(dec, p, len, subscribe.as_mut_ptr(), e),
            c::mqttc_suback_decode(dec, p, len, suback.as_mut_ptr(), e),
            c::mqttc_unsubscribe_decode(dec, p, len, unsubscribe.as_mut_ptr(), e),
            c::mqttc_empty_decode(dec, p, len, empty.as_mut_ptr(), e),
        ]
    };
    connect.check_margins();
    connack.check_margins();
    publish.check_margins();
    id.check_margins();
    subscribe.check_margins();
    suback.check_margins();
    unsubscribe.check_margins();
    empty.check_margins();
    err.check_margins();
    let taken = statuses.iter().filter(|status| **status == OK).count();
    match rust.decode(buf) {
        Ok(Decoded::Packet { packet, .. }) => {
            use PacketType::*;
            assert_eq!(taken, 1, "{statuses:?}");
            let index = match packet.packet_type() {
                Connect => 0,
                ConnAck => 1,
                Publish => 2,
                PubAck | PubRec | PubRel | PubComp | UnsubAck => 3,
                Subscribe => 4,
                SubAck => 5,
                Unsubscribe => 6,
                PingReq | PingResp | Disconnect => 7,
            };
            assert_eq!(statuses[index], OK, "{statuses:?}");
            let unexpected = status_of(ErrorKind::PacketTypeUnexpected);
            assert_eq!(statuses.iter().filter(|status| **status == unexpected).count(), 7, "{statuses:?}");
        }
        // Only MQTTC_ALLOW_BAD_FILTERS takes more.
        Err(error) => assert!(taken == 0 || is_about_filters(error), "{statuses:?} for {error:?}"),
        Ok(Decoded::NeedMore { .. }) => {
            let truncated = status_of(ErrorKind::Truncated);
            assert!(statuses.iter().all(|status| *status == truncated), "{statuses:?}");
        }
    }
}

/// The two functions that look ahead.
fn check_peeks(buf: &[u8]) {
    let (mut out, mut used, mut err) = (Slot::new(), Slot::<usize>::new(), Slot::<mqttc_error>::new());
    // SAFETY: every pointer is to a live object of its type. What the status says is filled is read.
    unsafe {
        let status =
            c::mqttc_peek(buf.as_ptr(), buf.len(), out.as_mut_ptr(), used.as_mut_ptr(), err.as_mut_ptr());
        match frame::peek(buf) {
            Ok(Peek::Header(header)) => {
                let found = out.filled();
                assert_eq!((status, used.filled()), (OK, header.header_len.into()));
                assert_eq!((found.r#type, found.flags), (header.packet_type as u8, header.flags));
                assert_eq!(
                    (found.remaining_len, found.header_len),
                    (header.remaining_len, header.header_len)
                );
            }
            Ok(Peek::NeedMore { at_least }) => assert_eq!((status, used.filled()), (NEED_MORE, at_least)),
            Err(error) => check_error(status, &err, error),
        }
        let (mut version, mut used, mut err) = (Slot::<u8>::new(), Slot::<usize>::new(), Slot::new());
        let status = c::mqttc_peek_connect_version(
            buf.as_ptr(),
            buf.len(),
            version.as_mut_ptr(),
            used.as_mut_ptr(),
            err.as_mut_ptr(),
        );
        match peek_connect_version(buf) {
            Ok(PeekVersion::Version(expected)) => {
                let number = match expected {
                    ConnectVersion::V3_1 => 3,
                    ConnectVersion::V3_1_1 => 4,
                    ConnectVersion::V5_0 => 5,
                    _ => 0,
                };
                assert_eq!((status, version.filled(), used.filled()), (OK, number, 0));
            }
            Ok(PeekVersion::NeedMore { at_least }) => {
                assert_eq!((status, used.filled()), (NEED_MORE, at_least));
                version.check_untouched();
            }
            Err(error) => check_error(status, &err, error),
        }
    }
}

/// The functions of single values, with any values; and an iterator and a stored PUBLISH with any bytes.
pub(super) fn check_scalars(input: &[u8]) {
    let Some(([a, b, c_, d, has_qos, unvalidated, split], bytes)) = input.split_first_chunk::<7>() else {
        return;
    };
    let status = i32::from_le_bytes([*a, *b, *c_, *d]);
    // Mostly a status that there is.
    for status in [status, -(status.rem_euclid(80))] {
        // SAFETY: never NULL, and static.
        let (text, clause) =
            unsafe { (CStr::from_ptr(mqttc_strerror(status)), CStr::from_ptr(mqttc_spec_ref(status))) };
        let kind = ErrorKind::ALL.iter().copied().find(|kind| status_of(*kind) == status);
        assert!(!text.is_empty());
        assert_eq!(clause.to_str().unwrap(), kind.and_then(ErrorKind::spec_ref).unwrap_or_default());
        assert_eq!(mqttc_connack_code(status), kind.and_then(ErrorKind::connack_code).map_or(-1, i32::from));
    }
    // SAFETY: as above.
    let name = unsafe { CStr::from_ptr(mqttc_packet_type_str(*a)) }.to_str().unwrap();
    assert_eq!(name, PacketType::from_number(*a).map_or("reserved", PacketType::name));
    let (abi, size) = (u32::from(*a & 3), size_of::<mqttc_packet>() + usize::from(*b & 1));
    let is_ours = abi == MQTTC_ABI && size == size_of::<mqttc_packet>();
    assert_eq!(mqttc_check_abi(abi, size), if is_ours { OK } else { INVALID_ARGUMENT });
    // SAFETY: as above.
    assert!(!unsafe { CStr::from_ptr(mqttc_version()) }.is_empty());
    let last = u16::from_le_bytes([*b, *c_]);
    assert_eq!(mqttc_next_packet_id(last), PacketId::new(last).map_or(1, |id| id.next().get()));

    let (left, right) = bytes.split_at(usize::from(*split).min(bytes.len()));
    check_topics(left, right);
    check_iterator(*has_qos, *unvalidated, bytes);

    let mut stored = bytes.to_vec().into_boxed_slice();
    let mut expected = stored.clone();
    let verdict = Publish::set_dup(&mut expected).map_or_else(status_of, |()| OK);
    // SAFETY: the bytes are there.
    assert_eq!(unsafe { mqttc_publish_set_dup(stored.as_mut_ptr(), stored.len()) }, verdict);
    assert_eq!(stored, expected);
}

/// A slice of live bytes.
fn slice_of(bytes: &[u8]) -> mqttc_slice {
    mqttc_slice { ptr: bytes.as_ptr(), len: bytes.len() }
}

fn check_topics(filter: &[u8], name: &[u8]) {
    let (valid_filter, valid_name) = (TopicFilter::from_bytes(filter), TopicName::from_bytes(name));
    // SAFETY: slices of live bytes, here and below.
    let of_filter = unsafe { mqttc_topic_filter_check(slice_of(filter)) };
    assert_eq!(of_filter, valid_filter.map_or_else(status_of, |_| OK));
    // SAFETY: as above.
    let of_name = unsafe { mqttc_topic_name_check(slice_of(name)) };
    assert_eq!(of_name, valid_name.map_or_else(status_of, |_| OK));
    // SAFETY: as above.
    let matches = unsafe { mqttc_topic_matches(slice_of(filter), slice_of(name)) };
    match (valid_filter, valid_name) {
        (Ok(filter), Ok(name)) => assert_eq!(matches, filter.matches(name).into()),
        _ => assert!(matches == of_filter || matches == of_name, "{matches}"),
    }
}

/// An iterator with any integers over any bytes ends, and stays in them.
fn check_iterator(has_qos: u8, unvalidated: u8, bytes: &[u8]) {
    let mut it = mqtt_ffi::types::mqttc_filters { rest: slice_of(bytes), has_qos, unvalidated };
    for _ in 0..=bytes.len() {
        let mut out = Slot::new();
        // SAFETY: live objects, and the iterator's bytes are there.
        match unsafe { c::mqttc_filters_next(&mut it, out.as_mut_ptr()) } {
            1 => {
                assert!(has_qos <= 1 && unvalidated <= 1);
                // SAFETY: 1: it is filled.
                let item = unsafe { out.filled() };
                let text = bytes_of(item.filter, bytes);
                assert!(item.qos <= 2 * has_qos);
                assert!(TopicFilter::from_bytes(text).is_ok() || unvalidated == 1);
            }
            0 => {
                out.check_untouched();
                assert!(it.rest.len == 0 && has_qos <= 1 && unvalidated <= 1);
                return;
            }
            status => {
                out.check_untouched();
                assert_eq!(status, INVALID_ARGUMENT);
                return;
            }
        }
    }
    panic!("an iterator that does not end");
}
