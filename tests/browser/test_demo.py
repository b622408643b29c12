# SPDX-License-Identifier: Apache-2.0
"""./demo itself, once for each way in: what it prints is followed as a newcomer
would, in a browser that took the demo's certificates."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request

from chromium import Browser, Tap, until
from stand import AUTH0JS, LOCKJS, TOP, free_port, note_pid, trust

ANN = "ann@example.test"
NUMBER = "+44 7700 900123"
tap = Tap()


def heed_ctrl_c():
    """Shells let what they put in the background ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Demo:
    """A demo that runs, what it said, and a browser before its members' page."""

    def __init__(self, way):
        self.process = subprocess.Popen(
            [f"{TOP}/demo", "--way", way, "--port", str(free_port()), "--seconds", "300"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            preexec_fn=heed_ctrl_c)
        note_pid(self.process.pid)
        self.said = ""
        for line in self.process.stdout:
            self.said += line
            if "Ctrl-C ends" in line:
                break
        else:
            sys.exit("Bail out! %s: the demo did not start: %s" % (way, self.said))
        self.work = os.path.dirname(self.find(r"(\S+/httpd\.conf)"))
        trust(f"{self.work}/tenant/ca/ca.pem", way)
        self.browser = Browser()
        self.browser.get(self.find(r"with TLS +(\S+)"))

    def find(self, pattern):
        found = re.search(pattern, self.said)
        return found.group(1) if found else ""

    def mail(self, pattern):
        """What the newest mail in the mailbox has, as a visitor finds it."""
        def newest():
            with urllib.request.urlopen(self.find(r"Mailbox +(\S+)"), timeout=10) as answer:
                return re.search(pattern, answer.read().decode())
        found = until(newest)
        return found.group(1).replace("&amp;", "&") if found else ""

    def end(self):
        self.browser.quit()
        self.process.send_signal(signal.SIGINT)
        self.said += self.process.communicate(timeout=60)[0]
        return self.process.returncode


def code_of(demo):
    return demo.mail(r'class="code">([0-9]{6})<')


def two_steps(field, address):
    def walk(demo):
        demo.browser.insert(field, address)
        demo.browser.click("[value=send]")
        demo.browser.insert("#pwless-code", code_of(demo))
        demo.browser.click("[value=verify]")
    return walk


def link(demo):
    demo.browser.insert("#pwless-email", ANN)
    demo.browser.click("[value=send]")
    demo.browser.get(demo.mail(r'href="([^"]*/passwordless/verify_redirect[^"]*)"'))


def hosted(demo):
    demo.browser.insert("input[type=email], [name=email], [name=username]", ANN)
    demo.browser.click("button")
    demo.browser.insert("[name=code]", code_of(demo))
    demo.browser.click("button")


def auth0js(demo):
    demo.browser.insert("#pwless-email", ANN)
    demo.browser.element("[value=send]").click()
    until(lambda: demo.browser.has("#pwless-code"))
    demo.browser.insert("#pwless-code", code_of(demo))
    demo.browser.element("[value=verify]").click()


def lock(demo):
    def press(field, text):
        ready = ("document.querySelector('%s')?.checkVisibility() && "
                 "!document.querySelector('.auth0-lock-submit').disabled" % field)
        until(lambda: demo.browser.js(ready), 25)
        time.sleep(1.5)  # what is pressed while Lock slides is lost
        demo.browser.insert(field, text)
        demo.browser.js("document.querySelector('.auth0-lock-submit').click()")
    press("[name=email]", ANN)
    press("[name=vcode]", code_of(demo))


def works(way, walk, who):
    demo = Demo(way)
    tap.has(demo.said, "Members' page", "%s: the demo starts" % way)
    walk(demo)
    until(lambda: demo.browser.loaded() and demo.browser.path == "/members/", 15)
    tap.has(demo.browser.text("dl"), who, "%s: what it says leads in" % way)
    demo.browser.screenshot("demo-" + way)
    tap.same((demo.end(), os.path.exists(demo.work)), (0, False),
             "%s: Ctrl-C ends it and leaves nothing behind" % way)


works("form", two_steps("#pwless-email", ANN), ANN)
works("link", link, ANN)
works("sms", two_steps("#pwless-phone", NUMBER), NUMBER.replace(" ", ""))
works("hosted", hosted, ANN)
for client, way, walk in ((AUTH0JS, "auth0js", auth0js), (LOCKJS, "lock", lock)):
    if os.path.exists(client):
        works(way, walk, ANN)
tap.done()
