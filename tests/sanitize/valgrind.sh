#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Run httpd under valgrind's memcheck; reports go to TREE/reports.
#
#   tests/sanitize/valgrind.sh TREE PROGRAM [ARGUMENT...]
#
# All processes of httpd are forks of one and are watched, to their exit. Only
# memory that nothing points to any more counts as leaked: what httpd and its
# pools still hold when they exit is no leak. What only reads the configuration
# (-t, -k graceful) runs as it is: a start reads it, too.
tree=$1
shift
case " $* " in
*" -V "* | *" -l "* | *" -v "* | *" -t "* | *" -k graceful "* | *" -k restart "* | *" -k stop "*)
    exec "$@"
    ;;
esac
mkdir -p "$tree/reports" && chmod 1777 "$tree/reports"
exec valgrind -q --vgdb=no --error-exitcode=99 --leak-check=full \
    --show-leak-kinds=definite --errors-for-leak-kinds=definite \
    --keep-debuginfo=yes --num-callers=24 --fair-sched=yes \
    --suppressions="$(dirname "$0")/valgrind.supp" \
    --log-file="$tree/reports/memcheck.%p" "$@"
