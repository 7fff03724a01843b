//! mqttrs. Its decoder does not tell where the packet ends, so its user reads the remaining length too.

use ::mqttrs::{
    Connect, LastWill, Packet, Pid, Protocol, Publish, QoS, QosPid, Suback, Subscribe, SubscribeReturnCodes,
    SubscribeTopic, decode_slice, encode_slice,
};

use super::frame_len;
use crate::workloads::{LEVEL, Message, Sample, WILL_QOS, WILL_RETAIN};
use crate::{InPlace, sum};

pub struct Mqttrs;

impl InPlace for Mqttrs {
    const NAME: &'static str = "mqttrs";
    type Room = ();
    type Packet<'a> = Packet<'a>;

    #[inline]
    fn decode(buf: &[u8]) -> Option<(u64, usize)> {
        let len = frame_len(buf)?;
        Some((sum_of(&decode_slice(buf).unwrap()?), len))
    }

    #[inline]
    fn build<'a>(sample: &'a Sample, _room: &'a mut ()) -> Packet<'a> {
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
                qospid: id.map_or(QosPid::AtMostOnce, |id| QosPid::AtLeastOnce(pid(id))),
                retain: false,
                topic_name: topic,
                payload,
            }),
            Message::PubAck { id } => Packet::Puback(pid(id)),
            Message::Subscribe { id, filters } => Packet::Subscribe(Subscribe {
                pid: pid(id),
                topics: filters
                    .iter()
                    .map(|(filter, code)| SubscribeTopic { topic_path: (*filter).into(), qos: qos(*code) })
                    .collect(),
            }),
            Message::SubAck { id, codes } => Packet::Suback(Suback {
                pid: pid(id),
                return_codes: codes
                    .iter()
                    .map(|code| match code {
                        0x80 => SubscribeReturnCodes::Failure,
                        code => SubscribeReturnCodes::Success(qos(*code)),
                    })
                    .collect(),
            }),
            Message::PingReq => Packet::Pingreq,
        }
    }

    #[inline]
    fn encode(packet: &Packet<'_>, out: &mut [u8]) -> usize {
        encode_slice(packet, out).unwrap()
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
            let id = p.qospid.pid().map_or(0, Pid::get);
            sum::publish(p.topic_name.as_bytes(), p.qospid.qos() as u8, p.dup, p.retain, id, p.payload)
        }
        Packet::Puback(id) => sum::puback(id.get()),
        Packet::Subscribe(p) => {
            sum::subscribe(p.pid.get(), p.topics.iter().map(|t| (t.topic_path.as_bytes(), t.qos as u8)))
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
