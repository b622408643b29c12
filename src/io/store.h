/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory that all children share.
 *
 *     one segment         key, sign-ins in progress, key sets of tenants,
 *                         counts of codes sent, counters, leases,
 *                         logout tokens, calls under way, who signed in lately
 *     memory or a file    sessions (io/sessionfile.h)
 *
 * Sign-ins and sessions are separate tables of fixed size, so visitors without
 * a session can never push one out. Both outlive a restart: they belong to the
 * process, and each configuration attaches to them anew. Sessions in a file
 * outlive the process too.
 */
#ifndef PWL_IO_STORE_H
#define PWL_IO_STORE_H

#include <apr_pools.h>
#include <apr_tables.h>
#include <apr_time.h>

#include "core/reason.h"
#include "core/seal.h"
#include "io/bulkhead.h"
#include "io/counters.h"
#include "io/keysets.h"
#include "io/leases.h"
#include "io/logouts.h"
#include "io/outages.h"
#include "io/sessionfile.h"
#include "io/sessions.h"
#include "io/throttles.h"
#include "io/txns.h"

typedef struct {
    pwl_sessions_t *sessions;
    pwl_txns_t *txns;
    pwl_keysets_t *keysets;
    pwl_throttles_t *throttles;
    pwl_throttles_t *known; /* who signed in from where: their own table */
    pwl_counters_t *counters;
    pwl_leases_t *leases;
    pwl_outages_t *outages;
    pwl_bulkhead_t *bulkhead; /* calls to tenants */
    pwl_bulkhead_t *waiting;  /* answers of a least time */
    pwl_logouts_t *logouts;
    const unsigned char *seal_key; /* PWL_SEAL_KEY_BYTES, random, made with
                                    * the sessions */
    apr_size_t session_bytes;      /* size of the session table */
    const pwl_sessionfile_t *file; /* what it lies in */
    apr_array_header_t *notes;     /* of pwl_store_note_t: for the operator */
} pwl_store_t;

typedef struct {
    int warn; /* something is not as the configuration says */
    const char *text;
} pwl_store_note_t;

/* What the caller keeps between configurations, all zero at first. */
typedef struct {
    void *segment;
    pwl_sessionfile_t sessions;
} pwl_store_kept_t;

typedef struct {
    apr_size_t session_bytes; /* wanted size of the session table */
    const char *file;         /* absolute path, or NULL: memory only */
    int alone;                /* no child of an earlier configuration runs */
    apr_time_t now;
    int afresh; /* what is kept, or lies in the file, is of another place: set
                 * it aside and begin with an empty table */
} pwl_store_want_t;

/** Largest session table: about four hundred million sessions. What the
 * machine has is found out when the table is made. */
#define PWL_STORE_MAX_BYTES ((apr_int64_t)1 << 38)

/** Smallest session table pwl_store_open() makes. */
apr_size_t pwl_store_min_bytes(void);

/**
 * Attach to what is kept, making first what is not there.
 *
 * Sessions of another size or place than wanted are moved when nobody else
 * uses them (want->alone); else they stay where they are, and a note says so.
 *
 * @param kept  as it was left by the last call in this process
 * @param pool  pool of this configuration; the handles live in it
 * @return PWL_OK; PWL_STORE_FAILED with rv or detail
 */
pwl_result_t pwl_store_open(const pwl_store_want_t *want,
                            pwl_store_kept_t *kept, pwl_store_t **out,
                            apr_pool_t *pool);

#endif
