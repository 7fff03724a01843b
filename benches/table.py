#!/usr/bin/env python3
"""Writes the tables of README.md: instructions and heap allocations per packet, with the peers.

    ./table.py          measures (some minutes) and writes
    ./table.py FILE     takes the figures that `./instructions.sh --peers` printed before
"""

import datetime
import os
import platform
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
NAMES = {"ours": "mqtt-codec"}
TITLES = {
    "decode": "Decode",
    "encode": "Encode",
    "build+encode": "Build and encode",
    "header": "Header only",
    "chunked": "Stream in chunks of 1460 bytes",
    "matching": "One of 10 000 filters against a topic",
}


def run(*command):
    return subprocess.run(command, cwd=HERE, check=True, stdout=subprocess.PIPE, text=True).stdout


def rows(text):
    """Columns are two or more spaces apart."""
    for line in text.splitlines():
        columns = re.split(r"  +", line.strip())
        if len(columns) == 4 and not line.startswith("#"):
            yield columns


def versions():
    with open(os.path.join(HERE, "Cargo.lock"), encoding="utf-8") as lock:
        return dict(re.findall(r'name = "([^"]+)"\nversion = "([^"]+)"', lock.read()))


def unique(items):
    return list(dict.fromkeys(items))


def grid(head, lines):
    yield "| " + " | ".join(head) + " |"
    yield "|---" + "|---:" * (len(head) - 1) + "|"
    for line in lines:
        yield "| " + " | ".join(line) + " |"


def main():
    if len(sys.argv) > 1:
        with open(sys.argv[1], encoding="utf-8") as file:
            counted = file.read()
    else:
        counted = run("./instructions.sh", "--peers")
    cargo = ["cargo", "run", "-q", "--locked", "--profile", "bench", "--features", "peers", "--bin"]
    cell = {(w, c, l): n for w, c, l, n in rows(counted)}
    heap = {(w, c, l): n for w, c, l, n in rows(run(*cargo, "allocations"))}
    cannot = [line.split("\t") for line in run(*cargo, "instructions", "--", "cannot").splitlines()]
    version = versions()
    contenders = unique(c for _, c, _ in cell)
    out = []

    commit = run("git", "rev-parse", "--short", "HEAD").strip()
    out += [
        f"{datetime.date.today()}, commit {commit}, {run('rustc', '--version').strip()}, {platform.machine()}. "
        + ", ".join(f"{c} {version[c]}" for c in contenders if c in version and c != "ours")
        + ".",
        "",
    ]
    for work, title in TITLES.items():
        here = {key: n for key, n in cell.items() if key[0] == work}
        who = [c for c in contenders if any(key[1] == c for key in here)]
        out += [f"**{title}**", ""]
        lines = []
        for workload in unique(key[2] for key in here):
            line = [workload]
            for c in who:
                n, allocations = here.get((work, c, workload)), float(heap.get((work, c, workload), 0))
                text = "–" if n is None else f"{int(n):,}".replace(",", " ")
                if n is not None and allocations > 0:
                    text += f" ({allocations:.3g})"
                line.append(text)
            lines.append(line)
        out += list(grid([""] + [NAMES.get(c, c) for c in who], lines)) + [""]

    reasons = {}
    for work, c, workload, reason in cannot:
        reasons.setdefault((c, reason), []).append(f"{work} {workload}")
    out += ["What is not measured (–), and why:", ""]
    out += [f"- {c} {reason}: {', '.join(cells)}." for (c, reason), cells in reasons.items()]
    out += ["", "**Through C**", ""]
    ours = {(w, l): n for (w, c, l), n in cell.items() if w.startswith("C ") and not w.endswith(" lto")}
    lines = [[f"{w[2:]} {l}", n, cell.get((f"{w} lto", "ours", l), "–")] for (w, l), n in ours.items()]
    out += list(grid(["", "linked", "with LTO across the languages"], lines))

    path = os.path.join(HERE, "README.md")
    with open(path, encoding="utf-8") as file:
        readme = file.read()
    begin, end = "<!-- table.py -->\n", "<!-- end of table.py -->"
    before, rest = readme.split(begin)
    _, after = rest.split(end)
    with open(path, "w", encoding="utf-8") as file:
        file.write(before + begin + "\n".join(out) + "\n" + end + after)


main()
