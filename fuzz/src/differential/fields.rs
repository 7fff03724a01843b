//! A packet's fields, as every codec can give them.

use mqtt_codec::PacketId;
use mqtt_codec::v3::Packet;

/// A packet, with numbers for what each codec has a type of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fields {
    /// CONNECT.
    Connect {
        /// 3 or 4, by the protocol name and level.
        level: u8,
        /// Clean session.
        clean_session: bool,
        /// In seconds.
        keep_alive: u16,
        /// Client identifier.
        client_id: Vec<u8>,
        /// Topic, message, QoS, retain.
        will: Option<(Vec<u8>, Vec<u8>, u8, bool)>,
        /// User name.
        user_name: Option<Vec<u8>>,
        /// Password.
        password: Option<Vec<u8>>,
    },
    /// CONNACK: session present and the return code.
    ConnAck(bool, u8),
    /// PUBLISH.
    Publish {
        /// DUP.
        dup: bool,
        /// QoS.
        qos: u8,
        /// RETAIN.
        retain: bool,
        /// Topic name.
        topic: Vec<u8>,
        /// 0 for none.
        id: u16,
        /// The payload.
        payload: Vec<u8>,
    },
    /// An acknowledgement that is only an identifier: its type and that.
    Ack(u8, u16),
    /// SUBSCRIBE: identifier, and filters with their QoS.
    Subscribe(u16, Vec<(Vec<u8>, u8)>),
    /// SUBACK: identifier and codes.
    SubAck(u16, Vec<u8>),
    /// UNSUBSCRIBE: identifier and filters.
    Unsubscribe(u16, Vec<Vec<u8>>),
    /// A packet without a body, by its type.
    Empty(u8),
}

impl Fields {
    pub(super) fn of(packet: &Packet<'_>) -> Self {
        match packet {
            Packet::Connect(packet) => Self::Connect {
                level: packet.protocol.level(),
                clean_session: packet.clean_session,
                keep_alive: packet.keep_alive,
                client_id: packet.client_id.as_bytes().to_vec(),
                will: packet.will.map(|will| {
                    let (topic, message) = (will.topic.as_bytes(), will.message.as_bytes());
                    (topic.to_vec(), message.to_vec(), will.qos as u8, will.retain)
                }),
                user_name: packet.login.map(|login| login.user_name.as_bytes().to_vec()),
                password: packet.login.and_then(|login| Some(login.password?.as_bytes().to_vec())),
            },
            Packet::ConnAck(packet) => Self::ConnAck(packet.session_present, packet.return_code.0),
            Packet::Publish(packet) => Self::Publish {
                dup: packet.delivery.dup(),
                qos: packet.delivery.qos() as u8,
                retain: packet.retain,
                topic: packet.topic.as_bytes().to_vec(),
                id: packet.packet_id().map_or(0, PacketId::get),
                payload: packet.payload.to_vec(),
            },
            Packet::Subscribe(packet) => {
                let filters =
                    packet.filters.iter().map(|item| (item.filter.as_bytes().to_vec(), item.qos as u8));
                Self::Subscribe(packet.id.get(), filters.collect())
            }
            Packet::SubAck(packet) => {
                Self::SubAck(packet.id.get(), packet.return_codes.iter().map(|code| code.0).collect())
            }
            Packet::Unsubscribe(packet) => {
                let filters = packet.filters.iter().map(|filter| filter.as_bytes().to_vec());
                Self::Unsubscribe(packet.id.get(), filters.collect())
            }
            other => match other.packet_id() {
                Some(id) => Self::Ack(other.packet_type() as u8, id.get()),
                None => Self::Empty(other.packet_type() as u8),
            },
        }
    }
}
