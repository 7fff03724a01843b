//! The values that packets are made of and that cannot hold anything illegal (MQTT 3.1.1 sections
//! 1.5, 2.2.1, 2.3.1 and 4.3).

use core::ffi::CStr;
use core::fmt;
use core::num::NonZeroU16;

use crate::error::{self, DecodeError, ErrorKind};
use crate::text;
use crate::wire::{MAX_FIELD_LEN, Reader};

/// A control packet type, by its number on the wire (section 2.2.1, table 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum PacketType {
    /// Client to server: asks for a connection.
    Connect = 1,
    /// Server to client: accepts or refuses the connection.
    ConnAck = 2,
    /// Both ways: a message.
    Publish = 3,
    /// Both ways: acknowledges a PUBLISH of QoS 1.
    PubAck = 4,
    /// Both ways: first answer to a PUBLISH of QoS 2.
    PubRec = 5,
    /// Both ways: answers a PUBREC.
    PubRel = 6,
    /// Both ways: answers a PUBREL.
    PubComp = 7,
    /// Client to server: asks for messages.
    Subscribe = 8,
    /// Server to client: answers a SUBSCRIBE.
    SubAck = 9,
    /// Client to server: ends subscriptions.
    Unsubscribe = 10,
    /// Server to client: answers an UNSUBSCRIBE.
    UnsubAck = 11,
    /// Client to server: shows that the client is there.
    PingReq = 12,
    /// Server to client: answers a PINGREQ.
    PingResp = 13,
    /// Client to server: ends the connection.
    Disconnect = 14,
}

impl PacketType {
    /// The type of a number on the wire; `None` for anything but 1 to 14.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Connect,
            2 => Self::ConnAck,
            3 => Self::Publish,
            4 => Self::PubAck,
            5 => Self::PubRec,
            6 => Self::PubRel,
            7 => Self::PubComp,
            8 => Self::Subscribe,
            9 => Self::SubAck,
            10 => Self::Unsubscribe,
            11 => Self::UnsubAck,
            12 => Self::PingReq,
            13 => Self::PingResp,
            14 => Self::Disconnect,
            _ => return None,
        })
    }

    /// The type in the upper half of a frame's first byte. Errors: `packet_type_reserved` for 0
    /// and 15.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub const fn from_first_byte(first: u8) -> Result<Self, ErrorKind> {
        match Self::from_number(first >> 4) {
            Some(packet_type) => Ok(packet_type),
            None => Err(ErrorKind::PacketTypeReserved), // table 2.1
        }
    }

    /// The flag bits that the fixed header must have; `None` for PUBLISH, whose flags carry DUP,
    /// QoS and RETAIN.
    pub const fn required_flags(self) -> Option<u8> {
        match self {
            Self::Publish => None,
            // [MQTT-2.2.2-1] [MQTT-3.6.1-1] [MQTT-3.8.1-1] [MQTT-3.10.1-1]
            Self::PubRel | Self::Subscribe | Self::Unsubscribe => Some(0b0010),
            _ => Some(0), // [MQTT-3.14.1-1]
        }
    }

    /// The first byte of a frame of this type; for PUBLISH with DUP, QoS and RETAIN 0.
    pub(crate) const fn first_byte(self) -> u8 {
        let flags = match self.required_flags() {
            Some(flags) => flags,
            None => 0,
        };
        (self as u8) << 4 | flags
    }

    /// The name as the specification writes it: `PUBLISH`.
    pub const fn name(self) -> &'static str {
        error::text(self.c_name())
    }

    /// The name as C reads it.
    #[doc(hidden)]
    pub const fn c_name(self) -> &'static CStr {
        match self {
            Self::Connect => c"CONNECT",
            Self::ConnAck => c"CONNACK",
            Self::Publish => c"PUBLISH",
            Self::PubAck => c"PUBACK",
            Self::PubRec => c"PUBREC",
            Self::PubRel => c"PUBREL",
            Self::PubComp => c"PUBCOMP",
            Self::Subscribe => c"SUBSCRIBE",
            Self::SubAck => c"SUBACK",
            Self::Unsubscribe => c"UNSUBSCRIBE",
            Self::UnsubAck => c"UNSUBACK",
            Self::PingReq => c"PINGREQ",
            Self::PingResp => c"PINGRESP",
            Self::Disconnect => c"DISCONNECT",
        }
    }
}

impl fmt::Display for PacketType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A packet identifier: 1 to 65535 (section 2.3.1). 0 cannot be held (\[MQTT-2.3.1-1\]).
///
/// ```
/// use mqtt_codec::PacketId;
/// assert_eq!(PacketId::new(0xffff).unwrap().next(), PacketId::MIN); // 0 is skipped
/// assert!(PacketId::new(0).is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PacketId(NonZeroU16);

impl PacketId {
    /// The first identifier, 1.
    pub const MIN: Self = Self(NonZeroU16::MIN);

    /// `None` for 0.
    pub const fn new(id: u16) -> Option<Self> {
        match NonZeroU16::new(id) {
            Some(id) => Some(Self(id)),
            None => None,
        }
    }

    /// The identifier as a number, 1 to 65535.
    pub const fn get(self) -> u16 {
        self.0.get()
    }

    /// The identifier after this one; 1 follows 65535. Whether it is free (\[MQTT-2.3.1-2\]) is the
    /// session's to know.
    #[must_use]
    pub const fn next(self) -> Self {
        match self.0.checked_add(1) {
            Some(id) => Self(id),
            None => Self::MIN,
        }
    }

    /// Reads an identifier; 0 is refused at its own offset.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(crate) fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let zero = r.error(ErrorKind::PacketIdZero);
        let id = r.u16()?;
        // Asked of the number: the `Option` would cost a conditional move.
        if id == 0 {
            return Err(zero); // [MQTT-2.3.1-1]
        }
        Self::new(id).ok_or(zero)
    }
}

impl From<NonZeroU16> for PacketId {
    fn from(id: NonZeroU16) -> Self {
        Self(id)
    }
}

impl TryFrom<u16> for PacketId {
    type Error = ErrorKind;

    /// Errors: `packet_id_zero`.
    fn try_from(id: u16) -> Result<Self, ErrorKind> {
        Self::new(id).ok_or(ErrorKind::PacketIdZero)
    }
}

impl fmt::Display for PacketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A quality of service (section 4.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum QoS {
    /// 0: sent once, not acknowledged.
    #[default]
    AtMostOnce = 0,
    /// 1: acknowledged by PUBACK; may arrive twice.
    AtLeastOnce = 1,
    /// 2: acknowledged in two steps; arrives once.
    ExactlyOnce = 2,
}

impl QoS {
    /// `None` for anything but 0, 1 and 2.
    pub const fn from_bits(bits: u8) -> Option<Self> {
        match bits {
            0 => Some(Self::AtMostOnce),
            1 => Some(Self::AtLeastOnce),
            2 => Some(Self::ExactlyOnce),
            _ => None,
        }
    }
}

impl TryFrom<u8> for QoS {
    type Error = ErrorKind;

    /// Errors: `qos_reserved` for anything but 0, 1 and 2.
    fn try_from(bits: u8) -> Result<Self, ErrorKind> {
        Self::from_bits(bits).ok_or(ErrorKind::QosReserved)
    }
}

/// A UTF-8 string as MQTT allows it: at most 65 535 bytes, well-formed, no U+0000 (section 1.5.3).
/// May be empty. A byte order mark is a character like any other (\[MQTT-1.5.3-3\]).
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Utf8<'a>(&'a [u8]);

impl<'a> Utf8<'a> {
    /// Errors: `string_too_long`, `nul_in_string`.
    pub const fn new(text: &'a str) -> Result<Self, ErrorKind> {
        match text::check_str::<{ text::ANY }>(text) {
            Ok(()) => Ok(Self(text.as_bytes())),
            Err(fault) => Err(fault.kind),
        }
    }

    /// Errors: `string_too_long`, `utf8`, `nul_in_string`.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub const fn from_bytes(bytes: &'a [u8]) -> Result<Self, ErrorKind> {
        match text::check::<{ text::ANY }>(bytes) {
            Ok(()) => Ok(Self(bytes)),
            Err(fault) => Err(fault.kind),
        }
    }

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(crate) fn read(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        text::read::<{ text::ANY }>(r).map(Self)
    }

    /// A string out of bytes that [`Utf8::read`] has taken before.
    pub(crate) const fn read_again(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }
}

/// A binary field: at most 65 535 bytes of anything, such as a password or a will message. May be
/// empty.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Binary<'a>(&'a [u8]);

impl<'a> Binary<'a> {
    /// Errors: `string_too_long`.
    pub const fn new(bytes: &'a [u8]) -> Result<Self, ErrorKind> {
        if bytes.len() > MAX_FIELD_LEN { Err(ErrorKind::StringTooLong) } else { Ok(Self(bytes)) }
    }

    /// The same as [`Binary::new`], under the name that the string types have.
    pub const fn from_bytes(bytes: &'a [u8]) -> Result<Self, ErrorKind> {
        Self::new(bytes)
    }

    /// The bytes; costs nothing.
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }

    /// The text, if the bytes are well-formed UTF-8.
    pub const fn as_str(&self) -> Option<&'a str> {
        match core::str::from_utf8(self.0) {
            Ok(text) => Some(text),
            Err(_) => None,
        }
    }

    /// A binary field out of bytes whose length was judged before.
    pub(crate) const fn read_again(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }
}

/// What the three string types have in common beyond their rule: access, conversion, comparison
/// with text, and printing. (Trait impls; a function cannot do it.)
macro_rules! impl_text {
    ($name:ident) => {
        impl<'a> $name<'a> {
            /// The bytes; costs nothing.
            pub const fn as_bytes(&self) -> &'a [u8] {
                self.0
            }

            /// The text; checks the bytes a second time (there is no `unsafe` to avoid it).
            pub fn as_str(&self) -> &'a str {
                core::str::from_utf8(self.0).unwrap_or_default()
            }
        }

        impl<'a> TryFrom<&'a str> for $name<'a> {
            type Error = ErrorKind;

            fn try_from(text: &'a str) -> Result<Self, ErrorKind> {
                Self::new(text)
            }
        }

        impl<'a> TryFrom<&'a [u8]> for $name<'a> {
            type Error = ErrorKind;

            fn try_from(bytes: &'a [u8]) -> Result<Self, ErrorKind> {
                Self::from_bytes(bytes)
            }
        }

        impl PartialEq<str> for $name<'_> {
            fn eq(&self, other: &str) -> bool {
                self.0 == other.as_bytes()
            }
        }

        impl PartialEq<&str> for $name<'_> {
            fn eq(&self, other: &&str) -> bool {
                *self == **other
            }
        }

        impl core::fmt::Display for $name<'_> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl core::fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                core::fmt::Debug::fmt(self.as_str(), f)
            }
        }
    };
}
pub(crate) use impl_text;

impl_text!(Utf8);

impl<'a> TryFrom<&'a str> for Binary<'a> {
    type Error = ErrorKind;

    fn try_from(text: &'a str) -> Result<Self, ErrorKind> {
        Self::new(text.as_bytes())
    }
}

impl<'a> TryFrom<&'a [u8]> for Binary<'a> {
    type Error = ErrorKind;

    fn try_from(bytes: &'a [u8]) -> Result<Self, ErrorKind> {
        Self::new(bytes)
    }
}

impl PartialEq<[u8]> for Binary<'_> {
    fn eq(&self, other: &[u8]) -> bool {
        self.0 == other
    }
}

impl PartialEq<str> for Binary<'_> {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

/// Two hexadecimal digits a byte.
impl fmt::Display for Binary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Binary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&Excerpt(self.0), f)
    }
}

/// Bytes for a person: the text where it is printable ASCII, else hexadecimal digits, cut after 32
/// bytes, and how many there are.
pub(crate) struct Excerpt<'a>(pub(crate) &'a [u8]);

impl fmt::Debug for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 32;
        let shown = self.0.get(..SHOWN).unwrap_or(self.0);
        if shown.iter().all(|byte| matches!(byte, b' '..=b'~')) {
            write!(f, "b{:?}", core::str::from_utf8(shown).unwrap_or_default())?;
        } else {
            f.write_str("0x")?;
            shown.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        }
        if shown.len() < self.0.len() {
            write!(f, ".. ({} bytes)", self.0.len())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn a_string_is_well_formed_and_has_no_nul() {
        for good in
            [&b""[..], b"a", "温度".as_bytes(), b"\xef\xbb\xbfp", "\u{10ffff}".as_bytes(), b"\x01\x7f"]
        {
            assert_eq!(Utf8::from_bytes(good).unwrap().as_bytes(), good);
        }
        // Overlong, surrogate, over U+10FFFF, lone continuation, cut short: [MQTT-1.5.3-1].
        for bad in [&b"\xc0\xaf"[..], b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x80", b"abc\xe6\xb8"] {
            assert_eq!(Utf8::from_bytes(bad), Err(ErrorKind::Utf8));
        }
        assert_eq!(Utf8::new("a\0"), Err(ErrorKind::NulInString));
        assert_eq!(Utf8::new("é\0"), Err(ErrorKind::NulInString));
    }

    #[test]
    fn fields_end_at_65535_bytes() {
        let long = "x".repeat(65_536);
        assert_eq!(Utf8::new(&long), Err(ErrorKind::StringTooLong));
        assert_eq!(Binary::new(long.as_bytes()), Err(ErrorKind::StringTooLong));
        assert!(Utf8::new(&long[1..]).is_ok());
        assert!(Binary::new(&long.as_bytes()[1..]).is_ok());
    }

    #[test]
    fn a_packet_id_is_never_0() {
        assert_eq!(PacketId::try_from(0), Err(ErrorKind::PacketIdZero));
        assert_eq!(PacketId::new(7).unwrap().next().get(), 8);
        assert_eq!(PacketId::new(65_535).unwrap().next().get(), 1);
    }

    #[test]
    fn a_packet_type_is_a_number_from_1_to_14() {
        for number in 0..=u8::MAX {
            let found = PacketType::from_number(number).map(|packet_type| packet_type as u8);
            assert_eq!(found, (1..=14).contains(&number).then_some(number));
        }
    }

    #[test]
    fn display_is_the_field_s_own_term() {
        assert_eq!(format!("{:>8}", PacketType::PubAck), "  PUBACK");
        assert_eq!(PacketId::MIN.to_string(), "1");
        assert_eq!(Utf8::new("温度").unwrap().to_string(), "温度");
        assert_eq!(Binary::new(b"\x00\xff").unwrap().to_string(), "00ff");
    }

    #[test]
    fn binary_may_be_text() {
        assert_eq!(Binary::try_from("温度").unwrap().as_str(), Some("温度"));
        assert_eq!(Binary::try_from(&b"ab"[..]).unwrap(), *"ab");
        assert_eq!(Binary::new(b"\xff").unwrap().as_str(), None);
    }

    #[test]
    fn debug_is_for_reading() {
        assert_eq!(format!("{:?}", Utf8::new("a\"b").unwrap()), r#""a\"b""#);
        assert_eq!(format!("{:?}", Binary::new(b"ok").unwrap()), r#"b"ok""#);
        assert_eq!(format!("{:?}", Binary::new(b"\x00\xff").unwrap()), "0x00ff");
        let long = format!("{:?}", Binary::new(&[b'x'; 300]).unwrap());
        assert!(long.ends_with(".. (300 bytes)"), "{long}");
    }
}
