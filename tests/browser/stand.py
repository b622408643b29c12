# SPDX-License-Identifier: Apache-2.0
"""What a test visits: a tenant, an httpd and a trust store of its own.

    site     the demo's host with TLS, as ./demo sets it up, with a form of an
             application and a page for one person only
    quick    the same with lifetimes of seconds, to watch things run out
    phone    the same with codes by text message
    link     the same with a link in place of a code
    tongues  the same in all languages
    strict   the same under a site-wide `default-src 'none'`
    client   the same with auth0.js in the page, if tools/clients.sh fetched it
    lock     the same with Lock, if it did

Importing starts it, the end of the program ends it. The stand-in's CA goes
into a certificate store under a HOME of the test's own, so that Chromium
trusts it and no certificate error has to be ignored.
"""

import atexit
import fcntl
import json
import os
import signal
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TREE = os.environ["PWLESS_TREE"]
WORK = os.path.join(TREE, "browser",
                    os.path.splitext(os.path.basename(sys.argv[0]))[0])
sys.path[:0] = [os.path.join(TOP, "tools"), os.path.join(TOP, "tests")]

import demo_site
from ports import free_stretch

MORE = """
LoadModule cgid_module {folder}/mod_cgid.so
LoadModule headers_module {folder}/mod_headers.so
ScriptSock {work}/cgisock
Auth0Throttle address=off client=off site=off wrong=off
Auth0MinSendTime off
<Directory {work}/site>
    Options +ExecCGI
    AddHandler cgi-script .cgi
</Directory>
<Location "/members/board.shtml">
    Require user chair@example.test
</Location>
<Location "/sessions">
    SetHandler auth0-sessions
    Require all granted
</Location>
<Location "/status">
    SetHandler auth0-status
    Require all granted
</Location>
"""

QUICK = """
    Auth0ResendInterval 3
    Auth0CodeLifetime   4
"""

PHONE = """
    Auth0Connection   sms
    Auth0PhoneCountry +32
"""

LINK = """
    Auth0Send           link
    Auth0ResendInterval 3
"""

# After two wrong codes an address waits for three days and a half.
TONGUES = """
    Auth0Languages en all
    Auth0Throttle  wrong=2/7d
"""

STRICT = """
    Header always add Content-Security-Policy "default-src 'none'"
"""

# Its application is a public one: a page has no place for a secret.
CLIENT = """
    Auth0Login          auth0js
    Auth0Script         {script}
    Auth0ClientID       page
    Auth0ResendInterval 3
"""
LOCK = """
    Auth0Login          lock
    Auth0Script         {script}
    Auth0ClientID       page
"""
LOCKJS = f"{TOP}/build/clients/lock.js"
AUTH0JS = f"{TOP}/build/clients/auth0.min.js"

FORM = """\
<h1>Log book</h1>
<form method="post" action="/members/log.cgi">
<label for="entry">Today on the water</label>
<p><textarea id="entry" name="entry" rows="4"></textarea></p>
<button class="button">Save</button>
</form>
"""

CGI = """\
#!/bin/sh
printf 'Content-Type: text/plain; charset=utf-8\\n\\n'
printf '%s %s\\n' "$REMOTE_USER" "$REQUEST_METHOD"
cat
"""


def note_pid(pid):
    """For browser.sh, should this test be killed."""
    if not pid:
        return
    with open(f"/proc/{pid}/comm", encoding="utf-8") as comm:
        demo_site.write(f"{TREE}/browser/pids/{pid}", comm.read())


def start(name, command, ready):
    """A program, running once the file `ready` is there."""
    with open(f"{WORK}/{name}.log", "w", encoding="utf-8") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    atexit.register(stop, process)
    for _ in range(300):
        if os.path.exists(ready) or process.poll() is not None:
            break
        time.sleep(0.1)
    if not os.path.exists(ready):
        with open(f"{WORK}/{name}.log", encoding="utf-8") as log:
            sys.exit(f"Bail out! {name} did not start: " + log.read())
    note_pid(process.pid)


def stop(process):
    if process.poll() is None:
        process.terminate()
        process.wait(20)


def own_ports():
    """A stretch of ports, and the lock that keeps it for as long as we live."""
    os.makedirs(f"{TOP}/build/ports", exist_ok=True)
    while True:
        first = free_stretch(30400, 32700, 20)
        lock = open(f"{TOP}/build/ports/{first}", "w", encoding="utf-8")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock, iter(range(first, first + 20))
        except BlockingIOError:
            lock.close()


PORTS_LOCK, PORTS = own_ports()


def free_port():
    return next(PORTS)


def host(port, tenant, more):
    """One more host with TLS, made of the demo's."""
    text = demo_site.TLS.format(https=port, cert=tenant["server_cert"],
                                key=tenant["server_key"])
    return f"Listen 127.0.0.1:{port}\n" + text.replace(
        "</VirtualHost>", more + "</VirtualHost>")


def write_site(tenant, ports):
    """What ./demo writes, and what the tests want besides."""
    http, site, quick, phone, strict, link, client, lock, tongues = ports
    demo_site.main(["--work", WORK, "--tree", TREE, "--http", str(http),
                    "--https", str(site), "--domain", "", "--client-id", "",
                    "--secret-file", ""])
    folder = demo_site.makefile_value(TREE, "HTTPD_MODULES")
    with open(f"{WORK}/httpd.conf", "a", encoding="utf-8") as conf:
        conf.write(MORE.format(work=WORK, folder=folder))
        conf.write(host(quick, tenant, QUICK))
        conf.write(host(phone, tenant, PHONE))
        conf.write(host(strict, tenant, STRICT))
        conf.write(host(link, tenant, LINK))
        conf.write(host(tongues, tenant, TONGUES))
        if os.path.exists(AUTH0JS):
            conf.write(host(client, tenant, CLIENT.format(script=AUTH0JS)))
        if os.path.exists(LOCKJS):
            conf.write(host(lock, tenant, LOCK.format(script=LOCKJS)))
    demo_site.write(f"{WORK}/site/members/board.shtml", "board")
    demo_site.write(f"{WORK}/site/members/form.shtml",
                    demo_site.PAGE.format(title="Log book", body=FORM))
    demo_site.write(f"{WORK}/site/members/log.cgi", CGI)
    os.chmod(f"{WORK}/site/members/log.cgi", 0o755)


def trust(ca_file, name="stand-in"):
    """Browsers that are started from now on."""
    os.environ["HOME"] = f"{WORK}/home"
    store = f"{WORK}/home/.pki/nssdb"
    certutil = ["certutil", "-d", f"sql:{store}"]
    if not os.path.exists(store):
        os.makedirs(store)
        subprocess.run(certutil + ["-N", "--empty-password"], check=True)
    subprocess.run(certutil + ["-A", "-t", "C,,", "-n", name, "-i", ca_file], check=True)


def begin():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    note_pid(os.getpid())
    os.makedirs(WORK, mode=0o755)
    ports = [free_port() for _ in range(9)]
    command = [sys.executable, f"{TOP}/tests/tenant/tenant.py", "--dir",
               f"{WORK}/tenant", "--app-name", "Rowing Club", "--exit-with-parent"]
    for port in ports[1:]:
        command += ["--callback", f"https://localhost:{port}/.auth0/callback"]
    start("tenant", command, f"{WORK}/tenant/tenant.json")
    with open(f"{WORK}/tenant/tenant.json", encoding="utf-8") as ready:
        tenant = json.load(ready)
    trust(tenant["ca_file"])
    write_site(tenant, ports)
    start("httpd", [demo_site.makefile_value(TREE, "HTTPD"), "-D", "FOREGROUND",
                    "-f", f"{WORK}/httpd.conf"], f"{WORK}/httpd.pid")
    site = dict(zip(("http", "site", "quick", "phone", "strict", "link",
                     "client", "lock", "tongues"),
                    (f"https://localhost:{port}" for port in ports)))
    return dict(site, control=tenant["control"], mail=tenant["mail"],
                tenant="https://" + tenant["domain"])


SITE = begin()
