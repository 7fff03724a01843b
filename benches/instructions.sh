#!/usr/bin/env bash
# Instructions per packet: callgrind counts two run lengths, and the difference is divided. The counts
# depend on the code and the compiler alone, not on the machine's load.
#
#   ./instructions.sh            prints the table
#   ./instructions.sh WORK       a part of it: decode, encode, build+encode, header, reader
set -euo pipefail
cd "$(dirname "$0")"
part=${1:-}
command -v valgrind >/dev/null || { echo "instructions.sh: valgrind is needed" >&2; exit 2; }
cargo build -q --locked --profile bench --bin instructions
target=${CARGO_TARGET_DIR:-target}
run() { # WORK CONTENDER WORKLOAD RUNS -> instructions of the whole process
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$target/release/instructions" "$@" 2>&1 |
        sed -n 's/^.*Collected : *\([0-9]*\)$/\1/p'
}
"$target/release/instructions" | while IFS=$'\t' read -r work contender workload packets; do
    [ -z "$part" ] || [ "$part" = "$work" ] || continue
    few=2 many=102
    [ "$packets" = 1 ] || { few=1 many=3; }
    a=$(run "$work" "$contender" "$workload" "$few")
    b=$(run "$work" "$contender" "$workload" "$many")
    [ -n "$a" ] && [ -n "$b" ] || { echo "instructions.sh: callgrind gave no count" >&2; exit 1; }
    printf '%-13s %-7s %-15s %6d\n' "$work" "$contender" "$workload" $(((b - a) / ((many - few) * packets)))
done
