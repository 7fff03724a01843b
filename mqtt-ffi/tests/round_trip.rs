//! The golden vectors through the C functions, called from Rust so that Miri can watch: decoded and
//! encoded again, whole and out of the reader byte by byte.
#![allow(
    missing_docs,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::panic
)]

use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::ptr;

use mqtt_codec::ErrorKind;
use mqtt_codec::v3::Decoder;
use mqtt_codec::v3::stream::{Event, PacketReader};

use mqtt_ffi::decode::{mqttc_decode, mqttc_decoder_init, mqttc_peek};
use mqtt_ffi::encode::{mqttc_packet_encode, mqttc_publish_header_encode, mqttc_subscribe_encode};
use mqtt_ffi::reader::{
    mqttc_reader_commit, mqttc_reader_init, mqttc_reader_next, mqttc_reader_skip, mqttc_reader_space,
};
use mqtt_ffi::status::mqttc_code::*;
use mqtt_ffi::status::mqttc_strerror;
use mqtt_ffi::types::{
    mqttc_decoder, mqttc_error, mqttc_frame, mqttc_packet, mqttc_publish, mqttc_publish_writer, mqttc_reader,
    mqttc_slice, mqttc_subscribe, mqttc_subscription,
};
use mqtt_ffi::writer::mqttc_publish_writer_start;

/// The frames that are written out in full, without repeated pieces: the short ones.
fn frames() -> Vec<Vec<u8>> {
    let files = [
        include_str!("../../mqtt-codec/tests/vectors/acks.txt"),
        include_str!("../../mqtt-codec/tests/vectors/connack.txt"),
        include_str!("../../mqtt-codec/tests/vectors/connect.txt"),
        include_str!("../../mqtt-codec/tests/vectors/empty.txt"),
        include_str!("../../mqtt-codec/tests/vectors/publish.txt"),
        include_str!("../../mqtt-codec/tests/vectors/suback.txt"),
        include_str!("../../mqtt-codec/tests/vectors/subscribe.txt"),
        include_str!("../../mqtt-codec/tests/vectors/unsubscribe.txt"),
    ];
    let lines = files.iter().flat_map(|file| file.lines()).filter(|line| !line.starts_with('#'));
    let hex = lines.filter_map(|line| line.split_once(" | ")).map(|(hex, _)| hex);
    let frames: Vec<_> = hex
        .filter(|hex| !hex.contains(['*', '+']))
        .map(|hex| {
            (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
        })
        .collect();
    assert!(frames.len() > 100, "{}", frames.len());
    frames
}

fn encoded(packet: &mqttc_packet) -> Vec<u8> {
    let mut out = [0xa5; 512];
    let mut written = 0;
    // SAFETY: every pointer is to a live object of its type, and the packet's slices are still there.
    let status = unsafe { mqttc_packet_encode(packet, out.as_mut_ptr(), out.len(), &mut written) };
    assert_eq!(status, MQTTC_OK as i32);
    out[..written].to_vec()
}

#[test]
fn what_is_decoded_is_encoded_again() {
    for frame in frames() {
        let mut packet = MaybeUninit::<mqttc_packet>::uninit();
        let mut used = 0;
        // SAFETY: every pointer is to a live object of its type; `dec` and `err` may be NULL.
        let status = unsafe {
            mqttc_decode(
                ptr::null(),
                frame.as_ptr(),
                frame.len(),
                packet.as_mut_ptr(),
                &mut used,
                ptr::null_mut(),
            )
        };
        assert_eq!((status, used), (MQTTC_OK as i32, frame.len()), "{frame:02x?}");
        // SAFETY: MQTTC_OK: it is filled.
        assert_eq!(encoded(&unsafe { packet.assume_init() }), frame);
    }
}

/// As `mqttc_peek` says: where the next frame starts is known if the header was not the mistake.
#[test]
fn a_broken_frame_can_be_left_out_by_its_header() {
    for (bytes, broken, len) in [
        (&b"\x30\x05\x00\x03a/+\xd0\x00"[..], MQTTC_ERR_TOPIC_WILDCARD, Some(7)),
        (b"\x40\x02\x00\x00\xd0\x00", MQTTC_ERR_PACKET_ID_ZERO, Some(4)),
        (b"\x30\x1d\x00\x1b+", MQTTC_ERR_PACKET_TOO_LARGE, Some(31)), // over the limit
        (b"\x36\x05\x00\x03a/b\xd0\x00", MQTTC_ERR_QOS_RESERVED, None),
        (b"\xc0\x80\x00\xd0\x00", MQTTC_ERR_REMAINING_LENGTH_PADDED, None),
    ] {
        let mut dec = MaybeUninit::<mqttc_decoder>::uninit();
        let mut packet = MaybeUninit::<mqttc_packet>::uninit();
        let mut frame = MaybeUninit::<mqttc_frame>::uninit();
        let (mut used, mut err) = (0, mqttc_error::default());
        let (buf, len_of_buf) = (bytes.as_ptr(), bytes.len());
        // SAFETY: every pointer is to a live object of its type, and each is read once it was filled.
        unsafe {
            mqttc_decoder_init(dec.as_mut_ptr());
            (*dec.as_mut_ptr()).max_packet_len = 30;
            let status =
                mqttc_decode(dec.as_ptr(), buf, len_of_buf, packet.as_mut_ptr(), &mut used, &mut err);
            assert_eq!(status, broken as i32);
            let peeked = mqttc_peek(buf, len_of_buf, frame.as_mut_ptr(), &mut used, ptr::null_mut());
            let end = (peeked == 0).then(|| frame.assume_init()).filter(|frame| {
                err.offset >= frame.header_len.into() || status == MQTTC_ERR_PACKET_TOO_LARGE as i32
            });
            let end = end.map(|frame| usize::from(frame.header_len) + frame.remaining_len as usize);
            assert_eq!(end, len, "{bytes:02x?}");
            if let Some(next) = end.and_then(|end| bytes.get(end..)) {
                let (p, e) = (packet.as_mut_ptr(), ptr::null_mut());
                assert_eq!(mqttc_decode(ptr::null(), next.as_ptr(), next.len(), p, &mut used, e), 0);
            }
        }
    }
}

#[test]
fn the_reader_gives_the_same_packets_byte_by_byte() {
    let frames = frames();
    let mut lent = [0; 300];
    let mut reader = MaybeUninit::<mqttc_reader>::uninit();
    let mut packet = MaybeUninit::<mqttc_packet>::uninit();
    let mut seen = 0;
    // SAFETY: every pointer is to a live object of its type, the reader is initialised before it is
    // used, `lent` is touched through the reader alone, and the packet is read before the next call.
    unsafe {
        let r = reader.as_mut_ptr();
        assert_eq!(mqttc_reader_init(r, lent.as_mut_ptr(), lent.len(), Some(mqttc_decode), ptr::null()), 0);
        for byte in frames.iter().flatten() {
            let mut room = 0;
            let space = mqttc_reader_space(r, &mut room);
            assert!(room > 0);
            space.write(*byte);
            assert_eq!(mqttc_reader_commit(r, 1), 0);
            let (null, mut left) = (ptr::null_mut(), 0);
            match mqttc_reader_next(r, packet.as_mut_ptr(), null, &mut left, ptr::null_mut()) {
                0 => {
                    assert_eq!(encoded(&packet.assume_init()), frames[seen]);
                    seen += 1;
                }
                status => assert_eq!((status, left > 0), (MQTTC_NEED_MORE as i32, true)),
            }
        }
        assert_eq!(seen, frames.len());
        assert_eq!(mqttc_reader_skip(r), 0);
    }
}

/// What both readers say, in the same words.
fn event_of(status: i32, bytes: &[u8], left: u32) -> String {
    format!("{status} {bytes:02x?} {left}")
}

/// The events of the codec's reader, put as C sees them.
fn events_in_rust(bytes: &[u8], cap: usize, cut: usize) -> Vec<String> {
    let mut buf = vec![0; cap];
    let mut reader = PacketReader::new(&mut buf);
    let (mut rest, mut events) = (bytes, Vec::new());
    loop {
        match reader.next(&Decoder::DEFAULT) {
            Ok(Event::Packet(packet)) => {
                let mut frame = vec![0; packet.encoded_len()];
                packet.encode(&mut frame).unwrap();
                events.push(event_of(0, &frame, 0));
            }
            Ok(Event::PublishStart { header, payload_len }) => {
                let mut out = [0; 400];
                let len = header.encode(payload_len, &mut out).unwrap();
                events.push(event_of(MQTTC_PUBLISH_START as i32, &out[..len], payload_len));
            }
            Ok(Event::Payload { chunk, left }) => {
                events.push(event_of(MQTTC_PAYLOAD as i32, chunk, left));
            }
            Ok(Event::NeedMore { at_least }) => {
                events.push(event_of(MQTTC_NEED_MORE as i32, &[], at_least as u32));
                if rest.is_empty() {
                    return events;
                }
                let n = cut.min(rest.len()).min(reader.space().len());
                reader.space()[..n].copy_from_slice(&rest[..n]);
                reader.commit(n).unwrap();
                rest = &rest[n..];
            }
            Ok(other) => panic!("{other:?}"),
            Err(error) => {
                let declared = reader.refused_len().unwrap_or(0);
                events.push(format!("{} at {}, {declared}", error.kind().name(), error.offset()));
                reader.skip().unwrap();
            }
        }
    }
}

/// The same through C.
fn events_in_c(bytes: &[u8], cap: usize, cut: usize) -> Vec<String> {
    let mut lent = vec![0; cap];
    let mut reader = MaybeUninit::<mqttc_reader>::uninit();
    let mut packet = MaybeUninit::<mqttc_packet>::uninit();
    let mut chunk = MaybeUninit::<mqttc_slice>::uninit();
    let (mut rest, mut events) = (bytes, Vec::new());
    let (mut left, mut room, mut err) = (0, 0, mqttc_error::default());
    // SAFETY: as above; `packet` and `chunk` are read where the status says that they are filled.
    unsafe {
        let r = reader.as_mut_ptr();
        assert_eq!(mqttc_reader_init(r, lent.as_mut_ptr(), cap, Some(mqttc_decode), ptr::null()), 0);
        loop {
            let (p, c) = (packet.as_mut_ptr(), chunk.as_mut_ptr());
            let status = mqttc_reader_next(r, p, c, &mut left, &mut err);
            if status == MQTTC_OK as i32 {
                events.push(event_of(status, &encoded(&packet.assume_init()), 0));
            } else if status == MQTTC_PUBLISH_START as i32 {
                let publish = packet.assume_init().u.publish;
                assert_eq!(publish.payload.len, 0);
                let (mut out, mut written) = ([0; 400], 0);
                let encoded =
                    mqttc_publish_header_encode(&publish, left, out.as_mut_ptr(), out.len(), &mut written);
                assert_eq!(encoded, 0);
                events.push(event_of(status, &out[..written], left));
            } else if status == MQTTC_PAYLOAD as i32 {
                let chunk = chunk.assume_init();
                events.push(event_of(status, std::slice::from_raw_parts(chunk.ptr, chunk.len), left));
            } else if status == MQTTC_NEED_MORE as i32 {
                events.push(event_of(status, &[], left));
                if rest.is_empty() {
                    return events;
                }
                let space = mqttc_reader_space(r, &mut room);
                let n = cut.min(rest.len()).min(room);
                space.copy_from_nonoverlapping(rest.as_ptr(), n);
                assert_eq!(mqttc_reader_commit(r, n), 0);
                rest = &rest[n..];
            } else {
                assert_eq!(status, err.status);
                let name = CStr::from_ptr(mqttc_strerror(status)).to_str().unwrap();
                let declared = if status == MQTTC_ERR_PACKET_TOO_LARGE as i32 { left } else { 0 };
                let kind = *ErrorKind::ALL.iter().find(|kind| kind.to_string() == name).unwrap();
                events.push(format!("{} at {}, {declared}", kind.name(), err.offset));
                assert_eq!(mqttc_reader_skip(r), 0);
            }
        }
    }
}

#[test]
fn the_reader_gives_the_same_events_as_the_codecs() {
    let row = frames().concat();
    let payload = format!("{} ", MQTTC_PAYLOAD as i32);
    let mut pieces = 0;
    // Miri is slow.
    let caps: &[usize] = if cfg!(miri) { &[8] } else { &[5, 8, 16, 31, 64, 130, 300] };
    for cap in caps {
        for cut in [1, 7, usize::MAX] {
            let events = events_in_c(&row, *cap, cut);
            assert_eq!(events, events_in_rust(&row, *cap, cut), "{cut} bytes at a time in {cap}");
            pieces += events.iter().filter(|event| event.starts_with(&payload)).count();
        }
    }
    assert!(pieces > 0);
}

#[test]
fn an_array_of_subscriptions() {
    let text = |text: &'static str| mqttc_slice { ptr: text.as_ptr(), len: text.len() };
    let filters = [
        mqttc_subscription { filter: text("a/#"), qos: 1 },
        mqttc_subscription { filter: text("+"), qos: 2 },
    ];
    let subscribe = mqttc_subscribe { filters: filters.as_ptr(), count: filters.len(), packet_id: 1 };
    let mut out = [0xa5; 20];
    let mut written = 0;
    // SAFETY: every pointer is to a live object of its type.
    let status = unsafe { mqttc_subscribe_encode(&subscribe, out.as_mut_ptr(), out.len(), &mut written) };
    assert_eq!(status, MQTTC_OK as i32);
    assert_eq!(&out[..written], b"\x82\x0c\x00\x01\x00\x03a/#\x01\x00\x01+\x02");
    assert_eq!(&out[written..], [0xa5; 6]);
}

/// The memory in which somebody keeps a PUBLISH and, when it is sent, its writer.
union Shared {
    publish: mqttc_publish,
    writer: mqttc_publish_writer,
}

#[test]
fn a_writer_in_the_place_of_its_publish_is_refused() {
    let topic = mqttc_slice { ptr: b"a/b".as_ptr(), len: 3 };
    let payload = mqttc_slice { ptr: ptr::null(), len: 0 };
    let publish = mqttc_publish { topic, payload, packet_id: 0, qos: 0, dup: 0, retain: 0 };
    let mut shared = Shared { publish };
    let place = &raw mut shared;
    let (mut out, mut written) = ([0xa5; 20], 7);
    // SAFETY: every pointer is to a live object of its type.
    let status = unsafe {
        let (w, p) = (&raw mut (*place).writer, &raw const (*place).publish);
        mqttc_publish_writer_start(w, p, 2, out.as_mut_ptr(), out.len(), &mut written)
    };
    assert_eq!((status, written, out), (MQTTC_ERR_INVALID_ARGUMENT as i32, 0, [0xa5; 20]));
    // SAFETY: it was put there, and must still be there.
    assert_eq!(unsafe { (shared.publish.topic.ptr, shared.publish.topic.len) }, (topic.ptr, 3));
}
