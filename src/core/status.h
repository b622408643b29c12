/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `SetHandler auth0-status` and mod_status show, as pure functions:
 * numbers in, bytes out.
 *
 *   pwl_status_page   a page for a person, in the look of our other pages
 *   pwl_status_tables the same without head and foot, for mod_status
 *   pwl_status_auto   a line a number, as mod_status's ?auto
 *   pwl_status_json   {"sessions": {"live": 3, ...}, ...}
 *   pwl_status_text   Prometheus text 0.0.4, or OpenMetrics 1.0.0
 *
 * What must stay true: each metric of core/metrics.h stands in each of them
 * (the page leaves out reasons that never came up), and nothing else does but
 * version, host and the time counting began.
 */
#ifndef PWL_CORE_STATUS_H
#define PWL_CORE_STATUS_H

#include <apr_pools.h>
#include <apr_time.h>

#include "core/metrics.h"

typedef enum {
    PWL_STATUS_PAGE,
    PWL_STATUS_STYLE, /* the page's stylesheet, for hosts that have no other */
    PWL_STATUS_AUTO,
    PWL_STATUS_JSON,
    PWL_STATUS_PROMETHEUS,
    PWL_STATUS_OPENMETRICS,
    PWL_STATUS_UNKNOWN
} pwl_status_format_t;

typedef struct {
    pwl_metrics_t metrics;
    const char *version; /* of the module */
    const char *host;    /* whose page this is */
    const char *url;     /* path of the page, without query; escaped for href */
    apr_time_t now;
} pwl_status_t;

/**
 * Which format does a request ask for? The query says, or else Accept; a page
 * if neither does.
 * @param args    query as it came, or NULL: `auto`, or `format=` and `html`,
 *                `css`, `auto`, `json`, `prometheus` or `openmetrics`
 * @param accept  or NULL
 * @return _UNKNOWN for a `format` that is none of these
 */
pwl_status_format_t pwl_status_format(const char *args, const char *accept);

/** The Content-Type of a format. */
const char *pwl_status_type(pwl_status_format_t format);

/** Each: NUL-terminated, from `pool`. */
const char *pwl_status_page(const pwl_status_t *status, apr_pool_t *pool);
const char *pwl_status_tables(const pwl_status_t *status, apr_pool_t *pool);
const char *pwl_status_auto(const pwl_status_t *status, apr_pool_t *pool);
const char *pwl_status_json(const pwl_status_t *status, apr_pool_t *pool);
const char *pwl_status_text(const pwl_status_t *status, int openmetrics,
                            apr_pool_t *pool);

/** Number of times in a histogram's series. */
apr_uint64_t pwl_status_count(const pwl_status_t *status, pwl_metric_t metric,
                              int series);

/** Microseconds as seconds: "0.123456". */
const char *pwl_status_seconds(apr_uint64_t microseconds, apr_pool_t *pool);

#endif
