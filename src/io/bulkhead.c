/* SPDX-License-Identifier: Apache-2.0 */
#include "io/bulkhead.h"

struct pwl_bulkhead_t {
    apr_int64_t until[PWL_BULKHEAD_PLACES]; /* 0, or past: free */
};

apr_size_t pwl_bulkhead_bytes(void)
{
    return sizeof(pwl_bulkhead_t);
}

pwl_bulkhead_place_t pwl_bulkhead_enter(pwl_bulkhead_t *bulkhead, int max,
                                        apr_time_t now,
                                        apr_interval_time_t life)
{
    pwl_bulkhead_place_t place = {-1, now + life};
    int i;

    for (i = 0; i < max && i < PWL_BULKHEAD_PLACES; i++) {
        apr_int64_t held =
            __atomic_load_n(&bulkhead->until[i], __ATOMIC_RELAXED);

        if (held > now)
            continue;
        /* Whoever comes second looks at the next place. */
        if (__atomic_compare_exchange_n(&bulkhead->until[i], &held, place.until,
                                        0, __ATOMIC_ACQ_REL,
                                        __ATOMIC_RELAXED)) {
            place.at = i;
            break;
        }
    }
    return place;
}

void pwl_bulkhead_leave(pwl_bulkhead_t *bulkhead, pwl_bulkhead_place_t place)
{
    apr_int64_t mine = place.until;

    if (place.at >= 0)
        (void)__atomic_compare_exchange_n(&bulkhead->until[place.at], &mine, 0,
                                          0, __ATOMIC_ACQ_REL,
                                          __ATOMIC_RELAXED);
}
