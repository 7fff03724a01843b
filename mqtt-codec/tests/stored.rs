//! Encoded PUBLISH packets that are changed where they are stored: the packet identifier and DUP.

#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::panic)]

mod common;

use common::encode::{FILL, encoded};
use common::vectors::{from_hex, golden, to_hex};
use mqtt_codec::v3::{Decoded, Delivery, Packet, PatchError, Publish, PublishHeader, decode};
use mqtt_codec::{ErrorKind, PacketId, TopicName};

const ID: PacketId = PacketId::new(0xfedc).unwrap();

/// What `set_packet_id` says of `frame`; where that is an error, nothing may be changed.
fn set_packet_id(frame: &mut [u8]) -> Result<(), PatchError> {
    let before = frame.to_vec();
    let verdict = Publish::set_packet_id(frame, ID);
    assert!(verdict.is_ok() || frame == before, "{} became {}", to_hex(&before), to_hex(frame));
    verdict
}

/// The stored PUBLISH packets of the golden vectors, decoded, with their frames.
fn stored(mut check: impl FnMut(&Publish<'_>, &[u8])) {
    let mut seen = [0; 3];
    for vector in golden().iter().filter(|vector| vector.frame.len() < 70_000) {
        if let Ok(Decoded::Packet { packet: Packet::Publish(publish), .. }) = decode(&vector.frame) {
            check(&publish, &vector.frame);
            seen[publish.delivery.qos() as usize] += 1;
        }
    }
    assert!(seen.iter().all(|seen| *seen > 1), "{seen:?}");
}

/// The same delivery under another identifier.
fn with_id(delivery: Delivery, id: PacketId) -> Delivery {
    Delivery::new(delivery.qos(), id.get(), delivery.dup()).unwrap()
}

/// As if it had been encoded with that identifier; with a header alone too, whose payload is elsewhere.
#[test]
fn a_packet_identifier_is_set() {
    stored(|publish, frame| {
        let mut patched = frame.to_vec();
        if publish.packet_id().is_none() {
            return assert_eq!(set_packet_id(&mut patched), Err(PatchError::QosZero));
        }
        assert_eq!(set_packet_id(&mut patched), Ok(()));
        let due = Publish { delivery: with_id(publish.delivery, ID), ..*publish };
        let due = encoded(&due.into());
        assert!(patched == due, "{}", to_hex(&patched));

        let payload_len = u32::try_from(publish.payload.len()).unwrap();
        let mut header = vec![FILL; publish.header().encoded_len(payload_len)];
        publish.header().encode(payload_len, &mut header).unwrap();
        assert_eq!(set_packet_id(&mut header), Ok(()));
        assert_eq!(header, due[..header.len()]);

        // Cut off anywhere before its payload, and one byte more.
        for len in (0..header.len()).rev().take(20).chain(0..header.len().min(5)) {
            let cut_off = Err(PatchError::Invalid(ErrorKind::Truncated));
            assert_eq!(set_packet_id(&mut header[..len]), cut_off, "{len} of {}", to_hex(&header));
        }
    });
}

/// The largest payload there is, which is not there.
#[test]
fn a_header_alone_is_enough() {
    let topic = TopicName::new("t").unwrap();
    let delivery = Delivery::AtLeastOnce { id: PacketId::MIN, dup: false };
    let mut header = [0; 10];
    PublishHeader { topic, delivery, retain: true }.encode(268_435_455 - 5, &mut header).unwrap();
    assert_eq!(set_packet_id(&mut header), Ok(()));
    assert_eq!(header, *b"\x33\xff\xff\xff\x7f\x00\x01t\xfe\xdc");
}

#[test]
fn what_has_no_packet_identifier_to_set() {
    use ErrorKind::*;
    for (frame, error) in [
        ("", Truncated),
        ("00", PacketTypeReserved),
        ("f2", PacketTypeReserved),
        ("62020001", PacketTypeUnexpected),
        ("8206000100016101", PacketTypeUnexpected),
        ("36070001740001", QosReserved),
        ("3f", QosReserved),
        ("32", Truncated),
        ("3280", Truncated),
        ("32ffffff", Truncated),
        ("32ffffffff0001740001", RemainingLength),
        ("32858000017400016d", RemainingLengthPadded),
        ("3285800001740001", RemainingLengthPadded),
        // The bytes end: inside the topic's length, the topic, the identifier.
        ("3207", Truncated),
        ("320700", Truncated),
        ("32070001", Truncated),
        ("3207000174", Truncated),
        ("320700017400", Truncated),
        // The remaining length ends there, and other bytes follow.
        ("3200000174 0001", Truncated),
        ("3201000174 0001", Truncated),
        ("3202000174 0001", Truncated),
        ("3203000174 0001", Truncated),
        ("3204000174 0001", Truncated),
        ("3407000474 0001c000", Truncated),
        ("3407ffff740001", Truncated),
    ] {
        let mut bytes = from_hex(&frame.replace(' ', ""));
        assert_eq!(set_packet_id(&mut bytes), Err(PatchError::Invalid(error)), "{frame}");
    }
    for first in ["30", "31", "38", "39"] {
        let mut bytes = from_hex(&format!("{first}050001740001"));
        assert_eq!(set_packet_id(&mut bytes), Err(PatchError::QosZero), "{first}");
        assert_eq!(set_packet_id(&mut bytes[..1]), Err(PatchError::QosZero), "{first}");
    }
}

/// Neither the old identifier nor the topic is looked at, and what stands behind the frame is not touched.
#[test]
fn nothing_else_is_looked_at_or_changed() {
    let mut bytes = from_hex("3d060002ff2b0000d000");
    assert_eq!(set_packet_id(&mut bytes), Ok(()));
    assert_eq!(to_hex(&bytes), "3d060002ff2bfedcd000");
    let mut bytes = from_hex("32040000ffffee");
    assert_eq!(set_packet_id(&mut bytes), Ok(()));
    assert_eq!(to_hex(&bytes), "32040000fedcee");
}

/// As if it had been encoded with it; once and for all, and by the first byte alone.
#[test]
fn dup_is_set() {
    stored(|publish, frame| {
        let mut patched = frame.to_vec();
        let Some(id) = publish.packet_id() else {
            assert_eq!(Publish::set_dup(&mut patched), Err(PatchError::QosZero));
            return assert_eq!(patched, frame);
        };
        let delivery = Delivery::new(publish.delivery.qos(), id.get(), true).unwrap();
        let due = encoded(&Publish { delivery, ..*publish }.into());
        for _ in 0..2 {
            assert_eq!(Publish::set_dup(&mut patched), Ok(()));
            assert!(patched == due, "{}", to_hex(&patched));
        }
        let mut alone = [frame[0]];
        assert_eq!(Publish::set_dup(&mut alone), Ok(()));
        assert_eq!(alone, due[..1]);
    });
}

#[test]
fn what_has_no_dup_to_set() {
    assert_eq!(Publish::set_dup(&mut []), Err(PatchError::Invalid(ErrorKind::Truncated)));
    for first in 0..=255 {
        let error = match (first >> 4, first >> 1 & 3) {
            (0 | 15, _) => PatchError::Invalid(ErrorKind::PacketTypeReserved),
            (3, 0) => PatchError::QosZero,
            (3, 3) => PatchError::Invalid(ErrorKind::QosReserved),
            (3, _) => continue,
            _ => PatchError::Invalid(ErrorKind::PacketTypeUnexpected),
        };
        let mut frame = [first, 5, 0, 1, b't', 0, 1];
        assert_eq!(Publish::set_dup(&mut frame), Err(error), "{first:02x}");
        assert_eq!(frame, [first, 5, 0, 1, b't', 0, 1]);
    }
}

#[test]
fn a_refusal_says_what_is_wrong() {
    let qos_0 = PatchError::QosZero.to_string();
    assert_eq!(qos_0, "a PUBLISH of QoS 0 has neither packet identifier nor DUP flag");
    let error = PatchError::from(ErrorKind::Truncated);
    assert_eq!(error, PatchError::Invalid(ErrorKind::Truncated));
    assert_eq!(error.to_string(), ErrorKind::Truncated.message());
}
