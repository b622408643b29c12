/* SPDX-License-Identifier: Apache-2.0 */
/* io/remotelogout.c with a redis-server of the test's own. */
#include <apr_general.h>
#include <apr_strings.h>

#include "core/logouttoken.h"
#include "fake_redis.h"
#include "io/remotelogout.h"
#include "tap.h"

#define S(n) apr_time_from_sec(n)
#define LIFE S(300)
#define ISSUED S(1700000000)

static apr_pool_t *pool;
static fake_redis_t server;
static pwl_redis_t *redis;

static pwl_remotelogout_t *with_keys(int first, int second)
{
    pwl_seal_keys_t keys = {.count = second ? 2 : 1};

    memset(keys.key[0], first, PWL_SEAL_KEY_BYTES);
    memset(keys.key[1], second, PWL_SEAL_KEY_BYTES);
    return pwl_remotelogout_make(redis, &keys, "t:", pool);
}

static const unsigned char *key(int n)
{
    unsigned char *made = apr_pcalloc(pool, PWL_LOGOUTTOKEN_KEY_BYTES);

    made[0] = (unsigned char)n;
    return made;
}

static const char *once(const pwl_remotelogout_t *logout, int n,
                        apr_interval_time_t life)
{
    return pwl_reason_word(
        pwl_remotelogout_once(logout, key(n), life, pool).why);
}

static apr_time_t asked(const pwl_remotelogout_t *logout, int one, int other,
                        int which)
{
    const unsigned char *const keys[] = {key(one), key(other)};
    apr_time_t since[2] = {-1, -1};

    pwl_remotelogout_asked(logout, keys, 2, since, pool);
    return since[which];
}

static pwl_redis_answer_t tell(const char *a, const char *b)
{
    pwl_redis_command_t command = pwl_redis_command(a, b, NULL);
    pwl_redis_answer_t answer = {0};

    pwl_redis_ask(redis, &command, 1, &answer, pool);
    return answer;
}

static void test_once(void)
{
    const pwl_remotelogout_t *here = with_keys(1, 0), *there = with_keys(1, 0);
    pwl_redis_answer_t keys;

    tap_str("O20: the first time", once(here, 1, LIFE), "ok");
    tap_str("O20: jti twice, at another machine", once(there, 1, LIFE),
            "logout-replay");
    tap_str("O20: and at the same", once(here, 1, LIFE), "logout-replay");
    tap_str("another jti", once(there, 2, LIFE), "ok");
    keys = tell("KEYS", "*");
    tap_int("S9: Redis holds a key for each", keys.count, 2);
    tap_ok(keys.count && !strncmp(keys.items[0].text, "t:o:", 4),
           "S9: below the prefix");
    tap_ok(keys.count && tell("PTTL", keys.items[0].text).number > 0,
           "and each expires by itself");
    tell("FLUSHALL", NULL);
    tap_str("a short one", once(here, 1, apr_time_from_msec(100)), "ok");
    usleep(300 * 1000);
    tap_str("is forgotten", once(here, 1, LIFE), "ok");
    tell("FLUSHALL", NULL);
}

static void test_tell(void)
{
    const pwl_remotelogout_t *here = with_keys(1, 0), *there = with_keys(1, 0);

    tap_int("nothing was told", asked(there, 1, 2, 0), 0);
    pwl_remotelogout_tell(here, key(1), ISSUED, LIFE, pool);
    tap_int("told on one machine, known on another", asked(there, 1, 2, 0),
            ISSUED);
    tap_int("and nothing of another name", asked(there, 1, 2, 1), 0);
    pwl_remotelogout_tell(there, key(2), ISSUED + S(1), LIFE, pool);
    tap_int("of that its own", asked(here, 1, 2, 1), ISSUED + S(1));
    pwl_remotelogout_tell(here, key(1), ISSUED + S(5), LIFE, pool);
    tap_int("the last word counts", asked(there, 1, 2, 0), ISSUED + S(5));
    pwl_remotelogout_tell(there, key(1), ISSUED + S(3), LIFE, pool);
    tap_int("and one that was under way for longer does not",
            asked(here, 1, 2, 0), ISSUED + S(5));
    tell("FLUSHALL", NULL);
}

static void test_rotation(void)
{
    const pwl_remotelogout_t *old = with_keys(1, 0), *both = with_keys(2, 1),
                             *newest = with_keys(2, 0);

    once(both, 1, LIFE);
    tap_str("O20: a machine with the old key knows it", once(old, 1, LIFE),
            "logout-replay");
    tap_str("O20: so does one with the new key", once(newest, 1, LIFE),
            "logout-replay");
    once(old, 2, LIFE);
    tap_str("O20: one with both knows what one does", once(both, 2, LIFE),
            "logout-replay");
    pwl_remotelogout_tell(old, key(3), ISSUED, LIFE, pool);
    tap_int("what is told goes from old to both", asked(both, 3, 4, 0), ISSUED);
    pwl_remotelogout_tell(both, key(4), ISSUED, LIFE, pool);
    tap_int("and from both to old", asked(old, 3, 4, 1), ISSUED);
    tap_int("and to new", asked(newest, 3, 4, 1), ISSUED);
}

static void test_failure(void)
{
    const pwl_remotelogout_t *logout = with_keys(1, 0);
    const unsigned char *const keys[] = {key(1)};
    apr_time_t since;

    fake_stop(&server);
    tap_str("U9: without Redis none counts", once(logout, 9, LIFE),
            "store-failed");
    tap_str("and nobody is told",
            pwl_reason_word(
                pwl_remotelogout_tell(logout, key(1), ISSUED, LIFE, pool).why),
            "store-failed");
    tap_str("nor knows",
            pwl_reason_word(
                pwl_remotelogout_asked(logout, keys, 1, &since, pool).why),
            "store-failed");
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
    test_once();
    test_tell();
    test_rotation();
    test_failure();
    apr_pool_destroy(pool);
    return tap_done();
}
