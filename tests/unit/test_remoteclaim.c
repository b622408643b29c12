/* SPDX-License-Identifier: Apache-2.0 */
/* io/remoteclaim.c with a redis-server of the test's own. */
#include "io/remoteclaim.h"

#include <apr_general.h>

#include "fake_redis.h"
#include "tap.h"

#define LIFE apr_time_from_sec(60)

static apr_pool_t *pool;
static pwl_redis_t *redis;

static const char *claim(const char *a, const char *b, apr_interval_time_t life,
                         int *mine)
{
    const char *keys[] = {a, b};

    mine[0] = mine[1] = 7;
    return pwl_reason_word(
        pwl_remoteclaim_take(redis, keys, b ? 2 : 1, life, mine, pool).why);
}

static pwl_redis_answer_t tell(const char *a, const char *b)
{
    pwl_redis_command_t command = pwl_redis_command(a, b, NULL);
    pwl_redis_answer_t answer = {0};

    pwl_redis_ask(redis, &command, 1, &answer, pool);
    return answer;
}

static pwl_redis_t *to(int port)
{
    pwl_redis_to_t to = {
        .host = "127.0.0.1", .port = port, .timeout = apr_time_from_sec(5)};

    return pwl_redis_make(&to, 4, pool);
}

/* Kept connections that die: the second sending finds what the first wrote. */
static void test_twice(int port)
{
    static const fake_script_t script = {.bytes = "$-1\r\n+mine\r\n"};
    fake_redis_t fake = fake_start(&script);
    pwl_redis_t *real = redis;
    int mine[2];

    redis = to(fake.port);
    tap_str("SET said no", claim("k", NULL, LIFE, mine), "ok");
    tap_int("what GET says counts: somebody else's word", mine[0], 0);
    fake_stop(&fake);
    redis = real;
    (void)port;
}

int main(void)
{
    fake_redis_t server;
    int mine[2];

    apr_initialize();
    apr_pool_create(&pool, NULL);
    server = real_start(0, NULL);
    redis = to(server.port);

    tap_str("asked", claim("a", "b", LIFE, mine), "ok");
    tap_ok(mine[0] == 1 && mine[1] == 1, "whoever comes first has both");
    tap_ok(tell("PTTL", "a").number > 0 && tell("PTTL", "b").number <= 60000,
           "each expires by itself");
    tap_str("asked again", claim("b", "c", LIFE, mine), "ok");
    tap_ok(mine[0] == 0 && mine[1] == 1, "one is taken, the other was free");
    tap_str("a short one", claim("d", NULL, 1, mine), "ok");
    usleep(50 * 1000);
    tap_str("is over", claim("d", NULL, LIFE, mine), "ok");
    tap_int("and another's", mine[0], 1);
    test_twice(server.port);
    fake_stop(&server);
    tap_str("U9: no Redis", claim("a", "b", LIFE, mine), "store-failed");
    tap_ok(mine[0] == 0 && mine[1] == 0, "U9: nobody has anything");
    apr_pool_destroy(pool);
    return tap_done();
}
