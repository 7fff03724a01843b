#!/bin/bash -eu
# Run by OSS-Fuzz and by ClusterFuzzLite in their builder image, which sets SRC and OUT: every target with its seeds
# and the dictionary.
cd "$SRC/mqtt-codec"
cargo fuzz build -O
for source in fuzz/fuzz_targets/*.rs; do
    target=$(basename "$source" .rs)
    cp "fuzz/target/x86_64-unknown-linux-gnu/release/$target" "$OUT/"
    zip -jq "$OUT/${target}_seed_corpus.zip" "fuzz/corpus/$target"/*
    cp fuzz/mqtt.dict "$OUT/$target.dict"
done
