/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pending cookie: what binds a sign-in to one browser.
 *
 * It holds 32 random bytes, the browser secret, made at the first form and
 * kept while any sign-in of this browser is going on; every tab's form token
 * carries a digest of it, so any number of tabs can finish and none can be
 * finished elsewhere. Nonce and PKCE verifier of the callback are derived
 * from it and the transaction id, so they are stored nowhere.
 *
 * Plain layout: version (1) | browser secret (32) | renewed, seconds (8, BE) |
 * trip count (1) | start of their window, seconds (8, BE).
 */
#ifndef PWL_CORE_PENDING_H
#define PWL_CORE_PENDING_H

#include <apr_pools.h>
#include <apr_time.h>

#include "core/reason.h"
#include "core/seal.h"

#define PWL_BROWSER_BYTES 32
#define PWL_TXN_BYTES 16

/* A login that leads back to the login: so many round trips to the tenant in
 * so much time. Each takes seconds where the tenant still knows the person. */
#define PWL_LOOP_MAX 3
#define PWL_LOOP_WINDOW apr_time_from_sec(60)

typedef struct {
    unsigned char browser[PWL_BROWSER_BYTES];
    apr_time_t renewed;
    int loops;             /* times the browser came back from the tenant, with
                            * a session or without, and none was used since */
    apr_time_t loop_since; /* the first of them */
} pwl_pending_t;

/** A fresh one with a new random secret. @return PWL_OK or PWL_SEAL_FAILED */
pwl_reason_t pwl_pending_new(pwl_pending_t *pending, apr_time_t now);

/** Times are kept to the second, rounded down.
 * @return the cookie value, at most PWL_PENDING_MAX characters, or NULL when
 *         it cannot be sealed */
const char *pwl_pending_seal(const pwl_pending_t *pending,
                             const pwl_seal_t *seal, apr_pool_t *pool);

/**
 * Read a cookie value.
 * @param value  need not be NUL-terminated
 * @param life   at most so much time after it was renewed
 * @param out    all zero unless PWL_OK
 * @return PWL_OK; PWL_PENDING_FORGED; PWL_PENDING_EXPIRED when more than `life`
 *         has passed since it was renewed, or it was renewed more than `life`
 *         ahead of `now`
 */
pwl_reason_t pwl_pending_open(const char *value, apr_size_t len,
                              const pwl_seal_t *seal, apr_time_t now,
                              apr_interval_time_t life, pwl_pending_t *out,
                              apr_pool_t *pool);

/** Count a round trip: the browser came back from the tenant. */
void pwl_pending_trip(pwl_pending_t *pending, apr_time_t now);

/** The session of such a trip was seen in use: what was counted led somewhere.
 */
void pwl_pending_landed(pwl_pending_t *pending);

/** Asked of a browser that arrives at the sign-in page without a session: is
 * it going round? It is after PWL_LOOP_MAX trips within PWL_LOOP_WINDOW. Going
 * to the tenant and not coming back counts for nothing: that is a person who
 * opens several tabs, or changes their mind. */
int pwl_pending_loop(const pwl_pending_t *pending, apr_time_t now);

/* The three below end the process when libcrypto fails, which it does only
 * when memory is out: an empty digest would make all browsers equal. */

/** Digest of the browser secret that tokens carry (PWL_TXN_BYTES bytes). */
void pwl_pending_digest(const pwl_pending_t *pending, unsigned char *out);

/** Values of the callback, derived from browser secret and transaction id:
 * base64url of 32 bytes, 43 characters (a PKCE verifier needs 43 to 128).
 * @param label  "nonce" or "pkce" */
const char *pwl_pending_derive(const pwl_pending_t *pending, const char *label,
                               const unsigned char *txn, apr_pool_t *pool);

/** XOR `len` (at most 32) bytes with a mask only this browser's secret gives,
 * to keep something in shared memory that a dump of it does not tell. Doing it
 * twice gives the bytes back. The mask of one label and transaction is always
 * the same, so two values that lie there at one time need two labels.
 * @param label  what the bytes are, at most 26 characters: "typed", "sid" */
void pwl_pending_mask(const pwl_pending_t *pending, const char *label,
                      const unsigned char *txn, unsigned char *bytes,
                      apr_size_t len);

#endif
