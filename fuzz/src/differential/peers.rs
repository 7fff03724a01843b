//! The peers, each asked in its own words.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use bytes::BytesMut;

use super::{Fields, Verdict};

thread_local! {
    static IN_A_PEER: Cell<bool> = const { Cell::new(false) };
}

/// What a peer says; a panic of its is an answer. The fuzzer ends the process at any panic, by a hook that is
/// left out here.
fn ask(peer: impl FnOnce() -> Verdict) -> Verdict {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let former = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !IN_A_PEER.get() {
                former(info);
            }
        }));
    });
    IN_A_PEER.set(true);
    let verdict = panic::catch_unwind(AssertUnwindSafe(peer));
    IN_A_PEER.set(false);
    verdict.unwrap_or(Verdict::Panics)
}

pub(super) fn mqttrs(buf: &[u8]) -> Verdict {
    ask(|| match mqttrs::decode_slice(buf) {
        Ok(Some(packet)) => Verdict::Packet(of_mqttrs(&packet)),
        Ok(None) => Verdict::NeedMore(None),
        Err(_) => Verdict::Refused,
    })
}

fn of_mqttrs(packet: &mqttrs::Packet<'_>) -> Fields {
    use mqttrs::{Packet, Pid, Protocol, SubscribeReturnCodes};
    match packet {
        Packet::Connect(p) => Fields::Connect {
            level: match p.protocol {
                Protocol::MQTT311 => 4,
                Protocol::MQIsdp => 3,
            },
            clean_session: p.clean_session,
            keep_alive: p.keep_alive,
            client_id: p.client_id.into(),
            will: p.last_will.as_ref().map(|w| (w.topic.into(), w.message.into(), w.qos as u8, w.retain)),
            user_name: p.username.map(Into::into),
            password: p.password.map(Into::into),
        },
        Packet::Connack(p) => Fields::ConnAck(p.session_present, p.code as u8),
        Packet::Publish(p) => Fields::Publish {
            dup: p.dup,
            qos: p.qospid.qos() as u8,
            retain: p.retain,
            topic: p.topic_name.into(),
            id: p.qospid.pid().map_or(0, Pid::get),
            payload: p.payload.into(),
        },
        Packet::Puback(id) => Fields::Ack(4, id.get()),
        Packet::Pubrec(id) => Fields::Ack(5, id.get()),
        Packet::Pubrel(id) => Fields::Ack(6, id.get()),
        Packet::Pubcomp(id) => Fields::Ack(7, id.get()),
        Packet::Subscribe(p) => {
            let filters =
                p.topics.iter().map(|topic| (topic.topic_path.clone().into_bytes(), topic.qos as u8));
            Fields::Subscribe(p.pid.get(), filters.collect())
        }
        Packet::Suback(p) => {
            let codes = p.return_codes.iter().map(|code| match code {
                SubscribeReturnCodes::Success(qos) => *qos as u8,
                SubscribeReturnCodes::Failure => 0x80,
            });
            Fields::SubAck(p.pid.get(), codes.collect())
        }
        Packet::Unsubscribe(p) => Fields::Unsubscribe(
            p.pid.get(),
            p.topics.iter().map(|topic| topic.clone().into_bytes()).collect(),
        ),
        Packet::Unsuback(id) => Fields::Ack(11, id.get()),
        Packet::Pingreq => Fields::Empty(12),
        Packet::Pingresp => Fields::Empty(13),
        Packet::Disconnect => Fields::Empty(14),
    }
}

/// rumqttc and mqttbytes: one codec at two ages, with the same names for types that differ. (No function can
/// take both.)
macro_rules! bytebeam {
    ($name:ident, $root:path, $v4:path, $read:path) => {
        pub(super) fn $name(buf: &[u8]) -> Verdict {
            use v4::{ConnectReturnCode, Packet, SubscribeReasonCode};
            use $root as root;
            use $v4 as v4;

            fn fields(packet: Packet) -> Fields {
                match packet {
                    Packet::Connect(p) => Fields::Connect {
                        level: match p.protocol {
                            root::Protocol::V4 => 4,
                            root::Protocol::V5 => 5,
                        },
                        clean_session: p.clean_session,
                        keep_alive: p.keep_alive,
                        client_id: p.client_id.into(),
                        will: p.last_will.map(|w| (w.topic.into(), w.message.into(), w.qos as u8, w.retain)),
                        // An empty one and none are the same here.
                        user_name: p.login.as_ref().map(|login| login.username.clone().into()),
                        password: p.login.map(|login| login.password.into()),
                    },
                    Packet::ConnAck(p) => {
                        let code = match p.code {
                            ConnectReturnCode::Success => 0,
                            ConnectReturnCode::RefusedProtocolVersion => 1,
                            ConnectReturnCode::BadClientId => 2,
                            ConnectReturnCode::ServiceUnavailable => 3,
                            ConnectReturnCode::BadUserNamePassword => 4,
                            ConnectReturnCode::NotAuthorized => 5,
                        };
                        Fields::ConnAck(p.session_present, code)
                    }
                    Packet::Publish(p) => Fields::Publish {
                        dup: p.dup,
                        qos: p.qos as u8,
                        retain: p.retain,
                        topic: p.topic.into(),
                        id: p.pkid,
                        payload: p.payload.into(),
                    },
                    Packet::PubAck(p) => Fields::Ack(4, p.pkid),
                    Packet::PubRec(p) => Fields::Ack(5, p.pkid),
                    Packet::PubRel(p) => Fields::Ack(6, p.pkid),
                    Packet::PubComp(p) => Fields::Ack(7, p.pkid),
                    Packet::Subscribe(p) => {
                        let filters =
                            p.filters.into_iter().map(|filter| (filter.path.into(), filter.qos as u8));
                        Fields::Subscribe(p.pkid, filters.collect())
                    }
                    Packet::SubAck(p) => {
                        let codes = p.return_codes.iter().map(|code| match code {
                            SubscribeReasonCode::Success(qos) => *qos as u8,
                            SubscribeReasonCode::Failure => 0x80,
                        });
                        Fields::SubAck(p.pkid, codes.collect())
                    }
                    Packet::Unsubscribe(p) => {
                        Fields::Unsubscribe(p.pkid, p.topics.into_iter().map(Into::into).collect())
                    }
                    Packet::UnsubAck(p) => Fields::Ack(11, p.pkid),
                    Packet::PingReq => Fields::Empty(12),
                    Packet::PingResp => Fields::Empty(13),
                    Packet::Disconnect => Fields::Empty(14),
                }
            }

            ask(|| match $read(&mut BytesMut::from(buf), usize::MAX) {
                Ok(packet) => Verdict::Packet(fields(packet)),
                Err(root::Error::InsufficientBytes(number)) => Verdict::NeedMore(Some(number)),
                Err(_) => Verdict::Refused,
            })
        }
    };
}

bytebeam!(rumqttc, ::rumqttc::mqttbytes, ::rumqttc::mqttbytes::v4, ::rumqttc::mqttbytes::v4::Packet::read);
bytebeam!(mqttbytes, ::mqttbytes, ::mqttbytes::v4, ::mqttbytes::v4::read);
