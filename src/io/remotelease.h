/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leases in Redis, by which machines agree who of them does something for a
 * session: refreshes its tokens, or writes it anew.
 *
 *   l:NAME   a random word of who has it; expires by itself
 *
 * A record of a session with tokens is written under its lease only, so that
 * nobody who read it before a refresh writes old tokens over new ones. NAMEs
 * are made as io/remote.h does; with two seal keys a lease is taken under both
 * or not at all, so that machines which know one of them agree.
 */
#ifndef PWL_IO_REMOTELEASE_H
#define PWL_IO_REMOTELEASE_H

#include "core/seal.h"
#include "core/session.h"
#include "io/redis.h"

typedef struct pwl_remotelease_t pwl_remotelease_t; /* read-only, shared */

/** What somebody who has a lease gives back. */
typedef struct {
    apr_time_t end; /* in time of the caller; 0: nothing is held */
} pwl_remotelease_held_t;

/** @param prefix  stays the caller's. @return NULL when libcrypto fails */
pwl_remotelease_t *pwl_remotelease_make(pwl_redis_t *redis,
                                        const pwl_seal_keys_t *keys,
                                        const char *prefix, apr_pool_t *pool);

/**
 * Ask for the lease of a session. `now` is the clock's.
 * @return PWL_OK: held until `now + life`; PWL_SESSION_LEASED: another has
 *         it; PWL_SEAL_FAILED, PWL_STORE_FAILED
 */
pwl_result_t pwl_remotelease_take(const pwl_remotelease_t *lease,
                                  const unsigned char *skey, apr_time_t now,
                                  apr_interval_time_t life,
                                  pwl_remotelease_held_t *held,
                                  apr_pool_t *pool);

/** Give it back. One that may be over by now is left to expire: it could be
 * somebody else's. */
pwl_result_t pwl_remotelease_give(const pwl_remotelease_t *lease,
                                  const unsigned char *skey, apr_time_t now,
                                  const pwl_remotelease_held_t *held,
                                  apr_pool_t *pool);

#endif
