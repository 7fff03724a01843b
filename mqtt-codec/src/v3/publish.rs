//! PUBLISH, MQTT 3.1.1 section 3.3: `3x | len | topic | [packet id if QoS > 0] | payload`, where `x`
//! is `DUP | QoS | QoS | RETAIN`.

use core::fmt;

use thiserror::Error;

use crate::error::{DecodeError, EncodeError, ErrorKind};
use crate::frame::{Halt, Header};
use crate::options::Options;
use crate::topic::TopicName;
use crate::types::{Excerpt, PacketId, PacketType, QoS};
use crate::wire::{self, IS_BIG_MACHINE, PREFIX_LEN, Reader, Writer};

use super::decoder::{DUP, Decoder, QOS_SHIFT, RETAIN, RawFrame, judge_publish_flags};

/// The bytes of a packet identifier.
const ID_LEN: usize = 2;

/// A message.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Publish<'a> {
    /// Where it is published.
    pub topic: TopicName<'a>,
    /// Quality of service, with what that quality brings along.
    pub delivery: Delivery,
    /// To a server: keep it for later subscribers. From a server: it was kept (section 3.3.1.3).
    pub retain: bool,
    /// The message itself: any bytes, also none. With the topic at most 268 435 455 bytes.
    pub payload: &'a [u8],
}

/// Everything of a PUBLISH but its payload, which is sent or received apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PublishHeader<'a> {
    /// Where the message is published.
    pub topic: TopicName<'a>,
    /// Quality of service, with what that quality brings along.
    pub delivery: Delivery,
    /// As in [`Publish::retain`].
    pub retain: bool,
}

/// A quality of service, with the packet identifier and the DUP flag that QoS 1 and 2 have and QoS 0
/// cannot have (\[MQTT-2.3.1-5\], \[MQTT-3.3.1-2\]).
///
/// The tag is the QoS as the wire has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Delivery {
    /// QoS 0.
    AtMostOnce = 0,
    /// QoS 1.
    AtLeastOnce {
        /// Repeated by the PUBACK.
        id: PacketId,
        /// This is not the first try (\[MQTT-3.3.1-1\]).
        dup: bool,
    } = 1,
    /// QoS 2.
    ExactlyOnce {
        /// Repeated by the PUBREC, PUBREL and PUBCOMP.
        id: PacketId,
        /// This is not the first try (\[MQTT-3.3.1-1\]).
        dup: bool,
    } = 2,
}

impl Delivery {
    /// The three parts of a delivery put together; `id` is not looked at for QoS 0.
    ///
    /// Errors: `dup_without_qos` for DUP with QoS 0 (\[MQTT-3.3.1-2\]); `packet_id_zero` for an
    /// identifier of 0 with QoS 1 and 2 (\[MQTT-2.3.1-1\]).
    pub fn new(qos: QoS, id: u16, dup: bool) -> Result<Self, ErrorKind> {
        judge_publish_flags((qos as u8) << QOS_SHIFT | if dup { DUP } else { 0 }, Options::NONE)?;
        Ok(match qos {
            QoS::AtMostOnce => Self::AtMostOnce,
            QoS::AtLeastOnce => Self::AtLeastOnce { id: id.try_into()?, dup },
            QoS::ExactlyOnce => Self::ExactlyOnce { id: id.try_into()?, dup },
        })
    }

    /// The quality of service alone.
    pub const fn qos(&self) -> QoS {
        match self {
            Self::AtMostOnce => QoS::AtMostOnce,
            Self::AtLeastOnce { .. } => QoS::AtLeastOnce,
            Self::ExactlyOnce { .. } => QoS::ExactlyOnce,
        }
    }

    /// The packet identifier; `None` for QoS 0.
    pub const fn packet_id(&self) -> Option<PacketId> {
        match self {
            Self::AtMostOnce => None,
            Self::AtLeastOnce { id, .. } | Self::ExactlyOnce { id, .. } => Some(*id),
        }
    }

    /// The DUP flag; `false` for QoS 0.
    pub const fn dup(&self) -> bool {
        match self {
            Self::AtMostOnce => false,
            Self::AtLeastOnce { dup, .. } | Self::ExactlyOnce { dup, .. } => *dup,
        }
    }
}

impl<'a> PublishHeader<'a> {
    /// Reads what comes before the payload; `flags` have passed [`judge_publish_flags`].
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(super) fn read(flags: u8, r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let topic = TopicName::read(r)?; // [MQTT-3.3.2-1] [MQTT-3.3.2-2]
        let dup = flags & DUP != 0; // [MQTT-3.3.1-1]
        let delivery = match flags >> QOS_SHIFT & 3 {
            0 => {
                // Else it was refused with the header.
                if dup && r.options().has(Options::DUP_WITHOUT_QOS) {
                    r.tolerate(Options::DUP_WITHOUT_QOS);
                }
                Delivery::AtMostOnce // [MQTT-2.3.1-5]
            }
            1 => Delivery::AtLeastOnce { id: PacketId::read(r)?, dup },
            _ => Delivery::ExactlyOnce { id: PacketId::read(r)?, dup },
        };
        Ok(Self { topic, delivery, retain: flags & RETAIN != 0 }) // [MQTT-3.3.1-5] to [MQTT-3.3.1-12]
    }

    /// The bytes of the packet identifier in a PUBLISH with these flags.
    pub(super) const fn id_len(flags: u8) -> usize {
        if flags >> QOS_SHIFT & 3 == 0 { 0 } else { ID_LEN }
    }

    /// The bytes that `encode` writes before a payload of `payload_len` bytes.
    pub const fn encoded_len(&self, payload_len: u32) -> usize {
        self.parts().encoded_len(payload_len)
    }

    /// Writes everything that comes before a payload of `payload_len` bytes, and returns how many
    /// bytes that is. The caller sends the payload after it, from wherever it is. On an error `out`
    /// is untouched.
    ///
    /// Errors: `BufferTooSmall`; `Invalid` with `remaining_length` when topic and payload are over
    /// 268 435 455 bytes together.
    pub fn encode(&self, payload_len: u32, out: &mut [u8]) -> Result<usize, EncodeError> {
        self.parts().encode(&[], payload_len, out)
    }

    /// Writes the same so that it ends where `out` ends, for a payload that stands behind `out` in the same
    /// buffer, and returns how many bytes that is. The bytes of `out` before it are untouched; on an error
    /// all of `out` is.
    ///
    /// Errors: those of [`encode`](Self::encode).
    ///
    /// ```
    /// use mqtt_codec::TopicName;
    /// use mqtt_codec::v3::{Delivery, PublishHeader};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let header =
    ///     PublishHeader { topic: TopicName::new("t")?, delivery: Delivery::AtMostOnce, retain: false };
    /// let mut buf = [0; 32];
    /// let (front, payload) = buf.split_at_mut(16); // room for the header and a little more
    /// payload[..4].copy_from_slice(b"21.5"); // made where it is sent from
    /// let len = header.encode_before(4, front)?;
    /// assert_eq!(&buf[16 - len..16 + 4], b"\x30\x07\x00\x01t21.5");
    /// # Ok(())
    /// # }
    /// ```
    pub fn encode_before(&self, payload_len: u32, out: &mut [u8]) -> Result<usize, EncodeError> {
        // An `out` that is too small is handed on whole, and refused there.
        let parts = self.parts();
        let at = out.len().saturating_sub(parts.encoded_len(payload_len));
        parts.encode(&[], payload_len, out.get_mut(at..).unwrap_or_default())
    }

    const fn parts(&self) -> PublishParts<'a> {
        let mut flags = (self.delivery.qos() as u8) << QOS_SHIFT;
        if self.delivery.dup() {
            flags |= DUP;
        }
        if self.retain {
            flags |= RETAIN;
        }
        let id = match self.delivery.packet_id() {
            Some(id) => id.get(),
            None => 0,
        };
        PublishParts { flags, id, topic: self.topic.as_bytes() }
    }

    const fn body_len(&self) -> usize {
        self.parts().len()
    }
}

/// All of a PUBLISH but its payload, as it goes on the wire: what is left of the types above when it is
/// written, and what the C face makes of its own struct.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct PublishParts<'a> {
    flags: u8,
    /// 0 with QoS 0.
    id: u16,
    topic: &'a [u8],
}

impl<'a> PublishParts<'a> {
    // The bits of `dup_and_retain`.
    pub const DUP: u8 = DUP;
    pub const RETAIN: u8 = RETAIN;

    /// Errors: `qos_reserved`, `dup_without_qos`, `packet_id_zero`; those of
    /// [`TopicName::from_bytes`].
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub fn new(qos: u8, dup_and_retain: u8, id: u16, topic: &'a [u8]) -> Result<Self, ErrorKind> {
        let mut flags = dup_and_retain;
        if qos == 0 {
            // DUP alone can be wrong here.
            judge_publish_flags(flags, Options::NONE)?;
        } else {
            // Not `QoS::try_from`, whose value nobody needs here and whose match a small machine would pay for.
            if qos > QoS::ExactlyOnce as u8 {
                return Err(ErrorKind::QosReserved); // [MQTT-3.3.1-4]
            }
            flags |= qos << QOS_SHIFT;
            PacketId::try_from(id)?; // [MQTT-2.3.1-1]
        }
        let topic = TopicName::from_bytes(topic)?.as_bytes();
        Ok(Self { flags, id, topic })
    }

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    const fn len(&self) -> usize {
        wire::field_len(self.topic).wrapping_add(PublishHeader::id_len(self.flags))
    }

    /// Writes it, with a payload behind it of which `apart` bytes do not go into `out`.
    ///
    /// Errors: `BufferTooSmall`; `remaining_length`.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub fn encode(&self, payload: &[u8], apart: u32, out: &mut [u8]) -> Result<usize, EncodeError> {
        // On its own: without an identifier nothing more is asked about it.
        if IS_BIG_MACHINE && PublishHeader::id_len(self.flags) == 0 {
            let parts = Self { flags: self.flags & RETAIN, id: 0, topic: self.topic };
            return parts.write(payload, apart, out);
        }
        self.write(payload, apart, out)
    }

    const fn encoded_len(&self, payload_len: u32) -> usize {
        let len = self.len();
        wire::header_len(len.saturating_add(payload_len as usize)).saturating_add(len)
    }

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn write(&self, payload: &[u8], apart: u32, out: &mut [u8]) -> Result<usize, EncodeError> {
        let first = PacketType::Publish.first_byte() | self.flags;
        // A topic has at most 65 535 bytes, and no slice is so long that they wrap the sum.
        let mut w = Writer::begin(first, self.len().wrapping_add(payload.len()), apart, out)?;
        w.field(self.topic);
        if PublishHeader::id_len(self.flags) > 0 {
            w.u16(self.id); // [MQTT-4.3.2-1] [MQTT-4.3.3-1]
        }
        w.bytes(payload);
        Ok(w.end())
    }
}

impl<'a> Publish<'a> {
    /// Decodes a frame that must be a PUBLISH. Bytes after the frame are not looked at.
    ///
    /// Errors: those of [`Decoder::peek`]; `packet_type_unexpected`; `truncated` (also when the frame
    /// is not complete); `topic_empty`, `topic_wildcard`, `utf8`, `nul_in_string`; `packet_id_zero`.
    pub fn decode(decoder: &Decoder, frame: &'a [u8]) -> Result<Self, DecodeError> {
        Self::from_frame(&mut decoder.whole(frame)?)
    }

    /// Reads a frame whose fixed header was judged by [`Decoder::split`].
    ///
    /// Errors: those that `decode` lists behind [`Decoder::peek`].
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub fn from_frame(frame: &mut RawFrame<'a>) -> Result<Self, DecodeError> {
        let mut r = frame.open(PacketType::Publish)?;
        let packet = Self::decode_body(frame.flags(), &mut r)?;
        frame.close(r)?;
        Ok(packet)
    }

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn decode_body(flags: u8, r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let PublishHeader { topic, delivery, retain } = PublishHeader::read(flags, r)?;
        Ok(Self { topic, delivery, retain, payload: r.take_rest() })
    }

    /// Sets the DUP flag of an encoded PUBLISH that was stored to be sent again (\[MQTT-3.3.1-1\]).
    /// Only the first byte is looked at and changed; on an error it is not.
    ///
    /// Errors: `QosZero`; `Invalid` with `truncated` for no bytes, `packet_type_reserved`,
    /// `packet_type_unexpected`, `qos_reserved`.
    pub fn set_dup(frame: &mut [u8]) -> Result<(), PatchError> {
        let first = frame.first_mut().ok_or(ErrorKind::Truncated)?;
        check_first_byte(*first)?;
        *first |= DUP; // [MQTT-3.3.1-1]
        Ok(())
    }

    /// Sets the packet identifier of an encoded PUBLISH, so that a message is encoded once and goes to each
    /// subscriber under an identifier of its own. The payload need not be there: what
    /// [`PublishHeader::encode`] has written will do. The topic is not checked again. On an error nothing is
    /// changed.
    ///
    /// Errors: `QosZero`; `Invalid` with `packet_type_reserved`, `packet_type_unexpected`, `qos_reserved`,
    /// `remaining_length`, `remaining_length_padded`, and with `truncated` when the bytes, or those that the
    /// remaining length counts, end before the identifier does.
    ///
    /// ```
    /// use mqtt_codec::PacketId;
    /// use mqtt_codec::v3::Publish;
    ///
    /// let mut frame = *b"\x32\x07\x00\x01t\x00\x01hi";
    /// for id in [7, 8, 9] {
    ///     Publish::set_packet_id(&mut frame, PacketId::try_from(id)?)?;
    ///     // send(&frame)
    /// }
    /// assert_eq!(&frame, b"\x32\x07\x00\x01t\x00\x09hi");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_packet_id(frame: &mut [u8], id: PacketId) -> Result<(), PatchError> {
        let flags = check_first_byte(*frame.first().ok_or(ErrorKind::Truncated)?)?;
        let header = match Header::finish((PacketType::Publish, flags), frame, false) {
            Ok(header) => header,
            Err(Halt::NeedMore { .. }) => return Err(ErrorKind::Truncated.into()),
            Err(Halt::Refused(error)) => return Err(error.kind().into()),
        };
        let at_topic = header.header_len.wrapping_add(PREFIX_LEN);
        let topic_len = frame.get(header.header_len..at_topic).and_then(|prefix| prefix.first_chunk());
        let topic_len = u16::from_be_bytes(*topic_len.ok_or(ErrorKind::Truncated)?);
        let at_id = at_topic.wrapping_add(topic_len.into());
        let end = at_id.wrapping_add(ID_LEN);
        if end > header.frame_len {
            return Err(ErrorKind::Truncated.into());
        }
        let to = frame.get_mut(at_id..end).and_then(|to| to.first_chunk_mut());
        *to.ok_or(ErrorKind::Truncated)? = id.get().to_be_bytes();
        Ok(())
    }

    /// Everything but the payload.
    pub const fn header(&self) -> PublishHeader<'a> {
        PublishHeader { topic: self.topic, delivery: self.delivery, retain: self.retain }
    }

    /// The bytes that `encode` writes, when the packet keeps the rules.
    pub const fn encoded_len(&self) -> usize {
        wire::frame_len(self.body_len())
    }

    /// Writes the packet to the front of `out` and returns its length. On an error `out` is
    /// untouched.
    ///
    /// Errors: `BufferTooSmall`; `Invalid` with `remaining_length` when topic and payload are over
    /// 268 435 455 bytes together.
    #[cfg_attr(target_pointer_width = "64", inline(never))]
    pub fn encode(&self, out: &mut [u8]) -> Result<usize, EncodeError> {
        // Without an identifier there is less to ask, and less to keep in registers, which this then need not
        // save.
        if IS_BIG_MACHINE && matches!(self.delivery, Delivery::AtMostOnce) {
            return self.header().parts().encode(self.payload, 0, out);
        }
        self.encode_with_id(out)
    }

    #[cfg_attr(target_pointer_width = "64", inline(never))]
    fn encode_with_id(&self, out: &mut [u8]) -> Result<usize, EncodeError> {
        self.header().parts().encode(self.payload, 0, out)
    }

    const fn body_len(&self) -> usize {
        self.header().body_len().saturating_add(self.payload.len())
    }

    /// [`PacketType::Publish`].
    pub const fn packet_type(&self) -> PacketType {
        PacketType::Publish
    }

    /// The packet identifier; `None` for QoS 0.
    pub const fn packet_id(&self) -> Option<PacketId> {
        self.delivery.packet_id()
    }
}

/// Why [`Publish::set_dup`] or [`Publish::set_packet_id`] has changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum PatchError {
    /// It has QoS 0, and so neither packet identifier (\[MQTT-2.3.1-5\]) nor DUP flag (\[MQTT-3.3.1-2\]).
    #[error("a PUBLISH of QoS 0 has neither packet identifier nor DUP flag")]
    QosZero,
    /// The bytes are not those of a PUBLISH, or not all of those that are needed.
    #[error(transparent)]
    Invalid(#[from] ErrorKind),
}

/// Checks that an encoded PUBLISH has a packet identifier and a DUP flag; its flags.
#[cfg_attr(target_pointer_width = "64", inline(always))]
fn check_first_byte(first: u8) -> Result<u8, PatchError> {
    if first >> 4 != PacketType::Publish as u8 {
        PacketType::from_first_byte(first)?;
        return Err(ErrorKind::PacketTypeUnexpected.into());
    }
    let flags = first & 0x0f;
    if PublishHeader::id_len(flags) == 0 {
        return Err(PatchError::QosZero); // [MQTT-2.3.1-5] [MQTT-3.3.1-2]
    }
    judge_publish_flags(flags, Options::NONE)?;
    Ok(flags)
}

impl fmt::Debug for Publish<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publish")
            .field("topic", &self.topic)
            .field("delivery", &self.delivery)
            .field("retain", &self.retain)
            .field("payload", &Excerpt(self.payload))
            .finish()
    }
}
