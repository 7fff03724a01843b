//! The feature `arbitrary`: whatever the seed is, the packet keeps every rule, and every packet type and
//! every option of a packet comes up.

#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::panic)]

mod common;

use std::collections::BTreeSet;

use arbitrary::{Arbitrary, Unstructured};
use common::encode::{check_encode, encoded};
use mqtt_codec::v3::{Decoded, Frame, Packet, Protocol, decode};
use mqtt_codec::{TopicFilter, TopicName, Utf8};
use proptest::prelude::*;

/// The features of a packet that a seed may or may not bring.
fn traits_of(packet: &Packet<'_>) -> Vec<String> {
    let name = packet.packet_type().name();
    let mut traits = vec![name.to_owned()];
    match packet {
        Packet::Connect(connect) => {
            traits.push(format!("{:?}", connect.protocol));
            traits.push(format!("clean session {}", connect.clean_session));
            traits.push(format!("will {}", connect.will.is_some()));
            let password = connect.login.map(|login| login.password.is_some());
            traits.push(format!("password {password:?}"));
        }
        Packet::ConnAck(connack) => traits.push(format!("{connack:?}")),
        Packet::Publish(publish) => {
            traits.push(format!("{:?}, DUP {}", publish.delivery.qos(), publish.delivery.dup()));
        }
        Packet::Subscribe(subscribe) => traits.push(format!("{name} of {}", subscribe.filters.len().min(3))),
        Packet::SubAck(suback) => traits.push(format!("{name} of {}", suback.return_codes.len().min(3))),
        Packet::Unsubscribe(unsubscribe) => {
            traits.push(format!("{name} of {}", unsubscribe.filters.len().min(3)));
        }
        _ => {}
    }
    traits
}

fn check(packet: &Packet<'_>) {
    let frame = encoded(packet);
    check_encode(packet, &frame);
    match decode(&frame) {
        Ok(Decoded::Packet { packet: again, len, .. }) => assert_eq!((again, len), (*packet, frame.len())),
        other => panic!("{packet:?} comes back as {other:?}"),
    }
}

/// Seeds that need no generator of random numbers: a linear congruence's upper bytes.
fn seeds() -> impl Iterator<Item = Vec<u8>> {
    (1..4000_u64).map(|seed| {
        let mut state = seed;
        let bytes = (0..200).map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        });
        // Half of them are text, so that strings become long.
        if seed % 2 == 0 {
            bytes.collect()
        } else {
            bytes.map(|byte| b"ab/+#$c\x01"[usize::from(byte % 8)]).collect()
        }
    })
}

#[test]
fn everything_comes_up() {
    let (mut of_packets, mut of_frames) = (BTreeSet::new(), BTreeSet::new());
    for seed in seeds() {
        // The first byte chooses the type: choose each.
        for first in 0..14 {
            let seed = [&[first], &seed[..]].concat();
            let packet = Packet::arbitrary(&mut Unstructured::new(&seed)).unwrap();
            check(&packet);
            of_packets.extend(traits_of(&packet));
            let frame = Frame::<Vec<u8>>::arbitrary(&mut Unstructured::new(&seed)).unwrap();
            check(&frame.packet());
            of_frames.extend(traits_of(&frame.packet()));
        }
    }
    assert_eq!(of_packets, of_frames);
    // 14 types; 2 versions, clean or not, with a will or not, 3 logins; 7 CONNACKs; 5 kinds of PUBLISH; lists
    // of 1, 2 and more.
    assert_eq!(of_packets.len(), 14 + 2 + 2 + 2 + 3 + 7 + 5 + 3 * 3, "{of_packets:#?}");
}

#[test]
fn the_longest_strings_are_cut_to_what_a_field_holds() {
    for character in ["a", "é", "温", "\u{10ffff}"] {
        let text = character.repeat(70_000 / character.len());
        // The last four bytes say how long the text is, the first three of them for a text of this size.
        let mut seed = text.clone().into_bytes();
        seed.extend((u32::try_from(text.len()).unwrap() << 8).to_be_bytes());
        let made = Utf8::arbitrary(&mut Unstructured::new(&seed)).unwrap();
        assert_eq!(made.as_bytes().len(), 65_535 / character.len() * character.len());
        assert_eq!(TopicName::arbitrary(&mut Unstructured::new(&seed)).unwrap().as_bytes(), made.as_bytes());
    }
}

#[test]
fn a_filter_is_the_longest_front_that_is_one() {
    for (text, filter) in [
        ("a/+/b", "a/+/b"),
        ("a/#", "a/#"),
        ("a+b", "a"),
        ("a/+b", "a/"),
        ("+/#/c", "+/"),
        ("#a", "#"),
        ("++", "+"),
        ("", "#"),
    ] {
        // Strings of up to 255 bytes have their length in the last one.
        let seed = [text.as_bytes(), &[text.len() as u8]].concat();
        assert_eq!(TopicFilter::arbitrary(&mut Unstructured::new(&seed)).unwrap(), filter, "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_packet_is_valid(seed in prop::collection::vec(any::<u8>(), 0..600)) {
        check(&Packet::arbitrary(&mut Unstructured::new(&seed)).unwrap());
        check(&Frame::<Vec<u8>>::arbitrary(&mut Unstructured::new(&seed)).unwrap().packet());
    }

    #[test]
    fn what_mqtt_3_1_limits_is_limited(seed in prop::collection::vec(0x20..0x7f_u8, 60..200)) {
        if let Packet::Connect(connect) = Packet::arbitrary(&mut Unstructured::new(&[&[0], &seed[..]].concat())).unwrap() {
            let characters = connect.client_id.as_str().chars().count();
            assert!(connect.protocol == Protocol::V3_1_1 || (1..=23).contains(&characters));
        }
    }
}
