//! The packets without a body: PINGREQ, PINGRESP and DISCONNECT, MQTT 3.1.1 sections 3.12 to 3.14:
//! `type | 00`.

use crate::error::{DecodeError, EncodeError, ErrorKind};
use crate::types::{PacketId, PacketType};
use crate::wire;

use super::decoder::{Decoder, RawFrame};

/// A packet without a body; `TYPE` is its packet type on the wire. Use the three names [`PingReq`],
/// [`PingResp`] and [`Disconnect`], each of which is a type and its only value, as for a unit struct.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Empty<const TYPE: u8>;

/// Shows the server that the client is there (section 3.12).
pub type PingReq = Empty<{ PacketType::PingReq as u8 }>;
/// The answer to PINGREQ (section 3.13).
pub type PingResp = Empty<{ PacketType::PingResp as u8 }>;
/// Ends the connection in order: the server drops the will (section 3.14).
pub type Disconnect = Empty<{ PacketType::Disconnect as u8 }>;

/// The only [`PingReq`](type@PingReq).
#[allow(non_upper_case_globals)] // stands where a unit struct's name would
pub const PingReq: PingReq = Empty;
/// The only [`PingResp`](type@PingResp).
#[allow(non_upper_case_globals)]
pub const PingResp: PingResp = Empty;
/// The only [`Disconnect`](type@Disconnect).
#[allow(non_upper_case_globals)]
pub const Disconnect: Disconnect = Empty;

const fn is_empty(packet_type: PacketType) -> bool {
    matches!(packet_type, PacketType::PingReq | PacketType::PingResp | PacketType::Disconnect)
}

impl<const TYPE: u8> Empty<TYPE> {
    const PACKET_TYPE: PacketType = {
        let packet_type = PacketType::from_number(TYPE);
        assert!(
            matches!(packet_type, Some(found) if is_empty(found)),
            "not the type of a packet without a body"
        );
        match packet_type {
            Some(packet_type) => packet_type,
            None => PacketType::PingReq, // not reached
        }
    };

    /// Decodes a frame that must be this packet. Bytes after the frame are not looked at.
    ///
    /// Errors: those of [`Decoder::peek`]; `packet_type_unexpected`; `truncated` when the frame is
    /// not complete.
    pub fn decode(decoder: &Decoder, frame: &[u8]) -> Result<Self, DecodeError> {
        Self::from_frame(&mut decoder.whole(frame)?)
    }

    /// Reads a frame whose fixed header was judged by [`Decoder::split`]. Errors:
    /// `packet_type_unexpected`.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub fn from_frame(frame: &mut RawFrame<'_>) -> Result<Self, DecodeError> {
        let r = frame.open(Self::PACKET_TYPE)?;
        frame.close(r)?;
        Ok(Self)
    }

    /// The bytes that `encode` writes: 2.
    pub const fn encoded_len(&self) -> usize {
        2
    }

    /// Writes the packet to the front of `out` and returns its length. On an error `out` is
    /// untouched.
    ///
    /// Errors: `BufferTooSmall`.
    pub fn encode(&self, out: &mut [u8]) -> Result<usize, EncodeError> {
        encode_empty(Self::PACKET_TYPE, out)
    }

    /// The packet's type.
    pub const fn packet_type(&self) -> PacketType {
        Self::PACKET_TYPE
    }

    /// A packet without a body has no packet identifier.
    pub const fn packet_id(&self) -> Option<PacketId> {
        None
    }
}

/// Writes any of the three packets without a body, for who has its type as a value.
///
/// Errors: `BufferTooSmall`; `Invalid` with `packet_type_unexpected` for a type that is none of them.
#[inline]
pub fn encode_empty(packet_type: PacketType, out: &mut [u8]) -> Result<usize, EncodeError> {
    if !is_empty(packet_type) {
        return Err(ErrorKind::PacketTypeUnexpected.into());
    }
    wire::encode_array([packet_type.first_byte(), 0], out)
}

impl RawFrame<'_> {
    /// Which of the three packets without a body this is, for who only wants to know that.
    ///
    /// Errors: `packet_type_unexpected`.
    pub fn empty_type(&self) -> Result<PacketType, DecodeError> {
        match self.packet_type() {
            found if is_empty(found) => Ok(found),
            _ => Err(DecodeError::new(ErrorKind::PacketTypeUnexpected, 0)),
        }
    }
}
