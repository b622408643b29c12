# SPDX-License-Identifier: Apache-2.0
"""GET /v2/logout, /oidc/logout, and back-channel logout.

auth0-api.md 8.2: returnTo is compared without query and fragment, `*` stands
only as a subdomain, a URL not listed gives an HTML error and no redirect.
8.3: post_logout_redirect_uri is compared whole; without a hint that names this
browser's session a consent page comes first (knob logout_consent).
8.4: the logout token is posted to the registered URI, within five seconds,
once.  Only URIs on this machine are called.
"""
import base64
import json
import re
import secrets
import ssl
import threading
import urllib.error
import urllib.parse
import urllib.request

import authorize
import idtoken
import pages
from keys import unb64url
from wire import redirect_response

BACKCHANNEL_SECONDS = 5


def allowed_return(target, listed):
    """Is `target` in the list, as 8.2 compares?"""
    parts = urllib.parse.urlsplit(target)
    plain = parts._replace(query="", fragment="").geturl()
    for entry in listed:
        wanted = urllib.parse.urlsplit(entry)._replace(query="", fragment="").geturl()
        if plain == wanted:
            return True
        scheme, mark, rest = wanted.partition("://*.")
        if mark:
            pattern = re.escape(scheme) + r"://[A-Za-z0-9-]+\." + re.escape(rest)
            if re.fullmatch(pattern, plain):
                return True
    return False


def end_session(tenant, request):
    """Forget the SSO session of this browser; tells the applications."""
    session = tenant.sessions.pop(request.cookies().get("auth0", ""), None)
    if session is None:
        return
    for client_id in session["clients"]:
        client = tenant.clients.get(client_id)
        if client and client.backchannel_uri:
            token = idtoken.logout_token(tenant, client, session["host"], session["user"].sub,
                                         session["sid"])
            threading.Thread(target=post_quietly, args=(tenant, client.backchannel_uri, token),
                             daemon=True).start()


def forget_cookie():
    return [authorize.cookie("auth0", "", "; Max-Age=0")]


def v2_logout(tenant, request):
    params = request.params()
    listed = tenant.knobs["tenant_logout_urls"]
    if "client_id" in params:
        client = tenant.clients.get(params["client_id"])
        if client is None:
            return pages.error_page(request, "invalid_request", "Unknown client")
        listed = client.logout_urls
    target = params.get("returnTo")
    if target is not None and not allowed_return(target, listed):
        return pages.error_page(request, "invalid_request", "The \"returnTo\" querystring "
                                "parameter \"%s\" is not defined as a valid URL in \"Allowed "
                                "Logout URLs\"" % target)
    end_session(tenant, request)
    target = target or (listed[0] if listed else None)
    if target is None:
        response = pages.message_page("Logged out", "OK")
        response.headers += forget_cookie()
        return response
    return redirect_response(target, forget_cookie())


def read_hint(token):
    """The claims of an id_token_hint; expired ones are fine (8.3)."""
    try:
        return json.loads(unb64url(token.split(".")[1]))
    except (ValueError, IndexError, TypeError, base64.binascii.Error):
        return None


def oidc_logout(tenant, request):
    params = request.params() if request.method == "GET" else request.form()
    hint = None
    if params.get("id_token_hint"):
        hint = read_hint(params["id_token_hint"])
        if not isinstance(hint, dict):
            return pages.error_page(request, "invalid_request", "Invalid id_token_hint")
    client_id = params.get("client_id")
    if hint and client_id and hint.get("aud") not in (client_id, [client_id]):
        return pages.error_page(request, "invalid_request", "client_id and id_token_hint differ")
    if hint and params.get("logout_hint") and hint.get("sid") not in (None,
                                                                      params["logout_hint"]):
        return pages.error_page(request, "invalid_request", "logout_hint and id_token_hint differ")
    client_id = client_id or (hint or {}).get("aud")
    client = tenant.clients.get(client_id) if isinstance(client_id, str) else None
    listed = client.logout_urls if client else tenant.knobs["tenant_logout_urls"]
    target = params.get("post_logout_redirect_uri")
    if target is not None and target not in listed:
        return pages.error_page(request, "invalid_request", "The \"post_logout_redirect_uri\" "
                                "parameter is not in \"Allowed Logout URLs\"")
    sid = params.get("logout_hint") or (hint or {}).get("sid")
    session = tenant.sessions.get(request.cookies().get("auth0", ""))
    sure = session is not None and sid == session["sid"]
    if not sure and tenant.knobs["logout_consent"]:
        state = secrets.token_urlsafe(16)
        tenant.transactions["logout:" + state] = {
            "target": target, "state": params.get("state"), "browser": None, "expires": 0}
        return pages.logout_form(state)
    return leave(tenant, request, target, params.get("state"))


def consent(tenant, request):
    values = request.form()
    kept = tenant.transactions.pop("logout:" + values.get("state", ""), None)
    if kept is None:
        return authorize.lost(request)
    if values.get("action") != "accept":
        return pages.message_page("Log out", "You are still signed in.")
    return leave(tenant, request, kept["target"], kept["state"])


def leave(tenant, request, target, state):
    end_session(tenant, request)
    if target is None:
        response = pages.message_page("Logged out", "You have been logged out.")
        response.headers += forget_cookie()
        return response
    if state is not None:
        target += ("&" if "?" in target else "?") + urllib.parse.urlencode({"state": state})
    return redirect_response(target, forget_cookie())


# -- back channel (8.4) ----------------------------------------------------------

class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


def post_logout_token(tenant, uri, token):
    """(status, body) of the application's answer; status None if none came."""
    parts = urllib.parse.urlsplit(uri)
    host = parts.hostname or ""
    if parts.scheme not in ("https", "http") or not (
            host in ("127.0.0.1", "localhost") or host.endswith(".localhost")):
        raise ValueError("only URIs on this machine are called: %r" % uri)
    context = ssl.create_default_context(cafile=tenant.front.authority.ca_file)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect(),
                                         urllib.request.HTTPSHandler(context=context))
    data = urllib.parse.urlencode({"logout_token": token}).encode()
    try:
        with opener.open(urllib.request.Request(uri, data, method="POST"),
                         timeout=BACKCHANNEL_SECONDS) as answer:
            return answer.status, answer.read(65536).decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read(65536).decode("utf-8", "replace")
    except OSError as error:
        return None, str(error)


def post_quietly(tenant, uri, token):
    try:
        post_logout_token(tenant, uri, token)
    except ValueError as error:
        tenant.errors.append({"path": uri, "traceback": str(error)})
