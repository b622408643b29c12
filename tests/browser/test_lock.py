# SPDX-License-Identifier: Apache-2.0
"""Lock, bundled from npm, in our page: it asks nobody but the tenant, keeps to
the policy, and ends where every other way in ends."""

import json
import os
import sys
import time
import urllib.parse

from chromium import Browser, Tap, until
from flow import ANN, SITE, code_for, control, reset, tries
from stand import LOCKJS

if not os.path.exists(LOCKJS):
    print("1..0 # SKIP no Lock: run tools/clients.sh build/clients lock, which needs npm")
    sys.exit(0)

HOST = SITE["lock"]
tap = Tap()
browser = Browser()


def posts(path):
    return [call for call in control("GET", "/calls?path=" + path) if call["method"] == "POST"]


def visitor(**knobs):
    reset(**knobs)
    control("POST", "/clients", {
        "client_id": "page", "kind": "spa", "auth_method": "none", "cross_origin": True,
        "connections": ["email"], "web_origins": [HOST],
        "callbacks": [HOST + "/.auth0/callback"]})
    browser.get(HOST + "/site.css")
    browser.driver.delete_all_cookies()
    browser.get(HOST + "/members/?tab=2")
    return until(lambda: ready("[name=email]"), 25)


def ready(field):
    """There, and no longer behind what tells of loading."""
    return browser.js("document.querySelector('%s')?.checkVisibility() && "
                      "document.querySelector('.auth0-lock-submit').checkVisibility() && "
                      "!document.querySelector('.auth0-lock-submit').disabled && "
                      "!document.querySelector('.auth0-lock-mode-loading, .auth0-loading-screen')" % field)


def press(selector, text):
    """Lock slides from step to step for about a second, and what is pressed
    meanwhile is lost."""
    time.sleep(1.5)
    browser.insert(selector, text)
    browser.js("document.querySelector('.auth0-lock-submit').click()")


def foreign_cookies():
    return [c["name"] for c in browser.cdp("Network.getCookies", urls=[HOST])["cookies"]
            if "auth0.auth" in c["name"] or "verifier" in c["name"]]


browser.shape(1200)
tap.ok(visitor(), "X10: Lock shows its first step", browser.text("body"))
wide = []
for width in (1200, 390, 320):
    for dark in (False, True):
        browser.shape(width, dark=dark)
        browser.screenshot("lock-address-%d%s" % (width, "-dark" if dark else ""))
        wide += [width] * browser.js("document.scrollingElement.scrollWidth > innerWidth")
tap.same(wide, [], "L26: nothing scrolls sideways, from 320 pixels on")
tap.same(browser.js("getComputedStyle(document.querySelector('.auth0-lock-input')).fontFamily"
                    " == getComputedStyle(document.querySelector('.auth0-lock-name')).fontFamily"
                    " && document.querySelector('.auth0-lock-input').getClientRects()[0].height < 46"),
         True, "L26: and our style leaves Lock's fields alone")
browser.scheme(False)
browser.shape(1200)
page = json.loads(browser.js("JSON.stringify({...document.querySelector("
                             "'#pwless-client').dataset})"))
press("[name=email]", ANN)
tap.ok(until(lambda: ready("[name=vcode]")), "X10: and its second", browser.text())
browser.screenshot("lock-code-1200")
start = posts("/passwordless/start")[0]["json"]
tap.same((start["send"], start["connection"], start["email"]), ("code", "email", ANN),
         "O2: it asks for a code")
press("[name=vcode]", "000000" if code_for() != "000000" else "111111")
tap.ok(until(lambda: "went wrong" in browser.text(".auth0-global-message-error").lower()),
       "L15: a wrong code: its words", browser.text(".auth0-global-message-error"))
browser.screenshot("lock-wrong-1200")
until(lambda: ready("[name=vcode]"))
press("[name=vcode]", code_for())
until(lambda: browser.path == "/members/" and browser.loaded())
tap.same(browser.url, HOST + "/members/?tab=2", "O21: back at the page that was wanted")
tap.has(browser.text("dl"), ANN, "X10: which knows who it is")
queries = [dict(urllib.parse.parse_qsl(call["query"]))
           for call in control("GET", "/calls?path=/authorize")]
tap.same(len(queries), 1, "X10: no hidden frame asked who is signed in")
tap.same([queries[0].get(name) for name in ("state", "nonce", "code_challenge",
                                            "code_challenge_method", "response_type")],
         [page["pwlessState"], page["pwlessNonce"], page["pwlessChallenge"], "S256", "code"],
         "O5: /authorize is given our state, nonce and challenge")
tap.same((len(posts("/passwordless/start")), tries()), (1, 1), "N1: one mail, one call of ours")
tap.same(foreign_cookies(), [], "O2: no cookie of Lock is left")
browser.collect()
tap.same(browser.violations, [], "X9: Lock keeps to the policy of its page")
tap.same(browser.failures, [], "L26: no script fails")
tap.same(browser.foreign, [], "X10: no request leaves the machine: no CDN, no avatar")
tap.same(control("GET", "/errors"), [], "L26: the stand-in had no failure of its own")
tap.done()
