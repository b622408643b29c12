/* SPDX-License-Identifier: Apache-2.0 */
#include "io/remotelease.h"

#include <apr_strings.h>

#include "io/remoteclaim.h"
#include "io/remotename.h"

/* Between the end as we see it and the end as Redis does. */
#define MARGIN apr_time_from_sec(1)

struct pwl_remotelease_t {
    pwl_redis_t *redis;
    const char *prefix;
    const pwl_remotename_t *names;
};

static pwl_result_t reason(pwl_reason_t why)
{
    pwl_result_t res = {why, 0, NULL};

    return res;
}

pwl_remotelease_t *pwl_remotelease_make(pwl_redis_t *redis,
                                        const pwl_seal_keys_t *keys,
                                        const char *prefix, apr_pool_t *pool)
{
    pwl_remotelease_t *lease = apr_pcalloc(pool, sizeof(*lease));

    lease->redis = redis;
    lease->prefix = prefix;
    lease->names = pwl_remotename_make(keys, "redis-leases", prefix, pool);
    return lease->names ? lease : NULL;
}

static const char *key_of(const pwl_remotelease_t *lease, int which,
                          const unsigned char *skey, apr_pool_t *pool)
{
    return apr_pstrcat(pool, lease->prefix, "l:",
                       pwl_remotename_of(lease->names, which, "lease", skey,
                                         PWL_SKEY_BYTES, pool),
                       NULL);
}

static pwl_result_t drop(const pwl_remotelease_t *lease,
                         const unsigned char *skey, const int *mine,
                         apr_pool_t *pool)
{
    pwl_redis_command_t command[PWL_REMOTENAME_MAX];
    pwl_redis_answer_t answer[PWL_REMOTENAME_MAX];
    int n = 0;

    for (int i = 0; i < pwl_remotename_count(lease->names); i++) {
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
    const char *keys[PWL_REMOTENAME_MAX];
    int mine[PWL_REMOTENAME_MAX], held_of = 0;
    int count = pwl_remotename_count(lease->names);
    pwl_result_t res;

    held->end = 0;
    for (int i = 0; i < count; i++)
        keys[i] = key_of(lease, i, skey, pool);
    res = pwl_remoteclaim_take(lease->redis, keys, count, life, mine, pool);
    if (res.why != PWL_OK)
        return res;
    for (int i = 0; i < count; i++)
        held_of += mine[i];
    if (held_of < count) {
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
    static const int all[PWL_REMOTENAME_MAX] = {1, 1};

    if (now >= held->end - MARGIN)
        return reason(PWL_OK);
    return drop(lease, skey, all, pool);
}
