//! Where good implementations differ and the decoder has an option: what others do, what is done by default,
//! and how to choose otherwise.

use mqtt_codec::v3::{Decoder, Tolerated};

/// A case where implementations differ.
pub(crate) struct Choice {
    /// Its numbers in `implementations-differ.md`.
    pub(crate) items: &'static [&'static str],
    pub(crate) case: &'static str,
    /// What other implementations do.
    pub(crate) others: &'static str,
    /// Taken, or the kind with which it is refused.
    pub(crate) default: &'static str,
    pub(crate) rust: Rust,
    pub(crate) c: &'static str,
}

/// How it is chosen in Rust.
pub(crate) enum Rust {
    /// By a method of `Decoder`: its name, and itself.
    Setter(&'static str, fn(Decoder, bool) -> Decoder),
    /// By types that are decoded in the place of others: their names, and the bit of C's option.
    Types(&'static [&'static str], Tolerated),
}

pub(crate) const CHOICES: &[Choice] = &[
    Choice {
        items: &["A01"],
        case: "A remaining length that is not in its shortest form: `c08000`.",
        others: "mosquitto, mqtt-packet, rumqttc, MQTTnet, EMQX, mqttrs, mochi, paho and gmqtt take it; \
                 coreMQTT and HiveMQ's client refuse it.",
        default: "`remaining_length_padded`",
        rust: Rust::Setter("allow_padded_remaining_length", Decoder::allow_padded_remaining_length),
        c: "MQTTC_ALLOW_PADDED_REMAINING_LENGTH",
    },
    Choice {
        items: &["A02"],
        case: "DUP in a PUBLISH of QoS 0: `38..`.",
        others: "coreMQTT, mqtt-packet, rumqttc, MQTTnet, mqttrs and paho take it, EMQX when it is lenient; \
                 mosquitto, HiveMQ's client, mochi and gmqtt refuse it.",
        default: "`dup_without_qos`",
        rust: Rust::Setter("allow_dup_without_qos", Decoder::allow_dup_without_qos),
        c: "MQTTC_ALLOW_DUP_WITHOUT_QOS",
    },
    Choice {
        items: &["A08"],
        case: "A password without a user name: connect flags `42`. MQTT 5.0 allows it.",
        others: "mqtt-packet, rumqttc, MQTTnet, mochi, mqttrs and gmqtt take it, EMQX when it is lenient; \
                 mosquitto, HiveMQ's client and paho refuse it.",
        default: "`password_without_user_name`",
        rust: Rust::Setter("allow_password_without_user_name", Decoder::allow_password_without_user_name),
        c: "MQTTC_ALLOW_PASSWORD_WITHOUT_USER_NAME",
    },
    Choice {
        items: &["A12"],
        case: "The bridge bit in the protocol level: `84`, in MQTT 3.1 `83`.",
        others: "mosquitto, mqtt-packet, MQTTnet and EMQX take it; rumqttc, mqttrs, mochi, paho and gmqtt refuse \
                 it.",
        default: "`protocol_level`",
        rust: Rust::Setter("allow_bridge_bit", Decoder::allow_bridge_bit),
        c: "MQTTC_ALLOW_BRIDGE_BIT",
    },
    Choice {
        items: &["A16"],
        case: "A reserved return code in a SUBACK: not `00`, `01`, `02` or `80`.",
        others: "MQTTnet, EMQX, mochi, gmqtt and paho take it; coreMQTT, mqtt-packet, rumqttc, HiveMQ's client and \
                 mqttrs refuse it.",
        default: "`suback_return_code`",
        rust: Rust::Setter("allow_raw_suback_codes", Decoder::allow_raw_suback_codes),
        c: "MQTTC_ALLOW_RAW_SUBACK_CODES",
    },
    Choice {
        items: &["A17"],
        case: "A reserved return code in a CONNACK: over `05`.",
        others: "mqtt-packet, MQTTnet, EMQX, mochi, gmqtt and paho take it; coreMQTT, rumqttc, HiveMQ's client and \
                 mqttrs refuse it.",
        default: "`return_code`",
        rust: Rust::Setter("allow_raw_connack_codes", Decoder::allow_raw_connack_codes),
        c: "MQTTC_ALLOW_RAW_CONNACK_CODES",
    },
    Choice {
        items: &["A18"],
        case: "A CONNACK that refuses and has session present set: `20020105`.",
        others: "mqtt-packet, rumqttc, MQTTnet, EMQX, mochi, gmqtt, paho and mqttrs take it; coreMQTT and HiveMQ's \
                 client refuse it.",
        default: "`session_present_with_refusal`",
        rust: Rust::Setter("allow_session_present_with_refusal", Decoder::allow_session_present_with_refusal),
        c: "MQTTC_ALLOW_SESSION_PRESENT_WITH_REFUSAL",
    },
    Choice {
        items: &["A20", "A21"],
        case: "Control characters (U+0001 to U+001F, U+007F to U+009F) and non-characters in strings.",
        others: "mosquitto refuses both; gmqtt refuses control characters, EMQX when it is strict; coreMQTT, \
                 mqtt-packet, rumqttc, HiveMQ's client and MQTTnet take both.",
        default: "taken",
        rust: Rust::Setter("refuse_control_characters", Decoder::refuse_control_characters),
        c: "MQTTC_REFUSE_CONTROL_CHARACTERS",
    },
    Choice {
        items: &["A23"],
        case: "Other flag bits than those of its type in a SUBACK, UNSUBACK, PUBACK, PUBREC, PUBREL or PUBCOMP: \
               `92..`, `42..`. ThingsBoard, Moquette up to 0.11 and MoP send them.",
        others: "rumqttc, MQTTnet and paho take them, EMQX when it is lenient, gmqtt in the four that acknowledge a \
                 PUBLISH; mosquitto, coreMQTT, mqtt-packet and HiveMQ's client refuse them.",
        default: "`flags_reserved`",
        rust: Rust::Setter("allow_ack_flags", Decoder::allow_ack_flags),
        c: "MQTTC_ALLOW_ACK_FLAGS",
    },
    Choice {
        items: &["A25"],
        case: "A filter `a/#/b`, `a+` or `a#`, or an empty one, in SUBSCRIBE or UNSUBSCRIBE: a server may want to \
               answer `80` for that filter alone.",
        others: "mqtt-packet, rumqttc, MQTTnet, mqttrs and mochi take it; mosquitto, HiveMQ's client, EMQX and \
                 gmqtt refuse it.",
        default: "`filter_empty`, `filter_wildcard`",
        rust: Rust::Types(&["UnvalidatedSubscribe", "UnvalidatedUnsubscribe"], Tolerated::BAD_FILTERS),
        c: "MQTTC_ALLOW_BAD_FILTERS",
    },
    Choice {
        items: &["A30"],
        case: "MQTT 3.1: flag bits of the fixed header that it has no use for are set: `6a..`, `c100`.",
        others: "rumqttc and MQTTnet take them, mosquitto those of CONNECT and the DUP of PUBREL; mqtt-packet \
                 refuses them, EMQX when it is strict.",
        default: "taken",
        rust: Rust::Setter("strict_flags_3_1", Decoder::strict_flags_3_1),
        c: "MQTTC_STRICT_FLAGS_3_1",
    },
    Choice {
        items: &["A31"],
        case: "MQTT 3.1: bit 0 of the connect flags is set.",
        others: "mosquitto takes it; mqtt-packet, MQTTnet, EMQX, mochi, gmqtt and paho refuse it.",
        default: "taken",
        rust: Rust::Setter("strict_connect_flag_3_1", Decoder::strict_connect_flag_3_1),
        c: "MQTTC_STRICT_CONNECT_FLAG_3_1",
    },
    Choice {
        items: &["A32"],
        case: "MQTT 3.1: a client identifier of more than 23 characters. An empty one stays refused.",
        others: "mosquitto, mqtt-packet, EMQX, gmqtt and mochi take it.",
        default: "`client_id_rejected`",
        rust: Rust::Setter("allow_long_client_id_3_1", Decoder::allow_long_client_id_3_1),
        c: "MQTTC_ALLOW_LONG_CLIENT_ID_3_1",
    },
    Choice {
        items: &["A33"],
        case: "MQTT 3.1: the packet ends before the user name or the password that its flags announce.",
        others: "mosquitto takes it; mqtt-packet, MQTTnet, EMQX and the others refuse it.",
        default: "taken",
        rust: Rust::Setter("strict_login_3_1", Decoder::strict_login_3_1),
        c: "MQTTC_STRICT_LOGIN_3_1",
    },
    Choice {
        items: &["A35"],
        case: "MQTT 3.1: return code `80` in a SUBACK, which that version does not know.",
        others: "mosquitto sends it; mqtt-packet, MQTTnet and EMQX take it.",
        default: "taken",
        rust: Rust::Setter("refuse_suback_failure_3_1", Decoder::refuse_suback_failure_3_1),
        c: "MQTTC_REFUSE_SUBACK_FAILURE_3_1",
    },
];

impl Choice {
    /// The option's number in C, if that sets what is set in Rust.
    pub(crate) fn bit(&self) -> Option<u32> {
        (0..u32::BITS).find(|bit| match self.rust {
            Rust::Setter(_, set) => {
                Decoder::DEFAULT.with_option_bits(1 << bit) == Some(set(Decoder::DEFAULT, true))
            }
            Rust::Types(_, tolerated) => tolerated.bits() == 1 << bit,
        })
    }

    /// The names by which Rust chooses.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        match self.rust {
            Rust::Setter(name, _) => vec![name],
            Rust::Types(names, _) => names.to_vec(),
        }
    }
}
