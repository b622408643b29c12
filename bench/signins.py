# SPDX-License-Identifier: Apache-2.0
"""Sign-ins against a tenant that takes 50 ms for every answer.

What is timed is the last step alone, the request that makes the session: the
code posted to us, the callback of mod_auth_openidc. All before it is prepared
without delay. In that step nobody but httpd talks to the tenant, so its count of
handshakes and calls is that of the module.
"""

import time
from concurrent.futures import ThreadPoolExecutor

from browser import form_flow, hosted_flow
from cases import find_openidc, ours

DELAY_SECONDS = 0.05
ONE_BY_ONE, AT_ONCE, WORKERS = 50, 150, 16


def finish(stage, server, steps, workers):
    """Take all last steps. Answers seconds, processor seconds, handshakes and
    calls."""
    stage.control("/set", delay=DELAY_SECONDS)
    before = stage.control("/stats", "GET")
    used, began = server.processor_seconds(), time.monotonic()
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda step: step(), steps))
    seconds = time.monotonic() - began
    used = server.processor_seconds() - used
    after = stage.control("/stats", "GET")
    stage.control("/set", delay=0)
    calls = sum(after["calls"].values()) - sum(before["calls"].values())
    return seconds, used, after["tls_handshakes"] - before["tls_handshakes"], calls


def report(say, name, count, workers, result):
    seconds, used, handshakes, calls = result
    how = "one by one" if workers == 1 else f"{workers} at once"
    say(f"{count} sign-ins, {how}", name,
        f"{count / seconds:.0f} a second, {handshakes} TLS handshakes for "
        f"{calls} calls, {1000 * used / count:.1f} ms of CPU each")


def signins(stage, say):
    cases = [("ours, shm", ours(), form_flow)]
    cases += [(f"mod_auth_openidc, {kind}", conf, hosted_flow)
              for kind, conf in find_openidc(stage).items() if kind == "shm"]
    for name, conf, flow in cases:
        server = stage.start_httpd(conf)
        flow(stage, server.port, "first@example.org")()  # fetches the keys
        for count, workers in ((ONE_BY_ONE, 1), (AT_ONCE, WORKERS)):
            with ThreadPoolExecutor(4) as pool:
                steps = list(pool.map(
                    lambda number: flow(stage, server.port,
                                        f"user{number}@example.org"),
                    range(count)))
            report(say, name, count, workers,
                   finish(stage, server, steps, workers))
        server.stop()
