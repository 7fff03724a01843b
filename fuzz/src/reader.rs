//! Any bytes through a `PacketReader`, cut anywhere: the same packets, pieces and errors as out of the whole,
//! which is read here with nothing but `Decoder::decode` and `Decoder::peek`.

use mqtt_codec::frame::{self, Peek};
use mqtt_codec::v3::stream::{Event, PacketReader};
use mqtt_codec::v3::{Decoded, Decoder, Publish, PublishHeader};
use mqtt_codec::{DecodeError, ErrorKind};

use crate::encoding::frame_of;
use crate::input;

/// The smallest buffer of an input: it holds any fixed header.
const MIN_CAP: usize = 5;

/// What comes out of a stream, however it is cut.
#[derive(Debug, PartialEq, Eq)]
enum Item {
    /// A packet, by its frame in canonical form.
    Packet(Vec<u8>),
    /// A PUBLISH that is longer than the buffer: the frame it would have with an empty payload, the length
    /// of its payload, and what of that came.
    Long { header: Vec<u8>, payload_len: u32, payload: Vec<u8> },
    /// A refusal, with the frame's length where it is known; the frame is then left out.
    Refused { error: DecodeError, frame_len: Option<u32> },
}

/// Panics when the cutting shows. The input: a byte that chooses the decoder, one for the buffer's size, four
/// for the sizes of the pieces, and the stream.
pub fn check(input: &[u8]) {
    let Some(([choice, cap, cuts @ ..], stream)) = input.split_first_chunk::<6>() else { return };
    let (decoder, _) = input::decoder(*choice);
    let cap = MIN_CAP + usize::from(*cap);
    let whole = read_whole(&decoder, stream, cap);
    let cuts = cuts.map(|cut| usize::from(cut) + 1);
    for cuts in [&cuts[..], &[1], &[usize::MAX]] {
        let (items, lacks) = read_pieces(&decoder, stream, cap, cuts);
        assert_eq!(items, whole.0, "{cap} bytes of buffer, cut at {cuts:?}");
        if whole.1.is_some() {
            assert_eq!(lacks, whole.1, "{cap} bytes of buffer, cut at {cuts:?}");
        }
    }
}

/// What the items are, and the bytes that the unfinished frame at the end lacks, if it is one that fits the
/// buffer.
type Read = (Vec<Item>, Option<usize>);

fn read_whole(decoder: &Decoder, stream: &[u8], cap: usize) -> Read {
    let mut items = Vec::new();
    let mut rest = stream;
    loop {
        let found = match decoder.peek(rest) {
            Ok(Peek::NeedMore { at_least }) => return (items, Some(at_least)),
            Ok(Peek::Header(header)) if header.frame_len() as usize <= cap => match short(decoder, rest) {
                Ok(None) => return (items, Some(header.frame_len() as usize - rest.len())),
                found => found,
            },
            Ok(Peek::Header(header)) => long(decoder, rest, header.frame_len(), cap),
            Err(error) => Err(error),
        };
        let end = match found {
            Ok(Some(item)) => {
                items.push(item);
                frame_len(rest)
            }
            Ok(None) => return (items, None),
            Err(error) => {
                let end = frame_len(rest).filter(|_| is_behind_the_header(error, rest));
                items.push(Item::Refused { error, frame_len: end });
                end
            }
        };
        match end.and_then(|end| rest.get(end as usize..)) {
            Some(next) => rest = next,
            None => return (items, None),
        }
    }
}

/// The length that a frame declares.
fn frame_len(rest: &[u8]) -> Option<u32> {
    match frame::peek(rest) {
        Ok(Peek::Header(header)) => Some(header.frame_len()),
        _ => None,
    }
}

/// Whether a mistake leaves no doubt about where the frame ends.
fn is_behind_the_header(error: DecodeError, rest: &[u8]) -> bool {
    error.kind() == ErrorKind::PacketTooLarge || error.offset() >= header_len(rest)
}

/// The first byte and the remaining length.
fn header_len(rest: &[u8]) -> usize {
    2 + rest[1..].iter().take_while(|byte| **byte & 0x80 != 0).count()
}

/// A frame that fits the buffer; `None` while it is not complete.
fn short(decoder: &Decoder, rest: &[u8]) -> Result<Option<Item>, DecodeError> {
    Ok(match decoder.decode(rest)? {
        Decoded::Packet { packet, .. } => Some(Item::Packet(frame_of(&packet))),
        Decoded::NeedMore { .. } => None,
    })
}

/// A frame that does not fit the buffer; `None` while what comes before the payload is not complete.
fn long(decoder: &Decoder, rest: &[u8], frame_len: u32, cap: usize) -> Result<Option<Item>, DecodeError> {
    let too_large = DecodeError::new(ErrorKind::PacketTooLarge, 1);
    let header_len = header_len(rest);
    let (first, body) = (rest[0], &rest[header_len..]);
    if first >> 4 != 3 || header_len + 2 > cap {
        return Err(too_large);
    }
    let Some((prefix, _)) = body.split_first_chunk() else { return Ok(None) };
    let topic_len = usize::from(u16::from_be_bytes(*prefix));
    if header_len + 2 + topic_len > frame_len as usize {
        return Err(DecodeError::new(ErrorKind::Truncated, header_len));
    }
    let id_len = if first & 0b0110 == 0 { 0 } else { 2 };
    let front_len = 2 + topic_len + id_len;
    if header_len + front_len > cap {
        return Err(too_large);
    }
    let Some(front) = body.get(..front_len) else { return Ok(None) };
    // The same PUBLISH without its payload, for the decoder: `front` is under 260 bytes.
    let mut frame = vec![first];
    match u8::try_from(front_len) {
        Ok(len @ ..0x80) => frame.push(len),
        _ => frame.extend([(front_len & 0x7f) as u8 | 0x80, (front_len >> 7) as u8]),
    }
    let shift = header_len - frame.len();
    frame.extend(front);
    let publish = Publish::decode(decoder, &frame)
        .map_err(|error| DecodeError::new(error.kind(), error.offset() + shift))?;
    let payload_len = frame_len - (header_len + front_len) as u32;
    let came = &body[front_len..body.len().min(frame_len as usize - header_len)];
    Ok(Some(Item::Long { header: frame_of(&publish.into()), payload_len, payload: came.to_vec() }))
}

fn read_pieces(decoder: &Decoder, stream: &[u8], cap: usize, cuts: &[usize]) -> Read {
    let mut buf = vec![0xa5; cap].into_boxed_slice();
    let mut reader = PacketReader::new(&mut buf);
    let mut cuts = cuts.iter().cycle();
    let mut rest = stream;
    let mut items: Vec<Item> = Vec::new();
    loop {
        match reader.next(decoder) {
            Ok(Event::Packet(packet)) => items.push(Item::Packet(frame_of(&packet))),
            Ok(Event::PublishStart { header, payload_len }) => {
                let PublishHeader { topic, delivery, retain } = header;
                let header = frame_of(&Publish { topic, delivery, retain, payload: &[] }.into());
                items.push(Item::Long { header, payload_len, payload: Vec::new() });
            }
            Ok(Event::Payload { chunk, left }) => {
                let Some(Item::Long { payload_len, payload, .. }) = items.last_mut() else {
                    panic!("a payload without a start");
                };
                payload.extend(chunk);
                assert!(!chunk.is_empty(), "an empty piece of a payload");
                assert_eq!(payload.len() + left as usize, *payload_len as usize);
            }
            Ok(Event::NeedMore { at_least }) => {
                let space = reader.space();
                assert!(
                    (1..=space.len()).contains(&at_least),
                    "{at_least} for {} bytes of room",
                    space.len()
                );
                if rest.is_empty() {
                    return (items, Some(at_least));
                }
                let n = (*cuts.next().unwrap()).min(rest.len()).min(space.len());
                let (piece, later) = rest.split_at(n);
                space[..n].copy_from_slice(piece);
                reader.commit(n).unwrap();
                rest = later;
            }
            Ok(other) => panic!("{other:?} is not known here"),
            Err(error) => {
                assert_eq!(reader.next(decoder), Err(error), "an error that goes away");
                let frame_len = reader.refused_len();
                items.push(Item::Refused { error, frame_len });
                if reader.skip().is_err() {
                    return (items, None);
                }
            }
        }
    }
}
