//! mqtt-codec-kit: its packets of `v4`, from a slice that is read and to a slice that is written. It takes an
//! incomplete packet for an error, so its user looks at the remaining length before.

use ::mqtt_codec_kit::common::{
    Decodable, Encodable, ProtocolLevel, QualityOfService, TopicFilter, TopicName, TopicNameRef,
    qos::QoSWithPacketIdentifier,
};
use ::mqtt_codec_kit::v4::packet::suback::SubscribeReturnCode;
use ::mqtt_codec_kit::v4::packet::{
    ConnectPacket, PingreqPacket, PubackPacket, PublishPacket, SubackPacket, SubscribePacket, VariablePacket,
    connect::LastWill,
};

use super::frame_len;
use crate::rows::Work;
use crate::workloads::{LEVEL, Message, Sample, WILL_QOS, WILL_RETAIN};
use crate::{InPlace, Matching, sum};

pub struct Kit;

impl InPlace for Kit {
    const NAME: &'static str = "mqtt-codec-kit";
    type Room = ();
    type Packet<'a> = VariablePacket;

    fn cannot(work: Work, workload: &str) -> Option<&'static str> {
        match (work, workload) {
            (Work::Encode | Work::Build, "CONNECT") => {
                Some("writes a remaining length that is too large when there is a will")
            }
            _ => None,
        }
    }

    #[inline]
    fn decode(buf: &[u8]) -> Option<(u64, usize)> {
        let len = frame_len(buf)?;
        let packet = VariablePacket::decode(&mut &buf[..len]).unwrap();
        Some((sum_of(&packet), len))
    }

    #[inline]
    fn build<'a>(sample: &'a Sample, _room: &'a mut ()) -> VariablePacket {
        match sample.message {
            Message::Connect { client_id, keep_alive, will_topic, will_message, user_name, password } => {
                let mut connect = ConnectPacket::new(client_id);
                connect.set_clean_session(true);
                connect.set_keep_alive(keep_alive);
                connect.set_will(Some(LastWill::new(will_topic, will_message.to_vec()).unwrap()));
                connect.set_will_qos(WILL_QOS);
                connect.set_will_retain(WILL_RETAIN);
                connect.set_username(Some(user_name.into()));
                connect.set_password(Some(str::from_utf8(password).unwrap().into()));
                connect.into()
            }
            Message::Publish { topic, id, payload } => {
                let qos = id.map_or(QoSWithPacketIdentifier::Level0, QoSWithPacketIdentifier::Level1);
                PublishPacket::new(TopicName::new(topic).unwrap(), qos, payload).into()
            }
            Message::PubAck { id } => PubackPacket::new(id).into(),
            Message::Subscribe { id, filters } => {
                let filters =
                    filters.iter().map(|(filter, code)| (TopicFilter::new(*filter).unwrap(), qos(*code)));
                SubscribePacket::new(id, filters.collect()).into()
            }
            Message::SubAck { id, codes } => {
                let codes = codes.iter().map(|code| match code {
                    0x80 => SubscribeReturnCode::Failure,
                    code => qos(*code).into(),
                });
                SubackPacket::new(id, codes.collect()).into()
            }
            Message::PingReq => PingreqPacket::new().into(),
        }
    }

    #[inline]
    fn encode(packet: &VariablePacket, out: &mut [u8]) -> usize {
        let len = out.len();
        let mut rest = out;
        packet.encode(&mut rest).unwrap();
        len - rest.len()
    }
}

impl Matching for Kit {
    const NAME: &'static str = <Self as InPlace>::NAME;
    type Filter<'a> = TopicFilter;
    type Topic<'a> = &'a TopicNameRef;

    fn filter(filter: &str) -> TopicFilter {
        TopicFilter::new(filter).unwrap()
    }

    fn topic(topic: &str) -> &TopicNameRef {
        TopicNameRef::new(topic).unwrap()
    }

    #[inline]
    fn matches(filter: &TopicFilter, topic: &&TopicNameRef) -> bool {
        filter.get_matcher().is_match(topic)
    }
}

#[inline]
fn qos(qos: u8) -> QualityOfService {
    match qos {
        0 => QualityOfService::Level0,
        1 => QualityOfService::Level1,
        _ => QualityOfService::Level2,
    }
}

#[inline]
fn sum_of(packet: &VariablePacket) -> u64 {
    match packet {
        VariablePacket::ConnectPacket(p) => {
            let level = if p.protocol_level() == ProtocolLevel::Version311 { LEVEL } else { 0 };
            // It gives the will as a copy.
            let will = p.will();
            let will =
                will.as_ref().map(|w| (w.topic().as_bytes(), &w.message().0[..], w.qos() as u8, w.retain()));
            sum::connect(
                level,
                p.client_identifier().as_bytes(),
                p.clean_session(),
                p.keep_alive(),
                will,
                p.username().map(str::as_bytes),
                p.password().map(str::as_bytes),
            )
        }
        VariablePacket::PublishPacket(p) => {
            let (qos, id) = p.qos().split();
            let (topic, id) = (p.topic_name().as_bytes(), id.unwrap_or(0));
            sum::publish(topic, qos as u8, p.dup(), p.retain(), id, p.payload())
        }
        VariablePacket::PubackPacket(p) => sum::puback(p.packet_identifier()),
        VariablePacket::SubscribePacket(p) => sum::subscribe(
            p.packet_identifier(),
            p.subscribes().iter().map(|(filter, qos)| (filter.as_bytes(), *qos as u8)),
        ),
        VariablePacket::SubackPacket(p) => {
            sum::suback(p.packet_identifier(), p.return_codes().iter().map(|code| *code as u8))
        }
        VariablePacket::PingreqPacket(_) => sum::pingreq(),
        other => panic!("no workload has {other:?}"),
    }
}
