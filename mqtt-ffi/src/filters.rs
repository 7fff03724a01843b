//! SUBSCRIBE and UNSUBSCRIBE: lists of topic filters (sections 3.8 and 3.10).

use core::mem::offset_of;

use mqtt_codec::list::{self, Item, List};
use mqtt_codec::v3::{
    AnyFilter, RawFrame, Subscribe, Subscription, Unsubscribe, UnvalidatedSubscription, encode_filters,
};
use mqtt_codec::{DecodeError, ErrorKind, PacketId, PacketType, TopicFilter, Utf8};

use crate::call::{self, Task, flag};
use crate::decoder::mqttc_decoder;
use crate::ptr::{self, Array, FromC, Out, Output, Place};
use crate::slice::mqttc_slice;
use crate::status::{self, Failure, INVALID_ARGUMENT, mqttc_detail, mqttc_status};

/// A topic filter and the QoS that is asked for it.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mqttc_subscription {
    /// Which topics; wildcards where section 4.7.1 allows them.
    pub filter: mqttc_slice,
    /// 0, 1 or 2. 0 when it comes from an UNSUBSCRIBE.
    pub qos: u8,
}

/// SUBSCRIBE to be encoded (section 3.8). Fill it with `mqttc_subscribe_init`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mqttc_subscribe {
    /// An array of `count` subscriptions.
    pub filters: *const mqttc_subscription,
    /// At least 1.
    pub count: usize,
    /// 1 to 65535; the SUBACK repeats it.
    pub packet_id: u16,
}

/// UNSUBSCRIBE to be encoded (section 3.10). Fill it with `mqttc_unsubscribe_init`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mqttc_unsubscribe {
    /// An array of `count` topic filters.
    pub filters: *const mqttc_slice,
    /// At least 1.
    pub count: usize,
    /// 1 to 65535; the UNSUBACK repeats it.
    pub packet_id: u16,
}

/// The filters of a decoded SUBSCRIBE or UNSUBSCRIBE: an iterator over the frame's bytes. A copy
/// starts where the original is. Advance it with `mqttc_filters_next` alone; like any slice, `rest` must
/// not be made longer than the bytes that are there.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mqttc_filters {
    /// What is left of the list, as it stands on the wire.
    pub rest: mqttc_slice,
    /// 1 in a SUBSCRIBE, where a QoS follows each filter; 0 in an UNSUBSCRIBE.
    pub has_qos: u8,
    /// 1 where MQTTC_ALLOW_BAD_FILTERS was set: check each filter with `mqttc_topic_filter_check`.
    pub unvalidated: u8,
}

/// A decoded SUBSCRIBE or UNSUBSCRIBE.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mqttc_filter_list {
    /// The filters, to be walked with `mqttc_filters_next`.
    pub filters: mqttc_filters,
    /// 1 to 65535.
    pub packet_id: u16,
}

// SAFETY: integers and raw pointers alone.
unsafe impl FromC for mqttc_subscription {}
// SAFETY: as above.
unsafe impl FromC for mqttc_subscribe {}
// SAFETY: as above.
unsafe impl FromC for mqttc_unsubscribe {}
// SAFETY: as above.
unsafe impl FromC for mqttc_filters {}

// The two structs differ in what `filters` points at, and in nothing else.
const _: () = {
    assert!(size_of::<mqttc_subscribe>() == size_of::<mqttc_unsubscribe>());
    assert!(offset_of!(mqttc_subscribe, filters) == offset_of!(mqttc_unsubscribe, filters));
    assert!(offset_of!(mqttc_subscribe, count) == offset_of!(mqttc_unsubscribe, count));
    assert!(offset_of!(mqttc_subscribe, packet_id) == offset_of!(mqttc_unsubscribe, packet_id));
};

/// Fills a SUBSCRIBE: no filters, no packet identifier. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_subscribe_init(p: *mut mqttc_subscribe) {
    // SAFETY: the caller's promise.
    unsafe { call::init(p, mqttc_subscribe { filters: core::ptr::null(), count: 0, packet_id: 0 }) }
}

/// Writes a SUBSCRIBE and returns its length. One filter "a/#" with QoS 1, packet id 1, 10 bytes:
///
///     82 08  00 01  00 03 'a' '/' '#'  01
///
/// `buf`, `cap` and `why` as for `mqttc_connect_encode`.
///
/// Errors: MQTTC_ERR_PACKET_ID_ZERO, MQTTC_ERR_NO_FILTERS [MQTT-3.8.3-3]; for a subscription
/// MQTTC_ERR_FILTER_EMPTY, MQTTC_ERR_FILTER_WILDCARD, MQTTC_ERR_UTF8, MQTTC_ERR_NUL_IN_STRING,
/// MQTTC_ERR_STRING_TOO_LONG, MQTTC_ERR_SUBSCRIBE_OPTIONS (a QoS that is not 0, 1 or 2);
/// MQTTC_ERR_REMAINING_LENGTH; MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_subscribe_encode(
    p: *const mqttc_subscribe,
    buf: *mut u8,
    cap: usize,
    why: *mut mqttc_status,
) -> usize {
    // SAFETY: the caller's promise.
    unsafe { encode(PacketType::Subscribe, p, buf, cap, why) }
}

/// Fills an UNSUBSCRIBE: no filters, no packet identifier. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_unsubscribe_init(p: *mut mqttc_unsubscribe) {
    // SAFETY: the caller's promise.
    unsafe { call::init(p, mqttc_unsubscribe { filters: core::ptr::null(), count: 0, packet_id: 0 }) }
}

/// Writes an UNSUBSCRIBE and returns its length. One filter "a/#", packet id 1, 9 bytes:
/// `a2 07  00 01  00 03 'a' '/' '#'`. `buf`, `cap` and `why` as for `mqttc_connect_encode`.
///
/// Errors: as for `mqttc_subscribe_encode`, less MQTTC_ERR_SUBSCRIBE_OPTIONS.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_unsubscribe_encode(
    p: *const mqttc_unsubscribe,
    buf: *mut u8,
    cap: usize,
    why: *mut mqttc_status,
) -> usize {
    // SAFETY: the caller's promise.
    unsafe { encode(PacketType::Unsubscribe, p.cast(), buf, cap, why) }
}

/// What the functions that encode a SUBSCRIBE or an UNSUBSCRIBE have in common; `packet_type` tells which of the two
/// structs `p` points at.
///
/// # Safety
///
/// As for every function here: see the crate's documentation.
#[cfg_attr(target_pointer_width = "32", inline(never))]
unsafe fn encode(
    packet_type: PacketType,
    p: *const mqttc_subscribe,
    buf: *mut u8,
    cap: usize,
    why: *mut mqttc_status,
) -> usize {
    // SAFETY: the caller's promise.
    unsafe { call::encode(p, buf, cap, why, |c, output| encode_list(packet_type, c, output)) }
}

/// # Safety
///
/// As for every function here.
#[inline(always)]
unsafe fn encode_list(
    packet_type: PacketType,
    c: &mqttc_subscribe,
    output: Output<'_>,
) -> Result<usize, Failure> {
    // SAFETY: the caller's promise; the only slice of this output to write.
    unsafe {
        let id = c.packet_id.try_into()?;
        let filters = match packet_type {
            PacketType::Subscribe => Filters::Subscribe(output.array(c.filters, c.count)?),
            _ => Filters::Unsubscribe(output.array(c.filters.cast(), c.count)?),
        };
        for (filter, qos) in filters.clone() {
            AnyFilter::new(output.input(filter)?, qos)?;
        }
        let filters =
            filters.map(|(filter, qos)| AnyFilter::judged(ptr::checked_input(filter.ptr, filter.len), qos));
        Ok(encode_filters(packet_type, id, filters, output.into_slice())?)
    }
}

/// The filters of a SUBSCRIBE, with a QoS each, or of an UNSUBSCRIBE.
#[derive(Clone)]
enum Filters<'a> {
    Subscribe(Array<'a, mqttc_subscription>),
    Unsubscribe(Array<'a, mqttc_slice>),
}

impl Iterator for Filters<'_> {
    type Item = (mqttc_slice, Option<u8>);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Subscribe(items) => items.next().map(|item| (item.filter, Some(item.qos))),
            Self::Unsubscribe(items) => items.next().map(|filter| (filter, None)),
        }
    }
}

/// Writes a decoded SUBSCRIBE or UNSUBSCRIBE.
///
/// # Safety
///
/// As for every function here.
pub(crate) unsafe fn encode_decoded(
    packet_type: PacketType,
    c: &mqttc_filter_list,
    output: Output<'_>,
) -> Result<usize, Failure> {
    // SAFETY: the caller's promise; the only slice of this output to write.
    unsafe {
        let (id, bytes) = filter_bytes(c, packet_type == PacketType::Subscribe, output)?;
        Ok(match packet_type {
            PacketType::Subscribe => {
                Subscribe { id, filters: check_list(c, bytes)? }.encode(output.into_slice())?
            }
            _ => Unsubscribe { id, filters: check_list(c, bytes)? }.encode(output.into_slice())?,
        })
    }
}

/// The packet identifier and the wire bytes of a decoded list, whose items must be of the packet's
/// kind.
///
/// # Safety
///
/// As for every function here.
unsafe fn filter_bytes<'a>(
    c: &mqttc_filter_list,
    has_qos: bool,
    output: Output<'a>,
) -> Result<(PacketId, &'a [u8]), Failure> {
    if flag(c.filters.has_qos)? != has_qos {
        return Err(INVALID_ARGUMENT.into());
    }
    // SAFETY: the caller's promise.
    let bytes = unsafe { output.input(c.filters.rest) }?;
    Ok((c.packet_id.try_into()?, bytes))
}

/// The items, each checked. One that was let in unvalidated is refused by its rule; anything else that
/// decoding would not have taken is the caller's mistake.
fn check_list<'a, T: Item<'a>>(c: &mqttc_filter_list, bytes: &'a [u8]) -> Result<List<'a, T>, Failure> {
    let unvalidated = flag(c.filters.unvalidated)?;
    List::from_wire(bytes).map_err(|kind| match kind {
        ErrorKind::FilterEmpty | ErrorKind::FilterWildcard if unvalidated => kind.into(),
        _ => INVALID_ARGUMENT.into(),
    })
}

/// Reads a SUBSCRIBE or an UNSUBSCRIBE, which an error leaves as it was.
#[cfg_attr(target_pointer_width = "32", inline(never))]
pub(crate) fn read(
    frame: &mut RawFrame<'_>,
    packet_type: PacketType,
    out: Out<mqttc_filter_list>,
) -> Result<(), DecodeError> {
    let (id, bytes) = frame.filters(packet_type)?;
    let filters = mqttc_filters {
        rest: mqttc_slice::of(bytes),
        has_qos: (packet_type == PacketType::Subscribe).into(),
        unvalidated: frame.allows_bad_filters().into(),
    };
    out.set(mqttc_filter_list { filters, packet_id: id.get() });
    Ok(())
}

/// Decodes the SUBSCRIBE at the front of `buf`. As `mqttc_connect_decode`.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_subscribe_decode(
    dec: *const mqttc_decoder,
    buf: *const u8,
    len: usize,
    out: *mut mqttc_filter_list,
    detail: *mut mqttc_detail,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { decode(dec, buf, len, out, detail, PacketType::Subscribe) }
}

/// Decodes the UNSUBSCRIBE at the front of `buf`. As `mqttc_connect_decode`.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_unsubscribe_decode(
    dec: *const mqttc_decoder,
    buf: *const u8,
    len: usize,
    out: *mut mqttc_filter_list,
    detail: *mut mqttc_detail,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { decode(dec, buf, len, out, detail, PacketType::Unsubscribe) }
}

/// # Safety
///
/// As for every function here.
#[cfg_attr(target_pointer_width = "64", inline(always))]
#[cfg_attr(target_pointer_width = "32", inline(never))]
unsafe fn decode(
    dec: *const mqttc_decoder,
    buf: *const u8,
    len: usize,
    out: *mut mqttc_filter_list,
    detail: *mut mqttc_detail,
    packet_type: PacketType,
) -> i32 {
    let task = Task::of::<mqttc_filter_list>(&[packet_type]);
    // SAFETY: the caller's promise.
    unsafe { call::decode(task, dec, buf, len, out, detail, |frame, out| read(frame, packet_type, out)) }
}

/// The next filter of a decoded SUBSCRIBE or UNSUBSCRIBE.
///
/// Returns 1 when `*out` is filled and `*it` is behind it, else 0 with `*out` untouched: at the end, and
/// for what is no iterator or no result (NULL, misaligned, tampered with), which also ends the iterator
/// where it can be written. `mqttc_filters_check` tells why.
///
///     mqttc_filters it = packet.u.subscribe.filters;
///     mqttc_subscription s;
///     while (mqttc_filters_next(&it, &s))
///         grant(s.filter, s.qos);
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_filters_next(it: *mut mqttc_filters, out: *mut mqttc_subscription) -> i32 {
    // SAFETY: the caller's promise, here and below.
    let Ok(filters) = (unsafe { ptr::read(it) }) else { return 0 };
    // SAFETY: as above.
    let found = (|| unsafe {
        let rest = ptr::input(filters.rest.ptr, filters.rest.len)?;
        let place = Place::of(out);
        place.check(rest.as_ptr(), rest.len())?;
        place.must_not_overlap(Place::of(it))?;
        read_first(filters, rest)
    })();
    let (item, rest) = match found {
        Ok(Some((item, rest))) => (Some(item), mqttc_slice::of(rest)),
        Ok(None) => return 0,
        Err(_) => (None, mqttc_slice::EMPTY),
    };
    // An iterator among its own bytes is not written.
    if Place::of(it).must_not_lie_in(filters.rest.ptr, filters.rest.len).is_err() {
        return 0;
    }
    // SAFETY: as above; both were checked.
    unsafe {
        Out::checked(it).set(mqttc_filters { rest, ..filters });
        match item {
            Some(item) => Out::checked(out).set(item),
            None => return 0,
        }
    }
    1
}

/// 0 when `mqttc_filters_next` gives every filter that is left in `*it`, which is not changed; else why
/// not.
///
/// Errors: MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT; the broken rule of the first filter that is none,
/// such as MQTTC_ERR_FILTER_WILDCARD or MQTTC_ERR_TRUNCATED: somebody has changed the bytes since they
/// were decoded.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_filters_check(it: *const mqttc_filters) -> mqttc_status {
    call::status_of((|| {
        // SAFETY: the caller's promise.
        let filters = unsafe { ptr::read(it) }?;
        // SAFETY: as above.
        let mut rest = unsafe { ptr::input(filters.rest.ptr, filters.rest.len) }?;
        Place::of(it).check(rest.as_ptr(), rest.len())?;
        while let Some((_, behind)) = read_first(filters, rest)? {
            rest = behind;
        }
        Ok(())
    })())
}

/// The first item of a list's bytes, checked anew as they have been in C's hands, and the bytes behind it; `None` at
/// the end.
fn read_first(
    filters: mqttc_filters,
    rest: &[u8],
) -> Result<Option<(mqttc_subscription, &[u8])>, mqttc_status> {
    match (flag(filters.has_qos)?, flag(filters.unvalidated)?) {
        (true, false) => first(rest, |item: Subscription<'_>| (item.filter.as_bytes(), item.qos as u8)),
        (true, true) => {
            first(rest, |item: UnvalidatedSubscription<'_>| (item.filter.as_bytes(), item.qos as u8))
        }
        (false, false) => first(rest, |filter: TopicFilter<'_>| (filter.as_bytes(), 0)),
        (false, true) => first(rest, |filter: Utf8<'_>| (filter.as_bytes(), 0)),
    }
}

fn first<'a, T: Item<'a>>(
    rest: &'a [u8],
    parts: impl FnOnce(T) -> (&'a [u8], u8),
) -> Result<Option<(mqttc_subscription, &'a [u8])>, mqttc_status> {
    let first = list::read_first(rest).map_err(status::of_kind)?;
    Ok(first.map(|(item, rest)| {
        let (filter, qos) = parts(item);
        (mqttc_subscription { filter: mqttc_slice::of(filter), qos }, rest)
    }))
}
