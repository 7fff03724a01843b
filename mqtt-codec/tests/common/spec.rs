//! Packets that own what they hold: for the texts of the golden vectors and for generated packets.

use std::fmt::Write as _;

use mqtt_codec::v3::{
    ConnAck, Connect, ConnectReturnCode, Delivery, Login, Packet, Protocol, PubAck, PubComp, PubRec, PubRel,
    Publish, SubAck, SubAckCode, Subscribe, Subscription, UnsubAck, Unsubscribe, Will,
};
use mqtt_codec::{Binary, PacketId, QoS, TopicFilter, TopicName, Utf8};

use super::vectors::{from_pieces, to_hex};

#[derive(Clone, Debug)]
pub(crate) enum Spec {
    Connect(ConnectSpec),
    Publish {
        delivery: Delivery,
        retain: bool,
        topic: Vec<u8>,
        payload: Vec<u8>,
    },
    Subscribe {
        id: PacketId,
        filters: Vec<(Vec<u8>, QoS)>,
    },
    SubAck {
        id: PacketId,
        return_codes: Vec<SubAckCode>,
    },
    Unsubscribe {
        id: PacketId,
        filters: Vec<Vec<u8>>,
    },
    /// The other types borrow nothing.
    Plain(Packet<'static>),
}

#[derive(Clone, Debug)]
pub(crate) struct ConnectSpec {
    pub(crate) protocol: Protocol,
    pub(crate) clean_session: bool,
    pub(crate) keep_alive: u16,
    pub(crate) client_id: Vec<u8>,
    pub(crate) will: Option<WillSpec>,
    pub(crate) login: Option<(Vec<u8>, Option<Vec<u8>>)>,
}

#[derive(Clone, Debug)]
pub(crate) struct WillSpec {
    pub(crate) qos: QoS,
    pub(crate) retain: bool,
    pub(crate) topic: Vec<u8>,
    pub(crate) message: Vec<u8>,
}

impl Spec {
    /// Builds the packet and lends it to `use_packet`.
    pub(crate) fn with<R>(&self, use_packet: impl FnOnce(Packet<'_>) -> R) -> R {
        match self {
            Self::Connect(connect) => use_packet(connect.packet().into()),
            Self::Publish { delivery, retain, topic, payload } => use_packet(Packet::Publish(Publish {
                topic: TopicName::from_bytes(topic).unwrap(),
                delivery: *delivery,
                retain: *retain,
                payload,
            })),
            Self::Subscribe { id, filters } => {
                let filters: Vec<_> = filters
                    .iter()
                    .map(|(filter, qos)| Subscription { filter: to_filter(filter), qos: *qos })
                    .collect();
                use_packet(Packet::Subscribe(Subscribe { id: *id, filters: filters[..].into() }))
            }
            Self::SubAck { id, return_codes } => {
                use_packet(Packet::SubAck(SubAck { id: *id, return_codes: return_codes[..].into() }))
            }
            Self::Unsubscribe { id, filters } => {
                let filters: Vec<_> = filters.iter().map(|filter| to_filter(filter)).collect();
                use_packet(Packet::Unsubscribe(Unsubscribe { id: *id, filters: filters[..].into() }))
            }
            Self::Plain(packet) => use_packet(*packet),
        }
    }
}

fn to_filter(bytes: &[u8]) -> TopicFilter<'_> {
    TopicFilter::from_bytes(bytes).unwrap()
}

impl ConnectSpec {
    fn packet(&self) -> Connect<'_> {
        Connect {
            protocol: self.protocol,
            client_id: Utf8::from_bytes(&self.client_id).unwrap(),
            clean_session: self.clean_session,
            keep_alive: self.keep_alive,
            will: self.will.as_ref().map(|will| Will {
                topic: TopicName::from_bytes(&will.topic).unwrap(),
                message: Binary::new(&will.message).unwrap(),
                qos: will.qos,
                retain: will.retain,
            }),
            login: self.login.as_ref().map(|(user_name, password)| Login {
                user_name: Utf8::from_bytes(user_name).unwrap(),
                password: password.as_ref().map(|password| Binary::new(password).unwrap()),
            }),
        }
    }
}

/// The packet's text, as `vectors/README.md` defines it, with every byte written out.
pub(crate) fn describe(packet: &Packet<'_>) -> String {
    let mut text = packet.packet_type().name().to_owned();
    let mut put = |name: &str, value: Option<String>| {
        let value = value.unwrap_or_else(|| "-".to_owned());
        write!(text, " {name}={value}").unwrap();
    };
    let number = |value: u16| Some(value.to_string());
    let flag = |value: bool| Some(u8::from(value).to_string());
    let qos_of = |qos: QoS| Some((qos as u8).to_string());
    let bytes = |value: &[u8]| Some(to_hex(value));
    match packet {
        Packet::Connect(connect) => {
            let (will, login) = (connect.will, connect.login);
            put("level", number(connect.protocol.level().into()));
            put("clean_session", flag(connect.clean_session));
            put("keep_alive", number(connect.keep_alive));
            put("client_id", bytes(connect.client_id.as_bytes()));
            put("will_qos", will.and_then(|will| qos_of(will.qos)));
            put("will_retain", will.and_then(|will| flag(will.retain)));
            put("will_topic", will.and_then(|will| bytes(will.topic.as_bytes())));
            put("will_message", will.and_then(|will| bytes(will.message.as_bytes())));
            put("user_name", login.and_then(|login| bytes(login.user_name.as_bytes())));
            let password = login.and_then(|login| login.password);
            put("password", password.and_then(|password| bytes(password.as_bytes())));
        }
        Packet::ConnAck(connack) => {
            put("session_present", flag(connack.session_present));
            put("return_code", number(connack.return_code.0.into()));
        }
        Packet::Publish(publish) => {
            put("dup", flag(publish.delivery.dup()));
            put("qos", qos_of(publish.delivery.qos()));
            put("retain", flag(publish.retain));
            put("packet_id", publish.packet_id().and_then(|id| number(id.get())));
            put("topic", bytes(publish.topic.as_bytes()));
            put("payload", bytes(publish.payload));
        }
        Packet::Subscribe(subscribe) => {
            put("packet_id", number(subscribe.id.get()));
            for subscription in subscribe.filters {
                put("filter", bytes(subscription.filter.as_bytes()));
                put("qos", qos_of(subscription.qos));
            }
        }
        Packet::SubAck(suback) => {
            put("packet_id", number(suback.id.get()));
            let codes: Vec<_> = suback.return_codes.iter().map(|code| code.0).collect();
            put("return_codes", bytes(&codes));
        }
        Packet::Unsubscribe(unsubscribe) => {
            put("packet_id", number(unsubscribe.id.get()));
            for filter in unsubscribe.filters {
                put("filter", bytes(filter.as_bytes()));
            }
        }
        other => {
            if let Some(id) = other.packet_id() {
                put("packet_id", number(id.get()));
            }
        }
    }
    text
}

/// Reads a packet's text.
pub(crate) fn parse(text: &str) -> Spec {
    let (name, rest) = text.split_once(' ').unwrap_or((text, ""));
    let mut fields = Fields { text, rest };
    let spec = match name {
        "CONNECT" => Spec::Connect(fields.connect()),
        "CONNACK" => Spec::Plain(Packet::ConnAck(ConnAck {
            session_present: fields.flag("session_present"),
            return_code: ConnectReturnCode(fields.number("return_code")),
        })),
        "PUBLISH" => fields.publish(),
        "PUBACK" => Spec::Plain(PubAck { id: fields.id() }.into()),
        "PUBREC" => Spec::Plain(PubRec { id: fields.id() }.into()),
        "PUBREL" => Spec::Plain(PubRel { id: fields.id() }.into()),
        "PUBCOMP" => Spec::Plain(PubComp { id: fields.id() }.into()),
        "UNSUBACK" => Spec::Plain(UnsubAck { id: fields.id() }.into()),
        "SUBSCRIBE" => {
            let (id, mut filters) = (fields.id(), Vec::new());
            while !fields.rest.is_empty() {
                filters.push((fields.bytes("filter"), fields.qos("qos")));
            }
            Spec::Subscribe { id, filters }
        }
        "SUBACK" => Spec::SubAck {
            id: fields.id(),
            return_codes: fields.bytes("return_codes").into_iter().map(SubAckCode).collect(),
        },
        "UNSUBSCRIBE" => {
            let (id, mut filters) = (fields.id(), Vec::new());
            while !fields.rest.is_empty() {
                filters.push(fields.bytes("filter"));
            }
            Spec::Unsubscribe { id, filters }
        }
        "PINGREQ" => Spec::Plain(Packet::PingReq),
        "PINGRESP" => Spec::Plain(Packet::PingResp),
        "DISCONNECT" => Spec::Plain(Packet::Disconnect),
        _ => panic!("no such packet: {text}"),
    };
    assert_eq!(fields.rest, "", "fields that do not belong here: {text}");
    spec
}

/// The fields of a text, taken in their order.
struct Fields<'t> {
    text: &'t str,
    rest: &'t str,
}

impl<'t> Fields<'t> {
    /// The value of the next field, which must have this name; `None` for `-`.
    fn value(&mut self, name: &str) -> Option<&'t str> {
        let (field, rest) = self.rest.split_once(' ').unwrap_or((self.rest, ""));
        self.rest = rest;
        match field.split_once('=') {
            Some((found, value)) if found == name => (value != "-").then_some(value),
            _ => panic!("{name} is wanted instead of {field:?}: {}", self.text),
        }
    }

    fn present(&mut self, name: &str) -> &'t str {
        self.value(name).unwrap_or_else(|| panic!("{name} must be there: {}", self.text))
    }

    fn number<N: std::str::FromStr>(&mut self, name: &str) -> N {
        self.present(name).parse().unwrap_or_else(|_| panic!("{name} is out of range: {}", self.text))
    }

    fn id(&mut self) -> PacketId {
        PacketId::new(self.number("packet_id")).unwrap()
    }

    fn flag(&mut self, name: &str) -> bool {
        to_flag(self.present(name))
    }

    fn qos(&mut self, name: &str) -> QoS {
        to_qos(self.present(name))
    }

    fn bytes(&mut self, name: &str) -> Vec<u8> {
        from_pieces(self.present(name))
    }

    fn connect(&mut self) -> ConnectSpec {
        let protocol = match self.present("level") {
            "3" => Protocol::V3_1,
            "4" => Protocol::V3_1_1,
            level => panic!("no such level: {level}"),
        };
        let clean_session = self.flag("clean_session");
        let keep_alive = self.number("keep_alive");
        let client_id = self.bytes("client_id");
        let will = (
            self.value("will_qos").map(to_qos),
            self.value("will_retain").map(to_flag),
            self.value("will_topic").map(from_pieces),
            self.value("will_message").map(from_pieces),
        );
        let will = match will {
            (Some(qos), Some(retain), Some(topic), Some(message)) => {
                Some(WillSpec { qos, retain, topic, message })
            }
            (None, None, None, None) => None,
            _ => panic!("half a will: {}", self.text),
        };
        let login = (self.value("user_name").map(from_pieces), self.value("password").map(from_pieces));
        let login = match login {
            (Some(user_name), password) => Some((user_name, password)),
            (None, None) => None,
            (None, Some(_)) => panic!("a password without a user name: {}", self.text),
        };
        ConnectSpec { protocol, clean_session, keep_alive, client_id, will, login }
    }

    fn publish(&mut self) -> Spec {
        let (dup, qos, retain) = (self.flag("dup"), self.qos("qos"), self.flag("retain"));
        let id = self.value("packet_id").map(|id| PacketId::new(id.parse().unwrap()).unwrap());
        let delivery = match (qos, id) {
            (QoS::AtMostOnce, None) if !dup => Delivery::AtMostOnce,
            (QoS::AtLeastOnce, Some(id)) => Delivery::AtLeastOnce { id, dup },
            (QoS::ExactlyOnce, Some(id)) => Delivery::ExactlyOnce { id, dup },
            _ => panic!("QoS, DUP and packet identifier do not go together: {}", self.text),
        };
        let (topic, payload) = (self.bytes("topic"), self.bytes("payload"));
        Spec::Publish { delivery, retain, topic, payload }
    }
}

fn to_flag(value: &str) -> bool {
    match value {
        "0" => false,
        "1" => true,
        _ => panic!("not a flag: {value}"),
    }
}

fn to_qos(value: &str) -> QoS {
    QoS::from_bits(value.parse().unwrap()).unwrap()
}
