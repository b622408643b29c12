# SPDX-License-Identifier: Apache-2.0
"""One Chromium under our control, and TAP.

A Browser keeps its own user-data-dir, and trusts the stand-in's CA by the HOME
that stand.py made. It finds no host but loopback and no proxy. Script of pages can be switched off and on; what we evaluate
ourselves runs either way, being the debugger's. Violations of the policy and
addresses asked for are collected over all pages and asserted at the end.
"""

import atexit
import base64
import json
import os
import shutil
import sys
import tempfile
import time
import urllib.parse

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from stand import TREE, WORK, note_pid

FLAGS = """--headless=new --disable-gpu --disable-quic --no-first-run
--disable-background-networking --disable-component-update --disable-sync
--disable-default-apps --no-default-browser-check --no-proxy-server
--disable-dev-shm-usage --disable-breakpad --password-store=basic
--hide-scrollbars""".split()

# A report of the browser itself, beside what it writes to its log.
LISTENER = """
addEventListener('securitypolicyviolation', (e) => console.error(
  'pwless-csp ' + e.effectiveDirective + ' ' + e.blockedURI));
addEventListener('error', (e) => console.error('pwless-error ' + e.message));
"""


class Tap:
    """Counts and prints; the exit status is right."""

    def __init__(self):
        self.count = self.failed = 0

    def ok(self, good, sentence, *notes):
        self.count += 1
        if not good:
            self.failed += 1
            for note in notes:
                print("# " + str(note)[:600].replace("\n", "\n# "))
        print("%sok %d - %s" % ("" if good else "not ", self.count, sentence),
              flush=True)
        return good

    def same(self, found, wanted, sentence):
        return self.ok(found == wanted, sentence, "found:  %r" % (found,),
                       "wanted: %r" % (wanted,))

    def has(self, text, part, sentence):
        return self.ok(part in (text or ""), sentence, "found: %r" % (text,),
                       "to hold: %r" % (part,))

    def done(self):
        print("1..%d" % self.count)
        sys.exit(1 if self.failed else 0)


def until(check, seconds=8):
    """The first true answer, or the last one."""
    end = time.monotonic() + seconds
    while True:
        answer = check()
        if answer or time.monotonic() > end:
            return answer
        time.sleep(0.05)


class Browser:
    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="profile-", dir=WORK)
        self.own_hosts = {"localhost", "127.0.0.1"}
        self.violations, self.foreign, self.failures = [], [], []
        self.script = True
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for flag in FLAGS + ["--user-data-dir=" + self.profile,
                             "--host-resolver-rules=MAP * ~NOTFOUND , "
                             "EXCLUDE localhost , EXCLUDE 127.0.0.1"]:
            options.add_argument(flag)
        if os.geteuid() == 0:
            options.add_argument("--no-sandbox")
        options.set_capability("goog:loggingPrefs",
                               {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"),
                                       options=options)
        note_pid(self.driver.service.process.pid)
        note_pid(self.driver.capabilities.get("goog:processID"))
        self.driver.set_page_load_timeout(60)
        atexit.register(self.quit)
        self.prepare_tab()

    def quit(self):
        self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)

    def cdp(self, name, **arguments):
        return self.driver.execute_cdp_cmd(name, arguments)

    def prepare_tab(self):
        """What counts for one tab only: the listener, and script off or on."""
        self.cdp("Page.enable")
        self.cdp("Page.addScriptToEvaluateOnNewDocument", source=LISTENER)
        self.cdp("Emulation.setScriptExecutionDisabled", value=not self.script)

    def use_script(self, on):
        self.script = on
        self.cdp("Emulation.setScriptExecutionDisabled", value=not on)

    # -- pages -----------------------------------------------------------------

    def get(self, url):
        self.driver.get(url)

    @property
    def url(self):
        return self.driver.current_url

    @property
    def path(self):
        return urllib.parse.urlsplit(self.url).path

    @property
    def title(self):
        return self.driver.title

    def js(self, expression):
        """A value from the page, whether its own script runs or not."""
        answer = self.cdp("Runtime.evaluate", expression=expression,
                          returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"])[:400])
        return answer["result"].get("value")

    def text(self, selector="main"):
        return self.js("(document.querySelector(%s) || {innerText: ''}).innerText"
                       % json.dumps(selector))

    def has(self, selector):
        return self.js("!!document.querySelector(%s)" % json.dumps(selector))

    def value(self, selector):
        return self.js("document.querySelector(%s)?.value" % json.dumps(selector))

    def attribute(self, selector, name):
        return self.js("document.querySelector(%s)?.getAttribute(%s)"
                       % (json.dumps(selector), json.dumps(name)))

    def focused(self):
        return self.js("document.activeElement.id")

    def insert(self, selector, text):
        """As pasted: all at once, into the emptied field."""
        self.js("(() => { const at = document.querySelector(%s); at.focus(); "
                "at.select(); })()" % json.dumps(selector))
        self.cdp("Input.insertText", text=text)

    def click(self, selector):
        """Click, and wait for the page that comes of it."""
        self.js("window.pwlessOld = 1")
        self.element(selector).click()
        return self.next_page()

    def next_page(self):
        """The page that holds the mark is the old one."""
        return until(lambda: self.loaded() and not self.js("window.pwlessOld"))

    def settle(self):
        """Until no navigation has come for a while: after a double click."""
        def still():
            self.js("window.pwlessOld = 1")
            time.sleep(0.5)
            return self.loaded() and self.js("window.pwlessOld")
        return until(still)

    def loaded(self):
        try:
            return self.js("document.readyState") == "complete"
        except Exception:  # between two pages there is none to ask
            return False

    def element(self, selector):
        return self.driver.find_element("css selector", selector)

    def describe(self, selector):
        """What a screen reader is told: role, name, description, invalid."""
        root = self.cdp("DOM.getDocument", depth=0)["root"]["nodeId"]
        node = self.cdp("DOM.querySelector", nodeId=root, selector=selector)
        found = self.cdp("Accessibility.getPartialAXTree", nodeId=node["nodeId"],
                         fetchRelatives=False)["nodes"][0]
        told = {name: found.get(name, {}).get("value", "")
                for name in ("role", "name", "description")}
        for one in found.get("properties", []):
            if one["name"] in ("invalid", "focused"):
                told[one["name"]] = one["value"].get("value")
        return told

    # -- how it looks ----------------------------------------------------------

    def shape(self, width, height=800, dark=False):
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height,
                 deviceScaleFactor=1, mobile=False)
        self.scheme(dark)

    def scheme(self, dark):
        self.cdp("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce"}])

    def screenshot(self, name):
        # Beyond the viewport Chromium paints pages from right to left too far right.
        whole = self.js("document.dir != 'rtl'")
        picture = self.cdp("Page.captureScreenshot", captureBeyondViewport=whole,
                           optimizeForSpeed=True)
        with open(f"{TREE}/browser/screenshots/{name}.png", "wb") as out:
            out.write(base64.b64decode(picture["data"]))

    # -- what it reported ------------------------------------------------------

    def collect(self):
        """Read both logs; they are emptied by reading."""
        for line in self.driver.get_log("browser"):
            text = line["message"]
            if "pwless-csp" in text or "Content Security Policy" in text:
                self.violations.append(text)
            elif "pwless-error" in text or "Uncaught" in text:
                self.failures.append(text)
        for line in self.driver.get_log("performance"):
            message = json.loads(line["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                self.note_request(message["params"]["request"]["url"])

    def note_request(self, url):
        parts = urllib.parse.urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and \
                parts.hostname not in self.own_hosts:
            self.foreign.append(url)
