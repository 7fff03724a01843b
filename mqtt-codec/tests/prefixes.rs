//! Frames that come in pieces: every strict prefix asks for the rest, and bytes behind a frame are left
//! alone.
//!
//! The golden frames are all legal, so none of their prefixes is an error. Of frames over 300 bytes
//! not every prefix is tried: all up to 300 bytes, then some, the longest among them.

#![allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod common;

use common::spec::describe;
use common::vectors;
use common::{decode_as, excerpt, packet_types};
use mqtt_codec::ErrorKind;
use mqtt_codec::frame::{self, Peek};
use mqtt_codec::v3::{Decoded, Decoder, Packet, decode, frames};

/// The bytes that the first `len` bytes of `frame` lack, counted by the rule and not by the codec.
fn missing(frame: &[u8], len: usize) -> usize {
    let header_len = 2 + frame[1..].iter().take_while(|byte| **byte & 0x80 != 0).count();
    match len {
        0 => 2,
        _ if len < header_len => 1,
        _ => frame.len() - len,
    }
}

#[test]
fn every_prefix_asks_for_what_is_missing() {
    for vector in vectors::golden() {
        for len in 0..vector.frame.len() {
            let prefix = &vector.frame[..len];
            let at_least = missing(&vector.frame, len);
            assert_eq!(decode(prefix), Ok(Decoded::NeedMore { at_least }), "{} cut to {len}", vector.place);
        }
    }
}

#[test]
fn the_fixed_header_asks_for_itself_alone() {
    for vector in vectors::golden() {
        let Ok(Peek::Header(header)) = frame::peek(&vector.frame) else { panic!("{}", vector.place) };
        for len in 0..vector.frame.len() {
            let expected = if len < usize::from(header.header_len) {
                Peek::NeedMore { at_least: missing(&vector.frame, len) }
            } else {
                Peek::Header(header)
            };
            assert_eq!(frame::peek(&vector.frame[..len]), Ok(expected), "{} cut to {len}", vector.place);
        }
    }
}

#[test]
fn a_prefix_is_truncated_to_the_decoder_for_its_type() {
    for vector in vectors::golden() {
        let packet_type = packet_types().find(|it| *it as u8 == vector.frame[0] >> 4).unwrap();
        for len in 0..vector.frame.len() {
            let error = decode_as(packet_type, &Decoder::DEFAULT, &vector.frame[..len]).unwrap_err();
            let found = (error.kind(), error.offset());
            assert_eq!(found, (ErrorKind::Truncated, len), "{} cut to {len}", vector.place);
        }
    }
}

#[test]
fn bytes_behind_a_frame_are_left_alone() {
    for vector in vectors::golden() {
        let alone = decode(&vector.frame).unwrap();
        for behind in [&b"\x00"[..], b"\xff", b"\xa5\xa5\xa5", b"\x30\x03\x00\x01t", &vector.frame] {
            let both = [&vector.frame, behind].concat();
            assert!(decode(&both) == Ok(alone), "{} and {}", vector.place, excerpt(behind));

            let packet_type = packet_types().find(|it| *it as u8 == vector.frame[0] >> 4).unwrap();
            let one = decode_as(packet_type, &Decoder::DEFAULT, &both).unwrap();
            assert!(matches!(alone, Decoded::Packet { packet, .. } if packet == one), "{}", vector.place);
        }
    }
}

#[test]
fn frames_in_a_row_are_found_one_by_one() {
    let vectors = vectors::golden();
    let row: Vec<u8> = vectors.iter().flat_map(|vector| vector.frame.clone()).collect();
    let mut found = frames(&row);
    for vector in &vectors {
        let packet = found.next().unwrap().unwrap();
        assert!(describe(&packet) == vectors::written_out(&vector.text), "{}", vector.place);
    }
    assert_eq!(found.next(), None);
    assert!(found.rest().is_empty());
}

#[test]
fn frames_end_at_a_broken_or_unfinished_one() {
    let mut found = frames(b"\xc0\x00\x40\x02\x00\x00\xc0\x00");
    assert_eq!(found.next(), Some(Ok(Packet::PingReq)));
    let error = found.next().unwrap().unwrap_err();
    assert_eq!((error.kind(), error.offset()), (ErrorKind::PacketIdZero, 2));
    assert_eq!(found.next(), None);
    assert_eq!(found.rest(), b"\x40\x02\x00\x00\xc0\x00");

    let mut found = frames(b"\xc0\x00\x40\x02\x00");
    assert_eq!(found.next(), Some(Ok(Packet::PingReq)));
    assert_eq!(found.next(), None);
    assert_eq!(found.next(), None);
    assert_eq!(found.rest(), b"\x40\x02\x00");
}
