/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sign-ins in progress, in shared memory of their own.
 *
 * A fixed array of equal slots, 8 to a set; a keyed hash of the transaction
 * id names the set. A full set drops its oldest slot: strangers can shorten
 * each other's sign-ins, never a session. A dropped or unknown transaction is
 * PWL_FLOW_UNKNOWN and fails closed. Locks are sharded robust mutexes in the
 * same memory; a slot its writer died in is cleared.
 *
 * All ids are 16 bytes (PWL_TXN_BYTES). Every call takes one lock for a copy's
 * time; PWL_TXNS_FAILED means it could not be had (rv says why), and nothing
 * was changed.
 */
#ifndef PWL_IO_TXNS_H
#define PWL_IO_TXNS_H

#include <apr_pools.h>
#include <apr_time.h>

#include "core/flow.h"
#include "core/reason.h"

typedef struct pwl_txns_t pwl_txns_t; /* one process's handle */

typedef struct {
    apr_uint64_t slots;
    apr_uint64_t evicted;    /* dropped before they expired, for want of room */
    apr_uint64_t repaired;   /* an owner died with a lock held */
    apr_uint64_t lock_waits; /* a lock was not free at once */
} pwl_txns_stats_t;

/** Bytes for `slots` slots, rounded up to whole sets, at least one. */
apr_size_t pwl_txns_bytes(apr_size_t slots);

/**
 * Make an empty table in `base`, aligned for a 64-bit number, `bytes` long,
 * before any fork.
 * @return PWL_OK; PWL_TXNS_FAILED with rv or detail
 */
pwl_result_t pwl_txns_format(void *base, apr_size_t bytes, pwl_txns_t **out,
                             apr_pool_t *pool);

/**
 * Use a table that pwl_txns_format() made in this memory earlier (graceful
 * restart). Checks magic, version, layout and size.
 * @return PWL_OK; PWL_TXNS_FAILED with detail
 */
pwl_result_t pwl_txns_attach(void *base, apr_size_t bytes, pwl_txns_t **out,
                             apr_pool_t *pool);

/** What a caller does to a record while its lock is held: nothing slow, and no
 * other call of this file, which would wait for itself. It must bear being run
 * more than once (io/fleet_txns.h). */
typedef void pwl_txns_fn_t(pwl_flow_t *flow, void *baton);

/**
 * Run `fn` on the record of `txn` under its lock.
 * @param create   make a zeroed record if there is none
 * @param expires  when the slot may be reused without counting as a loss; only
 *                 ever moves on. A record found after it is used all the same,
 *                 since a new one would have its tries back
 * @return PWL_OK; PWL_FLOW_UNKNOWN (none, and `create` is 0);
 *         PWL_TXNS_FAILED
 */
pwl_result_t pwl_txns_with(pwl_txns_t *txns, const unsigned char *txn,
                           int create, apr_time_t now, apr_time_t expires,
                           pwl_txns_fn_t *fn, void *baton);

/**
 * Remember an id once: the single use of a `state`. Of many who ask at the
 * same time, one hears PWL_OK.
 * @return PWL_OK the first time, PWL_CALLBACK_USED after, PWL_TXNS_FAILED
 */
pwl_result_t pwl_txns_use_once(pwl_txns_t *txns, const unsigned char *id,
                               apr_time_t now, apr_time_t expires);

/**
 * The newest transaction that asked for a code for one (browser, address), to
 * tell "superseded". `who` is a 16-byte digest. Setting writes; asking reads.
 * @return PWL_OK (asking: with `txn` filled); PWL_FLOW_UNKNOWN (asking only:
 *         none, or it has expired); PWL_TXNS_FAILED
 */
pwl_result_t pwl_txns_newest_set(pwl_txns_t *txns, const unsigned char *who,
                                 const unsigned char *txn, apr_time_t now,
                                 apr_time_t expires);
pwl_result_t pwl_txns_newest_get(pwl_txns_t *txns, const unsigned char *who,
                                 unsigned char *txn, apr_time_t now);

void pwl_txns_stats(pwl_txns_t *txns, pwl_txns_stats_t *out);

#endif
