//! All cells of the table, each with the code that is measured.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::floor::Floor;
use crate::ours::Ours;
use crate::workloads::{self, Filters, Workload};
use crate::{
    CHUNK, Contender, Header, Matching, Outbox, all_filters, build_all, build_and_encode_all, count_matches,
    encode_all, header_only, stream,
};

/// A kind of work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Work {
    /// Bytes to packets, and the sums over their fields.
    Decode,
    /// Ready-built packets to bytes.
    Encode,
    /// Strings, bytes and numbers to bytes, with their checks.
    Build,
    /// Fixed headers alone.
    Header,
    /// Decoding with the bytes coming [`CHUNK`] at a time.
    Chunked,
    /// The codec's reader with all bytes there at once.
    Reader,
    /// Topic filters against a topic name.
    Matching,
}

impl Work {
    /// How the tables call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Decode => "decode",
            Self::Encode => "encode",
            Self::Build => "build+encode",
            Self::Header => "header",
            Self::Chunked => "chunked",
            Self::Reader => "reader",
            Self::Matching => "matching",
        }
    }
}

/// Does the work so many times and tells how long it took, without what was to be made ready before.
type Run = Box<dyn Fn(usize) -> Duration>;

/// A cell of the table.
pub struct Row {
    /// What is done.
    pub work: Work,
    /// Who does it.
    pub contender: &'static str,
    /// With what.
    pub workload: &'static str,
    /// How many packets (of matching: filters) the workload has.
    pub packets: usize,
    /// Why the contender is not measured here, if it is not.
    pub cannot: Option<&'static str>,
    /// Panics unless the contender does the work right.
    pub prove: Box<dyn Fn()>,
    /// What is measured.
    pub run: Run,
}

#[inline(always)]
fn timed(runs: usize, mut once: impl FnMut()) -> Duration {
    let start = Instant::now();
    for _ in 0..runs {
        once();
    }
    start.elapsed()
}

// What is counted. Never inlined, so that it is the same code in every run.

#[inline(never)]
fn decode<C: Contender>(workload: &Workload, runs: usize) -> Duration {
    let mut inbox = C::Inbox::default();
    timed(runs, || {
        black_box(C::decode_all(black_box(&mut inbox), black_box(&workload.wire)));
    })
}

#[inline(never)]
fn decode_one<C: Contender>(workload: &Workload, runs: usize) -> Duration {
    let mut inbox = C::Inbox::default();
    timed(runs, || {
        black_box(C::decode_one(black_box(&mut inbox), black_box(&workload.wire)));
    })
}

#[inline(never)]
fn chunked<C: Contender>(workload: &Workload, runs: usize) -> Duration {
    let mut inbox = C::Inbox::default();
    timed(runs, || {
        black_box(C::decode_chunks(black_box(&mut inbox), black_box(&workload.wire), CHUNK));
    })
}

#[inline(never)]
fn encode<C: Contender>(workload: &Workload, runs: usize) -> Duration {
    let mut rooms = Vec::new();
    let packets = build_all::<C>(workload, &mut rooms);
    let mut out = C::Outbox::with_capacity(workload.wire.len());
    timed(runs, || encode_all::<C>(black_box(&packets), black_box(&mut out)))
}

#[inline(never)]
fn encode_one<C: Contender>(workload: &Workload, runs: usize) -> Duration {
    let mut rooms = Vec::new();
    let packets = build_all::<C>(workload, &mut rooms);
    let packet = &packets[0];
    let mut out = C::Outbox::with_capacity(workload.wire.len());
    timed(runs, || crate::encode_one::<C>(black_box(packet), black_box(&mut out)))
}

#[inline(never)]
fn build_and_encode<C: Contender>(workload: &Workload, runs: usize) -> Duration {
    let mut out = C::Outbox::with_capacity(workload.wire.len());
    timed(runs, || build_and_encode_all::<C>(black_box(&workload.samples), black_box(&mut out)))
}

#[inline(never)]
fn build_and_encode_one<C: Contender>(workload: &Workload, runs: usize) -> Duration {
    let sample = &workload.samples[0];
    let mut out = C::Outbox::with_capacity(workload.wire.len());
    timed(runs, || crate::build_and_encode_one::<C>(black_box(sample), black_box(&mut out)))
}

#[inline(never)]
fn header<C: Header>(workload: &Workload, runs: usize) -> Duration {
    timed(runs, || {
        black_box(header_only::<C>(black_box(&workload.wire)));
    })
}

#[inline(never)]
fn header_of_one<C: Header>(workload: &Workload, runs: usize) -> Duration {
    timed(runs, || {
        black_box(crate::header_of_one::<C>(black_box(&workload.wire)));
    })
}

#[inline(never)]
fn read<const CHUNK: usize>(workload: &Workload, runs: usize) -> Duration {
    let mut buf = vec![0; stream::BUFFER];
    timed(runs, || {
        black_box(stream::read_all(black_box(&workload.wire), CHUNK, &mut buf));
    })
}

#[inline(never)]
fn matching<C: Matching>(filters: &Filters, runs: usize) -> Duration {
    let (topic, filters) = (C::topic(filters.topic), all_filters::<C>(filters));
    timed(runs, || {
        black_box(count_matches::<C>(black_box(&filters), black_box(&topic)));
    })
}

/// Panics unless what was decoded is what the workload says, also when it is decoded again.
fn prove_sums(workload: &Workload, mut sums: impl FnMut() -> u64) {
    for _ in 0..2 {
        assert_eq!(sums(), workload.sum(), "decoded fields");
    }
}

/// Panics unless what was encoded is what the workload says, also when it is encoded again.
fn prove_bytes<C: Contender>(workload: &Workload, mut encode: impl FnMut(&mut C::Outbox)) {
    let mut out = C::Outbox::with_capacity(workload.wire.len());
    for _ in 0..2 {
        encode(&mut out);
        assert!(out.written() == workload.wire, "encoded bytes");
    }
}

fn prove_encode<C: Contender>(workload: &Workload) {
    let mut rooms = Vec::new();
    let packets = build_all::<C>(workload, &mut rooms);
    prove_bytes::<C>(workload, |out| encode_all::<C>(&packets, out));
}

fn contender<C: Contender>(rows: &mut Vec<Row>, workloads: &'static [Workload]) {
    for workload in workloads {
        let is_one = workload.samples.len() == 1;
        let mut push = |work, prove: Box<dyn Fn()>, run: Run| {
            rows.push(Row {
                work,
                contender: C::NAME,
                workload: workload.name,
                packets: workload.samples.len(),
                cannot: C::cannot(work, workload.name),
                prove,
                run,
            });
        };
        push(
            Work::Decode,
            Box::new(move || {
                let mut inbox = C::Inbox::default();
                prove_sums(workload, || C::decode_all(&mut inbox, &workload.wire));
                if is_one {
                    prove_sums(workload, || C::decode_one(&mut inbox, &workload.wire));
                }
            }),
            Box::new(
                move |runs| {
                    if is_one { decode_one::<C>(workload, runs) } else { decode::<C>(workload, runs) }
                },
            ),
        );
        push(
            Work::Encode,
            Box::new(|| prove_encode::<C>(workload)),
            Box::new(
                move |runs| {
                    if is_one { encode_one::<C>(workload, runs) } else { encode::<C>(workload, runs) }
                },
            ),
        );
        push(
            Work::Build,
            Box::new(|| {
                prove_bytes::<C>(workload, |out| build_and_encode_all::<C>(&workload.samples, out));
            }),
            Box::new(move |runs| {
                if is_one {
                    build_and_encode_one::<C>(workload, runs)
                } else {
                    build_and_encode::<C>(workload, runs)
                }
            }),
        );
        // The reader is our contender there.
        if workload.name == workloads::STREAM && C::NAME != <Ours as Contender>::NAME {
            push(
                Work::Chunked,
                Box::new(|| {
                    let mut inbox = C::Inbox::default();
                    prove_sums(workload, || C::decode_chunks(&mut inbox, &workload.wire, CHUNK));
                }),
                Box::new(|runs| chunked::<C>(workload, runs)),
            );
        }
    }
}

fn reader<const CHUNK: usize>(rows: &mut Vec<Row>, work: Work, workloads: &'static [Workload]) {
    for workload in workloads.iter().filter(|workload| workload.name == workloads::STREAM) {
        rows.push(Row {
            work,
            contender: <Ours as Contender>::NAME,
            workload: workload.name,
            packets: workload.samples.len(),
            cannot: None,
            prove: Box::new(|| {
                let mut buf = vec![0; stream::BUFFER];
                prove_sums(workload, || stream::read_all(&workload.wire, CHUNK, &mut buf));
            }),
            run: Box::new(|runs| read::<CHUNK>(workload, runs)),
        });
    }
}

fn headers<C: Header>(rows: &mut Vec<Row>, workloads: &'static [Workload]) {
    for workload in workloads {
        let is_one = workload.samples.len() == 1;
        rows.push(Row {
            work: Work::Header,
            contender: C::NAME,
            workload: workload.name,
            packets: workload.samples.len(),
            cannot: None,
            prove: Box::new(move || {
                assert_eq!(header_only::<C>(&workload.wire), workload.types());
                assert!(!is_one || crate::header_of_one::<C>(&workload.wire) == workload.types());
            }),
            run: Box::new(move |runs| {
                if is_one { header_of_one::<C>(workload, runs) } else { header::<C>(workload, runs) }
            }),
        });
    }
}

fn matcher<C: Matching>(rows: &mut Vec<Row>, filters: &'static Filters) {
    rows.push(Row {
        work: Work::Matching,
        contender: C::NAME,
        workload: filters.name,
        packets: filters.filters.len(),
        cannot: None,
        prove: Box::new(|| {
            let topic = C::topic(filters.topic);
            for (filter, matches) in filters.filters.iter().zip(&filters.matching) {
                assert_eq!(C::matches(&C::filter(filter), &topic), *matches, "{filter}");
            }
        }),
        run: Box::new(|runs| matching::<C>(filters, runs)),
    });
}

/// All cells, the floor and this codec first.
pub fn all() -> Vec<Row> {
    let workloads: &'static [Workload] = workloads::all().leak();
    let filters: &'static Filters = Box::leak(Box::new(workloads::filters()));
    let rows = &mut Vec::new();
    contender::<Floor>(rows, workloads);
    headers::<Floor>(rows, workloads);
    matcher::<Floor>(rows, filters);
    contender::<Ours>(rows, workloads);
    headers::<Ours>(rows, workloads);
    matcher::<Ours>(rows, filters);
    reader::<CHUNK>(rows, Work::Chunked, workloads);
    reader::<{ usize::MAX }>(rows, Work::Reader, workloads);
    #[cfg(feature = "peers")]
    {
        use crate::peers::*;
        contender::<mqttrs::Mqttrs>(rows, workloads);
        contender::<mqttrust::Mqttrust>(rows, workloads);
        headers::<mqttrust::Mqttrust>(rows, workloads);
        contender::<rumqttc::Rumqttc>(rows, workloads);
        headers::<rumqttc::Rumqttc>(rows, workloads);
        matcher::<rumqttc::Rumqttc>(rows, filters);
        contender::<protocol_core::ProtocolCore>(rows, workloads);
        contender::<ntex::Ntex>(rows, workloads);
        matcher::<ntex::Ntex>(rows, filters);
        contender::<rmqtt::Rmqtt>(rows, workloads);
        contender::<kit::Kit>(rows, workloads);
        matcher::<kit::Kit>(rows, filters);
    }
    std::mem::take(rows)
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    /// Who is measured does the work right, and who is not cannot.
    #[test]
    fn every_contender_does_what_it_is_measured_in() {
        // The panics of those who cannot are wanted: they are not to be seen.
        std::panic::set_hook(Box::new(|_| {}));
        let wrong: Vec<_> = all()
            .iter()
            .filter(|row| catch_unwind(AssertUnwindSafe(&row.prove)).is_ok() != row.cannot.is_none())
            .map(|row| (row.contender, row.work, row.workload, row.cannot))
            .collect();
        let _ = std::panic::take_hook();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn no_cell_is_there_twice() {
        let mut cells: Vec<_> =
            all().iter().map(|row| (row.work.name(), row.contender, row.workload)).collect();
        cells.sort_unstable();
        let len = cells.len();
        cells.dedup();
        assert_eq!(cells.len(), len);
    }
}
