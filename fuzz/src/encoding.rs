//! What every encoding must keep to.

use mqtt_codec::EncodeError;
use mqtt_codec::v3::Packet;

/// What output is filled with.
const FILL: u8 = 0xa5;

/// The frame of a packet that can be encoded: `encoded_len()` bytes, and not one behind them. A buffer that
/// lacks a byte is refused with the size, and nothing is written.
pub fn frame_of(packet: &Packet<'_>) -> Vec<u8> {
    let len = packet.encoded_len();
    let mut exact = vec![FILL; len].into_boxed_slice();
    assert_eq!(packet.encode(&mut exact), Ok(len), "{packet:?}");
    let mut roomy = vec![!FILL; len + 8].into_boxed_slice();
    assert_eq!(packet.encode(&mut roomy), Ok(len));
    assert_eq!(roomy[..len], *exact, "the bytes depend on what was in the buffer");
    assert!(roomy[len..].iter().all(|byte| *byte == !FILL), "written behind the packet");
    for short in [0, len / 2, len - 1] {
        let mut small = vec![FILL; short].into_boxed_slice();
        assert_eq!(packet.encode(&mut small), Err(EncodeError::BufferTooSmall { needed: len }));
        assert!(small.iter().all(|byte| *byte == FILL), "written to although it is too small");
    }
    exact.into_vec()
}

/// A packet that cannot be encoded is refused whatever the room, and nothing is written.
pub fn refusal_of(packet: &Packet<'_>) -> EncodeError {
    let mut out = vec![FILL; packet.encoded_len() + 8].into_boxed_slice();
    let error = packet.encode(&mut out).expect_err("a packet that breaks a rule is encoded");
    assert!(out.iter().all(|byte| *byte == FILL), "written to although it is refused");
    assert_eq!(packet.encode(&mut []), Err(error), "the rules come before the size");
    error
}
