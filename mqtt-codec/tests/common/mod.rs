//! What the integration tests share.

#![allow(dead_code)] // each test uses its part

pub(crate) mod broker;
pub(crate) mod corpus;
pub(crate) mod encode;
pub(crate) mod example;
pub(crate) mod spec;
pub(crate) mod vectors;

use mqtt_codec::v3::{
    ConnAck, Connect, Decoder, Disconnect, Packet, PingReq, PingResp, PubAck, PubComp, PubRec, PubRel,
    Publish, SubAck, Subscribe, UnsubAck, Unsubscribe,
};
use mqtt_codec::{DecodeError, PacketType};

/// The 14 packet types, by their numbers on the wire.
pub(crate) fn packet_types() -> impl Iterator<Item = PacketType> {
    (1..=14).map(|number| PacketType::from_number(number).unwrap())
}

/// Decodes with the decoder for one packet type.
pub(crate) fn decode_as<'a>(
    packet_type: PacketType,
    decoder: &Decoder,
    frame: &'a [u8],
) -> Result<Packet<'a>, DecodeError> {
    match packet_type {
        PacketType::Connect => Connect::decode(decoder, frame).map(Packet::from),
        PacketType::ConnAck => ConnAck::decode(decoder, frame).map(Packet::from),
        PacketType::Publish => Publish::decode(decoder, frame).map(Packet::from),
        PacketType::PubAck => PubAck::decode(decoder, frame).map(Packet::from),
        PacketType::PubRec => PubRec::decode(decoder, frame).map(Packet::from),
        PacketType::PubRel => PubRel::decode(decoder, frame).map(Packet::from),
        PacketType::PubComp => PubComp::decode(decoder, frame).map(Packet::from),
        PacketType::Subscribe => Subscribe::decode(decoder, frame).map(Packet::from),
        PacketType::SubAck => SubAck::decode(decoder, frame).map(Packet::from),
        PacketType::Unsubscribe => Unsubscribe::decode(decoder, frame).map(Packet::from),
        PacketType::UnsubAck => UnsubAck::decode(decoder, frame).map(Packet::from),
        PacketType::PingReq => PingReq::decode(decoder, frame).map(Packet::from),
        PacketType::PingResp => PingResp::decode(decoder, frame).map(Packet::from),
        PacketType::Disconnect => Disconnect::decode(decoder, frame).map(Packet::from),
    }
}

/// Lengths below `len`: all up to 300, then some, the last one among them. What a frame of many
/// bytes could go wrong at is near its start or its end.
pub(crate) fn lengths_below(len: usize) -> impl Iterator<Item = usize> {
    const ALL: usize = 300;
    let step = (len / 8).max(1);
    (0..len.min(ALL)).chain((ALL..len).step_by(step)).chain((ALL < len).then(|| len - 1))
}

/// The first bytes of a frame in hexadecimal digits, for a failed test's message.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    let shown = bytes.len().min(40);
    let more = if shown < bytes.len() { format!(".. ({} bytes)", bytes.len()) } else { String::new() };
    vectors::to_hex(&bytes[..shown]) + &more
}
