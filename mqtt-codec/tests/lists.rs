//! The lists in packets: from a slice, from a decoded frame, and from bytes that were out of Rust's
//! hands.

#![allow(clippy::unwrap_used, clippy::panic)]

use mqtt_codec::list::{self, List};
use mqtt_codec::v3::{Decoder, SubAck, SubAckCode, SubAckCodes, Subscribe, Subscription, Subscriptions};
use mqtt_codec::{ErrorKind, QoS, TopicFilter};

const FRAME: &[u8] = b"\x82\x0c\x00\x01\x00\x03a/#\x01\x00\x01+\x02";

fn subscriptions() -> [Subscription<'static>; 2] {
    let subscription = |filter, qos| Subscription { filter: TopicFilter::new(filter).unwrap(), qos };
    [subscription("a/#", QoS::AtLeastOnce), subscription("+", QoS::ExactlyOnce)]
}

fn decoded() -> Subscriptions<'static> {
    Subscribe::decode(&Decoder::DEFAULT, FRAME).unwrap().filters
}

#[test]
fn equality_is_by_items_wherever_they_are_kept() {
    let items = subscriptions();
    let own = Subscriptions::new(&items);
    assert_eq!(decoded(), own);
    assert_eq!(own, decoded());
    let (first, _) = items.split_at(1);
    assert_ne!(decoded(), Subscriptions::new(first));
    let [a, b] = items;
    assert_ne!(decoded(), Subscriptions::from(&[b, a]), "the order counts");
    assert_ne!(own, Subscriptions::new(&[]));
}

#[test]
fn a_list_is_iterated_with_for() {
    let list = decoded();
    let mut seen = Vec::new();
    for subscription in &list {
        seen.push(subscription);
    }
    assert_eq!(seen, subscriptions());
}

#[test]
fn length_and_emptiness() {
    let items = subscriptions();
    for list in [Subscriptions::new(&items), decoded()] {
        assert_eq!((list.len(), list.is_empty()), (2, false));
        assert_eq!(list.iter().count(), 2);
    }
    let empty = Subscriptions::new(&[]);
    assert_eq!((empty.len(), empty.is_empty()), (0, true));
    let mut items = decoded().iter();
    assert_eq!(items.by_ref().count(), 2);
    assert_eq!(items.next(), None, "and stays at the end");
}

#[test]
fn debug_shows_the_items() {
    let codes = [SubAckCode::QOS_1, SubAckCode::FAILURE];
    let own = SubAckCodes::new(&codes);
    let decoded = SubAck::decode(&Decoder::DEFAULT, b"\x90\x04\x00\x01\x01\x80").unwrap().return_codes;
    for list in [own, decoded] {
        assert_eq!(format!("{list:?}"), "[0x01 (granted QoS 1), 0x80 (failure)]");
    }
    assert_eq!(format!("{:?}", own.iter()), "ListIter([0x01 (granted QoS 1), 0x80 (failure)])");
    assert_eq!(format!("{:?}", decoded.iter()), "ListIter(2 bytes)");
}

#[test]
fn the_bytes_of_a_decoded_list() {
    let bytes = decoded().wire_bytes().unwrap();
    assert_eq!(bytes, b"\x00\x03a/#\x01\x00\x01+\x02");
    assert_eq!(Subscriptions::new(&subscriptions()).wire_bytes(), None);
    assert_eq!(List::from_wire(bytes), Ok(decoded()));

    // One by one, as the C iterator takes them.
    let (first, rest) = list::read_first::<Subscription<'_>>(bytes).unwrap().unwrap();
    let (second, rest) = list::read_first::<Subscription<'_>>(rest).unwrap().unwrap();
    assert_eq!([first, second], subscriptions());
    assert_eq!(list::read_first::<Subscription<'_>>(rest), Ok(None));
}

#[test]
fn bytes_from_elsewhere_are_judged() {
    for (bytes, kind) in [
        (&b"\x00\x01a\x03"[..], ErrorKind::SubscribeOptions),
        (b"\x00\x01a", ErrorKind::Truncated),
        (b"\x00\x03a\x00", ErrorKind::Truncated),
        (b"\x00\x02a+\x00", ErrorKind::FilterWildcard),
        (b"\x00\x00\x00", ErrorKind::FilterEmpty),
    ] {
        assert_eq!(list::read_first::<Subscription<'_>>(bytes), Err(kind), "{bytes:02x?}");
        assert_eq!(Subscriptions::from_wire(bytes), Err(kind), "{bytes:02x?}");
    }
    let good_then_bad = b"\x00\x01a\x00\x00\x00\x00";
    assert_eq!(Subscriptions::from_wire(good_then_bad), Err(ErrorKind::FilterEmpty));
}
