//! Packets made up by `arbitrary`: encoded, they decode to the same packet, which encodes to the same bytes.

use arbitrary::{Arbitrary, Result, Unstructured};
use mqtt_codec::list::List;
use mqtt_codec::v3::{
    Decoded, Decoder, Frame, Packet, Publish, PublishWriter, Role, SubAck, SubAckCode, Subscribe,
    Subscription, Unsubscribe, frames,
};
use mqtt_codec::{PacketType, TopicFilter};

use crate::encoding::{frame_of, refusal_of};

/// The most packets of one input.
const MAX_PACKETS: usize = 8;

/// Panics when a packet does not come back as it was.
pub fn check(input: &[u8]) {
    let mut wire = Vec::new();
    let mut ends = Vec::new();
    let mut u = Unstructured::new(input);
    while !u.is_empty() && ends.len() < MAX_PACKETS {
        let Ok(frame) = next_frame(&mut u) else { break };
        wire.extend(frame);
        ends.push(wire.len());
    }
    check_the_row(&wire, &ends);
}

/// Makes a packet up, checks it and gives its frame.
fn next_frame(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let frame = match u.int_in_range(0..=5_u8)? {
        0 => {
            let (id, filters) = (u.arbitrary()?, u.arbitrary::<Vec<Subscription<'_>>>()?);
            listed(filters.is_empty(), Subscribe { id, filters: List::new(&filters) }.into())
        }
        1 => {
            let (id, filters) = (u.arbitrary()?, u.arbitrary::<Vec<TopicFilter<'_>>>()?);
            listed(filters.is_empty(), Unsubscribe { id, filters: List::new(&filters) }.into())
        }
        2 => {
            let (id, codes) = (u.arbitrary()?, u.arbitrary::<Vec<SubAckCode>>()?);
            listed(codes.is_empty(), SubAck { id, return_codes: List::new(&codes) }.into())
        }
        3 => {
            let frame = Frame::<Vec<u8>>::arbitrary(u)?;
            assert_eq!(check_packet(&frame.packet()), frame.as_bytes());
            frame.into_inner()
        }
        _ => check_packet(&u.arbitrary()?),
    };
    Ok(frame)
}

/// The frame of a packet with a list, which must not be empty.
fn listed(is_empty: bool, packet: Packet<'_>) -> Vec<u8> {
    if is_empty {
        refusal_of(&packet);
        return Vec::new();
    }
    check_packet(&packet)
}

fn check_packet(packet: &Packet<'_>) -> Vec<u8> {
    let frame = frame_of(packet);
    let mut accepted = false;
    for role in [Role::Any, Role::Client, Role::Server] {
        let verdict = Decoder::DEFAULT.role(role).decode(&frame);
        match verdict {
            Ok(Decoded::Packet { packet: again, len, tolerated }) => {
                assert_eq!((again, len), (*packet, frame.len()));
                assert!(tolerated.is_empty() && role.receives(packet.packet_type()));
                assert_eq!(frame_of(&again), frame);
                accepted = true;
            }
            other => assert!(!role.receives(packet.packet_type()), "{packet:?} comes back as {other:?}"),
        }
    }
    assert!(accepted);
    assert_eq!(frame[0] >> 4, packet.packet_type() as u8);
    assert_eq!(Frame::<Vec<u8>>::encode(packet).unwrap().as_bytes(), frame);
    if let Packet::Publish(publish) = packet {
        check_the_header(publish, &frame);
    }
    frame
}

/// A PUBLISH is its header and its payload, in whatever pieces that comes.
fn check_the_header(publish: &Publish<'_>, frame: &[u8]) {
    let payload_len = u32::try_from(publish.payload.len()).unwrap();
    let at_payload = frame.len() - publish.payload.len();
    assert_eq!(publish.header().encoded_len(payload_len), at_payload);
    let mut out = vec![0; at_payload].into_boxed_slice();
    let (mut writer, len) = PublishWriter::start(&publish.header(), payload_len, &mut out).unwrap();
    assert_eq!((len, &out[..]), (at_payload, &frame[..at_payload]));
    let mut before = vec![0xa5; at_payload + 3];
    assert_eq!(publish.header().encode_before(payload_len, &mut before), Ok(at_payload));
    assert_eq!(before, [&[0xa5; 3], &out[..]].concat());
    for piece in publish.payload.chunks(7) {
        assert_eq!(writer.piece(piece), Ok(piece));
    }
    assert!(writer.piece(b"x").is_err());
    assert_eq!(writer.end(), Ok(()));
}

/// Frames one behind the other come out one by one.
fn check_the_row(wire: &[u8], ends: &[usize]) {
    let mut packets = frames(wire);
    for end in
        ends.iter().scan(0, |last, end| Some((std::mem::replace(last, *end), *end))).filter(|(a, b)| a < b)
    {
        let packet = packets.next().expect("a packet for each frame").expect("what was encoded is accepted");
        assert_eq!(frame_of(&packet), wire[end.0..end.1]);
        assert_eq!(Some(packet.packet_type()), PacketType::from_number(wire[end.0] >> 4));
    }
    assert_eq!(packets.next(), None);
    assert!(packets.rest().is_empty());
}
