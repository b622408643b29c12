/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private Key JWT (RFC 7523; auth0-api.md 7.6): what proves to the tenant, in
 * place of a shared secret, that a call is the application's.
 *
 * One assertion is made for each call and lives for a minute; the tenant takes
 * its `jti` once. It is worth what the secret is worth while it lives: whoever
 * makes one wipes it.
 */
#ifndef PWL_CORE_ASSERTION_H
#define PWL_CORE_ASSERTION_H

#include <apr_pools.h>
#include <apr_time.h>

#include "core/reason.h"

#define PWL_ASSERTION_TYPE                                                     \
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

typedef struct pwl_assertion_key_t pwl_assertion_key_t;

/**
 * Read a private key: PEM, PKCS#8 or PKCS#1, RSA, PWL_ASSERTION_BITS_MIN to
 * _MAX bits, not encrypted. It is freed with the pool.
 * @return PWL_OK, or PWL_SECRET_KEY with what is wrong and how to mend it
 */
pwl_result_t pwl_assertion_key_read(const char *pem, apr_size_t len,
                                    pwl_assertion_key_t **out,
                                    apr_pool_t *pool);

/**
 * Make an assertion, RS256.
 * @param client_id  issuer and subject
 * @param audience   the tenant's issuer, with the slash at its end
 * @param now        when it is sent
 * @return at most PWL_ASSERTION_MAX characters; NULL: it could not be signed,
 *         or would be longer
 */
char *pwl_assertion_make(const pwl_assertion_key_t *key, const char *client_id,
                         const char *audience, apr_time_t now,
                         apr_pool_t *pool);

#endif
