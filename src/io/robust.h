/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mutex that lies in shared memory and survives the death of its owner.
 *
 * What it guards is data of several processes, any of which may be killed at
 * any instruction. Whoever locks next is told that the owner died and puts the
 * data right before using it. The mutex itself is good again by then.
 */
#ifndef PWL_IO_ROBUST_H
#define PWL_IO_ROBUST_H

#include <apr_errno.h>
#include <pthread.h>

/* Longest wait for a lock. What is done under one takes microseconds, so an
 * owner that keeps it longer is stopped (SIGSTOP, a debugger), not busy. */
#define PWL_ROBUST_WAIT_SECONDS 2

typedef struct {
    pthread_mutex_t mutex;
} pwl_robust_t;

/**
 * Make an unlocked mutex. Only where nobody else uses this memory yet.
 * @return APR_SUCCESS or the system's error
 */
apr_status_t pwl_robust_init(pwl_robust_t *lock);

/**
 * Lock, waiting PWL_ROBUST_WAIT_SECONDS at most.
 *
 * @param owner_died  set to 1 when the last owner died with the lock held: what
 *                    it guards may be half changed, and the caller repairs it
 *                    before anything else; else 0
 * @param waits       NULL, or a count that goes up by one (atomically: it may
 * be shared) when the lock was not free at once
 * @return APR_SUCCESS; APR_TIMEUP, or the system's error: not locked
 */
apr_status_t pwl_robust_lock(pwl_robust_t *lock, int *owner_died,
                             apr_uint64_t *waits);

/** As pwl_robust_lock(), but never wait. @return APR_EBUSY when taken */
apr_status_t pwl_robust_trylock(pwl_robust_t *lock, int *owner_died);

/** Unlock. Only by the thread that locked. */
void pwl_robust_unlock(pwl_robust_t *lock);

#endif
