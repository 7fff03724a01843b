//! Properties: what is encoded decodes to the same packet, what is accepted encodes to the same
//! bytes, and bytes that nobody chose never break a promise. `PROPTEST_CASES` sets how many.

#![allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod common;

use common::encode::{check_encode, encoded};
use common::spec::{ConnectSpec, Spec, WillSpec, describe, parse};
use common::{decode_as, excerpt, packet_types};
use mqtt_codec::frame::{self, Peek};
use mqtt_codec::v3::{
    ConnAck, ConnectReturnCode, Decoded, Decoder, Delivery, Packet, Protocol, PubAck, PubComp, PubRec,
    PubRel, Role, SubAckCode, UnsubAck,
};
use mqtt_codec::{PacketId, QoS, TopicFilter, TopicName, Utf8};
use proptest::prelude::*;
use proptest::sample::Index;

/// Lengths of fields: mostly short, now and then as long as they can be.
fn field_len() -> impl Strategy<Value = usize> {
    prop_oneof![20 => 0usize..40, 2 => 100usize..600, 1 => 65_530usize..=65_535]
}

/// Characters, so that every length of UTF-8 comes up; no U+0000.
fn character() -> impl Strategy<Value = char> {
    prop_oneof![
        6 => prop::char::range(' ', '~'),
        1 => prop::char::range('\u{1}', '\u{1f}'),
        1 => any::<char>().prop_filter("U+0000", |c| *c != '\0'),
        1 => prop::sample::select(vec!['\u{7f}', '\u{80}', '\u{7ff}', '\u{800}', '\u{feff}', '\u{ffff}', '\u{10ffff}']),
    ]
}

/// A text of at most 65 535 bytes: some characters, over and over.
fn text_of(characters: impl Strategy<Value = char>) -> impl Strategy<Value = Vec<u8>> {
    (prop::collection::vec(characters, 1..12), field_len()).prop_map(|(characters, len)| {
        let mut text = String::new();
        for character in characters.iter().cycle() {
            if text.len() + character.len_utf8() > len {
                break;
            }
            text.push(*character);
        }
        text.into_bytes()
    })
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    text_of(character())
}

fn topic() -> impl Strategy<Value = Vec<u8>> {
    text_of(character().prop_map(|c| if matches!(c, '+' | '#') { '/' } else { c }))
        .prop_map(|topic| if topic.is_empty() { b"/".to_vec() } else { topic })
}

fn filter() -> impl Strategy<Value = Vec<u8>> {
    let level = prop_oneof![
        2 => Just("+".to_owned()),
        4 => "[a-z$ é温]{0,6}",
    ];
    (prop::collection::vec(level, 1..6), any::<bool>()).prop_map(|(mut levels, ends_in_wildcard)| {
        if ends_in_wildcard {
            levels.push("#".to_owned());
        }
        let filter = levels.join("/");
        if filter.is_empty() { b"#".to_vec() } else { filter.into_bytes() }
    })
}

fn long_filter() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![30 => filter(), 1 => topic()]
}

fn binary() -> impl Strategy<Value = Vec<u8>> {
    (prop::collection::vec(any::<u8>(), 1..40), field_len())
        .prop_map(|(bytes, len)| bytes.into_iter().cycle().take(len).collect())
}

fn qos() -> impl Strategy<Value = QoS> {
    prop::sample::select(vec![QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce])
}

fn id() -> impl Strategy<Value = PacketId> {
    prop_oneof![Just(1), Just(0xffff), 1..=0xffffu16].prop_map(|id| PacketId::new(id).unwrap())
}

fn connect() -> impl Strategy<Value = Spec> {
    let will = (qos(), any::<bool>(), topic(), binary()).prop_map(|(qos, retain, topic, message)| WillSpec {
        qos,
        retain,
        topic,
        message,
    });
    let login = (text(), prop::option::of(binary()));
    let client_id_3_1 = prop::collection::vec(character(), 1..=23)
        .prop_map(|characters| characters.into_iter().collect::<String>().into_bytes());
    let identity = prop_oneof![
        3 => (Just(Protocol::V3_1_1), text()),
        1 => (Just(Protocol::V3_1), client_id_3_1),
    ];
    (identity, any::<bool>(), any::<u16>(), prop::option::of(will), prop::option::of(login)).prop_map(
        |((protocol, client_id), clean_session, keep_alive, will, login)| {
            let clean_session = clean_session || client_id.is_empty();
            Spec::Connect(ConnectSpec { protocol, clean_session, keep_alive, client_id, will, login })
        },
    )
}

fn publish() -> impl Strategy<Value = Spec> {
    let delivery = prop_oneof![
        Just(Delivery::AtMostOnce),
        (id(), any::<bool>()).prop_map(|(id, dup)| Delivery::AtLeastOnce { id, dup }),
        (id(), any::<bool>()).prop_map(|(id, dup)| Delivery::ExactlyOnce { id, dup }),
    ];
    (delivery, any::<bool>(), topic(), binary())
        .prop_map(|(delivery, retain, topic, payload)| Spec::Publish { delivery, retain, topic, payload })
}

fn plain() -> impl Strategy<Value = Spec> {
    let connack = prop_oneof![(any::<bool>(), Just(0u8)), (Just(false), 0..=5u8)].prop_map(
        |(session_present, return_code)| {
            Packet::ConnAck(ConnAck { session_present, return_code: ConnectReturnCode(return_code) })
        },
    );
    prop_oneof![
        connack,
        id().prop_map(|id| PubAck { id }.into()),
        id().prop_map(|id| PubRec { id }.into()),
        id().prop_map(|id| PubRel { id }.into()),
        id().prop_map(|id| PubComp { id }.into()),
        id().prop_map(|id| UnsubAck { id }.into()),
        Just(Packet::PingReq),
        Just(Packet::PingResp),
        Just(Packet::Disconnect),
    ]
    .prop_map(Spec::Plain)
}

/// Any packet that may be encoded.
fn packet() -> impl Strategy<Value = Spec> {
    let code = prop::sample::select(vec![0u8, 1, 2, 0x80]).prop_map(SubAckCode);
    prop_oneof![
        3 => connect(),
        3 => publish(),
        2 => (id(), prop::collection::vec((long_filter(), qos()), 1..8))
            .prop_map(|(id, filters)| Spec::Subscribe { id, filters }),
        1 => (id(), prop::collection::vec(code, 1..300))
            .prop_map(|(id, return_codes)| Spec::SubAck { id, return_codes }),
        2 => (id(), prop::collection::vec(long_filter(), 1..8))
            .prop_map(|(id, filters)| Spec::Unsubscribe { id, filters }),
        2 => plain(),
    ]
}

/// What is done to a frame to make it interesting.
#[derive(Clone, Debug)]
enum Change {
    Replace(Index, u8),
    Insert(Index, u8),
    Remove(Index),
    Cut(Index),
}

fn change() -> impl Strategy<Value = Change> {
    // Bytes that mean something somewhere: lengths, flags, wildcards, U+0000, parts of UTF-8.
    let byte = prop_oneof![
        2 => any::<u8>(),
        3 => prop::sample::select(b"\x00\x01\x02\x03\x04\x05\x7f\x80\x81\xc3\xed\xff+#/$".to_vec()),
    ];
    let (insert, replace) = (byte.boxed(), any::<Index>());
    prop_oneof![
        4 => (replace, insert.clone()).prop_map(|(at, byte)| Change::Replace(at, byte)),
        1 => (any::<Index>(), insert).prop_map(|(at, byte)| Change::Insert(at, byte)),
        1 => any::<Index>().prop_map(Change::Remove),
        1 => any::<Index>().prop_map(Change::Cut),
    ]
}

/// A frame with the change made in its first 64 bytes; with `mend`, its remaining length then says
/// again how long it is.
fn changed(frame: &[u8], change: &Change, mend: bool) -> Vec<u8> {
    let mut bytes = frame.to_vec();
    let near = frame.len().min(64);
    match change {
        Change::Replace(at, byte) => bytes[at.index(near)] = *byte,
        Change::Insert(at, byte) => bytes.insert(at.index(near), *byte),
        Change::Remove(at) => drop(bytes.remove(at.index(near))),
        Change::Cut(at) => bytes.truncate(at.index(near)),
    }
    match frame::peek(&bytes) {
        Ok(Peek::Header(header)) if mend => framed(bytes[0], &bytes[usize::from(header.header_len)..]),
        _ => bytes,
    }
}

/// A body with a fixed header before it.
fn framed(first: u8, body: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    let mut len = body.len();
    while len > 0x7f {
        frame.push(len as u8 | 0x80);
        len >>= 7;
    }
    frame.push(len as u8);
    frame.extend(body);
    frame
}

fn decoders() -> impl Iterator<Item = Decoder> {
    [Protocol::V3_1_1, Protocol::V3_1].into_iter().flat_map(|protocol| {
        [Role::Any, Role::Client, Role::Server].map(|role| Decoder::DEFAULT.protocol(protocol).role(role))
    })
}

/// Whatever `bytes` are, the decoders keep their promises about them. `more` is what comes behind.
fn judge(bytes: &[u8], more: &[u8]) {
    for decoder in decoders() {
        match decoder.decode(bytes) {
            Ok(Decoded::Packet { packet, len, tolerated }) => {
                assert!(tolerated.is_empty());
                judge_packet(&decoder, &packet, &bytes[..len]);
            }
            Ok(Decoded::NeedMore { at_least }) => judge_unfinished(&decoder, bytes, at_least, more),
            Err(error) => {
                // An error does not go away when more comes, and it lies in the frame.
                let longer = [bytes, more].concat();
                assert_eq!(decoder.decode(&longer), Err(error), "{}", excerpt(bytes));
                let frame_len = match frame::peek(bytes) {
                    Ok(Peek::Header(header)) => header.frame_len() as usize,
                    _ => 2,
                };
                assert!(error.offset() <= frame_len, "{error:?} in {}", excerpt(bytes));
            }
        }
    }
}

fn judge_packet(decoder: &Decoder, packet: &Packet<'_>, frame: &[u8]) {
    let Ok(Peek::Header(header)) = frame::peek(frame) else { panic!("{}", excerpt(frame)) };
    assert_eq!(header.frame_len() as usize, frame.len());
    assert_eq!(header.packet_type, packet.packet_type());
    assert!(decode_as(header.packet_type, decoder, frame) == Ok(*packet), "{}", excerpt(frame));

    // Only MQTT 3.1 has frames that come back in another form, and then the form is stable.
    let again = encoded(packet);
    let is_3_1 = *decoder != decoder.protocol(Protocol::V3_1_1)
        || matches!(packet, Packet::Connect(connect) if connect.protocol == Protocol::V3_1);
    if is_3_1 {
        assert!(decodes_to(decoder, &again, packet), "{} and {}", excerpt(frame), excerpt(&again));
    } else {
        assert!(again == frame, "{} became {}", excerpt(frame), excerpt(&again));
    }
    for len in 0..frame.len().min(64) {
        assert!(matches!(decoder.decode(&frame[..len]), Ok(Decoded::NeedMore { .. })), "{}", excerpt(frame));
    }
}

fn decodes_to(decoder: &Decoder, frame: &[u8], packet: &Packet<'_>) -> bool {
    matches!(
        decoder.decode(frame),
        Ok(Decoded::Packet { packet: found, len, .. }) if found == *packet && len == frame.len()
    )
}

/// "Need more" counts right: the bytes that it asks for, whatever they are, lead on.
fn judge_unfinished(decoder: &Decoder, bytes: &[u8], at_least: usize, more: &[u8]) {
    let is_whole_header = match frame::peek(bytes).unwrap() {
        Peek::Header(header) => {
            assert_eq!(header.frame_len() as usize, bytes.len() + at_least, "{}", excerpt(bytes));
            true
        }
        Peek::NeedMore { at_least: for_header } => {
            assert_eq!(for_header, at_least, "{}", excerpt(bytes));
            assert_eq!(at_least, if bytes.is_empty() { 2 } else { 1 });
            false
        }
    };
    if at_least > 1 << 20 {
        return; // a length that was made up; the golden vectors have long frames
    }
    let filled: Vec<u8> = bytes.iter().chain(more.iter().cycle().take(at_least)).copied().collect();
    for len in [bytes.len() + at_least / 2, filled.len() - 1] {
        if is_whole_header && len > bytes.len() {
            let at_least = filled.len() - len;
            assert_eq!(decoder.decode(&filled[..len]), Ok(Decoded::NeedMore { at_least }));
        }
    }
    match decoder.decode(&filled) {
        Ok(Decoded::Packet { len, .. }) => assert_eq!(len, filled.len(), "{}", excerpt(&filled)),
        Ok(Decoded::NeedMore { .. }) => assert!(!is_whole_header, "{}", excerpt(&filled)),
        Err(_) => {}
    }
}

/// The answer of a constructor and of decoding a frame with the same bytes in it.
fn assert_same_verdict<T>(constructed: Result<T, mqtt_codec::ErrorKind>, frame: &[u8]) {
    let decoded = match Decoder::DEFAULT.decode(frame) {
        Ok(Decoded::Packet { .. }) => Ok(()),
        Ok(Decoded::NeedMore { .. }) => panic!("{} is whole", excerpt(frame)),
        Err(error) => Err(error.kind()),
    };
    assert_eq!(constructed.map(|_| ()), decoded, "{}", excerpt(frame));
}

/// Bytes close to a string: text with wildcards, U+0000 and broken characters in it.
fn nearly_text() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        8 => "[a-c/]{1,9}".prop_map(String::into_bytes),
        2 => "[é温\u{10ffff}]".prop_map(String::into_bytes),
        2 => prop::sample::select(vec![b"+".to_vec(), b"#".to_vec(), b"/+/".to_vec(), b"/#".to_vec()]),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
        1 => prop::sample::select(vec![b"\0".to_vec(), b"\xc0\x80".to_vec(), b"\xed\xa0\x80".to_vec(), b"\xe6\xb8".to_vec()]),
    ];
    prop::collection::vec(part, 0..6).prop_map(|parts| parts.concat())
}

/// No file of past failures: a case that fails becomes a golden vector.
fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_encoded_decodes_to_the_same_packet(spec in packet()) {
        spec.with(|packet| {
            let frame = encoded(&packet);
            let Ok(Decoded::Packet { packet: decoded, len, .. }) = Decoder::DEFAULT.decode(&frame) else {
                panic!("{} is not accepted", excerpt(&frame));
            };
            assert!(decoded == packet, "{packet:?} became {decoded:?}");
            assert_eq!(len, frame.len());
            check_encode(&packet, &frame);
            check_encode(&decoded, &frame);
            judge(&frame, b"\xa5");
        });
    }

    #[test]
    fn a_packets_text_is_the_packet(spec in packet()) {
        spec.with(|packet| {
            let text = describe(&packet);
            parse(&text).with(|again| assert!(again == packet, "{text}"));
        });
    }

    #[test]
    fn a_changed_frame_breaks_no_promise(
        spec in packet(),
        changes in prop::collection::vec((change(), any::<bool>()), 1..4),
        more in prop::collection::vec(any::<u8>(), 1..20),
    ) {
        let mut frame = spec.with(|packet| encoded(&packet));
        for (change, mend) in &changes {
            if !frame.is_empty() {
                frame = changed(&frame, change, *mend);
            }
            judge(&frame, &more);
        }
    }

    #[test]
    fn any_bytes_break_no_promise(
        bytes in prop::collection::vec(any::<u8>(), 0..80),
        more in prop::collection::vec(any::<u8>(), 1..20),
    ) {
        judge(&bytes, &more);
    }

    #[test]
    fn any_body_breaks_no_promise(
        first in any::<u8>(),
        body in prop::collection::vec(prop_oneof![2 => 0..4u8, 1 => any::<u8>()], 0..40),
        more in prop::collection::vec(any::<u8>(), 1..20),
    ) {
        judge(&framed(first, &body), &more);
        // With the flags that its type must have, it gets further.
        for packet_type in packet_types() {
            let flags = packet_type.required_flags().unwrap_or(first & 0x0f);
            judge(&framed((packet_type as u8) << 4 | flags, &body), &more);
        }
    }

    #[test]
    fn constructors_and_decoders_refuse_the_same_strings(bytes in nearly_text()) {
        let field = [&(bytes.len() as u16).to_be_bytes()[..], &bytes].concat();
        assert_same_verdict(TopicName::from_bytes(&bytes), &framed(0x30, &field));
        let subscribe = [&b"\x00\x01"[..], &field, b"\x00"].concat();
        assert_same_verdict(TopicFilter::from_bytes(&bytes), &framed(0x82, &subscribe));
        assert_same_verdict(TopicFilter::from_bytes(&bytes), &framed(0xa2, &subscribe[..subscribe.len() - 1]));
        let connect = [&b"\x00\x04MQTT\x04\x02\x00\x3c"[..], &field].concat();
        assert_same_verdict(Utf8::from_bytes(&bytes), &framed(0x10, &connect));
    }
}
