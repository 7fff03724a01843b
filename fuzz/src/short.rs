//! Every short input there is: all inputs of up to four bytes, and all frames of five and six bytes whose first
//! two can be those of a packet. `examples/short_inputs.rs` runs them and compares the counts.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use mqtt_codec::frame::Peek;
use mqtt_codec::v3::{Decoded, Decoder, Packet, Protocol};
use mqtt_codec::{ErrorKind, PacketType};

/// Inputs that begin alike: what they begin with, and how many bytes of any value follow.
pub struct Section {
    /// The line over its counts.
    pub title: String,
    decoder: Decoder,
    protocol: Protocol,
    fronts: Vec<Vec<u8>>,
    free: u32,
    /// Part of the short form.
    pub is_short: bool,
}

/// The sections, the smallest first.
pub fn sections() -> Vec<Section> {
    let mut sections = Vec::new();
    for (protocol, name) in [(Protocol::V3_1_1, "MQTT 3.1.1"), (Protocol::V3_1, "MQTT 3.1")] {
        let decoder = Decoder::DEFAULT.protocol(protocol);
        for free in 0..=4 {
            let title = format!("{name}: all inputs of {free} bytes");
            let fronts = vec![Vec::new()];
            sections.push(Section { title, decoder, protocol, fronts, free, is_short: free <= 3 });
        }
    }
    let (decoder, protocol) = (Decoder::DEFAULT, Protocol::V3_1_1);
    for free in [3_u8, 4] {
        let legal = |front: &Vec<u8>| matches!(decoder.peek(front), Ok(Peek::Header(_)));
        let fronts: Vec<_> = (0..=255).map(|first| vec![first, free]).filter(legal).collect();
        let title = format!("MQTT 3.1.1: all frames of {} bytes, {} first bytes", free + 2, fronts.len());
        sections.push(Section { title, decoder, protocol, fronts, free: free.into(), is_short: free == 3 });
    }
    sections
}

/// What became of the inputs.
#[derive(Clone)]
struct Counts {
    need_more: u64,
    /// By packet type.
    accepted: [u64; 15],
    /// By error kind.
    refused: Vec<u64>,
}

impl Counts {
    fn new() -> Self {
        Self { need_more: 0, accepted: [0; 15], refused: vec![0; ErrorKind::ALL.len()] }
    }

    fn add(&mut self, other: &Self) {
        self.need_more += other.need_more;
        self.accepted.iter_mut().zip(other.accepted).for_each(|(sum, n)| *sum += n);
        self.refused.iter_mut().zip(&other.refused).for_each(|(sum, n)| *sum += n);
    }
}

impl Section {
    /// How many inputs it has.
    pub fn len(&self) -> u64 {
        self.fronts.len() as u64 * 256_u64.pow(self.free)
    }

    /// Never: there is always an input.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Decodes them all, on every core, and gives the counts as text. Panics when a promise is broken.
    pub fn run(&self) -> String {
        // A job is a front and the value of the first free byte.
        let jobs_per_front = if self.free == 0 { 1 } else { 256 };
        let jobs = self.fronts.len() * jobs_per_front;
        let next = AtomicUsize::new(0);
        let work = || {
            let mut counts = Counts::new();
            loop {
                let job = next.fetch_add(1, Ordering::Relaxed);
                let Some(front) = self.fronts.get(job / jobs_per_front) else { return counts };
                self.run_job(front, (job % jobs_per_front) as u8, &mut counts);
            }
        };
        let threads = thread::available_parallelism().map_or(1, usize::from).min(jobs);
        let mut sum = Counts::new();
        thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            for worker in workers {
                sum.add(&worker.join().expect("a promise is broken"));
            }
        });
        self.describe(&sum)
    }

    fn run_job(&self, front: &[u8], first: u8, counts: &mut Counts) {
        let mut input = front.to_vec();
        let Some(free) = self.free.checked_sub(1) else { return self.judge(&input, counts) };
        input.push(first);
        let at = input.len();
        input.resize(at + free as usize, 0);
        for value in 0..256_u32.pow(free) {
            input[at..].copy_from_slice(&value.to_be_bytes()[4 - free as usize..]);
            self.judge(&input, counts);
        }
    }

    fn judge(&self, input: &[u8], counts: &mut Counts) {
        match self.decoder.decode(input) {
            Ok(Decoded::Packet { packet, len, tolerated }) => {
                assert!(tolerated.is_empty() && Some(len) == frame_len(input), "{input:02x?}");
                self.judge_packet(&packet, &input[..len]);
                counts.accepted[packet.packet_type() as usize] += 1;
            }
            Ok(Decoded::NeedMore { at_least }) => {
                let lacks = match frame_len(input) {
                    None if input.is_empty() => 2,
                    None => 1,
                    Some(len) => len - input.len(),
                };
                assert_eq!(at_least, lacks, "{input:02x?}");
                if self.is_short {
                    self.judge_progress(input, at_least);
                }
                counts.need_more += 1;
            }
            Err(error) => {
                assert!(error.offset() <= frame_len(input).unwrap_or(input.len()), "{error:?}: {input:02x?}");
                counts.refused[error.kind() as usize] += 1;
            }
        }
    }

    /// What is accepted comes back as it was; in MQTT 3.1, which ignores bits, as what means the same.
    fn judge_packet(&self, packet: &Packet<'_>, frame: &[u8]) {
        let mut out = [0xa5; 8];
        let len = packet.encode(&mut out).unwrap_or_else(|error| panic!("{error}: {frame:02x?}"));
        if out[..len] != *frame {
            assert_eq!(self.protocol, Protocol::V3_1, "{frame:02x?} comes back as {:02x?}", &out[..len]);
            match self.decoder.decode(&out[..len]) {
                Ok(Decoded::Packet { packet: again, .. }) => assert_eq!(again, *packet, "{frame:02x?}"),
                other => panic!("{frame:02x?} comes back as {other:?}"),
            }
        }
    }

    /// With the bytes that were asked for, the decoder has come further.
    fn judge_progress(&self, input: &[u8], at_least: usize) {
        if at_least > 64 {
            return; // a made-up length; the fuzz targets and the golden vectors have long frames
        }
        for filler in [0, b'a', 0xff] {
            let mut more = input.to_vec();
            more.resize(input.len() + at_least, filler);
            match self.decoder.decode(&more) {
                Ok(Decoded::NeedMore { .. }) => assert!(frame_len(input).is_none(), "{input:02x?}"),
                Ok(Decoded::Packet { len, .. }) => assert_eq!(len, more.len(), "{input:02x?}"),
                Err(_) => {}
            }
        }
    }

    fn describe(&self, counts: &Counts) -> String {
        let mut text = format!("{}\n", self.title);
        let mut line = |name: &str, n: u64| {
            if n > 0 {
                let _ = writeln!(text, "  {n:>11} {name}");
            }
        };
        for (number, n) in counts.accepted.iter().enumerate() {
            let packet_type = u8::try_from(number).ok().and_then(PacketType::from_number);
            line(packet_type.map_or("", PacketType::name), *n);
        }
        line("need more", counts.need_more);
        for (kind, n) in ErrorKind::ALL.iter().zip(&counts.refused) {
            line(kind.name(), *n);
        }
        let sum = counts.need_more + counts.accepted.iter().sum::<u64>() + counts.refused.iter().sum::<u64>();
        assert_eq!(sum, self.len(), "{}: inputs were left out", self.title);
        text
    }
}

/// The length of a frame by its first bytes, counted without the codec; `None` while it is not known, or is
/// malformed.
fn frame_len(input: &[u8]) -> Option<usize> {
    let mut len = 0;
    for (group, byte) in input.iter().skip(1).take(4).enumerate() {
        len |= usize::from(byte & 0x7f) << (7 * group);
        if byte & 0x80 == 0 {
            return Some(len + group + 2);
        }
    }
    None
}
