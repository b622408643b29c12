/* SPDX-License-Identifier: Apache-2.0 */
#include "io/remotelogout.h"

#include <apr_strings.h>

#include "core/logouttoken.h"
#include "io/remoteclaim.h"
#include "io/remotename.h"

#define KEYS 2 /* asked for at once */

/* KEYS: the names of one thing. ARGV: a time in seconds; how long to keep it.
 * Of two times the later stays, whichever comes first. */
static const char tell_script[] =
    "for _, key in ipairs(KEYS) do\n"
    "  local had = tonumber(redis.call('GET', key) or '') or -1\n"
    "  if tonumber(ARGV[1]) > had then\n"
    "    redis.call('SET', key, ARGV[1], 'PX', ARGV[2])\n"
    "  end\n"
    "end\n"
    "return 1\n";

struct pwl_remotelogout_t {
    pwl_redis_t *redis;
    const char *prefix;
    const pwl_remotename_t *names;
};

pwl_remotelogout_t *pwl_remotelogout_make(pwl_redis_t *redis,
                                          const pwl_seal_keys_t *keys,
                                          const char *prefix, apr_pool_t *pool)
{
    pwl_remotelogout_t *logout = apr_pcalloc(pool, sizeof(*logout));

    logout->redis = redis;
    logout->prefix = prefix;
    logout->names = pwl_remotename_make(keys, "redis-logouts", prefix, pool);
    return logout->names ? logout : NULL;
}

static const char *name_of(const pwl_remotelogout_t *logout, int which,
                           const unsigned char *key, apr_pool_t *pool)
{
    return apr_pstrcat(pool, logout->prefix, "o:",
                       pwl_remotename_of(logout->names, which, "logout", key,
                                         PWL_LOGOUTTOKEN_KEY_BYTES, pool),
                       NULL);
}

pwl_result_t pwl_remotelogout_once(const pwl_remotelogout_t *logout,
                                   const unsigned char *key,
                                   apr_interval_time_t life, apr_pool_t *pool)
{
    const char *names[PWL_REMOTENAME_MAX];
    int mine[PWL_REMOTENAME_MAX];
    int count = pwl_remotename_count(logout->names);
    pwl_result_t res;

    for (int i = 0; i < count; i++)
        names[i] = name_of(logout, i, key, pool);
    res = pwl_remoteclaim_take(logout->redis, names, count, life, mine, pool);
    for (int i = 0; i < count && res.why == PWL_OK; i++) {
        if (!mine[i])
            res.why = PWL_LOGOUT_REPLAY;
    }
    return res;
}

pwl_result_t pwl_remotelogout_tell(const pwl_remotelogout_t *logout,
                                   const unsigned char *key, apr_time_t issued,
                                   apr_interval_time_t life, apr_pool_t *pool)
{
    const char *seconds =
        apr_psprintf(pool, "%" APR_INT64_T_FMT, apr_time_sec(issued));
    int count = pwl_remotename_count(logout->names);
    pwl_redis_command_t command =
        pwl_redis_command("EVAL", tell_script, apr_itoa(pool, count), NULL);
    pwl_redis_answer_t answer;

    for (int i = 0; i < count; i++)
        pwl_redis_add(&command, name_of(logout, i, key, pool), 0);
    pwl_redis_add(&command, seconds, 0);
    pwl_redis_add(&command, pwl_redis_millis(life, pool), 0);
    return pwl_redis_do(logout->redis, &command, 1, &answer, pool);
}

/* Seconds; more than any clock has, as somebody else may have written, is as
 * late as can be. */
static apr_time_t time_in(const char *text)
{
    const apr_int64_t max = APR_INT64_MAX / APR_USEC_PER_SEC;
    apr_int64_t seconds = apr_atoi64(text);

    return seconds < 0 ? 0 : apr_time_from_sec(seconds < max ? seconds : max);
}

pwl_result_t pwl_remotelogout_asked(const pwl_remotelogout_t *logout,
                                    const unsigned char *const *keys, int count,
                                    apr_time_t *since, apr_pool_t *pool)
{
    pwl_redis_command_t command[PWL_REMOTENAME_MAX * KEYS] = {{.count = 0}};
    pwl_redis_answer_t answer[PWL_REMOTENAME_MAX * KEYS];
    int n = 0, names = pwl_remotename_count(logout->names);
    pwl_result_t res;

    for (int k = 0; k < count; k++) {
        since[k] = 0;
        for (int i = 0; i < names; i++)
            command[n++] = pwl_redis_command(
                "GET", name_of(logout, i, keys[k], pool), NULL);
    }
    res = pwl_redis_do(logout->redis, command, n, answer, pool);
    for (int i = 0; i < n && res.why == PWL_OK; i++) {
        apr_time_t *one = &since[i / names];
        apr_time_t told =
            answer[i].kind == PWL_REDIS_TEXT ? time_in(answer[i].text) : 0;

        if (told > *one)
            *one = told;
    }
    return res;
}
