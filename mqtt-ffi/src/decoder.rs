//! How to decode: limits, role, version and options.

use mqtt_codec::v3::{Decoder, Protocol, Role};

use crate::ptr::{self, FromC, Out};
use crate::status::{INVALID_ARGUMENT, mqttc_status};

/// Which side decodes, for `mqttc_decoder`.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub enum mqttc_role {
    /// Takes every packet type.
    MQTTC_ROLE_ANY = 0,
    /// Takes only what a server may send.
    MQTTC_ROLE_CLIENT = 1,
    /// Takes only what a client may send.
    MQTTC_ROLE_SERVER = 2,
}

/// Protocol levels, for `mqttc_connect` and `mqttc_decoder` (section 3.1.2.2).
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub enum mqttc_level {
    /// MQTT 3.1, protocol name MQIsdp.
    MQTTC_LEVEL_3_1 = 3,
    /// MQTT 3.1.1, protocol name MQTT.
    MQTTC_LEVEL_3_1_1 = 4,
}

/// How to decode. Fill it with `mqttc_decoder_init`, then change what you need; NULL in its place
/// means the same as freshly initialised. Its size never changes.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mqttc_decoder {
    /// The longest frame to take, fixed header included; longer ones are MQTTC_ERR_PACKET_TOO_LARGE as
    /// soon as their length is known. UINT32_MAX: no limit.
    pub max_packet_len: u32,
    /// MQTTC_ALLOW_, MQTTC_REFUSE_ and MQTTC_STRICT_ options, joined with `|`; 0: the rules as they are.
    pub options: u32,
    /// MQTTC_ROLE_ANY, MQTTC_ROLE_CLIENT or MQTTC_ROLE_SERVER; types that this side never receives are
    /// MQTTC_ERR_WRONG_DIRECTION.
    pub role: u8,
    /// The version whose rules hold: MQTTC_LEVEL_3_1_1 or MQTTC_LEVEL_3_1. The body of a CONNECT is decoded
    /// by the version that it names itself.
    ///
    /// The header flags of a CONNECT come before its version. MQTT 3.1.1 requires them to be 0, MQTT 3.1
    /// ignores them (A30). A decoder for MQTT 3.1.1 refuses other flags at once, even in a CONNECT of MQTT
    /// 3.1. A decoder for MQTT 3.1 refuses them only when the CONNECT turns out to be one of MQTT 3.1.1. A
    /// server that serves both versions therefore starts with MQTTC_LEVEL_3_1.
    pub protocol_level: u8,
    /// For what is to come; must be 0.
    pub reserved: [u8; 6],
}

// SAFETY: integers alone.
unsafe impl FromC for mqttc_decoder {}

/// Options of `mqttc_decoder`, joined with `|`. What an MQTTC_ALLOW_ option has let through in a packet
/// shows as the same bit in the packet's `tolerated`; its fields are then in the form that the rules
/// allow. Raw codes and a long client identifier stay as they came, and the encoders refuse them. None
/// loosens an encoder. The numbers, such as A01, are those of the table of options in CONFORMANCE.md. A
/// bit that is no option is MQTTC_ERR_INVALID_ARGUMENT.
#[derive(Clone, Copy, Debug)]
#[repr(u32)]
pub enum mqttc_option {
    /// Takes a remaining length that is not in its shortest form, such as `c0 80 00` (A01).
    MQTTC_ALLOW_PADDED_REMAINING_LENGTH = 1 << 0,
    /// Takes a PUBLISH of QoS 0 that has DUP set, and drops the DUP (A02).
    MQTTC_ALLOW_DUP_WITHOUT_QOS = 1 << 1,
    /// Takes a CONNECT with a password and no user name, with an empty user name (A08).
    MQTTC_ALLOW_PASSWORD_WITHOUT_USER_NAME = 1 << 2,
    /// Takes a CONNECT whose protocol level has bit 7 set, as bridges send it, and drops the bit (A12).
    MQTTC_ALLOW_BRIDGE_BIT = 1 << 3,
    /// Takes reserved return codes in a SUBACK, as they are (A16).
    MQTTC_ALLOW_RAW_SUBACK_CODES = 1 << 4,
    /// Takes a reserved return code in a CONNACK, as it is (A17).
    MQTTC_ALLOW_RAW_CONNACK_CODES = 1 << 5,
    /// Takes a CONNACK that refuses and has session present set, and drops the latter (A18).
    MQTTC_ALLOW_SESSION_PRESENT_WITH_REFUSAL = 1 << 6,
    /// MQTT 3.1: takes client identifiers of more than 23 characters (A32).
    MQTTC_ALLOW_LONG_CLIENT_ID_3_1 = 1 << 7,
    /// Checks the topic filters of SUBSCRIBE and UNSUBSCRIBE for UTF-8 and U+0000 alone, so that a server
    /// can answer 0x80 to a bad one instead of closing: check each with `mqttc_topic_filter_check` (A25).
    MQTTC_ALLOW_BAD_FILTERS = 1 << 8,
    /// Takes a SUBACK, UNSUBACK, PUBACK, PUBREC, PUBREL or PUBCOMP whose header has other flag bits than the
    /// type must have, and drops them: some brokers put the QoS there, such as `92` for a SUBACK (A23).
    MQTTC_ALLOW_ACK_FLAGS = 1 << 9,
    /// Refuses control characters and non-characters in strings, with
    /// MQTTC_ERR_CHARACTER_DISCOURAGED (A20, A21).
    MQTTC_REFUSE_CONTROL_CHARACTERS = 1 << 16,
    /// MQTT 3.1: wants the unused flag bits of the fixed header to be those of MQTT 3.1.1 (A30).
    MQTTC_STRICT_FLAGS_3_1 = 1 << 17,
    /// MQTT 3.1: wants bit 0 of the connect flags to be 0 (A31).
    MQTTC_STRICT_CONNECT_FLAG_3_1 = 1 << 18,
    /// MQTT 3.1: wants the user name and the password to be there when their flags say so (A33).
    MQTTC_STRICT_LOGIN_3_1 = 1 << 19,
    /// MQTT 3.1: refuses 0x80 in a SUBACK (A35).
    MQTTC_REFUSE_SUBACK_FAILURE_3_1 = 1 << 20,
}

impl mqttc_decoder {
    /// The codec's decoder; `INVALID_ARGUMENT` for what is not a decoder.
    #[inline(always)]
    pub(crate) fn codec(&self) -> Result<Decoder, mqttc_status> {
        let role = match self.role {
            0 => Role::Any,
            1 => Role::Client,
            2 => Role::Server,
            _ => return Err(INVALID_ARGUMENT),
        };
        let protocol = protocol_of(self.protocol_level).ok_or(INVALID_ARGUMENT)?;
        if self.reserved != [0; 6] {
            return Err(INVALID_ARGUMENT);
        }
        let dec = Decoder::DEFAULT.max_packet_len(self.max_packet_len).role(role).protocol(protocol);
        dec.with_option_bits(self.options).ok_or(INVALID_ARGUMENT)
    }
}

/// The version of a protocol level.
pub(crate) const fn protocol_of(level: u8) -> Option<Protocol> {
    const V3_1: u8 = Protocol::V3_1.level();
    const V3_1_1: u8 = Protocol::V3_1_1.level();
    match level {
        V3_1 => Some(Protocol::V3_1),
        V3_1_1 => Some(Protocol::V3_1_1),
        _ => None,
    }
}

/// The codec's decoder, for a function that serves `role` alone; NULL is the default one.
///
/// # Safety
///
/// As for every function here: see the crate's documentation.
#[inline(always)]
pub(crate) unsafe fn decoder(dec: *const mqttc_decoder, role: Role) -> Result<Decoder, mqttc_status> {
    if dec.is_null() {
        return Ok(Decoder::DEFAULT.role(role));
    }
    // SAFETY: the caller's promise.
    Ok(unsafe { ptr::view(dec) }?.codec()?.and_role(role))
}

/// Fills a decoder: no limit, any role, MQTT 3.1.1, no options. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqttc_decoder_init(dec: *mut mqttc_decoder) {
    // SAFETY: the caller's promise.
    if let Ok(dec) = unsafe { Out::new(dec) } {
        dec.set(mqttc_decoder {
            max_packet_len: u32::MAX,
            options: 0,
            role: mqttc_role::MQTTC_ROLE_ANY as u8,
            protocol_level: mqttc_level::MQTTC_LEVEL_3_1_1 as u8,
            reserved: [0; 6],
        });
    }
}
