//! What a decoder may let through or refuse beyond the rules, as bits: the options that are set, and
//! what they have let through in a packet. The setters are [`Decoder`](crate::v3::Decoder)'s, and
//! explain each.

use core::fmt;

/// A set of options. The bits are also those of C's `mqttc_decoder.options`, and never change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Options(u32);

impl Options {
    pub(crate) const NONE: Self = Self(0);

    // What may be let through; the same bit then stands in `Tolerated`.
    pub(crate) const PADDED_REMAINING_LENGTH: u32 = 1 << 0;
    pub(crate) const DUP_WITHOUT_QOS: u32 = 1 << 1;
    pub(crate) const PASSWORD_WITHOUT_USER_NAME: u32 = 1 << 2;
    pub(crate) const BRIDGE_BIT: u32 = 1 << 3;
    pub(crate) const RAW_SUBACK_CODES: u32 = 1 << 4;
    pub(crate) const RAW_CONNACK_CODES: u32 = 1 << 5;
    pub(crate) const SESSION_PRESENT_WITH_REFUSAL: u32 = 1 << 6;
    pub(crate) const LONG_CLIENT_ID_3_1: u32 = 1 << 7;
    /// C alone sets it; in Rust the type that is decoded says it (`UnvalidatedSubscribe`).
    pub(crate) const BAD_FILTERS: u32 = 1 << 8;
    pub(crate) const ACK_FLAGS: u32 = 1 << 9;
    // What may be refused.
    pub(crate) const NO_CONTROL_CHARACTERS: u32 = 1 << 16;
    pub(crate) const STRICT_FLAGS_3_1: u32 = 1 << 17;
    pub(crate) const STRICT_CONNECT_FLAG_3_1: u32 = 1 << 18;
    pub(crate) const STRICT_LOGIN_3_1: u32 = 1 << 19;
    pub(crate) const NO_SUBACK_FAILURE_3_1: u32 = 1 << 20;

    /// Every option there is.
    pub(crate) const ALL: u32 = 0x3ff | 0x1f << 16;

    /// The options that the bits name; `None` for bits that are no option.
    pub(crate) const fn from_bits(bits: u32) -> Option<Self> {
        if bits & !Self::ALL == 0 { Some(Self(bits)) } else { None }
    }

    pub(crate) const fn has(self, option: u32) -> bool {
        self.0 & option != 0
    }

    #[must_use]
    pub(crate) const fn with(self, option: u32, on: bool) -> Self {
        if on { Self(self.0 | option) } else { Self(self.0 & !option) }
    }
}

/// What the decoder's options have let through in a packet: nothing, unless an option was set. The
/// packet's fields are then in the form that the rules allow, but for raw codes and a long client
/// identifier, which `encode` refuses.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Tolerated(u32);

impl Tolerated {
    /// Nothing was let through: the packet keeps every rule.
    pub const NOTHING: Self = Self(0);
    /// The remaining length was not in its shortest form.
    pub const PADDED_REMAINING_LENGTH: Self = Self(Options::PADDED_REMAINING_LENGTH);
    /// A PUBLISH of QoS 0 had DUP set; it is decoded without.
    pub const DUP_WITHOUT_QOS: Self = Self(Options::DUP_WITHOUT_QOS);
    /// A CONNECT had a password and no user name; the user name is decoded as empty.
    pub const PASSWORD_WITHOUT_USER_NAME: Self = Self(Options::PASSWORD_WITHOUT_USER_NAME);
    /// A CONNECT had the bridge bit in its protocol level; it is decoded without.
    pub const BRIDGE_BIT: Self = Self(Options::BRIDGE_BIT);
    /// A SUBACK has a reserved return code.
    pub const RAW_SUBACK_CODES: Self = Self(Options::RAW_SUBACK_CODES);
    /// A CONNACK has a reserved return code.
    pub const RAW_CONNACK_CODES: Self = Self(Options::RAW_CONNACK_CODES);
    /// A CONNACK that refuses had session present set; it is decoded without.
    pub const SESSION_PRESENT_WITH_REFUSAL: Self = Self(Options::SESSION_PRESENT_WITH_REFUSAL);
    /// A client identifier of MQTT 3.1 is over 23 characters.
    pub const LONG_CLIENT_ID_3_1: Self = Self(Options::LONG_CLIENT_ID_3_1);
    /// A SUBSCRIBE or UNSUBSCRIBE, read as [`UnvalidatedSubscribe`](crate::v3::UnvalidatedSubscribe) or
    /// [`UnvalidatedUnsubscribe`](crate::v3::UnvalidatedUnsubscribe), has a text that is no topic filter.
    pub const BAD_FILTERS: Self = Self(Options::BAD_FILTERS);
    /// A SUBACK, UNSUBACK, PUBACK, PUBREC, PUBREL or PUBCOMP had other flag bits than its type has; it is
    /// decoded without them.
    pub const ACK_FLAGS: Self = Self(Options::ACK_FLAGS);

    /// True when the packet keeps every rule.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// True when all of `other` was let through.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// One bit for each thing let through, as C sees it.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Adds what one option has let through.
    pub(crate) const fn add(&mut self, option: u32) {
        self.0 |= option;
    }
}

impl fmt::Debug for Tolerated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [&str; 10] = [
            "PADDED_REMAINING_LENGTH",
            "DUP_WITHOUT_QOS",
            "PASSWORD_WITHOUT_USER_NAME",
            "BRIDGE_BIT",
            "RAW_SUBACK_CODES",
            "RAW_CONNACK_CODES",
            "SESSION_PRESENT_WITH_REFUSAL",
            "LONG_CLIENT_ID_3_1",
            "BAD_FILTERS",
            "ACK_FLAGS",
        ];
        let set = NAMES.iter().enumerate().filter(|(bit, _)| self.0 >> bit & 1 != 0);
        f.debug_set().entries(set.map(|(_, name)| name)).finish()
    }
}
