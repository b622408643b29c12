#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Replay the recorded requests of the real service against the stand-in.

Each recording (auth0-api.md: REC) holds one request and one answer.  The
request is sent again with values that are good here in place of the redacted
ones, with the same method, path, content type and the same set of fields; the
answer must agree in status, in content type to the letter, and in the set of
JSON keys and the types of their values.

Allowances, and why:
  1. `id_token` may be in our answer and not in the recorded one, when openid
     was asked for: the recorder's library took it out when redacting.
  2. `scope` likewise: the recorded answers have it at a refresh and not at the
     other grants; the knob scope_key governs ours.
  3. `unknown-param` of the recorded userinfo was put in by hand to test that
     clients ignore what they do not know; the test adds it to our user.
  4. Recordings without a secret are replayed with a native application, which
     needs none.  One of them, "invalid code verifier", is 401 with a redacted
     body of 36 bytes whose recorded length is 60: exactly the length of 401
     access_denied "Unauthorized" in compact JSON, which is what a web
     application gets that sends no secret.  So that one is replayed with the
     web application, and status and length are compared instead of keys.
  5. A code was recorded as redeemed without a redirect_uri: ours is then
     issued by an /authorize without one.
  6. Refresh answers with a refresh_token mean rotation was on: knob rotation.

Recordings are looked for in ../shared/recordings beside the checkout, or in
--recordings DIR; without them the test is skipped.
"""
import argparse
import base64
import glob
import hashlib
import json
import os
import re
import subprocess
import sys
import time
import urllib.parse

from harness import HERE, Browser, Stand, Tap, query_of
from keys import RsaKey, b64url

OPTIONAL = {"id_token", "scope"}
VERIFIER = "a" * 50
NATIVE = "native-application"
JWT_APP = "assertion-application"
MALFORMED = "TestLoginWithAuthCodeWithPKCE-Should_throw_for_an_invalid_code_verifier"


class Recording:
    """The few fields we need, read without a YAML parser: the files are
    machine-written, one key a line, bodies on one line."""

    def __init__(self, path):
        self.name = os.path.basename(path)[:-len(".yaml")]
        with open(path) as file:
            request, _, response = file.read().partition("\n      response:\n")
        self.method = self.field(request, "method")
        self.path = urllib.parse.urlsplit(self.field(request, "url")).path
        self.body = self.field(request, "body")
        self.kind = self.content_type(request)
        self.answer_body = self.field(response, "body")
        self.answer_kind = self.content_type(response)
        self.status = int(self.field(response, "code"))
        self.length = int(self.field(response, "content_length"))

    @staticmethod
    def field(text, name):
        value = re.search(r"^        %s: ?(.*)$" % name, text, re.M).group(1)
        if value[:1] == "'":
            return value[1:-1].replace("''", "'")
        return json.loads(value) if value[:1] == '"' else value

    @staticmethod
    def content_type(text):
        found = re.search(r"^            Content-Type:\n                - (.*)$", text, re.M)
        return found.group(1) if found else None

    def fields(self):
        if not self.body:
            return {}
        if self.kind == "application/json":
            return json.loads(self.body)
        return dict(urllib.parse.parse_qsl(self.body))


def types(body):
    """{key: type name} of a JSON object; {} of an empty body."""
    value = json.loads(body) if body else {}
    return {name: type(v).__name__ for name, v in value.items()}


def assertion(stand, key):
    """A client assertion of auth0-api.md 7.6."""
    now = int(time.time())
    parts = [{"alg": "RS256", "typ": "JWT"},
             {"iss": JWT_APP, "sub": JWT_APP, "aud": "https://%s/" % stand.about["domain"],
              "iat": now, "exp": now + 60, "jti": base64.b16encode(os.urandom(8)).decode()}]
    text = ".".join(b64url(json.dumps(p).encode()) for p in parts)
    return text + "." + b64url(key.sign_pkcs1(text.encode()))


def applications(stand):
    """The native and the assertion application; returns the latter's key."""
    stand.control("POST", "/clients", {
        "client_id": NATIVE, "kind": "native", "auth_method": "none",
        "callbacks": ["http://localhost:3000"]})
    stand.control("POST", "/clients", {
        "client_id": "Cl13nt", "callbacks": ["http://localhost:3000"]})
    path = os.path.join(stand.dir, "assertion.pem")
    if not os.path.exists(path):
        subprocess.run(("openssl", "genrsa", "-out", path, "2048"), check=True,
                       capture_output=True)
    key = RsaKey(path)
    stand.control("POST", "/clients", {"client_id": JWT_APP, "auth_method": "private_key_jwt",
                                       "public_key": key.public_pem().decode()})
    return key


def sign_in_first(stand, client, connection, address):
    """A code for that client and address, as the person would type it."""
    body = {"client_id": client, "connection": connection,
            "phone_number" if connection == "sms" else "email": address}
    if client == "Cl13nt":
        body["client_secret"] = "s3cr3t"
    if connection == "email":
        body["send"] = "code"
    stand.post("/passwordless/start", body)
    return stand.code(address)


def authorization_code(stand, client, fields):
    """From /authorize, with or without redirect_uri and PKCE as recorded."""
    changes = {"client_id": client, "redirect_uri": fields.get("redirect_uri"), "scope": "profile"}
    if "code_verifier" in fields:
        changes.update(code_challenge_method="S256", code_challenge=b64url(
            hashlib.sha256(VERIFIER.encode()).digest()))
    done = Browser(stand).hosted("test-email@example.com", **changes)
    return query_of(done.location)["code"]


def refresh_token(stand, client):
    otp = sign_in_first(stand, client, "email", "test-email@example.com")
    answer = stand.otp(otp, client_id=client, username="test-email@example.com",
                       drop=["client_secret"] if client != "Cl13nt" else [])
    return answer.json["refresh_token"]


def good_values(stand, recording, key):
    """The recorded fields with values that are good here."""
    fields = recording.fields()
    client = "Cl13nt" if "client_secret" in fields else NATIVE
    if "client_assertion" in fields:
        client, fields["client_assertion"] = JWT_APP, assertion(stand, key)
    if recording.name == MALFORMED:
        client = "Cl13nt"
    if "client_secret" in fields:
        fields["client_secret"] = "s3cr3t"
    if "client_id" in fields:
        fields["client_id"] = client
    if "otp" in fields:
        fields["otp"] = sign_in_first(stand, client, fields["realm"], fields["username"])
    if "code" in fields and "invalid" not in fields["code"]:
        fields["code"] = authorization_code(stand, client, fields)
    if "code_verifier" in fields and "invalid" not in fields["code_verifier"]:
        fields["code_verifier"] = VERIFIER
    if "refresh_token" in fields:
        fields["refresh_token"] = refresh_token(stand, client)
    if "token" in fields:
        fields["token"] = refresh_token(stand, client)
    return fields


def prepare(stand, recording):
    stand.reset()
    wanted = types(recording.answer_body)
    stand.set(scope_key="scope" in wanted,
              rotation=recording.fields().get("grant_type") == "refresh_token"
              and "refresh_token" in wanted)
    stand.control("POST", "/users", {"email": "test-email@example.com", "verified": True,
                                     "claims": {"unknown-param": "test-value"}
                                     if recording.path == "/userinfo" else {}})
    stand.control("POST", "/users", {"phone_number": "+123456789", "verified": True})
    return applications(stand)


def replay(stand, recording):
    key = prepare(stand, recording)
    fields, headers = good_values(stand, recording, key), {}
    if recording.kind:
        headers["content-type"] = recording.kind
    if recording.path == "/userinfo":
        otp = sign_in_first(stand, "Cl13nt", "email", "test-email@example.com")
        token = stand.otp(otp, username="test-email@example.com").json["access_token"]
        headers["authorization"] = "Bearer " + token
    body = None
    if fields:
        body = (json.dumps(fields) if recording.kind == "application/json"
                else urllib.parse.urlencode(fields))
    return fields, stand.call(recording.method, recording.path, body, headers)


def compare(tap, stand, recording):
    fields, answer = replay(stand, recording)
    name = recording.name
    tap.is_(sorted(fields), sorted(recording.fields()), name + ": same fields sent")
    tap.is_(answer.status, recording.status, name + ": status")
    tap.is_(answer.headers["content-type"], recording.answer_kind, name + ": content type")
    if name == MALFORMED:
        tap.is_(len(answer.body), recording.length, name + ": length (allowance 4)")
        return
    got, wanted = types(answer.body), types(recording.answer_body)
    for extra in OPTIONAL - set(wanted):
        got.pop(extra, None)
    tap.is_(got, wanted, name + ": keys and types")
    if recording.status >= 400:
        tap.is_(answer.json, json.loads(recording.answer_body), name + ": the words")


def main():
    parser = argparse.ArgumentParser()
    checkout = os.path.dirname(os.path.dirname(HERE))
    parser.add_argument("--recordings", default=os.path.join(
        os.path.dirname(checkout), "shared", "recordings"))
    files = sorted(glob.glob(os.path.join(parser.parse_args().recordings, "*.yaml")))
    if not files:
        print("1..0 # SKIP no recordings beside the checkout")
        return 0
    tap, stand = Tap(), Stand()
    for path in files:
        compare(tap, stand, Recording(path))
    tap.is_(stand.control("GET", "/errors"), [], "no failure inside the stand-in")
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
