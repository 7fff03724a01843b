//! SUBSCRIBE and UNSUBSCRIBE in one function, for who tells them apart when it runs: the C face, which a
//! microcontroller then holds once and not for each type.

use crate::error::{DecodeError, EncodeError, ErrorKind};
use crate::list::{self, sealed};
use crate::topic::TopicFilter;
use crate::types::{PacketId, PacketType, QoS};
use crate::wire::{self, Writer};

use super::decoder::RawFrame;
use super::subscribe::read_options;

impl<'a> RawFrame<'a> {
    /// Reads a frame that must be of `packet_type`, which is SUBSCRIBE or UNSUBSCRIBE: its packet identifier and
    /// the bytes of its list, whose items were judged; their filters as [`allows_bad_filters`] says.
    ///
    /// Errors: those of [`Subscribe::decode`], less `subscribe_options` for UNSUBSCRIBE.
    ///
    /// [`allows_bad_filters`]: RawFrame::allows_bad_filters
    /// [`Subscribe::decode`]: crate::v3::Subscribe::decode
    #[doc(hidden)]
    pub fn filters(&mut self, packet_type: PacketType) -> Result<(PacketId, &'a [u8]), DecodeError> {
        let mut r = self.open(packet_type)?;
        let id = PacketId::read(&mut r)?; // [MQTT-2.3.1-1]
        if r.is_empty() {
            return Err(r.error(ErrorKind::NoFilters)); // [MQTT-3.8.3-3] [MQTT-3.10.3-2]
        }
        let bytes = r.rest();
        let unvalidated = self.allows_bad_filters();
        while !r.is_empty() {
            if unvalidated {
                TopicFilter::read_unvalidated(&mut r)?; // (A25)
            } else {
                TopicFilter::read(&mut r)?; // [MQTT-3.8.3-1] [MQTT-3.10.3-1]
            }
            if packet_type == PacketType::Subscribe {
                read_options(&mut r)?;
            }
        }
        self.close(r)?;
        Ok((id, bytes))
    }
}

/// A topic filter, with the QoS that goes with it in a SUBSCRIBE.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct AnyFilter<'a> {
    filter: &'a [u8],
    qos: Option<u8>,
}

impl<'a> AnyFilter<'a> {
    /// Errors: those of [`TopicFilter::from_bytes`]; `subscribe_options`.
    pub fn new(filter: &'a [u8], qos: Option<u8>) -> Result<Self, ErrorKind> {
        TopicFilter::from_bytes(filter)?;
        match qos {
            Some(bits) if QoS::from_bits(bits).is_none() => Err(ErrorKind::SubscribeOptions), // [MQTT-3.8.3-4]
            _ => Ok(Self { filter, qos }),
        }
    }

    /// One that [`AnyFilter::new`] has taken before.
    pub const fn judged(filter: &'a [u8], qos: Option<u8>) -> Self {
        Self { filter, qos }
    }
}

impl sealed::Write for AnyFilter<'_> {
    fn encoded_len(&self) -> usize {
        wire::field_len(self.filter).saturating_add(self.qos.is_some().into())
    }

    fn write(&self, w: &mut Writer<'_>) {
        w.field(self.filter);
        if let Some(qos) = self.qos {
            w.u8(qos);
        }
    }
}

/// Writes a SUBSCRIBE, each filter with its QoS, or an UNSUBSCRIBE, each without. The iterator is walked more than
/// once and must give the same each time; who cannot promise that makes a slice.
///
/// Errors: those of [`Subscribe::encode`](crate::v3::Subscribe::encode).
#[doc(hidden)]
pub fn encode_filters<'a>(
    packet_type: PacketType,
    id: PacketId,
    filters: impl Iterator<Item = AnyFilter<'a>> + Clone,
    out: &mut [u8],
) -> Result<usize, EncodeError> {
    list::encode(packet_type, id, filters, ErrorKind::NoFilters, out)
}
