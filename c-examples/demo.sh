#!/bin/sh
# demo.sh: runs the client against a broker, with QoS 0, 1 and 2. Started by `make demo`.
#
# usage: demo.sh BUILD_FOLDER LOOPBACK_BROKER
#
# BROKER=host:port in the environment is the broker to use; without it LOOPBACK_BROKER is started on
# a free port, and stopped at the end, whatever the end is. RUN stands before the client.
set -eu

build=$1
loopback_broker=$2
work=$build/demo.$$
broker_pid=

fail() {
    echo "demo: $*" >&2
    exit 1
}

finish() {
    status=$?
    trap - EXIT
    if [ -n "$broker_pid" ]; then
        kill "$broker_pid" 2>/dev/null || :
        wait "$broker_pid" 2>/dev/null || :
        if [ "$status" -ne 0 ]; then
            echo "demo: the broker's last lines:" >&2
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
    # It ends by itself too, should this script be killed.
    "$loopback_broker" --port-file "$work/port" --seconds 300 >"$work/log" 2>&1 &
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

# The client checks for itself: it ends with 0 only if all messages came back.
client() {
    echo "demo: publish_subscribe $host $port $*"
    ${RUN:-} "$build/publish_subscribe" "$host" "$port" --seconds 30 "$@" ||
        fail "publish_subscribe has ended with $?"
}

trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir -p "$work"

if [ -n "${BROKER:-}" ]; then
    parse_broker
else
    start_broker
fi

topic=mqttc/demo/$$
for qos in 0 1 2; do
    client --qos "$qos" --count 3 --topic "$topic/$qos" --filter "$topic/+" "QoS $qos"
done
# A keep alive of one second and two seconds of silence: PINGREQ has to go out.
client --qos 1 --topic "$topic/alive" --keep-alive 1 --stay 2 "still here"
echo "demo: ok"
