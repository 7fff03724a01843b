//! Judges a corpus of wire vectors: `MQTT_CORPUS=DIR cargo test -p mqtt-codec --test corpus`.
//!
//! DIR holds `corpus-311.jsonl` and `documents.jsonl` (frames with a verdict) and `topics.jsonl`
//! (filters, names and whether they match), one JSON object a line.

#![allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod common;

use std::path::Path;

use common::corpus::{folder, say};
use common::encode::encoded;
use common::vectors::{from_hex, to_hex};
use mqtt_codec::frame::{self, Peek};
use mqtt_codec::v3::{Decoded, Decoder, Packet, Protocol, Role};
use mqtt_codec::{DecodeError, ErrorKind, TopicFilter, TopicName};
use serde_json::{Value, json};

/// Rows with two faults, of which the corpus names the other one: the kind that we give, and why.
const OTHER_KIND: &[(&str, ErrorKind, &str)] = &[(
    "mosq-311-0206",
    ErrorKind::FilterEmpty,
    "the filter is empty and its options are missing; the filter comes first in the frame",
)];

/// The rows of version 3.1 in `corpus-311.jsonl`, at the least: a decoder of MQTT 3.1 has judged each.
const ROWS_OF_3_1: usize = 93;

/// What was found out about one file.
#[derive(Default)]
struct Tally {
    judged: usize,
    /// Of these, the rows that were judged by the rules of MQTT 3.1.
    of_3_1: usize,
    not_judged: usize,
    /// Refused rows whose reason [`kind_of`] does not know: their verdict alone is judged.
    unknown_reasons: usize,
    faults: Vec<String>,
}

#[test]
fn corpus() {
    let Some(folder) = folder() else {
        return say("corpus: MQTT_CORPUS is not set, 0 rows judged");
    };
    let mut faults = Vec::new();
    for (file, judge) in [
        ("corpus-311.jsonl", judge_frame as fn(&Value, &mut Tally)),
        ("documents.jsonl", judge_frame),
        ("topics.jsonl", judge_topic),
    ] {
        let tally = judge_file(&folder.join(file), judge);
        say(&format!(
            "corpus: {file}: {} rows judged, {} of them of version 3.1, {} of version 5.0 not judged, {} disagree; \
             {} reasons unknown",
            tally.judged,
            tally.of_3_1,
            tally.not_judged,
            tally.faults.len(),
            tally.unknown_reasons,
        ));
        if file == "corpus-311.jsonl" {
            assert!(
                tally.of_3_1 >= ROWS_OF_3_1,
                "{} rows of version 3.1 judged, not {ROWS_OF_3_1}",
                tally.of_3_1
            );
        }
        faults.extend(tally.faults);
    }
    assert!(faults.is_empty(), "{} rows disagree:\n{}", faults.len(), faults.join("\n"));
}

fn judge_file(path: &Path, judge: fn(&Value, &mut Tally)) -> Tally {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut tally = Tally::default();
    for (index, line) in text.lines().enumerate() {
        let row: Value = serde_json::from_str(line)
            .unwrap_or_else(|error| panic!("{}:{}: {error}", path.display(), index + 1));
        judge(&row, &mut tally);
    }
    assert!(tally.judged > 0, "{} holds no row to judge", path.display());
    tally
}

/// The text under `key`, which must be there.
fn text<'r>(row: &'r Value, key: &str) -> &'r str {
    row[key].as_str().unwrap_or_else(|| panic!("no text under {key:?}: {row}"))
}

fn flag(row: &Value, key: &str) -> bool {
    row[key].as_bool().unwrap_or_else(|| panic!("no flag under {key:?}: {row}"))
}

/// Notes a fault of `row` unless `holds`.
fn check(row: &Value, tally: &mut Tally, holds: bool, fault: impl FnOnce() -> String) {
    if !holds {
        let hex = row["hex"].as_str().map(|hex| &hex[..hex.len().min(80)]).unwrap_or_default();
        tally.faults.push(format!("{} {hex}: {}", text(row, "id"), fault()));
    }
}

fn frame_of(row: &Value) -> Vec<u8> {
    let mut frame = from_hex(text(row, "hex"));
    if let Some(repeat) = row.get("repeat") {
        let count = usize::try_from(repeat["count"].as_u64().unwrap()).unwrap();
        frame.extend(from_hex(text(repeat, "byte")).repeat(count));
    }
    frame
}

fn judge_frame(row: &Value, tally: &mut Tally) {
    let decoder = match text(row, "version") {
        "3.1.1" => Decoder::DEFAULT,
        "3.1" => {
            tally.of_3_1 += 1;
            Decoder::DEFAULT.protocol(Protocol::V3_1)
        }
        "5.0" => return tally.not_judged += 1,
        _ => panic!("no such version: {row}"),
    };
    let frame = frame_of(row);
    let result = decoder.decode(&frame);
    tally.judged += 1;

    let verdict = match result {
        Ok(Decoded::Packet { .. }) => "accept",
        Ok(Decoded::NeedMore { .. }) => "incomplete",
        Err(_) => "reject",
    };
    let expect = text(row, "expect");
    assert!(["accept", "incomplete", "reject"].contains(&expect), "no such verdict: {row}");
    let also_ok = row.get("also_ok").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    // A disputed row lists the other verdict in `also_ok`; ours is the one that is expected.
    let is_disputed = row.get("disputed") == Some(&Value::Bool(true));
    let is_fine = verdict == expect || (!is_disputed && also_ok.iter().any(|other| other == verdict));
    check(row, tally, is_fine, || format!("{expect} is expected, not {result:?}"));

    let role = match text(row, "direction") {
        "c2s" => Role::Server,
        "s2c" => Role::Client,
        "any" => Role::Any,
        _ => panic!("no such direction: {row}"),
    };
    let in_role = decoder.role(role).decode(&frame);
    check(row, tally, in_role == result, || format!("as {role:?}: {in_role:?}, else {result:?}"));

    if let (Some(name), Ok(Peek::Header(header))) = (row["packet"].as_str(), frame::peek(&frame)) {
        let packet_type = header.packet_type.name();
        check(row, tally, packet_type == name, || packet_type.to_owned());
    }
    match result {
        Ok(Decoded::Packet { packet, len, .. }) if expect == "accept" => {
            check(row, tally, len == frame.len(), || format!("a packet of {len} bytes"));
            judge_fields(row, tally, &packet);
            judge_again(row, tally, &decoder, &packet, &frame[..len]);
        }
        Err(error) if expect == "reject" => judge_reason(row, tally, error),
        _ => {}
    }
}

fn judge_fields(row: &Value, tally: &mut Tally, packet: &Packet<'_>) {
    let name = packet.packet_type().name();
    check(row, tally, row["packet"] == name, || format!("a {name}"));
    let mut found = fields(packet);
    let wanted = &row["fields"];
    // A long payload is told by its length; encoding it again shows the bytes.
    if let Some(len) = wanted.get("payload_length") {
        let payload = text(&found, "payload_hex").len() / 2;
        check(row, tally, *len == payload, || format!("a payload of {payload} bytes"));
        found["payload_hex"] = Value::Null;
        found["payload_length"] = len.clone();
    }
    check(row, tally, found == *wanted, || format!("{found} instead of {wanted}"));
}

/// The packet's fields, as the corpus names them.
fn fields(packet: &Packet<'_>) -> Value {
    match packet {
        Packet::Connect(connect) => json!({
            "clean_session": connect.clean_session,
            "keep_alive": connect.keep_alive,
            "client_id": connect.client_id.as_str(),
            "will": connect.will.map(|will| json!({
                "qos": will.qos as u8,
                "retain": will.retain,
                "topic": will.topic.as_str(),
                "payload_hex": to_hex(will.message.as_bytes()),
            })),
            "username": connect.login.map(|login| login.user_name.as_str()),
            "password_hex": connect.login.and_then(|login| login.password).map(|it| to_hex(it.as_bytes())),
        }),
        Packet::ConnAck(connack) => json!({
            "session_present": connack.session_present,
            "return_code": connack.return_code.0,
        }),
        Packet::Publish(publish) => json!({
            "dup": publish.delivery.dup(),
            "qos": publish.delivery.qos() as u8,
            "retain": publish.retain,
            "topic": publish.topic.as_str(),
            "packet_id": publish.packet_id().map(|id| id.get()),
            "payload_hex": to_hex(publish.payload),
        }),
        Packet::Subscribe(subscribe) => json!({
            "packet_id": subscribe.id.get(),
            "filters": subscribe.filters.iter()
                .map(|it| json!([it.filter.as_str(), it.qos as u8]))
                .collect::<Vec<_>>(),
        }),
        Packet::SubAck(suback) => json!({
            "packet_id": suback.id.get(),
            "return_codes": suback.return_codes.iter().map(|code| code.0).collect::<Vec<_>>(),
        }),
        Packet::Unsubscribe(unsubscribe) => json!({
            "packet_id": unsubscribe.id.get(),
            "filters": unsubscribe.filters.iter().map(|filter| filter.as_str()).collect::<Vec<_>>(),
        }),
        Packet::PubAck(_)
        | Packet::PubRec(_)
        | Packet::PubRel(_)
        | Packet::PubComp(_)
        | Packet::UnsubAck(_) => {
            json!({ "packet_id": packet.packet_id().map(|id| id.get()) })
        }
        Packet::PingReq | Packet::PingResp | Packet::Disconnect => json!({}),
    }
}

/// Encoding gives the frame back. A row of MQTT 3.1 may come back in canonical form, which then
/// decodes to the same packet.
fn judge_again(row: &Value, tally: &mut Tally, decoder: &Decoder, packet: &Packet<'_>, frame: &[u8]) {
    let again = encoded(packet);
    let is_fine = if text(row, "version") == "3.1" {
        decoder.decode(&again).is_ok_and(
            |it| matches!(it, Decoded::Packet { packet: found, len, .. } if found == *packet && len == again.len()),
        ) && (again == frame || ignores_something(frame))
    } else {
        again == frame
    };
    check(row, tally, is_fine, || format!("encoded as {}", to_hex(&again)));
}

/// True for a frame of MQTT 3.1 with bits that MQTT 3.1 ignores, or with a login that it may leave
/// out: the only ones that do not come back as they were.
fn ignores_something(frame: &[u8]) -> bool {
    let Ok(Peek::Header(header)) = frame::peek(frame) else { return false };
    let body = &frame[usize::from(header.header_len)..];
    let has_other_flags = header.packet_type.required_flags().is_some_and(|flags| flags != header.flags);
    has_other_flags
        || match frame[0] >> 4 {
            1 => {
                let flags = body[9];
                // Bit 0; will QoS and retain without a will; login flags, whose fields may be absent.
                flags & 1 != 0 || (flags & 0x04 == 0 && flags & 0x38 != 0) || flags & 0xc0 != 0
            }
            2 => body[0] != 0,
            _ => false,
        }
}

fn judge_reason(row: &Value, tally: &mut Tally, error: DecodeError) {
    let reason = text(row, "reason");
    let listed = OTHER_KIND.iter().find(|(id, ..)| *id == text(row, "id")).map(|(_, kind, _)| *kind);
    match listed.or_else(|| kind_of(reason)) {
        Some(kind) => check(row, tally, error.kind() == kind, || format!("{reason} is not {error:?}")),
        None => tally.unknown_reasons += 1,
    }
}

/// The kind that goes with a reason of the corpus; a colon parts it from particulars.
fn kind_of(reason: &str) -> Option<ErrorKind> {
    let (general, particulars) = reason.split_once(':').unwrap_or((reason, ""));
    Some(match general {
        "bad-multi-level-wildcard" | "bad-single-level-wildcard" => ErrorKind::FilterWildcard,
        "body-too-short" | "length-overruns-body" => ErrorKind::Truncated,
        "client-id-length-3.1" | "empty-client-id-without-clean-session" => ErrorKind::ClientIdRejected,
        "connack-reserved-flags" => ErrorKind::ConnackFlags,
        "connack-return-code-reserved" => ErrorKind::ReturnCode,
        "connect-reserved-flag" => ErrorKind::ConnectFlagReserved,
        "dup-with-qos-0" => ErrorKind::DupWithoutQos,
        "empty-filter" => ErrorKind::FilterEmpty,
        "empty-topic" | "empty-will-topic" => ErrorKind::TopicEmpty,
        "forbidden-packet-type" => ErrorKind::PacketTypeReserved,
        "no-filters" => ErrorKind::NoFilters,
        "packet-id-zero" => ErrorKind::PacketIdZero,
        "password-without-username" => ErrorKind::PasswordWithoutUserName,
        "protocol-level-bridge-bit" => ErrorKind::ProtocolLevel,
        "publish-qos-3" => ErrorKind::QosReserved,
        "remaining-length-not-minimal" => ErrorKind::RemainingLengthPadded,
        "remaining-length-too-long" => ErrorKind::RemainingLength,
        "reserved-flags" | "qos-not-1-in-flags" => ErrorKind::FlagsReserved,
        "session-present-with-refusal" => ErrorKind::SessionPresentWithRefusal,
        "suback-code-reserved" => ErrorKind::SubackReturnCode,
        "suback-without-codes" => ErrorKind::NoReturnCodes,
        "subscription-options-reserved" | "subscription-qos-3" => ErrorKind::SubscribeOptions,
        "trailing-bytes" => ErrorKind::TrailingBytes,
        "unknown-protocol-name" => ErrorKind::ProtocolName,
        "unsupported-protocol-level" if particulars == "MQTT/5" => ErrorKind::ProtocolVersionOther,
        "unsupported-protocol-level" => ErrorKind::ProtocolLevel,
        "utf8-ill-formed" => ErrorKind::Utf8,
        "utf8-nul" => ErrorKind::NulInString,
        "wildcard-in-topic-name" => ErrorKind::TopicWildcard,
        "will-qos-3" => ErrorKind::WillQos,
        "will-qos-without-will" | "will-retain-without-will" => ErrorKind::WillFlagsWithoutWill,
        _ => return None,
    })
}

fn judge_topic(row: &Value, tally: &mut Tally) {
    if row["version"] == "5.0" {
        return tally.not_judged += 1;
    }
    tally.judged += 1;
    match text(row, "type") {
        "match" => {
            let (filter, name) = (TopicFilter::new(text(row, "filter")), TopicName::new(text(row, "topic")));
            check(row, tally, filter.is_ok() == flag(row, "filter_valid"), || format!("{filter:?}"));
            check(row, tally, name.is_ok() == flag(row, "topic_valid"), || format!("{name:?}"));
            let matches = matches!((filter, name), (Ok(filter), Ok(name)) if filter.matches(name));
            check(row, tally, matches == flag(row, "matches"), || format!("{filter:?} {name:?}: {matches}"));
        }
        "valid" => {
            let value = text(row, "value");
            let valid = match text(row, "kind") {
                "filter" => TopicFilter::new(value).is_ok(),
                "name" => TopicName::new(value).is_ok(),
                _ => panic!("no such kind: {row}"),
            };
            check(row, tally, valid == flag(row, "valid"), || format!("{value:?}: {valid}"));
        }
        _ => panic!("no such type: {row}"),
    }
}
