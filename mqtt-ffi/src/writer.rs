//! A PUBLISH whose payload C produces piece by piece: two numbers that C keeps, counted as the codec's
//! `PublishWriter` counts.

use mqtt_codec::v3::PublishWriter;

use crate::encode::{answer, encode_publish};
use crate::ptr::{self, Out, Output, Place};
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
/// `buf` or share memory with `*p`.
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
        Place::of(w.as_ptr()).judge((&raw const *c).cast(), size_of::<mqttc_publish>())?;
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
        let (parts, mut writer) = unsafe { read(w) }?;
        // SAFETY: as above.
        let back = unsafe { Out::new(w) }?;
        writer.count(n).map_err(|_| INVALID_ARGUMENT)?;
        back.set(mqttc_publish_writer { left: writer.left(), ..parts });
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
        Ok((_, writer)) => writer.end().map_or(INVALID_ARGUMENT, |()| OK),
        Err(status) => status,
    }
}

/// Reads the numbers, and the writer that they are.
///
/// # Safety
///
/// As for every function here: see the crate's documentation.
unsafe fn read(
    w: *const mqttc_publish_writer,
) -> Result<(mqttc_publish_writer, PublishWriter), mqttc_status> {
    // SAFETY: the caller's promise.
    let parts = unsafe { ptr::read(w) }?;
    let writer = PublishWriter::from_parts(parts.declared, parts.left).ok_or(INVALID_ARGUMENT)?;
    Ok((parts, writer))
}
