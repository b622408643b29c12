# SPDX-License-Identifier: Apache-2.0
"""What sessions take to keep: bytes each, and time at a restart."""

import os
import re
import statistics
import subprocess
import time

from browser import hosted_flow
from cases import find_openidc, openidc_redis, ours, start_redis
from filled import MILLION, Filled
from instructions import request_many
from stage import PAGE

SMALL_TABLE = 32 << 20
RESTARTS = 3
SIGNINS = 40


def redis_bytes(redis):
    said = subprocess.run(["redis-cli", "-p", str(redis.port), "info", "memory"],
                          check=True, capture_output=True, text=True).stdout
    return int(re.search(r"used_memory:(\d+)", said).group(1))


def peers_memory(stage, say):
    found = find_openidc(stage)
    if "redis" in found:
        redis = start_redis(stage)
        server = stage.start_httpd(openidc_redis(redis))
        hosted_flow(stage, server.port, "first@example.org")()
        before = redis_bytes(redis)
        for number in range(SIGNINS):
            hosted_flow(stage, server.port, f"user{number}@example.org")()
        say("bytes a session", "mod_auth_openidc, redis: what a sign-in leaves "
            "in Redis", f"{(redis_bytes(redis) - before) // SIGNINS:,}")
        server.stop()
    if "client cookie" in found:
        server = stage.start_httpd(found["client cookie"])
        cookie = hosted_flow(stage, server.port, "user1@example.org")()
        say("bytes a session", "mod_auth_openidc, client cookie: sent with each "
            "request", f"{len(cookie):,}")
        server.stop()


def memory(stage, say):
    """A table that is filled up: its whole size by the sessions in it."""
    filled = Filled(stage, SMALL_TABLE)
    filled.grow(MILLION)
    say("bytes a session", "ours: seven claims of an Auth0 ID token, of which "
        "the record", f"{filled.used / filled.live:.0f}")
    say("bytes a session", "ours: shm(32m) full, all it takes",
        f"{SMALL_TABLE / filled.live:.0f} ({filled.live:,} sessions)")
    peers_memory(stage, say)


def first_answer(stage, filled, cookie):
    """Seconds from starting httpd to the page for a session."""
    began = time.monotonic()
    server = stage.start_httpd(ours(filled.store), wait=None,
                               port=filled.port)
    while True:
        try:
            request_many(server.port, PAGE, [cookie], 1, 200)
            break
        except (ConnectionRefusedError, ConnectionResetError):
            if time.monotonic() - began > 60 or server.process.poll() is not None:
                stage.fail("httpd did not come back", server.folder)
            time.sleep(0.005)
    seconds = time.monotonic() - began
    server.stop()
    return seconds


def drop_caches():
    """What is not in memory must come from the disk. Root's privilege."""
    os.sync()
    try:
        with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as drop:
            drop.write("3\n")
        return True
    except OSError:
        return False


def restart(stage, say):
    filled = Filled(stage)
    cookie = filled.grow(MILLION, give=1)[0]
    warm = [first_answer(stage, filled, cookie) for _ in range(RESTARTS)]
    say("seconds from start to the first page for a session",
        "ours, 1,000,000 sessions in the file", f"{statistics.median(warm):.2f}")
    cold = [first_answer(stage, filled, cookie) for _ in range(RESTARTS)
            if drop_caches()]
    say("seconds from start to the first page for a session",
        "ours, the same, nothing of it in the page cache",
        f"{statistics.median(cold):.2f}" if cold else "not measured: needs root")
