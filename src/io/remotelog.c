/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log needs no other proof of being whole than the entry we read last: it
 * is read from that entry on, that entry included. Trimmed past us, emptied,
 * restored from an older file, taken over by a replica that had not got it yet:
 * in every case the entry is missing, and the reader is told that it lost
 * track.
 */
#include "io/remotelog.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#define SEQ_BITS 20

struct pwl_remotelog_t {
    pwl_redis_t *redis;
    const char *key;
    pwl_seal_t *seal;
};

pwl_remotelog_t *pwl_remotelog_make(pwl_redis_t *redis,
                                    const pwl_seal_keys_t *keys,
                                    const char *prefix, apr_pool_t *pool)
{
    pwl_remotelog_t *log = apr_palloc(pool, sizeof(*log));

    log->redis = redis;
    log->key = apr_pstrcat(pool, prefix, "log", NULL);
    log->seal = pwl_seal_make(keys, "redis-log", prefix, pool);
    return log->seal ? log : NULL;
}

int pwl_remotelog_entry(const pwl_remotelog_t *log, const unsigned char *skey,
                        pwl_redis_command_t *out, apr_pool_t *pool)
{
    const char *sealed = pwl_seal_close(log->seal, skey, PWL_SKEY_BYTES, pool);

    if (!sealed)
        return 0;
    *out = pwl_redis_command("XADD", log->key, "MAXLEN", "~",
                             PWL_REMOTELOG_ENTRIES, "*", "e", sealed, NULL);
    return 1;
}

/* "1700000000000-3" as a cursor; 0 for what does not fit into one. */
static pwl_remotelog_cursor_t read_id(const pwl_redis_answer_t *id)
{
    char *end;
    unsigned long long ms, seq;

    if (id->kind != PWL_REDIS_TEXT || !apr_isdigit(*id->text))
        return 0;
    ms = strtoull(id->text, &end, 10);
    if (*end != '-' || !apr_isdigit(end[1]))
        return 0;
    seq = strtoull(end + 1, &end, 10);
    if (*end || ms >> (64 - SEQ_BITS) || seq >> SEQ_BITS)
        return 0;
    return (pwl_remotelog_cursor_t)ms << SEQ_BITS | seq;
}

pwl_result_t pwl_remotelog_begin(const pwl_remotelog_t *log,
                                 pwl_remotelog_cursor_t *cursor,
                                 apr_pool_t *pool)
{
    pwl_redis_command_t add =
        pwl_redis_command("XADD", log->key, "MAXLEN", "~",
                          PWL_REMOTELOG_ENTRIES, "*", "b", "1", NULL);
    pwl_redis_answer_t answer;
    pwl_result_t res = pwl_redis_do(log->redis, &add, 1, &answer, pool);

    *cursor = res.why == PWL_OK ? read_id(&answer) : 0;
    if (res.why == PWL_OK && *cursor == 0)
        res = (pwl_result_t){PWL_STORE_FAILED, 0,
                             "Redis gave its log an id of no known form"};
    return res;
}

/* Entry: list of id and a list of name and value. */
static void read_entry(const pwl_remotelog_t *log,
                       const pwl_redis_answer_t *fields,
                       pwl_remotelog_news_t *out, apr_pool_t *pool)
{
    const unsigned char *plain;
    apr_size_t len;

    if (fields->kind != PWL_REDIS_LIST || fields->count < 2 ||
        fields->items[0].kind != PWL_REDIS_TEXT ||
        strcmp(fields->items[0].text, "e") != 0 ||
        fields->items[1].kind != PWL_REDIS_TEXT)
        return;
    /* Not sealed by us: then it ends nothing of ours. */
    if (pwl_seal_open(log->seal, fields->items[1].text, fields->items[1].len,
                      &plain, &len, pool) == PWL_OK &&
        len == PWL_SKEY_BYTES)
        memcpy(out->ended[out->count++], plain, PWL_SKEY_BYTES);
}

pwl_result_t pwl_remotelog_read(const pwl_remotelog_t *log,
                                pwl_remotelog_cursor_t cursor,
                                pwl_remotelog_news_t *out, apr_pool_t *pool)
{
    const char *from = apr_psprintf(
        pool, "%" APR_UINT64_T_FMT "-%" APR_UINT64_T_FMT, cursor >> SEQ_BITS,
        cursor & (((apr_uint64_t)1 << SEQ_BITS) - 1));
    pwl_redis_command_t range =
        pwl_redis_command("XRANGE", log->key, from, "+", "COUNT",
                          apr_itoa(pool, PWL_REMOTELOG_STEP), NULL);
    pwl_redis_answer_t answer;
    pwl_result_t res = pwl_redis_do(log->redis, &range, 1, &answer, pool);

    memset(out, 0, sizeof(*out));
    out->cursor = cursor;
    out->lost = 1; /* until the entry we know has been seen */
    if (res.why != PWL_OK || answer.kind != PWL_REDIS_LIST)
        return res;
    out->ended =
        apr_palloc(pool, (apr_size_t)(answer.count + 1) * sizeof(*out->ended));
    for (int i = 0; i < answer.count; i++) {
        const pwl_redis_answer_t *entry = &answer.items[i];
        pwl_remotelog_cursor_t id = 0;

        if (entry->kind == PWL_REDIS_LIST && entry->count == 2)
            id = read_id(&entry->items[0]);
        if (id == 0 || (i == 0 && id != cursor)) {
            out->lost = 1;
            return res;
        }
        out->lost = 0;
        out->cursor = id;
        if (i > 0)
            read_entry(log, &entry->items[1], out, pool);
    }
    out->more = answer.count >= PWL_REMOTELOG_STEP;
    return res;
}
