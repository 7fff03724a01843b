#!/bin/sh
# header.sh: what a program does not use of the header and of the archive costs it nothing, and every compiler
# warns of a result that is ignored. Started by `make compilers` and by `cargo test`.
#
# usage: header.sh ARCHIVE "C_COMPILER ..." "CXX_COMPILER ..."
set -eu

archive=$1
c_compilers=$2
cxx_compilers=$3
here=$(dirname "$0")
include=$here/../../include
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
checks=0

fail() {
    echo "header: $*" >&2
    exit 1
}

# The functions of the header, without its inline ones: those that return something, except mqttc_version().
functions() {
    sed -n 's/^\(MQTTC_NODISCARD \)\{0,1\}\([a-z].*[ *]\)\(mqttc_[a-z_]*\)(.*/\2 \3/p' "$include/mqttc.h" |
        grep -v '^static\|^typedef\|^void mqttc\|^void  *mqttc\|mqttc_version$' | sed 's/.* //' | sort
}

# One standard of one compiler: `compile` is the command up to its warnings.
compiler() {
    echo '#include "mqttc.h"' >"$work/empty.$2"
    for more in -O0 -O2 "-O2 -ffreestanding"; do
        # shellcheck disable=SC2086
        $1 $more -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Werror -I"$include" \
            -c -o "$work/empty.o" "$work/empty.$2" || fail "$1 $more does not compile the header"
        [ -z "$(nm "$work/empty.o")" ] || fail "$1 $more: the header alone leaves $(nm "$work/empty.o")"
        checks=$((checks + 1))
    done

    cp "$here/ignored.c" "$work/ignored.$2"
    $1 -I"$include" -c -o "$work/ignored.o" "$work/ignored.$2" 2>"$work/warnings" ||
        fail "$1 does not compile ignored.c: $(cat "$work/warnings")"
    functions >"$work/functions"
    sed -n 's/^    \(mqttc_[a-z_]*\)(.*/\1/p' "$here/ignored.c" | sort | diff "$work/functions" - ||
        fail "ignored.c does not call the functions of the header that return something"
    all=$(wc -l <"$work/functions")
    warned=$(grep -c 'warning: ignoring return value of' "$work/warnings") || :
    [ "$warned" -eq "$all" ] || fail "$1 warns of $warned of $all results: $(cat "$work/warnings")"
    ! $1 -Werror=unused-result -I"$include" -c -o "$work/ignored.o" "$work/ignored.$2" 2>/dev/null ||
        fail "$1 -Werror=unused-result compiles ignored.c"
    checks=$((checks + 3))
}

# Links a program with one statement, as one does that cares for its size.
link() {
    cat >"$work/main.c" <<END
#include "mqttc.h"
extern volatile long sink;
volatile long sink;
int main(void)
{
    $1
    return 0;
}
END
    $cc -std=c99 -I"$include" -o "$work/main" "$work/main.c" "$archive" -Wl,--gc-sections
}

# The program that was linked last has this text, or has it not.
has() {
    strings -a "$work/main" | grep -q "$1" || fail "$cc: no '$1' where it is used: is it still called so?"
    checks=$((checks + 1))
}

has_not() {
    ! strings -a "$work/main" | grep "$1" >&2 || fail "$cc: '$1' is in a program that does not use it"
    checks=$((checks + 1))
}

archive_with() {
    reader='mqttc_reader r; mqttc_packet p; mqttc_detail d; static uint8_t buf[64];
    sink = mqttc_reader_init(&r, buf, sizeof buf, mqttc_decode, NULL);'
    link "$reader sink = mqttc_reader_next_piece(&r, &p, &d);"
    has 'mqttc_reader_next_piece' # strings -a sees the names of functions too
    with=$(size "$work/main" | awk 'NR == 2 { print $1 }')
    link "$reader sink = mqttc_reader_next(&r, &p, &d);"
    has 'mqttc_reader_next'
    has_not 'piece'
    without=$(size "$work/main" | awk 'NR == 2 { print $1 }')
    [ $((with - without)) -ge 200 ] ||
        fail "$cc: without pieces a program is only $((with - without)) bytes smaller"

    text='the packet ends before this field does'
    link 'sink = mqttc_strerror((mqttc_status)sink)[0];'
    has "$text"
    has_not 'MQTT-3.3.2-2'
    has_not 'UNSUBACK'
    link 'sink = mqttc_spec_ref((mqttc_status)sink)[0];'
    has 'MQTT-3.3.2-2'
    has_not "$text"
    has_not 'UNSUBACK'
    link 'sink = mqttc_packet_type_str((uint8_t)sink)[0];'
    has 'UNSUBACK'
    has_not "$text"
    has_not 'MQTT-3.3.2-2'
}

for cc in $c_compilers; do
    for standard in c99 c11 c2x; do
        compiler "$cc -std=$standard" c
    done
    archive_with
done
for cxx in $cxx_compilers; do
    compiler "$cxx -std=c++11" cpp
    compiler "$cxx -std=c++17" cpp
done
echo "header: $checks checks, 0 failures, by $c_compilers $cxx_compilers"
