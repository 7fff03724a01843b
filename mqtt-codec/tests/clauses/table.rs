//! The statements of MQTT 3.1.1 in our words, in the order of their numbers, each with its rows; then
//! the rules that the specification states without a number.

use mqtt_codec::v3::stream::PacketReader;
use mqtt_codec::v3::{Decoder, PatchError, Publish, frames};
use mqtt_codec::{ErrorKind, MAX_REMAINING_LEN, PacketId, TopicFilter, TopicName};

use super::build::{
    ack, connack, connect, connect_flags, connect_with_login, connect_with_will, has_announced_fields,
    protocol, publish, publish_as, publish_header, suback, subscribe, unsubscribe,
};
use super::row::Row::{Always, Carried, Holds, NotBuilt, Refused};
use super::row::{Clause, Row};

pub(crate) const CLAUSES: &[Clause] = &[
    // 1.5 Data representations
    clause(
        "1.5.3-1",
        "DE",
        "A string is well-formed UTF-8 and encodes no surrogate; who receives another one closes.",
        &[
            Refused("10+0e+00044d515454+04+02+003c+0002c328", "utf8@14"),
            Refused("10+13+00044d515454+04+06+003c+000163+000180+00016d", "utf8@17"),
            Refused("10+11+00044d515454+04+82+003c+000163+0002c0af", "utf8@17"),
            Refused("30+08+0003eda080+616263", "utf8@4"),
            Refused("30+06+0004f4908080", "utf8@4"),
            Refused("30+05+000361e6b8", "utf8@5"),
            Refused("82+07+0001+0002ff61+00", "utf8@6"),
            Refused("a2+06+0001+000261c3", "utf8@7"),
            NotBuilt(
                "a user name with the surrogate `eda080`",
                || connect_with_login(SURROGATE, None),
                "utf8",
            ),
            NotBuilt("a topic name with the surrogate `eda080`", || publish(SURROGATE), "utf8"),
            NotBuilt(
                "a topic filter with the surrogate `eda080`",
                || subscribe(1, &[(SURROGATE, 0)]),
                "utf8",
            ),
        ],
    ),
    clause(
        "1.5.3-2",
        "DE",
        "A string holds no U+0000; who receives one closes.",
        &[
            Refused("10+0e+00044d515454+04+02+003c+00026100", "nul_in_string@15"),
            Refused("10+13+00044d515454+04+06+003c+000163+000100+00016d", "nul_in_string@17"),
            Refused("10+10+00044d515454+04+82+003c+000163+000100", "nul_in_string@17"),
            Refused("30+06+0003610062+70", "nul_in_string@5"),
            Refused("82+07+0001+00026100+00", "nul_in_string@7"),
            Refused("a2+05+0001+000100", "nul_in_string@6"),
            NotBuilt("the client identifier `a\\0`", || connect(b"a\0", true), "nul_in_string"),
            NotBuilt("the topic name `a\\0`", || publish(b"a\0"), "nul_in_string"),
            NotBuilt("the topic filter `a\\0`", || unsubscribe(1, &[b"a\0"]), "nul_in_string"),
        ],
    ),
    clause(
        "1.5.3-3",
        "F",
        "EF BB BF is the character U+FEFF wherever it stands, and is neither skipped nor taken away.",
        &[
            Carried(
                "30+06+0003efbbbf+70",
                "PUBLISH dup=0 qos=0 retain=0 packet_id=- topic=efbbbf payload=70",
            ),
            Carried(
                "30+08+000561efbbbf62+70",
                "PUBLISH dup=0 qos=0 retain=0 packet_id=- topic=61efbbbf62 payload=70",
            ),
            Carried("82+08+0001+0003efbbbf+01", "SUBSCRIBE packet_id=1 filter=efbbbf qos=1"),
        ],
    ),
    // 2 Control packet format
    clause(
        "2.2.2-1",
        "DE",
        "Flag bits that table 2.2 reserves have the value that it gives.",
        &[
            Refused("11", "flags_reserved@0"),
            Refused("21+02+0000", "flags_reserved@0"),
            Refused("48+02+0001", "flags_reserved@0"),
            Refused("9f+03+0001+00", "flags_reserved@0"),
            Refused("c1+00", "flags_reserved@0"),
            Always("packet", "the flag bits are those of table 2.2", |frame| match frame[0] >> 4 {
                3 => frame[0] & 0x06 != 0x06,
                6 | 8 | 10 => frame[0] & 0x0f == 0x02,
                _ => frame[0] & 0x0f == 0,
            }),
        ],
    ),
    clause(
        "2.2.2-2",
        "D",
        "Who receives other flag bits closes.",
        &[
            Refused("80+06+0001+000161+00", "flags_reserved@0"),
            // As soon as the byte is there: nothing after it is waited for.
            Refused("80", "flags_reserved@0"),
        ],
    ),
    clause(
        "2.3.1-1",
        "DE",
        "SUBSCRIBE, UNSUBSCRIBE and PUBLISH with a QoS over 0 have a packet identifier that is not 0.",
        &[
            Refused("32+06+000174+0000+61", "packet_id_zero@5"),
            Refused("34+05+000174+0000", "packet_id_zero@5"),
            Refused("32+04+000174+00", "truncated@5"),
            Refused("82+06+0000+000161+00", "packet_id_zero@2"),
            Refused("a2+05+0000+000161", "packet_id_zero@2"),
            NotBuilt("PUBLISH of QoS 1 with identifier 0", || publish_as(1, 0, false), "packet_id_zero"),
            NotBuilt("PUBLISH of QoS 2 with identifier 0", || publish_as(2, 0, false), "packet_id_zero"),
            NotBuilt("SUBSCRIBE with identifier 0", || subscribe(0, &[(b"a", 0)]), "packet_id_zero"),
            NotBuilt("UNSUBSCRIBE with identifier 0", || unsubscribe(0, &[b"a"]), "packet_id_zero"),
        ],
    ),
    session("2.3.1-2", "A client gives each new such packet an identifier that is not in use."),
    session(
        "2.3.1-3",
        "A client sends such a packet again under the same identifier until it is acknowledged.",
    ),
    session("2.3.1-4", "A server does the same for each PUBLISH with a QoS over 0."),
    clause(
        "2.3.1-5",
        "EF",
        "PUBLISH of QoS 0 has no packet identifier: the payload follows the topic name.",
        &[
            Carried("30+05+000174+0001", "PUBLISH dup=0 qos=0 retain=0 packet_id=- topic=74 payload=0001"),
            Always("PUBLISH", "at QoS 0 the payload follows the topic name", |frame| {
                frame[0] & 0x06 != 0 || frame[1..] == *b"\x04\x00\x01tp"
            }),
            Holds("`Publish::set_packet_id` refuses a frame of QoS 0, and changes nothing", || {
                let mut frame = *b"\x30\x05\x00\x01tpq";
                Publish::set_packet_id(&mut frame, PacketId::MIN) == Err(PatchError::QosZero)
                    && frame == *b"\x30\x05\x00\x01tpq"
            }),
        ],
    ),
    clause(
        "2.3.1-6",
        "FS",
        "PUBACK, PUBREC and PUBREL (and PUBCOMP) repeat the identifier of the PUBLISH.",
        &[
            Carried("40+02+1234", "PUBACK packet_id=4660"),
            Carried("50+02+1234", "PUBREC packet_id=4660"),
            Carried("62+02+1234", "PUBREL packet_id=4660"),
            Carried("70+02+ffff", "PUBCOMP packet_id=65535"),
            // 0 repeats no identifier (A15).
            Refused("40+02+0000", "packet_id_zero@2"),
            Refused("62+02+0000", "packet_id_zero@2"),
        ],
    ),
    clause(
        "2.3.1-7",
        "FS",
        "SUBACK and UNSUBACK repeat the identifier of the SUBSCRIBE or UNSUBSCRIBE.",
        &[
            Carried("90+03+1234+00", "SUBACK packet_id=4660 return_codes=00"),
            Carried("b0+02+1234", "UNSUBACK packet_id=4660"),
            // 0 repeats no identifier (A15).
            Refused("90+03+0000+00", "packet_id_zero@2"),
            Refused("b0+02+0000", "packet_id_zero@2"),
        ],
    ),
    // 3.1 CONNECT
    session("3.1.0-1", "The first packet that a client sends is CONNECT."),
    session("3.1.0-2", "A second CONNECT breaks the protocol: the server closes."),
    clause(
        "3.1.2-1",
        "DE",
        "The protocol name is `MQTT`, byte for byte; with another one the server must not go on.",
        &[
            Refused("10+0d+00044d717474+04+02+003c+000163", "protocol_name@2"),
            Refused("10+0c+00034d5154+04+02+003c+000163", "protocol_name@2"),
            Refused("10+0e+00054d51545400+04+02+003c+000163", "protocol_name@2"),
            Always("CONNECT", "the name goes with the level: `MQTT` and 4, or `MQIsdp` and 3", |frame| {
                matches!(protocol(frame), (b"MQTT", 4) | (b"MQIsdp", 3))
            }),
        ],
    ),
    clause(
        "3.1.2-2",
        "D",
        "A protocol level that the server does not serve: it answers return code 1 and closes.",
        &[
            Refused("10+0d+00044d515454+09+02+003c+000163", "protocol_level@8"),
            Refused("10+0d+00044d515454+84+02+003c+000163", "protocol_level@8"),
            Refused("10+0d+00044d515454+05+02+003c+000163", "protocol_version_other@8"),
            Holds("both kinds answer return code 1", || {
                [ErrorKind::ProtocolLevel, ErrorKind::ProtocolVersionOther]
                    .iter()
                    .all(|kind| kind.connack_code() == Some(1))
            }),
        ],
    ),
    clause(
        "3.1.2-3",
        "DE",
        "Bit 0 of the connect flags is 0; otherwise the server closes.",
        &[
            Refused("10+0d+00044d515454+04+03+003c+000163", "connect_flag_reserved@9"),
            Always("CONNECT", "bit 0 of the connect flags is 0", |frame| connect_flags(frame) & 0x01 == 0),
        ],
    ),
    clause(
        "3.1.2-4",
        "FS",
        "CleanSession 0: the server goes on with the client's session, or begins one; both keep it.",
        &[KEPT_SESSION],
    ),
    session(
        "3.1.2-5",
        "With CleanSession 0 the server keeps messages of QoS 1 and 2 for a client that is away.",
    ),
    clause(
        "3.1.2-6",
        "FS",
        "CleanSession 1: both drop any earlier session and begin a new one, which ends with the connection.",
        &[CONNECT],
    ),
    session("3.1.2-7", "Retained messages are no part of a session and outlive it."),
    clause(
        "3.1.2-8",
        "FS",
        "Will flag 1: the server stores the will and publishes it if the connection ends without DISCONNECT.",
        &[WILL_OF_QOS_2, EVERY_FIELD],
    ),
    clause(
        "3.1.2-9",
        "DE",
        "Will flag 1: will QoS and will retain count, and the payload has will topic and will message.",
        &[
            Refused("10+0d+00044d515454+04+06+003c+000163", "truncated@15"),
            Refused("10+10+00044d515454+04+06+003c+000163+000177", "truncated@18"),
            Refused("10+11+00044d515454+04+06+003c+000163+000177+00", "truncated@18"),
            ANNOUNCED_FIELDS,
        ],
    ),
    session("3.1.2-10", "The will is dropped once it is published, or when DISCONNECT comes."),
    clause(
        "3.1.2-11",
        "DE",
        "Will flag 0: will QoS and will retain are 0, and there is no will topic and no will message.",
        &[
            Refused("10+0d+00044d515454+04+22+003c+000163", "will_flags_without_will@9"),
            Refused("10+13+00044d515454+04+02+003c+000163+000177+00016d", "trailing_bytes@15"),
            ANNOUNCED_FIELDS,
            Always("CONNECT", "without the will flag, will QoS and will retain are 0", |frame| {
                connect_flags(frame) & 0x04 != 0 || connect_flags(frame) & 0x38 == 0
            }),
        ],
    ),
    session("3.1.2-12", "Will flag 0: no will is published."),
    clause(
        "3.1.2-13",
        "DE",
        "Will flag 0: the will QoS is 0.",
        &[
            Refused("10+0d+00044d515454+04+0a+003c+000163", "will_flags_without_will@9"),
            Refused("10+0d+00044d515454+04+12+003c+000163", "will_flags_without_will@9"),
            Refused("10+0d+00044d515454+04+1a+003c+000163", "will_flags_without_will@9"),
            Always("CONNECT", "without the will flag, the will QoS is 0", |frame| {
                connect_flags(frame) & 0x04 != 0 || connect_flags(frame) & 0x18 == 0
            }),
        ],
    ),
    clause(
        "3.1.2-14",
        "DE",
        "The will QoS is 0, 1 or 2, and not 3.",
        &[
            Refused("10+13+00044d515454+04+1e+003c+000163+000177+00016d", "will_qos@9"),
            NotBuilt("a will of QoS 3", || connect_with_will(b"w", 3), "qos_reserved"),
            Always("CONNECT", "the will QoS is not 3", |frame| connect_flags(frame) & 0x18 != 0x18),
        ],
    ),
    clause(
        "3.1.2-15",
        "DE",
        "Will flag 0: will retain is 0.",
        &[
            Refused("10+0d+00044d515454+04+22+003c+000163", "will_flags_without_will@9"),
            Always("CONNECT", "without the will flag, will retain is 0", |frame| {
                connect_flags(frame) & 0x04 != 0 || connect_flags(frame) & 0x20 == 0
            }),
        ],
    ),
    clause(
        "3.1.2-16",
        "FS",
        "Will retain 0: the will is published as a message that is not retained.",
        &[WILL_OF_QOS_2],
    ),
    clause("3.1.2-17", "FS", "Will retain 1: the will is published as a retained message.", &[EVERY_FIELD]),
    clause(
        "3.1.2-18",
        "DE",
        "User name flag 0: there is no user name.",
        &[Refused("10+10+00044d515454+04+02+003c+000163+000175", "trailing_bytes@15"), ANNOUNCED_FIELDS],
    ),
    clause(
        "3.1.2-19",
        "DE",
        "User name flag 1: there is a user name.",
        &[Refused("10+0d+00044d515454+04+82+003c+000163", "truncated@15"), ANNOUNCED_FIELDS],
    ),
    clause(
        "3.1.2-20",
        "DE",
        "Password flag 0: there is no password.",
        &[
            Refused("10+13+00044d515454+04+82+003c+000163+000175+000170", "trailing_bytes@18"),
            ANNOUNCED_FIELDS,
        ],
    ),
    clause(
        "3.1.2-21",
        "DE",
        "Password flag 1: there is a password.",
        &[Refused("10+10+00044d515454+04+c2+003c+000163+000175", "truncated@18"), ANNOUNCED_FIELDS],
    ),
    clause(
        "3.1.2-22",
        "DE",
        "User name flag 0: the password flag is 0.",
        &[
            Refused("10+10+00044d515454+04+42+003c+000163+000170", "password_without_user_name@9"),
            Always("CONNECT", "a password flag has a user name flag beside it", |frame| {
                connect_flags(frame) & 0xc0 != 0x40
            }),
        ],
    ),
    session(
        "3.1.2-23",
        "A client lets no longer time than the keep alive pass between two packets that it sends.",
    ),
    session(
        "3.1.2-24",
        "A server closes when nothing came for one and a half times the keep alive, unless that is 0.",
    ),
    clause(
        "3.1.3-1",
        "DEF",
        "The payload is client identifier, will topic, will message, user name, password, in this order.",
        &[
            EVERY_FIELD,
            // The user name, empty, before the will; the password, binary, before the user name.
            Refused("10+15+00044d515454+04+86+003c+000163+0000+000177+00016d", "topic_empty@15"),
            Refused("10+13+00044d515454+04+c2+003c+000163+0001ff+000175", "utf8@17"),
            ANNOUNCED_FIELDS,
        ],
    ),
    session("3.1.3-2", "Client and server name the client's session by the client identifier."),
    clause(
        "3.1.3-3",
        "DE",
        "There is always a client identifier, and it is the payload's first field.",
        &[
            Refused("10+0a+00044d515454+04+02+003c", "truncated@12"),
            Refused("10+0b+00044d515454+04+02+003c+00", "truncated@12"),
            Refused("10+0d+00044d515454+04+02+003c+000263", "truncated@12"),
            ANNOUNCED_FIELDS,
        ],
    ),
    clause(
        "3.1.3-4",
        "DE",
        "The client identifier is a UTF-8 string.",
        &[
            Refused("10+0e+00044d515454+04+02+003c+0002c328", "utf8@14"),
            NotBuilt("the client identifier `c328`", || connect(b"\xc3\x28", true), "utf8"),
        ],
    ),
    clause(
        "3.1.3-5",
        "FS",
        "A server takes client identifiers of 1 to 23 bytes of 0-9, a-z, A-Z; it may take others.",
        &[
            // 24 bytes, and characters that are not among them: the codec sets no limit.
            Carried(
                "10+24+00044d515454+04+02+003c+0018+7a*24",
                "CONNECT level=4 clean_session=1 keep_alive=60 client_id=7a*24 will_qos=- will_retain=- \
                 will_topic=- will_message=- user_name=- password=-",
            ),
            Carried(
                "10+10+00044d515454+04+02+003c+00042fe6b8a9",
                "CONNECT level=4 clean_session=1 keep_alive=60 client_id=2fe6b8a9 will_qos=- will_retain=- \
                 will_topic=- will_message=- user_name=- password=-",
            ),
        ],
    ),
    clause(
        "3.1.3-6",
        "FS",
        "A server may take an empty client identifier; it then gives the client one of its own.",
        &[EMPTY_CLIENT_ID],
    ),
    clause(
        "3.1.3-7",
        "E",
        "A client with an empty client identifier sets CleanSession 1.",
        &[NotBuilt(
            "an empty client identifier with CleanSession 0",
            || connect(b"", false),
            "client_id_rejected",
        )],
    ),
    clause(
        "3.1.3-8",
        "D",
        "An empty client identifier with CleanSession 0: the server answers return code 2 and closes.",
        &[
            Refused("10+0c+00044d515454+04+00+003c+0000", "client_id_rejected@12"),
            Holds("the kind answers return code 2", || ErrorKind::ClientIdRejected.connack_code() == Some(2)),
        ],
    ),
    session(
        "3.1.3-9",
        "A client identifier that the server does not take: it answers return code 2 and closes.",
    ),
    clause(
        "3.1.3-10",
        "DE",
        "The will topic is a UTF-8 string.",
        &[
            Refused("10+13+00044d515454+04+06+003c+000163+0001ff+00016d", "utf8@17"),
            NotBuilt("the will topic `ff`", || connect_with_will(b"\xff", 0), "utf8"),
        ],
    ),
    clause(
        "3.1.3-11",
        "DE",
        "The user name is a UTF-8 string.",
        &[
            Refused("10+10+00044d515454+04+82+003c+000163+0001ff", "utf8@17"),
            NotBuilt("the user name `ff`", || connect_with_login(b"\xff", None), "utf8"),
        ],
    ),
    clause(
        "3.1.4-1",
        "D",
        "A server checks that CONNECT keeps section 3.1, and closes without CONNACK when it does not.",
        &[
            Refused("10+0d+00044d515454+04+03+003c+000163", "connect_flag_reserved@9"),
            Refused("10+0e+00044d515454+04+02+003c+000163+00", "trailing_bytes@15"),
            Refused("10+06+00044d515454", "truncated@8"),
            Holds("only levels and client identifiers are answered, all other kinds close", || {
                use ErrorKind::{ClientIdRejected, ProtocolLevel, ProtocolVersionOther};
                let answered = [ProtocolLevel, ProtocolVersionOther, ClientIdRejected];
                ErrorKind::ALL.iter().all(|kind| kind.connack_code().is_some() == answered.contains(kind))
            }),
        ],
    ),
    session(
        "3.1.4-2",
        "A client identifier that is connected already: the server closes the older connection.",
    ),
    session("3.1.4-3", "The server does what CleanSession asks."),
    session("3.1.4-4", "The server answers a good CONNECT with return code 0."),
    session("3.1.4-5", "A server that refuses a CONNECT looks at nothing that comes after it."),
    // 3.2 CONNACK
    session("3.2.0-1", "The first packet that a server sends is CONNACK."),
    session("3.2.2-1", "CleanSession 1 is accepted with session present 0 and return code 0."),
    session(
        "3.2.2-2",
        "CleanSession 0 is accepted with session present 1 when the server has kept the session.",
    ),
    session("3.2.2-3", "Without a kept session it is accepted with session present 0 and return code 0."),
    clause(
        "3.2.2-4",
        "DE",
        "With a return code that is not 0, session present is 0.",
        &[
            Refused("20+02+01+05", "session_present_with_refusal@2"),
            Refused("20+02+01+01", "session_present_with_refusal@2"),
            NotBuilt(
                "session present with return code 5",
                || connack(true, 5),
                "session_present_with_refusal",
            ),
            Always("CONNACK", "session present has return code 0 beside it", |frame| {
                frame[2] == 0 || frame[2..] == [1, 0]
            }),
        ],
    ),
    session("3.2.2-5", "After a return code that is not 0 the server closes."),
    clause(
        "3.2.2-6",
        "ES",
        "When no return code of table 3.1 fits, the server closes without CONNACK.",
        &[
            NotBuilt("return code 6", || connack(false, 6), "return_code"),
            NotBuilt("return code 255", || connack(false, 255), "return_code"),
        ],
    ),
    // 3.3 PUBLISH
    clause(
        "3.3.1-1",
        "FS",
        "DUP is 1 when a PUBLISH is sent again.",
        &[
            SENT_FIRST,
            SENT_AGAIN,
            SENT_AGAIN_QOS_2,
            Holds("`Publish::set_dup` makes the second frame of the first, and changes nothing else", || {
                let mut frame = *b"\x32\x06\x00\x01t\x12\x34p";
                Publish::set_dup(&mut frame) == Ok(()) && frame == *b"\x3a\x06\x00\x01t\x12\x34p"
            }),
        ],
    ),
    clause(
        "3.3.1-2",
        "DE",
        "At QoS 0, DUP is 0.",
        &[
            Refused("38+04+000174+61", "dup_without_qos@0"),
            Refused("39", "dup_without_qos@0"),
            NotBuilt("DUP with QoS 0", || publish_as(0, 0, true), "dup_without_qos"),
            Holds("`Publish::set_dup` refuses a frame of QoS 0, and changes nothing", || {
                let mut frame = *b"\x30\x04\x00\x01tp";
                Publish::set_dup(&mut frame) == Err(PatchError::QosZero) && frame == *b"\x30\x04\x00\x01tp"
            }),
            NO_DUP_AT_QOS_0,
        ],
    ),
    session("3.3.1-3", "DUP of an outgoing PUBLISH says nothing of the incoming one that it came from."),
    clause(
        "3.3.1-4",
        "DE",
        "The two QoS bits are not both 1; who receives them so closes.",
        &[
            Refused("36+06+000174+0001+61", "qos_reserved@0"),
            Refused("3f", "qos_reserved@0"),
            NotBuilt("PUBLISH of QoS 3", || publish_as(3, 1, false), "qos_reserved"),
            Always("PUBLISH", "the QoS bits are not both 1", |frame| frame[0] & 0x06 != 0x06),
        ],
    ),
    clause(
        "3.3.1-5",
        "FS",
        "RETAIN 1 from a client: the server keeps message and QoS for later subscribers.",
        &[RETAINED],
    ),
    clause(
        "3.3.1-6",
        "FS",
        "A new subscription gets the last retained message of each topic name that it matches.",
        &[RETAINED],
    ),
    clause(
        "3.3.1-7",
        "FS",
        "RETAIN 1 at QoS 0: what was retained for this topic name goes, and the new message should stay.",
        &[RETAINED],
    ),
    clause(
        "3.3.1-8",
        "FS",
        "The server sets RETAIN 1 on a message that it sends because a subscription is new.",
        &[RETAINED],
    ),
    clause(
        "3.3.1-9",
        "FS",
        "The server sets RETAIN 0 on a message for a subscription that stood before, as it may have come in.",
        &[NOT_RETAINED],
    ),
    clause(
        "3.3.1-10",
        "FS",
        "RETAIN 1 with an empty payload is delivered as usual and removes the topic name's retained message.",
        &[RETAINED_EMPTY],
    ),
    clause("3.3.1-11", "FS", "An empty retained message is not stored.", &[RETAINED_EMPTY]),
    clause(
        "3.3.1-12",
        "FS",
        "RETAIN 0: the server neither stores the message nor touches one that it retains.",
        &[NOT_RETAINED],
    ),
    clause(
        "3.3.2-1",
        "DE",
        "The topic name is the first field after the fixed header and is a UTF-8 string.",
        &[
            Refused("30+00", "truncated@2"),
            Refused("30+03+000574", "truncated@2"),
            Refused("30+03+0001ff", "utf8@4"),
            NotBuilt("the topic name `ff`", || publish(b"\xff"), "utf8"),
            Always("PUBLISH", "the topic name follows the fixed header", |frame| {
                frame[2..5] == *b"\x00\x01t"
            }),
        ],
    ),
    clause(
        "3.3.2-2",
        "DE",
        "The topic name holds no wildcard.",
        &[
            Refused("30+06+0003612f2b+70", "topic_wildcard@6"),
            Refused("30+05+000123+7070", "topic_wildcard@4"),
            Refused("30+06+0004e6b8a923", "topic_wildcard@7"),
            NotBuilt("the topic name `a/+`", || publish(b"a/+"), "topic_wildcard"),
            NotBuilt("the topic name `#`", || publish(b"#"), "topic_wildcard"),
        ],
    ),
    session("3.3.2-3", "The topic name of a message that a server sends matches the subscription's filter."),
    session("3.3.4-1", "The receiver answers as the QoS asks: not at all, with PUBACK, or with PUBREC."),
    session("3.3.5-1", "Where filters overlap, the server delivers at the highest QoS of those that match."),
    session("3.3.5-2", "A server that does not allow a PUBLISH acknowledges it all the same, or closes."),
    // 3.6 to 3.14
    clause(
        "3.6.1-1",
        "DE",
        "The flag bits of PUBREL are 0010; otherwise the server closes.",
        &[
            Refused("60+02+0001", "flags_reserved@0"),
            Refused("6a+02+0001", "flags_reserved@0"),
            Always("acknowledgement", "a PUBREL begins with 62", |frame| {
                frame[0] >> 4 != 6 || frame[0] == 0x62
            }),
        ],
    ),
    clause(
        "3.8.1-1",
        "DE",
        "The flag bits of SUBSCRIBE are 0010; otherwise the server closes.",
        &[
            Refused("80+06+0001+000161+00", "flags_reserved@0"),
            Refused("8a+06+0001+000161+00", "flags_reserved@0"),
            Always("SUBSCRIBE", "the first byte is 82", |frame| frame[0] == 0x82),
        ],
    ),
    clause(
        "3.8.3-1",
        "DE",
        "The topic filters of SUBSCRIBE are UTF-8 strings.",
        &[
            Refused("82+06+0001+0001ff+00", "utf8@6"),
            Refused("82+0a+0001+000161+00+0001ff+00", "utf8@10"),
            NotBuilt("a subscription to `ff`", || subscribe(1, &[(b"\xff", 0)]), "utf8"),
        ],
    ),
    session("3.8.3-2", "A server that knows no wildcards refuses subscriptions with them."),
    clause(
        "3.8.3-3",
        "DE",
        "SUBSCRIBE has at least one topic filter with its QoS.",
        &[
            Refused("82+02+0001", "no_filters@4"),
            Refused("82+05+0001+000161", "truncated@7"),
            NotBuilt("SUBSCRIBE without filters", || subscribe(1, &[]), "no_filters"),
        ],
    ),
    clause(
        "3.8.3-4",
        "DE",
        "The upper six bits of the options are 0 and the QoS is not 3; otherwise the server closes.",
        &[
            Refused("82+06+0001+000161+03", "subscribe_options@7"),
            Refused("82+06+0001+000161+80", "subscribe_options@7"),
            Refused("82+0a+0001+000161+02+000162+04", "subscribe_options@11"),
            NotBuilt("a subscription of QoS 3", || subscribe(1, &[(b"a", 3)]), "qos_reserved"),
            NotBuilt("a subscription of QoS 128", || subscribe(1, &[(b"a", 0x80)]), "qos_reserved"),
            Always("SUBSCRIBE", "the last option byte is 0, 1 or 2", |frame| {
                matches!(frame.last(), Some(0..=2))
            }),
        ],
    ),
    session("3.8.4-1", "The server answers SUBSCRIBE with SUBACK."),
    session("3.8.4-2", "SUBACK has the packet identifier of the SUBSCRIBE."),
    session(
        "3.8.4-3",
        "A filter that is there already is replaced, and its retained messages are sent again.",
    ),
    session(
        "3.8.4-4",
        "Several filters in one SUBSCRIBE count as so many SUBSCRIBEs, but for the one SUBACK.",
    ),
    clause(
        "3.8.4-5",
        "ES",
        "SUBACK has a return code for each topic filter.",
        &[
            NotBuilt("SUBACK without return codes", || suback(1, &[]), "no_return_codes"),
            // There is no SUBSCRIBE without a filter to answer (A19).
            Refused("90+02+0001", "no_return_codes@4"),
            Carried("90+05+0001+018001", "SUBACK packet_id=1 return_codes=018001"),
        ],
    ),
    session("3.8.4-6", "The granted QoS may be lower; messages come at the lower of it and their own."),
    clause(
        "3.9.3-1",
        "FS",
        "The return codes stand in the order of the topic filters.",
        &[
            Carried("90+06+0001+02800100", "SUBACK packet_id=1 return_codes=02800100"),
            Carried(
                "82+12+0001+000162+02+000161+00+000162+01+000163+00",
                "SUBSCRIBE packet_id=1 filter=62 qos=2 filter=61 qos=0 filter=62 qos=1 filter=63 qos=0",
            ),
        ],
    ),
    clause(
        "3.9.3-2",
        "DE",
        "A return code of SUBACK is 0, 1, 2 or 0x80; the others are reserved.",
        &[
            Refused("90+03+0001+03", "suback_return_code@4"),
            Refused("90+03+0001+81", "suback_return_code@4"),
            Refused("90+05+0001+0080ff", "suback_return_code@6"),
            NotBuilt("SUBACK with 3", || suback(1, &[3]), "suback_return_code"),
            NotBuilt("SUBACK with 0 and 0x81", || suback(1, &[0, 0x81]), "suback_return_code"),
            Always("SUBACK", "every return code is 0, 1, 2 or 0x80", |frame| {
                frame[4..].iter().all(|code| matches!(code, 0..=2 | 0x80))
            }),
        ],
    ),
    clause(
        "3.10.1-1",
        "DE",
        "The flag bits of UNSUBSCRIBE are 0010; otherwise the server closes.",
        &[
            Refused("a0+05+0001+000161", "flags_reserved@0"),
            Refused("aa+05+0001+000161", "flags_reserved@0"),
            Always("UNSUBSCRIBE", "the first byte is a2", |frame| frame[0] == 0xa2),
        ],
    ),
    clause(
        "3.10.3-1",
        "DE",
        "The topic filters of UNSUBSCRIBE are UTF-8 strings, one right after the other.",
        &[
            Refused("a2+05+0001+0001ff", "utf8@6"),
            Refused("a2+06+0001+000161+00", "truncated@7"),
            NotBuilt("UNSUBSCRIBE for `ff`", || unsubscribe(1, &[b"\xff"]), "utf8"),
            Carried("a2+08+0001+000161+000162", "UNSUBSCRIBE packet_id=1 filter=61 filter=62"),
        ],
    ),
    clause(
        "3.10.3-2",
        "DE",
        "UNSUBSCRIBE has at least one topic filter.",
        &[
            Refused("a2+02+0001", "no_filters@4"),
            NotBuilt("UNSUBSCRIBE without filters", || unsubscribe(1, &[]), "no_filters"),
        ],
    ),
    session(
        "3.10.4-1",
        "The server compares the filters byte for byte with the subscriptions and deletes the equal ones.",
    ),
    session("3.10.4-2", "It adds no further messages for a subscription that it has deleted."),
    session("3.10.4-3", "It completes the deliveries of QoS 1 and 2 that it has begun."),
    session("3.10.4-4", "It answers UNSUBACK with the packet identifier of the UNSUBSCRIBE."),
    session("3.10.4-5", "It answers so even when it deleted nothing."),
    session(
        "3.10.4-6",
        "Several filters in one UNSUBSCRIBE count as so many UNSUBSCRIBEs, but for the one UNSUBACK.",
    ),
    session("3.12.4-1", "The server answers PINGREQ with PINGRESP."),
    clause(
        "3.14.1-1",
        "DE",
        "The reserved bits of DISCONNECT are 0; otherwise the server closes.",
        &[
            Refused("e1+00", "flags_reserved@0"),
            Refused("e8", "flags_reserved@0"),
            Always("packet without a body", "a DISCONNECT is `e000`", |frame| {
                frame[0] >> 4 != 14 || frame == [0xe0, 0x00]
            }),
        ],
    ),
    session("3.14.4-1", "After DISCONNECT the client closes."),
    session("3.14.4-2", "After DISCONNECT the client sends nothing more."),
    session("3.14.4-3", "The server drops the will when DISCONNECT comes."),
    // 4 Operational behaviour
    session("4.1.0-1", "Client and server keep the session's state as long as the session lasts."),
    session("4.1.0-2", "A session lasts at least as long as its connection."),
    clause(
        "4.3.1-1",
        "E",
        "A message of QoS 0 is sent with QoS 0 and DUP 0.",
        &[NotBuilt("DUP with QoS 0", || publish_as(0, 0, true), "dup_without_qos"), NO_DUP_AT_QOS_0],
    ),
    clause(
        "4.3.2-1",
        "ES",
        "QoS 1, sender: an unused identifier, QoS 1, DUP 0 at first; open until PUBACK.",
        &[
            NotBuilt("PUBLISH of QoS 1 with identifier 0", || publish_as(1, 0, false), "packet_id_zero"),
            Always("PUBLISH", "at QoS 1 the identifier stands behind the topic name", |frame| {
                frame[0] & 0x06 != 0x02 || (frame.len() == 8 && frame[5..7] != [0, 0])
            }),
            SENT_FIRST,
        ],
    ),
    clause(
        "4.3.2-2",
        "ES",
        "QoS 1, receiver: answers PUBACK with the identifier, then takes the next PUBLISH under it as new.",
        &[NotBuilt("PUBACK with identifier 0", || ack(4, 0), "packet_id_zero"), ACK_LENGTH],
    ),
    clause(
        "4.3.3-1",
        "ES",
        "QoS 2, sender: as QoS 1 up to PUBREC, then PUBREL with the identifier; open until PUBCOMP.",
        &[
            NotBuilt("PUBLISH of QoS 2 with identifier 0", || publish_as(2, 0, false), "packet_id_zero"),
            NotBuilt("PUBREL with identifier 0", || ack(6, 0), "packet_id_zero"),
            Always("PUBLISH", "at QoS 2 the identifier stands behind the topic name", |frame| {
                frame[0] & 0x06 != 0x04 || (frame.len() == 8 && frame[5..7] != [0, 0])
            }),
        ],
    ),
    clause(
        "4.3.3-2",
        "ES",
        "QoS 2, receiver: PUBREC, no second delivery until PUBREL, then PUBCOMP, all with the identifier.",
        &[
            NotBuilt("PUBREC with identifier 0", || ack(5, 0), "packet_id_zero"),
            NotBuilt("PUBCOMP with identifier 0", || ack(7, 0), "packet_id_zero"),
            ACK_LENGTH,
        ],
    ),
    session(
        "4.4.0-1",
        "On a new connection with CleanSession 0 all that is open is sent again, under its identifiers.",
    ),
    session(
        "4.5.0-1",
        "A server adds a message to the sessions of all clients with a matching subscription.",
    ),
    session("4.5.0-2", "A client acknowledges every PUBLISH as its QoS asks, whatever it does with it."),
    session("4.6.0-1", "PUBLISH packets are sent again in the order in which they were sent first."),
    session("4.6.0-2", "PUBACK packets go out in the order of the PUBLISH packets."),
    session("4.6.0-3", "PUBREC packets go out in the order of the PUBLISH packets."),
    session("4.6.0-4", "PUBREL packets go out in the order of the PUBREC packets."),
    session("4.6.0-5", "A server takes every topic for an ordered one unless told otherwise."),
    session(
        "4.6.0-6",
        "For an ordered topic it keeps these rules towards each subscriber, and the publisher's order.",
    ),
    clause(
        "4.7.1-1",
        "DE",
        "Wildcards stand in topic filters, never in topic names.",
        &[
            Refused("30+03+00012b", "topic_wildcard@4"),
            Refused("10+14+00044d515454+04+06+003c+000163+0002772b+00016d", "topic_wildcard@18"),
            NotBuilt("the topic name `+`", || publish(b"+"), "topic_wildcard"),
            NotBuilt("the will topic `w/#`", || connect_with_will(b"w/#", 0), "topic_wildcard"),
        ],
    ),
    clause(
        "4.7.1-2",
        "DE",
        "`#` is a whole level of the filter, and the last one.",
        &[
            Refused("82+0a+0001+0005612f232f62+00", "filter_wildcard@8"),
            Refused("82+07+0001+00026123+00", "filter_wildcard@7"),
            Refused("a2+06+0001+0002232f", "filter_wildcard@6"),
            NotBuilt("a subscription to `a/#/b`", || subscribe(1, &[(b"a/#/b", 0)]), "filter_wildcard"),
            NotBuilt("UNSUBSCRIBE for `a#`", || unsubscribe(1, &[b"a#"]), "filter_wildcard"),
            Carried(
                "82+0e+0001+000123+00+00052b2f622f23+01",
                "SUBSCRIBE packet_id=1 filter=23 qos=0 filter=2b2f622f23 qos=1",
            ),
        ],
    ),
    clause(
        "4.7.1-3",
        "DE",
        "`+` is a whole level of the filter.",
        &[
            Refused("82+07+0001+0002612b+00", "filter_wildcard@7"),
            Refused("82+07+0001+00022b61+00", "filter_wildcard@6"),
            Refused("a2+08+0001+0004612f2b2b", "filter_wildcard@8"),
            NotBuilt("a subscription to `a+`", || subscribe(1, &[(b"a+", 0)]), "filter_wildcard"),
            NotBuilt("UNSUBSCRIBE for `+a/b`", || unsubscribe(1, &[b"+a/b"]), "filter_wildcard"),
            Carried(
                "82+0d+0001+00012b+00+00042f2b2f61+01",
                "SUBSCRIBE packet_id=1 filter=2b qos=0 filter=2f2b2f61 qos=1",
            ),
        ],
    ),
    clause(
        "4.7.2-1",
        "FS",
        "A filter that begins with a wildcard matches no topic name that begins with `$`.",
        &[
            Carried(
                "30+08+0006245359532f61",
                "PUBLISH dup=0 qos=0 retain=0 packet_id=- topic=245359532f61 payload=",
            ),
            Holds("`#`, `+/a` and `+/#` do not match `$SYS/a`", || {
                ["#", "+/a", "+/#"].iter().all(|filter| !matches(filter, "$SYS/a"))
            }),
            Holds("`$SYS/#`, `$SYS/+` and `$SYS/a` match it", || {
                ["$SYS/#", "$SYS/+", "$SYS/a"].iter().all(|filter| matches(filter, "$SYS/a"))
            }),
        ],
    ),
    clause(
        "4.7.3-1",
        "DE",
        "A topic name and a topic filter have at least one character.",
        &[
            Refused("30+03+0000+70", "topic_empty@2"),
            Refused("10+12+00044d515454+04+06+003c+000163+0000+00016d", "topic_empty@15"),
            Refused("82+05+0001+0000+00", "filter_empty@4"),
            Refused("a2+04+0001+0000", "filter_empty@4"),
            NotBuilt("an empty topic name", || publish(b""), "topic_empty"),
            NotBuilt("an empty will topic", || connect_with_will(b"", 0), "topic_empty"),
            NotBuilt("an empty filter to subscribe to", || subscribe(1, &[(b"", 0)]), "filter_empty"),
            NotBuilt("an empty filter to unsubscribe from", || unsubscribe(1, &[b""]), "filter_empty"),
        ],
    ),
    clause(
        "4.7.3-2",
        "DE",
        "A topic name and a topic filter hold no U+0000.",
        &[
            Refused("30+04+00020061", "nul_in_string@4"),
            Refused("82+07+0001+00026100+00", "nul_in_string@7"),
            Refused("a2+05+0001+000100", "nul_in_string@6"),
            NotBuilt("the topic name `\\0a`", || publish(b"\0a"), "nul_in_string"),
            NotBuilt("a subscription to `a\\0`", || subscribe(1, &[(b"a\0", 0)]), "nul_in_string"),
        ],
    ),
    clause(
        "4.7.3-3",
        "E",
        "A topic name and a topic filter have at most 65535 bytes.",
        &[
            NotBuilt("a topic name of 65536 bytes", || publish(&[b'a'; 65_536]), "string_too_long"),
            NotBuilt(
                "a topic filter of 65536 bytes",
                || unsubscribe(1, &[&[b'a'; 65_536]]),
                "string_too_long",
            ),
            Carried(
                "30+818004+ffff+61*65535",
                "PUBLISH dup=0 qos=0 retain=0 packet_id=- topic=61*65535 payload=",
            ),
        ],
    ),
    clause(
        "4.7.3-4",
        "FS",
        "Names and filters are compared as they are, without normalisation, level by level.",
        &[
            Holds("`A` does not match `a`, nor U+00E9 `e` with U+0301", || {
                !matches("A", "a") && !matches("\u{e9}", "e\u{301}") && matches("\u{e9}", "\u{e9}")
            }),
            Carried("30+05+000365cc81", "PUBLISH dup=0 qos=0 retain=0 packet_id=- topic=65cc81 payload="),
        ],
    ),
    clause(
        "4.8.0-1",
        "DS",
        "Whoever sees the other side break the protocol closes the connection on which it happened.",
        &[
            Refused("00+00", "packet_type_reserved@0"),
            Refused("c0+01+00", "trailing_bytes@2"),
            Holds("`frames` reads nothing behind a refused frame", || {
                let mut packets = frames(b"\xc0\x01\x00\xc0\x00");
                matches!(packets.next(), Some(Err(_))) && packets.next().is_none()
            }),
            Holds("`PacketReader` gives its error again and again", || {
                let mut room = [0; 8];
                let mut reader = PacketReader::new(&mut room);
                reader.space()[..5].copy_from_slice(b"\xc0\x01\x00\xc0\x00");
                reader.commit(5).unwrap();
                let error = reader.next(&Decoder::DEFAULT).unwrap_err();
                reader.next(&Decoder::DEFAULT) == Err(error)
            }),
        ],
    ),
    session(
        "4.8.0-2",
        "Whoever meets a transient error while it handles a packet closes the connection it came on.",
    ),
    // 6 WebSocket, 7 Conformance
    session("6.0.0-1", "Over WebSocket, packets go in binary data frames; another kind of frame closes."),
    session("6.0.0-2", "Packets and WebSocket frames need not begin and end together."),
    session("6.0.0-3", "A client offers the WebSocket subprotocol `mqtt`."),
    session("6.0.0-4", "A server chooses the WebSocket subprotocol `mqtt`."),
    session("7.0.0-1", "A server that also connects to other servers keeps the rules for clients too."),
    session("7.0.0-2", "Nothing outside the specification is required of the other side."),
    session("7.1.1-1", "A server uses a transport that carries bytes in order and without loss, both ways."),
    session("7.1.2-1", "A client uses a transport that carries bytes in order and without loss, both ways."),
];

/// Rules of the wire that have no number.
pub(crate) const UNNUMBERED: &[Clause] = &[
    clause(
        "table 2.1",
        "DE",
        "Packet types 0 and 15 are forbidden, and each other type has its direction.",
        &[
            Refused("00", "packet_type_reserved@0"),
            Refused("f0+00", "packet_type_reserved@0"),
            Always("packet", "the type is not 0 and not 15", |frame| !matches!(frame[0] >> 4, 0 | 15)),
            // A decoder that knows its side of the connection (A29).
            Refused("20+02+0000", "role=server wrong_direction@0"),
            Refused("c0", "role=client wrong_direction@0"),
        ],
    ),
    clause(
        "section 2.2.3",
        "DE",
        "The remaining length takes at most four bytes, low group first: at most 268 435 455.",
        &[
            Refused("30+ffffffff", "remaining_length@1"),
            Refused("c0+8080808000", "remaining_length@1"),
            NotBuilt(
                "PUBLISH with a remaining length of 268435456",
                || publish_header(MAX_REMAINING_LEN - 2),
                "remaining_length",
            ),
            Carried(
                "30+c802+000174+70*325",
                "PUBLISH dup=0 qos=0 retain=0 packet_id=- topic=74 payload=70*325",
            ),
        ],
    ),
    clause(
        "table 2.4",
        "DE",
        "One byte says 0 to 127, two 128 to 16383, three 16384 to 2097151, four the rest: the shortest form.",
        &[
            Refused("c0+8000", "remaining_length_padded@1"),
            Refused("30+ff8000", "remaining_length_padded@1"),
            Always("packet", "lengths up to 127 are in one byte", |frame| {
                frame.len() - 2 == usize::from(frame[1])
            }),
            Holds("the first and last length of each size are written in that size", || {
                [
                    (127, &b"\x30\x7f\x00\x01t"[..]),
                    (128, b"\x30\x80\x01\x00\x01t"),
                    (16_383, b"\x30\xff\x7f\x00\x01t"),
                    (16_384, b"\x30\x80\x80\x01\x00\x01t"),
                    (2_097_151, b"\x30\xff\xff\x7f\x00\x01t"),
                    (2_097_152, b"\x30\x80\x80\x80\x01\x00\x01t"),
                    (268_435_455, b"\x30\xff\xff\xff\x7f\x00\x01t"),
                ]
                .iter()
                .all(|(remaining_len, header)| publish_header(remaining_len - 3).unwrap() == *header)
            }),
        ],
    ),
    clause(
        "section 3.2.1",
        "DE",
        "The remaining length of CONNACK is 2.",
        &[
            Refused("20+03", "trailing_bytes@4"),
            Refused("20+01+00", "truncated@3"),
            Refused("20+00", "truncated@2"),
            Always("CONNACK", "four bytes, the second of which is 2", |frame| {
                frame.len() == 4 && frame[1] == 2
            }),
        ],
    ),
    clause(
        "section 3.2.2.1",
        "DE",
        "Bits 7 to 1 of the connect acknowledge flags are 0.",
        &[
            Refused("20+02+02+00", "connack_flags@2"),
            Refused("20+02+81+00", "connack_flags@2"),
            Always("CONNACK", "the flags are 0 or 1", |frame| frame[2] <= 1),
        ],
    ),
    clause(
        "table 3.1",
        "DE",
        "The return codes of CONNACK are 0 to 5; the others are reserved.",
        &[
            Refused("20+02+00+06", "return_code@3"),
            Refused("20+02+00+ff", "return_code@3"),
            NotBuilt("return code 6", || connack(false, 6), "return_code"),
            Always("CONNACK", "the return code is 0 to 5", |frame| frame[3] <= 5),
        ],
    ),
    clause(
        "sections 3.4 to 3.7 and 3.11",
        "DE",
        "The remaining length of PUBACK, PUBREC, PUBREL, PUBCOMP and UNSUBACK is 2.",
        &[
            Refused("40+01+00", "truncated@2"),
            Refused("50+03", "trailing_bytes@4"),
            Refused("62+00", "truncated@2"),
            Refused("70+ffffff7f", "trailing_bytes@7"),
            Refused("b0+03+0001+00", "trailing_bytes@4"),
            ACK_LENGTH,
        ],
    ),
    clause(
        "sections 3.12 to 3.14",
        "DE",
        "The remaining length of PINGREQ, PINGRESP and DISCONNECT is 0.",
        &[
            Refused("c0+01", "trailing_bytes@2"),
            Refused("d0+01+00", "trailing_bytes@2"),
            Refused("e0+01+00", "trailing_bytes@2"),
            Always("packet without a body", "two bytes, the second of which is 0", |frame| {
                frame.len() == 2 && frame[1] == 0
            }),
        ],
    ),
    clause(
        "section 1.5.3",
        "F",
        "Strings should hold no control characters and no non-characters. By default they are taken.",
        &[
            Carried("30+06+0004017fc285", "PUBLISH dup=0 qos=0 retain=0 packet_id=- topic=017fc285 payload="),
            Carried(
                "30+08+0006efb790efbfbf",
                "PUBLISH dup=0 qos=0 retain=0 packet_id=- topic=efb790efbfbf payload=",
            ),
        ],
    ),
    clause(
        "section 3.1.3.5",
        "F",
        "A password is 0 to 65535 bytes of anything.",
        &[
            PASSWORD_OF_BYTES,
            Carried(
                "10+12+00044d515454+04+c2+003c+000163+000175+0000",
                "CONNECT level=4 clean_session=1 keep_alive=60 client_id=63 will_qos=- will_retain=- \
                 will_topic=- will_message=- user_name=75 password=",
            ),
        ],
    ),
    clause(
        "section 3.1.3.3",
        "F",
        "A will message is 0 to 65535 bytes of anything.",
        &[
            Carried(
                "10+12+00044d515454+04+06+003c+000163+000177+0000",
                "CONNECT level=4 clean_session=1 keep_alive=60 client_id=63 will_qos=0 will_retain=0 \
                 will_topic=77 will_message= user_name=- password=-",
            ),
            Carried(
                "10+15+00044d515454+04+06+003c+000163+000177+0003ff0080",
                "CONNECT level=4 clean_session=1 keep_alive=60 client_id=63 will_qos=0 will_retain=0 \
                 will_topic=77 will_message=ff0080 user_name=- password=-",
            ),
        ],
    ),
    clause(
        "section 3.1.2.10",
        "F",
        "The keep alive is 0 to 65535 seconds; 0 turns it off.",
        &[
            Carried(
                "10+0d+00044d515454+04+02+0000+000163",
                "CONNECT level=4 clean_session=1 keep_alive=0 client_id=63 will_qos=- will_retain=- \
                 will_topic=- will_message=- user_name=- password=-",
            ),
            Carried(
                "10+0d+00044d515454+04+02+ffff+000163",
                "CONNECT level=4 clean_session=1 keep_alive=65535 client_id=63 will_qos=- will_retain=- \
                 will_topic=- will_message=- user_name=- password=-",
            ),
        ],
    ),
    clause(
        "section 4.7",
        "F",
        "A lone `/`, empty levels and spaces are legal in names and filters.",
        &[
            Carried("30+03+00012f", "PUBLISH dup=0 qos=0 retain=0 packet_id=- topic=2f payload="),
            Carried("30+05+00032f2f20", "PUBLISH dup=0 qos=0 retain=0 packet_id=- topic=2f2f20 payload="),
            Carried("82+08+0001+00032f2f20+02", "SUBSCRIBE packet_id=1 filter=2f2f20 qos=2"),
        ],
    ),
];

// Rows of several clauses.

const SURROGATE: &[u8] = b"\xed\xa0\x80";

const CONNECT: Row = Carried(
    "10+0d+00044d515454+04+02+003c+000163",
    "CONNECT level=4 clean_session=1 keep_alive=60 client_id=63 will_qos=- will_retain=- will_topic=- \
     will_message=- user_name=- password=-",
);
const KEPT_SESSION: Row = Carried(
    "10+0d+00044d515454+04+00+003c+000163",
    "CONNECT level=4 clean_session=0 keep_alive=60 client_id=63 will_qos=- will_retain=- will_topic=- \
     will_message=- user_name=- password=-",
);
const EMPTY_CLIENT_ID: Row = Carried(
    "10+0c+00044d515454+04+02+003c+0000",
    "CONNECT level=4 clean_session=1 keep_alive=60 client_id= will_qos=- will_retain=- will_topic=- \
     will_message=- user_name=- password=-",
);
const WILL_OF_QOS_2: Row = Carried(
    "10+13+00044d515454+04+16+003c+000163+000177+00016d",
    "CONNECT level=4 clean_session=1 keep_alive=60 client_id=63 will_qos=2 will_retain=0 will_topic=77 \
     will_message=6d user_name=- password=-",
);
/// Every field that a CONNECT can have; the will is to be retained.
const EVERY_FIELD: Row = Carried(
    "10+19+00044d515454+04+ee+003c+000163+000177+00016d+000175+000170",
    "CONNECT level=4 clean_session=1 keep_alive=60 client_id=63 will_qos=1 will_retain=1 will_topic=77 \
     will_message=6d user_name=75 password=70",
);
const PASSWORD_OF_BYTES: Row = Carried(
    "10+15+00044d515454+04+c2+003c+000163+000175+0003ff0080",
    "CONNECT level=4 clean_session=1 keep_alive=60 client_id=63 will_qos=- will_retain=- will_topic=- \
     will_message=- user_name=75 password=ff0080",
);
const ANNOUNCED_FIELDS: Row =
    Always("CONNECT", "the payload is what the flags announce, in its order", has_announced_fields);

const RETAINED: Row =
    Carried("31+04+000174+70", "PUBLISH dup=0 qos=0 retain=1 packet_id=- topic=74 payload=70");
const RETAINED_EMPTY: Row =
    Carried("31+03+000174", "PUBLISH dup=0 qos=0 retain=1 packet_id=- topic=74 payload=");
const NOT_RETAINED: Row =
    Carried("30+04+000174+70", "PUBLISH dup=0 qos=0 retain=0 packet_id=- topic=74 payload=70");
const SENT_FIRST: Row =
    Carried("32+06+000174+1234+70", "PUBLISH dup=0 qos=1 retain=0 packet_id=4660 topic=74 payload=70");
const SENT_AGAIN: Row =
    Carried("3a+06+000174+1234+70", "PUBLISH dup=1 qos=1 retain=0 packet_id=4660 topic=74 payload=70");
const SENT_AGAIN_QOS_2: Row =
    Carried("3c+06+000174+1234+70", "PUBLISH dup=1 qos=2 retain=0 packet_id=4660 topic=74 payload=70");
const NO_DUP_AT_QOS_0: Row =
    Always("PUBLISH", "at QoS 0, DUP is 0", |frame| frame[0] & 0x06 != 0 || frame[0] & 0x08 == 0);
const ACK_LENGTH: Row = Always("acknowledgement", "type, 2, and an identifier that is not 0", |frame| {
    frame.len() == 4 && frame[1] == 2 && frame[2..] != [0, 0]
});

fn matches(filter: &str, name: &str) -> bool {
    TopicFilter::new(filter).unwrap().matches(TopicName::new(name).unwrap())
}

const fn clause(id: &'static str, classes: &'static str, rule: &'static str, rows: &'static [Row]) -> Clause {
    Clause { id, classes, rule, rows }
}

/// A statement that is for the client or the server to keep, not for a codec.
const fn session(id: &'static str, rule: &'static str) -> Clause {
    clause(id, "S", rule, &[])
}
