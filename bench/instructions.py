# SPDX-License-Identifier: Apache-2.0
"""Instructions a request, by callgrind: the same on any machine, whatever else
it is doing.

`httpd -X` starts under callgrind, which begins to count when the server is
warm. 100 requests over one connection and then 500 are counted, and the
difference taken: what opening a connection costs cancels out.
"""

import glob
import itertools
import re
import socket
import subprocess

from browser import form_flow, hosted_flow
from cases import find_openidc, ours, ours_redis, without
from filled import Filled
from stage import PAGE, SMALL

WARM, FEW, MANY = 100, 100, 500
PEERS_SHARE = 5  # peers get a fifth of it: they take twenty times as long
FORGED = "auth0-session=" + "A" * 43
FORGED_OPENIDC = "mod_auth_openidc_session=01234567-89ab-cdef-0123-456789abcdef"
CALLGRIND = ["valgrind", "--tool=callgrind", "-q", "--instr-atstart=no",
             "--callgrind-out-file={folder}/callgrind.out"]
SIZES = (1, 1_000, 100_000, 1_000_000)


def request_many(port, path, cookies, count, status):
    """`count` requests on one connection, with no header that is not needed,
    and the cookies in turn."""
    requests = [(f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n"
                 + (f"Cookie: {cookie}\r\n" if cookie else "")
                 + ("Accept: text/html\r\n" if status == 302 else "")
                 + "\r\n").encode() for cookie in cookies]
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        stream = connection.makefile("rb")
        for request in itertools.islice(itertools.cycle(requests), count):
            connection.sendall(request)
            line = stream.readline()
            if int(line.split()[1]) != status:
                raise SystemExit(f"{path}: {line!r}, not {status}")
            length = 0
            while (header := stream.readline().strip()):
                if header.lower().startswith(b"content-length:"):
                    length = int(header.split(b":")[1])
            stream.read(length)


def tell_callgrind(server, *command):
    subprocess.run(["callgrind_control", *command, str(server.process.pid)],
                   check=True, capture_output=True, timeout=60)


def counted(server, path, cookies, count, status):
    """Instructions of `count` requests and one connection."""
    request_many(server.port, path, cookies, count, status)
    tell_callgrind(server, "-d")
    newest = max(glob.glob(f"{server.folder}/callgrind.out.*"),
                 key=lambda name: int(name.rsplit(".", 1)[1]))
    with open(newest, encoding="utf-8") as out:
        return int(re.search(r"^totals: (\d+)", out.read(), re.M).group(1))


def measure(stage, conf, cookie=None, path=PAGE, status=200, port=0, share=1):
    """Instructions of one request. `cookie` may be a list of them, or a way to
    sign in."""
    warm, few, many = WARM // share, FEW // share, MANY // share
    server = stage.start_httpd(conf, SMALL, CALLGRIND, port=port)
    if callable(cookie):
        cookie = cookie(stage, server.port, "ann@example.org")()
    cookies = cookie if isinstance(cookie, list) else [cookie]
    request_many(server.port, path, cookies, warm, status)
    tell_callgrind(server, "-i", "on")
    # The first count of all has what was translated halfway.
    counted(server, path, cookies, warm, status)
    less = counted(server, path, cookies, few, status)
    more = counted(server, path, cookies, many, status)
    server.stop()
    return (more - less) // (many - few)


def instructions(stage, say):
    """Each case of ours and of the peers."""
    rows = [
        ("no authentication", without, None, PAGE, 200),
        ("no authentication, a Cookie header", without, FORGED, PAGE, 200),
        ("ours, page not guarded", ours(), None, "/index.html", 200),
        ("ours, live session, shm", ours(), form_flow, PAGE, 200),
        ("ours, live session, shm:FILE",
         ours(f"shm:{stage.folder()}/sessions(32m)"), form_flow, PAGE, 200),
        ("ours, live session, redis", ours_redis(stage), form_flow, PAGE, 200),
        ("ours, forged cookie (302)", ours(), FORGED, PAGE, 302),
    ]
    for name, *case in rows:
        say("instructions a request", name, f"{measure(stage, *case):,}")
    for kind, conf in find_openidc(stage).items():
        for name, *case in (("live session", hosted_flow, PAGE, 200),
                            ("forged cookie (302)", FORGED_OPENIDC, PAGE, 302)):
            say("instructions a request", f"mod_auth_openidc, {name}, {kind}",
                f"{measure(stage, conf, *case, share=PEERS_SHARE):,}")


def growth(stage, say):
    """Ours in a file, from one session to a million: the same file and size, so
    that nothing differs but how full it is."""
    filled = Filled(stage)
    first = None
    for size in SIZES:
        cookies = filled.grow(size, give=WARM)
        figure = measure(stage, ours(filled.store), cookies, port=filled.port)
        first = first or figure
        say("instructions a request, by sessions", f"{size:,}",
            f"{figure:,} ({100 * (figure - first) / first:+.1f} %)")
