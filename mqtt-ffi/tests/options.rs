//! Every option through C: off it refuses, on it lets through and says so, or the other way round.
#![allow(
    missing_docs,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::panic
)]

mod calls;

use std::mem::MaybeUninit;
use std::ptr;

use mqtt_ffi::decoder::mqttc_option::{self, *};
use mqtt_ffi::filters::{mqttc_filters, mqttc_filters_check, mqttc_filters_next, mqttc_subscription};
use mqtt_ffi::packet::{mqttc_decode, mqttc_packet};
use mqtt_ffi::peek::mqttc_peek_connect_version;
use mqtt_ffi::status::mqttc_code::{self, *};
use mqtt_ffi::topic::mqttc_topic_filter_check;

use calls::{INVALID_ARGUMENT, encode};

/// No rule is broken.
const NONE: i32 = 0;

/// The status of a frame, and what was tolerated in it.
fn decode(options: u32, protocol_level: u8, frame: &[u8]) -> (i32, u32) {
    decoded(options, protocol_level, frame)
        .map_or_else(|status| (status, 0), |packet| (NONE, packet.tolerated))
}

fn decoded(options: u32, protocol_level: u8, frame: &[u8]) -> Result<mqttc_packet, i32> {
    let dec = calls::decoder(|dec| (dec.options, dec.protocol_level) = (options, protocol_level));
    let (said, packet) = calls::decode(mqttc_decode, &dec, frame);
    packet.ok_or(said.returned)
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
    type Row = (mqttc_option, u8, Vec<u8>, Option<mqttc_code>, Option<mqttc_code>);
    // The option, the protocol level, the frame, the status without the option and with it.
    let rows: [Row; 16] = [
        (
            MQTTC_ALLOW_PADDED_REMAINING_LENGTH,
            4,
            b"\xc0\x80\x00".to_vec(),
            Some(MQTTC_ERR_REMAINING_LENGTH_PADDED),
            None,
        ),
        (
            MQTTC_ALLOW_DUP_WITHOUT_QOS,
            4,
            b"\x38\x03\x00\x01t".to_vec(),
            Some(MQTTC_ERR_DUP_WITHOUT_QOS),
            None,
        ),
        (
            MQTTC_ALLOW_PASSWORD_WITHOUT_USER_NAME,
            4,
            b"\x10\x10\x00\x04MQTT\x04\x42\x00\x3c\x00\x01c\x00\x01p".to_vec(),
            Some(MQTTC_ERR_PASSWORD_WITHOUT_USER_NAME),
            None,
        ),
        (
            MQTTC_ALLOW_BRIDGE_BIT,
            4,
            b"\x10\x0d\x00\x04MQTT\x84\x02\x00\x3c\x00\x01c".to_vec(),
            Some(MQTTC_ERR_PROTOCOL_LEVEL),
            None,
        ),
        (
            MQTTC_ALLOW_RAW_SUBACK_CODES,
            4,
            b"\x90\x03\x00\x01\x03".to_vec(),
            Some(MQTTC_ERR_SUBACK_RETURN_CODE),
            None,
        ),
        (MQTTC_ALLOW_ACK_FLAGS, 4, b"\x92\x03\x00\x01\x00".to_vec(), Some(MQTTC_ERR_FLAGS_RESERVED), None),
        (MQTTC_ALLOW_RAW_CONNACK_CODES, 4, b"\x20\x02\x00\x06".to_vec(), Some(MQTTC_ERR_RETURN_CODE), None),
        (
            MQTTC_ALLOW_SESSION_PRESENT_WITH_REFUSAL,
            4,
            b"\x20\x02\x01\x05".to_vec(),
            Some(MQTTC_ERR_SESSION_PRESENT_WITH_REFUSAL),
            None,
        ),
        (
            MQTTC_ALLOW_LONG_CLIENT_ID_3_1,
            3,
            connect_3_1(2, &long_id),
            Some(MQTTC_ERR_CLIENT_ID_REJECTED),
            None,
        ),
        (
            MQTTC_ALLOW_BAD_FILTERS,
            4,
            b"\x82\x07\x00\x01\x00\x02a+\x01".to_vec(),
            Some(MQTTC_ERR_FILTER_WILDCARD),
            None,
        ),
        (
            MQTTC_ALLOW_BAD_FILTERS,
            4,
            b"\xa2\x04\x00\x01\x00\x00".to_vec(),
            Some(MQTTC_ERR_FILTER_EMPTY),
            None,
        ),
        (
            MQTTC_REFUSE_CONTROL_CHARACTERS,
            4,
            b"\x30\x03\x00\x01\x01".to_vec(),
            None,
            Some(MQTTC_ERR_CHARACTER_DISCOURAGED),
        ),
        (MQTTC_STRICT_FLAGS_3_1, 3, b"\xc1\x00".to_vec(), None, Some(MQTTC_ERR_FLAGS_RESERVED)),
        (
            MQTTC_STRICT_CONNECT_FLAG_3_1,
            3,
            connect_3_1(3, b"\x00\x01c"),
            None,
            Some(MQTTC_ERR_CONNECT_FLAG_RESERVED),
        ),
        (MQTTC_STRICT_LOGIN_3_1, 3, connect_3_1(0x82, b"\x00\x01c"), None, Some(MQTTC_ERR_TRUNCATED)),
        (
            MQTTC_REFUSE_SUBACK_FAILURE_3_1,
            3,
            b"\x90\x03\x00\x01\x80".to_vec(),
            None,
            Some(MQTTC_ERR_SUBACK_RETURN_CODE),
        ),
    ];
    for (option, level, frame, off, on) in rows {
        let status = |broken: Option<mqttc_code>| broken.map_or(NONE, |broken| broken as i32);
        assert_eq!(decode(0, level, &frame), (status(off), 0), "{option:?} off");
        let tolerated = if on.is_none() { option as u32 } else { 0 };
        assert_eq!(decode(option as u32, level, &frame), (status(on), tolerated), "{option:?} on");
    }
}

/// The acknowledgements' flag bits alone may be what they are, in every role; the bits are dropped.
#[test]
fn flags_of_acknowledgements() {
    let option = MQTTC_ALLOW_ACK_FLAGS as u32;
    for (bytes, in_options) in [
        (&b"\x40\x02\x00\x07"[..], true),
        (b"\x50\x02\x00\x07", true),
        (b"\x62\x02\x00\x07", true),
        (b"\x70\x02\x00\x07", true),
        (b"\x90\x03\x00\x07\x01", true),
        (b"\xb0\x02\x00\x07", true),
        (b"\x20\x02\x00\x00", false),
        (b"\x82\x06\x00\x07\x00\x01t\x01", false),
        (b"\xa2\x05\x00\x07\x00\x01t", false),
        (b"\xc0\x00", false),
        (b"\xd0\x00", false),
        (b"\xe0\x00", false),
    ] {
        for flags in (0..16).filter(|flags| *flags != bytes[0] & 15) {
            let other = [&[bytes[0] & 0xf0 | flags], &bytes[1..]].concat();
            let refused = Err(MQTTC_ERR_FLAGS_RESERVED as i32);
            assert_eq!(decoded(0, 4, &other).map(|_| ()), refused, "{other:02x?}");
            let packet = decoded(option, 4, &other);
            match packet {
                Ok(packet) if in_options => {
                    assert_eq!((packet.tolerated, encode(&packet)), (option, Ok(bytes.to_vec())));
                }
                _ => assert_eq!((packet.map(|_| ()), in_options), (refused, false), "{other:02x?}"),
            }
        }
        assert_eq!(decode(option, 4, bytes), (NONE, 0));
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
        assert_eq!(check(&it), NONE);
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
                "a+" => MQTTC_ERR_FILTER_WILDCARD as i32,
                "" => MQTTC_ERR_FILTER_EMPTY as i32,
                _ => NONE,
            };
            // SAFETY: as above.
            assert_eq!(unsafe { mqttc_topic_filter_check(item.filter) }, verdict);
        }
        // SAFETY: as above.
        assert_eq!(unsafe { mqttc_filters_next(&mut it, item.as_mut_ptr()) }, 0);
        assert_eq!(check(&it), NONE);

        assert_eq!(encode(&packet), Err(MQTTC_ERR_FILTER_WILDCARD as i32));
        // Then it cannot have been decoded.
        packet.u.subscribe.filters.unvalidated = 0;
        assert_eq!(encode(&packet), Err(INVALID_ARGUMENT));
        // SAFETY: as above.
        let mut it = unsafe { packet.u.subscribe.filters };
        assert_eq!(check(&it), MQTTC_ERR_FILTER_WILDCARD as i32);
        // SAFETY: as above.
        assert_eq!(unsafe { mqttc_filters_next(&mut it, item.as_mut_ptr()) }, 0);
        assert!(it.rest.len == 0 && it.rest.ptr.is_null(), "a list that is none goes on");
    }
    // Where every filter is good, the packet is as any other.
    let frame = b"\x82\x06\x00\x07\x00\x01t\x02";
    let packet = decoded(MQTTC_ALLOW_BAD_FILTERS as u32, 4, frame).unwrap();
    assert_eq!((packet.tolerated, encode(&packet)), (0, Ok(frame.to_vec())));
}

fn check(it: &mqttc_filters) -> i32 {
    // SAFETY: a live object, whose bytes are still there.
    unsafe { mqttc_filters_check(it) }
}

#[test]
fn the_version_of_a_connect() {
    for (frame, expected) in [
        (&b"\x10\x0c\x00\x06MQIsdp\x03"[..], 3),
        (b"\x10\x0c\x00\x04MQTT\x04", 4),
        (b"\x10\x0d\x00\x04MQTT\x05", 5),
        (b"\x10\x0c\x00\x04MQTT\x07", 1),
        (b"\x10\x0c\x00\x04MQ", 0),
        (b"\xc0\x00", MQTTC_ERR_PACKET_TYPE_UNEXPECTED as i32),
    ] {
        // SAFETY: the bytes are there; `detail` may be NULL.
        let version = unsafe { mqttc_peek_connect_version(frame.as_ptr(), frame.len(), ptr::null_mut()) };
        assert_eq!(version, expected, "{frame:02x?}");
    }
}
