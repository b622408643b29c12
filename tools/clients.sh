#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fetch what the tests and the demo run in a browser: auth0.js, from npm's
# registry, of one version and held to its hash.
#
#   tools/clients.sh FOLDER         writes FOLDER/auth0.min.js
#   tools/clients.sh FOLDER lock    writes FOLDER/lock.js; needs npm
#
# npm does it where there is one; else curl, so that a bare machine need not
# install npm and the hundreds of packages it takes along. A folder that has
# the file is left alone.
set -eu
package=auth0-js version=10.2.1
hash=8jaYQEDrRkfD4nS7Kot4AM189OIfgABySpZM7L9vGyEIvBOxYEelnU7wpkwUW/XxvNBzlc7kt6m45OVfGwQvDw==
registry=${CLIENTS_REGISTRY:-https://registry.npmjs.org}

folder=${1:?usage: tools/clients.sh FOLDER [lock]}

# Lock has no file for a page in its package: it is bundled, of the versions
# and hashes in package-lock.json.
if [ "${2:-}" = lock ]; then
    [ ! -f "$folder/lock.js" ] || exit 0
    mkdir -p "$folder"
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    cp "$(dirname "$0")"/../tests/browser/lock/* "$work"
    cd "$work"
    npm ci --silent --no-audit --no-fund --ignore-scripts
    # esbuild takes auth0.js for a module by this field, and finds it empty.
    sed -i '/"type": "module"/d' node_modules/auth0-js/package.json
    node_modules/.bin/esbuild entry.js --bundle --minify --log-level=error \
        '--define:process.env.NODE_ENV="production"' --outfile=lock.js
    cd - >/dev/null
    cp "$work/lock.js" "$folder/lock.js"
    exit 0
fi
mark=$folder/$package-$version
[ ! -f "$mark" ] || [ ! -f "$folder/auth0.min.js" ] || exit 0

mkdir -p "$folder"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
file=$work/$package-$version.tgz
if [ -z "${CLIENTS_REGISTRY:-}" ] && command -v npm >/dev/null 2>&1; then
    (cd "$work" && npm pack --silent "$package@$version" >/dev/null)
else
    curl -fsS --retry 2 --max-time 60 -o "$file" \
        "$registry/$package/-/$package-$version.tgz"
fi
found=$(openssl dgst -sha512 -binary "$file" | base64 -w0)
[ "$found" = "$hash" ] || {
    echo "$package $version has the hash $found, not $hash" >&2
    exit 1
}
tar -xzf "$file" -C "$work" package/dist/auth0.min.js
cp "$work/package/dist/auth0.min.js" "$folder/auth0.min.js"
: >"$mark"
