# SPDX-License-Identifier: Apache-2.0
"""Everything the stand-in remembers, and the knobs that bend it.

The initial state is a tenant set up by the checklist of auth0-api.md 10.4: one
regular web application with the Passwordless OTP, Authorization Code and
Refresh Token grants, client secret (Post), the IP header trusted, the email
and sms connections on, magic links allowed without a session, bot detection
off.  POST /reset comes back to exactly this.

Per address there is one code, as in 10.5: {code, expires, wrong, used}; a new
start replaces it, so a superseded code is simply a wrong one.

The clock is time.time() plus the knob clock_offset, so a test can let a code
or a token grow old without waiting.  `lock` guards every decision that reads
and then writes; nothing slow happens under it.
"""
import re
import secrets
import threading
import time

OTP_GRANT = "http://auth0.com/oauth/grant-type/passwordless/otp"

KNOBS = {
    # the connection and its codes (1.6)
    "code_life": 180, "code_length": 6, "code_attempts": 3, "fixed_code": None,
    "signup_disabled": False, "connection_disabled": [], "sms_error": None,
    "site_host": None,
    # policy
    "bot_detection": False, "bot_detection_status": 403, "captcha_error": False,
    "extensibility_error": None, "action_denies": None, "mfa": [], "mfa_code": "000000",
    "mfa_status": 403, "mfa_requirements": "challenge", "blocked_status": 403,
    "brute_force_limit": 10, "suspicious_ip_limit": 100,
    # answers on which sources disagree (11)
    "invalid_grant_status": 403, "wrong_secret": "access_denied",
    "retry_after": False, "rate_limit_body": "plain", "scope_key": True,
    "empty_start": None, "revoke_body": "",
    "userinfo_401": "text", "callback_mismatch_status": 400, "redirect_uri_on_otp": "ignored",
    "rate_limit_headers": True, "reset_header": "epoch",
    # limits (9.1): name -> [size, seconds until full again]; plan sets global
    "plan": "enterprise", "limits": {},
    # tokens
    "id_token_alg": "RS256", "id_token_life": 36000, "access_token_life": 86400,
    "sid": "code", "jwks_alg": True, "authorization_code_life": 60,
    "rotation": False, "rotation_overlap": 0, "refresh_idle": 2592000,
    "refresh_absolute": 0, "revocation_deletes_grant": False,
    "organizations": {"org_AbC123": "rowing-club", "org_XyZ789": "tennis-club"},
    "audiences": ["https://api.example.org", "https://api.example.com"],
    # browser side
    "logout_consent": True, "authorize_error": None, "co_cookie_required": True,
    "magiclink_without_session": True, "tenant_logout_urls": [],
    # the program
    "clock_offset": 0, "delay": 0, "floor": 0, "hosts": [],
}

# 9.1; the endpoint's own bucket counts beside the tenant-wide one.
PLANS = {"free": {"global": [300, 60], "jwks": [20, 1], "co": [5, 1], "token": [30, 1]},
         "professional": {"global": [25, 1]}, "enterprise": {"global": [100, 1]}}
COMMON_LIMITS = {"start": [50, 3600], "userinfo": [10, 120], "token": [30, 1],
                 "jwks": [20, 1], "co": [5, 1], "hosted_code": [5, 60]}

ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
                     r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+"
                     r"[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])")
PHONE = re.compile(r"\+[0-9]{1,15}")


def address_ok(text):
    return bool(ADDRESS.fullmatch(text)) and len(text) <= 254 and text.index("@") <= 64


class Client:
    """An application, as the dashboard would show it."""

    FIELDS = {"client_secret": "", "kind": "web", "auth_method": "post", "name": "Example site",
              "grants": [OTP_GRANT, "authorization_code", "refresh_token"],
              "callbacks": [], "logout_urls": [], "web_origins": [], "cross_origin": False,
              "trust_ip_header": True, "connections": ["email", "sms"],
              "backchannel_uri": None, "public_key": None}

    def __init__(self, client_id, **fields):
        self.client_id = client_id
        for name, value in self.FIELDS.items():
            setattr(self, name, list(value) if isinstance(value, list) else value)
        self.update(fields)

    def update(self, fields):
        for name, value in fields.items():
            if name not in self.FIELDS:
                raise ValueError("unknown client field %r" % name)
            setattr(self, name, value)

    @property
    def confidential(self):
        return self.kind == "web" and self.auth_method != "none"

    def as_json(self):
        return {"client_id": self.client_id, **{n: getattr(self, n) for n in self.FIELDS}}


class User:
    """One profile; `connection` is the prefix of its subject."""

    def __init__(self, connection, address, **fields):
        self.connection, self.address = connection, address
        self.user_id = fields.pop("_id", None) or secrets.token_hex(12)
        self.blocked, self.verified, self.mfa = False, False, False
        self.claims = {}
        self.updated = time.time()
        for name, value in fields.items():
            if name not in ("blocked", "verified", "mfa", "claims"):
                raise ValueError("unknown user field %r" % name)
            setattr(self, name, value)

    @property
    def sub(self):
        return "%s|%s" % (self.connection, self.user_id)

    def as_json(self):
        return {"connection": self.connection, "address": self.address,
                "_id": self.user_id, "sub": self.sub, "blocked": self.blocked,
                "verified": self.verified, "mfa": self.mfa, "claims": self.claims}


class Bucket:
    """A token bucket: `size` at once, full again after `seconds`."""

    def __init__(self, size, seconds, now):
        self.size, self.rate, self.left, self.at = size, size / seconds, float(size), now

    def take(self, now):
        # A clock that was moved back must not empty the bucket for an hour.
        self.left = min(self.size, self.left + max(0.0, now - self.at) * self.rate)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True

    def wait(self):
        return max(0.0, (1 - self.left) / self.rate)


class Tenant:
    """The whole of it; handlers get this object."""

    def __init__(self, keys, front, client, mailer):
        self.keys, self.front, self.mailer = keys, front, mailer
        self.first_client = client
        self.lock = threading.RLock()
        self.domain = None
        self.errors = []
        self.generation = 0
        self.reset()

    def reset(self):
        """Back to the initial state; the ports and the CA stay."""
        with self.lock:
            self.knobs = {n: (v.copy() if hasattr(v, "copy") else v) for n, v in KNOBS.items()}
            first = dict(self.first_client)
            self.clients = {first["client_id"]: Client(**first)}
            self.users, self.codes = {}, {}
            self.buckets, self.failures, self.ip_failures = {}, {}, {}
            self.access_tokens, self.refresh_tokens, self.refresh_order = {}, {}, {}
            self.authorization_codes, self.transactions = {}, {}
            self.sessions, self.tickets, self.mfa_tokens = {}, {}, {}
            self.assertion_ids = {}
            self.calls, self.call_counts, self.errors = [], {}, []
            self.faults, self.mutations, self.extra_claims = [], [], {}
            self.generation += 1  # ends faults that still hang or drip
        self.front.set_fault(None)
        self.keys.reset()

    def now(self):
        return time.time() + self.knobs["clock_offset"]

    def set_knobs(self, values):
        for name in values:
            if name not in KNOBS:
                raise ValueError("unknown knob %r; known: %s" % (name, ", ".join(sorted(KNOBS))))
        with self.lock:
            self.knobs.update(values)
            if "limits" in values or "plan" in values:
                self.buckets = {}

    def set_client(self, client_id, fields):
        with self.lock:
            if client_id in self.clients:
                self.clients[client_id].update(fields)
            else:
                self.clients[client_id] = Client(client_id, **fields)
            return self.clients[client_id]

    # -- users ---------------------------------------------------------------

    def user(self, connection, address):
        return self.users.get((connection, address))

    def add_user(self, connection, address, **fields):
        with self.lock:
            user = self.users.get((connection, address))
            if user is None or fields.get("_id"):
                user = User(connection, address, **fields)
                self.users[connection, address] = user
            else:
                for name, value in fields.items():
                    if name not in ("blocked", "verified", "mfa", "claims"):
                        raise ValueError("unknown user field %r" % name)
                    setattr(user, name, value)
            return user

    # -- limits (9.1) ----------------------------------------------------------

    def limit(self, name):
        """[size, seconds] of a bucket, or None if it is off."""
        given = self.knobs["limits"]
        if given is None:
            return None
        if name in given:
            return given[name]
        plan = PLANS[self.knobs["plan"]]
        return plan.get(name, COMMON_LIMITS.get(name))

    def take(self, name, key=""):
        """Take one token; returns (granted, bucket or None)."""
        limit = self.limit(name)
        if not limit:
            return True, None
        with self.lock:
            now = self.now()
            bucket = self.buckets.get((name, key))
            if bucket is None:
                bucket = self.buckets[name, key] = Bucket(limit[0], limit[1], now)
            return bucket.take(now), bucket

    # -- attack protection (9.3) -----------------------------------------------

    def login_failed(self, ip, address):
        with self.lock:
            self.failures[ip, address] = self.failures.get((ip, address), 0) + 1
            self.ip_failures[ip] = self.ip_failures.get(ip, 0) + 1

    def login_good(self, ip, address):
        with self.lock:
            self.failures.pop((ip, address), None)

    def login_block(self, ip, address):
        """None, "account" or "ip"."""
        if self.failures.get((ip, address), 0) >= self.knobs["brute_force_limit"]:
            return "account"
        if self.ip_failures.get(ip, 0) >= self.knobs["suspicious_ip_limit"]:
            return "ip"
        return None

    # -- codes (1.6) -----------------------------------------------------------

    def new_code(self, client, connection, address):
        digits = self.knobs["code_length"]
        code = self.knobs["fixed_code"] or "".join(
            secrets.choice("0123456789") for _ in range(digits))
        with self.lock:
            self.codes[connection, address] = {
                "code": code, "expires": self.now() + self.knobs["code_life"],
                "wrong": 0, "used": False, "client_id": client.client_id}
        return code

    def check_code(self, client, connection, address, otp, consume=True):
        """Rows 7 to 10 of the OTP column of 10.5: None if right, else
        "maximum", "wrong" or "expired"."""
        most = self.knobs["code_attempts"]
        with self.lock:
            kept = self.codes.get((connection, address))
            if kept and not kept["used"] and kept["wrong"] >= most:
                return "maximum"
            if not kept or kept["used"] or kept["client_id"] != client.client_id:
                return "wrong"
            if self.now() >= kept["expires"]:
                return "expired"
            if kept["code"] != otp:
                kept["wrong"] += 1
                return "maximum" if kept["wrong"] >= most else "wrong"
            if consume:
                kept["used"] = True
            return None
