# SPDX-License-Identifier: Apache-2.0
"""What the tests do again and again: talk to the stand-in, walk the sign-in."""

import json
import urllib.parse
import urllib.request

from chromium import until
from stand import SITE

ANN = "ann@example.test"


def control(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(SITE["control"] + path, data, method=method,
                                     headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read() or b"null")


def reset(**knobs):
    """The tenant as it began, without limits: all tests are one visitor."""
    control("POST", "/reset", {})
    control("POST", "/set", {"limits": None, **knobs})


def calls(path):
    return len(control("GET", "/calls?path=" + path))


def mails():
    return calls("/passwordless/start")


def tries():
    return calls("/oauth/token")


def code_for(address=ANN):
    """The code in the newest mail."""
    query = urllib.parse.urlencode({"to": address})
    found = control("GET", "/messages?" + query)
    return found[0]["code"] if found else None


def wrong_code(which=1, address=ANN):
    """Six digits that are not the code; `which` tells several apart."""
    return "%06d" % ((int(code_for(address)) + which) % 1000000)


def fresh(browser, host="site", **knobs):
    """A visitor nobody has seen, and a tenant that has done nothing."""
    reset(**knobs)
    browser.get(SITE[host] + "/site.css")
    browser.driver.delete_all_cookies()


def ask(browser, address=ANN, path="/members/", host="site"):
    """From the page that was wanted to the form that asks for the code."""
    browser.get(SITE[host] + path)
    browser.insert("#pwless-email", address)
    browser.click("[name=op][value=send]")


def enter(browser, code):
    browser.insert("#pwless-code", code)
    browser.click("[name=op][value=verify]")


def sign_in(browser, address=ANN, path="/members/", host="site"):
    ask(browser, address, path, host)
    enter(browser, code_for(address))


def wait_for_text(browser, selector, part, seconds=10):
    return until(lambda: part in browser.text(selector), seconds)
