# SPDX-License-Identifier: Apache-2.0
"""From a request to an answer: recording, faults, routes, common headers.

The order on the tenant's port: record the call, look whether a fault is set
for its path, check the host name, find the route, add the headers real
tenants send (auth0-api.md 10.2).  A handler that raises is answered 500 and
listed in GET /errors, so a test can assert that it was not the stand-in that
failed.
"""
import json
import secrets
import time
import traceback

import authorize
import crossorigin
import errors
import faults
import grants
import keyset
import logout
import passwordless
from pages import error_page
from wire import text_response

KEEP_CALLS = 5000

ROUTES = {
    "/passwordless/start": {"POST": passwordless.start},
    "/passwordless/verify": {"POST": passwordless.verify},
    "/passwordless/verify_redirect": {"GET": passwordless.verify_redirect},
    "/passwordless/verify-redirect": {"GET": passwordless.verify_redirect},
    "/passwordless/challenge": {"POST": crossorigin.challenge},
    "/usernamepassword/challenge": {"POST": crossorigin.challenge},
    "/co/authenticate": {"POST": crossorigin.authenticate},
    "/user/ssodata": {"GET": crossorigin.ssodata},
    "/oauth/token": {"POST": grants.token},
    "/oauth/revoke": {"POST": grants.revoke},
    "/userinfo": {"GET": grants.userinfo, "POST": grants.userinfo},
    "/authorize": {"GET": authorize.authorize},
    "/u/login/identifier": {"GET": authorize.identifier_page, "POST": authorize.identifier_page},
    authorize.CHALLENGE_PAGE: {"GET": authorize.challenge_page,
                               "POST": authorize.challenge_page},
    "/u/mfa-otp-challenge": {"GET": authorize.mfa_page, "POST": authorize.mfa_page},
    "/u/login/cancel": {"POST": authorize.cancel},
    "/v2/logout": {"GET": logout.v2_logout},
    "/oidc/logout": {"GET": logout.oidc_logout, "POST": logout.oidc_logout},
    "/u/logout-consent": {"POST": logout.consent},
    "/.well-known/openid-configuration": {"GET": keyset.discovery},
    "/.well-known/jwks.json": {"GET": keyset.jwks},
}
CACHEABLE = ("/.well-known/openid-configuration", "/.well-known/jwks.json")


def tenant_handler(tenant):
    """For wire.Listener."""
    def answer(connection, request):
        request.tracking_id = secrets.token_hex(10)
        generation, began = tenant.generation, time.monotonic()
        call = record(tenant, request)
        fault = faults.take(tenant, request)
        stop = faults.Stop(tenant, generation)
        floor = min(float(tenant.knobs["floor"]), faults.HANG_MAX_SECONDS)
        if floor:
            connection.before_send = lambda: stop.sleep(began + floor - time.monotonic())
        pause = tenant.knobs["delay"]
        if pause:
            stop.sleep(min(float(pause), faults.HANG_MAX_SECONDS))
        response = None
        if fault is None or fault.wants_answer():
            response = respond(tenant, request)
            call["status"] = response.status
        if fault is None and response.fault:
            fault = faults.Fault(response.fault)  # asked for by the handler itself
        if fault is None:
            return connection.respond(response, request.keep_alive)
        call["fault"] = fault.name
        return fault.perform(connection, request, response, stop)
    return answer


def record(tenant, request):
    try:
        parsed = json.loads(request.body) if request.body else None
    except (ValueError, RecursionError):
        parsed = None
    call = {"method": request.method, "path": request.path, "query": request.query,
            "headers": request.headers, "header_list": request.header_list,
            "body": request.body.decode("utf-8", "replace"), "json": parsed, "status": None,
            "time": time.time(), "peer": request.peer, "connection_id": request.connection_id,
            "requestid": request.tracking_id,
            "sni": getattr(request.sock, "asked_for", None)}
    with tenant.lock:
        tenant.calls.append(call)
        del tenant.calls[:-KEEP_CALLS]
        tenant.call_counts[request.path] = tenant.call_counts.get(request.path, 0) + 1
    return call


def respond(tenant, request):
    try:
        response = route(tenant, request)
    except Exception:
        tenant.errors.append({"path": request.path, "time": time.time(),
                              "traceback": traceback.format_exc()})
        response = errors.oauth_error(500, "server_error", "server_error")
    now = time.gmtime(tenant.now())
    for name, value in (("date", time.strftime("%a, %d %b %Y %H:%M:%S GMT", now)),
                        ("x-auth0-requestid", request.tracking_id),
                        ("strict-transport-security", "max-age=31536000; includeSubDomains"),
                        ("x-content-type-options", "nosniff"),
                        ("vary", "Accept-Encoding, Origin")):
        response.add(name, value)
    if request.path in CACHEABLE and response.status == 200:
        response.add("cache-control", "public, max-age=15, stale-while-revalidate=15")
    else:
        response.add("cache-control", "no-store").add("pragma", "no-cache")
    return crossorigin.add_headers(tenant, request, response)


def hosts(tenant):
    port = tenant.domain.partition(":")[2]
    return [tenant.domain, "127.0.0.1:" + port, "tenant.localhost:" + port] + list(
        tenant.knobs["hosts"])


def route(tenant, request):
    request.host = request.headers.get("host", "").lower()
    if request.host not in hosts(tenant):
        if request.path == "/passwordless/start":
            return errors.oauth_error(400, "bad.tenant", "error in tenant - tenant validation "
                                      "failed: invalid_tenant")
        return error_page(request, "unknown tenant", "There is no tenant of this name.", 404)
    if request.method == "OPTIONS":
        return crossorigin.preflight(tenant, request)
    handlers = ROUTES.get(request.path)
    if handlers is None and request.path.startswith("/client/"):
        handlers = {"GET": crossorigin.client_script}
    if handlers is None:
        return text_response("Not found.", 404)
    if request.method not in handlers:
        return errors.method_not_allowed(sorted(handlers))
    refused = crossorigin.check_origin(tenant, request)
    if refused:
        return refused
    granted, bucket = tenant.take("global")
    if not granted:
        return errors.rate_limited(tenant, bucket, "global")
    return handlers[request.method](tenant, request)
