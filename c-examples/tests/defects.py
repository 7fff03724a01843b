#!/usr/bin/env python3
"""What a broker does with the bytes of the tutorials: compares it with the table of defects.c.

    defects.py BUILD_FOLDER     started by `make defects`; BROKER=host:port is the broker

For each row that is sent: a CONNECT where the row has none itself, the bytes, and then what comes back.
"""

import os
import shlex
import socket
import subprocess
import sys

LIMIT = 10  # seconds for an answer
QUIET = 0.5  # seconds without an answer: the broker waits for more
WAITS = "waits for more"
CONNECT = bytes.fromhex("100e 0004 4d515454 04 02 003c 0002 6665")
CONNACK = b"\x20\x02\x00\x00"


def fail(message):
    sys.exit(f"defects: {message}")


def receive(broker):
    """What comes next; nothing when the broker has closed."""
    try:
        return broker.recv(64)
    except ConnectionError:
        return b""


def what_it_does(host, port, comes_first, sent, patience):
    with socket.create_connection((host, port), timeout=LIMIT) as broker:
        broker.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not comes_first:
            broker.sendall(CONNECT)
            if receive(broker) != CONNACK:
                fail("the broker does not take a CONNECT")
        try:
            broker.sendall(sent)
        except ConnectionError:
            return "closes"
        broker.settimeout(patience)
        try:
            answer = receive(broker)
        except TimeoutError:
            return WAITS
        if answer == CONNACK and comes_first:
            return "takes it"
        broker.settimeout(LIMIT)
        while answer:  # it may say why before it closes
            answer = receive(broker)
        return "closes"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    host, _, port = os.environ.get("BROKER", "").rpartition(":")
    if not host or not port.isdigit():
        fail(f"BROKER must be host:port, not \"{os.environ.get('BROKER', '')}\"")
    run = shlex.split(os.environ.get("RUN", ""))
    rows = subprocess.run([*run, f"{sys.argv[1]}/defects", "--bytes"], check=True, stdout=subprocess.PIPE, text=True).stdout
    wrong = 0
    rows = rows.splitlines()
    for row in rows:
        told, first, sent, title = row.split("\t")
        patience = QUIET if told == WAITS else LIMIT
        does = what_it_does(host, int(port), first == "first", bytes.fromhex(sent), patience)
        print(f"{'ok    ' if does == told else 'DIFFER'}  {title}: {does}")
        wrong += does != told
    if wrong or not rows:
        fail(f"the broker does something else than the table says with {wrong} of {len(rows)} rows")
    print(f"defects: the broker does with {len(rows)} rows what the table says")


main()
