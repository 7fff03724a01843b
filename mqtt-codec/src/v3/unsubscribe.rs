//! UNSUBSCRIBE, MQTT 3.1.1 section 3.10: `a2 | len | packet id | topic filter+`.

use crate::error::{DecodeError, EncodeError, ErrorKind};
use crate::list::{self, List, sealed};
use crate::topic::TopicFilter;
use crate::types::{PacketId, PacketType, Utf8};
use crate::wire::{self, Reader, Writer};

use super::decoder::{Decoder, RawFrame};

/// Ends subscriptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsubscribe<'a> {
    /// Repeated by the UNSUBACK.
    pub id: PacketId,
    /// At least one (\[MQTT-3.10.3-2\]); compared byte for byte with the subscriptions
    /// (\[MQTT-3.10.4-1\]).
    pub filters: TopicFilters<'a>,
}

/// The topic filters of an UNSUBSCRIBE.
pub type TopicFilters<'a> = List<'a, TopicFilter<'a>>;

impl<'a> list::Item<'a> for TopicFilter<'a> {}

impl<'a> sealed::Read<'a> for TopicFilter<'a> {
    fn read(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        TopicFilter::read(r) // [MQTT-3.10.3-1]
    }

    fn read_again(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (filter, rest) = wire::split_field(bytes)?;
        Some((TopicFilter::read_again(filter), rest))
    }
}

impl sealed::Write for TopicFilter<'_> {
    fn encoded_len(&self) -> usize {
        wire::field_len(self.as_bytes())
    }

    fn write(&self, w: &mut Writer<'_>) {
        w.field(self.as_bytes());
    }
}

impl<'a> Unsubscribe<'a> {
    /// Decodes a frame that must be an UNSUBSCRIBE. Bytes after the frame are not looked at.
    ///
    /// Errors: those of [`Decoder::peek`]; `packet_type_unexpected`; `truncated` (also when the frame
    /// is not complete); `packet_id_zero`, `no_filters`; `filter_empty`, `filter_wildcard`, `utf8`,
    /// `nul_in_string`.
    pub fn decode(decoder: &Decoder, frame: &'a [u8]) -> Result<Self, DecodeError> {
        Self::from_frame(&mut decoder.whole(frame)?)
    }

    /// Reads a frame whose fixed header was judged by [`Decoder::split`].
    ///
    /// Errors: those that `decode` lists behind [`Decoder::peek`].
    pub fn from_frame(frame: &mut RawFrame<'a>) -> Result<Self, DecodeError> {
        let mut r = frame.open(PacketType::Unsubscribe)?;
        let packet = Self::decode_body(&mut r)?;
        frame.close(r)?;
        Ok(packet)
    }

    fn decode_body(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let id = PacketId::read(r)?; // [MQTT-2.3.1-1]
        let filters = List::read(r, ErrorKind::NoFilters)?; // [MQTT-3.10.3-2]
        Ok(Self { id, filters })
    }

    /// The bytes that `encode` writes, when the packet keeps the rules.
    pub fn encoded_len(&self) -> usize {
        list::encoded_len(self.filters.iter())
    }

    /// Writes the packet to the front of `out` and returns its length. On an error `out` is
    /// untouched.
    ///
    /// Errors: `BufferTooSmall`; `Invalid` with `no_filters`, or with `remaining_length` when the
    /// filters are over 268 435 455 bytes together.
    #[cfg_attr(target_pointer_width = "64", inline(never))]
    pub fn encode(&self, out: &mut [u8]) -> Result<usize, EncodeError> {
        match self.filters.items() {
            Some(items) => Self::encode_iter(self.id, items.iter().copied(), out),
            None => Self::encode_iter(self.id, self.filters.iter(), out),
        }
    }

    fn encode_iter(
        id: PacketId,
        filters: impl Iterator<Item = TopicFilter<'a>> + Clone,
        out: &mut [u8],
    ) -> Result<usize, EncodeError> {
        list::encode(PacketType::Unsubscribe, id, filters, ErrorKind::NoFilters, out)
    }

    /// [`PacketType::Unsubscribe`].
    pub const fn packet_type(&self) -> PacketType {
        PacketType::Unsubscribe
    }

    /// The packet identifier; an UNSUBSCRIBE always has one.
    pub const fn packet_id(&self) -> Option<PacketId> {
        Some(self.id)
    }
}

/// An UNSUBSCRIBE whose filters are text that may break the rules for topic filters: for a server that
/// does not close the connection over it (A25). No subscription can equal such a text; the answer is an
/// UNSUBACK all the same (\[MQTT-3.10.4-5\]).
///
/// Decoded by its own name alone, as [`UnvalidatedSubscribe`](crate::v3::UnvalidatedSubscribe).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnvalidatedUnsubscribe<'a> {
    /// Repeated by the UNSUBACK.
    pub id: PacketId,
    /// At least one (\[MQTT-3.10.3-2\]); `TopicFilter::try_from` tells the good ones.
    pub filters: List<'a, Utf8<'a>>,
}

impl<'a> list::Item<'a> for Utf8<'a> {}

impl<'a> sealed::Read<'a> for Utf8<'a> {
    fn read(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        TopicFilter::read_unvalidated(r) // (A25)
    }

    fn read_again(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (filter, rest) = wire::split_field(bytes)?;
        Some((Utf8::read_again(filter), rest))
    }
}

impl<'a> UnvalidatedUnsubscribe<'a> {
    /// Decodes a frame that must be an UNSUBSCRIBE. Bytes after the frame are not looked at.
    ///
    /// Errors: those of [`Unsubscribe::decode`], but for `filter_empty` and `filter_wildcard`.
    pub fn decode(decoder: &Decoder, frame: &'a [u8]) -> Result<Self, DecodeError> {
        Self::from_frame(&mut decoder.whole(frame)?)
    }

    /// Reads a frame whose fixed header was judged by [`Decoder::split`]. Where a text is no topic filter,
    /// the frame's [`tolerated`](RawFrame::tolerated) says so.
    ///
    /// Errors: those that `decode` lists behind [`Decoder::peek`].
    pub fn from_frame(frame: &mut RawFrame<'a>) -> Result<Self, DecodeError> {
        let mut r = frame.open(PacketType::Unsubscribe)?;
        let id = PacketId::read(&mut r)?; // [MQTT-2.3.1-1]
        let filters = List::read(&mut r, ErrorKind::NoFilters)?; // [MQTT-3.10.3-2]
        frame.close(r)?;
        Ok(Self { id, filters })
    }
}
