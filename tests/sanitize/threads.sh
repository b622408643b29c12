#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Run httpd with the module under TSan; reports go to TREE/reports.
#
#   tests/sanitize/threads.sh TREE PROGRAM [ARGUMENT...]
#
# TREE was configured with --enable-sanitize=thread. httpd and its libraries
# are not instrumented; what they do is left out of account. TSan needs memory
# where it expects it, hence no address space randomisation.
tree=$1
shift
case " $* " in
*" -V "* | *" -l "* | *" -v "*) exec "$@" ;; # asked by Apache::Test
esac
mkdir -p "$tree/reports" && chmod 1777 "$tree/reports"
export TSAN_OPTIONS="ignore_noninstrumented_modules=1:die_after_fork=0:log_path=$tree/reports/tsan"
export LD_PRELOAD="$(gcc -print-file-name=libtsan.so)"
exec setarch -R "$@"
