//! The C reader against the codec's on the same stream, cut the same, and against what the decoder makes of
//! the whole; and with any integers in its fields.

use std::mem::MaybeUninit;
use std::ptr;

use arbitrary::{Result, Unstructured};
use mqtt_codec::frame::Peek;
use mqtt_codec::v3::stream::{Event, PacketReader};
use mqtt_codec::v3::{Decoded, Decoder, Publish, PublishHeader};
use mqtt_codec::{DecodeError, ErrorKind};
use mqtt_ffi::decoder::mqttc_decoder;
use mqtt_ffi::packet::{mqttc_decode, mqttc_packet};
use mqtt_ffi::reader::{
    mqttc_reader, mqttc_reader_commit, mqttc_reader_connect_version, mqttc_reader_init, mqttc_reader_next,
    mqttc_reader_next_piece, mqttc_reader_skip, mqttc_reader_space,
};

use super::decode::{any_decoder, connect_version, in_rust};
use super::guarded::{Buffer, Slot};
use super::said::{
    FIRST_RULE, INVALID_ARGUMENT, NEED_MORE, PACKET, PAYLOAD, PUBLISH_START, Said, declared_len, encode,
    status_of,
};

/// What the readers and the decoder say alike.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Told {
    /// A packet by its canonical form, if it has one, or the start of a long PUBLISH by what it would be
    /// without its payload; the event, and what was tolerated, or the payload's length.
    Packet(i32, Vec<u8>, u32),
    /// A piece, and what is still to come.
    Payload(Vec<u8>, u32),
    /// The bytes to receive before the next call.
    NeedMore(u32),
    /// The status, the byte that breaks the rule, and the frame's length where that is told.
    Refused(i32, usize, u32),
}

pub(super) fn check(input: &[u8]) {
    let _ = compare_or_tamper(Unstructured::new(input));
}

fn compare_or_tamper(mut u: Unstructured<'_>) -> Result<()> {
    let mut dec = any_decoder(&mut u)?;
    // What Rust says in types of its own, C says by an option.
    dec.options &= !(1 << 8);
    let cap = u.int_in_range(0..=200_usize)?;
    let cut = u.int_in_range(1..=250_usize)?;
    let tamper = u.ratio(1, 3)?.then(|| tampering(&mut u)).transpose()?;
    let stream = u.take_rest();
    let Some(rust) = in_rust(&dec) else {
        check_init(&dec, cap);
        return Ok(());
    };
    if cap == 0 {
        check_init(&dec, cap);
        return Ok(());
    }
    match tamper {
        None => {
            let in_pieces = told_by_c(&dec, stream, cap, cut, true);
            assert_same(in_pieces, told_by_rust(&rust, stream, cap, cut));
            let mut whole = told_by_c(&dec, stream, cap, cut, false);
            whole.retain(|(told, _)| !matches!(told, Told::NeedMore(_)));
            assert_same(whole, told_of_the_whole(&rust, stream, cap));
        }
        Some(tamper) => run_tampered(&dec, stream, cap, &tamper),
    }
    Ok(())
}

/// C cuts an offset to the bytes of the frame that it has been given by then: their number stands beside what
/// it has told.
fn assert_same(c: Vec<(Told, usize)>, mut rust: Vec<Told>) {
    for (told, (_, given)) in rust.iter_mut().zip(&c) {
        if let Told::Refused(_, offset, _) = told {
            *offset = (*offset).min(*given);
        }
    }
    let c: Vec<_> = c.into_iter().map(|(told, _)| told).collect();
    assert_eq!(c, rust);
}

/// A decoder or a size that is none is refused, and the reader is not touched.
fn check_init(dec: &mqttc_decoder, cap: usize) {
    let (mut lent, mut r) = (Buffer::new(cap), Slot::<mqttc_reader>::new());
    // SAFETY: live objects.
    let status =
        unsafe { mqttc_reader_init(r.as_mut_ptr(), lent.as_mut_ptr(), cap, Some(mqttc_decode), dec) };
    assert_eq!(status, INVALID_ARGUMENT);
    r.check_untouched();
    lent.written(0);
}

/// The sizes of the pieces in which a stream arrives: up to `most` bytes, in no order.
fn cuts(most: usize) -> impl Iterator<Item = usize> {
    let mut random = most as u32;
    std::iter::repeat_with(move || {
        random = random.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        1 + (random >> 16) as usize % most
    })
}

fn told_by_rust(decoder: &Decoder, stream: &[u8], cap: usize, cut: usize) -> Vec<Told> {
    let mut buf = vec![0; cap];
    let mut reader = PacketReader::new(&mut buf);
    let (mut rest, mut told, mut cuts) = (stream, Vec::new(), cuts(cut));
    loop {
        match reader.next(decoder) {
            Ok(Event::Packet(packet)) => {
                let mut frame = vec![0; packet.encoded_len()];
                let len = packet.encode(&mut frame).unwrap_or(0);
                frame.truncate(len);
                told.push(Told::Packet(PACKET, frame, reader.tolerated().bits()));
            }
            Ok(Event::PublishStart { header, payload_len }) => {
                let PublishHeader { topic, delivery, retain } = header;
                let packet = Publish { topic, delivery, retain, payload: &[] };
                let mut frame = vec![0; packet.encoded_len()];
                packet.encode(&mut frame).unwrap();
                told.push(Told::Packet(PUBLISH_START, frame, payload_len));
            }
            Ok(Event::Payload { chunk, left }) => told.push(Told::Payload(chunk.to_vec(), left)),
            Ok(Event::NeedMore { at_least }) => {
                told.push(Told::NeedMore(at_least as u32));
                let space = reader.space();
                let n = cuts.next().unwrap().min(rest.len()).min(space.len());
                if n == 0 {
                    return told;
                }
                space[..n].copy_from_slice(&rest[..n]);
                reader.commit(n).unwrap();
                rest = &rest[n..];
            }
            Ok(other) => panic!("{other:?} is not known here"),
            Err(error) => {
                let too_large = error.kind() == ErrorKind::PacketTooLarge;
                let declared = if too_large { reader.refused_len().unwrap_or(0) } else { 0 };
                told.push(Told::Refused(status_of(error.kind()), error.offset(), declared));
                if reader.skip().is_err() {
                    return told;
                }
            }
        }
    }
}

/// What a reader that gives no pieces must tell, by the decoder alone: all of it is there at once, and of
/// each frame the buffer holds what it holds.
fn told_of_the_whole(decoder: &Decoder, stream: &[u8], cap: usize) -> Vec<Told> {
    let (mut rest, mut told) = (stream, Vec::new());
    let too_large = Err(DecodeError::new(ErrorKind::PacketTooLarge, 1));
    loop {
        let front = &rest[..rest.len().min(cap)];
        let verdict = match decoder.peek(front) {
            // No header fits it, which it knows before the first byte.
            _ if cap < 2 => too_large,
            Ok(Peek::NeedMore { .. }) if front.len() == cap => too_large,
            Ok(Peek::Header(header)) if header.frame_len() as usize > cap => too_large,
            _ => decoder.decode(front),
        };
        let len = match verdict {
            Ok(Decoded::NeedMore { .. }) => return told,
            Ok(Decoded::Packet { packet, len, tolerated }) => {
                let mut frame = vec![0; packet.encoded_len()];
                let written = packet.encode(&mut frame).unwrap_or(0);
                frame.truncate(written);
                told.push(Told::Packet(PACKET, frame, tolerated.bits()));
                len
            }
            Err(error) => {
                let is_too_large = error.kind() == ErrorKind::PacketTooLarge;
                let declared = declared_len(front);
                let left = if is_too_large { declared } else { 0 };
                told.push(Told::Refused(status_of(error.kind()), error.offset(), left));
                let header_len = 2 + front.iter().skip(1).take_while(|byte| **byte & 0x80 != 0).count();
                if declared == 0 || !is_too_large && error.offset() < header_len {
                    return told;
                }
                declared as usize
            }
        };
        match rest.get(len..) {
            Some(next) => rest = next,
            None => return told,
        }
    }
}

/// With what is told, the bytes of the frame that the reader has been given.
fn told_by_c(
    dec: &mqttc_decoder,
    stream: &[u8],
    cap: usize,
    cut: usize,
    in_pieces: bool,
) -> Vec<(Told, usize)> {
    let (mut lent, mut reader) = (vec![0xa5; cap], MaybeUninit::<mqttc_reader>::uninit());
    let (mut rest, mut told, mut cuts) = (stream, Vec::new(), cuts(cut));
    let r = reader.as_mut_ptr();
    let next = if in_pieces { mqttc_reader_next_piece } else { mqttc_reader_next };
    // SAFETY: every pointer is to a live object of its type; the reader is initialised before it is used, and
    // `lent` is touched through it alone; what is read was filled, as the event says.
    unsafe {
        assert_eq!(mqttc_reader_init(r, lent.as_mut_ptr(), cap, Some(mqttc_decode), dec), 0);
        loop {
            check_version(r);
            let (mut packet, mut detail) = (Slot::<mqttc_packet>::new(), Slot::new());
            let got = next(r, packet.as_mut_ptr(), detail.as_mut_ptr());
            packet.check_margins();
            let unread = (*r).end - (*r).start;
            let detail = Said::new(got, &detail).detail.expect("a caller's mistake");
            let (bytes, len) = detail.bytes;
            assert!(bytes.is_null() == (len == 0));
            let bytes = if len == 0 { &[] } else { std::slice::from_raw_parts(bytes, len) };
            assert!(detail.offset == 0 || got <= FIRST_RULE, "{got} at {}", detail.offset);
            match got {
                PACKET => {
                    let packet = packet.filled();
                    // The frame itself, as it came.
                    let end = stream.len() - rest.len() - unread;
                    assert_eq!((bytes, detail.left), (&stream[end - len..end], 0));
                    let canonical = encode(&packet).unwrap_or_default();
                    told.push((Told::Packet(got, canonical, packet.tolerated), unread));
                }
                PUBLISH_START if in_pieces => {
                    assert_eq!(len, 0);
                    let start = encode(&packet.filled()).unwrap();
                    told.push((Told::Packet(got, start, detail.left), unread));
                }
                PAYLOAD if in_pieces => {
                    let topic = packet.filled().u.publish.topic;
                    assert!(topic.ptr.is_null() && topic.len == 0, "a topic whose bytes are gone");
                    told.push((Told::Payload(bytes.to_vec(), detail.left), unread));
                }
                NEED_MORE => {
                    assert_eq!(len, 0);
                    told.push((Told::NeedMore(detail.left), unread));
                    let space = mqttc_reader_space(r);
                    assert!((1..=space.len).contains(&(detail.left as usize)), "{} bytes", detail.left);
                    let n = cuts.next().unwrap().min(rest.len()).min(space.len);
                    assert_eq!(mqttc_reader_commit(r, space.len + 1), INVALID_ARGUMENT);
                    if n == 0 {
                        return told;
                    }
                    space.ptr.copy_from_nonoverlapping(rest.as_ptr(), n);
                    assert_eq!(mqttc_reader_commit(r, n), 0);
                    rest = &rest[n..];
                }
                _ => {
                    assert!(got <= FIRST_RULE && len == 0, "{got}, {len} bytes");
                    told.push((Told::Refused(got, detail.offset as usize, detail.left), unread));
                    packet.check_untouched();
                    // It stays so.
                    let mut again = Slot::new();
                    assert_eq!(next(r, packet.as_mut_ptr(), again.as_mut_ptr()), got);
                    assert_eq!(Said::new(got, &again).detail, Some(detail));
                    let skipped = mqttc_reader_skip(r);
                    if skipped != 0 {
                        assert_eq!(skipped, got);
                        return told;
                    }
                }
            }
        }
    }
}

/// The version of the CONNECT that waits is that of the bytes that wait; asking for it changes nothing.
///
/// # Safety
///
/// `r` is a reader, and its buffer is there.
unsafe fn check_version(r: *const mqttc_reader) {
    // SAFETY: the caller's promise; what was committed lies in the buffer.
    unsafe {
        let before = fields(&*r);
        let version = mqttc_reader_connect_version(r);
        assert!(fields(&*r) == before);
        let unread = std::slice::from_raw_parts((*r).buf.add((*r).start), (*r).end - (*r).start);
        let expected = if (*r).state == 0 { connect_version(unread) } else { INVALID_ARGUMENT };
        assert_eq!(version, expected, "{unread:02x?}");
    }
}

/// All that a call may change.
fn fields(r: &mqttc_reader) -> (usize, usize, i32, u32, u32, [u8; 4]) {
    let small = [r.state, r.busy, r.version, r.reserved];
    (r.start, r.end, r.refused, r.refused_offset, r.missing, small)
}

/// Any integers for a reader's fields. The buffer and the functions are what they were: a wild pointer cannot
/// be found out.
struct Tampering {
    start: usize,
    end: usize,
    refused: i32,
    refused_offset: u32,
    missing: u32,
    state: u8,
    busy: u8,
    version: u8,
    reserved: u8,
    calls: Vec<(u8, u16)>,
}

fn tampering(u: &mut Unstructured<'_>) -> Result<Tampering> {
    let small = u.ratio(7, 8)?;
    let index = |u: &mut Unstructured<'_>| if small { u.int_in_range(0..=220) } else { u.arbitrary() };
    // One that is in use, is another version's or has something in its reserved byte refuses everything.
    let near = |u: &mut Unstructured<'_>, right: u8| {
        if small { Ok(right) } else { u.int_in_range(right.saturating_sub(1)..=right + 1) }
    };
    Ok(Tampering {
        start: index(u)?,
        end: index(u)?,
        refused: if small { -u.int_in_range(0..=70)? } else { u.arbitrary()? },
        refused_offset: u.arbitrary()?,
        missing: u.arbitrary()?,
        state: if small { u.int_in_range(0..=3)? } else { u.arbitrary()? },
        busy: near(u, 0)?,
        version: near(u, 3)?,
        reserved: near(u, 0)?,
        calls: u.arbitrary()?,
    })
}

/// No call reads or writes outside the lent buffer, whatever the numbers are: the sanitizer and the canaries
/// watch. One that says that the call was the mistake has changed nothing.
fn run_tampered(dec: &mqttc_decoder, stream: &[u8], cap: usize, tamper: &Tampering) {
    let mut lent: Box<[u8]> = stream.iter().copied().chain(std::iter::repeat(0)).take(cap).collect();
    let buf = lent.as_mut_ptr();
    let mut made = Slot::<mqttc_reader>::new();
    // SAFETY: live objects; it is filled.
    let mut r = unsafe {
        assert_eq!(mqttc_reader_init(made.as_mut_ptr(), buf, cap, Some(mqttc_decode), dec), 0);
        made.filled()
    };
    r.start = tamper.start;
    r.end = tamper.end;
    r.refused = tamper.refused;
    r.refused_offset = tamper.refused_offset;
    r.missing = tamper.missing;
    r.state = tamper.state;
    r.busy = tamper.busy;
    r.version = tamper.version;
    r.reserved = tamper.reserved;
    let is_idle = (r.busy, r.version, r.reserved) == (0, 3, 0);
    let is_in = |p: *const u8, len: usize| {
        let at = (p as usize).wrapping_sub(buf as usize);
        assert!(at <= cap && len <= cap - at, "bytes outside the buffer");
    };
    for (call, n) in tamper.calls.iter().take(64) {
        let before = fields(&r);
        // SAFETY: every pointer is to a live object of its type, and the buffer is there.
        let status = unsafe {
            match call % 4 {
                0 => {
                    let space = mqttc_reader_space(&mut r);
                    assert!(space.ptr.is_null() == (space.len == 0));
                    assert!(is_idle || space.ptr.is_null());
                    if space.len > 0 {
                        is_in(space.ptr, space.len);
                        space.ptr.write_bytes(0x5a, space.len);
                    }
                    if is_idle { 0 } else { INVALID_ARGUMENT }
                }
                1 => {
                    let status = mqttc_reader_commit(&mut r, (*n).into());
                    assert!(status == INVALID_ARGUMENT || status == 0 && r.end <= cap);
                    status
                }
                2 => run_tampered_next(&mut r, *n, &is_in),
                _ if n & 1 == 0 => mqttc_reader_skip(&mut r),
                _ => {
                    let version = mqttc_reader_connect_version(&r);
                    assert!(fields(&r) == before);
                    if version < 0 && version > FIRST_RULE { version } else { 0 }
                }
            }
        };
        assert!(is_idle || status == INVALID_ARGUMENT, "{status}");
        if status < 0 && status > FIRST_RULE {
            assert!(fields(&r) == before, "{status} with the reader changed");
        }
    }
}

/// # Safety
///
/// The reader's buffer is there.
unsafe fn run_tampered_next(r: &mut mqttc_reader, n: u16, is_in: &impl Fn(*const u8, usize)) -> i32 {
    let (mut packet, mut detail) = (Slot::<mqttc_packet>::new(), Slot::new());
    // SAFETY: the caller's promise; what was filled is read, as the event says.
    unsafe {
        let d = if n == 0 { ptr::null_mut() } else { detail.as_mut_ptr() };
        let next = if n & 1 == 0 { mqttc_reader_next } else { mqttc_reader_next_piece };
        let got = next(r, packet.as_mut_ptr(), d);
        packet.check_margins();
        if n == 0 {
            detail.check_untouched();
        } else if let Some(detail) = Said::new(got, &detail).detail {
            let (bytes, len) = detail.bytes;
            if len > 0 {
                is_in(bytes, len);
                let sum: u32 = std::slice::from_raw_parts(bytes, len).iter().map(|b| u32::from(*b)).sum();
                std::hint::black_box(sum);
            }
        }
        if matches!(got, PACKET | PUBLISH_START) {
            let _ = encode(&packet.filled());
        }
        got
    }
}
