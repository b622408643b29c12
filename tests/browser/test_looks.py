# SPDX-License-Identifier: Apache-2.0
"""How every page looks, measured, and a picture of each for people.

Each state of states.py is held, in light and dark and at three widths, to
what a person with weak sight, a small telephone or a blunt finger needs.
"""

from chromium import Browser, Tap
from flow import fresh
from looks import MEASURE, complaints
from states import OTHERS, OURS

WIDTHS = (1200, 390, 320)

tap = Tap()
browser = Browser()
worst = {"text": (99, ""), "edge": (99, "")}


def measure(name, dark):
    found = browser.js(MEASURE)
    for what in worst:
        worst[what] = min(worst[what], (found[what][0], name + ": " + found[what][1]))
    return {"%s: %s %s" % (name, "dark" if dark else "light", complaint)
            for complaint in complaints(found)}


def zoomed(name):
    """Text of twice the size on a small telephone."""
    browser.js("document.documentElement.style.fontSize = '200%'")
    found = browser.js(MEASURE)
    browser.screenshot(name + "-320-zoom")
    browser.js("document.documentElement.style.fontSize = ''")
    return found


def look(name, ours):
    bad = set()
    for dark in (False, True):
        for width in WIDTHS:
            browser.shape(width, dark=dark)
            browser.screenshot("%s-%d%s" % (name, width, "-dark" if dark else ""))
            if width != 390:
                bad |= measure(name, dark)
    browser.scheme(False)
    big = zoomed(name)
    if ours:
        tap.ok(not bad, "L26: %s: contrast, targets, width, nothing inline" % name,
               *sorted(bad))
    tap.ok(not big["scrolls"], "L26: %s: text twice as large does not scroll sideways"
           % name, big["wide"])
    browser.shape(1200)


browser.shape(1200)
fresh(browser)
for kind, states in (("ours", OURS), ("others", OTHERS)):
    for name, go in states:
        go(browser)
        look(name, kind == "ours")
browser.collect()
tap.same(browser.violations, [], "X9: no page breaks its own policy")
tap.same(browser.failures, [], "L26: no script fails")
tap.same(browser.foreign, [], "L26: no request leaves the machine")
for what, (ratio, where) in worst.items():
    print("# lowest contrast of %s: %.2f:1 (%s)" % (what, ratio, where))
tap.done()
