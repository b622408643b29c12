/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any plain text, properly sealed, into the reader of a session's tokens. What
 * is taken can stand in a header, fits a session, and is what would be written
 * again; for the session of another key it is nothing. Behind it, the same
 * bytes as a token answer of the tenant.
 */
#include "target.h"

#include "core/limits.h"
#include "core/tokens.h"
#include "input.h"

static void check_text(const char *text)
{
    for (; text && *text; text++)
        PROMISE(*text > ' ' && *text <= '~');
}

static void check_taken(const pwl_tokens_t *tokens, const pwl_seal_t *seal,
                        const unsigned char *skey, const uint8_t *data,
                        size_t size, apr_pool_t *pool)
{
    const char *note = pwl_tokens_seal(tokens, skey, seal, pool);
    const unsigned char *plain;
    apr_size_t len;

    check_text(tokens->access);
    check_text(tokens->refresh);
    PROMISE(note && strlen(note) <= PWL_NOTE_VALUE_MAX);
    PROMISE(pwl_seal_open(seal, note, strlen(note), &plain, &len, pool) ==
            PWL_OK);
    PROMISE(len == size && memcmp(plain, data, size) == 0);
}

static void check_answer(const uint8_t *data, size_t size,
                         const pwl_seal_t *seal, apr_pool_t *pool)
{
    const apr_time_t now = apr_time_from_sec(1700000000);
    const unsigned char skey[PWL_SKEY_BYTES] = {1};
    pwl_answer_t answer;
    pwl_tokens_t given, back;
    const char *note;

    if (pwl_answer_judge_token(200, "application/json", (const char *)data,
                               size, PWL_ANSWER_OTP, &answer, pool)
            .why != PWL_OK)
        return;
    given = pwl_tokens_given(&answer, NULL, now);
    PROMISE(!given.expires || given.expires > now);
    PROMISE(!pwl_tokens_due(&given, now) || given.refresh);
    note = pwl_tokens_seal(&given, skey, seal, pool);
    PROMISE((note != NULL) == (pwl_tokens_check(&given) == PWL_OK));
    if (!note)
        return;
    PROMISE(pwl_tokens_open(note, skey, seal, &back, pool) == PWL_OK);
    PROMISE(back.got == now && back.expires == given.expires);
    PROMISE(!back.access == !given.access && !back.refresh == !given.refresh);
    PROMISE(!back.access || strcmp(back.access, given.access) == 0);
    PROMISE(!back.refresh || strcmp(back.refresh, given.refresh) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const pwl_seal_keys_t keys = {1, {{1}}};
    static const unsigned char other[PWL_SKEY_BYTES] = {0xff, 1};
    unsigned char skey[PWL_SKEY_BYTES] = {0};
    apr_pool_t *pool = input_pool();
    const pwl_seal_t *seal = pwl_seal_make(&keys, "tokens", "r", pool);
    const char *note = pwl_seal_close(seal, data, size, pool);
    pwl_tokens_t out;

    if (size > sizeof(skey))
        memcpy(skey, data + 1, sizeof(skey));
    if (note && pwl_tokens_open(note, skey, seal, &out, pool) == PWL_OK)
        check_taken(&out, seal, skey, data, size, pool);
    if (note && memcmp(skey, other, sizeof(skey)) != 0)
        PROMISE(pwl_tokens_open(note, other, seal, &out, pool) ==
                    PWL_TOKENS_UNREADABLE &&
                !out.access && !out.refresh);
    check_answer(data, size, seal, pool);
    apr_pool_destroy(pool);
    return 0;
}
