#!/usr/bin/env python3
"""The tutorials' programs, run: against the embedded broker or another one, and against brokers that misbehave.

    documents.py BUILD_FOLDER LOOPBACK_BROKER LIBRARY     started by `make documents`

BROKER=host:port in the environment is the broker to use, with mosquitto_pub and mosquitto_sub on the other side; if it
is on this machine, a mosquitto with a password file is started too. Else LOOPBACK_BROKER is started on a free port, and
stopped at the end. RUN stands before each C program. Each program has a time limit; each failure must end in the
message that is told here and an exit code that is not 0.
"""

import concurrent.futures
import contextlib
import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

LIMIT = 60  # seconds for one program, valgrind included
BUILD, LOOPBACK_BROKER, LIBRARY = sys.argv[1:4] if len(sys.argv) == 4 else sys.exit(__doc__)
RUN = shlex.split(os.environ.get("RUN", ""))
EXAMPLES = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# Replies that broke other clients, by what our programs say to them: what MQTT does not allow, cut short, too long for
# its frame, or never sent by a server.
RUDE = {
    "the packet ends before this field does": """30 04 ff ff 61 62; 32 03 00 01 61; 32 04 00 01 61 00; 20 00; 20 01 00;
        40 00; 62 01 00; 90 01 00""",
    "there must be at least one return code [MQTT-3.8.4-5]": "90 02 00 01",
    "the remaining length takes more than four bytes": "30 ff ff ff ff 7f",
    "the remaining length is not in its shortest form": "30 83 80 00 00 01 61; d0 80 00",
    "a packet identifier must not be 0 [MQTT-2.3.1-1]": "40 02 00 00; b0 02 00 00",
    "the QoS bits of a PUBLISH must not both be 1 [MQTT-3.3.1-4]": "36 05 00 01 61 00 0a",
    "packet types 0 and 15 are forbidden": "00 00; f0 00",
    "this packet type is never sent in this direction": "c0 80 00; 82 00; 10 00; 10 06 00 04 4d 51 54 54; 10 03 00 00 04; a2 01 00;"
        "a2 26 00 0a" + 12 * " 00 01 61",
    "a topic name must not hold a wildcard [MQTT-3.3.2-2]": "30 05 00 03 61 2f 2b",
    "a string is not well-formed UTF-8 [MQTT-1.5.3-1]": "30 04 00 02 c3 28",
    "a SUBACK return code must be 0, 1, 2 or 0x80 [MQTT-3.9.3-2]": "90 03 00 01 03",
    "the fixed header's flag bits are not those that this packet type must have [MQTT-2.2.2-1]": "91 03 00 01 00",
    "DUP must be 0 when the QoS is 0 [MQTT-3.3.1-2]": "38 03 00 01 61",
    "bytes are left over after the packet's last field": "d0 01 00",
}
ACCEPTED, REFUSED = b"\x20\x02\x00\x00", b"\x20\x02\x00\x05"
SUBACK, UNSUBACK = b"\x90\x03\x00\x01\x00", b"\xb0\x02\x00\x02"  # with socket_client's identifiers
PUBACK = b"\x40\x02\x00\x01"
# What packet_wrapper's mqtt_connect("test_client", NULL, NULL) was meant to send.
WRAPPER_CONNECT = bytes.fromhex("10 17 00 04") + b"MQTT" + bytes.fromhex("04 02 ff ff 00 0b") + b"test_client"
# A packet of each type, and what is printed of it.
PRINTED = """
10 1e 00 04 4d 51 54 54 04 ee 00 3c 00 01 63 00 01 77 00 02 62 79 00 02 75 1b 00 04 31 32 33 34 | CONNECT, client identifier "c", level 4, \
keep alive 60 s, clean session 1, will topic "w", 2 bytes, QoS 1, retain 1, user name "u?", password of 4 bytes
20 02 01 00 | CONNACK, session present 1, return code 0
3b 07 00 01 61 00 07 68 69 | PUBLISH, topic "a", QoS 1, DUP 1, retain 1, packet identifier 7, payload "hi"
40 02 00 07 | PUBACK, packet identifier 7
50 02 00 08 | PUBREC, packet identifier 8
62 02 00 09 | PUBREL, packet identifier 9
70 02 00 0a | PUBCOMP, packet identifier 10
82 0c 00 0b 00 01 61 01 00 03 62 2f 23 02 | SUBSCRIBE, packet identifier 11, filter "a" QoS 1, filter "b/#" QoS 2
90 04 00 0b 01 80 | SUBACK, packet identifier 11, return code 0x01, return code 0x80
a2 08 00 0c 00 01 61 00 01 2b | UNSUBSCRIBE, packet identifier 12, filter "a", filter "+"
b0 02 00 0c | UNSUBACK, packet identifier 12
c0 00 | PINGREQ
d0 00 | PINGRESP
e0 00 | DISCONNECT
"""
USER, PASSWORD = "device", "correct horse"


def fail(message):
    sys.exit(f"documents: {message}")


def socket_client(port, *more, host="127.0.0.1", filter="docs/#", topic="docs/a"):
    return [*RUN, f"{BUILD}/socket_client", host, str(port), filter, topic, *more]


def packet_wrapper(port, *more, host="127.0.0.1"):
    return [*RUN, f"{BUILD}/packet_wrapper", *more, host, str(port)]


def device_json(port, *more, host="127.0.0.1"):
    return [*RUN, f"{BUILD}/device_json", host, str(port), *more]


def ffi(port, *, host="127.0.0.1"):
    return [sys.executable, f"{EXAMPLES}/ffi.py", LIBRARY, host, str(port), "docs/ffi", "from ctypes"]


def ends(what, command, *, text="", code=0, says=""):
    """Runs a program to its end; the exit code and a part of what it says must be as told. With `text` None its input
    never ends."""
    reading, writing = os.pipe()
    try:
        if text is not None:
            os.write(writing, text if isinstance(text, bytes) else text.encode())
            os.close(writing)
        done = subprocess.run(command, stdin=reading, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        fail(f"{what}: still running after {LIMIT} s")
    finally:
        os.close(reading)
        if text is None:
            os.close(writing)
    if done.returncode != code or says not in done.stdout or (code and not done.stdout.strip()):
        fail(f"{what}: exit code {done.returncode}, wanted {code} and \"{says.strip()}\"; it said:\n{done.stdout}")
    print(f"documents: {what}: {done.stdout.strip().splitlines()[-1] if done.stdout.strip() else 'ends'}")
    return done.stdout


def embedded(folder):
    """The embedded broker and its port."""
    port_file = f"{folder}/port"
    broker = subprocess.Popen([LOOPBACK_BROKER, "--port-file", port_file, "--seconds", "300"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    for _ in range(100):
        if os.path.exists(port_file):
            with open(port_file, encoding="ascii") as file:
                port = int(file.read())
            os.remove(port_file)
            return broker, port
        if broker.poll() is not None:
            break
        time.sleep(0.1)
    broker.kill()
    fail("the embedded broker does not listen")


class Scripted(threading.Thread):
    """A broker for one client: answers each packet with the next of `answers`, and closes for an empty one. After the
    last it waits for the client's end. `drip`: each byte goes out alone."""

    def __init__(self, *answers, drip=False):
        super().__init__(daemon=True)
        self.answers, self.drip, self.received = answers, drip, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(LIMIT)
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        try:
            client, _ = self.listener.accept()
            with client:
                client.settimeout(LIMIT)
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for answer in self.answers:
                    self.received.append(client.recv(4096))
                    if not self.received[-1] or not answer:
                        return
                    for piece in [answer[i:i + 1] for i in range(len(answer))] if self.drip else [answer]:
                        client.sendall(piece)
                        time.sleep(0.02 if self.drip else 0)
                while client.recv(4096):
                    pass
        except OSError:
            pass  # the client is gone: that is what is tested
        finally:
            self.listener.close()


class Deaf(Scripted):
    """A broker for device_json that does not answer its first message before it has come twice; then it answers both."""

    def run(self):
        with contextlib.suppress(OSError), self.listener:
            client, _ = self.listener.accept()
            with client:
                client.settimeout(LIMIT)
                client.recv(4096)
                client.sendall(ACCEPTED)
                self.heard = [client.recv(4096), client.recv(4096)]
                client.sendall(2 * PUBACK)
                client.recv(4096)
                client.sendall(PUBACK[:3] + b"\x02")
                while client.recv(4096):
                    pass


class Relay(threading.Thread):
    """Stands between one client and a broker, and kills the broker when the client's packet of this number comes."""

    def __init__(self, broker, port, deadly):
        super().__init__(daemon=True)
        self.broker, self.broker_port, self.deadly = broker, port, deadly
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(LIMIT)
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        try:
            client, _ = self.listener.accept()
            with client, socket.create_connection(("127.0.0.1", self.broker_port), timeout=LIMIT) as broker:
                client.settimeout(LIMIT)
                for number in range(1, self.deadly + 1):
                    packet = client.recv(4096)
                    if number == self.deadly:
                        self.broker.kill()
                        self.broker.wait()
                    broker.sendall(packet)
                    client.sendall(broker.recv(4096))
        except OSError:
            pass  # one of the two is gone
        finally:
            self.listener.close()


def with_broker(host, port):
    said = ends("socket_client", socket_client(port, host=host), text="one\ntwo three\n\nlast\n")
    for line in ("docs/a: one", "docs/a: two three", "docs/a: ", "docs/a: last"):
        if line not in said.splitlines():
            fail(f"socket_client did not show \"{line}\":\n{said}")
    said = ends("socket_client, a name that begins alike", socket_client(port, host=host, filter="docs/a", topic="docs/ab"),
                text="not for us\n")
    if "not for us" in said:
        fail(f"socket_client has shown another topic:\n{said}")
    keeps_alive(host, port)
    ends("ffi.py", ffi(port, host=host), says="acknowledged")
    for name in {host, "localhost" if host == "127.0.0.1" else host}:
        ends(f"packet_wrapper, {name}", packet_wrapper(port, host=name), says="CONNACK, session present 0, return code 0\n")
    ends("packet_wrapper, a name that is none", packet_wrapper(port, host="nobody.invalid"), code=1, says="look")
    ends("packet_wrapper, a password without a user name", packet_wrapper(port, "-P", "x", host=host), code=1, says="[MQTT-3.1.2-22]")
    ends("packet_wrapper, no arguments", [*RUN, f"{BUILD}/packet_wrapper"], code=2, says="usage")
    ends("packet_wrapper, no port", packet_wrapper("x", host=host), code=2, says="usage")
    ends("socket_client, a filter that is none", socket_client(port, host=host, filter="a/#/b"), code=1, says="[MQTT-4.7.1-2]")
    ends("socket_client, a topic with a wildcard", socket_client(port, host=host, topic="a/+"), text="x\n", code=1,
         says="[MQTT-3.3.2-2]")
    ends("socket_client, no arguments", [*RUN, f"{BUILD}/socket_client"], code=2, says="usage")


def device_with_broker(host, port):
    for more, says in (((), "done: 1 published, 43 bytes each, acknowledged; 0 heartbeats"),
                       (("--qos", "0", "--size", "3072"), "done: 1 published, 3072 bytes each, not acknowledged"),
                       (("--size", "20000", "--count", "3"), "done: 3 published, 20000 bytes each, acknowledged"),
                       (("--size", "65535", "--retry", "30"), "done: 1 published, 65535 bytes each, acknowledged"),
                       (("--keep-alive", "1092"), "keep alive 65520 s"), (("--keep-alive", "0"), "keep alive 0 s")):
        ends(f"device_json {' '.join(more)}", device_json(port, *more, host=host), says=says)
    said = ends("device_json, heartbeat", device_json(port, "--heartbeat", "1", "--stay", "3", host=host), says="done: ")
    if "; 0 heartbeats" in said:
        fail(f"device_json has not sent PINGREQ, or has no answer:\n{said}")
    ends("device_json, a topic with a wildcard", device_json(port, "--topic", "loc/+", host=host), code=1, says="[MQTT-3.3.2-2]")


def device_arguments():
    for more, says in (((), "usage"), (("127.0.0.1",), "usage"), (("127.0.0.1", "1", "--qos"), "usage"),
                       (("127.0.0.1", "1", "--colour", "red"), "usage"),
                       (("127.0.0.1", "1", "--qos", "2"), "--qos must be a number from 0 to 1, not \"2\""),
                       (("127.0.0.1", "1", "--device", "x"), "--device must be"),
                       (("127.0.0.1", "1", "--keep-alive", "1093"), "at most 1092 minutes"),
                       # times 60 these are 44 s, in 32 bits
                       (("127.0.0.1", "1", "--keep-alive", "71582789"), "at most 1092 minutes"),
                       (("127.0.0.1", "1", "--heartbeat", "61"), "not be more than the keep alive"),
                       (("127.0.0.1", "1", "--size", "42"), "--size must be at least 43"),
                       (("127.0.0.1", "1", "--size", "65536"), "--size must be"),
                       (("127.0.0.1", "1", "--location", 65500 * "x"), "longer than 65535 bytes")):
        ends(f"device_json {' '.join(more)[:50]}", [*RUN, f"{BUILD}/device_json", *more], code=2, says=says)
    ends("device_json, a password without a user name", device_json(1, "--password", "x"), code=1, says="[MQTT-3.1.2-22]")


def device_heard_outside(host, port):
    """What the device publishes is JSON, with what has to be escaped, and as long as it was to be."""
    for location, size in (("A\"1\\", 0), ("A\n1", 0), ("\u6e29", 3072), ("A1", 20000)):
        sent = {"nodeIp": "7", "baseIp": "42", "location": location}
        def text():
            return json.dumps(sent, separators=(",", ":"), ensure_ascii=False).replace("\\n", "\\u000a")
        sent["location"] += "." * (size - len(text().encode()))
        more = ("--device", "42", "--node", "7", "--location", location) + (("--size", str(size)) if size else ())
        heard_outside(host, port, f"device_json, {location!r}, {size}", device_json(port, *more, host=host), "loc/7", text())


def tool(name):
    """Where one of mosquitto's programs is."""
    path = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")
    return path or fail(f"{name} is not installed; it is needed when BROKER is given")


def mosquitto_pub(host, port, *more):
    return [tool("mosquitto_pub"), "-h", host, "-p", str(port), *more]


@contextlib.contextmanager
def started(command):
    """A program with a pipe to and from it, ended after the limit."""
    program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    watchdog = threading.Timer(LIMIT, program.kill)
    watchdog.start()
    try:
        yield program
        program.stdin.close()
        if program.wait(LIMIT) < 0:
            fail(f"{command}: ended by signal {-program.returncode}")
    finally:
        watchdog.cancel()
        program.kill()
        program.wait()
        program.stdout.close()


def heard_from_outside(host, port):
    """mosquitto_pub publishes while the program waits for a line."""
    with started(socket_client(port, host=host)) as program:
        program.stdout.readline()
        subprocess.run(mosquitto_pub(host, port, "-t", "docs/other", "-m", "outside"), check=True, timeout=LIMIT)
        line = program.stdout.readline()
    if line != "docs/other: outside\n" or program.returncode != 0:
        fail(f"socket_client: of mosquitto_pub it has shown \"{line}\", exit code {program.returncode}")
    print("documents: socket_client: mosquitto_pub is heard")


def heard_outside(host, port, what, command, topic, message, *, text=""):
    """mosquitto_sub hears what the program publishes. A retained message tells when it has subscribed."""
    ready = f"docs-ready/{os.getpid()}"
    subprocess.run(mosquitto_pub(host, port, "-t", ready, "-m", "ready", "-r"), check=True, timeout=LIMIT)
    with started([tool("mosquitto_sub"), "-h", host, "-p", str(port), "-t", ready, "-t", topic, "-C", "2", "-v"]) as listener:
        lines = [listener.stdout.readline()]
        ends(what, command, text=text)
        lines.append(listener.stdout.readline())
    subprocess.run(mosquitto_pub(host, port, "-t", ready, "-n", "-r"), check=True, timeout=LIMIT)
    if lines != [f"{ready} ready\n", f"{topic} {message}\n"]:
        fail(f"{what}: mosquitto_sub has heard {lines}")
    print(f"documents: {what}: mosquitto_sub hears it")


@contextlib.contextmanager
def password_broker(folder):
    """The port of a mosquitto that wants USER and PASSWORD."""
    subprocess.run([tool("mosquitto_passwd"), "-b", "-c", f"{folder}/passwords", USER, PASSWORD], check=True, timeout=LIMIT)
    for _ in range(5):  # the port may be taken between the two
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with open(f"{folder}/mosquitto.conf", "w", encoding="ascii") as file:
            file.write(f"listener {port} 127.0.0.1\nallow_anonymous false\npassword_file {folder}/passwords\nuser root\n"
                       "log_dest stderr\n")
        broker = subprocess.Popen([tool("mosquitto"), "-c", f"{folder}/mosquitto.conf"], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            for _ in range(100):
                if broker.poll() is not None:
                    break
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                except OSError:
                    time.sleep(0.1)
                    continue
                yield port
                return
        finally:
            broker.kill()
            broker.wait()
    fail("mosquitto with a password file does not start")


def with_password_file(folder):
    with password_broker(folder) as port:
        right = ["-t", "docs/login", "-m", "x", "-u", USER, "-P", PASSWORD]
        subprocess.run(mosquitto_pub("127.0.0.1", port, *right), check=True, timeout=LIMIT)
        ends("socket_client, no password", socket_client(port), code=1, says="refuses the connection: return code 5")
        ends("packet_wrapper, no password", packet_wrapper(port), code=1, says="refuses the connection: return code 5")
        ends("packet_wrapper, another password", packet_wrapper(port, "-u", USER, "-P", "x"), code=1, says="return code 5")
        ends("packet_wrapper, the password", packet_wrapper(port, "-u", USER, "-P", PASSWORD), says="return code 0\n")
        ends("device_json, no password", device_json(port), code=1, says="refuses the connection: return code 5")
        ends("device_json, a wrong one", device_json(port, "--user", USER, "--password", "x"), code=1, says="return code 5")
        ends("device_json, the right one", device_json(port, "--user", USER, "--password", PASSWORD), says="acknowledged")
        ends("ffi.py, no password", ffi(port), code=1, says="refuses the connection: return code 5")


def keeps_alive(host, port):
    """Longer without a message than either side bears, with a keep alive of 1 s; then a line."""
    with started(socket_client(port, "1", host=host)) as program:
        time.sleep(4)
        said, _ = program.communicate("late\n", timeout=LIMIT)
    if program.returncode != 0 or "docs/a: late" not in said.splitlines():
        fail(f"socket_client, keep alive: exit code {program.returncode}; it said:\n{said}")
    print("documents: socket_client: kept alive")


def killed(folder):
    """The broker is killed while the program waits for a line, and while it waits for an answer."""
    broker, port = embedded(folder)
    with started(socket_client(port)) as program:
        program.stdout.readline()
        broker.kill()
        broker.wait()
        said = program.stdout.read()
    if program.returncode != 1 or "socket_client: " not in said:
        fail(f"socket_client, the broker killed: exit code {program.returncode}; it said:\n{said}")
    print(f"documents: socket_client, the broker killed: {said.strip()}")

    answers = ((socket_client, "socket_client", 3), (packet_wrapper, "packet_wrapper", 1), (device_json, "device_json", 2),
               (ffi, "ffi.py", 2))
    for start, what, deadly in [(start, what, deadly) for start, what, count in answers for deadly in range(1, count + 1)]:
        broker, port = embedded(folder)
        try:
            ends(f"{what}, the broker killed at packet {deadly}", start(Relay(broker, port, deadly).port), code=1, says="closed")
            if broker.poll() is None:
                fail(f"{what}: the broker was not killed at packet {deadly}")
        finally:
            broker.kill()
            broker.wait()


def printed():
    """packet_wrapper prints each of the 14 types."""
    rows = [row.split(" | ") for row in PRINTED.strip().splitlines()]
    command = [*RUN, f"{BUILD}/packet_wrapper", "-p"]
    said = ends("packet_wrapper, printing", command, text=b"".join(bytes.fromhex(frame) for frame, _ in rows))
    if said.splitlines() != [line for _, line in rows] or len({line.split(",")[0] for _, line in rows}) != 14:
        fail(f"packet_wrapper has printed:\n{said}")
    ends("packet_wrapper, printing what is cut short", command, text=b"\xd0\x00\x40\x02", code=1, says="ends 2 bytes early")
    ends("packet_wrapper, printing what is none", command, text=b"\x40\x02\x00\x00", code=1, says="byte 2: a packet identifier")


def misbehaving():
    # Before the frame: what the program has been answered. Behind a SUBACK it is the other thread of socket_client that
    # sees it, while the main one waits for a line.
    for program, start, before in (("socket_client", socket_client, (ACCEPTED, b"")),
                                   ("socket_client, later", socket_client, (ACCEPTED, SUBACK)),
                                   ("packet_wrapper", packet_wrapper, (b"",)), ("device_json", device_json, (ACCEPTED, b"")),
                                   ("ffi.py", ffi, (ACCEPTED, b""))):
        ends(f"{program}, refused", start(Scripted(REFUSED).port), code=1, says="return code 5")
        ends(f"{program}, the broker closes", start(Scripted(*before[:-1], b"").port), code=1, says="closed")
        for says, frames in RUDE.items():
            for rude in map(bytes.fromhex, frames.split(";")):
                ends(f"{program}, {rude.hex(' ')}", start(Scripted(*before[:-1], before[-1] + rude).port), text=None, code=1,
                     says=f": {says}\n")

    # Cut into bytes, and glued together.
    broker = Scripted(ACCEPTED, drip=True)
    ends("packet_wrapper, byte by byte", packet_wrapper(broker.port), says="return code 0\n")
    if broker.received != [WRAPPER_CONNECT]:
        fail(f"packet_wrapper has sent {broker.received}")
    ends("packet_wrapper, more behind the CONNACK", packet_wrapper(Scripted(ACCEPTED + b"\xd0\x01\x00").port), says="return code 0\n")
    messages = bytes.fromhex("30 06 00 01 61 6f 6e 65 30 03 00 01 61")
    broker = Scripted(ACCEPTED, SUBACK + messages, UNSUBACK, drip=True)
    said = ends("socket_client, byte by byte", socket_client(broker.port, filter="a"))
    if said.splitlines()[1:] != ["a: one", "a: "]:
        fail(f"socket_client, byte by byte: it has shown:\n{said}")
    ends("packet_wrapper, 30 03 00 01 61", packet_wrapper(Scripted(bytes.fromhex("30 03 00 01 61")).port), code=1,
         says="the broker has sent PUBLISH, while waiting for CONNACK")
    ends("packet_wrapper, 256 MB are announced", packet_wrapper(Scripted(bytes.fromhex("30 ff ff ff 7f 00 01 61")).port), code=1,
         says="larger than the limit")

    # Well-formed, and not an answer to what was asked.
    for reply, says in (("90 04 00 01 00 00", "a SUBACK with 2 return codes for one filter"),
                        ("90 03 00 07 00", "a SUBACK for packet identifier 7, not 1"), ("90 03 00 01 80", "refuses the subscription"),
                        ("40 02 00 01", "PUBACK, while waiting for SUBACK")):
        ends(f"socket_client, {reply}", socket_client(Scripted(ACCEPTED, bytes.fromhex(reply)).port), code=1, says=says)
    ends("socket_client, later 90 04 00 01 00 00", socket_client(Scripted(ACCEPTED, SUBACK + bytes.fromhex("90 04 00 01 00 00")).port),
         text=None, code=1, says="SUBACK, which answers nothing")
    ends("ffi.py, 90 04 00 01 00 00", ffi(Scripted(ACCEPTED, bytes.fromhex("90 04 00 01 00 00")).port), code=1, says="type 9, where 4")
    ends("ffi.py, 40 02 00 07", ffi(Scripted(ACCEPTED, bytes.fromhex("40 02 00 07")).port), code=1, says="another packet identifier")
    # Legal, and refused elsewhere: a topic of one byte without a payload, before and behind the SUBACK.
    shortest = bytes.fromhex("30 03 00 01 61")
    for answer in (shortest + SUBACK, SUBACK + shortest):
        said = ends(f"socket_client, {answer.hex(' ')}", socket_client(Scripted(ACCEPTED, answer, UNSUBACK).port, filter="#"))
        if "a: " not in said.splitlines():
            fail(f"socket_client has not shown the shortest message:\n{said}")

    for reply, says in (("40 02 00 07", "PUBACK"), ("40 02 00 01 40 02 00 01", "PUBACK"), ("d0 00", "PINGRESP"),
                        ("30 ac 02 00 01 61" + 297 * " 78", "PUBLISH"), ("20 02 00 00", "CONNACK")):
        ends(f"device_json, {reply[:30]}", device_json(Scripted(ACCEPTED, bytes.fromhex(reply)).port, "--stay", "1"), code=1,
             says=f"has sent {says}, which answers nothing")
    deaf = Deaf()
    said = ends("device_json, an answer that is late", device_json(deaf.port, "--retry", "1", "--count", "2"),
                says="done: 2 published")
    first, again = deaf.heard
    if "packet identifier 1 once more, with DUP" not in said or first[0] != 0x32 or again[0] != 0x3A or first[1:] != again[1:]:
        fail(f"device_json: {first.hex(' ')}, and once more {again.hex(' ')}; it said:\n{said}")

    # Brokers that say nothing; at the same time, as each is waited for.
    silent = (
        ("socket_client", socket_client, (), (), "time is up: 10 s without a byte, while waiting for CONNACK"),
        ("socket_client", socket_client, (ACCEPTED,), (), "time is up: 10 s without a byte, while waiting for SUBACK"),
        ("socket_client", socket_client, (ACCEPTED, SUBACK), ("1",), "time is up: 2 s without a byte"),
        ("packet_wrapper", packet_wrapper, (), (), "time is up: 10 s without a byte"),
        ("device_json", device_json, (), (), "time is up: 10 s without a byte, while waiting for CONNACK"),
        ("device_json", device_json, (ACCEPTED,), ("--retry", "1"), "no PUBACK for packet identifier 1, sent 5 times"),
        ("device_json", device_json, (ACCEPTED,), ("--qos", "0", "--heartbeat", "1", "--stay", "30", "--seconds", "2"),
         "no PINGRESP in 2 s"),
        ("ffi.py", ffi, (), (), "timed out"),
        ("ffi.py", ffi, (ACCEPTED,), (), "timed out"))
    with concurrent.futures.ThreadPoolExecutor(len(silent)) as pool:
        for program in [pool.submit(ends, f"{what}, a broker that says nothing", start(Scripted(*answers).port, *more), code=1,
                                    says=says) for what, start, answers, more, says in silent]:
            program.result()


def main():
    with tempfile.TemporaryDirectory() as folder:
        if "BROKER" in os.environ and os.environ["BROKER"]:
            host, _, port = os.environ["BROKER"].rpartition(":")
            if not host or not port.isdigit():
                fail(f"BROKER must be host:port, not \"{os.environ['BROKER']}\"")
            port = int(port)
            with_broker(host, port)
            device_with_broker(host, port)
            device_heard_outside(host, port)
            heard_from_outside(host, port)
            heard_outside(host, port, "socket_client", socket_client(port, host=host), "docs/a", "to outside", text="to outside\n")
            heard_outside(host, port, "ffi.py", ffi(port, host=host), "docs/ffi", "from ctypes")
            if host in ("127.0.0.1", "localhost", "::1"):
                with_password_file(folder)
            else:
                print(f"documents: {host} is another machine: no mosquitto with a password file is started here")
        else:
            broker, port = embedded(folder)
            try:
                with_broker("127.0.0.1", port)
                device_with_broker("127.0.0.1", port)
            finally:
                broker.kill()
                broker.wait()
        killed(folder)
    device_arguments()
    printed()
    misbehaving()
    print("documents: ok")


main()
