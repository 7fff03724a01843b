//! Frames that own their bytes.

#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::panic)]

mod common;

use std::cell::Cell;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use common::{excerpt, lengths_below, vectors};
use mqtt_codec::ErrorKind;
use mqtt_codec::v3::{Decoded, Decoder, Frame, Packet, Protocol, Tolerated};

fn whole<'a>(decoder: &Decoder, frame: &'a [u8]) -> (Packet<'a>, Tolerated) {
    match decoder.decode(frame) {
        Ok(Decoded::Packet { packet, tolerated, len }) if len == frame.len() => (packet, tolerated),
        other => panic!("{}: {other:?}", excerpt(frame)),
    }
}

#[test]
fn every_vector_is_a_frame() {
    for vector in vectors::golden() {
        let (packet, _) = whole(&Decoder::DEFAULT, &vector.frame);
        let borrowed = Frame::new(&Decoder::DEFAULT, &vector.frame[..]).unwrap();
        let owned = Frame::new(&Decoder::DEFAULT, vector.frame.clone()).unwrap();
        assert!(owned.packet() == packet, "{}", vector.place);
        assert_eq!(owned.packet_type(), packet.packet_type(), "{}", vector.place);
        assert!(owned.tolerated().is_empty(), "{}", vector.place);
        assert!(owned.as_bytes() == vector.frame, "{}", vector.place);
        assert!(owned == borrowed && owned.clone() == owned, "{}", vector.place);
        assert_eq!(format!("{owned:?}"), format!("Frame({packet:?})"), "{}", vector.place);
        assert!(owned.into_inner() == vector.frame, "{}", vector.place);
    }
}

#[test]
fn every_refused_vector_is_refused_alike() {
    for vector in vectors::read(vectors::REFUSED) {
        let (decoder, refusal) = vectors::refusal(&vector.text);
        let error = Frame::new(&decoder, &vector.frame[..]).unwrap_err();
        assert_eq!(format!("{}@{}", error.kind().name(), error.offset()), refusal, "{}", vector.place);
    }
}

#[test]
fn exactly_one_whole_frame() {
    for vector in vectors::golden() {
        for len in lengths_below(vector.frame.len()) {
            let error = Frame::new(&Decoder::DEFAULT, &vector.frame[..len]).unwrap_err();
            assert_eq!((error.kind(), error.offset()), (ErrorKind::Truncated, len), "{}", vector.place);
        }
        let more = [&vector.frame[..], b"\xd0"].concat();
        let error = Frame::new(&Decoder::DEFAULT, more).unwrap_err();
        let wanted = (ErrorKind::TrailingBytes, vector.frame.len());
        assert_eq!((error.kind(), error.offset()), wanted, "{}", vector.place);
    }
}

/// The rules are those of the decoder that has judged, whenever the packet is read.
#[test]
fn a_frame_keeps_its_decoder() {
    let lenient = Decoder::DEFAULT.allow_dup_without_qos(true).allow_padded_remaining_length(true);
    let bytes = b"\x38\x86\x00\x00\x03a/bx";
    assert!(Frame::new(&Decoder::DEFAULT, bytes).is_err());
    let frame = Frame::new(&lenient, bytes).unwrap();
    let (packet, tolerated) = whole(&lenient, bytes);
    assert_eq!((frame.packet(), frame.tolerated()), (packet, tolerated));
    assert!(tolerated.contains(Tolerated::DUP_WITHOUT_QOS));
    assert!(tolerated.contains(Tolerated::PADDED_REMAINING_LENGTH));

    for vector in vectors::read(vectors::IGNORED_3_1) {
        let decoder = Decoder::DEFAULT.protocol(Protocol::V3_1);
        let frame = Frame::new(&decoder, &vector.frame[..]).unwrap();
        assert!(frame.packet() == whole(&decoder, &vector.frame).0, "{}", vector.place);
    }
}

#[test]
fn frames_are_equal_by_their_bytes() {
    let decoder = Decoder::DEFAULT;
    let first = Frame::new(&decoder, b"\x40\x02\x00\x01").unwrap();
    let other = Frame::new(&decoder, b"\x40\x02\x00\x02").unwrap();
    let copy = |frame: &[u8]| Frame::new(&decoder.protocol(Protocol::V3_1), frame.to_vec()).unwrap();
    assert_eq!(first, copy(first.as_bytes()));
    assert_ne!(first, other);
    assert_eq!(AsRef::<[u8]>::as_ref(&other), b"\x40\x02\x00\x02");
    let set = HashSet::from([copy(first.as_bytes()), copy(other.as_bytes()), copy(first.as_bytes())]);
    assert_eq!(set.len(), 2);
    let hash_of = |frame: &Frame<Vec<u8>>| {
        let mut hasher = DefaultHasher::new();
        frame.hash(&mut hasher);
        hasher.finish()
    };
    assert_eq!(hash_of(&copy(first.as_bytes())), hash_of(&copy(first.as_bytes())));
    assert_ne!(hash_of(&copy(first.as_bytes())), hash_of(&copy(other.as_bytes())));
}

/// One frame may be two packets, by two decoders.
#[test]
fn frames_are_equal_whatever_their_decoders() {
    let bytes = b"\x20\x02\x01\x00";
    let new = Frame::new(&Decoder::DEFAULT, bytes).unwrap();
    let old = Frame::new(&Decoder::DEFAULT.protocol(Protocol::V3_1), bytes).unwrap();
    assert_eq!(new, old);
    assert_ne!(new.packet(), old.packet());
}

#[test]
fn a_frame_goes_to_another_thread() {
    let frame = Frame::new(&Decoder::DEFAULT, Arc::<[u8]>::from(&b"\x30\x03\x00\x01t"[..])).unwrap();
    let theirs = frame.clone();
    let packet = std::thread::spawn(move || theirs.packet().packet_type());
    assert_eq!(packet.join().unwrap(), frame.packet_type());
}

/// Bytes that change behind the frame's back give some packet, and no panic.
#[test]
fn bytes_that_change_give_some_packet() {
    struct Changing<'a> {
        answers: &'a [&'a [u8]],
        asked: Cell<usize>,
    }
    impl AsRef<[u8]> for Changing<'_> {
        fn as_ref(&self) -> &[u8] {
            let asked = self.asked.replace(self.asked.get() + 1);
            self.answers[asked.min(self.answers.len() - 1)]
        }
    }
    let good = b"\x40\x02\x00\x01";
    let nothing: &[u8] = b"";
    for later in [nothing, b"\x40", b"\x40\x02\x00\x00", b"\x00\x00", b"\xff", b"\x40\x02\x00\x01\x00"] {
        let bytes = Changing { answers: &[good, later], asked: Cell::new(0) };
        let frame = Frame::new(&Decoder::DEFAULT, bytes).unwrap();
        let wanted = match Decoder::DEFAULT.decode(later) {
            Ok(Decoded::Packet { packet, .. }) => packet,
            _ => Packet::PingReq,
        };
        assert_eq!(frame.packet(), wanted, "{}", excerpt(later));
        let _ = frame.packet_type();
        assert_eq!(format!("{frame:?}"), format!("Frame({wanted:?})"));
    }
}

#[cfg(feature = "alloc")]
mod encode {
    use super::*;
    use common::spec::parse;
    use mqtt_codec::v3::{SubAck, SubAckCode, SubAckCodes};
    use mqtt_codec::{EncodeError, PacketId};

    #[test]
    fn every_vector_encodes_into_memory_of_its_size() {
        for vector in vectors::golden() {
            parse(&vector.text).with(|packet| {
                let frame = Frame::<Vec<u8>>::encode(&packet).unwrap();
                assert!(frame.as_bytes() == vector.frame, "{}", vector.place);
                assert!(frame.packet() == packet, "{}", vector.place);
                assert!(frame.tolerated().is_empty(), "{}", vector.place);
                let bytes = frame.into_inner();
                assert_eq!(bytes.capacity(), packet.encoded_len(), "{}", vector.place);
                assert!(Frame::<Arc<[u8]>>::encode(&packet).unwrap().as_bytes() == bytes, "{}", vector.place);
            });
        }
    }

    #[test]
    fn what_breaks_a_rule_is_not_encoded() {
        let suback = SubAck { id: PacketId::MIN, return_codes: SubAckCodes::new(&[SubAckCode(3)]) };
        let error = Frame::<Vec<u8>>::encode(&suback.into()).unwrap_err();
        assert_eq!(error, EncodeError::Invalid(ErrorKind::SubackReturnCode));
    }
}
