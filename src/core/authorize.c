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

#include <apr_cstr.h>
#include <apr_lib.h>
#include <apr_strings.h>

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

typedef struct {
    const char *name;
    const char *value; /* NULL: left out */
} param_t;

/** Append "&name=value" to the pieces; nothing for an absent value. */
static void add(apr_array_header_t *pieces, const char *name, const char *value)
{
    if (!value)
        return;
    APR_ARRAY_PUSH(pieces, const char *) = "&";
    APR_ARRAY_PUSH(pieces, const char *) = name;
    APR_ARRAY_PUSH(pieces, const char *) = "=";
    APR_ARRAY_PUSH(pieces, const char *) =
        pwl_authorize_encode(value, pieces->pool);
}

static int is_set(const param_t *ours, const char *name)
{
    for (; ours->name; ours++) {
        if (ours->value && !apr_cstr_casecmp(ours->name, name))
            return 1;
    }
    return 0;
}

/** The operator's own, behind ours and none of them again. */
static void add_more(apr_array_header_t *pieces, const apr_table_t *more,
                     const param_t *ours)
{
    const apr_array_header_t *list = apr_table_elts(more);
    const apr_table_entry_t *entry = (const void *)list->elts;
    int i;

    for (i = 0; i < list->nelts; i++) {
        if (!is_set(ours, entry[i].key))
            add(pieces, pwl_authorize_encode(entry[i].key, pieces->pool),
                entry[i].val);
    }
}

const char *pwl_authorize_url(const pwl_authorize_t *authorize,
                              apr_pool_t *pool)
{
    const param_t ours[] = {
        {"client_id", authorize->client_id},
        {"redirect_uri", authorize->redirect_uri},
        {"scope", authorize->scope},
        {"audience", authorize->audience},
        {"connection", authorize->connection},
        {"login_hint", authorize->login_hint},
        {"state", authorize->state},
        {"nonce", authorize->nonce},
        {"code_challenge", authorize->code_challenge},
        {"code_challenge_method", authorize->code_challenge ? "S256" : NULL},
        {"prompt", authorize->prompt},
        {"ui_locales", authorize->ui_locales},
        {NULL, NULL},
    };
    apr_array_header_t *pieces = apr_array_make(pool, 60, sizeof(char *));
    const param_t *param;

    APR_ARRAY_PUSH(pieces, const char *) = "https://";
    APR_ARRAY_PUSH(pieces, const char *) = authorize->domain;
    APR_ARRAY_PUSH(pieces, const char *) = "/authorize?response_type=code";
    for (param = ours; param->name; param++)
        add(pieces, param->name, param->value);
    if (authorize->more)
        add_more(pieces, authorize->more, ours);
    return apr_array_pstrcat(pool, pieces, 0);
}
