//! Topic names and topic filters (section 4.7).

use mqtt_codec::{ErrorKind, TopicFilter, TopicName};

use crate::call;
use crate::ptr;
use crate::slice::mqttc_slice;
use crate::status::{self, mqttc_status};

/// # Safety
///
/// As for every function here: see the crate's documentation.
unsafe fn parse<'a, T>(
    text: mqttc_slice,
    parse: impl FnOnce(&'a [u8]) -> Result<T, ErrorKind>,
) -> Result<T, mqttc_status> {
    // SAFETY: the caller's promise.
    let bytes = unsafe { ptr::input(text.ptr, text.len) }?;
    parse(bytes).map_err(status::of_kind)
}

/// 0 if messages can be published under this topic name. Errors: MQTTC_ERR_TOPIC_EMPTY,
/// MQTTC_ERR_TOPIC_WILDCARD, MQTTC_ERR_UTF8, MQTTC_ERR_NUL_IN_STRING, MQTTC_ERR_STRING_TOO_LONG;
/// MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_topic_name_check(name: mqttc_slice) -> mqttc_status {
    // SAFETY: the caller's promise.
    call::status_of(unsafe { parse(name, TopicName::from_bytes) })
}

/// 0 if this topic filter can be subscribed to. Errors: MQTTC_ERR_FILTER_EMPTY,
/// MQTTC_ERR_FILTER_WILDCARD, MQTTC_ERR_UTF8, MQTTC_ERR_NUL_IN_STRING, MQTTC_ERR_STRING_TOO_LONG;
/// MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_topic_filter_check(filter: mqttc_slice) -> mqttc_status {
    // SAFETY: the caller's promise.
    call::status_of(unsafe { parse(filter, TopicFilter::from_bytes) })
}

/// 1 if a message published under `name` goes to a subscription to `filter`, else 0. "a/#" matches "a"
/// and "a/b"; "#" does not match "$SYS/load" [MQTT-4.7.2-1]. A filter or a name that is not legal matches
/// nothing: `mqttc_topic_filter_check` and `mqttc_topic_name_check` tell why.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_topic_matches(filter: mqttc_slice, name: mqttc_slice) -> i32 {
    let matches = || {
        // SAFETY: the caller's promise, here and below.
        let filter = unsafe { parse(filter, TopicFilter::from_bytes) }?;
        // SAFETY: as above.
        let name = unsafe { parse(name, TopicName::from_bytes) }?;
        Ok::<_, mqttc_status>(filter.matches(name))
    };
    matches().unwrap_or(false).into()
}
