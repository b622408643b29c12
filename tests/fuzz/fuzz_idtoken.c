/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Payloads of ID tokens from anywhere, judged with and without an address and
 * a nonce asked for. Whatever is let through must have what a session needs,
 * and nothing that could end a header line.
 */
#include "target.h"

#include "core/idtoken.h"

#include <apr_general.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/limits.h"

static void check_text(const char *text, size_t max)
{
    if (strlen(text) > max)
        abort();
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            abort();
}

static void check_name(const char *name, const char *more)
{
    for (; *name; name++)
        if (!(*name >= 'A' && *name <= 'Z') &&
            !(*name >= '0' && *name <= '9') && !strchr(more, *name))
            abort();
}

static void check_claims(const pwl_claims_t *claims, apr_pool_t *pool)
{
    const pwl_field_t *fields;
    apr_time_t when;
    int count;
    int i;

    fields = pwl_claims_fields(claims, &count);
    if (!pwl_claims_value(claims, "sub") || !*pwl_claims_value(claims, "sub"))
        abort();
    for (i = 0; i < count; i++) {
        check_text(fields[i].name, PWL_CLAIM_NAME_MAX);
        check_text(fields[i].value, PWL_CLAIM_VALUE_MAX);
        check_name(pwl_claims_env_name(fields[i].name, pool), "_");
        check_name(pwl_claims_header_name(fields[i].name, pool),
                   "-abcdefghijklmnopqrstuvwxyz");
        pwl_claims_time(claims, fields[i].name, &when);
    }
    check_text(pwl_claims_list_text(fields, count, pool), SIZE_MAX);
}

static void judge(const uint8_t *data, size_t size,
                  const pwl_idtoken_want_t *want, apr_pool_t *pool)
{
    pwl_claims_t *claims;
    pwl_result_t res;

    res = pwl_idtoken_claims((const char *)data, size, want, &claims, pool);
    if ((res.why == PWL_OK) != (claims != NULL) ||
        (res.why == PWL_OK) != (res.detail == NULL))
        abort();
    if (claims)
        check_claims(claims, pool);
    if (claims && want->email && !want->connection &&
        strlen(pwl_claims_value(claims, "email")) != strlen(want->email))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int is_ready;
    pwl_idtoken_want_t want = {
        .issuer = "https://a.eu/",
        .client_id = "c",
        .now = APR_INT64_C(1789000000) * APR_USEC_PER_SEC,
        .skew = APR_INT64_C(60) * APR_USEC_PER_SEC,
    };
    apr_pool_t *pool;

    if (!is_ready)
        is_ready = apr_initialize() == APR_SUCCESS;
    apr_pool_create(&pool, NULL);
    judge(data, size, &want, pool);
    want.email = "u@e.org";
    judge(data, size, &want, pool);
    want.connection = "sms";
    judge(data, size, &want, pool);
    want.nonce = "n";
    want.access_token = "t";
    want.max_age = APR_USEC_PER_SEC;
    judge(data, size, &want, pool);
    want.organization = "org_1";
    want.acr_values = "urn:a urn:b";
    want.fresh_since = want.now;
    judge(data, size, &want, pool);
    apr_pool_destroy(pool);
    return 0;
}
