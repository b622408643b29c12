# SPDX-License-Identifier: Apache-2.0
"""Ask for one page at a steady pace, and print microseconds, a line a request.

    python3 bench/paced.py PORT PATH COOKIE RATE SECONDS

Every request has a connection of its own, so that it needs a worker that is
free. A time counts from the moment the request was due: a server that answers
nobody for a second spoils all requests of that second, not one.
"""

import socket
import sys
import time


def ask(port, request):
    """The status of one page."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(request)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return int(answer.split(b" ", 2)[1])


def main():
    port, path, cookie, rate, seconds = sys.argv[1:6]
    request = (f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n"
               f"Cookie: {cookie}\r\nConnection: close\r\n\r\n").encode()
    pause, count = 1 / float(rate), int(float(rate) * float(seconds))
    first = time.perf_counter()
    for number in range(count):
        due = first + number * pause
        time.sleep(max(0.0, due - time.perf_counter()))
        status = ask(int(port), request)
        if status != 200:
            raise SystemExit(f"{path}: {status}")
        print(int(1e6 * (time.perf_counter() - due)))


if __name__ == "__main__":
    main()
