//! What the encoders do beyond a packet as it was decoded: a PUBLISH in front of its payload, one that is
//! changed where it is stored, a payload that is counted, and a text whose flag was forgotten.
#![allow(
    missing_docs,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::panic
)]

mod calls;

use std::ptr::null_mut;

use mqtt_codec::ErrorKind::{PacketIdZero, PacketTypeUnexpected, QosReserved, RemainingLength, Truncated};
use mqtt_ffi::connect::{mqttc_connect, mqttc_connect_encode, mqttc_connect_init};
use mqtt_ffi::packet::{mqttc_decode, mqttc_packet};
use mqtt_ffi::publish::{
    mqttc_payload_counter, mqttc_payload_counter_count, mqttc_payload_counter_end,
    mqttc_payload_counter_init, mqttc_publish, mqttc_publish_encode_before, mqttc_publish_header_encode,
    mqttc_publish_set_dup, mqttc_publish_set_packet_id,
};
use mqtt_ffi::status::mqttc_status;

use calls::guarded::{Buffer, CANARY, Slot};
use calls::{INVALID_ARGUMENT, NULL, TOO_SMALL, decode, decoder, encode, encode_by, slice, status_of};

/// Every PUBLISH of the vectors, with its frame.
fn publishes() -> Vec<(mqttc_publish, &'static [u8])> {
    let publish = |frame: &'static [u8]| {
        let packet: mqttc_packet = decode(mqttc_decode, &decoder(|_| ()), frame).1?;
        // SAFETY: the type says so.
        if packet.r#type == 3 { Some((unsafe { packet.u.publish }, frame)) } else { None }
    };
    // Miri has time for a few.
    let step = if cfg!(miri) { 5 } else { 1 };
    let vectors = calls::vectors().iter().step_by(step);
    let found: Vec<_> = vectors.filter_map(|(vector, ..)| publish(&vector.frame)).collect();
    assert!(found.len() > 30 / step, "{}", found.len());
    found
}

/// Writes the header of a PUBLISH in front of `len` bytes that lie at `at`.
fn before(p: &mqttc_publish, buf: *mut u8, at: usize, len: usize) -> (usize, mqttc_status) {
    let mut why = Slot::new();
    // SAFETY: live objects, or what must be refused.
    let n = unsafe { mqttc_publish_encode_before(p, buf, at, len, why.as_mut_ptr()) };
    // SAFETY: it is filled with each result.
    (n, unsafe { why.filled() })
}

#[test]
fn a_header_in_front_of_its_payload() {
    for (publish, frame) in publishes() {
        let len = publish.payload.len;
        // SAFETY: its topic lies in the frame.
        let header = encode_by(|buf, cap, why| unsafe {
            mqttc_publish_header_encode(&publish, len as u32, buf, cap, why)
        });
        let header = header.unwrap();
        assert_eq!(header, frame[..frame.len() - len]);
        assert_eq!(before(&publish, null_mut(), 0, len), (header.len(), 0));
        for spare in [0, 1, 40] {
            let at = header.len() + spare;
            let mut out = Buffer::new(at + 5);
            assert_eq!(before(&publish, out.as_mut_ptr(), at, len), (header.len(), 0));
            assert_eq!(out.written_in(spare..at), header);
        }
        let mut out = Buffer::new(header.len());
        assert_eq!(before(&publish, out.as_mut_ptr(), header.len() - 1, len), (0, TOO_SMALL));
        assert_eq!(before(&publish, out.as_mut_ptr(), 0, len), (0, TOO_SMALL));
        out.written(0);
    }
}

#[test]
fn a_topic_that_lies_in_the_output() {
    let (mut publish, _) = publishes()[0];
    (publish.qos, publish.dup) = (0, 0);
    let mut out = Buffer::new(64);
    let buf = out.as_mut_ptr();
    // In the bytes before the payload, to the last one of them; then in the payload.
    for (at, len) in [(0, 1), (10, 3), (31, 1), (31, 2), (0, 64)] {
        publish.topic.ptr = buf.wrapping_add(at);
        publish.topic.len = len;
        assert_eq!(before(&publish, buf, 32, 32), (0, INVALID_ARGUMENT), "{len} bytes at {at}");
    }
    out.written(0);
    publish.topic.ptr = buf.wrapping_add(32);
    publish.topic.len = 2;
    assert_eq!(before(&publish, buf, 32, 32), (6, 0));
    assert_eq!(out.written_in(26..32), [0x30, 36, 0, 2, CANARY, CANARY]);
    // Longer than any PUBLISH.
    for len in [268_435_452, 1 << 31, usize::MAX] {
        assert_eq!(before(&publish, null_mut(), 0, len), (0, status_of(RemainingLength)));
    }
    assert_eq!(before(&publish, null_mut(), 0, 268_435_451), (9, 0));
    assert_eq!(before(&publish, null_mut(), 1, 2), (0, NULL));
}

fn set_dup(frame: &mut [u8]) -> mqttc_status {
    // SAFETY: live bytes.
    unsafe { mqttc_publish_set_dup(frame.as_mut_ptr(), frame.len()) }
}

fn set_id(frame: &mut [u8], id: u16) -> mqttc_status {
    // SAFETY: live bytes.
    unsafe { mqttc_publish_set_packet_id(frame.as_mut_ptr(), frame.len(), id) }
}

/// The frame that is encoded anew from the same fields, with the one changed.
#[test]
fn a_stored_publish_that_is_changed() {
    for (publish, frame) in publishes() {
        let mut packet: mqttc_packet = decode(mqttc_decode, &decoder(|_| ()), frame).1.unwrap();
        let expected = |packet: &mqttc_packet| encode(packet).unwrap();
        if publish.qos == 0 {
            let mut stored = frame.to_vec();
            assert_eq!((set_dup(&mut stored), set_id(&mut stored, 7)), (INVALID_ARGUMENT, INVALID_ARGUMENT));
            assert_eq!((set_id(&mut stored, 0), &stored[..]), (status_of(PacketIdZero), frame));
            continue;
        }
        packet.u.publish.dup = 1;
        let mut stored = frame.to_vec();
        assert_eq!((set_dup(&mut stored), &stored), (0, &expected(&packet)));
        assert_eq!((set_dup(&mut stored), &stored), (0, &expected(&packet)));
        packet.u.publish.dup = publish.dup;

        for id in [1, 0x1234, u16::MAX] {
            packet.u.publish.packet_id = id;
            let expected = expected(&packet);
            let mut stored = frame.to_vec();
            assert_eq!((set_id(&mut stored, id), &stored), (0, &expected));
            // What stands before the payload is enough, and no byte less.
            let front = frame.len() - publish.payload.len;
            let mut stored = frame[..front].to_vec();
            assert_eq!((set_id(&mut stored, id), &stored[..]), (0, &expected[..front]));
            let lens = (1..front).filter(|len| !cfg!(miri) || *len < 6 || *len + 1 == front);
            for len in lens.filter(|len| *len < 300 || *len + 1 == front) {
                let mut stored = frame[..len].to_vec();
                assert_eq!((set_id(&mut stored, id), &stored[..]), (status_of(Truncated), &frame[..len]));
            }
        }
        let mut stored = frame.to_vec();
        assert_eq!((set_id(&mut stored, 0), &stored[..]), (status_of(PacketIdZero), frame));
    }
    for (bytes, dup, id) in [
        (&b""[..], Truncated, Truncated),
        (b"\x36\x07\x00\x03a/b\x00\x07", QosReserved, QosReserved),
        (b"\x40\x02\x00\x07", PacketTypeUnexpected, PacketTypeUnexpected),
    ] {
        let mut stored = bytes.to_vec();
        assert_eq!((set_dup(&mut stored), set_id(&mut stored, 7)), (status_of(dup), status_of(id)));
        assert_eq!(stored, bytes);
    }
    // The frame ends inside its identifier, whatever stands behind it.
    let mut stored = b"\x32\x06\x00\x03a/b\x00\xff\xff".to_vec();
    assert_eq!((set_id(&mut stored, 7), stored.last()), (status_of(Truncated), Some(&0xff)));
    // SAFETY: NULL is refused.
    unsafe {
        assert_eq!(mqttc_publish_set_dup(null_mut(), 1), NULL);
        assert_eq!(mqttc_publish_set_packet_id(null_mut(), 9, 7), NULL);
    }
}

#[test]
fn a_payload_that_is_counted() {
    let mut counter = Slot::<mqttc_payload_counter>::new();
    let c = counter.as_mut_ptr();
    // SAFETY: a live object, which is filled.
    unsafe {
        mqttc_payload_counter_init(c, 10);
        assert_eq!(mqttc_payload_counter_end(c), INVALID_ARGUMENT);
        for (n, status, left) in [
            (4, 0, 6),
            (7, INVALID_ARGUMENT, 6),
            (usize::MAX, INVALID_ARGUMENT, 6),
            (0, 0, 6),
            (6, 0, 0),
            (1, INVALID_ARGUMENT, 0),
        ] {
            assert_eq!((mqttc_payload_counter_count(c, n), (*c).declared, (*c).left), (status, 10, left));
        }
        assert_eq!(mqttc_payload_counter_end(c), 0);
        (*c).left = 11;
        assert_eq!(mqttc_payload_counter_end(c), INVALID_ARGUMENT);
        assert_eq!((mqttc_payload_counter_count(c, 1), (*c).left), (INVALID_ARGUMENT, 11));
        mqttc_payload_counter_init(c, 0);
        assert_eq!(mqttc_payload_counter_end(c), 0);
        mqttc_payload_counter_init(null_mut(), 10);
        assert_eq!(mqttc_payload_counter_count(null_mut(), 0), NULL);
        assert_eq!(mqttc_payload_counter_end(null_mut()), NULL);
    }
}

#[test]
fn a_text_whose_flag_was_forgotten() {
    let mut init = Slot::<mqttc_connect>::new();
    // SAFETY: a live object, which is filled.
    let init = unsafe {
        mqttc_connect_init(init.as_mut_ptr());
        init.filled()
    };
    let forgotten: [fn(&mut mqttc_connect); 5] = [
        |c| c.will_topic = slice(b"t"),
        |c| c.will_message = slice(b"m"),
        |c| c.user_name = slice(b"u"),
        |c| c.password = slice(b"p"),
        |c| {
            (c.user_name, c.password) = (slice(b"u"), slice(b"p"));
            c.has_user_name = 1;
        },
    ];
    for (which, forget) in forgotten.into_iter().enumerate() {
        let mut c = init;
        forget(&mut c);
        // SAFETY: its texts are static.
        let frame = encode_by(|buf, cap, why| unsafe { mqttc_connect_encode(&c, buf, cap, why) });
        assert_eq!(frame, Err(INVALID_ARGUMENT), "{which}");
        // With the flags it is one.
        (c.has_will, c.has_user_name, c.has_password) = (1, 1, 1);
        c.will_topic = slice(b"t");
        // SAFETY: as above.
        let frame = encode_by(|buf, cap, why| unsafe { mqttc_connect_encode(&c, buf, cap, why) });
        assert!(frame.is_ok(), "{which}: {frame:?}");
    }
}
