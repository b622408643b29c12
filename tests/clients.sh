#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Run other people's clients of Auth0 against the stand-in (tests/clients): it is
# to content them as the service does. Needs npm and node 20.19 or later, which
# Debian 12 has not; without them it says SKIP.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
folder=$top/build/sdks

recent() { node -e 'const [a, b] = process.versions.node.split(".").map(Number);
    process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null; }

if ! command -v npm >/dev/null 2>&1 || ! recent; then
    echo "1..0 # SKIP no npm with node 20.19 or later"
    exit 0
fi
work=$(mktemp -d)
tenant=''
trap '[ -z "$tenant" ] || kill "$tenant" 2>/dev/null; rm -rf "$work"' EXIT
mkdir -p "$folder"
cp "$top"/tests/clients/* "$folder"
cd "$folder"
cmp -s package-lock.json node_modules/.lock 2>/dev/null || {
    npm ci --silent --no-audit --no-fund --ignore-scripts >&2
    cp package-lock.json node_modules/.lock
}
python3 "$top/tests/tenant/tenant.py" --dir "$work" --callback https://app.localhost/cb \
    --logout-url https://app.localhost/out --exit-with-parent >"$work/log" 2>&1 &
tenant=$!
for _ in $(seq 100); do
    [ -f "$work/tenant.json" ] && break
    sleep 0.1
done
field() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' \
    "$work/tenant.json" "$1"; }
NODE_EXTRA_CA_CERTS=$(field ca_file) timeout 60 node test_sdks.mjs "$(field domain)" \
    "$(field control)" "$(field mail)" "$(field client_id)" "$(field client_secret)"
