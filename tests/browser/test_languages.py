# SPDX-License-Identifier: Apache-2.0
"""Pages in three languages, one of them from right to left, and a picture of
each for people: light, dark, on a small telephone."""

from chromium import Browser, Tap
from flow import code_for, enter, fresh, wrong_code
from looks import MEASURE, complaints

ANN = "ann@example.test"
STEPS = {
    "de": ("ltr", "Anmelden", "Code eingeben"),
    "ar": ("rtl", "تسجيل الدخول", "أدخل الرمز"),
    "ja": ("ltr", "サインイン", "コードの入力"),
}

tap = Tap()
browser = Browser()


def look(name):
    """Measured in both schemes, and at the width of a telephone."""
    bad = set()
    for dark in (False, True):
        for width in (1200, 320):
            browser.shape(width, dark=dark)
            browser.screenshot("%s-%d%s" % (name, width, "-dark" if dark else ""))
            bad |= set(complaints(browser.js(MEASURE)))
    browser.scheme(False)
    browser.shape(1200)
    tap.ok(not bad, "L26: %s: contrast, targets, width, nothing inline" % name, *sorted(bad))


def style(selector, name):
    return browser.js("return getComputedStyle(document.querySelector(%r))[%r]" % (selector, name))


def text(selector):
    return browser.js("return document.querySelector(%r).textContent.trim()" % selector)


browser.shape(1200)
for tag, (direction, first, second) in STEPS.items():
    fresh(browser, host="tongues")
    browser.driver.execute_cdp_cmd("Network.enable", {})
    browser.driver.execute_cdp_cmd("Network.setExtraHTTPHeaders",
                                   {"headers": {"Accept-Language": tag}})
    from flow import SITE
    browser.get(SITE["tongues"] + "/members/")
    tap.same(browser.js("return [document.documentElement.lang, document.documentElement.dir]"),
             [tag, direction], "%s: the page says its language" % tag)
    tap.same(text("h1"), first, "%s: step 1 speaks it" % tag)
    tap.same(style("h1", "direction"), direction, "%s: words run as they should" % tag)
    tap.same(style("#pwless-email", "direction"), "ltr", "%s: addresses from left to right" % tag)
    look("lang-%s-1" % tag)
    browser.insert("#pwless-email", ANN)
    browser.click("[name=op]")
    browser.until("#pwless-code") if hasattr(browser, "until") else None
    tap.same(style("#pwless-code", "direction"), "ltr", "%s: codes from left to right" % tag)
    browser.js("document.querySelector('details').open = true")
    look("lang-%s-2" % tag)
    enter(browser, wrong_code(address=ANN))
    look("lang-%s-wrong" % tag)
    enter(browser, code_for(ANN))
    tap.ok("/members/" in browser.driver.current_url, "%s: and a code signs in" % tag)
browser.collect()
tap.same(browser.violations, [], "X9: no page breaks its own policy")
tap.same(browser.failures, [], "L26: no script fails")
tap.done()
