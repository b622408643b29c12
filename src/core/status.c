/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which format is asked for; and JSON.
 *
 * The query wins over Accept, since it is what an administrator types.
 * Prometheus says in Accept what it reads, and names OpenMetrics first where
 * it reads that; browsers name HTML.
 */
#include "core/status.h"

#include <apr_strings.h>
#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/navigation.h"

static const struct {
    const char *word;
    pwl_status_format_t format;
    const char *type;
} formats[] = {
    {"html", PWL_STATUS_PAGE, "text/html; charset=utf-8"},
    {"css", PWL_STATUS_STYLE, "text/css; charset=utf-8"},
    {"auto", PWL_STATUS_AUTO, "text/plain; charset=utf-8"},
    {"json", PWL_STATUS_JSON, "application/json"},
    {"prometheus", PWL_STATUS_PROMETHEUS,
     "text/plain; version=0.0.4; charset=utf-8"},
    {"openmetrics", PWL_STATUS_OPENMETRICS,
     "application/openmetrics-text; version=1.0.0; charset=utf-8"},
};

#define FORMATS (sizeof(formats) / sizeof(formats[0]))

/* One `name` or `name=value` of the query. */
static int is_pair(const char *at, apr_size_t len, const char *name,
                   const char *value)
{
    apr_size_t name_len = strlen(name);

    if (!value)
        return len == name_len && memcmp(at, name, len) == 0;
    return len == name_len + 1 + strlen(value) &&
           memcmp(at, name, name_len) == 0 && at[name_len] == '=' &&
           memcmp(at + name_len + 1, value, strlen(value)) == 0;
}

/* @return what the query asks for; _PAGE with *said 0 when it does not say */
static pwl_status_format_t asked_for(const char *args, int *said)
{
    apr_size_t i, len;

    *said = 1;
    for (; args && *args; args += len + (args[len] == '&')) {
        len = strcspn(args, "&");
        if (is_pair(args, len, "auto", NULL))
            return PWL_STATUS_AUTO;
        if (len < 7 || memcmp(args, "format=", 7) != 0)
            continue;
        for (i = 0; i < FORMATS; i++)
            if (is_pair(args, len, "format", formats[i].word))
                return formats[i].format;
        return PWL_STATUS_UNKNOWN;
    }
    *said = 0;
    return PWL_STATUS_PAGE;
}

/* Is there a media range of that name, with that parameter, in the list? */
static int accepts(const char *accept, const char *name, const char *parameter)
{
    apr_size_t len;

    for (; *accept; accept += len + (accept[len] == ',')) {
        const char *found;

        accept += strspn(accept, " \t");
        len = strcspn(accept, ",");
        if (len < strlen(name) || strncasecmp(accept, name, strlen(name)) != 0)
            continue;
        found = parameter ? strstr(accept, parameter) : accept;
        if (found && found < accept + len)
            return 1;
    }
    return 0;
}

pwl_status_format_t pwl_status_format(const char *args, const char *accept)
{
    int said;
    pwl_status_format_t format = asked_for(args, &said);
    int open = accept && accepts(accept, "application/openmetrics-text", NULL);

    if (said)
        return format == PWL_STATUS_PROMETHEUS && open ? PWL_STATUS_OPENMETRICS
                                                       : format;
    if (!accept || accepts(accept, "text/html", NULL))
        return PWL_STATUS_PAGE;
    if (open)
        return PWL_STATUS_OPENMETRICS;
    if (accepts(accept, "text/plain", "version=0.0.4"))
        return PWL_STATUS_PROMETHEUS;
    return pwl_navigation_wants_json(accept) ? PWL_STATUS_JSON
                                             : PWL_STATUS_PAGE;
}

const char *pwl_status_type(pwl_status_format_t format)
{
    apr_size_t i;

    for (i = 0; i < FORMATS; i++)
        if (formats[i].format == format)
            return formats[i].type;
    return "text/plain; charset=utf-8";
}

apr_uint64_t pwl_status_count(const pwl_status_t *status, pwl_metric_t metric,
                              int series)
{
    apr_size_t at = pwl_metric_cell(metric, series);
    apr_uint64_t count = 0;
    int i;

    for (i = 0; i <= PWL_METRIC_BUCKETS; i++)
        count += status->metrics.cell[at + (apr_size_t)i];
    return count;
}

const char *pwl_status_seconds(apr_uint64_t microseconds, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%" APR_UINT64_T_FMT ".%06" APR_UINT64_T_FMT,
                        microseconds / APR_USEC_PER_SEC,
                        microseconds % APR_USEC_PER_SEC);
}

static json_t *number(apr_uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *histogram(const pwl_status_t *status, pwl_metric_t metric,
                         int series)
{
    const pwl_metric_row_t *row = pwl_metric_row(metric);
    apr_size_t at = pwl_metric_cell(metric, series);
    json_t *out = json_object();
    json_t *buckets = json_object();
    apr_uint64_t below = 0;
    int i;

    for (i = 0; i < PWL_METRIC_BUCKETS; i++) {
        below += status->metrics.cell[at + (apr_size_t)i];
        json_object_set_new(buckets, row->bounds[i], number(below));
    }
    json_object_set_new(out, "count",
                        number(pwl_status_count(status, metric, series)));
    json_object_set_new(
        out, "sum",
        json_real(
            (double)status->metrics.cell[at + PWL_METRIC_HISTOGRAM_CELLS - 1] /
            (double)APR_USEC_PER_SEC));
    json_object_set_new(out, "buckets", buckets);
    return out;
}

static json_t *one(const pwl_status_t *status, pwl_metric_t metric, int series)
{
    apr_uint64_t value;

    if (pwl_metric_row(metric)->kind == PWL_METRIC_HISTOGRAM)
        return histogram(status, metric, series);
    if (!pwl_metric_read(&status->metrics, metric, series, &value))
        return json_null();
    return number(value);
}

/* All series of a metric from `first` on that differ in labels from `level`:
 * an object a label. */
static json_t *nest(const pwl_status_t *status, pwl_metric_t metric, int level,
                    int first)
{
    const pwl_metric_row_t *row = pwl_metric_row(metric);
    int deeper = level == 0 && row->labels[1].name ? row->labels[1].count : 1;
    json_t *out;
    int i;

    if (level == 2 || !row->labels[level].name)
        return one(status, metric, first);
    out = json_object();
    for (i = 0; i < row->labels[level].count; i++)
        json_object_set_new(
            out, pwl_metric_value(&row->labels[level], i),
            nest(status, metric, level + 1, first + i * deeper));
    return out;
}

const char *pwl_status_json(const pwl_status_t *status, apr_pool_t *pool)
{
    json_t *all = json_object();
    const char *out;
    char *text;
    int metric;

    json_object_set_new(all, "version", json_string(status->version));
    for (metric = 0; metric < PWL_METRIC_COUNT; metric++) {
        const pwl_metric_row_t *row = pwl_metric_row((pwl_metric_t)metric);
        json_t *section = json_object_get(all, row->section);

        if (!section) {
            section = json_object();
            json_object_set_new(all, row->section, section);
        }
        json_object_set_new(section, row->member,
                            nest(status, (pwl_metric_t)metric, 0, 0));
    }
    text = json_dumps(all, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
    assert(text); /* words of our own, and numbers */
    out = apr_pstrcat(pool, text, "\n", NULL);
    free(text);
    json_decref(all);
    return out;
}
