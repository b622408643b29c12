# SPDX-License-Identifier: Apache-2.0
"""POST /passwordless/start, /passwordless/verify and the magic link.

start: the twelve checks of auth0-api.md 10.5, first column, in that order, in
the words of 1.5.  verify and verify_redirect: 5.4, 6.1 to 6.3, with the
answers that testing.md 4.1 saw the browser libraries take.

A code is bound to the application and connection that asked for it, so one
application cannot redeem what another one asked for.
"""
import json
import urllib.parse

import clientauth
import errors
from errors import oauth_error
from state import PHONE, address_ok
from wire import Response, json_response

START_KEYS = {"client_id", "client_secret", "client_assertion", "client_assertion_type",
              "connection", "email", "phone_number", "send", "authParams", "captcha"}
VERIFY_KEYS = {"client_id", "client_secret", "client_assertion", "client_assertion_type",
               "connection", "email", "phone_number", "verification_code"}
TYPE_NAMES = {str: "string", bool: "boolean", int: "integer", float: "number",
              list: "array", dict: "object", type(None): "null"}

WORDS = {
    "wrong": "Wrong %s or verification code.",
    "expired": "The verification code has expired. Please try to login again.",
    "maximum": "You've reached the maximum number of attempts. Please try to login again.",
}


def refusal_text(why, connection):
    text = WORDS[why]
    if "%s" in text:
        return text % ("phone number" if connection == "sms" else "email")
    return text


def bad(name, text):
    return oauth_error(400, "bad." + name, text)


def missing(name):
    return bad(name, "Missing required property: " + name)


def wrong_type(name, value, wanted):
    return bad(name, "error in %s - invalid type: %s (expected %s)"
               % (name, TYPE_NAMES.get(type(value), "unknown"), wanted))


def json_body(request):
    """The JSON object in the body, or None."""
    if request.content_type() != "application/json":
        return None
    try:
        value = json.loads(request.body.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def start(tenant, request):
    body = json_body(request)
    if body is None:
        return oauth_error(400, "invalid_request", "Invalid JSON body")
    if body.get("client_id") is None:
        return missing("client_id")
    if not isinstance(body["client_id"], str):
        return wrong_type("client_id", body["client_id"], "string")
    unknown = sorted(set(body) - START_KEYS)
    if unknown:
        return oauth_error(400, "bad.request", "the following properties are not allowed: "
                           + ", ".join(unknown))
    caller = clientauth.identify(tenant, request, body, body_only=True)
    if caller.verdict == "wrong":
        return errors.client_refused(tenant)
    if caller.verdict == "missing":
        return oauth_error(403, "unauthorized_client", "Client authentication is required")
    granted, bucket = tenant.take("start", clientauth.visitor_ip(request, caller))
    if not granted:
        return errors.rate_limited(tenant, bucket)
    answer = check_start(tenant, caller.client, body) or send_code(tenant, request, caller.client,
                                                                   body)
    return errors.add_limit_headers(tenant, answer, bucket)


def check_start(tenant, client, body):
    """Rows 7 to 10 of 10.5: an error, or None."""
    return (check_connection(tenant, client, body.get("connection"))
            or check_send(body) or check_address(body)
            or check_policy(tenant, body) or check_signup(tenant, body))


def check_connection(tenant, client, connection):
    if connection is None:
        return missing("connection")
    if not isinstance(connection, str):
        return wrong_type("connection", connection, "string")
    if connection == "Username-Password-Authentication":
        return bad("connection", "Invalid connection strategy. It must either be a "
                   "passwordless connection")
    if connection not in client.connections:
        return bad("connection", "Connection does not exist")
    if connection in tenant.knobs["connection_disabled"]:
        return bad("connection", "Connection is disabled")
    return None


def check_send(body):
    send = body.get("send")
    if send not in (None, "code", "link"):
        return bad("send", "error in send - No enum match for: %s" % (send,))
    params = body.get("authParams")
    if params is not None and not isinstance(params, dict):
        return wrong_type("authParams", params, "object")
    return None


def check_address(body):
    if body["connection"] == "sms":
        phone = body.get("phone_number")
        if phone is None:
            return missing("phone_number")
        if not isinstance(phone, str):
            return wrong_type("phone_number", phone, "string")
        if not PHONE.fullmatch(phone):
            return bad("phone_number", r"String does not match pattern: ^\+[0-9]{1,15}$")
        return None
    email = body.get("email")
    if email is None:
        return missing("email")
    if not isinstance(email, str):
        return wrong_type("email", email, "string")
    if not address_ok(email):
        return bad("email", "error in email - email format validation failed: " + email)
    return None


def check_policy(tenant, body):
    knobs = tenant.knobs
    if knobs["captcha_error"] and "captcha" in body:
        return json_response({"code": "invalid_captcha",
                              "description": "Solve the challenge question to verify you "
                              "are not a robot.", "statusCode": 400}, 400)
    if knobs["bot_detection"]:
        return oauth_error(knobs["bot_detection_status"], "requires_verification",
                           "Suspicious request requires verification")
    if knobs["extensibility_error"]:
        return oauth_error(400, "extensibility_error", knobs["extensibility_error"])
    if knobs["sms_error"] and body["connection"] == "sms":
        return oauth_error(400, "sms_provider_error", knobs["sms_error"])
    return None


def check_signup(tenant, body):
    address = body.get("email") if body["connection"] != "sms" else body.get("phone_number")
    if tenant.knobs["signup_disabled"] and not tenant.user(body["connection"], address):
        return bad("connection", "Public signup is disabled")
    return None


def send_code(tenant, request, client, body):
    """Rows 11 and 12: the mail is in the mailbox before we answer."""
    connection = body["connection"]
    sms = connection == "sms"
    address = body["phone_number"] if sms else body["email"]
    user = tenant.user(connection, address) or tenant.add_user(connection, address)
    if not user.blocked:
        deliver(tenant, request, client, connection, address,
                link=not sms and body.get("send") != "code",
                params=body.get("authParams") or {})
    if tenant.knobs["empty_start"] is not None:
        return Response(200, tenant.knobs["empty_start"].encode(),
                        "application/json; charset=utf-8")
    if sms:
        record = {"_id": user.user_id, "phone_number": address, "phone_verified": user.verified}
    else:
        record = {"_id": user.user_id, "email": address, "email_verified": user.verified}
    return json_response(record, charset=True)


def deliver(tenant, request, client, connection, address, link=False, params=None):
    """Make a new code and mail it, in the caller's language (1.1)."""
    code = tenant.new_code(client, connection, address)
    language = (request.headers.get("x-request-language")
                or request.headers.get("accept-language", ""))
    url = link_url(request, client, connection, address, code, params) if link else None
    tenant.mailer.send(tenant, client, connection, address, code, url, language)


def link_url(request, client, connection, address, code, params):
    """The URL of 6.1, parameters in its order."""
    query = [(n, params[n]) for n in ("scope", "response_type", "redirect_uri", "state", "nonce",
                                      "audience") if isinstance(params.get(n), str)]
    query += [("connection", connection), ("email", address), ("verification_code", code),
              ("client_id", client.client_id)]
    return "https://%s/passwordless/verify_redirect?%s" % (
        request.host, urllib.parse.urlencode(query, quote_via=urllib.parse.quote))


def verify(tenant, request):
    """5.4: says whether the code is right, and leaves it usable for the
    verify_redirect that follows."""
    body = json_body(request)
    if body is None or set(body) - VERIFY_KEYS:
        return oauth_error(400, "invalid_request", "Invalid request body")
    caller = clientauth.identify(tenant, request, body, body_only=True)
    if caller.verdict == "wrong":
        return errors.client_refused(tenant)
    if caller.verdict == "missing":
        return oauth_error(403, "unauthorized_client", "client authentication is required")
    refused = check_connection(tenant, caller.client, body.get("connection"))
    if refused:
        return refused
    field = "phone_number" if body["connection"] == "sms" else "email"
    for name in (field, "verification_code"):
        if not isinstance(body.get(name), str):
            return missing(name)
    ip = clientauth.visitor_ip(request, caller)
    why = judge(tenant, ip, caller.client, body["connection"], body[field],
                body["verification_code"], consume=False)
    if why in ("account", "ip"):
        return errors.too_many_attempts(why)
    if why:
        return oauth_error(403, "invalid_user_password", refusal_text(why, body["connection"]))
    return json_response({})


def judge(tenant, ip, client, connection, address, otp, consume=True):
    """Rows 6 to 10 of the OTP column: None if the code is right, else "account"
    or "ip" (attack protection), "maximum", "wrong" or "expired"."""
    block = tenant.login_block(ip, address)
    if block:
        return block
    why = tenant.check_code(client, connection, address, otp, consume)
    if why:
        tenant.login_failed(ip, address)
    else:
        tenant.login_good(ip, address)
    return why


def verify_redirect(tenant, request):
    """The click on a magic link (6.1 to 6.3), and auth0.js after verify."""
    # Imported here: authorize.py itself needs deliver() and judge().
    import authorize
    params = request.params()
    client, refused = authorize.check_client(tenant, request, params)
    if refused:
        return refused
    if not (tenant.knobs["magiclink_without_session"]
            or authorize.knows_browser(tenant, request)):
        return authorize.error_page(
            request, "invalid_request",
            "The link must be opened on the same device and browser from which you "
            "submitted your email address.")
    connection, address = params.get("connection", ""), params.get("email", "")
    why = judge(tenant, request.peer, client, connection, address,
                params.get("verification_code", ""))
    if why in ("account", "ip"):
        return authorize.refuse(tenant, params, "too_many_attempts",
                                errors.BLOCKED_ACCOUNT if why == "account"
                                else errors.BLOCKED_IP)
    if why:
        return authorize.refuse(tenant, params, "unauthorized", refusal_text(why, connection))
    user = tenant.user(connection, address)
    denied = authorize.check_user(tenant, user)
    if denied:
        return authorize.refuse(tenant, params, *denied)
    user.verified = True
    return authorize.after_link(tenant, request, client, params, user)
