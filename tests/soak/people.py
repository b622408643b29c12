# SPDX-License-Identifier: Apache-2.0
"""Those who come to a site: they sign in, read, mistype codes, sign out; and
many who never sign in.

Threads of one program. What they must not see goes into `wrong`, a sentence
each; how often what happened goes into `done`.
"""

import collections
import http.client
import random
import re
import threading
import time
import urllib.error
import urllib.parse

from browser import mailed_code, token_in
from stage import PAGE

# Of the sign-in's forms while the tenant fails: busy, down, late, once more.
ANSWERS = {200, 303, 403, 409, 422, 429, 502, 503, 504}
SESSIONS_KEPT = 60
LONGEST_SECONDS = 12


class Visitor:
    """A browser: one host, its cookies, connections kept for reading only."""

    def __init__(self, port):
        self.port, self.jar, self.kept = port, {}, None

    def close(self):
        if self.kept:
            self.kept.close()
        self.kept = None

    def connection(self, fresh):
        if fresh or not self.kept:
            self.close()
            self.kept = http.client.HTTPConnection("127.0.0.1", self.port,
                                                   timeout=LONGEST_SECONDS)
        return self.kept

    def go(self, method, path, form=None, **headers):
        """Status, headers, text. A connection that was closed while it was idle,
        as a graceful restart does, is made anew; so a form goes over a new one."""
        fresh = form is not None or self.kept is None
        headers.update(Host=f"localhost:{self.port}", Accept="text/html")
        if self.jar:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.jar.items())
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            form = urllib.parse.urlencode(form)
        try:
            connection = self.connection(fresh)
            connection.request(method, path, form, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        except (ConnectionError, http.client.HTTPException):
            if fresh:
                raise
            self.close()
            return self.go(method, path)
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            self.jar[name] = value
        return answer.status, answer.headers, text


class People:
    """So many threads, until stop()."""

    def __init__(self, stage, port, count):
        self.stage, self.port, self.count = stage, port, count
        self.lock = threading.Lock()
        self.done, self.wrong = collections.Counter(), []
        self.signed_in = []     # (visitor, address), taken out while in use
        self.ended, self.threads = threading.Event(), []

    def start(self):
        self.ended.clear()
        self.threads = [threading.Thread(target=self.live, args=(number,))
                        for number in range(self.count)]
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.ended.set()
        for thread in self.threads:
            thread.join()
        for visitor, _ in self.signed_in:
            visitor.close()

    def live(self, number):
        deeds = ([self.sign_in] * 3 + [self.read] * 6 + [self.mistype]
                 + [self.pass_by] * 3)
        turn = 0
        while not self.ended.is_set():
            deed, turn = random.choice(deeds), turn + 1
            try:
                deed(f"p{number}-{turn % 40}@example.org")
            except (OSError, http.client.HTTPException, urllib.error.URLError,
                    SystemExit) as error:
                self.complain(f"{deed.__name__}: {error!r}")
            except Exception as error:  # ours: a thread must not end unheard
                self.complain(f"{deed.__name__} failed: {error!r}")

    def complain(self, sentence):
        with self.lock:
            self.wrong.append(sentence)

    def count_one(self, what):
        with self.lock:
            self.done[what] += 1

    def ask(self, address):
        """A browser at step 2: visitor, path, form; or None if the tenant was
        not well."""
        visitor = Visitor(self.port)
        _, _, text = visitor.go("GET", f"/.auth0/login?return_to={PAGE}")
        status, headers, _ = visitor.go("POST", "/.auth0/login", {
            "email": address, "t": token_in(text), "op": "send"})
        path = headers["Location"] or ""
        if status not in ANSWERS:
            self.complain(f"asking for a code: {status}")
        if status != 303 or "/code?" not in path:
            self.count_one("codes not sent")
            visitor.close()
            return None
        _, _, text = visitor.go("GET", path)
        return visitor, path, {"t": token_in(text), "op": "verify"}

    def sign_in(self, address):
        if not (mine := self.come_in(address)):
            return
        with self.lock:
            self.signed_in.append(mine)
            leaves = (self.signed_in.pop(0) if len(self.signed_in) > SESSIONS_KEPT
                      or random.random() < 0.4 else None)
        if leaves:
            self.sign_out(*leaves)

    def sign_in_and_stay(self, address):
        self.signed_in.append(self.come_in(address))

    def come_in(self, address):
        """Visitor and address, or None if the tenant was not well."""
        if not (asked := self.ask(address)):
            return None
        visitor, path, form = asked
        code = mailed_code(self.stage, address)
        status, headers, _ = visitor.go("POST", path, dict(form, code=code))
        if status not in ANSWERS:
            self.complain(f"giving a code: {status}")
        if not visitor.jar.get("auth0-session"):
            self.count_one("sign-ins that failed")
            visitor.close()
            return None
        self.count_one("sign-ins")
        self.look(visitor, address)
        visitor.close()
        return visitor, address

    def look(self, visitor, address):
        """A confirmed session answers as its own user, whatever goes on."""
        status, headers, _ = visitor.go("GET", PAGE)
        if status != 200 or headers["X-User"] != address:
            self.complain(f"the page of {address}: {status}, for {headers['X-User']}")
        self.count_one("pages")

    def read(self, _):
        with self.lock:
            if not self.signed_in:
                return
            mine = self.signed_in.pop(random.randrange(len(self.signed_in)))
        for _ in range(random.randint(1, 5)):
            self.look(*mine)
        mine[0].close()     # with prefork an idle connection keeps a child
        with self.lock:
            self.signed_in.append(mine)

    def sign_out(self, visitor, address):
        _, _, text = visitor.go("GET", "/.auth0/logout")
        session = visitor.jar["auth0-session"]
        status, _, _ = visitor.go("POST", "/.auth0/logout", {"t": token_in(text)})
        visitor.jar["auth0-session"] = session
        if status != 303 or visitor.go("GET", PAGE)[0] != 302:
            self.complain(f"{address} signed out ({status}) and got in again")
        self.count_one("sign-outs")
        visitor.close()

    def mistype(self, address):
        if not (asked := self.ask(address)):
            return
        visitor, path, form = asked
        for _ in range(random.randint(1, 4)):
            visitor.go("POST", path, dict(form, code=f"{random.randrange(10 ** 6):06d}"))
            self.count_one("wrong codes")
        if visitor.jar.get("auth0-session"):
            self.count_one("lucky guesses")     # one in a million
        visitor.close()

    def pass_by(self, _):
        visitor = Visitor(self.port)
        for way in range(4):
            anonymous(visitor, way + random.randrange(100))
            self.count_one("anonymous requests")
        visitor.close()

    def check_all(self):
        """Everybody who is signed in, one by one."""
        for mine in self.signed_in:
            self.look(*mine)


FORGED = "auth0-session=" + "A" * 43
WAYS = ((PAGE, {}), ("/.auth0/login", {}), ("/.auth0/login?return_to=%2Fmembers%2F", {}),
        ("/.auth0/session", {}), (PAGE, {"Cookie": FORGED}),
        ("/.auth0/callback?code=x&state=y", {}), ("/.auth0/logout", {}),
        (PAGE, {"Sec-Fetch-Mode": "cors"}))
EXPECTED = {200, 302, 303, 400, 401, 403}


def anonymous(visitor, number):
    """One request of somebody nobody knows."""
    path, headers = WAYS[number % len(WAYS)]
    if number % 2:
        visitor.jar.clear()
    status, _, _ = visitor.go("GET", path, **headers)
    if status not in EXPECTED:
        raise http.client.HTTPException(f"{path}: {status}")


class Weather:
    """The tenant's: fine and foul in turn, until stop()."""

    FAULTS = ({"fault": "hang", "seconds": 4}, {"fault": "reset"},
              {"fault": "status", "status": 500}, {"fault": "status", "status": 503},
              {"fault": "html-502"}, {"fault": "delay", "seconds": 1},
              {"fault": "close-mid-body"}, {"fault": "truncated-json"},
              {"fault": "rate-limited", "retry_after": "1"},
              {"fault": "drip-body", "bytes_per_second": 40})
    FINE_SECONDS, FOUL_SECONDS = 1.5, 1.0

    def __init__(self, stage):
        self.stage, self.ended = stage, threading.Event()
        self.thread, self.turn = None, 0

    def start(self):
        self.ended.clear()
        self.thread = threading.Thread(target=self.change, daemon=True)
        self.thread.start()

    def stop(self):
        self.ended.set()
        self.thread.join()

    def change(self):
        while not self.ended.wait(self.FINE_SECONDS):
            fault = self.FAULTS[self.turn % len(self.FAULTS)]
            self.turn += 1
            self.stage.control("/fault", path="*", **fault)
            if self.turn % 3 == 0:
                self.stage.control("/hang-up")
            self.ended.wait(self.FOUL_SECONDS)
            self.stage.control("/fault", "DELETE")


def unexpected(log, known):
    """Lines of an error log that no pattern of `known` is for: the first of
    each kind, with how many there are."""
    kinds = collections.OrderedDict()
    for line in log.splitlines():
        if any(re.search(pattern, line) for pattern in known):
            continue
        text = re.sub(r"^(?:\[[^]]*\] )*", "", line)
        kinds.setdefault(re.sub(r"[0-9]+|ref=\S+", "#", text)[:80], []).append(line)
    return [f"{len(lines)} × {lines[0]}" for lines in kinds.values()]
