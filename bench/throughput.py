# SPDX-License-Identifier: Apache-2.0
"""Requests a second, as a ratio to the same server without authentication.

All servers run all the time and are asked in turn, round after round, so that
what else the machine does hits them alike. A ratio is taken within its round;
the table has the median of the rounds, and where the middle half of them lies.
One server is compared with its twin: how far that is from 1 is what no other
ratio can tell.

Beside it the processor time a request takes in the server, as a ratio too: it
does not show who waits for a lock, but is steadier on a machine that is not ours
alone.
"""

import os
import re
import statistics
import subprocess
import time
from typing import NamedTuple

from browser import form_flow, hosted_flow
from cases import find_nginx, find_openidc, ours, start_nginx, without
from filled import MILLION, Filled
from instructions import FORGED
from stage import PAGE, TOP, Server

CONNECTIONS = (64, 512)
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "11"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "1"))
MANY = 10_000


class Target(NamedTuple):
    name: str
    server: Server
    cookie: str      # or the name of a file of them
    base: str        # of which Target it is a ratio


class Rate(NamedTuple):
    requests: float     # a second
    processor: float    # microseconds a request, in the server


def load(target, connections):
    """A Rate, by wrk: one thread, for the server needs the cores."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s"]
    url = f"http://localhost:{target.server.port}{PAGE}"
    if os.path.exists(target.cookie):
        command += ["-s", f"{TOP}/bench/cookies.lua", url, target.cookie]
    else:
        command += ["-H", f"Cookie: {target.cookie}", url]
    used = target.server.processor_seconds()
    said = subprocess.run(command, check=True, capture_output=True, text=True,
                          timeout=SECONDS + 60).stdout
    if "Non-2xx" in said:
        raise SystemExit(f"{target.name}: {said}")
    used = target.server.processor_seconds() - used
    done = int(re.search(r"(\d+) requests in", said).group(1))
    rate = float(re.search(r"Requests/sec:\s*([0-9.]+)", said).group(1))
    return Rate(rate, 1e6 * used / done)


def our_targets(stage):
    """No authentication and ours, a million sessions in its file. Each stands
    next to what it is compared with."""
    filled = Filled(stage)
    cookies = filled.grow(MILLION, give=MANY)
    names = f"{stage.folder()}/cookies"
    with open(names, "w", encoding="ascii") as out:
        out.write("\n".join(cookies) + "\n")
    plain = stage.start_httpd(without)
    guarded = stage.start_httpd(ours(filled.store), port=filled.port)
    one = stage.start_httpd(ours())
    cookie = form_flow(stage, one.port, "ann@example.org")()
    return [Target("no authentication", plain, FORGED, ""),
            Target("no authentication, its twin", stage.start_httpd(without),
                   FORGED, "no authentication"),
            Target("ours, shm, one session for all requests", one, cookie,
                   "no authentication"),
            Target("no authentication, cookies in turn", plain, names, ""),
            Target(f"ours, shm:FILE, {MANY:,} of {MILLION:,} sessions in turn",
                   guarded, names, "no authentication, cookies in turn")]


def peer_targets(stage):
    targets = []
    for kind, conf in find_openidc(stage).items():
        server = stage.start_httpd(conf)
        cookie = hosted_flow(stage, server.port, "ann@example.org")()
        targets.append(Target(f"mod_auth_openidc, {kind}, one session", server,
                              cookie, "no authentication"))
    if nginx := find_nginx(stage):
        targets += [Target("nginx alone", start_nginx(stage, nginx, False),
                           FORGED, ""),
                    Target("nginx, auth_request, of nginx alone",
                           start_nginx(stage, nginx, True), FORGED,
                           "nginx alone")]
    return targets


def spread(ratios):
    low, middle, high = statistics.quantiles(ratios, n=4)
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def rounds_of(targets, connections):
    """One dictionary of Rates a round; each round begins with another target."""
    rounds = []
    for number in range(ROUNDS):
        first = number % len(targets)
        rounds.append({target.name: load(target, connections)
                       for target in targets[first:] + targets[:first]})
    return rounds


def busy_seconds(stage):
    """Processor seconds of the machine so far, those of ours, and the time."""
    with open("/proc/stat", encoding="ascii") as stat:
        ticks = list(map(int, stat.readline().split()[1:9]))
    used = os.times()
    ours_alone = sum(server.processor_seconds() for server in stage.servers)
    return ((sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK"),
            ours_alone + sum(used[:4]), time.monotonic())


def ratios_of(targets, say):
    for connections in CONNECTIONS:
        rounds = rounds_of(targets, connections)
        for name, _, _, base in targets:
            rates = [each[name] for each in rounds]
            if not base:
                median = statistics.median(rate.requests for rate in rates)
                say(f"requests a second, {connections} connections", name,
                    f"{median:,.0f}")
                continue
            bases = [each[base] for each in rounds]
            say(f"ratio, {connections} connections", name, spread(
                [a.requests / b.requests for a, b in zip(rates, bases)])
                + "; processor time × " + spread(
                    [a.processor / b.processor for a, b in zip(rates, bases)]))


def throughput(stage, say):
    targets = our_targets(stage) + peer_targets(stage)
    before = busy_seconds(stage)
    ratios_of(targets, say)
    all_of_it, ours_alone, seconds = (
        b - a for a, b in zip(before, busy_seconds(stage)))
    say("disturbance", "cores that other programs used meanwhile",
        f"{(all_of_it - ours_alone) / seconds:.1f} of {os.cpu_count()}")
