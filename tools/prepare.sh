# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What ./demo and ./check share: installing what is missing, and building.
# Sourced; expects $top, the checkout. Every function answers by exit status.

# What building and running takes. apache2-bin, never apache2: no service is
# started and no configuration of the system is touched.
BUILD_PACKAGES="apache2-bin apache2-dev gcc make autoconf automake libtool
    pkg-config libjansson-dev libcurl4-openssl-dev libssl-dev libcjose-dev
    libhiredis-dev libidn2-dev python3 openssl ca-certificates"

say() { printf '%s\n' "$*" >&2; }

as_root()
{
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        say "Need root for: $*"
        say "Run this as root, or install sudo."
        return 1
    fi
}

# Which of these packages is not installed?
missing_packages()
{
    for package in "$@"; do
        case "$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null)" in
        *"ok installed") ;;
        *) printf '%s ' "$package" ;;
        esac
    done
}

install_packages()
{
    command -v dpkg-query >/dev/null 2>&1 || {
        say "This is no Debian: please install the counterparts of: $*"
        return 0
    }
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    say "Installing: $missing"
    # A fresh machine has no package lists; an old one may have stale ones.
    as_root apt-get -qq update || return 1
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Dpkg::Use-Pty=0 \
        install --no-install-recommends $missing >/dev/null
}

# build_tree NAME MAKE-TARGETS [CONFIGURE-OPTION...]: build below build/NAME.
build_tree()
{
    tree=$top/build/$1 targets=$2
    shift 2
    mkdir -p "$tree" || return 1
    log=$tree/build.log
    (make_tree "$targets" "$@") >"$log" 2>&1 || {
        tail -n 30 "$log" >&2
        say "The build failed; all of it is in $log"
        return 1
    }
}

make_tree()
{
    targets=$1
    shift
    if [ ! -x "$top/configure" ] || [ "$top/configure.ac" -nt "$top/configure" ] ||
        [ "$top/Makefile.am" -nt "$top/Makefile.in" ]; then
        (cd "$top" && autoreconf -i) || return 1
    fi
    cd "$tree" || return 1
    if [ ! -f Makefile ] || [ "$top/configure" -nt config.status ]; then
        "$top/configure" "$@" || return 1
    fi
    # One after another: `all` runs a make of its own, which would build the
    # same files at the same time.
    for target in $targets; do
        make -j"$(nproc)" "$target" || return 1
    done
}

# Children of a root-started httpd run as nobody: they must be able to reach
# the files they serve.
check_searchable()
{
    [ "$(id -u)" -eq 0 ] || return 0
    dir=$1
    while [ "$dir" != / ]; do
        case $(stat -c %A "$dir") in
        *x | *t) ;;
        *)
            say "httpd's children run as nobody and cannot enter $dir:"
            say "chmod o+x '$dir', or put the checkout elsewhere."
            return 1
            ;;
        esac
        dir=$(dirname "$dir")
    done
}
