# SPDX-License-Identifier: Apache-2.0
"""Write the demo's httpd.conf and its two pages.

The members' page is plain HTML with server-side includes: it prints what the
module tells every application, and nothing else knows about sign-in.
"""

import argparse
import grp
import json
import os
import pwd
import subprocess
import urllib.request

CONF = """\
# Everything the module needs is between the two lines of dashes.
DefaultRuntimeDir {work}
ServerRoot {work}
PidFile {work}/httpd.pid
ErrorLog {work}/error.log
LogLevel warn auth0_pwless:info
ServerName localhost
{user}
{modules}
Listen 127.0.0.1:{http}
{listen_tls}
DocumentRoot {work}/site
TypesConfig {mime}
DirectoryIndex index.shtml
AddOutputFilter INCLUDES .shtml
AddType text/html .shtml
<Directory {work}/site>
    Options Includes
    Require all granted
</Directory>

# ----------------------------------------------------------------------------
LoadModule auth0_pwless_module {tree}/.libs/mod_auth0_pwless.so

Auth0Domain        {domain}
Auth0ClientID      {client_id}
Auth0ClientSecret  file:{secret_file}
Auth0SiteName      "Rowing Club"
{ca_file}
{way_in}
<Location "/members">
    AuthType Auth0Passwordless
    AuthName "Members"
    Require  valid-user
</Location>
# ----------------------------------------------------------------------------

<VirtualHost 127.0.0.1:{http}>
    ServerName localhost:{http}
    # Without TLS, for a look only: httpd warns of it at every start.
    Auth0InsecureHTTP On
    Auth0BaseURL http://localhost:{http}
</VirtualHost>
{tls}
"""

TLS = """\
<VirtualHost 127.0.0.1:{https}>
    ServerName localhost:{https}
    Auth0BaseURL https://localhost:{https}
    SSLEngine on
    SSLCertificateFile {cert}
    SSLCertificateKeyFile {key}
</VirtualHost>
"""

# What each way in takes. With the last two the application is a public one: a page
# has no place for a secret.
WAYS = {
    "form": "",
    "link": "Auth0Send          link\n",
    "sms": "Auth0Connection    sms\nAuth0PhoneCountry  +44\n",
    "hosted": "Auth0Login         hosted\n",
    "auth0js": "Auth0Login         auth0js\nAuth0Script        {script}\n",
    "lock": "Auth0Login         lock\nAuth0Script        {script}\n",
}
PUBLIC = {"kind": "spa", "auth_method": "none", "cross_origin": True,
          "connections": ["email"]}

STYLE = """\
:root { color-scheme: light dark;
  --accent: light-dark(#2456c9, #8fb3ff); --on-accent: light-dark(#fff, #0c1733);
  --bg: light-dark(#f3f5f9, #0e121b); --surface: light-dark(#fff, #181e2b);
  --text: light-dark(#161d2d, #e9edf6); --muted: light-dark(#566075, #a5b0c5);
  --border: light-dark(#818ba0, #6d7991); --line: light-dark(#e1e5ee, #2a3244) }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; padding: clamp(1rem, 8vh, 6rem) min(4vw, 1rem) 2rem;
  background: var(--bg); color: var(--text); overflow-wrap: anywhere;
  font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif }
header, main { max-width: 40rem; margin-inline: auto }
header { margin-bottom: 1rem; font-size: 1.0625rem; font-weight: 650 }
header a { display: inline-flex; align-items: center; gap: .625rem; min-height: 2.75rem;
  color: inherit; text-decoration: none }
header a::before { content: ""; width: 1.75rem; height: 1.75rem; border-radius: .5rem;
  background: linear-gradient(160deg, transparent 55%, #fff5 55% 64%, transparent 64% 73%,
    #fff5 73% 82%, transparent 82%), #2456c9 }
main { padding: min(6.5vw, 2.5rem); background: var(--surface);
  border: 1px solid var(--line); border-radius: 1rem; box-shadow: 0 12px 40px #131b2e14 }
main > :last-child { margin-bottom: 0 }
h1 { margin: 0 0 .75rem; font-size: 1.75rem; font-weight: 680; line-height: 1.25;
  letter-spacing: -.018em; text-wrap: balance }
p { margin: 0 0 1.5rem; color: var(--muted); text-wrap: pretty }
dl { margin: 0 0 1.75rem; border-top: 1px solid var(--line) }
dl > div { display: flex; flex-wrap: wrap; gap: 0 1.5rem; padding: .625rem 0;
  border-bottom: 1px solid var(--line) }
dt { flex: 0 1 14rem; color: var(--muted); font-size: .875rem; line-height: 1.75 }
dd { flex: 1 1 14rem; margin: 0; font-family: ui-monospace, monospace; font-size: .9375rem }
label { display: block; margin-bottom: .375rem; color: var(--text); font-weight: 600 }
textarea { width: 100%; padding: .625rem .875rem; border: 1px solid var(--border);
  border-radius: 10px; background: none; color: inherit; font: inherit }
.button { display: inline-block; min-height: 3rem; padding: .6875rem 1.5rem;
  border: 1px solid transparent; border-radius: 10px; background: var(--accent);
  color: var(--on-accent); font: inherit; font-weight: 600; line-height: 1.5;
  text-decoration: none; cursor: pointer }
.button.quiet { border-color: var(--border); background: none; color: var(--text) }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px }
"""

PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="/site.css">
<header><a href="/">Rowing Club</a></header>
<main>
{body}
</main>
"""

HOME = """\
<h1>Up before the sun, home before breakfast</h1>
<p>Anybody may read this page. The members' page is guarded by mod_auth0_pwless:
it wants to know who you are, and an email address is all it takes.</p>
<p><a class="button" href="/members/">Members' page</a></p>
"""

SHOWN = ("REMOTE_USER AUTH_TYPE AUTH0_EMAIL AUTH0_EMAIL_VERIFIED AUTH0_SUB "
         "AUTH0_NAME").split()
MEMBERS = """\
<h1>Welcome, <!--#echo var="AUTH0_NICKNAME" --></h1>
<p>This page did nothing to find out who you are. The web server told it:</p>
<dl>
{shown}
</dl>
<p><a class="button quiet" href="/.auth0/logout">Sign out</a></p>
""".format(shown="\n".join(
    f'<div><dt>{name}</dt><dd><!--#echo var="{name}" --></dd></div>'
    for name in SHOWN))

# Modules that httpd may have compiled in are asked for first (httpd -l).
MODULES = ("mpm_event authn_core authz_core authz_user unixd dir mime include "
           "ssl socache_shmcb").split()


def makefile_value(tree, name):
    """What configure found out, from the Makefile it wrote."""
    with open(os.path.join(tree, "Makefile"), encoding="utf-8") as makefile:
        for line in makefile:
            if line.startswith(name + " = "):
                return line.split(" = ", 1)[1].strip()
    raise SystemExit("no " + name + " in the Makefile: run ./configure")


def user_lines():
    """Started as root, httpd's children need somebody to be."""
    if os.geteuid() != 0:
        return ""
    nobody = pwd.getpwnam("nobody")
    return f"User nobody\nGroup {grp.getgrgid(nobody.pw_gid).gr_name}"


def load_lines(tree):
    built_in = subprocess.run([makefile_value(tree, "HTTPD"), "-l"], check=True,
                              capture_output=True, text=True).stdout
    folder = makefile_value(tree, "HTTPD_MODULES")
    return "\n".join(f"LoadModule {name}_module {folder}/mod_{name}.so"
                     for name in MODULES if f"mod_{name}.c" not in built_in)


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w",
              encoding="utf-8") as out:
        out.write(text)


def write_site(work):
    write(f"{work}/site/site.css", STYLE)
    write(f"{work}/site/index.shtml", PAGE.format(title="Rowing Club", body=HOME))
    write(f"{work}/site/members/index.shtml",
          PAGE.format(title="Members – Rowing Club", body=MEMBERS))
    write(f"{work}/mime.types", "text/css css\ntext/html html\n")


def make_public(tenant, origins):
    application = dict(PUBLIC, client_id=tenant["client_id"], web_origins=origins)
    urllib.request.urlopen(urllib.request.Request(
        tenant["control"] + "/clients", json.dumps(application).encode(),
        {"Content-Type": "application/json"}), timeout=10).close()


def main(words=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("--way", choices=WAYS, default="form")
    parser.add_argument("--script", default="")
    for name in "work tree http https domain client-id secret-file".split():
        parser.add_argument("--" + name, required=True)
    args = vars(parser.parse_args(words))
    work = args["work"]
    args.update(ca_file="", way_in=WAYS[args["way"]].format(**args), user=user_lines(),
                listen_tls="", tls="", mime=f"{work}/mime.types",
                modules=load_lines(args["tree"]))
    if not args["domain"]:
        with open(f"{work}/tenant/tenant.json", encoding="utf-8") as ready:
            tenant = json.load(ready)
        secret_file = f"{work}/auth0.secret"
        write(secret_file, tenant["client_secret"] + "\n", 0o600)
        args.update(domain=tenant["domain"], client_id=tenant["client_id"],
                    secret_file=secret_file,
                    ca_file=f"Auth0CAFile        {tenant['ca_file']}",
                    listen_tls=f"Listen 127.0.0.1:{args['https']}",
                    tls=TLS.format(https=args["https"], cert=tenant["server_cert"],
                                   key=tenant["server_key"]))
        if args["script"]:
            make_public(tenant, [f"http://localhost:{args['http']}",
                                 f"https://localhost:{args['https']}"])
        write(f"{work}/tenant_domain", tenant["domain"])
    write_site(work)
    write(f"{work}/httpd.conf", CONF.format(**args))


if __name__ == "__main__":
    main()
