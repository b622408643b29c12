/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any plain text, properly sealed, into the readers of token and pending
 * cookie.
 *
 * What they take they must take as it stands: written again it gives the same
 * bytes. So nothing that follows, overlaps or is cut can be read two ways.
 */
#include "target.h"

#include "core/token.h"

#include <apr_general.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/limits.h"

#define NOW apr_time_from_sec(1700000000)
#define LIFE apr_time_from_sec(900)

static const pwl_seal_t *seal;

/* Does `text` hold exactly `data`? */
static void holds(const char *text, const uint8_t *data, size_t size,
                  apr_pool_t *pool)
{
    const unsigned char *plain;
    apr_size_t len;

    if (!text ||
        pwl_seal_open(seal, text, strlen(text), &plain, &len, pool) != PWL_OK)
        abort();
    if (len != size || memcmp(plain, data, size) != 0)
        abort();
}

static void token(const char *text, const uint8_t *data, size_t size,
                  apr_pool_t *pool)
{
    pwl_pending_t pending = {{0}};
    pwl_token_t out;
    pwl_reason_t why = pwl_token_open(text, seal, PWL_STEP_CODE, &pending, NOW,
                                      LIFE, &out, pool);

    if (!out.address || !out.return_to)
        abort();
    if (why == PWL_TOKEN_FORGED)
        return;
    if (strlen(out.address) > PWL_ADDRESS_MAX ||
        strlen(out.return_to) > PWL_RETURNTO_MAX)
        abort();
    holds(pwl_token_seal(&out, seal, pool), data, size, pool);
}

static void cookie(const char *text, const uint8_t *data, size_t size,
                   apr_pool_t *pool)
{
    pwl_pending_t out;
    int i;

    if (pwl_pending_open(text, strlen(text), seal, NOW, LIFE, &out, pool) !=
        PWL_OK)
        return;
    holds(pwl_pending_seal(&out, seal, pool), data, size, pool);
    for (i = 0; i < PWL_LOOP_MAX; i++)
        pwl_pending_trip(&out, NOW);
    if (!pwl_pending_loop(&out, NOW))
        abort(); /* three trips at one time are one, whatever came before */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const pwl_seal_keys_t keys = {1, {{1}}};
    const char *text;
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    seal = pwl_seal_make(&keys, "form", "r", pool);
    if (!seal)
        abort();
    text = pwl_seal_close(seal, data, size, pool);
    if (text && size) {
        token(text, data, size, pool);
        cookie(text, data, size, pool);
    }
    apr_pool_destroy(pool);
    return 0;
}
