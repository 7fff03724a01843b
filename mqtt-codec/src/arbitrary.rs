//! Valid packets out of bytes that mean nothing: `arbitrary::Arbitrary` for every packet and for all that
//! packets hold. For fuzz targets and property tests; needs the feature `arbitrary`, which needs std.
//!
//! What comes out keeps every rule of the specification, so that `encode` takes it:
//!
//! ```
//! use arbitrary::{Arbitrary, Unstructured};
//! use mqtt_codec::v3::{Decoded, Frame, Packet, decode};
//!
//! # fn main() -> arbitrary::Result<()> {
//! let seed = [0x2a; 99]; // from a fuzzer, or a random number generator
//!
//! // Borrows its strings and its payload from the seed.
//! let packet = Packet::arbitrary(&mut Unstructured::new(&seed))?;
//! let mut out = vec![0; packet.encoded_len()];
//! packet.encode(&mut out).expect("it is valid");
//! assert!(matches!(decode(&out), Ok(Decoded::Packet { packet: again, .. }) if again == packet));
//!
//! // Owns its bytes.
//! let frame = Frame::<Vec<u8>>::arbitrary(&mut Unstructured::new(&seed))?;
//! assert!(matches!(decode(frame.as_bytes()), Ok(Decoded::Packet { .. })));
//! # Ok(())
//! # }
//! ```
//!
//! A list (of SUBSCRIBE, UNSUBSCRIBE or SUBACK) borrows its items and has to find them somewhere: in the
//! seed, as far as its bytes read as items, else in a table of a few. Lists of any items come with
//! [`Frame`], which makes room for them; or make a `Vec<Subscription>` and a
//! [`List::new`](crate::list::List::new) from it.

use ::arbitrary::{Arbitrary, Error, Result, Unstructured};
use alloc::vec::Vec;

use crate::error::ErrorKind;
use crate::list::{self, Item, List};
use crate::topic::{TopicFilter, TopicName};
use crate::types::{Binary, PacketId, PacketType, QoS, Utf8};
use crate::v3::{
    Ack, ConnAck, Connect, ConnectReturnCode, Delivery, Disconnect, Frame, Login, MAX_CLIENT_ID_3_1, Packet,
    PingReq, PingResp, Protocol, Publish, PublishHeader, SubAck, SubAckCode, Subscribe, Subscription,
    Unsubscribe, Will,
};
use crate::wire::MAX_FIELD_LEN;

/// The front of `text`, at most `len` bytes.
fn cut(text: &str, len: usize) -> &str {
    (0..=len).rev().find_map(|len| text.get(..len)).unwrap_or_default()
}

/// A text that may stand in a string of MQTT.
fn text<'a>(u: &mut Unstructured<'a>) -> Result<&'a str> {
    let text = <&str>::arbitrary(u)?;
    let text = text.split('\0').next().unwrap_or_default();
    Ok(cut(text, MAX_FIELD_LEN.min(text.len())))
}

/// What is valid by construction, or the seed is at fault.
fn valid<T>(made: core::result::Result<T, ErrorKind>) -> Result<T> {
    made.map_err(|_| Error::IncorrectFormat)
}

impl<'a> Arbitrary<'a> for PacketType {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Self::from_number(u.int_in_range(1..=14)?).ok_or(Error::IncorrectFormat)
    }
}

impl<'a> Arbitrary<'a> for PacketId {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self::new(u.arbitrary()?).unwrap_or(Self::MIN))
    }
}

impl<'a> Arbitrary<'a> for QoS {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        u.choose(&[Self::AtMostOnce, Self::AtLeastOnce, Self::ExactlyOnce]).copied()
    }
}

impl<'a> Arbitrary<'a> for Utf8<'a> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        valid(Self::new(text(u)?))
    }
}

impl<'a> Arbitrary<'a> for Binary<'a> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let bytes = <&[u8]>::arbitrary(u)?;
        valid(Self::new(bytes.get(..MAX_FIELD_LEN).unwrap_or(bytes)))
    }
}

impl<'a> Arbitrary<'a> for TopicName<'a> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let name = text(u)?.split(['+', '#']).next().unwrap_or_default();
        valid(Self::new(if name.is_empty() { "/" } else { name }))
    }
}

impl<'a> Arbitrary<'a> for TopicFilter<'a> {
    /// The longest front of a text that is a filter.
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut filter = text(u)?;
        while let Err(ErrorKind::FilterWildcard) = Self::new(filter) {
            filter = filter.rsplit_once(['+', '#']).map_or("", |(front, _)| front);
        }
        valid(Self::new(if filter.is_empty() { "#" } else { filter }))
    }
}

impl<'a> Arbitrary<'a> for Protocol {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        u.choose(&[Self::V3_1_1, Self::V3_1]).copied()
    }
}

impl<'a> Arbitrary<'a> for Will<'a> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self {
            qos: u.arbitrary()?,
            retain: u.arbitrary()?,
            topic: u.arbitrary()?,
            message: u.arbitrary()?,
        })
    }
}

impl<'a> Arbitrary<'a> for Login<'a> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self { user_name: u.arbitrary()?, password: u.arbitrary()? })
    }
}

impl<'a> Arbitrary<'a> for Connect<'a> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let protocol = u.arbitrary()?;
        let keep_alive = u.arbitrary()?;
        let clean_session: bool = u.arbitrary()?;
        let will = u.arbitrary()?;
        let login = u.arbitrary()?;
        let mut client_id = text(u)?;
        if protocol == Protocol::V3_1 {
            if let Some((end, _)) = client_id.char_indices().nth(MAX_CLIENT_ID_3_1) {
                client_id = cut(client_id, end);
            }
            if client_id.is_empty() {
                client_id = "c";
            }
        }
        let clean_session = clean_session || client_id.is_empty();
        Ok(Self { protocol, client_id: valid(Utf8::new(client_id))?, clean_session, keep_alive, will, login })
    }
}

impl<'a> Arbitrary<'a> for ConnectReturnCode {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self(u.int_in_range(0..=Self::NOT_AUTHORIZED.0)?))
    }
}

impl<'a> Arbitrary<'a> for ConnAck {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let return_code = u.arbitrary()?;
        // Only a server that accepts has a session.
        let session_present = return_code == ConnectReturnCode::ACCEPTED && u.arbitrary()?;
        Ok(Self { session_present, return_code })
    }
}

impl<'a> Arbitrary<'a> for Delivery {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(match u.arbitrary()? {
            QoS::AtMostOnce => Self::AtMostOnce,
            QoS::AtLeastOnce => Self::AtLeastOnce { id: u.arbitrary()?, dup: u.arbitrary()? },
            QoS::ExactlyOnce => Self::ExactlyOnce { id: u.arbitrary()?, dup: u.arbitrary()? },
        })
    }
}

impl<'a> Arbitrary<'a> for PublishHeader<'a> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self { delivery: u.arbitrary()?, retain: u.arbitrary()?, topic: u.arbitrary()? })
    }
}

impl<'a> Arbitrary<'a> for Publish<'a> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let PublishHeader { topic, delivery, retain } = u.arbitrary()?;
        Ok(Self { topic, delivery, retain, payload: u.arbitrary()? })
    }
}

impl<'a, const TYPE: u8> Arbitrary<'a> for Ack<TYPE> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self { id: u.arbitrary()? })
    }
}

impl<'a> Arbitrary<'a> for Subscription<'a> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self { qos: u.arbitrary()?, filter: u.arbitrary()? })
    }
}

impl<'a> Arbitrary<'a> for SubAckCode {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        u.choose(&[Self::QOS_0, Self::QOS_1, Self::QOS_2, Self::FAILURE]).copied()
    }
}

/// A list of at least one item: what the seed's next bytes read as, else some items of `table`, which
/// holds at least one.
fn borrowed_list<'a, T: Item<'a>>(u: &mut Unstructured<'a>, table: &'a [T]) -> Result<List<'a, T>> {
    let bytes = <&[u8]>::arbitrary(u)?;
    let mut rest = bytes;
    while let Ok(Some((_, tail))) = list::read_first::<T>(rest) {
        rest = tail;
    }
    match bytes.get(..bytes.len().saturating_sub(rest.len())) {
        None | Some([]) => Ok(List::new(table.get(..u.int_in_range(1..=table.len())?).unwrap_or(table))),
        Some(items) => valid(List::from_wire(items)),
    }
}

/// The items of a list of at least one.
fn owned_items<'a, T: Arbitrary<'a>>(u: &mut Unstructured<'a>) -> Result<Vec<T>> {
    let first = u.arbitrary()?;
    let mut items: Vec<T> = u.arbitrary()?;
    items.push(first);
    Ok(items)
}

const fn filter(text: &'static str) -> TopicFilter<'static> {
    match TopicFilter::new(text) {
        Ok(filter) => filter,
        Err(_) => filter("#"), // not reached
    }
}

const FILTERS: &[TopicFilter<'static>] =
    &[filter("a/b"), filter("#"), filter("+/b/#"), filter("$SYS/+"), filter("/"), filter("温度/+")];

const SUBSCRIPTIONS: &[Subscription<'static>] = &[
    Subscription { filter: filter("a/b"), qos: QoS::AtMostOnce },
    Subscription { filter: filter("+/b/#"), qos: QoS::AtLeastOnce },
    Subscription { filter: filter("#"), qos: QoS::ExactlyOnce },
    Subscription { filter: filter("温度/+"), qos: QoS::AtMostOnce },
];

const CODES: &[SubAckCode] = &[SubAckCode::QOS_1, SubAckCode::FAILURE, SubAckCode::QOS_0, SubAckCode::QOS_2];

impl<'a> Arbitrary<'a> for Subscribe<'a> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self { id: u.arbitrary()?, filters: borrowed_list(u, SUBSCRIPTIONS)? })
    }
}

impl<'a> Arbitrary<'a> for Unsubscribe<'a> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self { id: u.arbitrary()?, filters: borrowed_list(u, FILTERS)? })
    }
}

impl<'a> Arbitrary<'a> for SubAck<'a> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self { id: u.arbitrary()?, return_codes: borrowed_list(u, CODES)? })
    }
}

impl<'a> Arbitrary<'a> for PingReq {
    fn arbitrary(_: &mut Unstructured<'a>) -> Result<Self> {
        Ok(PingReq)
    }
}

impl<'a> Arbitrary<'a> for PingResp {
    fn arbitrary(_: &mut Unstructured<'a>) -> Result<Self> {
        Ok(PingResp)
    }
}

impl<'a> Arbitrary<'a> for Disconnect {
    fn arbitrary(_: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Disconnect)
    }
}

/// A packet of this type.
fn packet<'a>(packet_type: PacketType, u: &mut Unstructured<'a>) -> Result<Packet<'a>> {
    Ok(match packet_type {
        PacketType::Connect => Packet::Connect(u.arbitrary()?),
        PacketType::ConnAck => Packet::ConnAck(u.arbitrary()?),
        PacketType::Publish => Packet::Publish(u.arbitrary()?),
        PacketType::PubAck => Packet::PubAck(u.arbitrary()?),
        PacketType::PubRec => Packet::PubRec(u.arbitrary()?),
        PacketType::PubRel => Packet::PubRel(u.arbitrary()?),
        PacketType::PubComp => Packet::PubComp(u.arbitrary()?),
        PacketType::Subscribe => Packet::Subscribe(u.arbitrary()?),
        PacketType::SubAck => Packet::SubAck(u.arbitrary()?),
        PacketType::Unsubscribe => Packet::Unsubscribe(u.arbitrary()?),
        PacketType::UnsubAck => Packet::UnsubAck(u.arbitrary()?),
        PacketType::PingReq => Packet::PingReq,
        PacketType::PingResp => Packet::PingResp,
        PacketType::Disconnect => Packet::Disconnect,
    })
}

impl<'a> Arbitrary<'a> for Packet<'a> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        packet(u.arbitrary()?, u)
    }
}

/// Any packet, with lists of any items.
impl<'a, B: AsRef<[u8]> + From<Vec<u8>>> Arbitrary<'a> for Frame<B> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let encoded = match u.arbitrary()? {
            PacketType::Subscribe => {
                let (id, items) = (u.arbitrary()?, owned_items(u)?);
                Self::encode(&Subscribe { id, filters: List::new(&items) }.into())
            }
            PacketType::Unsubscribe => {
                let (id, items) = (u.arbitrary()?, owned_items(u)?);
                Self::encode(&Unsubscribe { id, filters: List::new(&items) }.into())
            }
            PacketType::SubAck => {
                let (id, items) = (u.arbitrary()?, owned_items(u)?);
                Self::encode(&SubAck { id, return_codes: List::new(&items) }.into())
            }
            other => Self::encode(&packet(other, u)?),
        };
        encoded.map_err(|_| Error::IncorrectFormat) // longer than a frame can be
    }
}
