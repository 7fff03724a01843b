//! SUBACK, MQTT 3.1.1 section 3.9: `90 | len | packet id | return code+`.

use core::fmt;

use crate::error::{DecodeError, EncodeError, ErrorKind};
use crate::list::{self, List, sealed};
use crate::options::Options;
use crate::types::{PacketId, PacketType, QoS};
use crate::wire::{IS_BIG_MACHINE, Reader, Writer};

use super::decoder::{Decoder, Protocol, RawFrame};

/// The answer to SUBSCRIBE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubAck<'a> {
    /// The identifier of the SUBSCRIBE (\[MQTT-3.8.4-2\]).
    pub id: PacketId,
    /// One code for each filter of the SUBSCRIBE, in their order (\[MQTT-3.9.3-1\]).
    pub return_codes: SubAckCodes<'a>,
}

/// The return codes of a SUBACK.
pub type SubAckCodes<'a> = List<'a, SubAckCode>;

/// What became of one subscription (section 3.9.3). Values other than 0, 1, 2 and 0x80 are reserved:
/// they can be held, but not encoded.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SubAckCode(pub u8);

impl SubAckCode {
    /// 0: granted with QoS 0 at most.
    pub const QOS_0: Self = Self(0);
    /// 1: granted with QoS 1 at most.
    pub const QOS_1: Self = Self(1);
    /// 2: granted with QoS 2 at most.
    pub const QOS_2: Self = Self(2);
    /// 0x80: refused.
    pub const FAILURE: Self = Self(0x80);

    /// The QoS that was granted; `None` for a refusal and for a reserved value.
    pub const fn granted(self) -> Option<QoS> {
        QoS::from_bits(self.0)
    }

    /// True for every value but 0, 1, 2 and 0x80.
    pub const fn is_reserved(self) -> bool {
        self.granted().is_none() & (self.0 != Self::FAILURE.0)
    }

    const fn judge(self) -> Result<(), ErrorKind> {
        if self.is_reserved() { Err(ErrorKind::SubackReturnCode) } else { Ok(()) } // [MQTT-3.9.3-2] (A16)
    }
}

impl From<QoS> for SubAckCode {
    fn from(granted: QoS) -> Self {
        Self(granted as u8)
    }
}

impl fmt::Debug for SubAckCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#04x} ({self})", self.0)
    }
}

impl fmt::Display for SubAckCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self.0 {
            0 => "granted QoS 0",
            1 => "granted QoS 1",
            2 => "granted QoS 2",
            0x80 => "failure",
            _ => "reserved",
        })
    }
}

impl<'a> list::Item<'a> for SubAckCode {}

impl<'a> sealed::Read<'a> for SubAckCode {
    fn read(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let refused = r.error(ErrorKind::SubackReturnCode);
        let code = Self(r.u8()?);
        if code.judge().is_err() && !r.tolerates(Options::RAW_SUBACK_CODES) {
            return Err(refused);
        }
        Ok(code)
    }

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn read_all(r: &mut Reader<'a>) -> Result<(), DecodeError> {
        if are_good(r.rest()) {
            r.take_rest();
            return Ok(());
        }
        while !r.is_empty() {
            Self::read(r)?;
        }
        Ok(())
    }

    fn read_again(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (code, rest) = bytes.split_first()?;
        Some((Self(*code), rest))
    }
}

/// True when no code is reserved.
#[cfg_attr(target_pointer_width = "64", inline(always))]
fn are_good(codes: &[u8]) -> bool {
    let mut rest = codes;
    if IS_BIG_MACHINE {
        // Eight at a time, without a branch for each.
        let blocks = codes.chunks_exact(8);
        rest = blocks.remainder();
        for block in blocks {
            if block.iter().fold(0, |bad, code| bad | SubAckCode(*code).is_reserved() as u8) != 0 {
                return false;
            }
        }
    }
    rest.iter().all(|code| SubAckCode(*code).judge().is_ok())
}

impl sealed::Write for SubAckCode {
    fn encoded_len(&self) -> usize {
        1
    }

    fn write(&self, w: &mut Writer<'_>) {
        w.u8(self.0);
    }

    fn len_of_all(before: usize, codes: impl Iterator<Item = Self>) -> usize {
        before.saturating_add(codes.count())
    }

    fn write_all(codes: impl Iterator<Item = Self>, w: &mut Writer<'_>) {
        w.last_bytes(codes.map(|code| code.0));
    }
}

impl<'a> SubAck<'a> {
    /// Decodes a frame that must be a SUBACK. Bytes after the frame are not looked at.
    ///
    /// Errors: those of [`Decoder::peek`]; `packet_type_unexpected`; `truncated` when the frame is
    /// not complete; `packet_id_zero`, `no_return_codes`, `suback_return_code`.
    pub fn decode(decoder: &Decoder, frame: &'a [u8]) -> Result<Self, DecodeError> {
        Self::from_frame(&mut decoder.whole(frame)?)
    }

    /// Reads a frame whose fixed header was judged by [`Decoder::split`].
    ///
    /// Errors: those that `decode` lists behind [`Decoder::peek`].
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub fn from_frame(frame: &mut RawFrame<'a>) -> Result<Self, DecodeError> {
        let mut r = frame.open(PacketType::SubAck)?;
        let packet = Self::decode_body(frame.protocol(), &mut r)?;
        frame.close(r)?;
        Ok(packet)
    }

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn decode_body(protocol: Protocol, r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let id = PacketId::read(r)?; // [MQTT-2.3.1-7] (A15)
        let first_code = r.offset();
        let return_codes: SubAckCodes<'a> = List::read(r, ErrorKind::NoReturnCodes)?; // [MQTT-3.8.4-5] (A19)
        // MQTT 3.1 does not know 0x80, yet its brokers send it (A35).
        let is_3_1 = matches!(protocol, Protocol::V3_1);
        if is_3_1 && r.options().has(Options::NO_SUBACK_FAILURE_3_1) {
            if let Some(index) = return_codes.iter().position(|code| code == SubAckCode::FAILURE) {
                let offset = first_code.saturating_add(index);
                return Err(DecodeError::new(ErrorKind::SubackReturnCode, offset));
            }
        }
        Ok(Self { id, return_codes })
    }

    /// The bytes that `encode` writes, when the packet keeps the rules.
    pub fn encoded_len(&self) -> usize {
        list::encoded_len(self.return_codes.iter())
    }

    /// Writes the packet to the front of `out` and returns its length. On an error `out` is
    /// untouched.
    ///
    /// Errors: `BufferTooSmall`; `Invalid` with `no_return_codes` or `suback_return_code`, or with
    /// `remaining_length` when there are over 268 435 453 codes.
    #[cfg_attr(target_pointer_width = "64", inline(never))]
    pub fn encode(&self, out: &mut [u8]) -> Result<usize, EncodeError> {
        match self.return_codes.items() {
            Some(items) => Self::encode_iter(self.id, items.iter().copied(), out),
            None => Self::encode_iter(self.id, self.return_codes.iter(), out),
        }
    }

    /// `encode` for the C face, which has no slice of codes. The iterator is walked more than once and must
    /// give the same each time; who cannot promise that makes a slice.
    #[doc(hidden)]
    pub fn encode_iter(
        id: PacketId,
        return_codes: impl Iterator<Item = SubAckCode> + Clone,
        out: &mut [u8],
    ) -> Result<usize, EncodeError> {
        return_codes.clone().try_for_each(SubAckCode::judge)?;
        list::encode(PacketType::SubAck, id, return_codes, ErrorKind::NoReturnCodes, out)
    }

    /// [`PacketType::SubAck`].
    pub const fn packet_type(&self) -> PacketType {
        PacketType::SubAck
    }

    /// The identifier of the SUBSCRIBE; a SUBACK always has one.
    pub const fn packet_id(&self) -> Option<PacketId> {
        Some(self.id)
    }
}
