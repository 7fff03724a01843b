//! From a socket's bytes to packets: the codec's [`Window`] over a buffer that C lends, and a decode
//! function that C chose, so that no packet is linked that is never received.

use mqtt_codec::v3::stream::{Window, skippable_len};

use crate::ptr::{self, Out, Output};
use crate::status::{self, INVALID_ARGUMENT, NEED_MORE, NULL, OK, mqttc_status};
use crate::types::{mqttc_decode_fn, mqttc_decoder, mqttc_error, mqttc_packet, mqttc_reader, mqttc_slice};

impl mqttc_reader {
    /// The bookkeeping, if it can be that of a reader.
    fn window(&self) -> Result<Window, mqttc_status> {
        let window =
            Window { start: self.start, end: self.end, missing: self.missing, skipping: self.skipping };
        let refused = self.refused.status;
        let is_sound = window.is_sound(self.cap)
            && self.decode.is_some()
            && (refused == OK || status::to_kind(refused).is_some());
        if is_sound { Ok(window) } else { Err(INVALID_ARGUMENT) }
    }

    fn with(self, window: Window) -> Self {
        let Window { start, end, missing, skipping } = window;
        Self { start, end, missing, skipping, ..self }
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
/// receive. `decode` is `mqttc_decode_from_server` in a client, `mqttc_decode_from_client` in a server,
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
/// Errors: MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT (`cap` 0 too, and a reader inside `buf`).
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
            // SAFETY: as above.
            unsafe { ptr::read(dec) }?.to_codec()?;
        }
        r.set(mqttc_reader {
            buf,
            cap,
            decode,
            dec,
            start: 0,
            end: 0,
            missing: 0,
            skipping: 0,
            refused: mqttc_error::default(),
        });
        Ok(OK)
    };
    init().unwrap_or_else(|status| status)
}

/// Where the next bytes go: receive at most `*room` bytes there, then say how many came with
/// `mqttc_reader_commit`. NULL, with `*room` 0, if `r` is not a reader. `*room` is 0 only while packets
/// wait that `mqttc_reader_next` has not been asked for. Slices of earlier packets are no longer good.
/// `room` must not lie in the lent buffer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_reader_space(r: *mut mqttc_reader, room: *mut usize) -> *mut u8 {
    // SAFETY: the caller's promise.
    let Ok(room) = (unsafe { Out::new(room) }) else {
        return core::ptr::null_mut();
    };
    let space = || {
        // SAFETY: the caller's promise.
        let (reader, mut window, back) = unsafe { take(r) }?;
        // SAFETY: as above.
        let lent = unsafe { Output::new(reader.buf, reader.cap) }?;
        // SAFETY: the only slice of the lent buffer.
        let space = window.space(unsafe { lent.into_slice() });
        let (space, len) = (space.as_mut_ptr(), space.len());
        back.set(reader.with(window));
        room.set(len);
        Ok::<_, mqttc_status>(space)
    };
    space().unwrap_or_else(|_| {
        room.set(0);
        core::ptr::null_mut()
    })
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

/// The next packet. Its slices point into the lent buffer and are good until the next call for this
/// reader.
///
/// MQTTC_OK: `*packet` is filled. MQTTC_NEED_MORE: receive more; `*left`, if `left` is not NULL, is the
/// number of bytes still missing. Treat any other positive value as "call again": 2 and 3 are
/// reserved for packets larger than the buffer, with `chunk` and `left`, which this version does not
/// give; until then both may be NULL.
///
/// -32 and below: a broken rule, as for `mqttc_decode`, or MQTTC_ERR_PACKET_TOO_LARGE for a frame that
/// does not fit the buffer; `*err`, if `err` is not NULL, is filled. The reader stays in that error:
/// close the connection [MQTT-4.8.0-1], or call `mqttc_reader_skip`. -1 to -31: a mistake of the call,
/// with the reader unchanged.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_reader_next(
    r: *mut mqttc_reader,
    packet: *mut mqttc_packet,
    chunk: *mut mqttc_slice,
    left: *mut u32,
    err: *mut mqttc_error,
) -> mqttc_status {
    let _ = chunk;
    let next = || {
        // SAFETY: the caller's promise, here and below.
        let (reader, mut window, back) = unsafe { take(r) }?;
        // SAFETY: as above.
        let lent = unsafe { Output::new(reader.buf, reader.cap) }?;
        lent.apart_from(packet)?;
        lent.apart_from(left)?;
        lent.apart_from(err)?;
        // SAFETY: as above; so many bytes were committed.
        let buf = unsafe { ptr::input(reader.buf, reader.end) }?;
        // SAFETY: as above.
        unsafe { Out::new(packet) }?;
        // SAFETY: as above.
        let left = unsafe { Out::optional(left) }?;
        // SAFETY: as above.
        let err = unsafe { Out::optional(err) }?;
        let outcome = if reader.refused.status == OK {
            let unread = window.unread(buf);
            // SAFETY: as above; `unread` is readable.
            unsafe { decode(&reader, unread, packet) }?.and_then(|found| match found {
                Found::Packet { len } => {
                    window.take(len);
                    Ok(OK)
                }
                Found::NeedMore(at_least) => {
                    let at_least = window.need(at_least, reader.cap).map_err(status::of_error)?;
                    if let Some(left) = left {
                        left.set(u32::try_from(at_least).unwrap_or(u32::MAX));
                    }
                    Ok(NEED_MORE)
                }
            })
        } else {
            Err(reader.refused)
        };
        let refused = outcome.err().unwrap_or_default();
        back.set(mqttc_reader { refused, ..reader.with(window) });
        if let (Err(error), Some(err)) = (&outcome, err) {
            err.set(*error);
        }
        Ok(outcome.unwrap_or_else(|error| error.status))
    };
    next().unwrap_or_else(|status| status)
}

/// What the decode function found at the front of the bytes that wait.
enum Found {
    Packet { len: usize },
    NeedMore(usize),
}

/// Calls the decode function that C chose. The inner error is a broken rule, the outer one a mistake
/// of the call, or a decode function that is none of ours and answers what it must not.
///
/// # Safety
///
/// As for every function here.
unsafe fn decode(
    reader: &mqttc_reader,
    unread: &[u8],
    packet: *mut mqttc_packet,
) -> Result<Result<Found, mqttc_error>, mqttc_status> {
    let decode = reader.decode.ok_or(INVALID_ARGUMENT)?;
    let mut used = 0;
    let mut error = mqttc_error::default();
    // SAFETY: `unread` is readable, `packet` as promised; a decode function that C brings keeps its
    // own promises.
    let status = unsafe { decode(reader.dec, unread.as_ptr(), unread.len(), packet, &mut used, &mut error) };
    match status {
        OK if used > 0 && used <= unread.len() => Ok(Ok(Found::Packet { len: used })),
        NEED_MORE if used > 0 => Ok(Ok(Found::NeedMore(used))),
        _ if status::to_kind(status).is_some() => Ok(Err(mqttc_error { status, offset: error.offset })),
        _ => Err(if status < OK { status } else { INVALID_ARGUMENT }),
    }
}

/// Leaves out the frame that `mqttc_reader_next` has refused, whether it has all come or not, and goes
/// on behind it. Does nothing when no frame was refused.
///
/// Only a frame whose fixed header was not the mistake can be left out, or one that was too large: else
/// nobody knows where the next one starts, and the error is answered again. A peer that has broken one
/// rule may have broken others; the specification wants the connection closed [MQTT-4.8.0-1].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_reader_skip(r: *mut mqttc_reader) -> mqttc_status {
    let skip = || {
        // SAFETY: the caller's promise.
        let (reader, mut window, back) = unsafe { take(r) }?;
        // SAFETY: as above.
        let buf = unsafe { ptr::input(reader.buf, reader.end) }?;
        let mqttc_error { status, offset } = reader.refused;
        if status != OK {
            let kind = status::to_kind(status).ok_or(INVALID_ARGUMENT)?;
            window.skip(skippable_len(kind, offset as usize, window.unread(buf)).ok_or(status)?);
            back.set(mqttc_reader { refused: mqttc_error::default(), ..reader.with(window) });
        }
        Ok(OK)
    };
    skip().unwrap_or_else(|status| status)
}
