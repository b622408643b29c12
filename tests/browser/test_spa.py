# SPDX-License-Identifier: Apache-2.0
"""The example of docs/spa.md, as it stands there: a page of the site that draws
its own forms and speaks JSON with the module.
"""

import json
import os

from chromium import Browser, Tap, until
from flow import ANN, SITE, calls, code_for, control, fresh, mails, tries, wrong_code
from stand import TOP, WORK

with open(os.path.join(TOP, "docs/spa.html"), encoding="utf-8") as source:
    EXAMPLE = source.read()
with open(f"{WORK}/site/spa.html", "w", encoding="utf-8") as out:
    out.write(EXAMPLE)

# A sign-in beside the page's own.
OTHER = """
window.send = (name, form) => fetch('/.auth0/' + name, form ?
  {method: 'POST', body: JSON.stringify(form), headers: {'Content-Type': 'application/json'}} :
  {headers: {Accept: 'application/json'}}).then((a) => a.json()).then((a) => window.last = a);
window.sign = (email) => send('login?why=other').then((a) => send('login', {email, t: a.t}));
window.enter = (code) => send('code', {code, t: last.t}).then((a) => a.signed_in);
"""

tap = Tap()
browser = Browser()


def shown():
    """Which of the three forms is on show, once the page has settled."""
    return until(lambda: browser.js(
        "[...document.forms].filter((f) => f.offsetHeight).map((f) => f.id).join()"))


def said(part):
    return until(lambda: part in browser.text("#say"))


def begin(host="site", **knobs):
    fresh(browser, host, **knobs)
    browser.get(SITE[host] + "/spa.html")
    until(lambda: shown() == "login")


def press(selector):
    browser.element(selector).click()


def ask(address=ANN):
    browser.insert("[name=email]", address)
    press("#login button")
    return until(lambda: shown() == "code" or browser.text("#say"))


def try_code(code):
    browser.insert("[name=code]", code)
    press("#code button")


def status_of(path):
    """What the application answers a script of this page."""
    return browser.js("fetch(%s, {headers: {Accept: 'text/html'}}).then((a) => a.status)"
                      % json.dumps(path))


def whole_way():
    begin()
    tap.same(shown(), "login", "nobody is signed in: the page asks for an address")
    tap.same(browser.js("document.activeElement.name"), "email", "with the focus in the field")
    tap.same(status_of("/members/"), 401, "X11: its script is refused by the application")
    ask("ann@")
    tap.ok(said("Enter an address with an @"), "L7: what is no address is told", browser.text("#say"))
    tap.same((shown(), mails()), ("login", 0), "L7: at once, without a mail")
    ask()
    tap.ok(said("If %s can sign in" % ANN), "the code is on its way, if", browser.text("#say"))
    tap.same((shown(), mails()), ("code", 1), "and the page asks for it")
    try_code("12")
    tap.ok(said("You entered 2"), "L14: what is no code is told", browser.text("#say"))
    try_code(wrong_code())
    tap.ok(said("2 tries left"), "L17: a wrong code is told", browser.text("#say"))
    tap.same((shown(), tries()), ("code", 1), "L17: and used one try")
    browser.screenshot("spa-wrong")
    press("[value=send]")
    said("is on its way")
    press("[value=change]")
    tap.ok(until(lambda: shown() == "login"), "back to the address")
    tap.same(browser.value("[name=email]"), ANN, "which is still there")
    ask()
    browser.insert("[name=code]", code_for())
    browser.element("[name=code]").send_keys("\n")
    tap.ok(said("Signed in as " + ANN), "Enter in the field signs in", browser.text("#say"))
    tap.same((shown(), mails(), tries()), ("logout", 1, 2), "L18: with one mail in all")
    browser.screenshot("spa-signed-in")
    tap.same(status_of("/members/"), 200, "the application knows her")
    browser.driver.refresh()
    tap.ok(said("Signed in as " + ANN), "and so does the page after a reload")
    press("#logout button")
    tap.ok(until(lambda: shown() == "login"), "signing out leads back to the start")
    tap.same(status_of("/members/"), 401, "and is true")
    ask("bob@example.test")
    said("bob@example.test")
    try_code(code_for("bob@example.test"))
    tap.ok(said("Signed in as bob@example.test"), "the next person needs no reload",
           browser.text("#say"))


def stale():
    """Somebody else signed in, or nobody is, since the page was told."""
    begin()
    ask()
    try_code(code_for())
    said("Signed in as " + ANN)
    browser.js(OTHER)
    browser.js("sign('bob@example.test')")
    done = browser.js("enter(%s)" % json.dumps(code_for("bob@example.test")))
    tap.same((done, status_of("/members/")), (True, 200), "another script signs in as Bob")
    press("#logout button")
    tap.ok(until(lambda: shown() == "login"), "S4: the button ends the session there is now")
    tap.same(status_of("/members/"), 401, "S4: which is his")
    ask()
    try_code(code_for())
    said("Signed in as " + ANN)
    browser.driver.delete_all_cookies()
    press("#logout button")
    tap.ok(until(lambda: shown() == "login"), "signing out without a session is no error")


def three_misses():
    begin("quick")
    ask()
    for miss in (1, 2, 3):
        try_code(wrong_code(miss))
        said("2 tries left" if miss == 1 else "1 try left" if miss == 2 else "last try")
    tap.has(browser.text("#say"), "That was the last try for this code", "L17: three misses")
    until(lambda: False, 3.2)
    press("[value=send]")
    tap.ok(said("We have sent another code"), "L17: a new code helps", browser.text("#say"))
    try_code(code_for())
    tap.ok(said("Signed in as " + ANN), "L17: and signs in", browser.text("#say"))


def second_factor():
    begin()
    ask()
    control("POST", "/set", {"mfa": True})
    try_code(code_for())
    tap.ok(until(lambda: browser.path.startswith("/u/login")),
           "L20: a second factor leads to the tenant's own page", browser.url)
    control("POST", "/set", {"mfa": []})


def cookies_gone():
    begin()
    browser.driver.delete_all_cookies()
    browser.insert("[name=email]", ANN)
    press("#login button")
    tap.ok(said("This sign-in took longer"), "L3: a lost cookie is told", browser.text("#say"))
    tap.same((shown(), mails()), ("login", 0), "L3: no mail was sent")
    press("#login button")
    tap.ok(until(lambda: shown() == "code"), "L3: the next press gets on")


def other_origin():
    """Another origin of the same host name, which has our cookies."""
    fresh(browser)
    browser.get(SITE["site"] + "/spa.html")
    shown()
    t = browser.js("fetch('/.auth0/login', {headers: {Accept: 'application/json'}})"
                   ".then((a) => a.json()).then((a) => a.t)")
    tap.ok(t, "L2: a token that is good")
    browser.get(SITE["quick"] + "/site.css")
    body = json.dumps(json.dumps({"email": ANN, "t": t}))
    for what, options in (
            ("JSON", "headers: {'Content-Type': 'application/json'}"),
            ("JSON without asking", "mode: 'no-cors', headers: {'Content-Type': 'application/json'}"),
            ("JSON as plain text", "mode: 'no-cors', headers: {'Content-Type': 'text/plain'}")):
        answer = browser.js(
            "fetch('%s/.auth0/login', {method: 'POST', credentials: 'include', body: %s, %s})"
            ".then((a) => a.type, () => 'blocked')" % (SITE["site"], body, options))
        tap.ok(answer in ("blocked", "opaque"), "L2: %s from another origin reads nothing" % what,
               answer)
    tap.same(calls("/passwordless/start"), 0, "L2: and sends no mail")


code = EXAMPLE.count("\n")
tap.ok(code <= 45, "the example is short", code)
whole_way()
stale()
three_misses()
second_factor()
cookies_gone()
other_origin()
browser.collect()
tap.same(browser.failures, [], "L26: no script fails")
tap.same(browser.foreign, [], "L26: no request leaves the machine")
tap.done()
