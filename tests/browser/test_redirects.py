# SPDX-License-Identifier: Apache-2.0
"""Where a browser lands after signing in, by the browser's own reading of URLs.

Every target of rows R1 to R12 is disguised in every way below and given as
return_to by somebody who is signed in, so that the answer is the redirect
itself. Chromium's URL parser says where each Location leads.
"""

import http.client
import json
import re
import ssl
import urllib.parse

from chromium import Browser, Tap
from flow import SITE, fresh, sign_in
from stand import WORK

HOST = urllib.parse.urlsplit(SITE["site"])

TARGETS = {
    "R1": ["//evil.example", "//evil.example/%2f..", "//EVIL.example:443?x", "//evil#x"],
    "R2": ["/\\evil.example", "\\\\evil", "\\/evil", "/%5cevil", "https:\\\\evil"],
    "R3": ["///evil", "////evil", "/////evil", "https:///evil", "/\\/evil"],
    "R4": ["/\t/evil", "/\n/evil", "/\r/evil", " //evil", "\x01https://evil", "/%09/evil",
           "/%0d/evil", "\ufeff//evil", "\x0b//evil", "//evil\t", "ht\ntps://evil"],
    "R5": ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)",
           "data:text/html,x", "vbscript:x", "blob:https://evil/x", "about:blank",
           "view-source:https://evil", "file:///etc/passwd", "mailto:x@evil.example"],
    "R6": ["https://evil-localhost/", "https://localhost.evil/", "https://localhost@evil/",
           "https://evil#localhost", "https://evil?localhost", f"https://{HOST.netloc}@evil",
           "http://localhost/", "HTTPS://LOCALHOST:1/"],
    "R7": ["https:evil", "http:/evil", "//evil:80", "https://[::1]/", "//0x7f.1",
           "//2130706433", "http:evil"],
    "R8": [f"https://user:pw@{HOST.netloc}/", "//user@evil", "//:@evil"],
    "R9": ["\uff0f\uff0fevil", "/\uff0fevil", "/\uff3cevil", "//evil\u3002example",
           "/\u2028/evil", "/\u202e/evil", "/%ef%bc%8fevil", "/%c0%af/evil"],
    "R10": ["/\r\nX-Split: 1", "/%0d%0aX-Split:1", "/a%00//evil", "/%e5%98%8a%e5%98%8d//evil"],
    "R12": ["/a/..//evil", "/.//evil", "/..//evil", "/a/b/../../..//evil", "/%2e%2e//evil",
            "/a/%2e%2e//evil", "/./\\evil", "/a/..\\\\evil", "/;@evil", "/@evil", "#@evil",
            "/a/.%2e/%2fevil", "..//evil", "?next=//evil"],
}


def every(char, by):
    return lambda text: text.replace(char, by)


def encoded(text, keep=""):
    return urllib.parse.quote(text, safe=keep)


# What somebody does to a target so that a filter reads another one.
DISGUISES = {
    "as it is": lambda text: text,
    "encoded": encoded,
    "encoded twice": lambda text: encoded(encoded(text)),
    "encoded, first byte not": lambda text: text[0] + encoded(text[1:]),
    "encoded twice, first byte not": lambda text: text[0] + encoded(encoded(text[1:])),
    "slashes encoded": every("/", "%2F"),
    "second slash encoded": lambda text: re.sub("^/[/\\\\]", "/%2f", text),
    "second slash encoded twice": lambda text: re.sub("^/[/\\\\]", "/%252f", text),
    "backslashes": every("/", "\\"),
    "mixed slashes": lambda text: re.sub("//", "/\\\\", text),
    "TAB between": lambda text: text[:1] + "\t" + text[1:],
    "line feed between": lambda text: text[:1] + "\n" + text[1:],
    "encoded TAB between": lambda text: text[:1] + "%09" + text[1:],
    "NUL between": lambda text: text[:1] + "\0" + text[1:],
    "DEL between": lambda text: text[:1] + "\x7f" + text[1:],
    "blank in front": lambda text: " " + text,
    "control in front": lambda text: "\x1f" + text,
    "blank behind": lambda text: text + " ",
    "slash in front": lambda text: "/" + text,
    "dot in front": lambda text: "/." + text,
    "way back in front": lambda text: "/a/.." + text,
    "encoded way back in front": lambda text: "/a/%2e%2E" + text,
    "deep way back in front": lambda text: "/a/b/../.." + text,
    "our path in front": lambda text: "/.auth0/.." + text,
    "semicolon in front": lambda text: "/;" + text,
    "our host in front": lambda text: SITE["site"] + text,
    "our host by two slashes": lambda text: "//" + HOST.netloc + text,
    "upper case": lambda text: text.upper(),
    "in a query": lambda text: "/members/?next=" + text,
    "in a fragment": lambda text: "/members/#" + text,
}
INNOCENT = ["/", "/members/", "/members/?next=//evil", "/a//b?c=d&e", "/a;b=c#//evil",
            "/%e2%82%ac", "/members/#/deep/link"]

# For each [target, Location]: where both lead from a page of the site.
JUDGE = """
(pairs => pairs.map(pair => pair.map(text => {
  try { return new URL(text, location.href).origin } catch (e) { return 'no URL' }
})))(%s)
"""

tap = Tap()
browser = Browser()


class Visitor:
    """Somebody signed in, by the browser's cookie; the connection is kept."""

    def __init__(self):
        fresh(browser)
        sign_in(browser)
        self.cookie = "; ".join(f"{one['name']}={one['value']}"
                                for one in browser.driver.get_cookies())
        trust = ssl.create_default_context(cafile=f"{WORK}/tenant/ca/ca.pem")
        self.site = http.client.HTTPSConnection(HOST.hostname, HOST.port, context=trust,
                                                timeout=30)

    def lead(self, target):
        """Status and all headers of the answer to this target."""
        value = urllib.parse.quote(target, safe="")
        self.site.request("GET", "/.auth0/login?return_to=" + value, headers={
            "Cookie": self.cookie, "Accept": "text/html"})
        answer = self.site.getresponse()
        answer.read()
        return answer.status, answer.getheaders()


def disguised():
    """[row, how, target], each target once."""
    seen = set()
    for row, targets in TARGETS.items():
        for target in targets:
            for how, disguise in DISGUISES.items():
                text = disguise(target)
                if text not in seen:
                    seen.add(text)
                    yield row, how, text


def location(visitor, target):
    """The one Location of a redirect; None for a refusal without one."""
    status, headers = visitor.lead(target)
    where = [value for name, value in headers if name.lower() == "location"]
    if any(name.lower() == "x-split" for name, _ in headers) or len(where) > 1:
        return "a header was split"
    if not where and status in (400, 414):
        return None
    return where[0] if where and status in (302, 303) else f"status {status}"


def judge(found):
    """Where targets and Locations lead, as Chromium reads them."""
    return browser.js(JUDGE % json.dumps([[target, where] for _, _, target, where in found]))


def leads_home(found):
    """One verdict for each row and disguise."""
    ours = SITE["site"]
    bad, foreign = {}, 0
    for (row, how, target, where), (given, led) in zip(found, judge(found)):
        foreign += given != ours
        wrong = led != ours or not where.startswith("/") or (given != ours and where != "/")
        bad.setdefault((row, how), [])
        if wrong:
            bad[row, how].append((target, where, led))
    for (row, how), wrong in bad.items():
        tap.same(wrong[:3], [], f"{row}: {how}: every target leads to this site")
    return foreign


def main():
    visitor = Visitor()
    for target in INNOCENT:
        tap.same(location(visitor, target), target, f"R19: {target} is kept as it is")
    found = [(*case, location(visitor, case[2])) for case in disguised()]
    tap.ok(len(found) >= 1500, f"R1: {len(found)} targets were tried")
    answered = [case for case in found if case[3] is not None]
    tap.ok(len(answered) > 0.9 * len(found), f"R1: {len(answered)} led somewhere")
    foreign = leads_home(answered)
    tap.ok(foreign > 450, f"R1: {foreign} of them lead elsewhere, as Chromium reads them")
    kept = sorted({where for *_, where in answered if where != "/"})[::20]
    for where in kept:
        browser.get(SITE["site"] + "/.auth0/login?return_to=" + encoded(where))
        tap.ok(browser.url.startswith(SITE["site"] + "/"),
               f"R12: Chromium, led to {where[:40]!r}, stays on this site", browser.url)
    tap.done()


main()
