//! The reader over a lent buffer: whatever the cutting of its input, the same events come out, and they
//! are those that the frames' lengths and the buffer's call for.

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
use common::vectors::{self, Vector, from_hex};
use mqtt_codec::v3::stream::{
    Begin, CommitError, Event, PacketReader, State, Step, Window, begin_in, begin_publish, need_more,
    refuse_too_large,
};
use mqtt_codec::v3::{Decoder, Delivery, Packet, Publish, PublishHeader, Role, Tolerated};
use mqtt_codec::{ErrorKind, PacketId, PacketType, TopicName};
use proptest::prelude::*;

/// Frames that are put in a row: all but the very long ones.
static SHORT: LazyLock<Vec<Vector>> =
    LazyLock::new(|| vectors::golden().into_iter().filter(|vector| vector.frame.len() <= 300).collect());

/// What a reader has given, with the pieces of a payload joined.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    Packet(String),
    /// A PUBLISH in pieces, all of them.
    Pieces(String),
    /// Refused, and left out.
    Skipped(ErrorKind, usize),
    /// Refused, and nobody knows where the next frame starts.
    Lost(ErrorKind, usize),
}

/// What is under way when the bytes end.
#[derive(Clone, Debug, PartialEq, Eq)]
enum End {
    WantsMore,
    /// Inside a payload: what has come of it.
    InPayload(Vec<u8>),
    Lost,
}

/// A PUBLISH in pieces: topic, delivery, retain, its payload so far, and what is left of it.
type UnderWay = (Vec<u8>, Delivery, bool, Vec<u8>, u32);

/// Feeds `bytes` to a reader over `cap` bytes, `cut()` bytes at a time and never more than there is room
/// for.
fn read(decoder: &Decoder, bytes: &[u8], cap: usize, mut cut: impl FnMut() -> usize) -> (Vec<Seen>, End) {
    let mut buf = vec![0xa5; cap];
    let mut reader = PacketReader::new(&mut buf);
    let (mut rest, mut seen) = (bytes, Vec::new());
    let mut under_way: Option<UnderWay> = None;
    loop {
        let next = reader.next(decoder);
        if let Ok(Event::Payload { .. } | Event::NeedMore { .. }) | Err(_) = &next {
        } else {
            assert!(under_way.is_none(), "something else inside a payload");
        }
        match next {
            Ok(Event::Packet(packet)) => seen.push(Seen::Packet(describe(&packet))),
            Ok(Event::PublishStart { header, payload_len }) => {
                let PublishHeader { topic, delivery, retain } = header;
                assert!(payload_len > 0);
                under_way = Some((topic.as_bytes().to_vec(), delivery, retain, Vec::new(), payload_len));
            }
            Ok(Event::Payload { chunk, left }) => {
                let (topic, delivery, retain, payload, due) = under_way.as_mut().expect("no payload");
                assert!(!chunk.is_empty());
                payload.extend(chunk);
                *due -= chunk.len() as u32;
                assert_eq!(left, *due);
                if left == 0 {
                    let topic = TopicName::from_bytes(topic).unwrap();
                    let publish = Publish { topic, delivery: *delivery, retain: *retain, payload };
                    seen.push(Seen::Pieces(describe(&publish.into())));
                    under_way = None;
                }
            }
            Ok(Event::NeedMore { at_least }) => {
                assert_eq!(reader.next(decoder), Ok(Event::NeedMore { at_least }), "asked again");
                let space = reader.space();
                assert!(at_least > 0 && space.len() >= at_least, "{at_least} of {}", space.len());
                if rest.is_empty() {
                    let end = under_way.map_or(End::WantsMore, |(.., payload, _)| End::InPayload(payload));
                    return (seen, end);
                }
                let n = cut().clamp(1, rest.len().min(space.len()));
                space[..n].copy_from_slice(&rest[..n]);
                rest = &rest[n..];
                reader.commit(n).unwrap();
            }
            Ok(other) => panic!("{other:?}"),
            Err(error) => {
                assert_eq!(reader.next(decoder), Err(error), "it stays");
                let (kind, at) = (error.kind(), error.offset());
                let len = reader.refused_len();
                if reader.skip().is_err() {
                    assert_eq!(len, None);
                    seen.push(Seen::Lost(kind, at));
                    return (seen, End::Lost);
                }
                assert!(len.is_some());
                seen.push(Seen::Skipped(kind, at));
            }
        }
    }
}

/// The texts of the packets in `bytes`, all of which fit the buffer.
fn read_all(bytes: &[u8], cap: usize, cut: impl FnMut() -> usize) -> Vec<String> {
    let (seen, end) = read(&Decoder::DEFAULT, bytes, cap, cut);
    assert_eq!(end, End::WantsMore);
    seen.into_iter()
        .map(|seen| match seen {
            Seen::Packet(text) => text,
            other => panic!("{other:?}"),
        })
        .collect()
}

/// Whatever is said of [`SHORT`] is said of every packet type.
#[test]
fn every_packet_type_is_put_in_a_row() {
    for number in 1..=14 {
        let packet_type = PacketType::from_number(number).unwrap();
        assert!(SHORT.iter().any(|vector| vector.frame[0] >> 4 == number), "{packet_type:?}");
    }
}

/// What must come of a legal frame in a buffer of `cap` bytes, counted by the rule and not by the codec.
fn due(vector: &Vector, cap: usize) -> Seen {
    let (frame, text) = (&vector.frame, vectors::written_out(&vector.text));
    if frame.len() <= cap {
        return Seen::Packet(text);
    }
    let too_large = Seen::Skipped(ErrorKind::PacketTooLarge, 1);
    if frame[0] >> 4 != 3 {
        return too_large;
    }
    let header_len = 2 + frame[1..].iter().take_while(|byte| **byte & 0x80 != 0).count();
    let topic_len = usize::from(frame[header_len]) << 8 | usize::from(frame[header_len + 1]);
    let id_len = if frame[0] & 6 == 0 { 0 } else { 2 };
    if header_len + 2 + topic_len + id_len <= cap { Seen::Pieces(text) } else { too_large }
}

#[test]
fn what_does_not_fit_comes_in_pieces_or_is_too_large() {
    let vectors = &*SHORT;
    let row: Vec<u8> = vectors.iter().flat_map(|vector| vector.frame.clone()).collect();
    // Miri takes a minute for each of these.
    let caps: &[usize] =
        if cfg!(miri) { &[7, 130] } else { &[5, 6, 7, 8, 9, 12, 16, 31, 64, 127, 128, 129, 130, 131, 200] };
    let cuts: &[usize] = if cfg!(miri) { &[7] } else { &[1, 2, 3, 7, 64, usize::MAX] };
    for cap in caps.iter().copied() {
        let due: Vec<_> = vectors.iter().map(|vector| due(vector, cap)).collect();
        for cut in cuts.iter().copied() {
            let (seen, end) = read(&Decoder::DEFAULT, &row, cap, || cut);
            assert!(seen == due && end == End::WantsMore, "{cut} bytes at a time in {cap}: {end:?}");
        }
    }
}

/// The very long ones, up to 256 MiB, each alone.
#[test]
#[cfg_attr(miri, ignore = "Miri is given no long vectors")]
fn long_messages_in_a_small_buffer() {
    let long: Vec<_> = vectors::golden().into_iter().filter(|vector| vector.frame.len() > 300).collect();
    let mut in_pieces = 0;
    for vector in &long {
        for cap in [256, 1460] {
            let due = due(vector, cap);
            in_pieces += usize::from(matches!(due, Seen::Pieces(_)));
            for cut in [100, usize::MAX] {
                let (seen, end) = read(&Decoder::DEFAULT, &vector.frame, cap, || cut);
                assert!(seen == [due.clone()] && end == End::WantsMore, "{} in {cap}", vector.place);
            }
        }
    }
    assert!(in_pieces >= 4, "{in_pieces}");
}

#[test]
fn without_room_for_a_fixed_header_everything_is_too_large() {
    for vector in SHORT.iter().filter(|vector| vector.frame.len() > 2) {
        let mut buf = [0; 1];
        let mut reader = reader_with(&mut buf, &vector.frame[..1]);
        assert_eq!(refused(&mut reader), (ErrorKind::PacketTooLarge, 1));
        assert_eq!(reader.refused_len(), None);
        assert!(reader.skip().is_err());
    }
    assert_eq!(refused(&mut PacketReader::new(&mut [])), (ErrorKind::PacketTooLarge, 1));
}

/// The header of a PUBLISH in pieces is judged as that of a whole one.
#[test]
fn the_start_of_a_publish_keeps_the_rules() {
    let decoder = Decoder::DEFAULT;
    for (start, kind, at) in [
        ("30200003612f2b", ErrorKind::TopicWildcard, 6),
        ("302000036100ff", ErrorKind::NulInString, 5),
        ("30200003ff0000", ErrorKind::Utf8, 4),
        ("30200000", ErrorKind::TopicEmpty, 2),
        ("3220000174 0000", ErrorKind::PacketIdZero, 5),
        ("36200001", ErrorKind::QosReserved, 0),
        ("38200001", ErrorKind::DupWithoutQos, 0),
        ("30200010", ErrorKind::PacketTooLarge, 1),
        ("3020ffff", ErrorKind::Truncated, 2), // it would run over the frame's end
        ("3020001f", ErrorKind::Truncated, 2),
        ("3020001e", ErrorKind::PacketTooLarge, 1),
        ("32200009", ErrorKind::PacketTooLarge, 1),
        ("30a000", ErrorKind::RemainingLengthPadded, 1),
    ] {
        let start = from_hex(&start.replace(' ', ""));
        let mut buf = [0; 14];
        let mut reader = reader_with(&mut buf, &start);
        assert_eq!(refused(&mut reader), (kind, at), "{start:02x?}");
        let can_be_left_out = at >= 2 || kind == ErrorKind::PacketTooLarge;
        assert_eq!(reader.refused_len(), can_be_left_out.then_some(34), "{start:02x?}");
        assert_eq!(reader.skip().is_ok(), can_be_left_out);
    }
    // 14 bytes hold a header, a topic of 8 bytes and a packet identifier; of QoS 0 one of 10.
    for (start, at_least) in [("30", 1), ("3020", 2), ("302000", 1), ("30200009", 9), ("3220000874", 9)] {
        let mut buf = [0; 14];
        let mut reader = reader_with(&mut buf, &from_hex(start));
        assert_eq!(reader.next(&decoder), Ok(Event::NeedMore { at_least }), "{start}");
    }
    let mut buf = [0; 14];
    let mut reader = reader_with(&mut buf, b"\x3b\x20\x00\x01t\x12\x34");
    let header = PublishHeader {
        topic: TopicName::new("t").unwrap(),
        delivery: Delivery::AtLeastOnce { id: PacketId::new(0x1234).unwrap(), dup: true },
        retain: true,
    };
    assert_eq!(reader.next(&decoder), Ok(Event::PublishStart { header, payload_len: 27 }));
    assert_eq!(reader.next(&decoder), Ok(Event::NeedMore { at_least: 14 }), "as many as fit");
    assert_eq!(reader.refused_frame(), None);
    feed(&mut reader, b"abc");
    assert_eq!(reader.next(&decoder), Ok(Event::Payload { chunk: b"abc", left: 24 }));
}

/// Who keeps a buffer of their own may ask for the start of any frame.
#[test]
fn what_is_no_start_of_a_publish() {
    let decoder = Decoder::DEFAULT.role(Role::Client);
    for (start, kind, at) in [
        (&b"\xf0\x20"[..], ErrorKind::PacketTypeReserved, 0),
        (b"\x36\x20", ErrorKind::QosReserved, 0),
        (b"\xe0\x00", ErrorKind::WrongDirection, 0),
        (b"\x30\xff\xff\xff\xff", ErrorKind::RemainingLength, 1),
        (b"\x90\x20\x00\x01", ErrorKind::PacketTooLarge, 1),
        (b"\x30\xff", ErrorKind::PacketTooLarge, 1),
    ] {
        let error = begin_publish(&decoder, start, start.len()).unwrap_err();
        assert_eq!((error.kind(), error.offset()), (kind, at), "{start:02x?}");
    }
}

/// A reader of somebody else's: it waits for what its buffer holds, and takes a longer PUBLISH in pieces, or
/// not at all.
#[test]
fn a_frame_that_lacks_bytes_is_waited_for_if_the_buffer_holds_it() {
    let decoder = Decoder::DEFAULT;
    let bytes = b"\x30\x0e\x00\x01t";
    let fresh = Window { end: bytes.len(), ..Window::EMPTY };
    for (cap, fits) in [(16, true), (15, false)] {
        for pieces in [false, true] {
            let mut window = fresh;
            let begun = need_more(&mut window, 11, cap, |window| {
                if pieces { begin_in(window, &decoder, bytes, cap) } else { refuse_too_large(window) }
            });
            let step = window.step(cap);
            match (fits, pieces) {
                (true, _) => {
                    assert_eq!(begun, Ok(Begin::NeedMore { at_least: 11 }));
                    assert_eq!(step, Step::NeedMore { at_least: 11 });
                }
                (false, true) => {
                    assert!(matches!(begun, Ok(Begin::Publish { header_len: 5, payload_len: 11, .. })));
                    assert_eq!(step, Step::NeedMore { at_least: 11 });
                    assert_eq!((window.start, window.state), (5, State::Payload { left: 11 }));
                }
                (false, false) => {
                    let error = begun.unwrap_err();
                    assert_eq!((error.kind(), error.offset()), (ErrorKind::PacketTooLarge, 1));
                    assert_eq!(step, Step::Refused(error));
                    assert_eq!(window.refused_len(bytes), Some(16));
                }
            }
        }
    }
}

/// The bytes behind a frame are not its own: who has a whole frame is told what decoding it tells.
#[test]
fn the_start_of_a_publish_ends_with_its_frame() {
    for (bytes, frame_len) in [
        (&b"\x30\x02\x00\x05hello\xd0\x00"[..], 4),
        (b"\x32\x03\x00\x01t\x00\x07", 5),
        (b"\x32\x04\x00\x01t\x00\x07", 6),
        (b"\x32\x05\x00\x01t\x00\x00", 7),
        (b"\x30\x03\x00\x01+\x00\x07", 5),
    ] {
        let begun = begin_publish(&Decoder::DEFAULT, bytes, 256);
        assert_eq!(begun, Err(Decoder::DEFAULT.decode(&bytes[..frame_len]).unwrap_err()), "{bytes:02x?}");
    }
    let Ok(Begin::Publish { header_len, payload_len, .. }) =
        begin_publish(&Decoder::DEFAULT, b"\x32\x05\x00\x01t\x00\x07\xd0\x00", 256)
    else {
        panic!("it is whole")
    };
    assert_eq!((header_len, payload_len), (7, 0));
}

/// What the options let through is told for a PUBLISH in pieces too.
#[test]
fn tolerated_in_the_start_of_a_publish() {
    let decoder = Decoder::DEFAULT.allow_dup_without_qos(true).allow_padded_remaining_length(true);
    let mut buf = [0; 10];
    let mut reader = reader_with(&mut buf, b"\xc0\x00\x38\xa0\x00\x00\x01t");
    assert_eq!(reader.next(&decoder), Ok(Event::Packet(Packet::PingReq)));
    assert!(reader.tolerated().is_empty());
    assert!(matches!(reader.next(&decoder), Ok(Event::PublishStart { .. })));
    assert!(reader.tolerated().contains(Tolerated::DUP_WITHOUT_QOS));
    assert!(reader.tolerated().contains(Tolerated::PADDED_REMAINING_LENGTH));
    let mut reader = reader_with(&mut buf, b"\x38\x03\x00\x01t");
    assert!(matches!(reader.next(&decoder), Ok(Event::Packet(_))));
    assert_eq!(reader.tolerated(), Tolerated::DUP_WITHOUT_QOS);
}

/// Section 4.8: who does not want a message leaves it out, in the middle too.
#[test]
fn the_rest_of_a_payload_can_be_left_out() {
    for skip_after in 0..3 {
        let mut buf = [0; 8];
        let mut reader = PacketReader::new(&mut buf);
        let stream = [&b"\x30\x21\x00\x01t"[..], &[b'x'; 30], b"\x40\x02\x00\x07"].concat();
        let (mut rest, mut events) = (&stream[..], 0);
        loop {
            match reader.next(&Decoder::DEFAULT).unwrap() {
                Event::PublishStart { .. } | Event::Payload { .. } => {
                    if events == skip_after {
                        reader.skip().unwrap();
                    }
                    events += 1;
                }
                Event::Packet(Packet::PubAck(ack)) => break assert_eq!(ack.id.get(), 7),
                Event::NeedMore { .. } => {
                    let n = 3.min(rest.len()).min(reader.space().len());
                    assert!(n > 0);
                    let (now, later) = rest.split_at(n);
                    feed(&mut reader, now);
                    rest = later;
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(events, skip_after + 1, "nothing more of that payload");
    }
}

#[test]
fn a_reader_fed_in_even_cuts_finds_the_same_packets() {
    let vectors = &*SHORT;
    let row: Vec<u8> = vectors.iter().flat_map(|vector| vector.frame.clone()).collect();
    let texts: Vec<_> = vectors.iter().map(|vector| vectors::written_out(&vector.text)).collect();
    // A buffer exactly as large as the largest frame, and larger ones.
    let largest = vectors.iter().map(|vector| vector.frame.len()).max().unwrap();
    let caps = [largest, largest + 1, 3 * largest, row.len()];
    // Larger cuts leave the start of a frame near the buffer's end. Miri takes 20 seconds for each.
    let cuts: &[usize] = if cfg!(miri) { &[7] } else { &[1, 2, 7, 64, usize::MAX] };
    for cap in caps {
        for cut in cuts.iter().copied() {
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

/// Bytes that were seen are not looked at again before the frame is whole: a decoder that would refuse any
/// header at all is not asked. That of a PUBLISH in pieces is looked at once more, for its topic's length.
#[test]
fn nothing_is_looked_at_twice_while_bytes_are_missing() {
    let refuses_all = Decoder::DEFAULT.max_packet_len(0);
    let mut not_looked_at = 0;
    for (vector, cap) in SHORT.iter().flat_map(|vector| [(vector, 300), (vector, 64)]) {
        let frame = &vector.frame;
        let mut buf = [0; 300];
        let mut reader = PacketReader::new(&mut buf[..cap]);
        let (mut fed, mut looks) = (0, 0);
        // At its end, or where a payload or a refusal begins.
        while let Ok(Event::NeedMore { at_least }) = reader.next(&Decoder::DEFAULT) {
            looks += 1;
            let due = fed + at_least;
            for at in fed..due {
                feed(&mut reader, &frame[at..=at]);
                let missing = due - at - 1;
                // The first two bytes are looked at one by one: each can be a mistake by itself.
                if missing > 0 && at > 0 {
                    let event = reader.next(&refuses_all);
                    assert_eq!(event, Ok(Event::NeedMore { at_least: missing }), "{}", vector.place);
                    not_looked_at += 1;
                }
            }
            fed = due;
        }
        assert!(looks <= 6, "{}: {looks}", vector.place);
        assert!(fed == frame.len() || frame.len() > cap, "{}", vector.place);
    }
    assert!(not_looked_at > 1000, "{not_looked_at}");
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

    let mut reader = reader_with(&mut buf, b"\x90\x0f");
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
    // A SUBACK of 35 bytes for a buffer of 8; then a packet that fits.
    let large = [&b"\x90\x21\x00\x01"[..], &[0; 31]].concat();
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
                        assert_eq!(at_least, (large.len() - fed).min(8), "what the skipped frame lacks");
                    }
                    let n = cut.min(rest.len()).min(reader.space().len());
                    assert!(n > 0, "the reader wants more than there is");
                    let (now, later) = rest.split_at(n);
                    feed(&mut reader, now);
                    rest = later;
                }
                Err(error) if !skipped => {
                    assert_eq!((error.kind(), error.offset()), (ErrorKind::PacketTooLarge, 1));
                    assert_eq!(reader.refused_len(), Some(35));
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

/// Bytes are moved only when the frame that they begin would run over the end of the buffer.
#[test]
fn nothing_is_moved_without_need() {
    for (cap, room) in [(16, 11), (6, 1), (5, 2)] {
        let mut buf = vec![0; cap];
        let mut reader = reader_with(&mut buf, b"\xc0\x00\x40\x02\x00");
        assert_eq!(reader.space().len(), cap - 5);
        assert_eq!(reader.next(&Decoder::DEFAULT), Ok(Event::Packet(Packet::PingReq)));
        assert_eq!(reader.next(&Decoder::DEFAULT), Ok(Event::NeedMore { at_least: 1 }));
        assert_eq!(reader.space().len(), room, "in {cap}");
        feed(&mut reader, b"\x07");
        assert!(matches!(reader.next(&Decoder::DEFAULT), Ok(Event::Packet(Packet::PubAck(_)))));
        assert_eq!(reader.space().len(), cap, "all of it, when nothing waits");
    }
}

/// Numbers that were out of Rust's hands.
#[test]
fn a_window_that_cannot_be() {
    let window = |start, end| Window { start, end, ..Window::EMPTY };
    for (start, end, cap, is_sound) in
        [(0, 0, 0, true), (2, 3, 3, true), (3, 3, 3, true), (3, 2, 3, false), (0, 4, 3, false)]
    {
        assert_eq!(window(start, end).is_sound(cap), is_sound, "{start}..{end} of {cap}");
    }
    let mut buf = [0; 4];
    assert_eq!(window(3, 9).unread(&buf), b"");
    assert!(window(3, 9).space(&mut buf).is_empty());
    assert_eq!(window(3, 9).commit(1, 4), Err(CommitError { committed: 1, room: 0 }));

    let mut buf = *b"abcd";
    let mut window = Window { start: 2, end: 9, state: State::Frame { missing: 4 } };
    assert_eq!(window.space(&mut buf), b"");
    assert_eq!((&buf, window.start, window.end), (b"abcd", 2, 9));
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
    let decoder = Decoder::DEFAULT.max_packet_len(32);
    let error = reader.next(&decoder).unwrap_err();
    assert_eq!((error.kind(), error.offset()), (ErrorKind::PacketTooLarge, 1));

    // A PUBLISH that would come in pieces too, whether its topic is there or not.
    for start in [&b"\x30\x1f"[..], b"\x30\x1f\x00\x01t"] {
        let mut buf = [0; 16];
        let mut reader = reader_with(&mut buf, start);
        let error = reader.next(&decoder).unwrap_err();
        assert_eq!((error.kind(), error.offset()), (ErrorKind::PacketTooLarge, 1));
        assert_eq!((reader.refused_len(), reader.skip()), (Some(33), Ok(())));
    }
    let mut buf = [0; 16];
    let mut reader = reader_with(&mut buf, b"\x30\x1e\x00\x01t");
    assert!(matches!(reader.next(&decoder), Ok(Event::PublishStart { payload_len: 27, .. })));
}

/// A legal frame of any type, one with a byte changed, or just bytes.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let golden = any::<prop::sample::Index>().prop_map(|pick| pick.get(&SHORT).frame.clone());
    let changed = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()).prop_map(
        |(pick, at, byte)| {
            let mut frame = pick.get(&SHORT).frame.clone();
            let at = at.index(frame.len());
            frame[at] = byte;
            frame
        },
    );
    prop_oneof![4 => golden, 2 => changed, 1 => prop::collection::vec(any::<u8>(), 0..8)]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Every packet type, broken ones too, in a buffer of any size, cut anywhere and byte by byte.
    #[test]
    fn any_cutting_gives_the_same_events(
        pieces in prop::collection::vec(piece(), 1..12),
        cuts in prop::collection::vec(1usize..100, 1..12),
        cap in 2usize..160,
    ) {
        let row = pieces.concat();
        let mut cuts = cuts.iter().cycle();
        for decoder in [Decoder::DEFAULT, Decoder::DEFAULT.max_packet_len(100).role(Role::Client)] {
            let whole = read(&decoder, &row, cap, || usize::MAX);
            prop_assert_eq!(&read(&decoder, &row, cap, || 1), &whole);
            prop_assert_eq!(&read(&decoder, &row, cap, || *cuts.next().unwrap()), &whole);
        }
    }

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
