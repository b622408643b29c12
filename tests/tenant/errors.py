# SPDX-License-Identifier: Apache-2.0
"""Error bodies and rate-limit answers, in the words of the real service.

Shape A of auth0-api.md 10.3 ({"error", "error_description"}) is made here once.
Rate-limit headers are auth0-api.md 9.2: the three x-ratelimit lines also stand
on good answers; Retry-After only if the knob retry_after asks for it, since
no primary source shows it on these endpoints (11, rows 20 and 23).
"""
import math

from wire import json_response

RATE_LIMIT_BODIES = {
    "plain": {"error": "too_many_requests", "error_description": "Rate limit exceeded."},
    "global": {"error": "too_many_requests",
               "error_description": "Global limit has been reached"},
    "long": {"error": "too_many_requests",
             "error_description": "Too many requests. Check the X-RateLimit-Limit, "
             "X-RateLimit-Remaining and X-RateLimit-Reset headers."},
    "gateway": {"statusCode": 429, "error": "Too Many Requests",
                "message": "Global limit has been reached",
                "errorCode": "too_many_requests"},
}

BLOCKED_ACCOUNT = ("Your account has been blocked after multiple consecutive login "
                   "attempts. We've sent you an email with instructions on how to "
                   "unblock it.")
BLOCKED_IP = ("We have detected suspicious login behavior and further attempts will be "
              "blocked. Please contact the administrator.")


def oauth_error(status, error, description=None, charset=False, **extra):
    body = {"error": error}
    if description is not None:
        body["error_description"] = description
    body.update(extra)
    return json_response(body, status, charset)


def client_refused(tenant):
    """Wrong secret or unknown client: two stories, a knob (11, row 5)."""
    if tenant.knobs["wrong_secret"] == "invalid_client":
        return oauth_error(401, "invalid_client", "Client authentication failed")
    return oauth_error(401, "access_denied", "Unauthorized")


def invalid_grant(tenant, description):
    return oauth_error(tenant.knobs["invalid_grant_status"], "invalid_grant", description)


def too_many_attempts(kind):
    return oauth_error(429, "too_many_attempts",
                       BLOCKED_ACCOUNT if kind == "account" else BLOCKED_IP)


def method_not_allowed(allowed):
    answer = oauth_error(405, "method_not_allowed", "Method not allowed")
    return answer.add("allow", ", ".join(allowed))


def add_limit_headers(tenant, response, bucket):
    if bucket is None or not tenant.knobs["rate_limit_headers"]:
        return response
    wait = math.ceil(bucket.wait())
    if tenant.knobs["reset_header"] == "epoch":
        wait += math.ceil(tenant.now())
    response.add("x-ratelimit-limit", bucket.size)
    response.add("x-ratelimit-remaining", int(bucket.left))
    return response.add("x-ratelimit-reset", wait)


def rate_limited(tenant, bucket, body=None):
    kind = body or tenant.knobs["rate_limit_body"]
    response = json_response(RATE_LIMIT_BODIES[kind], 429)
    add_limit_headers(tenant, response, bucket)
    if tenant.knobs["retry_after"]:
        response.add("retry-after", max(1, math.ceil(bucket.wait())))
    return response
