//! mqttrust. Its decoder does not tell where the packet ends; its user calls `read_header` before.

use ::mqttrust::encoding::v4::decoder::read_header;
use ::mqttrust::encoding::v4::{
    Connect, LastWill, Packet, Pid, Protocol, Publish, QoS, Suback, Subscribe, SubscribeReturnCodes,
    SubscribeTopic, decode_slice, encode_slice,
};

use crate::rows::Work;
use crate::workloads::{LEVEL, LIST_LEN, Message, Sample, WILL_QOS, WILL_RETAIN};
use crate::{Header, InPlace, sum};

pub struct Mqttrust;

#[derive(Default)]
pub enum Room {
    #[default]
    Empty,
    Topics([SubscribeTopic<'static>; LIST_LEN]),
    Codes([SubscribeReturnCodes; LIST_LEN]),
}

impl InPlace for Mqttrust {
    const NAME: &'static str = "mqttrust";
    type Room = Room;
    type Packet<'a> = Packet<'a>;

    fn cannot(work: Work, workload: &str) -> Option<&'static str> {
        let encodes = matches!(work, Work::Encode | Work::Build);
        match workload {
            "SUBACK 8" if !encodes => Some("does not read the return codes"),
            "PUBLISH 256 B" | "PUBLISH 64 KiB" if encodes => {
                Some("writes 0 for the packet identifier, to be overwritten by hand")
            }
            "SUBSCRIBE 8" if encodes => Some("takes no packet identifier"),
            "stream" if encodes => Some("writes no packet identifiers"),
            _ => None,
        }
    }

    #[inline]
    fn decode(buf: &[u8]) -> Option<(u64, usize)> {
        let mut at = 0;
        let (_, len) = read_header(buf, &mut at).unwrap()?;
        Some((sum_of(&decode_slice(buf).unwrap()?), at + len))
    }

    #[inline]
    fn build<'a>(sample: &'a Sample, room: &'a mut Room) -> Packet<'a> {
        match sample.message {
            Message::Connect { client_id, keep_alive, will_topic, will_message, user_name, password } => {
                Packet::Connect(Connect {
                    protocol: Protocol::MQTT311,
                    keep_alive,
                    client_id,
                    clean_session: true,
                    last_will: Some(LastWill {
                        topic: will_topic,
                        message: will_message,
                        qos: qos(WILL_QOS),
                        retain: WILL_RETAIN,
                    }),
                    username: Some(user_name),
                    password: Some(password),
                })
            }
            Message::Publish { topic, id, payload } => Packet::Publish(Publish {
                dup: false,
                qos: if id.is_some() { QoS::AtLeastOnce } else { QoS::AtMostOnce },
                pid: id.map(pid),
                retain: false,
                topic_name: topic,
                payload,
            }),
            Message::PubAck { id } => Packet::Puback(pid(id)),
            Message::Subscribe { filters, .. } => {
                *room = Room::Topics(
                    filters.map(|(filter, code)| SubscribeTopic { topic_path: filter, qos: qos(code) }),
                );
                let Room::Topics(topics) = room else { unreachable!() };
                Packet::Subscribe(Subscribe::new(topics))
            }
            Message::SubAck { id, codes } => {
                *room = Room::Codes(codes.map(|code| match code {
                    0x80 => SubscribeReturnCodes::Failure,
                    code => SubscribeReturnCodes::Success(qos(code)),
                }));
                let Room::Codes(codes) = room else { unreachable!() };
                Packet::Suback(Suback { pid: pid(id), return_codes: codes })
            }
            Message::PingReq => Packet::Pingreq,
        }
    }

    #[inline]
    fn encode(packet: &Packet<'_>, out: &mut [u8]) -> usize {
        encode_slice(packet, out).unwrap()
    }
}

impl Header for Mqttrust {
    const NAME: &'static str = <Self as InPlace>::NAME;

    #[inline]
    fn header(buf: &[u8]) -> (u8, usize) {
        let mut at = 0;
        let (header, len) = read_header(buf, &mut at).unwrap().unwrap();
        // Its types count from CONNECT = 0.
        (header.typ as u8 + 1, at + len)
    }
}

#[inline]
fn pid(id: u16) -> Pid {
    Pid::try_from(id).unwrap()
}

#[inline]
fn qos(qos: u8) -> QoS {
    match qos {
        0 => QoS::AtMostOnce,
        1 => QoS::AtLeastOnce,
        _ => QoS::ExactlyOnce,
    }
}

#[inline]
fn sum_of(packet: &Packet<'_>) -> u64 {
    match packet {
        Packet::Connect(p) => sum::connect(
            match p.protocol {
                Protocol::MQTT311 => LEVEL,
                Protocol::MQIsdp => 3,
            },
            p.client_id.as_bytes(),
            p.clean_session,
            p.keep_alive,
            p.last_will.as_ref().map(|w| (w.topic.as_bytes(), w.message, w.qos as u8, w.retain)),
            p.username.map(str::as_bytes),
            p.password,
        ),
        Packet::Publish(p) => {
            let id = p.pid.map_or(0, Pid::get);
            sum::publish(p.topic_name.as_bytes(), p.qos as u8, p.dup, p.retain, id, p.payload)
        }
        Packet::Puback(id) => sum::puback(id.get()),
        Packet::Subscribe(p) => {
            let id = p.pid().map_or(0, Pid::get);
            sum::subscribe(id, p.topics().map(|t| (t.topic_path.as_bytes(), t.qos as u8)))
        }
        Packet::Suback(p) => sum::suback(
            p.pid.get(),
            p.return_codes.iter().map(|code| match code {
                SubscribeReturnCodes::Success(qos) => *qos as u8,
                SubscribeReturnCodes::Failure => 0x80,
            }),
        ),
        Packet::Pingreq => sum::pingreq(),
        other => panic!("no workload has {other:?}"),
    }
}
