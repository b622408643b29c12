/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ID token: signature and every claim judged, against what we asked for.
 *
 * pwl_idtoken_verify() is the one way from a token's text to an identity.
 */
#ifndef PWL_CORE_IDTOKEN_H
#define PWL_CORE_IDTOKEN_H

#include <apr_pools.h>
#include <apr_time.h>

#include "core/claims.h"
#include "core/jwks.h"
#include "core/jws.h"
#include "core/reason.h"

/** What a token must say. Designated initializers: new fields may come. */
typedef struct {
    const char *issuer;    /* "https://{domain}/", compared byte by byte */
    const char *client_id; /* who the token must be for */
    const char *nonce;     /* as sent; NULL: none was sent and none may come */
    const char *email;     /* the address asked for, tidied (a phone number when
                            * the connection is "sms"); NULL: anybody */
    const char *access_token; /* what came with it, for at_hash; may be NULL */
    const char *connection;   /* "sms" judges phone_number instead of email;
                               * anything else, or NULL, the e-mail */
    const char *sub;          /* subject an earlier token had; NULL: any */
    pwl_alg_t alg;            /* the configured algorithm */
    apr_time_t now;
    apr_interval_time_t skew;    /* clocks may differ by this much */
    apr_interval_time_t max_age; /* as asked for; 0: none */
    apr_time_t fresh_since;      /* sent there with prompt=login; 0: without */
    int auth_time_needed;        /* and a token without auth_time will not do */
    const char *organization;    /* asked for, "org_..." or a name; or NULL */
    const char *acr_values;      /* one of these, blanks between; or NULL */
} pwl_idtoken_want_t;

/**
 * Judge the claims of a payload whose signature was verified.
 *
 * @param payload  need not be NUL-terminated
 * @param out      the claims to keep; NULL unless good
 * @return why: PWL_OK; PWL_JWT_CLAIMS (not a strict JSON object), PWL_JWT_ISS,
 *         _AUD, _AZP, _EXP, _IAT, _NBF, _SUB, _NONCE, _AT_HASH, _AUTH_TIME,
 *         _ORG, _ACR, _TYP (a logout token), _EMAIL or _EMAIL_UNVERIFIED (phone
 *         numbers too); detail says which check, and shows no value of the token
 */
pwl_result_t pwl_idtoken_claims(const char *payload, apr_size_t len,
                                const pwl_idtoken_want_t *want,
                                pwl_claims_t **out, apr_pool_t *pool);

/**
 * Verify a token: header, key, signature, claims, in this order.
 *
 * @param token       need not be NUL-terminated
 * @param jwks        the tenant's keys, for RS256 and PS256; else may be NULL
 * @param secret_key  from pwl_jwk_from_secret(), for HS256; else may be NULL
 * @return as pwl_jws_read(), pwl_jws_verify() and pwl_idtoken_claims();
 *         PWL_JWT_KEY when no key fits: the caller may fetch the set anew,
 *         once (io/keysets.h says whether)
 */
pwl_result_t pwl_idtoken_verify(const char *token, apr_size_t len,
                                const pwl_jwks_t *jwks,
                                const pwl_jwk_t *secret_key,
                                const pwl_idtoken_want_t *want,
                                pwl_claims_t **out, apr_pool_t *pool);

#endif
