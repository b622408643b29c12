# SPDX-License-Identifier: Apache-2.0
"""POST /oauth/token, POST /oauth/revoke and /userinfo.

OTP grant: the twelve checks of auth0-api.md 10.5, second column, in that
order, in the words of 2.3.  Authorization code: 3.1, single use, bound to
client, redirect_uri and PKCE verifier.  Refresh token: 3.2, rotation by a
knob; a token used twice outside the overlap ends its whole family.
Revocation: 3.3.  Userinfo: 8.1.
"""
import hashlib
import secrets

import clientauth
import errors
import idtoken
import passwordless
from errors import invalid_grant, oauth_error
from keys import b64url
from state import OTP_GRANT
from wire import Response, json_response, text_response

MFA_OTP_GRANT = "http://auth0.com/oauth/grant-type/mfa-otp"
TOKENS_PER_USER = 200


class Login:
    """What the tokens of one sign-in are made from."""

    def __init__(self, host, client, user, scope, audience=None, grant="otp"):
        self.host, self.client, self.user = host, client, user
        self.scope, self.audience, self.grant = scope, audience, grant
        self.nonce = self.auth_time = self.amr = self.sid = None
        self.org_id = self.org_name = None


def parameters(request):
    """The body as a dict, JSON or form; None if it is neither."""
    if request.content_type() == "application/x-www-form-urlencoded":
        return request.form()
    return passwordless.json_body(request)


def token(tenant, request):
    granted, bucket = tenant.take("token")
    if not granted:
        return errors.rate_limited(tenant, bucket)
    answer = token_answer(tenant, request)
    if not answer.has("set-cookie"):
        answer.add("set-cookie", "did=s%%3Av0%%3A%s; Max-Age=31557600; Path=/; HttpOnly; Secure; "
                   "SameSite=None" % secrets.token_hex(12))
    return errors.add_limit_headers(tenant, answer, bucket)


def token_answer(tenant, request):
    params = parameters(request)
    if params is None:
        return oauth_error(400, "invalid_request", "Invalid request body")
    grant = params.get("grant_type")
    if grant is None:
        return oauth_error(400, "invalid_request", "Missing required parameter: grant_type")
    handlers = {OTP_GRANT: otp_grant, "authorization_code": code_grant,
                "refresh_token": refresh_grant, MFA_OTP_GRANT: mfa_grant}
    if not isinstance(grant, str) or grant not in handlers:
        return oauth_error(400, "unsupported_grant_type", "Unsupported grant type: %s" % (grant,))
    caller = clientauth.identify(tenant, request, params)
    if caller.verdict != "ok":
        return errors.client_refused(tenant)
    client = caller.client
    if grant != MFA_OTP_GRANT and (grant not in client.grants
                                   or (grant == OTP_GRANT and client.kind == "spa")):
        return oauth_error(403, "unauthorized_client",
                           "Grant type '%s' not allowed for the client." % grant,
                           error_uri="https://auth0.com/docs/clients/client-grant-types")
    return handlers[grant](tenant, request, caller, params)


def parameter_problem(params, required, optional=("scope", "audience")):
    """Row 5, and parameters of a wrong type: an error, or None."""
    for name in required:
        if params.get(name) in (None, ""):
            return oauth_error(400, "invalid_request", "Missing required parameter: " + name)
    for name in tuple(required) + tuple(optional):
        if params.get(name) is not None and not isinstance(params[name], str):
            return oauth_error(400, "invalid_request", "%s parameter must be a string" % name)
    scopes = (params.get("scope") or "").split()
    if "offline_access" in scopes and "online_access" in scopes:
        return oauth_error(400, "invalid_request",
                           "offline_access and online_access cannot be requested together")
    return None


# -- passwordless OTP --------------------------------------------------------

def otp_grant(tenant, request, caller, params):
    required = ["username", "otp", "realm"]
    if tenant.knobs["redirect_uri_on_otp"] == "required":
        required.append("redirect_uri")
    problem = parameter_problem(params, required)
    if problem:
        return problem
    realm, address = params["realm"], params["username"]
    if realm not in caller.client.connections or realm in tenant.knobs["connection_disabled"]:
        return oauth_error(400, "invalid_request", "Unknown realm: " + realm)
    audience = params.get("audience")
    if audience and audience not in tenant.knobs["audiences"]:
        return oauth_error(403, "access_denied", "Service not found: " + audience)
    if tenant.knobs["bot_detection"]:
        return oauth_error(tenant.knobs["bot_detection_status"], "requires_verification",
                           "Suspicious request requires verification")
    ip = clientauth.visitor_ip(request, caller)
    why = passwordless.judge(tenant, ip, caller.client, realm, address, params["otp"])
    if why in ("account", "ip"):
        return errors.too_many_attempts(why)
    if why:
        return invalid_grant(tenant, passwordless.refusal_text(why, realm))
    user = tenant.user(realm, address)
    login = Login(request.host, caller.client, user, params.get("scope") or "", audience)
    return refuse_user(tenant, login) or finish(tenant, login)


def refuse_user(tenant, login):
    """Rows 11 and 12: blocked, denied by an Action, second factor."""
    user = login.user
    if user is None:
        return invalid_grant(tenant, "Wrong email or verification code.")
    if user.blocked:
        return oauth_error(tenant.knobs["blocked_status"], "unauthorized", "user is blocked")
    if tenant.knobs["action_denies"]:
        return oauth_error(403, "access_denied", tenant.knobs["action_denies"])
    if needs_mfa(tenant, user):
        return mfa_required(tenant, login)
    return None


def needs_mfa(tenant, user):
    wanted = tenant.knobs["mfa"]
    return user.mfa or wanted is True or (isinstance(wanted, list) and user.address in wanted)


def mfa_required(tenant, login):
    value = "Fe26.2*1*" + b64url(secrets.token_bytes(48))
    tenant.mfa_tokens[value] = (login, tenant.now() + 600)
    extra = {"mfa_token": value}
    shape = tenant.knobs["mfa_requirements"]
    if shape == "challenge":
        extra["mfa_requirements"] = {"challenge": [{"type": "otp"}, {"type": "email"}]}
    elif shape == "challenge_types":
        extra["mfa_requirements"] = {"challenge_types": ["otp", "email"]}
    return oauth_error(tenant.knobs["mfa_status"], "mfa_required",
                       "Multifactor authentication required", **extra)


def mfa_grant(tenant, request, caller, params):
    """The last step of 2.4, for a second code kept in the knob mfa_code."""
    problem = parameter_problem(params, ["mfa_token", "otp"])
    if problem:
        return problem
    login, expires = tenant.mfa_tokens.get(params["mfa_token"], (None, 0))
    if login is None or login.client is not caller.client:
        return invalid_grant(tenant, "Malformed mfa_token")
    if tenant.now() >= expires:
        return oauth_error(401, "expired_token", "mfa_token is expired")
    if params["otp"] != tenant.knobs["mfa_code"]:
        return invalid_grant(tenant, "Invalid otp_code.")
    tenant.mfa_tokens.pop(params["mfa_token"], None)
    return finish(tenant, login)


def finish(tenant, login, family=None):
    """200 and the tokens (2.2)."""
    login.user.verified = True
    scopes = login.scope.split()
    body = {"access_token": idtoken.access_token(tenant, login)}
    if "offline_access" in scopes and "refresh_token" in login.client.grants:
        body["refresh_token"] = new_refresh_token(tenant, login, family)
    if "openid" in scopes:
        body["id_token"] = idtoken.id_token(tenant, login)
    if tenant.knobs["scope_key"] and login.scope:
        body["scope"] = login.scope
    body.update(expires_in=tenant.knobs["access_token_life"], token_type="Bearer")
    return json_response(body)


# -- authorization code ------------------------------------------------------

def code_grant(tenant, request, caller, params):
    problem = parameter_problem(params, ["code"], ("redirect_uri", "code_verifier"))
    if problem:
        return problem
    with tenant.lock:
        kept = tenant.authorization_codes.get(params["code"])
        if (kept is None or kept["used"] or kept["login"].client is not caller.client
                or tenant.now() >= kept["expires"]):
            return invalid_grant(tenant, "Invalid authorization code")
        # Burnt by the first try, good or bad.
        kept["used"] = True
    sent, wanted = params.get("redirect_uri"), kept["redirect_uri"]
    if (wanted is not None or sent is not None) and sent != wanted:
        return oauth_error(403, "unauthorized_client",
                           "The redirect URI is wrong. You sent %s, and we expected %s"
                           % (sent or "null", wanted or "none"))
    if not verifier_ok(kept["code_challenge"], params.get("code_verifier")):
        return invalid_grant(tenant, "Failed to verify code verifier")
    login = kept["login"]
    if login.user.blocked:
        return oauth_error(tenant.knobs["blocked_status"], "unauthorized", "user is blocked")
    return finish(tenant, login)


def verifier_ok(challenge, verifier):
    """A verifier without a challenge is as bad as the reverse."""
    if challenge is None or verifier is None:
        return challenge is None and verifier is None
    digest = hashlib.sha256(verifier.encode("utf-8", "replace")).digest()
    return secrets.compare_digest(b64url(digest), challenge)


# -- refresh token -----------------------------------------------------------

def new_refresh_token(tenant, login, family=None):
    value = "v1." + b64url(secrets.token_bytes(36))
    now = tenant.now()
    absolute = tenant.knobs["refresh_absolute"]
    with tenant.lock:
        tenant.refresh_tokens[value] = {
            "login": login, "family": family or secrets.token_hex(8), "used_at": None,
            "idle": now + tenant.knobs["refresh_idle"],
            "absolute": now + absolute if absolute else None, "revoked": False}
        mine = tenant.refresh_order.setdefault((login.user.sub, login.client.client_id), [])
        mine.append(value)
        while len(mine) > TOKENS_PER_USER:
            tenant.refresh_tokens.pop(mine.pop(0), None)
    return value


def kill_family(tenant, family):
    for kept in list(tenant.refresh_tokens.values()):
        if kept["family"] == family:
            kept["revoked"] = True


def refresh_grant(tenant, request, caller, params):
    problem = parameter_problem(params, ["refresh_token"], ("scope",))
    if problem:
        return problem
    with tenant.lock:
        kept = usable_refresh_token(tenant, caller.client, params["refresh_token"])
        if kept is None:
            return invalid_grant(tenant, "Unknown or invalid refresh token.")
    old = kept["login"]
    if tenant.users.get((old.user.connection, old.user.address)) is not old.user:
        return invalid_grant(tenant, "The refresh_token was generated for a user who "
                             "doesn't exist anymore.")
    if old.user.blocked:
        return oauth_error(tenant.knobs["blocked_status"], "unauthorized", "user is blocked")
    scope = params.get("scope") or old.scope
    if not set(scope.split()) <= set(old.scope.split()):
        return oauth_error(400, "invalid_scope", "The requested scope exceeds the granted scope")
    login = Login(request.host, caller.client, old.user, scope, old.audience, "refresh_token")
    login.sid, login.auth_time = old.sid, old.auth_time
    return refresh_answer(tenant, login, old, kept)


def usable_refresh_token(tenant, client, value):
    """Called under the lock.  Marks the use; reuse kills the family."""
    kept, now = tenant.refresh_tokens.get(value), tenant.now()
    if kept is None or kept["login"].client is not client or kept["revoked"]:
        return None
    if now >= kept["idle"] or (kept["absolute"] and now >= kept["absolute"]):
        return None
    if tenant.knobs["rotation"]:
        if kept["used_at"] is not None:
            newest = kept.get("successor") is None or (
                tenant.refresh_tokens.get(kept["successor"], {}).get("used_at") is None)
            if not newest or now > kept["used_at"] + tenant.knobs["rotation_overlap"] - 1e-9:
                kill_family(tenant, kept["family"])
                return None
        else:
            kept["used_at"] = now
    kept["idle"] = now + tenant.knobs["refresh_idle"]
    return kept


def refresh_answer(tenant, login, old, kept):
    body = {"access_token": idtoken.access_token(tenant, login)}
    if tenant.knobs["rotation"]:
        body["refresh_token"] = new_refresh_token(tenant, old, kept["family"])
        kept["successor"] = body["refresh_token"]
        tenant.refresh_tokens[body["refresh_token"]]["absolute"] = kept["absolute"]
    if "openid" in login.scope.split():
        body["id_token"] = idtoken.id_token(tenant, login)
    if tenant.knobs["scope_key"]:
        body["scope"] = login.scope
    body.update(expires_in=tenant.knobs["access_token_life"], token_type="Bearer")
    return json_response(body)


def revoke(tenant, request):
    params = parameters(request)
    if params is None:
        return oauth_error(400, "invalid_request", "Invalid request body")
    caller = clientauth.identify(tenant, request, params)
    if caller.verdict != "ok":
        return oauth_error(401, "invalid_client", "Client authentication failed")
    if not isinstance(params.get("token"), str) or not params["token"]:
        return oauth_error(400, "invalid_request", "Missing required parameter: token")
    kept = tenant.refresh_tokens.get(params["token"])
    if kept and kept["login"].client is caller.client:
        kill_family(tenant, kept["family"])
        if tenant.knobs["revocation_deletes_grant"]:
            kill_grant(tenant, kept["login"])
    return Response(200, tenant.knobs["revoke_body"].encode(), "application/json")


def kill_grant(tenant, login):
    for kept in list(tenant.refresh_tokens.values()):
        other = kept["login"]
        if (other.user, other.client, other.audience) == (login.user, login.client,
                                                          login.audience):
            kept["revoked"] = True


def userinfo(tenant, request):
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    kept = tenant.access_tokens.get(value.strip()) if scheme.lower() == "bearer" else None
    if (kept is None or tenant.now() >= kept["expires"] or kept["host"] != request.host
            or "openid" not in kept["scope"].split()):
        if tenant.knobs["userinfo_401"] == "json":
            return oauth_error(401, "invalid_token", "The access token is invalid")
        return text_response("Unauthorized", 401)
    granted, bucket = tenant.take("userinfo", kept["user"].sub)
    if not granted:
        return errors.rate_limited(tenant, bucket)
    answer = json_response(idtoken.profile(kept["user"], kept["scope"]), charset=True)
    return errors.add_limit_headers(tenant, answer, bucket)
