/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The session table: one block of shared memory, keyed by SHA-256 of the
 * session id. Readers take no lock; writers hold one of the sharded robust
 * mutexes that lie in the same memory. No pointer is stored inside.
 */
#ifndef PWL_IO_SESSIONS_H
#define PWL_IO_SESSIONS_H

#include <apr_pools.h>
#include <apr_time.h>

#include "core/reason.h"
#include "core/session.h"

typedef struct pwl_sessions_t pwl_sessions_t; /* one process's handle */

typedef struct {
    apr_uint64_t live;        /* sessions in the table, expired ones included
                               * until they are swept */
    apr_uint64_t bytes_total; /* room for records */
    apr_uint64_t bytes_used;
    apr_uint64_t created, removed, swept, refused_full, repaired;
    apr_uint64_t lock_waits; /* a lock was not free at once */
} pwl_sessions_stats_t;

/** Smallest size in bytes pwl_sessions_format() accepts. */
apr_size_t pwl_sessions_min_bytes(void);

/**
 * Make an empty table in `base`, page aligned, `bytes` long, before any fork.
 * @return PWL_OK; PWL_STORE_FAILED with rv or detail
 */
pwl_result_t pwl_sessions_format(void *base, apr_size_t bytes,
                                 pwl_sessions_t **out, apr_pool_t *pool);

/**
 * Use a table that pwl_sessions_format() made in this memory earlier (graceful
 * restart). Checks magic, version, layout and size.
 * @return PWL_OK; PWL_STORE_FAILED with detail
 */
pwl_result_t pwl_sessions_attach(void *base, apr_size_t bytes,
                                 pwl_sessions_t **out, apr_pool_t *pool);

/**
 * Add a session; an existing one of the same key is replaced.
 * @param meta  its last_seen counts as the time of the call when expired
 *              records have to make room
 * @param expires_hint  earliest time the sweeper may drop it
 * @param data, len  from pwl_session_encode(), at most PWL_SESSION_MAX_BYTES
 * @return PWL_OK; PWL_STORE_FULL (the key's shard has no room even after
 *         sweeping expired records out of it: try another id);
 *         PWL_SESSION_TOO_BIG; PWL_STORE_FAILED
 */
pwl_result_t pwl_sessions_put(pwl_sessions_t *table, const unsigned char *skey,
                              const pwl_session_t *meta,
                              apr_time_t expires_hint,
                              const unsigned char *data, apr_size_t len);

/**
 * Write a session anew if it is still there: one that was ended meanwhile
 * stays ended. last_seen and the sweeper's time never go backwards.
 * @return as pwl_sessions_put(), and PWL_SESSION_UNKNOWN
 */
pwl_result_t pwl_sessions_replace(pwl_sessions_t *table,
                                  const unsigned char *skey,
                                  const pwl_session_t *meta,
                                  apr_time_t expires_hint,
                                  const unsigned char *data, apr_size_t len);

/**
 * Copy a session out. Takes no lock unless a writer is in the way for long.
 * `out->fields` point into memory of `pool`.
 * @return PWL_OK; PWL_SESSION_UNKNOWN; PWL_SESSION_DAMAGED (the record is
 *         dropped); PWL_STORE_FAILED
 */
pwl_result_t pwl_sessions_get(pwl_sessions_t *table, const unsigned char *skey,
                              pwl_session_t *out, apr_pool_t *pool);

/** Set last_seen and the sweeper's time; neither ever goes backwards.
 * @return PWL_OK, PWL_SESSION_UNKNOWN, PWL_STORE_FAILED */
pwl_result_t pwl_sessions_touch(pwl_sessions_t *table,
                                const unsigned char *skey, apr_time_t now,
                                apr_time_t expires_hint);

/** End a session. @return PWL_OK, PWL_SESSION_UNKNOWN, PWL_STORE_FAILED */
pwl_result_t pwl_sessions_remove(pwl_sessions_t *table,
                                 const unsigned char *skey);

/** Drop expired records of a few buckets; call now and then. The work under
 * one lock is bounded (at most 64 buckets or records). */
void pwl_sessions_sweep(pwl_sessions_t *table, apr_time_t now);

void pwl_sessions_stats(pwl_sessions_t *table, pwl_sessions_stats_t *out);

/** Walk every invariant of the layout under the locks: each block on exactly
 * one list, counts right, chains end. For tests and a start after a crash.
 * @return PWL_OK or PWL_SESSION_DAMAGED with a detail in *what */
pwl_reason_t pwl_sessions_check(pwl_sessions_t *table, const char **what);

#endif
