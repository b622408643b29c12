# SPDX-License-Identifier: Apache-2.0
"""HTTP/1.1 over plain or TLS sockets, one thread a connection.

Why not http.server: the tests must be able to send what no correct server
sends (half a header, a wrong Content-Length, two answers at once), must count
connections and handshakes, and must stall one client without stalling the
others.  So this file owns the bytes on the wire and nothing else: what a
request means is decided by the `handler` given to Listener.

What must stay true:
  - every listening socket is bound to 127.0.0.1;
  - the TLS handshake runs in the connection's thread, never on accept;
  - one answer is one send, with TCP_NODELAY, so nobody waits for an ACK timer;
  - odd input ends one connection, never the program.

Facts: auth0-api.md 10.2 (TLS 1.2 and 1.3, keep-alive); testing.md 3.3.
"""
import json
import socket
import ssl
import threading
import time
import urllib.parse

HEAD_MAX_BYTES = 256 * 1024
BODY_MAX_BYTES = 8 * 1024 * 1024
IDLE_SECONDS = 75
HANDSHAKE_SECONDS = 60

PHRASES = {
    200: "OK", 201: "Created", 204: "No Content", 301: "Moved Permanently",
    302: "Found", 303: "See Other", 304: "Not Modified",
    307: "Temporary Redirect", 308: "Permanent Redirect", 400: "Bad Request",
    401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 409: "Conflict", 413: "Payload Too Large",
    415: "Unsupported Media Type", 429: "Too Many Requests",
    431: "Request Header Fields Too Large", 500: "Internal Server Error",
    501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
    504: "Gateway Timeout",
}


class BadRequest(Exception):
    """The bytes are not an HTTP request; args: status, text."""


class Request:
    """One request as read.  `headers` has lower-case names, last one wins;
    `header_list` keeps every line as it was sent."""

    def __init__(self, method, target, header_list, body, peer, connection_id):
        self.method, self.target = method, target
        self.path, _, self.query = target.partition("?")
        self.header_list = header_list
        self.headers = {name.lower(): value for name, value in header_list}
        self.body, self.peer = body, peer
        self.connection_id = connection_id

    def content_type(self):
        return self.headers.get("content-type", "").split(";")[0].strip().lower()

    def params(self):
        """The query's parameters; of a repeated one the first."""
        return first_of_each(self.query)

    def form(self):
        return first_of_each(self.body.decode("utf-8", "replace"))

    def cookies(self):
        found = {}
        for part in self.headers.get("cookie", "").split(";"):
            name, eq, value = part.strip().partition("=")
            if eq:
                found.setdefault(name, value)
        return found


def first_of_each(encoded):
    found = {}
    for name, value in urllib.parse.parse_qsl(encoded, keep_blank_values=True):
        found.setdefault(name, value)
    return found


class Response:
    """Status, header lines and body of an answer; `fault` is set by a handler
    that wants its answer sent in a broken way (faults.py)."""

    fault = None

    def __init__(self, status=200, body=b"", content_type=None, headers=()):
        self.status, self.body = status, body
        self.headers = list(headers)
        if content_type:
            self.headers.append(("content-type", content_type))

    def add(self, name, value):
        self.headers.append((name, value))
        return self

    def has(self, name):
        return any(n.lower() == name for n, _ in self.headers)

    def header_bytes(self, length=None, keep_alive=True):
        """The head.  `length` None means the body's own, False means no
        Content-Length line at all (the body then ends with the connection)."""
        lines = ["HTTP/1.1 %d %s" % (self.status, PHRASES.get(self.status, "Status"))]
        lines += ["%s: %s" % pair for pair in self.headers]
        if length is not False and self.status not in (204, 304):
            lines.append("content-length: %d" % (len(self.body) if length is None
                                                 else length))
        lines.append("connection: " + ("keep-alive" if keep_alive else "close"))
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def json_response(value, status=200, charset=False, headers=()):
    kind = "application/json; charset=utf-8" if charset else "application/json"
    body = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return Response(status, body.encode("utf-8", "replace"), kind, headers)


def html_response(page, status=200, headers=()):
    return Response(status, page.encode("utf-8", "replace"), "text/html; charset=utf-8", headers)


def text_response(text, status=200, headers=()):
    return Response(status, text.encode("utf-8", "replace"), "text/plain; charset=utf-8", headers)


def redirect_response(location, headers=()):
    return Response(302, b"Found. Redirecting to the next page", "text/plain; charset=utf-8",
                    list(headers) + [("location", location)])


class Connection:
    """One accepted socket, its buffer and its number."""

    def __init__(self, listener, sock, peer, number):
        self.listener, self.sock, self.peer, self.number = listener, sock, peer, number
        self.buffer = b""
        self.before_send = None  # called once, before the first byte of an answer

    def fill(self):
        piece = self.sock.recv(65536)
        if not piece:
            raise EOFError
        self.buffer += piece

    def read_until(self, mark, limit):
        while mark not in self.buffer:
            if len(self.buffer) > limit:
                raise BadRequest(431, "head too large")
            self.fill()
        head, _, self.buffer = self.buffer.partition(mark)
        return head

    def read_exactly(self, count):
        while len(self.buffer) < count:
            self.fill()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def read_request(self):
        """The next request, or None when the peer has closed."""
        try:
            while not self.buffer:
                self.fill()
        except (EOFError, OSError):
            return None
        head = self.read_until(b"\r\n\r\n", HEAD_MAX_BYTES).decode("latin-1")
        lines = head.split("\r\n")
        parts = lines[0].split(" ")
        if len(parts) != 3 or not parts[2].startswith("HTTP/1.") or parts[1][:1] != "/":
            raise BadRequest(400, "bad request line")
        headers = []
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if not colon or not name or name != name.strip():
                raise BadRequest(400, "bad header line")
            headers.append((name, value.strip()))
        request = Request(parts[0], parts[1], headers, b"", self.peer, self.number)
        request.body, request.sock = self.read_body(request.headers), self.sock
        request.keep_alive = (parts[2] == "HTTP/1.1" and
                              request.headers.get("connection", "").lower() != "close")
        return request

    def read_body(self, headers):
        if headers.get("expect", "").lower() == "100-continue":
            self.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if "chunked" in headers.get("transfer-encoding", "").lower():
            return self.read_chunks()
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            raise BadRequest(400, "bad content-length")
        if int(length) > BODY_MAX_BYTES:
            raise BadRequest(413, "body too large")
        return self.read_exactly(int(length))

    def read_chunks(self):
        body = b""
        while True:
            size_line = self.read_until(b"\r\n", 1024).split(b";")[0].strip()
            try:
                size = int(size_line, 16)
            except ValueError:
                raise BadRequest(400, "bad chunk") from None
            if size == 0:
                while self.read_until(b"\r\n", HEAD_MAX_BYTES):
                    pass
                return body
            if size < 0 or len(body) + size > BODY_MAX_BYTES:
                raise BadRequest(413, "body too large")
            body += self.read_exactly(size)
            self.read_exactly(2)

    def send(self, data):
        wait, self.before_send = self.before_send, None
        if wait:
            wait()  # with the bytes at hand: what it took to make them is over
        self.sock.sendall(data)

    def respond(self, response, keep_alive=True):
        self.send(response.header_bytes(keep_alive=keep_alive) + response.body)
        return keep_alive

    def reset(self):
        """End with a TCP RST instead of a FIN."""
        linger = b"\x01\0\0\0\0\0\0\0"
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.sock.close()

    def close(self):
        try:
            if isinstance(self.sock, ssl.SSLSocket):
                # Not blocking: our close_notify goes out, the peer's is not
                # waited for.
                self.sock.settimeout(0)
                self.sock.unwrap()
        except (OSError, ValueError):
            pass
        try:
            self.sock.close()
        except OSError:
            pass

    def hang_up_from_outside(self):
        """Called from another thread: makes the owner's recv return.  The
        override in SSLSocket would free the TLS state under the owner."""
        try:
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)
        except OSError:
            pass


class Listener:
    """A listening socket on 127.0.0.1.

    handler(connection, request) answers and returns whether to keep the
    connection.  tls(connection) is called in the connection's thread; it
    returns the wrapped socket, or None to give the connection up.
    """

    def __init__(self, port, handler, tls=None, on_error=None):
        self.handler, self.tls = handler, tls
        self.on_error = on_error or (lambda where, error: None)
        self.count = self.handshakes = self.resumed = self.failed_handshakes = 0
        self.accepted = 0  # names connections; unlike count it is never set back
        self.open = {}
        self.sock = listening_socket(port)
        self.port = self.sock.getsockname()[1]

    def start(self):
        threading.Thread(target=self.accept_loop, daemon=True).start()

    def accept_loop(self):
        while True:
            try:
                sock, address = self.sock.accept()
            except OSError as error:
                # Out of descriptors, or closed at the end of the program.
                if self.sock.fileno() < 0:
                    return
                self.on_error("accept", error)
                time.sleep(0.05)
                continue
            self.count += 1
            self.accepted += 1
            connection = Connection(self, sock, address[0], self.accepted)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        self.open[connection.number] = connection
        try:
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls and not self.handshake(connection):
                return
            connection.sock.settimeout(IDLE_SECONDS)
            while self.serve_one(connection):
                pass
        except (OSError, EOFError, ValueError):
            pass  # the peer went away, or broke off in the middle
        except Exception as error:  # must never take the program down
            self.on_error("connection", error)
        finally:
            self.open.pop(connection.number, None)
            connection.close()

    def handshake(self, connection):
        connection.sock.settimeout(HANDSHAKE_SECONDS)
        try:
            wrapped = self.tls(connection)
        except (OSError, ValueError):  # ssl.SSLError is an OSError
            self.failed_handshakes += 1
            return False
        if wrapped is None:
            return False
        connection.sock = wrapped
        self.handshakes += 1
        self.resumed += 1 if wrapped.session_reused else 0
        return True

    def serve_one(self, connection):
        try:
            request = connection.read_request()
        except BadRequest as error:
            connection.respond(text_response(str(error.args[1]), error.args[0]), False)
            return False
        if request is None:
            return False
        return self.handler(connection, request) and request.keep_alive

    def hang_up_all(self):
        for connection in list(self.open.values()):
            connection.hang_up_from_outside()

    def close(self):
        self.sock.close()


def listening_socket(port):
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", port))
    sock.listen(512)
    return sock
