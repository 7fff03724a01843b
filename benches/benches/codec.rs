//! Decode, encode, build and encode, header only, the chunked stream, matching: every workload, every
//! contender. `cargo bench` in this folder; with `--features peers` also the peers.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};

use mqtt_codec_benches::rows::{self, Row};

fn codec(criterion: &mut Criterion) {
    let rows = rows::all();
    let rows: Vec<&Row> = rows.iter().filter(|row| row.cannot.is_none()).collect();
    // One group for each kind of work and workload, so that its figures stand side by side.
    let name = |row: &Row| format!("{}/{}", row.work.name(), row.workload);
    let mut groups: Vec<String> = Vec::new();
    for row in &rows {
        if !groups.contains(&name(row)) {
            groups.push(name(row));
        }
    }
    for group_name in groups {
        let mut group = criterion.benchmark_group(&group_name);
        for row in rows.iter().filter(|row| name(row) == group_name) {
            (row.prove)();
            group.throughput(Throughput::Elements(row.packets as u64));
            group.bench_function(row.contender, |b| b.iter_custom(|runs| (row.run)(runs as usize)));
        }
        group.finish();
    }
}

criterion_group!(benches, codec);
criterion_main!(benches);
