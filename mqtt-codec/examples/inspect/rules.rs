//! The rules in our words, for who writes the bytes: what they must be. Bytes are in hexadecimal,
//! as in the dump.

use mqtt_codec::ErrorKind;

/// The rule behind an error kind, with the section or table for a rule that the specification states
/// without a number. `None` for a kind that is not described here yet, which a test forbids.
pub(crate) fn rule(kind: ErrorKind) -> Option<&'static str> {
    use ErrorKind::*;
    Some(match kind {
        RemainingLength => {
            "The remaining length is one to four bytes: seven bits of the number in each, the lowest \
             first, and bit 7 set in every byte but the last. The fourth byte is the last in any case, \
             so that the largest is ff ff ff 7f (section 2.2.3)."
        }
        RemainingLengthPadded => {
            "The remaining length takes as few bytes as its number needs: one byte below 128, two below \
             16384, three below 2097152. A last byte of 00 behind others adds nothing and is left out: \
             2 is 02, not 82 00 (section 2.2.3, table 2.4)."
        }
        PacketTypeReserved => {
            "The upper four bits of the first byte are the packet type, from 1 (CONNECT, 10) to 14 \
             (DISCONNECT, e0); 0 and 15 are forbidden (section 2.2.1, table 2.1). In the middle of a \
             stream, the length of the packet before was probably wrong."
        }
        FlagsReserved => {
            "The lower four bits of the first byte are fixed for every type but PUBLISH: 0010 in PUBREL \
             (62), SUBSCRIBE (82) and UNSUBSCRIBE (a2), 0000 in all others (table 2.2)."
        }
        PacketTooLarge => {
            "The whole packet, fixed header included, must not be longer than the limit that this \
             receiver was given. The limit is its own: the specification lets a packet have up to \
             268435460 bytes."
        }
        WrongDirection => {
            "CONNECT, SUBSCRIBE, UNSUBSCRIBE, PINGREQ and DISCONNECT are sent by clients only; CONNACK, \
             SUBACK, UNSUBACK and PINGRESP by servers only (section 2.2.1, table 2.1)."
        }
        Truncated => {
            "The remaining length counts every byte after it up to the end of the last field, so that \
             all fields must fit in it (section 2.2.3). A string or binary field is a length in two \
             bytes, high byte first, and then as many bytes as it says (section 1.5.3)."
        }
        TrailingBytes => {
            "The remaining length counts the bytes up to the end of the packet's last field and none \
             behind it (section 2.2.3): correct the length, or leave the bytes out. A field whose flag \
             is not set is not sent, and neither is the closing 00 of a C string."
        }
        Utf8 => {
            "Strings are UTF-8: bytes from 80 up stand only in well-formed sequences of the shortest \
             form, and none spells U+D800 to U+DFFF. Text in Latin-1 or another code is converted first: \
             \u{e9} is c3 a9, not e9."
        }
        NulInString => {
            "No character of a string is U+0000, the byte 00. The length stands before the text, so that \
             the closing 00 of a C string is neither sent nor counted."
        }
        StringTooLong => {
            "The length of a string or binary field is sent in two bytes, so that it is at most 65535."
        }
        ProtocolName => {
            "The body of a CONNECT starts with the protocol name, a string of exactly these letters: \
             00 04 4d 51 54 54 (\"MQTT\") for MQTT 3.1.1, 00 06 4d 51 49 73 64 70 (\"MQIsdp\") for \
             MQTT 3.1."
        }
        ProtocolLevel => {
            "The byte after the protocol name is 04 for \"MQTT\" (MQTT 3.1.1) and 03 for \"MQIsdp\" \
             (MQTT 3.1). A server answers any other with CONNACK 20 02 00 01 and closes."
        }
        ProtocolVersionOther => {
            "\"MQTT\" with level 05 is MQTT 5.0, whose packets have other fields; MQTT 3.1.1 is level \
             04. A server that does not serve a version answers CONNACK 20 02 00 01 and closes."
        }
        ConnectFlagReserved => {
            "Bit 0 of the connect flags (01), the byte after the protocol level, is reserved and must \
             be 0."
        }
        WillQos => "Bits 4 and 3 of the connect flags are the will QoS: 00, 01 or 10. 11 is no QoS.",
        WillFlagsWithoutWill => {
            "When the will flag, bit 2 of the connect flags (04), is 0, will retain (20) and will QoS \
             (18) are 0 as well, and no will topic and will message are sent."
        }
        PasswordWithoutUserName => {
            "When the user name flag, bit 7 of the connect flags (80), is 0, the password flag, bit 6 \
             (40), is 0 as well. To send a password alone, set both and send an empty user name, 00 00, \
             before it."
        }
        ClientIdRejected => {
            "In MQTT 3.1.1, an empty client identifier (00 00) needs clean session, bit 1 of the connect \
             flags (02). In MQTT 3.1, a client identifier has 1 to 23 characters. A server answers \
             CONNACK 20 02 00 02 and closes."
        }
        ConnackFlags => {
            "In the byte after CONNACK's remaining length only bit 0, session present, may be set: it is \
             00 or 01 (section 3.2.2.1)."
        }
        ReturnCode => {
            "The last byte of CONNACK is 00 (accepted) or one of 01 to 05 (refused, each with its \
             reason); 06 to ff are reserved (section 3.2.2.3, table 3.1)."
        }
        SessionPresentWithRefusal => {
            "A CONNACK whose return code is not 00 refuses the connection: the byte before the code, \
             with session present in bit 0, is then 00."
        }
        QosReserved => {
            "Bits 2 and 1 of the first byte of a PUBLISH are its QoS: 30 is QoS 0, 32 QoS 1, 34 QoS 2. \
             Both set (36) is no QoS."
        }
        DupWithoutQos => {
            "Bit 3 of the first byte of a PUBLISH (08) is DUP: the message is sent again. A message of \
             QoS 0 never is: its first byte is 30, or 31 with RETAIN."
        }
        TopicEmpty => {
            "A topic name, in a PUBLISH or a will, has at least one character: its length is not 00 00."
        }
        TopicWildcard => {
            "A PUBLISH or a will goes to one topic, whose name holds neither + (2b) nor # (23). Wildcards \
             are for the topic filters of SUBSCRIBE and UNSUBSCRIBE."
        }
        PacketIdZero => {
            "A packet identifier is two bytes, high byte first, from 00 01 to ff ff. SUBSCRIBE, \
             UNSUBSCRIBE and a PUBLISH of QoS 1 or 2 have one, and the packets that answer repeat it."
        }
        NoFilters => {
            "After the packet identifier, SUBSCRIBE has one or more pairs of a topic filter and a QoS \
             byte, UNSUBSCRIBE one or more topic filters."
        }
        FilterEmpty => {
            "A topic filter has at least one character: its length is not 00 00. The filter for every \
             topic that does not begin with $ is \"#\", 00 01 23."
        }
        FilterWildcard => {
            "# (23) is the whole last level of a topic filter: \"#\" and \"a/#\", not \"a#\" or \"#/a\". \
             + (2b) is a whole level: \"+\" and \"a/+/b\", not \"a+\"."
        }
        SubscribeOptions => {
            "The byte after each topic filter of SUBSCRIBE is the QoS asked for, 00, 01 or 02; its upper \
             six bits are reserved and must be 0."
        }
        NoReturnCodes => {
            "After the packet identifier, SUBACK has one return code for each topic filter of the \
             SUBSCRIBE that it answers, so at least one."
        }
        SubackReturnCode => {
            "A return code of SUBACK is 00, 01 or 02, the QoS granted, or 80, refused; all others are \
             reserved. MQTT 3.1 does not have 80."
        }
        PacketTypeUnexpected => {
            "The upper four bits of the first byte are the packet type (section 2.2.1, table 2.1); they \
             are not those of the type that was asked for."
        }
        CharacterDiscouraged => {
            "Strings should hold no control character (U+0001 to U+001F, U+007F to U+009F) and no \
             non-character such as U+FFFF; a receiver may close the connection for one \
             (section 1.5.3), and this one was told to."
        }
        _ => return None,
    })
}
