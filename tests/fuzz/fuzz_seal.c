/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text into pwl_seal_open(), and any bytes through a round trip.
 *
 * No text that the fuzzer finds may open: it would have guessed a tag of 128
 * bits. Any bytes up to the limit come back as they were, and only where they
 * were sealed for.
 */
#include "target.h"

#include "core/seal.h"

#include <apr_general.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/limits.h"

static const pwl_seal_t *form, *state;

static const pwl_seal_t *make(const char *purpose, apr_pool_t *pool)
{
    static const pwl_seal_keys_t keys = {2, {{1}, {2}}};
    const pwl_seal_t *seal = pwl_seal_make(&keys, purpose, "r", pool);

    if (!seal)
        abort();
    return seal;
}

static void refused(const pwl_seal_t *seal, const char *text, size_t len,
                    apr_pool_t *pool)
{
    const unsigned char *plain;
    apr_size_t plain_len;

    if (pwl_seal_open(seal, text, len, &plain, &plain_len, pool) !=
            PWL_TOKEN_FORGED ||
        plain || plain_len)
        abort();
}

static void round_trip(const uint8_t *data, size_t size, apr_pool_t *pool)
{
    const char *text = pwl_seal_close(form, data, size, pool);
    const unsigned char *plain;
    apr_size_t len;

    if (size > PWL_SEAL_MAX_BYTES) {
        if (text)
            abort();
        return;
    }
    if (!text ||
        pwl_seal_open(form, text, strlen(text), &plain, &len, pool) != PWL_OK)
        abort();
    if (len != size || (len && memcmp(plain, data, len) != 0) || plain[len])
        abort();
    refused(state, text, strlen(text), pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    form = make("form", pool);
    state = make("state", pool);
    refused(form, (const char *)data, size, pool);
    round_trip(data, size, pool);
    apr_pool_destroy(pool);
    return 0;
}
