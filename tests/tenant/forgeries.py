# SPDX-License-Identifier: Apache-2.0
"""Token mutations of the signature and of the text.

Rows J1 to J5, J8, J11, J13, J14, J19, J21, J23, J24 of security.md.  Where an
attacker would really sign (HS256 with the public key as secret, PS256, ES256,
a key of his own beside its jwk) the signature here is really that, so a
verifier that accepts it has the fault in question and not another.
"""
import base64
import hashlib
import hmac
import json
import os
import subprocess
import tempfile

from keys import b64url, int_bytes, pkcs1_encode
from mutations import token

EC_KID = "ec1"  # under which keyset.py publishes the EC key when asked to
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8", "surrogatepass")


# -- J1: alg and absent signatures ---------------------------------------------------

def unsigned(name, value):
    """`alg` as given and no signature; args {"keep_signature": true} keeps it."""
    def apply(draft, login, args):
        if value is None:
            draft.header.pop("alg", None)
        else:
            draft.header["alg"] = value
        if not args.get("keep_signature"):
            draft.signer = lambda message: b""
    token("J1", name)(apply)


for _name, _value in (("alg-none", "none"), ("alg-None", "None"), ("alg-NONE", "NONE"),
                      ("alg-missing", None), ("alg-empty", ""), ("alg-number", 0),
                      ("alg-array", ["RS256"]), ("alg-lower", "rs256")):
    unsigned(_name, _value)


@token("J1", "empty-signature")
def empty_signature(draft, login, args):
    draft.signer = lambda message: b""


@token("J1", "no-signature")
def no_signature(draft, login, args):
    """Two parts, no second dot."""
    draft.finishers.append(lambda text: text.rpartition(".")[0])


# -- J2: RS256 signatures that are not --------------------------------------------------

def signature(row, name):
    """Decorator: function(draft, message, args) -> signature bytes."""
    def keep(function):
        def apply(draft, login, args):
            draft.signer = lambda message: function(draft, message, args)
        token(row, name)(apply)
        return function
    return keep


@signature("J2", "flipped-bit")
def flipped_bit(draft, message, args):
    good = bytearray(draft.sign(message))
    good[args.get("byte", len(good) // 2)] ^= 1
    return bytes(good)


@signature("J2", "other-key")
def other_key(draft, message, args):
    """A stranger's key under the kid of ours."""
    return draft.tenant.keys.rsa("stranger").sign_pkcs1(message)


@signature("J2", "other-payload")
def other_payload(draft, message, args):
    head = message.split(b".")[0]
    return draft.sign(head + b"." + b64url(b'{"sub":"email|other"}').encode())


@signature("J2", "zero-signature")
def zero_signature(draft, message, args):
    return b"\0" * draft.tenant.keys.current.size


@signature("J2", "one-byte-signature")
def one_byte_signature(draft, message, args):
    return b"\1"


@signature("J2", "huge-signature")
def huge_signature(draft, message, args):
    return b"\xaa" * int(args.get("bytes", 1 << 20))


@signature("J2", "long-signature")
def long_signature(draft, message, args):
    return draft.sign(message) + b"\0"


@signature("J2", "padding-garbage")
def padding_garbage(draft, message, args):
    """Our key, but garbage where PKCS#1 wants 0xff bytes."""
    key = draft.tenant.keys.current
    encoded = bytearray(pkcs1_encode(message, "sha256", key.size))
    for i in range(10, 40):
        encoded[i] = i
    return key.raw(bytes(encoded))


@signature("J2", "short-padding")
def short_padding(draft, message, args):
    """Our key: the digest follows eight bytes of padding, garbage after it."""
    key = draft.tenant.keys.current
    info = pkcs1_encode(message, "sha256", key.size)[-51:]
    encoded = b"\x00\x01" + b"\xff" * 8 + b"\x00" + info
    return key.raw(encoded + b"\x5a" * (key.size - len(encoded)))


# -- J3: algorithms that are not configured ---------------------------------------------

def hs256(name, secret_of):
    def apply(draft, login, args):
        draft.header["alg"] = "HS256"
        draft.signer = lambda message: hmac.new(secret_of(draft), message, hashlib.sha256).digest()
    token("J3", name)(apply)


hs256("hs256-public-pem", lambda d: d.tenant.keys.current.public_pem())
hs256("hs256-public-pem-stripped", lambda d: d.tenant.keys.current.public_pem().strip())
hs256("hs256-public-der", lambda d: d.tenant.keys.current.public_der())
hs256("hs256-modulus", lambda d: int_bytes(d.tenant.keys.current.n))
hs256("hs256-modulus-text", lambda d: b64url(int_bytes(d.tenant.keys.current.n)).encode())
hs256("hs256-empty-key", lambda d: b"")
hs256("hs256-client-secret", lambda d: d.client.client_secret.encode())


def really_signed(name, algorithm, sign, row="J3", kid=None):
    def apply(draft, login, args):
        draft.header["alg"] = algorithm
        if kid:
            draft.header["kid"] = kid
        draft.signer = lambda message: sign(draft.tenant.keys, message)
    token(row, name)(apply)


def sign_ed25519(keys, message):
    path = os.path.join(keys.folder, "ed25519.pem")
    if not os.path.exists(path):
        subprocess.run(("openssl", "genpkey", "-algorithm", "ED25519", "-out", path), check=True,
                       capture_output=True)
        os.chmod(path, 0o600)
    with tempfile.NamedTemporaryFile(dir=keys.folder) as file:
        file.write(message)
        file.flush()
        return subprocess.run(("openssl", "pkeyutl", "-sign", "-rawin", "-inkey", path, "-in",
                               file.name), check=True, capture_output=True).stdout


def es256_made_of(r, s):
    return lambda keys, message: int_bytes(r, 32) + int_bytes(s, 32)


def es256_der(keys, message):
    """The openssl form, a SEQUENCE, where JOSE wants r and s side by side."""
    raw = keys.ec("P-256").sign(message)
    parts = b""
    for half in (raw[:32], raw[32:]):
        half = half.lstrip(b"\0")
        half = b"\0" + half if half[0] & 0x80 else half
        parts += b"\x02" + bytes([len(half)]) + half
    return b"\x30" + bytes([len(parts)]) + parts


really_signed("rs384", "RS384", lambda k, m: k.current.sign_pkcs1(m, "sha384"))
really_signed("rs512", "RS512", lambda k, m: k.current.sign_pkcs1(m, "sha512"))
really_signed("ps256", "PS256", lambda k, m: k.current.sign_pss(m))
really_signed("ps256-as-rs256", "RS256", lambda k, m: k.current.sign_pss(m))
really_signed("rs384-as-rs256", "RS256", lambda k, m: k.current.sign_pkcs1(m, "sha384"))
really_signed("es256", "ES256", lambda k, m: k.ec("P-256").sign(m), kid=EC_KID)
really_signed("es256-as-rs256", "RS256", lambda k, m: k.ec("P-256").sign(m), kid=EC_KID)
really_signed("eddsa", "EdDSA", sign_ed25519, kid="ed1")
really_signed("es256-r0", "ES256", es256_made_of(0, 1), "J5", EC_KID)
really_signed("es256-s0", "ES256", es256_made_of(1, 0), "J5", EC_KID)
really_signed("es256-zero", "ES256", es256_made_of(0, 0), "J5", EC_KID)
really_signed("es256-order", "ES256", es256_made_of(P256_ORDER, P256_ORDER), "J5", EC_KID)
really_signed("es256-der", "ES256", es256_der, "J5", EC_KID)
really_signed("es256-p384", "ES256", lambda k, m: k.ec("P-384").sign(m), "J5", EC_KID)
# Signed with the weak key the key set shows under the mutation of the same
# name; with e=1 anybody can make the signature.
really_signed("rsa-512", "RS256", lambda k, m: k.rsa("weak-512", 512).sign_pkcs1(m), "J5")
really_signed("rsa-1024", "RS256", lambda k, m: k.rsa("weak-1024", 1024).sign_pkcs1(m), "J5")
really_signed("rsa-e1", "RS256", lambda k, m: pkcs1_encode(m, "sha256", k.current.size), "J5")


# -- J8: other kinds of token -----------------------------------------------------------

@token("J8", "access-token")
def access_token_instead(draft, login, args):
    audience = "https://api.example.org"
    draft.claims = {"iss": draft.claims["iss"], "sub": draft.claims.get("sub"), "aud": [
        audience, draft.claims["iss"] + "userinfo"], "iat": draft.claims["iat"],
        "exp": draft.claims["exp"], "scope": "openid", "azp": draft.client.client_id}


@token("J8", "logout-token")
def logout_token_instead(draft, login, args):
    draft.header["typ"] = "logout+jwt"
    draft.claims["events"] = {"http://schemas.openid.net/event/backchannel-logout": {}}


# -- J11 and J21: payload as text ----------------------------------------------------------

def twice(name, claim, other):
    """The claim twice: the wrong value first, then the right one."""
    def apply(draft, login, args):
        text = compact(draft.claims)
        first = compact({claim: other})[:-1]
        if args.get("wrong_last"):
            draft.payload_bytes = text[:-1] + b"," + first[1:] + b"}"
        else:
            draft.payload_bytes = first + b"," + text[1:]
    token("J11", name)(apply)


twice("dup-sub", "sub", "email|000000000000000000000000")
twice("dup-iss", "iss", "https://other.eu.auth0.com/")
twice("dup-aud", "aud", "someone-else")
twice("dup-exp", "exp", 1)
twice("dup-email", "email", "mallory@example.net")


@token("J11", "dup-alg")
def dup_alg(draft, login, args):
    draft.header_bytes = b'{"alg":"none",' + compact(draft.header)[1:]


def payload(name, make):
    def apply(draft, login, args):
        draft.payload_bytes = make(draft, args)
    token("J21", name)(apply)


payload("payload-array", lambda d, a: compact([d.claims]))
payload("payload-string", lambda d, a: compact(json.dumps(d.claims)))
payload("payload-number", lambda d, a: b"42")
payload("payload-null", lambda d, a: b"null")
payload("payload-empty", lambda d, a: b"")
payload("payload-truncated", lambda d, a: compact(d.claims)[:-1])
payload("payload-trailing", lambda d, a: compact(d.claims) + b"{}")
payload("payload-not-utf8", lambda d, a: compact(d.claims)[:-1] + b',"name":"\xff\xfe"}')
payload("payload-bom", lambda d, a: b"\xef\xbb\xbf" + compact(d.claims))
payload("payload-deep", lambda d, a: compact(d.claims)[:-1] + b',"x":' + b"[" * int(
    a.get("depth", 10000)) + b"]" * int(a.get("depth", 10000)) + b"}")
payload("payload-5mb", lambda d, a: compact(d.claims)[:-1] + b',"x":"' + b"a" * int(
    a.get("bytes", 5 << 20)) + b'"}')


def header_text(name, make):
    def apply(draft, login, args):
        draft.header_bytes = make(draft)
    token("J21", name)(apply)


header_text("header-array", lambda d: compact([d.header]))
header_text("header-not-json", lambda d: b"alg=RS256")
header_text("header-empty", lambda d: b"")


# -- J13 and J14 ------------------------------------------------------------------------

def with_own_key(name, field, value_of):
    """A stranger's signature, and a header that says where his key is."""
    def apply(draft, login, args):
        key = draft.tenant.keys.rsa("stranger")
        default = "https://%s/attacker/keys.json" % draft.tenant.domain
        draft.header[field] = value_of(key, args.get("url", default))
        draft.header["kid"] = key.kid
        draft.signer = key.sign_pkcs1
    token("J13", name)(apply)


def own_certificate(key, url):
    if not key.x5c:
        key.add_certificate()
    return key.x5c


with_own_key("jku", "jku", lambda key, url: url)
with_own_key("x5u", "x5u", lambda key, url: url)
with_own_key("jwk", "jwk", lambda key, url: {n: v for n, v in key.jwk().items()
                                             if n not in ("x5c", "x5t")})
with_own_key("x5c", "x5c", own_certificate)


@token("J13", "b64-false")
def b64_false(draft, login, args):
    draft.header.update(b64=False, crit=["b64"])


@token("J14", "five-parts")
def five_parts(draft, login, args):
    """The shape of an encrypted token."""
    draft.header.update(alg="RSA-OAEP", enc="A256GCM")
    tail = [b64url(os.urandom(n)) for n in (256, 12, 300, 16)]
    draft.finishers.append(lambda text: ".".join([text.split(".")[0]] + tail))


@token("J14", "four-parts")
def four_parts(draft, login, args):
    draft.finishers.append(lambda text: text + ".AAAA")


# -- J19: spelling of base64url; the signature covers the text as spelt ----------------------

def spelling(name, spell):
    def apply(draft, login, args):
        draft.spell = spell
        if name == "b64-standard-alphabet":
            draft.claims["x"] = "\u00fb\u00ff\u00fe???>>>" * 8  # sure to need + or /
    token("J19", name)(apply)


def to_length(data, rest):
    """Spaces after the JSON, which change nothing, up to a length = rest mod 3."""
    return data + b" " * ((rest - len(data)) % 3)


spelling("b64-padding", lambda data: base64.urlsafe_b64encode(to_length(data, 1)).decode())
spelling("b64-standard-alphabet", lambda data: base64.b64encode(data).rstrip(b"=").decode())
spelling("b64-space", lambda data: b64url(data)[:4] + " " + b64url(data)[4:])
spelling("b64-newline", lambda data: b64url(data) + "\n")
spelling("b64-non-ascii", lambda data: b64url(data) + "\u00e9")
spelling("b64-mod-1", lambda data: b64url(to_length(data, 0)) + "A")


@token("J19", "b64-signature-padding")
def b64_signature_padding(draft, login, args):
    draft.finishers.append(lambda text: text + "==")


@token("J19", "b64-signature-trailing-bits")
def b64_signature_trailing_bits(draft, login, args):
    """Same bytes, other last character: the unused bits are not zero."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    draft.finishers.append(
        lambda text: text[:-1] + alphabet[alphabet.index(text[-1]) | 1])


# -- J23 and J24 ------------------------------------------------------------------------

@token("J23", "at-hash-right")
def at_hash_right(draft, login, args):
    digest = hashlib.sha256(login.issued_access_token.encode()).digest()
    draft.claims["at_hash"] = b64url(digest[:16])


def instead(name, value_of):
    """Something that is no token at all; None becomes JSON null."""
    def apply(draft, login, args):
        draft.finishers.append(lambda text: value_of(draft))
    token("J24", name)(apply)


instead("token-empty", lambda d: "")
instead("token-null", lambda d: None)
instead("token-number", lambda d: 1)
instead("token-object", lambda d: d.claims)
instead("token-plain-json", lambda d: compact(d.claims).decode())
instead("token-dots", lambda d: "..")
instead("token-opaque", lambda d: "abcdefghijklmnopqrstuvwxyz")
instead("token-1mb", lambda d: "a" * (1 << 20))
