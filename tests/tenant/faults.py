# SPDX-License-Identifier: Apache-2.0
"""Answers that go wrong on the wire, by name.

security.md U2, U3, U5 to U8, U17, U18.  A fault is set for a path by POST
/fault and used up after `times` calls.  Some replace the answer (a status, an
HTML page) and the endpoint then does nothing; others spoil the sending of a
real one, so the code is mailed or burnt although the caller never hears of it
(U17).  The argument "run" turns either kind into the other.

Nothing here lasts longer than a minute or sends more than a gigabyte, and
POST /reset or DELETE /fault ends whatever still hangs.
"""
import functools
import json
import struct
import time
import zlib

from wire import Response, json_response

HANG_MAX_SECONDS = 60
BYTES_MAX = 1 << 30
COMMON = {"path", "fault", "times", "skip", "method", "run"}

KNOWN = {}  # name -> (function, does the endpoint run, allowed arguments)


class Stop:
    """Ends a wait early when the faults are reset."""

    def __init__(self, tenant, generation):
        self.tenant, self.generation = tenant, generation

    def over(self):
        return self.tenant.generation != self.generation

    def sleep(self, seconds):
        """Returns False if it was cut short."""
        end = time.monotonic() + max(0.0, seconds)
        while not self.over():
            left = end - time.monotonic()
            if left <= 0:
                return True
            time.sleep(min(left, 0.05))
        return False


class Fault:
    """One fault in force."""

    def __init__(self, body):
        self.name = body.get("fault")
        if self.name not in KNOWN:
            raise ValueError("unknown fault %r; known: %s" % (self.name, ", ".join(sorted(KNOWN))))
        self.function, run, allowed = KNOWN[self.name]
        unknown = set(body) - COMMON - set(allowed)
        if unknown:
            raise ValueError("%s takes no %s; it takes: %s" % (
                self.name, ", ".join(sorted(unknown)), ", ".join(sorted(allowed)) or "nothing"))
        self.run = body.get("run", run)
        self.path, self.method = body.get("path", "*"), body.get("method")
        self.times, self.skip = body.get("times"), int(body.get("skip", 0))
        self.args = {n: v for n, v in body.items() if n not in COMMON}

    def matches(self, request):
        return self.path in ("*", request.path) and self.method in (None, request.method)

    def wants_answer(self):
        return self.run

    def perform(self, connection, request, response, stop):
        if response is None:
            response = Response(200, b"{}", "application/json")
        return self.function(Wire(connection, request, stop), response, self.args)

    def as_json(self):
        return {"path": self.path, "fault": self.name, "times": self.times, "skip": self.skip,
                "method": self.method, "run": self.run, **self.args}


def add(tenant, body):
    fault = Fault(body)
    with tenant.lock:
        tenant.faults.append(fault)


def take(tenant, request):
    """The first fault set for this request, counted as used; or None."""
    with tenant.lock:
        for fault in tenant.faults:
            if not fault.matches(request):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    tenant.faults.remove(fault)
            return fault
    return None


class Wire:
    """What a fault sends with."""

    def __init__(self, connection, request, stop):
        self.connection, self.request, self.stop = connection, request, stop

    def send(self, data):
        self.connection.send(data)

    def good(self, response):
        return self.connection.respond(response, self.request.keep_alive)

    def reset(self):
        self.connection.reset()
        return False

    def drip(self, data, bytes_per_second):
        """Byte by byte, or in tenths of a second if it is to go faster."""
        rate = max(0.1, float(bytes_per_second))
        step = max(1, int(rate / 10))
        end = time.monotonic() + HANG_MAX_SECONDS
        for i in range(0, len(data), step):
            self.send(data[i:i + step])
            if time.monotonic() > end or not self.stop.sleep(step / rate):
                return False
        return True

    def stream(self, pieces, limit):
        """Send an iterator of bytes until `limit` bytes or a minute."""
        sent, end = 0, time.monotonic() + HANG_MAX_SECONDS
        for piece in pieces:
            self.send(piece)
            sent += len(piece)
            if sent >= limit or time.monotonic() > end or self.stop.over():
                return False
        return True


def fault(name, run, *allowed):
    def keep(function):
        KNOWN[name] = (function, run, allowed)
        return function
    return keep


def seconds_of(args, default):
    return min(float(args.get("seconds", default)), HANG_MAX_SECONDS)


# -- another answer -----------------------------------------------------------------

@fault("status", False, "status", "headers", "body", "json", "content_type")
def status(wire, response, args):
    if "json" in args:
        other = json_response(args["json"], int(args.get("status", 500)))
    else:
        other = Response(int(args.get("status", 500)), args.get("body", "").encode(),
                         args.get("content_type", "text/plain"))
    for name, value in dict(args.get("headers", {})).items():
        other.add(name, value)
    return wire.good(other)


@fault("html-502", False, "status")
def html_502(wire, response, args):
    page = ("<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>"
            "502 Bad Gateway</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>"
            "\r\n</html>\r\n")
    return wire.good(Response(int(args.get("status", 502)), page.encode(), "text/html"))


@fault("redirect", False, "status", "location")
def redirect(wire, response, args):
    location = args.get("location", "https://%s/attacker" % wire.request.headers.get("host"))
    return wire.good(Response(int(args.get("status", 302)), headers=[("location", location)]))


@fault("rate-limited", False, "retry_after", "reset", "limit", "remaining", "body", "json")
def rate_limited(wire, response, args):
    """429; each header only if its argument is given."""
    other = json_response(args.get("json", {"error": "too_many_requests",
                                            "error_description": "Rate limit exceeded."}), 429)
    if "body" in args:
        other.body = args["body"].encode()
    for name, header in (("retry_after", "retry-after"), ("reset", "x-ratelimit-reset"),
                         ("limit", "x-ratelimit-limit"),
                         ("remaining", "x-ratelimit-remaining")):
        if name in args:
            other.add(header, args[name])
    return wire.good(other)


# -- silence and broken connections ------------------------------------------------------

@fault("delay", True, "seconds")
def delay(wire, response, args):
    wire.stop.sleep(seconds_of(args, 1))
    return wire.good(response)


@fault("hang", True, "seconds")
def hang(wire, response, args):
    wire.stop.sleep(seconds_of(args, HANG_MAX_SECONDS))
    return False


@fault("close", True)
def close(wire, response, args):
    return False


@fault("reset", True)
def reset(wire, response, args):
    return wire.reset()


def cut(name, in_body, end):
    @fault(name, True, "bytes", "seconds")
    def apply(wire, response, args):
        head = response.header_bytes()
        default = len(head) + len(response.body) // 2 if in_body else len(head) // 2
        wire.send((head + response.body)[:int(args.get("bytes", default))])
        wire.stop.sleep(seconds_of(args, HANG_MAX_SECONDS if end == "hang" else 0))
        return wire.reset() if end == "reset" else False


for _end in ("close", "reset", "hang"):
    cut(_end + "-mid-headers", False, _end)
    cut(_end + "-mid-body", True, _end)


@fault("truncated-close", True)
def truncated_close(wire, response, args):
    """No Content-Length, half a body, and no close_notify: an attacker's cut."""
    head = response.header_bytes(length=False, keep_alive=False)
    wire.send(head + response.body[:len(response.body) // 2])
    wire.connection.hang_up_from_outside()
    return False


@fault("drip-headers", True, "bytes_per_second")
def drip_headers(wire, response, args):
    done = wire.drip(response.header_bytes(keep_alive=False), args.get("bytes_per_second", 1))
    if done:
        wire.send(response.body)
    return False


@fault("drip-body", True, "bytes_per_second")
def drip_body(wire, response, args):
    wire.send(response.header_bytes(keep_alive=False))
    wire.drip(response.body, args.get("bytes_per_second", 1))
    return False


# -- lengths -----------------------------------------------------------------------------

@fault("length-too-long", True, "by", "seconds")
def length_too_long(wire, response, args):
    """Promises more than it sends; holds the line for `seconds`, then closes."""
    wire.send(response.header_bytes(len(response.body) + int(args.get("by", 100)))
              + response.body)
    wire.stop.sleep(seconds_of(args, 0))
    return False


@fault("length-too-short", True, "by")
def length_too_short(wire, response, args):
    """Sends more than it promised, on a connection that stays open."""
    length = max(0, len(response.body) - int(args.get("by", 10)))
    wire.send(response.header_bytes(length) + response.body)
    return wire.request.keep_alive


@fault("two-answers", True, "json")
def two_answers(wire, response, args):
    """A second, unasked answer in the same write (U18)."""
    second = json_response(args.get("json", {"access_token": "injected", "id_token": "injected"}))
    wire.send(response.header_bytes() + response.body + second.header_bytes() + second.body)
    return wire.request.keep_alive


@fault("bad-chunk", True)
def bad_chunk(wire, response, args):
    response.add("transfer-encoding", "chunked")
    wire.send(response.header_bytes(length=False) + b"zz\r\n" + response.body + b"\r\n0\r\n\r\n")
    return False


@fault("raw", False, "text")
def raw(wire, response, args):
    """Bytes as given (Latin-1), then the end."""
    wire.send(args.get("text", "220 not an HTTP server\r\n").encode("latin-1"))
    return False


@fault("interim", True, "count", "status")
def interim(wire, response, args):
    """Many 1xx answers before the real one."""
    line = ("HTTP/1.1 %d Early Hints\r\n\r\n" % int(args.get("status", 103))).encode()
    wire.send(line * min(int(args.get("count", 1000)), 100000))
    return wire.good(response)


# -- too much ---------------------------------------------------------------------------

@fault("huge-body", False, "bytes", "status")
def huge_body(wire, response, args):
    """One valid JSON object with one long string."""
    size = min(int(args.get("bytes", 100 << 20)), BYTES_MAX)
    start, end = b'{"pad":"', b'"}'
    head = Response(int(args.get("status", 200)), content_type="application/json")
    wire.send(head.header_bytes(size + len(start) + len(end), False) + start)
    block = b"a" * 65536
    whole = wire.stream((block[:min(65536, size - i)] for i in range(0, size, 65536)),
                        size + 1)
    if whole:
        wire.send(end)
    return False


@fault("endless-body", False, "bytes", "bytes_per_second")
def endless_body(wire, response, args):
    """Chunk after chunk; ends only by the limit of bytes or a minute."""
    head = Response(200, content_type="application/json",
                    headers=[("transfer-encoding", "chunked")])
    wire.send(head.header_bytes(False, False) + b'8\r\n{"pad":"\r\n')

    def chunks():
        while True:
            if "bytes_per_second" in args:
                wire.stop.sleep(1)
                size = max(1, int(args["bytes_per_second"]))
            else:
                size = 65536
            yield b"%x\r\n%s\r\n" % (size, b"a" * size)
    wire.stream(chunks(), min(int(args.get("bytes", 256 << 20)), BYTES_MAX))
    return wire.reset()


@fault("gzip-bomb", False, "bytes")
def gzip_bomb(wire, response, args):
    """Small on the wire, `bytes` when unpacked."""
    return wire.good(Response(200, packed(min(int(args.get("bytes", 100 << 20)), BYTES_MAX)),
                              "application/json", [("content-encoding", "gzip")]))


@functools.cache
def packed(size):
    """That much JSON by gzip. A block after a full flush stands by itself, so it is
    packed once: all of it would take a busy machine seconds."""
    block = b"a" * (1 << 20)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    head, middle = (packer.compress(part) + packer.flush(zlib.Z_FULL_FLUSH)
                    for part in (b'{"pad":"', block))
    crc = zlib.crc32(b'{"pad":"')
    for _ in range(size >> 20):
        crc = zlib.crc32(block, crc)
    length = (size >> 20 << 20) + len(b'{"pad":""}')
    return (b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + head + middle * (size >> 20)
            + packer.compress(b'"}') + packer.flush()
            + struct.pack("<LL", zlib.crc32(b'"}', crc), length & 0xffffffff))


@fault("huge-headers", True, "bytes")
def huge_headers(wire, response, args):
    response.add("x-pad", "a" * min(int(args.get("bytes", 1 << 20)), 64 << 20))
    return wire.good(response)


@fault("many-headers", True, "count")
def many_headers(wire, response, args):
    for i in range(min(int(args.get("count", 10000)), 1000000)):
        response.headers.append(("x-pad-%d" % i, "a"))
    return wire.good(response)


# -- bodies that are not what they should be -------------------------------------------------

def body_fault(name, change, *allowed, run=True):
    """change(body, args) -> another body; the length is right."""
    @fault(name, run, *allowed)
    def apply(wire, response, args):
        response.body = change(response.body, args)
        return wire.good(response)


def edited(body, args):
    value = json.loads(body)
    value.update(args.get("set", {}))
    for name in args.get("remove", []):
        value.pop(name, None)
    return json.dumps(value).encode()


def doubled(body, args):
    """Every key twice: first with a foreign value, then as it was."""
    value = json.loads(body)
    other = {name: "foreign" if isinstance(v, str) else v for name, v in value.items()}
    first, second = json.dumps(other), json.dumps(value)
    if args.get("foreign_last"):
        first, second = second, first
    return (first[:-1] + "," + second[1:]).encode()


def deep(body, args):
    depth = min(int(args.get("depth", 100000)), 10000000)
    return body[:-1] + b',"deep":' + b"[" * depth + b"]" * depth + b"}"


body_fault("truncated-json", lambda body, args: body[:len(body) // 2])
body_fault("empty-body", lambda body, args: b"")
body_fault("edit-json", edited, "set", "remove")
body_fault("duplicate-keys", doubled, "foreign_last")
body_fault("deep-json", deep, "depth")
body_fault("array", lambda body, args: b"[" + body + b"]")
body_fault("bom", lambda body, args: b"\xef\xbb\xbf" + body)
body_fault("utf-16", lambda body, args: body.decode().encode("utf-16"))
body_fault("not-utf-8", lambda body, args: body[:-1] + b',"x":"\xff\xfe\xc0"}')
body_fault("trailing-garbage", lambda body, args: body + b"]} garbage")
body_fault("many-numbers", lambda body, args: b"[" + b"1," * min(
    int(args.get("count", 10000000)), 100000000) + b"1]", "count")
