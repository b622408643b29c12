/* SPDX-License-Identifier: Apache-2.0 */
/* io/remotelease.c with a redis-server of the test's own. */
#include <apr_general.h>
#include <apr_strings.h>

#include "fake_redis.h"
#include "io/remotelease.h"
#include "tap.h"

#define S(n) apr_time_from_sec(n)
#define NOW S(1700000000)

static apr_pool_t *pool;
static fake_redis_t server;
static pwl_redis_t *redis;
static pwl_remotelease_held_t held;

static pwl_remotelease_t *with_keys(int first, int second)
{
    pwl_seal_keys_t keys = {.count = second ? 2 : 1};

    memset(keys.key[0], first, PWL_SEAL_KEY_BYTES);
    memset(keys.key[1], second, PWL_SEAL_KEY_BYTES);
    return pwl_remotelease_make(redis, &keys, "t:", pool);
}

static const unsigned char *key(int n)
{
    unsigned char *skey = apr_pcalloc(pool, PWL_SKEY_BYTES);

    skey[0] = (unsigned char)n;
    return skey;
}

static const char *take(const pwl_remotelease_t *lease, int n,
                        apr_interval_time_t life)
{
    return pwl_reason_word(
        pwl_remotelease_take(lease, key(n), NOW, life, &held, pool).why);
}

static pwl_redis_answer_t tell(const char *a, const char *b)
{
    pwl_redis_command_t command = pwl_redis_command(a, b, NULL);
    pwl_redis_answer_t answer = {0};

    pwl_redis_ask(redis, &command, 1, &answer, pool);
    return answer;
}

static void test_one(void)
{
    const pwl_remotelease_t *here = with_keys(1, 0), *there = with_keys(1, 0);
    pwl_remotelease_held_t mine;
    pwl_redis_answer_t keys;

    tap_str("the first machine has it", take(here, 1, S(30)), "ok");
    mine = held;
    tap_int("until its life is over", mine.end, NOW + S(30));
    tap_str("the second has not", take(there, 1, S(30)), "session-leased");
    tap_int("and holds nothing", held.end, 0);
    tap_str("nor has the first a second time", take(here, 1, S(30)),
            "session-leased");
    tap_str("another session is another matter", take(there, 2, S(30)), "ok");
    keys = tell("KEYS", "*");
    tap_int("S9: Redis holds a key for each", keys.count, 2);
    tap_ok(keys.count && !strncmp(keys.items[0].text, "t:l:", 4),
           "S9: below the prefix");
    tap_ok(keys.count && tell("PTTL", keys.items[0].text).number > 0,
           "and each expires by itself");
    pwl_remotelease_give(there, key(1), NOW, &held, pool);
    pwl_remotelease_give(here, key(1), NOW + S(5), &mine, pool);
    tap_str("given back it is free", take(there, 1, S(30)), "ok");
    mine = held;
    pwl_remotelease_give(there, key(1), NOW + S(29), &mine, pool);
    tap_str("one that may be over is not given back: it may be another's",
            take(here, 1, S(30)), "session-leased");
    tell("FLUSHALL", NULL);
    tap_str("a short one", take(here, 1, apr_time_from_msec(200)), "ok");
    usleep(400 * 1000);
    tap_str("S10: of a machine that died ends by itself", take(there, 1, S(30)),
            "ok");
    tell("FLUSHALL", NULL);
}

static void test_rotation(void)
{
    const pwl_remotelease_t *old = with_keys(1, 0), *both = with_keys(2, 1),
                            *newest = with_keys(2, 0);
    pwl_remotelease_held_t mine;

    take(both, 1, S(30));
    mine = held;
    tap_str("a machine with the old key sees it", take(old, 1, S(30)),
            "session-leased");
    tap_str("so does one with the new key", take(newest, 1, S(30)),
            "session-leased");
    pwl_remotelease_give(both, key(1), NOW, &mine, pool);
    tap_int("given back nothing is left", tell("KEYS", "*").count, 0);
    take(old, 1, S(30));
    tap_str("one with both does not get what one has", take(both, 1, S(30)),
            "session-leased");
    tap_int("and keeps no half of it", tell("KEYS", "*").count, 1);
    tell("FLUSHALL", NULL);
}

static void test_failure(void)
{
    const pwl_remotelease_t *lease = with_keys(1, 0);

    fake_stop(&server);
    tap_str("U9: without Redis nobody has it", take(lease, 1, S(30)),
            "store-failed");
    tap_int("and nothing is held", held.end, 0);
}

int main(void)
{
    pwl_redis_to_t to = {.host = "127.0.0.1",
                         .timeout = apr_time_from_sec(5)};

    apr_initialize();
    apr_pool_create(&pool, NULL);
    server = real_start(0, NULL);
    to.port = server.port;
    redis = pwl_redis_make(&to, 4, pool);
    test_one();
    test_rotation();
    test_failure();
    apr_pool_destroy(pool);
    return tap_done();
}
