#!/usr/bin/env python3
"""Draws plot.svg from the figures of criterion: time per packet, as a multiple of the floor's.

    cargo bench --features peers
    ./plot.py [CRITERION_DIRECTORY]

The same figures give the same file.
"""

import glob
import json
import os
import sys
from xml.sax.saxutils import escape

HERE = os.path.dirname(os.path.abspath(__file__))
NAMES = {"ours": "mqtt-codec"}
ORDER = ["ours", "mqttrs", "mqttrust", "rumqttc", "mqtt-protocol-core", "ntex-mqtt", "rmqtt-codec", "mqtt-codec-kit"]
COLOURS = ["#0b6e4f", "#4e79a7", "#f28e2b", "#e15759", "#76b7b2", "#b07aa1", "#9c755f", "#8a8a8a"]
WORKS = ["decode", "encode", "chunked", "matching"]  # the others are in the table; all would be too long
WORKLOADS = [
    "PUBLISH 16 B", "PUBLISH 256 B", "PUBLISH 64 KiB", "PUBLISH Chinese", "CONNECT", "SUBSCRIBE 8", "SUBACK 8",
    "PUBACK", "PINGREQ", "stream", "10000 filters",
]
LIMIT = 20.0  # a bar that is longer is cut and says its length
LEFT, WIDTH, BAR, GAP = 190, 560, 9, 10


def figures(directory):
    """(work, workload) -> contender -> median in nanoseconds."""
    found = {}
    for path in sorted(glob.glob(os.path.join(glob.escape(directory), "**", "new", "estimates.json"), recursive=True)):
        with open(path, encoding="utf-8") as file:
            median = json.load(file)["median"]["point_estimate"]
        with open(os.path.join(os.path.dirname(path), "benchmark.json"), encoding="utf-8") as file:
            about = json.load(file)
        work, workload = about["group_id"].split("/", 1)
        found.setdefault((work, workload), {})[about["function_id"]] = median
    return found


def main():
    target = os.environ.get("CARGO_TARGET_DIR", os.path.join(HERE, "target"))
    directory = sys.argv[1] if len(sys.argv) > 1 else os.path.join(target, "criterion")
    found = figures(directory)
    groups = [(w, l) for w in WORKS for l in WORKLOADS if "floor" in found.get((w, l), {})]
    if not groups:
        sys.exit(f"plot.py: no figures in {directory}")
    who = [c for c in ORDER if any(c in found[group] for group in groups)]
    colour = dict(zip(ORDER, COLOURS))

    def x(ratio):
        return LEFT + WIDTH * min(ratio, LIMIT) / LIMIT

    svg, y = [], 78
    for at, c in enumerate(who):
        px, py = LEFT + at % 4 * 140, 36 + at // 4 * 16
        svg.append(f'<rect x="{px}" y="{py}" width="10" height="10" fill="{colour[c]}"/>')
        svg.append(f'<text x="{px + 14}" y="{py + 9}">{escape(NAMES.get(c, c))}</text>')
    top = y
    for work, workload in groups:
        medians = found[work, workload]
        here = [c for c in who if c in medians]
        middle = y + len(here) * BAR / 2 + 4
        svg.append(f'<text x="{LEFT - 8}" y="{middle:.1f}" text-anchor="end">{escape(f"{work} {workload}")}</text>')
        for c in here:
            ratio = medians[c] / medians["floor"]
            svg.append(
                f'<rect x="{LEFT}" y="{y}" width="{x(ratio) - LEFT:.1f}" height="{BAR - 1}" fill="{colour[c]}">'
                f"<title>{escape(f'{NAMES.get(c, c)}: {ratio:.2f}')}</title></rect>"
            )
            svg.append(f'<text class="n" x="{x(ratio) + 3:.1f}" y="{y + 7.5}">{ratio:.1f}</text>')
            y += BAR
        y += GAP
    lines = [f'<line x1="{x(r):.1f}" x2="{x(r):.1f}" y1="{top - 4}" y2="{y}" stroke="#ddd"/>' for r in (5, 10, 15, 20)]
    lines.append(f'<line x1="{x(1):.1f}" x2="{x(1):.1f}" y1="{top - 4}" y2="{y}" stroke="#333"/>')
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 60}" height="{y + 10}" '
        'font-family="sans-serif" font-size="11">\n<style>.n{font-size:8px}</style>\n'
        '<rect width="100%" height="100%" fill="#fff"/>\n'
        f'<text x="{LEFT}" y="20" font-size="14">Time as a multiple of the floor (the line at 1); shorter is better</text>'
    )
    with open(os.path.join(HERE, "plot.svg"), "w", encoding="utf-8") as file:
        file.write("\n".join([head, *lines, *svg, "</svg>"]) + "\n")


main()
