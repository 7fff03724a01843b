//! How the bytes are read: version, role, and with `--lenient` or `--strict` the decoder's options.

use mqtt_codec::v3::{
    Decoded, Decoder, Packet, Protocol, Role, Split, Tolerated, UnvalidatedSubscribe, UnvalidatedUnsubscribe,
};
use mqtt_codec::{DecodeError, ErrorKind, PacketType};

/// What the command line says about how to decode.
#[derive(Clone, Copy, Default)]
pub(crate) struct Reading {
    pub(crate) protocol: Protocol,
    pub(crate) role: Role,
    /// `None`: no limit.
    pub(crate) max_packet_len: Option<u32>,
    /// `None`: the decoder's options are as they are by default.
    pub(crate) mode: Option<Mode>,
}

/// A direction to turn the decoder's options to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// What an option can let through is let through.
    Lenient,
    /// What an option can refuse is refused.
    Strict,
}

impl Reading {
    pub(crate) fn decoder(&self) -> Decoder {
        let mut decoder = Decoder::DEFAULT.protocol(self.protocol).role(self.role);
        if let Some(len) = self.max_packet_len {
            decoder = decoder.max_packet_len(len);
        }
        match self.mode {
            None => decoder,
            Some(Mode::Lenient) => {
                TOLERANCES.iter().fold(decoder, |decoder, tolerance| match tolerance.allow {
                    Some(allow) => allow(decoder, true),
                    None => decoder,
                })
            }
            Some(Mode::Strict) => decoder
                .refuse_control_characters(true)
                .strict_flags_3_1(true)
                .strict_connect_flag_3_1(true)
                .strict_login_3_1(true)
                .refuse_suback_failure_3_1(true),
        }
    }

    /// What the same command line gives with this mode.
    pub(crate) fn with(&self, mode: Mode) -> Self {
        Self { mode: Some(mode), ..*self }
    }

    /// Reads the frame at the front of `bytes`.
    pub(crate) fn read<'a>(&self, bytes: &'a [u8]) -> Result<Outcome<'a>, DecodeError> {
        let error = match self.decoder().decode(bytes) {
            Ok(Decoded::Packet { packet, len, tolerated }) => {
                return Ok(Outcome::Frame { content: Content::Packet(packet), len, tolerated });
            }
            Ok(Decoded::NeedMore { at_least }) => return Ok(Outcome::NeedMore { at_least }),
            Err(error) => error,
        };
        let is_bad_filter = matches!(error.kind(), ErrorKind::FilterEmpty | ErrorKind::FilterWildcard);
        match self.decoder().split(bytes) {
            Ok(Split::Frame(mut frame)) if is_bad_filter && self.mode == Some(Mode::Lenient) => {
                let content = match frame.packet_type() {
                    PacketType::Subscribe => {
                        Content::Subscribe(UnvalidatedSubscribe::from_frame(&mut frame)?)
                    }
                    _ => Content::Unsubscribe(UnvalidatedUnsubscribe::from_frame(&mut frame)?),
                };
                Ok(Outcome::Frame { content, len: frame.len(), tolerated: frame.tolerated() })
            }
            _ => Err(error),
        }
    }
}

/// What is at the front of the bytes, when it breaks no rule.
pub(crate) enum Outcome<'a> {
    Frame { content: Content<'a>, len: usize, tolerated: Tolerated },
    NeedMore { at_least: usize },
}

/// What a frame was read as.
pub(crate) enum Content<'a> {
    Packet(Packet<'a>),
    // With --lenient, where a filter breaks its rules.
    Subscribe(UnvalidatedSubscribe<'a>),
    Unsubscribe(UnvalidatedUnsubscribe<'a>),
}

/// Something that an option lets through.
pub(crate) struct Tolerance {
    /// `None` where a type of its own does it: see [`Reading::read`].
    pub(crate) allow: Option<fn(Decoder, bool) -> Decoder>,
    pub(crate) bit: Tolerated,
    pub(crate) name: &'static str,
    pub(crate) meaning: &'static str,
}

pub(crate) const TOLERANCES: [Tolerance; 10] = [
    Tolerance {
        allow: Some(Decoder::allow_padded_remaining_length),
        bit: Tolerated::PADDED_REMAINING_LENGTH,
        name: "padded_remaining_length",
        meaning: "the remaining length is longer than its shortest form",
    },
    Tolerance {
        allow: Some(Decoder::allow_dup_without_qos),
        bit: Tolerated::DUP_WITHOUT_QOS,
        name: "dup_without_qos",
        meaning: "DUP is dropped, the QoS is 0",
    },
    Tolerance {
        allow: Some(Decoder::allow_password_without_user_name),
        bit: Tolerated::PASSWORD_WITHOUT_USER_NAME,
        name: "password_without_user_name",
        meaning: "the missing user name is taken as empty",
    },
    Tolerance {
        allow: Some(Decoder::allow_bridge_bit),
        bit: Tolerated::BRIDGE_BIT,
        name: "bridge_bit",
        meaning: "bit 7 of the protocol level is dropped",
    },
    Tolerance {
        allow: Some(Decoder::allow_raw_suback_codes),
        bit: Tolerated::RAW_SUBACK_CODES,
        name: "raw_suback_codes",
        meaning: "a reserved return code is kept as it is",
    },
    Tolerance {
        allow: Some(Decoder::allow_raw_connack_codes),
        bit: Tolerated::RAW_CONNACK_CODES,
        name: "raw_connack_codes",
        meaning: "the reserved return code is kept as it is",
    },
    Tolerance {
        allow: Some(Decoder::allow_session_present_with_refusal),
        bit: Tolerated::SESSION_PRESENT_WITH_REFUSAL,
        name: "session_present_with_refusal",
        meaning: "session present is dropped, the connection is refused",
    },
    Tolerance {
        allow: Some(Decoder::allow_long_client_id_3_1),
        bit: Tolerated::LONG_CLIENT_ID_3_1,
        name: "long_client_id_3_1",
        meaning: "a client identifier of more than 23 characters is kept as it is",
    },
    Tolerance {
        allow: None,
        bit: Tolerated::BAD_FILTERS,
        name: "bad_filters",
        meaning: "a text that is no topic filter is kept as it is",
    },
    Tolerance {
        allow: Some(Decoder::allow_ack_flags),
        bit: Tolerated::ACK_FLAGS,
        name: "ack_flags",
        meaning: "the flag bits of the acknowledgement are dropped",
    },
];

/// What was let through in a packet.
pub(crate) fn tolerances(tolerated: Tolerated) -> impl Iterator<Item = &'static Tolerance> {
    TOLERANCES.iter().filter(move |tolerance| tolerated.contains(tolerance.bit))
}
