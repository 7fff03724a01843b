//! Every option of the decoder, off and on: what is refused, what is let through, how it is told, and
//! that no option loosens an encoder. The case numbers (A01) are those of the setters' documentation.

#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::panic)]

mod common;

use common::encode::is_untouched;
use common::spec::describe;
use common::vectors::{from_hex, to_hex};
use mqtt_codec::v3::stream::{Event, PacketReader};
use mqtt_codec::v3::{
    Decoded, Decoder, Packet, Protocol, Role, Split, Subscription, Tolerated, UnvalidatedSubscribe,
    UnvalidatedUnsubscribe,
};
use mqtt_codec::{EncodeError, ErrorKind, PacketId, QoS, TopicFilter};

const V3_1: Decoder = Decoder::DEFAULT.protocol(Protocol::V3_1);

/// An option that lets a broken rule pass.
struct Allow {
    option: fn(Decoder, bool) -> Decoder,
    bit: Tolerated,
    base: Decoder,
    frame: &'static str,
    /// Without the option.
    error: &'static str,
    /// With it: the packet, as the golden vectors write it.
    packet: &'static str,
    /// What the packet is encoded to; `Err` where encode refuses it.
    encoded: Result<&'static str, ErrorKind>,
}

const ALLOW: &[Allow] = &[
    // A01
    Allow {
        option: Decoder::allow_padded_remaining_length,
        bit: Tolerated::PADDED_REMAINING_LENGTH,
        base: Decoder::DEFAULT,
        frame: "c08000",
        error: "remaining_length_padded@1",
        packet: "PINGREQ",
        encoded: Ok("c000"),
    },
    Allow {
        option: Decoder::allow_padded_remaining_length,
        bit: Tolerated::PADDED_REMAINING_LENGTH,
        base: Decoder::DEFAULT,
        frame: "3085808000000361002f62",
        error: "remaining_length_padded@1",
        packet: "",
        encoded: Err(ErrorKind::NulInString),
    },
    Allow {
        option: Decoder::allow_padded_remaining_length,
        bit: Tolerated::PADDED_REMAINING_LENGTH,
        base: Decoder::DEFAULT,
        frame: "308580800000036f2f62",
        error: "remaining_length_padded@1",
        packet: "PUBLISH dup=0 qos=0 retain=0 packet_id=- topic=6f2f62 payload=",
        encoded: Ok("300500036f2f62"),
    },
    // A02
    Allow {
        option: Decoder::allow_dup_without_qos,
        bit: Tolerated::DUP_WITHOUT_QOS,
        base: Decoder::DEFAULT,
        frame: "380400017461",
        error: "dup_without_qos@0",
        packet: "PUBLISH dup=0 qos=0 retain=0 packet_id=- topic=74 payload=61",
        encoded: Ok("300400017461"),
    },
    // A08
    Allow {
        option: Decoder::allow_password_without_user_name,
        bit: Tolerated::PASSWORD_WITHOUT_USER_NAME,
        base: Decoder::DEFAULT,
        frame: "101000044d5154540442003c000163000170",
        error: "password_without_user_name@9",
        packet: "CONNECT level=4 clean_session=1 keep_alive=60 client_id=63 will_qos=- will_retain=- \
                 will_topic=- will_message=- user_name= password=70",
        encoded: Ok("101200044d51545404c2003c0001630000000170"),
    },
    // A08 with A33: MQTT 3.1, and the password is not there either
    Allow {
        option: Decoder::allow_password_without_user_name,
        bit: Tolerated::PASSWORD_WITHOUT_USER_NAME,
        base: V3_1,
        frame: "100f00064d51497364700342003c000163",
        error: "password_without_user_name@11",
        packet: "CONNECT level=3 clean_session=1 keep_alive=60 client_id=63 will_qos=- will_retain=- \
                 will_topic=- will_message=- user_name=- password=-",
        encoded: Ok("100f00064d51497364700302003c000163"),
    },
    // A12, in both versions
    Allow {
        option: Decoder::allow_bridge_bit,
        bit: Tolerated::BRIDGE_BIT,
        base: Decoder::DEFAULT,
        frame: "100d00044d5154548402003c000163",
        error: "protocol_level@8",
        packet: "CONNECT level=4 clean_session=1 keep_alive=60 client_id=63 will_qos=- will_retain=- \
                 will_topic=- will_message=- user_name=- password=-",
        encoded: Ok("100d00044d5154540402003c000163"),
    },
    Allow {
        option: Decoder::allow_bridge_bit,
        bit: Tolerated::BRIDGE_BIT,
        base: V3_1,
        frame: "100f00064d51497364708302003c000163",
        error: "protocol_level@10",
        packet: "CONNECT level=3 clean_session=1 keep_alive=60 client_id=63 will_qos=- will_retain=- \
                 will_topic=- will_message=- user_name=- password=-",
        encoded: Ok("100f00064d51497364700302003c000163"),
    },
    // A16
    Allow {
        option: Decoder::allow_raw_suback_codes,
        bit: Tolerated::RAW_SUBACK_CODES,
        base: Decoder::DEFAULT,
        frame: "900500010103ff",
        error: "suback_return_code@5",
        packet: "SUBACK packet_id=1 return_codes=0103ff",
        encoded: Err(ErrorKind::SubackReturnCode),
    },
    // A17
    Allow {
        option: Decoder::allow_raw_connack_codes,
        bit: Tolerated::RAW_CONNACK_CODES,
        base: Decoder::DEFAULT,
        frame: "20020086",
        error: "return_code@3",
        packet: "CONNACK session_present=0 return_code=134",
        encoded: Err(ErrorKind::ReturnCode),
    },
    // A18
    Allow {
        option: Decoder::allow_session_present_with_refusal,
        bit: Tolerated::SESSION_PRESENT_WITH_REFUSAL,
        base: Decoder::DEFAULT,
        frame: "20020105",
        error: "session_present_with_refusal@2",
        packet: "CONNACK session_present=0 return_code=5",
        encoded: Ok("20020005"),
    },
    // A23: each of the six types, and what MQTT 3.1 looks at, by default and when it is strict
    Allow {
        option: Decoder::allow_ack_flags,
        bit: Tolerated::ACK_FLAGS,
        base: Decoder::DEFAULT,
        frame: "9203000102",
        error: "flags_reserved@0",
        packet: "SUBACK packet_id=1 return_codes=02",
        encoded: Ok("9003000102"),
    },
    Allow {
        option: Decoder::allow_ack_flags,
        bit: Tolerated::ACK_FLAGS,
        base: Decoder::DEFAULT,
        frame: "b2020001",
        error: "flags_reserved@0",
        packet: "UNSUBACK packet_id=1",
        encoded: Ok("b0020001"),
    },
    Allow {
        option: Decoder::allow_ack_flags,
        bit: Tolerated::ACK_FLAGS,
        base: Decoder::DEFAULT,
        frame: "42020001",
        error: "flags_reserved@0",
        packet: "PUBACK packet_id=1",
        encoded: Ok("40020001"),
    },
    Allow {
        option: Decoder::allow_ack_flags,
        bit: Tolerated::ACK_FLAGS,
        base: Decoder::DEFAULT,
        frame: "54020001",
        error: "flags_reserved@0",
        packet: "PUBREC packet_id=1",
        encoded: Ok("50020001"),
    },
    Allow {
        option: Decoder::allow_ack_flags,
        bit: Tolerated::ACK_FLAGS,
        base: Decoder::DEFAULT,
        frame: "60020001",
        error: "flags_reserved@0",
        packet: "PUBREL packet_id=1",
        encoded: Ok("62020001"),
    },
    Allow {
        option: Decoder::allow_ack_flags,
        bit: Tolerated::ACK_FLAGS,
        base: Decoder::DEFAULT,
        frame: "7f020001",
        error: "flags_reserved@0",
        packet: "PUBCOMP packet_id=1",
        encoded: Ok("70020001"),
    },
    Allow {
        option: Decoder::allow_ack_flags,
        bit: Tolerated::ACK_FLAGS,
        base: V3_1,
        frame: "64020001",
        error: "flags_reserved@0",
        packet: "PUBREL packet_id=1",
        encoded: Ok("62020001"),
    },
    Allow {
        option: Decoder::allow_ack_flags,
        bit: Tolerated::ACK_FLAGS,
        base: V3_1.strict_flags_3_1(true),
        frame: "4a020001",
        error: "flags_reserved@0",
        packet: "PUBACK packet_id=1",
        encoded: Ok("40020001"),
    },
    // A32: 24 characters
    Allow {
        option: Decoder::allow_long_client_id_3_1,
        bit: Tolerated::LONG_CLIENT_ID_3_1,
        base: V3_1,
        frame: "102600064d51497364700302003c0018787878787878787878787878787878787878787878787878",
        error: "client_id_rejected@14",
        packet: "CONNECT level=3 clean_session=1 keep_alive=60 \
                 client_id=787878787878787878787878787878787878787878787878 will_qos=- will_retain=- \
                 will_topic=- will_message=- user_name=- password=-",
        encoded: Err(ErrorKind::ClientIdRejected),
    },
];

fn error(decoder: Decoder, frame: &[u8]) -> String {
    match decoder.decode(frame) {
        Err(error) => format!("{}@{}", error.kind().name(), error.offset()),
        other => panic!("{}: {other:?}", to_hex(frame)),
    }
}

fn packet(decoder: Decoder, frame: &[u8]) -> (Packet<'_>, Tolerated) {
    match decoder.decode(frame) {
        Ok(Decoded::Packet { packet, len, tolerated }) => {
            assert_eq!(len, frame.len(), "{}", to_hex(frame));
            (packet, tolerated)
        }
        other => panic!("{}: {other:?}", to_hex(frame)),
    }
}

#[test]
fn what_may_be_let_through() {
    for case in ALLOW {
        let frame = from_hex(case.frame);
        assert_eq!(error(case.base, &frame), case.error, "{}", case.frame);
        assert_eq!(error((case.option)(case.base, false), &frame), case.error, "{}", case.frame);
        let allowing = (case.option)(case.base, true);
        if case.packet.is_empty() {
            // The option looks away from its own rule alone.
            let kind = case.encoded.unwrap_err();
            assert_eq!(allowing.decode(&frame).unwrap_err().kind(), kind, "{}", case.frame);
            continue;
        }
        let (packet, tolerated) = packet(allowing, &frame);
        assert_eq!(describe(&packet), case.packet, "{}", case.frame);
        assert_eq!(tolerated, case.bit, "{}", case.frame);
        assert!(!tolerated.is_empty(), "{}", case.frame);

        let mut out = [0xa5; 64];
        match case.encoded {
            Ok(canonical) => {
                let len = packet.encode(&mut out).unwrap();
                assert_eq!(to_hex(&out[..len]), canonical, "{}", case.frame);
                // The canonical form keeps the rules, and is the same packet.
                let (again, nothing) = self::packet(case.base, &out[..len]);
                assert_eq!((again, nothing), (packet, Tolerated::NOTHING), "{}", case.frame);
            }
            Err(kind) => {
                assert_eq!(packet.encode(&mut out), Err(EncodeError::Invalid(kind)), "{}", case.frame);
                assert!(is_untouched(&out), "{}", case.frame);
            }
        }
    }
}

/// A frame that keeps the rules is decoded alike, and nothing is reported, whatever is allowed.
#[test]
fn nothing_is_tolerated_where_nothing_is_broken() {
    let all = ALLOW.iter().fold(Decoder::DEFAULT, |decoder, case| (case.option)(decoder, true));
    for vector in common::vectors::golden() {
        let (packet, tolerated) = packet(all, &vector.frame);
        assert_eq!(describe(&packet), common::vectors::written_out(&vector.text), "{}", vector.place);
        assert!(tolerated.is_empty(), "{}: {tolerated:?}", vector.place);
    }
}

#[test]
fn several_things_can_be_tolerated_at_once() {
    let decoder = Decoder::DEFAULT.allow_padded_remaining_length(true).allow_dup_without_qos(true);
    let (_, tolerated) = packet(decoder, &from_hex("388400000174ff"));
    assert!(tolerated.contains(Tolerated::PADDED_REMAINING_LENGTH));
    assert!(tolerated.contains(Tolerated::DUP_WITHOUT_QOS));
    assert!(!tolerated.contains(Tolerated::BRIDGE_BIT));
    assert_eq!(tolerated.bits(), 0b11);
    assert_eq!(format!("{tolerated:?}"), r#"{"PADDED_REMAINING_LENGTH", "DUP_WITHOUT_QOS"}"#);
    assert_eq!(format!("{:?}", Tolerated::LONG_CLIENT_ID_3_1), r#"{"LONG_CLIENT_ID_3_1"}"#);
    assert_eq!(format!("{:?}", Tolerated::ACK_FLAGS), r#"{"ACK_FLAGS"}"#);
    assert_eq!(format!("{:?}", Tolerated::NOTHING), "{}");
}

/// An option that makes a decoder stricter: the frame is taken without it and refused with it.
struct Refuse {
    option: fn(Decoder, bool) -> Decoder,
    base: Decoder,
    frame: &'static str,
    error: &'static str,
}

const REFUSE: &[Refuse] = &[
    // A20: U+0001 in a client identifier, U+007F in a topic name, U+0085 in a topic filter
    Refuse {
        option: Decoder::refuse_control_characters,
        base: Decoder::DEFAULT,
        frame: "100d00044d5154540402003c000101",
        error: "character_discouraged@14",
    },
    Refuse {
        option: Decoder::refuse_control_characters,
        base: Decoder::DEFAULT,
        frame: "30050003612f7f",
        error: "character_discouraged@6",
    },
    Refuse {
        option: Decoder::refuse_control_characters,
        base: Decoder::DEFAULT,
        frame: "820800010003c2856100",
        error: "character_discouraged@6",
    },
    // A21: U+FFFE in a topic name, U+FDD0 in a user name, U+1FFFF in a will topic
    Refuse {
        option: Decoder::refuse_control_characters,
        base: Decoder::DEFAULT,
        frame: "3006000461efbfbe",
        error: "character_discouraged@5",
    },
    Refuse {
        option: Decoder::refuse_control_characters,
        base: Decoder::DEFAULT,
        frame: "101200044d5154540482003c0001630003efb790",
        error: "character_discouraged@17",
    },
    Refuse {
        option: Decoder::refuse_control_characters,
        base: Decoder::DEFAULT,
        frame: "101500044d5154540406003c0001630004f09fbfbf0000",
        error: "character_discouraged@17",
    },
    // A30: a RETAIN bit, and a DUP bit, that MQTT 3.1 has no use for
    Refuse { option: Decoder::strict_flags_3_1, base: V3_1, frame: "c100", error: "flags_reserved@0" },
    Refuse { option: Decoder::strict_flags_3_1, base: V3_1, frame: "6a020001", error: "flags_reserved@0" },
    // A31
    Refuse {
        option: Decoder::strict_connect_flag_3_1,
        base: V3_1,
        frame: "100f00064d51497364700303003c000163",
        error: "connect_flag_reserved@11",
    },
    // A33: a user name, and a password, that their flags announce
    Refuse {
        option: Decoder::strict_login_3_1,
        base: V3_1,
        frame: "100f00064d51497364700382003c000163",
        error: "truncated@17",
    },
    Refuse {
        option: Decoder::strict_login_3_1,
        base: V3_1,
        frame: "101200064d514973647003c2003c000163000175",
        error: "truncated@20",
    },
    // A35: the second of two codes
    Refuse {
        option: Decoder::refuse_suback_failure_3_1,
        base: V3_1,
        frame: "900400010180",
        error: "suback_return_code@5",
    },
];

#[test]
fn what_may_be_refused() {
    for case in REFUSE {
        let frame = from_hex(case.frame);
        let taken = packet(case.base, &frame);
        assert!(taken.1.is_empty(), "{}", case.frame);
        assert_eq!(packet((case.option)(case.base, false), &frame), taken, "{}", case.frame);
        assert_eq!(error((case.option)(case.base, true), &frame), case.error, "{}", case.frame);
    }
}

/// The first byte that breaks a rule is named, whichever rule it is.
#[test]
fn a_control_character_is_named_if_it_comes_first() {
    let decoder = Decoder::DEFAULT.refuse_control_characters(true);
    assert_eq!(error(decoder, &from_hex("30040002012b")), "character_discouraged@4");
    assert_eq!(error(decoder, &from_hex("300400022b01")), "topic_wildcard@4");
    assert_eq!(error(decoder, &from_hex("3005000301ff61")), "character_discouraged@4");
    assert_eq!(error(decoder, &from_hex("30050003ff0161")), "utf8@4");
}

/// What is only for MQTT 3.1 does not touch MQTT 3.1.1.
#[test]
fn options_for_3_1_leave_3_1_1_alone() {
    let all = Decoder::DEFAULT
        .strict_flags_3_1(true)
        .strict_connect_flag_3_1(true)
        .strict_login_3_1(true)
        .refuse_suback_failure_3_1(true)
        .allow_long_client_id_3_1(true);
    for vector in common::vectors::golden().iter().filter(|vector| !vector.text.contains(" level=3 ")) {
        assert_eq!(all.decode(&vector.frame), Decoder::DEFAULT.decode(&vector.frame), "{}", vector.place);
    }
    // An empty client identifier stays refused in MQTT 3.1, whatever its length may be otherwise.
    let empty = from_hex("100e00064d51497364700302000a0000");
    assert_eq!(error(all.protocol(Protocol::V3_1), &empty), "client_id_rejected@14");
}

/// A frame of every type, with the flags that it must have.
const FRAMES: [&str; 14] = [
    "100d00044d5154540402003c000163",
    "20020000",
    "3003000174",
    "40020001",
    "50020001",
    "62020001",
    "70020001",
    "8206000100017401",
    "9003000100",
    "a2050001000174",
    "b0020001",
    "c000",
    "d000",
    "e000",
];

/// A23: what `split` and a type's own reader make of it, and a `PacketReader`, is what `decode` does.
fn is_the_same_everywhere(decoder: Decoder, frame: &[u8]) {
    let whole = decoder.decode(frame);
    match decoder.split(frame) {
        Ok(Split::Frame(mut raw)) => {
            let packet = Packet::from_frame(&mut raw);
            let (len, tolerated) = (raw.len(), raw.tolerated());
            assert_eq!(whole, packet.map(|packet| Decoded::Packet { packet, len, tolerated }));
        }
        other => assert_eq!(other.map(|_| ()).unwrap_err(), whole.unwrap_err()),
    }
    let mut buf = [0; 16];
    let mut reader = PacketReader::new(&mut buf);
    reader.space()[..frame.len()].copy_from_slice(frame);
    reader.commit(frame.len()).unwrap();
    let event = reader.next(&decoder);
    match whole {
        Ok(Decoded::Packet { packet, tolerated, .. }) => {
            assert_eq!(event, Ok(Event::Packet(packet)));
            assert_eq!(reader.tolerated(), tolerated);
        }
        _ => assert_eq!(event.unwrap_err(), whole.unwrap_err()),
    }
}

/// A23, for every type, flags, role and version: six types, and only where they would be refused.
#[test]
fn the_flags_of_acknowledgements() {
    let ack = [4, 5, 6, 7, 9, 11];
    let mut let_through = 0;
    for base in [Decoder::DEFAULT, V3_1, V3_1.strict_flags_3_1(true)] {
        for role in [Role::Any, Role::Client, Role::Server] {
            let base = base.role(role);
            let lenient = base.allow_ack_flags(true);
            for (right, flags) in FRAMES.iter().flat_map(|frame| (0..16).map(move |flags| (frame, flags))) {
                let right = from_hex(right);
                let mut frame = right.clone();
                frame[0] = right[0] & 0xf0 | flags;
                is_the_same_everywhere(lenient, &frame);
                let (plain, loose) = (base.decode(&frame), lenient.decode(&frame));
                let is_told = ack.contains(&(frame[0] >> 4))
                    && matches!(plain, Err(error) if error.kind() == ErrorKind::FlagsReserved);
                if !is_told {
                    assert_eq!(loose, plain, "{}", to_hex(&frame));
                    continue;
                }
                let_through += 1;
                let (found, tolerated) = packet(lenient, &frame);
                assert_eq!(tolerated, Tolerated::ACK_FLAGS, "{}", to_hex(&frame));
                assert_eq!(found, packet(Decoder::DEFAULT, &right).0, "{}", to_hex(&frame));
            }
        }
    }
    // MQTT 3.1.1, and 3.1 when it is strict: 15 of 16 flags, six types for any role and for a client, four for a
    // server. Else in MQTT 3.1 the 12 flags of a PUBREL whose QoS bits are not 01, for each role.
    assert_eq!(let_through, 2 * 15 * (6 + 6 + 4) + 12 * 3);
}

/// A23: other rules hold as they do otherwise.
#[test]
fn other_flags_loosen_no_other_rule() {
    let decoder = Decoder::DEFAULT.allow_ack_flags(true);
    for (frame, error) in [
        ("42020000", "packet_id_zero@2"),
        ("4203000100", "trailing_bytes@4"),
        ("920300010f", "suback_return_code@4"),
        ("92020001", "no_return_codes@4"),
        ("b2820000", "remaining_length_padded@1"),
        ("b2ffffffff", "remaining_length@1"),
    ] {
        assert_eq!(self::error(decoder, &from_hex(frame)), error, "{frame}");
    }
    let error = decoder.max_packet_len(3).decode(&from_hex("42020001")).unwrap_err();
    assert_eq!((error.kind(), error.offset()), (ErrorKind::PacketTooLarge, 1));
    assert_eq!(decoder.decode(&from_hex("4202")), Ok(Decoded::NeedMore { at_least: 2 }));

    let both = decoder.allow_padded_remaining_length(true);
    let (_, tolerated) = packet(both, &from_hex("9283000001 80".replace(' ', "").as_str()));
    assert!(
        tolerated.contains(Tolerated::ACK_FLAGS) && tolerated.contains(Tolerated::PADDED_REMAINING_LENGTH)
    );
    let (_, tolerated) = packet(both, &from_hex("9083000001 80".replace(' ', "").as_str()));
    assert_eq!(tolerated, Tolerated::PADDED_REMAINING_LENGTH);
}

/// A23: a header that was let through is no reason that nobody knows where the next frame starts.
#[test]
fn an_acknowledgement_with_other_flags_can_be_skipped() {
    let decoder = Decoder::DEFAULT.allow_ack_flags(true);
    let mut buf = [0; 16];
    let mut reader = PacketReader::new(&mut buf);
    reader.space()[..10].copy_from_slice(b"\x42\x02\x00\x00\xb2\x02\x00\x07\xd0\x00");
    reader.commit(10).unwrap();
    let error = reader.next(&decoder).unwrap_err();
    assert_eq!((error.kind(), error.offset()), (ErrorKind::PacketIdZero, 2));
    assert_eq!(reader.refused_len(), Some(4));
    reader.skip().unwrap();
    assert!(matches!(reader.next(&decoder), Ok(Event::Packet(Packet::UnsubAck(ack))) if ack.id.get() == 7));
    assert_eq!(reader.tolerated(), Tolerated::ACK_FLAGS);
    assert_eq!(reader.next(&decoder), Ok(Event::Packet(Packet::PingResp)));
    assert_eq!(reader.tolerated(), Tolerated::NOTHING);
}

/// Where a padded header is let through, it is trusted for skipping too.
#[test]
fn a_padded_frame_that_breaks_another_rule_can_be_skipped() {
    let decoder = Decoder::DEFAULT.allow_padded_remaining_length(true);
    let mut buf = [0; 16];
    let mut reader = PacketReader::new(&mut buf);
    let bytes = from_hex("40828000" /* PUBACK, two bytes */).into_iter().chain(from_hex("0000d000"));
    for byte in bytes {
        reader.space()[0] = byte;
        reader.commit(1).unwrap();
    }
    let error = reader.next(&decoder).unwrap_err();
    assert_eq!((error.kind(), error.offset()), (ErrorKind::PacketIdZero, 4));
    reader.skip().unwrap();
    assert_eq!(reader.next(&decoder), Ok(Event::Packet(Packet::PingResp)));

    // Where it is the mistake, nobody knows where the next frame starts.
    let mut buf = [0; 16];
    let mut reader = PacketReader::new(&mut buf);
    reader.space()[..3].copy_from_slice(b"\xc0\x80\x00");
    reader.commit(3).unwrap();
    let error = reader.next(&Decoder::DEFAULT).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RemainingLengthPadded);
    assert_eq!(reader.skip(), Err(error));
}

/// A25: a text that is no topic filter is left to the server, which answers 0x80 to it. Everything else
/// in the frame keeps its rules.
#[test]
fn filters_may_be_left_unvalidated() {
    // `a/#/b`, `+`, the empty text, `a#`.
    let frame =
        from_hex("821600 0100 05 612f232f62 00 0001 2b 01 0000 02 0002 6123 01".replace(' ', "").as_str());
    assert_eq!(error(Decoder::DEFAULT, &frame), "filter_wildcard@8");
    let Split::Frame(mut raw) = Decoder::DEFAULT.split(&frame).unwrap() else { panic!("incomplete") };
    let subscribe = UnvalidatedSubscribe::from_frame(&mut raw).unwrap();
    assert_eq!(raw.tolerated(), Tolerated::BAD_FILTERS);
    assert_eq!(UnvalidatedSubscribe::decode(&Decoder::DEFAULT, &frame), Ok(subscribe));
    assert_eq!(subscribe.id, PacketId::MIN);
    let asked: Vec<_> = subscribe.filters.iter().map(|asked| (asked.filter.as_str(), asked.qos)).collect();
    let [q0, q1, q2] = [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce];
    assert_eq!(asked, [("a/#/b", q0), ("+", q1), ("", q2), ("a#", q1)]);
    let plus = Subscription { filter: TopicFilter::new("+").unwrap(), qos: q1 };
    let verdicts: Vec<_> = subscribe.filters.iter().map(|asked| asked.validate()).collect();
    let (empty, wildcard) = (ErrorKind::FilterEmpty, ErrorKind::FilterWildcard);
    assert_eq!(verdicts, [Err(wildcard), Ok(plus), Err(empty), Err(wildcard)]);

    let frame = from_hex("a20b00020002232300012f0000");
    assert_eq!(error(Decoder::DEFAULT, &frame), "filter_wildcard@6");
    let Split::Frame(mut raw) = Decoder::DEFAULT.split(&frame).unwrap() else { panic!("incomplete") };
    let unsubscribe = UnvalidatedUnsubscribe::from_frame(&mut raw).unwrap();
    assert_eq!(raw.tolerated(), Tolerated::BAD_FILTERS);
    assert_eq!(UnvalidatedUnsubscribe::decode(&Decoder::DEFAULT, &frame), Ok(unsubscribe));
    assert_eq!(unsubscribe.id.get(), 2);
    assert!(unsubscribe.filters.iter().eq(["##", "/", ""]));
    let good: Vec<_> =
        unsubscribe.filters.iter().filter_map(|text| TopicFilter::try_from(text).ok()).collect();
    assert_eq!(good, [TopicFilter::new("/").unwrap()]);

    // Nothing is noted where every filter is good.
    for good in ["820800010003612f2301", "a20700010003612f23"] {
        let frame = from_hex(good);
        let Split::Frame(mut raw) = Decoder::DEFAULT.split(&frame).unwrap() else { panic!("incomplete") };
        let is_good = UnvalidatedSubscribe::from_frame(&mut raw.clone()).is_ok()
            || UnvalidatedUnsubscribe::from_frame(&mut raw).is_ok();
        assert!(is_good && raw.tolerated().is_empty(), "{good}");
    }
    for (frame, error) in [
        ("82080001000361 2fff01", "utf8@8"),
        ("820800010003610000 01", "nul_in_string@7"),
        ("820800010003612f2303", "subscribe_options@9"),
        ("820800000003612f2301", "packet_id_zero@2"),
        ("82020001", "no_filters@4"),
        ("a2020001", "no_filters@4"),
        ("a20500010002ff", "truncated@4"),
        ("a206000100022bff", "utf8@7"),
        ("a206000000022b2b", "packet_id_zero@2"),
        ("c000", "packet_type_unexpected@0"),
    ] {
        let frame = from_hex(&frame.replace(' ', ""));
        let refusal = if frame[0] == 0xa2 {
            UnvalidatedUnsubscribe::decode(&Decoder::DEFAULT, &frame).unwrap_err()
        } else {
            UnvalidatedSubscribe::decode(&Decoder::DEFAULT, &frame).unwrap_err()
        };
        assert_eq!(format!("{}@{}", refusal.kind().name(), refusal.offset()), error);
    }
}

/// A25, out of a stream: the reader gives the frame that it has refused, and goes on behind it.
#[test]
fn a_refused_subscribe_is_read_again_without_its_filters_rules() {
    let mut buf = [0; 32];
    let mut reader = PacketReader::new(&mut buf);
    assert_eq!(reader.refused_frame(), None);
    let frame = from_hex("82070001000261 2b01".replace(' ', "").as_str());
    reader.space()[..frame.len()].copy_from_slice(&frame);
    reader.commit(frame.len()).unwrap();
    reader.space()[..2].copy_from_slice(b"\xc0\x00");
    reader.commit(2).unwrap();
    assert_eq!(reader.next(&Decoder::DEFAULT).unwrap_err().kind(), ErrorKind::FilterWildcard);
    assert_eq!(reader.refused_frame(), Some(&frame[..]));
    let subscribe = UnvalidatedSubscribe::decode(&Decoder::DEFAULT, reader.refused_frame().unwrap()).unwrap();
    assert!(subscribe.filters.iter().map(|asked| asked.filter).eq(["a+"]));
    reader.skip().unwrap();
    assert_eq!(reader.refused_frame(), None);
    assert_eq!(reader.next(&Decoder::DEFAULT), Ok(Event::Packet(Packet::PingReq)));

    // Nobody knows where a frame of a reserved type ends.
    reader.space()[..2].copy_from_slice(b"\xf0\x00");
    reader.commit(2).unwrap();
    assert_eq!(reader.next(&Decoder::DEFAULT).unwrap_err().kind(), ErrorKind::PacketTypeReserved);
    assert_eq!(reader.refused_frame(), None);
}

/// Every setter can be called where a constant is made.
#[test]
fn options_are_set_in_constants() {
    const ALL: Decoder = Decoder::DEFAULT
        .max_packet_len(u32::MAX)
        .role(Role::Any)
        .protocol(Protocol::V3_1_1)
        .allow_padded_remaining_length(true)
        .allow_dup_without_qos(true)
        .allow_password_without_user_name(true)
        .allow_bridge_bit(true)
        .allow_raw_suback_codes(true)
        .allow_raw_connack_codes(true)
        .allow_session_present_with_refusal(true)
        .allow_long_client_id_3_1(true)
        .allow_ack_flags(true)
        .refuse_control_characters(true)
        .strict_flags_3_1(true)
        .strict_connect_flag_3_1(true)
        .strict_login_3_1(true)
        .refuse_suback_failure_3_1(true);
    let setters = ALLOW.iter().map(|case| case.option).chain(REFUSE.iter().map(|case| case.option));
    assert_eq!(ALL, setters.fold(Decoder::DEFAULT, |decoder, set| set(decoder, true)));
}

/// A setter changes its own option alone, and can take it back.
#[test]
fn options_are_set_and_taken_back() {
    let both = Decoder::DEFAULT.allow_bridge_bit(true).allow_dup_without_qos(true);
    assert_eq!(both.allow_bridge_bit(true), both);
    assert_eq!(both.allow_bridge_bit(false), Decoder::DEFAULT.allow_dup_without_qos(true));
    assert_eq!(
        both.allow_bridge_bit(false).allow_bridge_bit(false),
        Decoder::DEFAULT.allow_dup_without_qos(true)
    );
    assert_eq!(both.allow_bridge_bit(false).allow_dup_without_qos(false), Decoder::DEFAULT);
    assert_eq!(both.refuse_control_characters(false), both);
    assert_eq!(Some(both), Decoder::DEFAULT.with_option_bits(0b1010));
}

/// The bits are those of the C face: each setter has one, and no bit is without a setter.
#[test]
fn option_bits() {
    let setters: Vec<_> =
        ALLOW.iter().map(|case| case.option).chain(REFUSE.iter().map(|case| case.option)).collect();
    let mut named = 0;
    for bit in 0..u32::BITS {
        let Some(decoder) = Decoder::DEFAULT.with_option_bits(1 << bit) else { continue };
        assert!(Decoder::ALL_OPTION_BITS >> bit & 1 != 0, "bit {bit}");
        if 1 << bit == Tolerated::BAD_FILTERS.bits() {
            continue;
        }
        assert!(setters.iter().any(|set| set(Decoder::DEFAULT, true) == decoder), "bit {bit}");
        named += 1;
    }
    assert_eq!(named, 14);
    assert_eq!(Decoder::ALL_OPTION_BITS, 0x001f_03ff);
    // C's alone: in Rust the type that is decoded leaves its filters unvalidated.
    let bad_filters = Decoder::DEFAULT.with_option_bits(Tolerated::BAD_FILTERS.bits()).unwrap();
    let frame = from_hex("820700010002612b01");
    assert_eq!(bad_filters.decode(&frame), Decoder::DEFAULT.decode(&frame));
    assert_eq!(Decoder::DEFAULT.with_option_bits(0), Some(Decoder::DEFAULT));
    assert_eq!(Decoder::DEFAULT.with_option_bits(1 << 31 | 1), None);
}
