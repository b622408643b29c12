/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shared memory of the module: one segment, three tables, one key.
 *
 *   header | sign-ins in progress | key sets of tenants | sessions
 *
 * Sign-ins and sessions are separate tables of fixed size, so visitors without
 * a session can never push one out. The segment outlives a graceful restart:
 * it belongs to the process, and each configuration attaches to it anew.
 */
#ifndef PWL_IO_STORE_H
#define PWL_IO_STORE_H

#include <apr_pools.h>

#include "core/reason.h"
#include "core/seal.h"
#include "io/keysets.h"
#include "io/sessions.h"
#include "io/txns.h"

typedef struct {
    pwl_sessions_t *sessions;
    pwl_txns_t *txns;
    pwl_keysets_t *keysets;
    const unsigned char *seal_key; /* PWL_SEAL_KEY_BYTES, random, made with
                                    * the segment */
    apr_size_t session_bytes;      /* size of the session table */
} pwl_store_t;

/** Smallest session table pwl_store_open() makes. */
apr_size_t pwl_store_min_bytes(void);

/**
 * Attach to the segment at *kept, making it first if *kept is NULL.
 *
 * @param session_bytes  wanted size of the session table; a segment that is
 *                       there already keeps its own (out->session_bytes)
 * @param kept     where the caller keeps the segment's address between
 *                 configurations
 * @param process  pool that lives as long as the process
 * @param pool     pool of this configuration; the handles live in it
 * @return PWL_OK; PWL_STORE_FAILED with rv or detail
 */
pwl_result_t pwl_store_open(apr_size_t session_bytes, void **kept,
                            apr_pool_t *process, pwl_store_t **out,
                            apr_pool_t *pool);

#endif
