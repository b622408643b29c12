# SPDX-License-Identifier: Apache-2.0
"""The whole sign-in in a browser, first without script, then with it.

What the visitor sees is asserted beside what the tenant was asked: a mail or a
try too many is the failure people notice.
"""

from chromium import Browser, Tap, until
from flow import (ANN, SITE, ask, calls, code_for, control, enter, fresh, mails, reset,
                  sign_in, tries, wrong_code)
from selenium.webdriver import ActionChains

tap = Tap()
browser = Browser()
SITE_URL = SITE["site"]


def whole(how):
    fresh(browser)
    browser.get(SITE_URL + "/members/?tab=2#/deep/link")
    tap.same((browser.path, browser.title), ("/.auth0/login", "Sign in – Rowing Club"),
             "L26: %s: a guarded page leads to the form" % how)
    tap.same(browser.describe("#pwless-email"),
             {"role": "textbox", "name": "Email address", "description": "",
              "invalid": "false", "focused": True},
             "L26: %s: the address field has a name and focus" % how)
    browser.insert("#pwless-email", ANN)
    browser.click("[name=op]")
    tap.same((browser.path, browser.text("h1"), mails()),
             ("/.auth0/code", "Check your email", 1), "L26: %s: one mail is sent" % how)
    tap.ok("example" not in browser.url and "@" not in browser.url,
           "L26: %s: no address in the URL" % how, browser.url)
    fields(how)
    enter(browser, code_for())
    tap.same(browser.url, SITE_URL + "/members/?tab=2#/deep/link",
             "L26: %s: back at the deep link, fragment and all" % how)
    tap.has(browser.text(), ANN, "L26: %s: the page knows who it is" % how)
    tap.same((mails(), tries()), (1, 1), "L26: %s: one mail, one try" % how)


def fields(how):
    told = browser.describe("#pwless-code")
    tap.same((told["name"], told["invalid"], told.get("focused")),
             ("6-digit code", "false", True), "L26: %s: the code field's name" % how)
    tap.same(told["description"],
             "You can paste it. Spaces and dashes are fine. The code works for 3 minutes. "
             "Only the newest email counts.", "L26: %s: and its description" % how)
    wanted = {"type": "text", "inputmode": "numeric", "autocomplete": "one-time-code",
              "autocapitalize": "none", "autocorrect": "off", "spellcheck": "false",
              "enterkeyhint": "done", "dir": "ltr", "maxlength": None, "pattern": None}
    tap.same({name: browser.attribute("#pwless-code", name) for name in wanted}, wanted,
             "L26: %s: the code field's attributes" % how)


def mistakes(how, focus_in):
    fresh(browser)
    ask(browser)
    enter(browser, "12 34")
    tap.has(browser.text(".pwless-err"), "The code has 6 digits. You entered 4",
            "L14: %s: a short code is told both numbers" % how)
    tap.same(tries(), 0, "L14: %s: and costs no try" % how)
    typed = wrong_code()
    enter(browser, typed)
    told = browser.describe("#pwless-code")
    message = "That is not the code in the newest email. 2 tries left with this code"
    tap.has(browser.text(".pwless-err"), message, "L26: %s: a wrong code is told" % how)
    tap.ok(told["description"].startswith("Error: " + message + " You can paste it."),
           "L26: %s: the field's description begins with the error" % how, told)
    tap.same((told["invalid"], browser.value("#pwless-code")), ("true", typed),
             "L26: %s: the field is marked, what was typed is kept" % how)
    tap.ok(browser.title.startswith("Error: "), "L26: %s: the title says so first" % how,
           browser.title)
    tap.same(browser.focused(), focus_in, "L26: %s: focus is where the message is" % how)
    enter(browser, wrong_code(2))
    tap.has(browser.text(".pwless-sum"), "1 try left", "L15: %s: one try left" % how)
    enter(browser, wrong_code(3))
    tap.has(browser.text(".pwless-sum"), "That was the last try for this code",
            "L15: %s: the third mistake spends the code" % how)
    tap.same((browser.has("#pwless-code"), browser.has("#pwless-send.pwless-primary")),
             (False, True), "L15: %s: no field, and a new code is the way on" % how)
    tap.same((mails(), tries()), (1, 3), "L15: %s: one mail, three tries" % how)


PASTED = ("123 456", "123–456", " 123456\n", "１２３４５６", "١٢٣٤٥٦",
          "Your code is 123456")


def pasted(how, script):
    fresh(browser, fixed_code="123456")
    ask(browser)
    for text in PASTED if script else ():
        browser.insert("#pwless-code", text)
        tap.same(browser.value("#pwless-code"), "123456",
                 "L14: %s: %r becomes six digits" % (how, text))
    for text in PASTED[::5]:
        browser.driver.delete_all_cookies()
        ask(browser)
        enter(browser, text)
        tap.same((browser.path, tries()), ("/members/", 1),
                 "L14: %s: %r pasted signs in" % (how, text))
        reset(fixed_code="123456")


def ways_back(how):
    fresh(browser)
    ask(browser)
    browser.driver.refresh()
    browser.driver.refresh()
    tap.same((browser.text("h1"), mails(), tries()), ("Check your email", 1, 0),
             "L18: %s: reload sends no mail and uses no try" % how)
    browser.driver.back()
    browser.driver.forward()
    tap.same((browser.text("h1"), mails()), ("Check your email", 1),
             "L18: %s: nor do Back and Forward" % how)
    tap.has(browser.text("#pwless-wait"), "You can ask for a new code in",
            "L18: %s: the wait is named" % how)
    browser.click("#pwless-send")
    tap.same((browser.path, mails()), ("/.auth0/code", 1),
             "L18: %s: an early press sends no mail" % how)
    browser.click("[name=op][value=change]")
    tap.same((browser.text("h1"), browser.value("#pwless-email")), ("Sign in", ANN),
             "L26: %s: to change the address, it is there" % how)
    browser.click("[name=op][value=code]")
    tap.same((browser.text("h1"), mails()), ("Check your email", 1),
             "L18: %s: back to the code that is still good" % how)
    enter(browser, code_for())
    browser.driver.back()
    tap.ok(until(lambda: browser.path == "/members/") or browser.path == "/.auth0/login",
           "L16: %s: Back after signing in ends at a page of the site" % how, browser.url)
    tap.same((mails(), tries()), (1, 1), "L16: %s: and asks the tenant nothing" % how)


def twice(how):
    fresh(browser, delay=0.3)
    browser.get(SITE_URL + "/members/")
    browser.insert("#pwless-email", ANN)
    double_click("[name=op]")
    until(lambda: browser.path == "/.auth0/code")
    browser.settle()
    tap.same((browser.path, mails()), ("/.auth0/code", 1),
             "L18: %s: a double click sends one mail" % how)
    browser.insert("#pwless-code", until(code_for))
    double_click("[name=op][value=verify]")
    until(lambda: browser.path == "/members/")
    browser.settle()
    tap.same((browser.path, tries()), ("/members/", 1),
             "L16: %s: a double click signs in once" % how)
    tap.has(browser.text(), ANN, "L16: %s: and is signed in" % how)


def double_click(selector):
    ActionChains(browser.driver).double_click(browser.element(selector)).perform()


def new_code(how):
    fresh(browser)
    ask(browser, host="quick")
    old = code_for()
    until(lambda: calls("/passwordless/start") and send_again() == 2, 12)
    tap.same(mails(), 2, "L18: %s: after the wait, a press sends another mail" % how)
    tap.has(browser.text(".pwless-note"), "We have sent another code",
            "L18: %s: and says so" % how)
    enter(browser, code_for() if code_for() != old else "000000")
    tap.same(browser.path, "/members/", "L18: %s: the newest code works" % how)


def send_again():
    browser.click("#pwless-send")
    return mails()


def signed_in(how):
    fresh(browser)
    sign_in(browser)
    browser.get(SITE_URL + "/.auth0/login")
    tap.same(browser.text("h1"), "Already signed in", "L26: %s: already signed in" % how)
    browser.get(SITE_URL + "/members/board.shtml")
    tap.same((browser.text("h1"), ANN in browser.text()), ("Not open to this account", True),
             "L26: %s: a page for somebody else says who one is" % how)
    browser.get(SITE_URL + "/.auth0/logout")
    tap.has(browser.text(), ANN, "S16: %s: to sign out takes a button" % how)
    browser.click("main button")
    tap.same((browser.path, browser.text("h1")), ("/.auth0/logout", "Signed out"),
             "S16: %s: signed out" % how)
    browser.get(SITE_URL + "/members/")
    tap.same(browser.path, "/.auth0/login", "S16: %s: the session is gone" % how)


def way_out(how):
    fresh(browser, mfa=True)
    browser.get(SITE_URL + "/members/?tab=2#/deep/link")
    browser.insert("#pwless-email", ANN)
    browser.click("[name=op]")
    enter(browser, code_for())
    tap.ok(until(lambda: browser.url.startswith("https://") and "/u/login/" in browser.url),
           "L20: %s: a second factor: the form leads to the tenant's page" % how, browser.url)
    tap.has(browser.text(), ANN, "L20: %s: which knows the address" % how)
    for code in (code_for(), "000000"):
        browser.insert("[name=code]", code)
        browser.click("main button")
    tap.ok(until(lambda: browser.path == "/members/"), "L20: %s: and back" % how, browser.url)
    tap.has(browser.text(), ANN, "L20: %s: signed in" % how)
    fresh(browser, bot_detection=True)
    ask(browser)
    tap.ok(until(lambda: "/u/login/" in browser.url),
           "L20: %s: a CAPTCHA first: so does the form for the address" % how, browser.url)


def strict():
    """An operator's own policy comes on top of ours: no style, no script."""
    browser.collect()
    seen = len(browser.violations)
    fresh(browser)
    sign_in(browser, host="strict")
    tap.has(browser.text(), ANN, "L26: with a site-wide default-src 'none': signed in")
    browser.collect()
    tap.ok(len(browser.violations) > seen, "X9: violations would have been heard")
    del browser.violations[seen:]


for script in (False, True):
    browser.use_script(script)
    how = "with script" if script else "without script"
    fresh(browser)
    browser.get(SITE_URL + "/")
    tap.same(browser.js("matchMedia('(scripting: none)').matches"), not script,
             "L26: %s it is" % how)
    whole(how)
    mistakes(how, "pwless-sum" if script else "pwless-code")
    pasted(how, script)
    ways_back(how)
    twice(how)
    new_code(how)
    signed_in(how)
    way_out(how)
strict()
browser.collect()
tap.same(browser.violations, [], "X9: no page breaks its own policy")
tap.same(browser.failures, [], "L26: no script fails")
tap.same(browser.foreign, [], "L26: no request leaves the machine")
tap.same(control("GET", "/errors"), [], "L26: the stand-in had no failure of its own")
tap.done()
