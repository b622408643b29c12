# SPDX-License-Identifier: Apache-2.0
"""The control port: how a test looks into the stand-in and bends it.

JSON over plain HTTP on 127.0.0.1; README.md beside this file documents every
command.  An unknown name anywhere (knob, fault, mutation, user field) is
answered 400 with the list of known ones: a misspelt test must not pass.
Requests from web pages (with an Origin) are refused.
"""
import json
import time
import traceback

import faults
import idtoken
import logout
import mutations
from wire import Response, text_response


def control_handler(tenant, mailbox, listener):
    """For wire.Listener; `listener` is the tenant's own, for its counts."""
    commands = Commands(tenant, mailbox, listener)

    def answer(connection, request):
        if "origin" in request.headers:
            return connection.respond(text_response("Not for web pages", 403), False)
        try:
            status, value = commands.run(request)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            status, value = 400, {"error": "%s: %s" % (type(error).__name__, error)}
        except Exception:
            tenant.errors.append({"path": "control" + request.path, "time": time.time(),
                                  "traceback": traceback.format_exc()})
            status, value = 500, {"error": traceback.format_exc()}
        body = json.dumps(value, indent=1).encode() + b"\n"
        return connection.respond(Response(status, body, "application/json"), request.keep_alive)
    return answer


class Commands:
    """One method a command: get_x, post_x, delete_x for path /x."""

    def __init__(self, tenant, mailbox, listener):
        self.tenant, self.mailbox, self.listener = tenant, mailbox, listener

    def run(self, request):
        name = request.path.strip("/").replace("-", "_")
        method = getattr(self, "%s_%s" % (request.method.lower(), name), None)
        if method is None or not name.isidentifier():
            return 404, {"error": "no such command", "commands": sorted(
                n.replace("_", " /", 1) for n in dir(self) if n.startswith(
                    ("get_", "post_", "delete_")))}
        body = json.loads(request.body) if request.body.strip() else {}
        if not isinstance(body, dict):
            raise ValueError("the body must be a JSON object")
        result = method(request.params(), body)
        return 200, {"ok": True} if result is None else result

    # -- looking ---------------------------------------------------------------

    def get_calls(self, params, body):
        calls = list(self.tenant.calls)
        if "path" in params:
            calls = [call for call in calls if call["path"] == params["path"]]
        return calls

    def delete_calls(self, params, body):
        with self.tenant.lock:
            self.tenant.calls, self.tenant.call_counts = [], {}

    def get_stats(self, params, body):
        front = self.listener
        return {"tls_handshakes": front.handshakes, "tls_resumed": front.resumed,
                "tls_failed": front.failed_handshakes, "connections": front.count,
                "open_connections": len(front.open), "calls": dict(self.tenant.call_counts)}

    def get_errors(self, params, body):
        return list(self.tenant.errors)

    def get_messages(self, params, body):
        return self.mailbox.newest_first(params.get("to"))

    def delete_messages(self, params, body):
        self.mailbox.clear()

    # -- bending ---------------------------------------------------------------

    def post_reset(self, params, body):
        self.tenant.reset()
        self.mailbox.clear()
        front = self.listener
        front.count = front.handshakes = front.resumed = front.failed_handshakes = 0

    def get_set(self, params, body):
        return self.tenant.knobs

    def post_set(self, params, body):
        self.tenant.set_knobs(body)
        return self.tenant.knobs

    def get_users(self, params, body):
        return [user.as_json() for user in list(self.tenant.users.values())]

    def post_users(self, params, body):
        fields = dict(body)
        connection = "sms" if "phone_number" in fields else "email"
        address = fields.pop("phone_number" if connection == "sms" else "email")
        return self.tenant.add_user(connection, address, **fields).as_json()

    def delete_users(self, params, body):
        address = params.get("email") or params.get("phone_number")
        with self.tenant.lock:
            for key in [k for k in self.tenant.users if address in (None, k[1])]:
                del self.tenant.users[key]
                self.tenant.codes.pop(key, None)

    def get_clients(self, params, body):
        return [client.as_json() for client in list(self.tenant.clients.values())]

    def post_clients(self, params, body):
        fields = dict(body)
        return self.tenant.set_client(fields.pop("client_id"), fields).as_json()

    def get_codes(self, params, body):
        return [{"connection": k[0], "address": k[1], **v}
                for k, v in list(self.tenant.codes.items())]

    def post_unblock(self, params, body):
        with self.tenant.lock:
            self.tenant.failures, self.tenant.ip_failures = {}, {}

    def get_fault(self, params, body):
        return [fault.as_json() for fault in list(self.tenant.faults)]

    def post_fault(self, params, body):
        faults.add(self.tenant, body)

    def delete_fault(self, params, body):
        with self.tenant.lock:
            self.tenant.faults = []
            self.tenant.generation += 1  # ends those still hanging

    def post_tls(self, params, body):
        self.tenant.front.set_fault(body.get("fault"))
        # A pooled connection would not meet the fault.
        self.listener.hang_up_all()

    def post_hang_up(self, params, body):
        """Close every open connection, as an idle server does (U11)."""
        self.listener.hang_up_all()

    def get_mutations(self, params, body):
        return mutations.names()

    def post_mutate(self, params, body):
        mutations.add(self.tenant, body)

    def delete_mutate(self, params, body):
        with self.tenant.lock:
            self.tenant.mutations = []

    def post_rotate(self, params, body):
        self.tenant.keys.rotate()
        return {"current": self.tenant.keys.current.kid, "next": self.tenant.keys.next.kid}

    def post_claims(self, params, body):
        self.tenant.extra_claims = body

    def delete_sessions(self, params, body):
        self.tenant.sessions = {}

    def post_backchannel(self, params, body):
        tenant = self.tenant
        client = tenant.clients[body.get("client_id") or tenant.first_client["client_id"]]
        uri = body.get("uri") or client.backchannel_uri
        if not uri:
            raise ValueError("no uri given, and no backchannel_uri set for the client")
        sub, sid = body.get("sub"), body.get("sid")
        if "email" in body:
            sub = tenant.users["email", body["email"]].sub
        token = body.get("token") or idtoken.logout_token(
            tenant, client, body.get("host") or tenant.domain, sub, sid, body.get("claims"),
            body.get("remove", ()))
        status, text = logout.post_logout_token(tenant, uri, token)
        return {"status": status, "body": text, "logout_token": token}
