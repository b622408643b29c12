# SPDX-License-Identifier: Apache-2.0
"""A session file with as many sessions as wanted: one real sign-in, the rest
its copies, added by bench/fill.c through the interface the module itself uses.
"""

import re
import subprocess

from browser import form_flow
from cases import ours
from stage import free_port

MILLION = 1_000_000
BYTES = 768 << 20  # room for a million


class Filled:
    def __init__(self, stage, size=BYTES):
        self.stage, self.size = stage, size
        self.port = free_port()  # the site's address belongs to a session
        self.path = f"{stage.folder()}/sessions"
        self.store = f"shm:{self.path}({size >> 20}m)"
        server = stage.start_httpd(ours(self.store), port=self.port)
        self.first = form_flow(stage, server.port, "ann.lindqvist@example.org")()
        server.stop()
        self.live = self.used = self.total = 0

    def grow(self, count, give=0):
        """At least `count` sessions, or as many as there is room for. Answers
        cookies of up to `give` of those added, the first one if there is none."""
        done = subprocess.run(
            [f"{self.stage.tree}/bench/fill", self.path, str(self.size),
             self.first.split("=", 1)[1], str(count), str(give)],
            check=True, capture_output=True, text=True, timeout=300)
        *sids, figures = done.stdout.splitlines()
        self.live, self.used, self.total = map(int, re.findall(r"\d+", figures))
        return [f"auth0-session={sid}" for sid in sids] or [self.first]
