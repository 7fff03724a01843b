//! What packets and their values tell about themselves: type, identifier, role, and what is printed.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::num::NonZeroU16;

use mqtt_codec::frame::{FixedHeader, Peek};
use mqtt_codec::v3::{
    Ack, ConnAck, Connect, ConnectParts, ConnectReturnCode, Decoded, Decoder, Delivery, Disconnect, Login,
    Packet, PingReq, PingResp, Protocol, PubAck, PubComp, PubRec, PubRel, Publish, RawFrame, Role, Split,
    SubAck, SubAckCode, SubAckCodes, Subscribe, Subscription, Subscriptions, TopicFilters, UnsubAck,
    Unsubscribe, decode, encode_ack, encode_empty,
};
use mqtt_codec::{
    Binary, ErrorKind, PacketId, PacketType, QoS, TopicFilter, TopicName, Utf8, peek_connect_version,
};

const ID: PacketId = match PacketId::new(0x1234) {
    Some(id) => id,
    None => PacketId::MIN,
};

fn filter(text: &str) -> TopicFilter<'_> {
    TopicFilter::new(text).unwrap()
}

fn raw(frame: &[u8]) -> RawFrame<'_> {
    match Decoder::DEFAULT.split(frame).unwrap() {
        Split::Frame(frame) => frame,
        Split::NeedMore { .. } => panic!("{frame:02x?}"),
    }
}

/// Table 2.1, column "direction of flow".
#[test]
fn who_receives_what() {
    use PacketType::*;
    let to_server = [Connect, Subscribe, Unsubscribe, PingReq, Disconnect];
    let to_client = [ConnAck, SubAck, UnsubAck, PingResp];
    for number in 1..=14 {
        let packet_type = PacketType::from_number(number).unwrap();
        assert!(Role::Any.receives(packet_type));
        assert_eq!(Role::Client.receives(packet_type), !to_server.contains(&packet_type), "{packet_type}");
        assert_eq!(Role::Server.receives(packet_type), !to_client.contains(&packet_type), "{packet_type}");
    }
}

/// Of two roles the stricter: a client that is also a server receives what goes both ways.
#[test]
fn two_roles() {
    let both = Decoder::DEFAULT.role(Role::Client).and_role(Role::Server);
    for (frame, is_taken) in [(&b"\xc0\x00"[..], false), (b"\xd0\x00", false), (b"\x40\x02\x00\x01", true)] {
        let verdict = both.decode(frame).map(|_| ()).map_err(|error| error.kind());
        assert_eq!(verdict, if is_taken { Ok(()) } else { Err(ErrorKind::WrongDirection) });
    }
    assert_eq!(Decoder::DEFAULT.role(Role::Client).and_role(Role::Any), Decoder::DEFAULT.role(Role::Client));
}

#[test]
fn the_packet_identifier_where_there_is_one() {
    let filters = [filter("a")];
    let subscriptions = [Subscription { filter: filter("a"), qos: QoS::AtMostOnce }];
    let subscribe = Subscribe { id: ID, filters: Subscriptions::new(&subscriptions) };
    let suback = SubAck { id: ID, return_codes: SubAckCodes::new(&[SubAckCode::FAILURE]) };
    let unsubscribe = Unsubscribe { id: ID, filters: TopicFilters::new(&filters) };
    assert_eq!((subscribe.packet_id(), Packet::from(subscribe).packet_id()), (Some(ID), Some(ID)));
    assert_eq!((suback.packet_id(), Packet::from(suback).packet_id()), (Some(ID), Some(ID)));
    assert_eq!((unsubscribe.packet_id(), Packet::from(unsubscribe).packet_id()), (Some(ID), Some(ID)));
    let pubrel = PubRel { id: ID };
    assert_eq!((pubrel.packet_id(), Packet::from(pubrel).packet_id()), (Some(ID), Some(ID)));
    assert_eq!((PingReq.packet_id(), Packet::PingReq.packet_id()), (None, None));
}

/// A packet and the same packet as one of 14 tell the same type and identifier; as bytes, the same type.
#[test]
fn what_a_packet_says_of_itself() {
    macro_rules! tell {
        ($($packet_type:ident $id:expr, $packet:expr;)*) => {
            $({
                let packet = $packet;
                let alone = (packet.packet_type(), packet.packet_id());
                assert_eq!(alone, (PacketType::$packet_type, $id));
                let packet = Packet::from(packet);
                assert_eq!((packet.packet_type(), packet.packet_id()), alone);
                let mut out = [0; 64];
                let len = packet.encode(&mut out).unwrap();
                assert_eq!(raw(out.get(..len).unwrap()).packet_type(), PacketType::$packet_type);
            })*
        };
    }
    let filters = [filter("a")];
    let subscriptions = [Subscription { filter: filter("a"), qos: QoS::AtMostOnce }];
    let topic = TopicName::new("t").unwrap();
    let publish = |delivery| Publish { topic, delivery, retain: false, payload: b"" };
    tell! {
        Connect None, Connect::decode(&Decoder::DEFAULT, b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01c").unwrap();
        ConnAck None, ConnAck { session_present: false, return_code: ConnectReturnCode::ACCEPTED };
        Publish None, publish(Delivery::AtMostOnce);
        Publish Some(ID), publish(Delivery::AtLeastOnce { id: ID, dup: false });
        PubAck Some(ID), PubAck { id: ID };
        PubRec Some(ID), PubRec { id: ID };
        PubRel Some(ID), PubRel { id: ID };
        PubComp Some(ID), PubComp { id: ID };
        Subscribe Some(ID), Subscribe { id: ID, filters: Subscriptions::new(&subscriptions) };
        SubAck Some(ID), SubAck { id: ID, return_codes: SubAckCodes::new(&[SubAckCode::FAILURE]) };
        Unsubscribe Some(ID), Unsubscribe { id: ID, filters: TopicFilters::new(&filters) };
        UnsubAck Some(ID), UnsubAck { id: ID };
        PingReq None, PingReq;
        PingResp None, PingResp;
        Disconnect None, Disconnect;
    }
    let error = raw(b"\xc0\x00").wrong_direction();
    assert_eq!((error.kind(), error.offset()), (ErrorKind::WrongDirection, 0));
}

/// Every way to a value judges it alike.
#[test]
fn conversions_judge_as_constructors_do() {
    assert_eq!(PacketId::from(NonZeroU16::new(7).unwrap()), PacketId::new(7).unwrap());

    assert_eq!(TopicName::try_from(Utf8::new("a/b").unwrap()).unwrap(), "a/b");
    assert_eq!(TopicName::try_from(Utf8::new("a/+").unwrap()), Err(ErrorKind::TopicWildcard));
    assert_eq!(TopicName::try_from(Utf8::new("").unwrap()), Err(ErrorKind::TopicEmpty));
    assert_eq!(TopicName::try_from("a/b").unwrap(), "a/b");
    assert_eq!(TopicName::try_from("#"), Err(ErrorKind::TopicWildcard));
    assert_eq!(TopicName::try_from(&b"a/b"[..]).unwrap(), "a/b");
    assert_eq!(TopicName::try_from(&b"\xff"[..]), Err(ErrorKind::Utf8));
    assert_eq!(TopicFilter::try_from("a/#").unwrap(), "a/#");
    assert_eq!(TopicFilter::try_from("a#"), Err(ErrorKind::FilterWildcard));
    assert_eq!(TopicFilter::try_from(&b"+"[..]).unwrap(), "+");
    assert_eq!(TopicFilter::try_from(&b""[..]), Err(ErrorKind::FilterEmpty));
    assert_eq!(Utf8::try_from("\0"), Err(ErrorKind::NulInString));
    assert_eq!(Utf8::try_from(&b"a"[..]).unwrap(), "a");

    let long = [0; 65_536];
    let longest = long.get(1..).unwrap();
    assert_eq!(Binary::from_bytes(longest).unwrap(), *longest);
    assert_eq!(Binary::from_bytes(&long), Err(ErrorKind::StringTooLong));
    assert_eq!(Binary::try_from("ab").unwrap(), b"ab"[..]);
    assert_ne!(Binary::try_from(&b"ab"[..]).unwrap(), b"a"[..]);
    assert_eq!(Binary::try_from(&long[..]), Err(ErrorKind::StringTooLong));
}

/// A packet of one type is a packet of any type, with that type's number on the wire.
#[test]
fn every_type_is_a_packet() {
    let filters = [filter("a")];
    let packets = [
        Packet::from(PubAck { id: ID }),
        PubRec { id: ID }.into(),
        PubRel { id: ID }.into(),
        PubComp { id: ID }.into(),
        UnsubAck { id: ID }.into(),
        Unsubscribe { id: ID, filters: TopicFilters::new(&filters) }.into(),
        PingReq.into(),
        PingResp.into(),
        Disconnect.into(),
    ];
    for (packet, number) in packets.iter().zip([4, 5, 6, 7, 11, 10, 12, 13, 14]) {
        assert_eq!(packet.packet_type() as u8, number);
        let mut out = [0; 16];
        let len = packet.encode(&mut out).unwrap();
        assert_eq!(out.first().map(|first| first >> 4), Some(number));
        assert!(
            matches!(decode(out.get(..len).unwrap()), Ok(Decoded::Packet { packet: again, .. }) if again == *packet)
        );
    }
}

/// The fixed header is judged as the decoder says, and the body is not waited for.
#[test]
fn a_decoder_peeks() {
    let decoder = Decoder::DEFAULT.role(Role::Client).max_packet_len(100);
    let header = |packet_type, flags, remaining_len| {
        Ok(Peek::Header(FixedHeader { packet_type, flags, header_len: 2, remaining_len }))
    };
    assert_eq!(decoder.peek(b"\x33\x62"), header(PacketType::Publish, 3, 98));
    assert_eq!(decoder.peek(b"\x40\x02"), header(PacketType::PubAck, 0, 2));
    assert_eq!(decoder.peek(b"").unwrap(), Peek::NeedMore { at_least: 2 });
    assert_eq!(decoder.peek(b"\x33\x80").unwrap(), Peek::NeedMore { at_least: 1 });
    for (bytes, kind, at) in [
        (&b"\x33\x63"[..], ErrorKind::PacketTooLarge, 1),
        (b"\xc0", ErrorKind::WrongDirection, 0),
        (b"\x41", ErrorKind::FlagsReserved, 0),
        (b"\x40\x03", ErrorKind::TrailingBytes, 4),
        (b"\x40\x01", ErrorKind::Truncated, 2),
        (b"\xd0\x80\x00", ErrorKind::RemainingLengthPadded, 1),
    ] {
        let error = decoder.peek(bytes).unwrap_err();
        assert_eq!((error.kind(), error.offset()), (kind, at), "{bytes:02x?}");
    }
    // How long the frame is, to be skipped or waited for.
    let Ok(Peek::Header(header)) = Decoder::DEFAULT.peek(b"\x30\xff\xff\xff\x7f") else { panic!() };
    assert_eq!((header.header_len, header.frame_len()), (5, 268_435_460));
}

/// The readers for several types at once say which types those are.
#[test]
fn one_reader_for_several_types() {
    for number in 1..=14 {
        let packet_type = PacketType::from_number(number).unwrap();
        let frame: &[u8] = match packet_type {
            PacketType::Connect => b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01c",
            PacketType::Publish => b"\x30\x04\x00\x01t!",
            PacketType::Subscribe => b"\x82\x06\x12\x34\x00\x01t\x00",
            PacketType::SubAck => b"\x90\x03\x12\x34\x00",
            PacketType::Unsubscribe => b"\xa2\x05\x12\x34\x00\x01t",
            PacketType::ConnAck => b"\x20\x02\x00\x00",
            PacketType::PubAck => b"\x40\x02\x12\x34",
            PacketType::PubRec => b"\x50\x02\x12\x34",
            PacketType::PubRel => b"\x62\x02\x12\x34",
            PacketType::PubComp => b"\x70\x02\x12\x34",
            PacketType::UnsubAck => b"\xb0\x02\x12\x34",
            PacketType::PingReq => b"\xc0\x00",
            PacketType::PingResp => b"\xd0\x00",
            PacketType::Disconnect => b"\xe0\x00",
        };
        let unexpected = ErrorKind::PacketTypeUnexpected;
        let is_ack = matches!(number, 4..=7 | 11);
        let ack = raw(frame).ack_id().map_err(|error| (error.kind(), error.offset()));
        assert_eq!(ack, if is_ack { Ok(ID) } else { Err((unexpected, 0)) }, "{packet_type}");
        let is_empty = number >= 12;
        let empty = raw(frame).empty_type().map_err(|error| (error.kind(), error.offset()));
        assert_eq!(empty, if is_empty { Ok(packet_type) } else { Err((unexpected, 0)) }, "{packet_type}");
    }
}

#[test]
fn what_a_person_reads() {
    let texts = [
        (0, "accepted"),
        (1, "unacceptable protocol version"),
        (2, "identifier rejected"),
        (3, "server unavailable"),
        (4, "bad user name or password"),
        (5, "not authorized"),
        (6, "reserved"),
        (255, "reserved"),
    ];
    for (code, text) in texts {
        assert_eq!(ConnectReturnCode(code).to_string(), text);
        let connack = ConnAck { session_present: false, return_code: ConnectReturnCode(code) };
        assert!(format!("{connack:?}").contains(&format!("{code} ({text})")), "{connack:?}");
    }
    let texts = [
        (0, "granted QoS 0"),
        (1, "granted QoS 1"),
        (2, "granted QoS 2"),
        (0x80, "failure"),
        (3, "reserved"),
        (0x7f, "reserved"),
    ];
    for (code, text) in texts {
        assert_eq!(SubAckCode(code).to_string(), text);
        assert_eq!(format!("{:?}", SubAckCode(code)), format!("{code:#04x} ({text})"));
    }

    // A password is not printed.
    let login =
        Login { user_name: Utf8::new("ann").unwrap(), password: Some(Binary::new(b"secret").unwrap()) };
    assert_eq!(format!("{login:?}"), r#"Login { user_name: "ann", password_len: Some(6) }"#);

    let topic = TopicName::new("t").unwrap();
    let delivery = Delivery::AtMostOnce;
    let publish = Publish { topic, delivery, retain: true, payload: b"21.5" };
    assert_eq!(
        format!("{publish:?}"),
        r#"Publish { topic: "t", delivery: AtMostOnce, retain: true, payload: b"21.5" }"#
    );
    let long = Publish { payload: &[0xff; 33], ..publish };
    assert!(format!("{long:?}").ends_with("ff.. (33 bytes) }"), "{long:?}");
    assert_eq!(format!("{:?}", Ack::<4> { id: PacketId::MIN }), "Ack { id: PacketId(1) }");
}

/// What MQTT 3.1 ignores is not handed on to C: an encoder would refuse it.
#[test]
fn ignored_connect_flags_of_mqtt_3_1_are_gone() {
    let decoder = Decoder::DEFAULT.protocol(Protocol::V3_1);
    for (flags, kept) in [(0x01, 0x00), (0x18, 0x00), (0x20, 0x00), (0x3b, 0x02), (0xc2, 0x02), (0x82, 0x02)]
    {
        let frame = [b"\x10\x0f\0\x06MQIsdp\x03", &[flags][..], b"\0\x3c\0\x01a"].concat();
        let mut parts = ConnectParts::empty();
        parts.read(&mut decoder.whole(&frame).unwrap()).unwrap();
        assert_eq!(parts.flags, kept, "{flags:02x}");
    }
}

/// A30: 3.1.1 wants them to be 0, 3.1 ignores them, and a decoder has one version before the CONNECT names its own.
#[test]
fn the_header_flags_of_a_connect_come_before_its_version() {
    let for_3_1 = Decoder::DEFAULT.protocol(Protocol::V3_1);
    let strict = for_3_1.strict_flags_3_1(true);
    let v3_1 = b"\x18\x0f\x00\x06MQIsdp\x03\x02\x00\x05\x00\x01a";
    let v3_1_1 = b"\x1f\x0f\x00\x04MQTT\x04\x02\x00\x0a\x00\x03cid";
    let refused = |decoder: &Decoder, bytes: &[u8]| {
        let error = decoder.decode(bytes).unwrap_err();
        assert_eq!((error.kind(), error.offset()), (ErrorKind::FlagsReserved, 0), "{bytes:02x?}");
    };
    for frame in [v3_1, v3_1_1] {
        // At once: with the first byte.
        for len in 1..=frame.len() {
            refused(&Decoder::DEFAULT, &frame[..len]);
            refused(&strict, &frame[..len]);
        }
        // When the version is read: of the whole frame.
        for len in 2..frame.len() {
            let at_least = frame.len() - len;
            assert_eq!(for_3_1.decode(&frame[..len]), Ok(Decoded::NeedMore { at_least }), "{len}");
        }
    }
    refused(&for_3_1, v3_1_1);
    match for_3_1.decode(v3_1) {
        Ok(Decoded::Packet { packet: Packet::Connect(connect), len: 17, tolerated }) => {
            assert_eq!((connect.protocol, connect.client_id.as_str()), (Protocol::V3_1, "a"));
            assert!(tolerated.is_empty());
        }
        other => panic!("{other:?}"),
    }
    // What keeps the rules of both is served by both.
    for frame in [v3_1, v3_1_1] {
        let mut frame = *frame;
        frame[0] = 0x10;
        for decoder in [Decoder::DEFAULT, for_3_1, strict] {
            assert!(matches!(decoder.decode(&frame), Ok(Decoded::Packet { len: 17, .. })), "{frame:02x?}");
        }
    }
}

/// Who asks for the version first is told of the same byte as who decodes.
#[test]
fn a_connect_that_ends_before_its_level() {
    for frame in [&b"\x10\x01\x00"[..], b"\x10\x05\x00\x04MQT", b"\x10\x06\x00\x04MQTT", b"\x10\x02\x00\x04"]
    {
        let decoded = Decoder::DEFAULT.decode(frame).unwrap_err();
        assert_eq!(peek_connect_version(frame), Err(decoded), "{frame:02x?}");
    }
}

/// Who has a type as a value gets the frame of that type alone.
#[test]
fn what_has_one_size_is_encoded_by_its_type() {
    use PacketType::{Disconnect, PingReq, PingResp, PubAck, PubComp, PubRec, PubRel, UnsubAck};
    for packet_type in (1..=14).filter_map(PacketType::from_number) {
        let first = (packet_type as u8) << 4 | if packet_type == PubRel { 2 } else { 0 };
        let mut out = [0xa5; 5];
        let unexpected = Err(ErrorKind::PacketTypeUnexpected.into());
        let (written, frame) = match packet_type {
            PubAck | PubRec | PubRel | PubComp | UnsubAck => (Ok(4), [first, 2, 0x12, 0x34, 0xa5]),
            _ => (unexpected, [0xa5; 5]),
        };
        assert_eq!((encode_ack(packet_type, ID, &mut out), out), (written, frame), "{packet_type:?}");
        let mut out = [0xa5; 5];
        let (written, frame) = match packet_type {
            PingReq | PingResp | Disconnect => (Ok(2), [first, 0, 0xa5, 0xa5, 0xa5]),
            _ => (unexpected, [0xa5; 5]),
        };
        assert_eq!((encode_empty(packet_type, &mut out), out), (written, frame), "{packet_type:?}");
    }
}
