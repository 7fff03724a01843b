//! CONNACK, MQTT 3.1.1 section 3.2: `20 02 | session present | return code`.

use core::fmt;

use crate::error::{DecodeError, EncodeError, ErrorKind};
use crate::options::Options;
use crate::types::{PacketId, PacketType};
use crate::wire::{self, Reader};

use super::decoder::{Decoder, Protocol, RawFrame};

/// A server's answer to CONNECT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConnAck {
    /// The server has kept the client's session (section 3.2.2.2). Never with a refusal. MQTT 3.1
    /// does not know it: decoded as `false`.
    pub session_present: bool,
    /// Whether the connection is accepted, and if not, why.
    pub return_code: ConnectReturnCode,
}

/// A CONNACK's return code (section 3.2.2.3, table 3.1). 6 to 255 are reserved: they can be held,
/// but not encoded.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectReturnCode(pub u8);

impl ConnectReturnCode {
    /// 0: the connection is accepted.
    pub const ACCEPTED: Self = Self(0);
    /// 1: the server does not serve the protocol level.
    pub const UNACCEPTABLE_PROTOCOL_VERSION: Self = Self(1);
    /// 2: the client identifier is well-formed but not allowed.
    pub const IDENTIFIER_REJECTED: Self = Self(2);
    /// 3: the MQTT service is not available.
    pub const SERVER_UNAVAILABLE: Self = Self(3);
    /// 4: user name or password is wrong.
    pub const BAD_USER_NAME_OR_PASSWORD: Self = Self(4);
    /// 5: the client may not connect.
    pub const NOT_AUTHORIZED: Self = Self(5);

    /// True for 6 to 255.
    pub const fn is_reserved(self) -> bool {
        self.0 > Self::NOT_AUTHORIZED.0
    }
}

impl fmt::Debug for ConnectReturnCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({self})", self.0)
    }
}

impl fmt::Display for ConnectReturnCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self.0 {
            0 => "accepted",
            1 => "unacceptable protocol version",
            2 => "identifier rejected",
            3 => "server unavailable",
            4 => "bad user name or password",
            5 => "not authorized",
            _ => "reserved",
        })
    }
}

impl ConnAck {
    /// Decodes a frame that must be a CONNACK. Bytes after the frame are not looked at.
    ///
    /// Errors: those of [`Decoder::peek`]; `packet_type_unexpected`; `truncated` when the frame is
    /// not complete; `connack_flags`, `return_code`, `session_present_with_refusal`.
    pub fn decode(decoder: &Decoder, frame: &[u8]) -> Result<Self, DecodeError> {
        Self::from_frame(&mut decoder.whole(frame)?)
    }

    /// Reads a frame whose fixed header was judged by [`Decoder::split`].
    ///
    /// Errors: those that `decode` lists behind [`Decoder::peek`].
    pub fn from_frame(frame: &mut RawFrame<'_>) -> Result<Self, DecodeError> {
        let mut r = frame.open(PacketType::ConnAck)?;
        let packet = Self::decode_body(frame.protocol(), &mut r)?;
        frame.close(r)?;
        Ok(packet)
    }

    fn decode_body(protocol: Protocol, r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        // Both are there: a CONNACK of another length was refused with its header.
        let at_flags = r.offset();
        let [flags, code] = r.u16()?.to_be_bytes();
        let flags = match protocol {
            Protocol::V3_1 => 0, // reserved and not looked at (A34)
            Protocol::V3_1_1 => flags,
        };
        if flags > 1 {
            return Err(DecodeError::new(ErrorKind::ConnackFlags, at_flags)); // section 3.2.2.1 (A28)
        }
        let mut connack = Self { session_present: flags == 1, return_code: ConnectReturnCode(code) };
        if connack.return_code.is_reserved() && !r.tolerates(Options::RAW_CONNACK_CODES) {
            // table 3.1, [MQTT-3.2.2-6] (A17)
            return Err(DecodeError::new(ErrorKind::ReturnCode, at_flags.wrapping_add(1)));
        }
        if connack.is_refusal_with_session() {
            if !r.tolerates(Options::SESSION_PRESENT_WITH_REFUSAL) {
                return Err(DecodeError::new(ErrorKind::SessionPresentWithRefusal, at_flags));
            }
            connack.session_present = false;
        }
        Ok(connack)
    }

    const fn is_refusal_with_session(&self) -> bool {
        self.session_present && self.return_code.0 != ConnectReturnCode::ACCEPTED.0 // [MQTT-3.2.2-4] (A18)
    }

    fn judge(&self) -> Result<(), ErrorKind> {
        if self.return_code.is_reserved() {
            return Err(ErrorKind::ReturnCode); // table 3.1, [MQTT-3.2.2-6] (A17)
        }
        if self.is_refusal_with_session() {
            return Err(ErrorKind::SessionPresentWithRefusal);
        }
        Ok(())
    }

    /// The bytes that `encode` writes: 4.
    pub const fn encoded_len(&self) -> usize {
        4
    }

    /// Writes the packet to the front of `out` and returns its length. On an error `out` is
    /// untouched.
    ///
    /// Errors: `BufferTooSmall`; `Invalid` with `return_code` or `session_present_with_refusal`.
    pub fn encode(&self, out: &mut [u8]) -> Result<usize, EncodeError> {
        self.judge()?;
        let (flags, code) = (u8::from(self.session_present), self.return_code.0);
        wire::encode_array([PacketType::ConnAck.first_byte(), 2, flags, code], out)
    }

    /// [`PacketType::ConnAck`].
    pub const fn packet_type(&self) -> PacketType {
        PacketType::ConnAck
    }

    /// A CONNACK has no packet identifier.
    pub const fn packet_id(&self) -> Option<PacketId> {
        None
    }
}
