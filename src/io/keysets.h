/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key sets of up to PWL_KEYSETS_HOSTS tenants, in shared memory.
 *
 * All children share what one of them fetched, and agree on who fetches: at
 * most one at a time, and not sooner than PWL_KEYSETS_PAUSE after the last
 * try, so that tokens with made-up kids cannot make us ask a tenant often.
 * Without any set nobody can sign in: then PWL_KEYSETS_RETRY is long enough.
 *
 * What a caller does with the answer of pwl_keysets_ask():
 *   HAVE   use answer.json with pwl_jwks_parse()
 *   FETCH  fetch now; then pwl_keysets_store() or pwl_keysets_failed()
 *   WAIT   ask again in some 50 ms, until its own deadline
 *   NO     refuse the token
 *   DOWN   the same: there is no set, and the last fetch failed a moment ago
 */
#ifndef PWL_IO_KEYSETS_H
#define PWL_IO_KEYSETS_H

#include <apr_pools.h>
#include <apr_time.h>

#include "core/reason.h"

#define PWL_KEYSETS_HOSTS 16
#define PWL_KEYSETS_HOST_MAX 259 /* bytes of host[:port] */
#define PWL_KEYSETS_TTL apr_time_from_sec(24 * 3600)
#define PWL_KEYSETS_PAUSE apr_time_from_sec(60)
#define PWL_KEYSETS_RETRY apr_time_from_sec(5)
/* A fetch under way for this long: its process is taken for dead. */
#define PWL_KEYSETS_FETCH_LIFE apr_time_from_sec(30)

typedef struct pwl_keysets_t pwl_keysets_t; /* one process's handle */

typedef enum {
    PWL_KEYSETS_NO,
    PWL_KEYSETS_DOWN,
    PWL_KEYSETS_HAVE,
    PWL_KEYSETS_FETCH,
    PWL_KEYSETS_WAIT
} pwl_keysets_state_t;

typedef struct {
    pwl_keysets_state_t state;
    const char *json;   /* HAVE: the minimal set, in the caller's pool */
    apr_time_t fetched; /* HAVE: when */
} pwl_keysets_answer_t;

/** Bytes of shared memory needed. */
apr_size_t pwl_keysets_bytes(void);

/**
 * Make an empty table in `base`, aligned as malloc() does, before any fork.
 * @return PWL_OK; PWL_STORE_FAILED with rv or detail
 */
pwl_result_t pwl_keysets_format(void *base, apr_size_t bytes,
                                pwl_keysets_t **out, apr_pool_t *pool);

/** Use a table made in this memory earlier (graceful restart).
 * @return PWL_OK; PWL_STORE_FAILED with detail when it is not one of ours */
pwl_result_t pwl_keysets_attach(void *base, apr_size_t bytes,
                                pwl_keysets_t **out, apr_pool_t *pool);

/**
 * Ask for the set of a host.
 *
 * @param host  from configuration, at most PWL_KEYSETS_HOST_MAX bytes
 * @param kid   the key the token names; NULL: any set will do
 * @return PWL_OK with *answer; PWL_STORE_FAILED (answer->state is then NO)
 */
pwl_result_t pwl_keysets_ask(pwl_keysets_t *keysets, const char *host,
                             const char *kid, apr_time_t now,
                             pwl_keysets_answer_t *answer, apr_pool_t *pool);

/**
 * Keep a set that was fetched.
 * @param json  from pwl_jwks_minimal(), at most PWL_JWKS_KEEP_BYTES
 * @return PWL_OK; PWL_JWKS_TOO_MANY (longer: the fetch counts as failed);
 *         PWL_STORE_FAILED
 */
pwl_result_t pwl_keysets_store(pwl_keysets_t *keysets, const char *host,
                               const char *json, apr_time_t now);

/** The fetch came to nothing; an older set stays until its time is up.
 * @return PWL_OK, PWL_STORE_FAILED */
pwl_result_t pwl_keysets_failed(pwl_keysets_t *keysets, const char *host,
                                apr_time_t now);

#endif
