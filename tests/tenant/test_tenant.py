#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The server-to-server side, row by row of auth0-api.md 10.5, and strictness.

Each row is tried alone, and then against a later row at the same time, since
the order of the checks is part of what the module may rely on.
"""
import json
import sys
import time

from harness import OTP, Stand, Tap

LONG_AGO = -100000


def start_rows(tap, stand):
    """First column: what differs from a good call, and the answer wanted."""
    table = [
        ("2 client_id missing", {"drop": ["client_id"]}, 400, "bad.client_id",
         "Missing required property: client_id"),
        ("2 before 3", {"drop": ["client_id"], "x": 1}, 400, "bad.client_id", None),
        ("3 unknown key", {"colour": "red"}, 400, "bad.request",
         "the following properties are not allowed: colour"),
        ("3 before 4", {"colour": "red", "client_secret": "no"}, 400, "bad.request", None),
        ("4 client unknown", {"client_id": "nobody"}, 401, "access_denied", "Unauthorized"),
        ("4 secret wrong", {"client_secret": "no"}, 401, "access_denied", "Unauthorized"),
        ("4 secret a number", {"client_secret": 5}, 401, "access_denied", None),
        ("5 secret missing", {"drop": ["client_secret"]}, 403, "unauthorized_client",
         "Client authentication is required"),
        ("5 before 7", {"drop": ["client_secret", "connection"]}, 403, "unauthorized_client", None),
        ("7 connection missing", {"drop": ["connection"]}, 400, "bad.connection",
         "Missing required property: connection"),
        ("7 connection unknown", {"connection": "smoke"}, 400, "bad.connection",
         "Connection does not exist"),
        ("7 a database", {"connection": "Username-Password-Authentication"}, 400,
         "bad.connection", "Invalid connection strategy. It must either be a passwordless "
         "connection"),
        ("7 before 8", {"connection": "smoke", "send": "pigeon"}, 400, "bad.connection", None),
        ("8 send", {"send": "pigeon"}, 400, "bad.send", "error in send - No enum match for: pigeon"),
        ("8 authParams", {"authParams": "x"}, 400, "bad.authParams",
         "error in authParams - invalid type: string (expected object)"),
        ("8 before 9", {"send": "pigeon", "email": "no"}, 400, "bad.send", None),
        ("9 email missing", {"drop": ["email"]}, 400, "bad.email",
         "Missing required property: email"),
        ("9 email a number", {"email": 7}, 400, "bad.email", None),
        ("9 phone missing", {"connection": "sms"}, 400, "bad.phone_number",
         "Missing required property: phone_number"),
        ("9 phone not E.164", {"connection": "sms", "phone_number": "0123"}, 400,
         "bad.phone_number", r"String does not match pattern: ^\+[0-9]{1,15}$"),
    ]
    stand.set(limits={"start": None, "global": None})
    for what, changes, status, error, text in table:
        answer = stand.start(**changes)
        tap.is_(answer.error(), (status, error), "start row " + what)
        if text:
            tap.is_(answer.text(), text, "start row %s: the words" % what)
    for address in ("nobody", "a@b", "a@@example.org", "a b@example.org", "a@example.org ",
                    "a\r\nBcc: x@example.org", "a@-x.org", ".a@example.org", "a..b@example.org",
                    "a@example.o_g", "x" * 65 + "@example.org", "", "a@example.1", "\u00fc@x.org"):
        tap.is_(stand.start(email=address).error(), (400, "bad.email"),
                "start row 9: %r is no address" % address)
    for address in ("ann+tag@example.org", "o'neil@sub.example.org", "A.B@EXAMPLE.ORG"):
        tap.is_(stand.start(email=address).status, 200, "start: %s is one" % address)
    tap.is_(stand.control("GET", "/errors"), [], "no failure inside the stand-in")


def start_shape(tap, stand):
    """Row 1 and the shape of requests."""
    bad = stand.call("POST", "/passwordless/start", "{nope", {"content-type": "application/json"})
    tap.is_(bad.error(), (400, "invalid_request"), "start row 1: not JSON")
    for body in ("[]", '"x"', "null", "", "[" * 50000):
        bad = stand.call("POST", "/passwordless/start", body,
                         {"content-type": "application/json"})
        tap.is_(bad.error(), (400, "invalid_request"), "start row 1: %.10s is no object" % body)
    good = json.dumps({"client_id": "Cl13nt", "client_secret": "s3cr3t", "connection": "email",
                       "email": "ann@example.org", "send": "code"})
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        tap.is_(stand.call("POST", "/passwordless/start", good, {"content-type": kind}).error(),
                (400, "invalid_request"), "start: content type %r is refused" % kind)
    for method in ("GET", "PUT", "DELETE", "HEAD"):
        tap.is_(stand.call(method, "/passwordless/start").status, 405,
                "start by %s is refused" % method)
    tap.is_(stand.call("GET", "/oauth/token").status, 405, "token by GET is refused")
    tap.is_(stand.call("POST", "/authorize").status, 405, "authorize by POST is refused")
    tap.is_(stand.call("GET", "/passwordless/begin").status, 404, "an unknown path")
    tap.is_(stand.start({"host": "elsewhere.example"}).error(), (400, "bad.tenant"),
            "start: another tenant's name")
    basic = {"authorization": "Basic Q2wxM250OnMzY3IzdA=="}
    tap.is_(stand.start(basic, drop=["client_secret"]).error(), (403, "unauthorized_client"),
            "start takes no Basic")


def start_success(tap, stand):
    """Rows 6, 10, 11, 12 and the mail."""
    first = stand.start({"x-request-language": "nl-BE"})
    tap.is_((first.status, first.headers["content-type"]),
            (200, "application/json; charset=utf-8"), "start row 12: 200")
    tap.is_(sorted(first.json), ["_id", "email", "email_verified"], "start row 12: the record")
    tap.ok(len(first.json["_id"]) == 24 and first.json["email_verified"] is False, "a newcomer")
    mail = stand.control("GET", "/messages?to=ann@example.org")[0]
    tap.is_(mail["request_language"], "nl-BE", "the language reached the mail")
    tap.ok(mail["code"] in mail["text"].split("\n")[0] and mail["link"] is None,
           "the code stands in the first line, and no link")
    old = stand.code()
    second = stand.start()
    tap.is_(second.json["_id"], first.json["_id"], "the same user")
    tap.is_(stand.otp(old).error(), (403, "invalid_grant"), "token row 8: superseded")
    tap.is_(stand.otp(stand.code()).status, 200, "the newest works")
    tap.is_(stand.start().json["email_verified"], True, "verified by the first good code")
    stand.set(signup_disabled=True)
    answer = stand.start(email="new@example.org")
    tap.is_((answer.error(), answer.text()), ((400, "bad.connection"), "Public signup is disabled"),
            "start row 10: unknown address")
    tap.is_(stand.code("new@example.org"), None, "start row 10: no mail")
    tap.is_(stand.start().status, 200, "start row 10: a known address")
    stand.control("POST", "/users", {"email": "bob@example.org", "blocked": True})
    tap.is_(stand.start(email="bob@example.org").status, 200, "start row 11: blocked user, 200")
    tap.is_(stand.code("bob@example.org"), None, "start row 11: no mail")
    stand.set(connection_disabled=["email"])
    tap.is_(stand.start().text(), "Connection is disabled", "start row 7: disabled")


def start_limit(tap, stand):
    for i in range(50):
        answer = stand.start()
    tap.is_((answer.status, answer.headers["x-ratelimit-remaining"]), (200, "0"), "50 in an hour")
    over = stand.start()
    tap.is_(over.error(), (429, "too_many_requests"), "start row 6: the 51st")
    tap.ok(over.headers["x-ratelimit-limit"] == "50"
           and 60 <= int(over.headers["x-ratelimit-reset"]) - time.time() <= 80,
           "start row 6: three headers, reset in epoch seconds")
    tap.is_(over.headers["retry-after"], None, "start row 6: no Retry-After by default")
    tap.is_(stand.start(connection="smoke").error(), (429, "too_many_requests"), "6 before 7")
    tap.is_(stand.start(client_secret="no").error(), (401, "access_denied"), "4 before 6")
    other = {"auth0-forwarded-for": "203.0.113.7"}
    tap.is_(stand.start(other).status, 200, "another visitor has a bucket of his own")
    for bad in ("not-an-address", "203.0.113.7, 10.0.0.1", ""):
        tap.is_(stand.start({"auth0-forwarded-for": bad}).status, 429, "%r is ignored" % bad)
    stand.control("POST", "/clients", {"client_id": "Cl13nt", "trust_ip_header": False})
    tap.is_(stand.start(other).status, 429, "header ignored when not trusted")
    stand.set(clock_offset=73)
    tap.is_(stand.start().status, 200, "one token back after 72 seconds")
    stand.set(retry_after=True, rate_limit_body="gateway")
    over = stand.start()
    tap.ok(over.headers["retry-after"] in ("70", "71", "72") and over.json.get("errorCode") ==
           "too_many_requests", "knobs retry_after and rate_limit_body")


def token_rows(tap, stand):
    """Second column."""
    stand.set(limits={"token": None, "global": None, "start": None})
    stand.start()
    code = stand.code()
    table = [
        ("2 unknown grant", {"grant_type": "magic"}, 400, "unsupported_grant_type", None),
        ("2 https in the URI", {"grant_type": OTP.replace("http:", "https:")}, 400,
         "unsupported_grant_type", None),
        ("2 grant missing", {"drop": ["grant_type"]}, 400, "invalid_request",
         "Missing required parameter: grant_type"),
        ("2 before 3", {"grant_type": "magic", "client_secret": "no"}, 400,
         "unsupported_grant_type", None),
        ("3 client unknown", {"client_id": "no"}, 401, "access_denied", "Unauthorized"),
        ("3 client missing", {"drop": ["client_id"]}, 401, "access_denied", None),
        ("3 secret wrong", {"client_secret": "no"}, 401, "access_denied", "Unauthorized"),
        ("3 secret missing", {"drop": ["client_secret"]}, 401, "access_denied", None),
        ("3 before 5", {"client_secret": "no", "drop": ["otp"]}, 401, "access_denied", None),
        ("5 username missing", {"drop": ["username"]}, 400, "invalid_request",
         "Missing required parameter: username"),
        ("5 otp missing", {"drop": ["otp"]}, 400, "invalid_request",
         "Missing required parameter: otp"),
        ("5 realm missing", {"drop": ["realm"]}, 400, "invalid_request",
         "Missing required parameter: realm"),
        ("5 otp a number", {"otp": 123456}, 400, "invalid_request",
         "otp parameter must be a string"),
        ("5 scope an array", {"scope": ["openid"]}, 400, "invalid_request",
         "scope parameter must be a string"),
        ("5 both accesses", {"scope": "offline_access online_access"}, 400, "invalid_request", None),
        ("audience unknown", {"audience": "https://no"}, 403, "access_denied",
         "Service not found: https://no"),
    ]
    for what, changes, status, error, text in table:
        answer = stand.otp(changes.pop("otp", code), **changes)
        tap.is_(answer.error(), (status, error), "token row " + what)
        if text:
            tap.is_(answer.text(), text, "token row %s: the words" % what)
    tap.is_(stand.otp(code).status, 200, "none of them burnt the code or counted")
    bad = stand.call("POST", "/oauth/token", "x", {"content-type": "text/plain"})
    tap.is_(bad.error(), (400, "invalid_request"), "token row 1: neither JSON nor form")
    stand.control("POST", "/clients", {"client_id": "Cl13nt", "grants": ["refresh_token"]})
    off = stand.otp(code, drop=["otp"])
    tap.is_((off.error(), off.text(), off.json.get("error_uri")),
            ((403, "unauthorized_client"), "Grant type '%s' not allowed for the client." % OTP,
             "https://auth0.com/docs/clients/client-grant-types"), "token row 4, before 5")


def token_code_rows(tap, stand):
    """Rows 7 to 12."""
    wrong = "Wrong email or verification code."
    most = "You've reached the maximum number of attempts. Please try to login again."
    old = "The verification code has expired. Please try to login again."
    tap.is_(stand.otp("111111").text(), wrong, "token row 8: no code")
    stand.set(fixed_code="012345")
    stand.start()
    tap.is_([stand.otp(c).text() for c in ("999999", "12345", "012345 ")], [wrong, wrong, most],
            "token row 10: two wrong, the third is the maximum")
    tap.is_((stand.otp("012345").error(), stand.otp("012345").text()),
            ((403, "invalid_grant"), most), "token row 7: the right one comes too late")
    stand.set(clock_offset=181)
    tap.is_(stand.otp("012345").text(), most, "token row 7 before 9")
    stand.start()
    tap.is_(stand.otp("012345", username="Ann@example.org").text(), wrong, "row 8: other address")
    tap.is_(stand.otp("012345", username="bob@example.org").text(), wrong, "row 8: nobody")
    tap.is_(stand.otp("012345").status, 200, "token row 12: 200")
    tap.is_(stand.otp("012345").text(), wrong, "token row 8: used")
    stand.start()
    stand.set(clock_offset=181 + 179)
    tap.is_(stand.otp("999999").text(), wrong, "token row 9: a second before its end")
    stand.set(clock_offset=181 + 181)
    tap.is_(stand.otp("012345").text(), old, "token row 9: past its life")
    tap.is_(stand.otp("999999").text(), old, "token row 9 before 10")
    stand.reset()
    stand.set(fixed_code="012345", invalid_grant_status=400)
    tap.is_(stand.otp("1").error(), (400, "invalid_grant"), "knob invalid_grant_status")
    stand.set(wrong_secret="invalid_client")
    tap.is_(stand.otp("1", client_secret="no").error(), (401, "invalid_client"),
            "knob wrong_secret")


def token_protection(tap, stand):
    """Row 6."""
    stand.set(limits={"token": None, "start": None, "global": None}, fixed_code="012345")
    for i in range(10):
        if i % 3 == 0:
            stand.start()
        answer = stand.otp("999999")
    tap.is_(answer.status, 403, "the tenth failure is still told as such")
    stand.start()
    answer = stand.otp("012345")
    tap.is_(answer.error(), (429, "too_many_attempts"), "token row 6, before 10: blocked")
    tap.ok(answer.text().startswith("Your account has been blocked after multiple"), "the words")
    there = {"auth0-forwarded-for": "203.0.113.9"}
    tap.is_(stand.otp("012345", there).status, 200, "not from another address")
    stand.control("POST", "/unblock", {})
    for i in range(100):
        stand.otp("999999", username="u%d@example.org" % i)
    answer = stand.otp("999999", username="v@example.org")
    tap.is_((answer.error(), answer.text()[:20]), ((429, "too_many_attempts"),
                                                   "We have detected sus"), "suspicious address")


def token_policy(tap, stand):
    """Rows 11 and 12."""
    stand.start()
    stand.control("POST", "/users", {"email": "ann@example.org", "blocked": True})
    answer = stand.otp(stand.code())
    tap.is_((answer.error(), answer.text()), ((403, "unauthorized"), "user is blocked"),
            "token row 11: blocked")
    stand.control("POST", "/users", {"email": "ann@example.org", "blocked": False})
    stand.set(action_denies="Members only.", mfa=True)
    answer = stand.sign_in()
    tap.is_((answer.error(), answer.text()), ((403, "access_denied"), "Members only."),
            "token row 11: an Action denies, before 12")
    stand.set(action_denies=None)
    answer = stand.sign_in()
    tap.is_(answer.error(), (403, "mfa_required"), "token row 12: second factor")
    tap.is_((answer.text(), answer.json["mfa_requirements"]),
            ("Multifactor authentication required",
             {"challenge": [{"type": "otp"}, {"type": "email"}]}), "token row 12: its shape")
    done = stand.form("/oauth/token", {
        "grant_type": "http://auth0.com/oauth/grant-type/mfa-otp", "client_id": "Cl13nt",
        "client_secret": "s3cr3t", "mfa_token": answer.json["mfa_token"], "otp": "000000"})
    tap.is_(done.status, 200, "the second factor finishes it")
    stand.set(mfa=["zoe@example.org"], mfa_status=401)
    tap.is_(stand.sign_in().status, 200, "only for the addresses named")
    stand.set(bot_detection=True)
    tap.is_(stand.start().error(), (403, "requires_verification"), "bot detection at start")
    stand.set(bot_detection=False, empty_start="")
    tap.is_((stand.start().status, stand.start().body), (200, b""), "knob empty_start")


def token_shape(tap, stand):
    answer = stand.sign_in()
    tap.is_((answer.headers["content-type"], sorted(answer.json)),
            ("application/json", ["access_token", "expires_in", "id_token", "refresh_token",
                                  "scope", "token_type"]), "token: all keys")
    tap.is_((answer.headers["x-ratelimit-limit"], answer.headers["cache-control"]),
            ("30", "no-store"), "token: headers of 10.2")
    tap.ok(answer.headers["set-cookie"].startswith("did=")
           and len(answer.headers["x-auth0-requestid"]) == 20, "token: did and request id")
    tap.is_(sorted(stand.sign_in(scope="profile").json),
            ["access_token", "expires_in", "scope", "token_type"], "no openid, no ID token")
    stand.set(scope_key=False)
    tap.ok("scope" not in stand.sign_in().json, "knob scope_key")
    tap.is_(stand.sign_in(audience="https://api.example.org").json["access_token"].count("."), 2,
            "with an audience the access token is a JWT")
    stand.start()
    form = {"grant_type": OTP, "client_id": "Cl13nt", "client_secret": "s3cr3t", "realm": "email",
            "username": "ann@example.org", "otp": stand.code(), "scope": "openid"}
    tap.is_(stand.form("/oauth/token", form).status, 200, "token takes a form")
    stand.start(connection="sms", phone_number="+3225550100")
    sms = stand.otp(stand.code("+3225550100"), realm="sms", username="+3225550100")
    tap.is_(sms.status, 200, "sms")
    basic = {"authorization": "Basic Q2wxM250OnMzY3IzdA=="}
    tap.is_(stand.otp("1", basic, drop=["client_id", "client_secret"]).error(),
            (401, "access_denied"), "Basic is refused for an application set to Post")
    stand.control("POST", "/clients", {"client_id": "Cl13nt", "auth_method": "basic"})
    stand.start()
    tap.is_(stand.otp(stand.code(), basic, drop=["client_id", "client_secret"]).status, 200,
            "Basic where it is set")
    tap.is_(stand.otp("1").error(), (401, "access_denied"), "and then Post is refused")


def refresh_and_revoke(tap, stand):
    def refresh(token, **more):
        return stand.form("/oauth/token", {"grant_type": "refresh_token", "client_id": "Cl13nt",
                                           "client_secret": "s3cr3t", "refresh_token": token,
                                           **more})
    token = stand.sign_in().json["refresh_token"]
    tap.ok("refresh_token" not in refresh(token).json, "no rotation: the token stays")
    tap.is_(refresh(token, scope="openid").json.get("scope"), "openid", "scope may shrink")
    tap.is_(refresh(token, scope="openid phone").status, 400, "but not grow")
    tap.is_((refresh("x").error(), refresh("x").text()),
            ((403, "invalid_grant"), "Unknown or invalid refresh token."), "unknown token")
    stand.set(rotation=True)
    second = refresh(token).json["refresh_token"]
    third = refresh(second).json["refresh_token"]
    tap.is_(refresh(second).status, 403, "rotation: the old one is dead")
    tap.is_(refresh(third).status, 403, "and its use has ended the family")
    stand.set(rotation_overlap=30)
    first = stand.sign_in().json["refresh_token"]
    second = refresh(first).json["refresh_token"]
    tap.is_(refresh(first).status, 200, "overlap: the previous one is good for a while")
    stand.set(clock_offset=31)
    tap.is_(refresh(first).status, 403, "and then is not")
    stand.reset()
    token = stand.sign_in().json["refresh_token"]
    creds = {"client_id": "Cl13nt", "client_secret": "s3cr3t"}
    tap.is_(stand.post("/oauth/revoke", creds).error(), (400, "invalid_request"), "revoke what?")
    tap.is_(stand.post("/oauth/revoke", {**creds, "client_secret": "no", "token": token}).error(),
            (401, "invalid_client"), "revoke with a wrong secret")
    done = stand.post("/oauth/revoke", {**creds, "token": token})
    tap.is_((done.status, done.body), (200, b""), "revoked")
    tap.is_(stand.form("/oauth/revoke", {**creds, "token": "x"}).status, 200, "unknown token: 200")
    tap.is_(refresh(token).status, 403, "a revoked token is dead")
    token = stand.sign_in().json["refresh_token"]
    stand.set(clock_offset=2592001)
    tap.is_(refresh(token).status, 403, "thirty idle days end it")
    stand.set(clock_offset=0)
    token = stand.sign_in().json["refresh_token"]
    stand.control("DELETE", "/users?email=ann@example.org")
    tap.ok("doesn't exist" in refresh(token).text(), "the user is gone")


def userinfo(tap, stand):
    token = stand.sign_in().json["access_token"]
    good = stand.call("GET", "/userinfo", headers={"authorization": "Bearer " + token})
    tap.is_((good.status, good.headers["content-type"], good.json.get("email")),
            (200, "application/json; charset=utf-8", "ann@example.org"), "userinfo")
    bad = stand.call("GET", "/userinfo", headers={"authorization": "Bearer x"})
    tap.is_((bad.status, bad.body), (401, b"Unauthorized"), "userinfo: a bad token")
    tap.is_(stand.call("GET", "/userinfo").status, 401, "userinfo: none")
    weak = stand.sign_in(scope="profile").json["access_token"]
    tap.is_(stand.call("GET", "/userinfo", headers={"authorization": "Bearer " + weak}).status,
            401, "userinfo: without openid")
    answers = [stand.call("GET", "/userinfo", headers={"authorization": "Bearer " + token}).status
               for _ in range(10)]
    tap.is_(answers, [200] * 9 + [429], "userinfo: ten at once")


def main():
    tap, stand = Tap(), Stand()
    for group in (start_shape, start_rows, start_success, start_limit, token_rows,
                  token_code_rows, token_protection, token_policy, token_shape,
                  refresh_and_revoke, userinfo):
        stand.reset()
        print("# " + group.__name__)
        group(tap, stand)
        tap.is_(stand.control("GET", "/errors"), [], group.__name__ + ": no failure inside")
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
