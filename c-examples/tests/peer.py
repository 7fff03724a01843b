#!/usr/bin/env python3
"""A broker by script, for stream.sh: one client, one message of QoS 1, and what no broker does on demand.

usage: peer.py SCENARIO PORT_FILE PAYLOAD

Listens on a free port of the loopback address, writes the port to PORT_FILE, and plays SCENARIO to the
first client. Ends with 0 if the client has sent exactly what it must, with 1 and a message if not.
"""

import os
import select
import socket
import sys

WAIT = 30  # seconds, the longest wait for the client
ID = b"\x12\x34"
TOPIC = b"t"


class Wrong(Exception):
    pass


def read(client, length):
    data = b""
    while len(data) < length:
        more = client.recv(length - len(data))
        if not more:
            raise Wrong(f"the client has closed, after {data.hex(' ') or 'nothing'}")
        data += more
    return data


def read_packet(client, first_byte):
    """The body of the next packet, which must begin with this byte. The client's packets are short here."""
    head = read(client, 2)
    if head[0] != first_byte or head[1] > 127:
        raise Wrong(f"wanted a short packet with {first_byte:02x}, not {head.hex(' ')}")
    return read(client, head[1])


def silent(client, when):
    """The client must not have sent anything. If it does, it does at once: a moment is enough."""
    if select.select([client], [], [], 0.2)[0]:
        raise Wrong(f"{when}, the client has sent {client.recv(100).hex(' ') or 'its end'}")


def ends(client, expected):
    """The client's last bytes, and its end."""
    data = read(client, len(expected)) if expected else b""
    if data != expected:
        raise Wrong(f"wanted {expected.hex(' ')}, not {data.hex(' ')}")
    try:
        rest = client.recv(100)
    except ConnectionResetError:  # it has closed before it read everything
        rest = b""
    if rest:
        raise Wrong(f"after {expected.hex(' ') or 'the connection was to end'}, there comes {rest.hex(' ')}")


def remaining_length(length):
    digits = bytearray()
    while True:
        length, digit = divmod(length, 128)
        digits.append(digit | (0x80 if length else 0))
        if not length:
            return bytes(digits)


def publish(payload, first_byte=0x32):
    body = len(TOPIC).to_bytes(2, "big") + TOPIC + ID + payload
    return bytes([first_byte]) + remaining_length(len(body)) + body


def in_odd_pieces(client, data):
    """1, 2, 3, ... bytes, each in a segment of its own where the kernel can."""
    at, size = 0, 1
    while at < len(data):
        client.sendall(data[at : at + size])
        at += size
        size = size % 97 + 1


def play(client, scenario, payload):
    client.settimeout(WAIT)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    message = publish(payload)
    read_packet(client, 0x10)
    client.sendall(b"\x20\x02\x00\x00")
    suback = b"\x90\x03" + read_packet(client, 0x82)[:2] + b"\x01"

    if scenario == "pieces":
        # PUBACK: not before the last byte, then this one, and nothing but DISCONNECT behind it.
        client.sendall(suback)
        in_odd_pieces(client, message[:-1])
        silent(client, "before the last byte")
        client.sendall(message[-1:])
        ends(client, b"\x40\x02" + ID + b"\xe0\x00")
    elif scenario == "early":
        # A message may come before SUBACK [MQTT-3.8.4-3].
        in_odd_pieces(client, message + suback)
        ends(client, b"\x40\x02" + ID + b"\xe0\x00")
    elif scenario == "closes":
        client.sendall(suback + message[:-1])
        client.shutdown(socket.SHUT_WR)
        ends(client, b"")
    elif scenario == "id":
        client.sendall(suback[:2] + b"\x7f\xff" + suback[4:])
        ends(client, b"")
    elif scenario == "qos":
        client.sendall(suback + publish(payload, 0x34))
        ends(client, b"")
    elif scenario == "malformed":
        client.sendall(suback + b"\x36" + message[1:])
        ends(client, b"")
    elif scenario == "stalls":
        client.sendall(suback + message[:-1])
        ends(client, b"")
    else:
        raise Wrong(f"there is no scenario {scenario}")


def main():
    scenario, port_file, payload_file = sys.argv[1:]
    with open(payload_file, "rb") as file:
        payload = file.read()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(WAIT)
        # Under its name the file is whole.
        with open(port_file + ".new", "w", encoding="ascii") as file:
            file.write(f"{server.getsockname()[1]}\n")
        os.rename(port_file + ".new", port_file)
        client, _ = server.accept()
    with client:
        play(client, scenario, payload)


try:
    main()
except (Wrong, OSError) as error:
    sys.exit(f"peer.py: {error}")
