//! Other codecs, each in its own file, in the versions that `Cargo.lock` has. Feature `peers`.
//!
//! Each is fed and emptied as its own interface asks, and what its user must do for that is measured:
//!
//! - mqttrs, mqttrust, mqtt-codec-kit read where the bytes lie and write into a slice, as this codec does.
//! - mqtt-protocol-core copies each packet out of what is fed; it writes each packet into a new `Vec`, which goes
//!   to the socket as it is.
//! - rumqttc, ntex-mqtt, rmqtt-codec take packets out of a `BytesMut`, to which the bytes have to be copied: once
//!   for all packets that come together. The row `encode floor` of the same workload is what such a copy costs.
//! - ntex-mqtt's and rmqtt-codec's encoders take the packet by value: to encode one that is kept, it is cloned.

pub mod kit;
pub mod mqttrs;
pub mod mqttrust;
pub mod ntex;
pub mod protocol_core;
pub mod rmqtt;
pub mod rumqttc;

use bytes::BytesMut;

use crate::Outbox;

impl Outbox for BytesMut {
    fn with_capacity(len: usize) -> Self {
        Self::with_capacity(len)
    }

    #[inline]
    fn clear(&mut self) {
        self.clear();
    }

    fn written(&mut self) -> Vec<u8> {
        self.to_vec()
    }
}

/// The length of the frame at the front of `buf` once it is complete, for codecs that do not tell.
#[inline]
fn frame_len(buf: &[u8]) -> Option<usize> {
    let (mut len, mut shift) = (0, 0);
    for (at, byte) in buf.iter().enumerate().skip(1) {
        len |= usize::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            let len = at + 1 + len;
            return (len <= buf.len()).then_some(len);
        }
        shift += 7;
    }
    None
}
