# SPDX-License-Identifier: Apache-2.0
"""What is compared: configurations of httpd, of nginx, and a Redis.

A configuration is a function of stage and port. The page is the same 1 KB file
everywhere, and so are the other modules.
"""

import base64
import glob
import os
import re
import shutil
import subprocess

from stage import Server, free_port, from_makefile, listens

OURS = """\
LoadModule auth0_pwless_module {tree}/.libs/mod_auth0_pwless.so
Auth0Domain {domain}
Auth0ClientID {client_id}
Auth0ClientSecret file:{secret}
Auth0CAFile {ca_file}
Auth0InsecureHTTP On
Auth0SessionStore {store}
Auth0MinSendTime off
{more}
<Location "/members">
    AuthType Auth0Passwordless
    AuthName "Members"
    Auth0PassClaims both email sub name nickname email_verified updated_at
    Require valid-user
</Location>
"""

# As its documentation shows it; all that is not needed to run here is default.
OPENIDC = """\
LoadModule auth_openidc_module {module}
OIDCProviderMetadataURL https://{domain}/.well-known/openid-configuration
OIDCClientID {client_id}
OIDCClientSecret {client_secret}
OIDCProviderTokenEndpointAuth client_secret_post
OIDCRedirectURI http://localhost:{port}/members/callback
OIDCCryptoPassphrase 2d6f1c0a9b8e7f6a5d4c3b2a19080706
OIDCScope "openid profile email"
OIDCRemoteUserClaim email
OIDCCABundlePath {ca_file}
{store}
<Location "/members">
    AuthType openid-connect
    Require valid-user
</Location>
"""

NGINX = """\
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/error.log error;
{user}
events {{ worker_connections 2048; }}
http {{
    access_log off;
    default_type text/html;
    keepalive_requests 100000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream yes {{ server 127.0.0.1:{yes}; keepalive 64; }}
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        root {work}/site;
        location /members {{ {auth} }}
        location = /auth {{
            internal;
            proxy_pass http://yes;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
        }}
    }}
    server {{ listen 127.0.0.1:{yes} backlog=1024; return 204; }}
}}
"""


def without(stage, port):
    return ""


def keep_private(path, line):
    with open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as out:
        out.write(line + b"\n")
    return path


def ours(store="shm(32m)", more=""):
    def conf(stage, port):
        secret = keep_private(f"{stage.work}/secret", stage.info["client_secret"].encode())
        return OURS.format(tree=stage.tree, store=store, more=more, secret=secret,
                           **stage.info)
    return conf


def ours_redis(stage):
    key = keep_private(f"{stage.folder()}/seal", base64.b64encode(os.urandom(32)))
    redis = start_redis(stage)
    return ours(f"redis://127.0.0.1:{redis.port}/0", f"Auth0SealKey file:{key}")


def openidc(*store):
    """mod_auth_openidc with these directives for its sessions."""
    def conf(stage, port):
        stage.allow_callback(f"http://localhost:{port}/members/callback")
        folder = from_makefile(stage.tree, "HTTPD_MODULES")
        return OPENIDC.format(module=f"{folder}/mod_auth_openidc.so", port=port,
                              store="\n".join(store), **stage.info)
    return conf


def start_redis(stage):
    """A Redis of our own; the package's service is not used."""
    port, folder = free_port(), stage.folder()
    # One binary, which goes by the name it is called: Debian's redis-tools has
    # it, and starts no service as redis-server does.
    program = f"{folder}/redis-server"
    os.symlink("/usr/bin/redis-check-rdb", program)
    return Server(stage, [program, "--bind", "127.0.0.1", "--port", str(port),
                          "--dir", folder, "--save", "", "--appendonly", "no"],
                  port, folder).ready(listens)


def openidc_redis(redis):
    return openidc("OIDCCacheType redis",
                   f"OIDCRedisCacheServer 127.0.0.1:{redis.port}")


def find_openidc(stage):
    """The ways mod_auth_openidc keeps sessions, by name; none if it is not
    installed."""
    folder = from_makefile(stage.tree, "HTTPD_MODULES")
    if not os.path.exists(f"{folder}/mod_auth_openidc.so"):
        return {}
    found = {"shm": openidc("OIDCCacheType shm"),
             "client cookie": openidc("OIDCSessionType client-cookie")}
    if os.path.exists("/usr/bin/redis-check-rdb"):
        found["redis"] = openidc_redis(start_redis(stage))
    return found


def find_nginx(stage):
    """An nginx: unpacked below build/ by bench/run, or installed."""
    unpacked = glob.glob(f"{os.path.dirname(stage.work)}/nginx/usr/sbin/nginx")
    return unpacked[0] if unpacked else shutil.which("nginx")


def start_nginx(stage, program, auth):
    port, folder = free_port(), stage.folder()
    user = "user nobody nogroup;" if os.geteuid() == 0 else ""
    with open(f"{folder}/nginx.conf", "w", encoding="utf-8") as conf:
        conf.write(NGINX.format(folder=folder, work=stage.work, port=port,
                                yes=free_port(), user=user,
                                auth="auth_request /auth;" if auth else ""))
    return Server(stage, [program, "-p", folder, "-e", f"{folder}/error.log",
                          "-c", f"{folder}/nginx.conf"], port, folder).ready(listens)


def package_version(name):
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", name],
                          capture_output=True, text=True, check=False)
    return re.sub(r"^\d+:|[-+].*$", "", done.stdout)


def nginx_version(stage):
    program = find_nginx(stage)
    said = program and subprocess.run([program, "-v"], capture_output=True,
                                      text=True, check=False).stderr
    return said and said.strip().rsplit("/", 1)[1]
