/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Buckets of core/throttle.h in Redis, for all machines:
 *
 *   t:NAME   when the bucket is empty, in microseconds of Redis's own clock;
 *            a random word of who took last; when it was first taken from
 *   t:NAME   of somebody who is known: 1
 *
 * Each expires by itself, a bucket when it is empty. NAMEs are made by
 * io/remotename.h; with two seal keys each bucket lies under both, and the
 * fuller of the two counts.
 *
 * One script asks all buckets and takes from all of them or from none, so that
 * of many machines that ask at the same time no more get one than there are.
 * It needs what the log of ended sessions needs: Redis 5.
 */
#ifndef PWL_IO_REMOTETHROTTLE_H
#define PWL_IO_REMOTETHROTTLE_H

#include "core/seal.h"
#include "io/redis.h"
#include "io/throttles.h"

typedef struct pwl_remotethrottle_t pwl_remotethrottle_t; /* read-only */

/** @param prefix  stays the caller's. @return NULL when libcrypto fails */
pwl_remotethrottle_t *pwl_remotethrottle_make(pwl_redis_t *redis,
                                              const pwl_seal_keys_t *keys,
                                              const char *prefix,
                                              apr_pool_t *pool);

/**
 * Take one from each bucket that is asked for, or from none.
 * @param known_for  above 0: `ask->known` is known here, for so long. Redis is
 *                   told if it does not know: it did not answer when it was to
 *                   be told, or has lost its data
 * @param told       set when Redis answered, but for `here` and `noted`
 * @return PWL_OK; PWL_SEAL_FAILED, PWL_STORE_FAILED: nobody knows
 */
pwl_result_t pwl_remotethrottle_take(const pwl_remotethrottle_t *throttle,
                                     const pwl_throttle_ask_t *ask,
                                     apr_interval_time_t known_for,
                                     pwl_throttle_told_t *told,
                                     apr_pool_t *pool);

/** Put one back, unless the bucket is younger than what was taken: that went
 * with another one, which Redis has lost. Sent twice while others take, it
 * could put back two: one code too many, when a connection dies in that moment.
 * @param bucket  of the call that told
 * @return PWL_OK, PWL_SEAL_FAILED, PWL_STORE_FAILED */
pwl_result_t pwl_remotethrottle_give_back(const pwl_remotethrottle_t *throttle,
                                          const pwl_throttle_bucket_t *bucket,
                                          const pwl_throttle_told_t *told,
                                          apr_pool_t *pool);

/** Remember a name for a while, above 0; asked for as `known`.
 * @return PWL_OK, PWL_STORE_FAILED */
pwl_result_t pwl_remotethrottle_remember(const pwl_remotethrottle_t *throttle,
                                         const char *name,
                                         apr_interval_time_t life,
                                         apr_pool_t *pool);

#endif
