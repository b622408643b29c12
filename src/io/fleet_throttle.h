/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counting what Auth0Throttle bounds, on this machine or on all of them.
 *
 * With Redis its buckets are the truth, and this machine's are kept up with
 * what this machine took. While Redis does not answer, they go on alone: so a
 * limit is then at most once what it was for each machine, and never open. A
 * request waits for one timeout of Redis at most, and for none while the
 * breaker is open.
 *
 * `now` is the wall clock at the time of the call.
 */
#ifndef PWL_IO_FLEET_THROTTLE_H
#define PWL_IO_FLEET_THROTTLE_H

#include "io/fleet.h"
#include "io/throttles.h"

/** Where this machine counts. All stay the caller's.
 * @param known  another table, for who is remembered: for weeks, which would
 *               leave no room for buckets
 * @param key    PWL_SEAL_KEY_BYTES, of the digests in both */
void pwl_fleet_keep_throttles(pwl_fleet_t *fleet, pwl_throttles_t *table,
                              pwl_throttles_t *known, const unsigned char *key);

/**
 * Take one from each bucket that has a limit, or from none.
 * @param ask   no bucket that is only looked at stands before one that is not
 * @param told  always set
 * @return PWL_OK, whatever was told; PWL_STORE_FAILED: nothing could be counted
 */
pwl_result_t pwl_fleet_throttle_take(pwl_fleet_t *fleet,
                                     const pwl_throttle_ask_t *ask,
                                     apr_time_t now, pwl_throttle_told_t *told,
                                     apr_pool_t *pool);

/** Put back what a call took, where it is still counted. */
void pwl_fleet_throttle_give_back(pwl_fleet_t *fleet,
                                  const pwl_throttle_ask_t *ask,
                                  const pwl_throttle_told_t *told,
                                  apr_time_t now, apr_pool_t *pool);

/** Remember a name for a while, above 0; asked for as `known`. If Redis cannot
 * be told, it is when this machine is asked next. */
void pwl_fleet_throttle_remember(pwl_fleet_t *fleet, const char *name,
                                 apr_interval_time_t life, apr_time_t now,
                                 apr_pool_t *pool);

#endif
