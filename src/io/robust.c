/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Robust, process-shared mutexes.
 *
 * The kernel knows which robust mutexes a thread holds and marks them when it
 * dies, by whatever signal. The next one to lock gets EOWNERDEAD *and* the
 * lock. We declare the mutex good at once: should the new owner die as well
 * before it has repaired the data, the kernel marks the mutex again, and the
 * next one is told in its turn. So "owner died" is told until somebody lived
 * to unlock.
 *
 * The wait is bounded, because an owner may be stopped instead of dead, and a
 * request has a deadline. It is divided into short naps, because a wake-up can
 * be lost: unlocking wakes one waiter and forgets that there are more; should a
 * third one have taken the lock by then, and the woken one be killed before it
 * says so again, nobody ever wakes the others. (Seen: three times in 300 kills
 * under load.) Who naps looks again by itself.
 *
 * A nap is measured by the monotonic clock, so that setting the wall clock
 * neither stretches nor cuts it. Where the C library cannot do that, and with
 * ThreadSanitizer, which does not know that call, a nap is a short sleep.
 *
 * Deadlock is the caller's business: nobody holds two of these at once.
 */
#include "io/robust.h"

#include <errno.h>
#include <time.h>

#if defined(__SANITIZE_THREAD__)
#define SLEEP 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SLEEP 1
#endif
#endif
#if !defined(SLEEP) && defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 30)
#define SLEEP 0
#endif
#endif
#ifndef SLEEP
#define SLEEP 1
#endif

#define NAP_MS (SLEEP ? 1 : 20)
#define NAPS (PWL_ROBUST_WAIT_SECONDS * 1000 / NAP_MS)

/* Wait for the lock for NAP_MS. @return as pthread_mutex_timedlock() */
static int lock_or_nap(pthread_mutex_t *mutex)
{
#if SLEEP
    const struct timespec nap = {0, NAP_MS * 1000000L};
    int err;

    nanosleep(&nap, NULL);
    err = pthread_mutex_trylock(mutex);
    return err == EBUSY ? ETIMEDOUT : err;
#else
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += NAP_MS * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    return pthread_mutex_clocklock(mutex, CLOCK_MONOTONIC, &until);
#endif
}

static int lock_napping(pthread_mutex_t *mutex)
{
    int err = ETIMEDOUT;

    for (int i = 0; i < NAPS && err == ETIMEDOUT; i++)
        err = lock_or_nap(mutex);
    return err;
}

/* Turn what pthread said into ours, making a mutex of a dead owner good. */
static apr_status_t settle(pwl_robust_t *lock, int err, int *owner_died)
{
    *owner_died = err == EOWNERDEAD;
    if (err == EOWNERDEAD)
        err = pthread_mutex_consistent(&lock->mutex);
    if (err == ETIMEDOUT)
        return APR_TIMEUP;
    if (err == EBUSY)
        return APR_EBUSY;
    return err;
}

apr_status_t pwl_robust_init(pwl_robust_t *lock)
{
    pthread_mutexattr_t attr;
    int err = pthread_mutexattr_init(&attr);

    if (err)
        return err;
    err = pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
    if (!err)
        err = pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
    if (!err)
        err = pthread_mutex_init(&lock->mutex, &attr);
    pthread_mutexattr_destroy(&attr);
    return err;
}

apr_status_t pwl_robust_lock(pwl_robust_t *lock, int *owner_died,
                             apr_uint64_t *waits)
{
    int err = pthread_mutex_trylock(&lock->mutex);

    if (err == EBUSY) {
        if (waits)
            __atomic_fetch_add(waits, 1, __ATOMIC_RELAXED);
        err = lock_napping(&lock->mutex);
    }
    return settle(lock, err, owner_died);
}

apr_status_t pwl_robust_trylock(pwl_robust_t *lock, int *owner_died)
{
    return settle(lock, pthread_mutex_trylock(&lock->mutex), owner_died);
}

void pwl_robust_unlock(pwl_robust_t *lock)
{
    pthread_mutex_unlock(&lock->mutex);
}
