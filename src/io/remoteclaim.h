/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Being the first in Redis to write a key: how machines agree who of them has
 * something, or who heard something first.
 *
 * SET NX PX and GET are sent together, and what GET says counts: commands may
 * be sent twice when a kept connection turns out to be dead (io/redis.h), and a
 * second SET NX would say no to the one who has it.
 */
#ifndef PWL_IO_REMOTECLAIM_H
#define PWL_IO_REMOTECLAIM_H

#include "io/redis.h"
#include "io/remotename.h"

/**
 * Write a random word of our own to keys that nobody has.
 * @param keys   `count` of them, PWL_REMOTENAME_MAX at most: the names of one
 *               thing
 * @param life   until they expire by themselves, above 0
 * @param mine   of each key: do we have it?
 * @return PWL_OK: Redis answered, and `mine` says what;
 *         PWL_SEAL_FAILED, PWL_STORE_FAILED: `mine` is all 0
 */
pwl_result_t pwl_remoteclaim_take(pwl_redis_t *redis, const char *const *keys,
                                  int count, apr_interval_time_t life,
                                  int *mine, apr_pool_t *pool);

#endif
