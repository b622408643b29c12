# SPDX-License-Identifier: Apache-2.0
"""auth0.js, as npm has it, in our page: the whole sign-in, and what visitors
read when the tenant says no.

The page is to be told from the two that httpd draws by nothing but its URL,
which stays; so much is asserted with the words of the other tests.
"""

import json
import os
import sys
import urllib.parse

from chromium import Browser, Tap, until
from flow import ANN, SITE, code_for, control, reset, tries, wait_for_text, wrong_code
from looks import MEASURE, complaints
from stand import AUTH0JS

if not os.path.exists(AUTH0JS):
    print("1..0 # SKIP no auth0.js: run tools/clients.sh build/clients")
    sys.exit(0)

HOST = SITE["client"]
tap = Tap()
browser = Browser()


def visitor(client=None, **knobs):
    """A visitor nobody has seen, before the page that was wanted."""
    reset(**knobs)
    control("POST", "/clients", {
        "client_id": "page", "kind": "spa", "auth_method": "none", "cross_origin": True,
        "web_origins": [HOST], "callbacks": [HOST + "/.auth0/callback"], **(client or {})})
    browser.get(HOST + "/site.css")
    browser.driver.delete_all_cookies()
    browser.get(HOST + "/members/?tab=2")


def send(address=ANN):
    browser.insert("#pwless-email", address)
    browser.js("document.querySelector('#pwless-sum')?.remove()")
    browser.element("[value=send]").click()
    return until(lambda: browser.has("#pwless-code") or browser.has("#pwless-sum"))


def verify(code):
    """To the page that was wanted, or an error."""
    browser.insert("#pwless-code", code)
    browser.js("document.querySelector('#pwless-sum')?.remove()")
    browser.element("[value=verify]").click()
    return until(lambda: browser.loaded() and
                 (browser.path == "/members/" or browser.has("#pwless-sum")))


def posts(path):
    """Calls that count: browsers ask for leave first, by OPTIONS."""
    return [call for call in control("GET", "/calls?path=" + path) if call["method"] == "POST"]


def mails():
    return len(posts("/passwordless/start"))


def asked():
    return len(posts("/co/authenticate"))


def fault(path, **more):
    control("POST", "/fault", {"path": path, "method": "POST", "times": 1, **more})


def said():
    return browser.text("#pwless-sum")


def foreign_cookies():
    return [c["name"] for c in browser.cdp("Network.getCookies", urls=[HOST])["cookies"]
            if "auth0.auth" in c["name"] or "verifier" in c["name"]]


def look(name):
    bad = set()
    for dark in (False, True):
        for width in (1200, 390, 320):
            browser.shape(width, dark=dark)
            browser.screenshot("auth0js-%s-%d%s" % (name, width, "-dark" if dark else ""))
            bad |= {"%d: %s" % (width, one) for one in complaints(browser.js(MEASURE))}
    browser.scheme(False)
    browser.shape(1200)
    tap.ok(not bad, "L26: %s: contrast, targets, width, nothing inline" % name, *sorted(bad))


def whole():
    visitor()
    tap.same((browser.path, browser.title, browser.text("h1")),
             ("/.auth0/login", "Sign in – Rowing Club", "Sign in"), "L26: step 1")
    tap.same(browser.describe("#pwless-email"),
             {"role": "textbox", "name": "Email address", "description": "",
              "invalid": "false", "focused": True}, "L26: the field has a name and focus")
    look("address")
    page = json.loads(browser.js("JSON.stringify({...document.querySelector("
                                 "'#pwless-client').dataset})"))
    send()
    tap.same((browser.path, browser.title, browser.text("h1"), browser.focused()),
             ("/.auth0/login", "Enter your code – Rowing Club", "Check your email",
              "pwless-code"), "L26: step 2, in the same page, with focus in the field")
    tap.has(browser.text(), "If %s can sign in" % ANN, "L26: the address is there to check")
    tap.has(browser.text("details"), "", "L26: and what to do without a mail")
    look("code")
    start = posts("/passwordless/start")[0]["json"]
    tap.same((start["send"], start["connection"], start["email"], start["authParams"]["state"],
              start["authParams"]["nonce"], start["authParams"]["response_type"]),
             ("code", "email", ANN, page["pwlessState"], page["pwlessNonce"], "code"),
             "O2: the client hands over our state and nonce, and asks for a code")
    tap.ok("client_secret" not in start, "X10: and has no secret")
    tap.same(foreign_cookies(), [], "O2: its cookies are gone again")
    verify(code_for())
    tap.same(browser.url, HOST + "/members/?tab=2", "O21: back at the page that was wanted")
    tap.has(browser.text(), ANN, "L26: the page knows who it is")
    query = dict(urllib.parse.parse_qsl(control("GET", "/calls?path=/authorize")[0]["query"]))
    tap.same((query["state"], query["nonce"], query["code_challenge"],
              query["code_challenge_method"]),
             (page["pwlessState"], page["pwlessNonce"], page["pwlessChallenge"], "S256"),
             "O5: /authorize is given our state, nonce and challenge")
    tap.same((mails(), asked(), tries()), (1, 1, 1),
             "L26: one mail, one try, and one call of ours")
    token = control("GET", "/calls?path=/oauth/token")[0]
    tap.ok("code_verifier" in json.dumps(token), "O5: which carries the verifier")
    tap.same(foreign_cookies(), [], "O2: no cookie of the client is left")
    browser.driver.back()
    tap.ok(until(lambda: browser.loaded() and browser.text("h1") != "Check your email"),
           "L16: Back does not lead to a code that is spent", browser.url)
    tap.same((mails(), tries()), (1, 1), "L16: and asks the tenant nothing")


def mistakes():
    visitor()
    send("")
    tap.same((browser.text("#pwless-email-err"), browser.focused(), mails()),
             ("Error:\nEnter your email address", "pwless-sum", 0),
             "L26: no address: said at the field and in the box, which has focus")
    tap.same((browser.title, browser.describe("#pwless-email")["invalid"]),
             ("Error: Sign in – Rowing Club", "true"), "L26: in title and field, too")
    tap.same(browser.describe("#pwless-email")["description"],
             "Error: Enter your email address", "L26: and told to who cannot see it")
    browser.element("#pwless-sum a").click()
    tap.same((browser.focused(), browser.url.count("#")), ("pwless-email", 0),
             "L26: the box leads to the field and leaves the URL alone")
    look("error")
    send("ann.example.test")
    tap.has(said(), "with an @ and a domain", "L26: no address at all")
    send()
    tap.same((browser.has("#pwless-sum"), mails()), (False, 1), "L26: then a good one")
    for text, words in (("", "Enter the code from the email"), ("12a456", "made of digits only"),
                        ("12 34", "The code has 6 digits")):
        verify(text)
        tap.has(said(), words, "L14: %r: %s" % (text, words))
    tap.same(asked(), 0, "L14: which the tenant is not asked about")
    for which, words in ((1, "2 tries left"), (2, "1 try left"), (3, "That was the last try")):
        verify(wrong_code(which))
        tap.has(said(), words, "L15: mistake %d: %s" % (which, words))
    tap.same((browser.js("document.querySelector('#pwless-code').checkVisibility()"),
              browser.has("#pwless-send.pwless-primary"), asked()),
             (False, True, 3), "L15: the field is gone, a new code is the way on")
    look("spent")


def another():
    visitor()
    send()
    browser.element("#pwless-send").click()
    tap.same((mails(), "You can ask for a new code in" in browser.text("#pwless-say")),
             (1, True), "L18: too early: no mail, and the wait is said")
    browser.element("[value=change]").click()
    tap.same((browser.text("h1"), browser.value("#pwless-email"), browser.focused()),
             ("Sign in", ANN, "pwless-email"), "L26: to change the address, it is there")
    browser.element("[value=send]").click()
    tap.same((browser.text("h1"), mails()), ("Check your email", 1),
             "L18: the same address: the code is still good, no mail")
    tap.ok(wait_for_text(browser, "#pwless-wait", "You can ask for a new code now"),
           "L18: the wait ends", browser.text("#pwless-wait"))
    old = code_for()
    browser.element("#pwless-send").click()
    tap.ok(wait_for_text(browser, "#pwless-note", "We have sent another code"),
           "L18: another code", browser.text())
    tap.same((mails(), browser.has("#pwless-wait")), (2, True), "L18: and a wait again")
    verify(code_for() if code_for() != old else "000000")
    tap.has(browser.text(), ANN, "L18: the newest code works")


def refusals():
    visitor()
    fault("/passwordless/start", fault="status", status=500)
    send()
    tap.has(said(), "not working right now", "L21: the tenant fails")
    send()
    tap.ok(browser.has("#pwless-code"), "L21: and the next try works", said())
    visitor(limits={"start": [1, 3600]})
    send()
    browser.element("[value=change]").click()
    send("ben@example.test")
    tap.has(said(), "Many people are signing in", "L21: too many calls")
    visitor(connection_disabled=["email"])
    send()
    tap.has(said(), "not set up correctly", "L21: a connection that is off")
    visitor(client={"web_origins": []})
    send()
    tap.has(said(), "not working right now", "L21: an origin that is not listed")
    visitor(client={"kind": "web", "auth_method": "post"})
    send()
    tap.has(said(), "not set up correctly", "L21: an application that has to prove itself")
    visitor(client={"cross_origin": False})
    send()
    verify(code_for())
    tap.has(said(), "not set up correctly", "L21: cross-origin authentication is off")
    visitor(signup_disabled=True)
    send("nobody@example.test")
    tap.same((browser.text("h1"), browser.has("#pwless-sum")), ("Check your email", False),
             "L21: an address the tenant does not take looks like any other")
    verify("123456")
    tap.has(said(), "2 tries left", "L21: where every code is wrong")
    visitor()
    send()
    control("POST", "/users", {"email": ANN, "blocked": True})
    verify(code_for() or "123456")
    tap.has(said(), "That is not the code", "L21: a blocked person reads what others read")


def more_than_a_code():
    visitor(bot_detection=True)
    send()
    tap.has(said(), "one more check", "L21: the tenant wants a CAPTCHA")
    look("step")
    browser.element("[value=hosted]").click()
    until(lambda: browser.url.startswith(SITE["tenant"]))
    tap.ok(browser.url.startswith(SITE["tenant"] + "/u/"), "L21: its own page is a press away",
           browser.url)


def without_script():
    browser.use_script(False)
    visitor()
    tap.has(browser.text(), "needs JavaScript here", "L26: without script, it says so")
    look("noscript")
    browser.use_script(True)


def without_file():
    """The page is there and auth0.js is not: a proxy or an extension in between."""
    browser.cdp("Network.enable")
    browser.cdp("Network.setBlockedURLs", urls=["*/assets/auth0.*"])
    visitor()
    tap.has(said(), "not working right now", "L26: without auth0.js, it says so")
    browser.cdp("Network.setBlockedURLs", urls=[])


browser.shape(1200)
whole()
mistakes()
another()
refusals()
more_than_a_code()
without_script()
without_file()
browser.collect()
tap.same(browser.violations, [], "X9: the page keeps to its own policy")
tap.same(browser.failures, [], "L26: no script fails")
tap.same(browser.foreign, [], "L26: no request leaves the machine")
tap.same(control("GET", "/errors"), [], "L26: the stand-in had no failure of its own")
tap.done()
