/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counters: relaxed atomic additions to cells of shared memory.
 *
 *   magic, layout, begun | cell 0 | cell 1 | ...
 *
 * Nothing is ordered by a counter and nothing decided by one, so relaxed is
 * enough. Cells lie packed: what is counted happens thousands of times a
 * second at most, beside work of milliseconds.
 */
#include "io/counters.h"

#include <string.h>

#define MAGIC 0x70776c636f756e74u /* "pwlcount" */

typedef struct {
    apr_uint64_t magic;
    apr_uint64_t layout;
    apr_uint64_t cell[PWL_METRIC_CELLS];
} table_t;

struct pwl_counters_t {
    table_t *table;
};

static pwl_result_t failed(const char *detail)
{
    return (pwl_result_t){PWL_STORE_FAILED, 0, detail};
}

static pwl_result_t make_handle(void *base, pwl_counters_t **out,
                                apr_pool_t *pool)
{
    *out = apr_palloc(pool, sizeof(**out));
    (*out)->table = base;
    return (pwl_result_t){.why = PWL_OK};
}

apr_size_t pwl_counters_bytes(void)
{
    return sizeof(table_t);
}

static void add(pwl_counters_t *counters, apr_size_t cell, apr_uint64_t by)
{
    __atomic_fetch_add(&counters->table->cell[cell], by, __ATOMIC_RELAXED);
}

pwl_result_t pwl_counters_format(void *base, apr_size_t bytes, apr_time_t now,
                                 pwl_counters_t **out, apr_pool_t *pool)
{
    table_t *table = base;

    *out = NULL;
    if (!base || bytes < sizeof(*table))
        return failed("too little shared memory for the counters");
    memset(table, 0, sizeof(*table));
    table->cell[pwl_metric_cell(PWL_METRIC_SINCE, 0)] =
        (apr_uint64_t)apr_time_sec(now);
    table->layout = pwl_metric_layout();
    table->magic = MAGIC;
    return make_handle(base, out, pool);
}

pwl_result_t pwl_counters_attach(void *base, apr_size_t bytes,
                                 pwl_counters_t **out, apr_pool_t *pool)
{
    const table_t *table = base;

    *out = NULL;
    if (!base || bytes < sizeof(*table))
        return failed("too little shared memory for the counters");
    if (table->magic != MAGIC || table->layout != pwl_metric_layout())
        return failed("the memory holds no counters of this version: stop and "
                      "start");
    return make_handle(base, out, pool);
}

void pwl_counters_add(pwl_counters_t *counters, pwl_metric_t metric, int series)
{
    add(counters, pwl_metric_cell(metric, series), 1);
}

void pwl_counters_refused(pwl_counters_t *counters, pwl_reason_t why)
{
    if (why > PWL_OK && why < PWL_REASON_COUNT)
        pwl_counters_add(counters, PWL_METRIC_REFUSED, (int)why - 1);
}

void pwl_counters_time(pwl_counters_t *counters, pwl_metric_t metric,
                       int series, apr_interval_time_t taken)
{
    apr_size_t sum;
    apr_size_t bucket = pwl_metric_bucket(metric, series, taken, &sum);

    add(counters, bucket, 1);
    if (taken > 0)
        add(counters, sum, (apr_uint64_t)taken);
}

void pwl_counters_tell(pwl_counters_t *counters, pwl_metric_t metric,
                       int series, apr_uint64_t number)
{
    __atomic_store_n(&counters->table->cell[pwl_metric_cell(metric, series)],
                     number + 1, __ATOMIC_RELAXED);
}

void pwl_counters_call(pwl_counters_t *counters, pwl_metric_call_t call,
                       pwl_reason_t why, apr_interval_time_t taken)
{
    pwl_counters_add(counters, PWL_METRIC_PROVIDER_CALLS,
                     pwl_metric_call(call, why));
    if (why != PWL_HTTPS_BUSY && why != PWL_HTTPS_DOWN)
        pwl_counters_time(counters, PWL_METRIC_PROVIDER_SECONDS, (int)call,
                          taken);
}

void pwl_counters_read(const pwl_counters_t *counters, pwl_metrics_t *out)
{
    apr_size_t i;

    for (i = 0; i < PWL_METRIC_CELLS; i++)
        out->cell[i] =
            __atomic_load_n(&counters->table->cell[i], __ATOMIC_RELAXED);
}
