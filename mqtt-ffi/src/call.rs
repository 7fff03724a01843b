//! How every call begins and ends: the pointers are checked before the work, and what it gave is returned, with
//! the status or the detail beside it.

use mqtt_codec::frame;
use mqtt_codec::v3::{RawFrame, Role, Split};
use mqtt_codec::{DecodeError, EncodeError, ErrorKind, PacketType};

use crate::decoder::{decoder, mqttc_decoder};
use crate::ptr::{self, FromC, Layout, Out, Output, Place};
use crate::slice::mqttc_slice;
use crate::status::{
    self, BUFFER_TOO_SMALL, FIRST_RULE, Failure, INVALID_ARGUMENT, NEED_MORE, NONE, TOO_LARGE,
    TYPE_UNEXPECTED, mqttc_detail, mqttc_status,
};

/// A flag byte that must be 0 or 1.
pub(crate) const fn flag(byte: u8) -> Result<bool, mqttc_status> {
    match byte {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(INVALID_ARGUMENT),
    }
}

/// The status of a call that only checks.
pub(crate) fn status_of<T>(result: Result<T, mqttc_status>) -> mqttc_status {
    result.map_or_else(|status| status, |_| NONE)
}

/// Fills a struct with its initial value; does nothing for NULL.
///
/// # Safety
///
/// As for every function here: see the crate's documentation.
pub(crate) unsafe fn init<T>(p: *mut T, value: T) {
    // SAFETY: the caller's promise.
    if let Ok(p) = unsafe { Out::new(p) } {
        p.set(value);
    }
}

// --- encoding --------------------------------------------------------------------------------------

/// What an encoder has done: the status, and the bytes written or needed. Two numbers go in registers from function
/// to function, a `Result<usize, Failure>` on a microcontroller through memory.
#[derive(Clone, Copy)]
pub(crate) struct Encoded {
    status: mqttc_status,
    len: usize,
}

impl Encoded {
    pub(crate) const fn refused(status: mqttc_status) -> Self {
        Self { status, len: 0 }
    }

    /// The size that was missing, if that is all that is wrong.
    pub(crate) fn needed(self) -> Option<usize> {
        (self.status == BUFFER_TOO_SMALL).then_some(self.len)
    }
}

impl From<Result<Self, mqttc_status>> for Encoded {
    fn from(result: Result<Self, mqttc_status>) -> Self {
        result.unwrap_or_else(Self::refused)
    }
}

impl From<Result<usize, Failure>> for Encoded {
    #[inline(always)]
    fn from(result: Result<usize, Failure>) -> Self {
        let (status, len) = match result {
            Ok(len) => (NONE, len),
            Err(Failure::Codec(EncodeError::BufferTooSmall { needed })) => (BUFFER_TOO_SMALL, needed),
            Err(Failure::Codec(EncodeError::Invalid(kind))) => (status::of_kind(kind), 0),
            Err(Failure::Codec(_)) => (INVALID_ARGUMENT, 0),
            Err(Failure::Status(status)) => (status, 0),
        };
        Self { status, len }
    }
}

/// What every function that encodes a struct does around its work: checks the pointers, runs `work`, returns the
/// length and writes `*why`.
///
/// # Safety
///
/// As for every function here: see the crate's documentation.
#[inline(always)]
pub(crate) unsafe fn encode<'a, T: FromC + 'a, E: Into<Encoded>>(
    p: *const T,
    buf: *mut u8,
    cap: usize,
    why: *mut mqttc_status,
    work: impl FnOnce(&'a T, Output<'a>) -> E,
) -> usize {
    // SAFETY: the caller's promise; all was checked.
    unsafe {
        let output = Output::of(buf, cap);
        let encoded = match check_struct(Place::of(p), output, why) {
            NONE => work(ptr::checked_view(p), output).into(),
            status => Encoded::refused(status),
        };
        end(encoded, buf, why)
    }
}

/// The same for what needs no struct.
///
/// # Safety
///
/// As for every function here.
#[inline(always)]
pub(crate) unsafe fn encode_number(
    buf: *mut u8,
    cap: usize,
    why: *mut mqttc_status,
    work: impl FnOnce(&mut [u8]) -> Result<usize, Failure>,
) -> usize {
    // SAFETY: the caller's promise; all was checked; the only slice of this output.
    unsafe {
        let output = Output::of(buf, cap);
        let encoded = match check_output(output, why) {
            NONE => work(output.into_slice()).into(),
            status => Encoded::refused(status),
        };
        end(encoded, buf, why)
    }
}

/// `why` is refused, so that nothing can be written there.
const NOWHERE: mqttc_status = 1;

/// Checks the struct to encode, where it goes, and where the status goes: NONE, the status, or NOWHERE.
#[cfg_attr(target_pointer_width = "64", inline(always))]
#[cfg_attr(target_pointer_width = "32", inline(never))]
pub(crate) fn check_struct(p: Place, output: Output<'_>, why: *const mqttc_status) -> mqttc_status {
    match check_output(output, why) {
        NONE => status_of(output.must_not_hold(p)),
        status => status,
    }
}

/// Checks where the output and the status go: as above.
#[cfg_attr(target_pointer_width = "64", inline(always))]
#[cfg_attr(target_pointer_width = "32", inline(never))]
fn check_output(output: Output<'_>, why: *const mqttc_status) -> mqttc_status {
    let checked = output.check();
    if !why.is_null() {
        // As long as the output is no range, nothing lies in it.
        let lies_in_it = checked.is_ok() && output.must_not_overlap(why).is_err();
        if !why.is_aligned() || lies_in_it {
            return NOWHERE;
        }
    }
    status_of(checked)
}

/// Ends a function that encodes: the length of its result, with `*why` written.
///
/// # Safety
///
/// `why` was checked, which may have given NOWHERE.
#[cfg_attr(target_pointer_width = "64", inline(always))]
#[cfg_attr(target_pointer_width = "32", inline(never))]
pub(crate) unsafe fn end(encoded: Encoded, buf: *const u8, why: *mut mqttc_status) -> usize {
    let Encoded { mut status, len } = encoded;
    // Most calls end here.
    if status == NONE && why.is_null() {
        return len;
    }
    // NULL is an output only with a size of 0: the caller asks for the length.
    if status == BUFFER_TOO_SMALL && buf.is_null() {
        status = NONE;
    }
    if !why.is_null() && status != NOWHERE {
        // SAFETY: the caller's promise.
        unsafe { Out::checked(why) }.set(status);
    }
    if status == NONE { len } else { 0 }
}

// --- decoding --------------------------------------------------------------------------------------

/// Types 0 and 15 are refused by another rule than that they are not wanted.
const RESERVED_TYPES: u32 = 1 | 1 << 15;

/// What a decode function is for, known when that is compiled.
#[derive(Clone, Copy)]
pub(crate) struct Task {
    /// The packet types that it decodes, as bits.
    types: u32,
    /// Of the result.
    layout: Layout,
    role: Role,
}

impl Task {
    /// To decode these types into a `T`.
    pub(crate) const fn of<T>(types: &[PacketType]) -> Self {
        let (mut bits, mut rest) = (RESERVED_TYPES, types);
        while let [first, others @ ..] = rest {
            bits |= 1 << *first as u8;
            rest = others;
        }
        Self { types: bits, layout: Layout::of::<T>(), role: Role::Any }
    }

    /// To decode into a `T` whatever `role` receives.
    pub(crate) const fn of_role<T>(role: Role) -> Self {
        Self { types: u32::MAX, layout: Layout::of::<T>(), role }
    }
}

/// How a call ends that has looked at a frame and found no packet: the status, and the number that goes with it.
#[derive(Clone, Copy)]
pub(crate) struct End {
    pub(crate) status: i32,
    /// NEED_MORE and TOO_LARGE: `left`. Another broken rule: the byte that breaks it.
    pub(crate) number: u32,
}

impl End {
    pub(crate) const fn new(status: i32, number: usize) -> Self {
        Self { status, number: number as u32 }
    }

    /// Of a broken rule in the frame at the front of `buf`.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) fn refused(error: DecodeError, buf: &[u8]) -> Self {
        match error.kind() {
            ErrorKind::PacketTooLarge => Self::new(TOO_LARGE, frame::declared_len(buf) as usize),
            kind => Self::new(status::of_kind(kind), error.offset().min(buf.len())),
        }
    }

    /// True for a caller's mistake.
    pub(crate) const fn is_mistake(self) -> bool {
        self.status < 0 && self.status > FIRST_RULE
    }
}

/// A caller's mistake.
impl From<mqttc_status> for End {
    #[inline(always)]
    fn from(status: mqttc_status) -> Self {
        Self::new(status, 0)
    }
}

/// What every function that decodes a packet does around its work: opens the frame, runs `read`, returns the frame's
/// length and writes `*detail`.
///
/// # Safety
///
/// As for every function here.
#[inline]
pub(crate) unsafe fn decode<'a, T>(
    task: Task,
    dec: *const mqttc_decoder,
    buf: *const u8,
    len: usize,
    out: *mut T,
    detail: *mut mqttc_detail,
    read: impl FnOnce(&mut RawFrame<'a>, Out<T>) -> Result<(), DecodeError>,
) -> i32 {
    // SAFETY: the caller's promise; `open` has checked what is written.
    unsafe {
        // Read where it stands: taken out of the result it would be copied.
        let end = match &mut open(task.types, task.layout, task.role, dec, buf, len, out.cast(), detail) {
            Ok(frame) => match read(frame, Out::checked(out)) {
                Ok(()) => return frame.len() as i32, // at most 268 435 460
                // The frame is whole, so the offset lies in what was given.
                Err(error) => End::new(status::of_kind(error.kind()), error.offset()),
            },
            Err(end) => *end,
        };
        refuse(end, detail)
    }
}

/// Begins a function that decodes: checks the pointers and splits the frame from what follows it, as the caller's
/// decoder wants it, and writes the `*detail` of a packet.
///
/// # Safety
///
/// As for every function here.
#[cfg_attr(target_pointer_width = "64", inline(always))]
#[cfg_attr(target_pointer_width = "32", inline(never))]
#[allow(clippy::too_many_arguments)] // of a task each goes in a register of its own
unsafe fn open<'a>(
    types: u32,
    layout: Layout,
    role: Role,
    dec: *const mqttc_decoder,
    buf: *const u8,
    len: usize,
    out: *const u8,
    detail: *mut mqttc_detail,
) -> Result<RawFrame<'a>, End> {
    // SAFETY: the caller's promise.
    let (bytes, decoder) = unsafe {
        let out = Place::new(out, layout);
        (check_pointers(buf, len, out, detail)?, decoder(dec, role)?)
    };
    // Of one type alone: known before the header is read, it leaves out what that must be for the others.
    if cfg!(target_pointer_width = "64") {
        let only = types & !RESERVED_TYPES;
        match bytes.first() {
            Some(first) if only.is_power_of_two() && only.trailing_zeros() != u32::from(first >> 4) => {
                return Err(match PacketType::from_first_byte(*first) {
                    Ok(_) => End::new(TYPE_UNEXPECTED, 0),
                    Err(kind) => End::new(status::of_kind(kind), 0),
                });
            }
            _ => {}
        }
    }
    let end = match decoder.split(bytes) {
        // Of whichever type: `read` sees that.
        Ok(Split::Frame(frame)) => {
            // Before it is read, so that nothing is kept for it until then; an error writes it anew.
            // SAFETY: as above; it was checked.
            unsafe { packet(bytes.as_ptr(), frame.len(), detail) };
            return Ok(frame);
        }
        Ok(Split::NeedMore { at_least }) => End::new(NEED_MORE, at_least),
        Err(error) => End::refused(error, bytes),
    };
    // Another type ranks before all else that the fixed header shows, however much of it has come.
    Err(match bytes.first() {
        Some(first) if types >> (first >> 4) & 1 == 0 => End::new(TYPE_UNEXPECTED, 0),
        _ => end,
    })
}

/// Checks all pointers of a call that looks at a frame: no result may lie in the bytes or in another one.
///
/// # Safety
///
/// As for every function here.
#[inline(always)]
pub(crate) unsafe fn check_pointers<'a>(
    buf: *const u8,
    len: usize,
    out: Place,
    detail: *mut mqttc_detail,
) -> Result<&'a [u8], mqttc_status> {
    // SAFETY: the caller's promise.
    let buf = unsafe { ptr::input(buf, len) }?;
    out.check(buf.as_ptr(), buf.len())?;
    if !detail.is_null() {
        let detail = Place::of(detail);
        detail.check(buf.as_ptr(), buf.len())?;
        detail.check_beside(out)?;
    }
    Ok(buf)
}

/// Ends a call that has found a packet, or a header, of `len` bytes at `buf`: writes `*detail`, and returns the length.
///
/// # Safety
///
/// `detail` is NULL or was checked.
#[inline(always)]
pub(crate) unsafe fn packet(buf: *const u8, len: usize, detail: *mut mqttc_detail) -> i32 {
    let bytes = mqttc_slice { ptr: buf, len };
    // SAFETY: the caller's promise.
    unsafe { set_detail(detail, mqttc_detail { bytes, ..mqttc_detail::NOTHING }) };
    len as i32 // at most 268 435 460
}

/// # Safety
///
/// `detail` is NULL or was checked.
#[inline(always)]
pub(crate) unsafe fn set_detail(detail: *mut mqttc_detail, value: mqttc_detail) {
    if !detail.is_null() {
        // SAFETY: the caller's promise.
        unsafe { Out::checked(detail) }.set(value);
    }
}

/// Ends a call that has found no packet: writes `*detail`, and returns the status.
///
/// # Safety
///
/// `detail` is NULL or was checked.
#[cfg_attr(target_pointer_width = "64", cold)]
#[inline(never)]
pub(crate) unsafe fn refuse(end: End, detail: *mut mqttc_detail) -> i32 {
    let (left, offset) = match end.status {
        NEED_MORE => (end.number, 0),
        TOO_LARGE => (end.number, 1), // where the remaining length is
        ..=FIRST_RULE => (0, end.number),
        _ => return end.status, // a caller's mistake
    };
    // SAFETY: the caller's promise.
    unsafe { set_detail(detail, mqttc_detail { left, offset, ..mqttc_detail::NOTHING }) };
    end.status
}
