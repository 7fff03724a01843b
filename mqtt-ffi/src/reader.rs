//! From a socket's bytes to packets: the codec's [`Window`] over a buffer that C lends, and a decode
//! function that C chose, so that no packet is linked that is never received.

use mqtt_codec::v3::stream::{Begin, State, Step, Window, begin_in};
use mqtt_codec::v3::{Role, Tolerated};
use mqtt_codec::{DecodeError, ErrorKind, PacketType};

use crate::decode::decoder;
use crate::ptr::{self, Out, Output};
use crate::status::{self, INVALID_ARGUMENT, NEED_MORE, NULL, OK, PAYLOAD, PUBLISH_START, mqttc_status};
use crate::types::{
    mqttc_decode_fn, mqttc_decoder, mqttc_error, mqttc_packet, mqttc_packet_body, mqttc_publish,
    mqttc_reader, mqttc_slice,
};

// `mqttc_reader.state`
const FRAME: u8 = 0;
const IN_PAYLOAD: u8 = 1;
const SKIPPING: u8 = 2;

impl mqttc_reader {
    /// The bookkeeping, if it can be that of a reader.
    fn window(&self) -> Result<Window, mqttc_status> {
        let state = match (status::to_decode_error(self.refused), self.state) {
            (Some(error), FRAME) => State::Refused(error),
            (None, FRAME) if self.refused.status == OK => State::Frame { missing: self.missing },
            (None, IN_PAYLOAD) if self.refused.status == OK => State::Payload { left: self.missing },
            (None, SKIPPING) if self.refused.status == OK => State::Skip { left: self.missing },
            _ => return Err(INVALID_ARGUMENT),
        };
        let window = Window { start: self.start, end: self.end, state };
        let is_sound = window.is_sound(self.cap) && self.decode.is_some();
        if is_sound { Ok(window) } else { Err(INVALID_ARGUMENT) }
    }

    fn with(self, window: Window) -> Self {
        let (state, missing, refused) = match window.state {
            State::Frame { missing } => (FRAME, missing, mqttc_error::default()),
            State::Payload { left } => (IN_PAYLOAD, left, mqttc_error::default()),
            State::Skip { left } => (SKIPPING, left, mqttc_error::default()),
            State::Refused(error) => (FRAME, 0, status::of_error(error)),
        };
        Self { start: window.start, end: window.end, state, missing, refused, ..self }
    }
}

/// Reads the reader's struct and where it goes back.
///
/// # Safety
///
/// As for every function here: see the crate's documentation.
unsafe fn take(r: *mut mqttc_reader) -> Result<(mqttc_reader, Window, Out<mqttc_reader>), mqttc_status> {
    // SAFETY: the caller's promise.
    let reader = unsafe { ptr::read(r) }?;
    // SAFETY: as above.
    let back = unsafe { Out::new(r) }?;
    Ok((reader, reader.window()?, back))
}

/// Prepares a reader over `buf`, whose `cap` bytes must hold the largest packet that you want to
/// receive in one piece. `decode` is `mqttc_decode_from_server` in a client, `mqttc_decode_from_client` in a server,
/// `mqttc_decode` elsewhere. `dec` may be NULL; else it must live as long as the reader.
///
///     mqttc_reader r;
///     mqttc_packet packet;
///     size_t room;
///     mqttc_reader_init(&r, buf, sizeof buf, mqttc_decode_from_server, NULL);
///     for (;;) {
///         mqttc_status s = mqttc_reader_next(&r, &packet, NULL, NULL, NULL);
///         if (s == MQTTC_OK)
///             handle(&packet);
///         else if (s == MQTTC_NEED_MORE) {
///             uint8_t *space = mqttc_reader_space(&r, &room);
///             ssize_t n = recv(fd, space, room, 0);
///             if (n <= 0)
///                 break;
///             mqttc_reader_commit(&r, (size_t)n);
///         } else if (s < 0)
///             break;
///     }
///
/// Errors: MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT (`cap` 0 too, and a reader or a decoder inside `buf`).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_reader_init(
    r: *mut mqttc_reader,
    buf: *mut u8,
    cap: usize,
    decode: mqttc_decode_fn,
    dec: *const mqttc_decoder,
) -> mqttc_status {
    let init = || {
        // SAFETY: the caller's promise.
        let lent = unsafe { Output::new(buf, cap) }?;
        lent.apart_from(r)?;
        // SAFETY: as above.
        let r = unsafe { Out::new(r) }?;
        let decode = Some(decode.ok_or(NULL)?);
        if cap == 0 {
            return Err(INVALID_ARGUMENT);
        }
        if !dec.is_null() {
            // Else the peer would choose the options.
            lent.apart_from(dec)?;
            // SAFETY: as above.
            unsafe { ptr::view(dec) }?.codec()?;
        }
        r.set(mqttc_reader {
            buf,
            cap,
            decode,
            dec,
            start: 0,
            end: 0,
            refused: mqttc_error::default(),
            missing: 0,
            state: FRAME,
        });
        Ok(OK)
    };
    init().unwrap_or_else(|status| status)
}

/// Where the next bytes go: receive at most `*room` bytes there, then say how many came with
/// `mqttc_reader_commit`. NULL, with `*room` 0, if `r` is not a reader; NULL alone if `room` is NULL or lies in
/// the lent buffer. `*room` is 0 only while packets wait that `mqttc_reader_next` has not been asked for, and
/// after an error until `mqttc_reader_skip`: do not receive then, 0 bytes would look like a closed connection.
/// Slices of earlier packets are no longer good.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_reader_space(r: *mut mqttc_reader, room: *mut usize) -> *mut u8 {
    // SAFETY: the caller's promise.
    let Ok(room) = (unsafe { Out::new(room) }) else {
        return core::ptr::null_mut();
    };
    let begin = || {
        // SAFETY: the caller's promise.
        let taken = unsafe { take(r) }?;
        // SAFETY: as above.
        let lent = unsafe { Output::new(taken.0.buf, taken.0.cap) }?;
        Ok::<_, mqttc_status>((taken, lent))
    };
    let Ok(((reader, mut window, back), lent)) = begin() else {
        room.set(0);
        return core::ptr::null_mut();
    };
    if lent.apart_from(room.as_ptr()).is_err() {
        return core::ptr::null_mut();
    }
    // SAFETY: the only slice of the lent buffer.
    let space = window.space(unsafe { lent.into_slice() });
    let (space, len) = (space.as_mut_ptr(), space.len());
    back.set(reader.with(window));
    room.set(len);
    space
}

/// Says that `n` bytes were put into the space.
///
/// Errors, with the reader unchanged: MQTTC_ERR_INVALID_ARGUMENT when that is more than the room, or
/// when `r` is not a reader; MQTTC_ERR_NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_reader_commit(r: *mut mqttc_reader, n: usize) -> mqttc_status {
    let commit = || {
        // SAFETY: the caller's promise.
        let (reader, mut window, back) = unsafe { take(r) }?;
        window.commit(n, reader.cap).map_err(|_| INVALID_ARGUMENT)?;
        back.set(reader.with(window));
        Ok(OK)
    };
    commit().unwrap_or_else(|status| status)
}

/// The next packet, or the next piece of one. Slices point into the lent buffer and are good until the
/// next call for this reader.
///
/// MQTTC_OK: `*packet` is filled. MQTTC_NEED_MORE: receive more; `*left` is the number of bytes still
/// missing. Treat any other positive value that you do not know as "call again".
///
/// A PUBLISH that is longer than the lent buffer comes in pieces, if what stands before its payload fits:
///
/// MQTTC_PUBLISH_START: `*packet` is filled, with an empty payload; `*left` is the length of the
/// payload. MQTTC_PAYLOAD: `*chunk` is the next piece of the payload, `*left` is what comes after it, 0
/// at the last. How a payload is cut depends on how its bytes arrive.
///
///     case MQTTC_PUBLISH_START:
///         start_writing(packet.u.publish.topic, left);
///         break;
///     case MQTTC_PAYLOAD:
///         write_piece(chunk.ptr, chunk.len);
///         if (left == 0)
///             finish_writing();
///         break;
///
/// With `chunk` NULL there are no pieces: such a PUBLISH is refused as any other packet that does not
/// fit. `left` and `err` may be NULL too.
///
/// -32 and below: a broken rule, as for `mqttc_decode`, or MQTTC_ERR_PACKET_TOO_LARGE for a frame that
/// does not fit the buffer, with `*left` the length that it declares (0 if that is not known); `*err`
/// is filled. The reader stays in that error: close the connection [MQTT-4.8.0-1], or call
/// `mqttc_reader_skip`. -1 to -31: a mistake of the call, with the reader unchanged; MQTTC_ERR_NULL also
/// for a `chunk` that is NULL in the middle of a payload.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_reader_next(
    r: *mut mqttc_reader,
    packet: *mut mqttc_packet,
    chunk: *mut mqttc_slice,
    left: *mut u32,
    err: *mut mqttc_error,
) -> mqttc_status {
    let next = || {
        // SAFETY: the caller's promise, here and below.
        let (reader, mut window, back) = unsafe { take(r) }?;
        // SAFETY: as above.
        let lent = unsafe { Output::new(reader.buf, reader.cap) }?;
        lent.apart_from(packet)?;
        lent.apart_from(chunk)?;
        lent.apart_from(left)?;
        lent.apart_from(err)?;
        // SAFETY: as above; so many bytes were committed.
        let buf = unsafe { ptr::input(reader.buf, reader.end) }?;
        // SAFETY: as above.
        let out = unsafe { Out::new(packet) }?;
        // SAFETY: as above.
        let chunk = unsafe { Out::optional(chunk) }?;
        // SAFETY: as above.
        let left = unsafe { Out::optional(left) }?;
        // SAFETY: as above.
        let err = unsafe { Out::optional(err) }?;

        if matches!(window.state, State::Payload { .. }) && chunk.is_none() {
            return Err(NULL);
        }
        let unread = window.unread(buf);
        let found = match window.step(reader.cap) {
            // SAFETY: as above; `unread` is readable.
            Step::Decode => unsafe { find(&reader, &mut window, unread, packet, chunk.is_some()) }?,
            Step::Payload { len, left } => Found::Payload(unread.get(..len).unwrap_or_default(), left),
            Step::NeedMore { at_least } => Found::NeedMore(at_least),
            Step::Refused(error) => Found::Refused(error),
        };
        let (status, n) = match found {
            Found::Packet => (OK, None),
            Found::PublishStart(packet, payload_len) => {
                out.set(packet);
                (PUBLISH_START, Some(payload_len))
            }
            Found::Payload(bytes, left) => {
                if let Some(chunk) = chunk {
                    chunk.set(mqttc_slice::of(bytes));
                }
                (PAYLOAD, Some(left))
            }
            Found::NeedMore(at_least) => (NEED_MORE, Some(u32::try_from(at_least).unwrap_or(u32::MAX))),
            Found::Refused(error) => {
                let error_of_c = status::of_error(error);
                if let Some(err) = err {
                    err.set(error_of_c);
                }
                let is_too_large = error.kind() == ErrorKind::PacketTooLarge;
                let declared = if is_too_large { Some(window.refused_len(buf).unwrap_or(0)) } else { None };
                (error_of_c.status, declared)
            }
        };
        back.set(reader.with(window));
        if let (Some(left), Some(n)) = (left, n) {
            left.set(n);
        }
        Ok(status)
    };
    next().unwrap_or_else(|status| status)
}

/// What is at the front of the bytes that wait.
enum Found<'a> {
    /// The decode function has filled `*packet`.
    Packet,
    PublishStart(mqttc_packet, u32),
    Payload(&'a [u8], u32),
    NeedMore(usize),
    Refused(DecodeError),
}

/// Calls the decode function that C chose, and reads the start of a PUBLISH that does not fit the buffer
/// if `pieces` are wanted. An error is a mistake of the call, or a decode function that is none of ours
/// and answers what it must not.
///
/// # Safety
///
/// As for every function here.
unsafe fn find<'a>(
    reader: &mqttc_reader,
    window: &mut Window,
    unread: &'a [u8],
    packet: *mut mqttc_packet,
    pieces: bool,
) -> Result<Found<'a>, mqttc_status> {
    let decode = reader.decode.ok_or(INVALID_ARGUMENT)?;
    let mut used = 0;
    let mut error = mqttc_error::default();
    // SAFETY: `unread` is readable, `packet` as promised; a decode function that C brings keeps its
    // own promises.
    let status = unsafe { decode(reader.dec, unread.as_ptr(), unread.len(), packet, &mut used, &mut error) };
    let error = status::to_decode_error(mqttc_error { status, offset: error.offset });
    let lacking = match (status, error) {
        (OK, _) if used > 0 && used <= unread.len() => {
            window.take(used);
            return Ok(Found::Packet);
        }
        (NEED_MORE, _) if used > 0 => used,
        (_, Some(error)) => return Ok(Found::Refused(window.refuse(error))),
        _ => return Err(if status < OK { status } else { INVALID_ARGUMENT }),
    };
    if window.can_hold(lacking, reader.cap) {
        return Ok(Found::NeedMore(window.wait(lacking)));
    }
    if !pieces {
        return Ok(Found::Refused(window.refuse(DecodeError::new(ErrorKind::PacketTooLarge, 1))));
    }
    // SAFETY: as above.
    let decoder = unsafe { decoder(reader.dec, Role::Any) }?;
    Ok(match begin_in(window, &decoder, unread, reader.cap) {
        Ok(Begin::Publish { header, payload_len, tolerated, .. }) => {
            Found::PublishStart(start_of(header.into(), tolerated), payload_len)
        }
        Ok(Begin::NeedMore { at_least }) => Found::NeedMore(at_least),
        Err(error) => Found::Refused(error),
    })
}

fn start_of(publish: mqttc_publish, tolerated: Tolerated) -> mqttc_packet {
    mqttc_packet {
        u: mqttc_packet_body { publish },
        tolerated: tolerated.bits(),
        r#type: PacketType::Publish as u8,
    }
}

/// Leaves out the frame that `mqttc_reader_next` has refused, or the rest of a payload that has begun,
/// whether it has all come or not, and goes on behind it. Does nothing at any other time.
///
/// Only a frame whose fixed header was not the mistake can be left out, or one that was too large: else
/// nobody knows where the next one starts, and the error is answered again. A remaining length that the type
/// cannot have is believed, as in a PUBACK of 3 bytes. A peer that has broken one rule may have broken
/// others; the specification wants the connection closed [MQTT-4.8.0-1].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_reader_skip(r: *mut mqttc_reader) -> mqttc_status {
    let skip = || {
        // SAFETY: the caller's promise.
        let (reader, mut window, back) = unsafe { take(r) }?;
        // SAFETY: as above.
        let buf = unsafe { ptr::input(reader.buf, reader.end) }?;
        window.skip(buf).map_err(|error| status::of_error(error).status)?;
        back.set(reader.with(window));
        Ok(OK)
    };
    skip().unwrap_or_else(|status| status)
}
