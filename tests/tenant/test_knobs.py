#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Knobs, and refusals off the main road of auth0-api.md 10.5.

What sources disagree on (11) has a knob each; here each is turned once and
turned back, and the rarer rows of 1.5, 2.3, 2.4, 3.2, 3.3, 7.6 and 9 tried.
"""
import email.utils
import json
import shutil
import subprocess
import sys
import time
import urllib.error

from harness import OTP, Browser, Stand, Tap, query_of
from test_recordings import JWT_APP, NATIVE, applications, assertion

MFA = "http://auth0.com/oauth/grant-type/mfa-otp"
CREDS = {"client_id": "Cl13nt", "client_secret": "s3cr3t"}


def start_knobs(tap, stand):
    stand.set(captcha_error=True)
    answer = stand.start(captcha="x")
    tap.is_((answer.status, answer.json.get("code")), (400, "invalid_captcha"), "captcha, shape B")
    tap.is_(stand.start().status, 200, "not asked without one")
    stand.set(extensibility_error="Not you.")
    answer = stand.start()
    tap.is_((answer.error(), answer.text()), ((400, "extensibility_error"), "Not you."), "Action")
    stand.set(extensibility_error=None, sms_error="No such number (Code: 21211)")
    sms = {"connection": "sms", "phone_number": "+3225550100", "drop": ["email", "send"]}
    tap.is_(stand.start(**sms).error(), (400, "sms_provider_error"), "sms provider")
    tap.is_(stand.start().status, 200, "which mail does not meet")
    stand.set(sms_error=None)
    tap.is_(sorted(stand.start(**sms).json), ["_id", "phone_number", "phone_verified"], "sms record")
    tap.is_(stand.otp("0", realm="sms", username="+3225550100").text(),
            "Wrong phone number or verification code.", "sms words")
    tap.is_(stand.start(connection="sms", phone_number=5).error(), (400, "bad.phone_number"), "type")
    tap.is_(stand.start(client_id=5).error(), (400, "bad.client_id"), "client_id a number")
    tap.is_(stand.start(connection=5).error(), (400, "bad.connection"), "connection a number")
    stand.set(code_length=8, site_host="app.example")
    stand.start()
    mail = stand.control("GET", "/messages")[0]
    tap.ok(len(mail["code"]) == 8 and mail["text"].endswith("@app.example #%s\n" % mail["code"]),
           "code_length, site_host")
    bad = stand.call("POST", "/passwordless/start", '{"client_id":"\\ud800"}',
                     {"content-type": "application/json"})
    tap.is_(bad.error(), (401, "access_denied"), "a lone surrogate")
    tap.is_(stand.start(email="\ud800@example.org").error(), (400, "bad.email"), "and in an address")
    tap.is_(stand.otp("\ud800").error(), (403, "invalid_grant"), "and in a code")


def limits(tap, stand):
    stand.set(limits={"token": [2, 2]})
    tap.is_([stand.otp("0").status for _ in range(3)], [403, 403, 429], "token bucket")
    stand.set(limits={"global": [1, 60]})
    answers = [stand.otp("0") for _ in range(2)]
    tap.is_(answers[1].text(), "Global limit has been reached", "tenant-wide bucket")
    stand.set(limits={}, plan="free")
    limit = stand.call("GET", "/.well-known/jwks.json").headers["x-ratelimit-limit"]
    tap.is_(limit, "20", "plan free")
    stand.set(limits={"start": [1, 100]}, reset_header="delta")
    stand.start()
    tap.ok(90 <= int(stand.start().headers["x-ratelimit-reset"]) <= 100, "reset_header delta")
    stand.set(rate_limit_headers=False)
    tap.is_(stand.start().headers["x-ratelimit-reset"], None, "rate_limit_headers off")
    for kind, key in (("global", "error_description"), ("long", "error_description"),
                      ("gateway", "errorCode")):
        stand.set(rate_limit_body=kind)
        tap.ok(key in stand.start().json, "rate_limit_body " + kind)
    stand.set(limits=None)
    tap.is_(stand.start().status, 200, "limits off")


def otp_refusals(tap, stand):
    stand.start()
    for realm in ("smoke", "Username-Password-Authentication"):
        tap.is_(stand.otp("0", realm=realm).error(), (400, "invalid_request"), "realm " + realm)
    stand.set(bot_detection=True)
    tap.is_(stand.otp(stand.code()).error(), (403, "requires_verification"), "bot detection")
    stand.set(bot_detection=False, redirect_uri_on_otp="required")
    tap.is_(stand.otp(stand.code()).text(), "Missing required parameter: redirect_uri",
            "redirect_uri_on_otp")
    stand.set(redirect_uri_on_otp="ignored")
    code = stand.code()
    stand.control("POST", "/clients", {"client_id": "other", "client_secret": "x"})
    tap.is_(stand.otp(code, client_id="other", client_secret="x").error(), (403, "invalid_grant"),
            "a code of another application")
    stand.control("POST", "/clients", {"client_id": "Cl13nt", "kind": "spa"})
    tap.is_(stand.otp(code).error(), (403, "unauthorized_client"), "a page application")
    stand.control("POST", "/clients", {"client_id": "Cl13nt", "kind": "web"})
    stand.set(blocked_status=401)
    stand.control("POST", "/users", {"email": "ann@example.org", "blocked": True})
    tap.is_(stand.otp(code).error(), (401, "unauthorized"), "blocked_status")
    stand.control("POST", "/users", {"email": "ann@example.org", "blocked": False})
    stand.set(code_attempts=1)
    stand.start()
    tap.ok("maximum" in stand.otp("0").text(), "code_attempts")


def second_factor(tap, stand):
    stand.set(mfa=True, mfa_requirements="challenge_types", mfa_code="42")
    answer = stand.sign_in().json
    tap.is_(answer["mfa_requirements"], {"challenge_types": ["otp", "email"]}, "the other shape")
    call = {**CREDS, "grant_type": MFA, "mfa_token": answer["mfa_token"], "otp": "42"}
    tap.is_(stand.post("/oauth/token", {**call, "otp": "1"}).text(), "Invalid otp_code.", "wrong")
    tap.is_(stand.post("/oauth/token", {**call, "mfa_token": "x"}).text(), "Malformed mfa_token",
            "no such token")
    tap.is_(stand.post("/oauth/token", {**CREDS, "grant_type": MFA}).error(),
            (400, "invalid_request"), "parameters missing")
    stand.set(clock_offset=601)
    tap.is_(stand.post("/oauth/token", call).error(), (401, "expired_token"), "too late")
    stand.set(clock_offset=0, mfa_requirements="none")
    tap.is_(stand.post("/oauth/token", call).status, 200, "right")
    tap.ok("mfa_requirements" not in stand.sign_in().json, "no requirements")


def refresh_knobs(tap, stand):
    def refresh(token):
        return stand.form("/oauth/token", {**CREDS, "grant_type": "refresh_token",
                                           "refresh_token": token})
    token = stand.sign_in().json["refresh_token"]
    tap.ok("id_token" in refresh(token).json, "refresh brings an ID token")
    tap.is_(stand.form("/oauth/token", {**CREDS, "grant_type": "refresh_token"}).error(),
            (400, "invalid_request"), "refresh_token missing")
    stand.control("POST", "/users", {"email": "ann@example.org", "blocked": True})
    tap.is_(refresh(token).error(), (403, "unauthorized"), "blocked since")
    stand.control("POST", "/users", {"email": "ann@example.org", "blocked": False})
    plain = stand.sign_in(scope="profile offline_access").json["refresh_token"]
    tap.ok("id_token" not in refresh(plain).json, "not without openid")
    stand.set(refresh_absolute=100, rotation=True)
    token = stand.sign_in().json["refresh_token"]
    stand.set(clock_offset=60)
    token = refresh(token).json["refresh_token"]
    stand.set(clock_offset=101)
    tap.is_(refresh(token).status, 403, "rotation does not prolong the absolute life")
    stand.set(clock_offset=0, rotation=False, refresh_absolute=0, revocation_deletes_grant=True,
              revoke_body="OK")
    first, second = (stand.sign_in().json["refresh_token"] for _ in range(2))
    tap.is_(stand.post("/oauth/revoke", {**CREDS, "token": first}).body, b"OK", "revoke_body")
    tap.is_(refresh(second).status, 403, "revocation_deletes_grant")
    bad = stand.call("POST", "/oauth/revoke", "x", {"content-type": "text/plain"})
    tap.is_(bad.error(), (400, "invalid_request"), "revoke: neither JSON nor form")
    stand.set(limits=None)
    tokens = [stand.sign_in().json["refresh_token"] for _ in range(201)]
    tap.is_((refresh(tokens[0]).status, refresh(tokens[1]).status), (403, 200), "200 a user")
    stand.control("POST", "/clients", {"client_id": "Cl13nt", "grants": [OTP]})
    tap.ok("refresh_token" not in stand.sign_in().json, "no refresh token without the grant")


def userinfo_knobs(tap, stand):
    token = stand.sign_in().json["access_token"]
    bearer = {"authorization": "Bearer " + token}
    stand.set(userinfo_401="json")
    tap.is_(stand.call("GET", "/userinfo").error(), (401, "invalid_token"), "userinfo_401 json")
    there = {**bearer, "host": "tenant.localhost:%d" % stand.port}
    tap.is_(stand.call("GET", "/userinfo", headers=there).status, 401, "token of another domain")
    stand.set(clock_offset=86401)
    tap.is_(stand.call("POST", "/userinfo", headers=bearer).status, 401, "token too old")
    stand.set(clock_offset=0)
    tap.is_(stand.call("POST", "/userinfo", headers=bearer).status, 200, "by POST")


def assertions(tap, stand):
    """7.6: every claim of a client assertion counts."""
    key = applications(stand)
    body = {"client_id": JWT_APP, "connection": "email", "email": "ann@example.org",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}

    def start(**changes):
        return stand.post("/passwordless/start", {
            **body, "client_assertion": assertion(stand, key), **changes})
    tap.is_(start().status, 200, "a good assertion")
    used = assertion(stand, key)
    tap.is_([start(client_assertion=used).status for _ in range(2)], [200, 401], "single use")
    good = assertion(stand, key)
    head, payload, signature = good.split(".")
    tap.is_(start(client_assertion=head + "." + payload + "." + signature[:-8] + "AAAAAAAA").status,
            401, "a bad signature")
    tap.is_(start(client_assertion="x" * 2049).status, 401, "too long")
    tap.is_(start(client_assertion_type="x").status, 401, "another type")
    tap.is_(start(client_id="Cl13nt").status, 401, "an application set to Post")
    stand.set(clock_offset=100)
    date = email.utils.parsedate_to_datetime(stand.start().headers["date"]).timestamp()
    tap.ok(90 < date - time.time() < 110, "the Date header is of the tenant's clock")
    tap.is_(start().status, 401, "expired")
    stand.set(clock_offset=-100)
    tap.is_(start().status, 401, "from the future")
    stand.set(clock_offset=0)
    header = {"auth0-forwarded-for": "203.0.113.7"}
    stand.set(limits={"start": [1, 3600]})
    start()
    tap.is_(stand.post("/passwordless/start", {**body, "client_assertion": assertion(
        stand, key)}, header).status, 429, "the IP header needs the secret (11, row 17)")
    tap.is_(stand.start(client_id=NATIVE, drop=["client_secret"], email="x@example.org").status,
            429, "a native application needs no secret, and shares the bucket")


def authorize_knobs(tap, stand):
    browser = Browser(stand)
    stand.set(callback_mismatch_status=403)
    tap.is_(browser.authorize(redirect_uri="https://x/").status, 403, "callback_mismatch_status")
    for what, changes, error in (("response_mode", {"response_mode": "x"}, "invalid_request"),
                                 ("max_age", {"max_age": "x"}, "invalid_request")):
        tap.is_(query_of(browser.authorize(**changes).location).get("error"), error, what)
    stand.control("POST", "/clients", {"client_id": "Cl13nt", "grants": [OTP]})
    tap.is_(query_of(browser.authorize().location).get("error"), "unauthorized_client", "grant off")
    stand.reset()
    done = browser.hosted(redirect_uri=None)
    tap.ok("code=" in done.location, "no redirect_uri: the first one listed")
    fragment = browser.hosted(response_mode="fragment")
    tap.ok("#code=" in fragment.location, "response_mode=fragment")
    message = browser.authorize(prompt="none", response_mode="web_message",
                                response_type="token id_token")
    tap.ok(message.status == 200 and b"authorization_response" in message.body, "web_message")
    stand.set(delay=0.3)
    before = time.monotonic()
    stand.start()
    tap.ok(time.monotonic() - before > 0.3, "knob delay")
    stand.set(delay=0.6, floor=0.9)
    for what, ask in (("a code", stand.start), ("a refusal", lambda: stand.start(email="no"))):
        before = time.monotonic()
        ask()
        took = time.monotonic() - before
        tap.ok(took > 0.9, "knob floor: " + what + " comes no sooner")
        tap.ok(took < 1.5, "knob floor: and the delay is within it")


def life_cycle(tap, stand):
    """Loopback only; gone with its parent."""
    with open("/proc/%d/net/tcp" % stand.about["pid"]) as table:
        rows = [line.split() for line in table][1:]
    ports = [stand.port, int(stand.about["smtp"].split(":")[1])] + [
        int(stand.about[n].rstrip("/").rsplit(":", 1)[1]) for n in ("control", "mail")]
    bound = {row[1] for row in rows if row[3] == "0A" and int(row[1][9:], 16) in ports}
    tap.is_(bound, {"0100007F:%04X" % port for port in ports}, "four sockets, all on 127.0.0.1")
    call = stand.control("GET", "/set")
    tap.ok(call["clock_offset"] == 0 and len(json.dumps(call)) > 500, "GET /set shows the knobs")
    script = ("import sys, json; sys.path.insert(0, %r); import harness; s = harness.Stand(); "
              "print(s.about['pid'], s.dir, flush=True); import os; os._exit(0)" % sys.path[0])
    pid, folder = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True,
                                 check=True).stdout.split()
    tap.ok(gone(int(pid)), "gone with its parent")
    shutil.rmtree(folder)


def gone(pid):
    """Within five seconds; a zombie that nobody has waited for is gone too."""
    for _ in range(100):
        try:
            with open("/proc/%d/stat" % pid) as stat:
                if stat.read().rsplit(")", 1)[1].split()[0] == "Z":
                    return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


def main():
    tap, stand = Tap(), Stand()
    for group in (start_knobs, limits, otp_refusals, second_factor, refresh_knobs,
                  userinfo_knobs, assertions, authorize_knobs, life_cycle):
        stand.reset()
        print("# " + group.__name__)
        try:
            group(tap, stand)
        except urllib.error.HTTPError as error:
            tap.ok(False, "control port: " + error.read().decode())
        tap.is_(stand.control("GET", "/errors"), [], group.__name__ + ": no failure inside")
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
