/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/metrics.c: the table has no hole and no two cells for one place; names
 * are fit for Prometheus; verdicts are sorted where they belong.
 */
#include "core/metrics.h"

#include <apr_cstr.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>

#include "core/language.h"
#include "tap.h"

static apr_pool_t *pool;

static int is_name(const char *text)
{
    return *text && strspn(text, "abcdefghijklmnopqrstuvwxyz_") == strlen(text);
}

/* Words of labels: no character that any format would have to escape. */
static int is_word(const char *text)
{
    return *text && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-") ==
                        strlen(text);
}

static const char *wrong_with(const pwl_metric_row_t *row)
{
    apr_size_t len;
    int i, j, k;

    if (!row->name || !is_name(row->name) || strncmp(row->name, "pwless_", 7))
        return "its name";
    len = strlen(row->name);
    if ((row->kind == PWL_METRIC_COUNTER) !=
        (len > 6 && !strcmp(row->name + len - 6, "_total")))
        return "counters, and only they, end in _total";
    if (!row->section || !is_name(row->section) || !row->member ||
        !is_name(row->member))
        return "section or member";
    if (!row->help || row->help[strlen(row->help) - 1] != '.')
        return "help is no sentence";
    if ((row->kind == PWL_METRIC_HISTOGRAM) != (row->bounds != NULL))
        return "bounds";
    for (i = 0; i < 2 && row->labels[i].name; i++)
        for (j = 0; j < row->labels[i].count; j++) {
            if (!is_word(pwl_metric_value(&row->labels[i], j)))
                return "a label's value";
            for (k = 0; k < j; k++)
                if (!strcmp(pwl_metric_value(&row->labels[i], j),
                            pwl_metric_value(&row->labels[i], k)))
                    return "the same value twice";
        }
    if (row->is_told && row->kind != PWL_METRIC_GAUGE)
        return "only gauges are told";
    for (i = 1; row->bounds && i < PWL_METRIC_BUCKETS; i++)
        if (atof(row->bounds[i]) <= atof(row->bounds[i - 1]))
            return "bounds do not grow";
    return NULL;
}

static void test_rows(void)
{
    int metric, other;

    for (metric = 0; metric < PWL_METRIC_COUNT; metric++) {
        const pwl_metric_row_t *row = pwl_metric_row((pwl_metric_t)metric);

        tap_str(apr_psprintf(pool, "%s is a good row", row->name),
                wrong_with(row), NULL);
        for (other = 0; other < metric; other++)
            if (!strcmp(row->name, pwl_metric_row((pwl_metric_t)other)->name))
                tap_ok(0, "... and no other has its name");
    }
}

/* Every cell belongs to one series, and all are used. */
static void test_cells(void)
{
    char used[PWL_METRIC_CELLS] = {0};
    apr_size_t i, free_cells = 0;
    int metric, series, twice = 0;

    for (metric = 0; metric < PWL_METRIC_COUNT; metric++) {
        int step =
            pwl_metric_row((pwl_metric_t)metric)->kind == PWL_METRIC_HISTOGRAM
                ? PWL_METRIC_HISTOGRAM_CELLS
                : 1;

        for (series = 0; series < pwl_metric_series((pwl_metric_t)metric);
             series++) {
            apr_size_t at = pwl_metric_cell((pwl_metric_t)metric, series);

            for (i = 0; i < (apr_size_t)step; i++)
                twice += used[at + i]++ != 0;
        }
    }
    for (i = 0; i < PWL_METRIC_CELLS; i++)
        free_cells += !used[i];
    tap_int("no cell belongs to two series", twice, 0);
    tap_int("and none to nobody", (long long)free_cells, 0);
}

static void test_counting_down(void)
{
    static const struct {
        const char *what;
        apr_uint64_t told; /* seconds since 1970; 0: nobody has */
        apr_int64_t want;  /* at 1,000,000; -1: unknown */
    } cases[PWL_CALL_COUNT] = {
        {"nobody has told", 0, -1},
        {"in 40 seconds", 1000040, 40},
        {"now", 1000000, 0},
        {"40 seconds ago", 999960, 0},
        {"the clock was set back by days", 2000000, 86400},
    };
    static pwl_metrics_t metrics;
    apr_size_t at = pwl_metric_cell(PWL_METRIC_PROVIDER_RESET, 0);
    apr_uint64_t number;
    int i;

    for (i = 0; i < PWL_CALL_COUNT; i++)
        metrics.cell[at + (apr_size_t)i] =
            cases[i].told ? cases[i].told + 1 : 0;
    metrics.cell[at - 1] = metrics.cell[at + PWL_CALL_COUNT] = 7;
    pwl_metric_count_down(&metrics, apr_time_from_sec(1000000) + 999999);
    for (i = 0; i < PWL_CALL_COUNT; i++) {
        int known =
            pwl_metric_read(&metrics, PWL_METRIC_PROVIDER_RESET, i, &number);

        tap_int(cases[i].what, known ? (long long)number : -1, cases[i].want);
    }
    tap_ok(metrics.cell[at - 1] == 7 && metrics.cell[at + PWL_CALL_COUNT] == 7,
           "its neighbours stay as they were");
}

static void test_reading(void)
{
    static pwl_metrics_t metrics;
    apr_uint64_t number = 9;

    tap_ok(pwl_metric_read(&metrics, PWL_METRIC_STORE_USED, 0, &number) &&
               number == 0,
           "a gauge of ours is 0 at first");
    tap_ok(!pwl_metric_read(&metrics, PWL_METRIC_PROVIDER_LEFT, 1, &number),
           "what others must tell is unknown at first");
    metrics.cell[pwl_metric_cell(PWL_METRIC_PROVIDER_LEFT, 1)] = 1;
    tap_ok(pwl_metric_read(&metrics, PWL_METRIC_PROVIDER_LEFT, 1, &number) &&
               number == 0,
           "and may be 0 when it is told");
}

static void test_buckets(void)
{
    static const struct {
        const char *what;
        pwl_metric_t metric;
        apr_interval_time_t taken;
        int want;
    } cases[] = {
        {"nothing", PWL_METRIC_PROVIDER_SECONDS, 0, 0},
        {"less than nothing", PWL_METRIC_PROVIDER_SECONDS, -5, 0},
        {"50 ms, at the bound", PWL_METRIC_PROVIDER_SECONDS, 50000, 0},
        {"a microsecond more", PWL_METRIC_PROVIDER_SECONDS, 50001, 1},
        {"ten seconds", PWL_METRIC_PROVIDER_SECONDS, 10000000, 7},
        {"more than ten", PWL_METRIC_PROVIDER_SECONDS, 10000001, 8},
        {"a code after ten seconds", PWL_METRIC_CODE_ENTRY, 10000000, 0},
        {"after a quarter of an hour", PWL_METRIC_CODE_ENTRY, 900000000, 8},
    };
    apr_size_t i, sum;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        apr_size_t at = pwl_metric_cell(cases[i].metric, 0);

        tap_int(apr_pstrcat(pool, "bucket of ", cases[i].what, NULL),
                (long long)(pwl_metric_bucket(cases[i].metric, 0,
                                              cases[i].taken, &sum) -
                            at),
                cases[i].want);
        tap_int("... and where the sum is", (long long)(sum - at), 9);
    }
}

static const char *word(pwl_metric_t metric, int label, int index)
{
    return pwl_metric_value(&pwl_metric_row(metric)->labels[label], index);
}

static void test_sorting(void)
{
    static const struct {
        pwl_reason_t why;
        const char *requested, *verified, *called; /* NULL: never happens */
    } cases[] = {
        {PWL_OK, "sent", "ok", "ok"},
        {PWL_FLOW_BUSY, "suppressed", "stale", NULL},
        {PWL_FLOW_WAIT, "cooldown", NULL, NULL},
        {PWL_FLOW_LIMIT, "limit", NULL, NULL},
        {PWL_THROTTLE_ADDRESS, "throttled", NULL, NULL},
        {PWL_THROTTLE_CLIENT, "throttled", NULL, NULL},
        {PWL_THROTTLE_SITE, "throttled", NULL, NULL},
        {PWL_FLOW_EXPIRED, NULL, "expired", NULL},
        {PWL_FLOW_SPENT, NULL, "spent", NULL},
        {PWL_FLOW_UNKNOWN, "error", "stale", NULL},
        {PWL_OTP_LENGTH, NULL, "malformed", NULL},
        {PWL_OTP_CHARS, NULL, "malformed", NULL},
        {PWL_TENANT_CLOSED, "refused", "refused", "refused"},
        {PWL_TENANT_WRONG_CODE, NULL, "wrong", "refused"},
        {PWL_TENANT_EXPIRED_CODE, NULL, "expired", "refused"},
        {PWL_TENANT_SPENT_CODE, NULL, "spent", "refused"},
        {PWL_TENANT_DENIED, "refused", "refused", "refused"},
        {PWL_TENANT_STEP, "refused", "mfa", "refused"},
        {PWL_TENANT_RATE_LIMIT, "provider_limit", "provider_limit", "limit"},
        {PWL_TENANT_CONFIG, "provider_error", "provider_error", "config"},
        {PWL_TENANT_FAILED, "provider_error", "provider_error", "failed"},
        {PWL_HTTPS_TIMEOUT, "provider_error", "provider_error", "timeout"},
        {PWL_HTTPS_CONNECT, "provider_error", "provider_error", "unreachable"},
        {PWL_HTTPS_TLS, "provider_error", "provider_error", "unreachable"},
        {PWL_HTTPS_BUSY, "provider_error", "provider_error", "busy"},
        {PWL_JWT_BAD_SIGNATURE, NULL, "provider_error", "failed"},
        {PWL_JWT_EMAIL_UNVERIFIED, NULL, "refused", NULL},
        {PWL_STORE_FULL, NULL, "error", NULL},
        {PWL_TXNS_FAILED, "error", "error", NULL},
    };
    apr_size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *what = pwl_reason_word(cases[i].why);

        if (cases[i].requested)
            tap_str(apr_pstrcat(pool, what, ", asking for a code", NULL),
                    word(PWL_METRIC_CODES_REQUESTED, 0,
                         (int)pwl_metric_requested(cases[i].why)),
                    cases[i].requested);
        if (cases[i].verified)
            tap_str(apr_pstrcat(pool, what, ", typing it", NULL),
                    word(PWL_METRIC_CODES_VERIFIED, 0,
                         (int)pwl_metric_verified(cases[i].why)),
                    cases[i].verified);
        if (cases[i].called)
            tap_str(apr_pstrcat(pool, what, ", as the end of a call", NULL),
                    word(PWL_METRIC_PROVIDER_CALLS, 1,
                         pwl_metric_call(PWL_CALL_TOKEN, cases[i].why) %
                             PWL_CALLED_COUNT),
                    cases[i].called);
    }
}

static void test_languages(void)
{
    int i = 0;

    for (; pwl_language_built_in(i); i++)
        tap_int(pwl_language_built_in(i)->tag,
                apr_cstr_casecmp(
                    word(PWL_METRIC_LANGUAGE, 0,
                         pwl_metric_language(pwl_language_built_in(i)->tag)),
                    pwl_language_built_in(i)->tag),
                0);
    tap_int("each has a series, and the others one", i + 1, PWL_METRIC_LANGUAGES);
    tap_str("which is that of any other",
            word(PWL_METRIC_LANGUAGE, 0, pwl_metric_language("eo")), "other");
}

static void test_every_reason(void)
{
    int why, bad = 0;

    for (why = 0; why < PWL_REASON_COUNT; why++) {
        bad += pwl_metric_requested((pwl_reason_t)why) >= PWL_REQUESTED_COUNT;
        bad += pwl_metric_verified((pwl_reason_t)why) >= PWL_VERIFIED_COUNT;
        bad += pwl_metric_call(PWL_CALL_JWKS, (pwl_reason_t)why) >=
               pwl_metric_series(PWL_METRIC_PROVIDER_CALLS);
    }
    tap_int("every reason has a place in each sorting", bad, 0);
    tap_int("every reason but \"ok\" is a series of the refused",
            pwl_metric_series(PWL_METRIC_REFUSED), PWL_REASON_COUNT - 1);
    tap_str("... by its own word",
            word(PWL_METRIC_REFUSED, 0, PWL_STORE_FULL - 1), "store-full");
    tap_ok(pwl_metric_layout() != 0 &&
               pwl_metric_layout() == pwl_metric_layout(),
           "the layout has a number");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_rows();
    test_cells();
    test_reading();
    test_counting_down();
    test_buckets();
    test_sorting();
    test_languages();
    test_every_reason();
    apr_terminate();
    return tap_done();
}
