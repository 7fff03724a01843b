//! rumqttc: its module `mqttbytes::v4`.

use ::rumqttc::mqttbytes::v4::{
    Connect, LastWill, Login, Packet, PubAck, Publish, SubAck, Subscribe, SubscribeFilter,
    SubscribeReasonCode,
};
use ::rumqttc::mqttbytes::{Error, Protocol, QoS, check, matches};
use bytes::{Bytes, BytesMut};

use crate::workloads::{LEVEL, Message, Sample, WILL_QOS, WILL_RETAIN};
use crate::{Contender, Header, Matching, fold, sum};

pub struct Rumqttc;

impl Contender for Rumqttc {
    const NAME: &'static str = "rumqttc";
    type Inbox = BytesMut;
    type Outbox = BytesMut;
    type Room = ();
    type Packet<'a> = Packet;

    #[inline]
    fn decode_all(inbox: &mut BytesMut, wire: &[u8]) -> u64 {
        take(inbox, wire, 0)
    }

    #[inline]
    fn decode_chunks(inbox: &mut BytesMut, wire: &[u8], chunk: usize) -> u64 {
        wire.chunks(chunk).fold(0, |sums, chunk| take(inbox, chunk, sums))
    }

    #[inline]
    fn build<'a>(sample: &'a Sample, _room: &'a mut ()) -> Packet {
        match sample.message {
            Message::Connect { client_id, keep_alive, will_topic, will_message, user_name, password } => {
                Packet::Connect(Connect {
                    protocol: Protocol::V4,
                    keep_alive,
                    client_id: client_id.into(),
                    clean_session: true,
                    last_will: Some(LastWill {
                        topic: will_topic.into(),
                        message: Bytes::from_static(will_message),
                        qos: qos(WILL_QOS),
                        retain: WILL_RETAIN,
                    }),
                    login: Some(Login::new(user_name, str::from_utf8(password).unwrap())),
                })
            }
            Message::Publish { topic, id, payload } => {
                let qos = qos(u8::from(id.is_some()));
                let mut publish = Publish::from_bytes(topic, qos, Bytes::from_static(payload));
                publish.pkid = id.unwrap_or(0);
                Packet::Publish(publish)
            }
            Message::PubAck { id } => Packet::PubAck(PubAck::new(id)),
            Message::Subscribe { id, filters } => {
                let mut subscribe = Subscribe::new_many(
                    filters.map(|(filter, code)| SubscribeFilter::new(filter.into(), qos(code))),
                );
                subscribe.pkid = id;
                Packet::Subscribe(subscribe)
            }
            Message::SubAck { id, codes } => {
                let codes = codes.iter().map(|code| SubscribeReasonCode::try_from(*code).unwrap());
                Packet::SubAck(SubAck::new(id, codes.collect()))
            }
            Message::PingReq => Packet::PingReq,
        }
    }

    #[inline]
    fn encode(packet: &Packet, out: &mut BytesMut) {
        packet.write(out, usize::MAX).unwrap();
    }
}

impl Header for Rumqttc {
    const NAME: &'static str = <Self as Contender>::NAME;

    #[inline]
    fn header(buf: &[u8]) -> (u8, usize) {
        let header = check(buf.iter(), usize::MAX).unwrap();
        (header.packet_type().unwrap() as u8, header.frame_length())
    }
}

impl Matching for Rumqttc {
    const NAME: &'static str = <Self as Contender>::NAME;
    type Filter<'a> = &'a str;
    type Topic<'a> = &'a str;

    fn filter(filter: &str) -> &str {
        filter
    }

    fn topic(topic: &str) -> &str {
        topic
    }

    #[inline]
    fn matches(filter: &&str, topic: &&str) -> bool {
        matches(topic, filter)
    }
}

/// The copy is the socket's: `read_buf` puts the bytes there.
#[inline]
fn take(inbox: &mut BytesMut, bytes: &[u8], mut sums: u64) -> u64 {
    inbox.extend_from_slice(bytes);
    loop {
        match Packet::read(inbox, usize::MAX) {
            Ok(packet) => sums = fold(sums, sum_of(&packet)),
            Err(Error::InsufficientBytes(_)) => return sums,
            Err(error) => panic!("{error}"),
        }
    }
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
fn sum_of(packet: &Packet) -> u64 {
    match packet {
        Packet::Connect(p) => sum::connect(
            match p.protocol {
                Protocol::V4 => LEVEL,
                Protocol::V5 => 5,
            },
            p.client_id.as_bytes(),
            p.clean_session,
            p.keep_alive,
            p.last_will.as_ref().map(|w| (w.topic.as_bytes(), &w.message[..], w.qos as u8, w.retain)),
            p.login.as_ref().map(|login| login.username.as_bytes()),
            p.login.as_ref().map(|login| login.password.as_bytes()),
        ),
        Packet::Publish(p) => {
            sum::publish(p.topic.as_bytes(), p.qos as u8, p.dup, p.retain, p.pkid, &p.payload)
        }
        Packet::PubAck(p) => sum::puback(p.pkid),
        Packet::Subscribe(p) => {
            sum::subscribe(p.pkid, p.filters.iter().map(|filter| (filter.path.as_bytes(), filter.qos as u8)))
        }
        Packet::SubAck(p) => sum::suback(
            p.pkid,
            p.return_codes.iter().map(|code| match code {
                SubscribeReasonCode::Success(qos) => *qos as u8,
                SubscribeReasonCode::Failure => 0x80,
            }),
        ),
        Packet::PingReq => sum::pingreq(),
        other => panic!("no workload has {other:?}"),
    }
}
