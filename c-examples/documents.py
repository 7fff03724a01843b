#!/usr/bin/env python3
"""The tutorials' programs, run: against the embedded broker or another one, and against brokers that misbehave.

    documents.py BUILD_FOLDER LOOPBACK_BROKER LIBRARY     started by `make documents`

BROKER=host:port in the environment is the broker to use; else LOOPBACK_BROKER is started on a free port, and stopped at
the end. RUN stands before each C program. Where mosquitto_pub is installed and BROKER is given, it plays the other side.
Each program has a time limit; each failure must end in a message and an exit code that is not 0.
"""

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
HERE = os.path.dirname(os.path.abspath(__file__))

# Replies that broke other clients: what MQTT does not allow, cut short, or too long for its frame.
RUDE = """30 04 ff ff 61 62; 32 03 00 01 61; 32 04 00 01 61 00; 90 02 00 01; 30 ff ff ff ff 7f; c0 80 00; 20 00; 20 01 00;
40 00; 62 01 00; 90 01 00; 40 02 00 00; b0 02 00 00; 36 05 00 01 61 00 0a; 30 83 80 00 00 01 61; 00 00; f0 00; 82 00;
30 05 00 03 61 2f 2b; 30 04 00 02 c3 28; 90 03 00 01 03; 91 03 00 01 00; 38 03 00 01 61; 10 00; d0 01 00""".split(";")


def fail(message):
    sys.exit(f"documents: {message}")


def socket_client(port, *more, host="127.0.0.1", filter="docs/#", topic="docs/a"):
    return [*RUN, f"{BUILD}/socket_client", host, str(port), filter, topic, *more]


def ffi(port, *, host="127.0.0.1"):
    return [sys.executable, f"{HERE}/ffi.py", LIBRARY, host, str(port), "docs/ffi", "from ctypes"]


def ends(what, command, *, text="", code=0, says=""):
    """Runs a program to its end; the exit code and a part of what it says must be as told."""
    try:
        done = subprocess.run(command, input=text, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        fail(f"{what}: still running after {LIMIT} s")
    if done.returncode != code or says not in done.stdout or (code and not done.stdout.strip()):
        fail(f"{what}: exit code {done.returncode}, wanted {code} and \"{says}\"; it said:\n{done.stdout}")
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
    """A broker for one client: answers CONNECT with `connack`, the next packet with `reply`, and then waits for the end."""

    def __init__(self, connack, reply):
        super().__init__(daemon=True)
        self.connack, self.reply = connack, reply
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(LIMIT)
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        try:
            client, _ = self.listener.accept()
            with client:
                client.settimeout(LIMIT)
                for answer in (self.connack, self.reply):
                    if not client.recv(4096):
                        return
                    client.sendall(answer)
                if self.reply:
                    while client.recv(4096):
                        pass
        except OSError:
            pass  # the client is gone: that is what is tested
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
    ends("socket_client, a filter that is none", socket_client(port, host=host, filter="a/#/b"), code=1, says="[MQTT-4.7.1-2]")
    ends("socket_client, a topic with a wildcard", socket_client(port, host=host, topic="a/+"), text="x\n", code=1,
         says="[MQTT-3.3.2-2]")
    ends("socket_client, no arguments", [*RUN, f"{BUILD}/socket_client"], code=2, says="usage")


def from_outside(host, port):
    """Something else publishes while the program waits for a line."""
    program = subprocess.Popen(socket_client(port, host=host), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    # The watchdog ends a program that says nothing.
    watchdog = threading.Timer(LIMIT, program.kill)
    watchdog.start()
    program.stdout.readline()
    subprocess.run(["mosquitto_pub", "-h", host, "-p", str(port), "-t", "docs/other", "-m", "outside"], check=True, timeout=LIMIT)
    line = program.stdout.readline()
    program.stdin.close()
    program.stdout.read()
    watchdog.cancel()
    if line != "docs/other: outside\n" or program.wait(LIMIT) != 0:
        fail(f"socket_client: of mosquitto_pub it has shown \"{line}\", exit code {program.returncode}")
    print("documents: socket_client: mosquitto_pub is heard")


def keeps_alive(host, port):
    """Longer without a message than either side bears, with a keep alive of 1 s; then a line."""
    program = subprocess.Popen(socket_client(port, "1", host=host), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True)
    try:
        time.sleep(4)
        said, _ = program.communicate("late\n", timeout=LIMIT)
    except subprocess.TimeoutExpired:
        fail(f"socket_client, keep alive: still running after {LIMIT} s")
    finally:
        program.kill()
    if program.returncode != 0 or "docs/a: late" not in said.splitlines():
        fail(f"socket_client, keep alive: exit code {program.returncode}; it said:\n{said}")
    print("documents: socket_client: kept alive")


def killed(folder):
    """The broker is killed while the program waits for a line."""
    broker, port = embedded(folder)
    program = subprocess.Popen(socket_client(port), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True)
    watchdog = threading.Timer(LIMIT, program.kill)
    watchdog.start()
    program.stdout.readline()
    broker.kill()
    broker.wait()
    said = program.stdout.read()
    watchdog.cancel()
    if program.wait(LIMIT) != 1 or "socket_client: " not in said:
        fail(f"socket_client, the broker killed: exit code {program.returncode}; it said:\n{said}")
    program.stdin.close()
    print(f"documents: the broker killed: {said.strip()}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        if "BROKER" in os.environ and os.environ["BROKER"]:
            host, _, port = os.environ["BROKER"].rpartition(":")
            if not host or not port.isdigit():
                fail(f"BROKER must be host:port, not \"{os.environ['BROKER']}\"")
            with_broker(host, int(port))
            if shutil.which("mosquitto_pub"):
                from_outside(host, int(port))
        else:
            broker, port = embedded(folder)
            try:
                with_broker("127.0.0.1", port)
            finally:
                broker.kill()
                broker.wait()
        killed(folder)

    accepted, refused = b"\x20\x02\x00\x00", b"\x20\x02\x00\x05"
    for program, start in (("socket_client", socket_client), ("ffi.py", ffi)):
        ends(f"{program}, refused", start(Scripted(refused, b"").port), code=1, says="return code 5")
        ends(f"{program}, the broker closes", start(Scripted(accepted, b"").port), code=1, says="closed")
        for rude in RUDE:
            rude = bytes.fromhex(rude)
            ends(f"{program}, {rude.hex(' ')}", start(Scripted(accepted, rude + b"\x00\x00").port, *(("5",) if program == "socket_client" else ())),
                 code=1)
    ends("socket_client, a broker that no longer answers", socket_client(Scripted(accepted, b"\x90\x03\x00\x01\x00").port, "1"),
         code=1, says="time is up: 2 s without a byte")
    print("documents: ok")


main()
