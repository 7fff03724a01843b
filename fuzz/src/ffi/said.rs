//! What the C functions say, and how they are asked: with canaries around all that they may write to. The
//! tests of mqtt-ffi use it as well.

use std::ptr;

use mqtt_codec::v3::Decoded;
use mqtt_codec::{DecodeError, ErrorKind};
use mqtt_ffi::ack::mqttc_ack_decode;
use mqtt_ffi::bodyless::mqttc_bodyless_decode;
use mqtt_ffi::connack::mqttc_connack_decode;
use mqtt_ffi::connect::mqttc_connect_decode;
use mqtt_ffi::decoder::mqttc_decoder;
use mqtt_ffi::filters::{mqttc_subscribe_decode, mqttc_unsubscribe_decode};
use mqtt_ffi::packet::{mqttc_packet, mqttc_packet_body, mqttc_packet_encode};
use mqtt_ffi::publish::mqttc_publish_decode;
use mqtt_ffi::slice::mqttc_slice;
use mqtt_ffi::status::mqttc_code::*;
use mqtt_ffi::status::{mqttc_detail, mqttc_status};
use mqtt_ffi::suback::mqttc_suback_decode;

use super::guarded::{Buffer, Slot};

pub(crate) const NEED_MORE: i32 = MQTTC_NEED_MORE as i32;
pub(crate) const PACKET: i32 = MQTTC_PACKET as i32;
pub(crate) const PUBLISH_START: i32 = MQTTC_PUBLISH_START as i32;
pub(crate) const PAYLOAD: i32 = MQTTC_PAYLOAD as i32;
pub(crate) const TOO_SMALL: i32 = MQTTC_ERR_BUFFER_TOO_SMALL as i32;
pub(crate) const INVALID_ARGUMENT: i32 = MQTTC_ERR_INVALID_ARGUMENT as i32;
pub(crate) const FIRST_RULE: i32 = MQTTC_ERR_REMAINING_LENGTH as i32;

/// The status of a broken rule.
pub(crate) fn status_of(kind: ErrorKind) -> i32 {
    let index = ErrorKind::ALL.iter().position(|other| *other == kind).unwrap();
    FIRST_RULE - index as i32
}

/// What a call says: what it returns, and its detail, if that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) returned: i32,
    pub(crate) detail: Option<Detail>,
}

/// An `mqttc_detail`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Detail {
    pub(crate) bytes: (*const u8, usize),
    pub(crate) left: u32,
    pub(crate) offset: u32,
}

impl From<mqttc_detail> for Detail {
    fn from(detail: mqttc_detail) -> Self {
        let mqttc_detail { bytes, left, offset } = detail;
        Self { bytes: (bytes.ptr, bytes.len), left, offset }
    }
}

impl Said {
    /// What a call has returned, with its detail: a caller's mistake leaves that alone.
    pub(crate) fn new(returned: i32, detail: &Slot<mqttc_detail>) -> Self {
        if returned < 0 && returned > FIRST_RULE {
            detail.check_untouched();
            return Self { returned, detail: None };
        }
        // SAFETY: everything else fills it; any bytes are a value.
        Self { returned, detail: Some(unsafe { detail.filled() }.into()) }
    }

    /// The first `returned` bytes of `bytes`.
    pub(crate) fn packet(bytes: &[u8], returned: usize) -> Self {
        let detail = Detail { bytes: (bytes.as_ptr(), returned), left: 0, offset: 0 };
        Self { returned: returned as i32, detail: Some(detail) }
    }

    pub(crate) fn need_more(left: usize) -> Self {
        let detail = Detail { bytes: (ptr::null(), 0), left: left as u32, offset: 0 };
        Self { returned: NEED_MORE, detail: Some(detail) }
    }

    /// A broken rule in the frame that `given` begins with.
    pub(crate) fn broken(kind: ErrorKind, offset: usize, given: &[u8]) -> Self {
        let left = if kind == ErrorKind::PacketTooLarge { declared_len(given) } else { 0 };
        let offset = offset.min(given.len()) as u32;
        let detail = Detail { bytes: (ptr::null(), 0), left, offset };
        Self { returned: status_of(kind), detail: Some(detail) }
    }

    /// What C says where Rust says `verdict`.
    pub(crate) fn of(verdict: Result<Decoded<'_>, DecodeError>, given: &[u8]) -> Self {
        match verdict {
            Ok(Decoded::Packet { len, .. }) => Self::packet(given, len),
            Ok(Decoded::NeedMore { at_least }) => Self::need_more(at_least),
            Err(error) => Self::broken(error.kind(), error.offset(), given),
        }
    }
}

/// The length of a frame by its header, counted without the codec.
pub(crate) fn declared_len(given: &[u8]) -> u32 {
    let mut len = 0;
    for (group, byte) in (0..4).zip(given.iter().skip(1)) {
        len |= u32::from(byte & 0x7f) << (7 * group);
        if byte & 0x80 == 0 {
            return len + group + 2;
        }
    }
    0
}

pub(crate) type Decode<T> =
    unsafe extern "C" fn(*const mqttc_decoder, *const u8, usize, *mut T, *mut mqttc_detail) -> i32;

/// Calls a decoder. Its result is touched only when there is one, and it returns the same when the detail is
/// not asked for.
pub(crate) fn decode<T: Copy>(
    decode: Decode<T>,
    dec: *const mqttc_decoder,
    bytes: &[u8],
) -> (Said, Option<T>) {
    let (buf, len) = (bytes.as_ptr(), bytes.len());
    let (mut out, mut detail) = (Slot::<T>::new(), Slot::new());
    // SAFETY: every pointer is to a live object of its type, `dec` too, unless it is NULL.
    let returned = unsafe { decode(dec, buf, len, out.as_mut_ptr(), detail.as_mut_ptr()) };
    let said = Said::new(returned, &detail);
    let mut unasked = Slot::<T>::new();
    // SAFETY: as above.
    assert_eq!(unsafe { decode(dec, buf, len, unasked.as_mut_ptr(), ptr::null_mut()) }, returned);
    if returned > 0 {
        unasked.check_margins();
        // SAFETY: a packet: it is filled.
        (said, Some(unsafe { out.filled() }))
    } else {
        out.check_untouched();
        unasked.check_untouched();
        (said, None)
    }
}

/// Encodes: asks for the size, then takes a buffer of just that, one byte less, and none at all.
pub(crate) fn encode_by(
    encoder: impl Fn(*mut u8, usize, *mut mqttc_status) -> usize,
) -> Result<Vec<u8>, i32> {
    let call = |out: &mut Buffer, cap: usize| {
        let mut why = Slot::<mqttc_status>::new();
        let n = encoder(out.as_mut_ptr(), cap, why.as_mut_ptr());
        // SAFETY: it is filled with each result.
        let why = unsafe { why.filled() };
        let written = if cap > 0 { n } else { 0 };
        assert!((n == 0) == (why < 0) && why <= 0, "{n} and {why}");
        let bytes = out.written(written).to_vec();
        if why < 0 { Err(why) } else { Ok((n, bytes)) }
    };
    let size = match call(&mut Buffer::new(0), 0) {
        Ok((size, _)) => size,
        Err(why) => {
            assert_eq!(call(&mut Buffer::new(64), 64), Err(why), "the size of what is not encoded");
            return Err(why);
        }
    };
    let (n, frame) = call(&mut Buffer::new(size), size)?;
    assert_eq!(n, size);
    if size > 1 {
        assert_eq!(call(&mut Buffer::new(size - 1), size - 1), Err(TOO_SMALL));
    }
    let mut out = Buffer::new(size + 9);
    assert_eq!(encoder(out.as_mut_ptr(), size + 9, ptr::null_mut()), size, "without `why`");
    assert_eq!(out.written(size), frame);
    let mut why = Slot::<mqttc_status>::new();
    // A buffer of no bytes is not the question for the size.
    assert_eq!(encoder(out.as_mut_ptr(), 0, why.as_mut_ptr()), 0);
    // SAFETY: as above.
    assert_eq!(unsafe { why.filled() }, TOO_SMALL);
    Ok(frame)
}

/// Encodes a packet, whose slices must still be there.
pub(crate) fn encode(packet: &mqttc_packet) -> Result<Vec<u8>, i32> {
    // SAFETY: live objects.
    encode_by(|buf, cap, why| unsafe { mqttc_packet_encode(packet, buf, cap, why) })
}

/// A slice of live bytes.
pub(crate) fn slice(bytes: &[u8]) -> mqttc_slice {
    mqttc_slice { ptr: bytes.as_ptr(), len: bytes.len() }
}

/// A decoder of one type, or of those that have the same struct: the numbers of the types, and a call whose
/// result is made into a packet.
type OneType = (&'static [u8], fn(*const mqttc_decoder, &[u8]) -> (Said, Option<mqttc_packet>));

const ONE_TYPE: [OneType; 8] = [
    (&[1], |dec, bytes| one(mqttc_connect_decode, dec, bytes, |connect| mqttc_packet_body { connect })),
    (&[2], |dec, bytes| one(mqttc_connack_decode, dec, bytes, |connack| mqttc_packet_body { connack })),
    (&[3], |dec, bytes| one(mqttc_publish_decode, dec, bytes, |publish| mqttc_packet_body { publish })),
    (&[4, 5, 6, 7, 11], |dec, bytes| {
        one(mqttc_ack_decode, dec, bytes, |packet_id| mqttc_packet_body { packet_id })
    }),
    (&[8], |dec, bytes| one(mqttc_subscribe_decode, dec, bytes, |subscribe| mqttc_packet_body { subscribe })),
    (&[9], |dec, bytes| one(mqttc_suback_decode, dec, bytes, |suback| mqttc_packet_body { suback })),
    (&[10], |dec, bytes| {
        one(mqttc_unsubscribe_decode, dec, bytes, |unsubscribe| mqttc_packet_body { unsubscribe })
    }),
    (&[12, 13, 14], |dec, bytes| {
        one(mqttc_bodyless_decode, dec, bytes, |found: u8| {
            assert_eq!(found, bytes[0] >> 4);
            mqttc_packet_body { packet_id: 0 }
        })
    }),
];

fn one<T: Copy>(
    function: Decode<T>,
    dec: *const mqttc_decoder,
    bytes: &[u8],
    body: impl FnOnce(T) -> mqttc_packet_body,
) -> (Said, Option<mqttc_packet>) {
    let (said, found) = decode(function, dec, bytes);
    let packet = |found| mqttc_packet { u: body(found), tolerated: 0, r#type: bytes[0] >> 4 };
    (said, found.map(packet))
}

/// Every decoder of one type gives what was given for any packet, `general`, and refuses another type by the
/// first byte alone, whatever else is wrong. A decoder that is none comes before that.
pub(crate) fn check_one_type(dec: *const mqttc_decoder, bytes: &[u8], general: (Said, Option<mqttc_packet>)) {
    for (types, call) in ONE_TYPE {
        let (said, packet) = call(dec, bytes);
        let expected = match bytes.first().map(|first| first >> 4) {
            _ if general.0.returned == INVALID_ARGUMENT => general.0,
            None | Some(0 | 15) => general.0,
            Some(packet_type) if types.contains(&packet_type) => general.0,
            Some(_) => Said::broken(ErrorKind::PacketTypeUnexpected, 0, bytes),
        };
        assert_eq!(said, expected, "by the decoder for {types:?} of {bytes:02x?}");
        if let Some(packet) = packet {
            // Field by field; what cannot be encoded, such as a raw code, is refused alike.
            assert_eq!(encode(&packet), encode(&general.1.unwrap()), "{bytes:02x?}");
        }
    }
}
