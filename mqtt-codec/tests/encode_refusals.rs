//! Nothing illegal can be encoded: every rule that decoding enforces, the types or the encoders
//! enforce, with the same kind, before they look at the size, and without touching the output.

#![allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod common;

use common::encode::{FILL, is_untouched};
use mqtt_codec::v3::{
    AnyFilter, ConnAck, Connect, ConnectReturnCode, Packet, Protocol, SubAck, SubAckCode, Subscribe,
    Unsubscribe, encode_filters,
};
use mqtt_codec::{
    Binary, EncodeError, ErrorKind, MAX_REMAINING_LEN, PacketId, PacketType, QoS, TopicFilter, TopicName,
    Utf8,
};

/// The packet is refused whether there is room or not.
fn refused(packet: &Packet<'_>, kind: ErrorKind) {
    for room in [0, 1, 64] {
        let mut out = [FILL; 64];
        assert_eq!(packet.encode(&mut out[..room]), Err(EncodeError::Invalid(kind)), "{packet:?}");
        assert!(is_untouched(&out), "{packet:?}");
    }
}

fn connect(protocol: Protocol, client_id: &str, clean_session: bool) -> Packet<'_> {
    let client_id = Utf8::new(client_id).unwrap();
    Packet::Connect(Connect { protocol, client_id, clean_session, keep_alive: 0, will: None, login: None })
}

#[test]
fn client_identifiers() {
    let kind = ErrorKind::ClientIdRejected;
    refused(&connect(Protocol::V3_1_1, "", false), kind);
    refused(&connect(Protocol::V3_1, "", true), kind);
    refused(&connect(Protocol::V3_1, "", false), kind);
    refused(&connect(Protocol::V3_1, &"x".repeat(24), true), kind);
    refused(&connect(Protocol::V3_1, &"é".repeat(24), true), kind);
}

#[test]
fn connack() {
    let packet = |session_present, code| {
        Packet::ConnAck(ConnAck { session_present, return_code: ConnectReturnCode(code) })
    };
    for code in 6..=255 {
        refused(&packet(false, code), ErrorKind::ReturnCode);
        assert!(ConnectReturnCode(code).is_reserved());
    }
    for code in 1..=5 {
        refused(&packet(true, code), ErrorKind::SessionPresentWithRefusal);
        assert!(!ConnectReturnCode(code).is_reserved());
    }
}

#[test]
fn suback_codes() {
    let legal = [0, 1, 2, 0x80];
    for code in (0..=255).filter(|code| !legal.contains(code)) {
        // Wherever in the list it stands.
        let first = [SubAckCode(code), SubAckCode::QOS_0];
        let last = [SubAckCode::QOS_0, SubAckCode::FAILURE, SubAckCode(code)];
        for codes in [&first[..], &last[..]] {
            let suback = SubAck { id: PacketId::MIN, return_codes: codes.into() };
            refused(&Packet::SubAck(suback), ErrorKind::SubackReturnCode);
            let iter = codes.iter().copied();
            assert_eq!(
                SubAck::encode_iter(PacketId::MIN, iter, &mut []),
                Err(ErrorKind::SubackReturnCode.into())
            );
        }
        assert!(SubAckCode(code).is_reserved());
    }
}

#[test]
fn empty_lists() {
    let id = PacketId::MIN;
    refused(&Packet::Subscribe(Subscribe { id, filters: (&[]).into() }), ErrorKind::NoFilters);
    refused(&Packet::Unsubscribe(Unsubscribe { id, filters: (&[]).into() }), ErrorKind::NoFilters);
    refused(&Packet::SubAck(SubAck { id, return_codes: (&[]).into() }), ErrorKind::NoReturnCodes);
}

/// More filters than a remaining length can say. One filter many times over, so that nothing large is
/// built.
#[test]
fn lists_longer_than_a_packet() {
    let text = "a".repeat(65_535);
    let too_long = Err(EncodeError::Invalid(ErrorKind::RemainingLength));
    let fitting = |item_len: usize| (MAX_REMAINING_LEN as usize - 2) / item_len;

    let count = fitting(65_538);
    let many = |packet_type, qos, count| {
        let item = AnyFilter::new(text.as_bytes(), qos).unwrap();
        encode_filters(packet_type, PacketId::MIN, std::iter::repeat_n(item, count), &mut [])
    };
    let subscribe = |count| many(PacketType::Subscribe, Some(0), count);
    assert_eq!(subscribe(count), Err(EncodeError::BufferTooSmall { needed: 5 + 2 + count * 65_538 }));
    assert_eq!(subscribe(count + 1), too_long);

    let count = fitting(65_537);
    let unsubscribe = |count| many(PacketType::Unsubscribe, None, count);
    assert_eq!(unsubscribe(count), Err(EncodeError::BufferTooSmall { needed: 5 + 2 + count * 65_537 }));
    assert_eq!(unsubscribe(count + 1), too_long);
}

#[test]
fn what_a_type_cannot_hold() {
    assert_eq!(PacketId::new(0), None);
    assert_eq!(PacketId::try_from(0), Err(ErrorKind::PacketIdZero));
    for bits in 3..=255 {
        assert_eq!(QoS::try_from(bits), Err(ErrorKind::QosReserved));
    }

    for topic in ["+", "#", "a/+", "a/#", "a+b", "012345678#"] {
        assert_eq!(TopicName::new(topic), Err(ErrorKind::TopicWildcard), "{topic}");
    }
    assert_eq!(TopicName::new(""), Err(ErrorKind::TopicEmpty));
    for filter in ["a#", "#/a", "a/#/b", "a+", "+a", "++", "##", "0123456789+"] {
        assert_eq!(TopicFilter::new(filter), Err(ErrorKind::FilterWildcard), "{filter}");
    }
    assert_eq!(TopicFilter::new(""), Err(ErrorKind::FilterEmpty));

    for bytes in [&b"\0"[..], b"a\0", b"01234567\0", b"\xc3\xa9\0"] {
        assert_eq!(Utf8::from_bytes(bytes), Err(ErrorKind::NulInString));
        assert_eq!(TopicName::from_bytes(bytes), Err(ErrorKind::NulInString));
        assert_eq!(TopicFilter::from_bytes(bytes), Err(ErrorKind::NulInString));
    }
    for bytes in [&b"\xff"[..], b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"01234567\xe6\xb8"] {
        assert_eq!(Utf8::from_bytes(bytes), Err(ErrorKind::Utf8));
        assert_eq!(TopicName::from_bytes(bytes), Err(ErrorKind::Utf8));
        assert_eq!(TopicFilter::from_bytes(bytes), Err(ErrorKind::Utf8));
    }

    let long = "x".repeat(65_536);
    assert_eq!(Utf8::new(&long), Err(ErrorKind::StringTooLong));
    assert_eq!(TopicName::new(&long), Err(ErrorKind::StringTooLong));
    assert_eq!(TopicFilter::new(&long), Err(ErrorKind::StringTooLong));
    assert_eq!(Binary::new(long.as_bytes()), Err(ErrorKind::StringTooLong));
}
