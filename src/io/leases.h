/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may do something for a session that only one may do at a time: ask the
 * tenant for another access token. A lease is a place in shared memory with an
 * end; who is killed while it has one keeps others waiting no longer than that.
 *
 *     free --take--> held --give back--> free
 *                     |
 *                     '--pause--> paused: nobody takes it until then
 *
 * What a caller does with the answer of pwl_leases_take():
 *   MINE    do it; then pwl_leases_give() or pwl_leases_pause()
 *   BUSY    somebody is doing it: go on without, or ask again in some 50 ms
 *   PAUSED  go on without: it failed a moment ago, or too many are at it
 */
#ifndef PWL_IO_LEASES_H
#define PWL_IO_LEASES_H

#include <apr_pools.h>
#include <apr_time.h>

#include "core/reason.h"
#include "core/session.h"

/** Leases held or paused at once: a session each. */
#define PWL_LEASES_SLOTS 2048
/** No lease and no pause is longer: one that says so is damaged, or of a
 * clock that has gone back. */
#define PWL_LEASES_LONGEST apr_time_from_sec(2 * 3600)

typedef struct pwl_leases_t pwl_leases_t; /* one process's handle */

typedef enum {
    PWL_LEASES_PAUSED,
    PWL_LEASES_BUSY,
    PWL_LEASES_MINE
} pwl_leases_state_t;

/** Bytes of shared memory needed. */
apr_size_t pwl_leases_bytes(void);

/**
 * Make an empty table in `base`, aligned as malloc() does, before any fork.
 * @return PWL_OK; PWL_STORE_FAILED with rv or detail
 */
pwl_result_t pwl_leases_format(void *base, apr_size_t bytes, pwl_leases_t **out,
                               apr_pool_t *pool);

/** Use a table made in this memory earlier (graceful restart).
 * @return PWL_OK; PWL_STORE_FAILED with detail when it is not one of ours */
pwl_result_t pwl_leases_attach(void *base, apr_size_t bytes, pwl_leases_t **out,
                               apr_pool_t *pool);

/**
 * Ask for the lease of a session.
 * @param life  how long it is held at most, up to PWL_LEASES_LONGEST
 * @return PAUSED also when there is no place, or the lock cannot be had
 */
pwl_leases_state_t pwl_leases_take(pwl_leases_t *leases,
                                   const unsigned char *skey, apr_time_t now,
                                   apr_interval_time_t life);

/** Done: whoever asks next gets it. */
void pwl_leases_give(pwl_leases_t *leases, const unsigned char *skey);

/** It failed: nobody gets it before `until`. */
void pwl_leases_pause(pwl_leases_t *leases, const unsigned char *skey,
                      apr_time_t until);

#endif
