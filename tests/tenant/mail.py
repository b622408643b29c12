# SPDX-License-Identifier: Apache-2.0
"""Sending codes by mail, an SMTP sink, and a mailbox to read them in.

Every code travels as a real message over SMTP, by default to the sink in this
same program, or to a relay given on the command line.  The sink answers the
final dot only when the message stands in the mailbox, so a code is there to
be read before /passwordless/start answers.

The mailbox is a page for people (newest first, the code large and easy to
select) and /messages?to=ADDRESS for programs.  A text message to a telephone
does not go by SMTP; it is put into the same mailbox.

The wording follows ux.md B.3: code first in subject and text, who asked, how
long it lives, what to do if it was not you, no link beside a code, and the
last line bound to the host as in domain-bound codes.
"""
import email
import email.errors
import email.header
import email.utils
import html
import json
import re
import secrets
import smtplib
import socket
import threading
import time
import urllib.parse

import wire

KEEP_MESSAGES = 500
MESSAGE_MAX_BYTES = 1 << 20
SENDER = "no-reply@tenant.localhost"


class Mailbox:
    """What has arrived, oldest first."""

    def __init__(self):
        self.lock = threading.Lock()
        self.messages = []

    def add(self, message):
        with self.lock:
            self.messages.append(message)
            del self.messages[:-KEEP_MESSAGES]

    def clear(self):
        with self.lock:
            self.messages = []

    def newest_first(self, to=None):
        with self.lock:
            kept = list(reversed(self.messages))
        return [m for m in kept if to is None or m["to"] == to]

    def add_raw(self, data, recipients):
        """A message as SMTP brought it."""
        parsed = email.message_from_bytes(data)
        part = next((p for p in parsed.walk() if p.get_content_type() == "text/plain"), parsed)
        text = (part.get_payload(decode=True) or b"").decode("utf-8", "replace")
        text = text.replace("\r\n", "\n")
        subject = readable(parsed, "subject")
        code = re.search(r"\b[0-9]{4,12}\b", subject)
        link = re.search(r"https?://\S+", text)
        for to in recipients:
            self.add({"to": to, "from": readable(parsed, "from"), "subject": subject,
                      "code": code.group() if code else None,
                      "link": link.group() if link else None, "text": text,
                      "time": time.time(),
                      "request_language": readable(parsed, "x-request-language")})


def readable(parsed, name):
    """A header with its encoded words decoded, on one line."""
    raw = str(parsed.get(name, ""))
    try:
        text = "".join(p.decode(c or "utf-8", "replace") if isinstance(p, bytes) else p
                       for p, c in email.header.decode_header(raw))
    except (LookupError, email.errors.HeaderParseError):
        text = raw
    return re.sub(r"\s+", " ", text).strip()


class Mailer:
    """Composes and sends.  server is (host, port) of sink or relay."""

    def __init__(self, mailbox, server):
        self.mailbox, self.server = mailbox, server

    def send(self, tenant, client, connection, address, code, link, language):
        host = site_host(tenant, client)
        life = tenant.knobs["code_life"]
        text = link_text(client, host, link, life) if link else code_text(
            client, host, code, life)
        if connection == "sms":
            self.mailbox.add({"to": address, "from": client.name, "subject": "",
                              "code": code, "link": None,
                              "text": "Your %s code is %s" % (client.name, code),
                              "time": time.time(), "request_language": language})
            return
        subject = "Sign in to %s" % client.name if link else "Your code is %s" % code
        message = compose(client.name, address, subject, language, text)
        # A name of our own: the default would ask the resolver for one.
        with smtplib.SMTP(*self.server, local_hostname="localhost", timeout=10) as server:
            server.sendmail(SENDER, [address], message)


def compose(name, address, subject, language, text):
    """The message as bytes.  Written out by hand: the email package takes ten
    times as long, and what goes in is known."""
    name, subject = (re.sub(r"[\x00-\x1f]", " ", line) for line in (name, subject))
    lines = ["From: " + email.utils.formataddr((name, SENDER), "utf-8"), "To: " + address,
             "Subject: " + (subject if subject.isascii()
                            else email.header.Header(subject, "utf-8").encode()),
             "Date: " + email.utils.formatdate(),
             "Message-ID: <%s@tenant.localhost>" % secrets.token_hex(12),
             "Auto-Submitted: auto-generated", "MIME-Version: 1.0",
             "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"]
    if language:
        lines.append("X-Request-Language: " + re.sub(r"[^\x20-\x7e]", "", language)[:200])
    return "\r\n".join(lines + ["", text.replace("\n", "\r\n")]).encode()


def site_host(tenant, client):
    if tenant.knobs["site_host"]:
        return tenant.knobs["site_host"]
    for url in client.callbacks:
        return urllib.parse.urlsplit(url).netloc
    return tenant.domain


def life_words(seconds):
    if seconds >= 120:
        return "%d minutes" % (seconds // 60)
    return "1 minute" if seconds == 60 else "%d seconds" % seconds


def code_text(client, host, code, life):
    return ("%s is your code for %s.\n\n"
            "Somebody, probably you, asked to sign in at %s.\n"
            "Type the code on the page that asked for it. It works once, for %s.\n\n"
            "If it was not you, do nothing: without the code nobody gets in.\n"
            "Never tell the code to anybody.\n\n"
            "@%s #%s\n" % (code, client.name, host, life_words(life), host, code))


def link_text(client, host, link, life):
    return ("Sign in to %s (%s) with this link:\n\n%s\n\n"
            "It works once, for %s. If it was not you, do nothing.\n"
            % (client.name, host, link, life_words(life)))


class SmtpSink:
    """Enough of RFC 5321 to take a message from any client."""

    def __init__(self, mailbox, port):
        self.mailbox = mailbox
        self.sock = wire.listening_socket(port)
        self.port = self.sock.getsockname()[1]

    def start(self):
        threading.Thread(target=self.accept_loop, daemon=True).start()

    def accept_loop(self):
        while True:
            try:
                sock, _ = self.sock.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        try:
            with sock, sock.makefile("rb") as lines:
                sock.settimeout(60)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.converse(sock, lines)
        except (OSError, ValueError):
            pass

    def converse(self, sock, lines):
        def say(text):
            sock.sendall(text.encode() + b"\r\n")

        recipients = []
        say("220 localhost ESMTP")
        while True:
            line = lines.readline(2048)
            if not line:
                return
            verb, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            verb = verb.upper()
            if verb == "EHLO":
                say("250-localhost\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE %d"
                    % MESSAGE_MAX_BYTES)
            elif verb == "RCPT":
                recipients.append(rest.partition("<")[2].partition(">")[0])
                say("250 OK")
            elif verb == "DATA" and recipients:
                say("354 End with a dot")
                data = self.read_message(lines)
                if data is None:
                    say("552 Too large")
                else:
                    self.mailbox.add_raw(data, recipients)
                    say("250 OK")
                recipients = []
            elif verb in ("HELO", "MAIL", "NOOP", "RSET"):
                if verb != "NOOP":
                    recipients = []
                say("250 OK")
            elif verb == "QUIT":
                say("221 Bye")
                return
            else:
                say("503 Bad sequence" if verb == "DATA" else "502 Not implemented")

    @staticmethod
    def read_message(lines):
        """Up to the lone dot, dots unstuffed; None if too large."""
        data, size = [], 0
        while True:
            line = lines.readline(65536)
            if not line:
                raise EOFError
            if line in (b".\r\n", b".\n"):
                return b"".join(data) if size <= MESSAGE_MAX_BYTES else None
            size += len(line)
            if size <= MESSAGE_MAX_BYTES:
                data.append(line[1:] if line.startswith(b"..") else line)


# -- the mailbox on the web ----------------------------------------------------

STYLE = """
:root{color-scheme:light dark;--bg:#f5f5f2;--card:#fff;--text:#1c1c1a;--muted:#66665f;
--line:#dcdcd4;--accent:#1d5fbf}
@media (prefers-color-scheme:dark){:root{--bg:#171716;--card:#222220;--text:#ecebe6;
--muted:#a3a299;--line:#3a3a36;--accent:#8ab4ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);font:1rem/1.5 system-ui,sans-serif}
main{max-width:42rem;margin:0 auto;padding:2rem min(4vw,1rem) 4rem}
h1{font-size:1.25rem;margin:0}
header p{margin:.25rem 0 1.5rem;color:var(--muted)}
article{background:var(--card);border:1px solid var(--line);border-radius:.75rem;
padding:1rem min(5vw,1.25rem);margin:0 0 1rem}
article h2{font-size:1rem;margin:0;overflow-wrap:anywhere}
article .to{color:var(--muted);margin:0;overflow-wrap:anywhere}
article time{float:inline-end;color:var(--muted);font-variant-numeric:tabular-nums}
.code{font:600 min(2.5rem,13vw)/1.2 ui-monospace,monospace;letter-spacing:.12em;margin:.5rem 0;
user-select:all;-webkit-user-select:all}
article:first-of-type .code{color:var(--accent)}
a{color:var(--accent);overflow-wrap:anywhere}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit;margin:.5rem 0 0;color:var(--muted)}
summary{cursor:pointer;color:var(--muted)}
.none{text-align:center;color:var(--muted);padding:3rem 0}
"""

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>%s</title>
<meta name="viewport" content="width=device-width">
<noscript><meta http-equiv="refresh" content="3"></noscript><style>%s</style></head>
<body data-newest="%s"><main><header><h1>Mailbox of the stand-in tenant</h1>
<p>Nothing here leaves this machine. Newest on top; new mail shows by itself.</p>
</header>%s</main>
<script>
/* Loads anew only for new mail, so that an opened message stays open. */
setInterval(async () => {
  const answer = await fetch('/messages' + location.search).catch(() => {});
  const mail = answer && answer.ok ? await answer.json() : null;
  if (mail && (mail[0]?.time ?? 0) !== Number(document.body.dataset.newest)) location.reload();
}, 1000);
</script></body></html>
"""


def article(message):
    esc = html.escape
    parts = ["<article><time>%s</time>" % time.strftime("%H:%M:%S",
                                                        time.localtime(message["time"])),
             "<h2>%s</h2>" % esc(message["subject"] or "Text message"),
             '<p class="to">To <bdi>%s</bdi></p>' % esc(message["to"])]
    if message["code"]:
        parts.append('<p class="code">%s</p>' % esc(message["code"]))
    if message["link"]:
        parts.append('<p><a href="%s">Open the link</a></p>' % esc(message["link"], quote=True))
    parts.append("<details><summary>Whole message</summary><pre>%s</pre></details></article>"
                 % esc(message["text"]))
    return "".join(parts)


def web_handler(mailbox):
    """For wire.Listener: the page at / and the list at /messages."""
    def answer(connection, request):
        to = request.params().get("to")
        host = request.headers.get("host", "").partition(":")[0]
        if host not in ("127.0.0.1", "localhost") or "origin" in request.headers:
            response = wire.text_response("Ask for 127.0.0.1", 403)
        elif request.path == "/messages":
            response = wire.Response(200, json.dumps(mailbox.newest_first(to)).encode(),
                                     "application/json")
        elif request.path in ("/", "/inbox"):
            found = mailbox.newest_first(to)
            title = found[0]["subject"] if found else "Mailbox"
            cards = "".join(map(article, found[:50])) or '<p class="none">No mail yet.</p>'
            newest = json.dumps(found[0]["time"] if found else 0)
            response = wire.html_response(PAGE % (html.escape(title or "Mailbox"), STYLE,
                                                  newest, cards))
        else:
            response = wire.text_response("Not found", 404)
        response.add("cache-control", "no-store")
        return connection.respond(response, request.keep_alive)
    return answer
