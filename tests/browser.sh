#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Sign in with a real browser: Chromium, a private httpd, the stand-in tenant.
#
#   tests/browser.sh TREE [PROVE-ARGUMENT...]
#
# TREE is a build folder. Each test has its own tenant, httpd and browser, so
# they may run side by side. Everything is written below TREE/browser; pictures
# of every page are in TREE/browser/screenshots. Nothing listens or talks
# beyond 127.0.0.1, and what was started is ended by its pid.
set -u
[ $# -ge 1 ] || {
    echo "usage: tests/browser.sh TREE [PROVE-ARGUMENT...]" >&2
    exit 2
}
top=$(cd "$(dirname "$0")/.." && pwd)
tree=$(cd "$1" && pwd) || exit 1
shift
work=$tree/browser
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY

rm -rf "$work"
mkdir -p "$work/pids" "$work/screenshots" && chmod 755 "$work" || exit 1

# Tests end what they start. One that was killed could not; a pid that names
# another program by now is left alone.
prove_pid=''
finish()
{
    trap - EXIT
    [ -z "$prove_pid" ] || kill "$prove_pid" 2>/dev/null
    for file in "$work"/pids/*; do
        [ -f "$file" ] || continue
        pid=$(basename "$file")
        [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$(cat "$file")" ] &&
            kill "$pid" 2>/dev/null
    done
}
trap finish EXIT
# A second signal must not cut finish() short.
trap 'trap "" INT TERM HUP; exit 130' INT TERM HUP

PWLESS_TREE=$tree PYTHONDONTWRITEBYTECODE=1
export PWLESS_TREE PYTHONDONTWRITEBYTECODE
case "$*" in
*.py*) ;;
*) set -- "$@" "$top"/tests/browser/test_*.py ;;
esac
# Debian's python: it has Debian's selenium.
prove -j3 --exec /usr/bin/python3 "$@" &
prove_pid=$!
wait "$prove_pid"
good=$?
prove_pid=''
exit "$good"
