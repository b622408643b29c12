/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The counters of core/metrics.h, in shared memory: one number for all
 * processes, kept over graceful restarts.
 *
 * Adding takes no lock and cannot fail; a process killed at any instruction
 * has added or not. It does write a cache line that others write, so a request
 * with a live session must add to nothing.
 */
#ifndef PWL_IO_COUNTERS_H
#define PWL_IO_COUNTERS_H

#include <apr_pools.h>
#include <apr_time.h>

#include "core/metrics.h"
#include "core/reason.h"

typedef struct pwl_counters_t pwl_counters_t; /* one process's handle */

/** Bytes pwl_counters_format() needs. */
apr_size_t pwl_counters_bytes(void);

/**
 * Begin counting at 0 in `base`, aligned for a 64-bit number.
 * @param now  when counting begins
 * @return PWL_OK; PWL_STORE_FAILED with detail
 */
pwl_result_t pwl_counters_format(void *base, apr_size_t bytes, apr_time_t now,
                                 pwl_counters_t **out, apr_pool_t *pool);

/**
 * Go on counting where pwl_counters_format() began (graceful restart).
 * @return PWL_OK; PWL_STORE_FAILED with detail when the memory is of a module
 *         that counted other things
 */
pwl_result_t pwl_counters_attach(void *base, apr_size_t bytes,
                                 pwl_counters_t **out, apr_pool_t *pool);

/** One more in a series of a counter. */
void pwl_counters_add(pwl_counters_t *counters, pwl_metric_t metric,
                      int series);

/** One more that was refused for this reason; PWL_OK counts nothing. */
void pwl_counters_refused(pwl_counters_t *counters, pwl_reason_t why);

/** A time, in a series of a histogram. */
void pwl_counters_time(pwl_counters_t *counters, pwl_metric_t metric,
                       int series, apr_interval_time_t taken);

/** The newest value of a gauge that somebody told us. */
void pwl_counters_tell(pwl_counters_t *counters, pwl_metric_t metric,
                       int series, apr_uint64_t number);

/** A call to the tenant: how it ended, and how long it took (a call that was
 * not made has no time). */
void pwl_counters_call(pwl_counters_t *counters, pwl_metric_call_t call,
                       pwl_reason_t why, apr_interval_time_t taken);

/** Copy all cells. Each is right; they need not be of one moment. */
void pwl_counters_read(const pwl_counters_t *counters, pwl_metrics_t *out);

#endif
