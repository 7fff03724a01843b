//! What `benches/codec.rs` and `instructions.sh` measure: the workloads, and the contenders, each in its own
//! file.
//!
//! A cell of the table is a kind of work, a contender and a workload: a [`rows::Row`]. A contender has to give
//! the right sums for what it decodes and the right bytes for what it encodes, or it is not measured; what it
//! cannot do it says itself, with the reason ([`Contender::cannot`]), and a test holds it to that.

pub mod floor;
pub mod ours;
#[cfg(feature = "peers")]
pub mod peers;
pub mod rows;
pub mod stream;
pub mod sum;
pub mod workloads;

use rows::Work;
use workloads::{Filters, Sample, Workload};

/// How many bytes come at a time in the chunked stream: a segment of a network.
pub const CHUNK: usize = 1460;

/// A codec that is measured.
pub trait Contender: 'static {
    /// How the tables call it.
    const NAME: &'static str;

    /// Where bytes wait that have come and are not yet decoded.
    type Inbox: Default;

    /// Where the bytes of encoded packets go.
    type Outbox: Outbox;

    /// Where the parts of a packet are kept that its own type only borrows.
    type Room: Default;

    /// What is encoded.
    type Packet<'a>;

    /// Why it is not measured in a cell, if it is not.
    fn cannot(_work: Work, _workload: &str) -> Option<&'static str> {
        None
    }

    /// Decodes all packets of a buffer; the sums over all their fields, by the functions of [`sum`], folded
    /// into one by [`fold`].
    fn decode_all(inbox: &mut Self::Inbox, wire: &[u8]) -> u64;

    /// The same for a buffer that holds one packet, so that a loop over packets is no part of its figure.
    #[inline]
    fn decode_one(inbox: &mut Self::Inbox, wire: &[u8]) -> u64 {
        Self::decode_all(inbox, wire)
    }

    /// The same with the bytes coming `chunk` at a time.
    fn decode_chunks(inbox: &mut Self::Inbox, wire: &[u8], chunk: usize) -> u64;

    /// A packet out of a message's plain strings and numbers.
    fn build<'a>(sample: &'a Sample, room: &'a mut Self::Room) -> Self::Packet<'a>;

    /// Writes the packet behind what is in `out`.
    fn encode(packet: &Self::Packet<'_>, out: &mut Self::Outbox);

    /// The same for a packet that is not needed afterwards.
    #[inline]
    fn encode_owned(packet: Self::Packet<'_>, out: &mut Self::Outbox) {
        Self::encode(&packet, out);
    }
}

/// Where encoded packets go.
pub trait Outbox {
    /// Room for `len` bytes, so that nobody has to grow while it is measured.
    fn with_capacity(len: usize) -> Self;

    /// Forgets what was written, as after sending it.
    fn clear(&mut self);

    /// What was written.
    fn written(&mut self) -> Vec<u8>;
}

/// A codec that decodes where the bytes lie and encodes into a slice.
pub trait InPlace: 'static {
    /// As [`Contender::NAME`].
    const NAME: &'static str;

    /// As [`Contender::Room`].
    type Room: Default;

    /// As [`Contender::Packet`].
    type Packet<'a>;

    /// As [`Contender::cannot`].
    fn cannot(_work: Work, _workload: &str) -> Option<&'static str> {
        None
    }

    /// Decodes the packet at the front of `buf`: the sum over its fields, and the length of its frame. `None`
    /// if it is not complete.
    fn decode(buf: &[u8]) -> Option<(u64, usize)>;

    /// As [`Contender::build`].
    fn build<'a>(sample: &'a Sample, room: &'a mut Self::Room) -> Self::Packet<'a>;

    /// Writes the packet to the front of `out` and returns its length.
    fn encode(packet: &Self::Packet<'_>, out: &mut [u8]) -> usize;
}

/// A slice that is written from its front.
pub struct Slice {
    buf: Vec<u8>,
    at: usize,
}

impl Outbox for Slice {
    fn with_capacity(len: usize) -> Self {
        Self { buf: vec![0xa5; len], at: 0 }
    }

    #[inline]
    fn clear(&mut self) {
        self.at = 0;
    }

    fn written(&mut self) -> Vec<u8> {
        self.buf[..self.at].to_vec()
    }
}

impl<C: InPlace> Contender for C {
    const NAME: &'static str = C::NAME;
    type Inbox = Vec<u8>;
    type Outbox = Slice;
    type Room = C::Room;
    type Packet<'a> = C::Packet<'a>;

    fn cannot(work: Work, workload: &str) -> Option<&'static str> {
        C::cannot(work, workload)
    }

    #[inline]
    fn decode_all(_inbox: &mut Vec<u8>, wire: &[u8]) -> u64 {
        let (mut rest, mut sums) = (wire, 0);
        while !rest.is_empty() {
            let (sum, len) = C::decode(rest).expect("the workloads are complete");
            sums = fold(sums, sum);
            rest = &rest[len..];
        }
        sums
    }

    #[inline]
    fn decode_one(_inbox: &mut Vec<u8>, wire: &[u8]) -> u64 {
        let (sum, len) = C::decode(wire).expect("the workloads are complete");
        assert_eq!(len, wire.len());
        sum
    }

    /// The loop that the user of such a codec writes: what comes goes behind what is left, and what is left
    /// goes to the front.
    #[inline]
    fn decode_chunks(inbox: &mut Vec<u8>, wire: &[u8], chunk: usize) -> u64 {
        let mut sums = 0;
        for chunk in wire.chunks(chunk) {
            inbox.extend_from_slice(chunk);
            let mut at = 0;
            while let Some((sum, len)) = C::decode(&inbox[at..]) {
                sums = fold(sums, sum);
                at += len;
            }
            inbox.drain(..at);
        }
        sums
    }

    #[inline]
    fn build<'a>(sample: &'a Sample, room: &'a mut C::Room) -> C::Packet<'a> {
        C::build(sample, room)
    }

    #[inline]
    fn encode(packet: &C::Packet<'_>, out: &mut Slice) {
        out.at += C::encode(packet, &mut out.buf[out.at..]);
    }
}

/// A codec that tells a packet's type and length by its fixed header alone.
pub trait Header: 'static {
    /// As [`Contender::NAME`].
    const NAME: &'static str;

    /// The type's number, and the length of the frame.
    fn header(buf: &[u8]) -> (u8, usize);
}

/// A codec that tells whether a topic filter matches a topic name. Both are validated and ready before it is
/// measured.
pub trait Matching: 'static {
    /// As [`Contender::NAME`].
    const NAME: &'static str;

    /// A topic filter as the codec keeps it.
    type Filter<'a>;

    /// A topic name as the codec keeps it.
    type Topic<'a>;

    /// A topic filter out of a string.
    fn filter(filter: &str) -> Self::Filter<'_>;

    /// A topic name out of a string.
    fn topic(topic: &str) -> Self::Topic<'_>;

    /// Whether they match.
    fn matches(filter: &Self::Filter<'_>, topic: &Self::Topic<'_>) -> bool;
}

/// The sum over one packet more.
#[inline(always)]
pub fn fold(sums: u64, sum: u64) -> u64 {
    sums.rotate_left(1) ^ sum
}

/// The types of all packets of a buffer, by their fixed headers alone, folded into one.
#[inline]
pub fn header_only<C: Header>(wire: &[u8]) -> u64 {
    let (mut rest, mut types) = (wire, 0);
    while !rest.is_empty() {
        let (packet_type, len) = C::header(rest);
        types = fold(types, packet_type.into());
        rest = &rest[len..];
    }
    types
}

/// The same for a buffer that holds one packet.
#[inline]
pub fn header_of_one<C: Header>(wire: &[u8]) -> u64 {
    let (packet_type, len) = C::header(wire);
    assert_eq!(len, wire.len());
    packet_type.into()
}

/// Encodes packets one behind the other.
#[inline]
pub fn encode_all<C: Contender>(packets: &[C::Packet<'_>], out: &mut C::Outbox) {
    out.clear();
    for packet in packets {
        C::encode(packet, out);
    }
}

/// Encodes one packet.
#[inline]
pub fn encode_one<C: Contender>(packet: &C::Packet<'_>, out: &mut C::Outbox) {
    out.clear();
    C::encode(packet, out);
}

/// The same, with each packet built first.
#[inline]
pub fn build_and_encode_all<C: Contender>(samples: &[Sample], out: &mut C::Outbox) {
    out.clear();
    for sample in samples {
        let mut room = C::Room::default();
        C::encode_owned(C::build(sample, &mut room), out);
    }
}

/// Builds and encodes one packet.
#[inline]
pub fn build_and_encode_one<C: Contender>(sample: &Sample, out: &mut C::Outbox) {
    out.clear();
    let mut room = C::Room::default();
    C::encode_owned(C::build(sample, &mut room), out);
}

/// The packets of a workload, ready to be encoded; `rooms` keeps what they borrow.
pub fn build_all<'a, C: Contender>(
    workload: &'a Workload,
    rooms: &'a mut Vec<C::Room>,
) -> Vec<C::Packet<'a>> {
    rooms.resize_with(workload.samples.len(), C::Room::default);
    workload.samples.iter().zip(rooms).map(|(sample, room)| C::build(sample, room)).collect()
}

/// How many of the filters match the topic.
#[inline]
pub fn count_matches<C: Matching>(filters: &[C::Filter<'_>], topic: &C::Topic<'_>) -> usize {
    filters.iter().filter(|filter| C::matches(filter, topic)).count()
}

/// All filters of a workload, ready to be matched.
pub fn all_filters<C: Matching>(filters: &Filters) -> Vec<C::Filter<'_>> {
    filters.filters.iter().map(|filter| C::filter(filter)).collect()
}
