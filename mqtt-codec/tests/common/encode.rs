//! What every encoder promises.

use mqtt_codec::EncodeError;
use mqtt_codec::v3::Packet;

use super::{excerpt, lengths_below};

/// What output buffers are filled with: a byte that the encoder forgot shows.
pub(crate) const FILL: u8 = 0xa5;

pub(crate) fn is_untouched(out: &[u8]) -> bool {
    out.iter().all(|byte| *byte == FILL)
}

/// `packet` encodes to exactly `frame`: into a larger buffer, whose end it leaves alone, and into one
/// of just this size. A smaller one stays untouched and is told the size.
pub(crate) fn check_encode(packet: &Packet<'_>, frame: &[u8]) {
    assert_eq!(packet.encoded_len(), frame.len(), "{}", excerpt(frame));
    for spare in [9, 0] {
        let mut out = vec![FILL; frame.len() + spare];
        assert_eq!(packet.encode(&mut out), Ok(frame.len()), "{}", excerpt(frame));
        let (written, rest) = out.split_at(frame.len());
        assert!(written == frame, "{} instead of {}", excerpt(written), excerpt(frame));
        assert!(is_untouched(rest), "{}", excerpt(frame));
    }
    let mut out = vec![FILL; frame.len()];
    for len in lengths_below(frame.len()) {
        let small = &mut out[..len];
        assert_eq!(packet.encode(small), Err(EncodeError::BufferTooSmall { needed: frame.len() }));
        assert!(is_untouched(small), "{} bytes for {}", len, excerpt(frame));
    }
}

/// The packet's frame.
pub(crate) fn encoded(packet: &Packet<'_>) -> Vec<u8> {
    let mut out = vec![FILL; packet.encoded_len()];
    assert_eq!(packet.encode(&mut out), Ok(out.len()), "{packet:?}");
    out
}
