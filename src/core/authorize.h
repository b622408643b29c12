/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The address of the tenant's /authorize page, with PKCE.
 *
 * Every value is percent-encoded down to the unreserved characters of
 * RFC 3986, so no value can end its parameter and begin another: the URL has
 * exactly one of each, and it is ours.
 */
#ifndef PWL_CORE_AUTHORIZE_H
#define PWL_CORE_AUTHORIZE_H

#include <apr_pools.h>
#include <apr_tables.h>

/** NULL: the parameter is left out. `domain` and `client_id` must be there. */
typedef struct {
    const char *domain; /* host[:port], checked when the setting was read */
    const char *client_id;
    const char *redirect_uri;
    const char *scope;
    const char *audience;
    const char *connection;
    const char *login_hint;
    const char *state;
    const char *nonce;
    const char *code_challenge; /* comes with code_challenge_method=S256 */
    const char *prompt;
    const char *ui_locales;
    const apr_table_t *more; /* of core/authparam.h, or NULL: those whose name
                              * is set above already are left out */
} pwl_authorize_t;

/** @return https://DOMAIN/authorize?response_type=code&… in `pool` */
const char *pwl_authorize_url(const pwl_authorize_t *authorize,
                              apr_pool_t *pool);

/**
 * The S256 code challenge of RFC 7636: base64url(SHA-256(verifier)).
 *
 * @param verifier  43 to 128 unreserved characters
 * @return 43 characters; NULL for a verifier of another shape
 */
const char *pwl_authorize_challenge(const char *verifier, apr_pool_t *pool);

/** Percent-encode every byte but A-Z a-z 0-9 - . _ ~ (a space is %20). Good
 * for queries, path segments and form bodies. */
const char *pwl_authorize_encode(const char *text, apr_pool_t *pool);

#endif
