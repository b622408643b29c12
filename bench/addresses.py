# SPDX-License-Identifier: Apache-2.0
"""Does the answer to "send me a code" tell what the tenant knows of an address?

Browsers ask for codes for addresses of six kinds, in random order. The tenant
takes four times as long over addresses it sends a mail to (knob `floor`: its
answer is held back until then); Auth0MinSendTime is to hide that. Answer and
step 2 must be the same but for the address and what is sealed; the times go
through a rank test, each kind beside known addresses. Known ones beside
themselves, odd and even, show what chance alone does.
"""

import http.client
import os
import random
import re
import statistics
import time
import urllib.parse
from typing import NamedTuple

from browser import token_in
from cases import ours
from ranks import compare

SAMPLES = int(os.environ.get("BENCH_SAMPLES", "1000"))
WARM = 20               # of each kind, before it counts
MAILED_SECONDS = 0.02   # of the tenant; mailing a code takes a fraction of that
REFUSED_SECONDS = 0.005
LEAST = "40ms"          # of the module; the default would take hours
APART = 0.001           # chance has it in one comparison of a thousand
START = "/passwordless/start"


class Kind(NamedTuple):
    name: str
    letter: str
    mailed: bool = False
    exists: bool = False
    blocked: bool = False
    closed: bool = False    # to new people
    refusal: tuple = ()     # status and error of the tenant


KINDS = (
    Kind("known", "k", mailed=True, exists=True),
    Kind("unknown, anybody may sign up", "n", mailed=True),
    Kind("unknown, sign-ups closed", "c", closed=True),
    Kind("known and blocked: no mail", "b", exists=True, blocked=True),
    Kind("refused by an Action", "r", exists=True, refusal=(403, "unauthorized")),
    Kind("paused by attack protection", "p", exists=True,
         refusal=(429, "too_many_attempts")),
)


class Sample(NamedTuple):
    kind: str
    asked: float    # microseconds
    opened: float   # those of step 2
    looks: tuple


def prepare(stage, kind, number):
    """Tell the tenant what it knows of an address; the same calls for all."""
    address = f"{kind.letter}{number:06d}@example.org"
    if kind.exists:
        stage.control("/users", email=address, blocked=kind.blocked)
    else:
        stage.control("/set", signup_disabled=kind.closed)
    status, error = kind.refusal or (500, "none")
    stage.control("/fault", "DELETE")
    stage.control("/fault", path=START if kind.refusal else "/nowhere",
                  fault="status", status=status,
                  json={"error": error, "error_description": "no"})
    stage.control("/set", signup_disabled=kind.closed,
                  floor=MAILED_SECONDS if kind.mailed else REFUSED_SECONDS)
    return address


class Client:
    """One kept connection; every sample is a browser of its own."""

    def __init__(self, port):
        self.host = f"localhost:{port}"
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.connection.connect()

    def go(self, method, path, cookie="", form=None):
        """Answer, body and microseconds."""
        headers = {"Host": self.host, "Accept": "text/html"}
        if cookie:
            headers["Cookie"] = cookie
        if form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = form and urllib.parse.urlencode(form)
        began = time.perf_counter()
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        return answer, text.decode(), 1e6 * (time.perf_counter() - began)


def looks_of(answer, text, address):
    """All a browser could look at: status, headers and the sizes of their
    values, cookies among them, and the text without address and seals."""
    text = text.replace(address, "ADDRESS")
    return (answer.status,
            tuple((name, len(value)) for name, value in answer.getheaders()),
            len(text), re.sub(r"[A-Za-z0-9_-]{40,}", "SEALED", text))


def ask(client, kind, address):
    answer, text, _ = client.go("GET", "/.auth0/login")
    cookie = answer.headers["Set-Cookie"].split(";")[0]
    form = {"email": address, "t": token_in(text), "op": "send"}
    answer, text, asked = client.go("POST", "/.auth0/login", cookie, form)
    first = looks_of(answer, text, address)
    to = urllib.parse.urlsplit(answer.headers["Location"] or "/")
    page, text, opened = client.go("GET", f"{to.path}?{to.query}", cookie)
    return Sample(kind.name, asked, opened,
                  (first, to.path, looks_of(page, text, address)))


def sample(stage, client):
    """Samples of all kinds, the warming ones left out."""
    turns = list(KINDS) * SAMPLES
    random.shuffle(turns)
    turns = list(KINDS) * WARM + turns
    return [ask(client, kind, prepare(stage, kind, number))
            for number, kind in enumerate(turns)][len(KINDS) * WARM:]


def say_looks(say, samples):
    seen = {}
    for each in samples:
        seen.setdefault(each.looks, set()).add(each.kind)
    say("what the answers look like", f"{len(samples):,} of {len(KINDS)} kinds",
        "all the same: status, headers, cookies, sizes, text" if len(seen) == 1
        else f"TOLD APART: {len(seen)} looks, by kind: " + "; ".join(
            " and ".join(sorted(kinds)) for kinds in seen.values()))


def say_times(say, what, name, times, others):
    found = compare(times, others)
    apart = statistics.median(times) - statistics.median(others)
    say(f"time of {what}, beside known addresses", name,
        f"z {found.z:+.2f}, p {found.p:.3f}; slower in {100 * found.share:.1f} % "
        f"of pairs; medians {apart:+.0f} µs apart"
        + ("; TOLD APART" if found.p < APART else ""))


def addresses(stage, say):
    server = stage.start_httpd(ours(
        more="Auth0Throttle address=off client=off site=off\n"
             f"Auth0MinSendTime {LEAST}"))
    samples = sample(stage, Client(server.port))
    stage.control("/fault", "DELETE")
    stage.control("/set", floor=0, signup_disabled=False)
    server.stop()
    say_looks(say, samples)
    for what, field in (("the answer", "asked"), ("step 2", "opened")):
        times = {kind.name: [getattr(each, field) for each in samples
                             if each.kind == kind.name] for kind in KINDS}
        known = times.pop("known")
        say(f"time of {what}", "known", f"median {statistics.median(known):,.0f} "
            f"µs, of which the tenant's {1e6 * MAILED_SECONDS:,.0f}; "
            f"{len(known):,} samples" if field == "asked" else
            f"median {statistics.median(known):,.0f} µs")
        say_times(say, what, "known: every other one", known[::2], known[1::2])
        for name, values in times.items():
            say_times(say, what, name, values, known)
