/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of io/fleet_*.c share: a machine, with Redis or without. */
#ifndef PWL_TESTS_FLEET_FIXTURE_H
#define PWL_TESTS_FLEET_FIXTURE_H

#include <stdlib.h>
#include <sys/mman.h>

#include "io/fleet.h"

#define TABLE_BYTES (4 * 1024 * 1024)
#define S(n) apr_time_from_sec(n)
#define NOW S(1700000000)
#define TIMEOUT apr_time_from_sec(2)

static apr_pool_t *pool;

static void *shared(apr_size_t bytes)
{
    return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                -1, 0);
}

/* @param port  of its Redis; 0: it has none */
static pwl_fleet_t *fleet_of(int port)
{
    pwl_fleet_conf_t conf = {
        .redis = {.host = "127.0.0.1", .port = port, .timeout = TIMEOUT},
        .prefix = "f:",
        .grace = S(60),
        .longest = S(8 * 3600),
    };
    pwl_seal_keys_t keys = {.count = 1};
    pwl_sessions_t *sessions;

    if (pwl_sessions_format(shared(TABLE_BYTES), TABLE_BYTES, &sessions, pool)
            .why != PWL_OK)
        abort();
    return port ? pwl_fleet_remote(sessions, shared(pwl_follow_shared_bytes()),
                                   &conf, &keys, 4, pool)
                : pwl_fleet_local(sessions, pool);
}

#endif
