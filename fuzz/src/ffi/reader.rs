//! The C reader against Rust's on the same stream, cut the same; and with any integers in its fields.

use std::mem::MaybeUninit;

use arbitrary::{Result, Unstructured};
use mqtt_codec::ErrorKind;
use mqtt_codec::v3::stream::{Event, PacketReader};
use mqtt_codec::v3::{Decoder, Publish, PublishHeader};
use mqtt_ffi::decode::mqttc_decode;
use mqtt_ffi::encode::mqttc_packet_encode;
use mqtt_ffi::reader::{
    mqttc_reader_commit, mqttc_reader_init, mqttc_reader_next, mqttc_reader_skip, mqttc_reader_space,
};
use mqtt_ffi::status::mqttc_code::{
    MQTTC_ERR_INVALID_ARGUMENT, MQTTC_NEED_MORE, MQTTC_OK, MQTTC_PAYLOAD, MQTTC_PUBLISH_START,
};
use mqtt_ffi::types::{mqttc_decoder, mqttc_error, mqttc_packet, mqttc_reader, mqttc_slice};

use super::decode::{any_decoder, in_rust, status_of};
use super::guarded::{Buffer, Slot};

const OK: i32 = MQTTC_OK as i32;
const NEED_MORE: i32 = MQTTC_NEED_MORE as i32;
const PUBLISH_START: i32 = MQTTC_PUBLISH_START as i32;
const PAYLOAD: i32 = MQTTC_PAYLOAD as i32;
const INVALID_ARGUMENT: i32 = MQTTC_ERR_INVALID_ARGUMENT as i32;

/// What both readers say: the status, the bytes that go with it, and the number.
type Said = (i32, Vec<u8>, u32);

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
        None => assert_eq!(events_in_c(&dec, stream, cap, cut), events_in_rust(&rust, stream, cap, cut)),
        Some(tamper) => run_tampered(&dec, stream, cap, &tamper),
    }
    Ok(())
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

fn events_in_rust(decoder: &Decoder, stream: &[u8], cap: usize, cut: usize) -> Vec<Said> {
    let mut buf = vec![0; cap];
    let mut reader = PacketReader::new(&mut buf);
    let (mut rest, mut said) = (stream, Vec::new());
    loop {
        match reader.next(decoder) {
            Ok(Event::Packet(packet)) => {
                let mut frame = vec![0; packet.encoded_len()];
                let len = packet.encode(&mut frame).unwrap_or(0);
                said.push((OK, frame[..len].to_vec(), reader.tolerated().bits()));
            }
            Ok(Event::PublishStart { header, payload_len }) => {
                let PublishHeader { topic, delivery, retain } = header;
                let packet = Publish { topic, delivery, retain, payload: &[] };
                let mut frame = vec![0; packet.encoded_len()];
                packet.encode(&mut frame).unwrap();
                said.push((PUBLISH_START, frame, payload_len));
            }
            Ok(Event::Payload { chunk, left }) => said.push((PAYLOAD, chunk.to_vec(), left)),
            Ok(Event::NeedMore { at_least }) => {
                said.push((NEED_MORE, Vec::new(), at_least as u32));
                let space = reader.space();
                let n = cut.min(rest.len()).min(space.len());
                if n == 0 {
                    return said;
                }
                space[..n].copy_from_slice(&rest[..n]);
                reader.commit(n).unwrap();
                rest = &rest[n..];
            }
            Ok(other) => panic!("{other:?} is not known here"),
            Err(error) => {
                let too_large = error.kind() == ErrorKind::PacketTooLarge;
                let declared = if too_large { reader.refused_len().unwrap_or(0) } else { 0 };
                said.push((status_of(error.kind()), error.offset().to_le_bytes().to_vec(), declared));
                if reader.skip().is_err() {
                    return said;
                }
            }
        }
    }
}

/// The bytes of a packet that was decoded; none where it cannot be encoded.
///
/// # Safety
///
/// The packet's slices are still there.
unsafe fn encoded(packet: &mqttc_packet) -> Vec<u8> {
    let (mut out, mut written) = (vec![0; 512], 0);
    // SAFETY: the caller's promise.
    let status = unsafe { mqttc_packet_encode(packet, out.as_mut_ptr(), out.len(), &mut written) };
    out.truncate(if status == OK { written } else { 0 });
    out
}

fn events_in_c(dec: &mqttc_decoder, stream: &[u8], cap: usize, cut: usize) -> Vec<Said> {
    let (mut lent, mut reader) = (vec![0xa5; cap], MaybeUninit::<mqttc_reader>::uninit());
    let (mut rest, mut said) = (stream, Vec::new());
    let r = reader.as_mut_ptr();
    // SAFETY: every pointer is to a live object of its type; the reader is initialised before it is used, and
    // `lent` is touched through it alone; what is read was filled, as the status says.
    unsafe {
        assert_eq!(mqttc_reader_init(r, lent.as_mut_ptr(), cap, Some(mqttc_decode), dec), OK);
        loop {
            let (mut packet, mut chunk) = (Slot::<mqttc_packet>::new(), Slot::<mqttc_slice>::new());
            let (mut left, mut err) = (Slot::<u32>::new(), Slot::<mqttc_error>::new());
            let status = mqttc_reader_next(
                r,
                packet.as_mut_ptr(),
                chunk.as_mut_ptr(),
                left.as_mut_ptr(),
                err.as_mut_ptr(),
            );
            match status {
                OK => {
                    let packet = packet.filled();
                    said.push((status, encoded(&packet), packet.tolerated));
                }
                PUBLISH_START => said.push((status, encoded(&packet.filled()), left.filled())),
                PAYLOAD => {
                    let chunk = chunk.filled();
                    let bytes = std::slice::from_raw_parts(chunk.ptr, chunk.len);
                    said.push((status, bytes.to_vec(), left.filled()));
                }
                NEED_MORE => {
                    said.push((status, Vec::new(), left.filled()));
                    let mut room = 0;
                    let space = mqttc_reader_space(r, &mut room);
                    let n = cut.min(rest.len()).min(room);
                    assert_eq!(mqttc_reader_commit(r, room + 1), INVALID_ARGUMENT);
                    if n == 0 {
                        return said;
                    }
                    space.copy_from_nonoverlapping(rest.as_ptr(), n);
                    assert_eq!(mqttc_reader_commit(r, n), OK);
                    rest = &rest[n..];
                }
                _ => {
                    let err = err.filled();
                    assert_eq!(err.status, status);
                    let too_large = status == status_of(ErrorKind::PacketTooLarge);
                    let declared = if too_large { left.filled() } else { 0 };
                    said.push((status, (err.offset as usize).to_le_bytes().to_vec(), declared));
                    if mqttc_reader_skip(r) != OK {
                        return said;
                    }
                }
            }
            packet.check_margins();
            chunk.check_margins();
            left.check_margins();
            err.check_margins();
        }
    }
}

/// Any integers for a reader's fields. The buffer and the functions are what they were: a wild pointer cannot
/// be found out.
struct Tampering {
    start: usize,
    end: usize,
    refused: mqttc_error,
    missing: u32,
    state: u8,
    calls: Vec<(u8, u16)>,
}

fn tampering(u: &mut Unstructured<'_>) -> Result<Tampering> {
    let small = u.ratio(7, 8)?;
    let index = |u: &mut Unstructured<'_>| if small { u.int_in_range(0..=220) } else { u.arbitrary() };
    Ok(Tampering {
        start: index(u)?,
        end: index(u)?,
        refused: mqttc_error {
            status: if small { -u.int_in_range(0..=70)? } else { u.arbitrary()? },
            offset: u.arbitrary()?,
        },
        missing: u.arbitrary()?,
        state: if small { u.int_in_range(0..=3)? } else { u.arbitrary()? },
        calls: u.arbitrary()?,
    })
}

/// No call reads or writes outside the lent buffer, whatever the numbers are: the sanitizer and the canaries
/// watch.
fn run_tampered(dec: &mqttc_decoder, stream: &[u8], cap: usize, tamper: &Tampering) {
    let mut lent: Box<[u8]> = stream.iter().copied().chain(std::iter::repeat(0)).take(cap).collect();
    let buf = lent.as_mut_ptr();
    let mut r = mqttc_reader {
        buf,
        cap,
        decode: Some(mqttc_decode),
        dec,
        start: tamper.start,
        end: tamper.end,
        refused: tamper.refused,
        missing: tamper.missing,
        state: tamper.state,
    };
    for (call, n) in tamper.calls.iter().take(64) {
        // SAFETY: every pointer is to a live object of its type, and the buffer is there.
        unsafe {
            match call % 4 {
                0 => {
                    let mut room = Slot::<usize>::new();
                    let space = mqttc_reader_space(&mut r, room.as_mut_ptr());
                    let room = room.filled();
                    assert!(room <= cap && space.is_null() == (room == 0 && space.is_null()));
                    if !space.is_null() {
                        let at = space as usize - buf as usize;
                        assert!(at + room <= cap, "room beyond the buffer");
                        space.write_bytes(0x5a, room);
                    }
                }
                1 => {
                    let before = r.end;
                    let status = mqttc_reader_commit(&mut r, (*n).into());
                    assert!(status == OK && r.end <= cap || r.end == before);
                }
                2 => {
                    let (mut packet, mut chunk) = (Slot::<mqttc_packet>::new(), Slot::<mqttc_slice>::new());
                    let (mut left, mut err) = (Slot::<u32>::new(), Slot::<mqttc_error>::new());
                    let c = if *n == 0 { std::ptr::null_mut() } else { chunk.as_mut_ptr() };
                    let status = mqttc_reader_next(
                        &mut r,
                        packet.as_mut_ptr(),
                        c,
                        left.as_mut_ptr(),
                        err.as_mut_ptr(),
                    );
                    if status == OK || status == PUBLISH_START {
                        encoded(&packet.filled());
                    }
                    if status == PAYLOAD {
                        let chunk = chunk.filled();
                        let sum: u32 = std::slice::from_raw_parts(chunk.ptr, chunk.len)
                            .iter()
                            .map(|b| u32::from(*b))
                            .sum();
                        std::hint::black_box(sum);
                    }
                    packet.check_margins();
                    chunk.check_margins();
                    left.check_margins();
                    err.check_margins();
                }
                _ => {
                    mqttc_reader_skip(&mut r);
                }
            }
        }
    }
}
