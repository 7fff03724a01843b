//! The decoders, of any packet and of one type, against the codec's own: for every vector, every prefix of
//! each, and every first byte.
#![allow(
    missing_docs,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::panic
)]

mod calls;

use std::ptr;

use mqtt_codec::ErrorKind;
use mqtt_codec::v3::{Decoded, Role};
use mqtt_ffi::connect::mqttc_connect_decode;
use mqtt_ffi::packet::{mqttc_decode, mqttc_decode_from_client, mqttc_decode_from_server, mqttc_packet};
use mqtt_ffi::peek::{mqttc_header, mqttc_peek, mqttc_peek_connect_version};
use mqtt_ffi::publish::{mqttc_publish, mqttc_publish_decode};
use mqtt_ffi::status::mqttc_detail;

use calls::guarded::Slot;
use calls::{Decode, INVALID_ARGUMENT, NULL, Said, check_one_type, decode, decoder, encode};

/// Miri has time for one vector in so many.
const STEP: usize = if cfg!(miri) { 16 } else { 1 };

/// The lengths of the prefixes to try: all of a short frame, and all that end in the header or short of the
/// end by a byte.
fn prefixes(len: usize) -> impl Iterator<Item = usize> {
    let all_up_to = if cfg!(miri) { 2 } else { 300 };
    (0..=len).filter(move |at| *at <= all_up_to || *at + 1 >= len || at.is_power_of_two() && !cfg!(miri))
}

#[test]
fn every_vector_and_every_prefix_of_it() {
    let mut packets = 0;
    for (vector, dec, rust) in calls::vectors().iter().step_by(STEP) {
        for len in prefixes(vector.frame.len()) {
            // An allocation that ends where the bytes do.
            let bytes: Box<[u8]> = vector.frame[..len].into();
            let general = decode(mqttc_decode, dec, &bytes);
            let verdict = rust.decode(&bytes);
            assert_eq!(general.0, Said::of(verdict, &bytes), "{} cut to {len}", vector.place);
            if let (Some(found), Ok(Decoded::Packet { packet, tolerated, .. })) = (general.1, verdict) {
                assert_eq!((found.r#type, found.tolerated), (packet.packet_type() as u8, tolerated.bits()));
                let mut canonical = vec![0; packet.encoded_len()];
                packet.encode(&mut canonical).unwrap();
                assert_eq!(encode(&found), Ok(canonical), "{}", vector.place);
                packets += 1;
            }
            check_one_type(dec, &bytes, general);
            for (narrowed, role) in [
                (mqttc_decode_from_server as Decode<_>, Role::Client),
                (mqttc_decode_from_client, Role::Server),
            ] {
                let expected = Said::of(rust.and_role(role).decode(&bytes), &bytes);
                assert_eq!(decode(narrowed, dec, &bytes).0, expected, "{} as {role:?}", vector.place);
            }
        }
        // What lies behind a frame is not looked at.
        let more = [&vector.frame[..], b"\xff\xff\xff\xff\xff"].concat();
        let general = decode(mqttc_decode, dec, &more);
        assert_eq!(general.0, Said::of(rust.decode(&more), &more), "{} and more", vector.place);
        check_one_type(dec, &more, general);
    }
    assert!(packets > 200 / STEP, "{packets}");
}

/// The first byte decides whether a frame is for a decoder of one type, before anything else that it and the
/// length may have wrong.
#[test]
fn every_first_byte() {
    let rests: [&[u8]; 7] =
        [b"", b"\x00", b"\x80", b"\x7f", b"\x80\x00", b"\xff\xff\xff\xff", b"\x02\x00\x00"];
    let decoders = (0..=2).flat_map(|role| [(role, 4), (role, 3)]);
    for (role, level) in decoders.filter(|which| !cfg!(miri) || *which == (1, 4)) {
        // Too small for most of what is declared.
        let dec = decoder(|dec| {
            (dec.role, dec.protocol_level, dec.max_packet_len) = (role, level, 100);
        });
        let firsts = (0..=255_u8).filter(|first| !cfg!(miri) || matches!(first, 0x00 | 0x10 | 0x62 | 0xf0));
        for bytes in firsts.flat_map(|first| rests.map(|rest| [&[first], rest].concat())) {
            let general = decode(mqttc_decode, &dec, &bytes);
            check_one_type(&dec, &bytes, general);
        }
    }
}

/// Any packet, with its detail in the place that `detail` says.
fn decode_into(bytes: &[u8], out: *mut mqttc_packet, detail: *mut mqttc_detail) -> i32 {
    // SAFETY: live objects, or what must be refused.
    unsafe { mqttc_decode(ptr::null(), bytes.as_ptr(), bytes.len(), out, detail) }
}

#[test]
fn no_result_lies_in_the_bytes_or_in_another_result() {
    const SIZE: usize = size_of::<mqttc_packet>() + size_of::<mqttc_detail>();
    let mut out = Slot::<mqttc_packet>::new();
    let place: *mut u8 = out.as_mut_ptr().cast();
    for at in (0..size_of::<mqttc_packet>()).step_by(align_of::<mqttc_detail>()) {
        let detail = place.wrapping_add(at).cast();
        assert_eq!(decode_into(b"\xd0\x00", out.as_mut_ptr(), detail), INVALID_ARGUMENT, "at {at}");
    }
    out.check_untouched();

    // A PINGRESP at every place of a packet and a detail behind it.
    let mut memory = [0_u64; SIZE.div_ceil(8) + 1];
    let start: *mut u8 = memory.as_mut_ptr().cast();
    let (packet, detail) =
        (start.cast::<mqttc_packet>(), start.wrapping_add(size_of::<mqttc_packet>()).cast());
    for at in 0..=SIZE {
        let bytes = start.wrapping_add(at);
        // SAFETY: the memory is there, and longer than that.
        let got = unsafe {
            bytes.copy_from_nonoverlapping([0xd0, 0].as_ptr(), 2);
            mqttc_decode(ptr::null(), bytes, 2, packet, detail)
        };
        assert_eq!(got, if at < SIZE { INVALID_ARGUMENT } else { 2 }, "bytes at {at}");
    }
    assert_eq!(decode_into(b"\xd0\x00", ptr::null_mut(), detail), NULL);
}

/// The two that look ahead.
#[test]
fn every_prefix_is_looked_at_ahead() {
    use mqtt_codec::frame::{self, Peek};
    use mqtt_codec::{ConnectVersion, PeekVersion, peek_connect_version};
    for (vector, ..) in calls::vectors().iter().step_by(STEP) {
        for len in prefixes(vector.frame.len().min(40)) {
            let bytes = &vector.frame[..len];
            let (mut out, mut detail) = (Slot::<mqttc_header>::new(), Slot::new());
            // SAFETY: live objects.
            let returned = unsafe { mqttc_peek(bytes.as_ptr(), len, out.as_mut_ptr(), detail.as_mut_ptr()) };
            let expected = match frame::peek(bytes) {
                Ok(Peek::Header(header)) => {
                    // SAFETY: a header: it is filled.
                    let found = unsafe { out.filled() };
                    assert_eq!((found.r#type, found.flags), (header.packet_type as u8, header.flags));
                    assert_eq!(found.header_len, header.header_len);
                    assert_eq!(found.remaining_len, header.remaining_len);
                    Said::packet(bytes, header.header_len.into())
                }
                Ok(Peek::NeedMore { at_least }) => Said::need_more(at_least),
                Err(error) => Said::broken(error.kind(), error.offset(), bytes),
            };
            assert_eq!(Said::new(returned, &detail), expected, "{} cut to {len}", vector.place);
            if returned <= 0 {
                out.check_untouched();
            }

            let mut detail = Slot::new();
            // SAFETY: as above.
            let (version, unasked) = unsafe {
                let (buf, none) = (bytes.as_ptr(), ptr::null_mut());
                (
                    mqttc_peek_connect_version(buf, len, detail.as_mut_ptr()),
                    mqttc_peek_connect_version(buf, len, none),
                )
            };
            assert_eq!(version, unasked);
            let expected = match peek_connect_version(bytes) {
                Ok(PeekVersion::Version(known)) => {
                    let number = match known {
                        ConnectVersion::V3_1 => 3,
                        ConnectVersion::V3_1_1 => 4,
                        ConnectVersion::V5_0 => 5,
                        _ => 1,
                    };
                    assert_eq!(version, number, "{} cut to {len}", vector.place);
                    continue;
                }
                Ok(PeekVersion::NeedMore { at_least }) => Said::need_more(at_least),
                Err(error) => Said::broken(error.kind(), error.offset(), bytes),
            };
            assert_eq!(Said::new(version, &detail), expected, "{} cut to {len}", vector.place);
        }
    }
}

/// An offset is cut to the bytes that are there, and their number may be more than 32 bits hold.
#[test]
#[cfg(all(target_pointer_width = "64", not(miri)))]
fn a_buffer_of_four_gibibytes() {
    use std::alloc::{Layout, alloc_zeroed, dealloc};

    use mqtt_ffi::ack::mqttc_ack_decode;

    let frame = b"\x40\x02\x00\x00";
    let layout = Layout::array::<u8>(1 << 32).unwrap();
    let mut out = Slot::<u16>::new();
    let mut detail = Slot::new();
    // SAFETY: the bytes are there and zero, which costs no memory until they are read; so are the results.
    unsafe {
        let bytes = alloc_zeroed(layout);
        assert!(!bytes.is_null());
        bytes.copy_from_nonoverlapping(frame.as_ptr(), frame.len());
        let returned =
            mqttc_ack_decode(ptr::null(), bytes, layout.size(), out.as_mut_ptr(), detail.as_mut_ptr());
        dealloc(bytes, layout);
        assert_eq!(Said::new(returned, &detail), Said::broken(ErrorKind::PacketIdZero, 2, frame));
    }
}

#[test]
fn an_absent_text_is_null() {
    let bytes = b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01c";
    let (said, found) = decode(mqttc_connect_decode, &decoder(|_| ()), bytes);
    let found = found.unwrap();
    assert_eq!(said, Said::packet(bytes, bytes.len()));
    for absent in [found.will_topic, found.will_message, found.user_name, found.password] {
        assert!(absent.ptr.is_null() && absent.len == 0, "{absent:?}");
    }
    let publish: mqttc_publish =
        decode(mqttc_publish_decode, &decoder(|_| ()), b"\x30\x03\x00\x01t").1.unwrap();
    assert_eq!(publish.payload.len, 0);
}
