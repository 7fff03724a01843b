//! The golden vectors through the C functions, called from Rust so that Miri can watch: decoded and
//! encoded again, whole and out of the reader byte by byte.
#![allow(
    missing_docs,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::panic
)]

use std::mem::MaybeUninit;
use std::ptr;

use mqtt_ffi::decode::mqttc_decode;
use mqtt_ffi::encode::{mqttc_packet_encode, mqttc_subscribe_encode};
use mqtt_ffi::reader::{
    mqttc_reader_commit, mqttc_reader_init, mqttc_reader_next, mqttc_reader_skip, mqttc_reader_space,
};
use mqtt_ffi::status::mqttc_code::*;
use mqtt_ffi::types::{mqttc_packet, mqttc_reader, mqttc_slice, mqttc_subscribe, mqttc_subscription};

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
