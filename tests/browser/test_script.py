# SPDX-License-Identifier: Apache-2.0
"""What the script adds: countdowns, notices from other tabs, a form kept.

Nothing here is needed to sign in (test_signin.py does without). Times are real
and short: the host `quick` has a code that lives 4 seconds.
"""

import time
import urllib.parse

from chromium import Browser, Tap, until
from flow import ANN, SITE, ask, code_for, enter, fresh, mails, sign_in, wrong_code

tap = Tap()
browser = Browser()


def tab(number):
    browser.driver.switch_to.window(browser.driver.window_handles[number])


def countdown():
    fresh(browser)
    ask(browser)
    asked = time.monotonic()
    shown = set()
    until(lambda: shown.add(browser.text("#pwless-wait .pwless-time")) or len(shown) > 2, 6)
    tap.ok(len(shown) > 2, "L26: the wait for another code ticks", shown)
    tap.same(browser.text("#pwless-life .pwless-time"), "3 minutes",
             "L26: the code's life does not lose a minute at once")
    tap.same(browser.js("[...document.querySelectorAll('[role=status],[role=alert]')]"
                        ".map((at) => at.textContent).join('')"), "",
             "L26: a ticking clock is not read out")
    # Within ten seconds a press is a second click, which is told nothing.
    time.sleep(max(0, asked + 10.5 - time.monotonic()))
    browser.click("#pwless-send")
    tap.has(browser.text(".pwless-note"), "You can ask for a new code in",
            "L18: an early press is told how long to wait")
    tap.same((mails(), browser.title.startswith("Error")), (1, False),
             "L18: sends nothing, and is no error")
    browser.driver.refresh()
    tap.ok(not browser.has(".pwless-note"), "L18: a reload does not say it again")


def expiry():
    fresh(browser)
    ask(browser, host="quick")
    browser.insert("#pwless-code", "12")
    tap.ok(until(lambda: browser.text("#pwless-wait") == "You can ask for a new code now."),
           "L26: the end of the wait is shown", browser.text("#pwless-wait"))
    tap.same(browser.js("document.querySelector('#pwless-say').textContent"),
             "You can ask for a new code now.", "L26: and told politely")
    tap.ok(until(lambda: "too old now" in browser.text(".pwless-hint")),
           "L26: the end of the code is shown", browser.text(".pwless-hint"))
    tap.has(browser.js("document.querySelector('#pwless-cry').textContent"),
            "The code is too old now", "L26: and told at once")
    tap.same((browser.value("#pwless-code"), browser.path, browser.focused()),
             ("12", "/.auth0/code", "pwless-code"),
             "L26: the page stays, with what was typed")
    tap.same((browser.has("#pwless-send.pwless-primary"),
              browser.has("[value=verify].pwless-primary")), (True, False),
             "L26: a new code is the main way on")
    tap.same(mails(), 1, "L18: nothing was sent by itself")


def summary_link():
    fresh(browser)
    ask(browser, path="/members/#/deep")
    enter(browser, wrong_code())
    tap.same(browser.focused(), "pwless-sum", "L26: focus goes to the error box")
    browser.element(".pwless-sum a").click()
    tap.same((browser.focused(), browser.js("location.hash")), ("pwless-code", "#/deep"),
             "L26: its link leads to the field and leaves the fragment alone")


def second_click():
    """What the script itself keeps back, before the server has to."""
    fresh(browser)
    browser.get(SITE["site"] + "/members/")
    posts = browser.js(
        "(() => { let posts = 0; const form = document.querySelector('form');"
        "addEventListener('submit', (e) => { posts += !e.defaultPrevented; "
        "e.preventDefault(); });"
        "form.requestSubmit(); form.requestSubmit(); return posts; })()")
    tap.same(posts, 1, "L18: a second click within two seconds is the first")


def other_tab():
    fresh(browser)
    ask(browser, path="/members/?first#/part")
    browser.driver.switch_to.new_window("tab")
    browser.prepare_tab()
    sign_in(browser, path="/members/?second")
    tap.has(browser.text(), ANN, "L26: signed in, in a second tab")
    tab(0)
    tap.ok(until(lambda: "You are signed in now." in browser.text(".pwless-note"), 12),
           "L26: the first tab hears of it", browser.text())
    browser.screenshot("noticed")
    browser.click(".pwless-note button")
    until(lambda: browser.path == "/members/")
    tap.same(browser.url, SITE["site"] + "/members/?first#/part",
             "L26: and goes on to its own page")
    tap.same(mails(), 1, "L18: both tabs shared one mail")
    tab(1)
    browser.driver.close()
    tab(0)


def unsent():
    fresh(browser)
    sign_in(browser, path="/members/form.shtml")
    wrote = "12 km & no wind; Übung = 100 %"
    browser.insert("#entry", wrote)
    browser.driver.delete_all_cookies()
    browser.click("main button")
    tap.same(browser.text("h1"), "Not sent yet", "L26: a form of a lost session is kept")
    tap.has(browser.text(), "Your text is still in this window", "L26: and it says so")
    browser.element("main a").click()
    until(lambda: len(browser.driver.window_handles) == 2)
    tab(1)
    browser.prepare_tab()
    browser.driver.refresh()
    browser.insert("#pwless-email", ANN)
    browser.click("[name=op][value=send]")
    enter(browser, code_for())
    tab(0)
    tap.ok(until(lambda: browser.text(".pwless-note button") == "Send it now", 12),
           "L26: after signing in, it can be sent", browser.text())
    browser.screenshot("unsent-ready")
    browser.click(".pwless-note button")
    until(lambda: ANN in browser.text("body"))
    who, _, body = browser.text("body").partition("\n")
    tap.same((who, urllib.parse.parse_qs(body.strip())),
             (ANN + " POST", {"entry": [wrote]}), "L26: and is sent again as it was")
    tab(1)
    browser.driver.close()
    tab(0)


for test in (countdown, expiry, summary_link, second_click, other_tab, unsent):
    test()
browser.collect()
tap.same(browser.violations, [], "X9: no page breaks its own policy")
tap.same(browser.failures, [], "L26: no script fails")
tap.same(browser.foreign, [], "L26: no request leaves the machine")
tap.done()
