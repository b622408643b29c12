#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Long life: everything at once, and nothing grows. tests/soak/soak.py says more.
#
#   tests/soak.sh TREE MPM                               short, as in ./check
#   tests/soak.sh TREE MPM --busy 3600 --restarts 1000 --anonymous 200000
#
# TREE is a build folder, MPM event or prefork; 0 leaves a part out. As root it runs
# in a namespace of its own, where semaphores and segments of others are not seen.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)

set -- python3 "$top/tests/soak/soak.py" "$@"
if unshare --ipc --mount true 2>/dev/null; then
    # shellcheck disable=SC2016
    exec env SOAK_NAMESPACE=own unshare --ipc --mount sh -c \
        'mount -t tmpfs tmpfs /dev/shm && exec "$@"' sh "$@"
fi
exec "$@"
