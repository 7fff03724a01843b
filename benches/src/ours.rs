//! This codec.

use mqtt_codec::frame::Peek;
use mqtt_codec::v3::{
    Connect, Decoded, Decoder, Delivery, Login, Packet, Protocol, PubAck, Publish, SubAck, SubAckCode,
    Subscribe, Subscription, Will, decode,
};
use mqtt_codec::{Binary, PacketId, QoS, TopicFilter, TopicName, Utf8};

use crate::workloads::{LIST_LEN, Message, Sample, WILL_QOS, WILL_RETAIN};
use crate::{Header, InPlace, Matching, sum};

/// This codec.
pub struct Ours;

/// The lists of SUBSCRIBE and SUBACK.
#[derive(Default)]
pub enum Room {
    #[default]
    Empty,
    Filters([Subscription<'static>; LIST_LEN]),
    Codes([SubAckCode; LIST_LEN]),
}

impl InPlace for Ours {
    const NAME: &'static str = "ours";
    type Room = Room;
    type Packet<'a> = Packet<'a>;

    #[inline]
    fn decode(buf: &[u8]) -> Option<(u64, usize)> {
        match decode(buf) {
            Ok(Decoded::Packet { packet, len, .. }) => Some((sum_of(&packet), len)),
            Ok(Decoded::NeedMore { .. }) => None,
            other => panic!("{other:?}"),
        }
    }

    #[inline]
    fn build<'a>(sample: &'a Sample, room: &'a mut Room) -> Packet<'a> {
        match sample.message {
            Message::Connect { client_id, keep_alive, will_topic, will_message, user_name, password } => {
                Packet::Connect(Connect {
                    protocol: Protocol::V3_1_1,
                    client_id: Utf8::new(client_id).unwrap(),
                    clean_session: true,
                    keep_alive,
                    will: Some(Will {
                        topic: TopicName::new(will_topic).unwrap(),
                        message: Binary::new(will_message).unwrap(),
                        qos: QoS::from_bits(WILL_QOS).unwrap(),
                        retain: WILL_RETAIN,
                    }),
                    login: Some(Login {
                        user_name: Utf8::new(user_name).unwrap(),
                        password: Some(Binary::new(password).unwrap()),
                    }),
                })
            }
            Message::Publish { topic, id, payload } => Packet::Publish(Publish {
                topic: TopicName::new(topic).unwrap(),
                delivery: match id {
                    None => Delivery::AtMostOnce,
                    Some(id) => Delivery::AtLeastOnce { id: packet_id(id), dup: false },
                },
                retain: false,
                payload,
            }),
            Message::PubAck { id } => Packet::PubAck(PubAck { id: packet_id(id) }),
            Message::Subscribe { id, filters } => {
                *room = Room::Filters(filters.map(|(filter, qos)| Subscription {
                    filter: TopicFilter::new(filter).unwrap(),
                    qos: QoS::from_bits(qos).unwrap(),
                }));
                let Room::Filters(filters) = room else { unreachable!() };
                Packet::Subscribe(Subscribe { id: packet_id(id), filters: (&*filters).into() })
            }
            Message::SubAck { id, codes } => {
                *room = Room::Codes(codes.map(SubAckCode));
                let Room::Codes(codes) = room else { unreachable!() };
                Packet::SubAck(SubAck { id: packet_id(id), return_codes: (&*codes).into() })
            }
            Message::PingReq => Packet::PingReq,
        }
    }

    #[inline]
    fn encode(packet: &Packet<'_>, out: &mut [u8]) -> usize {
        packet.encode(out).unwrap()
    }
}

impl Header for Ours {
    const NAME: &'static str = <Self as InPlace>::NAME;

    #[inline]
    fn header(buf: &[u8]) -> (u8, usize) {
        match Decoder::DEFAULT.peek(buf) {
            Ok(Peek::Header(header)) => (header.packet_type as u8, header.frame_len() as usize),
            other => panic!("{other:?}"),
        }
    }
}

impl Matching for Ours {
    const NAME: &'static str = <Self as InPlace>::NAME;
    type Filter<'a> = TopicFilter<'a>;
    type Topic<'a> = TopicName<'a>;

    fn filter(filter: &str) -> TopicFilter<'_> {
        TopicFilter::new(filter).unwrap()
    }

    fn topic(topic: &str) -> TopicName<'_> {
        TopicName::new(topic).unwrap()
    }

    #[inline]
    fn matches(filter: &TopicFilter<'_>, topic: &TopicName<'_>) -> bool {
        filter.matches(*topic)
    }
}

#[inline]
fn packet_id(id: u16) -> PacketId {
    PacketId::new(id).unwrap()
}

/// The sum over a packet's fields.
#[inline(always)]
pub fn sum_of(packet: &Packet<'_>) -> u64 {
    match packet {
        Packet::Connect(p) => sum::connect(
            p.protocol.level(),
            p.client_id.as_bytes(),
            p.clean_session,
            p.keep_alive,
            p.will.map(|w| (w.topic.as_bytes(), w.message.as_bytes(), w.qos as u8, w.retain)),
            p.login.map(|login| login.user_name.as_bytes()),
            p.login.and_then(|login| login.password).map(|password| password.as_bytes()),
        ),
        Packet::Publish(p) => {
            let (qos, dup) = (p.delivery.qos() as u8, p.delivery.dup());
            let id = p.packet_id().map_or(0, PacketId::get);
            sum::publish(p.topic.as_bytes(), qos, dup, p.retain, id, p.payload)
        }
        Packet::PubAck(p) => sum::puback(p.id.get()),
        Packet::Subscribe(p) => {
            sum::subscribe(p.id.get(), p.filters.iter().map(|s| (s.filter.as_bytes(), s.qos as u8)))
        }
        Packet::SubAck(p) => sum::suback(p.id.get(), p.return_codes.iter().map(|code| code.0)),
        Packet::PingReq => sum::pingreq(),
        other => panic!("no workload has a {}", other.packet_type()),
    }
}
