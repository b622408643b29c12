# SPDX-License-Identifier: Apache-2.0
"""The certificate authority of the stand-in, its certificates, TLS contexts.

One private CA signs the tenant's certificate and one for an application
server, both for localhost, tenant.localhost, app.localhost and 127.0.0.1.
A client trusts them by ca.pem alone; nothing is put into a system store.

Tests move the clock in both directions, of this program too, so everything is
valid from 2020 to 2049 whatever the clock says.  `openssl ca` is used rather
than `openssl x509`, since it alone can be told a first day.

Bad certificates for POST /tls (security.md U4) are made when first asked for:
expired, self-signed, for another host, of another CA.

Facts: auth0-api.md 10.2 (TLS 1.2 and 1.3 only); testing.md 3.4.
"""
import contextlib
import fcntl
import os
import ssl
import subprocess
import threading
import time
import warnings

CONFIG = """
[ca]
default_ca = d
[d]
dir = .
database = index.txt
rand_serial = yes
new_certs_dir = .
default_md = sha256
policy = any
copy_extensions = none
unique_subject = no
[any]
commonName = supplied
[req]
distinguished_name = none
prompt = no
[none]
CN = none
[root]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = DNS:localhost,DNS:tenant.localhost,DNS:app.localhost,IP:127.0.0.1
[elsewhere]
basicConstraints = CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:elsewhere.example
"""

FIRST_DAY, LAST_DAY = "20200101000000Z", "20491231235959Z"
FAULTS = ("expired", "self-signed", "wrong-host", "wrong-ca", "handshake-silence",
          "tls1.0", "weak-cipher", "reset", "close")


def openssl(folder, *args):
    done = subprocess.run(("openssl",) + args, cwd=folder, capture_output=True,
                          stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        raise RuntimeError("openssl %s: %s" % (args[0], done.stderr.decode(errors="replace")))
    return done.stdout


class Authority:
    """A CA in a folder of its own; made if the folder holds none yet."""

    def __init__(self, folder, name):
        self.folder = os.path.abspath(folder)
        os.makedirs(self.folder, exist_ok=True)
        self.ca_file = os.path.join(self.folder, "ca.pem")
        with self.alone():
            if not os.path.exists(self.path("openssl.cnf")):
                with open(self.path("openssl.cnf"), "w") as config:
                    config.write(CONFIG)
                open(self.path("index.txt"), "w").close()
            if not os.path.exists(self.ca_file):
                self.issue("ca", name, "root", ("-selfsign", "-keyfile", "ca-key.pem"))

    def path(self, name):
        return os.path.join(self.folder, name)

    @contextlib.contextmanager
    def alone(self):
        """One program at a time: several may share a folder by --ca-dir."""
        with open(self.path("lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def issue(self, stem, common_name, section, signer=None, start=FIRST_DAY, end=LAST_DAY):
        """Make stem.pem and stem-key.pem; signed by this CA unless told."""
        key, request = stem + "-key.pem", stem + ".csr"
        openssl(self.folder, "genpkey", "-algorithm", "EC", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-out", key)
        os.chmod(self.path(key), 0o600)
        openssl(self.folder, "req", "-new", "-config", "openssl.cnf", "-key", key,
                "-subj", "/CN=" + common_name, "-out", request)
        openssl(self.folder, "ca", "-batch", "-notext", "-config", "openssl.cnf",
                "-in", request, "-out", stem + ".tmp", "-extensions", section,
                "-startdate", start, "-enddate", end,
                *(signer or ("-cert", "ca.pem", "-keyfile", "ca-key.pem")))
        os.remove(self.path(request))
        os.chmod(self.path(stem + ".tmp"), 0o644)
        os.replace(self.path(stem + ".tmp"), self.path(stem + ".pem"))

    def ensure(self, stem, common_name, section, **how):
        with self.alone():
            if not os.path.exists(self.path(stem + ".pem")):
                self.issue(stem, common_name, section, **how)
        return self.path(stem + ".pem"), self.path(stem + "-key.pem")


class TlsFront:
    """Which certificate new connections get, and the fault now in force."""

    def __init__(self, authority):
        self.authority = authority
        self.lock = threading.Lock()
        self.contexts = {}
        self.fault = None
        self.good = self.context(*authority.ensure("tenant", "localhost", "leaf"))

    @staticmethod
    def context(cert, key, oldest=ssl.TLSVersion.TLSv1_2, newest=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = oldest
            if newest:
                context.maximum_version = newest
        context.set_alpn_protocols(["http/1.1"])
        context.sni_callback = lambda sock, name, _: setattr(sock, "asked_for", name)
        return context

    def set_fault(self, name):
        if name is not None and name not in FAULTS:
            raise ValueError("unknown TLS fault %r; known: %s" % (name, ", ".join(FAULTS)))
        self.fault = name
        if name in ("expired", "self-signed", "wrong-host", "wrong-ca", "tls1.0",
                    "weak-cipher"):
            self.bad_context(name)  # made now, so that the first client need not wait

    def bad_context(self, name):
        with self.lock:
            if name not in self.contexts:
                self.contexts[name] = self.make_bad(name)
            return self.contexts[name]

    def make_bad(self, name):
        home = self.authority
        if name == "tls1.0":
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                old = self.context(home.path("tenant.pem"), home.path("tenant-key.pem"),
                                   ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1)
            old.set_ciphers("ALL:@SECLEVEL=0")
            return old
        if name == "weak-cipher":  # signed, but not encrypted at all
            weak = self.context(home.path("tenant.pem"), home.path("tenant-key.pem"),
                                newest=ssl.TLSVersion.TLSv1_2)
            weak.set_ciphers("eNULL:@SECLEVEL=0")
            return weak
        if name == "expired":
            return self.context(*home.ensure("expired", "localhost", "leaf",
                                             start="20180101000000Z", end="20181231235959Z"))
        if name == "wrong-host":
            return self.context(*home.ensure("elsewhere", "elsewhere.example", "elsewhere"))
        if name == "self-signed":
            return self.context(*home.ensure(
                "selfsigned", "localhost", "leaf",
                signer=("-selfsign", "-keyfile", "selfsigned-key.pem")))
        other = Authority(home.path("other-ca"), "Some other CA")
        return self.context(*other.ensure("tenant", "localhost", "leaf"))

    def wrap(self, connection):
        """For wire.Listener: the handshake of one new connection."""
        fault = self.fault
        if fault == "handshake-silence":
            end = time.monotonic() + 60
            while self.fault == fault and time.monotonic() < end:
                time.sleep(0.05)
            return None
        if fault == "reset":
            connection.reset()
            return None
        if fault == "close":
            return None
        context = self.bad_context(fault) if fault else self.good
        return context.wrap_socket(connection.sock, server_side=True)
