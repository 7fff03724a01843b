//! SUBSCRIBE, MQTT 3.1.1 section 3.8: `82 | len | packet id | (topic filter | requested QoS)+`.

use crate::error::{DecodeError, EncodeError, ErrorKind};
use crate::list::{self, List, sealed};
use crate::topic::TopicFilter;
use crate::types::{PacketId, PacketType, QoS, Utf8};
use crate::wire::{self, Reader, Writer};

use super::decoder::{Decoder, RawFrame};

/// Asks for the messages that match some filters.
///
/// ```
/// use mqtt_codec::v3::{Subscribe, Subscription};
/// use mqtt_codec::{PacketId, QoS, TopicFilter};
/// let filters = [Subscription { filter: TopicFilter::new("a/#").unwrap(), qos: QoS::AtLeastOnce }];
/// let subscribe = Subscribe { id: PacketId::MIN, filters: (&filters).into() };
/// let mut out = [0; 16];
/// let len = subscribe.encode(&mut out).unwrap();
/// assert_eq!(&out[..len], b"\x82\x08\x00\x01\x00\x03a/#\x01");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subscribe<'a> {
    /// Repeated by the SUBACK.
    pub id: PacketId,
    /// At least one (\[MQTT-3.8.3-3\]); order and duplicates are kept (\[MQTT-3.8.4-4\]).
    pub filters: Subscriptions<'a>,
}

/// The subscriptions of a SUBSCRIBE.
pub type Subscriptions<'a> = List<'a, Subscription<'a>>;

/// One topic filter and the QoS that is asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Subscription<'a> {
    /// Which topics.
    pub filter: TopicFilter<'a>,
    /// The highest quality of service in which their messages are to come.
    pub qos: QoS,
}

impl<'a> list::Item<'a> for Subscription<'a> {}

impl<'a> sealed::Read<'a> for Subscription<'a> {
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn read(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self { filter: TopicFilter::read(r)?, qos: read_options(r)? }) // [MQTT-3.8.3-1]
    }

    fn read_again(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (filter, qos, rest) = split_again(bytes)?;
        Some((Self { filter: TopicFilter::read_again(filter), qos }, rest))
    }
}

/// The byte behind a filter: the upper six bits are 0 and the QoS is not 3.
#[cfg_attr(target_pointer_width = "64", inline(always))]
pub(super) fn read_options(r: &mut Reader<'_>) -> Result<QoS, DecodeError> {
    let bad_options = r.error(ErrorKind::SubscribeOptions);
    QoS::from_bits(r.u8()?).ok_or(bad_options) // [MQTT-3.8.3-4] (A27)
}

/// Splits off a filter and its options, which were judged before.
fn split_again(bytes: &[u8]) -> Option<(&[u8], QoS, &[u8])> {
    let (filter, rest) = wire::split_field(bytes)?;
    let (options, rest) = rest.split_first()?;
    Some((filter, QoS::from_bits(*options)?, rest))
}

impl sealed::Write for Subscription<'_> {
    fn encoded_len(&self) -> usize {
        wire::field_len(self.filter.as_bytes()).wrapping_add(1)
    }

    fn write(&self, w: &mut Writer<'_>) {
        w.field_and(self.filter.as_bytes(), [self.qos as u8]);
    }
}

impl<'a> Subscribe<'a> {
    /// Decodes a frame that must be a SUBSCRIBE. Bytes after the frame are not looked at.
    ///
    /// Errors: those of [`Decoder::peek`]; `packet_type_unexpected`; `truncated` (also when the frame
    /// is not complete); `packet_id_zero`, `no_filters`; `filter_empty`, `filter_wildcard`, `utf8`,
    /// `nul_in_string`; `subscribe_options`.
    pub fn decode(decoder: &Decoder, frame: &'a [u8]) -> Result<Self, DecodeError> {
        Self::from_frame(&mut decoder.whole(frame)?)
    }

    /// Reads a frame whose fixed header was judged by [`Decoder::split`].
    ///
    /// Errors: those that `decode` lists behind [`Decoder::peek`].
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub fn from_frame(frame: &mut RawFrame<'a>) -> Result<Self, DecodeError> {
        let mut r = frame.open(PacketType::Subscribe)?;
        let packet = Self::decode_body(&mut r)?;
        frame.close(r)?;
        Ok(packet)
    }

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn decode_body(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let id = PacketId::read(r)?; // [MQTT-2.3.1-1]
        let filters = List::read(r, ErrorKind::NoFilters)?; // [MQTT-3.8.3-3]
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
        filters: impl Iterator<Item = Subscription<'a>> + Clone,
        out: &mut [u8],
    ) -> Result<usize, EncodeError> {
        list::encode(PacketType::Subscribe, id, filters, ErrorKind::NoFilters, out)
    }

    /// [`PacketType::Subscribe`].
    pub const fn packet_type(&self) -> PacketType {
        PacketType::Subscribe
    }

    /// The packet identifier; a SUBSCRIBE always has one.
    pub const fn packet_id(&self) -> Option<PacketId> {
        Some(self.id)
    }
}

/// A SUBSCRIBE whose filters are text that may break the rules for topic filters: for a server that
/// answers 0x80 to such a filter instead of closing the connection (A25).
///
/// Decoded by its own name alone: [`Decoder::decode`] gives packets that keep every rule.
/// [`PacketReader::refused_frame`](crate::v3::stream::PacketReader::refused_frame) has the frame that it
/// refused. There is nothing to encode one with.
///
/// ```
/// use mqtt_codec::v3::{Decoder, SubAckCode, UnvalidatedSubscribe};
/// let frame = b"\x82\x0c\x00\x01\x00\x02a+\x01\x00\x02a/\x01"; // `a+` is no topic filter
/// let subscribe = UnvalidatedSubscribe::decode(&Decoder::DEFAULT, frame)?;
/// let codes = subscribe.filters.iter().map(|asked| match asked.validate() {
///     Ok(subscription) => subscription.qos.into(),
///     Err(_) => SubAckCode::FAILURE,
/// });
/// assert!(codes.eq([SubAckCode::FAILURE, SubAckCode::QOS_1]));
/// # Ok::<(), mqtt_codec::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnvalidatedSubscribe<'a> {
    /// Repeated by the SUBACK.
    pub id: PacketId,
    /// At least one (\[MQTT-3.8.3-3\]).
    pub filters: List<'a, UnvalidatedSubscription<'a>>,
}

/// One text that was sent as a topic filter, and the QoS that is asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UnvalidatedSubscription<'a> {
    /// Any text, also an empty one.
    pub filter: Utf8<'a>,
    /// The highest quality of service in which the messages are to come.
    pub qos: QoS,
}

impl<'a> UnvalidatedSubscription<'a> {
    /// The subscription, if the text is a topic filter.
    ///
    /// Errors: `filter_empty`, `filter_wildcard`: answer [`SubAckCode::FAILURE`](crate::v3::SubAckCode).
    pub fn validate(self) -> Result<Subscription<'a>, ErrorKind> {
        Ok(Subscription { filter: self.filter.try_into()?, qos: self.qos })
    }
}

impl<'a> list::Item<'a> for UnvalidatedSubscription<'a> {}

impl<'a> sealed::Read<'a> for UnvalidatedSubscription<'a> {
    fn read(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self { filter: TopicFilter::read_unvalidated(r)?, qos: read_options(r)? }) // (A25)
    }

    fn read_again(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (filter, qos, rest) = split_again(bytes)?;
        Some((Self { filter: Utf8::read_again(filter), qos }, rest))
    }
}

impl<'a> UnvalidatedSubscribe<'a> {
    /// Decodes a frame that must be a SUBSCRIBE. Bytes after the frame are not looked at.
    ///
    /// Errors: those of [`Subscribe::decode`], but for `filter_empty` and `filter_wildcard`.
    pub fn decode(decoder: &Decoder, frame: &'a [u8]) -> Result<Self, DecodeError> {
        Self::from_frame(&mut decoder.whole(frame)?)
    }

    /// Reads a frame whose fixed header was judged by [`Decoder::split`]. Where a text is no topic filter,
    /// the frame's [`tolerated`](RawFrame::tolerated) says so.
    ///
    /// Errors: those that `decode` lists behind [`Decoder::peek`].
    pub fn from_frame(frame: &mut RawFrame<'a>) -> Result<Self, DecodeError> {
        let mut r = frame.open(PacketType::Subscribe)?;
        let id = PacketId::read(&mut r)?; // [MQTT-2.3.1-1]
        let filters = List::read(&mut r, ErrorKind::NoFilters)?; // [MQTT-3.8.3-3]
        frame.close(r)?;
        Ok(Self { id, filters })
    }
}
