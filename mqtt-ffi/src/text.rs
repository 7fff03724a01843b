//! Texts: statuses and packet types in words.

use core::ffi::{CStr, c_char};

use mqtt_codec::{ErrorKind, PacketType};

use crate::status::{self, mqttc_status};

/// Texts, each with its NUL, one behind the other, and where each begins. In one array, because C strings of their
/// own all go into one section, which linkers keep whole: a program that prints a packet type would link every error
/// message.
struct Texts<const COUNT: usize, const LEN: usize> {
    bytes: [u8; LEN],
    starts: [u16; COUNT],
}

/// The bytes of all texts with their NULs.
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)] // runs when this is compiled
const fn len_of<const COUNT: usize>(texts: &[&CStr; COUNT]) -> usize {
    let (mut len, mut i) = (0, 0);
    while i < COUNT {
        len += texts[i].count_bytes() + 1;
        i += 1;
    }
    len
}

impl<const COUNT: usize, const LEN: usize> Texts<COUNT, LEN> {
    #[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)] // runs when this is compiled
    const fn new(texts: &[&CStr; COUNT]) -> Self {
        let mut joined = Self { bytes: [0; LEN], starts: [0; COUNT] };
        let (mut len, mut i) = (0, 0);
        while i < COUNT {
            joined.starts[i] = len as u16;
            let text = texts[i].to_bytes_with_nul();
            let mut j = 0;
            while j < text.len() {
                joined.bytes[len] = text[j];
                len += 1;
                j += 1;
            }
            i += 1;
        }
        assert!(len == LEN && LEN <= u16::MAX as usize);
        joined
    }

    /// The text at `index`, or the first one where there is none.
    fn get(&'static self, index: usize) -> *const c_char {
        let start = self.starts.get(index).copied().unwrap_or(0);
        self.bytes.as_ptr().wrapping_add(start.into()).cast()
    }
}

const KINDS: usize = ErrorKind::ALL.len();

/// What is no rule: any other number, then from MQTTC_ERR_INVALID_ARGUMENT (-3) to MQTTC_PAYLOAD (3).
const OTHERS: [&CStr; 8] = [
    c"not a status of this version",
    c"an argument is not one that this call takes",
    c"the output buffer is too small",
    c"a pointer is NULL that must not be",
    c"no error, or more bytes are needed",
    c"a packet",
    c"the start of a long PUBLISH",
    c"a piece of a payload",
];

#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)] // runs when this is compiled
const MESSAGES: [&CStr; OTHERS.len() + KINDS] = {
    let mut texts = [c""; OTHERS.len() + KINDS];
    let mut i = 0;
    while i < texts.len() {
        texts[i] = if i < OTHERS.len() { OTHERS[i] } else { ErrorKind::ALL[i - OTHERS.len()].c_texts().2 };
        i += 1;
    }
    texts
};

/// What is no rule has no clause, like some of the rules.
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)] // runs when this is compiled
const CLAUSES: [&CStr; 1 + KINDS] = {
    let mut texts = [c""; 1 + KINDS];
    let mut i = 0;
    while i < KINDS {
        texts[1 + i] = ErrorKind::ALL[i].c_texts().1;
        i += 1;
    }
    texts
};

#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)] // runs when this is compiled
const TYPE_NAMES: [&CStr; 16] = {
    let mut texts = [c"reserved"; 16];
    let mut i = 0;
    while i < texts.len() {
        if let Some(packet_type) = PacketType::from_number(i as u8) {
            texts[i] = packet_type.c_name();
        }
        i += 1;
    }
    texts[15] = c"AUTH"; // of MQTT 5 alone
    texts
};

/// What a status means, in a few words of English; also for what a decoder or a reader has returned that
/// is no error. Never NULL; static, nothing to free.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn mqttc_strerror(status: mqttc_status) -> *const c_char {
    static TEXTS: Texts<{ MESSAGES.len() }, { len_of(&MESSAGES) }> = Texts::new(&MESSAGES);
    let index = match status {
        -3..=3 => status.wrapping_add(4) as usize,
        _ => status::kind_index(status).map_or(0, |kind| kind.saturating_add(OTHERS.len())),
    };
    TEXTS.get(index)
}

/// The clause of the specification that a status stands for, such as "MQTT-3.3.2-2"; "" for rules
/// without a number and for statuses that are no rule. Never NULL; static, nothing to free.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn mqttc_spec_ref(status: mqttc_status) -> *const c_char {
    static TEXTS: Texts<{ CLAUSES.len() }, { len_of(&CLAUSES) }> = Texts::new(&CLAUSES);
    TEXTS.get(status::kind_index(status).map_or(0, |kind| kind.saturating_add(1)))
}

/// The name of a packet type, such as "PUBLISH" for 3; "reserved" for a number that is none. Never
/// NULL; static, nothing to free.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn mqttc_packet_type_str(packet_type: u8) -> *const c_char {
    static TEXTS: Texts<{ TYPE_NAMES.len() }, { len_of(&TYPE_NAMES) }> = Texts::new(&TYPE_NAMES);
    TEXTS.get(packet_type.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The statuses of the header that are events or mistakes of the caller.
    const NAMED: [mqttc_status; 7] = [-3, -2, -1, 0, 1, 2, 3];

    fn text(p: *const c_char) -> &'static str {
        // SAFETY: a static C string.
        unsafe { CStr::from_ptr(p) }.to_str().unwrap()
    }

    #[test]
    fn every_status_has_a_text_of_its_own() {
        let message = |status| text(mqttc_strerror(status));
        let none = message(i32::MIN);
        assert_eq!(none, "not a status of this version");
        let mut seen = std::collections::HashSet::from([none]);
        for status in NAMED {
            assert!(seen.insert(message(status)), "{status}: {}", message(status));
        }
        for kind in ErrorKind::ALL {
            let status = status::of_kind(*kind);
            assert_eq!(message(status), kind.message());
            assert!(seen.insert(message(status)), "{status}: {}", message(status));
        }
        let last = -32 - KINDS as i32;
        let unknown = (4..100).chain(-31..=-4).chain(last - 100..=last).chain([i32::MAX]);
        assert!(unknown.clone().all(|status| message(status) == none));
        assert!(unknown.chain(NAMED).all(|status| text(mqttc_spec_ref(status)).is_empty()));
    }

    #[test]
    fn every_kind_has_its_clause() {
        for kind in ErrorKind::ALL {
            let clause = text(mqttc_spec_ref(status::of_kind(*kind)));
            assert_eq!(clause, kind.spec_ref().unwrap_or_default(), "{kind:?}");
        }
    }

    #[test]
    fn every_packet_type_has_its_name() {
        for number in 0..=u8::MAX {
            let name = match PacketType::from_number(number) {
                Some(packet_type) => packet_type.name(),
                None if number == 15 => "AUTH",
                None => "reserved",
            };
            assert_eq!(text(mqttc_packet_type_str(number)), name);
        }
    }
}
