/* SPDX-License-Identifier: Apache-2.0 */
/* core/status.c: which format is asked for; and JSON. */
#include "core/status.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <jansson.h>

#include "tap.h"

static apr_pool_t *pool;

#define SCRAPER                                                                \
    "application/openmetrics-text;version=1.0.0;q=0.5,"                        \
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"

static void test_formats(void)
{
    static const struct {
        const char *what, *args, *accept;
        pwl_status_format_t want;
    } cases[] = {
        {"nothing", NULL, NULL, PWL_STATUS_PAGE},
        {"an empty query", "", "*/*", PWL_STATUS_PAGE},
        {"?auto", "auto", "text/html", PWL_STATUS_AUTO},
        {"?refresh=5&auto", "refresh=5&auto", NULL, PWL_STATUS_AUTO},
        {"?automatic is not auto", "automatic", NULL, PWL_STATUS_PAGE},
        {"format=json", "format=json", "text/html", PWL_STATUS_JSON},
        {"format=JSON", "format=JSON", NULL, PWL_STATUS_UNKNOWN},
        {"format=jso", "format=jso", NULL, PWL_STATUS_UNKNOWN},
        {"format=jsonx", "format=jsonx", NULL, PWL_STATUS_UNKNOWN},
        {"format=", "format=", NULL, PWL_STATUS_UNKNOWN},
        {"format", "format", NULL, PWL_STATUS_PAGE},
        {"the first of two counts", "format=auto&format=json", NULL,
         PWL_STATUS_AUTO},
        {"format=html for a scraper", "format=html", SCRAPER, PWL_STATUS_PAGE},
        {"format=css", "format=css", NULL, PWL_STATUS_STYLE},
        {"format=prometheus", "format=prometheus", "*/*",
         PWL_STATUS_PROMETHEUS},
        {"format=prometheus, reads OpenMetrics", "format=prometheus", SCRAPER,
         PWL_STATUS_OPENMETRICS},
        {"format=openmetrics", "format=openmetrics", NULL,
         PWL_STATUS_OPENMETRICS},
        {"ends in separators", "&&", NULL, PWL_STATUS_PAGE},
        {"Accept of a scraper", NULL, SCRAPER, PWL_STATUS_OPENMETRICS},
        {"of an older one", NULL, "text/plain;version=0.0.4;q=1,*/*;q=0.1",
         PWL_STATUS_PROMETHEUS},
        {"in capitals", NULL, "Application/OpenMetrics-Text",
         PWL_STATUS_OPENMETRICS},
        {"text/plain alone is not Prometheus", NULL, "text/plain",
         PWL_STATUS_PAGE},
        {"the version of another type", NULL,
         "text/plain, text/x;version=0.0.4", PWL_STATUS_PAGE},
        {"a script", NULL, "application/json", PWL_STATUS_JSON},
        {"a browser", NULL, "text/html,application/json;q=0.9,*/*;q=0.8",
         PWL_STATUS_PAGE},
    };
    apr_size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        tap_int(cases[i].what,
                pwl_status_format(cases[i].args, cases[i].accept),
                cases[i].want);
    tap_str("a page's type", pwl_status_type(PWL_STATUS_PAGE),
            "text/html; charset=utf-8");
    tap_str("an unknown one's", pwl_status_type(PWL_STATUS_UNKNOWN),
            "text/plain; charset=utf-8");
}

static json_int_t at(const json_t *json, const char *a, const char *b,
                     const char *c, const char *d)
{
    json = json_object_get(json_object_get(json, a), b);
    if (c)
        json = json_object_get(json, c);
    if (d)
        json = json_object_get(json, d);
    return json_is_integer(json) ? json_integer_value(json) : -1;
}

static void test_json(void)
{
    pwl_status_t status = {.version = "1.2\"3"};
    apr_size_t i;
    json_t *json;

    /* Each cell its own number: a mix-up shows. */
    for (i = 0; i < PWL_METRIC_CELLS; i++)
        status.metrics.cell[i] = 1000 + i;
    status.metrics.cell[pwl_metric_cell(PWL_METRIC_PROVIDER_LEFT, 0)] = 0;
    json = json_loads(pwl_status_json(&status, pool), JSON_REJECT_DUPLICATES,
                      NULL);
    tap_ok(json != NULL, "JSON parses, and no key comes twice");
    tap_str("the version is escaped",
            json_string_value(json_object_get(json, "version")), "1.2\"3");
#define CELL(metric, series)                                                   \
    (json_int_t)(1000 + pwl_metric_cell(metric, series))
    tap_int("sessions.live", at(json, "sessions", "live", NULL, NULL),
            CELL(PWL_METRIC_SESSIONS_ACTIVE, 0));
    tap_int("store.bytes_used", at(json, "store", "bytes_used", NULL, NULL),
            CELL(PWL_METRIC_STORE_USED, 0));
    tap_int("store.bytes_total", at(json, "store", "bytes_total", NULL, NULL),
            CELL(PWL_METRIC_STORE_TOTAL, 0));
    tap_int("one label", at(json, "sessions", "ended", "expired", NULL),
            CELL(PWL_METRIC_SESSIONS_ENDED, PWL_ENDED_EXPIRED));
    tap_int("two labels", at(json, "provider", "calls", "jwks", "busy"),
            CELL(PWL_METRIC_PROVIDER_CALLS,
                 pwl_metric_call(PWL_CALL_JWKS, PWL_HTTPS_BUSY)));
    tap_int("the last reason",
            at(json, "visitors", "refused", "secret-key", NULL),
            CELL(PWL_METRIC_REFUSED, PWL_SECRET_KEY - 1));
    tap_int("a histogram's buckets add up",
            json_integer_value(json_object_get(
                json_object_get(
                    json_object_get(
                        json_object_get(json_object_get(json, "provider"),
                                        "seconds"),
                        "token"),
                    "buckets"),
                "0.1")),
            2 * CELL(PWL_METRIC_PROVIDER_SECONDS, PWL_CALL_TOKEN) + 1);
    tap_int("its count is all of them",
            at(json, "provider", "seconds", "token", "count"),
            9 * CELL(PWL_METRIC_PROVIDER_SECONDS, PWL_CALL_TOKEN) + 36);
    tap_int("one without labels",
            at(json, "codes", "entry_seconds", "count", NULL),
            9 * CELL(PWL_METRIC_CODE_ENTRY, 0) + 36);
    tap_int("a gauge that was told",
            at(json, "provider", "ratelimit_remaining", "token", NULL),
            CELL(PWL_METRIC_PROVIDER_LEFT, PWL_CALL_TOKEN) - 1);
    tap_ok(json_is_null(json_object_get(
               json_object_get(json_object_get(json, "provider"),
                               "ratelimit_remaining"),
               "start")),
           "and one that was not");
    json_decref(json);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_formats();
    test_json();
    tap_str("seconds", pwl_status_seconds(12000345, pool), "12.000345");
    apr_terminate();
    return tap_done();
}
