# SPDX-License-Identifier: Apache-2.0
"""Discovery and the published key set, and the ways a key set can be broken.

auth0-api.md 7.4 and 7.5.  The mutations are security.md J5, J16 to J18; the
ones that only change the document stand here, those that change how it is
sent (HTML, never-ending, redirect) are faults on the path instead, named here
so that one list has them all.
"""
import copy

import errors
import mutations
from forgeries import EC_KID
from keys import b64url, int_bytes
from mutations import jwks as mutation
from wire import Response, html_response, json_response


def discovery(tenant, request):
    base = "https://%s/" % request.host
    return json_response({
        "issuer": base, "authorization_endpoint": base + "authorize",
        "token_endpoint": base + "oauth/token",
        "device_authorization_endpoint": base + "oauth/device/code",
        "userinfo_endpoint": base + "userinfo", "mfa_challenge_endpoint": base + "mfa/challenge",
        "jwks_uri": base + ".well-known/jwks.json",
        "registration_endpoint": base + "oidc/register",
        "revocation_endpoint": base + "oauth/revoke",
        "scopes_supported": ["openid", "profile", "offline_access", "name", "given_name",
                             "family_name", "nickname", "email", "email_verified", "picture",
                             "created_at", "identities", "phone", "address"],
        "response_types_supported": ["code", "token", "id_token", "code token", "code id_token",
                                     "token id_token", "code token id_token"],
        "code_challenge_methods_supported": ["S256", "plain"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["public"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post",
                                                  "private_key_jwt"],
        "claims_supported": ["aud", "auth_time", "created_at", "email", "email_verified", "exp",
                             "family_name", "given_name", "iat", "identities", "iss", "name",
                             "nickname", "phone_number", "picture", "sub"],
        "request_uri_parameter_supported": False, "request_parameter_supported": False,
        "id_token_signing_alg_values_supported": ["HS256", "RS256", "PS256"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "RS384", "PS256"],
        "end_session_endpoint": base + "oidc/logout",
        "backchannel_logout_supported": True, "backchannel_logout_session_supported": True,
    }, charset=True)


def jwks(tenant, request):
    granted, bucket = tenant.take("jwks")
    if not granted:
        return errors.rate_limited(tenant, bucket)
    document = copy.deepcopy(tenant.keys.jwks(tenant.knobs["jwks_alg"]))
    for entry in mutations.due(tenant, "jwks"):
        changed = mutations.JWKS[entry["name"]][1](tenant, document, entry["args"])
        if isinstance(changed, Response):
            return changed
        if changed is not None:
            document = changed
    return errors.add_limit_headers(tenant, json_response(document, charset=True), bucket)


# -- mutations: return a new document, a Response, or None (changed in place) ---------

def sent_as_fault(name, fault, **arguments):
    """What is wrong is the sending: left to faults.py."""
    def apply(tenant, document, args):
        response = json_response(document, charset=True)
        response.fault = {"fault": fault, **arguments, **args}
        return response
    mutation("J16", name)(apply)


sent_as_fault("never-ending", "endless-body")
sent_as_fault("50mb", "huge-body", bytes=50 << 20)
sent_as_fault("truncated", "truncated-json")
sent_as_fault("gzip-bomb", "gzip-bomb")


def answered(name, make, row="J16"):
    mutation(row, name)(lambda tenant, document, args: make(tenant, args))


answered("404", lambda t, a: Response(404, b"Not found.", "text/plain"))
answered("500", lambda t, a: errors.oauth_error(500, "server_error", "server_error"))
answered("html", lambda t, a: html_response("<html><body><h1>Oops!</h1></body></html>"))
answered("empty", lambda t, a: Response(200, b"", "application/json; charset=utf-8"))
answered("array", lambda t, a: Response(200, b"[]", "application/json; charset=utf-8"))
answered("redirect", lambda t, a: Response(
    int(a.get("status", 302)), headers=[("location", a.get(
        "location", "https://%s/attacker/keys.json" % t.domain))]), "J18")


def replaced(name, make, row="J16"):
    mutation(row, name)(lambda tenant, document, args: make(tenant, document, args))


replaced("no-keys", lambda t, d, a: {"nothing": []})
replaced("keys-empty", lambda t, d, a: {"keys": []})
replaced("keys-null", lambda t, d, a: {"keys": None})
replaced("keys-object", lambda t, d, a: {"keys": {"0": d["keys"][0]}})
replaced("keys-of-strings", lambda t, d, a: {"keys": ["a", 1, None, []] + d["keys"]})
replaced("only-current", lambda t, d, a: {"keys": d["keys"][:1]})
replaced("remove-current", lambda t, d, a: {"keys": d["keys"][1:]}, "J17")
replaced("10000-keys", lambda t, d, a: {"keys": [
    {**d["keys"][1], "kid": "filler-%d" % i, "x5c": []} for i in range(
        int(a.get("count", 10000)))] + d["keys"]})


def each_key(name, change, row="J16"):
    """Changes every key in place."""
    def apply(tenant, document, args):
        for key in document["keys"]:
            change(key)
    mutation(row, name)(apply)


each_key("use-enc", lambda k: k.update(use="enc"))
each_key("use-missing", lambda k: k.pop("use"))
each_key("key-ops-encrypt", lambda k: k.update(key_ops=["encrypt"]))
each_key("alg-mismatch", lambda k: k.update(alg="RS512"))
each_key("alg-hs256", lambda k: k.update(alg="HS256"))
each_key("alg-missing", lambda k: k.pop("alg", None))
each_key("kid-missing", lambda k: k.pop("kid"))
each_key("kid-number", lambda k: k.update(kid=1))
each_key("kty-missing", lambda k: k.pop("kty"))
each_key("kty-oct", lambda k: (k.update(kty="oct", k=k["n"]), k.pop("n"), k.pop("e")))
each_key("n-missing", lambda k: k.pop("n"))
each_key("n-number", lambda k: k.update(n=5))
each_key("n-empty", lambda k: k.update(n=""))
each_key("n-bad-base64", lambda k: k.update(n="***" + k["n"]))
each_key("n-leading-zero", lambda k: k.update(n="AA" + k["n"]))
each_key("e-even", lambda k: k.update(e="Ag"), "J5")
each_key("e-zero", lambda k: k.update(e="AA"), "J5")
each_key("rsa-e1", lambda k: k.update(e="AQ"), "J5")


@mutation("J17", "rotate")
def rotate(tenant, document, args):
    tenant.keys.rotate()
    return tenant.keys.jwks(tenant.knobs["jwks_alg"])


@mutation("J16", "duplicate-kid")
def duplicate_kid(tenant, document, args):
    """A stranger's key first, under the kid of ours."""
    stranger = tenant.keys.rsa("stranger").jwk()
    stranger["kid"] = document["keys"][0]["kid"]
    document["keys"].insert(0, stranger)


@mutation("J16", "other-key-same-kid")
def other_key_same_kid(tenant, document, args):
    stranger = tenant.keys.rsa("stranger").jwk()
    stranger["kid"] = document["keys"][0]["kid"]
    document["keys"][0] = stranger


@mutation("J17", "add-stranger")
def add_stranger(tenant, document, args):
    """Publishes the key of the token mutation unpublished-key."""
    document["keys"].append(tenant.keys.rsa("stranger").jwk())


@mutation("J16", "unknown-kty")
def unknown_kty(tenant, document, args):
    """Good: keys of kinds nobody knows stand among the good ones."""
    document["keys"].insert(0, {"kty": "LATTICE", "kid": "future", "use": "sig", "z": "AAAA"})
    document["keys"].append({"kty": "OKP", "crv": "Ed25519", "kid": "ed1", "x": "AAAA"})


@mutation("J16", "private-parts")
def private_parts(tenant, document, args):
    key = tenant.keys.current
    document["keys"][0].update({n: b64url(int_bytes(getattr(key, n))) for n in "dpq"})


def weak(name, key_name, bits):
    """The weak key under the current kid; the token mutation of the same name
    signs with it."""
    @mutation("J5", name)
    def apply(tenant, document, args):
        key = tenant.keys.rsa(key_name, bits).jwk()
        key["kid"] = document["keys"][0]["kid"]
        document["keys"][0] = key


weak("rsa-512", "weak-512", 512)
weak("rsa-1024", "weak-1024", 1024)


@mutation("J5", "even-modulus")
def even_modulus(tenant, document, args):
    document["keys"][0]["n"] = b64url(int_bytes(tenant.keys.current.n - 1))


def with_ec(name, curve, change=None):
    @mutation("J5", name)
    def apply(tenant, document, args):
        key = tenant.keys.ec(curve).jwk(EC_KID)
        if change:
            change(key)
        document["keys"].append(key)


with_ec("ec-added", "P-256")
with_ec("ec-p384", "P-384")
with_ec("ec-off-curve", "P-256", lambda key: key.update(y=key["x"]))
