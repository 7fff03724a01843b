//! ntex-mqtt: its codec of `v3`. Its encoder writes into pages of its own, which go to the socket as they are; a
//! payload of more than 4 KiB becomes a page without a copy.

use std::num::NonZeroU16;

use ::ntex_mqtt::v3::codec::{
    Codec, Connect, Decoded, Encoded, LastWill, Packet, Publish, QoS, SubscribeReturnCode,
};
use ntex_bytes::{BytePages, ByteString, Bytes, BytesMut};
use ntex_codec::{Decoder, Encoder};
use ntex_mqtt::TopicFilter;

use crate::workloads::{LEVEL, Message, Sample, WILL_QOS, WILL_RETAIN};
use crate::{Contender, Matching, Outbox, fold, sum};

pub struct Ntex;

#[derive(Default)]
pub struct Inbox {
    codec: Codec,
    bytes: BytesMut,
    /// Its payload is still to come.
    begun: Option<Publish>,
}

pub struct Pages {
    codec: Codec,
    pages: BytePages,
}

impl Outbox for Pages {
    fn with_capacity(_len: usize) -> Self {
        Self { codec: Codec::new(), pages: BytePages::default() }
    }

    #[inline]
    fn clear(&mut self) {
        self.pages.clear();
    }

    fn written(&mut self) -> Vec<u8> {
        self.pages.freeze().to_vec()
    }
}

impl Contender for Ntex {
    const NAME: &'static str = "ntex-mqtt";
    type Inbox = Inbox;
    type Outbox = Pages;
    type Room = ();
    type Packet<'a> = Encoded;

    #[inline]
    fn decode_all(inbox: &mut Inbox, wire: &[u8]) -> u64 {
        take(inbox, wire, 0)
    }

    #[inline]
    fn decode_chunks(inbox: &mut Inbox, wire: &[u8], chunk: usize) -> u64 {
        // So that a payload that was not there with its header comes in one piece.
        inbox.codec.set_min_chunk_size(u32::MAX);
        wire.chunks(chunk).fold(0, |sums, chunk| take(inbox, chunk, sums))
    }

    #[inline]
    fn build<'a>(sample: &'a Sample, _room: &'a mut ()) -> Encoded {
        match sample.message {
            Message::Connect { client_id, keep_alive, will_topic, will_message, user_name, password } => {
                Encoded::Packet(Packet::Connect(Box::new(Connect {
                    clean_session: true,
                    keep_alive,
                    last_will: Some(LastWill {
                        qos: qos(WILL_QOS),
                        retain: WILL_RETAIN,
                        topic: ByteString::from_static(will_topic),
                        message: Bytes::from_static(will_message),
                    }),
                    client_id: ByteString::from_static(client_id),
                    username: Some(ByteString::from_static(user_name)),
                    password: Some(Bytes::from_static(password)),
                })))
            }
            Message::Publish { topic, id, payload } => Encoded::Publish(
                Publish {
                    dup: false,
                    retain: false,
                    qos: qos(u8::from(id.is_some())),
                    topic: ByteString::from_static(topic),
                    packet_id: id.map(number),
                    payload_size: payload.len() as u32,
                },
                Some(Bytes::from_static(payload)),
            ),
            Message::PubAck { id } => Encoded::Packet(Packet::PublishAck { packet_id: number(id) }),
            Message::Subscribe { id, filters } => Encoded::Packet(Packet::Subscribe {
                packet_id: number(id),
                topic_filters: filters
                    .iter()
                    .map(|(filter, code)| (ByteString::from_static(filter), qos(*code)))
                    .collect(),
            }),
            Message::SubAck { id, codes } => Encoded::Packet(Packet::SubscribeAck {
                packet_id: number(id),
                status: codes
                    .iter()
                    .map(|code| match code {
                        0x80 => SubscribeReturnCode::Failure,
                        code => SubscribeReturnCode::Success(qos(*code)),
                    })
                    .collect(),
            }),
            Message::PingReq => Encoded::Packet(Packet::PingRequest),
        }
    }

    #[inline]
    fn encode(packet: &Encoded, out: &mut Pages) {
        Self::encode_owned(packet.clone(), out);
    }

    #[inline]
    fn encode_owned(packet: Encoded, out: &mut Pages) {
        out.codec.encodev(packet, &mut out.pages).unwrap();
    }
}

impl Matching for Ntex {
    const NAME: &'static str = <Self as Contender>::NAME;
    type Filter<'a> = TopicFilter;
    type Topic<'a> = &'a str;

    fn filter(filter: &str) -> TopicFilter {
        filter.parse().unwrap()
    }

    fn topic(topic: &str) -> &str {
        topic
    }

    #[inline]
    fn matches(filter: &TopicFilter, topic: &&str) -> bool {
        filter.matches_topic(topic)
    }
}

/// The copy is the socket's.
#[inline]
fn take(inbox: &mut Inbox, bytes: &[u8], mut sums: u64) -> u64 {
    inbox.bytes.extend_from_slice(bytes);
    while let Some(decoded) = inbox.codec.decode(&mut inbox.bytes).unwrap() {
        let sum = match decoded {
            Decoded::Packet(packet, _) => sum_of(&packet),
            Decoded::Publish(p, payload, _) if payload.len() as u32 == p.payload_size => {
                sum_of_publish(&p, &payload)
            }
            Decoded::Publish(p, _, _) => {
                inbox.begun = Some(p);
                continue;
            }
            Decoded::PayloadChunk(payload, _) => sum_of_publish(&inbox.begun.take().unwrap(), &payload),
        };
        sums = fold(sums, sum);
    }
    sums
}

#[inline]
fn number(id: u16) -> NonZeroU16 {
    NonZeroU16::new(id).unwrap()
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
fn sum_of_publish(p: &Publish, payload: &[u8]) -> u64 {
    let id = p.packet_id.map_or(0, NonZeroU16::get);
    sum::publish(str::as_bytes(&p.topic), p.qos as u8, p.dup, p.retain, id, payload)
}

#[inline]
fn sum_of(packet: &Packet) -> u64 {
    match packet {
        // It takes level 4 alone and does not keep it.
        Packet::Connect(p) => sum::connect(
            LEVEL,
            p.client_id.as_bytes(),
            p.clean_session,
            p.keep_alive,
            p.last_will.as_ref().map(|w| (str::as_bytes(&w.topic), &w.message[..], w.qos as u8, w.retain)),
            p.username.as_ref().map(|name| str::as_bytes(name)),
            p.password.as_deref(),
        ),
        Packet::PublishAck { packet_id } => sum::puback(packet_id.get()),
        Packet::Subscribe { packet_id, topic_filters } => sum::subscribe(
            packet_id.get(),
            topic_filters.iter().map(|(filter, qos)| (str::as_bytes(filter), *qos as u8)),
        ),
        Packet::SubscribeAck { packet_id, status } => sum::suback(
            packet_id.get(),
            status.iter().map(|code| match code {
                SubscribeReturnCode::Success(qos) => *qos as u8,
                SubscribeReturnCode::Failure => 0x80,
            }),
        ),
        Packet::PingRequest => sum::pingreq(),
        other => panic!("no workload has {other:?}"),
    }
}
