/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any answer of the tenant to any call, against the promises of
 * core/answer.h: a good verdict needs a good status (and, for tokens, an ID
 * token); what may be logged is short, printable and without an address.
 *
 * Two bytes are the status, one the call; the rest is the body, and also an
 * error word and the values of two headers.
 */
#include "target.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/answer.h"
#include "core/limits.h"

#define PROMISE(x)                                                             \
    do {                                                                       \
        if (!(x))                                                              \
            abort();                                                           \
    } while (0)

static void check_code(const char *code)
{
    const char *c;

    PROMISE(*code && strlen(code) <= PWL_ANSWER_CODE_MAX);
    for (c = code; *c; c++)
        PROMISE(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                       "0123456789._-",
                       *c));
}

static void check_text(const char *text)
{
    const char *c;

    for (c = text; *c; c++)
        PROMISE(*c >= 0x20 && *c <= 0x7e && *c != '@');
    PROMISE(!strstr(text, "%40"));
}

static void check_answer(int call, int status, const char *body, size_t len,
                         apr_pool_t *pool)
{
    pwl_answer_t out;
    pwl_result_t res;

    if (call == 0)
        res = pwl_answer_judge_start(status, "application/json", body, len,
                                     &out, pool);
    else
        res = pwl_answer_judge_token(
            status, NULL, body, len,
            call == 1 ? PWL_ANSWER_OTP : PWL_ANSWER_CODE, &out, pool);
    if (out.error)
        check_code(out.error);
    if (res.detail)
        check_text(res.detail);
    PROMISE(!res.detail || strlen(res.detail) < PWL_ANSWER_TEXT_MAX + 100);
    PROMISE(res.why != PWL_OK || (status >= 200 && status < 300));
    PROMISE(call == 0 || (res.why == PWL_OK) == (out.id_token != NULL));
    PROMISE(!out.id_token || *out.id_token);
    PROMISE(out.expires_in >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const apr_time_t now = apr_time_from_sec(APR_INT64_C(1800000000));
    static int ready;
    apr_interval_time_t wait;
    apr_time_t full;
    apr_pool_t *pool;
    const char *text;

    if (!ready)
        ready = apr_initialize() == APR_SUCCESS;
    if (size < 3)
        return 0;
    apr_pool_create(&pool, NULL);
    text = apr_pstrmemdup(pool, (const char *)data + 3, size - 3);
    check_answer(data[2] % 3, (data[0] << 8 | data[1]) % 700,
                 (const char *)data + 3, size - 3, pool);
    check_code(pwl_answer_code(text, pool));
    check_text(pwl_answer_text(text, pool));
    PROMISE(strlen(pwl_answer_text(text, pool)) <= PWL_ANSWER_TEXT_MAX);
    PROMISE(pwl_answer_judge_callback(text) != PWL_OK);
    wait = pwl_answer_wait(text, text + strlen(text) / 2, now);
    PROMISE(wait >= apr_time_from_sec(1) && wait <= apr_time_from_sec(3600));
    full = pwl_answer_reset(text, now);
    PROMISE(
        full == 0 ||
        (full >= now && full <= now + apr_time_from_sec(PWL_ANSWER_RESET_MAX)));
    apr_pool_destroy(pool);
    return 0;
}
