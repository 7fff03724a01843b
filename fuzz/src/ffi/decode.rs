//! The decode functions against `Decoder`, and the functions that take single values.

use std::ffi::CStr;
use std::ptr;

use arbitrary::Unstructured;
use mqtt_codec::frame::{self, Peek};
use mqtt_codec::list::{Item, List};
use mqtt_codec::v3::{
    Connect, Decoded, Decoder, Packet, Protocol, Publish, Role, Subscription, UnvalidatedSubscribe,
    UnvalidatedSubscription, UnvalidatedUnsubscribe,
};
use mqtt_codec::{
    ConnectVersion, DecodeError, ErrorKind, PacketId, PacketType, PeekVersion, TopicFilter, TopicName, Utf8,
    peek_connect_version,
};
use mqtt_ffi::connack::mqttc_connack_code;
use mqtt_ffi::connect::mqttc_connect;
use mqtt_ffi::decoder::mqttc_decoder;
use mqtt_ffi::filters::{mqttc_filter_list, mqttc_filters, mqttc_filters_check, mqttc_filters_next};
use mqtt_ffi::packet::{
    mqttc_decode, mqttc_decode_from_client, mqttc_decode_from_server, mqttc_next_packet_id, mqttc_packet,
};
use mqtt_ffi::peek::{mqttc_header, mqttc_peek, mqttc_peek_connect_version};
use mqtt_ffi::publish::{mqttc_publish, mqttc_publish_set_dup, mqttc_publish_set_packet_id};
use mqtt_ffi::slice::mqttc_slice;
use mqtt_ffi::text::{mqttc_packet_type_str, mqttc_spec_ref, mqttc_strerror};
use mqtt_ffi::topic::{mqttc_topic_filter_check, mqttc_topic_matches, mqttc_topic_name_check};
use mqtt_ffi::version::{MQTTC_ABI, mqttc_check_abi, mqttc_version};

use super::guarded::Slot;
use super::said::{Decode, INVALID_ARGUMENT, Said, check_one_type, decode, encode, slice, status_of};
use crate::input::{LOOSENING, TIGHTENING};

/// No rule is broken.
const NONE: i32 = 0;
const BAD_FILTERS: u32 = 1 << 8;

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
    let unvalidated = dec.options & BAD_FILTERS != 0 && !is_null;
    for (function, role) in [
        (mqttc_decode as Decode<_>, Role::Any),
        (mqttc_decode_from_server, Role::Client),
        (mqttc_decode_from_client, Role::Server),
    ] {
        let general = decode(function, p, &buf);
        check_decode(general, rust.map(|rust| rust.and_role(role)), unvalidated, &buf);
    }
    check_one_type(p, &buf, decode(mqttc_decode, p, &buf));
    check_peeks(&buf);
}

/// What one of the functions that decode any packet has given.
fn check_decode(
    (said, found): (Said, Option<mqttc_packet>),
    rust: Option<Decoder>,
    unvalidated: bool,
    buf: &[u8],
) {
    let Some(rust) = rust else {
        assert_eq!(said, Said { returned: INVALID_ARGUMENT, detail: None });
        return;
    };
    let verdict = rust.decode(buf);
    match verdict {
        Err(error) if unvalidated && is_about_filters(error) => {
            return check_bad_filters(&rust, said, found, buf);
        }
        _ => assert_eq!(said, Said::of(verdict, buf)),
    }
    if let Ok(Decoded::Packet { packet, tolerated, .. }) = verdict {
        let found = found.unwrap();
        assert_eq!((found.tolerated, found.r#type), (tolerated.bits(), packet.packet_type() as u8));
        check_packet(&found, &packet, unvalidated, buf);
        check_encode(&found, &packet);
    }
}

/// The rules that MQTTC_ALLOW_BAD_FILTERS leaves out.
fn is_about_filters(error: DecodeError) -> bool {
    matches!(error.kind(), ErrorKind::FilterEmpty | ErrorKind::FilterWildcard)
}

/// A SUBSCRIBE or UNSUBSCRIBE with a filter that is none: C lets it through, if nothing else is wrong.
fn check_bad_filters(rust: &Decoder, said: Said, found: Option<mqttc_packet>, buf: &[u8]) {
    let loose = match PacketType::from_first_byte(buf[0]) {
        Ok(PacketType::Subscribe) => UnvalidatedSubscribe::decode(rust, buf).map(|packet| packet.id),
        _ => UnvalidatedUnsubscribe::decode(rust, buf).map(|packet| packet.id),
    };
    match loose {
        Ok(id) => {
            let Ok(Peek::Header(header)) = rust.peek(buf) else { panic!("a packet without a header") };
            assert_eq!(said, Said::packet(buf, header.frame_len() as usize));
            let found = found.unwrap();
            assert!(found.tolerated & BAD_FILTERS != 0);
            // SAFETY: it is a list.
            let list = unsafe { found.u.subscribe };
            assert_eq!((list.packet_id, list.filters.unvalidated), (id.get(), 1));
        }
        Err(error) => assert_eq!(said, Said::broken(error.kind(), error.offset(), buf)),
    }
}

/// The bytes of a slice, which points into `buf` unless it is empty.
pub(super) fn bytes_of(slice: mqttc_slice, buf: &[u8]) -> &[u8] {
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
    let absent = |slice: mqttc_slice| assert!(slice.ptr.is_null() && slice.len == 0, "{slice:?} is absent");
    match packet.will {
        Some(will) => {
            assert_eq!(bytes_of(found.will_topic, buf), will.topic.as_bytes());
            assert_eq!(bytes_of(found.will_message, buf), will.message.as_bytes());
            assert_eq!((found.will_qos, found.will_retain), (will.qos as u8, will.retain.into()));
        }
        None => {
            assert_eq!((found.will_qos, found.will_retain), (0, 0));
            absent(found.will_topic);
            absent(found.will_message);
        }
    }
    match packet.login {
        Some(login) => assert_eq!(bytes_of(found.user_name, buf), login.user_name.as_bytes()),
        None => absent(found.user_name),
    }
    match packet.login.and_then(|login| login.password) {
        Some(password) => assert_eq!(bytes_of(found.password, buf), password.as_bytes()),
        None => absent(found.password),
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
    let mut it = Slot::<mqttc_filters>::new();
    // SAFETY: one is there to be written to, and the iterator's bytes are still there.
    unsafe {
        it.as_mut_ptr().write(found.filters);
        assert_eq!(mqttc_filters_check(it.as_mut_ptr()), NONE);
    }
    for (filter, qos) in items {
        let mut out = Slot::new();
        // SAFETY: both are live objects; the iterator's bytes are still there. 1: `out` is filled.
        let item = unsafe {
            assert_eq!(mqttc_filters_next(it.as_mut_ptr(), out.as_mut_ptr()), 1);
            out.filled()
        };
        assert_eq!((bytes_of(item.filter, buf), item.qos), (filter.as_bytes(), qos));
    }
    let mut out = Slot::new();
    // SAFETY: as above.
    assert_eq!(unsafe { mqttc_filters_next(it.as_mut_ptr(), out.as_mut_ptr()) }, 0);
    out.check_untouched();
    it.check_margins();
}

/// What was decoded is encoded as Rust encodes it, or refused by the same rule.
fn check_encode(found: &mqttc_packet, packet: &Packet<'_>) {
    let mut frame = vec![0; packet.encoded_len()];
    let rust = match packet.encode(&mut frame) {
        Ok(_) => Ok(frame),
        Err(mqtt_codec::EncodeError::Invalid(kind)) => Err(status_of(kind)),
        Err(error) => panic!("{error:?} with {} bytes", packet.encoded_len()),
    };
    assert_eq!(encode(found), rust);
}

/// The two functions that look ahead.
fn check_peeks(buf: &[u8]) {
    let (mut out, mut detail) = (Slot::<mqttc_header>::new(), Slot::new());
    // SAFETY: live objects.
    let returned = unsafe { mqttc_peek(buf.as_ptr(), buf.len(), out.as_mut_ptr(), detail.as_mut_ptr()) };
    let expected = match frame::peek(buf) {
        Ok(Peek::Header(header)) => {
            // SAFETY: a header: it is filled.
            let found = unsafe { out.filled() };
            assert_eq!((found.r#type, found.flags), (header.packet_type as u8, header.flags));
            assert_eq!((found.remaining_len, found.header_len), (header.remaining_len, header.header_len));
            Said::packet(buf, header.header_len.into())
        }
        Ok(Peek::NeedMore { at_least }) => Said::need_more(at_least),
        Err(error) => Said::broken(error.kind(), error.offset(), buf),
    };
    assert_eq!(Said::new(returned, &detail), expected);
    if returned <= 0 {
        out.check_untouched();
    }

    let mut detail = Slot::new();
    // SAFETY: as above.
    let version = unsafe { mqttc_peek_connect_version(buf.as_ptr(), buf.len(), detail.as_mut_ptr()) };
    let expected = match peek_connect_version(buf) {
        Ok(PeekVersion::Version(expected)) => return assert_eq!(version, number_of(expected)),
        Ok(PeekVersion::NeedMore { at_least }) => Said::need_more(at_least),
        Err(error) => Said::broken(error.kind(), error.offset(), buf),
    };
    assert_eq!(Said::new(version, &detail), expected);
}

/// A version as C has it.
fn number_of(version: ConnectVersion) -> i32 {
    match version {
        ConnectVersion::V3_1 => 3,
        ConnectVersion::V3_1_1 => 4,
        ConnectVersion::V5_0 => 5,
        _ => 1,
    }
}

/// What C says of the version of the CONNECT that `unread` begins with.
pub(super) fn connect_version(unread: &[u8]) -> i32 {
    match peek_connect_version(unread) {
        Ok(PeekVersion::Version(version)) => number_of(version),
        Ok(PeekVersion::NeedMore { .. }) => 0,
        Err(error) => status_of(error.kind()),
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
    // 15 is a type of MQTT 5.
    let other = if *a == 15 { "AUTH" } else { "reserved" };
    assert_eq!(name, PacketType::from_number(*a).map_or(other, PacketType::name));
    let (abi, size) = (u32::from(*a & 3), size_of::<mqttc_packet>() + usize::from(*b & 1));
    let is_ours = abi == MQTTC_ABI && size == size_of::<mqttc_packet>();
    assert_eq!(mqttc_check_abi(abi, size), if is_ours { NONE } else { INVALID_ARGUMENT });
    // SAFETY: as above.
    assert!(!unsafe { CStr::from_ptr(mqttc_version()) }.is_empty());
    let last = u16::from_le_bytes([*b, *c_]);
    assert_eq!(mqttc_next_packet_id(last), PacketId::new(last).map_or(1, |id| id.next().get()));

    let (left, right) = bytes.split_at(usize::from(*split).min(bytes.len()));
    check_topics(left, right);
    check_iterator(*has_qos, *unvalidated, bytes);

    check_stored(bytes, last);
}

/// A stored PUBLISH that is changed in place: DUP, by the first byte alone, and the packet identifier.
fn check_stored(bytes: &[u8], id: u16) {
    let first = bytes.first().copied();
    let refused = match first.map(|first| (first >> 4, first >> 1 & 3)) {
        None => Some(status_of(ErrorKind::Truncated)),
        Some((0 | 15, _)) => Some(status_of(ErrorKind::PacketTypeReserved)),
        Some((3, 0)) => Some(INVALID_ARGUMENT),
        Some((3, 3)) => Some(status_of(ErrorKind::QosReserved)),
        Some((3, _)) => None,
        Some(_) => Some(status_of(ErrorKind::PacketTypeUnexpected)),
    };
    let mut stored: Box<[u8]> = bytes.into();
    // SAFETY: the bytes are there, here and below.
    let status = unsafe { mqttc_publish_set_dup(stored.as_mut_ptr(), stored.len()) };
    assert_eq!(status, refused.unwrap_or(NONE));
    let mut expected = bytes.to_vec();
    if refused.is_none() {
        expected[0] |= 0b1000;
    }
    assert_eq!(*stored, *expected);

    let mut stored: Box<[u8]> = bytes.into();
    // SAFETY: as above.
    let status = unsafe { mqttc_publish_set_packet_id(stored.as_mut_ptr(), stored.len(), id) };
    let before = Decoder::DEFAULT.decode(bytes);
    if status != NONE {
        assert_eq!(*stored, *bytes);
        if let Ok(Decoded::Packet { packet: Packet::Publish(publish), .. }) = before {
            assert!(id == 0 || publish.packet_id().is_none(), "{status} for a PUBLISH with an identifier");
        }
        if id == 0 {
            assert_eq!(status, status_of(ErrorKind::PacketIdZero));
        } else if let Some(refused) = refused {
            assert_eq!(status, refused);
        }
        return;
    }
    assert!(id != 0 && refused.is_none());
    let header_len = 2 + bytes[1..].iter().take_while(|byte| **byte & 0x80 != 0).count();
    let topic_len = usize::from(u16::from_be_bytes([bytes[header_len], bytes[header_len + 1]]));
    let end = header_len + 2 + topic_len + 2;
    let mut expected = bytes.to_vec();
    expected[end - 2..end].copy_from_slice(&id.to_be_bytes());
    assert_eq!(*stored, *expected);
    if let Ok(Decoded::Packet { packet: Packet::Publish(publish), len, .. }) = before {
        let after = Decoder::DEFAULT.decode(&stored);
        let Ok(Decoded::Packet { packet: Packet::Publish(again), len: same, .. }) = after else {
            panic!("{after:?}")
        };
        assert_eq!((len, again.packet_id()), (same, PacketId::new(id)));
        assert_eq!((again.topic, again.payload), (publish.topic, publish.payload));
    }
    // The payload need not be there, but the identifier.
    for (len, expected) in [(end, NONE), (end - 1, status_of(ErrorKind::Truncated))] {
        let mut front: Box<[u8]> = bytes[..len].into();
        // SAFETY: as above.
        let status = unsafe { mqttc_publish_set_packet_id(front.as_mut_ptr(), len, id) };
        assert_eq!(status, expected);
        assert_eq!(&*front, if status == NONE { &stored[..len] } else { &bytes[..len] });
    }
}

fn check_topics(filter: &[u8], name: &[u8]) {
    let (valid_filter, valid_name) = (TopicFilter::from_bytes(filter), TopicName::from_bytes(name));
    // SAFETY: slices of live bytes, here and below.
    let of_filter = unsafe { mqttc_topic_filter_check(slice(filter)) };
    assert_eq!(of_filter, valid_filter.map_or_else(status_of, |_| NONE));
    // SAFETY: as above.
    let of_name = unsafe { mqttc_topic_name_check(slice(name)) };
    assert_eq!(of_name, valid_name.map_or_else(status_of, |_| NONE));
    // SAFETY: as above.
    let matches = unsafe { mqttc_topic_matches(slice(filter), slice(name)) };
    let expected = match (valid_filter, valid_name) {
        (Ok(filter), Ok(name)) => filter.matches(name).into(),
        _ => 0,
    };
    assert_eq!(matches, expected);
}

/// A list's verdict: none if all its items are good.
fn rule_of<'a, T: Item<'a> + 'a>(bytes: &'a [u8]) -> i32 {
    List::<T>::from_wire(bytes).map_or_else(status_of, |_| NONE)
}

/// An iterator with any integers over any bytes ends, stays in them, and is told to be good just when it
/// gives everything.
fn check_iterator(has_qos: u8, unvalidated: u8, bytes: &[u8]) {
    let mut it = mqttc_filters { rest: slice(bytes), has_qos, unvalidated };
    // SAFETY: the iterator's bytes are there.
    let verdict = unsafe { mqttc_filters_check(&it) };
    let expected = match (has_qos, unvalidated) {
        // At its end there is nothing to check.
        _ if bytes.is_empty() && has_qos <= 1 && unvalidated <= 1 => NONE,
        (1, 0) => rule_of::<Subscription<'_>>(bytes),
        (1, 1) => rule_of::<UnvalidatedSubscription<'_>>(bytes),
        (0, 0) => rule_of::<TopicFilter<'_>>(bytes),
        (0, 1) => rule_of::<Utf8<'_>>(bytes),
        _ => INVALID_ARGUMENT,
    };
    assert_eq!(verdict, expected);
    for _ in 0..=bytes.len() {
        let mut out = Slot::new();
        let before = it.rest;
        // SAFETY: live objects, and the iterator's bytes are there.
        if unsafe { mqttc_filters_next(&mut it, out.as_mut_ptr()) } == 1 {
            assert!(has_qos <= 1 && unvalidated <= 1);
            // SAFETY: 1: it is filled.
            let item = unsafe { out.filled() };
            let text = bytes_of(item.filter, bytes);
            assert!(item.qos <= 2 * has_qos);
            assert!(TopicFilter::from_bytes(text).is_ok() || unvalidated == 1);
            assert_eq!(before.len - it.rest.len, 2 + text.len() + usize::from(has_qos));
            continue;
        }
        out.check_untouched();
        assert_eq!(it.rest.len, 0, "a list that goes on");
        assert!((before.len == 0 && has_qos <= 1 && unvalidated <= 1) == (verdict == NONE));
        assert_eq!((it.has_qos, it.unvalidated), (has_qos, unvalidated));
        return;
    }
    panic!("an iterator that does not end");
}
