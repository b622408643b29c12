/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Payloads of logout tokens from anywhere. Whatever is let through names
 * somebody, by texts that fit a session, and is to be remembered for a time
 * that has an end. (D7: malformed logout messages.)
 */
#include "target.h"

#include "core/logouttoken.h"

#include <apr_general.h>
#include <stdlib.h>
#include <string.h>

#include "core/limits.h"

static void check_name(const char *text, size_t max)
{
    if (!*text || strlen(text) > max)
        abort();
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            abort();
}

static void check_token(const pwl_logouttoken_t *token, apr_time_t now)
{
    check_name(token->jti, PWL_LOGOUT_ID_MAX);
    if (!token->sid && !token->sub)
        abort();
    if (token->sid)
        check_name(token->sid, PWL_LOGOUT_ID_MAX);
    if (token->sub)
        check_name(token->sub, PWL_JWT_SUB_MAX);
    if (token->until <= now ||
        token->until > now + apr_time_from_sec(PWL_LOGOUT_MAX_AGE + 61))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int is_ready;
    const pwl_logouttoken_want_t want = {
        .issuer = "https://a.eu/",
        .client_id = "c",
        .now = APR_INT64_C(1789000000) * APR_USEC_PER_SEC,
        .skew = APR_INT64_C(60) * APR_USEC_PER_SEC,
    };
    pwl_logouttoken_t token;
    apr_pool_t *pool;
    pwl_result_t res;

    if (!is_ready)
        is_ready = apr_initialize() == APR_SUCCESS;
    apr_pool_create(&pool, NULL);
    res = pwl_logouttoken_claims((const char *)data, size, &want, &token, pool);
    if ((res.why == PWL_OK) != (token.jti != NULL) ||
        (res.why == PWL_OK) != (res.detail == NULL))
        abort();
    if (res.why == PWL_OK)
        check_token(&token, want.now);
    apr_pool_destroy(pool);
    return 0;
}
