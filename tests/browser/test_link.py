# SPDX-License-Identifier: Apache-2.0
"""Signing in by a mailed link: the tab that asked, the tab of the mail.

The mail is opened as a mail program in the browser does it: the link in a new
tab of the same browser.
"""

import urllib.parse

from chromium import Browser, Tap, until
from flow import ANN, SITE, ask, calls, control, fresh, mails, tries
from looks import MEASURE, complaints

tap = Tap()
browser = Browser()
URL = SITE["link"]


def tab(number):
    browser.driver.switch_to.window(browser.driver.window_handles[number])


def link_for(address=ANN):
    found = control("GET", "/messages?" + urllib.parse.urlencode({"to": address}))
    return found[0]["link"]


def new_tab():
    browser.driver.switch_to.new_window("tab")
    browser.prepare_tab()


def close_tab():
    browser.driver.close()
    tab(0)


def signs_in():
    fresh(browser, host="link")
    ask(browser, host="link", path="/members/?tab=2#/deep/link")
    tap.same((browser.path, browser.text("h1"), mails()),
             ("/.auth0/code", "Check your email", 1), "L26: a link is sent, once")
    tap.has(browser.text(), "Open it in this browser", "L26: the page says what to do with it")
    tap.same((browser.has("#pwless-code"), browser.has("[value=continue].pwless-primary")),
             (False, True), "L26: there is nothing to type")
    for width in (320, 1200):
        for dark in (False, True):
            browser.shape(width, dark=dark)
            tap.same(list(complaints(browser.js(MEASURE))), [],
                     "L26: the page is good to look at, %d wide%s" % (width, dark * ", dark"))
            browser.screenshot("link-%d%s" % (width, "-dark" if dark else ""))
    browser.shape(1200)
    new_tab()
    browser.get(link_for())
    tap.same((browser.path, tries()), ("/members/", 1), "L26: the tab of the mail is signed in")
    tap.has(browser.text(), ANN, "L26: as who asked")
    close_tab()
    tap.ok(until(lambda: browser.path == "/members/", 12),
           "L26: the tab that asked goes on by itself", browser.url)
    tap.same(browser.url, URL + "/members/?tab=2#/deep/link",
             "L26: to the deep link, fragment and all")
    tap.same((mails(), tries()), (1, 1), "L26: one mail, one exchange")


def without_script():
    fresh(browser, host="link")
    browser.use_script(False)
    ask(browser, host="link")
    browser.click("[value=continue]")
    tap.same((browser.path, browser.text("h1")), ("/.auth0/code", "Check your email"),
             "L26: without script: too early leads back")
    new_tab()
    browser.get(link_for())
    close_tab()
    browser.click("[value=continue]")
    tap.same(browser.path, "/members/", "L26: without script: Continue goes on")
    browser.use_script(True)


def used():
    fresh(browser, host="link")
    ask(browser, host="link")
    link = link_for()
    stranger = Browser()
    stranger.get(link)
    tap.has(stranger.text(), "Links work only in the browser that asked for them",
            "O1: another browser is told so")
    stranger.screenshot("link-elsewhere")
    stranger.quit()
    tap.same(tries(), 0, "O1: and nothing is exchanged")
    new_tab()
    browser.get(link)
    tap.same(browser.path, "/.auth0/code", "L26: a link burnt by another leads to step 2")
    tap.has(browser.text(".pwless-sum"), "Send a new link", "L26: which offers another")
    browser.screenshot("link-burnt")
    until(lambda: browser.text("#pwless-wait") == "You can ask for a new link now.", 6)
    until(lambda: calls("/passwordless/start") == 2 or browser.click("#pwless-send"), 4)
    tap.same(mails(), 2, "L26: one click sends it")
    browser.get(link_for())
    tap.same(browser.path, "/members/", "L26: and it works")
    close_tab()


for test in (signs_in, without_script, used):
    test()
browser.collect()
tap.same(browser.violations, [], "X9: no page breaks its own policy")
tap.same(browser.failures, [], "L26: no script fails")
tap.done()
