/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the tests of io/remotetxns.c: a redis-server of the test's own, handles
 * like those of several machines, and what they do to records.
 */
#ifndef PWL_TESTS_REDIS_SIGNINS_H
#define PWL_TESTS_REDIS_SIGNINS_H

#include <apr_general.h>
#include <apr_strings.h>

#include "core/limits.h"
#include "fake_redis.h"
#include "io/remotetxns.h"
#include "tap.h"

#define S(n) apr_time_from_sec(n)
#define MS(n) apr_time_from_msec(n)
#define NOW S(1700000000)
#define LIFE S(900)

static apr_pool_t *pool;
static fake_redis_t server;
static pwl_redis_t *redis;

static inline pwl_redis_t *to(int port)
{
    pwl_redis_to_t to = {.host = "127.0.0.1", .port = port, .timeout = S(2)};

    return pwl_redis_make(&to, 4, pool);
}

static inline pwl_remotetxns_t *made(pwl_redis_t *by, int first, int second,
                                     apr_interval_time_t timeout)
{
    pwl_seal_keys_t keys = {.count = second ? 2 : 1};

    memset(keys.key[0], first, PWL_SEAL_KEY_BYTES);
    memset(keys.key[1], second, PWL_SEAL_KEY_BYTES);
    return pwl_remotetxns_make(by, &keys, "t:", timeout, pool);
}

static inline pwl_remotetxns_t *with_keys(int first, int second)
{
    return made(redis, first, second, S(20));
}

static inline pwl_redis_answer_t tell(const char *a, const char *b,
                                      const char *c)
{
    pwl_redis_command_t command = pwl_redis_command(a, b, c, NULL);
    pwl_redis_answer_t answer = {0};

    pwl_redis_ask(redis, &command, 1, &answer, pool);
    return answer;
}

/* The only key, or one of two. */
static inline const char *a_key(int nth)
{
    pwl_redis_answer_t keys = tell("KEYS", "*", NULL);

    return keys.count > nth ? keys.items[nth].text : "";
}

static inline const unsigned char *id_of(unsigned n, unsigned char *id)
{
    memset(id, 0, PWL_TXN_BYTES);
    memcpy(id, &n, sizeof(n));
    return id;
}

typedef struct {
    const pwl_remotetxns_t *other; /* writes in between, if it is set */
    int times;                     /* so often */
    int stop;                      /* then Redis is stopped */
    int runs;
    apr_uint32_t sends; /* as it was found, in the last run */
} deed_t;

/* Another code was sent. */
static inline void add_one(pwl_flow_t *flow, void *baton)
{
    flow->state = PWL_FLOW_STATE_WAITING;
    flow->sends++;
}

static inline void look(pwl_flow_t *flow, void *baton)
{
    ((deed_t *)baton)->runs++;
    ((deed_t *)baton)->sends = flow->sends;
}

static inline const char *with(const pwl_remotetxns_t *txns, unsigned n,
                               int create, apr_time_t expires,
                               pwl_txns_fn_t *fn, void *baton)
{
    unsigned char id[PWL_TXN_BYTES];
    pwl_result_t res = pwl_remotetxns_with(txns, id_of(n, id), create, NOW,
                                           expires, fn, baton, pool);

    return pwl_reason_word(res.why);
}

/* @return sends of a record, or -1 when there is none */
static inline int sends(const pwl_remotetxns_t *txns, unsigned n)
{
    deed_t deed = {0};

    return strcmp(with(txns, n, 0, NOW, look, &deed), "ok") == 0
               ? (int)deed.sends
               : -1;
}

static inline const char *used(const pwl_remotetxns_t *txns, unsigned n)
{
    unsigned char id[PWL_TXN_BYTES];
    pwl_result_t res =
        pwl_remotetxns_use_once(txns, id_of(n, id), NOW, NOW + LIFE, pool);

    return pwl_reason_word(res.why);
}

static inline void begin(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    server = real_start(0, NULL);
    redis = to(server.port);
}

#endif
