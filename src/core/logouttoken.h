/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The logout token of OpenID Connect Back-Channel Logout 1.0: whose sessions
 * does the tenant want ended, and is it the tenant who says so?
 *
 * The only check left to the caller is the one that needs a memory: a `jti`
 * counts once (io/fleet.h).
 */
#ifndef PWL_CORE_LOGOUTTOKEN_H
#define PWL_CORE_LOGOUTTOKEN_H

#include <apr_pools.h>
#include <apr_time.h>

#include "core/jwks.h"
#include "core/jws.h"
#include "core/reason.h"
#include "core/sha256.h"

/** What a token must say. */
typedef struct {
    const char *issuer;    /* "https://{domain}/", compared byte by byte */
    const char *client_id; /* who the token must be for */
    pwl_alg_t alg;         /* the configured algorithm */
    apr_time_t now;
    apr_interval_time_t skew; /* clocks may differ by this much */
} pwl_logouttoken_want_t;

/** What a good one says; texts in the caller's pool. */
typedef struct {
    const char *jti;
    const char *sid; /* NULL: all sessions of `sub` */
    const char *sub; /* NULL: not said; `sid` is there, then */
    apr_time_t issued;
    apr_time_t until; /* from then on it is refused for its age */
} pwl_logouttoken_t;

/**
 * Judge the claims of a payload whose signature was verified.
 *
 * @param payload  need not be NUL-terminated
 * @param out      zero unless good
 * @return why: PWL_OK; PWL_JWT_CLAIMS (not a strict JSON object),
 *         PWL_JWT_EVENTS (none, or no logout in it), PWL_JWT_NONCE (there is
 *         one: it is an ID token's), PWL_JWT_ISS, _AUD, _IAT (older than
 *         PWL_LOGOUT_MAX_AGE, too), _EXP, _JTI, _SUB, _SID (or neither of
 *         the two); detail says which check, and shows no value of the token
 */
pwl_result_t pwl_logouttoken_claims(const char *payload, apr_size_t len,
                                    const pwl_logouttoken_want_t *want,
                                    pwl_logouttoken_t *out, apr_pool_t *pool);

/**
 * Verify a token: header, key, signature, claims, in this order.
 *
 * @param token       need not be NUL-terminated
 * @param jwks        the tenant's keys, for RS256 and PS256; else may be NULL
 * @param secret_key  from pwl_jwk_from_secret(), for HS256; else may be NULL
 * @return as pwl_jws_read_logout(), pwl_jws_verify_set() and
 *         pwl_logouttoken_claims()
 */
pwl_result_t pwl_logouttoken_verify(const char *token, apr_size_t len,
                                    const pwl_jwks_t *jwks,
                                    const pwl_jwk_t *secret_key,
                                    const pwl_logouttoken_want_t *want,
                                    pwl_logouttoken_t *out, apr_pool_t *pool);

#define PWL_LOGOUTTOKEN_KEY_BYTES PWL_SHA256_BYTES

/**
 * What something of a token is remembered under: a digest, the same on every
 * host of one application.
 *
 * @param kind   "jti", "sid" or "sub"
 * @param value  what the token says
 */
void pwl_logouttoken_key(const char *kind, const pwl_logouttoken_want_t *want,
                         const char *value,
                         unsigned char key[PWL_LOGOUTTOKEN_KEY_BYTES]);

#endif
