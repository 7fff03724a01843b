# What a one-object libmqttc.a promises: one member, nothing visible but mqttc_*, nothing asked for but the C library's
# memory functions and, on a Cortex-M0, libgcc's multiplication; and another library made by rustc can stand beside it in
# one image, which runs.
#
#   sh check.sh GCC-PREFIX GCC-FLAGS FOLDER OTHER-ARCHIVE
set -eu
cross=$1 flags=$2 folder=$3 other=$4
archive=$folder/libmqttc.a
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
    echo "$archive: $*" >&2
    exit 1
}

members=$("${cross}ar" t "$archive" | wc -l)
[ "$members" = 1 ] || fail "$members members, not one"
for file in mqttc.h SIZES.txt LICENSE-MIT LICENSE-APACHE; do
    [ -s "$folder/$file" ] || fail "$file is missing beside it"
done
# The output first: in a pipe a failing nm would pass for an archive without symbols.
shown=$("${cross}nm" -g --defined-only "$archive") || fail "nm does not read it"
undefined=$("${cross}nm" -u "$archive") || fail "nm does not read it"
symbols=$(echo "$shown" | awk 'NF == 3 { print $3 }')
echo "$symbols" | grep -q '^mqttc_' || fail "shows no mqttc_*"
more=$(echo "$symbols" | grep -v '^mqttc_' || true)
[ -z "$more" ] || fail "shows more than mqttc_*:" $more
allowed='mem(cpy|move|set|cmp)'
case $cross in
arm-*) allowed="$allowed|__aeabi_mem\w+" ;;
riscv*) ;;
*) allowed="$allowed|bcmp" ;;
esac
# A Cortex-M0 has no instruction that multiplies to 64 bits; libgcc has the function.
case $flags in *cortex-m0*) allowed="$allowed|__aeabi_lmul" ;; esac
asked=$(echo "$undefined" | awk '$1 == "U" { print $2 }' | grep -vE "^($allowed)\$" || true)
[ -z "$asked" ] || fail "asks for more than memory functions:" $asked

# $flags is several words.
here=$(dirname "$0")
board=$here/../../c-examples/firmware/board
case $cross in
arm-*)
    "${cross}gcc" $flags -std=c99 -Os -ffreestanding -DBOARD -I"$here/../../include" -I"$board" "$here/two_libraries.c" \
        "$board/startup.c" "$board/semihost.c" "$archive" "$other" -nostartfiles -T "$board/link.ld" -Wl,--gc-sections \
        -Wl,-z,noexecstack --specs=nano.specs -o "$work/elf"
    case $flags in *cortex-m4*) machine=mps2-an386 ;; *) machine=mps2-an385 ;; esac
    timeout 60 qemu-system-arm -M "$machine" -display none -monitor none -serial none \
        -semihosting-config enable=on,target=native -kernel "$work/elf" || fail "two libraries: exit code $?"
    ;;
riscv*)
    # No C library comes with this compiler: it is linked, with the memory functions of the other archive.
    "${cross}gcc" $flags -std=c99 -Os -ffreestanding -nostdlib -I"$here/../../include" "$here/two_libraries.c" \
        "$archive" "$other" -Wl,--gc-sections -Wl,-e,main -o "$work/elf" || fail "two libraries do not link"
    ;;
*)
    cc -std=c99 -O2 -I"$here/../../include" "$here/two_libraries.c" "$archive" "$other" -Wl,--gc-sections -o "$work/elf"
    timeout 10 "$work/elf" || fail "two libraries: exit code $?"
    ;;
esac
echo "$archive: one object, only mqttc_* to be seen, beside another Rust library in one image"
