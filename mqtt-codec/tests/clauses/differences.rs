//! What MQTT 3.1 does in another way than MQTT 3.1.1, and what this codec makes of it. CONNECT is
//! judged by the version that it names; all other packets by the version that the decoder is set to.

use super::build::connect_3_1;
use super::row::Row::{Carried, NotBuilt, Refused, Taken31};
use super::row::{Difference, Row};

pub(crate) const DIFFERENCES: &[Difference] = &[
    Difference {
        item: "Protocol name and level",
        v3_1: "`MQIsdp`, 3",
        v3_1_1: "`MQTT`, 4",
        here: "Both are served; a name with the other's level is `protocol_level`.",
        rows: &[
            CONNECT_3_1,
            Refused("10+0f+00064d5149736470+04+02+003c+000163", "protocol_level@10"),
            Refused("10+0d+00044d515454+03+02+003c+000163", "protocol_level@8"),
        ],
    },
    Difference {
        item: "Connect flags, bit 0",
        v3_1: "not used",
        v3_1_1: "0",
        here: "Ignored in a CONNECT of MQTT 3.1, written as 0 (A31).",
        rows: &[
            Taken31("10+0f+00064d5149736470+03+03+003c+000163", CONNECT_TEXT, CONNECT_FRAME),
            Refused("10+0d+00044d515454+04+03+003c+000163", "connect_flag_reserved@9"),
        ],
    },
    Difference {
        item: "Will QoS and will retain without the will flag",
        v3_1: "ignored",
        v3_1_1: "0",
        here: "Ignored in a CONNECT of MQTT 3.1, written as 0 (A09).",
        rows: &[
            Taken31("10+0f+00064d5149736470+03+2a+003c+000163", CONNECT_TEXT, CONNECT_FRAME),
            Taken31("10+0f+00064d5149736470+03+1a+003c+000163", CONNECT_TEXT, CONNECT_FRAME),
            Refused("10+0d+00044d515454+04+2a+003c+000163", "will_flags_without_will@9"),
        ],
    },
    Difference {
        item: "Password flag without user name flag",
        v3_1: "not valid",
        v3_1_1: "forbidden",
        here: "Refused in both.",
        rows: &[
            Refused("10+12+00064d5149736470+03+42+003c+000163+000170", "password_without_user_name@11"),
            Refused("10+10+00044d515454+04+42+003c+000163+000170", "password_without_user_name@9"),
        ],
    },
    Difference {
        item: "User name or password announced, and the packet ends before it",
        v3_1: "legal",
        v3_1_1: "malformed",
        here: "Absent in a CONNECT of MQTT 3.1, written without the flag (A33). Cut short is malformed.",
        rows: &[
            Taken31("10+0f+00064d5149736470+03+c2+003c+000163", CONNECT_TEXT, CONNECT_FRAME),
            Taken31(
                "10+12+00064d5149736470+03+c2+003c+000163+000175",
                "CONNECT level=3 clean_session=1 keep_alive=60 client_id=63 will_qos=- will_retain=- \
                 will_topic=- will_message=- user_name=75 password=-",
                "10+12+00064d5149736470+03+82+003c+000163+000175",
            ),
            Refused("10+10+00064d5149736470+03+82+003c+000163+00", "truncated@17"),
            Refused("10+0d+00044d515454+04+82+003c+000163", "truncated@15"),
        ],
    },
    Difference {
        item: "Client identifier",
        v3_1: "1 to 23 characters",
        v3_1_1: "any length; empty with CleanSession 1",
        here: "Characters are code points; another number is `client_id_rejected`, answered with return code \
               2 (A32).",
        rows: &[
            Refused("10+0e+00064d5149736470+03+02+003c+0000", "client_id_rejected@14"),
            Refused("10+26+00064d5149736470+03+02+003c+0018+63*24", "client_id_rejected@14"),
            Carried(
                "10+3c+00064d5149736470+03+02+003c+002e+c3a9*23",
                "CONNECT level=3 clean_session=1 keep_alive=60 client_id=c3a9*23 will_qos=- will_retain=- \
                 will_topic=- will_message=- user_name=- password=-",
            ),
            NotBuilt("for MQTT 3.1, an empty client identifier", || connect_3_1(b""), "client_id_rejected"),
            NotBuilt(
                "for MQTT 3.1, a client identifier of 24 characters",
                || connect_3_1(&[b'c'; 24]),
                "client_id_rejected",
            ),
        ],
    },
    Difference {
        item: "Will message",
        v3_1: "a string; 7-bit ASCII is expected",
        v3_1_1: "0 to 65535 bytes of anything",
        here: "Any bytes in both.",
        rows: &[Carried(
            "10+16+00064d5149736470+03+06+003c+000163+000177+0002ff00",
            "CONNECT level=3 clean_session=1 keep_alive=60 client_id=63 will_qos=0 will_retain=0 \
             will_topic=77 will_message=ff00 user_name=- password=-",
        )],
    },
    Difference {
        item: "Password",
        v3_1: "a string",
        v3_1_1: "0 to 65535 bytes of anything",
        here: "Any bytes in both.",
        rows: &[Carried(
            "10+16+00064d5149736470+03+c2+003c+000163+000175+0002ff00",
            "CONNECT level=3 clean_session=1 keep_alive=60 client_id=63 will_qos=- will_retain=- \
             will_topic=- will_message=- user_name=75 password=ff00",
        )],
    },
    Difference {
        item: "Flag bits of PUBREL, SUBSCRIBE, UNSUBSCRIBE",
        v3_1: "QoS 1; DUP may be 1; RETAIN is not used",
        v3_1_1: "0010",
        here: "The QoS bits must be 01 (in PUBREL, unless the option of A23 is set); DUP and RETAIN are ignored, \
               written as 0 (A30).",
        rows: &[
            Taken31("6a+02+0001", "PUBREL packet_id=1", "62+02+0001"),
            Taken31("8b+06+0001+000161+01", "SUBSCRIBE packet_id=1 filter=61 qos=1", "82+06+0001+000161+01"),
            Taken31("a3+05+0001+000161", "UNSUBSCRIBE packet_id=1 filter=61", "a2+05+0001+000161"),
            Refused("60+02+0001", "protocol=3.1 flags_reserved@0"),
            Refused("86", "protocol=3.1 flags_reserved@0"),
            Refused("6a+02+0001", "flags_reserved@0"),
        ],
    },
    Difference {
        item: "Flag bits of the other types but PUBLISH",
        v3_1: "not used",
        v3_1_1: "0",
        here: "Ignored, written as 0 (A30). The header flags of a CONNECT come before its version: other ones are \
               refused at once by a decoder for MQTT 3.1.1, and by one for MQTT 3.1 when the CONNECT turns out to \
               be one of MQTT 3.1.1.",
        rows: &[
            Taken31("c1+00", "PINGREQ", "c0+00"),
            Taken31("4f+02+0001", "PUBACK packet_id=1", "40+02+0001"),
            Taken31("1f+0f+00064d5149736470+03+02+003c+000163", CONNECT_TEXT, CONNECT_FRAME),
            Refused("c1+00", "flags_reserved@0"),
            Refused("18", "flags_reserved@0"),
            Refused("18+0f+00064d5149736470+03+02+0005+000161", "flags_reserved@0"),
            Refused("1f+0f+00044d515454+04+02+000a+0003636964", "protocol=3.1 flags_reserved@0"),
        ],
    },
    Difference {
        item: "CONNACK, first byte",
        v3_1: "reserved, not used",
        v3_1_1: "session present",
        here: "Ignored, written as 0 (A34).",
        rows: &[
            Taken31("20+02+01+00", "CONNACK session_present=0 return_code=0", "20+02+00+00"),
            Taken31("20+02+ff+05", "CONNACK session_present=0 return_code=5", "20+02+00+05"),
            Refused("20+02+02+00", "connack_flags@2"),
            Refused("20+02+01+05", "session_present_with_refusal@2"),
        ],
    },
    Difference {
        item: "SUBACK return codes",
        v3_1: "0, 1, 2",
        v3_1_1: "0, 1, 2, 0x80",
        here: "0x80 is taken in both: brokers send it (A35).",
        rows: &[
            Taken31("90+04+0001+0180", "SUBACK packet_id=1 return_codes=0180", "90+04+0001+0180"),
            Refused("90+03+0001+03", "protocol=3.1 suback_return_code@4"),
        ],
    },
    Difference {
        item: "Strings",
        v3_1: "Java's modified UTF-8: U+0000 as C0 80, surrogates in pairs",
        v3_1_1: "well-formed UTF-8 without U+0000",
        here: "As in MQTT 3.1.1 (A36).",
        rows: &[
            Refused("30+04+0002c080", "protocol=3.1 utf8@4"),
            Refused("30+08+0006eda080edb080", "protocol=3.1 utf8@4"),
            Refused("30+04+00026100", "protocol=3.1 nul_in_string@5"),
        ],
    },
    Difference {
        item: "Message identifier 0",
        v3_1: "reserved",
        v3_1_1: "forbidden",
        here: "Refused in both.",
        rows: &[
            Refused("40+02+0000", "protocol=3.1 packet_id_zero@2"),
            Refused("32+05+000174+0000", "protocol=3.1 packet_id_zero@5"),
        ],
    },
    Difference {
        item: "Length of a topic name",
        v3_1: "up to 32767 characters",
        v3_1_1: "up to 65535 bytes",
        here: "Up to 65535 bytes in both.",
        rows: &[Taken31(
            "30+c2b802+9c40+61*40000",
            "PUBLISH dup=0 qos=0 retain=0 packet_id=- topic=61*40000 payload=",
            "30+c2b802+9c40+61*40000",
        )],
    },
    Difference {
        item: "When PUBLISH of QoS 1 and 2 is sent again",
        v3_1: "after a time, with DUP",
        v3_1_1: "on a new connection alone",
        here: "For the session to keep.",
        rows: &[],
    },
];

const CONNECT_FRAME: &str = "10+0f+00064d5149736470+03+02+003c+000163";
const CONNECT_TEXT: &str = "CONNECT level=3 clean_session=1 keep_alive=60 client_id=63 will_qos=- \
                            will_retain=- will_topic=- will_message=- user_name=- password=-";
const CONNECT_3_1: Row = Carried(CONNECT_FRAME, CONNECT_TEXT);
