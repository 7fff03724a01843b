//! The error kinds as C and `inspect` know them: their order, names, clauses, and what a server
//! answers.

#![allow(clippy::unwrap_used)]

use std::collections::HashSet;

use mqtt_codec::ErrorKind;
use mqtt_codec::v3::decode;

/// The C status values count down from -32 in this order, so that it never changes.
const NAMES: &str = "remaining_length remaining_length_padded packet_type_reserved flags_reserved \
    packet_too_large wrong_direction truncated trailing_bytes utf8 nul_in_string string_too_long \
    protocol_name protocol_level protocol_version_other connect_flag_reserved will_qos \
    will_flags_without_will password_without_user_name client_id_rejected connack_flags return_code \
    session_present_with_refusal qos_reserved dup_without_qos topic_empty topic_wildcard \
    packet_id_zero no_filters filter_empty filter_wildcard subscribe_options no_return_codes \
    suback_return_code packet_type_unexpected character_discouraged";

#[test]
fn every_kind_is_listed_in_its_order() {
    let names: Vec<_> = ErrorKind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(names, NAMES.split_whitespace().collect::<Vec<_>>());
    for (index, kind) in ErrorKind::ALL.iter().enumerate() {
        assert_eq!(*kind as usize, index, "{}", kind.name());
    }
}

/// What is missing in `ALL` would be missing in every test that goes through it.
#[test]
fn all_are_all() {
    let source = include_str!("../src/error.rs");
    let (_, body) = source.split_once("pub enum ErrorKind {\n").unwrap();
    let (body, _) = body.split_once("\n}").unwrap();
    let declared: Vec<_> = body
        .lines()
        .map(|line| line.trim().trim_end_matches(','))
        .filter(|line| !line.starts_with("//"))
        .collect();
    let listed: Vec<_> = ErrorKind::ALL.iter().map(|kind| format!("{kind:?}")).collect();
    assert_eq!(listed, declared);
}

/// The names are the kinds' own, written the other way, and every kind says something of its own.
#[test]
fn names_and_messages_belong_to_their_kinds() {
    let mut messages = HashSet::new();
    for kind in ErrorKind::ALL {
        let camel_case: String =
            kind.name().split('_').map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect();
        assert_eq!(format!("{kind:?}"), camel_case);
        assert!(messages.insert(kind.to_string()), "{kind}");
    }
}

#[test]
fn clauses() {
    let unnumbered = [
        "remaining_length",
        "remaining_length_padded",
        "packet_type_reserved",
        "packet_too_large",
        "wrong_direction",
        "truncated",
        "trailing_bytes",
        "return_code",
        "packet_type_unexpected",
        "character_discouraged",
    ];
    for kind in ErrorKind::ALL {
        let clause = kind.spec_ref();
        assert_eq!(clause.is_none(), unnumbered.contains(&kind.name()), "{}", kind.name());
        // `MQTT-` and a statement's number: section, subsection, paragraph, statement.
        if let Some(clause) = clause {
            let number = clause.strip_prefix("MQTT-").unwrap();
            let (paragraph, statement) = number.split_once('-').unwrap();
            let is_number = |part: &str| part.parse::<u8>().is_ok();
            assert!(paragraph.split('.').count() == 3 && paragraph.split('.').all(is_number), "{clause}");
            assert!(is_number(statement), "{clause}");
        }
    }
    // The example of the tool's manual.
    assert_eq!(ErrorKind::TopicWildcard.spec_ref(), Some("MQTT-3.3.2-2"));
}

#[test]
fn what_a_server_answers() {
    for kind in ErrorKind::ALL {
        let answer = match kind {
            ErrorKind::ProtocolLevel | ErrorKind::ProtocolVersionOther => Some(0x01), // [MQTT-3.1.2-2]
            ErrorKind::ClientIdRejected => Some(0x02),                                // [MQTT-3.1.3-8]
            _ => None,
        };
        assert_eq!(kind.connack_code(), answer, "{}", kind.name());
    }
}

#[test]
fn an_error_says_what_and_where() {
    let error = decode(b"\x30\x05\x00\x03a/+").unwrap_err();
    assert_eq!((error.kind(), error.offset()), (ErrorKind::TopicWildcard, 6));
    assert_eq!(error.to_string(), "a topic name must not hold a wildcard (byte 6)");
}

/// A server learns from the error which level was asked for.
#[test]
fn the_level_is_the_byte_at_the_offset() {
    for (frame, level) in [
        (&b"\x10\x07\x00\x04MQTT\x05"[..], 5),
        (b"\x10\x07\x00\x04MQTT\x84", 0x84),
        (b"\x10\x09\x00\x06MQIsdp\x04", 4),
    ] {
        let error = decode(frame).unwrap_err();
        assert_eq!(error.kind().connack_code(), Some(0x01));
        assert_eq!(frame.get(error.offset()), Some(&level));
    }
}
