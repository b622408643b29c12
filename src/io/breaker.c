/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One word, changed by compare-and-swap.
 *
 * The word says when the thing may be tried again, so a probe is claimed by
 * moving that time into the future: whoever moves it is the one. A process
 * that dies with the claim leaves nothing but that time.
 */
#include "io/breaker.h"

#include <apr_errno.h>

/* Farther in the future than any claim: the clock was set back. */
#define ABSURD apr_time_from_sec(60)

int pwl_breaker_allows(pwl_breaker_t *breaker, apr_time_t now,
                       apr_interval_time_t limit)
{
    apr_time_t again = __atomic_load_n(&breaker->again, __ATOMIC_ACQUIRE);

    if (again == 0)
        return 1;
    if (now < again && again - now < ABSURD)
        return 0;
    return __atomic_compare_exchange_n(&breaker->again, &again,
                                       now + limit + PWL_BREAKER_PAUSE, 0,
                                       __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

int pwl_breaker_is_open(const pwl_breaker_t *breaker)
{
    return __atomic_load_n(&breaker->again, __ATOMIC_ACQUIRE) != 0;
}

int pwl_breaker_good(pwl_breaker_t *breaker)
{
    if (!pwl_breaker_is_open(breaker))
        return 0;
    return __atomic_exchange_n(&breaker->again, 0, __ATOMIC_ACQ_REL) != 0;
}

int pwl_breaker_failed(pwl_breaker_t *breaker, apr_time_t now)
{
    return __atomic_exchange_n(&breaker->again, now + PWL_BREAKER_PAUSE,
                               __ATOMIC_ACQ_REL) == 0;
}
