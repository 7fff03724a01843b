//! Every option through C: off it refuses, on it lets through and says so, or the other way round.
#![allow(missing_docs, clippy::unwrap_used)]

use std::mem::MaybeUninit;
use std::ptr;

use mqtt_ffi::decode::{mqttc_decode, mqttc_decoder_init, mqttc_filters_next, mqttc_peek_connect_version};
use mqtt_ffi::encode::mqttc_packet_encode;
use mqtt_ffi::status::mqttc_code::{self, *};
use mqtt_ffi::topic::mqttc_topic_filter_check;
use mqtt_ffi::types::mqttc_option::{self, *};
use mqtt_ffi::types::{mqttc_decoder, mqttc_error, mqttc_packet, mqttc_subscription};

/// The status of a frame, and what was tolerated in it.
fn decode(options: u32, protocol_level: u8, frame: &[u8]) -> (i32, u32) {
    decoded(options, protocol_level, frame).map_or_else(|status| (status, 0), |packet| (0, packet.tolerated))
}

fn decoded(options: u32, protocol_level: u8, frame: &[u8]) -> Result<mqttc_packet, i32> {
    let mut dec = MaybeUninit::<mqttc_decoder>::uninit();
    let mut packet = MaybeUninit::<mqttc_packet>::uninit();
    let mut used = 0;
    let mut err = mqttc_error::default();
    // SAFETY: every pointer is to a live object of its type, and `dec` and `packet` are read only once
    // they were filled.
    unsafe {
        mqttc_decoder_init(dec.as_mut_ptr());
        let mut dec = dec.assume_init();
        dec.options = options;
        dec.protocol_level = protocol_level;
        let status =
            mqttc_decode(&dec, frame.as_ptr(), frame.len(), packet.as_mut_ptr(), &mut used, &mut err);
        if status == 0 { Ok(packet.assume_init()) } else { Err(status) }
    }
}

#[test]
fn every_option_both_ways() {
    let connect_3_1 = |flags, rest: &[u8]| {
        let mut frame = b"\x10\x00\x00\x06MQIsdp\x03".to_vec();
        frame.extend([flags, 0, 60]);
        frame.extend(rest);
        frame[1] = (frame.len() - 2) as u8;
        frame
    };
    let long_id = [&[0, 24][..], &[b'x'; 24]].concat();
    type Row = (mqttc_option, u8, Vec<u8>, mqttc_code, mqttc_code);
    // The option, the protocol level, the frame, the status without the option and with it.
    let rows: [Row; 15] = [
        (
            MQTTC_ALLOW_PADDED_REMAINING_LENGTH,
            4,
            b"\xc0\x80\x00".to_vec(),
            MQTTC_ERR_REMAINING_LENGTH_PADDED,
            MQTTC_OK,
        ),
        (MQTTC_ALLOW_DUP_WITHOUT_QOS, 4, b"\x38\x03\x00\x01t".to_vec(), MQTTC_ERR_DUP_WITHOUT_QOS, MQTTC_OK),
        (
            MQTTC_ALLOW_PASSWORD_WITHOUT_USER_NAME,
            4,
            b"\x10\x10\x00\x04MQTT\x04\x42\x00\x3c\x00\x01c\x00\x01p".to_vec(),
            MQTTC_ERR_PASSWORD_WITHOUT_USER_NAME,
            MQTTC_OK,
        ),
        (
            MQTTC_ALLOW_BRIDGE_BIT,
            4,
            b"\x10\x0d\x00\x04MQTT\x84\x02\x00\x3c\x00\x01c".to_vec(),
            MQTTC_ERR_PROTOCOL_LEVEL,
            MQTTC_OK,
        ),
        (
            MQTTC_ALLOW_RAW_SUBACK_CODES,
            4,
            b"\x90\x03\x00\x01\x03".to_vec(),
            MQTTC_ERR_SUBACK_RETURN_CODE,
            MQTTC_OK,
        ),
        (MQTTC_ALLOW_RAW_CONNACK_CODES, 4, b"\x20\x02\x00\x06".to_vec(), MQTTC_ERR_RETURN_CODE, MQTTC_OK),
        (
            MQTTC_ALLOW_SESSION_PRESENT_WITH_REFUSAL,
            4,
            b"\x20\x02\x01\x05".to_vec(),
            MQTTC_ERR_SESSION_PRESENT_WITH_REFUSAL,
            MQTTC_OK,
        ),
        (MQTTC_ALLOW_LONG_CLIENT_ID_3_1, 3, connect_3_1(2, &long_id), MQTTC_ERR_CLIENT_ID_REJECTED, MQTTC_OK),
        (
            MQTTC_ALLOW_BAD_FILTERS,
            4,
            b"\x82\x07\x00\x01\x00\x02a+\x01".to_vec(),
            MQTTC_ERR_FILTER_WILDCARD,
            MQTTC_OK,
        ),
        (MQTTC_ALLOW_BAD_FILTERS, 4, b"\xa2\x04\x00\x01\x00\x00".to_vec(), MQTTC_ERR_FILTER_EMPTY, MQTTC_OK),
        (
            MQTTC_REFUSE_CONTROL_CHARACTERS,
            4,
            b"\x30\x03\x00\x01\x01".to_vec(),
            MQTTC_OK,
            MQTTC_ERR_CHARACTER_DISCOURAGED,
        ),
        (MQTTC_STRICT_FLAGS_3_1, 3, b"\xc1\x00".to_vec(), MQTTC_OK, MQTTC_ERR_FLAGS_RESERVED),
        (
            MQTTC_STRICT_CONNECT_FLAG_3_1,
            3,
            connect_3_1(3, b"\x00\x01c"),
            MQTTC_OK,
            MQTTC_ERR_CONNECT_FLAG_RESERVED,
        ),
        (MQTTC_STRICT_LOGIN_3_1, 3, connect_3_1(0x82, b"\x00\x01c"), MQTTC_OK, MQTTC_ERR_TRUNCATED),
        (
            MQTTC_REFUSE_SUBACK_FAILURE_3_1,
            3,
            b"\x90\x03\x00\x01\x80".to_vec(),
            MQTTC_OK,
            MQTTC_ERR_SUBACK_RETURN_CODE,
        ),
    ];
    for (option, level, frame, off, on) in rows {
        assert_eq!(decode(0, level, &frame), (off as i32, 0), "{option:?} off");
        let tolerated = if on == MQTTC_OK { option as u32 } else { 0 };
        assert_eq!(decode(option as u32, level, &frame), (on as i32, tolerated), "{option:?} on");
    }
}

/// Each filter is walked and checked by the program; no encoder takes the bad ones.
#[test]
fn filters_left_unvalidated() {
    for (frame, filters, type_byte) in [
        (&b"\x82\x0e\x00\x07\x00\x02a+\x01\x00\x01t\x02\x00\x00\x00"[..], [("a+", 1), ("t", 2), ("", 0)], 8),
        (b"\xa2\x0b\x00\x07\x00\x02a+\x00\x01t\x00\x00", [("a+", 0), ("t", 0), ("", 0)], 10),
    ] {
        let mut packet = decoded(MQTTC_ALLOW_BAD_FILTERS as u32, 4, frame).unwrap();
        assert_eq!((packet.tolerated, packet.r#type), (MQTTC_ALLOW_BAD_FILTERS as u32, type_byte));
        // SAFETY: the type says SUBSCRIBE or UNSUBSCRIBE, whose members are of the same type.
        let mut it = unsafe { packet.u.subscribe.filters };
        let mut item = MaybeUninit::<mqttc_subscription>::uninit();
        for (filter, qos) in filters {
            // SAFETY: both are live objects; the iterator's bytes are still there.
            let item = unsafe {
                assert_eq!(mqttc_filters_next(&mut it, item.as_mut_ptr()), 1);
                item.assume_init()
            };
            // SAFETY: a slice of `frame`.
            let text = unsafe { std::slice::from_raw_parts(item.filter.ptr, item.filter.len) };
            assert_eq!((text, item.qos), (filter.as_bytes(), qos));
            let verdict = match filter {
                "a+" => MQTTC_ERR_FILTER_WILDCARD,
                "" => MQTTC_ERR_FILTER_EMPTY,
                _ => MQTTC_OK,
            };
            // SAFETY: as above.
            assert_eq!(unsafe { mqttc_topic_filter_check(item.filter) }, verdict as i32);
        }
        // SAFETY: as above.
        assert_eq!(unsafe { mqttc_filters_next(&mut it, item.as_mut_ptr()) }, 0);

        assert_eq!(encode(&packet), MQTTC_ERR_FILTER_WILDCARD as i32);
        packet.u.subscribe.filters.unvalidated = 0; // then it cannot have been decoded
        assert_eq!(encode(&packet), MQTTC_ERR_INVALID_ARGUMENT as i32);
    }
    // Where every filter is good, the packet is as any other.
    let frame = b"\x82\x06\x00\x07\x00\x01t\x02";
    let packet = decoded(MQTTC_ALLOW_BAD_FILTERS as u32, 4, frame).unwrap();
    assert_eq!((packet.tolerated, encode(&packet)), (0, MQTTC_OK as i32));
}

fn encode(packet: &mqttc_packet) -> i32 {
    let mut out = [0xa5; 64];
    let mut written = 0;
    // SAFETY: live objects; the packet's slices point into bytes that are still there.
    let status = unsafe { mqttc_packet_encode(packet, out.as_mut_ptr(), out.len(), &mut written) };
    assert!(status == 0 || (written == 0 && out == [0xa5; 64]), "{status}");
    status
}

#[test]
fn the_version_of_a_connect() {
    for (frame, expected) in [
        (&b"\x10\x0c\x00\x06MQIsdp\x03"[..], (MQTTC_OK, 3, 0)),
        (b"\x10\x0c\x00\x04MQTT\x04", (MQTTC_OK, 4, 0)),
        (b"\x10\x0d\x00\x04MQTT\x05", (MQTTC_OK, 5, 0)),
        (b"\x10\x0c\x00\x04MQTT\x07", (MQTTC_OK, 0, 0)),
        (b"\x10\x0c\x00\x04MQ", (MQTTC_NEED_MORE, 0xa5, 3)),
        (b"\xc0\x00", (MQTTC_ERR_PACKET_TYPE_UNEXPECTED, 0xa5, 0)),
    ] {
        let (mut version, mut used) = (0xa5, 0);
        // SAFETY: every pointer is to a live object of its type; `err` may be NULL.
        let status = unsafe {
            mqttc_peek_connect_version(frame.as_ptr(), frame.len(), &mut version, &mut used, ptr::null_mut())
        };
        assert_eq!((status, version, used), (expected.0 as i32, expected.1, expected.2), "{frame:02x?}");
    }
}
