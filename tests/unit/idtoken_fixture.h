/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of ID tokens share: a good one of the OTP grant, and what is asked
 * of it. */
#ifndef PWL_TESTS_IDTOKEN_FIXTURE_H
#define PWL_TESTS_IDTOKEN_FIXTURE_H

#include "claims_with.h"
#include "core/idtoken.h"

#define NOW 1789000100 /* a hundred seconds after the good token was made */

static apr_pool_t *pool;

/* clang-format off */
static const claim_t good_claims[] = {
    {"iss",            "\"https://acme.eu.auth0.com/\""},
    {"sub",            "\"email|66f0a1b2c3d4e5f601234567\""},
    {"aud",            "\"Cl13nt\""},
    {"iat",            "1789000000"},
    {"exp",            "1789036000"},
    {"nickname",       "\"user1\""},
    {"email",          "\"user1@example.org\""},
    {"email_verified", "true"},
    {NULL, NULL},
};

static const pwl_idtoken_want_t code_want = { /* the OTP grant */
    .issuer = "https://acme.eu.auth0.com/", .client_id = "Cl13nt",
    .email = "user1@example.org", .connection = "email", .alg = PWL_ALG_RS256,
    .now = APR_INT64_C(NOW) * APR_USEC_PER_SEC,
    .skew = APR_INT64_C(60) * APR_USEC_PER_SEC,
};
/* clang-format on */

static char *payload_with(const char *name, const char *value)
{
    return claims_with(good_claims, name, value, pool);
}

#endif
