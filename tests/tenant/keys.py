# SPDX-License-Identifier: Apache-2.0
"""Signing keys and the JSON Web Key Set.

Keys are made by the openssl command and read once; a signature is then two
modular powers by the Chinese remainder theorem, and the bytes equal those of
openssl.  The powers are taken by the library that Python's own ssl module has
loaded (half a millisecond, other threads run on), or else by pow() (seven
milliseconds).  Two RSA keys are always published, the current and
the next; a rotation makes the next current and adds a new next, while the
previous one stays published (auth0-api.md 7.5).

Weak or foreign keys for attacks (security.md J2, J5) are made when first asked
for.  What an attacker would do with them is said in mutations.py; what a
broken tenant would publish is said in keyset.py.
"""
import base64
import ctypes
import hashlib
import hmac
import os
import subprocess
import threading

from certs import openssl

# DER prefixes of DigestInfo, RFC 8017 section 9.2.
DIGEST_INFO = {
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
    "sha384": bytes.fromhex("3041300d060960864801650304020205000430"),
    "sha512": bytes.fromhex("3051300d060960864801650304020305000440"),
}


def find_power():
    """A function like pow(base, exponent, modulus)."""
    try:
        lib = ctypes.CDLL("libcrypto.so.3")
        for name in ("BN_new", "BN_CTX_new", "BN_bin2bn"):
            getattr(lib, name).restype = ctypes.c_void_p
    except (OSError, AttributeError):
        return pow
    lib.BN_bin2bn.argtypes = (ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p)
    lib.BN_mod_exp.argtypes = (ctypes.c_void_p,) * 5
    lib.BN_bn2binpad.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int)
    lib.BN_free.argtypes = lib.BN_CTX_free.argtypes = (ctypes.c_void_p,)

    def power(base, exponent, modulus):
        size = (modulus.bit_length() + 7) // 8
        numbers = [lib.BN_bin2bn(n.to_bytes(size, "big"), size, None)
                   for n in (base % modulus, exponent, modulus)]
        result, context = lib.BN_new(), lib.BN_CTX_new()
        out = ctypes.create_string_buffer(size)
        good = (lib.BN_mod_exp(result, *numbers, context) == 1
                and lib.BN_bn2binpad(result, out, size) == size)
        for number in numbers + [result]:
            lib.BN_free(number)
        lib.BN_CTX_free(context)
        return int.from_bytes(out.raw, "big") if good else pow(base, exponent, modulus)
    return power


power = find_power()


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def int_bytes(number, length=None):
    return number.to_bytes(length or (number.bit_length() + 7) // 8, "big")


def der_integers(der):
    """The INTEGERs of a flat DER SEQUENCE, such as a PKCS#1 private key."""
    def length_at(i):
        size, i = der[i], i + 1
        if size & 0x80:
            count = size & 0x7F
            size, i = int.from_bytes(der[i:i + count], "big"), i + count
        return size, i

    _, i = length_at(1)
    numbers = []
    while i < len(der):
        size, i = length_at(i + 1)
        numbers.append(int.from_bytes(der[i:i + size], "big"))
        i += size
    return numbers


class RsaKey:
    """An RSA key pair read from a PEM file."""

    def __init__(self, path):
        self.path = path
        folder, name = os.path.split(path)
        der = openssl(folder, "rsa", "-in", name, "-traditional", "-outform", "DER")
        (_, self.n, self.e, self.d, self.p, self.q,
         self.dp, self.dq, self.qinv) = der_integers(der)
        self.size = (self.n.bit_length() + 7) // 8
        self.kid = b64url(hashlib.sha256(int_bytes(self.n)).digest())[:21]
        self.x5c = self.x5t = None

    def raw(self, encoded):
        """The private operation on an encoded message of self.size bytes."""
        m = int.from_bytes(encoded, "big")
        m1, m2 = power(m, self.dp, self.p), power(m, self.dq, self.q)
        return int_bytes(m2 + (m1 - m2) * self.qinv % self.p * self.q, self.size)

    def sign_pkcs1(self, message, digest="sha256"):
        return self.raw(pkcs1_encode(message, digest, self.size))

    def sign_pss(self, message, digest="sha256"):
        return self.raw(pss_encode(message, digest, self.n.bit_length() - 1))

    def add_certificate(self):
        """The x5c and x5t that a real key set carries beside n and e."""
        folder, name = os.path.split(self.path)
        der = openssl(folder, "req", "-x509", "-new", "-key", name, "-subj",
                      "/CN=localhost", "-days", "3650", "-outform", "DER")
        self.x5c = [base64.b64encode(der).decode()]
        self.x5t = b64url(hashlib.sha1(der).digest())

    def public_pem(self):
        folder, name = os.path.split(self.path)
        return openssl(folder, "rsa", "-in", name, "-pubout")

    def public_der(self):
        folder, name = os.path.split(self.path)
        return openssl(folder, "rsa", "-in", name, "-pubout", "-outform", "DER")

    def jwk(self, with_alg=True):
        key = {"kty": "RSA", "use": "sig"}
        if with_alg:
            key["alg"] = "RS256"
        key.update(kid=self.kid, n=b64url(int_bytes(self.n)), e=b64url(int_bytes(self.e)))
        if self.x5c:
            key.update(x5t=self.x5t, x5c=self.x5c)
        return key


def pkcs1_encode(message, digest, size):
    info = DIGEST_INFO[digest] + hashlib.new(digest, message).digest()
    return b"\x00\x01" + b"\xff" * (size - len(info) - 3) + b"\x00" + info


def pss_encode(message, digest, bits):
    """EMSA-PSS with MGF1 of the same digest and a salt of digest length."""
    length = (bits + 7) // 8
    hashed = hashlib.new(digest, message).digest()
    salt = os.urandom(len(hashed))
    h = hashlib.new(digest, b"\0" * 8 + hashed + salt).digest()
    block = b"\0" * (length - 2 * len(h) - 2) + b"\x01" + salt
    mask, counter = b"", 0
    while len(mask) < len(block):
        mask += hashlib.new(digest, h + int_bytes(counter, 4)).digest()
        counter += 1
    masked = bytes(a ^ b for a, b in zip(block, mask))
    first = masked[0] & (0xFF >> (8 * length - bits))
    return bytes([first]) + masked[1:] + h + b"\xbc"


def pkcs1_verify(n, e, message, signature, digest="sha256"):
    size = (n.bit_length() + 7) // 8
    if len(signature) != size:
        return False
    found = int_bytes(pow(int.from_bytes(signature, "big"), e, n), size)
    return hmac.compare_digest(found, pkcs1_encode(message, digest, size))


class EcKey:
    """A P-256 or P-384 key; signing is left to the openssl command."""

    def __init__(self, path, curve):
        self.path, self.curve = path, curve
        self.half = 32 if curve == "P-256" else 48
        folder, name = os.path.split(path)
        if not os.path.exists(path):
            openssl(folder, "genpkey", "-algorithm", "EC", "-pkeyopt",
                    "ec_paramgen_curve:" + curve, "-out", name)
            os.chmod(path, 0o600)
        # The uncompressed point 04 x y stands at the end of the public DER.
        point = openssl(folder, "pkey", "-in", name, "-pubout", "-outform",
                        "DER")[-2 * self.half:]
        self.x, self.y = point[:self.half], point[self.half:]

    def sign(self, message, digest="sha256"):
        done = subprocess.run(("openssl", "dgst", "-" + digest, "-sign", self.path),
                              input=message, capture_output=True, check=True)
        r, s = der_integers(done.stdout)
        return int_bytes(r, self.half) + int_bytes(s, self.half)

    def jwk(self, kid):
        return {"kty": "EC", "use": "sig", "alg": "ES256" if self.half == 32 else "ES384",
                "kid": kid, "crv": self.curve, "x": b64url(self.x), "y": b64url(self.y)}


class KeyRing:
    """The tenant's keys in order of age; `index` marks the current one."""

    def __init__(self, folder):
        self.folder = os.path.abspath(folder)
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        self.lock = threading.Lock()
        self.special = {}
        self.keys = []
        makers = [threading.Thread(target=self.rsa, args=("sign-%d" % i,)) for i in (0, 1)]
        for maker in makers:
            maker.start()
        for maker in makers:
            maker.join()
        self.reset()

    def reset(self):
        with self.lock:
            self.keys = [self.rsa("sign-0"), self.rsa("sign-1")]
            self.index = 0

    def rsa(self, name, bits=2048):
        """The RSA key of that name, made and certified if it is new."""
        if name not in self.special:
            path = os.path.join(self.folder, name + ".pem")
            if not os.path.exists(path):
                openssl(self.folder, "genrsa", "-out", name + ".tmp", str(bits))
                os.chmod(path[:-4] + ".tmp", 0o600)
                os.replace(path[:-4] + ".tmp", path)
            key = RsaKey(path)
            if name.startswith("sign-"):
                key.add_certificate()
            self.special[name] = key
        return self.special[name]

    def ec(self, curve):
        with self.lock:
            if curve not in self.special:
                path = os.path.join(self.folder, "ec-%s.pem" % curve)
                self.special[curve] = EcKey(path, curve)
            return self.special[curve]

    @property
    def current(self):
        return self.keys[self.index]

    @property
    def next(self):
        return self.keys[self.index + 1]

    def rotate(self):
        """Previous keys stay published until /reset."""
        with self.lock:
            self.keys.append(self.rsa("sign-%d" % len(self.keys)))
            self.index += 1

    def jwks(self, with_alg=True):
        return {"keys": [key.jwk(with_alg) for key in
                         [self.current, self.next] + self.keys[:self.index]]}
