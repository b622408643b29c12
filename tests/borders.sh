#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The architecture, proved: includes point down, libraries stay in their room,
# one symbol is exported, nothing has grown past its size. Prints TAP.
#
#   tests/borders.sh TREE     TREE is a build folder
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
tree=$(cd "$1" && pwd)
cd "$top" || exit 1
count=0 failed=0

# verdict SENTENCE OFFENDERS: good if there are none
verdict()
{
    count=$((count + 1))
    if [ -z "$2" ]; then
        printf 'ok %d - %s\n' "$count" "$1"
    else
        printf 'not ok %d - %s\n' "$count" "$1"
        printf '%s\n' "$2" | sed 's/^/# /'
        failed=1
    fi
}

includes() { grep -nE '^#include' "$@" /dev/null; }

verdict "core includes only core, APR, jansson, libcrypto, cjose, libidn2, C, inet_pton and memory" \
    "$(includes src/core/*.[ch] |
        grep -vE '"core/[a-z0-9_]+\.h"|<(apr[a-z_]*|jansson|idn2|openssl/[a-z0-9_]+|cjose/[a-z]+|string|stdlib|stdint|limits|math|pthread|stddef|ctype|assert|unistd|malloc|sys/mman|arpa/inet)\.h>')"
verdict "io includes nothing of httpd" \
    "$(includes src/io/*.[ch] |
        grep -E '"httpd/|<(httpd|http_[a-z]+|ap_[a-z]+|util_[a-z]+|mod_[a-z]+)\.h>')"
verdict "httpd includes neither curl nor jansson nor hiredis" \
    "$(includes src/httpd/*.[ch] | grep -E '<(curl|jansson|hiredis)')"
verdict "the module's record includes neither io nor core" \
    "$(includes mod_auth0_pwless.c | grep -E '"(io|core)/')"
verdict "request_rec lives in src/httpd only" \
    "$(grep -n 'request_rec' src/core/*.[ch] src/io/*.[ch])"
verdict "core and io do not log" \
    "$(grep -nE 'ap_log_|fprintf\(|printf\((\"|stderr)|syslog' src/core/*.[ch] src/io/*.[ch] |
        grep -v 'snprintf')"
verdict "core reads no clock" \
    "$(grep -nE 'apr_time_now|[^_]time\(NULL|clock_gettime|gettimeofday' src/core/*.[ch])"

undefined() { nm -u "$1" 2>/dev/null | awk '{print $2}'; }
verdict "core links without curl, sockets and httpd" \
    "$(for object in "$tree"/src/core/.libs/*.o; do undefined "$object"; done |
        sort -u | grep -E '^(curl_|ap_|socket$|connect$|sendto$|apr_socket)')"
verdict "io links without httpd" \
    "$(for object in "$tree"/src/io/.libs/*.o; do undefined "$object"; done |
        sort -u | grep -E '^ap_')"
verdict "the module exports one symbol" \
    "$(nm -D --defined-only "$tree/.libs/mod_auth0_pwless.so" |
        awk '{print $3}' |
        grep -vE '^(auth0_pwless_module|__gcov_.*|__asan_.*|__odr_asan.*|_init|_fini)$')"

verdict "no source file is over 450 lines" \
    "$(wc -l mod_auth0_pwless.c src/*/*.[ch] | awk '$2 != "total" && $1 > 450')"
verdict "no function is over 60 lines" \
    "$(awk 'FNR == 1 {name = ""} /^[a-z].*\(/ && !/;$/ {name = $0; begin = FNR}
        /^}/ {if (name != "" && FNR - begin > 60)
            print FILENAME ":" begin ": " FNR - begin " lines: " name; name = ""}' \
        src/*/*.c)"
verdict "every source file is in Makefile.am" \
    "$(for file in mod_auth0_pwless.c src/*/*.[ch] tests/unit/test_*.c tests/fuzz/fuzz_*.c; do
        case $file in *_data.h) continue ;; esac
        name=$file
        case $file in tests/*) name=${file%.c} ;; esac
        grep -q "$name" Makefile.am || echo "$file"
    done)"
verdict "every source of core and io has a test program" \
    "$(for file in src/core/*.c src/io/*.c; do
        base=$(basename "$file" .c)
        [ -f "tests/unit/test_$base.c" ] ||
            grep -q "Covers:.*\b$base\b" tests/unit/test_*.c || echo "$file"
    done)"
# (What is served to browsers says it in LICENSE only: every byte travels.)
verdict "every file says its licence" \
    "$(for file in $(git ls-files '*.c' '*.h' '*.sh' '*.py' '*.pl' '*.pm' '*.t' '*.am' '*.ac' 2>/dev/null); do
        head -n 3 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' || echo "$file"
    done)"
printf '1..%d\n' "$count"
exit $failed
