#!/usr/bin/env python3
"""Runs the firmware in QEMU, its serial line connected to a mosquitto on a free port of the loopback address,
and plays the other side with mosquitto_pub and mosquitto_sub. Ends with the firmware's exit code, or with 100
when what was published is not what should have been.

    run.py [--machine mps2-an385] [--scenario NAME] FIRMWARE.elf

plain       readings with QoS 0, 1 and 2, commands with QoS 0, 1 and 2, a pause that wants PINGREQs, stop
stalled     the broker holds still for 2 s: the firmware sends again, with DUP; QoS 2 comes once
flooded     more comes than the ring buffer holds while the firmware is busy: it says so, and connects anew
killed      the broker is killed half way for good: the firmware gives up and says so (its code is 3)
restarted   the broker is stopped half way, and comes back: the firmware goes on where it was
vanished    the board loses its power half way: the broker publishes the will
refused     the broker does not take the password (the firmware's code is 2)
"""

import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

LIMIT = 50  # seconds for the firmware
STEP = 15   # seconds for one thing to happen
NODE = "devices/node7"
# The code that the firmware must end with, where that is not 0.
EXPECTED = {"killed": 3, "refused": 2, "vanished": -signal.SIGKILL}
SCENARIOS = ["plain", "stalled", "flooded", "killed", "restarted", "vanished", "refused"]


class Wrong(Exception):
    """What was seen is not what should have been."""


def tool(name):
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")
    if not path:
        sys.exit(f"run.py: {name} is not installed")
    return path


def wait_for(what, happened, seconds=STEP):
    end = time.monotonic() + seconds
    while not (result := happened()):
        if time.monotonic() > end:
            raise Wrong(f"{what}: not within {seconds} s")
        time.sleep(0.02)
    return result


class Broker:
    def __init__(self, folder, password):
        self.folder = folder
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        users = folder / "users"
        users.touch()
        for name, word in ("node", password), ("peer", "peer"):
            subprocess.run([tool("mosquitto_passwd"), "-b", users, name, word], check=True)
        lines = [f"listener {self.port} 127.0.0.1", "allow_anonymous false", f"password_file {users}",
                 "persistence true", f"persistence_location {folder}/", "log_dest stderr", "log_type all", "log_timestamp_format %H:%M:%S",
                 "max_queued_messages 10000"]
        if os.geteuid() == 0:
            lines.append("user root")
        (folder / "conf").write_text("\n".join(lines) + "\n")
        self.log = open(folder / "log", "ab")
        self.start()

    def start(self):
        self.process = subprocess.Popen([tool("mosquitto"), "-c", self.folder / "conf"],
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        wait_for("the broker listens", self.listens)

    def listens(self):
        if self.process.poll() is not None:
            raise Wrong(f"mosquitto ended with {self.process.returncode}")
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(10)

    def login(self, client_id):
        return ["-h", "127.0.0.1", "-p", str(self.port), "-u", "peer", "-P", "peer", "-i", client_id]


class Watcher:
    """mosquitto_sub: all that the firmware publishes."""

    def __init__(self, broker):
        self.messages = []
        self.process = subprocess.Popen(
            [tool("mosquitto_sub"), *broker.login("watcher"), "-c", "-q", "2", "-t", f"{NODE}/readings",
             "-t", f"{NODE}/state", "-t", "watcher", "-F", "%t %q %p"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        threading.Thread(target=self.read, daemon=True).start()
        # It is subscribed once it hears what is sent to itself.
        hello = [tool("mosquitto_pub"), *broker.login("hello"), "-t", "watcher", "-m", "hello"]
        wait_for("mosquitto_sub is subscribed",
                 lambda: subprocess.run(hello, check=True) and self.of("watcher"))

    def read(self):
        for line in self.process.stdout:
            topic, qos, payload = line.rstrip("\n").split(" ", 2)
            self.messages.append((topic, int(qos), payload))

    def of(self, topic):
        return [(qos, payload) for t, qos, payload in list(self.messages) if t == topic]

    def readings(self):
        return self.of(f"{NODE}/readings")

    def states(self):
        return [json.loads(payload) for _, payload in self.of(f"{NODE}/state")]


class Firmware:
    def __init__(self, machine, elf, port):
        self.said = []
        self.process = subprocess.Popen(
            [tool("qemu-system-arm"), "-M", machine, "-display", "none", "-monitor", "none",
             "-chardev", f"socket,id=net,host=127.0.0.1,port={port},nodelay=on,reconnect=1",
             "-serial", "chardev:net", "-semihosting-config", "enable=on,target=native", "-kernel", elf],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            print(f"firmware: {line}", end="")
            self.said.append(line)

    def runs(self):
        return self.process.poll() is None

    def wait(self):
        try:
            return self.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            raise Wrong(f"the firmware did not end within {LIMIT} s") from None

    def counters(self):
        wait_for("the firmware's last words", lambda: any("readings" in line for line in self.said), 5)
        return {name: int(value) for name, value in re.findall(r"(\w+) (\d+)", self.said[-1])}


def require(truth, message):
    if not truth:
        raise Wrong(message)


class Play:
    """What the other side does, and what it must see."""

    def __init__(self, broker, watcher, firmware):
        self.broker, self.watcher, self.firmware = broker, watcher, firmware

    def command(self, text, qos):
        subprocess.run([tool("mosquitto_pub"), *self.broker.login("commander"), "-q", str(qos),
                        "-t", f"{NODE}/command", "-m", text], check=True, timeout=STEP)

    def until(self, what, happened):
        wait_for(what, lambda: not self.firmware.runs() or happened())
        require(self.firmware.runs(), f"{what}: the firmware has ended before")

    def until_readings(self, more):
        count = len(self.watcher.readings()) + more
        self.until(f"{more} more readings", lambda: len(self.watcher.readings()) >= count)

    def until_state(self, **wanted):
        self.until(f"state {wanted}", lambda: (states := self.watcher.states())
                   and all(states[-1].get(key) == value for key, value in wanted.items()))

    def plain(self):
        self.until_state(ready=True, led=False)
        self.until_readings(6)
        self.command("led on", 1)
        self.until_state(led=True)
        self.command("interval 20", 2)
        self.until_state(interval=20)
        self.until_readings(6)
        self.command("led off", 0)
        self.until_state(led=False)
        self.command("pause 2600", 1)
        time.sleep(3)
        self.until_readings(3)
        self.command("stop", 2)

    def stalled(self):
        self.until_readings(6)
        self.broker.process.send_signal(signal.SIGSTOP)
        time.sleep(2)
        self.broker.process.send_signal(signal.SIGCONT)
        self.until_readings(6)
        self.command("stop", 1)

    def flooded(self):
        self.until_readings(6)
        self.command("calibrate 1500", 1)
        subprocess.run([tool("mosquitto_pub"), *self.broker.login("flood"), "-q", "0", "-t", f"{NODE}/command", "-l"],
                       input="led on\n" * 60, text=True, check=True, timeout=STEP)
        self.until("the firmware has said that bytes were lost", lambda: "bytes were lost\n" in self.firmware.said)
        # It connects again on the same line; the broker takes that for a fault and closes, and it tries once more.
        self.until_readings(6)
        self.command("stop", 1)

    def killed(self):
        self.until_readings(6)
        self.broker.stop(signal.SIGKILL)

    def restarted(self):
        self.until_readings(6)
        self.broker.stop()
        time.sleep(1)
        self.broker.start()
        self.until_readings(6)
        self.until_state(ready=True)  # the will has said otherwise
        self.command("led on", 2)
        self.until_state(led=True)
        self.command("stop", 1)

    def vanished(self):
        self.until_readings(6)
        require(self.watcher.states()[-1]["ready"], "the will came before the end")
        self.firmware.process.kill()
        wait_for("the will", lambda: self.watcher.states()[-1] == {"ready": False})

    def refused(self):
        pass

    def check(self, scenario, counters):
        count = {q: [] for q in (0, 1, 2)}
        for qos, payload in self.watcher.readings():
            reading = json.loads(payload)
            require(set(reading) == {"node", "seq", "location", "temperature"}, f"a reading: {payload}")
            require(reading["node"] == 7 and reading["location"] == 'roof "north"', f"a reading: {payload}")
            expected = (reading["seq"] * 37 % 6000 - 2000) / 100
            require(reading["temperature"] == expected, f"a reading: {payload}")
            require(reading["seq"] % 3 == qos, f"QoS {qos}: {payload}")
            count[qos].append(reading["seq"])
        made = counters["readings"]
        require((counters["lost"] != 0) == (scenario == "flooded"), f"{counters}")
        if scenario in ("plain", "stalled", "flooded", "restarted"):
            for qos in (1, 2):
                wanted = list(range(qos, made, 3))
                require(sorted(set(count[qos])) == wanted, f"QoS {qos}: {count[qos]}, not {wanted}")
            require(len(count[2]) == len(set(count[2])), f"QoS 2 came more than once: {count[2]}")
        if scenario == "plain":
            require(count[0] == list(range(0, made, 3)), f"QoS 0: {count[0]}")
            require(counters["connects"] == 1 and counters["resent"] == 0, f"{counters}")
            require(counters["pings"] >= 1 and counters["received"] == 5, f"{counters}")
        if scenario == "stalled":
            require(counters["connects"] == 1 and counters["resent"] >= 1, f"{counters}")
            require(b" (d1, q1," in self.log_of("Received PUBLISH"), "no PUBLISH with DUP in the broker's log")
        if scenario in ("flooded", "restarted"):
            require(counters["connects"] == 2, f"{counters}")
        if scenario == "refused":
            require(made == 0 and counters["connects"] == 0, f"{counters}")
        print(f"run.py: {scenario}: {made} readings, of which came {[len(count[q]) for q in (0, 1, 2)]} with QoS 0, 1, 2")

    def log_of(self, what):
        return b"\n".join(line for line in (self.broker.folder / "log").read_bytes().splitlines()
                          if what.encode() in line)


def run(args, folder):
    broker = watcher = firmware = None
    try:
        broker = Broker(folder, "another" if args.scenario == "refused" else "s3cret")
        watcher = Watcher(broker)
        firmware = Firmware(args.machine, args.elf, broker.port)
        play = Play(broker, watcher, firmware)
        getattr(play, args.scenario)()
        code = firmware.wait()
        expected = EXPECTED.get(args.scenario, 0)
        if code != expected:
            print(f"run.py: {args.scenario}: the firmware ended with {code}, not {expected}", file=sys.stderr)
            return code if code > 0 else 100
        if args.scenario == "vanished":
            print("run.py: vanished: the will came")
            return 0
        counters = firmware.counters()
        require(counters["exit"] == code, f"QEMU ended with {code}")
        # What it sent last may still be on its way.
        time.sleep(0.5)
        play.check(args.scenario, counters)
        return 0
    except Wrong as wrong:
        print(f"run.py: {args.scenario}: {wrong}\nthe broker's log ends:", file=sys.stderr)
        log = folder / "log"
        if log.exists():
            print("\n".join(log.read_text(errors="replace").splitlines()[-30:]), file=sys.stderr)
        return 100
    finally:
        for process in (firmware, watcher):
            if process:
                process.process.kill()
                process.process.wait()
        if broker:
            broker.process.send_signal(signal.SIGCONT)
            broker.stop(signal.SIGKILL)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--machine", default="mps2-an385")
    parser.add_argument("--scenario", choices=SCENARIOS, default="plain")
    parser.add_argument("elf", type=Path)
    args = parser.parse_args()
    if not args.elf.is_file():
        sys.exit(f"run.py: {args.elf}: no such file")
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(run(args, Path(folder)))


if __name__ == "__main__":
    main()
