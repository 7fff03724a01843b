//! A PUBLISH whose payload C produces piece by piece: two numbers that C keeps, counted as the codec's
//! `PublishWriter` counts.

use mqtt_codec::MAX_REMAINING_LEN;

use crate::encode::{answer, encode_publish};
use crate::ptr::{self, Out, Output};
use crate::status::{Answer, Failure, INVALID_ARGUMENT, OK, mqttc_status};
use crate::types::{mqttc_publish, mqttc_publish_writer};

/// Writes all of a PUBLISH but its payload, as `mqttc_publish_header_encode`, for a payload of
/// `payload_len` bytes that you produce piece by piece: the writer counts them, since one byte more or
/// less would break the connection.
///
///     mqttc_publish_writer w;
///     s = mqttc_publish_writer_start(&w, &p, total, buf, sizeof buf, &n);
///     if (s == MQTTC_OK)
///         send(fd, buf, n, 0);
///     while (s == MQTTC_OK && (n = produce(buf, sizeof buf)) > 0)
///         if ((s = mqttc_publish_writer_piece(&w, n)) == MQTTC_OK)
///             send(fd, buf, n, 0);
///     if (s == MQTTC_OK)
///         s = mqttc_publish_writer_end(&w);
///
/// `*written` and `cap` as for `mqttc_connect_encode`; `*w` is untouched on an error, and must not lie in
/// `buf`.
///
/// Errors: as for `mqttc_publish_encode`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_publish_writer_start(
    w: *mut mqttc_publish_writer,
    p: *const mqttc_publish,
    payload_len: u32,
    buf: *mut u8,
    cap: usize,
    written: *mut usize,
) -> mqttc_status {
    // SAFETY: the caller's promise.
    unsafe { answer(p, buf, cap, written, |c, output| start(w, c, payload_len, output)) }
}

/// # Safety
///
/// As for every function here.
unsafe fn start(
    w: *mut mqttc_publish_writer,
    c: &mqttc_publish,
    payload_len: u32,
    output: Output<'_>,
) -> Result<Answer, Failure> {
    // SAFETY: the caller's promise.
    unsafe {
        let w = Out::new(w)?;
        output.apart_from(w.as_ptr())?;
        let answer = encode_publish(c, &[], payload_len, output);
        if answer.status == OK {
            w.set(mqttc_publish_writer { declared: payload_len, left: payload_len });
        }
        Ok(answer)
    }
}

/// Counts the next `n` bytes of the payload: call it before you send them.
///
/// Errors, with `*w` unchanged: MQTTC_ERR_INVALID_ARGUMENT when there would be more than was declared (do
/// not send them), or when `w` is not a writer; MQTTC_ERR_NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_publish_writer_piece(w: *mut mqttc_publish_writer, n: usize) -> mqttc_status {
    let piece = || {
        // SAFETY: the caller's promise.
        let writer = unsafe { read(w) }?;
        // SAFETY: as above.
        let back = unsafe { Out::new(w) }?;
        let left = u32::try_from(n).ok().and_then(|n| writer.left.checked_sub(n));
        back.set(mqttc_publish_writer { left: left.ok_or(INVALID_ARGUMENT)?, ..writer });
        Ok(OK)
    };
    piece().unwrap_or_else(|status| status)
}

/// MQTTC_OK when the payload has all been counted: the PUBLISH is whole. `*w` is not changed.
///
/// Errors: MQTTC_ERR_INVALID_ARGUMENT when bytes are missing (close the connection: what you would send
/// next would be taken for them), or when `w` is not a writer; MQTTC_ERR_NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_publish_writer_end(w: *const mqttc_publish_writer) -> mqttc_status {
    // SAFETY: the caller's promise.
    match unsafe { read(w) } {
        Ok(writer) if writer.left == 0 => OK,
        Ok(_) => INVALID_ARGUMENT,
        Err(status) => status,
    }
}

/// Reads the numbers, if they can be those of a writer.
///
/// # Safety
///
/// As for every function here: see the crate's documentation.
unsafe fn read(w: *const mqttc_publish_writer) -> Result<mqttc_publish_writer, mqttc_status> {
    // SAFETY: the caller's promise.
    let writer = unsafe { ptr::read(w) }?;
    let is_sound = writer.left <= writer.declared && writer.declared <= MAX_REMAINING_LEN;
    if is_sound { Ok(writer) } else { Err(INVALID_ARGUMENT) }
}
