/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The numbers as lines: for Prometheus, for OpenMetrics, and as mod_status
 * writes them with ?auto.
 *
 *     # HELP pwless_codes_requested_total Codes asked for, ...
 *     # TYPE pwless_codes_requested_total counter
 *     pwless_codes_requested_total{result="sent"} 3
 *
 * OpenMetrics names a counter's family without `_total`, has a type for what
 * is only told, not measured, and ends with `# EOF`. Every series is there
 * from the beginning, at 0: an alert on an increase would not see the first
 * event otherwise. Only what nobody has told us yet is left out.
 */
#include "core/status.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <apr_tables.h>
#include <string.h>

typedef struct {
    apr_array_header_t *pieces; /* of const char * */
    apr_pool_t *pool;
} lines_t;

static lines_t begin(apr_pool_t *pool)
{
    return (lines_t){apr_array_make(pool, 512, sizeof(char *)), pool};
}

static void add(lines_t *lines, const char *text)
{
    APR_ARRAY_PUSH(lines->pieces, const char *) = text;
}

static void add_number(lines_t *lines, apr_uint64_t number)
{
    add(lines, apr_psprintf(lines->pool, " %" APR_UINT64_T_FMT "\n", number));
}

static const char *all(const lines_t *lines)
{
    return apr_array_pstrcat(lines->pool, lines->pieces, 0);
}

/* A label's value: backslash, quote and line break are escaped. */
static const char *escape(const char *value, apr_pool_t *pool)
{
    char *out = apr_palloc(pool, 2 * strlen(value) + 1);
    char *at = out;

    for (; *value; value++) {
        if (*value == '\\' || *value == '"' || *value == '\n')
            *at++ = '\\';
        *at++ = *value == '\n' ? 'n' : *value;
    }
    *at = '\0';
    return out;
}

/* `call="start",result="ok"` of a series, or "". */
static const char *labels_of(const pwl_metric_row_t *row, int series,
                             apr_pool_t *pool)
{
    const char *out = "";
    int i;

    for (i = 1; i >= 0; i--) {
        const pwl_metric_label_t *label = &row->labels[i];

        if (!label->name)
            continue;
        out = apr_pstrcat(
            pool, label->name, "=\"",
            escape(pwl_metric_value(label, series % label->count), pool), "\"",
            *out ? "," : "", out, NULL);
        series /= label->count;
    }
    return out;
}

static void add_histogram(lines_t *lines, const pwl_status_t *status,
                          pwl_metric_t metric, int series)
{
    const pwl_metric_row_t *row = pwl_metric_row(metric);
    const char *labels = labels_of(row, series, lines->pool);
    const char *open = *labels ? "{" : "";
    const char *close = *labels ? "}" : "";
    const apr_uint64_t *cell =
        &status->metrics.cell[pwl_metric_cell(metric, series)];
    apr_uint64_t below = 0;
    int i;

    for (i = 0; i <= PWL_METRIC_BUCKETS; i++) {
        below += cell[i];
        add(lines, apr_pstrcat(lines->pool, row->name, "_bucket{", labels,
                               *labels ? "," : "", "le=\"",
                               i < PWL_METRIC_BUCKETS ? row->bounds[i] : "+Inf",
                               "\"}", NULL));
        add_number(lines, below);
    }
    add(lines,
        apr_pstrcat(lines->pool, row->name, "_sum", open, labels, close, " ",
                    pwl_status_seconds(cell[PWL_METRIC_HISTOGRAM_CELLS - 1],
                                       lines->pool),
                    "\n", row->name, "_count", open, labels, close, NULL));
    add_number(lines, below);
}

static void add_head(lines_t *lines, const char *name, const char *type,
                     const char *help)
{
    add(lines, apr_pstrcat(lines->pool, "# HELP ", name, " ", help, "\n# TYPE ",
                           name, " ", type, "\n", NULL));
}

static const char *family(const pwl_metric_row_t *row, int openmetrics,
                          apr_pool_t *pool)
{
    apr_size_t len = strlen(row->name);

    if (openmetrics && row->kind == PWL_METRIC_COUNTER)
        len -= strlen("_total");
    return apr_pstrmemdup(pool, row->name, len);
}

const char *pwl_status_text(const pwl_status_t *status, int openmetrics,
                            apr_pool_t *pool)
{
    static const char *const types[] = {
        [PWL_METRIC_COUNTER] = "counter",
        [PWL_METRIC_GAUGE] = "gauge",
        [PWL_METRIC_HISTOGRAM] = "histogram",
    };
    lines_t lines = begin(pool);
    int metric, series;

    add_head(&lines, openmetrics ? "pwless" : "pwless_info",
             openmetrics ? "info" : "gauge", "The module.");
    add(&lines, apr_pstrcat(pool, "pwless_info{version=\"",
                            escape(status->version, pool), "\"} 1\n", NULL));
    for (metric = 0; metric < PWL_METRIC_COUNT; metric++) {
        const pwl_metric_row_t *row = pwl_metric_row((pwl_metric_t)metric);

        add_head(&lines, family(row, openmetrics, pool), types[row->kind],
                 row->help);
        for (series = 0; series < pwl_metric_series((pwl_metric_t)metric);
             series++) {
            const char *labels = labels_of(row, series, pool);
            apr_uint64_t number;

            if (row->kind == PWL_METRIC_HISTOGRAM) {
                add_histogram(&lines, status, (pwl_metric_t)metric, series);
                continue;
            }
            if (!pwl_metric_read(&status->metrics, (pwl_metric_t)metric, series,
                                 &number))
                continue;
            add(&lines, apr_pstrcat(pool, row->name, *labels ? "{" : "", labels,
                                    *labels ? "}" : "", NULL));
            add_number(&lines, number);
        }
    }
    if (openmetrics)
        add(&lines, "# EOF\n");
    return all(&lines);
}

/* "lock_waits" and "lock-waits" are LockWaits. */
static const char *camel(const char *word, apr_pool_t *pool)
{
    char *out = apr_palloc(pool, strlen(word) + 1);
    char *at = out;
    int upper = 1;

    for (; *word; word++) {
        if (!apr_isalnum(*word)) {
            upper = 1;
            continue;
        }
        *at++ = upper ? (char)apr_toupper(*word) : *word;
        upper = 0;
    }
    *at = '\0';
    return out;
}

/* "PwlessProviderCallsStartOk:" */
static const char *auto_name(const pwl_metric_row_t *row, int series,
                             apr_pool_t *pool)
{
    const char *out = "";
    int i;

    for (i = 1; i >= 0; i--) {
        const pwl_metric_label_t *label = &row->labels[i];

        if (!label->name)
            continue;
        out = apr_pstrcat(
            pool, camel(pwl_metric_value(label, series % label->count), pool),
            out, NULL);
        series /= label->count;
    }
    return apr_pstrcat(pool, "Pwless", camel(row->section, pool),
                       camel(row->member, pool), out, NULL);
}

const char *pwl_status_auto(const pwl_status_t *status, apr_pool_t *pool)
{
    lines_t lines = begin(pool);
    int metric, series;

    add(&lines,
        apr_pstrcat(pool, "PwlessVersion: ", status->version, "\n", NULL));
    for (metric = 0; metric < PWL_METRIC_COUNT; metric++) {
        const pwl_metric_row_t *row = pwl_metric_row((pwl_metric_t)metric);

        for (series = 0; series < pwl_metric_series((pwl_metric_t)metric);
             series++) {
            apr_size_t at = pwl_metric_cell((pwl_metric_t)metric, series);
            const char *name = auto_name(row, series, pool);
            apr_uint64_t number;

            if (!pwl_metric_read(&status->metrics, (pwl_metric_t)metric, series,
                                 &number))
                continue;
            if (row->kind != PWL_METRIC_HISTOGRAM) {
                add(&lines, apr_pstrcat(pool, name, ":", NULL));
                add_number(&lines, number);
                continue;
            }
            add(&lines, apr_pstrcat(pool, name, "Count:", NULL));
            add_number(&lines,
                       pwl_status_count(status, (pwl_metric_t)metric, series));
            at += PWL_METRIC_HISTOGRAM_CELLS - 1;
            add(&lines,
                apr_pstrcat(pool, name, "Sum: ",
                            pwl_status_seconds(status->metrics.cell[at], pool),
                            "\n", NULL));
        }
    }
    return all(&lines);
}
