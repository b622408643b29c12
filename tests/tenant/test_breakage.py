#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every mutation, fault and TLS fault does what its name says, and no more.

For the tokens a small strict verifier stands here, written apart from the code
that makes them.  It must take the good token and the few good mutations, and
refuse every other one: a mutation that a strict reader accepts would test
nothing.
"""
import base64
import gzip
import http.client
import json
import re
import socket
import ssl
import sys
import time
import urllib.error
import urllib.request

import faults as fault_module
from harness import CALLBACK, Browser, Stand, Tap, query_of
from keys import pkcs1_verify

GOOD_TOKENS = {"kid-next", "rotate-first", "aud-array-us", "aud-array-two-azp-us", "exp-float",
               "at-hash-right", "claims", "header", "iat-ancient", "exp-1e300", "exp-huge"}
NOT_FOR_THE_VERIFIER = {
    # What the token says is whole; whom it names is the application's affair.
    "sub-other", "sub-nul", "sub-crlf", "sub-long", "email-other", "email-missing",
    "email-number", "email-array", "email-upper-case", "email-crlf", "email-nul",
    "email-verified-false", "email-verified-missing", "email-verified-string-false",
    "email-verified-string-true", "email-verified-number", "email-verified-null",
    # In an OTP token there is no nonce to go missing.
    "nonce-missing"}
GOOD_KEYSETS = {"unknown-kty", "alg-missing", "use-missing", "only-current", "10000-keys",
                "rotate", "private-parts", "duplicate-kid", "ec-added", "ec-p384",
                "ec-off-curve", "add-stranger", "keys-of-strings"}

TRIED = set()


def part(text):
    """Strict base64url: alphabet, length, unused bits."""
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text) or len(text) % 4 == 1:
        raise ValueError("base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != text:
        raise ValueError("base64url")
    return data


def strict_object(data):
    def pairs(found):
        if len({n for n, _ in found}) != len(found):
            raise ValueError("twice")
        return dict(found)
    value = json.loads(data.decode("utf-8"), object_pairs_hook=pairs)
    if not isinstance(value, dict):
        raise ValueError("no object")
    return value


def number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def need(good, what):
    if not good:
        raise ValueError(what)


def verify(token, keys, issuer, audience, nonce=None, access_token=None):
    """The claims, or ValueError."""
    need(isinstance(token, str) and len(token) < 65536 and token.count(".") == 2, "shape")
    head, payload, signature = token.split(".")
    header = strict_object(part(head))
    need(header.get("alg") == "RS256" and header.get("typ") == "JWT", "alg or typ")
    need(not set(header) - {"alg", "typ", "kid"}, "header")
    found = [k for k in keys if isinstance(k, dict) and k.get("kid") == header.get("kid")
             and isinstance(k.get("kid"), str)]
    need(len(found) == 1, "kid")
    key = found[0]
    need(key.get("kty") == "RSA" and key.get("use", "sig") == "sig"
         and key.get("alg", "RS256") == "RS256" and "key_ops" not in key, "key")
    n_bytes = part(key["n"]) if isinstance(key.get("n"), str) else b""
    n, e = int.from_bytes(n_bytes, "big"), int.from_bytes(part(key["e"]), "big")
    need(n_bytes[:1] != b"\0" and n % 2 and n.bit_length() >= 2048 and e > 2 and e % 2, "weak key")
    need(pkcs1_verify(n, e, (head + "." + payload).encode(), part(signature)), "signature")
    claims = strict_object(part(payload))
    check_claims(claims, issuer, audience, nonce)
    return claims


def check_claims(claims, issuer, audience, nonce):
    now = time.time()
    need(claims.get("iss") == issuer, "iss")
    need(isinstance(claims.get("sub"), str) and claims["sub"], "sub")
    aud = claims.get("aud")
    aud = [aud] if isinstance(aud, str) else aud
    need(isinstance(aud, list) and audience in aud, "aud")
    need(claims.get("azp", None if len(aud) > 1 else audience) == audience, "azp")
    need(number(claims.get("exp")) and now < claims["exp"], "exp")
    need(number(claims.get("iat")) and claims["iat"] <= now + 60, "iat")
    need("nbf" not in claims or claims["nbf"] <= now + 60, "nbf")
    need(claims.get("nonce") == nonce, "nonce")
    need("events" not in claims, "logout token")
    need(claims.get("at_hash") != "AAAAAAAAAAAAAAAAAAAAAA", "at_hash")
    need(len(claims["sub"]) <= 305 and "x" not in claims, "size")


def refused(token, stand, keys, nonce=None):
    """Why the strict verifier refuses, or None."""
    try:
        verify(token, keys, "https://%s/" % stand.about["domain"], "Cl13nt", nonce)
    except (ValueError, RecursionError, TypeError, KeyError) as error:
        return str(error) or type(error).__name__
    return None


def keyset(stand):
    return stand.call("GET", "/.well-known/jwks.json").json["keys"]


def token_mutations(tap, stand):
    stand.set(limits=None, fixed_code="123456")
    tap.is_(refused(stand.sign_in().json["id_token"], stand, keyset(stand)), None, "the good token")
    for name, row in stand.control("GET", "/mutations")["id_token"].items():
        if name.startswith("nonce-"):
            continue
        stand.mutate(name, times=1)
        answer = stand.sign_in()
        keys = keyset(stand)
        why = refused(answer.json.get("id_token"), stand, keys)
        if name in GOOD_TOKENS:
            tap.is_(why, None, "%s %s is good" % (row, name))
        elif name in NOT_FOR_THE_VERIFIER:
            tap.is_((why, answer.status), (None, 200), "%s %s is whole" % (row, name))
        else:
            tap.ok(answer.status == 200 and why, "%s %s is refused: %s" % (row, name, why))
        after = stand.sign_in().json["id_token"]
        if refused(after, stand, keys):
            tap.ok(False, "%s was not used up" % name)
    stand.mutate("iss-other", grant="refresh_token")
    answer = stand.sign_in()
    tap.is_(refused(answer.json["id_token"], stand, keyset(stand)), None, "J20: not at sign-in")
    again = stand.form("/oauth/token", {
        "grant_type": "refresh_token", "client_id": "Cl13nt", "client_secret": "s3cr3t",
        "refresh_token": answer.json["refresh_token"]})
    tap.is_(refused(again.json["id_token"], stand, keyset(stand)), "iss", "J20: at refresh")


def nonce_mutations(tap, stand):
    stand.set(limits=None)
    for name in (None, "nonce-array", "nonce-missing", "nonce-other", "nonce-empty", "nonce-space"):
        if name:
            stand.mutate(name, times=1)
        done = Browser(stand).hosted(nonce="N1")
        answer = stand.form("/oauth/token", {
            "grant_type": "authorization_code", "client_id": "Cl13nt", "client_secret": "s3cr3t",
            "code": query_of(done.location)["code"], "redirect_uri": CALLBACK})
        why = refused(answer.json["id_token"], stand, keyset(stand), "N1")
        tap.is_(why, "nonce" if name else None, "J22: %s" % (name or "the nonce that was sent"))


def keyset_mutations(tap, stand):
    stand.set(limits=None, fixed_code="123456")
    for name, row in stand.control("GET", "/mutations")["jwks"].items():
        stand.control("POST", "/reset")
        stand.set(limits=None, fixed_code="123456")
        args = {"bytes": 1 << 20} if name in ("never-ending", "50mb", "gzip-bomb") else {}
        token = stand.sign_in().json["id_token"]
        stand.mutate(name, "jwks", times=1, args=args)
        status = None
        try:
            answer = stand.call("GET", "/.well-known/jwks.json")
            status = answer.status
            keys = answer.json.get("keys") if isinstance(answer.json, dict) else None
            why = refused(token, stand, keys if isinstance(keys, list) else [])
        except (http.client.HTTPException, OSError) as error:
            stand.drop()
            why = type(error).__name__
        if name in GOOD_KEYSETS - {"duplicate-kid"}:
            tap.is_(why, None, "%s jwks %s is good" % (row, name))
        else:
            tap.ok(why, "%s jwks %s is refused: %s" % (row, name, why))
        if status == 200:
            tap.ok(not refused(stand.sign_in().json["id_token"], stand, keyset(stand)),
                   "%s is used up" % name)


def weak_pairs(tap, stand):
    """The signature is really good under the weak key; only its weakness is
    wrong."""
    stand.set(limits=None)
    for name in ("rsa-512", "rsa-1024", "rsa-e1"):
        stand.mutate(name)
        stand.mutate(name, "jwks")
        token, keys = stand.sign_in().json["id_token"], keyset(stand)
        head, payload, signature = token.split(".")
        key = keys[0]
        good = pkcs1_verify(int.from_bytes(part(key["n"]), "big"),
                            int.from_bytes(part(key["e"]), "big"),
                            (head + "." + payload).encode(), part(signature))
        tap.ok(good, "J5 %s: the arithmetic is right" % name)
        tap.ok(refused(token, stand, keys), "J5 %s: refused all the same" % name)
        stand.control("DELETE", "/mutate")


class RawTls:
    """TLS over a plain socket by hand: Python's own cannot tell a reset from
    an end without close_notify."""

    def __init__(self, stand, seconds):
        self.end_at = time.monotonic() + seconds
        self.plain = socket.create_connection(("127.0.0.1", stand.port), seconds)
        self.came, self.goes = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = stand.context.wrap_bio(self.came, self.goes, server_hostname="localhost")
        self.step(self.tls.do_handshake)

    def step(self, action, *args):
        """Do `action`, fetching from the wire as long as it wants more."""
        while True:
            try:
                return action(*args)
            except ssl.SSLWantReadError:
                self.flush()
                self.plain.settimeout(max(0.01, self.end_at - time.monotonic()))
                data = self.plain.recv(1 << 16)
                if not data:
                    raise EOFError("no close_notify") from None
                self.came.write(data)
            finally:
                self.flush()

    def flush(self):
        if self.goes.pending:
            self.plain.sendall(self.goes.read())


def raw_call(stand, path="/.well-known/openid-configuration", seconds=5):
    """All bytes of one answer, how it ended, how long it took."""
    started, data, end = time.monotonic(), b"", "close"
    wire = RawTls(stand, seconds)
    wire.step(wire.tls.write, ("GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
                               % (path, stand.about["domain"])).encode())
    try:
        while time.monotonic() - started < seconds:
            piece = wire.step(wire.tls.read, 1 << 16)
            if not piece:
                break
            data += piece
        else:
            end = "timeout"
    except EOFError:
        end = "no notify"
    except ConnectionResetError:
        end = "reset"
    except TimeoutError:
        end = "timeout"
    wire.plain.close()
    return data, end, time.monotonic() - started


def checker(tap, stand):
    """(check, head, body): check(name, judge, what, **args) sets a fault once
    and judges head, body, end and seconds of the answer."""
    path = "/.well-known/openid-configuration"
    stand.set(limits=None)
    head, _, body = raw_call(stand)[0].partition(b"\r\n\r\n")

    def check(name, judge, what, **args):
        TRIED.add(name)
        stand.fault(path, name, times=1, **args)
        data, end, seconds = raw_call(stand, seconds=3)
        h, _, b = data.partition(b"\r\n\r\n")
        tap.ok(judge(h, b, end, seconds), "%s: %s" % (name, what))
    return check, head, body


def faults_of_sending(tap, stand):
    check, head, body = checker(tap, stand)
    check("status", lambda h, b, e, s: h.startswith(b"HTTP/1.1 503") and b'"e"' in b
          and b"x-a: 1" in h, "status, header, body", status=503, json={"error": "e"},
          headers={"x-a": "1"})
    check("html-502", lambda h, b, e, s: b" 502 " in h and b"<html>" in b, "HTML")
    for status in (301, 302, 303, 307, 308):
        check("redirect", lambda h, b, e, s: b" %d " % status in h and b"location: http://x/" in h,
              str(status), status=status, location="http://x/")
    check("rate-limited", lambda h, b, e, s: b"retry-after: 7" in h and b"x-ratelimit" not in h,
          "only the header asked for", retry_after=7)
    check("delay", lambda h, b, e, s: 0.4 < s < 2 and b == body, "waits, then answers", seconds=0.4)
    check("hang", lambda h, b, e, s: 0.4 < s < 2 and not h, "silence, then the end", seconds=0.4)
    check("hang", lambda h, b, e, s: e == "timeout", "silence until we give up", seconds=60)
    check("close", lambda h, b, e, s: not h and e == "close", "nothing")
    check("reset", lambda h, b, e, s: not h and e == "reset", "a reset")
    for end in ("close", "reset"):
        check(end + "-mid-headers", lambda h, b, e, s: 0 < len(h) < len(head) and e == end, "half")
        check(end + "-mid-body", lambda h, b, e, s: 0 < len(b) < len(body) and e == end, "half")
    check("hang-mid-headers", lambda h, b, e, s: 0 < len(h) < len(head) and e == "timeout", "half")
    check("hang-mid-body", lambda h, b, e, s: 0 < len(b) < len(body) and e == "timeout", "half")
    check("truncated-close", lambda h, b, e, s: 0 < len(b) < len(body) and e == "no notify"
          and b"content-length" not in h, "no notify")
    check("drip-headers", lambda h, b, e, s: e == "timeout" and len(h) <= 60, "slow",
          bytes_per_second=10)
    check("drip-body", lambda h, b, e, s: e == "timeout" and 0 < len(b) < 60, "slow",
          bytes_per_second=10)
    check("length-too-long", lambda h, b, e, s: b"length: %d" % (len(body) + 100) in h
          and b == body, "says more")
    check("length-too-short", lambda h, b, e, s: b"length: %d" % (len(body) - 10) in h
          and b == body, "says less")
    check("two-answers", lambda h, b, e, s: b.count(b"HTTP/1.1 200") == 1
          and b"injected" in b, "two")
    check("bad-chunk", lambda h, b, e, s: b"chunked" in h and b.startswith(b"zz"), "no number")
    check("raw", lambda h, b, e, s: h == b"hello", "the bytes given", text="hello")
    check("interim", lambda h, b, e, s: (h + b).count(b" 103 ") == 1000 and b"200 OK" in b, "1000")


def faults_of_content(tap, stand):
    check, head, body = checker(tap, stand)
    check("huge-body", lambda h, b, e, s: len(b) == (1 << 20) + 10 and json.loads(b), "valid JSON",
          bytes=1 << 20)
    check("endless-body", lambda h, b, e, s: b and b"chunked" in h and e == "reset", "to the limit",
          bytes=1 << 20)
    check("gzip-bomb", lambda h, b, e, s: len(b) < 50000 and len(gzip.decompress(b)) > 10 << 20,
          "small, then large", bytes=10 << 20)
    check("huge-headers", lambda h, b, e, s: len(h) > 1 << 20 and b == body, "1 MB")
    check("many-headers", lambda h, b, e, s: h.count(b"x-pad-") == 10000, "10,000")
    check("truncated-json", lambda h, b, e, s: b == body[:len(body) // 2]
          and b"length: %d" % len(b) in h, "right length")
    check("empty-body", lambda h, b, e, s: b == b"" and b"length: 0" in h, "empty")
    check("edit-json", lambda h, b, e, s: json.loads(b)["issuer"] == 5
          and "jwks_uri" not in json.loads(b), "set and remove", set={"issuer": 5},
          remove=["jwks_uri"])
    check("duplicate-keys", lambda h, b, e, s: b.count(b'"issuer"') == 2, "twice")
    check("deep-json", lambda h, b, e, s: b"[" * 1000 in b, "deep", depth=1000)
    check("many-numbers", lambda h, b, e, s: b.count(b"1,") == 1000, "many", count=1000)
    check("array", lambda h, b, e, s: isinstance(json.loads(b), list), "an array")
    check("bom", lambda h, b, e, s: b[:3] == b"\xef\xbb\xbf", "BOM")
    check("utf-16", lambda h, b, e, s: json.loads(b.decode("utf-16")), "UTF-16")
    check("not-utf-8", lambda h, b, e, s: b"\xff\xfe" in b, "not UTF-8")
    check("trailing-garbage", lambda h, b, e, s: b.endswith(b"garbage"), "garbage")
    tap.is_(raw_call(stand)[0].partition(b"\r\n\r\n")[2], body, "all used up: whole again")
    tap.is_(set(fault_module.KNOWN) - TRIED, set(), "no fault untried")


def fault_rules(tap, stand):
    stand.fault("/passwordless/start", "close", times=1)
    try:
        stand.start()
    except (http.client.HTTPException, OSError):
        stand.drop()
    tap.ok(stand.code(), "U17: the code is mailed though the answer is lost")
    stand.control("DELETE", "/messages")
    stand.reset()
    stand.fault("/passwordless/start", "html-502", times=1, skip=1)
    tap.is_([stand.start().status for _ in range(3)], [200, 502, 200], "skip and times")
    tap.is_(len(stand.control("GET", "/messages")), 2, "html-502 mails nothing")
    stand.fault("/passwordless/start", "status", status=500, run=True, times=1)
    stand.start()
    tap.is_(len(stand.control("GET", "/messages")), 3, "run turns it round")
    for path, body in (("/fault", {"fault": "nonsense"}), ("/fault", {"fault": "close", "by": 1}),
                       ("/set", {"nonsense": 1}), ("/mutate", {"name": "nonsense"}),
                       ("/tls", {"fault": "nonsense"}), ("/users", {"email": "a", "x": 1}),
                       ("/clients", {"client_id": "a", "x": 1})):
        try:
            stand.control("POST", path, body)
            status = 200
        except urllib.error.HTTPError as error:
            status = error.code
        tap.is_(status, 400, "a misspelt %s is refused" % path)
    request = urllib.request.Request(stand.about["control"] + "/calls",
                                     headers={"origin": "https://x"})
    try:
        status = urllib.request.urlopen(request).status
    except urllib.error.HTTPError as error:
        status = error.code
    tap.is_(status, 403, "the control port is not for web pages")
    call = stand.control("GET", "/calls?path=/passwordless/start")[0]
    tap.is_((call["method"], call["json"]["email"], call["status"], call["peer"]),
            ("POST", "ann@example.org", 200, "127.0.0.1"), "calls are recorded")


def tls(tap, stand):
    words = {"expired": "expired", "self-signed": "self-signed", "wrong-host": "mismatch",
             "wrong-ca": "issuer|self-signed", "reset": "", "close": "",
             "handshake-silence": "timed out", "tls1.0": "protocol|version|legacy",
             "weak-cipher": "handshake failure|cipher"}
    for name, word in words.items():
        stand.control("POST", "/tls", {"fault": name})
        try:
            raw_call(stand, seconds=1)
            said = "accepted"
        except (OSError, EOFError) as error:
            said = str(error)
        tap.ok(said != "accepted" and re.search(word, said, re.I), "TLS %s: %s" % (name, said))
    stand.control("POST", "/tls", {"fault": None})
    stand.drop()
    stand.start()
    before = stand.control("GET", "/stats")
    for _ in range(5):
        stand.start()
    after = stand.control("GET", "/stats")
    tap.is_(after["tls_handshakes"], before["tls_handshakes"], "kept connections: no handshake")
    stand.control("POST", "/hang-up")
    stand.start()
    tap.is_(stand.control("GET", "/stats")["tls_handshakes"], after["tls_handshakes"] + 1,
            "after a hang-up one more")
    hang_up_after_reset(tap, stand)


def hang_up_after_reset(tap, stand):
    """A reset sets the counters back; connections made before it stay known."""
    stand.drop()
    for _ in "ab":
        stand.reset()
        kept, stand.connection = stand.connection, None
        stand.start()  # the first connection counted since the reset
    tap.is_(stand.control("GET", "/stats")["open_connections"], 2, "a reset loses no connection")
    stand.control("POST", "/hang-up")
    kept.sock.settimeout(5)
    tap.is_(kept.sock.recv(1), b"", "an older connection is closed too")
    kept.close()


def main():
    tap, stand = Tap(), Stand()
    for group in (token_mutations, nonce_mutations, keyset_mutations, weak_pairs, faults_of_sending,
                  faults_of_content, fault_rules, tls):
        stand.reset()
        print("# " + group.__name__)
        group(tap, stand)
        tap.is_(stand.control("GET", "/errors"), [], group.__name__ + ": no failure inside")
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
