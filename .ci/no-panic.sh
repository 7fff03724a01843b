#!/usr/bin/env bash
# Proves at link time that no exported function can panic, for each target and for both profiles that are shipped.
#
#   .ci/no-panic.sh [TARGET ...]      without a target: the host and those of mqtt-ffi/targets.txt
#   .ci/no-panic.sh --self-test       the same over a library that does panic: it must be found out, by name
#
# Built with `--cfg mqttc_prove_no_panic`, the panic handler calls a function that nobody defines. ld takes what the
# exported functions need (--gc-sections) and complains if the handler is among it. Passing means: no path is left.
set -euo pipefail
cd "$(dirname "$0")/.."

die() { echo "no-panic: $*" >&2; exit 1; }

host=$(rustc -vV | sed -n 's/^host: //p')
package=mqttc manifest=Cargo.toml archive=libmqttc.a
self_test=
if [ "${1-}" = --self-test ]; then
    self_test=1 package=can-panic manifest=.ci/can-panic/Cargo.toml archive=libcan_panic.a
    shift
fi
case ${1-} in -*) die "no option $1; see the head of $0" ;; esac
[ $# -gt 0 ] || mapfile -t -O 0 targets < <(echo "$host"; sed 's/#.*//' mqtt-ffi/targets.txt | awk 'NF { print $1 }')
[ $# -eq 0 ] || targets=("$@")

target_dir=$(cd "${CARGO_TARGET_DIR:-.}" && pwd)
[ -n "${CARGO_TARGET_DIR:-}" ] || target_dir+=/target
target_dir+=/no-panic
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# link OUTPUT FUNCTION ...: as a firmware or a program would; more flags in $extra.
link() {
    local output=$1
    shift
    local roots=("${@/#/-Wl,-u,}")
    # What a C toolchain has: memcpy from its C library, or where it has none from the compiler's part of the archive.
    "${cross}gcc" "${flags[@]}" -nostartfiles -nostdlib -Wl,--gc-sections -Wl,-e,"$1" "${roots[@]}" "${extra[@]}" \
        "$library" "${libraries[@]}" -o "$output"
}

# Of a disassembly the functions outside of `core` that call what panics: a panic function, or what of `core` comes to
# one. Most of `core` does not.
callers_of_panic() {
    awk 'function panics(name) { return name in found || name ~ /^core::panicking|rust_begin_unwind/ }
         function is_core(name) { return name ~ /^(core::|__rustc|<(core::|[a-z0-9]+>|[a-z0-9]+ as core::|\[))/ }
         /^[0-9a-f]+ <.*>:$/ { at = $0; sub(/^[0-9a-f]+ </, "", at); sub(/>:$/, "", at); next }
         match($0, /<.*>/) {
             to = substr($0, RSTART + 1, RLENGTH - 2)
             sub(/[+-]0x[0-9a-f]+$/, "", to)
             calls[at, to]
         }
         END {
             do {
                 more = 0
                 for (call in calls) {
                     split(call, name, SUBSEP)
                     if (is_core(name[1]) && !panics(name[1]) && panics(name[2]))
                         more = found[name[1]] = 1
                 }
             } while (more)
             for (call in calls) {
                 split(call, name, SUBSEP)
                 if (!is_core(name[1]) && panics(name[2]))
                     print name[1]
             }
         }' | sort -u | paste -sd, | sed 's/,/, /g'
}

check() {
    local target=$1 profile=$2 cross flags library libraries functions extra=() line
    line=$(sed 's/#.*//' mqtt-ffi/targets.txt | grep -E "^$target " || true)
    if [ -n "$line" ]; then
        read -r _ cross line <<<"$line"
        read -ra flags <<<"$line"
        libraries=(-lgcc)
    elif [ "$target" = "$host" ]; then
        cross='' flags=() libraries=(-lc)
    else
        die "unknown target $target: mqtt-ffi/targets.txt does not have it"
    fi
    command -v "${cross}gcc" >/dev/null || die "${cross}gcc is not installed"

    RUSTFLAGS="--cfg mqttc_prove_no_panic" cargo build -q --manifest-path "$manifest" -p "$package" \
        --target "$target" --profile "$profile" --target-dir "$target_dir" 2>"$work/cargo" ||
        { cat "$work/cargo" >&2; die "$target $profile does not build"; }
    library=$target_dir/$target/$profile/$archive
    mapfile -t functions < <("${cross}nm" -A -g --defined-only "$library" 2>/dev/null |
        sed -nE "s/^[^:]*:${package//-/_}[^:]*:.* T //p" | grep -v '^_R' | sort)
    [ ${#functions[@]} -gt 1 ] || die "$library exports nothing"

    if link "$work/elf" "${functions[@]}" 2>"$work/ld"; then
        # The same by another road: no name of what panics, and nothing that formats, is left in the image.
        if "${cross}nm" -C "$work/elf" | grep -E 'core::(fmt|panicking)|rust_begin_unwind|unwrap_failed|expect_failed'; then
            die "$target $profile links, and yet has the symbols above"
        fi
        echo "$target $profile: ${#functions[@]} functions, none can panic"
        return
    fi
    grep -q mqttc_can_panic "$work/ld" || { cat "$work/ld" >&2; die "$target $profile does not link"; }

    # One at a time, to name them; then, as if the panic function were there, who calls what panics.
    echo "$target $profile: these can panic:"
    local function
    for function in "${functions[@]}"; do
        link "$work/elf" "$function" 2>"$work/ld" && continue
        grep -q mqttc_can_panic "$work/ld" || { cat "$work/ld" >&2; die "$function does not link"; }
        extra=(-Wl,--defsym=mqttc_can_panic=0)
        link "$work/elf" "$function" || die "$function does not link"
        extra=()
        echo "    $function: in $("${cross}objdump" -dC --no-show-raw-insn "$work/elf" | callers_of_panic)"
    done
    return 1
}

failed=
for target in "${targets[@]}"; do
    for profile in release firmware; do
        if [ -z "$self_test" ]; then
            check "$target" "$profile" || failed=1
            continue
        fi
        if check "$target" "$profile" >"$work/said"; then
            die "self-test: $target $profile passed, and can panic"
        fi
        named=$(sed -nE 's/^    ([a-z_]+): in .+/\1/p' "$work/said" | sort | paste -sd' ')
        [ "$named" = "can_panic_by_division can_panic_by_index can_panic_deep_below" ] ||
            { cat "$work/said" >&2; die "self-test: $target $profile named: $named"; }
        grep -qx '    can_panic_deep_below: in can_panic::deep' "$work/said" ||
            { cat "$work/said" >&2; die "self-test: $target $profile does not name can_panic::deep, and it alone"; }
        echo "$target $profile: the three that can panic were named"
    done
done
[ -z "$failed" ] || die "some functions can panic"
