/* SPDX-License-Identifier: Apache-2.0 */
/* io/logouts.c: once, for so long, and never more than there is room for. */
#include "io/logouts.h"

#include <apr_general.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define S(n) apr_time_from_sec(n)
#define NOW S(1700000000)
#define END (NOW + S(300))
#define CHILDREN 8
#define ROUNDS 500

static apr_pool_t *pool;
static pwl_logouts_t *logouts;
static void *memory;

static void start_afresh(void)
{
    memory = mmap(NULL, pwl_logouts_bytes(), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (pwl_logouts_format(memory, pwl_logouts_bytes(), &logouts, pool).why !=
        PWL_OK)
        abort();
}

/* Keys whose first bytes are `set` share a set of places. */
static const unsigned char *key(int set, int n)
{
    static unsigned char key[PWL_LOGOUTTOKEN_KEY_BYTES];

    memset(key, 0, sizeof(key));
    key[0] = (unsigned char)set;
    memcpy(key + 8, &n, sizeof(n));
    return key;
}

static const char *note(int set, int n, apr_time_t since, apr_time_t until)
{
    return pwl_reason_word(
        pwl_logouts_note(logouts, key(set, n), since, until, NOW).why);
}

static apr_time_t found(int set, int n, apr_time_t now)
{
    apr_time_t since = -1;

    pwl_logouts_find(logouts, key(set, n), now, &since);
    return since;
}

static void test_one(void)
{
    start_afresh();
    tap_int("nothing is there", found(1, 1, NOW), 0);
    tap_str("O20: the first time", note(1, 1, S(7), END), "ok");
    tap_str("O20: jti twice", note(1, 1, S(7), END), "logout-replay");
    tap_str("another jti", note(1, 2, S(7), END), "ok");
    tap_int("it is found until its end", found(1, 1, END - 1), S(7));
    tap_int("and no longer", found(1, 1, END), 0);
    note(1, 1, S(9), END);
    tap_int("a later time takes the place", found(1, 1, NOW), S(9));
    note(1, 1, S(8), END - S(100));
    tap_int("an earlier does not", found(1, 1, END - 1), S(9));
}

static void test_full(void)
{
    int kept = 0;

    start_afresh();
    for (int i = 0; i < 8; i++)
        note(2, i, S(1), END + S(i));
    tap_str("a ninth of a set of eight", note(2, 8, S(1), END + S(100)), "ok");
    for (int i = 0; i < 9; i++)
        kept += found(2, i, NOW) != 0;
    tap_int("takes one place", kept, 8);
    tap_int("of the one that ends first", found(2, 0, NOW), 0);
    tap_str("what is over makes room", note(3, 1, S(1), NOW), "ok");
    tap_str("and is as if it had never been", note(3, 1, S(1), END), "ok");
}

static void test_attach(void)
{
    pwl_logouts_t *again;

    start_afresh();
    note(1, 1, S(7), END);
    tap_str(
        "a graceful restart",
        pwl_reason_word(
            pwl_logouts_attach(memory, pwl_logouts_bytes(), &again, pool).why),
        "ok");
    logouts = again;
    tap_str("forgets none", note(1, 1, S(7), END), "logout-replay");
    memset(memory, 1, 8);
    tap_str(
        "other memory is refused",
        pwl_reason_word(
            pwl_logouts_attach(memory, pwl_logouts_bytes(), &again, pool).why),
        "store-failed");
    tap_str("and too little",
            pwl_reason_word(pwl_logouts_format(memory, pwl_logouts_bytes() - 1,
                                               &again, pool)
                                .why),
            "store-failed");
}

/* Each child says how many it was the first for. */
static void test_many(void)
{
    int *firsts, sum = 0;

    start_afresh();
    firsts = mmap(NULL, CHILDREN * sizeof(int), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (int c = 0; c < CHILDREN; c++) {
        if (fork() == 0) {
            for (int i = 0; i < ROUNDS; i++)
                firsts[c] += strcmp(note(i, i, S(1), END), "ok") == 0;
            _exit(0);
        }
    }
    for (int c = 0; c < CHILDREN; c++)
        wait(NULL);
    for (int c = 0; c < CHILDREN; c++)
        sum += firsts[c];
    tap_int("O20: eight processes with the same tokens: each counts once", sum,
            ROUNDS);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_one();
    test_full();
    test_attach();
    test_many();
    return tap_done();
}
