/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sign-ins in progress, on this machine or on all of them.
 *
 * Without Redis this is io/txns.h. With Redis its records are the truth, and
 * this machine's table is not used: two tables would be two truths, and give
 * six tries for one code. So while Redis does not answer no sign-in goes on:
 * PWL_STORE_FAILED, after one timeout at most or at once while the breaker is
 * open, and what was not counted costs nobody a try.
 *
 * `now` is the wall clock at the time of the call.
 */
#ifndef PWL_IO_FLEET_TXNS_H
#define PWL_IO_FLEET_TXNS_H

#include "io/fleet.h"
#include "io/txns.h"

/** This machine's table, for when there is no Redis; stays the caller's. */
void pwl_fleet_keep_txns(pwl_fleet_t *fleet, pwl_txns_t *table);

/**
 * As pwl_txns_with(), and more: `fn` may run more than once, each time on
 * the record as it then is, and the last run counts. It sets what it tells
 * its caller anew in each run, and adds to nothing but the record. What it told
 * is worth something with PWL_OK only.
 * @return as pwl_remotetxns_with()
 */
pwl_result_t pwl_fleet_txns_with(pwl_fleet_t *fleet, const unsigned char *txn,
                                 int create, apr_time_t now, apr_time_t expires,
                                 pwl_txns_fn_t *fn, void *baton,
                                 apr_pool_t *pool);

/** As pwl_txns_use_once(), and PWL_SEAL_FAILED, PWL_STORE_FAILED. */
pwl_result_t pwl_fleet_txns_use_once(pwl_fleet_t *fleet,
                                     const unsigned char *id, apr_time_t now,
                                     apr_time_t expires, apr_pool_t *pool);

/** As pwl_txns_newest_set() and _get(), and as pwl_remotetxns_newest_set() and
 * _get(). */
pwl_result_t pwl_fleet_txns_newest_set(pwl_fleet_t *fleet,
                                       const unsigned char *who,
                                       const unsigned char *txn, apr_time_t now,
                                       apr_time_t expires, apr_pool_t *pool);
pwl_result_t pwl_fleet_txns_newest_get(pwl_fleet_t *fleet,
                                       const unsigned char *who,
                                       unsigned char *txn, apr_time_t now,
                                       apr_pool_t *pool);

#endif
