# SPDX-License-Identifier: Apache-2.0
"""Every page and state a visitor can see, and how to get there.

A row is a name and a function that leaves the browser on the page; each goes
on from the one before.
"""

from chromium import until
from flow import SITE, ask, control, enter, fresh, sign_in, wrong_code

def first_visit(browser):
    browser.get(SITE["site"] + "/members/")


def address_empty(browser):
    browser.insert("#pwless-email", "")
    browser.click("[name=op]")


def address_format(browser):
    browser.insert("#pwless-email", "ann.example.test")
    browser.click("[name=op]")


def code_asked(browser):
    ask(browser, "annabel.featherstonehaugh-cholmondeley@rowing.example.test")
    browser.js("document.querySelector('details').open = true")


def code_new(browser):
    fresh(browser)
    ask(browser)


def code_short(browser):
    enter(browser, "12 34")


def code_wrong(browser):
    enter(browser, wrong_code())


def address_again(browser):
    browser.click("[name=op][value=change]")


def code_spent(browser):
    browser.click("[name=op][value=code]")
    enter(browser, wrong_code(2))
    enter(browser, wrong_code(3))


def code_old(browser):
    fresh(browser)
    ask(browser, host="quick")
    until(lambda: "too old" in browser.text(".pwless-hint"), 12)


def code_again(browser):
    browser.click("[name=op][value=send]")


def code_old_reload(browser):
    until(lambda: "too old" in browser.text(".pwless-hint"), 12)
    enter(browser, "123456")


def tenant_down(browser):
    fresh(browser)
    control("POST", "/fault", {"path": "/passwordless/start", "fault": "status",
                               "status": 500, "times": 1})
    ask(browser)


def misconfigured(browser):
    fresh(browser)
    control("POST", "/set", {"connection_disabled": ["email"]})
    ask(browser)


def link_used(browser):
    browser.get(SITE["site"] + "/.auth0/callback?code=abc&state=xyz")


def second_check(browser):
    fresh(browser, mfa=True, authorize_error={"error": "interaction_required"})
    sign_in(browser)


def phone(browser):
    fresh(browser)
    browser.get(SITE["phone"] + "/members/")


def phone_format(browser):
    browser.insert("#pwless-phone", "0470")
    browser.click("[name=op]")


def phone_code(browser):
    browser.insert("#pwless-phone", "0470 12 34 56")
    browser.click("[name=op]")


def signed_out(browser):
    browser.get(SITE["site"] + "/.auth0/logout")


def needs_cookies(browser):
    browser.driver.delete_all_cookies()
    browser.get(SITE["site"] + "/.auth0/login" + "?check=1")


def members(browser):
    fresh(browser)
    sign_in(browser)


def denied(browser):
    members(browser)
    browser.get(SITE["site"] + "/members/board.shtml")


def already(browser):
    browser.get(SITE["site"] + "/.auth0/login")


def logout(browser):
    browser.get(SITE["site"] + "/.auth0/logout")


def form_of_the_site(browser):
    browser.get(SITE["site"] + "/members/form.shtml")


def unsent(browser):
    form_of_the_site(browser)
    browser.driver.delete_all_cookies()
    browser.insert("#entry", "12 km, calm")
    browser.click("main button")


def status(browser):
    browser.get(SITE["site"] + "/status")


def sessions(browser):
    browser.get(SITE["site"] + "/sessions")


def home(browser):
    browser.get(SITE["site"] + "/")


def hosted(browser):
    fresh(browser, mfa=True)
    sign_in(browser)


def mailbox(browser):
    browser.get(SITE["mail"])


# Ours are held to the letter, those of the demo and the mailbox to the eye.
OURS = [
    ("login", first_visit), ("login-empty", address_empty),
    ("login-format", address_format), ("code-help", code_asked), ("code", code_new),
    ("code-short", code_short), ("code-wrong", code_wrong),
    ("login-again", address_again), ("code-spent", code_spent),
    ("code-old", code_old), ("code-again", code_again),
    ("code-expired", code_old_reload), ("down", tenant_down),
    ("misconfigured", misconfigured), ("callback", link_used),
    ("second-check", second_check), ("phone", phone), ("phone-format", phone_format),
    ("phone-code", phone_code), ("cookies", needs_cookies), ("out", signed_out),
    ("denied", denied), ("already", already), ("logout", logout), ("unsent", unsent),
    ("status", status), ("sessions", sessions),
]
OTHERS = [("demo-members", members), ("demo-form", form_of_the_site),
          ("demo-home", home), ("hosted", hosted), ("mailbox", mailbox)]
