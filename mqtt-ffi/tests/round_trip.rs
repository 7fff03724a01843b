//! The golden vectors through the C functions, called from Rust so that Miri can watch: decoded and
//! encoded again, whole and out of the reader byte by byte.
#![allow(
    missing_docs,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::panic
)]

mod calls;

use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::ptr;

use mqtt_codec::ErrorKind;
use mqtt_codec::v3::Decoder;
use mqtt_codec::v3::stream::{Event, PacketReader};

use mqtt_ffi::filters::{mqttc_subscribe, mqttc_subscribe_encode, mqttc_subscription};
use mqtt_ffi::packet::{mqttc_decode, mqttc_packet};
use mqtt_ffi::peek::{mqttc_header, mqttc_peek};
use mqtt_ffi::publish::mqttc_publish_header_encode;
use mqtt_ffi::reader::{
    mqttc_reader, mqttc_reader_commit, mqttc_reader_init, mqttc_reader_next, mqttc_reader_next_piece,
    mqttc_reader_skip, mqttc_reader_space,
};
use mqtt_ffi::status::mqttc_code::*;
use mqtt_ffi::text::mqttc_strerror;

use calls::guarded::Slot;
use calls::vectors::{IGNORED_3_1, REFUSED, Vector};
use calls::{NEED_MORE, PACKET, PAYLOAD, PUBLISH_START, Said, TOO_LARGE, decoder, encode, slice};

/// The golden frames that fit the buffers of the readers here: the short ones.
fn frames() -> Vec<Vec<u8>> {
    let golden = calls::vectors().iter().map(|(vector, ..)| vector).filter(|vector| is_golden(vector));
    let frames: Vec<_> =
        golden.map(|vector| vector.frame.clone()).filter(|frame| frame.len() <= LENT).collect();
    assert!(frames.len() > 200, "{}", frames.len());
    frames
}

/// A vector for both directions.
fn is_golden(vector: &Vector) -> bool {
    ![REFUSED, IGNORED_3_1].iter().any(|file| vector.place.starts_with(file))
}

/// The largest buffer that a reader is lent.
const LENT: usize = 300;

#[test]
fn what_is_decoded_is_encoded_again() {
    for (vector, dec, rust) in calls::vectors() {
        let (said, packet) = calls::decode(mqttc_decode, dec, &vector.frame);
        let Some(packet) = packet else { continue };
        assert_eq!(said.returned as usize, vector.frame.len(), "{}", vector.place);
        // What MQTT 3.1 has tolerated does not come back: then it is what Rust makes of it.
        let again = encode(&packet).unwrap();
        let Ok(mqtt_codec::v3::Decoded::Packet { packet, .. }) = rust.decode(&vector.frame) else {
            panic!("{}", vector.place)
        };
        let mut canonical = vec![0; packet.encoded_len()];
        packet.encode(&mut canonical).unwrap();
        assert_eq!(again, canonical, "{}", vector.place);
        assert!(!is_golden(vector) || again == vector.frame, "{}", vector.place);
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
        let dec = decoder(|dec| dec.max_packet_len = 30);
        let (said, _) = calls::decode(mqttc_decode, &dec, bytes);
        assert_eq!(said.returned, broken as i32);
        let detail = said.detail.unwrap();
        let mut header = Slot::<mqttc_header>::new();
        // SAFETY: live objects; it is read once it was filled.
        let header = unsafe {
            let peeked = mqttc_peek(bytes.as_ptr(), bytes.len(), header.as_mut_ptr(), ptr::null_mut());
            (peeked > 0).then(|| header.filled())
        };
        let end = header
            .filter(|header| detail.offset >= header.header_len.into() || said.returned == TOO_LARGE)
            .map(|header| usize::from(header.header_len) + header.remaining_len as usize);
        assert_eq!(end, len, "{bytes:02x?}");
        if let Some(next) = end.and_then(|end| bytes.get(end..)) {
            assert_eq!(calls::decode(mqttc_decode, &dec, next).0, Said::packet(next, 2));
        }
    }
}

#[test]
fn the_reader_gives_the_same_packets_byte_by_byte() {
    let frames = frames();
    let mut lent = [0; LENT];
    let mut reader = MaybeUninit::<mqttc_reader>::uninit();
    let mut packet = MaybeUninit::<mqttc_packet>::uninit();
    let mut seen = 0;
    // SAFETY: every pointer is to a live object of its type, the reader is initialised before it is
    // used, `lent` is touched through the reader alone, and the packet is read before the next call.
    unsafe {
        let r = reader.as_mut_ptr();
        assert_eq!(mqttc_reader_init(r, lent.as_mut_ptr(), lent.len(), Some(mqttc_decode), ptr::null()), 0);
        for byte in frames.iter().flatten() {
            let space = mqttc_reader_space(r);
            assert!(space.len > 0);
            space.ptr.write(*byte);
            assert_eq!(mqttc_reader_commit(r, 1), 0);
            let mut detail = Slot::new();
            let got = mqttc_reader_next(r, packet.as_mut_ptr(), detail.as_mut_ptr());
            let detail = Said::new(got, &detail).detail.unwrap();
            match got {
                PACKET => {
                    assert_eq!(encode(&packet.assume_init()).unwrap(), frames[seen]);
                    assert_eq!(std::slice::from_raw_parts(detail.bytes.0, detail.bytes.1), frames[seen]);
                    assert_eq!((detail.left, detail.offset), (0, 0));
                    seen += 1;
                }
                _ => assert_eq!(
                    (got, detail),
                    (NEED_MORE, Said::need_more(detail.left as usize).detail.unwrap())
                ),
            }
        }
        assert_eq!(seen, frames.len());
        assert_eq!(mqttc_reader_skip(r), 0);
    }
}

/// What both readers say, in the same words.
fn event_of(event: i32, bytes: &[u8], left: u32) -> String {
    format!("{event} {bytes:02x?} {left}")
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
                events.push(event_of(PACKET, &frame, 0));
            }
            Ok(Event::PublishStart { header, payload_len }) => {
                let mut out = [0; 400];
                let len = header.encode(payload_len, &mut out).unwrap();
                events.push(event_of(PUBLISH_START, &out[..len], payload_len));
            }
            Ok(Event::Payload { chunk, left }) => {
                events.push(event_of(PAYLOAD, chunk, left));
            }
            Ok(Event::NeedMore { at_least }) => {
                events.push(event_of(NEED_MORE, &[], at_least as u32));
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
                let declared = reader.refused_len().filter(|_| error.kind() == ErrorKind::PacketTooLarge);
                let declared = declared.unwrap_or(0);
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
    let (mut rest, mut events) = (bytes, Vec::new());
    // SAFETY: as above; `packet` is read where the event says that it is filled, and `bytes` where it has
    // some.
    unsafe {
        let r = reader.as_mut_ptr();
        assert_eq!(mqttc_reader_init(r, lent.as_mut_ptr(), cap, Some(mqttc_decode), ptr::null()), 0);
        loop {
            let mut detail = Slot::new();
            let got = mqttc_reader_next_piece(r, packet.as_mut_ptr(), detail.as_mut_ptr());
            let detail = Said::new(got, &detail).detail.unwrap();
            let bytes = match detail.bytes {
                (bytes, 0) => {
                    assert!(bytes.is_null());
                    &[]
                }
                (bytes, len) => std::slice::from_raw_parts(bytes, len),
            };
            match got {
                PACKET => {
                    let frame = encode(&packet.assume_init()).unwrap();
                    assert_eq!(frame, bytes);
                    events.push(event_of(got, &frame, detail.left));
                }
                PUBLISH_START => {
                    let publish = packet.assume_init().u.publish;
                    assert_eq!((publish.payload.len, bytes), (0, &[][..]));
                    let header = calls::encode_by(|buf, cap, why| {
                        mqttc_publish_header_encode(&publish, detail.left, buf, cap, why)
                    });
                    events.push(event_of(got, &header.unwrap(), detail.left));
                }
                PAYLOAD => {
                    let publish = packet.assume_init().u.publish;
                    assert_eq!((publish.topic.ptr, publish.topic.len), (ptr::null(), 0));
                    events.push(event_of(got, bytes, detail.left));
                }
                NEED_MORE => {
                    events.push(event_of(got, bytes, detail.left));
                    if rest.is_empty() {
                        return events;
                    }
                    let space = mqttc_reader_space(r);
                    let n = cut.min(rest.len()).min(space.len);
                    space.ptr.copy_from_nonoverlapping(rest.as_ptr(), n);
                    assert_eq!(mqttc_reader_commit(r, n), 0);
                    rest = &rest[n..];
                }
                _ => {
                    assert_eq!(bytes, []);
                    let name = CStr::from_ptr(mqttc_strerror(got)).to_str().unwrap();
                    let kind = *ErrorKind::ALL.iter().find(|kind| kind.to_string() == name).unwrap();
                    events.push(format!("{} at {}, {}", kind.name(), detail.offset, detail.left));
                    assert_eq!(mqttc_reader_skip(r), 0);
                    continue;
                }
            }
            assert_eq!(detail.offset, 0);
        }
    }
}

#[test]
fn the_reader_gives_the_same_events_as_the_codecs() {
    // Miri is slow, here and below.
    let row = frames().into_iter().step_by(if cfg!(miri) { 4 } else { 1 }).collect::<Vec<_>>().concat();
    let payload = format!("{PAYLOAD} ");
    let mut pieces = 0;
    let caps: &[usize] = if cfg!(miri) { &[8] } else { &[5, 8, 16, 31, 64, 130, LENT] };
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
    let filters = [
        mqttc_subscription { filter: slice(b"a/#"), qos: 1 },
        mqttc_subscription { filter: slice(b"+"), qos: 2 },
    ];
    let subscribe = mqttc_subscribe { filters: filters.as_ptr(), count: filters.len(), packet_id: 1 };
    // SAFETY: every pointer is to a live object of its type.
    let frame =
        calls::encode_by(|buf, cap, why| unsafe { mqttc_subscribe_encode(&subscribe, buf, cap, why) });
    assert_eq!(frame.unwrap(), b"\x82\x0c\x00\x01\x00\x03a/#\x01\x00\x01+\x02");
}
