//! mqtt-protocol-core: its packet builder and its packets of `v3_1_1`, without its connection.

use ::mqtt_protocol_core::mqtt::common::Cursor;
use ::mqtt_protocol_core::mqtt::connection::{PacketBuildResult, PacketBuilder, PacketData, RawPacket};
use ::mqtt_protocol_core::mqtt::packet::v3_1_1::{Connect, Pingreq, Puback, Publish, Suback, Subscribe};
use ::mqtt_protocol_core::mqtt::packet::{GenericPacketTrait, Packet, Qos, SubEntry, SubOpts};
use ::mqtt_protocol_core::mqtt::result_code::SubackReturnCode;

use crate::workloads::{Message, Sample, WILL_QOS, WILL_RETAIN};
use crate::{Contender, Outbox, fold, sum};

pub struct ProtocolCore;

#[derive(Default)]
pub struct Inbox(Option<PacketBuilder>);

/// One `Vec` for each packet.
pub struct Sent(Vec<Vec<u8>>);

impl Outbox for Sent {
    fn with_capacity(len: usize) -> Self {
        // No packet is shorter than two bytes.
        Self(Vec::with_capacity(len / 2))
    }

    #[inline]
    fn clear(&mut self) {
        self.0.clear();
    }

    fn written(&mut self) -> Vec<u8> {
        self.0.concat()
    }
}

impl Contender for ProtocolCore {
    const NAME: &'static str = "mqtt-protocol-core";
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
                Connect::builder()
                    .client_id(client_id)
                    .unwrap()
                    .clean_session(true)
                    .keep_alive(keep_alive)
                    .will_message(will_topic, will_message.to_vec(), qos(WILL_QOS), WILL_RETAIN)
                    .unwrap()
                    .user_name(user_name)
                    .unwrap()
                    .password(password.to_vec())
                    .unwrap()
                    .build()
                    .unwrap()
                    .into()
            }
            Message::Publish { topic, id, payload } => {
                let publish = Publish::builder().topic_name(topic).unwrap().payload(payload);
                let publish = match id {
                    None => publish.qos(Qos::AtMostOnce),
                    Some(id) => publish.qos(Qos::AtLeastOnce).packet_id(id),
                };
                publish.build().unwrap().into()
            }
            Message::PubAck { id } => Puback::builder().packet_id(id).build().unwrap().into(),
            Message::Subscribe { id, filters } => {
                let entry = |(filter, code): (&str, u8)| {
                    SubEntry::new(filter, SubOpts::new().set_qos(qos(code))).unwrap()
                };
                let entries: Vec<_> = filters.into_iter().map(entry).collect();
                Subscribe::builder().packet_id(id).entries(entries).build().unwrap().into()
            }
            Message::SubAck { id, codes } => {
                let codes = codes.iter().map(|code| SubackReturnCode::try_from(*code).unwrap());
                Suback::builder().packet_id(id).return_codes(codes.collect()).build().unwrap().into()
            }
            Message::PingReq => Pingreq::new().into(),
        }
    }

    #[inline]
    fn encode(packet: &Packet, out: &mut Sent) {
        out.0.push(packet.to_continuous_buffer());
    }
}

#[inline]
fn take(inbox: &mut Inbox, bytes: &[u8], mut sums: u64) -> u64 {
    let builder = inbox.0.get_or_insert_with(PacketBuilder::new);
    let mut cursor = Cursor::new(bytes);
    loop {
        match builder.feed(&mut cursor) {
            PacketBuildResult::Complete(packet) => sums = fold(sums, sum_of(&packet)),
            PacketBuildResult::Incomplete => return sums,
            PacketBuildResult::Error(error) => panic!("{error:?}"),
        }
    }
}

#[inline]
fn qos(qos: u8) -> Qos {
    match qos {
        0 => Qos::AtMostOnce,
        1 => Qos::AtLeastOnce,
        _ => Qos::ExactlyOnce,
    }
}

#[inline]
fn sum_of(raw: &RawPacket) -> u64 {
    match raw.packet_type() {
        1 => {
            let p = raw.parse_exact(Connect::parse).unwrap();
            let will = match (p.will_topic(), p.will_payload()) {
                (Some(topic), Some(message)) => {
                    Some((topic.as_bytes(), message, p.will_qos() as u8, p.will_retain()))
                }
                _ => None,
            };
            sum::connect(
                p.protocol_version(),
                p.client_id().as_bytes(),
                p.clean_session(),
                p.keep_alive(),
                will,
                p.user_name().map(str::as_bytes),
                p.password(),
            )
        }
        3 => {
            let PacketData::Publish(data) = &raw.data else { panic!("its own rule") };
            let (p, _) = Publish::parse(raw.flags(), data.clone()).unwrap();
            let id = p.packet_id().unwrap_or(0);
            let payload = p.payload().as_slice();
            sum::publish(p.topic_name().as_bytes(), p.qos() as u8, p.dup(), p.retain(), id, payload)
        }
        4 => sum::puback(raw.parse_exact(Puback::parse).unwrap().packet_id()),
        8 => {
            let p = raw.parse_exact(Subscribe::parse).unwrap();
            let entries = p.entries().iter();
            sum::subscribe(
                p.packet_id(),
                entries.map(|entry| (entry.topic_filter().as_bytes(), entry.sub_opts().qos() as u8)),
            )
        }
        9 => {
            let p = raw.parse_exact(Suback::parse).unwrap();
            sum::suback(p.packet_id(), p.return_codes().into_iter().map(|code| code as u8))
        }
        12 => {
            raw.parse_exact(Pingreq::parse).unwrap();
            sum::pingreq()
        }
        other => panic!("no workload has type {other}"),
    }
}
