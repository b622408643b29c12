# SPDX-License-Identifier: Apache-2.0
"""Where measurements take place: a working folder, the stand-in tenant, and
the servers started in it. All listen on 127.0.0.1 and end with us.
"""

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from typing import NamedTuple

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGE = "/members/index.html"

HTTPD = """\
ServerRoot {work}
DefaultRuntimeDir {folder}
PidFile {folder}/httpd.pid
ErrorLog {folder}/error.log
LogLevel warn
ServerName localhost:{port}
{load}
Listen 127.0.0.1:{port}
DocumentRoot {work}/site
TypesConfig /dev/null
MaxKeepAliveRequests 0
KeepAliveTimeout 60
{user}
{mpm}
<Directory />
    AllowOverride None
    Options FollowSymLinks
    Require all granted
</Directory>
{conf}
"""


class Mpm(NamedTuple):
    name: str
    lines: str


# Counting instructions wants few threads; load wants all of them there from the
# start, and more connections than threads.
SMALL = Mpm("event", """\
ServerLimit 1
ThreadsPerChild 4
MaxRequestWorkers 4""")
LARGE = Mpm("event", """\
ServerLimit 2
StartServers 2
ThreadsPerChild 64
MinSpareThreads 1
MaxSpareThreads 128
MaxRequestWorkers 128
AsyncRequestWorkerFactor 8
ListenBackLog 1024""")

MODULES = "unixd authn_core authz_core authz_user dir mime".split()


def from_makefile(tree, name):
    with open(os.path.join(tree, "Makefile"), encoding="utf-8") as makefile:
        return re.search(rf"^{name} = (.*)$", makefile.read(), re.M).group(1)


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


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(condition, what, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"gave up waiting for {what}")
        time.sleep(0.05)


class Server:
    """A process on a port, with a folder of its own."""

    def __init__(self, stage, command, port, folder):
        self.port, self.folder, self.stage = port, folder, stage
        # Killed by the kernel if we are gone before we could do it; in a group
        # of its own, because prefork ends all of its group when it stops.
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM"] + command,
            stdout=subprocess.DEVNULL, stderr=stage.log,
            start_new_session=True)
        stage.servers.append(self)

    def ready(self, condition):
        def done():
            if self.process.poll() is not None:
                self.stage.fail(f"{self.process.args[3]} ended", self.folder)
            return condition(self.port)
        wait_for(done, self.process.args[3])
        return self

    def processor_seconds(self):
        """Used by the process and its children so far."""
        pid = self.process.pid
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as names:
            pids = [pid] + names.read().split()
        ticks = 0
        for pid in pids:
            with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
                # Past the name in brackets: utime and stime, fields 14 and 15.
                fields = stat.read().rsplit(")", 1)[1].split()
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.stage.servers.remove(self)
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Stage:
    def __init__(self, tree):
        self.tree = os.path.abspath(tree)
        self.servers, self.callbacks, self.numbers = [], [], 0
        base = os.path.join(TOP, "build", "bench")
        os.makedirs(base, exist_ok=True)
        self.work = tempfile.mkdtemp(dir=base, prefix="work-")
        os.chmod(self.work, 0o755)
        self.log = open(f"{self.work}/log", "wb")
        self.httpd = from_makefile(self.tree, "HTTPD")
        self.built_in = subprocess.run([self.httpd, "-l"], check=True,
                                       capture_output=True, text=True).stdout
        os.makedirs(f"{self.work}/site/members")
        for path in ("/index.html", PAGE):
            with open(f"{self.work}/site{path}", "w", encoding="ascii") as page:
                page.write("x" * 1023 + "\n")
        self.tenant = Server(self, [
            sys.executable, f"{TOP}/tests/tenant/tenant.py", "--dir",
            f"{self.work}/tenant", "--exit-with-parent"], 0, self.work)
        ready = f"{self.work}/tenant/tenant.json"
        self.tenant.ready(lambda port: os.path.exists(ready))
        with open(ready, encoding="utf-8") as info:
            self.info = json.load(info)
        self.control("/set", limits=None, authorization_code_life=600,
                     code_life=600)

    def load(self, *names):
        """LoadModule for those of httpd's own modules that are not built in."""
        folder = from_makefile(self.tree, "HTTPD_MODULES")
        return "\n".join(f"LoadModule {name}_module {folder}/mod_{name}.so"
                         for name in names
                         if f"mod_{name}.c" not in self.built_in)

    def close(self):
        for server in reversed(list(self.servers)):
            server.stop()
        self.log.close()
        shutil.rmtree(self.work)

    def fail(self, why, folder):
        for name in (f"{folder}/error.log", f"{self.work}/log"):
            if os.path.exists(name):
                with open(name, encoding="utf-8", errors="replace") as log:
                    sys.stderr.write("".join(log.readlines()[-20:]))
        raise SystemExit(why)

    def folder(self):
        """A new folder, which httpd's children can enter."""
        self.numbers += 1
        path = f"{self.work}/{self.numbers}"
        os.mkdir(path)
        return path

    def control(self, path, method="POST", /, **body):
        """Tell the stand-in, or ask it."""
        request = urllib.request.Request(
            self.info["control"] + path,
            json.dumps(body).encode() if method == "POST" else None,
            method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def allow_callback(self, url):
        self.callbacks.append(url)
        self.control("/clients", client_id=self.info["client_id"],
                     callbacks=self.callbacks)

    def start_httpd(self, conf, mpm=LARGE, wrapper=(), wait=answers, port=0):
        """An httpd with `conf`, a function of stage and port. `wrapper` may
        name {folder}."""
        folder, port = self.folder(), port or free_port()
        user = ""
        # callgrind_control cannot reach a process that has changed its user.
        if os.geteuid() == 0 and mpm is not SMALL:
            user = "User nobody\nGroup nogroup"
        with open(f"{folder}/httpd.conf", "w", encoding="utf-8") as out:
            out.write(HTTPD.format(work=self.work, folder=folder, port=port,
                                   load=self.load(f"mpm_{mpm.name}", *MODULES),
                                   user=user, mpm=mpm.lines,
                                   conf=conf(self, port)))
        mode = "-X" if mpm is SMALL else "-DFOREGROUND"
        server = Server(self, [word.format(folder=folder) for word in wrapper]
                        + [self.httpd, mode, "-f", f"{folder}/httpd.conf"],
                        port, folder)
        return server.ready(wait) if wait else server
