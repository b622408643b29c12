/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sign-ins in progress in Redis, for all machines:
 *
 *   f:NAME   the record of a sign-in (core/flowrecord.h), sealed
 *   c:NAME   something was used: a random word
 *   n:NAME   which transaction of a browser and address is the newest, sealed
 *
 * Each expires by itself. NAMEs are made by io/remotename.h; with two seal keys
 * each thing lies under both, and of two that differ the later one counts.
 *
 * Records are changed without a lock: read, let the caller change a copy, write
 * it if nobody wrote in between (a script compares), else begin again. So of
 * many machines that change one record at the same time, each changes what the
 * one before made of it: core/flow.h's promises hold for all together.
 *
 * A write that Redis comes to see only when nobody waits for it any more is not
 * done: the reading brings Redis's own time, the writing says until when it is
 * good. So a Redis that hung and woke up takes no try from anybody, and uses
 * nothing up.
 *
 * A record of a sign-in to which nothing was sent, and nothing is under way,
 * lives for PWL_REDIS_UNSENT_SECONDS only: a record for as long as sign-ins
 * live costs a mail, and those are limited. Using something up is not.
 *
 * Commands: a reading is TIME and a GET for each seal key, sent together; a
 * writing one EVAL.
 */
#ifndef PWL_IO_REMOTETXNS_H
#define PWL_IO_REMOTETXNS_H

#include "core/seal.h"
#include "io/redis.h"
#include "io/txns.h"

typedef struct pwl_remotetxns_t pwl_remotetxns_t; /* read-only, shared */

/** @param prefix   stays the caller's
 *  @param timeout  of one call to Redis
 *  @return NULL when libcrypto fails */
pwl_remotetxns_t *pwl_remotetxns_make(pwl_redis_t *redis,
                                      const pwl_seal_keys_t *keys,
                                      const char *prefix,
                                      apr_interval_time_t timeout,
                                      apr_pool_t *pool);

/**
 * As pwl_txns_with(), but `fn` may run more than once, each time on the record
 * as it then is: the last run counts. Nothing is written when it changed
 * nothing and the record lives long enough.
 *
 * Costs one reading and one writing; both again, PWL_REDIS_ROUNDS_MAX times at
 * most, when others write the same record. No round begins later than one
 * timeout after the first, so with the last one it takes three at most.
 * @return PWL_OK; PWL_FLOW_UNKNOWN; PWL_FLOW_DAMAGED: what lies there is not
 *         ours or of another version; PWL_TXNS_FAILED: too many at once;
 *         PWL_SEAL_FAILED, PWL_STORE_FAILED: Redis did not answer. With all but
 *         PWL_OK nothing was changed, except that of a write whose answer got
 *         lost nobody knows
 */
pwl_result_t pwl_remotetxns_with(const pwl_remotetxns_t *txns,
                                 const unsigned char *txn, int create,
                                 apr_time_t now, apr_time_t expires,
                                 pwl_txns_fn_t *fn, void *baton,
                                 apr_pool_t *pool);

/** As pwl_txns_use_once(). One reading, and one writing unless it was used.
 * @return PWL_OK, PWL_CALLBACK_USED, PWL_SEAL_FAILED, PWL_STORE_FAILED */
pwl_result_t pwl_remotetxns_use_once(const pwl_remotetxns_t *txns,
                                     const unsigned char *id, apr_time_t now,
                                     apr_time_t expires, apr_pool_t *pool);

/** As pwl_txns_newest_set() and _get(). A command for each seal key.
 * @return as those, but for PWL_TXNS_FAILED; and PWL_FLOW_DAMAGED (asking),
 *         PWL_SEAL_FAILED, PWL_STORE_FAILED */
pwl_result_t pwl_remotetxns_newest_set(const pwl_remotetxns_t *txns,
                                       const unsigned char *who,
                                       const unsigned char *txn, apr_time_t now,
                                       apr_time_t expires, apr_pool_t *pool);
pwl_result_t pwl_remotetxns_newest_get(const pwl_remotetxns_t *txns,
                                       const unsigned char *who,
                                       unsigned char *txn, apr_pool_t *pool);

#endif
