/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must stay true: decoding accepts exactly what encoding makes, and no
 * counter beyond what core/flow.h counts to. Another version is damage:
 * machines of one site run one version of us, or the visitor starts again.
 */
#include "core/flowrecord.h"

#include <openssl/crypto.h>
#include <string.h>

#define VERSION 1

static unsigned char *put(unsigned char *at, apr_uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        *at++ = (unsigned char)(value >> (8 * i));
    return at;
}

static apr_uint64_t get(const unsigned char **at, int bytes)
{
    apr_uint64_t value = 0;

    for (int i = 0; i < bytes; i++)
        value |= (apr_uint64_t) * (*at)++ << (8 * i);
    return value;
}

static unsigned char *put_bytes(unsigned char *at, const unsigned char *from,
                                apr_size_t len)
{
    memcpy(at, from, len);
    return at + len;
}

static void get_bytes(const unsigned char **at, unsigned char *to,
                      apr_size_t len)
{
    memcpy(to, *at, len);
    *at += len;
}

static unsigned char *put_reason(unsigned char *at, apr_uint32_t why)
{
    const char *word = pwl_reason_word((pwl_reason_t)why);
    apr_size_t len = strlen(word);

    if (len > PWL_FLOWRECORD_WORD_MAX)
        len = PWL_FLOWRECORD_WORD_MAX;
    *at++ = (unsigned char)len;
    return put_bytes(at, (const unsigned char *)word, len);
}

/* @return 0 when nothing reads so */
static int get_reason(const unsigned char **at, const unsigned char *end,
                      apr_uint32_t *why)
{
    const char *word;
    apr_size_t len;

    if (*at == end || *(*at) > end - *at - 1)
        return 0;
    len = *(*at)++;
    for (int i = 0; i < PWL_REASON_COUNT; i++) {
        word = pwl_reason_word((pwl_reason_t)i);
        if (strlen(word) == len && memcmp(word, *at, len) == 0) {
            *why = (apr_uint32_t)i;
            *at += len;
            return 1;
        }
    }
    return 0;
}

apr_size_t pwl_flowrecord_encode(const unsigned char *txn,
                                 const pwl_flowrecord_t *record,
                                 unsigned char *out)
{
    const pwl_flow_t *flow = &record->flow;
    unsigned char *at = put(out, VERSION, 1);

    at = put_bytes(at, txn, PWL_TXN_BYTES);
    at = put(at, record->serial, 8);
    at = put(at, (apr_uint64_t)record->expires, 8);
    at = put(at, flow->state, 4);
    at = put(at, flow->sends, 4);
    at = put(at, flow->tries, 4);
    at = put(at, flow->joined, 4);
    at = put(at, (apr_uint64_t)flow->began, 8);
    at = put(at, (apr_uint64_t)flow->sent, 8);
    at = put(at, (apr_uint64_t)flow->answered, 8);
    at = put(at, (apr_uint64_t)flow->retry_after, 8);
    at = put(at, (apr_uint64_t)flow->check_after, 8);
    at = put(at, (apr_uint64_t)flow->done, 8);
    at = put_bytes(at, flow->address, sizeof(flow->address));
    at = put_bytes(at, flow->last_code, sizeof(flow->last_code));
    at = put_bytes(at, flow->typed, sizeof(flow->typed));
    at = put_bytes(at, flow->sid, sizeof(flow->sid));
    at = put_reason(at, flow->flash);
    at = put_reason(at, flow->answer);
    return (apr_size_t)(at - out);
}

static int decode(const unsigned char *at, const unsigned char *end,
                  pwl_flowrecord_t *out)
{
    pwl_flow_t *flow = &out->flow;

    out->serial = get(&at, 8);
    out->expires = (apr_time_t)get(&at, 8);
    flow->state = (apr_uint32_t)get(&at, 4);
    flow->sends = (apr_uint32_t)get(&at, 4);
    flow->tries = (apr_uint32_t)get(&at, 4);
    flow->joined = (apr_uint32_t)get(&at, 4);
    flow->began = (apr_time_t)get(&at, 8);
    flow->sent = (apr_time_t)get(&at, 8);
    flow->answered = (apr_time_t)get(&at, 8);
    flow->retry_after = (apr_time_t)get(&at, 8);
    flow->check_after = (apr_time_t)get(&at, 8);
    flow->done = (apr_time_t)get(&at, 8);
    get_bytes(&at, flow->address, sizeof(flow->address));
    get_bytes(&at, flow->last_code, sizeof(flow->last_code));
    get_bytes(&at, flow->typed, sizeof(flow->typed));
    get_bytes(&at, flow->sid, sizeof(flow->sid));
    return out->serial != 0 && flow->state < PWL_FLOW_STATE_COUNT &&
           flow->sends <= PWL_FLOW_SENDS && flow->tries <= PWL_FLOW_TRIES &&
           flow->joined <= PWL_FLOW_JOINS &&
           get_reason(&at, end, &flow->flash) &&
           get_reason(&at, end, &flow->answer) && at == end;
}

pwl_reason_t pwl_flowrecord_decode(const unsigned char *data, apr_size_t len,
                                   const unsigned char *txn,
                                   pwl_flowrecord_t *out)
{
    memset(out, 0, sizeof(*out));
    if (len < PWL_FLOWRECORD_HEAD || data[0] != VERSION ||
        CRYPTO_memcmp(data + 1, txn, PWL_TXN_BYTES) != 0)
        return PWL_FLOW_DAMAGED;
    if (decode(data + 1 + PWL_TXN_BYTES, data + len, out))
        return PWL_OK;
    memset(out, 0, sizeof(*out));
    return PWL_FLOW_DAMAGED;
}

void pwl_flowrecord_newest_encode(const unsigned char *who, apr_time_t when,
                                  const unsigned char *txn, unsigned char *out)
{
    unsigned char *at = put(out, VERSION, 1);

    at = put_bytes(at, who, 16);
    at = put(at, (apr_uint64_t)when, 8);
    put_bytes(at, txn, PWL_TXN_BYTES);
}

pwl_reason_t pwl_flowrecord_newest_decode(const unsigned char *data,
                                          apr_size_t len,
                                          const unsigned char *who,
                                          apr_time_t *when, unsigned char *txn)
{
    const unsigned char *at = data + 1 + 16;

    if (len != PWL_FLOWRECORD_NEWEST_BYTES || data[0] != VERSION ||
        CRYPTO_memcmp(data + 1, who, 16) != 0)
        return PWL_FLOW_DAMAGED;
    *when = (apr_time_t)get(&at, 8);
    get_bytes(&at, txn, PWL_TXN_BYTES);
    return PWL_OK;
}
