/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arithmetic is core/throttle.c's, in Lua, since Redis runs nothing else in
 * one piece. Time is Redis's: clocks of machines differ, and would make a
 * bucket as big as they do.
 *
 * Commands may be sent twice (io/redis.h). Who finds its own word in a bucket
 * has taken already, and is told so again.
 */
#include "io/remotethrottle.h"

#include <apr_strings.h>
#include <openssl/rand.h>
#include <string.h>

#include "core/b64.h"
#include "io/remotename.h"

#define WORD_BYTES 16

/* KEYS: the names of who is known, then of each bucket its own and the one for
 * who is known. ARGV: our word; names that each has; "period,step,look;" of
 * each bucket; for how many milliseconds somebody is known to us. Answers which
 * bucket said no, counted from 1, or 0; the wait; whether somebody is known;
 * its time. */
static const char take_script[] =
    "local word, n = ARGV[1], tonumber(ARGV[2])\n"
    "local t = redis.call('TIME')\n"
    "local now = t[1] * 1000000 + t[2]\n"
    "local known, from, b, write = 0, n, 0, {}\n"
    "local function put(key, at, w, since)\n"
    "  redis.call('SET', key, string.format('%.0f %s %.0f', at, w, since),\n"
    "    'PX', string.format('%.0f', math.ceil((at - now) / 1000)))\n"
    "end\n"
    "for i = 1, n do\n"
    "  if redis.call('EXISTS', KEYS[i]) == 1 then known = 1 end\n"
    "end\n"
    "if known == 0 and ARGV[4] ~= '0' then\n"
    "  known = 1\n"
    "  for i = 1, n do redis.call('SET', KEYS[i], '1', 'PX', ARGV[4]) end\n"
    "end\n"
    "for period, step, look in string.gmatch(ARGV[3], '(%d+),(%d+),(%d);') do\n"
    "  local at, since, keys = now, now, from + known * n\n"
    "  b, from = b + 1, from + 2 * n\n"
    "  for i = 1, n do\n"
    "    local v = redis.call('GET', KEYS[keys + i])\n"
    "    local a, w, s = string.match(v or '', '^(%d+) (%S+) (%d+)$')\n"
    "    if w == word then return {0, 0, known, now} end\n"
    "    a, s = tonumber(a or 0), tonumber(s or now)\n"
    "    if a > now + period then\n"
    "      a = now + period\n"
    "      put(KEYS[keys + i], a, w, s)\n"
    "    end\n"
    "    if a > at then at = a end\n"
    "    if s < since then since = s end\n"
    "  end\n"
    "  at = at + step\n"
    "  if at > now + period then\n"
    "    return {b, at - now - period, known, now}\n"
    "  end\n"
    "  for i = 1, look == '0' and n or 0 do\n"
    "    write[#write + 1] = {KEYS[keys + i], at, word, since}\n"
    "  end\n"
    "end\n"
    "for _, one in ipairs(write) do put(unpack(one)) end\n"
    "return {0, 0, known, now}\n";

/* KEYS: the names of one bucket. ARGV: our word; the step; when we took. */
static const char give_script[] =
    "local t = redis.call('TIME')\n"
    "local now = t[1] * 1000000 + t[2]\n"
    "for _, key in ipairs(KEYS) do\n"
    "  local v = redis.call('GET', key)\n"
    "  local a, w, s = string.match(v or '', '^(%d+) (%S+) (%d+)$')\n"
    "  if a and w ~= ARGV[1] and tonumber(s) <= tonumber(ARGV[3]) then\n"
    "    local at = tonumber(a) - ARGV[2]\n"
    "    if at > now then\n"
    "      redis.call('SET', key,\n"
    "        string.format('%.0f %s %s', at, ARGV[1], s),\n"
    "        'PX', string.format('%.0f', math.ceil((at - now) / 1000)))\n"
    "    else\n"
    "      redis.call('DEL', key)\n"
    "    end\n"
    "  end\n"
    "end\n"
    "return 1\n";

_Static_assert(3 + PWL_REMOTENAME_MAX * (1 + 2 * PWL_THROTTLE_KINDS) + 4 <=
                   PWL_REDIS_ARGS_MAX,
               "EVAL, script, count; all names; four more: as many as fit");

struct pwl_remotethrottle_t {
    pwl_redis_t *redis;
    const char *prefix;
    const pwl_remotename_t *names;
};

pwl_remotethrottle_t *pwl_remotethrottle_make(pwl_redis_t *redis,
                                              const pwl_seal_keys_t *keys,
                                              const char *prefix,
                                              apr_pool_t *pool)
{
    pwl_remotethrottle_t *throttle = apr_pcalloc(pool, sizeof(*throttle));

    throttle->redis = redis;
    throttle->prefix = prefix;
    throttle->names =
        pwl_remotename_make(keys, "redis-throttles", prefix, pool);
    return throttle->names ? throttle : NULL;
}

static const char *key_of(const pwl_remotethrottle_t *throttle, int which,
                          const char *name, apr_pool_t *pool)
{
    return apr_pstrcat(pool, throttle->prefix, "t:",
                       pwl_remotename_of(throttle->names, which, "throttle",
                                         name, strlen(name), pool),
                       NULL);
}

static void add_keys(const pwl_remotethrottle_t *throttle, const char *name,
                     pwl_redis_command_t *command, apr_pool_t *pool)
{
    for (int i = 0; i < pwl_remotename_count(throttle->names); i++)
        pwl_redis_add(command, key_of(throttle, i, name, pool), 0);
}

static const char *random_word(apr_pool_t *pool)
{
    unsigned char random[WORD_BYTES];

    return RAND_bytes(random, sizeof(random)) == 1
               ? pwl_b64_encode(random, sizeof(random), pool)
               : NULL;
}

static const char *text_of(apr_int64_t number, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%" APR_INT64_T_FMT, number);
}

/* The keys of all buckets that have a limit. @return their limits as text */
static const char *add_buckets(const pwl_remotethrottle_t *throttle,
                               const pwl_throttle_ask_t *ask,
                               pwl_redis_command_t *command, apr_pool_t *pool)
{
    const char *limits = "";

    for (int i = 0; i < ask->count; i++) {
        const pwl_throttle_bucket_t *one = &ask->bucket[i];

        if (one->limit.count == 0)
            continue;
        add_keys(throttle, one->name, command, pool);
        add_keys(throttle, one->own ? one->own : one->name, command, pool);
        limits = apr_psprintf(
            pool, "%s%" APR_INT64_T_FMT ",%" APR_INT64_T_FMT ",%d;", limits,
            one->limit.period, one->limit.period / one->limit.count,
            one->look != 0);
    }
    return limits;
}

/* The script counts buckets that have a limit, and from 1. */
static int bucket_at(const pwl_throttle_ask_t *ask, long long nth)
{
    for (int i = 0; i < ask->count; i++) {
        if (ask->bucket[i].limit.count != 0 && --nth == 0)
            return i;
    }
    return -1;
}

static pwl_result_t read_answer(const pwl_throttle_ask_t *ask,
                                const pwl_redis_answer_t *answer,
                                pwl_throttle_told_t *told)
{
    pwl_result_t res = {PWL_STORE_FAILED, 0,
                        "Redis did not do what it was told"};

    if (answer->kind != PWL_REDIS_LIST || answer->count != 4)
        return res;
    for (int i = 0; i < 4; i++) {
        if (answer->items[i].kind != PWL_REDIS_NUMBER)
            return res;
    }
    told->which = bucket_at(ask, answer->items[0].number);
    told->wait = answer->items[1].number;
    told->known = answer->items[2].number != 0;
    told->at = answer->items[3].number;
    if ((told->which >= 0) != (told->wait > 0))
        return res;
    res.why = PWL_OK;
    res.detail = NULL;
    return res;
}

pwl_result_t pwl_remotethrottle_take(const pwl_remotethrottle_t *throttle,
                                     const pwl_throttle_ask_t *ask,
                                     apr_interval_time_t known_for,
                                     pwl_throttle_told_t *told,
                                     apr_pool_t *pool)
{
    int names = pwl_remotename_count(throttle->names);
    pwl_redis_command_t command =
        pwl_redis_command("EVAL", take_script, "0", NULL);
    const char *word = random_word(pool);
    pwl_redis_answer_t answer;
    const char *limits;
    pwl_result_t res = {PWL_SEAL_FAILED, 0, NULL};

    if (!word)
        return res;
    /* Nobody is called "". */
    add_keys(throttle, ask->known ? ask->known : "", &command, pool);
    limits = add_buckets(throttle, ask, &command, pool);
    command.arg[2] = text_of(command.count - 3, pool);
    command.len[2] = strlen(command.arg[2]);
    pwl_redis_add(&command, word, 0);
    pwl_redis_add(&command, text_of(names, pool), 0);
    pwl_redis_add(&command, limits, 0);
    pwl_redis_add(&command,
                  known_for > 0 ? pwl_redis_millis(known_for, pool) : "0", 0);
    res = pwl_redis_do(throttle->redis, &command, 1, &answer, pool);
    return res.why == PWL_OK ? read_answer(ask, &answer, told) : res;
}

pwl_result_t pwl_remotethrottle_give_back(const pwl_remotethrottle_t *throttle,
                                          const pwl_throttle_bucket_t *bucket,
                                          const pwl_throttle_told_t *told,
                                          apr_pool_t *pool)
{
    const pwl_throttle_limit_t *limit = &bucket->limit;
    const char *names = text_of(pwl_remotename_count(throttle->names), pool);
    pwl_redis_command_t command =
        pwl_redis_command("EVAL", give_script, names, NULL);
    const char *word = random_word(pool);
    pwl_redis_answer_t answer;
    pwl_result_t res = {PWL_SEAL_FAILED, 0, NULL};

    if (!word)
        return res;
    add_keys(throttle, pwl_throttle_name(bucket, told->known), &command, pool);
    pwl_redis_add(&command, word, 0);
    pwl_redis_add(&command, text_of(limit->period / limit->count, pool), 0);
    pwl_redis_add(&command, text_of(told->at, pool), 0);
    return pwl_redis_do(throttle->redis, &command, 1, &answer, pool);
}

pwl_result_t pwl_remotethrottle_remember(const pwl_remotethrottle_t *throttle,
                                         const char *name,
                                         apr_interval_time_t life,
                                         apr_pool_t *pool)
{
    pwl_redis_command_t command[PWL_REMOTENAME_MAX];
    pwl_redis_answer_t answer[PWL_REMOTENAME_MAX];
    int count = pwl_remotename_count(throttle->names);
    const char *millis = pwl_redis_millis(life, pool);

    for (int i = 0; i < count; i++)
        command[i] = pwl_redis_command("SET", key_of(throttle, i, name, pool),
                                       "1", "PX", millis, NULL);
    return pwl_redis_do(throttle->redis, command, count, answer, pool);
}
