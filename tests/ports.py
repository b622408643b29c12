# SPDX-License-Identifier: Apache-2.0
"""Ports for tests that run side by side.

    python3 tests/ports.py LOW HIGH COUNT     the first of COUNT free ports

LOW and HIGH are below the ports that the system gives to clients (32768 and more):
one of them could take a port before a server does. A stretch begins at LOW or at
LOW plus a multiple of COUNT, chosen by chance. Whoever takes one locks the file
build/ports/FIRST and looks again if it cannot: until its servers listen, a stretch
looks as free to others.
"""

import random
import socket
import sys


def is_free(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def free_stretch(low, high, count):
    while True:
        first = random.randrange(low, high, count)
        if all(map(is_free, range(first, first + count))):
            return first


if __name__ == "__main__":
    print(free_stretch(*map(int, sys.argv[1:])))
