/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many codes may be sent, or be wrong, as arithmetic.
 *
 * The generic cell rate algorithm (ITU-T I.371, annex A): one number a bucket,
 * the time at which it will be empty again. `count` may be taken at once, and
 * then one every `period / count`; so at most `count` in any moment, and the
 * wait that is named is true.
 */
#ifndef PWL_CORE_THROTTLE_H
#define PWL_CORE_THROTTLE_H

#include <apr_pools.h>
#include <apr_time.h>

typedef enum {
    PWL_THROTTLE_BY_ADDRESS, /* one recipient */
    PWL_THROTTLE_BY_CLIENT,  /* one client network */
    PWL_THROTTLE_BY_SITE,    /* one host */
    PWL_THROTTLE_BY_WRONG,   /* one recipient: codes that were wrong */
    PWL_THROTTLE_KINDS
} pwl_throttle_kind_t;

typedef struct {
    int count; /* 0: no limit */
    apr_interval_time_t period;
} pwl_throttle_limit_t;

/** Largest count, and longest period in seconds. */
#define PWL_THROTTLE_COUNT_MAX 1000000
#define PWL_THROTTLE_PERIOD_MAX (7 * 86400)

/**
 * Take one from a bucket.
 *
 * @param empty_at  when the bucket is empty; 0 for one never used. Moves on
 *                  only if one was taken. One further ahead than a full bucket
 *                  can be (the clock was set back, or the period was longer)
 *                  is set back to full, so that the wait is true.
 * @return 0 if one was taken, else how long to wait until one can be
 */
apr_interval_time_t pwl_throttle_take(apr_time_t *empty_at, apr_time_t now,
                                      const pwl_throttle_limit_t *limit);

/** Put one back that pwl_throttle_take() took. */
void pwl_throttle_give_back(apr_time_t *empty_at,
                            const pwl_throttle_limit_t *limit);

/**
 * Read one limit of Auth0Throttle: address=COUNT/TIME, client=…, site=…,
 * wrong=…, with a TIME in s, m, h or d; or address=off.
 *
 * @return NULL, or what is wrong and what a good one looks like
 */
const char *pwl_throttle_parse(const char *arg, pwl_throttle_kind_t *kind,
                               pwl_throttle_limit_t *limit, apr_pool_t *pool);

#endif
