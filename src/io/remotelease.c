/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SET NX PX and GET, sent together: commands may be sent twice when a kept
 * connection turns out to be dead (io/redis.h), and a second SET NX would say
 * no to the one who has it. What GET says counts.
 */
#include "io/remotelease.h"

#include <apr_strings.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <string.h>

#include "core/b64.h"

#define WORD_BYTES 16
#define NAME_BYTES 32
/* Between the end as we see it and the end as Redis does. */
#define MARGIN apr_time_from_sec(1)

struct pwl_remotelease_t {
    pwl_redis_t *redis;
    const char *prefix;
    int count; /* of seal keys */
    unsigned char name_key[2][PWL_SEAL_KEY_BYTES];
};

static pwl_result_t reason(pwl_reason_t why)
{
    pwl_result_t res = {why, 0, NULL};

    return res;
}

static apr_status_t forget(void *data)
{
    pwl_remotelease_t *lease = data;

    OPENSSL_cleanse(lease->name_key, sizeof(lease->name_key));
    return APR_SUCCESS;
}

pwl_remotelease_t *pwl_remotelease_make(pwl_redis_t *redis,
                                        const pwl_seal_keys_t *keys,
                                        const char *prefix, apr_pool_t *pool)
{
    pwl_remotelease_t *lease = apr_pcalloc(pool, sizeof(*lease));

    lease->redis = redis;
    lease->prefix = prefix;
    lease->count = keys->count;
    apr_pool_cleanup_register(pool, lease, forget, apr_pool_cleanup_null);
    for (int i = 0; i < keys->count; i++) {
        if (!pwl_seal_derive(keys->key[i], PWL_SEAL_KEY_BYTES, "redis-leases",
                             prefix, strlen(prefix), lease->name_key[i]))
            return NULL;
    }
    return lease;
}

static const char *key_of(const pwl_remotelease_t *lease, int which,
                          const unsigned char *skey, apr_pool_t *pool)
{
    unsigned char digest[NAME_BYTES];

    pwl_seal_derive(lease->name_key[which], PWL_SEAL_KEY_BYTES, "lease", skey,
                    PWL_SKEY_BYTES, digest);
    return apr_pstrcat(pool, lease->prefix,
                       "l:", pwl_b64_encode(digest, sizeof(digest), pool),
                       NULL);
}

static pwl_result_t drop(const pwl_remotelease_t *lease,
                         const unsigned char *skey, const int *mine,
                         apr_pool_t *pool)
{
    pwl_redis_command_t command[2];
    pwl_redis_answer_t answer[2];
    int n = 0;

    for (int i = 0; i < lease->count; i++) {
        if (mine[i])
            command[n++] =
                pwl_redis_command("DEL", key_of(lease, i, skey, pool), NULL);
    }
    return n ? pwl_redis_do(lease->redis, command, n, answer, pool)
             : reason(PWL_OK);
}

pwl_result_t pwl_remotelease_take(const pwl_remotelease_t *lease,
                                  const unsigned char *skey, apr_time_t now,
                                  apr_interval_time_t life,
                                  pwl_remotelease_held_t *held,
                                  apr_pool_t *pool)
{
    pwl_redis_command_t command[4];
    pwl_redis_answer_t answer[4];
    unsigned char random[WORD_BYTES];
    const char *word, *millis;
    int mine[2] = {0, 0}, count = 0;
    pwl_result_t res;

    held->end = 0;
    if (RAND_bytes(random, sizeof(random)) != 1)
        return reason(PWL_SEAL_FAILED);
    word = pwl_b64_encode(random, sizeof(random), pool);
    millis = apr_psprintf(pool, "%" APR_INT64_T_FMT,
                          (apr_int64_t)apr_time_as_msec(life));
    for (int i = 0; i < lease->count; i++) {
        const char *key = key_of(lease, i, skey, pool);

        command[2 * i] =
            pwl_redis_command("SET", key, word, "NX", "PX", millis, NULL);
        command[2 * i + 1] = pwl_redis_command("GET", key, NULL);
    }
    res = pwl_redis_do(lease->redis, command, 2 * lease->count, answer, pool);
    if (res.why != PWL_OK)
        return res;
    for (int i = 0; i < lease->count; i++) {
        const pwl_redis_answer_t *got = &answer[2 * i + 1];

        mine[i] = got->kind == PWL_REDIS_TEXT && strcmp(got->text, word) == 0;
        count += mine[i];
    }
    if (count < lease->count) {
        drop(lease, skey, mine, pool);
        return reason(PWL_SESSION_LEASED);
    }
    held->end = now + life;
    return res;
}

pwl_result_t pwl_remotelease_give(const pwl_remotelease_t *lease,
                                  const unsigned char *skey, apr_time_t now,
                                  const pwl_remotelease_held_t *held,
                                  apr_pool_t *pool)
{
    static const int all[2] = {1, 1};

    if (now >= held->end - MARGIN)
        return reason(PWL_OK);
    return drop(lease, skey, all, pool);
}
