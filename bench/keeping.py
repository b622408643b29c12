# SPDX-License-Identifier: Apache-2.0
"""What sessions take to keep: bytes each, and time at a restart."""

import os
import statistics
import time

from cases import ours
from filled import MILLION, Filled
from instructions import request_many
from stage import PAGE

SMALL_TABLE = 32 << 20
RESTARTS = 3


def memory(stage, say):
    """A table that is filled up: its whole size by the sessions in it."""
    filled = Filled(stage, SMALL_TABLE)
    filled.grow(MILLION)
    say("bytes a session", "ours: seven claims of an Auth0 ID token, of which "
        "the record", f"{filled.used / filled.live:.0f}")
    say("bytes a session", "ours: shm(32m) full, all it takes",
        f"{SMALL_TABLE / filled.live:.0f} ({filled.live:,} sessions)")


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
