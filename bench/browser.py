# SPDX-License-Identifier: Apache-2.0
"""A browser that can do one thing: sign in. Cookies by host, no script.

Each way in is a function that goes as far as the last step, and answers a
function that takes it: the request that makes the session. That one answers the
Cookie header of the new session.
"""

import http.client
import html
import json
import re
import ssl
import urllib.parse
import urllib.request


def token_in(text, name="t"):
    """The hidden field of a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    if not found:
        raise SystemExit(f"a sign-in met a page without {name}: {text}")
    return html.unescape(found.group(1))


class Browser:
    def __init__(self, stage):
        self.stage, self.jars = stage, {}
        self.tls = ssl.create_default_context(cafile=stage.info["ca_file"])
        self.location = self.text = ""

    def go(self, method, url, form=None):
        """One request; answers what a redirect names, or this very URL."""
        at = urllib.parse.urlsplit(url)
        jar = self.jars.setdefault(at.netloc, {})
        headers = {"Accept": "text/html", "Host": at.netloc,
                   "Cookie": "; ".join(f"{k}={v}" for k, v in jar.items())}
        if form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if at.scheme == "https":
            connection = http.client.HTTPSConnection(at.netloc, timeout=60,
                                                     context=self.tls)
        else:
            connection = http.client.HTTPConnection(at.netloc, timeout=60)
        connection.request(method, at.path + (at.query and "?" + at.query),
                           form and urllib.parse.urlencode(form), headers)
        answer = connection.getresponse()
        self.text = answer.read().decode()
        connection.close()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            jar[name] = value
        return urllib.parse.urljoin(url, answer.headers["Location"] or "")

    def hidden(self, name):
        return token_in(self.text, name)

    def cookies(self, port, names):
        """The Cookie header of all whose name begins so."""
        found = [f"{k}={v}" for k, v in self.jars[f"localhost:{port}"].items()
                 if k.startswith(names) and v]
        if not found:
            raise SystemExit("a sign-in failed")
        return "; ".join(found)


def mailed_code(stage, address):
    query = urllib.parse.urlencode({"to": address})
    with urllib.request.urlopen(f"{stage.info['control']}/messages?{query}",
                                timeout=60) as mails:
        return json.load(mails)[0]["code"]


def form_flow(stage, port, address):
    """Ours: the address form and the code form."""
    browser = Browser(stage)
    login = f"http://localhost:{port}/.auth0/login"
    browser.go("GET", login)
    code_form = browser.go("POST", login,
                           {"email": address, "t": browser.hidden("t")})
    browser.go("GET", code_form)
    form = {"code": mailed_code(stage, address), "t": browser.hidden("t"),
            "op": "verify"}

    def finish():
        browser.go("POST", code_form, form)
        return browser.cookies(port, "auth0-session")
    return finish


def hosted_flow(stage, port, address):
    """mod_auth_openidc: away to the tenant's pages, and back."""
    browser = Browser(stage)
    site = f"http://localhost:{port}/"
    url = browser.go("GET", site + "members/index.html")
    while "/u/" not in url:
        url = browser.go("GET", url)
    browser.go("GET", url)
    url = browser.go("POST", url, {"state": browser.hidden("state"),
                                   "username": address})
    browser.go("GET", url)
    url = browser.go("POST", url, {"state": browser.hidden("state"),
                                   "code": mailed_code(stage, address)})
    while not url.startswith(site):
        url = browser.go("GET", url)

    def finish():
        browser.go("GET", url)
        return browser.cookies(port, "mod_auth_openidc_session")
    return finish
