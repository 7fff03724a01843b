//! The golden vectors, both ways: bytes to the packet of the text, the text's packet to the bytes.

#![allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod common;

use common::encode::{FILL, check_encode, encoded, is_untouched};
use common::spec::{describe, parse};
use common::{decode_as, excerpt, packet_types, vectors};
use mqtt_codec::frame::{self, Peek};
use mqtt_codec::v3::{
    AnyFilter, Decoded, Decoder, Delivery, Packet, Protocol, Publish, PublishHeader, Role, SubAck, decode,
    encode_filters,
};
use mqtt_codec::{EncodeError, ErrorKind, MAX_REMAINING_LEN, PacketType, TopicName};

/// Decodes a frame that must be accepted.
fn accepted<'a>(decoder: &Decoder, frame: &'a [u8], place: &str) -> Packet<'a> {
    match decoder.decode(frame) {
        Ok(Decoded::Packet { packet, len, tolerated }) => {
            assert_eq!(len, frame.len(), "{place}");
            assert!(tolerated.is_empty(), "{place}");
            packet
        }
        other => panic!("{place}: {} gives {other:?}", excerpt(frame)),
    }
}

fn assert_text(packet: &Packet<'_>, text: &str, place: &str) {
    assert!(describe(packet) == vectors::written_out(text), "{place}: {packet:?} instead of {text}");
}

#[test]
fn bytes_to_packet() {
    for vector in vectors::golden() {
        let packet = accepted(&Decoder::DEFAULT, &vector.frame, &vector.place);
        assert_text(&packet, &vector.text, &vector.place);
        check_encode(&packet, &vector.frame);
    }
}

#[test]
fn packet_to_bytes() {
    for vector in vectors::golden() {
        parse(&vector.text).with(|packet| {
            check_encode(&packet, &vector.frame);
            let decoded = accepted(&Decoder::DEFAULT, &vector.frame, &vector.place);
            assert!(packet == decoded, "{}", vector.place);
            assert_eq!(packet.packet_type(), decoded.packet_type(), "{}", vector.place);
            assert_eq!(packet.packet_id(), decoded.packet_id(), "{}", vector.place);
        });
    }
}

/// A list of one's own is encoded from any iterator.
#[test]
fn items_to_bytes() {
    let mut lists = 0;
    for vector in vectors::golden() {
        let mut out = vec![FILL; vector.frame.len() + 1];
        let written = match decode(&vector.frame).unwrap() {
            Decoded::Packet { packet: Packet::Subscribe(packet), .. } => {
                let filters = packet
                    .filters
                    .iter()
                    .map(|item| AnyFilter::new(item.filter.as_bytes(), Some(item.qos as u8)).unwrap());
                encode_filters(PacketType::Subscribe, packet.id, filters, &mut out)
            }
            Decoded::Packet { packet: Packet::SubAck(packet), .. } => {
                SubAck::encode_iter(packet.id, packet.return_codes.iter(), &mut out)
            }
            Decoded::Packet { packet: Packet::Unsubscribe(packet), .. } => {
                let filters =
                    packet.filters.iter().map(|filter| AnyFilter::new(filter.as_bytes(), None).unwrap());
                encode_filters(PacketType::Unsubscribe, packet.id, filters, &mut out)
            }
            _ => continue,
        };
        assert_eq!(written, Ok(vector.frame.len()), "{}", vector.place);
        assert!(out[..vector.frame.len()] == vector.frame && is_untouched(&out[vector.frame.len()..]));
        lists += 1;
    }
    assert!(lists > 0);
}

/// A PUBLISH whose payload is sent apart: the header's bytes are those before the payload.
#[test]
fn publish_header_to_bytes() {
    let mut publishes = 0;
    for vector in vectors::golden() {
        let Ok(Decoded::Packet { packet: Packet::Publish(publish), .. }) = decode(&vector.frame) else {
            continue;
        };
        let header_len = vector.frame.len() - publish.payload.len();
        let payload_len = u32::try_from(publish.payload.len()).unwrap();
        let header = publish.header();
        assert_eq!(header.encoded_len(payload_len), header_len, "{}", vector.place);
        let mut out = vec![FILL; header_len + 1];
        assert_eq!(header.encode(payload_len, &mut out), Ok(header_len), "{}", vector.place);
        assert!(out[..header_len] == vector.frame[..header_len], "{}", vector.place);
        assert_eq!(out[header_len], FILL, "{}", vector.place);
        let mut small = vec![FILL; header_len - 1];
        let refused = Err(EncodeError::BufferTooSmall { needed: header_len });
        assert_eq!(header.encode(payload_len, &mut small), refused, "{}", vector.place);
        assert!(is_untouched(&small), "{}", vector.place);
        publishes += 1;
    }
    assert!(publishes > 0);
}

#[test]
fn each_type_has_a_decoder_that_agrees() {
    for vector in vectors::golden() {
        let packet = accepted(&Decoder::DEFAULT, &vector.frame, &vector.place);
        for packet_type in packet_types() {
            let alone = decode_as(packet_type, &Decoder::DEFAULT, &vector.frame);
            if packet_type == packet.packet_type() {
                assert!(alone == Ok(packet), "{}", vector.place);
            } else {
                let error = alone.unwrap_err();
                let found = (error.kind(), error.offset());
                assert_eq!(found, (ErrorKind::PacketTypeUnexpected, 0), "{} {packet_type}", vector.place);
            }
        }
    }
}

#[test]
fn the_fixed_header_agrees() {
    for vector in vectors::golden() {
        let Ok(Peek::Header(header)) = frame::peek(&vector.frame) else { panic!("{}", vector.place) };
        let packet = accepted(&Decoder::DEFAULT, &vector.frame, &vector.place);
        assert_eq!(header.packet_type, packet.packet_type(), "{}", vector.place);
        assert_eq!(header.flags, vector.frame[0] & 0x0f, "{}", vector.place);
        assert_eq!(header.frame_len() as usize, vector.frame.len(), "{}", vector.place);
        assert_eq!(
            usize::from(header.header_len) + header.remaining_len as usize,
            vector.frame.len(),
            "{}",
            vector.place
        );
    }
}

/// Table 2.1 of the specification.
#[test]
fn roles_take_what_their_peer_sends() {
    use PacketType::*;
    for vector in vectors::golden() {
        let packet = accepted(&Decoder::DEFAULT, &vector.frame, &vector.place);
        let (to_client, to_server) = match packet.packet_type() {
            Connect | Subscribe | Unsubscribe | PingReq | Disconnect => (false, true),
            ConnAck | SubAck | UnsubAck | PingResp => (true, false),
            Publish | PubAck | PubRec | PubRel | PubComp => (true, true),
        };
        for (role, takes) in [(Role::Client, to_client), (Role::Server, to_server), (Role::Any, true)] {
            let decoder = Decoder::DEFAULT.role(role);
            if takes {
                assert!(accepted(&decoder, &vector.frame, &vector.place) == packet, "{}", vector.place);
            } else {
                let error = decoder.decode(&vector.frame).unwrap_err();
                let found = (error.kind(), error.offset());
                assert_eq!(found, (ErrorKind::WrongDirection, 0), "{} {role:?}", vector.place);
            }
        }
    }
}

#[test]
fn the_limit_is_the_whole_frame() {
    for vector in vectors::golden() {
        let len = u32::try_from(vector.frame.len()).unwrap();
        accepted(&Decoder::DEFAULT.max_packet_len(len), &vector.frame, &vector.place);
        let error = Decoder::DEFAULT.max_packet_len(len - 1).decode(&vector.frame).unwrap_err();
        assert_eq!((error.kind(), error.offset()), (ErrorKind::PacketTooLarge, 1), "{}", vector.place);
    }
}

/// What the encoder writes is the 3.1.1 form, which a decoder for MQTT 3.1 reads as well, but for
/// session present, which MQTT 3.1 does not know.
#[test]
fn a_decoder_for_3_1_reads_what_the_encoder_writes() {
    let decoder = Decoder::DEFAULT.protocol(Protocol::V3_1);
    for vector in vectors::golden() {
        let packet = accepted(&decoder, &vector.frame, &vector.place);
        let text = vector.text.replace("session_present=1", "session_present=0");
        assert_text(&packet, &text, &vector.place);
    }
}

#[test]
fn what_3_1_ignores_comes_back_in_canonical_form() {
    let decoder = Decoder::DEFAULT.protocol(Protocol::V3_1);
    for vector in vectors::read(vectors::IGNORED_3_1) {
        let packet = accepted(&decoder, &vector.frame, &vector.place);
        assert_text(&packet, &vector.text, &vector.place);
        assert!(decode_as(packet.packet_type(), &decoder, &vector.frame) == Ok(packet), "{}", vector.place);

        let canonical = encoded(&packet);
        assert_ne!(canonical, vector.frame, "{} is canonical: it belongs elsewhere", vector.place);
        check_encode(&packet, &canonical);
        assert!(accepted(&decoder, &canonical, &vector.place) == packet, "{}", vector.place);
        assert!(accepted(&Decoder::DEFAULT, &canonical, &vector.place) == packet, "{}", vector.place);
    }
}

#[test]
fn refusals() {
    for vector in vectors::read(vectors::REFUSED) {
        let (decoder, expected) = vectors::refusal(&vector.text);
        let Err(error) = decoder.decode(&vector.frame) else {
            panic!("{}: {} is not refused", vector.place, excerpt(&vector.frame));
        };
        assert_eq!(format!("{}@{}", error.kind().name(), error.offset()), expected, "{}", vector.place);

        // The decoder for the type says the same.
        if let Ok(packet_type) = PacketType::from_first_byte(vector.frame[0]) {
            assert_eq!(decode_as(packet_type, &decoder, &vector.frame), Err(error), "{}", vector.place);
        }
        // So does the beginning, or it asks for more; it is never a packet and never another error.
        for len in 0..vector.frame.len() {
            match decoder.decode(&vector.frame[..len]) {
                Ok(Decoded::NeedMore { .. }) => {}
                other => assert_eq!(other, Err(error), "{} cut to {len}", vector.place),
            }
        }
        // Bytes behind it change nothing.
        for more in [0x00, 0xff] {
            let mut longer = vector.frame.clone();
            longer.push(more);
            assert_eq!(decoder.decode(&longer), Err(error), "{} and {more:02x}", vector.place);
        }
    }
}

#[test]
fn every_kind_is_refused_somewhere() {
    let refused = vectors::read(vectors::REFUSED);
    for kind in ErrorKind::ALL {
        // A decoder cannot see a longer string, asks for no certain type, and refuses characters only
        // as an option.
        let never = matches!(
            kind,
            ErrorKind::StringTooLong | ErrorKind::PacketTypeUnexpected | ErrorKind::CharacterDiscouraged
        );
        let found = refused.iter().any(|vector| {
            vectors::refusal(&vector.text).1.split_once('@').is_some_and(|(name, _)| name == kind.name())
        });
        assert_eq!(found, !never, "{}", kind.name());
    }
}

#[test]
fn every_type_has_vectors() {
    let golden = vectors::golden();
    for packet_type in packet_types() {
        let count = golden.iter().filter(|vector| vector.frame[0] >> 4 == packet_type as u8).count();
        assert!(count > 0, "{packet_type}");
    }
}

/// Too long for a vectors file: 268 435 460 bytes.
#[test]
fn the_largest_frame() {
    let header = b"\x30\xff\xff\xff\x7f\x00\x01t";
    let frame_len = MAX_REMAINING_LEN as usize + 5;
    let mut frame = vec![0; frame_len];
    frame[..header.len()].copy_from_slice(header);
    let Packet::Publish(publish) = accepted(&Decoder::DEFAULT, &frame, "the largest frame") else { panic!() };
    assert_eq!((publish.topic.as_bytes(), publish.payload.len()), (&b"t"[..], frame_len - header.len()));
    assert_eq!(decode(&frame[..frame_len - 1]), Ok(Decoded::NeedMore { at_least: 1 }));
    assert_eq!(publish.encoded_len(), frame_len);
    assert_eq!(publish.encode(&mut []), Err(EncodeError::BufferTooSmall { needed: frame_len }));

    // Its header alone.
    let mut out = [FILL; 16];
    let payload_len = u32::try_from(publish.payload.len()).unwrap();
    assert_eq!(publish.header().encode(payload_len, &mut out), Ok(header.len()));
    assert_eq!(&out[..header.len()], header);

    // One byte more cannot be announced: that rule comes before the room.
    let over = Publish { payload: &frame[..publish.payload.len() + 1], ..publish };
    let refused = Err(EncodeError::Invalid(ErrorKind::RemainingLength));
    assert_eq!(over.encode(&mut []), refused);
    let mut out = [FILL; 16];
    assert_eq!(publish.header().encode(payload_len + 1, &mut out), refused);
    assert_eq!(publish.header().encode(u32::MAX, &mut out), refused);
    for room in [0, 16] {
        assert_eq!(publish.header().encode_before(payload_len + 1, &mut out[..room]), refused);
        assert_eq!(publish.header().encode_before(u32::MAX, &mut out[..room]), refused);
    }
    assert!(is_untouched(&out));
}

/// The header of a PUBLISH whose payload would be too large to hold, at each size of the remaining
/// length.
#[test]
fn publish_headers_at_every_size_of_the_remaining_length() {
    let header =
        PublishHeader { topic: TopicName::new("t").unwrap(), delivery: Delivery::AtMostOnce, retain: false };
    for (remaining_len, length) in [
        (3, &b"\x03"[..]),
        (127, b"\x7f"),
        (128, b"\x80\x01"),
        (16_383, b"\xff\x7f"),
        (16_384, b"\x80\x80\x01"),
        (2_097_151, b"\xff\xff\x7f"),
        (2_097_152, b"\x80\x80\x80\x01"),
        (268_435_455, b"\xff\xff\xff\x7f"),
    ] {
        let wanted = [&b"\x30"[..], length, b"\x00\x01t"].concat();
        let mut out = [FILL; 16];
        let payload_len = remaining_len - 3;
        assert_eq!(header.encoded_len(payload_len), wanted.len());
        assert_eq!(header.encode(payload_len, &mut out), Ok(wanted.len()));
        assert_eq!(out[..wanted.len()], wanted);
        assert!(is_untouched(&out[wanted.len()..]));
        check_encode_before(&header, payload_len, &wanted);
    }
}

/// The header of a PUBLISH goes to the end of the output: of a larger one, whose front it leaves alone, and of
/// one of just its size. A smaller one stays untouched and is told the size.
fn check_encode_before(header: &PublishHeader<'_>, payload_len: u32, wanted: &[u8]) {
    for spare in [9, 1, 0] {
        let mut out = vec![FILL; spare + wanted.len()];
        assert_eq!(header.encode_before(payload_len, &mut out), Ok(wanted.len()));
        let (front, written) = out.split_at(spare);
        assert_eq!(written, wanted);
        assert!(is_untouched(front));
    }
    let mut out = vec![FILL; wanted.len()];
    for room in 0..wanted.len() {
        let too_small = Err(EncodeError::BufferTooSmall { needed: wanted.len() });
        assert_eq!(header.encode_before(payload_len, &mut out[..room]), too_small);
    }
    assert!(is_untouched(&out));
}

/// A header before its payload in one buffer is the frame.
#[test]
fn publish_headers_before_their_payload() {
    let mut seen = 0;
    for vector in vectors::golden().iter().filter(|vector| vector.frame.len() < 70_000) {
        let Packet::Publish(publish) = accepted(&Decoder::DEFAULT, &vector.frame, &vector.place) else {
            continue;
        };
        let at_payload = vector.frame.len() - publish.payload.len();
        let payload_len = u32::try_from(publish.payload.len()).unwrap();
        check_encode_before(&publish.header(), payload_len, &vector.frame[..at_payload]);
        seen += 1;
    }
    assert!(seen > 10, "{seen}");
}
