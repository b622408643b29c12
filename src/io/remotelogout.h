/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What logout tokens leave behind in Redis, for all machines:
 *
 *   o:NAME   of a `jti`: a random word of who heard it first;
 *            of a sid or a sub: the token's `iat`, in seconds
 *
 * Both expire by themselves. NAMEs are made as io/remote.h does; with two seal
 * keys everything is written under both, so that machines which know one of
 * them agree.
 */
#ifndef PWL_IO_REMOTELOGOUT_H
#define PWL_IO_REMOTELOGOUT_H

#include <apr_time.h>

#include "core/seal.h"
#include "io/redis.h"

typedef struct pwl_remotelogout_t pwl_remotelogout_t; /* read-only, shared */

/** @param prefix  stays the caller's. @return NULL when libcrypto fails */
pwl_remotelogout_t *pwl_remotelogout_make(pwl_redis_t *redis,
                                          const pwl_seal_keys_t *keys,
                                          const char *prefix, apr_pool_t *pool);

/** Remember a `jti` by its key. @return PWL_OK the first time;
 * PWL_LOGOUT_REPLAY; PWL_SEAL_FAILED, PWL_STORE_FAILED */
pwl_result_t pwl_remotelogout_once(const pwl_remotelogout_t *logout,
                                   const unsigned char *key,
                                   apr_interval_time_t life, apr_pool_t *pool);

/** Remember a sid or a sub by its key. @return PWL_OK, PWL_STORE_FAILED */
pwl_result_t pwl_remotelogout_tell(const pwl_remotelogout_t *logout,
                                   const unsigned char *key, apr_time_t issued,
                                   apr_interval_time_t life, apr_pool_t *pool);

/** Ask for one or two. @param since  of each; 0 when there is nothing
 * @return PWL_OK, PWL_STORE_FAILED */
pwl_result_t pwl_remotelogout_asked(const pwl_remotelogout_t *logout,
                                    const unsigned char *const *keys, int count,
                                    apr_time_t *since, apr_pool_t *pool);

#endif
