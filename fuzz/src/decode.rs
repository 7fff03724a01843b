//! Any bytes into [`Decoder::decode`]: never a panic, never more than the frame, never a stall.

use mqtt_codec::frame::{self, Peek};
use mqtt_codec::v3::{Decoded, Decoder, Delivery, Packet, PatchError, Publish, decode};
use mqtt_codec::{DecodeError, PacketId};

use crate::input;

type Verdict<'a> = Result<Decoded<'a>, DecodeError>;

/// The longest continuation that is put behind an unfinished frame.
const MAX_APPENDED: usize = 1 << 16;

/// What is put behind an unfinished frame: each byte means something else to a remaining length,
/// and to the first field of a body.
const FILLERS: [u8; 4] = [0x00, 0x01, b'a', 0xff];

/// Panics when the decoder breaks a promise.
pub fn check(input: &[u8]) {
    let Some((choice, buf)) = input.split_first() else { return };
    let (decoder, _) = input::decoder(*choice);
    let verdict = decoder.decode(buf);
    check_that_only_the_frame_counts(&decoder, buf, &verdict);
    check_another_packet_id(buf);
    match verdict {
        Ok(Decoded::Packet { packet, len, tolerated }) => {
            let frame = &buf[..len];
            assert_eq!(expected_len(frame), ExpectedLen::Frame(len), "consumed other than the frame");
            assert!(tolerated.is_empty(), "{tolerated:?} without an option that tolerates");
            assert_eq!(packet.packet_type() as u8, frame[0] >> 4);
            check_the_prefixes(&decoder, frame);
        }
        Ok(Decoded::NeedMore { at_least }) => check_need_more(&decoder, buf, at_least),
        Err(error) => check_offset(&error, buf),
    }
}

/// What a frame's length is, read from its first bytes without the codec.
#[derive(Debug, PartialEq, Eq)]
enum ExpectedLen {
    /// The fixed header lacks this many bytes at least.
    HeaderLacks(usize),
    /// The whole frame has this many bytes.
    Frame(usize),
    /// No length has more than four bytes.
    Malformed,
}

fn expected_len(buf: &[u8]) -> ExpectedLen {
    let mut remaining_len = 0;
    for group in 0..4 {
        let Some(byte) = buf.get(1 + group) else {
            return ExpectedLen::HeaderLacks(if buf.is_empty() { 2 } else { 1 });
        };
        remaining_len += usize::from(byte & 0x7f) * 128_usize.pow(group as u32);
        if byte & 0x80 == 0 {
            return ExpectedLen::Frame(2 + group + remaining_len);
        }
    }
    ExpectedLen::Malformed
}

/// The same verdict in an allocation that ends where the frame does, and before other bytes.
fn check_that_only_the_frame_counts(decoder: &Decoder, buf: &[u8], verdict: &Verdict<'_>) {
    let end = match frame::peek(buf) {
        Ok(Peek::Header(header)) => buf.len().min(header.frame_len() as usize),
        _ => buf.len(),
    };
    let alone: Box<[u8]> = buf[..end].into();
    assert_eq!(decoder.decode(&alone), *verdict, "the verdict depends on what follows the frame");
    if end < buf.len() {
        let inverted: Vec<u8> = alone.iter().copied().chain(buf[end..].iter().map(|byte| !byte)).collect();
        assert_eq!(decoder.decode(&inverted), *verdict, "the verdict depends on what follows the frame");
    }
}

/// A stored PUBLISH gets another identifier and is otherwise what it was; what cannot have one is not changed.
fn check_another_packet_id(buf: &[u8]) {
    let mut stored: Box<[u8]> = buf.into();
    let id = PacketId::new(0xfedc).unwrap();
    let verdict = Publish::set_packet_id(&mut stored, id);
    if verdict.is_err() {
        assert_eq!(*stored, *buf, "changed in spite of {verdict:?}");
    }
    if let Ok(Decoded::Packet { packet: Packet::Publish(mut publish), len, .. }) = decode(buf) {
        match &mut publish.delivery {
            Delivery::AtMostOnce => return assert_eq!(verdict, Err(PatchError::QosZero)),
            Delivery::AtLeastOnce { id: to, .. } | Delivery::ExactlyOnce { id: to, .. } => *to = id,
        }
        assert_eq!(verdict, Ok(()));
        assert_eq!(stored[len..], buf[len..], "changed behind the frame");
        let is_same =
            matches!(decode(&stored), Ok(Decoded::Packet { packet, .. }) if packet == publish.into());
        assert!(is_same, "{stored:02x?}");
    }
}

/// Every cut through the fixed header, and the frame without its last byte, is need-more.
fn check_the_prefixes(decoder: &Decoder, frame: &[u8]) {
    let cuts = (0..frame.len().min(6)).chain([frame.len() - 1]);
    for prefix in cuts.map(|cut| &frame[..cut]) {
        let missing = match expected_len(prefix) {
            ExpectedLen::HeaderLacks(bytes) => bytes,
            _ => frame.len() - prefix.len(),
        };
        assert_eq!(decoder.decode(prefix), Ok(Decoded::NeedMore { at_least: missing }), "{prefix:02x?}");
    }
}

/// The number is the right one, fewer bytes leave need-more (or show an error), and with that many
/// the decoder has come further, whatever the bytes are.
fn check_need_more(decoder: &Decoder, buf: &[u8], at_least: usize) {
    let frame_is_known = match expected_len(buf) {
        ExpectedLen::HeaderLacks(bytes) => {
            assert_eq!(at_least, bytes);
            false
        }
        ExpectedLen::Frame(len) => {
            assert_eq!(at_least, len - buf.len());
            true
        }
        ExpectedLen::Malformed => panic!("need-more after a malformed remaining length"),
    };
    for filler in FILLERS {
        let appended = at_least.min(MAX_APPENDED);
        let mut more = buf.to_vec();
        more.resize(buf.len() + appended, filler);
        let more = more.into_boxed_slice();

        let fewer = decoder.decode(&more[..more.len() - 1]);
        if frame_is_known {
            assert_eq!(fewer, Ok(Decoded::NeedMore { at_least: at_least - appended + 1 }));
        } else {
            assert!(!matches!(fewer, Ok(Decoded::Packet { .. })), "a packet before it was complete");
        }

        match decoder.decode(&more) {
            Ok(Decoded::NeedMore { at_least: left }) if frame_is_known => {
                assert!(left > 0 && left == at_least - appended, "no progress after the bytes asked for");
            }
            Ok(Decoded::NeedMore { at_least: left }) => match expected_len(&more) {
                ExpectedLen::HeaderLacks(bytes) => assert_eq!(left, bytes),
                longer => assert_eq!(longer, ExpectedLen::Frame(more.len() + left)),
            },
            Ok(Decoded::Packet { len, .. }) => assert_eq!(len, more.len()),
            Err(error) => check_offset(&error, &more),
        }
    }
}

/// An error points into the frame, or at the byte that would follow it.
fn check_offset(error: &DecodeError, buf: &[u8]) {
    let end = match expected_len(buf) {
        ExpectedLen::Frame(len) => len,
        _ => buf.len(),
    };
    assert!(error.offset() <= end, "{error:?} points behind a frame of {end} bytes");
}
