#!/bin/sh
# stream.sh: messages of up to 1 MiB from publish_writev to receive_stream, whose buffer has 256 bytes, by
# way of a broker. Length and CRC-32 must be those that gzip computes of the file. Started by `make stream`.
#
# usage: stream.sh BUILD_FOLDER LOOPBACK_BROKER
#
# BROKER=host:port in the environment is the broker to use; without it LOOPBACK_BROKER is started on
# a free port, and stopped at the end, whatever the end is. RUN stands before both programs.
#
# Half of the messages go out through a writev() that takes a part of what it is given (short_writev.c).
# What a broker does not do on demand, peer.py does: PUBACK must come after the last byte and not before,
# and each way in which a broker can fail must end receive_stream with a message that says which.
set -eu

build=$1
loopback_broker=$2
here=$(dirname "$0")
work=$build/stream.$$
topic=mqttc/stream/$$
broker_pid=
receiver_pid=
peer_pid=
seconds=30 # the longest wait

fail() {
    echo "stream: $*" >&2
    exit 1
}

stop() {
    kill "$1" 2>/dev/null || :
    wait "$1" 2>/dev/null || :
}

finish() {
    status=$?
    trap - EXIT
    [ -z "$receiver_pid" ] || stop "$receiver_pid"
    [ -z "$peer_pid" ] || stop "$peer_pid"
    if [ -n "$broker_pid" ]; then
        stop "$broker_pid"
        if [ "$status" -ne 0 ]; then
            echo "stream: the broker's last lines:" >&2
            tail -n 20 "$work/log" >&2
        fi
    fi
    rm -rf "$work"
    exit "$status"
}

# A tenth of a second where sleep can, else a second.
nap() {
    sleep 0.1 2>/dev/null || sleep 1
}

start_broker() {
    # It ends by itself too, should this script be killed. 1 MiB is more than it takes by default.
    "$loopback_broker" --port-file "$work/port" --seconds 300 --max-packet-len 2000000 >"$work/log" 2>&1 &
    broker_pid=$!
    naps=0
    while [ ! -f "$work/port" ]; do
        kill -0 "$broker_pid" 2>/dev/null || fail "the embedded broker has ended"
        naps=$((naps + 1))
        [ "$naps" -le 100 ] || fail "the embedded broker does not listen"
        nap
    done
    host=127.0.0.1
    port=$(cat "$work/port")
}

parse_broker() {
    host=${BROKER%:*}
    port=${BROKER##*:}
    case $BROKER in
    *:*) ;;
    *) fail "BROKER must be host:port, not \"$BROKER\"" ;;
    esac
    # An IPv6 address stands in brackets.
    host=${host#\[}
    host=${host%\]}
    case $port in
    '' | *[!0-9]*) fail "BROKER must be host:port with a decimal port, not \"$BROKER\"" ;;
    esac
    [ -n "$host" ] || fail "BROKER must be host:port, not \"$BROKER\""
}

# What receive_stream has to print: the last 8 bytes of a gzip file are CRC-32 and length, the lowest byte
# first (RFC 1952).
expected() {
    # shellcheck disable=SC2046
    set -- $(gzip -c <"$1" | tail -c 8 | od -An -v -tx1)
    echo "received $((0x$8$7$6$5)) bytes, CRC-32 $4$3$2$1"
}

# One message of this many bytes, sent by this program, received in the way that is named.
message() {
    size=$1
    publisher=$2
    how=$3
    echo "stream: $size bytes, from $publisher"
    dd if=/dev/urandom bs=1024 count=1024 2>"$work/dd" | head -c "$size" >"$work/file"
    wanted=$(expected "$work/file")
    case $wanted in
    "received $size bytes,"*) ;;
    *) fail "the file was not made: $wanted" ;;
    esac

    : >"$work/received" # else the last one's "subscribed" might be taken for this one's
    ${RUN:-} "$build/receive_stream" "$host" "$port" "$topic" "$seconds" >"$work/received" &
    receiver_pid=$!
    naps=0
    until grep -q '^subscribed' "$work/received"; do
        kill -0 "$receiver_pid" 2>/dev/null || fail "receive_stream has ended before it has subscribed"
        naps=$((naps + 1))
        [ "$naps" -le $((seconds * 10)) ] || fail "receive_stream does not subscribe"
        nap
    done
    ${RUN:-} "$build/$publisher" "$host" "$port" "$topic" "$work/file" "$seconds" ||
        fail "$publisher has ended with $?"
    # Its own time limit ends it.
    code=0
    wait "$receiver_pid" || code=$?
    receiver_pid=
    cat "$work/received"
    [ "$code" -eq 0 ] || fail "receive_stream has ended with $code"
    [ "$(tail -n 1 "$work/received")" = "$wanted" ] || fail "wanted: $wanted"
    grep -q "^receiving $size bytes $how, QoS 1, on $topic\$" "$work/received" || fail "wanted: $how"
}

# What must not be sent: no connection is opened, so that no broker is asked.
too_large() {
    # A file with a hole: it takes no room.
    dd if=/dev/null of="$work/large" bs=1 seek=268435456 2>"$work/dd"
    echo "stream: 256 MiB, refused"
    ! ${RUN:-} "$build/publish_writev" "$host" "$port" t "$work/large" "$seconds" 2>"$work/refused" ||
        fail "publish_writev has published more than a message can hold"
    grep 'the file is too large: it has 268435456 bytes, and a message to this topic at most 268435450' \
        "$work/refused" || fail "publish_writev has said: $(cat "$work/refused")"
}

# receive_stream against a scripted peer, which sends the file. It must end with this code, and this must
# stand in the last line that it prints; the peer checks what it has sent.
peer() {
    scenario=$1
    limit=$2
    wanted_code=$3
    wanted=$4
    echo "stream: peer, $scenario"
    rm -f "$work/peer-port"
    python3 "$here/peer.py" "$scenario" "$work/peer-port" "$work/file" &
    peer_pid=$!
    naps=0
    while [ ! -f "$work/peer-port" ]; do
        kill -0 "$peer_pid" 2>/dev/null || fail "the peer has ended"
        naps=$((naps + 1))
        [ "$naps" -le 100 ] || fail "the peer does not listen"
        nap
    done
    code=0
    ${RUN:-} "$build/receive_stream" 127.0.0.1 "$(cat "$work/peer-port")" "$topic" "$limit" \
        >"$work/received" 2>&1 || code=$?
    peer_code=0
    wait "$peer_pid" || peer_code=$?
    peer_pid=
    cat "$work/received"
    [ "$peer_code" -eq 0 ] || fail "the peer has ended with $peer_code"
    [ "$code" -eq "$wanted_code" ] || fail "receive_stream has ended with $code, not $wanted_code"
    case $(tail -n 1 "$work/received") in
    *"$wanted"*) ;;
    *) fail "wanted: $wanted" ;;
    esac
}

peers() {
    head -c 1000 /dev/urandom >"$work/file"
    expected=$(expected "$work/file")
    peer pieces "$seconds" 0 "$expected"
    peer early "$seconds" 0 "$expected"
    peer closes "$seconds" 1 "the broker has closed the connection, while receiving the payload"
    peer stalls 2 1 "time is up: 2 s without a byte, while receiving the payload"
    peer malformed "$seconds" 1 "a packet of the broker, byte 0: "
    peer id "$seconds" 1 "SUBACK for packet id 32767 with 1 return codes, which answers no SUBSCRIBE of ours"
    peer qos "$seconds" 1 "the broker has sent QoS 2, and 1 is the most that we have asked for"
}

trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir -p "$work"
command -v gzip >/dev/null || fail "gzip is needed, to compute the CRC-32 that must come out"
command -v python3 >/dev/null || fail "python3 is needed, for peer.py"

if [ -n "${BROKER:-}" ]; then
    parse_broker
else
    start_broker
fi

# The payload of the largest frame that fits: 3 bytes of fixed header, 2 of the topic's length, 2 of packet
# identifier.
fits=$((256 - 3 - 2 - ${#topic} - 2))

message 0 publish_writev_short "in one packet"
message "$fits" publish_writev "in one packet"
message $((fits + 1)) publish_writev_short "piece by piece"
message 1048576 publish_writev "piece by piece"
message 1048576 publish_writev_short "piece by piece"
peers
too_large
echo "stream: ok"
