/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A compact JWS (RFC 7515): its header judged, its signature verified.
 *
 * The algorithm comes from configuration and the header must name that very
 * one, so no token can choose how it is checked. Keys named or carried by the
 * header (jku, x5u, jwk, x5c) are never looked at.
 */
#ifndef PWL_CORE_JWS_H
#define PWL_CORE_JWS_H

#include <apr_pools.h>

#include "core/reason.h"

/** The algorithms a tenant can sign an ID token with. */
typedef enum {
    PWL_ALG_RS256,
    PWL_ALG_PS256,
    PWL_ALG_HS256,
    PWL_ALG_COUNT
} pwl_alg_t;

typedef struct pwl_jwk_t pwl_jwk_t;   /* one key, see core/jwks.h */
typedef struct pwl_jwks_t pwl_jwks_t; /* a set of RSA keys, the same */

/** What pwl_jws_read() found. Nothing in it is to be believed before
 * pwl_jws_verify() said PWL_OK. */
typedef struct {
    pwl_alg_t alg;
    const char *text; /* the compact serialization, NUL-terminated */
    apr_size_t text_len;
    const char *kid;     /* visible ASCII, safe to log; NULL: none */
    const char *payload; /* decoded bytes, with a NUL after the last */
    apr_size_t payload_len;
    apr_size_t signature_len; /* in bytes */
} pwl_jws_t;

/** @return "RS256", "PS256" or "HS256"; "" for a value out of range */
const char *pwl_jws_alg_word(pwl_alg_t alg);

/**
 * Split a token and judge its header: no cryptography yet.
 *
 * @param text  need not be NUL-terminated; at most PWL_JWT_MAX_BYTES
 * @param want  the configured algorithm
 * @return PWL_OK with *out filled, its memory in `pool`; PWL_JWT_MALFORMED
 *         (not three parts of strict base64url), PWL_JWT_ENCRYPTED (five),
 *         PWL_JWT_TOO_LARGE, PWL_JWT_HEADER (not a strict JSON object, or has
 *         `b64` or `zip`), PWL_JWT_ALG, PWL_JWT_CRIT, PWL_JWT_TYP (neither
 *         absent nor "JWT"), PWL_JWT_KID (not 1 to PWL_JWT_KID_MAX bytes of
 *         visible ASCII), PWL_JWT_BAD_SIGNATURE (an empty third part)
 */
pwl_reason_t pwl_jws_read(const char *text, apr_size_t len, pwl_alg_t want,
                          pwl_jws_t *out, apr_pool_t *pool);

/** The same for a logout token: `typ` may be "logout+jwt" as well. */
pwl_reason_t pwl_jws_read_logout(const char *text, apr_size_t len,
                                 pwl_alg_t want, pwl_jws_t *out,
                                 apr_pool_t *pool);

/**
 * Verify the signature over what pwl_jws_read() found.
 *
 * @return PWL_OK; PWL_JWT_ALG (`alg` is not the one it was read for);
 *         PWL_JWT_KEY (no key, or not one for `alg`); PWL_JWT_BAD_SIGNATURE
 */
pwl_reason_t pwl_jws_verify(const pwl_jws_t *jws, pwl_alg_t alg,
                            const pwl_jwk_t *key);

/**
 * The same with every key the token may mean: those of the set that fit its
 * `kid` and algorithm, or for HS256 the secret and nothing else.
 *
 * @param jwks        the tenant's keys; NULL: none
 * @param secret_key  from pwl_jwk_from_secret(); NULL: none
 * @return as pwl_jws_verify(); PWL_JWT_KEY when no key fits
 */
pwl_reason_t pwl_jws_verify_set(const pwl_jws_t *jws, const pwl_jwks_t *jwks,
                                const pwl_jwk_t *secret_key);

#endif
