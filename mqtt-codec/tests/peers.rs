//! Inputs that broke another codec, one test for each.

#![allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod common;

use common::encode::{FILL, check_encode, is_untouched};
use common::vectors::from_hex;
use mqtt_codec::v3::stream::{Event, PacketReader};
use mqtt_codec::v3::{
    Connect, Decoded, Decoder, Delivery, Login, Packet, Protocol, Publish, PublishHeader, SubAck, SubAckCode,
    Will, decode,
};
use mqtt_codec::{Binary, EncodeError, ErrorKind, PacketId, QoS, TopicFilter, TopicName, Utf8};

/// The frame in `hex` is refused with this kind at this byte, and a reader says the same instead of
/// waiting for more.
fn refused(hex: &str, kind: ErrorKind, offset: usize) {
    let frame = from_hex(&hex.replace(' ', ""));
    let error = decode(&frame).expect_err(hex);
    assert_eq!((error.kind(), error.offset()), (kind, offset), "{hex}");

    let mut buf = [0; 64];
    let mut reader = PacketReader::new(&mut buf);
    reader.space()[..frame.len()].copy_from_slice(&frame);
    reader.commit(frame.len()).unwrap();
    assert_eq!(reader.next(&Decoder::DEFAULT), Err(error), "{hex}");
}

/// The packet of a frame that must be accepted, and that comes back as it was.
fn accepted(frame: &[u8]) -> Packet<'_> {
    match decode(frame) {
        Ok(Decoded::Packet { packet, len, .. }) if len == frame.len() => {
            check_encode(&packet, frame);
            packet
        }
        other => panic!("{other:?}"),
    }
}

fn accepted_connect(frame: &[u8]) -> Connect<'_> {
    let Packet::Connect(connect) = accepted(frame) else { panic!("not a CONNECT") };
    connect
}

fn connect(will: Option<Will<'static>>, login: Option<Login<'static>>) -> Connect<'static> {
    Connect {
        protocol: Protocol::V3_1_1,
        client_id: Utf8::new("c").unwrap(),
        clean_session: true,
        keep_alive: 60,
        will,
        login,
    }
}

fn publish(payload: &[u8]) -> Publish<'_> {
    Publish { topic: TopicName::new("t").unwrap(), delivery: Delivery::AtMostOnce, retain: false, payload }
}

#[test]
fn topic_length_beyond_the_packet() {
    refused("30 04 ff ff 61 62", ErrorKind::Truncated, 2);
}

#[test]
fn qos_1_without_its_packet_id() {
    refused("32 03 00 01 61", ErrorKind::Truncated, 5);
    refused("32 04 00 01 61 00", ErrorKind::Truncated, 5);
}

#[test]
fn more_return_codes_than_the_caller_has_room_for() {
    let frame = from_hex("900400010000");
    let Packet::SubAck(suback) = accepted(&frame) else { panic!("not a SUBACK") };
    let mut room_for_one = [SubAckCode::FAILURE];
    for (room, code) in room_for_one.iter_mut().zip(suback.return_codes) {
        *room = code;
    }
    assert_eq!(room_for_one, [SubAckCode::QOS_0]);
    assert_eq!(suback.return_codes.len(), 2);
}

#[test]
fn more_filters_than_the_caller_has_room_for() {
    let frame = from_hex(&format!("a226000a{}", "000161".repeat(12)));
    let Packet::Unsubscribe(unsubscribe) = accepted(&frame) else { panic!("not an UNSUBSCRIBE") };
    let a = TopicFilter::new("a").unwrap();
    let mut room_for_eight = [None; 8];
    for (room, filter) in room_for_eight.iter_mut().zip(unsubscribe.filters) {
        *room = Some(filter);
    }
    assert_eq!(room_for_eight, [Some(a); 8]);
    assert_eq!(unsubscribe.filters.len(), 12);
}

#[test]
fn five_byte_remaining_length() {
    refused("30 ff ff ff ff 7f", ErrorKind::RemainingLength, 1);
}

#[test]
fn padded_remaining_length() {
    refused("30 83 80 00", ErrorKind::RemainingLengthPadded, 1);
    refused("30 83 80 00 00 01 61", ErrorKind::RemainingLengthPadded, 1);
    refused("c0 80 00", ErrorKind::RemainingLengthPadded, 1);
}

#[test]
fn bodies_too_short_for_their_fields() {
    refused("20 00", ErrorKind::Truncated, 2);
    refused("20 01 00", ErrorKind::Truncated, 3);
    refused("40 00", ErrorKind::Truncated, 2);
    refused("62 01 00", ErrorKind::Truncated, 2);
    refused("82 00", ErrorKind::Truncated, 2);
    refused("90 01 00", ErrorKind::Truncated, 2);
    refused("a2 01 00", ErrorKind::Truncated, 2);
    // The next packet is not the place to read the identifier from.
    refused("40 00 40 02 00 07", ErrorKind::Truncated, 2);
}

#[test]
fn connect_that_ends_early() {
    refused("10 06 00 04 4d 51 54 54", ErrorKind::Truncated, 8);
    // The empty name is wrong before the level is missing.
    refused("10 03 00 00 04", ErrorKind::ProtocolName, 2);
}

#[test]
fn packet_id_0() {
    refused("40 02 00 00", ErrorKind::PacketIdZero, 2);
    refused("b0 02 00 00", ErrorKind::PacketIdZero, 2);
}

#[test]
fn qos_3() {
    refused("36 05 00 01 61 00 0a", ErrorKind::QosReserved, 0);
}

#[test]
fn publish_without_a_payload_is_legal() {
    let frame = from_hex("3003000161");
    let Packet::Publish(publish) = accepted(&frame) else { panic!("not a PUBLISH") };
    assert_eq!(publish.topic, "a");
    assert!(publish.payload.is_empty());
}

#[test]
fn binary_password_is_legal() {
    let frame = from_hex("101500044d51545404c2003c000163000175000300ff80");
    let login = accepted_connect(&frame).login.unwrap();
    assert_eq!(login.password.unwrap().as_bytes(), b"\x00\xff\x80");
}

#[test]
fn empty_will_message_is_legal() {
    let frame = from_hex("101200044d5154540406003c0001630001770000");
    let will = accepted_connect(&frame).will.unwrap();
    assert_eq!(will.topic, "w");
    assert_eq!(will.message.as_bytes(), b"");
}

#[test]
fn empty_user_name_is_legal() {
    let frame = from_hex("100f00044d5154540482003c0001630000");
    let login = accepted_connect(&frame).login.unwrap();
    assert_eq!(login.user_name, "");
    assert_eq!(login.password, None);
}

#[test]
fn remaining_length_127_in_an_exact_129_byte_buffer() {
    let payload = [b'x'; 124];
    let mut out = [FILL; 129];
    assert_eq!(publish(&payload).encode(&mut out), Ok(129));
    assert_eq!(out[..5], *b"\x30\x7f\x00\x01t");
    assert_eq!(out[5..], payload);

    let mut out = [FILL; 128];
    assert_eq!(publish(&payload).encode(&mut out), Err(EncodeError::BufferTooSmall { needed: 129 }));
    assert!(is_untouched(&out));
}

#[test]
fn topic_of_70_000_bytes() {
    // It cannot even be held, so no packet with it can be built.
    let long = "t".repeat(70_000);
    assert_eq!(TopicName::new(&long), Err(ErrorKind::StringTooLong));
    assert_eq!(TopicName::from_bytes(long.as_bytes()), Err(ErrorKind::StringTooLong));
    assert_eq!(TopicFilter::new(&long), Err(ErrorKind::StringTooLong));
    assert_eq!(Utf8::new(&long), Err(ErrorKind::StringTooLong));
    assert_eq!(Binary::new(long.as_bytes()), Err(ErrorKind::StringTooLong));
}

#[test]
fn connect_with_a_will_has_the_right_length() {
    let will = Will {
        topic: TopicName::new("w").unwrap(),
        message: Binary::new(b"gone").unwrap(),
        qos: QoS::AtLeastOnce,
        retain: true,
    };
    let packet = Packet::Connect(connect(Some(will), None));
    check_encode(&packet, b"\x10\x16\x00\x04MQTT\x04\x2e\x00\x3c\x00\x01c\x00\x01w\x00\x04gone");
}

#[test]
fn suback_failure_is_0x80() {
    let return_codes = [SubAckCode::FAILURE];
    let suback = SubAck { id: PacketId::MIN, return_codes: (&return_codes).into() };
    check_encode(&Packet::SubAck(suback), b"\x90\x03\x00\x01\x80");
}

/// `Login` has a user name, so that no such CONNECT can be built; one that comes is refused.
#[test]
fn password_without_user_name() {
    refused("10 10 00 04 4d 51 54 54 04 42 00 3c 00 01 63 00 01 70", ErrorKind::PasswordWithoutUserName, 9);
    // The nearest that can be built has an empty user name, and the flags and the length for it.
    let login = Login { user_name: Utf8::new("").unwrap(), password: Some(Binary::new(b"p").unwrap()) };
    let packet = Packet::Connect(connect(None, Some(login)));
    check_encode(&packet, b"\x10\x12\x00\x04MQTT\x04\xc2\x00\x3c\x00\x01c\x00\x00\x00\x01p");
}

#[test]
fn payload_of_256_bytes_into_a_100_byte_buffer() {
    let payload = [b'x'; 256];
    let mut out = [FILL; 100];
    let needed = 1 + 2 + 3 + 256;
    assert_eq!(publish(&payload).encode(&mut out), Err(EncodeError::BufferTooSmall { needed }));
    assert!(is_untouched(&out));
    // Sent apart, the payload needs no room.
    let header: PublishHeader<'_> = publish(&payload).header();
    assert_eq!(header.encode(256, &mut out), Ok(6));
    assert_eq!(out[..6], *b"\x30\x83\x02\x00\x01t");
    assert!(is_untouched(&out[6..]));
}

#[test]
fn truncated_and_malformed_are_answered_differently() {
    // The frame is not complete: more will come.
    assert_eq!(decode(b"\x32\x05\x00\x01a"), Ok(Decoded::NeedMore { at_least: 2 }));
    // The frame is complete and its packet is not: nothing that comes can mend it.
    refused("32 03 00 01 61", ErrorKind::Truncated, 5);
}

#[test]
fn packet_larger_than_the_buffer() {
    // A message comes in pieces.
    let mut buf = [0; 8];
    let mut reader = PacketReader::new(&mut buf);
    reader.space()[..6].copy_from_slice(b"\x30\x07\x00\x01ta");
    reader.commit(6).unwrap();
    let start = reader.next(&Decoder::DEFAULT).unwrap();
    assert!(matches!(start, Event::PublishStart { payload_len: 4, .. }), "{start:?}");
    assert_eq!(reader.next(&Decoder::DEFAULT), Ok(Event::Payload { chunk: b"a", left: 3 }));

    // Any other packet is refused, and not malformed: left out, the next packet is found.
    let mut reader = PacketReader::new(&mut buf);
    reader.space()[..4].copy_from_slice(b"\x90\x07\x00\x01");
    reader.commit(4).unwrap();
    let error = reader.next(&Decoder::DEFAULT).unwrap_err();
    assert_eq!((error.kind(), error.offset()), (ErrorKind::PacketTooLarge, 1));
    reader.skip().unwrap();
    assert_eq!(reader.next(&Decoder::DEFAULT), Ok(Event::NeedMore { at_least: 5 }));
    reader.space()[..7].copy_from_slice(b"\x00\x00\x00\x00\x00\xd0\x00");
    reader.commit(7).unwrap();
    assert_eq!(reader.next(&Decoder::DEFAULT), Ok(Event::Packet(Packet::PingResp)));
    // A limit of one's own is the same kind.
    let error = Decoder::DEFAULT.max_packet_len(8).decode(b"\x30\x07\x00\x01").unwrap_err();
    assert_eq!((error.kind(), error.offset()), (ErrorKind::PacketTooLarge, 1));
}
