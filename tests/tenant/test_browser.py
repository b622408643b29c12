#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The browser side: /authorize and hosted pages, magic links, log-out, back
channel, cross-origin calls, discovery and keys, the mailbox.

Sections 3.1, 4, 5, 6, 7.4, 7.5 and 8 of auth0-api.md.
"""
import base64
import hashlib
import http.server
import json
import sys
import threading
import urllib.parse
import urllib.request

from harness import CALLBACK, OTP, Browser, Stand, Tap, hidden, query_of

APP = "https://app.localhost"
VERIFIER = "v" * 43


def claims_of(token):
    text = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def redeem(stand, location, **changes):
    body = {"grant_type": "authorization_code", "client_id": "Cl13nt", "client_secret": "s3cr3t",
            "code": query_of(location).get("code"), "redirect_uri": CALLBACK, **changes}
    return stand.form("/oauth/token", {n: v for n, v in body.items() if v is not None})


def challenge(verifier):
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def hosted_pages(tap, stand):
    browser = Browser(stand)
    first = browser.authorize(nonce="N1", code_challenge=challenge(VERIFIER),
                              code_challenge_method="S256")
    tap.is_((first.status, first.location.split("?")[0]), (302, "/u/login/identifier"), "to login")
    page = browser.go("GET", first.location)
    state = hidden(page, "state")
    tap.ok(page.status == 200 and state and b"Example site" in page.body, "the address page")
    bad = browser.go("POST", first.location, {"state": state, "username": "nobody"})
    tap.is_(bad.status, 400, "a bad address stays there")
    second = browser.go("POST", first.location, {"state": state, "username": "ann@example.org"})
    page = browser.go("GET", second.location)
    tap.ok(b"one-time-code" in page.body, "the code page")
    wrong = browser.go("POST", second.location, {"state": state, "code": "0"})
    tap.is_(wrong.status, 400, "a wrong code stays there")
    stranger = Browser(stand).go("POST", second.location, {"state": state, "code": stand.code()})
    tap.is_(stranger.status, 400, "another browser has lost its session")
    done = browser.go("POST", second.location, {"state": state, "code": stand.code()})
    tap.ok(done.location.startswith(CALLBACK + "?") and query_of(done.location)["state"] == "S1",
           "back at the callback with state")
    answer = redeem(stand, done.location, code_verifier=VERIFIER)
    claims = claims_of(answer.json["id_token"])
    tap.is_((claims["nonce"], claims["email"], len(claims["sid"]), "auth_time" in claims),
            ("N1", "ann@example.org", 32, False), "ID token of the code flow")
    tap.is_(redeem(stand, done.location, code_verifier=VERIFIER).text(),
            "Invalid authorization code", "a code works once")


def code_binding(tap, stand):
    stand.set(limits=None)
    browser = Browser(stand)
    pkce = {"code_challenge": challenge(VERIFIER), "code_challenge_method": "S256"}
    for what, asked, sent, text in (
            ("verifier wrong", pkce, {"code_verifier": "w" * 43}, "Failed to verify code verifier"),
            ("verifier missing", pkce, {}, "Failed to verify code verifier"),
            ("verifier not asked for", {}, {"code_verifier": VERIFIER},
             "Failed to verify code verifier"),
            ("redirect_uri other", {}, {"redirect_uri": APP + "/other"}, "The redirect URI is wrong."
             " You sent %s/other, and we expected %s" % (APP, CALLBACK)),
            ("redirect_uri missing", {}, {"redirect_uri": None}, "The redirect URI is wrong. You "
             "sent null, and we expected " + CALLBACK),
            ("code unknown", {}, {"code": "x"}, "Invalid authorization code"),
            ("code missing", {}, {"code": None}, "Missing required parameter: code")):
        answer = redeem(stand, browser.hosted(**asked).location, **sent)
        tap.is_(answer.text(), text, "token: " + what)
    location = browser.hosted().location
    stand.set(clock_offset=61)
    tap.is_(redeem(stand, location).error(), (403, "invalid_grant"), "token: code too old")
    stand.set(clock_offset=0)
    stand.control("POST", "/clients", {"client_id": "other", "client_secret": "x"})
    tap.is_(redeem(stand, browser.hosted().location, client_id="other", client_secret="x").error(),
            (403, "invalid_grant"), "token: code of another application")
    tap.is_(redeem(stand, browser.hosted().location).status, 200, "token: good")


def authorize_checks(tap, stand):
    browser = Browser(stand)
    for what, changes, status in (("client", {"client_id": "x"}, 403),
                                  ("redirect_uri", {"redirect_uri": APP + "/evil"}, 400),
                                  ("redirect_uri and a query", {"redirect_uri": CALLBACK + "?x"},
                                   400), ("redirect_uri in capitals",
                                          {"redirect_uri": CALLBACK.upper()}, 400)):
        page = browser.authorize(**changes)
        tap.is_((page.status, page.location), (status, ""), "never redirected: unknown " + what)
    tap.ok(b"Callback URL mismatch" in page.body, "the words on that page")
    for what, changes, error in (
            ("response_type missing", {"response_type": None}, "invalid_request"),
            ("response_type token", {"response_type": "token"}, "unsupported_response_type"),
            ("PKCE plain", {"code_challenge": "x" * 43, "code_challenge_method": "plain"},
             "invalid_request"), ("PKCE without method", {"code_challenge": "x" * 43},
                                  "invalid_request"),
            ("connection unknown", {"connection": "smoke"}, "invalid_request"),
            ("audience unknown", {"audience": "https://no"}, "access_denied"),
            ("prompt=none, no session", {"prompt": "none"}, "login_required")):
        answer = query_of(browser.authorize(**changes).location)
        tap.is_((answer.get("error"), answer.get("state")), (error, "S1"), "authorize: " + what)
    stand.set(authorize_error={"error": "server_error", "description": "Oops"})
    tap.is_(query_of(browser.authorize().location).get("error_description"), "Oops",
            "an error on demand")


def sessions(tap, stand):
    browser = Browser(stand)
    done = browser.hosted(max_age="600")
    tap.ok("auth_time" in claims_of(redeem(stand, done.location).json["id_token"]),
           "max_age brings auth_time")
    again = browser.authorize(prompt="none")
    tap.ok("code" in query_of(again.location), "prompt=none with a session")
    tap.ok("/u/login" in browser.authorize(prompt="login").location, "prompt=login asks again")
    tap.ok("/u/login" in browser.authorize(connection="email").location,
           "connection= asks whatever the session")
    stand.set(clock_offset=601)
    tap.is_(query_of(browser.authorize(prompt="none", max_age="600").location).get("error"),
            "login_required", "a session older than max_age")
    stand.reset()
    page = browser.authorize(connection="email", login_hint="ann@example.org")
    state = query_of(page.location)["state"]
    gone = browser.go("POST", "/u/login/cancel", {"state": state})
    tap.is_(query_of(gone.location)["error"], "access_denied", "cancelled")
    stand.set(mfa=True)
    factor = browser.hosted()
    tap.ok(factor.location.startswith("/u/mfa-otp-challenge"), "the second factor's page")
    state = query_of(factor.location)["state"]
    tap.is_(browser.go("POST", factor.location, {"state": state, "code": "1"}).status, 400, "wrong")
    done = browser.go("POST", factor.location, {"state": state, "code": "000000"})
    tap.is_(claims_of(redeem(stand, done.location).json["id_token"])["amr"], ["mfa"], "amr")
    stand.set(mfa=[], limits={"hosted_code": None})
    policy = "http://schemas.openid.net/pape/policies/2007/06/multi-factor"
    tap.ok(browser.hosted(acr_values="urn:x " + policy).location.startswith("/u/mfa-otp-challenge"),
           "acr_values asks for the second factor of those who need none")
    done = browser.hosted(acr_values="urn:x")
    tap.ok("acr" not in claims_of(redeem(stand, done.location).json["id_token"]),
           "a policy nobody knows is not kept, nor said to be")
    tap.ok("auth_time" in claims_of(redeem(stand, browser.hosted(
        prompt="login consent").location).json["id_token"]), "prompt=login brings auth_time")
    for asked in ("org_AbC123", "Rowing-Club"):
        claims = claims_of(redeem(stand, browser.hosted(organization=asked).location)
                           .json["id_token"])
        tap.is_((claims["org_id"], claims["org_name"]), ("org_AbC123", "rowing-club"),
                "organization " + asked)
    tap.is_(query_of(browser.authorize(organization="org_No").location).get("error"),
            "invalid_request", "an organization nobody knows")
    stand.set(action_denies="No.")
    tap.is_(query_of(browser.hosted().location).get("error"), "access_denied", "an Action denies")
    stand.set(sid="off", action_denies=None)
    tap.ok("sid" not in claims_of(redeem(stand, browser.hosted().location).json["id_token"]),
           "knob sid off")
    form = browser.hosted(response_mode="form_post")
    tap.ok(hidden(form, "code") and hidden(form, "state") == "S1", "response_mode=form_post")


def magic_link(tap, stand):
    def link():
        stand.start(send="link", authParams={"response_type": "code", "redirect_uri": CALLBACK,
                                             "scope": "openid email", "state": "S1"})
        mail = stand.control("GET", "/messages?to=ann@example.org")[0]
        tap.is_(mail["code"], None, "a link, no code")
        return urllib.parse.urlsplit(mail["link"])
    browser, url = Browser(stand), link()
    tap.is_(url.path, "/passwordless/verify_redirect", "the link's path")
    done = browser.go("GET", url.path + "?" + url.query)
    tap.is_(query_of(done.location).get("state"), "S1", "state is echoed")
    tap.is_(redeem(stand, done.location).status, 200, "and the code is good")
    burnt = browser.go("GET", url.path + "?" + url.query)
    tap.is_(query_of(burnt.location).get("error"), "unauthorized", "the second click")
    url = link()
    stand.set(clock_offset=181)
    old = browser.go("GET", "/passwordless/verify-redirect?" + url.query)
    tap.is_(query_of(old.location).get("error_description"), "The verification code has expired. "
            "Please try to login again.", "too late, by the other spelling")
    stand.set(clock_offset=0)
    url = link()
    evil = url.query.replace(urllib.parse.quote("/cb", safe=""), "%2Fevil")
    tap.is_(browser.go("GET", url.path + "?" + evil).status, 400, "an unlisted redirect_uri")
    stand.set(magiclink_without_session=False)
    page = Browser(stand).go("GET", url.path + "?" + url.query)
    tap.ok(page.status == 400 and b"same device and browser" in page.body, "another browser")
    stand.start(drop=["send"])
    tap.ok(stand.control("GET", "/messages")[0]["link"], "send absent means link")


def verify(tap, stand):
    stand.start()
    body = {"connection": "email", "verification_code": stand.code(),
            "email": "ann@example.org", "client_id": "Cl13nt"}
    tap.is_(stand.post("/passwordless/verify", body).error(), (403, "unauthorized_client"),
            "verify wants the secret of a web application")
    body["client_secret"] = "s3cr3t"
    good = stand.post("/passwordless/verify", body)
    tap.is_((good.status, good.json), (200, {}), "verify: right")
    tap.is_(stand.post("/passwordless/verify", {**body, "verification_code": "0"}).error(),
            (403, "invalid_user_password"), "verify: wrong")
    done = Browser(stand).get("/passwordless/verify_redirect", client_id="Cl13nt", state="S1",
                              response_type="code", redirect_uri=CALLBACK, scope="openid",
                              connection="email", email="ann@example.org",
                              verification_code=body["verification_code"])
    tap.ok("code" in query_of(done.location), "verify leaves the code to verify_redirect")


def cross_origin(tap, stand):
    origin, body = {"origin": APP}, {
        "client_id": "page", "username": "ann@example.org", "otp": "", "realm": "email",
        "credential_type": OTP}
    stand.set(limits=None)
    tap.is_(stand.start(origin).status, 403, "an origin that is not listed")
    tap.is_(stand.call("OPTIONS", "/passwordless/start", headers=origin).status, 403, "preflight")
    stand.control("POST", "/clients", {"client_id": "page", "kind": "spa", "auth_method": "none",
                                       "callbacks": [CALLBACK], "web_origins": [APP]})
    tap.is_(stand.post("/co/authenticate", body, origin).error(), (401, "unauthorized_client"),
            "cross-origin login is off by default")
    stand.control("POST", "/clients", {"client_id": "page", "cross_origin": True})
    pre = stand.call("OPTIONS", "/co/authenticate", headers=origin)
    tap.is_((pre.status, pre.headers["access-control-allow-origin"],
             pre.headers["access-control-allow-credentials"]), (204, APP, "true"), "preflight")
    start = stand.start(origin, client_id="page", drop=["client_secret"])
    tap.is_((start.status, start.headers["access-control-allow-origin"]), (200, APP),
            "a page application starts without a secret")
    tap.is_(stand.post("/co/authenticate", {**body, "x": 1}, origin).error(),
            (400, "invalid_request"), "all and only those keys")
    tap.is_(stand.post("/co/authenticate", {**body, "credential_type": "x"}, origin).error(),
            (400, "unsupported_credential_type"), "credential_type")
    tap.is_(stand.post("/co/authenticate", body).status, 403, "without an origin")
    tap.is_(stand.post("/co/authenticate", body, origin).error(), (403, "access_denied"), "wrong")
    good = stand.post("/co/authenticate", {**body, "otp": stand.code()}, origin)
    tap.is_(sorted(good.json), ["co_id", "co_verifier", "login_ticket"], "a ticket")
    query = {"client_id": "page", "realm": "email", "login_ticket": good.json["login_ticket"],
             "code_challenge": challenge(VERIFIER), "code_challenge_method": "S256"}
    browser = Browser(stand)
    browser.cookies["auth0_co"] = good.headers["set-cookie"].split(";")[0].partition("=")[2]
    tap.ok("code" in query_of(browser.authorize(**query).location), "ticket and cookie")
    tap.is_(query_of(browser.authorize(**query).location)["error"], "login_required", "once")
    stand.start(origin, client_id="page", drop=["client_secret"])
    ticket = stand.post("/co/authenticate", {**body, "otp": stand.code()}, origin).json
    tap.is_(query_of(Browser(stand).authorize(**{**query, "login_ticket": ticket["login_ticket"]})
                     .location)["error"], "login_required", "not without the cookie")
    script = stand.call("GET", "/client/page.js")
    tap.ok(script.body.startswith(b"Auth0.setClient({"), "what Lock asks")


def log_out(tap, stand):
    out = APP + "/out"
    browser = Browser(stand)
    browser.hosted()
    done = browser.get("/v2/logout", client_id="Cl13nt", returnTo=out + "?x=1#y")
    tap.is_((done.status, done.location), (302, out + "?x=1#y"), "query and hash do not count")
    tap.is_(query_of(browser.authorize(prompt="none").location)["error"], "login_required", "gone")
    for bad in (APP + "/Out", "https://evil.example/out", out + "/x", "http://app.localhost/out"):
        page = browser.get("/v2/logout", client_id="Cl13nt", returnTo=bad)
        tap.is_((page.status, page.location), (400, ""), "v2/logout not to " + bad)
    tap.is_(browser.get("/v2/logout", client_id="Cl13nt").location, out, "the first one listed")
    tap.is_(browser.get("/v2/logout", returnTo=out).status, 400, "without client_id: tenant's list")
    token = redeem(stand, browser.hosted().location).json["id_token"]
    good = browser.get("/oidc/logout", id_token_hint=token, post_logout_redirect_uri=out, state="S")
    tap.is_(good.location, out + "?state=S", "oidc/logout with a good hint")
    page = browser.get("/oidc/logout", client_id="Cl13nt", post_logout_redirect_uri=out)
    tap.ok(page.status == 200 and b"Are you sure" in page.body, "the consent page")
    yes = browser.go("POST", "/u/logout-consent", {"state": hidden(page, "state"),
                                                   "action": "accept"})
    tap.is_(yes.location, out, "consented")
    stand.set(logout_consent=False)
    tap.is_(browser.get("/oidc/logout", client_id="Cl13nt", post_logout_redirect_uri=out).location,
            out, "no consent page when it is off")
    tap.is_(browser.get("/oidc/logout", client_id="Cl13nt", post_logout_redirect_uri=out + "?x")
            .status, 400, "exact, query included")
    tap.is_(browser.get("/oidc/logout", client_id="other", id_token_hint=token).status, 400,
            "hints that contradict each other")


def back_channel(tap, stand):
    seen = []

    class Application(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            seen.append(self.rfile.read(int(self.headers["content-length"])).decode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Application)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    uri = "http://127.0.0.1:%d/bc" % server.server_port
    answer = stand.control("POST", "/backchannel", {"uri": uri, "sub": "email|1", "sid": "s"})
    token = urllib.parse.parse_qs(seen[0])["logout_token"][0]
    claims = claims_of(token)
    tap.is_((answer["status"], answer["logout_token"]), (200, token), "a logout token arrives")
    tap.ok(claims["exp"] - claims["iat"] == 120 and "nonce" not in claims
           and "http://schemas.openid.net/event/backchannel-logout" in claims["events"], "its claims")
    stand.mutate("iss-other", "logout_token", times=1)
    answer = stand.control("POST", "/backchannel", {"uri": uri, "sub": "x", "remove": ["jti"]})
    claims = claims_of(answer["logout_token"])
    tap.ok("jti" not in claims and "other" in claims["iss"], "bent by mutation and by hand")
    stand.control("POST", "/clients", {"client_id": "Cl13nt", "backchannel_uri": uri})
    browser = Browser(stand)
    browser.hosted()
    browser.get("/v2/logout", client_id="Cl13nt")
    for _ in range(100):
        if len(seen) == 3:
            break
        threading.Event().wait(0.02)
    tap.is_(len(seen), 3, "a log-out sends one by itself")
    server.shutdown()
    server.server_close()


def documents(tap, stand):
    found = stand.call("GET", "/.well-known/openid-configuration").json
    tap.is_(found["issuer"], "https://%s/" % stand.about["domain"], "issuer with its slash")
    other = "tenant.localhost:%d" % stand.port
    found = stand.call("GET", "/.well-known/openid-configuration", headers={"host": other}).json
    tap.is_(found["issuer"], "https://%s/" % other, "the domain that was called")
    keys = stand.call("GET", "/.well-known/jwks.json").json["keys"]
    tap.is_([sorted(k) for k in keys], [["alg", "e", "kid", "kty", "n", "use", "x5c", "x5t"]] * 2,
            "two keys, current and next")
    stand.control("POST", "/rotate", {})
    after = stand.call("GET", "/.well-known/jwks.json").json["keys"]
    tap.is_((after[0]["kid"], after[2]["kid"]), (keys[1]["kid"], keys[0]["kid"]),
            "rotated: the next is current, the previous stays")
    stand.set(jwks_alg=False)
    tap.ok("alg" not in stand.call("GET", "/.well-known/jwks.json").json["keys"][0], "no alg")
    stand.control("POST", "/claims", {"https://example.org/role": "a\r\nb", "big": "x" * 65536})
    claims = claims_of(stand.sign_in().json["id_token"])
    tap.is_((claims["https://example.org/role"], len(claims["big"])), ("a\r\nb", 65536), "claims")
    with urllib.request.urlopen(stand.about["mail"]) as page:
        text = page.read().decode()
    tap.ok(stand.code() in text and "prefers-color-scheme" in text, "the mailbox page")
    pages = stand.call("GET", "/nowhere", headers={"host": "x"})
    tap.is_(pages.status, 404, "an unknown tenant")


def main():
    tap, stand = Tap(), Stand()
    for group in (hosted_pages, code_binding, authorize_checks, sessions, magic_link, verify,
                  cross_origin, log_out, back_channel, documents):
        stand.reset()
        print("# " + group.__name__)
        group(tap, stand)
        tap.is_(stand.control("GET", "/errors"), [], group.__name__ + ": no failure inside")
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
