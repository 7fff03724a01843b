#!/usr/bin/env bash
# Which lines of the codec and of its C face the targets reach, file by file, in per cent: for each target, and for all
# of them together.
#
# usage: fuzz/coverage.sh [FOLDER]
#
# Runs each target over its seeds, and over FOLDER/<target> too if that is there: what a search has found.
set -euo pipefail
cd "$(dirname "$0")/.."
more=${1:-}
[ -z "$more" ] || [ -d "$more" ] || { echo "no such folder: $more" >&2; exit 2; }
command -v cargo-fuzz >/dev/null || cargo install -q cargo-fuzz --locked
rustup component add llvm-tools --toolchain nightly
triple=x86_64-unknown-linux-gnu
tools=$(rustc +nightly --print sysroot)/lib/rustlib/$triple/bin
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Lines reached by a profile, one file a line: name and per cent.
lines_reached() {
    local profile=$1
    shift
    "$tools/llvm-cov" export -summary-only -instr-profile="$profile" "$@" |
        python3 -c '
import json, re, sys
for file in json.load(sys.stdin)["data"][0]["files"]:
    name = re.search(r"(mqtt-codec|mqtt-ffi)/src/.*", file["filename"])
    if name and not name.group(0).endswith("arbitrary.rs"):
        print(name.group(0), round(file["summary"]["lines"]["percent"]))
'
}

objects=()
for source in fuzz/fuzz_targets/*.rs; do
    target=$(basename "$source" .rs)
    folders=("fuzz/corpus/$target")
    [ -z "$more" ] || [ ! -d "$more/$target" ] || folders+=("$more/$target")
    cargo +nightly fuzz coverage "$target" "${folders[@]}" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
    # Not both folders are there.
    binary=$({ find "${CARGO_TARGET_DIR:-target}" fuzz/target -path "*coverage*release/$target" -type f 2>/dev/null || true; } | head -1)
    [ -n "$binary" ] || { echo "coverage.sh: cargo fuzz coverage left no program for $target" >&2; exit 1; }
    lines_reached "fuzz/coverage/$target/coverage.profdata" "$binary" >"$work/$target.lines"
    objects+=(-object "$binary")
done
"$tools/llvm-profdata" merge -sparse fuzz/coverage/*/coverage.profdata -o "$work/all.profdata"
lines_reached "$work/all.profdata" "${objects[0]#-object}" "${objects[@]:1}" >"$work/all.lines"

python3 - "$work" <<'PYTHON'
import pathlib, sys
tables = {path.stem: dict(line.split() for line in path.read_text().splitlines())
          for path in sorted(pathlib.Path(sys.argv[1]).glob("*.lines"))}
columns = [name for name in tables if name != "all"] + ["all"]
print("| file | " + " | ".join(columns) + " |")
print("|---" * (len(columns) + 1) + "|")
for file in sorted(tables["all"]):
    print(f"| {file} | " + " | ".join(tables[name].get(file, "-") for name in columns) + " |")
PYTHON
