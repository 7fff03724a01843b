//! One workload, so many times: for `instructions.sh`, which runs it under callgrind with two numbers
//! of runs and takes the difference, so that start and end do not count.
//!
//!     instructions                                  lists what can be measured
//!     instructions WORK CONTENDER WORKLOAD RUNS

use std::hint::black_box;
use std::process::ExitCode;

use mqtt_codec_benches::floor::Floor;
use mqtt_codec_benches::ours::Ours;
use mqtt_codec_benches::workloads::{self, Workload};
use mqtt_codec_benches::{
    Contender, build_all, build_and_encode_all, decode_all, encode_all, header_only, prove, stream,
};

/// What is counted: a workload once. Never inlined, so that it is the same code in every run.
type Region = fn(&Workload, usize);

#[inline(never)]
fn decode<C: Contender>(workload: &Workload, runs: usize) {
    for _ in 0..runs {
        black_box(decode_all::<C>(black_box(&workload.wire)));
    }
}

#[inline(never)]
fn encode<C: Contender>(workload: &Workload, runs: usize) {
    let mut rooms = Vec::new();
    let packets = build_all::<C>(workload, &mut rooms);
    let mut out = vec![0; workload.wire.len()];
    for _ in 0..runs {
        black_box(encode_all::<C>(black_box(&packets), black_box(&mut out)));
    }
}

#[inline(never)]
fn build_and_encode<C: Contender>(workload: &Workload, runs: usize) {
    let mut out = vec![0; workload.wire.len()];
    for _ in 0..runs {
        black_box(build_and_encode_all::<C>(black_box(&workload.samples), black_box(&mut out)));
    }
}

#[inline(never)]
fn header(workload: &Workload, runs: usize) {
    for _ in 0..runs {
        black_box(header_only(black_box(&workload.wire)));
    }
}

#[inline(never)]
fn reader<const CHUNK: usize>(workload: &Workload, runs: usize) {
    let mut buf = vec![0; stream::BUFFER];
    for _ in 0..runs {
        black_box(stream::read_all(black_box(&workload.wire), CHUNK, &mut buf));
    }
}

/// Everything that is measured: the work, the contender, and what is run.
const ROWS: [(&str, &str, Region); 10] = [
    ("decode", "floor", decode::<Floor>),
    ("decode", "ours", decode::<Ours>),
    ("encode", "floor", encode::<Floor>),
    ("encode", "ours", encode::<Ours>),
    ("build+encode", "floor", build_and_encode::<Floor>),
    ("build+encode", "ours", build_and_encode::<Ours>),
    ("header", "ours", header),
    ("reader", "whole", reader::<{ usize::MAX }>),
    ("reader", "1460", reader::<1460>),
    ("reader", "frames", |workload, runs| decode::<Ours>(workload, runs)),
];

/// Whether a figure says anything: the reader is for the stream.
fn applies(work: &str, workload: &Workload) -> bool {
    (work == "reader") <= (workload.name == "stream")
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let workloads = workloads::all();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            for (work, contender, _) in ROWS {
                for workload in workloads.iter().filter(|workload| applies(work, workload)) {
                    println!("{work}\t{contender}\t{}\t{}", workload.name, workload.samples.len());
                }
            }
            ExitCode::SUCCESS
        }
        [work, contender, workload, runs] => {
            let row = ROWS.iter().find(|row| (row.0, row.1) == (work, contender));
            let workload = workloads.iter().find(|it| it.name == workload);
            let (Some((_, _, region)), Some(workload), Ok(runs)) = (row, workload, runs.parse()) else {
                eprintln!("instructions: there is no such work, contender or workload: {args:?}");
                return ExitCode::FAILURE;
            };
            prove::<Floor>(workload);
            prove::<Ours>(workload);
            region(workload, runs);
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("usage: instructions [WORK CONTENDER WORKLOAD RUNS]");
            ExitCode::FAILURE
        }
    }
}
