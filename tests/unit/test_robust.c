/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Robust mutexes: exclusion between threads and processes, the death of an
 * owner, and the bounded wait.
 */
#include "io/robust.h"

#include <apr_general.h>
#include <apr_time.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

typedef struct {
    pwl_robust_t lock;
    apr_uint64_t waits;
    long counter; /* plain on purpose: only the lock keeps it right */
    int ready;
} shared_t;

static shared_t *shared;

static void add_many(int times)
{
    int died;

    for (int i = 0; i < times; i++) {
        if (pwl_robust_lock(&shared->lock, &died, &shared->waits) != 0)
            _exit(1);
        shared->counter++;
        pwl_robust_unlock(&shared->lock);
    }
}

static void *add_in_thread(void *unused)
{
    add_many(20000);
    return NULL;
}

static pid_t add_in_process(void)
{
    pthread_t threads[2];
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, add_in_thread, NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    _exit(0);
}

static void test_exclusion(void)
{
    pid_t pids[4];
    int status, good = 0;

    for (int i = 0; i < 4; i++)
        pids[i] = add_in_process();
    for (int i = 0; i < 4; i++) {
        waitpid(pids[i], &status, 0);
        good += WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }
    tap_int("four processes of two threads lock without an error", good, 4);
    tap_int("no increment is lost", shared->counter, 160000);
}

/* A child that takes the lock, says so and waits to be killed. */
static pid_t hold_in_process(void)
{
    pid_t pid;
    int died;

    __atomic_store_n(&shared->ready, 0, __ATOMIC_RELEASE);
    pid = fork();
    if (pid == 0) {
        if (pwl_robust_lock(&shared->lock, &died, NULL) != 0)
            _exit(1);
        __atomic_store_n(&shared->ready, 1, __ATOMIC_RELEASE);
        for (;;)
            pause();
    }
    while (!__atomic_load_n(&shared->ready, __ATOMIC_ACQUIRE))
        usleep(500);
    return pid;
}

static void kill_child(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void test_owner_died(void)
{
    apr_time_t start;
    int died = -1;

    kill_child(hold_in_process());
    start = apr_time_now();
    tap_int("S16: the lock of a killed owner is had",
            pwl_robust_lock(&shared->lock, &died, NULL), APR_SUCCESS);
    tap_ok(apr_time_now() - start < apr_time_from_sec(1),
           "S16: within a second");
    tap_int("S16: and the next is told", died, 1);
    pwl_robust_unlock(&shared->lock);

    pwl_robust_lock(&shared->lock, &died, NULL);
    tap_int("S16: once told, it is an ordinary lock again", died, 0);
    pwl_robust_unlock(&shared->lock);

    kill_child(hold_in_process());
    tap_int("S16: trylock gets it too",
            pwl_robust_trylock(&shared->lock, &died), APR_SUCCESS);
    tap_int("S16: and is told", died, 1);
    pwl_robust_unlock(&shared->lock);
}

/* The second owner was told, and dies before it has repaired anything. */
static void test_repairer_died(void)
{
    int died = -1;

    kill_child(hold_in_process());
    kill_child(hold_in_process());
    tap_int("S16: the lock is had after its repairer died",
            pwl_robust_lock(&shared->lock, &died, NULL), APR_SUCCESS);
    tap_int("S16: the third is told again", died, 1);
    pwl_robust_unlock(&shared->lock);
}

static void test_bounded_wait(void)
{
    apr_uint64_t waits = 0;
    pid_t pid = hold_in_process();
    apr_time_t start = apr_time_now(), took;
    int died = -1;

    tap_int("trylock of a taken lock says busy",
            pwl_robust_trylock(&shared->lock, &died), APR_EBUSY);
    tap_int("a lock kept for too long is given up",
            pwl_robust_lock(&shared->lock, &died, &waits), APR_TIMEUP);
    took = apr_time_now() - start;
    tap_ok(took > apr_time_from_msec(1900) && took < apr_time_from_sec(4),
           "after two seconds");
    tap_int("whoever gives up is not told of a death", died, 0);
    tap_int("the wait is counted", (long long)waits, 1);
    kill_child(pid);
    tap_int("a lock that is free is had without counting a wait",
            pwl_robust_lock(&shared->lock, &died, &waits) || waits != 1, 0);
    pwl_robust_unlock(&shared->lock);
}

#ifdef __GLIBC__
static void *lock_and_unlock(void *unused)
{
    int died;

    if (pwl_robust_lock(&shared->lock, &died, &shared->waits) == APR_SUCCESS)
        pwl_robust_unlock(&shared->lock);
    return NULL;
}

/* The state that a woken waiter leaves behind which is killed at once: the lock
 * is held by a third one who does not know that others wait. */
static void test_lost_wake_up(void)
{
    apr_uint64_t waits = shared->waits;
    apr_time_t start;
    pthread_t waiter;
    int died;

    pwl_robust_lock(&shared->lock, &died, NULL);
    pthread_create(&waiter, NULL, lock_and_unlock, NULL);
    while (__atomic_load_n(&shared->waits, __ATOMIC_RELAXED) == waits)
        usleep(500);
    usleep(5000); /* by now it sleeps */
    __atomic_fetch_and(&shared->lock.mutex.__data.__lock, 0x7fffffff,
                       __ATOMIC_SEQ_CST);
    start = apr_time_now();
    pwl_robust_unlock(&shared->lock);
    pthread_join(waiter, NULL);
    tap_ok(apr_time_now() - start < apr_time_from_msec(500),
           "S16: a waiter whom nobody wakes looks again by itself");
}
#endif

int main(void)
{
    apr_initialize();
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return 1;
    tap_int("a new mutex", pwl_robust_init(&shared->lock), APR_SUCCESS);
    test_exclusion();
    test_owner_died();
    test_repairer_died();
    test_bounded_wait();
#ifdef __GLIBC__
    test_lost_wake_up();
#endif
    apr_terminate();
    return tap_done();
}
