#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `make install` into folders laid out like Debian's: a2enmod, which apxs runs,
# links what is in mods-available at that moment. Prints TAP.
#
#   tests/install.sh TREE     TREE is a build folder
set -u
tree=$(cd "$1" && pwd)
work=$tree/install
rm -rf "$work"
mkdir -p "$work/etc/mods-available"

# Takes the place of apxs: says what a2enmod would have found.
cat >"$work/apxs" <<'APXS'
#!/bin/sh
case " $* " in
*' -a '*) ls "$(dirname "$0")/etc/mods-available" >"$(dirname "$0")/found" ;;
esac
APXS
chmod 755 "$work/apxs"

make -s -C "$tree" install-exec install-data prefix="$work/usr" \
    APXS="$work/apxs" HTTPD_SYSCONFDIR="$work/etc" \
    HTTPD_MODULES="$work/modules" >"$work/log" 2>&1
status=$?
failed=0
verdict()
{
    [ "$2" = "$3" ] && printf 'ok %s\n' "$1" && return
    printf 'not ok %s\n# %s\n' "$1" "$2"
    failed=1
}
verdict '1 - make install works' "$status" 0
verdict '2 - the .conf is there when a2enmod is run' \
    "$(cat "$work/found" 2>&1)" auth0_pwless.conf
echo "# edited" >>"$work/etc/mods-available/auth0_pwless.conf"
make -s -C "$tree" install-exec install-data prefix="$work/usr" \
    APXS="$work/apxs" HTTPD_SYSCONFDIR="$work/etc" \
    HTTPD_MODULES="$work/modules" >>"$work/log" 2>&1
verdict '3 - a second install leaves what was written there' \
    "$(tail -n 1 "$work/etc/mods-available/auth0_pwless.conf")" '# edited'
echo 1..3
exit "$failed"
