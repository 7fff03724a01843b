#!/usr/bin/env python3
"""The C library from another language: connects to a broker, publishes one message with QoS 1, and waits for the PUBACK.

    ffi.py LIBRARY HOST PORT TOPIC MESSAGE        LIBRARY: ../target/release/libmqttc.so

Nothing but Python's standard library. The structs are those of include/mqttc.h; mqttc_check_abi holds them to it.
"""

import ctypes
import os
import socket
import sys

PATIENCE = 10  # seconds, for each step
CONNACK, PUBACK = 2, 4
PACKET_ID = 1


class Slice(ctypes.Structure):
    _fields_ = [("ptr", ctypes.c_char_p), ("len", ctypes.c_size_t)]

    @classmethod
    def of(cls, text):
        data = text.encode()
        return cls(data, len(data))


class Connect(ctypes.Structure):
    _fields_ = [(name, Slice) for name in ("client_id", "will_topic", "will_message", "user_name", "password")] + [
        ("keep_alive", ctypes.c_uint16)] + [(name, ctypes.c_uint8) for name in (
            "protocol_level", "clean_session", "has_will", "will_qos", "will_retain", "has_user_name", "has_password")]


class Publish(ctypes.Structure):
    _fields_ = [("topic", Slice), ("payload", Slice), ("packet_id", ctypes.c_uint16), ("qos", ctypes.c_uint8),
                ("dup", ctypes.c_uint8), ("retain", ctypes.c_uint8)]


class ConnAck(ctypes.Structure):
    _fields_ = [("session_present", ctypes.c_uint8), ("return_code", ctypes.c_uint8)]


class Body(ctypes.Union):
    _fields_ = [("connect", Connect), ("connack", ConnAck), ("publish", Publish), ("packet_id", ctypes.c_uint16)]


class Packet(ctypes.Structure):
    _fields_ = [("u", Body), ("tolerated", ctypes.c_uint32), ("type", ctypes.c_uint8)]


class Client:
    def __init__(self, library, host, port):
        self.lib = ctypes.CDLL(library)
        self.lib.mqttc_strerror.restype = self.lib.mqttc_spec_ref.restype = ctypes.c_char_p
        self.lib.mqttc_connect_encode.restype = self.lib.mqttc_publish_encode.restype = ctypes.c_size_t
        self.check("the library's ABI", self.lib.mqttc_check_abi(1, ctypes.c_size_t(ctypes.sizeof(Packet))))
        self.socket = socket.create_connection((host, port), timeout=PATIENCE)
        self.received = b""

    def check(self, what, status):
        if status < 0:
            clause = self.lib.mqttc_spec_ref(status).decode()
            sys.exit(f"ffi.py: {what}: {self.lib.mqttc_strerror(status).decode()}" + (f" [{clause}]" if clause else ""))

    def send(self, what, encode, packet):
        """Asks for the size, makes the room, writes and sends."""
        why = ctypes.c_int32()
        size = encode(ctypes.byref(packet), None, ctypes.c_size_t(0), ctypes.byref(why))
        self.check(what, why.value)
        frame = ctypes.create_string_buffer(size)
        written = encode(ctypes.byref(packet), frame, ctypes.c_size_t(size), None)
        self.socket.sendall(frame.raw[:written])

    def receive(self, wanted):
        """The next packet, which must be of this type."""
        packet, length = Packet(), 0
        while not length:
            length = self.lib.mqttc_decode_from_server(None, self.received, ctypes.c_size_t(len(self.received)),
                                                       ctypes.byref(packet), None)
            self.check("a packet of the broker", length)
            if not length:
                more = self.socket.recv(4096)
                if not more:
                    sys.exit("ffi.py: the broker has closed the connection")
                self.received += more
        self.received = self.received[length:]
        if packet.type != wanted:
            sys.exit(f"ffi.py: the broker has sent a packet of type {packet.type}, where {wanted} was expected")
        return packet.u


def main():
    if len(sys.argv) != 6 or not sys.argv[3].isdigit():
        sys.exit(__doc__)
    library, host, port, topic, message = sys.argv[1:]
    client = Client(os.path.abspath(library), host, int(port))
    connect, publish = Connect(), Publish()
    client.lib.mqttc_connect_init(ctypes.byref(connect))
    connect.client_id = Slice.of(f"ffi-{os.getpid()}")
    client.send("CONNECT", client.lib.mqttc_connect_encode, connect)
    code = client.receive(CONNACK).connack.return_code
    if code != 0:
        sys.exit(f"ffi.py: the broker refuses the connection: return code {code}")

    client.lib.mqttc_publish_init(ctypes.byref(publish))
    publish.topic, publish.payload = Slice.of(topic), Slice.of(message)
    publish.qos, publish.packet_id = 1, PACKET_ID
    client.send("PUBLISH", client.lib.mqttc_publish_encode, publish)
    if client.receive(PUBACK).packet_id != PACKET_ID:
        sys.exit("ffi.py: a PUBACK for another packet identifier")
    client.socket.sendall(b"\xe0\x00")
    print(f"published {len(message.encode())} bytes to {topic}, acknowledged")


try:
    main()
except OSError as error:
    sys.exit(f"ffi.py: {error}")
