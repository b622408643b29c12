/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The claims of an ID token as an application gets them, and their names.
 *
 * A claim is there in full or not at all: what is too long, or holds a byte
 * that could end a header line, is dropped and counted, never cut or altered.
 */
#ifndef PWL_CORE_CLAIMS_H
#define PWL_CORE_CLAIMS_H

#include <apr_pools.h>
#include <apr_time.h>
#include <jansson.h>

#include "core/session.h"

typedef struct {
    const pwl_field_t *fields; /* fields of one array stand together */
    int count;
    int dropped;       /* claims left out for their size or their bytes */
    apr_time_t issued; /* `iat`; 0: not said */
} pwl_claims_t;

/**
 * Take over the claims of a token's payload.
 *
 * Left out: claims of the protocol itself (iss, aud, exp, iat, nbf, nonce,
 * azp, at_hash, c_hash, s_hash), null, and empty arrays. Dropped and counted:
 * names empty, over PWL_CLAIM_NAME_MAX or with control bytes; claims with a
 * value or element over PWL_CLAIM_VALUE_MAX bytes or with control bytes. An
 * array's element that is no string becomes its compact JSON text, null none.
 *
 * @param payload  a JSON object; anything else has no claims
 */
pwl_claims_t *pwl_claims_make(const json_t *payload, apr_pool_t *pool);

/** @return the fields as core/session.h stores them, and *count of them */
const pwl_field_t *pwl_claims_fields(const pwl_claims_t *claims, int *count);

/** @return value of the first field of that name, or NULL */
const char *pwl_claims_value(const pwl_claims_t *claims, const char *name);

/** A claim that is a number of seconds since 1970, as a time.
 * @return 1 with *out; 0 when absent, no number, negative or past year 9999 */
int pwl_claims_time(const pwl_claims_t *claims, const char *name,
                    apr_time_t *out);

/** Seconds since 1970 as JSON gives them, integer or real, as a time.
 * @return 1 with *out; 0 when no number, not finite, negative or past 9999 */
int pwl_claims_seconds(const json_t *number, apr_time_t *out);

/**
 * The environment variable of a claim: "email_verified" is
 * "AUTH0_EMAIL_VERIFIED". Letters are made upper case; each byte that is then
 * no A-Z or 0-9 becomes '_'. Several claims can get one name: the first wins,
 * and the caller sees to that.
 * @return NULL for an empty name
 */
const char *pwl_claims_env_name(const char *claim, apr_pool_t *pool);

/** The request header of a claim: "email_verified" is
 * "X-Auth0-Email-Verified"; other bytes than letters and digits become '-'.
 * @return NULL for an empty name */
const char *pwl_claims_header_name(const char *claim, apr_pool_t *pool);

/** The `n` fields of one array as the text of a JSON array of strings, so
 * that no separator inside an element can make two of it. */
const char *pwl_claims_list_text(const pwl_field_t *fields, int n,
                                 apr_pool_t *pool);

#endif
