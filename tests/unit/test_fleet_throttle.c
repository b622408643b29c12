/* SPDX-License-Identifier: Apache-2.0 */
/*
 * io/fleet_throttle.c: counted on this machine alone, and by two machines with
 * a redis-server of the test's own, which goes away.
 */
#include "io/fleet_throttle.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "fake_redis.h"
#include "fleet_fixture.h"
#include "tap.h"

static const unsigned char key[PWL_SEAL_KEY_BYTES] = "a key";
static const pwl_throttle_limit_t four = {4, S(900)}, two = {2, S(900)};

static pwl_fleet_t *machine(int port)
{
    apr_size_t bytes = pwl_throttles_bytes(64);
    pwl_throttles_t *counts, *known;
    pwl_fleet_t *fleet;

    if (pwl_throttles_format(shared(bytes), bytes, &counts, pool).why !=
            PWL_OK ||
        pwl_throttles_format(shared(bytes), bytes, &known, pool).why != PWL_OK)
        abort();
    fleet = fleet_of(port);
    pwl_fleet_keep_throttles(fleet, counts, known, key);
    return fleet;
}

static pwl_throttle_ask_t asks(const char *name,
                               const pwl_throttle_limit_t *limit)
{
    pwl_throttle_ask_t ask = {.count = 1, .bucket = {{.name = name}}};

    ask.bucket[0].limit = *limit;
    return ask;
}

static int take(pwl_fleet_t *fleet, const pwl_throttle_ask_t *ask,
                apr_time_t now, pwl_throttle_told_t *told)
{
    return pwl_fleet_throttle_take(fleet, ask, now, told, pool).why == PWL_OK
               ? told->which
               : -9;
}

/* How many can be taken, nine at most. */
static int left(pwl_fleet_t *fleet, const pwl_throttle_ask_t *ask,
                apr_time_t now)
{
    pwl_throttle_told_t told;
    int taken = 0;

    while (taken < 9 && take(fleet, ask, now, &told) == -1)
        taken++;
    return taken;
}

/* What holds with Redis and without. */
static void test_common(const char *where, pwl_fleet_t *fleet)
{
    pwl_throttle_ask_t both = asks("a", &four), first = asks("a", &four);
    pwl_throttle_ask_t own = asks("k", &two);
    pwl_throttle_told_t told;

    tap_ok(1, where);
    both.count = 3;
    both.bucket[1].name = "b";
    both.bucket[1].limit = two;
    both.bucket[2] =
        (pwl_throttle_bucket_t){.name = "c", .limit = four, .look = 1};
    tap_int("two of three buckets", left(fleet, &both, NOW), 2);
    tap_int("the second said no", take(fleet, &both, NOW, &told), 1);
    tap_ok(told.wait > S(440) && told.wait <= S(450), "and for how long");
    tap_int("the first was not taken from in vain", left(fleet, &first, NOW),
            2);
    first.bucket[0].name = "c";
    tap_int("a bucket that was looked at is full still",
            left(fleet, &first, NOW), 4);
    both.bucket[0].name = "a2";
    both.bucket[1].name = "b2";
    tap_int("and says no when it is empty", take(fleet, &both, NOW, &told), 2);

    own.known = "who";
    own.bucket[0].own = "k of who";
    tap_int("not known", left(fleet, &own, NOW), 2);
    pwl_fleet_throttle_remember(fleet, "who", S(60), NOW, pool);
    tap_int("known: a bucket of its own", take(fleet, &own, NOW, &told), -1);
    tap_int("which is told", told.known, 1);
    pwl_fleet_throttle_give_back(fleet, &own, &told, NOW, pool);
    tap_int("and given back to", left(fleet, &own, NOW), 2);
}

/* Who is known is so for weeks, longer than any bucket takes to empty. */
static void test_crowd(void)
{
    pwl_fleet_t *fleet = machine(0);
    pwl_throttle_ask_t ask = asks("o", &four);
    pwl_throttle_told_t told;

    for (int i = 0; i < 1000; i++)
        pwl_fleet_throttle_remember(fleet, apr_itoa(pool, i), S(30 * 86400),
                                    NOW, pool);
    tap_int("a thousand people have signed in: four of four",
            left(fleet, &ask, NOW), 4);
    for (int i = 0; i < 200; i++) {
        pwl_throttle_ask_t other = asks(apr_itoa(pool, i), &four);

        take(fleet, &other, NOW, &told);
    }
    tap_int("D12: and they make nobody forget that these were taken",
            left(fleet, &ask, NOW), 0);
}

static void test_outage(void)
{
    fake_redis_t server = real_start(0, NULL);
    pwl_fleet_t *one = machine(server.port), *other = machine(server.port);
    pwl_throttle_ask_t ask = asks("o", &four);
    pwl_throttle_told_t told, last;
    apr_time_t began;

    take(one, &ask, NOW, &told);
    take(one, &ask, NOW, &told);
    take(other, &ask, NOW, &told);
    tap_int("L19: asked of Redis", told.here, 0);
    kill(server.pid, SIGSTOP);
    began = apr_time_now();
    tap_int("L19: Redis hangs: this machine counts",
            take(one, &ask, NOW, &last), -1);
    tap_int("L19: alone", last.here, 1);
    tap_ok(apr_time_now() - began < 2 * TIMEOUT, "U9: after one timeout");
    began = apr_time_now();
    tap_int("L19: and knows what it took before: the last of four",
            left(one, &ask, NOW), 1);
    tap_ok(apr_time_now() - began < TIMEOUT, "U9: without a second one");
    tap_int("L19: never open", take(one, &ask, NOW, &told), 0);
    tap_int("L19: the other machine has what it did not take",
            left(other, &ask, NOW), 3);
    pwl_fleet_throttle_give_back(one, &ask, &told, NOW, pool);
    tap_int("what was refused is not given back", left(one, &ask, NOW), 0);
    pwl_fleet_throttle_give_back(one, &ask, &last, NOW, pool);
    tap_int("what was counted here is given back here", left(one, &ask, NOW),
            1);
    kill(server.pid, SIGCONT);
    take(other, &ask, NOW + S(60), &told);
    tap_int("L19: Redis is back, and counts for all machines", told.here, 0);
    fake_stop(&server);
}

/* What stands in Redis, or did. */
static pwl_redis_answer_t tell(int port, const char *a, const char *b)
{
    pwl_redis_to_t to = {.host = "127.0.0.1", .port = port, .timeout = TIMEOUT};
    pwl_redis_command_t command = pwl_redis_command(a, b, NULL);
    pwl_redis_answer_t answer = {0};

    pwl_redis_ask(pwl_redis_make(&to, 1, pool), &command, 1, &answer, pool);
    return answer;
}

/* A Redis that comes back empty, while a code is being checked. */
static void test_emptied(void)
{
    fake_redis_t server = real_start(0, NULL);
    pwl_fleet_t *one = machine(server.port), *other = machine(server.port);
    pwl_throttle_ask_t ask = asks("e", &four);
    pwl_throttle_told_t told;

    take(one, &ask, NOW, &told);
    tell(server.port, "FLUSHALL", NULL);
    tap_int("L19: Redis is emptied: four", left(other, &ask, NOW), 4);
    pwl_fleet_throttle_give_back(one, &ask, &told, NOW, pool);
    tap_int("L19: what it lost is not given back to it", left(other, &ask, NOW),
            0);
    tell(server.port, "FLUSHALL", NULL);
    left(one, &ask, NOW);
    tell(server.port, "FLUSHALL", NULL);
    tap_int("L19: a machine that had four of four gets one more of Redis",
            take(one, &ask, NOW, &told), -1);
    pwl_fleet_throttle_give_back(one, &ask, &told, NOW, pool);
    kill(server.pid, SIGSTOP);
    tap_int("L19: what it could not note it does not get back",
            left(one, &ask, NOW), 0);
    fake_stop(&server);
}

/* The one key in Redis whose value is 1: somebody who is known. */
static long long known_for(int port)
{
    pwl_redis_answer_t keys = tell(port, "KEYS", "*");

    for (int i = 0; i < keys.count; i++) {
        pwl_redis_answer_t value = tell(port, "GET", keys.items[i].text);

        if (value.text && strcmp(value.text, "1") == 0)
            return tell(port, "PTTL", keys.items[i].text).number;
    }
    return 0;
}

/* Who signed in while Redis did not answer, or before it lost its data. */
static void test_known_late(void)
{
    fake_redis_t server = real_start(0, NULL);
    pwl_fleet_t *one = machine(server.port), *other = machine(server.port);
    pwl_throttle_ask_t ask = asks("k", &two), stranger = asks("k", &two);
    pwl_throttle_told_t told;

    ask.known = "who";
    ask.bucket[0].own = "k of who";
    stranger.known = "somebody else";
    stranger.bucket[0].own = "k of somebody else";
    fake_stop(&server);
    pwl_fleet_throttle_remember(one, "who", S(3600), NOW, pool);
    server = real_start(server.port, NULL);
    tap_int("L19: Redis was not told who is known", known_for(server.port), 0);
    tap_int("L19: strangers take all there is",
            left(one, &stranger, NOW + S(60)), 2);
    tap_ok(take(one, &ask, NOW + S(60), &told) == -1 && !told.here &&
               told.known,
           "L12: who is known here is known to Redis");
    tap_ok(take(other, &ask, NOW + S(60), &told) == -1 && told.known,
           "L12: and by it to the other machine");
    tap_ok(known_for(server.port) > 3530000 &&
               known_for(server.port) <= 3540000,
           "L19: for no longer than here");
    tell(server.port, "FLUSHALL", NULL);
    tap_ok(take(one, &ask, NOW + S(60), &told) == -1 && told.known,
           "L12: the same when Redis was emptied");
    tell(server.port, "FLUSHALL", NULL);
    tap_ok(take(one, &ask, NOW + S(3601), &told) == -1 && !told.known,
           "L19: and not when it is over here");
    tap_int("L19: nobody is known to Redis", known_for(server.port), 0);
    fake_stop(&server);
}

/* A server that answers, and will not: no reason to keep sessions waiting. */
static void test_refused(void)
{
    static const fake_script_t script = {
        .bytes = "-NOPERM this user has no permissions to run 'eval'\r\n"};
    fake_redis_t fake = fake_start(&script);
    pwl_fleet_t *fleet = machine(fake.port);
    pwl_throttle_ask_t ask = asks("o", &four);
    pwl_throttle_told_t told;
    const char *detail;

    take(fleet, &ask, NOW, &told);
    tap_ok(told.here && told.detail && strstr(told.detail, "EVAL"),
           "an answer that is an error: counted here, and told why");
    tap_int("and the machine goes on asking",
            pwl_fleet_tidings(fleet, &detail, pool), 0);
    tap_int("never open", left(fleet, &ask, NOW), 3);
    fake_stop(&fake);
}

int main(void)
{
    fake_redis_t server;
    pwl_throttle_ask_t ask = asks("n", &four);
    pwl_throttle_told_t told;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_common("on this machine alone", machine(0));
    test_crowd();
    server = real_start(0, NULL);
    test_common("with Redis", machine(server.port));
    fake_stop(&server);
    test_outage();
    test_emptied();
    test_known_late();
    test_refused();
    tap_int("no place to count: nothing is let through",
            take(pwl_fleet_local(NULL, pool), &ask, NOW, &told), -9);
    apr_pool_destroy(pool);
    return tap_done();
}
