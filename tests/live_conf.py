# SPDX-License-Identifier: Apache-2.0
"""Write what the live suite's httpd.conf is made of.

base.conf names every module the suite needs (those compiled in are left out);
defines.conf hands the stand-in's addresses over as Define.
"""

import json
import os
import subprocess
import sys

MODULES = """authn_core authn_file auth_basic authz_core authz_user authz_host
unixd dir mime alias include cgid cgi env setenvif headers rewrite proxy
proxy_http ssl socache_shmcb remoteip status info negotiation http2 cache
actions""".split()


def main():
    work, httpd, folder, mpm, module = sys.argv[1:6]
    with open(f"{work}/tenant/tenant.json", encoding="utf-8") as ready:
        tenant = json.load(ready)
    secret_file = f"{work}/auth0.secret"
    with open(os.open(secret_file, os.O_WRONLY | os.O_CREAT, 0o600), "w",
              encoding="utf-8") as out:
        out.write(tenant["client_secret"] + "\n")
    with open(f"{work}/basic.users", "w", encoding="utf-8") as out:
        out.write("bob:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n")  # "password"
    # As much of auth0.js as httpd looks at.
    with open(f"{work}/auth0.js", "w", encoding="utf-8") as out:
        out.write('t.prototype.passwordlessLogin=f;u(r,"/co/authenticate");\n')
    with open(f"{work}/lock.js", "w", encoding="utf-8") as out:
        out.write('window.Auth0LockPasswordless=f;u(r,"/co/authenticate");\n')
    built_in = subprocess.run([httpd, "-l"], check=True, capture_output=True,
                              text=True).stdout
    conf = f"{work}/t/conf"
    other_cgi = "cgi" if mpm != "prefork" else "cgid"
    with open(f"{conf}/base.conf", "w", encoding="utf-8") as base:
        for name in [f"mpm_{mpm}"] + MODULES:
            path = f"{folder}/mod_{name}.so"
            if (name != other_cgi and f"mod_{name}.c" not in built_in
                    and os.path.exists(path)):
                base.write(f"LoadModule {name}_module {path}\n")
    with open(f"{conf}/defines.conf", "w", encoding="utf-8") as defines:
        for name, value in {
                "MODULE": module, "WORK": work, "TENANT": tenant["domain"],
                "CLIENT_ID": tenant["client_id"], "SECRET_FILE": secret_file,
                "CA_FILE": tenant["ca_file"],
                # A first handshake under valgrind takes seconds.
                "CONNECT_TIMEOUT": "8s" if os.environ.get("WRAPPER") else "2s",
                "SERVER_CERT": tenant["server_cert"],
                "SERVER_KEY": tenant["server_key"]}.items():
            defines.write(f"Define {name} {value}\n")
        if os.environ.get("PWLESS_H2"):
            defines.write("Define HTTP2\n")


if __name__ == "__main__":
    main()
