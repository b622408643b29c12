/* SPDX-License-Identifier: Apache-2.0 */
/* Buckets in shared memory: exact among processes, bounded, hard to push out. */
#include "io/throttles.h"

#include <apr_general.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/sha256.h"
#include "tap.h"

#define SEC(n) apr_time_from_sec(n)
#define NOW SEC(1700000000)

static apr_pool_t *pool;
static const pwl_throttle_limit_t ten = {10, SEC(100)};

static pwl_throttles_t *table_of(apr_size_t slots, void **base)
{
    apr_size_t bytes = pwl_throttles_bytes(slots);
    pwl_throttles_t *table;

    *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (*base == MAP_FAILED ||
        pwl_throttles_format(*base, bytes, &table, pool).why != PWL_OK)
        abort();
    return table;
}

static const unsigned char *key_of(int number)
{
    static unsigned char digest[PWL_SHA256_BYTES];

    pwl_sha256(&number, sizeof(number), digest);
    return digest;
}

static int takes(pwl_throttles_t *table, int number, apr_time_t now)
{
    apr_interval_time_t wait;

    return pwl_throttles_take(table, key_of(number), &ten, now, &wait).why ==
               PWL_OK &&
           wait == 0;
}

static void test_table(void)
{
    static const pwl_throttle_limit_t none = {0, 0};
    apr_interval_time_t wait = 7;
    void *base;
    pwl_throttles_t *table = table_of(64, &base);
    int taken = 0;

    while (takes(table, 1, NOW))
        taken++;
    tap_int("L19: as many as there are", taken, 10);
    pwl_throttles_take(table, key_of(1), &ten, NOW, &wait);
    tap_int("L19: with the wait", wait, SEC(10));
    tap_ok(takes(table, 2, NOW), "another bucket is another");
    pwl_throttles_give_back(table, key_of(1), &ten);
    tap_ok(takes(table, 1, NOW) && !takes(table, 1, NOW), "one given back");
    pwl_throttles_take(table, key_of(1), &none, NOW, &wait);
    tap_int("no limit is none", wait, 0);
    pwl_throttles_look(table, key_of(3), &ten, NOW, &wait);
    tap_int("looking: a full bucket", wait, 0);
    tap_ok(!pwl_throttles_knows(table, key_of(3), NOW), "leaves nothing behind");
    pwl_throttles_look(table, key_of(1), &ten, NOW, &wait);
    tap_int("an empty one: the wait", wait, SEC(10));
    pwl_throttles_look(table, key_of(1), &none, NOW, &wait);
    tap_int("no limit is none to look at, too", wait, 0);
    pwl_throttles_give_back(table, key_of(99), &ten);
    tap_ok(takes(table, 99, NOW), "giving back to nobody does no harm");

    pwl_throttles_attach(base, pwl_throttles_bytes(64), &table, pool);
    tap_ok(!takes(table, 1, NOW), "S17: a graceful restart forgets nothing");
    tap_str("another size is refused",
            pwl_reason_word(pwl_throttles_attach(base, pwl_throttles_bytes(128),
                                                 &table, pool)
                                .why),
            "store-failed");
    memset(base, 'x', 8);
    tap_str("another version too",
            pwl_reason_word(
                pwl_throttles_attach(base, pwl_throttles_bytes(64), &table, pool)
                    .why),
            "store-failed");
    tap_str("too little memory",
            pwl_reason_word(pwl_throttles_format(base, 100, &table, pool).why),
            "store-failed");
}

/* Took with the clock ahead by a day, or with a longer period: what is named
 * then is the wait. */
static void test_clock(void)
{
    void *base;
    pwl_throttles_t *table = table_of(64, &base);
    apr_interval_time_t wait;

    takes(table, 1, NOW + SEC(86400));
    tap_ok(!takes(table, 1, NOW), "a clock set back: full");
    tap_ok(takes(table, 1, NOW + SEC(10)), "and not for longer than it says");
    takes(table, 2, NOW + SEC(86400));
    pwl_throttles_look(table, key_of(2), &ten, NOW, &wait);
    tap_int("looked at: full", wait, SEC(10));
    pwl_throttles_look(table, key_of(2), &ten, NOW + SEC(10), &wait);
    tap_int("and not for longer than it says", wait, 0);
}

static void test_known(void)
{
    void *base;
    pwl_throttles_t *table = table_of(64, &base);

    tap_ok(!pwl_throttles_knows(table, key_of(1), NOW), "nobody is known");
    pwl_throttles_remember(table, key_of(1), NOW, NOW + SEC(5));
    tap_ok(pwl_throttles_knows(table, key_of(1), NOW + SEC(4)), "then one is");
    tap_ok(!pwl_throttles_knows(table, key_of(1), NOW + SEC(5)), "until then");
    tap_ok(!pwl_throttles_knows(table, key_of(2), NOW), "and no other");
}

/* A set that is full gives up the bucket with the most room. */
static void test_full(void)
{
    void *base;
    pwl_throttles_t *table = table_of(8, &base);
    int kept = 0;

    while (takes(table, 0, NOW)) /* one bucket is empty */
        ;
    for (int i = 1; i < 1000; i++)
        takes(table, i, NOW);
    tap_ok(!takes(table, 0, NOW),
           "D12: a thousand others do not push out one that is exhausted");
    for (int i = 1; i < 1000; i++)
        kept += takes(table, i, NOW);
    tap_int("D12: and none of them is refused for want of room", kept, 999);
}

/* Four processes take from one bucket until nothing is left. */
static void test_processes(void)
{
    static const pwl_throttle_limit_t many = {5000, SEC(3600)};
    void *base;
    pwl_throttles_t *table = table_of(8, &base);
    int *taken = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int all = 0;

    for (int i = 0; i < 4; i++) {
        if (fork() == 0) {
            apr_interval_time_t wait = 0;

            for (;;) {
                pwl_throttles_take(table, key_of(1), &many, NOW, &wait);
                if (wait > 0)
                    _exit(0);
                taken[i * 64]++;
            }
        }
    }
    while (wait(NULL) > 0)
        ;
    for (int i = 0; i < 4; i++)
        all += taken[i * 64];
    tap_int("L19: four processes together get what there is", all, 5000);
}

static void test_killed(void)
{
    void *base;
    pwl_throttles_t *table = table_of(8, &base);
    int good = 1;

    for (int i = 0; i < 50; i++) {
        pid_t pid = fork();

        if (pid == 0)
            for (int k = 0;; k++)
                takes(table, k, NOW);
        usleep(1000);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        good &= takes(table, 100000 + i, NOW);
    }
    tap_ok(good, "S16: a death in the middle stops nobody");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_table();
    test_clock();
    test_known();
    test_full();
    test_processes();
    test_killed();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
