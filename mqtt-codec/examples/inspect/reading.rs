//! How the bytes are read: version, role, and with `--lenient` or `--strict` the decoder's options.

use mqtt_codec::v3::{Decoder, Protocol, Role, Tolerated};

/// What the command line says about how to decode.
#[derive(Clone, Copy, Default)]
pub(crate) struct Reading {
    pub(crate) protocol: Protocol,
    pub(crate) role: Role,
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
        let decoder = Decoder::DEFAULT.protocol(self.protocol).role(self.role);
        match self.mode {
            None => decoder,
            Some(Mode::Lenient) => {
                TOLERANCES.iter().fold(decoder, |decoder, tolerance| (tolerance.allow)(decoder, true))
            }
            Some(Mode::Strict) => decoder
                .refuse_control_characters(true)
                .strict_flags_3_1(true)
                .strict_connect_flag_3_1(true)
                .strict_login_3_1(true)
                .refuse_suback_failure_3_1(true),
        }
    }

    /// The decoder that the same command line gives with this mode.
    pub(crate) fn decoder_if(&self, mode: Mode) -> Decoder {
        Self { mode: Some(mode), ..*self }.decoder()
    }
}

/// Something that an option lets through.
pub(crate) struct Tolerance {
    pub(crate) allow: fn(Decoder, bool) -> Decoder,
    pub(crate) bit: Tolerated,
    pub(crate) name: &'static str,
    pub(crate) meaning: &'static str,
}

pub(crate) const TOLERANCES: [Tolerance; 8] = [
    Tolerance {
        allow: Decoder::allow_padded_remaining_length,
        bit: Tolerated::PADDED_REMAINING_LENGTH,
        name: "padded_remaining_length",
        meaning: "the remaining length is longer than its shortest form",
    },
    Tolerance {
        allow: Decoder::allow_dup_without_qos,
        bit: Tolerated::DUP_WITHOUT_QOS,
        name: "dup_without_qos",
        meaning: "DUP is dropped, the QoS is 0",
    },
    Tolerance {
        allow: Decoder::allow_password_without_user_name,
        bit: Tolerated::PASSWORD_WITHOUT_USER_NAME,
        name: "password_without_user_name",
        meaning: "the missing user name is taken as empty",
    },
    Tolerance {
        allow: Decoder::allow_bridge_bit,
        bit: Tolerated::BRIDGE_BIT,
        name: "bridge_bit",
        meaning: "bit 7 of the protocol level is dropped",
    },
    Tolerance {
        allow: Decoder::allow_raw_suback_codes,
        bit: Tolerated::RAW_SUBACK_CODES,
        name: "raw_suback_codes",
        meaning: "a reserved return code is kept as it is",
    },
    Tolerance {
        allow: Decoder::allow_raw_connack_codes,
        bit: Tolerated::RAW_CONNACK_CODES,
        name: "raw_connack_codes",
        meaning: "the reserved return code is kept as it is",
    },
    Tolerance {
        allow: Decoder::allow_session_present_with_refusal,
        bit: Tolerated::SESSION_PRESENT_WITH_REFUSAL,
        name: "session_present_with_refusal",
        meaning: "session present is dropped, the connection is refused",
    },
    Tolerance {
        allow: Decoder::allow_long_client_id_3_1,
        bit: Tolerated::LONG_CLIENT_ID_3_1,
        name: "long_client_id_3_1",
        meaning: "a client identifier of more than 23 characters is kept as it is",
    },
];

/// What was let through in a packet.
pub(crate) fn tolerances(tolerated: Tolerated) -> impl Iterator<Item = &'static Tolerance> {
    TOLERANCES.iter().filter(move |tolerance| tolerated.contains(tolerance.bit))
}
