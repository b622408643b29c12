# SPDX-License-Identifier: Apache-2.0
"""Instructions a request, by callgrind.

Each case starts `httpd -X` under callgrind twice, sends 200 requests to the one
and 1,200 to the other over one connection, and takes the difference: start,
sign-in and stop cancel out. The file is 1 KB; the server without the module
serves the same file with the same modules, with and without a Cookie header.

    python3 bench/instructions.py TREE      TREE is a build folder
"""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FEW, MANY = 200, 1200

CONF = """\
ServerRoot {work}
DefaultRuntimeDir {work}
PidFile {work}/httpd.pid
ErrorLog {work}/error.log
LogLevel warn
ServerName localhost:{port}
{modules}
Listen 127.0.0.1:{port}
DocumentRoot {work}/site
TypesConfig /dev/null
MaxKeepAliveRequests 0
KeepAliveTimeout 60
ThreadsPerChild 4
ServerLimit 1
MaxRequestWorkers 4
<Directory />
    AllowOverride None
    Options FollowSymLinks
    Require all granted
</Directory>
{ours}
"""

OURS = """\
LoadModule auth0_pwless_module {tree}/.libs/mod_auth0_pwless.so
Auth0Domain {domain}
Auth0ClientID {client_id}
Auth0ClientSecret {client_secret}
Auth0CAFile {ca_file}
Auth0InsecureHTTP On
<Location "/members">
    AuthType Auth0Passwordless
    AuthName "Members"
    Auth0PassClaims both email sub name nickname email_verified updated_at
    Require valid-user
</Location>
"""

MODULES = "mpm_event unixd authn_core authz_core authz_user dir mime".split()


def from_makefile(tree, name):
    with open(os.path.join(tree, "Makefile"), encoding="utf-8") as makefile:
        return re.search(rf"^{name} = (.*)$", makefile.read(), re.M).group(1)


class Bench:
    """One working folder with a tenant, removed at the end."""

    def __init__(self, tree):
        self.tree = tree
        self.work = tempfile.mkdtemp()
        os.chmod(self.work, 0o755)
        self.httpd = from_makefile(tree, "HTTPD")
        os.makedirs(f"{self.work}/site/members")
        for path in ("site/index.html", "site/members/index.html"):
            with open(f"{self.work}/{path}", "w", encoding="ascii") as page:
                page.write("x" * 1023 + "\n")
        # Not a pipe nobody reads, and not the terminal of whoever measures.
        self.tenant_log = open(f"{self.work}/tenant.log", "wb")
        self.tenant = subprocess.Popen(
            [sys.executable, f"{TOP}/tests/tenant/tenant.py", "--dir",
             f"{self.work}/tenant", "--exit-with-parent"],
            stdout=self.tenant_log, stderr=self.tenant_log)
        ready = f"{self.work}/tenant/tenant.json"
        self.wait_for(lambda: os.path.exists(ready))
        with open(ready, encoding="utf-8") as info:
            self.info = json.load(info)

    def close(self):
        self.tenant.terminate()
        self.tenant.wait()
        self.tenant_log.close()
        shutil.rmtree(self.work)

    @staticmethod
    def wait_for(condition, seconds=60):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise SystemExit("gave up waiting")
            time.sleep(0.05)

    def start(self, with_module):
        """An httpd under callgrind; answers (process, port)."""
        port = free_port()
        built_in = subprocess.run([self.httpd, "-l"], check=True,
                                  capture_output=True, text=True).stdout
        folder = from_makefile(self.tree, "HTTPD_MODULES")
        modules = "\n".join(f"LoadModule {name}_module {folder}/mod_{name}.so"
                            for name in MODULES
                            if f"mod_{name}.c" not in built_in)
        ours = OURS.format(tree=self.tree, **self.info) if with_module else ""
        with open(f"{self.work}/httpd.conf", "w", encoding="utf-8") as conf:
            conf.write(CONF.format(work=self.work, port=port, modules=modules,
                                   ours=ours))
        server = subprocess.Popen(
            ["valgrind", "--tool=callgrind", "--vgdb=no", "-q",
             f"--callgrind-out-file={self.work}/callgrind.out",
             self.httpd, "-X", "-f", f"{self.work}/httpd.conf"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait_for(lambda: answers(port) or server.poll() is not None)
        return server, port

    def stop(self, server):
        """End it; answers the instructions it ran."""
        server.send_signal(signal.SIGTERM)
        server.wait(60)
        with open(f"{self.work}/callgrind.out", encoding="utf-8") as out:
            return int(re.search(r"^(?:summary|totals): (\d+)", out.read(),
                                 re.M).group(1))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/")
        connection.getresponse().read()
        connection.close()
        return True
    except OSError:
        return False


def sign_in(bench, port):
    """The form flow as a browser does it; answers the session cookie."""
    jar = {}

    def call(method, path, form=None):
        connection = http.client.HTTPConnection("localhost", port, timeout=60)
        headers = {"Accept": "text/html", "Host": f"localhost:{port}",
                   "Cookie": "; ".join(f"{k}={v}" for k, v in jar.items())}
        body = urllib.parse.urlencode(form) if form else None
        if form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            jar[name] = value
        text = answer.read().decode()
        token = re.search(r'name="t" value="([^"]+)"', text)
        return answer.headers["Location"], token and token.group(1)

    address = "ann@example.org"
    _, token = call("GET", "/.auth0/login")
    step2, _ = call("POST", "/.auth0/login", {"email": address, "t": token})
    with urllib.request.urlopen(f"{bench.info['control']}/messages?to={address}",
                                timeout=30) as mails:
        code = json.load(mails)[0]["code"]
    _, token = call("GET", step2)
    call("POST", step2, {"code": code, "t": token, "op": "verify"})
    if not jar.get("auth0-session"):
        raise SystemExit("the sign-in failed")
    return "auth0-session=" + jar["auth0-session"]


def request_many(port, path, cookie, count, status):
    """`count` requests on one connection, with no header that is not needed."""
    request = (f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n"
               + (f"Cookie: {cookie}\r\n" if cookie else "")
               + ("Accept: text/html\r\n" if status == 302 else "") + "\r\n").encode()
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        stream = connection.makefile("rb")
        for _ in range(count):
            connection.sendall(request)
            line = stream.readline()
            if int(line.split()[1]) != status:
                raise SystemExit(f"{path}: {line!r}, not {status}")
            length = 0
            while (header := stream.readline().strip()):
                if header.lower().startswith(b"content-length:"):
                    length = int(header.split(b":")[1])
            stream.read(length)


def measure(bench, module, path, cookie, status=200):
    """Instructions of one request. `cookie` may be a function of the port."""
    totals = []
    for count in (FEW, MANY):
        server, port = bench.start(module)
        value = cookie(port) if callable(cookie) else cookie
        request_many(port, path, value, count, status)
        totals.append(bench.stop(server))
    return (totals[1] - totals[0]) // (MANY - FEW)


def main():
    bench = Bench(os.path.abspath(sys.argv[1]))
    forged = "auth0-session=" + "A" * 43
    try:
        cases = [
            ("without the module", False, "/index.html", None, 200),
            ("without the module, cookie header", False, "/index.html", forged, 200),
            ("module loaded, page not guarded", True, "/index.html", None, 200),
            ("live session, six claims as variables and headers", True,
             "/members/index.html", lambda port: sign_in(bench, port), 200),
            ("forged cookie (302 to the sign-in page)", True,
             "/members/index.html", forged, 302),
        ]
        print("| per request | instructions |\n|---|---|")
        for name, module, path, cookie, status in cases:
            figure = measure(bench, module, path, cookie, status)
            print(f"| {name} | {figure:,} |", flush=True)
    finally:
        bench.close()


if __name__ == "__main__":
    main()
