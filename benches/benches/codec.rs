//! Decode, encode, build and encode: every workload, every contender. `cargo bench` in this folder.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};

use mqtt_codec_benches::floor::Floor;
use mqtt_codec_benches::ours::Ours;
use mqtt_codec_benches::workloads::{self, Workload};
use mqtt_codec_benches::{Contender, build_all, build_and_encode_all, decode_all, encode_all, prove};

type Group<'a> = BenchmarkGroup<'a, WallTime>;

fn decoding<C: Contender>(group: &mut Group<'_>, workload: &Workload) {
    group.bench_function(C::NAME, |b| b.iter(|| decode_all::<C>(black_box(&workload.wire))));
}

fn encoding<C: Contender>(group: &mut Group<'_>, workload: &Workload) {
    let mut rooms = Vec::new();
    let packets = build_all::<C>(workload, &mut rooms);
    let mut out = vec![0; workload.wire.len()];
    group.bench_function(C::NAME, |b| {
        b.iter(|| encode_all::<C>(black_box(&packets), black_box(&mut out)));
    });
}

fn building_and_encoding<C: Contender>(group: &mut Group<'_>, workload: &Workload) {
    let mut out = vec![0; workload.wire.len()];
    group.bench_function(C::NAME, |b| {
        b.iter(|| build_and_encode_all::<C>(black_box(&workload.samples), black_box(&mut out)));
    });
}

/// One group for each kind of work and workload, so that its figures stand side by side.
fn measure(criterion: &mut Criterion, work: &str, contenders: &[for<'g> fn(&mut Group<'g>, &Workload)]) {
    for workload in &workloads::all() {
        let mut group = criterion.benchmark_group(format!("{work}/{}", workload.name));
        group.throughput(Throughput::Elements(workload.samples.len() as u64));
        for contender in contenders {
            contender(&mut group, workload);
        }
        group.finish();
    }
}

fn codec(criterion: &mut Criterion) {
    for workload in &workloads::all() {
        prove::<Floor>(workload);
        prove::<Ours>(workload);
    }
    measure(criterion, "decode", &[decoding::<Floor>, decoding::<Ours>]);
    measure(criterion, "encode", &[encoding::<Floor>, encoding::<Ours>]);
    measure(criterion, "build+encode", &[building_and_encoding::<Floor>, building_and_encoding::<Ours>]);
}

criterion_group!(benches, codec);
criterion_main!(benches);
