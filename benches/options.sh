#!/usr/bin/env bash
# What the decoder's options cost while they are off: instructions per packet of this codec, and of a copy in which
# the one function that asks for an option answers "no" when it is compiled, so that nothing of them is left.
#
#   ./options.sh    prints: work, workload, with the options, without them
#
# In `decode` the decoder is a constant of the program; in `C decode` it is a struct that is read at run time.
set -euo pipefail
cd "$(dirname "$0")"
[ $# = 0 ] || { sed -n '2,/^set/{s/^# \{0,1\}//;/^set/d;p}' "$0" >&2; exit 2; }

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git -C .. ls-files -z | (cd .. && tar --null -T - -cf -) | tar -xf - -C "$copy"

asks='self.0 & option != 0'
file=$copy/mqtt-codec/src/options.rs
if [ "$(grep -cF "$asks" "$file")" != 1 ]; then
    echo "options.sh: mqtt-codec/src/options.rs does not ask for an option in one place by: $asks" >&2
    exit 1
fi
sed -i "s/$asks/{ let _ = option; false }/" "$file"

measure() { # FOLDER
    (unset CARGO_TARGET_DIR; cd "$1" && ./instructions.sh decode && ./instructions.sh "C decode") |
        awk -F '  +' '$2 == "ours" { print $1 "  " $3 "  " $4 }' | sort
}
measure . >"$copy/with"
measure "$copy/benches" >"$copy/without"
awk -F '  +' '
    NR == FNR { with[$1 "  " $2] = $3; next }
    { printf "%-9s  %-15s  %6d  %6d\n", $1, $2, with[$1 "  " $2], $3; rows++ }
    END { exit rows == 0 }' "$copy/with" "$copy/without"
