#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Run a program under ASan and UBSan with the pool guard; a report is a failure.
#
#   tests/sanitize/run.sh TREE PROGRAM [ARGUMENT...]
#   LEAKS=1 tests/sanitize/run.sh ...       leaked memory is a report, too
#
# Leaks of httpd are looked for by valgrind (valgrind.sh), which tells what nothing
# points to any more from what pools in mapped memory still hold.
#
# TREE was configured with --enable-sanitize=address,undefined. Reports go to
# TREE/reports.*, where children that run as nobody can write them, too: a
# report of a forked child does not change its parent's exit status, so look
# there afterwards (tests/sanitize/reports.sh).
tree=$1
shift
case " $* " in
*" -V "* | *" -l "* | *" -v "*) exec "$@" ;; # asked by Apache::Test
esac
mkdir -p "$tree/reports" && chmod 1777 "$tree/reports"
export ASAN_OPTIONS="detect_leaks=${LEAKS:-0}:detect_stack_use_after_return=1:abort_on_error=0:log_path=$tree/reports/asan"
export UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1:log_path=$tree/reports/ubsan"
export PWLESS_POOL_GUARD=1
export LD_PRELOAD="$(gcc -print-file-name=libasan.so) $tree/guard.so"
exec "$@"
