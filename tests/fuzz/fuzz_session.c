/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decode arbitrary bytes as the fields of a session. What is accepted must
 * encode to the same bytes again: there is one encoding of everything, and
 * decoding accepts nothing else. The same bytes are tried as a cookie.
 */
#include "core/session.h"

#include <apr_general.h>
#include <stdlib.h>
#include <string.h>

#include "core/b64.h"
#include "core/limits.h"
#include "target.h"

static void try_fields(const uint8_t *data, size_t size, apr_pool_t *pool)
{
    static unsigned char again[PWL_SESSION_MAX_BYTES];
    const pwl_field_t *fields;
    apr_size_t len;
    int count;

    if (pwl_session_decode(data, size, &fields, &count, pool) != PWL_OK)
        return;
    if (pwl_session_encode(fields, count, again, &len) != PWL_OK ||
        len != size || (size > 0 && memcmp(again, data, size) != 0))
        abort();
}

static void try_cookie(const uint8_t *data, size_t size, apr_pool_t *pool)
{
    unsigned char skey[PWL_SKEY_BYTES];
    unsigned char *bytes = apr_palloc(pool, size + 1);
    apr_size_t len;
    int good = pwl_b64_decode((const char *)data, size, bytes, size, &len);

    if (good && (strlen(pwl_b64_encode(bytes, len, pool)) != size ||
                 memcmp(pwl_b64_encode(bytes, len, pool), data, size) != 0))
        abort();
    if ((pwl_session_key((const char *)data, size, skey) == PWL_OK) !=
        (good && size == PWL_SID_CHARS))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    try_fields(data, size, pool);
    if (size > 0)
        try_cookie(data, size, pool);
    apr_pool_destroy(pool);
    return 0;
}
