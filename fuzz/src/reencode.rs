//! Any bytes, decoded with any options and encoded again: the same bytes, or the canonical form.

use mqtt_codec::v3::{Decoded, Decoder, Packet, Protocol, Tolerated};
use mqtt_codec::{EncodeError, ErrorKind};

use crate::encoding::{frame_of, refusal_of};
use crate::input;

/// What an option lets in and the encoder does not let out.
const RAW: [(Tolerated, ErrorKind); 3] = [
    (Tolerated::RAW_SUBACK_CODES, ErrorKind::SubackReturnCode),
    (Tolerated::RAW_CONNACK_CODES, ErrorKind::ReturnCode),
    (Tolerated::LONG_CLIENT_ID_3_1, ErrorKind::ClientIdRejected),
];

/// Panics when what is accepted does not come back. The input: a byte that chooses the decoder, four of
/// options, and the bytes.
pub fn check(input: &[u8]) {
    let Some(([choice, bits @ ..], buf)) = input.split_first_chunk::<5>() else { return };
    let (decoder, protocol) = input::decoder(*choice);
    let decoder = input::with_options(decoder, input::options(*bits));
    let Ok(Decoded::Packet { packet, len, tolerated }) = decoder.decode(buf) else { return };
    if let Some((_, kind)) = RAW.iter().find(|(raw, _)| tolerated.contains(*raw)) {
        assert_eq!(refusal_of(&packet), EncodeError::Invalid(*kind), "{packet:?}");
        return;
    }
    let out = frame_of(&packet);
    let names_3_1 = matches!(packet, Packet::Connect(connect) if connect.protocol == Protocol::V3_1);
    if tolerated.is_empty() && protocol == Protocol::V3_1_1 && !names_3_1 {
        assert_eq!(out, buf[..len], "{packet:?} comes back as other bytes");
    }
    // By the rules that it was decoded by, and by the default ones: nothing illegal is encoded.
    for decoder in [decoder, Decoder::DEFAULT] {
        match decoder.decode(&out) {
            Ok(Decoded::Packet { packet: again, len: all, tolerated }) => {
                assert_eq!((again, all), (packet, out.len()));
                assert!(tolerated.is_empty(), "{tolerated:?} in what was encoded");
                // The canonical form is its own canonical form.
                assert_eq!(frame_of(&again), out);
            }
            other => panic!("{packet:?} comes back as {other:?}"),
        }
    }
}
