/* SPDX-License-Identifier: Apache-2.0 */
/* io/bulkhead.c: so many at once and no more, over processes that may die. */
#include "io/bulkhead.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define LIFE apr_time_from_sec(10)
#define NOW apr_time_from_sec(1000)

static pwl_bulkhead_t *make(void)
{
    void *memory = mmap(NULL, pwl_bulkhead_bytes(), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        abort();
    return memory;
}

static int enter(pwl_bulkhead_t *bulkhead, int max, apr_time_t now)
{
    return pwl_bulkhead_enter(bulkhead, max, now, LIFE).at;
}

static void test_bound(void)
{
    pwl_bulkhead_t *bulkhead = make();
    pwl_bulkhead_place_t first = pwl_bulkhead_enter(bulkhead, 3, NOW, LIFE);

    tap_int("U15: the first of three", first.at, 0);
    tap_int("U15: the second", enter(bulkhead, 3, NOW), 1);
    tap_int("U15: the third", enter(bulkhead, 3, NOW), 2);
    tap_int("U15: one more is refused", enter(bulkhead, 3, NOW), -1);
    tap_int("U15: a server with another bound goes by its own",
            enter(bulkhead, 4, NOW), 3);
    pwl_bulkhead_leave(bulkhead, first);
    tap_int("U15: who leaves makes room", enter(bulkhead, 3, NOW), 0);
    tap_int("U15: for one", enter(bulkhead, 3, NOW), -1);
    pwl_bulkhead_leave(bulkhead, pwl_bulkhead_enter(bulkhead, 3, NOW, LIFE));
    tap_int("U15: who was refused gives nothing back", enter(bulkhead, 3, NOW),
            -1);
}

static void test_end(void)
{
    pwl_bulkhead_t *bulkhead = make();
    pwl_bulkhead_place_t late = pwl_bulkhead_enter(bulkhead, 1, NOW, LIFE);

    tap_int("U15: held to the end of its call",
            enter(bulkhead, 1, NOW + LIFE - 1), -1);
    tap_int("U15: no longer, should nobody have given it back",
            enter(bulkhead, 1, NOW + LIFE), 0);
    pwl_bulkhead_leave(bulkhead, late);
    tap_int("U15: who comes too late does not give away another's",
            enter(bulkhead, 1, NOW + LIFE + 1), -1);
}

static void test_most(void)
{
    pwl_bulkhead_t *bulkhead = make();
    int i, held = 0;

    for (i = 0; i < PWL_BULKHEAD_PLACES + 5; i++)
        held += enter(bulkhead, PWL_BULKHEAD_PLACES + 5, NOW) >= 0;
    tap_int("U15: never more than there are places", held, PWL_BULKHEAD_PLACES);
}

/* Eight processes take and give back as fast as they can; `inside` is how many
 * hold one. */
static void test_processes(void)
{
    enum { MAX = 3, PROCESSES = 8, TIMES = 50000 };
    pwl_bulkhead_t *bulkhead = make();
    int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int i, n, status, good = 0;

    for (i = 0; i < PROCESSES; i++) {
        if (fork() != 0)
            continue;
        for (n = 0; n < TIMES; n++) {
            pwl_bulkhead_place_t place =
                pwl_bulkhead_enter(bulkhead, MAX, NOW + n, LIFE + i);

            if (place.at < 0)
                continue;
            if (__atomic_add_fetch(&shared[0], 1, __ATOMIC_SEQ_CST) > MAX)
                __atomic_add_fetch(&shared[1], 1, __ATOMIC_SEQ_CST);
            __atomic_add_fetch(&shared[2], 1, __ATOMIC_SEQ_CST);
            __atomic_sub_fetch(&shared[0], 1, __ATOMIC_SEQ_CST);
            pwl_bulkhead_leave(bulkhead, place);
        }
        _exit(0);
    }
    while (wait(&status) > 0)
        good += status == 0;
    tap_int("U15: eight processes at once", good, PROCESSES);
    tap_int("U15: were never more inside than three", shared[1], 0);
    tap_ok(shared[2] >= TIMES, "U15: and got in");
    tap_int("U15: all places are free in the end",
            enter(bulkhead, 1, NOW + TIMES), 0);
}

int main(void)
{
    test_bound();
    test_end();
    test_most();
    test_processes();
    return tap_done();
}
