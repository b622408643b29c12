# SPDX-License-Identifier: Apache-2.0
"""For the tests of the stand-in itself: start it, call it, print TAP.

A Stand owns one stand-in in a temporary folder and one kept TLS connection;
a Browser keeps cookies and follows redirects by hand; Tap counts.
"""
import atexit
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
OTP = "http://auth0.com/oauth/grant-type/passwordless/otp"
CALLBACK = "https://app.localhost/cb"


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            return {}

    def error(self):
        """(status, error) for a comparison."""
        return self.status, self.json.get("error")

    def text(self):
        return self.json.get("error_description")


class Stand:
    """A running stand-in."""

    def __init__(self, *more):
        self.dir = tempfile.mkdtemp(prefix="tenant-test-")
        self.log = open(os.path.join(self.dir, "log"), "w+")
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "tenant.py"), "--dir", self.dir, "--client-id",
             "Cl13nt", "--client-secret", "s3cr3t", "--callback", CALLBACK, "--callback",
             "https://app.localhost/other", "--logout-url", "https://app.localhost/out",
             "--exit-with-parent", *more], stdout=self.log, stderr=self.log)
        atexit.register(self.stop)
        ready = os.path.join(self.dir, "tenant.json")
        for _ in range(400):
            if os.path.exists(ready) or self.process.poll() is not None:
                break
            time.sleep(0.025)
        if not os.path.exists(ready):
            self.log.seek(0)
            sys.exit("Bail out! the stand-in did not start: " + self.log.read())
        with open(ready) as file:
            self.about = json.load(file)
        self.port = int(self.about["domain"].partition(":")[2])
        self.context = ssl.create_default_context(cafile=self.about["ca_file"])
        self.connection = None

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)
        shutil.rmtree(self.dir, ignore_errors=True)

    def call(self, method, path, body=None, headers=None, timeout=10):
        """One request over the kept connection; opened again if it is gone."""
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = http.client.HTTPSConnection(
                    "localhost", self.port, context=self.context, timeout=timeout)
                self.connection.connect()
                self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                self.connection.request(method, path, body, headers or {})
                answer = self.connection.getresponse()
                return Answer(answer.status, answer.headers, answer.read())
            except (http.client.RemoteDisconnected, ConnectionError, ssl.SSLEOFError):
                self.connection.close()
                self.connection = None
                if attempt == 2:
                    raise

    def drop(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    def post(self, path, value, headers=None):
        return self.call("POST", path, json.dumps(value),
                         {"content-type": "application/json", **(headers or {})})

    def form(self, path, value, headers=None):
        return self.call("POST", path, urllib.parse.urlencode(value), {
            "content-type": "application/x-www-form-urlencoded", **(headers or {})})

    # -- the usual calls, each field open to change ------------------------------

    def start(self, headers=None, drop=(), **changes):
        body = {"client_id": "Cl13nt", "client_secret": "s3cr3t", "connection": "email",
                "email": "ann@example.org", "send": "code", **changes}
        return self.post("/passwordless/start", without(body, drop), headers)

    def otp(self, otp, headers=None, drop=(), **changes):
        body = {"grant_type": OTP, "client_id": "Cl13nt", "client_secret": "s3cr3t",
                "realm": "email", "username": "ann@example.org", "otp": otp,
                "scope": "openid profile email offline_access", **changes}
        return self.post("/oauth/token", without(body, drop), headers)

    def code(self, to="ann@example.org"):
        """The newest code mailed to an address."""
        url = self.about["mail"] + "messages?" + urllib.parse.urlencode({"to": to})
        with urllib.request.urlopen(url, timeout=10) as answer:
            found = json.load(answer)
        return found[0]["code"] if found else None

    def sign_in(self, **changes):
        self.start()
        return self.otp(self.code(), **changes)

    def control(self, method, path, value=None):
        data = None if value is None else json.dumps(value).encode()
        request = urllib.request.Request(self.about["control"] + path, data, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def set(self, **knobs):
        return self.control("POST", "/set", knobs)

    def fault(self, path, fault, **more):
        return self.control("POST", "/fault", {"path": path, "fault": fault, **more})

    def mutate(self, name, target="id_token", **more):
        return self.control("POST", "/mutate", {"target": target, "name": name, **more})

    def reset(self):
        self.control("POST", "/reset", {})


def without(body, names):
    return {n: v for n, v in body.items() if n not in names}


class Browser:
    """Cookies of the tenant's host, forms, no script."""

    def __init__(self, stand):
        self.stand, self.cookies = stand, {}

    def go(self, method, path, fields=None):
        headers = {}
        if self.cookies:
            headers["cookie"] = "; ".join("%s=%s" % pair for pair in self.cookies.items())
        body = None
        if fields is not None:
            body = urllib.parse.urlencode(fields)
            headers["content-type"] = "application/x-www-form-urlencoded"
        answer = self.stand.call(method, path, body, headers)
        for line in answer.headers.get_all("set-cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        answer.location = answer.headers.get("location", "")
        return answer

    def get(self, path, **query):
        return self.go("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""))

    def authorize(self, **changes):
        query = {"client_id": "Cl13nt", "response_type": "code", "redirect_uri": CALLBACK,
                 "scope": "openid profile email", "state": "S1", **changes}
        return self.get("/authorize", **{n: v for n, v in query.items() if v is not None})

    def hosted(self, address="ann@example.org", code=None, **changes):
        """Through the hosted pages to the callback: the last answer."""
        page = self.authorize(connection="email", login_hint=address, **changes)
        state = query_of(page.location).get("state")
        return self.go("POST", page.location, {"state": state,
                                               "code": code or self.stand.code(address)})


def query_of(url):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query, keep_blank_values=True))


def hidden(page, name):
    found = re.search(r'name="%s" value="([^"]*)"' % name, page.body.decode())
    return found.group(1) if found else None


class Tap:
    """ok() and is_() print TAP; done() gives the exit status."""

    def __init__(self):
        self.count = self.failed = 0

    def ok(self, good, what):
        self.count += 1
        self.failed += 0 if good else 1
        print("%sok %d - %s" % ("" if good else "not ", self.count, what.replace("#", "no.")),
              flush=True)
        return good

    def is_(self, got, wanted, what):
        if not self.ok(got == wanted, what):
            print("#      got %r\n#   wanted %r" % (got, wanted), flush=True)

    def done(self):
        print("1..%d" % self.count)
        return 1 if self.failed else 0
