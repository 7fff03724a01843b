//! The codec's reader, fed as a socket feeds it.

use mqtt_codec::v3::Decoder;
use mqtt_codec::v3::stream::{Event, PacketReader};

use crate::fold;
use crate::ours::sum_of;

/// The reader's buffer: what a segment of a network brings, and a packet that straddles its end.
pub const BUFFER: usize = 256 * 1024;

/// Reads all packets out of `wire`, which comes `chunk` bytes at a time; the same sums as
/// [`decode_all`](crate::Contender::decode_all).
#[inline]
pub fn read_all(wire: &[u8], chunk: usize, buf: &mut [u8]) -> u64 {
    let mut reader = PacketReader::new(buf);
    let (mut rest, mut sums) = (wire, 0u64);
    loop {
        match reader.next(&Decoder::DEFAULT) {
            Ok(Event::Packet(packet)) => sums = fold(sums, sum_of(&packet)),
            Ok(Event::NeedMore { .. }) if rest.is_empty() => return sums,
            Ok(Event::NeedMore { .. }) => {
                let space = reader.space();
                let n = chunk.min(rest.len()).min(space.len());
                let (now, later) = rest.split_at(n);
                space[..n].copy_from_slice(now);
                rest = later;
                reader.commit(n).expect("there is room");
            }
            other => panic!("{other:?}"),
        }
    }
}
