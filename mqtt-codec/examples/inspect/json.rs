//! What `--json` and `--match` print. The objects are put together by hand so that their keys keep
//! the order in which the fields stand on the wire.

use mqtt_codec::v3::{Connect, Packet, Publish};
use mqtt_codec::{PacketId, PacketType, QoS, TopicFilter, TopicName};
use serde_json::Value;

use crate::escape::json as text;
use crate::hex;
use crate::reading::{Content, Outcome, Reading, tolerances};

/// The object about the first frame of an input line.
pub(crate) fn first_frame(reading: &Reading, line: &[u8]) -> String {
    let frames = match hex::parse(line) {
        Ok(frames) => frames,
        Err(message) => return bad_input(&message),
    };
    match reading.read(&frames) {
        Ok(Outcome::Frame { content, len, tolerated }) => {
            let (packet, reencoded) = match &content {
                Content::Packet(packet) => (fields(packet), reencoded(packet)),
                // No encoder takes these.
                Content::Subscribe(subscribe) => {
                    let filters = subscribe.filters.iter().map(|asked| (asked.filter.as_str(), asked.qos));
                    (object(&subscribe_fields(subscribe.id, filters)), "null".into())
                }
                Content::Unsubscribe(unsubscribe) => {
                    let filters = unsubscribe.filters.iter().map(|filter| filter.as_str());
                    (object(&unsubscribe_fields(unsubscribe.id, filters)), "null".into())
                }
            };
            let mut answer = vec![
                ("status", text("packet")),
                ("consumed", len.to_string()),
                ("packet", packet),
                ("reencoded", reencoded),
            ];
            if reading.mode.is_some() {
                let names = tolerances(tolerated).map(|tolerance| text(tolerance.name));
                answer.push(("tolerated", array(names)));
            }
            object(&answer)
        }
        Ok(Outcome::NeedMore { at_least }) => {
            object(&[("status", text("need_more")), ("at_least", at_least.to_string())])
        }
        Err(error) => object(&[
            ("status", text("error")),
            (
                "error",
                object(&[
                    ("kind", text(error.kind().name())),
                    ("offset", error.offset().to_string()),
                    ("spec_ref", or_null(error.kind().spec_ref(), text)),
                    ("message", text(&error.kind().to_string())),
                ]),
            ),
        ]),
    }
}

/// The object about one line `{"filter":..,"topic":..}`.
pub(crate) fn topic_match(line: &[u8]) -> String {
    let row: Value = match serde_json::from_slice(line) {
        Ok(row) => row,
        Err(error) => return bad_input(&error.to_string()),
    };
    let string = |key| row.get(key).and_then(Value::as_str);
    let (Some(filter), Some(topic)) = (string("filter"), string("topic")) else {
        return bad_input("the line is not an object with the strings \"filter\" and \"topic\"");
    };
    let (filter, topic) = (TopicFilter::new(filter), TopicName::new(topic));
    let matches = matches!((filter, topic), (Ok(filter), Ok(topic)) if filter.matches(topic));
    object(&[
        ("matches", matches.to_string()),
        ("filter_valid", filter.is_ok().to_string()),
        ("topic_valid", topic.is_ok().to_string()),
    ])
}

fn bad_input(message: &str) -> String {
    object(&[("status", text("bad_input")), ("message", text(message))])
}

fn fields(packet: &Packet<'_>) -> String {
    let mut fields = vec![type_field(packet.packet_type())];
    match packet {
        Packet::Connect(connect) => fields.extend(connect_fields(connect)),
        Packet::ConnAck(connack) => fields.extend([
            ("session_present", connack.session_present.to_string()),
            ("return_code", connack.return_code.0.to_string()),
        ]),
        Packet::Publish(publish) => fields.extend(publish_fields(publish)),
        Packet::Subscribe(subscribe) => {
            let filters = subscribe.filters.iter().map(|asked| (asked.filter.as_str(), asked.qos));
            return object(&subscribe_fields(subscribe.id, filters));
        }
        Packet::SubAck(suback) => fields.extend([
            ("packet_id", suback.id.to_string()),
            ("return_codes", array(suback.return_codes.iter().map(|code| code.0.to_string()))),
        ]),
        Packet::Unsubscribe(unsubscribe) => {
            let filters = unsubscribe.filters.iter().map(|filter| filter.as_str());
            return object(&unsubscribe_fields(unsubscribe.id, filters));
        }
        Packet::PubAck(_)
        | Packet::PubRec(_)
        | Packet::PubRel(_)
        | Packet::PubComp(_)
        | Packet::UnsubAck(_) => fields.push(("packet_id", id(packet.packet_id()))),
        Packet::PingReq | Packet::PingResp | Packet::Disconnect => {}
    }
    object(&fields)
}

fn type_field(packet_type: PacketType) -> (&'static str, String) {
    ("type", text(packet_type.name()))
}

fn subscribe_fields<'a>(
    id: PacketId,
    filters: impl Iterator<Item = (&'a str, QoS)>,
) -> [(&'static str, String); 3] {
    let filters = filters.map(|(filter, qos)| array([text(filter), (qos as u8).to_string()].into_iter()));
    [type_field(PacketType::Subscribe), ("packet_id", id.to_string()), ("filters", array(filters))]
}

fn unsubscribe_fields<'a>(
    id: PacketId,
    filters: impl Iterator<Item = &'a str>,
) -> [(&'static str, String); 3] {
    [
        type_field(PacketType::Unsubscribe),
        ("packet_id", id.to_string()),
        ("filters", array(filters.map(text))),
    ]
}

fn connect_fields(connect: &Connect<'_>) -> [(&'static str, String); 7] {
    let password = connect.login.and_then(|login| login.password);
    [
        ("protocol_level", connect.protocol.level().to_string()),
        ("clean_session", connect.clean_session.to_string()),
        ("keep_alive", connect.keep_alive.to_string()),
        ("client_id", text(connect.client_id.as_str())),
        (
            "will",
            or_null(connect.will, |will| {
                object(&[
                    ("qos", (will.qos as u8).to_string()),
                    ("retain", will.retain.to_string()),
                    ("topic", text(will.topic.as_str())),
                    ("payload_hex", text(&hex::write(will.message.as_bytes()))),
                ])
            }),
        ),
        ("username", or_null(connect.login, |login| text(login.user_name.as_str()))),
        ("password_hex", or_null(password, |password| text(&hex::write(password.as_bytes())))),
    ]
}

fn publish_fields(publish: &Publish<'_>) -> [(&'static str, String); 6] {
    [
        ("dup", publish.delivery.dup().to_string()),
        ("qos", (publish.delivery.qos() as u8).to_string()),
        ("retain", publish.retain.to_string()),
        ("topic", text(publish.topic.as_str())),
        ("packet_id", id(publish.packet_id())),
        ("payload_hex", text(&hex::write(publish.payload))),
    ]
}

/// What `encode` makes of the packet; `null` where it refuses.
fn reencoded(packet: &Packet<'_>) -> String {
    let mut frame = vec![0; packet.encoded_len()];
    let len = packet.encode(&mut frame).ok();
    or_null(len.and_then(|len| frame.get(..len)), |frame| text(&hex::write(frame)))
}

fn id(id: Option<PacketId>) -> String {
    or_null(id, |id| id.to_string())
}

fn or_null<T>(value: Option<T>, write: impl FnOnce(T) -> String) -> String {
    value.map_or("null".into(), write)
}

fn array(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}

fn object(fields: &[(&str, String)]) -> String {
    let fields: Vec<_> = fields.iter().map(|(key, value)| format!("{}:{value}", text(key))).collect();
    format!("{{{}}}", fields.join(","))
}
