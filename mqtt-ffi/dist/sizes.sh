# What each function of a one-object libmqttc.a costs a program that calls it alone.
#
#   sh sizes.sh GCC-PREFIX GCC-FLAGS ARCHIVE
set -eu
cross=$1 flags=$2 archive=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What is asked of the C library is left open, so that it does not count. $flags is several words.
link() {
    "${cross}gcc" $flags -nostdlib -nostartfiles -static -Wl,--gc-sections -Wl,--unresolved-symbols=ignore-all \
        -Wl,-e,"${1##*,}" "$@" "$archive" -o "$work/elf"
}

line() {
    "${cross}size" "$work/elf" | awk -v name="$1" 'NR == 2 { printf "%-30s %6d %6d\n", name, $1, $2 + $3 }'
}

functions=$("${cross}nm" -g --defined-only "$archive" | awk '$2 == "T" { print $3 }' | sort)
[ -n "$functions" ] || { echo "$archive exports nothing" >&2; exit 1; }

echo "Bytes of code and constants, and of variables, that a program gets by calling one function, linked with"
echo "--gc-sections. Functions share code: several together cost less than their sum."
echo "Asked of the C library or of libgcc, and not counted:" $("${cross}nm" -u "$archive" | awk '$1 == "U" { print $2 }')
echo
printf '%-30s %6s %6s\n' function code data
for function in $functions; do
    link -Wl,-u,"$function"
    line "$function"
done
link $(for function in $functions; do echo "-Wl,-u,$function"; done)
line "all of them"
