//! rmqtt-codec: its codec of `v3`.

use std::num::NonZeroU16;

use ::rmqtt_codec::types::{Protocol, Publish, QoS};
use ::rmqtt_codec::v3::{Codec, Connect, LastWill, Packet, SubscribeReturnCode};
use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use tokio_util::codec::{Decoder, Encoder};

use crate::workloads::{LEVEL, Message, Sample, WILL_QOS, WILL_RETAIN};
use crate::{Contender, Outbox, fold, sum};

pub struct Rmqtt;

#[derive(Default)]
pub struct Inbox {
    codec: Codec,
    bytes: BytesMut,
}

pub struct Sent {
    codec: Codec,
    bytes: BytesMut,
}

impl Outbox for Sent {
    fn with_capacity(len: usize) -> Self {
        // Its encoder asks for up to three bytes more than it writes.
        Self { codec: Codec::default(), bytes: BytesMut::with_capacity(len + 8) }
    }

    #[inline]
    fn clear(&mut self) {
        self.bytes.clear();
    }

    fn written(&mut self) -> Vec<u8> {
        self.bytes.to_vec()
    }
}

impl Contender for Rmqtt {
    const NAME: &'static str = "rmqtt-codec";
    type Inbox = Inbox;
    type Outbox = Sent;
    type Room = ();
    type Packet<'a> = Packet;

    #[inline]
    fn decode_all(inbox: &mut Inbox, wire: &[u8]) -> u64 {
        take(inbox, wire, 0)
    }

    #[inline]
    fn decode_chunks(inbox: &mut Inbox, wire: &[u8], chunk: usize) -> u64 {
        wire.chunks(chunk).fold(0, |sums, chunk| take(inbox, chunk, sums))
    }

    #[inline]
    fn build<'a>(sample: &'a Sample, _room: &'a mut ()) -> Packet {
        match sample.message {
            Message::Connect { client_id, keep_alive, will_topic, will_message, user_name, password } => {
                Packet::Connect(Box::new(Connect {
                    protocol: Protocol(LEVEL),
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
                    cert: None,
                }))
            }
            Message::Publish { topic, id, payload } => Packet::Publish(Box::new(Publish {
                dup: false,
                retain: false,
                qos: qos(u8::from(id.is_some())),
                topic: ByteString::from_static(topic),
                packet_id: id.map(number),
                payload: Bytes::from_static(payload),
                properties: None,
            })),
            Message::PubAck { id } => Packet::PublishAck { packet_id: number(id) },
            Message::Subscribe { id, filters } => Packet::Subscribe {
                packet_id: number(id),
                topic_filters: filters
                    .iter()
                    .map(|(filter, code)| (ByteString::from_static(filter), qos(*code)))
                    .collect(),
            },
            Message::SubAck { id, codes } => Packet::SubscribeAck {
                packet_id: number(id),
                status: codes
                    .iter()
                    .map(|code| match code {
                        0x80 => SubscribeReturnCode::Failure,
                        code => SubscribeReturnCode::Success(qos(*code)),
                    })
                    .collect(),
            },
            Message::PingReq => Packet::PingRequest,
        }
    }

    #[inline]
    fn encode(packet: &Packet, out: &mut Sent) {
        Self::encode_owned(packet.clone(), out);
    }

    #[inline]
    fn encode_owned(packet: Packet, out: &mut Sent) {
        out.codec.encode(packet, &mut out.bytes).unwrap();
    }
}

/// The copy is the socket's: `Framed` reads into its `BytesMut`.
#[inline]
fn take(inbox: &mut Inbox, bytes: &[u8], mut sums: u64) -> u64 {
    inbox.bytes.extend_from_slice(bytes);
    while let Some((packet, _)) = inbox.codec.decode(&mut inbox.bytes).unwrap() {
        sums = fold(sums, sum_of(&packet));
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
fn sum_of(packet: &Packet) -> u64 {
    match packet {
        Packet::Connect(p) => sum::connect(
            p.protocol.level(),
            p.client_id.as_bytes(),
            p.clean_session,
            p.keep_alive,
            p.last_will.as_ref().map(|w| (str::as_bytes(&w.topic), &w.message[..], w.qos.value(), w.retain)),
            p.username.as_ref().map(|name| str::as_bytes(name)),
            p.password.as_deref(),
        ),
        Packet::Publish(p) => {
            let id = p.packet_id.map_or(0, NonZeroU16::get);
            sum::publish(str::as_bytes(&p.topic), p.qos.value(), p.dup, p.retain, id, &p.payload)
        }
        Packet::PublishAck { packet_id } => sum::puback(packet_id.get()),
        Packet::Subscribe { packet_id, topic_filters } => sum::subscribe(
            packet_id.get(),
            topic_filters.iter().map(|(filter, qos)| (str::as_bytes(filter), qos.value())),
        ),
        Packet::SubscribeAck { packet_id, status } => sum::suback(
            packet_id.get(),
            status.iter().map(|code| match code {
                SubscribeReturnCode::Success(qos) => qos.value(),
                SubscribeReturnCode::Failure => 0x80,
            }),
        ),
        Packet::PingRequest => sum::pingreq(),
        other => panic!("no workload has {other:?}"),
    }
}
