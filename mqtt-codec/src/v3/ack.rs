//! The acknowledgements that are only a packet identifier: PUBACK, PUBREC, PUBREL, PUBCOMP and
//! UNSUBACK, MQTT 3.1.1 sections 3.4 to 3.7 and 3.11: `type | 02 | packet id`.

use crate::error::{DecodeError, EncodeError, ErrorKind};
use crate::types::{PacketId, PacketType};
use crate::wire;

use super::decoder::{Decoder, RawFrame};

/// An acknowledgement; `TYPE` is its packet type on the wire. Use the five names [`PubAck`],
/// [`PubRec`], [`PubRel`], [`PubComp`] and [`UnsubAck`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ack<const TYPE: u8> {
    /// The identifier of the packet that is acknowledged (\[MQTT-2.3.1-6\], \[MQTT-2.3.1-7\]).
    pub id: PacketId,
}

/// Acknowledges a PUBLISH of QoS 1 (section 3.4).
pub type PubAck = Ack<{ PacketType::PubAck as u8 }>;
/// The first answer to a PUBLISH of QoS 2 (section 3.5).
pub type PubRec = Ack<{ PacketType::PubRec as u8 }>;
/// The answer to PUBREC (section 3.6).
pub type PubRel = Ack<{ PacketType::PubRel as u8 }>;
/// The answer to PUBREL; ends a delivery of QoS 2 (section 3.7).
pub type PubComp = Ack<{ PacketType::PubComp as u8 }>;
/// The answer to UNSUBSCRIBE (section 3.11).
pub type UnsubAck = Ack<{ PacketType::UnsubAck as u8 }>;

const fn is_ack(packet_type: PacketType) -> bool {
    use PacketType::*;
    matches!(packet_type, PubAck | PubRec | PubRel | PubComp | UnsubAck)
}

impl<const TYPE: u8> Ack<TYPE> {
    const PACKET_TYPE: PacketType = {
        let packet_type = PacketType::from_number(TYPE);
        assert!(matches!(packet_type, Some(found) if is_ack(found)), "not the type of an acknowledgement");
        match packet_type {
            Some(packet_type) => packet_type,
            None => PacketType::PubAck, // not reached
        }
    };

    /// Decodes a frame that must be this acknowledgement. Bytes after the frame are not looked at.
    ///
    /// Errors: those of [`Decoder::peek`]; `packet_type_unexpected`; `truncated` when the frame is
    /// not complete; `packet_id_zero`.
    pub fn decode(decoder: &Decoder, frame: &[u8]) -> Result<Self, DecodeError> {
        Self::from_frame(&mut decoder.whole(frame)?)
    }

    /// Reads a frame whose fixed header was judged by [`Decoder::split`].
    ///
    /// Errors: those that `decode` lists behind [`Decoder::peek`].
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub fn from_frame(frame: &mut RawFrame<'_>) -> Result<Self, DecodeError> {
        let mut r = frame.open(Self::PACKET_TYPE)?;
        let id = PacketId::read(&mut r)?; // [MQTT-2.3.1-6] [MQTT-2.3.1-7] (A15)
        frame.close(r)?;
        Ok(Self { id })
    }

    /// The bytes that `encode` writes: 4.
    pub const fn encoded_len(&self) -> usize {
        4
    }

    /// Writes the packet to the front of `out` and returns its length. On an error `out` is
    /// untouched.
    ///
    /// Errors: `BufferTooSmall`.
    pub fn encode(&self, out: &mut [u8]) -> Result<usize, EncodeError> {
        encode_ack(Self::PACKET_TYPE, self.id, out)
    }

    /// The packet's type.
    pub const fn packet_type(&self) -> PacketType {
        Self::PACKET_TYPE
    }

    /// The identifier of the packet that is acknowledged; an acknowledgement always has one.
    pub const fn packet_id(&self) -> Option<PacketId> {
        Some(self.id)
    }
}

/// Writes any of the five acknowledgements, for who has its type as a value.
///
/// Errors: `BufferTooSmall`; `Invalid` with `packet_type_unexpected` for a type that is none of them.
#[inline]
pub fn encode_ack(packet_type: PacketType, id: PacketId, out: &mut [u8]) -> Result<usize, EncodeError> {
    if !is_ack(packet_type) {
        return Err(ErrorKind::PacketTypeUnexpected.into());
    }
    // The identifier, which cannot be 0: [MQTT-4.3.2-2] [MQTT-4.3.3-1] [MQTT-4.3.3-2].
    let [high, low] = id.get().to_be_bytes();
    wire::encode_array([packet_type.first_byte(), 2, high, low], out)
}

impl RawFrame<'_> {
    /// The packet identifier of any of the five acknowledgements, for who tells them apart by
    /// [`packet_type`](RawFrame::packet_type).
    ///
    /// Errors: `packet_type_unexpected`, `packet_id_zero`.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub fn ack_id(&mut self) -> Result<PacketId, DecodeError> {
        if !is_ack(self.packet_type()) {
            return Err(DecodeError::new(ErrorKind::PacketTypeUnexpected, 0));
        }
        let mut r = self.open(self.packet_type())?;
        let id = PacketId::read(&mut r)?; // [MQTT-2.3.1-6] [MQTT-2.3.1-7] (A15)
        self.close(r)?;
        Ok(id)
    }
}
