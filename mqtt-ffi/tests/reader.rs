//! A reader that is called where it must not be: from its own decode function, in the middle of a payload,
//! with results that overlap it, and with memory at the lowest addresses.
#![allow(
    missing_docs,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::panic
)]

mod calls;

use std::cell::Cell;
use std::ptr::{self, null, null_mut, without_provenance_mut};

use mqtt_ffi::connect::{mqttc_connect, mqttc_connect_encode, mqttc_connect_init};
use mqtt_ffi::decoder::mqttc_decoder;
use mqtt_ffi::packet::{mqttc_decode, mqttc_decode_fn, mqttc_packet};
use mqtt_ffi::publish::mqttc_publish_encode;
use mqtt_ffi::reader::{
    mqttc_reader, mqttc_reader_commit, mqttc_reader_connect_version, mqttc_reader_init, mqttc_reader_next,
    mqttc_reader_next_piece, mqttc_reader_skip, mqttc_reader_space,
};
use mqtt_ffi::status::mqttc_code::{MQTTC_ERR_PROTOCOL_LEVEL, MQTTC_ERR_TOPIC_WILDCARD};
use mqtt_ffi::status::{mqttc_detail, mqttc_status};

use calls::guarded::Slot;
use calls::{
    Detail, INVALID_ARGUMENT, NEED_MORE, NULL, PACKET, PAYLOAD, PUBLISH_START, Said, TOO_LARGE, encode,
};

/// A reader over `lent`, with bytes in it.
///
/// # Safety
///
/// `lent` lives as long as the reader is used, and nobody else touches it.
unsafe fn reader(lent: *mut u8, cap: usize, decode: mqttc_decode_fn, bytes: &[u8]) -> mqttc_reader {
    let mut r = Slot::<mqttc_reader>::new();
    // SAFETY: the caller's promise; there is room.
    unsafe {
        assert_eq!(mqttc_reader_init(r.as_mut_ptr(), lent, cap, decode, null()), 0);
        let mut r = r.filled();
        receive(&mut r, bytes);
        r
    }
}

/// Puts bytes where there must be room for them.
///
/// # Safety
///
/// `r` is a reader, and its buffer is there.
unsafe fn receive(r: *mut mqttc_reader, bytes: &[u8]) {
    // SAFETY: the caller's promise.
    unsafe {
        let space = mqttc_reader_space(r);
        assert!(bytes.len() <= space.len, "{} into {}", bytes.len(), space.len);
        space.ptr.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        assert_eq!(mqttc_reader_commit(r, bytes.len()), 0);
    }
}

/// What the next packet is, or the next piece of one where `pieces` is set.
///
/// # Safety
///
/// As for [`receive`].
unsafe fn next(r: *mut mqttc_reader, pieces: bool) -> (Said, Slot<mqttc_packet>) {
    let (mut packet, mut detail) = (Slot::new(), Slot::new());
    let next = if pieces { mqttc_reader_next_piece } else { mqttc_reader_next };
    // SAFETY: live objects, and the caller's promise.
    let got = unsafe { next(r, packet.as_mut_ptr(), detail.as_mut_ptr()) };
    (Said::new(got, &detail), packet)
}

thread_local! {
    /// The reader whose decode function runs.
    static OWN: Cell<*mut mqttc_reader> = const { Cell::new(null_mut()) };
    /// How often that has meddled.
    static MEDDLED: Cell<u32> = const { Cell::new(0) };
}

/// Calls everything that there is for its own reader.
unsafe extern "C" fn meddles(
    dec: *const mqttc_decoder,
    buf: *const u8,
    len: usize,
    out: *mut mqttc_packet,
    detail: *mut mqttc_detail,
) -> i32 {
    let r = OWN.get();
    // SAFETY: it is that reader, which has just called; the results are live.
    unsafe {
        for pieces in [false, true] {
            let (said, packet) = next(r, pieces);
            assert_eq!(said, Said { returned: INVALID_ARGUMENT, detail: None });
            packet.check_untouched();
        }
        let space = mqttc_reader_space(r);
        assert_eq!((space.ptr, space.len), (null_mut(), 0));
        assert_eq!(mqttc_reader_commit(r, 1), INVALID_ARGUMENT);
        assert_eq!(mqttc_reader_commit(r, 0), INVALID_ARGUMENT);
        assert_eq!(mqttc_reader_skip(r), INVALID_ARGUMENT);
        assert_eq!(mqttc_reader_connect_version(r), INVALID_ARGUMENT);
        MEDDLED.set(MEDDLED.get() + 1);
        mqttc_decode(dec, buf, len, out, detail)
    }
}

/// Also makes its own reader anew, which has no effect as long as it runs: the call in progress ends as it
/// would.
unsafe extern "C" fn begins_anew(
    dec: *const mqttc_decoder,
    buf: *const u8,
    len: usize,
    out: *mut mqttc_packet,
    detail: *mut mqttc_detail,
) -> i32 {
    let r = OWN.get();
    // SAFETY: as above; the buffer is the one that was lent.
    unsafe {
        assert_eq!(mqttc_reader_init(r, (*r).buf, (*r).cap, Some(begins_anew), null()), 0);
        // Not in use any more, for all that it knows.
        assert!(mqttc_reader_space(r).len > 0);
        MEDDLED.set(MEDDLED.get() + 1);
        mqttc_decode(dec, buf, len, out, detail)
    }
}

#[test]
fn a_decode_function_that_calls_its_own_reader() {
    // A packet, the front of one, and one that is refused.
    let stream = b"\x40\x02\x00\x07\x30\x05\x00\x01t\xd0\x00\x30\x05\x00\x03a/+\xd0\x00";
    for decode in [meddles, begins_anew] {
        for pieces in [false, true] {
            MEDDLED.set(0);
            let mut lent = [0; 32];
            // SAFETY: `lent` lives, and is touched through the reader alone.
            unsafe {
                let mut r = reader(lent.as_mut_ptr(), lent.len(), Some(decode), &stream[..4]);
                let r = &raw mut r;
                OWN.set(r);
                let (said, packet) = next(r, pieces);
                assert_eq!((said.returned, encode(&packet.filled())), (PACKET, Ok(stream[..4].to_vec())));
                receive(r, &stream[4..9]);
                let (said, _) = next(r, pieces);
                assert_eq!(said, Said::need_more(2));
                receive(r, &stream[9..]);
                let (said, packet) = next(r, pieces);
                assert_eq!((said.returned, encode(&packet.filled())), (PACKET, Ok(stream[4..11].to_vec())));
                for _ in 0..2 {
                    let (said, _) = next(r, pieces);
                    assert_eq!(said.returned, MQTTC_ERR_TOPIC_WILDCARD as i32);
                    assert_eq!(said.detail.unwrap().offset, 6);
                }
                assert_eq!(mqttc_reader_skip(r), 0);
                let (said, packet) = next(r, pieces);
                assert_eq!((said.returned, encode(&packet.filled())), (PACKET, Ok(b"\xd0\x00".to_vec())));
                assert_eq!(next(r, pieces).0, Said::need_more(2));
            }
            // For the three packets, the front of one, the refused one, and no bytes at the end.
            assert_eq!(MEDDLED.get(), 6);
        }
    }
}

/// As a decode function leaves it that never returns.
#[test]
fn a_reader_that_is_left_in_use() {
    let mut lent = [0; 8];
    // SAFETY: `lent` lives, and is touched through the reader alone.
    unsafe {
        let mut r = reader(lent.as_mut_ptr(), lent.len(), Some(meddles), b"\xd0\x00");
        let r = &raw mut r;
        OWN.set(r);
        (*r).busy = 1;
        let (mut packet, mut detail) = (Slot::<mqttc_packet>::new(), Slot::<mqttc_detail>::new());
        let got = meddles(null(), [0xd0, 0].as_ptr(), 2, packet.as_mut_ptr(), detail.as_mut_ptr());
        assert_eq!((got, (*r).end), (2, 2), "the bytes of a commit that is refused were taken");
        assert_eq!(mqttc_reader_init(r, lent.as_mut_ptr(), lent.len(), Some(mqttc_decode), null()), 0);
        receive(r, b"\xc0\x00");
        assert_eq!(next(r, false).0.returned, PACKET);
    }
}

/// What a decode function of one's own must not return is found out.
#[test]
fn a_decode_function_that_returns_what_none_does() {
    macro_rules! returns {
        ($returned:expr, $left:expr) => {{
            unsafe extern "C" fn decode(
                _: *const mqttc_decoder,
                _: *const u8,
                _: usize,
                _: *mut mqttc_packet,
                detail: *mut mqttc_detail,
            ) -> i32 {
                // SAFETY: the reader's own.
                unsafe { (*detail).left = $left };
                $returned
            }
            decode
        }};
    }
    let functions: [(unsafe extern "C" fn(_, _, _, _, _) -> i32, i32); 6] = [
        (returns!(5, 0), INVALID_ARGUMENT), // more than there is
        (returns!(i32::MAX, 0), INVALID_ARGUMENT),
        (returns!(NEED_MORE, 0), INVALID_ARGUMENT), // which would be asked for for ever
        (returns!(NULL, 0), NULL),
        (returns!(-1000, 0), -1000),
        (returns!(i32::MIN, 7), i32::MIN),
    ];
    for (decode, expected) in functions {
        for pieces in [false, true] {
            let mut lent = [0; 8];
            // SAFETY: `lent` lives, and is touched through the reader alone.
            unsafe {
                let mut r = reader(lent.as_mut_ptr(), lent.len(), Some(decode), b"\x40\x02\x00\x07");
                let r = &raw mut r;
                let (mut packet, mut detail) = (Slot::<mqttc_packet>::new(), Slot::<mqttc_detail>::new());
                let next = if pieces { mqttc_reader_next_piece } else { mqttc_reader_next };
                assert_eq!(next(r, packet.as_mut_ptr(), detail.as_mut_ptr()), expected);
                packet.check_untouched();
                detail.check_untouched();
                assert_eq!(((*r).start, (*r).end, (*r).busy), (0, 4, 0));
            }
        }
    }
}

/// The two calls for what comes next, mixed.
#[test]
fn pieces_are_given_to_who_asks_for_them() {
    let mut lent = [0; 16];
    // SAFETY: `lent` lives, and is touched through the reader alone.
    unsafe {
        let mut r =
            reader(lent.as_mut_ptr(), lent.len(), Some(mqttc_decode), b"\x32\x10\x00\x01t\x00\x07payl");
        let r = &raw mut r;
        // 18 bytes that the buffer does not hold. It stays so.
        for _ in 0..2 {
            let detail = Detail { bytes: (null(), 0), left: 18, offset: 1 };
            assert_eq!(next(r, false).0, Said { returned: TOO_LARGE, detail: Some(detail) });
            assert_eq!(next(r, true).0.returned, TOO_LARGE);
        }
        assert_eq!(mqttc_reader_skip(r), 0);
        assert_eq!(next(r, false).0.returned, NEED_MORE);
        receive(r, b"oad1234");
        receive_and_begin_again(r);
    }
}

/// # Safety
///
/// As for [`receive`].
unsafe fn receive_and_begin_again(r: *mut mqttc_reader) {
    // SAFETY: the caller's promise.
    unsafe {
        assert_eq!(next(r, true).0.returned, NEED_MORE);
        receive(r, b"\x32\x10\x00\x01t\x00\x07payl");
        let (mut packet, mut detail) = (Slot::<mqttc_packet>::new(), Slot::<mqttc_detail>::new());
        let (p, d) = (packet.as_mut_ptr(), detail.as_mut_ptr());
        assert_eq!(mqttc_reader_next_piece(r, p, d), PUBLISH_START);
        assert_eq!(Detail::from(*d), Detail { bytes: (null(), 0), left: 11, offset: 0 });
        // Neither the version of a CONNECT nor a packet is there to be asked for, and nothing is changed by
        // asking.
        assert_eq!(mqttc_reader_connect_version(r), INVALID_ARGUMENT);
        assert_eq!(mqttc_reader_next(r, p, d), INVALID_ARGUMENT);
        for (received, left) in [(&b""[..], 7), (b"oad", 4), (b"1234", 0)] {
            receive(r, received);
            assert_eq!(mqttc_reader_next_piece(r, p, d), PAYLOAD);
            assert_eq!(((*d).left, (*d).offset), (left, 0));
            let publish = (*p).u.publish;
            assert_eq!((publish.qos, publish.packet_id), (1, 7));
            assert_eq!((publish.topic.ptr, publish.topic.len), (null(), 0));
        }
        assert_eq!(mqttc_reader_next(r, p, null_mut()), NEED_MORE);
        assert_eq!(mqttc_reader_next_piece(r, p, null_mut()), NULL);
    }
}

/// The version of a CONNECT that waits, from the first byte on, and what else may wait there.
#[test]
fn the_version_of_a_connect_that_waits() {
    let frame = b"\x10\x0d\x00\x04MQTT\x05\x02\x00\x3c\x00\x01c";
    for len in 0..=frame.len() {
        let mut lent = [0; 64];
        // SAFETY: `lent` lives, and is touched through the reader alone.
        unsafe {
            let mut r = reader(lent.as_mut_ptr(), lent.len(), Some(mqttc_decode), b"\xc0\x00\xd0\x00");
            let r = &raw mut r;
            for packet in [12, 13] {
                assert!(mqttc_reader_connect_version(r) < 0, "a CONNECT while {packet} waits");
                assert_eq!(next(r, false).0.returned, PACKET);
            }
            receive(r, &frame[..len]);
            let version = if len < 9 { NEED_MORE } else { 5 };
            let before = ((*r).start, (*r).end);
            assert_eq!(mqttc_reader_connect_version(r), version, "{len} bytes");
            assert_eq!(((*r).start, (*r).end), before);
            // Asked for, it is refused: the version is there still.
            if len == frame.len() {
                assert!(next(r, false).0.returned < NULL);
                assert_eq!(mqttc_reader_connect_version(r), 5);
            }
            assert_eq!(mqttc_reader_connect_version(null()), NULL);
        }
    }
}

/// NULL is nowhere, and not an object at address 0 that a buffer at the lowest addresses overlaps.
#[test]
fn memory_at_the_lowest_addresses() {
    for address in [1_usize, 8, 16, 64] {
        let buf: *mut u8 = without_provenance_mut(address);
        let mut r = Slot::<mqttc_reader>::new();
        let mut packet = Slot::<mqttc_packet>::new();
        let mut why = Slot::<mqttc_status>::new();
        let w = why.as_mut_ptr();
        // SAFETY: live objects; the buffer is not touched, as nothing was put into it and nothing is encoded.
        unsafe {
            assert_eq!(mqttc_reader_init(null_mut(), buf, 64, Some(mqttc_decode), null()), NULL);
            assert_eq!(mqttc_reader_init(r.as_mut_ptr(), buf, 64, Some(mqttc_decode), null()), 0);
            assert_eq!(mqttc_reader_next(r.as_mut_ptr(), packet.as_mut_ptr(), null_mut()), NEED_MORE);
            assert_eq!(mqttc_reader_next(r.as_mut_ptr(), null_mut(), null_mut()), NULL);
            assert_eq!(mqttc_reader_next_piece(r.as_mut_ptr(), packet.as_mut_ptr(), null_mut()), NULL);
            assert_eq!(mqttc_reader_skip(r.as_mut_ptr()), 0);
            assert_eq!(mqttc_reader_connect_version(r.as_mut_ptr()), NEED_MORE);

            assert_eq!((mqttc_publish_encode(null(), buf, 64, w), *w), (0, NULL));
            // Absent texts are NULL; a level that is none is what is found.
            let mut connect = Slot::<mqttc_connect>::new();
            mqttc_connect_init(connect.as_mut_ptr());
            let mut connect = connect.filled();
            connect.protocol_level = 9;
            assert_eq!(
                (mqttc_connect_encode(&connect, buf, 64, w), *w),
                (0, MQTTC_ERR_PROTOCOL_LEVEL as i32)
            );
            assert_eq!(mqttc_connect_encode(&connect, buf, 64, null_mut()), 0);
        }
    }
}

/// No result lies in the reader, in its buffer or in the other result.
#[test]
fn results_in_the_wrong_place() {
    let mut lent = [0_u64; 40];
    let (buf, cap) = (lent.as_mut_ptr().cast::<u8>(), size_of_val(&lent));
    // SAFETY: the memory is there, and nothing but the reader's calls touch it.
    unsafe {
        let mut r = reader(buf, cap, Some(mqttc_decode), b"\xc0\x00");
        let r = &raw mut r;
        let (mut packet, mut detail) = (Slot::<mqttc_packet>::new(), Slot::<mqttc_detail>::new());
        let (p, d) = (packet.as_mut_ptr(), detail.as_mut_ptr());
        for (p, d) in [
            (p, buf.cast()),
            (p, buf.add(cap - 8).cast()),
            (buf.cast(), d),
            (buf.add(cap - 8).cast(), d),
            (buf.add(16).cast(), null_mut()),
            (p, r.cast()),
            (p, (&raw mut (*r).refused).cast()),
            (r.cast(), d),
            ((&raw mut (*r).start).cast(), null_mut()),
            (p, p.cast()),
            (p, (&raw mut (*p).tolerated).cast::<u8>().cast()),
            (p, d.wrapping_byte_add(1)),
            (p.wrapping_byte_add(1), d),
        ] {
            for next in [mqttc_reader_next, mqttc_reader_next_piece] {
                let got = next(r, p, d);
                // Without a detail there are no pieces, which is found first.
                assert!(got == INVALID_ARGUMENT || d.is_null() && got == NULL, "{p:?} {d:?}: {got}");
            }
        }
        packet.check_untouched();
        detail.check_untouched();
        assert_eq!(((*r).start, (*r).end), (0, 2));
        let packet = Said::packet(std::slice::from_raw_parts(buf, 2), 2);
        assert_eq!(next(r, false).0, Said { returned: PACKET, ..packet });
        let within = buf.cast::<mqttc_reader>();
        assert_eq!(mqttc_reader_init(within, buf, cap, Some(mqttc_decode), null()), INVALID_ARGUMENT);
        let dec = buf.cast::<mqttc_decoder>();
        assert_eq!(mqttc_reader_init(r, buf, cap, Some(mqttc_decode), dec), INVALID_ARGUMENT);
        assert_eq!(mqttc_reader_init(r, buf, 0, Some(mqttc_decode), ptr::null()), INVALID_ARGUMENT);
        assert_eq!(mqttc_reader_init(r, buf, cap, None, ptr::null()), NULL);
    }
}
