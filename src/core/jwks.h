/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys that verify signatures: a tenant's JSON Web Key Set, or our secret.
 *
 * Of each key only kty, kid, alg, n and e are taken over; whatever else a set
 * holds (private parts, certificates) is left behind. Keys are made once and
 * only read after that, so threads may share a set.
 */
#ifndef PWL_CORE_JWKS_H
#define PWL_CORE_JWKS_H

#include <apr_pools.h>

#include "core/jws.h"
#include "core/reason.h"

typedef struct pwl_jwks_t pwl_jwks_t; /* a set of RSA keys */

/* How many keys are tried for a token that names none. */
#define PWL_JWKS_TRIES 4

/* Shortest secret taken as an HS256 key, in bytes; Auth0's have 64. */
#define PWL_JWK_SECRET_MIN 16

/**
 * Read a key set as a tenant serves it, or as pwl_jwks_minimal() wrote it.
 *
 * A key that is not fit (see the essay of jwks.c) is skipped; two different
 * keys under one kid are both skipped.
 *
 * @param json  need not be NUL-terminated; at most PWL_ANSWER_MAX_BYTES
 * @return PWL_OK with at least one key; PWL_JWKS_MALFORMED (not strict JSON,
 *         no array `keys`), PWL_JWKS_TOO_MANY (over PWL_JWKS_MAX_KEYS, or more
 *         than PWL_JWKS_KEEP_BYTES when written small), PWL_JWKS_EMPTY
 */
pwl_reason_t pwl_jwks_parse(const char *json, apr_size_t len, pwl_jwks_t **out,
                            apr_pool_t *pool);

/**
 * The keys a token may be verified with.
 *
 * @param kid   the token's; NULL means it names none, then every key that fits
 *              `alg` is a candidate, in the set's order
 * @param keys  room for `max` pointers; PWL_JWKS_TRIES are never exceeded
 * @return number of candidates; 0 when `jwks` is NULL
 */
int pwl_jwks_find(const pwl_jwks_t *jwks, const char *kid, pwl_alg_t alg,
                  const pwl_jwk_t **keys, int max);

/**
 * Why there was no candidate: is there a key `kid` (NULL: any) that says it is
 * for another algorithm?
 *
 * @param other  that algorithm, when true is returned
 */
int pwl_jwks_other_alg(const pwl_jwks_t *jwks, const char *kid, pwl_alg_t alg,
                       pwl_alg_t *other);

/** The set as small JSON, at most PWL_JWKS_KEEP_BYTES without the NUL;
 * pwl_jwks_parse() makes the same set of it. */
const char *pwl_jwks_minimal(const pwl_jwks_t *jwks, apr_pool_t *pool);

/** Make an HS256 key of the client secret's bytes; they are copied, and wiped
 * with `pool`. @return NULL when shorter than PWL_JWK_SECRET_MIN */
const pwl_jwk_t *pwl_jwk_from_secret(const char *secret, apr_size_t len,
                                     apr_pool_t *pool);

/** For core/jws.c. @return the cjose key, or NULL when it is none for `alg` */
const struct _cjose_jwk_int *pwl_jwk_cjose(const pwl_jwk_t *key, pwl_alg_t alg);

#endif
