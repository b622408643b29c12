# SPDX-License-Identifier: Apache-2.0
"""Claims and tokens: ID tokens, access tokens, refresh tokens, logout tokens.

The claims follow the two columns of auth0-api.md 7.2: a token from the OTP
grant has no nonce, no sid and no auth_time; one from the code flow has what
/authorize remembered.  A Draft is a token before it is text: header, claims
and the way to sign, each open to a mutation (mutations.py) before encode().
"""
import hashlib
import hmac
import json
import secrets
import time

import mutations
from keys import b64url


class Draft:
    """A token in the making."""

    def __init__(self, tenant, client, header, claims):
        self.tenant, self.client, self.header, self.claims = tenant, client, header, claims
        self.header_bytes = self.payload_bytes = None  # instead of the JSON
        self.signer = None        # callable(signing input) -> signature bytes
        self.spell = b64url       # how the first two parts are written
        self.finishers = []       # callables(text) -> text

    def encode(self):
        head = self.spell(self.header_bytes if self.header_bytes is not None
                          else compact(self.header))
        payload = self.spell(self.payload_bytes if self.payload_bytes is not None
                             else compact(self.claims))
        signing_input = (head + "." + payload).encode()
        signature = (self.signer or self.sign)(signing_input)
        text = "%s.%s.%s" % (head, payload, b64url(signature))
        for finish in self.finishers:
            text = finish(text)
        return text

    def sign(self, message):
        """As the application's own algorithm wants it (7.1)."""
        algorithm = self.tenant.knobs["id_token_alg"]
        if algorithm == "HS256":
            return hmac.new(self.client.client_secret.encode(), message, hashlib.sha256).digest()
        key = self.tenant.keys.current
        return key.sign_pss(message) if algorithm == "PS256" else key.sign_pkcs1(message)


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8", "surrogatepass")


def base_header(tenant):
    algorithm = tenant.knobs["id_token_alg"]
    header = {"alg": algorithm, "typ": "JWT"}
    if algorithm != "HS256":
        header["kid"] = tenant.keys.current.kid
    return header


def iso_time(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + ".%03dZ" % (
        int(seconds * 1000) % 1000)


def profile(user, scope):
    """The claims that `scope` opens; the same for ID token and userinfo."""
    scopes = scope.split()
    claims = {"sub": user.sub}
    nickname = user.address.split("@")[0]
    if "profile" in scopes:
        digest = hashlib.md5(user.address.encode()).hexdigest()
        claims.update(nickname=nickname, name=user.address,
                      picture="https://s.gravatar.com/avatar/%s?s=480&r=pg" % digest,
                      updated_at=iso_time(user.updated))
    if user.connection == "sms":
        if "phone" in scopes or "profile" in scopes:
            claims.update(phone_number=user.address, phone_verified=user.verified)
    elif "email" in scopes:
        claims.update(email=user.address, email_verified=user.verified)
    claims.update(user.claims)
    return claims


def id_token(tenant, login):
    """`login` is a grants.Login: who, for whom, by which grant."""
    now = int(tenant.now())
    claims = {"iss": "https://%s/" % login.host, "aud": login.client.client_id,
              "iat": now, "exp": now + tenant.knobs["id_token_life"]}
    claims.update(profile(login.user, login.scope))
    for name in ("nonce", "auth_time", "amr", "org_id", "org_name"):
        if getattr(login, name) is not None:
            claims[name] = getattr(login, name)
    sid = login.sid if tenant.knobs["sid"] != "off" else None
    if sid is None and tenant.knobs["sid"] == "on":
        sid = login.sid = b64url(secrets.token_bytes(24))
    if sid is not None:
        claims["sid"] = sid
    claims.update(tenant.extra_claims)
    draft = Draft(tenant, login.client, base_header(tenant), claims)
    mutations.mutate_token(tenant, draft, "id_token", login)
    return draft.encode()


def access_token(tenant, login):
    """Opaque without an audience, else a JWT (2.1)."""
    token = b64url(secrets.token_bytes(24))
    if login.audience:
        now = int(tenant.now())
        audience = [login.audience, "https://%s/userinfo" % login.host]
        claims = {"iss": "https://%s/" % login.host, "sub": login.user.sub,
                  "aud": audience if "openid" in login.scope.split() else login.audience,
                  "iat": now, "exp": now + tenant.knobs["access_token_life"],
                  "scope": login.scope, "azp": login.client.client_id, "jti": token[:16]}
        header = {"alg": "RS256", "typ": "JWT", "kid": tenant.keys.current.kid}
        draft = Draft(tenant, login.client, header, claims)
        draft.signer = tenant.keys.current.sign_pkcs1
        token = draft.encode()
    login.issued_access_token = token
    tenant.access_tokens[token] = {
        "user": login.user, "scope": login.scope, "host": login.host,
        "expires": tenant.now() + tenant.knobs["access_token_life"]}
    return token


def logout_token(tenant, client, host, sub, sid, changes=None, remove=()):
    """8.4.  `changes` and `remove` bend the claims for tests."""
    now = int(tenant.now())
    claims = {"iss": "https://%s/" % host, "aud": client.client_id, "iat": now,
              "exp": now + 120, "jti": secrets.token_hex(16),
              "trace_id": secrets.token_hex(8),
              "events": {"http://schemas.openid.net/event/backchannel-logout": {}}}
    if sub is not None:
        claims["sub"] = sub
    if sid is not None:
        claims["sid"] = sid
    claims.update(changes or {})
    for name in remove:
        claims.pop(name, None)
    header = base_header(tenant)
    header["typ"] = "logout+jwt"
    draft = Draft(tenant, client, header, claims)
    mutations.mutate_token(tenant, draft, "logout_token", None)
    return draft.encode()
