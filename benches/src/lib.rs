//! What `benches/codec.rs` measures: the workloads, and the contenders, each in its own file.
//!
//! A contender has to give the right sum for every workload that it decodes and the right bytes for
//! every packet that it encodes, or [`prove`] stops the run before anything is measured.

pub mod floor;
pub mod ours;
pub mod stream;
pub mod sum;
pub mod workloads;

use mqtt_codec::frame::Peek;
use mqtt_codec::v3::Decoder;
use workloads::{Sample, Workload};

/// A codec that is measured.
pub trait Contender {
    /// How the tables call it.
    const NAME: &'static str;

    /// Where the parts of a packet are kept that its own type only borrows.
    type Room: Default;

    /// What is encoded.
    type Packet<'a>;

    /// Decodes the packet at the front of `buf`. Returns the sum over all its fields, by the
    /// functions of [`sum`], and the length of its frame.
    fn decode(buf: &[u8]) -> (u64, usize);

    /// A packet out of a message's plain strings and numbers.
    fn build<'a>(sample: &'a Sample, room: &'a mut Self::Room) -> Self::Packet<'a>;

    /// Writes the packet to the front of `out` and returns its length.
    fn encode(packet: &Self::Packet<'_>, out: &mut [u8]) -> usize;
}

/// Decodes all packets of a buffer; the sums, folded into one.
#[inline]
pub fn decode_all<C: Contender>(wire: &[u8]) -> u64 {
    let mut rest = wire;
    let mut sums = 0u64;
    while !rest.is_empty() {
        let (sum, len) = C::decode(rest);
        sums = sums.rotate_left(1) ^ sum;
        rest = &rest[len..];
    }
    sums
}

/// The types of all packets of a buffer, by their fixed headers alone, folded into one.
#[inline]
pub fn header_only(wire: &[u8]) -> u64 {
    let mut rest = wire;
    let mut types = 0u64;
    while !rest.is_empty() {
        match Decoder::DEFAULT.peek(rest) {
            Ok(Peek::Header(header)) => {
                types = types.rotate_left(4) ^ header.packet_type as u64;
                rest = &rest[header.frame_len() as usize..];
            }
            other => panic!("{other:?}"),
        }
    }
    types
}

/// Encodes packets one behind the other; the bytes written.
#[inline]
pub fn encode_all<C: Contender>(packets: &[C::Packet<'_>], out: &mut [u8]) -> usize {
    let mut at = 0;
    for packet in packets {
        at += C::encode(packet, &mut out[at..]);
    }
    at
}

/// The same, with each packet built first.
#[inline]
pub fn build_and_encode_all<C: Contender>(samples: &[Sample], out: &mut [u8]) -> usize {
    let mut at = 0;
    for sample in samples {
        let mut room = C::Room::default();
        at += C::encode(&C::build(sample, &mut room), &mut out[at..]);
    }
    at
}

/// The packets of a workload, ready to be encoded; `rooms` keeps what they borrow.
pub fn build_all<'a, C: Contender>(
    workload: &'a Workload,
    rooms: &'a mut Vec<C::Room>,
) -> Vec<C::Packet<'a>> {
    rooms.resize_with(workload.samples.len(), C::Room::default);
    workload.samples.iter().zip(rooms).map(|(sample, room)| C::build(sample, room)).collect()
}

/// Panics unless the contender reads every field of the workload and writes every byte.
pub fn prove<C: Contender>(workload: &Workload) {
    let what = format!("{}: {}", C::NAME, workload.name);
    assert_eq!(decode_all::<C>(&workload.wire), workload.sum(), "{what}: decoded fields");

    let mut rooms = Vec::new();
    let packets = build_all::<C>(workload, &mut rooms);
    let mut out = vec![0xa5; workload.wire.len()];
    assert_eq!(encode_all::<C>(&packets, &mut out), out.len(), "{what}: encoded length");
    assert_eq!(out, workload.wire, "{what}: encoded bytes");

    out.fill(0xa5);
    assert_eq!(build_and_encode_all::<C>(&workload.samples, &mut out), out.len(), "{what}: built length");
    assert_eq!(out, workload.wire, "{what}: built bytes");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_contender_reads_every_field() {
        for workload in workloads::all() {
            prove::<ours::Ours>(&workload);
            prove::<floor::Floor>(&workload);
        }
    }

    #[test]
    fn the_reader_reads_every_field() {
        let workload = workloads::all().pop().unwrap();
        let mut buf = vec![0; stream::BUFFER];
        for chunk in [1460, usize::MAX] {
            assert_eq!(stream::read_all(&workload.wire, chunk, &mut buf), workload.sum());
        }
    }
}
