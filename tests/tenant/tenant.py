#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A stand-in Auth0 tenant for tests and demo, on 127.0.0.1 only.

It speaks the passwordless, OAuth and OpenID Connect endpoints of a tenant
closely enough that what works here is expected to work there: same paths,
same bodies, same error words, same order of checks (auth0-api.md 10.5).  It
mails real codes into a mailbox of its own, and a control port lets a test
break anything on purpose.  README.md beside this file is the manual.

    wire.py         bytes on sockets            router.py       which handler
    passwordless.py start, verify, magic link   grants.py       /oauth/token, userinfo
    authorize.py    /authorize, hosted pages    logout.py       both logouts, back channel
    crossorigin.py  CORS and Lock               keyset.py       discovery, JWKS
    idtoken.py      tokens                      mutations.py    tokens gone wrong
    faults.py       answers gone wrong          control.py      the control port
    mail.py         SMTP and mailbox            state.py        users, codes, knobs

When ready it writes WORKDIR/tenant.json; it ends on SIGTERM or SIGINT, and
with --exit-with-parent when the program that started it is gone.
"""
import argparse
import json
import os
import secrets
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import certs
import control
import keys
import mail
import router
import state
import wire

ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def arguments():
    parser = argparse.ArgumentParser(description="A stand-in Auth0 tenant on 127.0.0.1.")
    parser.add_argument("--dir", required=True, metavar="WORKDIR",
                        help="for keys, certificates and tenant.json")
    for name, what in (("--port", "the tenant itself, https"), ("--control-port", "control"),
                       ("--mail-port", "the mailbox page"), ("--smtp-port", "the SMTP sink")):
        parser.add_argument(name, type=int, default=0, metavar="N",
                            help=what + " (0: any free port)")
    parser.add_argument("--client-id", default="Cl13ntOfTheStandInTenant00000001")
    parser.add_argument("--client-secret", default=None, help="default: a random one")
    parser.add_argument("--app-name", default="Example site", help="the application's name")
    parser.add_argument("--callback", action="append", default=[], metavar="URL",
                        help="an Allowed Callback URL")
    parser.add_argument("--logout-url", action="append", default=[], metavar="URL",
                        help="an Allowed Logout URL")
    parser.add_argument("--ca-dir", metavar="DIR", help="a CA to share between runs")
    parser.add_argument("--smtp-relay", metavar="HOST:PORT",
                        help="send mail there instead of into the mailbox")
    parser.add_argument("--exit-with-parent", action="store_true")
    return parser.parse_args()


def write_atomically(path, value):
    with open(path + ".tmp", "w") as out:
        os.fchmod(out.fileno(), 0o600)
        json.dump(value, out, indent=1)
        out.write("\n")
    os.replace(path + ".tmp", path)


def build(options, workdir):
    """All parts, listening but not yet serving: (description, parts)."""
    authority = certs.Authority(options.ca_dir or os.path.join(workdir, "ca"), "Stand-in tenant CA")
    front = certs.TlsFront(authority)
    server_cert, server_key = authority.ensure("server", "localhost", "leaf")
    secret = options.client_secret or secrets.token_urlsafe(48)
    client = {"client_id": options.client_id, "client_secret": secret, "name": options.app_name,
              "callbacks": options.callback, "logout_urls": options.logout_url}

    mailbox = mail.Mailbox()
    sink = mail.SmtpSink(mailbox, options.smtp_port)
    relay = ("127.0.0.1", sink.port)
    if options.smtp_relay:
        host, _, port = options.smtp_relay.rpartition(":")
        relay = (host, int(port))
    tenant = state.Tenant(keys.KeyRing(os.path.join(workdir, "keys")), front, client,
                          mail.Mailer(mailbox, relay))

    def note(where, error):
        tenant.errors.append({"path": where, "time": time.time(), "traceback": repr(error)})

    https = wire.Listener(options.port, router.tenant_handler(tenant), front.wrap, note)
    admin = wire.Listener(options.control_port, control.control_handler(tenant, mailbox, https),
                          on_error=note)
    web = wire.Listener(options.mail_port, mail.web_handler(mailbox), on_error=note)
    tenant.domain = "localhost:%d" % https.port
    about = {"domain": tenant.domain, "control": "http://127.0.0.1:%d" % admin.port,
             "mail": "http://127.0.0.1:%d/" % web.port, "smtp": "127.0.0.1:%d" % sink.port,
             "ca_file": authority.ca_file, "client_id": options.client_id,
             "client_secret": secret, "server_cert": server_cert, "server_key": server_key,
             "pid": os.getpid()}
    return about, [sink, web, admin, https]


def wait_for_the_end(parent):
    """Until a signal comes, or `parent` (if given) is no longer ours."""
    while signal.sigtimedwait(ENDING, 0.5) is None:
        if parent and os.getppid() != parent:
            return


def main():
    options = arguments()
    parent = os.getppid() if options.exit_with_parent else None
    # Blocked before any thread starts, so that they wait for main() to take them.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    workdir = os.path.abspath(options.dir)
    os.makedirs(workdir, exist_ok=True)
    sys.setswitchinterval(0.001)
    about, parts = build(options, workdir)
    for part in parts:
        part.start()
    ready = os.path.join(workdir, "tenant.json")
    write_atomically(ready, about)
    try:
        wait_for_the_end(parent)
    finally:
        if os.path.exists(ready):
            os.remove(ready)
    # Threads may hang in a fault on purpose; they are daemons and end here.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
