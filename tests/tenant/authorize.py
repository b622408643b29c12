# SPDX-License-Identifier: Apache-2.0
"""GET /authorize and the hosted sign-in pages under /u/.

auth0-api.md 4.1 and 4.2: what may be asked, what is answered at the callback,
and what is never redirected (unknown client, callback URL not listed).  What
the request said (nonce, PKCE challenge, redirect_uri, scope, max_age) is kept
per transaction and then per authorization code; grants.py compares.

    GET /authorize ──► /u/login/identifier ──► code mailed ──►
        /u/login/passwordless-email-challenge ──► [/u/mfa-otp-challenge] ──►
        302 redirect_uri?code&state

With connection=email and login_hint the code is mailed at once and the first
page is skipped.  The cookie auth0_tx ties a transaction to its browser, the
cookie auth0 is the SSO session.
"""
import secrets
import urllib.parse

import errors
import grants
import idtoken
import pages
import passwordless
from keys import b64url
from pages import error_page
from state import PHONE, address_ok
from wire import redirect_response

TRANSACTION_SECONDS = 1800
CHALLENGE_PAGE = "/u/login/passwordless-email-challenge"
MFA_POLICY = "http://schemas.openid.net/pape/policies/2007/06/multi-factor"
MODES = ("query", "fragment", "form_post", "web_message")


def cookie(name, value, more=""):
    return ("set-cookie", "%s=%s; Path=/; HttpOnly; Secure; SameSite=None%s" % (name, value, more))


# -- checks before anything is redirected --------------------------------------

def check_client(tenant, request, params):
    """(client, None), or (None, an HTML page): these are never redirected."""
    client = tenant.clients.get(params.get("client_id", ""))
    if client is None:
        return None, error_page(request, "invalid_request", "Unknown client: %s"
                                % params.get("client_id", ""), 403)
    target = params.get("redirect_uri")
    if target is None and client.callbacks:
        return client, None
    if target not in client.callbacks:
        return None, error_page(request, "Callback URL mismatch.",
                                "The provided redirect_uri is not in the list of allowed "
                                "callback URLs.", tenant.knobs["callback_mismatch_status"])
    return client, None


def target_of(tenant, params):
    """Where the answer goes: the URI sent, else the first one listed."""
    if params.get("redirect_uri"):
        return params["redirect_uri"]
    return tenant.clients[params["client_id"]].callbacks[0]


def answer_browser(tenant, params, fields, headers=()):
    """Carry `fields` to the callback in the response mode asked for."""
    if params.get("state") is not None:
        fields = fields + [("state", params["state"])]
    target, mode = target_of(tenant, params), params.get("response_mode", "query")
    if mode == "form_post":
        response = pages.self_posting_form(target, fields)
    elif mode == "web_message":
        parts = urllib.parse.urlsplit(target)
        response = pages.web_message_page("%s://%s" % parts[:2], fields)
    else:
        mark = "#" if mode == "fragment" else ("&" if "?" in target else "?")
        response = redirect_response(target + mark + urllib.parse.urlencode(fields))
    response.headers += list(headers)
    return response


def refuse(tenant, params, error, description):
    return answer_browser(tenant, params, [("error", error), ("error_description", description)])


def check_parameters(tenant, client, params):
    """(error, description), or None."""
    if not params.get("response_type"):
        return "invalid_request", "Missing required parameter: response_type"
    if params["response_type"] != "code":
        # auth0.js asks for tokens in its hidden frame, with prompt=none (5.6).
        if not (params.get("prompt") == "none" and params.get("response_mode") == "web_message"):
            return "unsupported_response_type", "Unsupported response type: %s" % (
                params["response_type"])
    if params.get("response_mode", "query") not in MODES:
        return "invalid_request", "Unsupported response_mode"
    challenge, method = params.get("code_challenge"), params.get("code_challenge_method")
    if challenge is not None or method is not None:
        if method != "S256":
            return "invalid_request", "Parameter code_challenge_method must be S256"
        if challenge is None or len(challenge) != 43:
            return "invalid_request", "Parameter code_challenge must be 43 characters"
    elif client.kind == "spa":
        return "invalid_request", "Parameter 'code_challenge' is required"
    if "authorization_code" not in client.grants:
        return "unauthorized_client", "Grant type 'authorization_code' not allowed for the client."
    connection = params.get("connection") or params.get("realm")
    if connection and (connection not in client.connections
                       or connection in tenant.knobs["connection_disabled"]):
        return "invalid_request", "the connection was not found"
    audience = params.get("audience")
    if audience and audience not in tenant.knobs["audiences"]:
        return "access_denied", "Service not found: " + audience
    if not params.get("max_age", "0").isdigit():
        return "invalid_request", "max_age must be a number"
    organization = params.get("organization")
    if organization and not organization_of(tenant, organization):
        return "invalid_request", "parameter organization is invalid"
    return None


def organization_of(tenant, asked):
    """(id, name) of the organization asked for by either, or None.  Names are
    in lower case, whatever the case they are asked for in."""
    for known, name in tenant.knobs["organizations"].items():
        if asked == known or asked.lower() == name:
            return known, name
    return None


# -- GET /authorize --------------------------------------------------------------

def authorize(tenant, request):
    params = request.params()
    client, page = check_client(tenant, request, params)
    if page:
        return page
    problem = check_parameters(tenant, client, params)
    if problem:
        return refuse(tenant, params, *problem)
    forced = tenant.knobs["authorize_error"]
    if forced:
        return refuse(tenant, params, forced.get("error", "access_denied"),
                      forced.get("description", ""))
    if params.get("login_ticket"):
        return by_ticket(tenant, request, client, params)
    session = tenant.sessions.get(request.cookies().get("auth0", ""))
    if session and usable_session(tenant, session, params):
        return finish(tenant, request, client, params, session)
    if params.get("prompt") == "none":
        return refuse(tenant, params, "login_required", "Login required")
    return begin(tenant, request, client, params)


def usable_session(tenant, session, params):
    """connection= asks for the passwordless prompt whatever the session (4.1)."""
    if {"login", "select_account"} & set(params.get("prompt", "").split()):
        return False
    if params.get("connection") and params.get("prompt") != "none":
        return False
    max_age = params.get("max_age")
    return max_age is None or tenant.now() - session["auth_time"] <= int(max_age)


def begin(tenant, request, client, params):
    """Open a transaction and show the first page."""
    state, browser = secrets.token_urlsafe(32), secrets.token_urlsafe(16)
    transaction = {"client": client, "params": params, "browser": browser, "address": None,
                   "passed": False, "expires": tenant.now() + TRANSACTION_SECONDS}
    tenant.transactions[state] = transaction
    hint = params.get("login_hint", "")
    page = "/u/login/identifier"
    if params.get("connection") == "email" and address_ok(hint):
        if send_code(tenant, request, transaction, hint) is None:
            page = CHALLENGE_PAGE
    headers = [cookie("auth0_tx", browser), cookie("did", secrets.token_hex(8))]
    return redirect_response(page + "?" + urllib.parse.urlencode({"state": state}), headers)


def by_ticket(tenant, request, client, params):
    """Step 3 and 4 of 5.3: a login ticket, and the cookie that came with it."""
    kept = tenant.tickets.pop(params["login_ticket"], None)
    with_cookie = kept and request.cookies().get("auth0_co") == kept["cookie"]
    if (kept is None or kept["client"] is not client or tenant.now() >= kept["expires"]
            or not (with_cookie or not tenant.knobs["co_cookie_required"])):
        return refuse(tenant, params, "login_required", "Login required")
    return sign_in(tenant, request, client, params, kept["user"])


def knows_browser(tenant, request):
    """Has this browser been at /authorize (6.2)?"""
    browser = request.cookies().get("auth0_tx")
    return bool(browser) and any(t["browser"] == browser
                                 for t in list(tenant.transactions.values()))


# -- hosted pages ------------------------------------------------------------------

def transaction_of(tenant, request, values):
    """The transaction of this browser, or None."""
    found = tenant.transactions.get(values.get("state", ""))
    if (found is None or tenant.now() >= found["expires"]
            or request.cookies().get("auth0_tx") != found["browser"]):
        return None
    return found


def lost(request):
    return error_page(request, "invalid_request", "You may have pressed the back button, "
                      "refreshed during login, opened too many login dialogs, or there is some "
                      "issue with cookies, since we couldn't find your session.")


def send_code(tenant, request, transaction, address):
    """Mail a code for the hosted page: None, or what to tell the person."""
    if not address_ok(address) and not PHONE.fullmatch(address):
        return "Enter a valid email address"
    client, connection = transaction["client"], "email" if "@" in address else "sms"
    transaction.update(address=address, connection=connection, passed=False)
    user = tenant.user(connection, address)
    if user is None and tenant.knobs["signup_disabled"]:
        return None  # the same page as for anybody; no mail goes out
    user = user or tenant.add_user(connection, address)
    if not user.blocked:
        passwordless.deliver(tenant, request, client, connection, address)
    return None


def identifier_page(tenant, request):
    values = request.params() if request.method == "GET" else {**request.params(),
                                                               **request.form()}
    transaction = transaction_of(tenant, request, values)
    if transaction is None:
        return lost(request)
    state, hint = values["state"], transaction["params"].get("login_hint", "")
    if request.method == "GET":
        return pages.address_form(transaction["client"], state, hint)
    address = values.get("username", "").strip()
    problem = send_code(tenant, request, transaction, address)
    if problem:
        return pages.address_form(transaction["client"], state, address, problem)
    return redirect_response(CHALLENGE_PAGE + "?" + urllib.parse.urlencode({"state": state}))


def challenge_page(tenant, request):
    values = request.params() if request.method == "GET" else {**request.params(),
                                                               **request.form()}
    transaction = transaction_of(tenant, request, values)
    if transaction is None or transaction["address"] is None:
        return lost(request)
    client, address = transaction["client"], transaction["address"]
    if request.method == "GET":
        return pages.code_form(client, values["state"], address)
    granted, bucket = tenant.take("hosted_code", request.peer)
    if not granted:
        return errors.rate_limited(tenant, bucket)
    why = passwordless.judge(tenant, request.peer, client, transaction["connection"], address,
                             values.get("code", "").strip())
    if why:
        texts = {"account": errors.BLOCKED_ACCOUNT, "ip": errors.BLOCKED_IP,
                 "wrong": "The code you entered is invalid"}
        return pages.code_form(client, values["state"], address,
                               texts.get(why) or passwordless.refusal_text(why, "email"))
    user = tenant.user(transaction["connection"], address)
    denied = check_user(tenant, user)
    if denied:
        return refuse(tenant, transaction["params"], *denied)
    transaction["passed"] = True
    if grants.needs_mfa(tenant, user) or MFA_POLICY in transaction["params"].get(
            "acr_values", "").split():
        return redirect_response("/u/mfa-otp-challenge?" + urllib.parse.urlencode(
            {"state": values["state"]}))
    return leave(tenant, request, values["state"], transaction)


def mfa_page(tenant, request):
    values = request.params() if request.method == "GET" else {**request.params(),
                                                               **request.form()}
    transaction = transaction_of(tenant, request, values)
    if transaction is None or not transaction["passed"]:
        return lost(request)
    if request.method == "GET":
        return pages.mfa_form(transaction["client"], values["state"])
    if values.get("code", "").strip() != tenant.knobs["mfa_code"]:
        return pages.mfa_form(transaction["client"], values["state"],
                              "The code you entered is invalid")
    return leave(tenant, request, values["state"], transaction, amr=["mfa"])


def cancel(tenant, request):
    values = request.form()
    transaction = transaction_of(tenant, request, values)
    if transaction is None:
        return lost(request)
    tenant.transactions.pop(values["state"], None)
    return refuse(tenant, transaction["params"], "access_denied", "User cancelled the login")


def leave(tenant, request, state, transaction, amr=None):
    """The hosted part is over: session cookie and way back."""
    tenant.transactions.pop(state, None)
    user = tenant.user(transaction["connection"], transaction["address"])
    return sign_in(tenant, request, transaction["client"], transaction["params"], user, amr)


# -- the way back ----------------------------------------------------------------

def check_user(tenant, user):
    """(error, description) for the callback (4.2), or None."""
    if user is None:
        return "unauthorized", "user does not exist"
    if user.blocked:
        return "unauthorized", "user is blocked"
    if tenant.knobs["action_denies"]:
        return "access_denied", tenant.knobs["action_denies"]
    return None


def sign_in(tenant, request, client, params, user, amr=None):
    denied = check_user(tenant, user)
    if denied:
        return refuse(tenant, params, *denied)
    user.verified = True
    value = secrets.token_urlsafe(24)
    session = {"user": user, "auth_time": int(tenant.now()), "amr": amr,
               "sid": b64url(secrets.token_bytes(24)), "clients": set(), "host": request.host}
    tenant.sessions[value] = session
    return finish(tenant, request, client, params, session, [cookie("auth0", value)])


def finish(tenant, request, client, params, session, headers=()):
    session["clients"].add(client.client_id)
    code = new_code(tenant, request, client, params, session["user"], session)
    return answer_browser(tenant, params, [("code", code)], headers)


def new_code(tenant, request, client, params, user, session=None):
    """An authorization code that remembers what was asked."""
    login = grants.Login(request.host, client, user, params.get("scope", ""),
                         params.get("audience"), "authorization_code")
    login.nonce = params.get("nonce")
    if session:
        login.sid, login.amr = session["sid"], session["amr"]
        if params.get("max_age") is not None or "login" in params.get("prompt", "").split():
            login.auth_time = session["auth_time"]
        if params.get("organization"):
            login.org_id, login.org_name = organization_of(tenant, params["organization"])
    code = b64url(secrets.token_bytes(33))
    tenant.authorization_codes[code] = {
        "login": login, "used": False, "redirect_uri": params.get("redirect_uri"),
        "code_challenge": params.get("code_challenge"),
        "expires": tenant.now() + tenant.knobs["authorization_code_life"]}
    return code


def after_link(tenant, request, client, params, user):
    """The answer to a good magic link (6.2): no PKCE; without response_type
    the tokens come in the fragment (6.3)."""
    plain = {n: v for n, v in params.items() if n != "code_challenge"}
    if params.get("response_type"):
        code = new_code(tenant, request, client, plain, user)
        return answer_browser(tenant, params, [("code", code)])
    login = grants.Login(request.host, client, user, params.get("scope", "openid"))
    login.nonce = params.get("nonce")
    fields = [("access_token", idtoken.access_token(tenant, login)),
              ("id_token", idtoken.id_token(tenant, login)), ("token_type", "Bearer")]
    return answer_browser(tenant, {**params, "response_mode": "fragment"}, fields)
