#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Run the live suite: a real httpd on loopback against the stand-in tenant.
#
#   tests/live.sh TREE MPM [PROVE-ARGUMENT...]
#
# TREE is a build folder, MPM event, worker or prefork. $WRAPPER may name a
# program to start httpd through (a sanitizer's run time), $PART a part of the suite
# that runs beside others of the same tree. Everything is written below TREE/live-MPM;
# the checkout stays as it is.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
tree=$(cd "$1" && pwd) mpm=$2
shift 2
work=$tree/live-$mpm${PART:+-$PART}
httpd=$(sed -n 's/^HTTPD = //p' "$tree/Makefile")
apxs=$(sed -n 's/^APXS = //p' "$tree/Makefile")
modules=$(sed -n 's/^HTTPD_MODULES = //p' "$tree/Makefile")

rm -rf "$work"
mkdir -p "$work" && chmod 755 "$work"
cp -r "$top/tests/t" "$work/t"
mkdir -p "$work/t/htdocs"
for place in members short ann claim regex domain expr pass api always-login few \
    basic open; do
    mkdir -p "$work/t/htdocs/$place"
    cp "$work/t/htdocs/echo.cgi" "$work/t/htdocs/$place/env.cgi"
    echo "page in $place" >"$work/t/htdocs/$place/index.html"
done

python3 "$top/tests/tenant/tenant.py" --dir "$work/tenant" --exit-with-parent \
    >"$work/tenant.log" 2>&1 &
tenant_pid=$!
finish()
{
    trap - EXIT
    (cd "$work" && perl t/TEST.pl -stop-httpd >/dev/null 2>&1)
    kill "$tenant_pid" 2>/dev/null
    wait "$tenant_pid" 2>/dev/null
}
trap finish EXIT
# A second signal must not cut finish() short.
trap 'trap "" INT TERM; exit 130' INT TERM
for _ in $(seq 600); do
    [ -f "$work/tenant/tenant.json" ] && break
    sleep 0.1
done

# What Apache::Test's template leaves to us: modules, and names for the hosts.
python3 "$top/tests/live_conf.py" "$work" "$httpd" "$modules" "$mpm" \
    "$tree/.libs/mod_auth0_pwless.so" || exit 1

PWLESS_WORK=$work PWLESS_TOP=$top PWLESS_TREE=$tree PWLESS_MPM=$mpm
PWLESS_HTTPD=${WRAPPER:-$httpd} PWLESS_MODULES=$modules
PERL5LIB=$work/t/lib
export PWLESS_WORK PWLESS_TOP PWLESS_TREE PWLESS_MPM PWLESS_HTTPD
APACHE_TEST_STARTUP_TIMEOUT=${APACHE_TEST_STARTUP_TIMEOUT:-30}
export PWLESS_MODULES PERL5LIB APACHE_TEST_STARTUP_TIMEOUT
cd "$work" || exit 1
# Several suites may start at the same time: Apache::Test would choose the same
# ports for them. The lock is kept for as long as anything of this suite runs.
mkdir -p "$top/build/ports"
port=''
while [ -z "$port" ]; do
    first=$(python3 "$top/tests/ports.py" 10000 30000 256)
    exec 9>"$top/build/ports/$first"
    flock -n 9 && port=$first
done
# Apache::Test takes the first few dozen; the rest is for servers of tests' own.
PWLESS_PORTS=$((port + 64))
export PWLESS_PORTS
perl t/TEST.pl -httpd "${WRAPPER:-$httpd}" -apxs "$apxs" \
    -httpd_conf "$work/t/conf/base.conf" -servername localhost -port "$port" \
    -start-httpd >"$work/start.log" 2>&1 || {
    cat "$work/start.log" >&2
    [ -f t/logs/error_log ] && tail -n 20 t/logs/error_log >&2
    exit 1
}
[ $# -gt 0 ] || set -- t/
prove --timer "$@"
