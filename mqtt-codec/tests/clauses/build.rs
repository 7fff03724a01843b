//! Attempts to build and encode packets: single ones for the table's rows, and every packet that the
//! types let one build.

use mqtt_codec::v3::{
    ConnAck, Connect, ConnectReturnCode, Delivery, Login, Packet, Protocol, PubAck, PubComp, PubRec, PubRel,
    Publish, PublishHeader, SubAck, SubAckCode, Subscribe, Subscription, UnsubAck, Unsubscribe, Will,
};
use mqtt_codec::{Binary, EncodeError, PacketId, QoS, TopicFilter, TopicName, Utf8};

use crate::common::encode::{FILL, is_untouched};

type Frame = Result<Vec<u8>, EncodeError>;
type Attempts = fn() -> Vec<Frame>;

/// What the fields of the packets below hold, each its own.
const CLIENT_ID: &[u8] = b"c";
const WILL_TOPIC: &[u8] = b"w";
const WILL_MESSAGE: &[u8] = b"m";
const USER_NAME: &[u8] = b"u";
const PASSWORD: &[u8] = b"p";
const KEEP_ALIVE: u16 = 0x3c2d;

fn encode<'a>(packet: impl Into<Packet<'a>>) -> Frame {
    let packet = packet.into();
    let mut out = vec![FILL; packet.encoded_len()];
    match packet.encode(&mut out) {
        Ok(len) => assert_eq!(len, out.len(), "{packet:?}"),
        Err(error) => {
            assert!(is_untouched(&out), "{packet:?}");
            return Err(error);
        }
    }
    Ok(out)
}

fn plain_connect() -> Connect<'static> {
    Connect {
        protocol: Protocol::V3_1_1,
        client_id: Utf8::from_bytes(CLIENT_ID).unwrap(),
        clean_session: true,
        keep_alive: KEEP_ALIVE,
        will: None,
        login: None,
    }
}

pub(crate) fn connect(client_id: &[u8], clean_session: bool) -> Frame {
    encode(Connect { client_id: Utf8::from_bytes(client_id)?, clean_session, ..plain_connect() })
}

pub(crate) fn connect_3_1(client_id: &[u8]) -> Frame {
    let client_id = Utf8::from_bytes(client_id)?;
    encode(Connect { protocol: Protocol::V3_1, client_id, ..plain_connect() })
}

pub(crate) fn connect_with_will(topic: &[u8], qos: u8) -> Frame {
    let (topic, message) = (TopicName::from_bytes(topic)?, Binary::new(WILL_MESSAGE)?);
    let will = Will { topic, message, qos: qos.try_into()?, retain: false };
    encode(Connect { will: Some(will), ..plain_connect() })
}

pub(crate) fn connect_with_login(user_name: &[u8], password: Option<&[u8]>) -> Frame {
    let user_name = Utf8::from_bytes(user_name)?;
    let login = Login { user_name, password: password.map(Binary::new).transpose()? };
    encode(Connect { login: Some(login), ..plain_connect() })
}

pub(crate) fn connack(session_present: bool, code: u8) -> Frame {
    encode(ConnAck { session_present, return_code: ConnectReturnCode(code) })
}

pub(crate) fn publish(topic: &[u8]) -> Frame {
    let topic = TopicName::from_bytes(topic)?;
    encode(Publish { topic, delivery: Delivery::AtMostOnce, retain: false, payload: b"p" })
}

pub(crate) fn publish_as(qos: u8, id: u16, dup: bool) -> Frame {
    let delivery = Delivery::new(qos.try_into()?, id, dup)?;
    encode(Publish { topic: TopicName::new("t")?, delivery, retain: false, payload: b"p" })
}

/// The fixed header and the topic name of a PUBLISH whose payload is sent apart.
pub(crate) fn publish_header(payload_len: u32) -> Frame {
    let topic = TopicName::new("t")?;
    let header = PublishHeader { topic, delivery: Delivery::AtMostOnce, retain: false };
    let mut out = [FILL; 16];
    let len = header.encode(payload_len, &mut out)?;
    Ok(out[..len].to_vec())
}

pub(crate) fn subscribe(id: u16, filters: &[(&[u8], u8)]) -> Frame {
    let filters = filters
        .iter()
        .map(|(filter, qos)| {
            Ok(Subscription { filter: TopicFilter::from_bytes(filter)?, qos: (*qos).try_into()? })
        })
        .collect::<Result<Vec<_>, EncodeError>>()?;
    encode(Subscribe { id: id.try_into()?, filters: filters[..].into() })
}

pub(crate) fn suback(id: u16, codes: &[u8]) -> Frame {
    let codes: Vec<_> = codes.iter().map(|code| SubAckCode(*code)).collect();
    encode(SubAck { id: id.try_into()?, return_codes: codes[..].into() })
}

pub(crate) fn unsubscribe(id: u16, filters: &[&[u8]]) -> Frame {
    let filters: Vec<_> =
        filters.iter().map(|filter| TopicFilter::from_bytes(filter)).collect::<Result<_, _>>()?;
    encode(Unsubscribe { id: id.try_into()?, filters: filters[..].into() })
}

/// PUBACK, PUBREC, PUBREL, PUBCOMP or UNSUBACK, by its number on the wire.
pub(crate) fn ack(packet_type: u8, id: u16) -> Frame {
    let id = PacketId::try_from(id)?;
    match packet_type {
        4 => encode(PubAck { id }),
        5 => encode(PubRec { id }),
        6 => encode(PubRel { id }),
        7 => encode(PubComp { id }),
        11 => encode(UnsubAck { id }),
        _ => panic!("{packet_type} is not an acknowledgement"),
    }
}

/// The frames of every packet of this type, or of all with `packet`, that the types and the encoders
/// let through. Strings, payloads and lists are a few each; everything else takes every value it can.
pub(crate) fn every(packet: &str) -> Vec<Vec<u8>> {
    let types: [(&str, Attempts); 8] = [
        ("CONNECT", every_connect),
        ("CONNACK", every_connack),
        ("PUBLISH", every_publish),
        ("acknowledgement", every_ack),
        ("SUBSCRIBE", every_subscribe),
        ("SUBACK", every_suback),
        ("UNSUBSCRIBE", every_unsubscribe),
        ("packet without a body", || {
            [Packet::PingReq, Packet::PingResp, Packet::Disconnect].map(encode).into()
        }),
    ];
    let asked = types.iter().filter(|(name, _)| packet == "packet" || packet == *name);
    asked.flat_map(|(_, attempts)| attempts()).filter_map(Result::ok).collect()
}

const FLAGS: [bool; 2] = [false, true];

fn qualities() -> impl Iterator<Item = QoS> {
    (0..=u8::MAX).filter_map(QoS::from_bits)
}

fn every_connect() -> Vec<Frame> {
    let mut wills = vec![None];
    for qos in qualities() {
        for retain in FLAGS {
            let (topic, message) = (TopicName::from_bytes(WILL_TOPIC), Binary::new(WILL_MESSAGE));
            wills.push(Some(Will { topic: topic.unwrap(), message: message.unwrap(), qos, retain }));
        }
    }
    let login = |password| Some(Login { user_name: Utf8::from_bytes(USER_NAME).unwrap(), password });
    let logins = [None, login(None), login(Some(Binary::new(PASSWORD).unwrap()))];
    let mut frames = Vec::new();
    for protocol in [Protocol::V3_1, Protocol::V3_1_1] {
        for client_id in [&b""[..], CLIENT_ID] {
            for clean_session in FLAGS {
                for will in &wills {
                    for login in logins {
                        let client_id = Utf8::from_bytes(client_id).unwrap();
                        let (keep_alive, will) = (KEEP_ALIVE, *will);
                        frames.push(encode(Connect {
                            protocol,
                            client_id,
                            clean_session,
                            keep_alive,
                            will,
                            login,
                        }));
                    }
                }
            }
        }
    }
    frames
}

fn every_connack() -> Vec<Frame> {
    FLAGS.into_iter().flat_map(|present| (0..=u8::MAX).map(move |code| connack(present, code))).collect()
}

fn every_publish() -> Vec<Frame> {
    let mut frames = Vec::new();
    for qos in qualities() {
        for id in [0, 1, 0x1234, u16::MAX] {
            for dup in FLAGS {
                for retain in FLAGS {
                    let Ok(delivery) = Delivery::new(qos, id, dup) else { continue };
                    let topic = TopicName::new("t").unwrap();
                    frames.push(encode(Publish { topic, delivery, retain, payload: b"p" }));
                }
            }
        }
    }
    frames
}

fn every_ack() -> Vec<Frame> {
    [4, 5, 6, 7, 11]
        .into_iter()
        .flat_map(|number| [0, 1, 0x1234, u16::MAX].map(|id| ack(number, id)))
        .collect()
}

fn every_subscribe() -> Vec<Frame> {
    let mut frames = vec![subscribe(1, &[]), subscribe(0, &[(b"f", 0)])];
    for qos in 0..=u8::MAX {
        frames.push(subscribe(0x1234, &[(b"f", qos)]));
        frames.push(subscribe(u16::MAX, &[(b"a/#", 0), (b"f", qos), (b"+", 2)]));
    }
    frames
}

fn every_suback() -> Vec<Frame> {
    let mut frames = vec![suback(1, &[]), suback(0, &[0])];
    for code in 0..=u8::MAX {
        frames.push(suback(0x1234, &[code]));
        frames.push(suback(u16::MAX, &[0, code, 0x80]));
    }
    frames
}

fn every_unsubscribe() -> Vec<Frame> {
    vec![
        unsubscribe(1, &[]),
        unsubscribe(0, &[b"f"]),
        unsubscribe(0x1234, &[b"f"]),
        unsubscribe(u16::MAX, &[b"a/#", b"f", b"+"]),
    ]
}

/// The protocol name of a CONNECT of [`every`], and what follows it.
fn after_name(frame: &[u8]) -> (&[u8], &[u8]) {
    split_field(&frame[2..])
}

fn split_field(bytes: &[u8]) -> (&[u8], &[u8]) {
    let len = usize::from(u16::from_be_bytes([bytes[0], bytes[1]]));
    bytes[2..].split_at(len)
}

/// Protocol name and level of a CONNECT of [`every`].
pub(crate) fn protocol(frame: &[u8]) -> (&[u8], u8) {
    let (name, rest) = after_name(frame);
    (name, rest[0])
}

/// The connect flags of a CONNECT of [`every`].
pub(crate) fn connect_flags(frame: &[u8]) -> u8 {
    after_name(frame).1[1]
}

/// True when behind the keep alive of a CONNECT of [`every`] stand the client identifier and the
/// fields that its flags announce, in their order, and nothing else.
pub(crate) fn has_announced_fields(frame: &[u8]) -> bool {
    let (_, rest) = after_name(frame);
    let (keep_alive, mut rest) = rest[2..].split_at(2);
    let mut fields = Vec::new();
    while !rest.is_empty() {
        let field;
        (field, rest) = split_field(rest);
        fields.push(field);
    }
    let flags = connect_flags(frame);
    let mut announced = Vec::new();
    for (bit, field) in [(0x04, WILL_TOPIC), (0x04, WILL_MESSAGE), (0x80, USER_NAME), (0x40, PASSWORD)] {
        if flags & bit != 0 {
            announced.push(field);
        }
    }
    keep_alive == KEEP_ALIVE.to_be_bytes()
        && matches!(fields.split_first(), Some((client_id, rest))
            if (client_id.is_empty() || *client_id == CLIENT_ID) && rest == announced)
}
