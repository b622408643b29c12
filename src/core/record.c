/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The head of a record is of fixed size; what follows is core/session.c's.
 *
 * What must stay true: decoding accepts exactly what encoding makes. Another
 * version is damage: machines of one site run one version of us, or do without
 * each other's sessions.
 */
#include "core/record.h"

#include <openssl/crypto.h>
#include <string.h>

#define VERSION 1

static unsigned char *put_time(unsigned char *at, apr_time_t time)
{
    apr_uint64_t value = (apr_uint64_t)time;

    for (int i = 0; i < 8; i++)
        *at++ = (unsigned char)(value >> (8 * i));
    return at;
}

static apr_time_t get_time(const unsigned char *at)
{
    apr_uint64_t value = 0;

    for (int i = 0; i < 8; i++)
        value |= (apr_uint64_t)at[i] << (8 * i);
    return (apr_time_t)value;
}

pwl_reason_t pwl_record_encode(const unsigned char *skey,
                               const pwl_session_t *session, unsigned char *out,
                               apr_size_t *len)
{
    unsigned char *at = out;
    pwl_reason_t why;

    *at++ = VERSION;
    memcpy(at, skey, PWL_SKEY_BYTES);
    at += PWL_SKEY_BYTES;
    memcpy(at, session->realm, PWL_REALM_BYTES);
    at += PWL_REALM_BYTES;
    at = put_time(at, session->created);
    at = put_time(at, session->last_seen);
    at = put_time(at, session->expires);
    why = pwl_session_encode(session->fields, session->field_count, at, len);
    *len = why == PWL_OK ? *len + PWL_RECORD_HEAD : 0;
    return why;
}

pwl_reason_t pwl_record_decode(const unsigned char *data, apr_size_t len,
                               const unsigned char *skey, pwl_session_t *out,
                               apr_pool_t *pool)
{
    const unsigned char *at = data + 1 + PWL_SKEY_BYTES;

    memset(out, 0, sizeof(*out));
    if (len < PWL_RECORD_HEAD || data[0] != VERSION ||
        CRYPTO_memcmp(data + 1, skey, PWL_SKEY_BYTES) != 0)
        return PWL_SESSION_DAMAGED;
    memcpy(out->realm, at, PWL_REALM_BYTES);
    at += PWL_REALM_BYTES;
    out->created = get_time(at);
    out->last_seen = get_time(at + 8);
    out->expires = get_time(at + 16);
    return pwl_session_decode(at + 24, len - PWL_RECORD_HEAD, &out->fields,
                              &out->field_count, pool);
}

const unsigned char *pwl_record_key(const unsigned char *data)
{
    return data + 1;
}
