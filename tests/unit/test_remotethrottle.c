/* SPDX-License-Identifier: Apache-2.0 */
/*
 * io/remotethrottle.c with a redis-server of the test's own: one bucket for
 * many machines, however many ask at once.
 */
#include "io/remotethrottle.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <pthread.h>

#include "fake_redis.h"
#include "tap.h"

#define S(n) apr_time_from_sec(n)
#define MS(n) apr_time_from_msec(n)
#define THREADS 16

static apr_pool_t *pool;
static fake_redis_t server;
static pwl_redis_t *redis;

static const pwl_throttle_limit_t five = {5, S(900)}, seven = {7, S(900)};

static pwl_redis_t *to(int port)
{
    pwl_redis_to_t to = {.host = "127.0.0.1", .port = port, .timeout = S(5)};

    return pwl_redis_make(&to, 4, pool);
}

static pwl_remotethrottle_t *with_keys(int first, int second)
{
    pwl_seal_keys_t keys = {.count = second ? 2 : 1};

    memset(keys.key[0], first, PWL_SEAL_KEY_BYTES);
    memset(keys.key[1], second, PWL_SEAL_KEY_BYTES);
    return pwl_remotethrottle_make(redis, &keys, "t:", pool);
}

static pwl_redis_answer_t tell(const char *a, const char *b)
{
    pwl_redis_command_t command = pwl_redis_command(a, b, NULL);
    pwl_redis_answer_t answer = {0};

    pwl_redis_ask(redis, &command, 1, &answer, pool);
    return answer;
}

static pwl_throttle_told_t take_all(const pwl_remotethrottle_t *throttle,
                                    const pwl_throttle_ask_t *ask)
{
    pwl_throttle_told_t told = {.which = -7};

    if (pwl_remotethrottle_take(throttle, ask, 0, &told, pool).why != PWL_OK)
        told.which = -9;
    return told;
}

static pwl_throttle_told_t take(const pwl_remotethrottle_t *throttle,
                                const char *name,
                                const pwl_throttle_limit_t *limit)
{
    pwl_throttle_ask_t ask = {.count = 1, .bucket = {{.name = name}}};

    ask.bucket[0].limit = *limit;
    return take_all(throttle, &ask);
}

static int near(apr_interval_time_t wait, apr_interval_time_t wanted)
{
    return wait <= wanted && wait > wanted - S(5);
}

static void test_bucket(void)
{
    const pwl_remotethrottle_t *here = with_keys(1, 0),
                               *there = with_keys(1, 0);
    static const pwl_throttle_limit_t quick = {2, S(2)};
    pwl_throttle_told_t told = {0};
    pwl_redis_answer_t keys;
    int taken = 0;

    while (taken < 9 && take(taken % 2 ? here : there, "a", &five).which == -1)
        taken++;
    tap_int("L19: two machines: five at once, not six", taken, 5);
    told = take(here, "a", &five);
    tap_int("L19: the first bucket says no", told.which, 0);
    tap_ok(near(told.wait, S(180)), "L19: and how long");
    tap_int("another bucket is another matter", take(there, "b", &five).which,
            -1);
    keys = tell("KEYS", "*");
    tap_int("a key for each", keys.count, 2);
    tap_ok(keys.count == 2 && !strncmp(keys.items[0].text, "t:t:", 4) &&
               !strchr(keys.items[0].text + 4, 'a' - 'a' + ':'),
           "S9: below the prefix, named by a digest");
    for (int i = 0; i < keys.count; i++) {
        long long left = tell("PTTL", keys.items[i].text).number;

        tap_ok(left > 0 && left <= 900000, "each expires when it is empty");
    }
    tell("FLUSHALL", NULL);

    take(here, "c", &quick);
    take(here, "c", &quick);
    told = take(here, "c", &quick);
    tap_ok(told.which == 0 && told.wait > 0 && told.wait <= S(1),
           "L19: a short one is full");
    usleep((useconds_t)told.wait + 2000);
    tap_int("L19: the wait is true", take(here, "c", &quick).which, -1);
    usleep(2100 * 1000);
    tap_int("an empty bucket is no key", tell("DBSIZE", NULL).number, 0);
}

static void test_all_or_none(void)
{
    const pwl_remotethrottle_t *here = with_keys(1, 0);
    pwl_throttle_ask_t ask = {.count = 3,
                              .bucket = {{.name = "x", .limit = seven},
                                         {.name = "off"},
                                         {.name = "y", .limit = five}}};
    pwl_throttle_told_t told;
    int i;

    for (i = 0; i < 5; i++)
        take_all(here, &ask);
    told = take_all(here, &ask);
    tap_int("L19: the third says no, one without a limit counted in",
            told.which, 2);
    for (i = 0; i < 9 && take(here, "x", &seven).which == -1;)
        i++;
    tap_int("L19: and nothing was taken from the first", i, 2);
    tap_int("what has no limit leaves nothing behind",
            tell("DBSIZE", NULL).number, 2);
    ask.bucket[2].look = 1;
    ask.bucket[0].name = "z";
    tap_int("looking finds it full, too", take_all(here, &ask).which, 2);
    ask.bucket[2].name = "w";
    for (i = 0; i < 7; i++)
        tap_int("looking takes none", take_all(here, &ask).which, -1);
    tell("FLUSHALL", NULL);
}

static void test_known(void)
{
    const pwl_remotethrottle_t *here = with_keys(1, 0),
                               *there = with_keys(1, 0);
    static const pwl_throttle_limit_t one = {1, S(900)};
    pwl_throttle_ask_t ask = {
        .count = 1, .bucket = {{.name = "n", .own = "o", .limit = one}}};
    pwl_throttle_told_t told;

    ask.known = "ann from here";
    told = take_all(here, &ask);
    tap_ok(told.which == -1 && !told.known, "not known: the bucket of all");
    tap_int("which is full", take_all(there, &ask).which, 0);
    pwl_remotethrottle_remember(here, "ann from here", S(60), pool);
    told = take_all(there, &ask);
    tap_ok(told.which == -1 && told.known,
           "L19: known, to another machine as well: a bucket of its own");
    told = take_all(here, &ask);
    tap_ok(told.which == 0 && told.known, "which has an end, too");
    ask.known = "ann from there";
    tap_int("another place is not known", take_all(here, &ask).known, 0);
    pwl_remotethrottle_remember(here, "ann from there", MS(50), pool);
    usleep(100 * 1000);
    tap_int("nor one for ever", take_all(here, &ask).known, 0);
    tell("FLUSHALL", NULL);
}

/* What a clock that was ahead, or a longer period, has left behind. */
static void test_clock(void)
{
    static const pwl_throttle_limit_t week = {1, S(7 * 86400)},
                                      quick = {2, S(2)};
    const pwl_remotethrottle_t *here = with_keys(2, 1);
    pwl_throttle_ask_t ask = {.count = 1, .bucket = {{.name = "j"}}};
    pwl_throttle_told_t told;

    ask.bucket[0].limit = quick;
    for (int look = 0; look < 2; look++) {
        ask.bucket[0].look = look;
        take(here, "j", &week);
        told = take_all(here, &ask);
        tap_ok(told.which == 0 && told.wait == S(1), "further ahead: full");
        usleep((useconds_t)told.wait + 2000);
        tap_int("and not for longer than it says", take_all(here, &ask).which,
                -1);
        tell("FLUSHALL", NULL);
    }
}

static void test_give_back(void)
{
    const pwl_remotethrottle_t *here = with_keys(2, 1);
    const pwl_throttle_bucket_t bucket = {.name = "g", .limit = five};
    pwl_throttle_told_t told, early;
    int i;

    early = take(here, "g", &five);
    for (i = 1; i < 5; i++)
        told = take(here, "g", &five);
    pwl_remotethrottle_give_back(here, &bucket, &told, pool);
    tap_int("what is given back can be taken", take(here, "g", &five).which,
            -1);
    tap_int("once", take(here, "g", &five).which, 0);
    for (i = 0; i < 9; i++)
        pwl_remotethrottle_give_back(here, &bucket, &early, pool);
    tap_int("all of it: no key is left", tell("DBSIZE", NULL).number, 0);
    for (i = 0; i < 5; i++)
        take(here, "g", &five);
    pwl_remotethrottle_give_back(here, &bucket, &told, pool);
    tap_int("L19: what was taken before is no part of a younger bucket",
            take(here, "g", &five).which, 0);
    tell("FLUSHALL", NULL);
}

static void test_rotation(void)
{
    const pwl_remotethrottle_t *old = with_keys(1, 0), *both = with_keys(2, 1),
                               *newest = with_keys(2, 0);
    int i;

    for (i = 0; i < 3; i++)
        take(old, "r", &five);
    take(both, "r", &five);
    tap_int("what the old key's machine took counts",
            take(both, "r", &five).which, -1);
    tap_int("five are gone: for both", take(both, "r", &five).which, 0);
    tap_int("for old", take(old, "r", &five).which, 0);
    tap_int("for new", take(newest, "r", &five).which, 0);
    tell("FLUSHALL", NULL);
}

typedef struct {
    const pwl_remotethrottle_t *throttle;
    int taken;
} thief_t;

static void *steal(void *data)
{
    thief_t *thief = data;
    pwl_throttle_ask_t ask = {.count = 1,
                              .bucket = {{.name = "t", .limit = seven}}};
    pwl_throttle_told_t told;
    apr_pool_t *own;

    apr_pool_create(&own, NULL);
    for (int i = 0; i < 5; i++) {
        if (pwl_remotethrottle_take(thief->throttle, &ask, 0, &told, own).why ==
                PWL_OK &&
            told.which == -1)
            thief->taken++;
    }
    apr_pool_destroy(own);
    return NULL;
}

static void test_at_once(void)
{
    pwl_remotethrottle_t *machine[2];
    pthread_t thread[THREADS];
    thief_t thief[THREADS];
    int taken = 0;

    for (int i = 0; i < 2; i++) {
        redis = to(server.port);
        machine[i] = with_keys(1, 0);
    }
    for (int i = 0; i < THREADS; i++) {
        thief[i] = (thief_t){machine[i % 2], 0};
        pthread_create(&thread[i], NULL, steal, &thief[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(thread[i], NULL);
        taken += thief[i].taken;
    }
    tap_int("L19: eighty at once from two machines: seven", taken, 7);
}

/* Between us and Redis: each connection is passed on, but the second command
 * of the first one is heard by Redis alone, and the connection closed. */
static void pass_on(int client, int is_first)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((unsigned short)server.port)};
    int redis_fd = socket(AF_INET, SOCK_STREAM, 0);
    char bytes[65536];
    ssize_t len;

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(redis_fd, (void *)&at, sizeof(at)))
        _exit(1);
    for (int nth = 1; (len = read(client, bytes, sizeof(bytes))) > 0; nth++) {
        if (write(redis_fd, bytes, (size_t)len) != len)
            _exit(1);
        len = read(redis_fd, bytes, sizeof(bytes));
        if (len <= 0 || (is_first && nth == 2) ||
            write(client, bytes, (size_t)len) != len)
            return;
    }
}

static fake_redis_t proxy_start(void)
{
    fake_redis_t proxy;
    int listening = fake_listen(&proxy.port);

    fflush(stdout);
    proxy.pid = fork();
    if (proxy.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (int nth = 1;; nth++) {
            int client = accept(listening, NULL, NULL);

            pass_on(client, nth == 1);
            close(client);
        }
    }
    close(listening);
    return proxy;
}

static void test_twice(void)
{
    fake_redis_t proxy = proxy_start();
    int taken = 0;

    redis = to(proxy.port);
    take(with_keys(1, 0), "twice", &five);
    tap_int("an answer that is lost: asked again",
            take(with_keys(1, 0), "twice", &five).which, -1);
    redis = to(server.port);
    while (taken < 9 && take(with_keys(1, 0), "twice", &five).which == -1)
        taken++;
    tap_int("L19: and counted once", taken, 3);
    fake_stop(&proxy);
}

/* What a server that is none of ours may answer. */
static void test_answers(void)
{
    static const struct {
        const char *what, *bytes;
    } cases[] = {
        {"an error", "-NOPERM this user has no permissions\r\n"},
        {"a status", "+OK\r\n"},
        {"nothing", "$-1\r\n"},
        {"a list too short", "*3\r\n:0\r\n:0\r\n:0\r\n"},
        {"words", "*4\r\n$1\r\n0\r\n:0\r\n:0\r\n:7\r\n"},
        {"no and no wait", "*4\r\n:1\r\n:0\r\n:0\r\n:7\r\n"},
        {"yes and a wait", "*4\r\n:0\r\n:9\r\n:0\r\n:7\r\n"},
        {"a bucket nobody asked for", "*4\r\n:2\r\n:9\r\n:0\r\n:7\r\n"},
        {"a wait below nothing", "*4\r\n:1\r\n:-9\r\n:0\r\n:7\r\n"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fake_script_t script = {.bytes = cases[i].bytes};
        fake_redis_t fake = fake_start(&script);

        redis = to(fake.port);
        tap_int(cases[i].what, take(with_keys(1, 0), "a", &five).which, -9);
        fake_stop(&fake);
    }
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    server = real_start(0, NULL);
    redis = to(server.port);
    test_bucket();
    test_all_or_none();
    test_known();
    test_clock();
    test_give_back();
    test_rotation();
    test_at_once();
    test_twice();
    fake_stop(&server);
    tap_int("U9: no Redis: nobody knows",
            take(with_keys(1, 0), "a", &five).which, -9);
    test_answers();
    apr_pool_destroy(pool);
    return tap_done();
}
