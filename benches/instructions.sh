#!/usr/bin/env bash
# Instructions per packet: callgrind counts two run lengths, and the difference is divided. The counts depend
# on the code, the compiler and the C library alone, not on the machine's load.
#
#   ./instructions.sh [--peers] [WORK]   prints the table, or a part of it: decode, encode, build+encode, header,
#                                        chunked, reader, matching, "C encode", "C decode", "C encode lto", ..
#   ./instructions.sh --check [FILE]     our own rows and the floor; fails on more than 3 % over baseline.txt, on a
#                                        heap allocation of ours and on a goal of goals.txt lost. FILE: a table
#                                        printed before, to be checked instead of measuring again
#   ./instructions.sh --bless [FILE]     writes baseline.txt
set -euo pipefail
shopt -s inherit_errexit # what finds its own answer wrong is not counted
cd "$(dirname "$0")"
peers=() mode=print part=
while [ $# -gt 0 ]; do
    case $1 in
    --peers) peers=(--features peers) ;;
    --check | --bless) mode=${1#--} ;;
    -*) sed -n '2,/^set/{s/^# \{0,1\}//;/^set/d;p}' "$0" >&2; exit 2 ;;
    *) part=$1 ;;
    esac
    shift
done
target=${CARGO_TARGET_DIR:-target}
root_target=${CARGO_TARGET_DIR:-../target}

# The C library copies with what the processor has, and would count differently on another one.
export GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX2,-AVX_Fast_Unaligned_Load,-ERMS,-SSSE3

count() { # COMMAND.. -> instructions of the whole process
    local said
    said=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 |
        sed -n 's/^.*Collected : *\([0-9]*\)$/\1/p') || { echo "instructions.sh: failed: $*" >&2; exit 1; }
    [ -n "$said" ] || { echo "instructions.sh: callgrind gave no count for: $*" >&2; exit 1; }
    echo "$said"
}

row() { # WORK CONTENDER WORKLOAD PACKETS COMMAND.. : prints a row; the number of runs is appended
    local work=$1 contender=$2 workload=$3 packets=$4 few=2 many=10002 a b
    shift 4
    [ -z "$part" ] || [ "$part" = "$work" ] || return 0
    [ "$packets" = 1 ] || { few=1 many=3; }
    a=$(count "$@" "$few")
    b=$(count "$@" "$many")
    printf '%-13s  %-18s  %-15s  %7d\n' "$work" "$contender" "$workload" $(((b - a) / ((many - few) * packets)))
}

through_c() { # PROGRAM SUFFIX
    "$1" | while IFS=$'\t' read -r work workload; do
        row "$work$2" ours "$workload" 1 "$1" "$work" "$workload"
    done
}

# The C program with the library's bitcode, where clang and the linker of the Rust toolchain are there. That linker
# has the compiler's LLVM, which reads an older clang's bitcode; the system's older lld does not read the compiler's.
lto() {
    local clang host lld
    clang=$(command -v clang clang-{22,21,20,19,18,17,16,15,14} | head -1) || true
    host=$(rustc -vV | sed -n 's/^host: //p')
    lld=$(rustc --print sysroot)/lib/rustlib/$host/bin/gcc-ld/ld.lld
    if [ -z "$clang" ] || [ ! -x "$lld" ]; then
        echo "instructions.sh: no clang or no $lld: the rows with LTO are left out" >&2
        return 0
    fi
    CARGO_TARGET_DIR=$root_target/lto RUSTFLAGS="-C linker-plugin-lto" \
        cargo build -q --locked --release --manifest-path ../Cargo.toml -p mqttc
    "$clang" -target "$host" -O2 -flto --ld-path="$lld" -I../include c/through_c.c \
        "$root_target/lto/release/libmqttc.a" -o "$root_target/lto/through_c"
    through_c "$root_target/lto/through_c" " lto"
}

table() {
    command -v valgrind >/dev/null || { echo "instructions.sh: valgrind is needed" >&2; exit 2; }
    cargo build -q --locked --profile bench "${peers[@]}" --bin instructions --bin allocations
    "$target/release/instructions" | while IFS=$'\t' read -r work contender workload packets; do
        row "$work" "$contender" "$workload" "$packets" \
            "$target/release/instructions" "$work" "$contender" "$workload"
    done
    # No rows of C in a part that is none.
    case $part in "" | "C "*) ;; *) return 0 ;; esac
    cargo build -q --locked --release --manifest-path ../Cargo.toml -p mqttc
    ${CC:-cc} -std=c99 -O2 -Wall -Wextra -Werror -I../include c/through_c.c "$root_target/release/libmqttc.a" \
        -o "$root_target/release/through_c"
    through_c "$root_target/release/through_c" ""
    lto
}

# Columns are two or more spaces apart, as names have single ones.
check() { # TABLE
    awk -F '  +' '
        FNR == 1 { file++ }
        /^#/ || NF != 4 { next }
        file == 1 { base[$1 "  " $2 "  " $3] = $4 }
        file == 2 { goal[$1 "  " $2] = $3; reached[$1 "  " $2] = $4 }
        file == 3 { seen[$1 "  " $2 "  " $3] = $4 }
        END {
            for (row in base) if (!(row in seen)) { print "gone: " row; bad = 1 }
            for (row in seen) {
                if (row ~ /^C .* lto  /) continue # as the clang that is there makes them
                if (!(row in base)) { print "not in baseline.txt: " row; bad = 1 }
                # One is lost or won where a count is rounded down.
                else if (seen[row] > base[row] * 1.03 + 1) {
                    print "more: " row ": " seen[row] ", was " base[row]; bad = 1
                }
            }
            for (cell in goal) {
                split(cell, name, "  ")
                row = name[1] "  ours  " name[2]
                if (!(row in seen)) { print "a goal for no row: " cell; bad = 1; continue }
                limit = goal[cell]
                # The same stream from the same reader, all of it there at once.
                if (limit ~ / reader$/) { sub(/ reader$/, "", limit); limit *= seen["reader  ours  " name[2]] }
                if (limit ~ /floor$/) { sub(/ floor$/, "", limit); limit *= seen[name[1] "  floor  " name[2]] }
                if (reached[cell] == "yes" && seen[row] > limit) {
                    print "goal lost: " row ": " seen[row] ", goal " limit; bad = 1
                }
                if (reached[cell] == "no" && seen[row] <= limit)
                    print "goal reached, mark it: " row ": " seen[row] ", goal " limit
            }
            exit bad
        }' baseline.txt goals.txt "$1" | sort
}

allocations() {
    cargo build -q --locked --profile bench --bin allocations
    "$target/release/allocations" | awk -F '  +' '$2 == "ours" && $4 > 0 { print "allocates: " $0; bad = 1 } END { exit bad }'
}

case $mode in
print) table ;;
bless | check)
    [ ${#peers[@]} = 0 ] || { echo "instructions.sh: --$mode is without --peers" >&2; exit 2; }
    if [ -n "$part" ]; then
        measured=$part part=
    else
        measured=$(mktemp)
        trap 'rm -f "$measured"' EXIT
        table >"$measured"
    fi
    if [ "$mode" = bless ]; then
        { echo "# Instructions per packet: ./instructions.sh --bless. $(rustc --version)"; grep -v '^C .* lto  ' "$measured"; } >baseline.new
        mv baseline.new baseline.txt
        exit 0
    fi
    failed=0
    check "$measured" || failed=1
    allocations || failed=1
    [ "$failed" = 0 ] && echo "instructions.sh: nothing is worse than baseline.txt and goals.txt say"
    exit "$failed"
    ;;
esac
