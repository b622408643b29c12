/* SPDX-License-Identifier: Apache-2.0 */
/* io/leases.c: one at a time, whoever dies, however many. */
#include <apr_general.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/leases.h"
#include "tap.h"

#define S(n) apr_time_from_sec(n)
#define NOW S(1700000000)
#define LIFE S(30)
#define CHILDREN 8
#define ROUNDS 2000

static apr_pool_t *pool;
static pwl_leases_t *leases;
static void *memory;

static void start_afresh(void)
{
    memory = mmap(NULL, pwl_leases_bytes(), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (pwl_leases_format(memory, pwl_leases_bytes(), &leases, pool).why !=
        PWL_OK)
        abort();
}

/* Keys whose first bytes are `set` share a set of places. */
static const unsigned char *key(int set, int n)
{
    static unsigned char skey[PWL_SKEY_BYTES];

    memset(skey, 0, sizeof(skey));
    skey[0] = (unsigned char)set;
    skey[8] = (unsigned char)n;
    return skey;
}

static const char *take(int set, int n, apr_time_t now)
{
    static const char *const words[] = {[PWL_LEASES_PAUSED] = "paused",
                                        [PWL_LEASES_BUSY] = "busy",
                                        [PWL_LEASES_MINE] = "mine"};

    return words[pwl_leases_take(leases, key(set, n), now, LIFE)];
}

static void test_one(void)
{
    start_afresh();
    tap_str("the first has it", take(1, 1, NOW), "mine");
    tap_str("the second has not", take(1, 1, NOW), "busy");
    tap_str("another session is another matter", take(1, 2, NOW), "mine");
    tap_str("a moment before its end it is held", take(1, 1, NOW + LIFE - 1),
            "busy");
    tap_str("S10: who vanished has it no longer than its life",
            take(1, 1, NOW + LIFE), "mine");
    tap_str("and then it is held again", take(1, 1, NOW + LIFE), "busy");
    pwl_leases_give(leases, key(1, 1));
    tap_str("given back it is free", take(1, 1, NOW + LIFE), "mine");
    pwl_leases_pause(leases, key(1, 1), NOW + S(60));
    tap_str("after a failure nobody has it", take(1, 1, NOW + S(59)), "paused");
    tap_str("until the pause is over", take(1, 1, NOW + S(60)), "mine");
    pwl_leases_give(leases, key(1, 3));
    tap_str("giving back what nobody has does nothing", take(1, 1, NOW + S(60)),
            "busy");
}

static void test_full(void)
{
    start_afresh();
    for (int i = 0; i < 8; i++)
        take(5, i, NOW);
    tap_str("L20: a full set gives up nobody's lease", take(5, 8, NOW),
            "paused");
    tap_str("L20: and whoever is in it is still known", take(5, 7, NOW),
            "busy");
    tap_str("another set has room", take(6, 8, NOW), "mine");
    tap_str("what is over makes room", take(5, 8, NOW + LIFE), "mine");
}

static void test_clock(void)
{
    start_afresh();
    take(1, 1, NOW);
    tap_str("a clock a minute behind waits", take(1, 1, NOW - S(60)), "busy");
    tap_str("a clock set back by a day waits for nobody",
            take(1, 1, NOW - S(86400)), "mine");
}

static void test_attach(void)
{
    pwl_leases_t *again;

    start_afresh();
    take(1, 1, NOW);
    tap_int("after a graceful restart",
            pwl_leases_attach(memory, pwl_leases_bytes(), &again, pool).why,
            PWL_OK);
    leases = again;
    tap_str("a lease is still held", take(1, 1, NOW), "busy");
    memset(memory, 0, 64);
    tap_int("what is no table of leases is not taken for one",
            pwl_leases_attach(memory, pwl_leases_bytes(), &again, pool).why,
            PWL_STORE_FAILED);
    tap_int("nor is too little memory",
            pwl_leases_format(memory, pwl_leases_bytes() - 1, &again, pool).why,
            PWL_STORE_FAILED);
}

/* Each child takes, counts by reading and writing apart, and gives back: what
 * two did at a time is lost from the count. */
static void count_up(volatile int *count)
{
    for (int i = 0; i < ROUNDS;) {
        if (pwl_leases_take(leases, key(9, 9), NOW, LIFE) != PWL_LEASES_MINE)
            continue;
        int seen = *count;

        for (volatile int wait = 0; wait < 20; wait++)
            ;
        *count = seen + 1;
        pwl_leases_give(leases, key(9, 9));
        i++;
    }
}

static void test_many(void)
{
    int *count = mmap(NULL, sizeof(*count), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t killed;

    start_afresh();
    for (int i = 0; i < CHILDREN; i++) {
        if (fork() == 0) {
            count_up(count);
            _exit(0);
        }
    }
    while (wait(NULL) > 0)
        ;
    tap_int("of eight processes one has it at a time", *count,
            CHILDREN * ROUNDS);

    /* Killed wherever it is, the lock included. */
    for (int i = 0; i < 20; i++) {
        killed = fork();
        if (killed == 0)
            for (;;)
                count_up(count);
        usleep(2000);
        kill(killed, SIGKILL);
        waitpid(killed, NULL, 0);
    }
    tap_str("S10: processes killed in the middle leave it usable",
            take(9, 9, NOW + LIFE), "mine");
    tap_str("S10: and held by one", take(9, 9, NOW + LIFE), "busy");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_one();
    test_full();
    test_clock();
    test_attach();
    test_many();
    apr_pool_destroy(pool);
    return tap_done();
}
