# SPDX-License-Identifier: Apache-2.0
"""Who is calling: client authentication, and whose address counts.

auth0-api.md section 0 (secret in the body, Basic, or a signed assertion), 1.2
(who must authenticate), 1.3 (when auth0-forwarded-for is honoured), 7.6 (what
an assertion must hold).  The method must be the one set for the application:
a secret by Basic does not serve an application set to Post.
"""
import base64
import binascii
import ipaddress
import json
import os
import subprocess
import urllib.parse

from keys import der_integers, pkcs1_verify, unb64url

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Caller:
    """The outcome: client or None; verdict "ok", "missing" or "wrong"."""

    def __init__(self, client, verdict, by_secret=False):
        self.client, self.verdict, self.by_secret = client, verdict, by_secret


def basic_credentials(request):
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        pair = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    name, _, secret = pair.partition(":")
    return urllib.parse.unquote_plus(name), urllib.parse.unquote_plus(secret)


def identify(tenant, request, params, body_only=False):
    """Judge the credentials of a call.  `body_only` is /passwordless/start,
    which documents no Basic."""
    name, secret, method = params.get("client_id"), params.get("client_secret"), "post"
    basic = None if body_only else basic_credentials(request)
    if basic:
        if secret is not None or (name is not None and name != basic[0]):
            return Caller(None, "wrong")
        name, secret, method = basic[0], basic[1], "basic"
    client = tenant.clients.get(name) if isinstance(name, str) else None
    if client is None:
        return Caller(None, "wrong")
    if "client_assertion" in params or "client_assertion_type" in params:
        good = (client.auth_method == "private_key_jwt" and secret is None
                and assertion_ok(tenant, request, client, params))
        return Caller(client, "ok" if good else "wrong")
    if not client.confidential:
        return Caller(client, "ok")
    if secret is None:
        return Caller(client, "missing")
    wanted = ("post", "basic") if body_only else (method,)
    good = (client.auth_method in wanted and isinstance(secret, str)
            and secret == client.client_secret)
    return Caller(client, "ok" if good else "wrong", by_secret=good)


def visitor_ip(request, caller):
    """The address that limits and attack protection count (1.3)."""
    header = request.headers.get("auth0-forwarded-for")
    client = caller.client
    if not header or not caller.by_secret or not client or not client.trust_ip_header:
        return request.peer
    try:
        return str(ipaddress.ip_address(header.strip()))
    except ValueError:
        return request.peer


def public_numbers(pem):
    der = subprocess.run(("openssl", "rsa", "-pubin", "-RSAPublicKey_out", "-outform", "DER"),
                         input=pem.encode(), capture_output=True, check=True,
                         env={"PATH": os.environ.get("PATH", "")}).stdout
    return der_integers(der)


def assertion_ok(tenant, request, client, params):
    """The assertion of 7.6: signature, iss, sub, aud, life, single use."""
    token = params.get("client_assertion")
    if params.get("client_assertion_type") != ASSERTION_TYPE or not isinstance(token, str):
        return False
    if len(token) > 2048 or not client.public_key:
        return False
    try:
        head, payload, signature = token.split(".")
        header, claims = json.loads(unb64url(head)), json.loads(unb64url(payload))
        digest = {"RS256": "sha256", "RS384": "sha384"}[header["alg"]]
        n, e = public_numbers(client.public_key)
        if not pkcs1_verify(n, e, (head + "." + payload).encode(), unb64url(signature), digest):
            return False
        now, skew = tenant.now(), 10
        fresh = (claims["iat"] - skew <= now < claims["exp"] + skew
                 and claims["exp"] - claims["iat"] <= 300)
        ours = (claims["iss"] == claims["sub"] == client.client_id
                and claims["aud"] == "https://%s/" % request.host)
        jti = claims["jti"]
        with tenant.lock:
            unseen = jti not in tenant.assertion_ids and 0 < len(jti) <= 64
            if fresh and ours and unseen:
                tenant.assertion_ids[jti] = claims["exp"]
        return fresh and ours and unseen
    except (ValueError, KeyError, TypeError, AttributeError, subprocess.SubprocessError):
        return False
