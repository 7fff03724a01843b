//! Any packet: decoded into one struct, and encoded from it.

use mqtt_codec::v3::{RawFrame, Role};
use mqtt_codec::{DecodeError, PacketId, PacketType};

use crate::ack;
use crate::bodyless;
use crate::call::{self, Encoded, Task};
use crate::connack::{self, mqttc_connack, mqttc_connack_encode};
use crate::connect::{self, mqttc_connect, mqttc_connect_encode};
use crate::decoder::mqttc_decoder;
use crate::filters::{self, mqttc_filter_list};
use crate::ptr::{self, FromC, Out, Output, Place};
use crate::publish::{self, mqttc_publish, mqttc_publish_encode};
use crate::status::{INVALID_ARGUMENT, NONE, mqttc_detail, mqttc_status};
use crate::suback::{self, mqttc_suback, mqttc_suback_encode};

/// The body of an `mqttc_packet`; its `type` tells which member.
#[derive(Clone, Copy)]
#[repr(C)]
pub union mqttc_packet_body {
    /// MQTTC_CONNECT
    pub connect: mqttc_connect,
    /// MQTTC_CONNACK
    pub connack: mqttc_connack,
    /// MQTTC_PUBLISH
    pub publish: mqttc_publish,
    /// MQTTC_PUBACK, MQTTC_PUBREC, MQTTC_PUBREL, MQTTC_PUBCOMP, MQTTC_UNSUBACK
    pub packet_id: u16,
    /// MQTTC_SUBSCRIBE
    pub subscribe: mqttc_filter_list,
    /// MQTTC_SUBACK
    pub suback: mqttc_suback,
    /// MQTTC_UNSUBSCRIBE
    pub unsubscribe: mqttc_filter_list,
}

/// Any decoded packet. PINGREQ, PINGRESP and DISCONNECT have no body. `mqttc_packet_id` gives the packet
/// identifier of any type; `u.packet_id` is that of the acknowledgements alone.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct mqttc_packet {
    /// The member of this packet's `type`.
    pub u: mqttc_packet_body,
    /// What the decoder's options have let through: `mqttc_option` bits, 0 by default.
    pub tolerated: u32,
    /// MQTTC_CONNECT (1) to MQTTC_DISCONNECT (14).
    pub r#type: u8,
}

// SAFETY: integers, raw pointers and a union of such structs.
unsafe impl FromC for mqttc_packet {}

/// Writes a packet that was decoded, or that you filled in likewise: the member of `u` that `type`
/// names. Returns its length; `buf`, `cap` and `why` as for `mqttc_connect_encode`. A SUBSCRIBE or
/// UNSUBSCRIBE writes what its iterator has left. `tolerated` is not looked at.
///
/// Errors: those of the type's own encode function; MQTTC_ERR_INVALID_ARGUMENT also for a type that
/// does not exist and for an iterator that was tampered with.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_packet_encode(
    p: *const mqttc_packet,
    buf: *mut u8,
    cap: usize,
    why: *mut mqttc_status,
) -> usize {
    // SAFETY: the caller's promise; every member takes any bits, and reading one is what `type` asks for.
    unsafe {
        let output = Output::of(buf, cap);
        let refused = |status| call::end(Encoded::refused(status), buf, why);
        let status = call::check_struct(Place::of(p), output, why);
        if status != NONE {
            return refused(status);
        }
        let c: &mqttc_packet = ptr::checked_view(p);
        let Some(packet_type) = PacketType::from_number(c.r#type) else {
            return refused(INVALID_ARGUMENT);
        };
        match packet_type {
            PacketType::Connect => mqttc_connect_encode(&c.u.connect, buf, cap, why),
            PacketType::ConnAck => mqttc_connack_encode(&c.u.connack, buf, cap, why),
            PacketType::Publish => mqttc_publish_encode(&c.u.publish, buf, cap, why),
            PacketType::PubAck
            | PacketType::PubRec
            | PacketType::PubRel
            | PacketType::PubComp
            | PacketType::UnsubAck => ack::encode(packet_type, c.u.packet_id, buf, cap, why),
            // Of one type, in one place.
            PacketType::Subscribe | PacketType::Unsubscribe => {
                call::end(filters::encode_decoded(packet_type, &c.u.subscribe, output).into(), buf, why)
            }
            PacketType::SubAck => mqttc_suback_encode(&c.u.suback, buf, cap, why),
            PacketType::PingReq | PacketType::PingResp | PacketType::Disconnect => {
                bodyless::encode(buf, cap, why, packet_type)
            }
        }
    }
}

/// Decodes one frame: `mqttc_decode`, `mqttc_decode_from_server` or `mqttc_decode_from_client`. One of
/// your own must return what they return, and must not throw a C++ exception or call longjmp.
pub type mqttc_decode_fn = Option<
    unsafe extern "C" fn(
        dec: *const mqttc_decoder,
        buf: *const u8,
        len: usize,
        out: *mut mqttc_packet,
        detail: *mut mqttc_detail,
    ) -> i32,
>;

/// Decodes the packet at the front of `buf`. Bytes after its frame are never looked at; slices in
/// `*out` point into `buf`; there is nothing to free.
///
///     d0 00               PINGRESP
///     40 02 00 07         PUBACK, packet id 7
///     30 05 00 03 a / b   PUBLISH to "a/b", QoS 0, no payload
///
/// `dec`: limits, role, version and options; NULL means the defaults. `buf` may be NULL if `len` is 0.
/// `detail` may be NULL.
///
/// Returns the length of the frame, with `*out` filled: the next packet starts there. MQTTC_NEED_MORE
/// (0): the frame is not complete; `left` of `*detail` is the number of bytes still missing (2 for an
/// empty buffer, 1 while the remaining length is unfinished, afterwards exact). -32 and below: a broken
/// rule, at `offset` of `*detail`, after which the specification wants the connection closed
/// [MQTT-4.8.0-1]. -1 to -31: a mistake of the call. `*out` is filled only with a packet.
///
///     while ((n = mqttc_decode(NULL, buf, len, &packet, &detail)) > 0) {
///         handle(&packet);
///         buf += n;
///         len -= (size_t)n;
///     }
///
/// What the fixed header shows (type, flags, length) is refused as soon as it is there, everything else
/// when the frame is whole.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_decode(
    dec: *const mqttc_decoder,
    buf: *const u8,
    len: usize,
    out: *mut mqttc_packet,
    detail: *mut mqttc_detail,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { decode::<ANY>(Role::Any, dec, buf, len, out, detail) }
}

/// Like `mqttc_decode`, for a client: takes only what a server sends, and links only that. Other types
/// are MQTTC_ERR_WRONG_DIRECTION, and so are those that the role of `dec` never receives.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_decode_from_server(
    dec: *const mqttc_decoder,
    buf: *const u8,
    len: usize,
    out: *mut mqttc_packet,
    detail: *mut mqttc_detail,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { decode::<CLIENT>(Role::Client, dec, buf, len, out, detail) }
}

/// Like `mqttc_decode`, for a server: takes only what a client sends, and links only that. Other types
/// are MQTTC_ERR_WRONG_DIRECTION, and so are those that the role of `dec` never receives.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_decode_from_client(
    dec: *const mqttc_decoder,
    buf: *const u8,
    len: usize,
    out: *mut mqttc_packet,
    detail: *mut mqttc_detail,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { decode::<SERVER>(Role::Server, dec, buf, len, out, detail) }
}

const ANY: u8 = Role::Any as u8;
const CLIENT: u8 = Role::Client as u8;
const SERVER: u8 = Role::Server as u8;

/// # Safety
///
/// As for every function here: see the crate's documentation.
#[inline]
unsafe fn decode<const ROLE: u8>(
    role: Role,
    dec: *const mqttc_decoder,
    buf: *const u8,
    len: usize,
    out: *mut mqttc_packet,
    detail: *mut mqttc_detail,
) -> i32 {
    // SAFETY: the caller's promise; `out` is what was checked.
    unsafe {
        call::decode(Task::of_role::<mqttc_packet>(role), dec, buf, len, out, detail, |frame, _| {
            read::<ROLE>(frame, out)
        })
    }
}

/// Reads the body of a frame into `*out`, which an error leaves as it was. `ROLE` is known when this is compiled,
/// so that the readers of types that the role never receives are not linked.
///
/// # Safety
///
/// `out` was checked.
#[inline]
unsafe fn read<const ROLE: u8>(frame: &mut RawFrame<'_>, out: *mut mqttc_packet) -> Result<(), DecodeError> {
    // SAFETY: the caller's promise. Each member is written where it is: a packet handed on by value would be
    // copied twice on its way.
    unsafe {
        let u = &raw mut (*out).u;
        match frame.packet_type() {
            PacketType::Connect if ROLE != CLIENT => {
                connect::read(frame, Out::checked(&raw mut (*u).connect))?;
            }
            PacketType::ConnAck if ROLE != SERVER => {
                connack::read(frame, Out::checked(&raw mut (*u).connack))?;
            }
            PacketType::Publish => publish::read(frame, Out::checked(&raw mut (*u).publish))?,
            PacketType::PubAck
            | PacketType::PubRec
            | PacketType::PubRel
            | PacketType::PubComp
            | PacketType::UnsubAck => ack::read(frame, Out::checked(&raw mut (*u).packet_id))?,
            PacketType::Subscribe | PacketType::Unsubscribe if ROLE != CLIENT => {
                filters::read(frame, frame.packet_type(), Out::checked(&raw mut (*u).subscribe))?;
            }
            PacketType::SubAck if ROLE != SERVER => {
                suback::read(frame, Out::checked(&raw mut (*u).suback))?;
            }
            PacketType::PingReq | PacketType::PingResp | PacketType::Disconnect => {}
            // The decoder was narrowed to this role, and has refused the other types.
            _ => return Err(frame.wrong_direction()),
        }
        Out::checked(&raw mut (*out).tolerated).set(frame.tolerated().bits());
        Out::checked(&raw mut (*out).r#type).set(frame.packet_type() as u8);
    }
    Ok(())
}

/// The packet identifier to use after `last`: one more, and 1 after 65535 and after 0. Whether it is
/// still in use [MQTT-2.3.1-2] is for you to know.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn mqttc_next_packet_id(last: u16) -> u16 {
    PacketId::new(last).map_or(PacketId::MIN, PacketId::next).get()
}
