//! Readers: from a socket's bytes to packets.
//!
//! The codec's [`Window`] over a buffer that C lends, and a decode function that C chose, so that no packet is
//! linked that is never received.

use mqtt_codec::v3::Role;
use mqtt_codec::v3::stream::{Begin, State, Step, Window, begin_in, need_more, refuse_too_large};
use mqtt_codec::{DecodeError, PacketType};

use crate::call::{self, End};
use crate::decoder::{decoder, mqttc_decoder};
use crate::packet::{mqttc_decode_fn, mqttc_packet, mqttc_packet_body};
use crate::peek::peek_version;
use crate::ptr::{self, FromC, Out, Output, Place};
use crate::slice::mqttc_slice;
use crate::status::{
    self, INVALID_ARGUMENT, NEED_MORE, NONE, NULL, PACKET, PAYLOAD, PUBLISH_START, TOO_LARGE, mqttc_detail,
    mqttc_status,
};

/// Puts packets together from the bytes of a socket, in a buffer that you lend. Fill it with
/// `mqttc_reader_init`; all fields are the reader's own. 40 bytes where pointers have 32 bits, else 64.
///
/// One call at a time for a reader and its buffer: not from two threads, not from an interrupt during a
/// call, not from its decode function. An interrupt that receives puts the bytes into a ring buffer of
/// its own, and the main loop copies them from there into `mqttc_reader_space`.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct mqttc_reader {
    /// The lent buffer.
    pub buf: *mut u8,
    /// Its size.
    pub cap: usize,
    /// The decode function given at init; `version` tells its type.
    pub decode: Option<unsafe extern "C" fn()>,
    /// The decoder given at init, or NULL.
    pub dec: *const mqttc_decoder,
    /// The first byte that was not read.
    pub start: usize,
    /// The end of what was committed.
    pub end: usize,
    /// The broken rule for which the frame at `start` was refused; 0 if it was not.
    pub refused: mqttc_status,
    /// The byte of that frame which breaks it.
    pub refused_offset: u32,
    /// The bytes that the frame, the payload or the skipped frame at `start` lacks.
    pub missing: u32,
    /// What is at `start`: 0 a frame, 1 a payload, 2 a skipped frame.
    pub state: u8,
    /// 1 while the decode function runs.
    pub busy: u8,
    /// Whose packets it reads: 3 for those of this header.
    pub version: u8,
    /// For what is to come; 0.
    pub reserved: u8,
}

// As Rust lays it out; the header's MQTTC_SIZE says the same of C.
const _: () = assert!(size_of::<mqttc_reader>() == if size_of::<usize>() == 4 { 40 } else { 64 });

// SAFETY: integers, raw pointers and an `Option<extern "C" fn>` alone.
unsafe impl FromC for mqttc_reader {}

/// `mqttc_reader.version` of MQTT 3.1 and 3.1.1.
const V3: u8 = 3;

// `mqttc_reader.state`
const FRAME: u8 = 0;
const IN_PAYLOAD: u8 = 1;
const SKIPPING: u8 = 2;

impl mqttc_reader {
    /// The bookkeeping, if it can be that of a reader which nobody is using.
    fn window(&self) -> Result<Window, mqttc_status> {
        let state = match (status::to_kind(self.refused), self.state) {
            (Some(kind), FRAME) => State::Refused(DecodeError::new(kind, self.refused_offset as usize)),
            (None, FRAME) if self.refused == NONE => State::Frame { missing: self.missing },
            (None, IN_PAYLOAD) if self.refused == NONE => State::Payload { left: self.missing },
            (None, SKIPPING) if self.refused == NONE => State::Skip { left: self.missing },
            _ => return Err(INVALID_ARGUMENT),
        };
        let window = Window { start: self.start, end: self.end, state };
        let is_idle = (self.busy, self.version, self.reserved) == (0, V3, 0);
        let is_sound = is_idle && window.is_sound(self.cap) && self.decode.is_some();
        if is_sound { Ok(window) } else { Err(INVALID_ARGUMENT) }
    }
}

/// The reader's struct, until it is written to or its decode function is called, and its bookkeeping.
///
/// # Safety
///
/// As for every function here: see the crate's documentation.
unsafe fn load<'a>(r: *const mqttc_reader) -> Result<(&'a mqttc_reader, Window), mqttc_status> {
    // SAFETY: the caller's promise.
    let reader = unsafe { ptr::view(r) }?;
    Ok((reader, reader.window()?))
}

/// Writes the bookkeeping back.
///
/// # Safety
///
/// `r` was checked.
unsafe fn store(r: *mut mqttc_reader, window: Window) {
    let (state, missing, refused, refused_offset) = match window.state {
        State::Frame { missing } => (FRAME, missing, NONE, 0),
        State::Payload { left } => (IN_PAYLOAD, left, NONE, 0),
        State::Skip { left } => (SKIPPING, left, NONE, 0),
        State::Refused(error) => (FRAME, 0, status::of_kind(error.kind()), error.offset() as u32),
    };
    // SAFETY: the caller's promise.
    unsafe {
        Out::checked(&raw mut (*r).start).set(window.start);
        Out::checked(&raw mut (*r).end).set(window.end);
        Out::checked(&raw mut (*r).refused).set(refused);
        Out::checked(&raw mut (*r).refused_offset).set(refused_offset);
        Out::checked(&raw mut (*r).missing).set(missing);
        Out::checked(&raw mut (*r).state).set(state);
    }
}

/// Prepares a reader over `buf`, whose `cap` bytes must hold the largest packet that you want to
/// receive in one piece. `decode` is `mqttc_decode_from_server` in a client, `mqttc_decode_from_client`
/// in a server, `mqttc_decode` elsewhere. `dec` may be NULL; else it must live as long as the reader.
///
///     mqttc_reader r;
///     mqttc_packet packet;
///     int32_t got;
///     if (mqttc_reader_init(&r, buf, sizeof buf, mqttc_decode_from_server, NULL) < 0)
///         return;
///     while ((got = mqttc_reader_next(&r, &packet, NULL)) >= 0) {
///         if (got == MQTTC_PACKET) {
///             handle(&packet);
///         } else {
///             mqttc_space space = mqttc_reader_space(&r);
///             ssize_t n = recv(fd, space.ptr, space.len, 0);
///             if (n <= 0 || mqttc_reader_commit(&r, (size_t)n) < 0)
///                 break;
///         }
///     }
///
/// One call at a time, also from its decode function: while that runs, `next`, `commit` and `skip`
/// return MQTTC_ERR_INVALID_ARGUMENT (the bytes of that commit are not taken), and `space` NULL and 0. A
/// decode function that throws or calls longjmp leaves the reader so; this call makes it usable again.
///
/// Returns 0, or MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT (`cap` 0 too, and a reader or a decoder
/// inside `buf`).
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_reader_init(
    r: *mut mqttc_reader,
    buf: *mut u8,
    cap: usize,
    decode: mqttc_decode_fn,
    dec: *const mqttc_decoder,
) -> mqttc_status {
    call::status_of((|| {
        // SAFETY: the caller's promise, here and below.
        let lent = unsafe { Output::new(buf, cap) }?;
        lent.must_not_hold(Place::of(r))?;
        if decode.is_none() {
            return Err(NULL);
        }
        if cap == 0 {
            return Err(INVALID_ARGUMENT);
        }
        if !dec.is_null() {
            // Else the peer would choose the options.
            lent.must_not_overlap(dec)?;
            // SAFETY: as above.
            unsafe { ptr::view(dec) }?.codec()?;
        }
        // Field by field: a struct of many zeros is filled by memset, which a program may not have yet.
        // SAFETY: as above; `r` was checked.
        unsafe {
            Out::checked(&raw mut (*r).buf).set(buf);
            Out::checked(&raw mut (*r).cap).set(cap);
            Out::checked(&raw mut (*r).decode).set(ptr::untyped(decode));
            Out::checked(&raw mut (*r).dec).set(dec);
            Out::checked(&raw mut (*r).busy).set(0);
            Out::checked(&raw mut (*r).version).set(V3);
            Out::checked(&raw mut (*r).reserved).set(0);
            store(r, Window::EMPTY);
        }
        Ok(())
    })())
}

/// Room for bytes: `len` bytes at `ptr`; NULL and 0 when there is none.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mqttc_space {
    /// Where the next bytes go.
    pub ptr: *mut u8,
    /// How many bytes may go there.
    pub len: usize,
}

const NO_SPACE: mqttc_space = mqttc_space { ptr: core::ptr::null_mut(), len: 0 };

/// Where the next bytes go: receive at most `len` bytes at `ptr`, then tell with `mqttc_reader_commit` how
/// many came. Slices of earlier packets are no longer good.
///
/// NULL and 0 while packets wait that `mqttc_reader_next` has not been asked for, after an error until
/// `mqttc_reader_skip`, and if `r` is not a reader, or in use: do not receive then, 0 bytes would look like
/// a closed connection.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_reader_space(r: *mut mqttc_reader) -> mqttc_space {
    let space = || {
        // SAFETY: the caller's promise, here and below.
        let (reader, mut window) = unsafe { load(r) }?;
        // SAFETY: as above.
        let lent = unsafe { Output::new(reader.buf, reader.cap) }?;
        // SAFETY: as above; the only slice of the lent buffer.
        let space = window.space(unsafe { lent.into_slice() });
        let space = if space.is_empty() {
            NO_SPACE
        } else {
            mqttc_space { ptr: space.as_mut_ptr(), len: space.len() }
        };
        // SAFETY: as above; `load` has checked it.
        unsafe { store(r, window) };
        Ok::<_, mqttc_status>(space)
    };
    space().unwrap_or(NO_SPACE)
}

/// Tells that `n` bytes were put into the space.
///
/// Returns 0, or with the reader unchanged: MQTTC_ERR_INVALID_ARGUMENT when that is more than the room,
/// or when `r` is not a reader, or in use; MQTTC_ERR_NULL.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_reader_commit(r: *mut mqttc_reader, n: usize) -> mqttc_status {
    call::status_of((|| {
        // SAFETY: the caller's promise, here and below.
        let (reader, mut window) = unsafe { load(r) }?;
        window.commit(n, reader.cap).map_err(|_| INVALID_ARGUMENT)?;
        // SAFETY: as above; `load` has checked it.
        unsafe { store(r, window) };
        Ok(())
    })())
}

/// The next packet. Slices point into the lent buffer and are good until the next call for this reader.
///
/// MQTTC_PACKET (1): `*packet` is filled, `bytes` of `*detail` is its frame. MQTTC_NEED_MORE (0): receive
/// more; `left` is the number of bytes still missing. `detail` may be NULL.
///
/// -32 and below: a broken rule, as for `mqttc_decode`, at `offset`; or MQTTC_ERR_PACKET_TOO_LARGE for a
/// frame that does not fit the buffer, with `left` the length that it declares (0 if that is not known).
/// The reader stays in that error: close the connection [MQTT-4.8.0-1], or call `mqttc_reader_skip`.
/// -1 to -31: a mistake of the call, with the reader unchanged; MQTTC_ERR_INVALID_ARGUMENT also in the
/// middle of a payload that `mqttc_reader_next_piece` has begun.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_reader_next(
    r: *mut mqttc_reader,
    packet: *mut mqttc_packet,
    detail: *mut mqttc_detail,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { next(r, packet, detail, None) }.unwrap_or_else(|status| status)
}

/// The next packet, or the next piece of one: as `mqttc_reader_next`, but a PUBLISH that is longer than
/// the lent buffer comes in pieces, if what stands before its payload fits. `detail` must not be NULL.
///
/// MQTTC_PUBLISH_START (2): `*packet` is filled, with an empty payload; `left` of `*detail` is the length
/// of the payload. Copy the topic if you need it later: its bytes go.
///
/// MQTTC_PAYLOAD (3): `bytes` is the next piece of the payload, `left` is what comes after it, 0 at the
/// last. How a payload is cut depends on how its bytes arrive. If you pass the same `*packet` each time,
/// its qos and packet_id stay; its topic becomes NULL with length 0, and nothing else of it is written.
///
///     case MQTTC_PUBLISH_START:
///         start_writing(packet.u.publish.topic, detail.left);
///         break;
///     case MQTTC_PAYLOAD:
///         write_piece(detail.bytes.ptr, detail.bytes.len);
///         if (detail.left == 0)
///             finish_writing(packet.u.publish.qos, packet.u.publish.packet_id);
///         break;
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_reader_next_piece(
    r: *mut mqttc_reader,
    packet: *mut mqttc_packet,
    detail: *mut mqttc_detail,
) -> i32 {
    if detail.is_null() {
        return NULL;
    }
    // SAFETY: the caller's promise.
    unsafe { next(r, packet, detail, Some(in_pieces)) }.unwrap_or_else(|status| status)
}

/// What a reader does with a frame that lacks bytes: one that gives pieces. It is passed as a value, so that a program
/// which wants none links none of it.
type InPieces =
    unsafe fn(&mqttc_reader, &mut Window, usize, &[u8], *mut mqttc_packet, *mut mqttc_detail) -> End;

/// # Safety
///
/// As for every function here.
#[inline(never)]
unsafe fn next(
    r: *mut mqttc_reader,
    packet: *mut mqttc_packet,
    detail: *mut mqttc_detail,
    in_pieces: Option<InPieces>,
) -> Result<i32, mqttc_status> {
    // SAFETY: the caller's promise. What the decode function is given it checks itself; the rest is checked here.
    unsafe {
        // A copy: the decode function may look at it, too.
        let (&reader, mut window) = load(r)?;
        let lent = Output::new(reader.buf, reader.cap)?;
        lent.must_not_overlap(packet)?;
        Place::of(packet).must_not_overlap(Place::of(r))?;
        if !detail.is_null() {
            lent.must_not_hold(Place::of(detail))?;
            Place::of(detail).must_not_overlap(Place::of(packet))?;
            Place::of(detail).must_not_overlap(Place::of(r))?;
        }
        let waiting = reader.buf.wrapping_add(window.start);
        let len = window.end.wrapping_sub(window.start);
        let is_in_payload = matches!(window.state, State::Payload { .. });
        let step = window.step(reader.cap);
        if !matches!(step, Step::Decode) {
            // Nobody else checks it.
            let _: Out<mqttc_packet> = Out::new(packet)?;
        }
        if is_in_payload && in_pieces.is_none() {
            return Err(INVALID_ARGUMENT);
        }
        let end = match step {
            Step::Decode => decode_front(r, &reader, &mut window, (waiting, len), packet, detail, in_pieces)?,
            Step::Payload { len, left } => {
                // The topic's bytes are gone.
                Out::checked(&raw mut (*packet).u.publish.topic).set(mqttc_slice::EMPTY);
                let bytes = mqttc_slice { ptr: waiting, len };
                Out::checked(detail).set(mqttc_detail { bytes, left, offset: 0 });
                End::new(PAYLOAD, 0)
            }
            Step::NeedMore { at_least } => End::new(NEED_MORE, at_least),
            Step::Refused(error) => End::refused(error, ptr::checked_input(waiting, len)),
        };
        store(r, window);
        match end.status {
            PACKET => {
                call::packet(waiting, end.number as usize, detail);
            }
            PUBLISH_START | PAYLOAD => {}
            // A buffer without room for a fixed header refuses what has not come yet.
            TOO_LARGE if len == 0 => call::set_detail(detail, mqttc_detail::NOTHING),
            _ => {
                call::refuse(end, detail);
            }
        }
        Ok(end.status)
    }
}

/// Calls the decode function that C chose. An error is a mistake of the call, or a decode function that is none of ours
/// and returns what it must not.
///
/// # Safety
///
/// As for every function here; `r` was checked.
unsafe fn decode_front(
    r: *mut mqttc_reader,
    reader: &mqttc_reader,
    window: &mut Window,
    (waiting, len): (*const u8, usize),
    packet: *mut mqttc_packet,
    detail: *mut mqttc_detail,
    in_pieces: Option<InPieces>,
) -> Result<End, mqttc_status> {
    let mut found = mqttc_detail::NOTHING;
    // SAFETY: by `version` it is of this type; what waits is readable, `packet` as promised; a decode function that C
    // brings keeps its own promises.
    let got = unsafe {
        let decode = ptr::typed::<mqttc_decode_fn>(reader.decode).ok_or(INVALID_ARGUMENT)?;
        let busy = Out::checked(&raw mut (*r).busy);
        busy.set(1);
        let got = decode(reader.dec, waiting, len, packet, &mut found);
        busy.set(0);
        got
    };
    if got > 0 && got as usize <= len {
        window.take(got as usize);
        return Ok(End::new(PACKET, got as usize));
    }
    // SAFETY: as above. Not before the call: nothing may be kept of them while C runs.
    let unread = unsafe { ptr::checked_input(waiting, len) };
    if let Some(kind) = status::to_kind(got) {
        return Ok(End::refused(window.refuse(DecodeError::new(kind, found.offset as usize)), unread));
    }
    if got != NEED_MORE || found.left == 0 {
        return Err(if got < 0 { got } else { INVALID_ARGUMENT });
    }
    let lacking = found.left as usize;
    let end = match in_pieces {
        // SAFETY: as above.
        Some(in_pieces) => unsafe { in_pieces(reader, window, lacking, unread, packet, detail) },
        None => match need_more(window, lacking, reader.cap, refuse_too_large) {
            Ok(Begin::NeedMore { at_least }) => End::new(NEED_MORE, at_least),
            Ok(Begin::Publish { .. }) => INVALID_ARGUMENT.into(), // not reached
            Err(error) => End::refused(error, unread),
        },
    };
    if end.is_mistake() { Err(end.status) } else { Ok(end) }
}

/// # Safety
///
/// As for every function here.
unsafe fn in_pieces(
    reader: &mqttc_reader,
    window: &mut Window,
    lacking: usize,
    unread: &[u8],
    packet: *mut mqttc_packet,
    detail: *mut mqttc_detail,
) -> End {
    // SAFETY: the caller's promise.
    let checked =
        unsafe { Out::new(packet).and_then(|packet| Ok((packet, decoder(reader.dec, Role::Any)?))) };
    let (packet, decoder) = match checked {
        Ok(checked) => checked,
        Err(status) => return status.into(),
    };
    let begun =
        need_more(window, lacking, reader.cap, |window| begin_in(window, &decoder, unread, reader.cap));
    match begun {
        Ok(Begin::Publish { header, payload_len, tolerated, .. }) => {
            packet.set(mqttc_packet {
                u: mqttc_packet_body { publish: header.into() },
                tolerated: tolerated.bits(),
                r#type: PacketType::Publish as u8,
            });
            let told = mqttc_detail { left: payload_len, ..mqttc_detail::NOTHING };
            // SAFETY: as above; `next` has checked it.
            unsafe { Out::checked(detail) }.set(told);
            End::new(PUBLISH_START, 0)
        }
        Ok(Begin::NeedMore { at_least }) => End::new(NEED_MORE, at_least),
        Err(error) => End::refused(error, unread),
    }
}

/// Leaves out the frame that `mqttc_reader_next` has refused, or the rest of a payload that has begun,
/// whether it has all come or not, and goes on behind it. Does nothing at any other time.
///
/// Only a frame whose fixed header was not the mistake can be left out, or one that was too large: else
/// nobody knows where the next one starts, and the error is returned again. A remaining length that the
/// type cannot have is believed, as in a PUBACK of 3 bytes. A peer that has broken one rule may have
/// broken others; the specification wants the connection closed [MQTT-4.8.0-1].
///
/// Returns 0, the status of the refusal, or MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT when `r` is not a
/// reader, or in use.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_reader_skip(r: *mut mqttc_reader) -> mqttc_status {
    call::status_of((|| {
        // SAFETY: the caller's promise, here and below.
        let (reader, mut window) = unsafe { load(r) }?;
        // SAFETY: as above.
        let buf = unsafe { ptr::input(reader.buf, reader.end) }?;
        window.skip(buf).map_err(|error| status::of_kind(error.kind()))?;
        // SAFETY: as above; `load` has checked it.
        unsafe { store(r, window) };
        Ok(())
    })())
}

/// Tells which version the CONNECT that waits in a reader speaks, before its first packet is asked for:
/// as `mqttc_peek_connect_version` of the bytes that were committed. The reader is not changed.
///
/// Returns MQTTC_VERSION_3_1, MQTTC_VERSION_3_1_1, MQTTC_VERSION_5_0 or MQTTC_VERSION_UNKNOWN;
/// MQTTC_NEED_MORE (0); or below 0 the errors of `mqttc_peek_connect_version`, MQTTC_ERR_INVALID_ARGUMENT
/// also in the middle of a payload or of a frame that is skipped.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_reader_connect_version(r: *const mqttc_reader) -> i32 {
    let version = || {
        // SAFETY: the caller's promise, here and below.
        let (reader, window) = unsafe { load(r) }?;
        if !matches!(window.state, State::Frame { .. } | State::Refused(_)) {
            return Err(INVALID_ARGUMENT);
        }
        // SAFETY: as above.
        let buf = unsafe { ptr::input(reader.buf, reader.end) }?;
        Ok(peek_version(window.unread(buf)).status)
    };
    version().unwrap_or_else(|status| status)
}
