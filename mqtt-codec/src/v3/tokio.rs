//! Packets on tokio: a codec for `tokio_util`'s `Framed`. Needs the feature `tokio-codec`, and with it std.

use std::io;

use bytes::{Bytes, BytesMut};
use thiserror::Error;
use tokio_util::codec;

use crate::error::{DecodeError, EncodeError, ErrorKind};

use super::owned::Frame;
use super::{Decoded, Decoder, Packet};

/// The most that is reserved for a frame before its bytes have come: a peer that declares 256 MiB and sends
/// nothing gets no more than this.
const MAX_RESERVE: usize = 64 * 1024;

/// MQTT for `tokio_util::codec::Framed`: a stream of [`Frame`]s that came, a sink of [`Packet`]s to send.
///
/// ```
/// use futures_util::{SinkExt as _, StreamExt as _};
/// use mqtt_codec::TopicName;
/// use mqtt_codec::v3::tokio::{CodecError, MqttCodec};
/// use mqtt_codec::v3::{Decoder, Delivery, Packet, Publish, Role};
/// use tokio_util::codec::Framed;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), CodecError> {
/// // In the place of two sockets.
/// let (here, there) = tokio::io::duplex(64);
/// let mut broker = Framed::new(here, MqttCodec::default());
/// let mut client =
///     Framed::new(there, MqttCodec::new(Decoder::DEFAULT.role(Role::Client).max_packet_len(256 * 1024)));
///
/// let topic = TopicName::new("a/b").map_err(mqtt_codec::EncodeError::from)?;
/// let publish = Publish { topic, delivery: Delivery::AtMostOnce, retain: false, payload: b"hi" };
/// broker.send(Packet::Publish(publish)).await?;
///
/// let frame = client.next().await.expect("the connection is open")?;
/// assert_eq!(frame.packet(), Packet::Publish(publish));
/// assert_eq!(frame.payload().unwrap(), "hi"); // `Bytes`, to be kept
/// # Ok(())
/// # }
/// ```
///
/// # Receiving
///
/// A frame is split off the read buffer and not copied. It keeps that buffer alive (with `Framed`, some
/// kilobytes, or what one large packet took): who stores small packets for long copies them. Without
/// [`Decoder::max_packet_len`] a frame takes up to 256 MiB as it comes; memory grows with what has come, not
/// with what was declared.
///
/// After an error the codec stays in it and leaves the buffer as it is: the specification wants the
/// connection closed (\[MQTT-4.8.0-1\]). Bytes that end within a frame are `truncated`.
///
/// # Sending
///
/// A [`Packet`], or a [`Frame`] to pass on. Of a frame its [`packet`](Frame::packet) is sent, so that what
/// the decoder's options let through goes out in the form that the rules allow, or is refused. On an error
/// nothing is added to the buffer, and the codec goes on.
#[derive(Clone, Debug, Default)]
pub struct MqttCodec {
    decoder: Decoder,
    refused: Option<DecodeError>,
}

impl MqttCodec {
    /// A codec that reads what comes by the rules of `decoder`.
    pub const fn new(decoder: Decoder) -> Self {
        Self { decoder, refused: None }
    }

    /// The decoder that is used.
    pub const fn decoder(&self) -> &Decoder {
        &self.decoder
    }

    /// Reads the frames that follow by other rules: those of the version that a CONNECT has named, say. An
    /// error stays.
    pub const fn set_decoder(&mut self, decoder: Decoder) {
        self.decoder = decoder;
    }

    fn refuse(&mut self, error: DecodeError) -> CodecError {
        self.refused = Some(error);
        error.into()
    }
}

/// Why a packet was not received or not sent.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CodecError {
    /// What came breaks a rule. The connection is to be closed.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The packet to be sent breaks a rule. Nothing was sent, and the connection is as it was.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The connection failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl codec::Decoder for MqttCodec {
    type Item = Frame<Bytes>;
    type Error = CodecError;

    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Frame<Bytes>>, CodecError> {
        if let Some(error) = self.refused {
            return Err(error.into());
        }
        let (len, tolerated) = match self.decoder.decode(src) {
            Ok(Decoded::Packet { len, tolerated, .. }) => (len, tolerated),
            Ok(Decoded::NeedMore { at_least }) => {
                src.reserve(at_least.min(MAX_RESERVE));
                return Ok(None);
            }
            Err(error) => return Err(self.refuse(error)), // [MQTT-4.8.0-1]
        };
        Ok(Some(Frame::judged(&self.decoder, tolerated, src.split_to(len).freeze())))
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> Result<Option<Frame<Bytes>>, CodecError> {
        match self.decode(src)? {
            None if !src.is_empty() => Err(self.refuse(DecodeError::new(ErrorKind::Truncated, src.len()))),
            frame => Ok(frame),
        }
    }
}

impl codec::Encoder<Packet<'_>> for MqttCodec {
    type Error = CodecError;

    fn encode(&mut self, packet: Packet<'_>, dst: &mut BytesMut) -> Result<(), CodecError> {
        let before = dst.len();
        dst.resize(before.saturating_add(packet.checked_len()?), 0);
        packet.encode(dst.get_mut(before..).unwrap_or_default())?;
        Ok(())
    }
}

impl<B: AsRef<[u8]>> codec::Encoder<&Frame<B>> for MqttCodec {
    type Error = CodecError;

    fn encode(&mut self, frame: &Frame<B>, dst: &mut BytesMut) -> Result<(), CodecError> {
        self.encode(frame.packet(), dst)
    }
}

impl<B: AsRef<[u8]>> codec::Encoder<Frame<B>> for MqttCodec {
    type Error = CodecError;

    fn encode(&mut self, frame: Frame<B>, dst: &mut BytesMut) -> Result<(), CodecError> {
        self.encode(frame.packet(), dst)
    }
}

impl Frame<Bytes> {
    /// The payload of a PUBLISH as a slice of the frame's own bytes, which it keeps alive: nothing is
    /// copied. `None` for any other packet.
    pub fn payload(&self) -> Option<Bytes> {
        match self.packet() {
            Packet::Publish(publish) => Some(self.inner().slice_ref(publish.payload)),
            _ => None,
        }
    }
}
