# SPDX-License-Identifier: Apache-2.0
"""Pages in three languages, one of them from right to left, and in all of them
the page with the longest words and a wait; a picture of each for people: light,
dark, on a small telephone."""

from chromium import Browser, Tap
from flow import SITE, ask, code_for, enter, fresh, wrong_code
from looks import MEASURE, complaints

STEPS = {
    "de": ("ltr", "Anmelden", "Code eingeben"),
    "ar": ("rtl", "تسجيل الدخول", "أدخل الرمز"),
    "ja": ("ltr", "サインイン", "コードの入力"),
}

# How each says that it is about four days.
DAYS = {
    "en": "in about 4 days,", "de": "etwa 4 Tage", "es": "alrededor de 4 días",
    "fr": "environ 4 jours", "it": "circa 4 giorni", "nl": "ongeveer 4 dagen",
    "pl": "około 4 dni", "pt-BR": "cerca de 4 dias", "ja": "約 4 日", "ar": "نحو 4 أيام",
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


def speak(tag):
    browser.cdp("Network.enable")
    browser.cdp("Network.setExtraHTTPHeaders", headers={"Accept-Language": tag})


def direction(selector):
    return browser.js("getComputedStyle(document.querySelector(%r)).direction" % selector)


browser.shape(1200)
for tag, (runs, first, second) in STEPS.items():
    fresh(browser, host="tongues")
    speak(tag)
    ann = tag + "@example.test"
    browser.get(SITE["tongues"] + "/members/")
    tap.same([browser.js("document.documentElement.lang"), browser.js("document.documentElement.dir")],
             [tag, runs], "%s: the page says its language" % tag)
    tap.same(browser.text("h1"), first, "%s: step 1 speaks it" % tag)
    tap.same(direction("h1"), runs, "%s: words run as they should" % tag)
    tap.same(direction("#pwless-email"), "ltr", "%s: addresses from left to right" % tag)
    look("lang-%s-1" % tag)
    browser.insert("#pwless-email", ann)
    browser.click("[name=op][value=send]")
    tap.has(browser.title, second, "%s: step 2 speaks it" % tag)
    tap.same(direction("#pwless-code"), "ltr", "%s: codes from left to right" % tag)
    browser.js("document.querySelector('details').open = true")
    look("lang-%s-2" % tag)
    enter(browser, wrong_code(address=ann))
    look("lang-%s-wrong" % tag)
    enter(browser, code_for(ann))
    tap.same(browser.path, "/members/", "%s: and a code signs in" % tag)
for tag, days in DAYS.items():
    fresh(browser, host="tongues")
    speak(tag)
    ann = "paused-%s@example.test" % tag
    ask(browser, ann, host="tongues")
    for which in (1, 2, 3):
        enter(browser, wrong_code(which, ann))
    tap.same(browser.js("document.documentElement.lang"), tag, "%s: the third wrong code" % tag)
    tap.has(browser.text("main"), days, "L12: %s: the page names the wait" % tag)
    look("lang-%s-paused" % tag)
browser.collect()
tap.same(browser.violations, [], "X9: no page breaks its own policy")
tap.same(browser.failures, [], "L26: no script fails")
tap.done()
