# SPDX-License-Identifier: Apache-2.0
"""Tokens that are wrong in exactly one way, by name.

Each name belongs to a row of security.md (J1 to J25) and leaves the rest of
the token perfect: claims and headers are changed before signing, so the
signature of a token with a wrong claim is good.  What is wrong with the
signature itself, or with the spelling of the text, stands in forgeries.py;
what is wrong with the key set, in keyset.py.

A mutation is asked for by POST /mutate and used up after `times` tokens.
Several may be in force at once; they are applied in the order given.
"""
import copy
import secrets

TOKEN = {}   # name -> (row, function(draft, login, args))
JWKS = {}    # name -> (row, function(tenant, document, args))
TARGETS = {"id_token": TOKEN, "logout_token": TOKEN, "jwks": JWKS}


def token(row, name):
    """Decorator: a mutation of a Draft."""
    def keep(function):
        TOKEN[name] = (row, function)
        return function
    return keep


def jwks(row, name):
    """Decorator: a mutation of the key set."""
    def keep(function):
        JWKS[name] = (row, function)
        return function
    return keep


def names():
    return {"id_token": {n: row for n, (row, _) in TOKEN.items()},
            "jwks": {n: row for n, (row, _) in JWKS.items()}}


def add(tenant, body):
    """POST /mutate: {"target", "name", "args", "times", "grant"}."""
    unknown = set(body) - {"target", "name", "args", "times", "grant"}
    if unknown:
        raise ValueError("unknown keys: %s" % ", ".join(sorted(unknown)))
    target, name = body.get("target", "id_token"), body.get("name")
    if target not in TARGETS or name not in TARGETS[target]:
        raise ValueError("unknown mutation %r of %r; GET /mutations lists them" % (name, target))
    with tenant.lock:
        tenant.mutations.append({"target": target, "name": name, "args": body.get("args") or {},
                                 "times": body.get("times"), "grant": body.get("grant")})


def due(tenant, target, grant=None):
    """The mutations that apply now, each counted as used."""
    found = []
    with tenant.lock:
        for entry in list(tenant.mutations):
            if entry["target"] != target or entry["grant"] not in (None, grant):
                continue
            found.append(entry)
            if entry["times"] is not None:
                entry["times"] -= 1
                if entry["times"] <= 0:
                    tenant.mutations.remove(entry)
    return found


def mutate_token(tenant, draft, target, login):
    for entry in due(tenant, target, login.grant if login else None):
        TOKEN[entry["name"]][1](draft, login, copy.deepcopy(entry["args"]))


# -- claims, as a table ----------------------------------------------------------
# (row, name, claim, new value); a callable gets the draft and the old value.

MISSING = object()


def shifted(seconds):
    return lambda draft, old: int(draft.tenant.now()) + seconds


CLAIMS = [
    ("J6", "iss-other", "iss", "https://other.eu.auth0.com/"),
    ("J6", "iss-no-slash", "iss", lambda d, old: old.rstrip("/")),
    ("J6", "iss-extra-slash", "iss", lambda d, old: old + "/"),
    ("J6", "iss-case", "iss", lambda d, old: old.replace("localhost", "LOCALHOST")),
    ("J6", "iss-http", "iss", lambda d, old: old.replace("https:", "http:")),
    ("J6", "iss-userinfo", "iss", lambda d, old: old.replace("://", "://user@")),
    ("J6", "iss-array", "iss", lambda d, old: [old]),
    ("J6", "iss-prefix", "iss", lambda d, old: old[:-2]),
    ("J6", "iss-longer", "iss", lambda d, old: old + "x"),
    ("J6", "iss-regional", "iss", lambda d, old: old.replace("localhost", "localhost.us")),
    ("J6", "iss-other-own-host", "iss", lambda d, old: old.replace("localhost",
                                                                   "tenant.localhost")),
    ("J6", "iss-missing", "iss", MISSING),
    ("J6", "iss-empty", "iss", ""),
    ("J6", "iss-number", "iss", 1),
    ("J25", "iss-space", "iss", lambda d, old: old + " "),
    ("J7", "aud-other", "aud", "someone-else"),
    ("J7", "aud-array-us", "aud", lambda d, old: [old]),
    ("J7", "aud-array-other", "aud", ["someone-else", "another"]),
    ("J7", "aud-array-two", "aud", lambda d, old: [old, "someone-else"]),
    ("J7", "aud-empty-array", "aud", []),
    ("J7", "aud-number", "aud", 7),
    ("J7", "aud-null", "aud", None),
    ("J7", "aud-missing", "aud", MISSING),
    ("J7", "aud-empty", "aud", ""),
    ("J7", "aud-case", "aud", lambda d, old: old.swapcase()),
    ("J7", "aud-prefix", "aud", lambda d, old: old[:-1]),
    ("J7", "aud-object", "aud", lambda d, old: {"id": old}),
    ("J7", "azp-other", "azp", "someone-else"),
    ("J22", "aud-nested", "aud", lambda d, old: [[old]]),
    ("J25", "aud-space", "aud", lambda d, old: old + " "),
    ("J25", "aud-leading-zero", "aud", lambda d, old: old.replace("1", "01", 1)),
    ("J9", "exp-past", "exp", shifted(-3600)),
    ("J9", "exp-just-past", "exp", shifted(-61)),
    ("J9", "exp-now", "exp", shifted(0)),
    ("J9", "exp-string", "exp", lambda d, old: str(old)),
    ("J9", "exp-float", "exp", lambda d, old: old + 0.5),
    ("J9", "exp-1e300", "exp", 1e300),
    ("J9", "exp-huge", "exp", 2 ** 70),
    ("J9", "exp-negative", "exp", -1),
    ("J9", "exp-null", "exp", None),
    ("J9", "exp-missing", "exp", MISSING),
    ("J9", "iat-missing", "iat", MISSING),
    ("J9", "iat-future", "iat", shifted(3600)),
    ("J9", "iat-ancient", "iat", 1),
    ("J9", "iat-string", "iat", lambda d, old: str(old)),
    ("J9", "nbf-future", "nbf", shifted(3600)),
    ("J10", "sub-missing", "sub", MISSING),
    ("J10", "sub-empty", "sub", ""),
    ("J10", "sub-number", "sub", 42),
    ("J10", "sub-array", "sub", lambda d, old: [old]),
    ("J10", "sub-null", "sub", None),
    ("J10", "sub-long", "sub", "email|" + "a" * 294),
    ("J10", "sub-nul", "sub", lambda d, old: old + "\0admin"),
    ("J10", "sub-crlf", "sub", lambda d, old: old + "\r\nX-Injected: 1"),
    ("J10", "sub-other", "sub", "email|000000000000000000000000"),
    ("J22", "nonce-array", "nonce", lambda d, old: [old, "x"]),
    ("J22", "nonce-missing", "nonce", MISSING),
    ("J22", "nonce-other", "nonce", "not-the-nonce-that-was-sent"),
    ("J22", "nonce-empty", "nonce", ""),
    ("J25", "nonce-space", "nonce", lambda d, old: str(old) + " "),
    ("J23", "at-hash-wrong", "at_hash", "AAAAAAAAAAAAAAAAAAAAAA"),
    ("email", "email-other", "email", "mallory@example.net"),
    ("email", "email-missing", "email", MISSING),
    ("email", "email-number", "email", 5),
    ("email", "email-array", "email", lambda d, old: [old]),
    ("email", "email-upper-case", "email", lambda d, old: str(old).upper()),
    ("email", "email-crlf", "email", lambda d, old: str(old) + "\r\nX-Injected: 1"),
    ("email", "email-nul", "email", lambda d, old: str(old) + "\0"),
    ("email", "email-verified-false", "email_verified", False),
    ("email", "email-verified-missing", "email_verified", MISSING),
    ("email", "email-verified-string-false", "email_verified", "false"),
    ("email", "email-verified-string-true", "email_verified", "true"),
    ("email", "email-verified-number", "email_verified", 1),
    ("email", "email-verified-null", "email_verified", None),
]


def claim_mutation(claim, value):
    def apply(draft, login, args):
        if value is MISSING:
            draft.claims.pop(claim, None)
        elif callable(value):
            draft.claims[claim] = value(draft, draft.claims.get(claim, ""))
        else:
            draft.claims[claim] = copy.deepcopy(value)
    return apply


for _row, _name, _claim, _value in CLAIMS:
    token(_row, _name)(claim_mutation(_claim, _value))


@token("any", "claims")
def any_claims(draft, login, args):
    """args {"set": {...}, "remove": [...]}"""
    draft.claims.update(args.get("set", {}))
    for name in args.get("remove", []):
        draft.claims.pop(name, None)


@token("any", "header")
def any_header(draft, login, args):
    draft.header.update(args.get("set", {}))
    for name in args.get("remove", []):
        draft.header.pop(name, None)


@token("J7", "aud-array-two-azp-us")
def aud_two_azp_us(draft, login, args):
    draft.claims.update(aud=[draft.client.client_id, "someone-else"],
                        azp=draft.client.client_id)


@token("J7", "aud-array-two-azp-other")
def aud_two_azp_other(draft, login, args):
    draft.claims.update(aud=[draft.client.client_id, "someone-else"], azp="someone-else")


# -- header: typ and kid -----------------------------------------------------------

HEADERS = [
    ("J8", "typ-at-jwt", "typ", "at+jwt"),
    ("J8", "typ-logout", "typ", "logout+jwt"),
    ("J12", "kid-missing", "kid", MISSING),
    ("J12", "kid-unknown", "kid", "no-such-key"),
    ("J12", "kid-path", "kid", "../../etc/passwd"),
    ("J12", "kid-sql", "kid", "x' OR '1'='1' --"),
    ("J12", "kid-64k", "kid", "k" * 65536),
    ("J12", "kid-empty", "kid", ""),
    ("J12", "kid-number", "kid", 1),
    ("J12", "kid-null", "kid", None),
    ("J12", "kid-array", "kid", ["a"]),
    ("J12", "kid-nul", "kid", lambda d, old: old + "\0x"),
    ("J12", "kid-crlf", "kid", "x\r\nforged log line"),
    ("J15", "kid-random", "kid", lambda d, old: secrets.token_hex(8)),
    ("J13", "crit-unknown", "crit", ["http://example.org/unknown"]),
    ("J13", "crit-empty", "crit", []),
    ("J13", "zip", "zip", "DEF"),
]


def header_mutation(field, value):
    def apply(draft, login, args):
        if value is MISSING:
            draft.header.pop(field, None)
        else:
            draft.header[field] = value(draft, draft.header.get(field, "")) if callable(
                value) else copy.deepcopy(value)
    return apply


for _row, _name, _field, _value in HEADERS:
    token(_row, _name)(header_mutation(_field, _value))


@token("J12", "kid-next")
def kid_next(draft, login, args):
    """Good: the next key, already published."""
    key = draft.tenant.keys.next
    draft.header["kid"] = key.kid
    draft.signer = key.sign_pkcs1


@token("J17", "rotate-first")
def rotate_first(draft, login, args):
    """The keys rotate just before signing; the token is good."""
    draft.tenant.keys.rotate()
    draft.header["kid"] = draft.tenant.keys.current.kid


@token("J17", "unpublished-key")
def unpublished_key(draft, login, args):
    """A key of ours that the key set has never shown, under its own kid."""
    key = draft.tenant.keys.rsa("stranger")
    draft.header["kid"] = key.kid
    draft.signer = key.sign_pkcs1


# At the end: both files fill the tables above.
import forgeries  # noqa: E402,F401
