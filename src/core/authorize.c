/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The address of the tenant's /authorize page, with PKCE (RFC 7636, S256).
 *
 * A value leaves here as unreserved characters and %XX only. So "a&client_id=
 * evil" in a login hint is the text of a login hint, whoever parses the URL
 * and however often, and a value with CR or LF cannot end the Location header
 * it is going to stand in.
 *
 * The domain stands as it was configured: the setting admits host[:port] and
 * nothing else.
 */
#include "core/authorize.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <apr_tables.h>

#include "core/b64.h"
#include "core/sha256.h"

#define VERIFIER_MIN 43
#define VERIFIER_MAX 128

/** RFC 3986's unreserved characters, the ones that never need encoding. */
static int is_unreserved(char c)
{
    return c && (apr_isalnum(c) || strchr("-._~", c));
}

const char *pwl_authorize_encode(const char *text, apr_pool_t *pool)
{
    static const char hex[] = "0123456789ABCDEF";
    char *out = apr_palloc(pool, strlen(text) * 3 + 1);
    char *at = out;

    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (is_unreserved(*text)) {
            *at++ = *text;
            continue;
        }
        *at++ = '%';
        *at++ = hex[c >> 4];
        *at++ = hex[c & 15];
    }
    *at = '\0';
    return out;
}

const char *pwl_authorize_challenge(const char *verifier, apr_pool_t *pool)
{
    unsigned char digest[PWL_SHA256_BYTES];
    apr_size_t len;

    for (len = 0; verifier[len]; len++) {
        if (len == VERIFIER_MAX || !is_unreserved(verifier[len]))
            return NULL;
    }
    if (len < VERIFIER_MIN)
        return NULL;
    pwl_sha256(verifier, len, digest);
    return pwl_b64_encode(digest, sizeof(digest), pool);
}

/** Append "&name=value" to the pieces; nothing for an absent value. */
static void add(apr_array_header_t *pieces, const char *name, const char *value)
{
    if (!value)
        return;
    APR_ARRAY_PUSH(pieces, const char *) = name;
    APR_ARRAY_PUSH(pieces, const char *) =
        pwl_authorize_encode(value, pieces->pool);
}

const char *pwl_authorize_url(const pwl_authorize_t *authorize,
                              apr_pool_t *pool)
{
    apr_array_header_t *pieces = apr_array_make(pool, 30, sizeof(char *));

    APR_ARRAY_PUSH(pieces, const char *) = "https://";
    APR_ARRAY_PUSH(pieces, const char *) = authorize->domain;
    APR_ARRAY_PUSH(pieces, const char *) = "/authorize?response_type=code";
    add(pieces, "&client_id=", authorize->client_id);
    add(pieces, "&redirect_uri=", authorize->redirect_uri);
    add(pieces, "&scope=", authorize->scope);
    add(pieces, "&audience=", authorize->audience);
    add(pieces, "&connection=", authorize->connection);
    add(pieces, "&login_hint=", authorize->login_hint);
    add(pieces, "&state=", authorize->state);
    add(pieces, "&nonce=", authorize->nonce);
    add(pieces, "&code_challenge=", authorize->code_challenge);
    add(pieces,
        "&code_challenge_method=", authorize->code_challenge ? "S256" : NULL);
    add(pieces, "&prompt=", authorize->prompt);
    add(pieces, "&ui_locales=", authorize->ui_locales);
    return apr_array_pstrcat(pool, pieces, 0);
}
