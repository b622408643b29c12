/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes as a session's record in Redis, as if somebody had sealed them. What is
 * taken for the session of a key says that key, and is what would be written
 * again, byte by byte.
 */
#include "target.h"

#include "core/record.h"
#include "input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static unsigned char again[PWL_RECORD_MAX_BYTES];
    static const unsigned char other[PWL_SKEY_BYTES] = {0xff, 1};
    unsigned char skey[PWL_SKEY_BYTES] = {0};
    apr_pool_t *pool = input_pool();
    pwl_session_t session;
    apr_size_t len;

    if (size >= PWL_RECORD_HEAD)
        memcpy(skey, pwl_record_key(data), sizeof(skey));
    if (pwl_record_decode(data, size, skey, &session, pool) == PWL_OK) {
        PROMISE(size >= PWL_RECORD_HEAD && size <= sizeof(again));
        PROMISE(pwl_record_encode(skey, &session, again, &len) == PWL_OK);
        PROMISE(len == size && memcmp(again, data, size) == 0);
    }
    if (memcmp(skey, other, sizeof(skey)) != 0)
        PROMISE(pwl_record_decode(data, size, other, &session, pool) ==
                    PWL_SESSION_DAMAGED &&
                session.field_count == 0);
    apr_pool_destroy(pool);
    return 0;
}
