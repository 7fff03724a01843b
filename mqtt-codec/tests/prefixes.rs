//! Frames that come in pieces: every strict prefix asks for the rest, bytes behind a frame are left
//! alone, and a reader that is fed in any cutting finds the same packets.
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

use std::sync::LazyLock;

use common::spec::describe;
use common::vectors::{self, Vector};
use common::{decode_as, excerpt, packet_types};
use mqtt_codec::ErrorKind;
use mqtt_codec::frame::{self, Peek};
use mqtt_codec::v3::stream::{CommitError, Event, PacketReader};
use mqtt_codec::v3::{Decoded, Decoder, Packet, Role, decode, frames};
use proptest::prelude::*;

/// The bytes that the first `len` bytes of `frame` lack, counted by the rule and not by the codec.
fn missing(frame: &[u8], len: usize) -> usize {
    let header_len = 2 + frame[1..].iter().take_while(|byte| **byte & 0x80 != 0).count();
    match len {
        0 => 2,
        _ if len < header_len => 1,
        _ => frame.len() - len,
    }
}

/// Frames that are put in a row: all but the very long ones.
static SHORT: LazyLock<Vec<Vector>> =
    LazyLock::new(|| vectors::golden().into_iter().filter(|vector| vector.frame.len() <= 300).collect());

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

/// Feeds `bytes` to a reader over `cap` bytes, `cut()` bytes at a time and never more than there is
/// room for, and gives the texts of the packets. When no bytes are left, the reader must want more.
fn read_all(bytes: &[u8], cap: usize, mut cut: impl FnMut() -> usize) -> Vec<String> {
    let mut buf = vec![0xa5; cap];
    let mut reader = PacketReader::new(&mut buf);
    let (mut rest, mut texts) = (bytes, Vec::new());
    loop {
        match reader.next(&Decoder::DEFAULT).unwrap() {
            Event::Packet(packet) => texts.push(describe(&packet)),
            Event::NeedMore { at_least } => {
                let space = reader.space();
                assert!(at_least > 0 && space.len() >= at_least, "{at_least} of {}", space.len());
                if rest.is_empty() {
                    return texts;
                }
                let n = cut().clamp(1, rest.len().min(space.len()));
                space[..n].copy_from_slice(&rest[..n]);
                rest = &rest[n..];
                reader.commit(n).unwrap();
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_reader_fed_in_even_cuts_finds_the_same_packets() {
    let vectors = &*SHORT;
    let row: Vec<u8> = vectors.iter().flat_map(|vector| vector.frame.clone()).collect();
    let texts: Vec<_> = vectors.iter().map(|vector| vectors::written_out(&vector.text)).collect();
    // A buffer exactly as large as the largest frame, and larger ones.
    let largest = vectors.iter().map(|vector| vector.frame.len()).max().unwrap();
    for cap in [largest, largest + 1, 3 * largest, row.len()] {
        // Larger cuts leave the start of a frame near the buffer's end.
        for cut in [1, 2, 7, 64, usize::MAX] {
            assert_eq!(read_all(&row, cap, || cut), texts, "{cut} bytes at a time in {cap}");
        }
    }
}

#[test]
fn a_buffer_as_large_as_the_frame_is_enough() {
    for vector in vectors::golden() {
        let cap = vector.frame.len();
        let text = [vectors::written_out(&vector.text)];
        assert!(read_all(&vector.frame, cap, || usize::MAX) == text, "{}", vector.place);
        // Twice, so that the buffer is used again; in odd pieces.
        let twice = vector.frame.repeat(2);
        let texts = [text.clone(), text].concat();
        assert!(read_all(&twice, cap, || cap / 3 + 1) == texts, "{}", vector.place);
    }
}

/// Who receives only the bytes that are asked for never reads into the next frame, and needs at most
/// six calls: two bytes, three more of the remaining length, the rest.
#[test]
fn at_least_leads_to_the_frame_and_no_further() {
    for vector in vectors::golden() {
        let mut buf = vec![0; vector.frame.len()];
        let mut reader = PacketReader::new(&mut buf);
        let (mut fed, mut calls) = (0, 0);
        while let Event::NeedMore { at_least } = reader.next(&Decoder::DEFAULT).unwrap() {
            reader.space()[..at_least].copy_from_slice(&vector.frame[fed..fed + at_least]);
            reader.commit(at_least).unwrap();
            (fed, calls) = (fed + at_least, calls + 1);
            assert!(calls < 6, "{}", vector.place);
        }
        assert_eq!(fed, vector.frame.len(), "{}", vector.place);
    }
}

/// A reader over `buf` in which `bytes` have come.
fn reader_with<'b>(buf: &'b mut [u8], bytes: &[u8]) -> PacketReader<'b> {
    let mut reader = PacketReader::new(buf);
    feed(&mut reader, bytes);
    reader
}

fn feed(reader: &mut PacketReader<'_>, bytes: &[u8]) {
    reader.space()[..bytes.len()].copy_from_slice(bytes);
    reader.commit(bytes.len()).unwrap();
}

fn refused(reader: &mut PacketReader<'_>) -> (ErrorKind, usize) {
    let error = reader.next(&Decoder::DEFAULT).unwrap_err();
    (error.kind(), error.offset())
}

#[test]
fn a_frame_larger_than_the_buffer_is_too_large() {
    for vector in vectors::golden() {
        // From the header on; without room even for the header, from the first byte that fits.
        let len = vector.frame.len();
        for cap in [len - 1, len / 2, len.min(6) - 1] {
            let mut buf = vec![0; cap];
            let mut reader = PacketReader::new(&mut buf);
            let mut rest = &vector.frame[..];
            let error = loop {
                match reader.next(&Decoder::DEFAULT) {
                    Ok(Event::NeedMore { at_least }) => {
                        let (now, later) = rest.split_at(at_least);
                        feed(&mut reader, now);
                        rest = later;
                    }
                    Ok(other) => panic!("{}: {other:?}", vector.place),
                    Err(error) => break error,
                }
            };
            let found = (error.kind(), error.offset());
            assert_eq!(found, (ErrorKind::PacketTooLarge, 1), "{} in {cap}", vector.place);
        }
    }
    assert_eq!(refused(&mut PacketReader::new(&mut [])), (ErrorKind::PacketTooLarge, 1));
}

#[test]
fn an_error_stays() {
    let mut buf = [0; 16];
    let mut reader = reader_with(&mut buf, b"\xc0\x00\x40\x02\x00\x00\xc0\x00");
    assert_eq!(reader.next(&Decoder::DEFAULT), Ok(Event::Packet(Packet::PingReq)));
    for _ in 0..3 {
        assert_eq!(refused(&mut reader), (ErrorKind::PacketIdZero, 2));
        feed(&mut reader, b"\xd0\x00");
    }

    // Even for a decoder that would have taken the frame.
    let mut reader = reader_with(&mut buf, b"\xd0\x00");
    let error = reader.next(&Decoder::DEFAULT.role(Role::Server)).unwrap_err();
    assert_eq!(reader.next(&Decoder::DEFAULT), Err(error));

    let mut reader = reader_with(&mut buf, b"\x30\x0f");
    for _ in 0..3 {
        assert_eq!(refused(&mut reader), (ErrorKind::PacketTooLarge, 1));
        feed(&mut reader, b"\xc0");
    }
}

#[test]
fn skip_leaves_out_a_broken_frame() {
    let mut buf = [0; 16];
    let mut reader = reader_with(&mut buf, b"\x40\x02\x00\x00\xc0\x00");
    assert_eq!(refused(&mut reader), (ErrorKind::PacketIdZero, 2));
    assert_eq!(reader.skip(), Ok(()));
    assert_eq!(reader.next(&Decoder::DEFAULT), Ok(Event::Packet(Packet::PingReq)));
    assert_eq!(reader.next(&Decoder::DEFAULT), Ok(Event::NeedMore { at_least: 2 }));
}

#[test]
fn skip_leaves_out_a_large_frame_as_it_comes() {
    // 35 bytes for a buffer of 8; then a packet that fits.
    let large = [&b"\x30\x21\x00\x01t"[..], &[b'x'; 30]].concat();
    for cut in 1..=8 {
        let mut buf = [0; 8];
        let mut reader = PacketReader::new(&mut buf);
        let stream = [&large[..], b"\x40\x02\x00\x07"].concat();
        let (mut rest, mut skipped) = (&stream[..], false);
        let packet = loop {
            match reader.next(&Decoder::DEFAULT) {
                Ok(Event::Packet(Packet::PubAck(packet))) => break packet,
                Ok(Event::NeedMore { at_least }) => {
                    let fed = stream.len() - rest.len();
                    if skipped && fed < large.len() {
                        assert_eq!(at_least, large.len() - fed, "what the skipped frame lacks");
                    }
                    let n = cut.min(rest.len()).min(reader.space().len());
                    assert!(n > 0, "the reader wants more than there is");
                    let (now, later) = rest.split_at(n);
                    feed(&mut reader, now);
                    rest = later;
                }
                Err(error) if !skipped => {
                    assert_eq!((error.kind(), error.offset()), (ErrorKind::PacketTooLarge, 1));
                    assert_eq!(reader.skip(), Ok(()));
                    skipped = true;
                }
                other => panic!("{other:?}"),
            }
        };
        assert_eq!((packet.id.get(), skipped), (7, true), "{cut} bytes at a time");
    }
}

#[test]
fn skip_cannot_leave_out_what_has_no_sound_header() {
    let mut buf = [0; 16];
    for bytes in
        [&b"\xf0\x00\xc0\x00"[..], b"\xc1\x00\xc0\x00", b"\x36\x00", b"\x30\xff\xff\xff\xff", b"\xc0\x80\x00"]
    {
        let mut reader = reader_with(&mut buf, bytes);
        let error = reader.next(&Decoder::DEFAULT).unwrap_err();
        assert_eq!(reader.skip(), Err(error));
        assert_eq!(reader.next(&Decoder::DEFAULT), Err(error));
    }
}

#[test]
fn skip_without_a_refused_frame_does_nothing() {
    let mut buf = [0; 16];
    let mut reader = reader_with(&mut buf, b"\xc0\x00\x40\x02\x00");
    assert_eq!(reader.skip(), Ok(()));
    assert_eq!(reader.next(&Decoder::DEFAULT), Ok(Event::Packet(Packet::PingReq)));
    assert_eq!(reader.next(&Decoder::DEFAULT), Ok(Event::NeedMore { at_least: 1 }));
    assert_eq!(reader.skip(), Ok(()));
    feed(&mut reader, b"\x07");
    assert!(
        matches!(reader.next(&Decoder::DEFAULT), Ok(Event::Packet(Packet::PubAck(ack))) if ack.id.get() == 7)
    );
}

#[test]
fn more_than_the_space_cannot_be_committed() {
    let mut buf = [0; 8];
    let mut reader = reader_with(&mut buf, b"\x40\x02\x00");
    assert_eq!(reader.space().len(), 5);
    for n in [6, 8, usize::MAX] {
        assert_eq!(reader.commit(n), Err(CommitError { committed: n, room: 5 }));
    }
    // Nothing was taken, and the reader goes on.
    assert_eq!(reader.next(&Decoder::DEFAULT), Ok(Event::NeedMore { at_least: 1 }));
    assert_eq!(reader.commit(0), Ok(()));
    feed(&mut reader, b"\x07\xc0\x00\xd0\x00");
    assert!(reader.space().is_empty());
    assert_eq!(reader.commit(1), Err(CommitError { committed: 1, room: 0 }));
    assert!(
        matches!(reader.next(&Decoder::DEFAULT), Ok(Event::Packet(Packet::PubAck(ack))) if ack.id.get() == 7)
    );
    assert_eq!(reader.next(&Decoder::DEFAULT), Ok(Event::Packet(Packet::PingReq)));
    assert_eq!(reader.next(&Decoder::DEFAULT), Ok(Event::Packet(Packet::PingResp)));
}

#[test]
fn the_decoders_limit_holds_in_a_reader() {
    let mut buf = [0; 64];
    let mut reader = reader_with(&mut buf, b"\x30\x1f");
    let error = reader.next(&Decoder::DEFAULT.max_packet_len(32)).unwrap_err();
    assert_eq!((error.kind(), error.offset()), (ErrorKind::PacketTooLarge, 1));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_cutting_gives_the_same_packets(
        picks in prop::collection::vec(any::<prop::sample::Index>(), 1..20),
        cuts in prop::collection::vec(1usize..400, 1..20),
        spare in 0usize..200,
    ) {
        let picked: Vec<_> = picks.iter().map(|pick| pick.get(&SHORT)).collect();
        let row: Vec<u8> = picked.iter().flat_map(|vector| vector.frame.clone()).collect();
        let texts: Vec<_> = picked.iter().map(|vector| vectors::written_out(&vector.text)).collect();
        let largest = picked.iter().map(|vector| vector.frame.len()).max().unwrap();
        let mut cuts = cuts.iter().cycle();
        prop_assert_eq!(read_all(&row, largest + spare, || *cuts.next().unwrap()), texts);
    }
}
