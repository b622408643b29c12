# SPDX-License-Identifier: Apache-2.0
"""What browser code on another origin asks: CORS, /co/authenticate, Lock.

auth0-api.md 5.2 to 5.7 and testing.md 4.1, 4.2.  Origins come from the
applications' lists; /co/authenticate also wants the switch *Allow
Cross-Origin Authentication* (client field cross_origin) and leaves a
third-party cookie that /authorize asks for again, unless the knob
co_cookie_required is off (browsers that block such cookies fail there).
"""
import json
import secrets

import authorize
import errors
import passwordless
from errors import oauth_error
from state import OTP_GRANT
from wire import Response, json_response, text_response

CORS_PATHS = {"/passwordless/start", "/passwordless/verify", "/passwordless/challenge",
              "/usernamepassword/challenge", "/co/authenticate", "/oauth/token", "/oauth/revoke",
              "/userinfo", "/user/ssodata", "/user/geoloc/country"}
PUBLIC_PATHS = {"/.well-known/openid-configuration", "/.well-known/jwks.json"}
CO_KEYS = {"client_id", "credential_type", "username", "otp", "realm"}


def origin_known(tenant, origin):
    return (origin == "https://" + tenant.domain
            or origin in ["https://" + h for h in tenant.knobs["hosts"]]
            or origin == "https://tenant.localhost:" + tenant.domain.partition(":")[2]
            or any(origin in client.web_origins for client in list(tenant.clients.values())))


def check_origin(tenant, request):
    """403 without an `error` key for a page that is not listed (5.3)."""
    origin = request.headers.get("origin")
    if origin is None or request.path not in CORS_PATHS or origin_known(tenant, origin):
        return None
    return text_response("Origin %s is not allowed." % origin, 403)


def add_headers(tenant, request, response):
    origin = request.headers.get("origin")
    if request.path in PUBLIC_PATHS:
        response.add("access-control-allow-origin", "*")
    elif origin and request.path in CORS_PATHS and origin_known(tenant, origin):
        response.add("access-control-allow-origin", origin)
        response.add("access-control-allow-credentials", "true")
        response.add("access-control-expose-headers", "X-RateLimit-Limit,X-RateLimit-Remaining,"
                     "X-RateLimit-Reset,Retry-After")
    return response


def preflight(tenant, request):
    origin = request.headers.get("origin", "")
    if request.path not in CORS_PATHS or not origin_known(tenant, origin):
        return text_response("Origin %s is not allowed." % origin, 403)
    return Response(204, headers=[
        ("access-control-allow-methods", "GET,POST,OPTIONS"),
        ("access-control-allow-headers", "auth0-client,authorization,content-type,"
         "x-request-language"),
        ("access-control-max-age", "5")])


def authenticate(tenant, request):
    """POST /co/authenticate (5.3, step 1 and 2)."""
    granted, bucket = tenant.take("co")
    if not granted:
        return errors.rate_limited(tenant, bucket)
    body = passwordless.json_body(request)
    if (body is None or set(body) != CO_KEYS
            or not all(isinstance(value, str) for value in body.values())):
        return oauth_error(400, "invalid_request", "Invalid request body. All and only of "
                           "client_id, credential_type, username, otp, realm are required.")
    if body["credential_type"] != OTP_GRANT:
        return oauth_error(400, "unsupported_credential_type",
                           "Unknown or non-existent credential type")
    client = tenant.clients.get(body["client_id"])
    origin = request.headers.get("origin")
    if client is None or not client.cross_origin:
        return oauth_error(401, "unauthorized_client", "Cross origin login not allowed.")
    if origin not in client.web_origins:
        return text_response("Origin %s is not allowed." % (origin or "null"), 403)
    realm, address = body["realm"], body["username"]
    if realm not in client.connections:
        return oauth_error(400, "invalid_request", "Unknown realm " + realm)
    why = passwordless.judge(tenant, request.peer, client, realm, address, body["otp"])
    if why in ("account", "ip"):
        return errors.too_many_attempts(why)
    if why:
        return oauth_error(403, "access_denied", passwordless.refusal_text(why, realm))
    return ticket(tenant, client, realm, address)


def ticket(tenant, client, realm, address):
    user = tenant.user(realm, address)
    if user is None or user.blocked:
        return oauth_error(403, "blocked_user", "user is blocked")
    value, planted = secrets.token_urlsafe(24), secrets.token_urlsafe(16)
    tenant.tickets[value] = {"client": client, "user": user, "cookie": planted,
                             "expires": tenant.now() + 60}
    answer = json_response({"login_ticket": value, "co_verifier": secrets.token_urlsafe(24),
                            "co_id": secrets.token_urlsafe(9)})
    return answer.add(*authorize.cookie("auth0_co", planted))


# -- what Lock asks beside that (5.6) -------------------------------------------

def challenge(tenant, request):
    return json_response({"required": False})


def ssodata(tenant, request):
    return json_response({"sso": False})


def client_script(tenant, request):
    """/client/CID.js: the connections of an application, as JSONP."""
    name = request.path[len("/client/"):]
    client = tenant.clients.get(name[:-3]) if name.endswith(".js") else None
    if client is None:
        return text_response("Not found.", 404)
    callback = client.callbacks[0] if client.callbacks else ""
    value = {"id": client.client_id, "tenant": "stand-in", "subscription": "free",
             "callback": callback,
             "strategies": [{"name": c, "connections": [{"name": c}]}
                            for c in client.connections]}
    script = "Auth0.setClient(%s);" % json.dumps(value)
    return Response(200, script.encode(), "application/x-javascript; charset=utf-8")
