# SPDX-License-Identifier: Apache-2.0
"""Run the measurements named, or all, and print one table.

    python3 bench/bench.py TREE [PART...]      TREE is a build folder
"""

import os
import platform
import re
import signal
import subprocess
import sys
import time

from addresses import addresses
from cases import nginx_version, package_version
from instructions import growth, instructions
from keeping import memory, restart
from latency import latency
from signins import signins
from stage import TOP, Stage
from throughput import throughput

# What other programs can disturb comes first, next to the load that is shown.
PARTS = {"throughput": throughput, "restart": restart, "signins": signins,
         "latency": latency, "addresses": addresses,
         "instructions": instructions, "growth": growth, "memory": memory}
LONGEST_SECONDS = 2400
PEERS = ("libapache2-mod-auth-openidc", "redis-tools", "wrk", "valgrind")


def machine(stage):
    """What it was measured on: no names, just kinds."""
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        model = re.search(r"^model name\s*: (.*)$", info.read(), re.M)
    with open("/proc/meminfo", encoding="utf-8") as info:
        memory = int(re.search(r"MemTotal:\s*(\d+)", info.read()).group(1))
    httpd = subprocess.run([stage.httpd, "-v"], check=True, text=True,
                           capture_output=True).stdout
    versions = {name: package_version(name) for name in PEERS}
    versions["nginx"] = nginx_version(stage)
    peers = ", ".join(f"{name} {version}" for name, version in versions.items()
                      if version)
    kernel = re.match(r"[0-9.]+", platform.release()).group()
    return [f"{os.cpu_count()} cores, {model.group(1) if model else '?'}, "
            f"{memory / (1 << 20):.0f} GB; Linux {kernel}; "
            f"{re.search(r'Apache/[0-9.]+', httpd).group()}, mpm_event; {peers}",
            f"load when it began: {os.getloadavg()[0]:.1f}"]


class Table:
    """Rows, each shown on standard output as soon as it is known."""

    def __init__(self, heads):
        self.lines = []
        for head in heads:
            self.put(head)
        for line in ("", "| measured | case | result |", "|---|---|---|"):
            self.put(line)

    def put(self, line):
        self.lines.append(line)
        print(line, flush=True)

    def row(self, measured, case, result):
        self.put(f"| {measured} | {case} | {result} |")


def give_up(number, frame):
    raise SystemExit("ended by a signal" if number != signal.SIGALRM
                     else f"gave up after {LONGEST_SECONDS} seconds")


def main():
    parts = sys.argv[2:] or list(PARTS)
    if unknown := set(parts) - set(PARTS):
        raise SystemExit(f"unknown: {', '.join(unknown)}; "
                         f"there are: {', '.join(PARTS)}")
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, give_up)
    signal.alarm(LONGEST_SECONDS)
    stage = Stage(sys.argv[1])
    try:
        table = Table(machine(stage))
        for part in parts:
            began = time.monotonic()
            PARTS[part](stage, table.row)
            print(f"{part}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    finally:
        stage.close()
    with open(os.path.join(TOP, "build", "bench", "table.md"), "w",
              encoding="utf-8") as out:
        out.write("\n".join(table.lines) + "\n")


if __name__ == "__main__":
    main()
