# SPDX-License-Identifier: Apache-2.0
"""What others notice of 200 sign-ins at once while the tenant takes 5 s for every
answer: the 99th percentile of pages, as a ratio to a quiet server.

A quiet round and one with the crowd follow each other, and which comes first
changes; the same server, the same pace. Pages are asked for by programs of their own
(paced.py), the crowd is one more (crowd.py).
"""

import json
import os
import statistics
import subprocess
import sys
import time

from browser import form_flow
from cases import ours
from stage import LARGE, PAGE, TOP, Mpm
from throughput import spread

ROUNDS = max(2, int(os.environ.get("BENCH_LATENCY_ROUNDS", "6")))
SECONDS = float(os.environ.get("BENCH_LATENCY_SECONDS", "10"))
PACE = 50               # requests a second of one program
PROGRAMS = 2            # for each kind of page
PEOPLE = 200
DELAY_SECONDS = 5
SETTLE_SECONDS = 1.5    # until all of the crowd wait, or were refused

# As many workers as LARGE has, there from the start.
PREFORK = Mpm("prefork", """\
ServerLimit 128
StartServers 128
MinSpareServers 1
MaxSpareServers 128
MaxRequestWorkers 128
ListenBackLog 1024""")


def program(name, *arguments):
    return subprocess.Popen(
        ["setpriv", "--pdeathsig", "TERM", sys.executable, f"{TOP}/bench/{name}.py",
         *map(str, arguments)], stdout=subprocess.PIPE, text=True)


def output(process, seconds):
    said, _ = process.communicate(timeout=seconds)
    if process.returncode != 0:
        raise SystemExit(f"{process.args[4]} failed")
    return said


def pages(server, cookie):
    """Microseconds of static pages and of signed-in ones, sorted."""
    kinds = {"static page": ("/index.html", "none=1"),
             "signed-in page": (PAGE, cookie)}
    running = [(kind, program("paced", server.port, *asked, PACE, SECONDS))
               for kind, asked in kinds.items() for _ in range(PROGRAMS)]
    found = {kind: [] for kind in kinds}
    for kind, process in running:
        found[kind] += map(int, output(process, SECONDS + 120).split())
    return {kind: sorted(times) for kind, times in found.items()}


def crowded(stage, server, cookie, told):
    stage.control("/set", delay=DELAY_SECONDS)
    crowd = program("crowd", server.port, PEOPLE)
    time.sleep(SETTLE_SECONDS)
    try:
        found = pages(server, cookie)
    finally:
        crowd.terminate()
    for name, number in json.loads(output(crowd, 60)).items():
        told[name] = (max if name == "longest_refusal" else sum)(
            (told.get(name, 0), number))
    time.sleep(DELAY_SECONDS + 1)  # until nobody waits any more
    stage.control("/set", delay=0)
    return found


def percentile(times, share=0.99):
    return times[min(len(times) - 1, int(len(times) * share))]


def report(say, name, rounds, told):
    for kind in rounds[0][0]:
        p99 = [[percentile(each[kind]) for each in pair] for pair in rounds]
        pooled = [percentile(sorted(sum((pair[i][kind] for pair in rounds), [])))
                  for i in (0, 1)]
        say(f"99th percentile, {PEOPLE} sign-ins at once", f"{name}, {kind}",
            f"× {pooled[1] / pooled[0]:.2f}: {pooled[0] / 1000:.1f} ms quiet, "
            f"{pooled[1] / 1000:.1f} ms with them; by round × "
            + spread([loud / quiet for quiet, loud in p99]))
    say("the sign-ins meanwhile", name,
        f"{told.get('303', 0)} let in, {told.get('503', 0)} busy at once "
        f"(after {told.get('longest_refusal', 0):.1f} s at most), "
        f"{sum(told.get(key, 0) for key in told if key.isdigit()) - told.get('303', 0) - told.get('503', 0)}"
        f" other answers, {told.get('failed', 0)} failed")


def latency(stage, say):
    for mpm in (LARGE, PREFORK):
        server = stage.start_httpd(ours(
            more="Auth0Throttle address=off client=off site=off\n"
                 "Auth0MinSendTime 1200ms\n"
                 "KeepAliveTimeout 5"), mpm)
        cookie = form_flow(stage, server.port, "ann@example.org")()
        pages(server, cookie)  # warms up
        rounds, told = [], {}
        for number in range(ROUNDS):
            quiet = pages(server, cookie) if number % 2 == 0 else None
            loud = crowded(stage, server, cookie, told)
            rounds.append((quiet or pages(server, cookie), loud))
        report(say, mpm.name, rounds, told)
        server.stop()
