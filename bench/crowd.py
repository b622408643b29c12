# SPDX-License-Identifier: Apache-2.0
"""So many people who ask for codes at once, and go on asking until told to end.

    python3 bench/crowd.py PORT PEOPLE

Each opens the form and posts an address, waits for the answer, whatever it is,
and comes again as somebody else some seconds later. SIGTERM ends it; it prints how often each
status was answered, the longest time for one that was refused, and how many
requests failed, in JSON.
"""

import asyncio
import json
import random
import signal
import sys
import time
import urllib.parse

from browser import token_in

ARRIVAL_SECONDS = 1     # in which all of them have come
PAUSE_SECONDS = (4, 6)  # until one comes again


async def request(port, method, path, cookie="", body=""):
    """Status, headers and body, over a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write((f"{method} {path} HTTP/1.1\r\nHost: localhost:{port}\r\n"
                      "Accept: text/html\r\nConnection: close\r\n"
                      + (f"Cookie: {cookie}\r\n" if cookie else "")
                      + ("Content-Type: application/x-www-form-urlencoded\r\n"
                         f"Content-Length: {len(body)}\r\n" if body else "")
                      + "\r\n" + body).encode())
        answer = (await reader.read()).decode()
    finally:
        writer.close()
    head, _, text = answer.partition("\r\n\r\n")
    lines = head.split("\r\n")
    return int(lines[0].split()[1]), lines[1:], text


async def person(port, number, told):
    await asyncio.sleep(random.random() * ARRIVAL_SECONDS)
    while True:
        try:
            _, headers, text = await request(port, "GET", "/.auth0/login")
            cookie = next(line.split(": ", 1)[1].split(";")[0] for line in headers
                          if line.lower().startswith("set-cookie:"))
            form = urllib.parse.urlencode({"email": f"crowd{number}@example.org",
                                           "t": token_in(text), "op": "send"})
            began = time.monotonic()
            status, _, _ = await request(port, "POST", "/.auth0/login", cookie, form)
            told[status] = told.get(status, 0) + 1
            if status == 503:
                told["longest_refusal"] = max(told.get("longest_refusal", 0),
                                              time.monotonic() - began)
        except (OSError, IndexError, StopIteration):
            told["failed"] = told.get("failed", 0) + 1
        await asyncio.sleep(random.uniform(*PAUSE_SECONDS))


async def main():
    port, people, told = int(sys.argv[1]), int(sys.argv[2]), {}
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    tasks = [asyncio.create_task(person(port, number, told))
             for number in range(people)]
    await ended.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    print(json.dumps(told))


if __name__ == "__main__":
    asyncio.run(main())
