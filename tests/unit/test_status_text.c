/* SPDX-License-Identifier: Apache-2.0 */
/* core/status_text.c: lines for Prometheus, OpenMetrics and ?auto. The live
 * test reads all of them with a strict reader; here are the corners. */
#include "core/status.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "tap.h"

static apr_pool_t *pool;

static void has(const char *what, const char *text, const char *line)
{
    if (!tap_ok(strstr(text, line) != NULL, what))
        printf("#  want: %s\n", line);
}

static int count(const char *text, const char *part)
{
    int found = 0;

    for (; (text = strstr(text, part)); text++)
        found++;
    return found;
}

/* All series there must be in a text: a histogram's series has nine buckets,
 * a sum and a count. */
static int all_series(void)
{
    int lines = 1; /* pwless_info */
    int metric;

    for (metric = 0; metric < PWL_METRIC_COUNT; metric++)
        lines += pwl_metric_series((pwl_metric_t)metric) *
                 (pwl_metric_row((pwl_metric_t)metric)->bounds ? 11 : 1);
    /* The tenant told one of each of its gauges, and there is no Redis. */
    return lines - 2 * (PWL_CALL_COUNT - 1) - 1;
}

int main(void)
{
    pwl_status_t status = {.version = "a\\b\"c\nd"};
    pwl_metrics_t *metrics = &status.metrics;
    apr_size_t at = pwl_metric_cell(PWL_METRIC_PROVIDER_SECONDS, 0);
    const char *text, *open, *lines;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    metrics
        ->cell[pwl_metric_cell(PWL_METRIC_SESSIONS_ENDED, PWL_ENDED_LOGOUT)] =
        18446744073709551615u;
    metrics->cell[pwl_metric_cell(PWL_METRIC_PROVIDER_LEFT, 1)] = 8;
    metrics->cell[pwl_metric_cell(PWL_METRIC_PROVIDER_RESET, 2)] = 1;
    metrics->cell[at] = 2;
    metrics->cell[at + 1] = 3;
    metrics->cell[at + 8] = 1;
    metrics->cell[at + 9] = 12500000;
    text = pwl_status_text(&status, 0, pool);
    open = pwl_status_text(&status, 1, pool);
    lines = pwl_status_auto(&status, pool);

    has("X1: what a label must not hold is escaped", text,
        "\npwless_info{version=\"a\\\\b\\\"c\\nd\"} 1\n");
    has("a counter's head", text,
        "# TYPE pwless_sessions_ended_total counter\n");
    has("the largest number there is", text,
        "\npwless_sessions_ended_total{reason=\"logout\"} "
        "18446744073709551615\n");
    has("two labels", text,
        "\npwless_provider_calls_total{call=\"jwks\",result=\"busy\"} 0\n");
    has("a bucket", text,
        "\npwless_provider_seconds_bucket{call=\"start\",le=\"0.05\"} 2\n");
    has("the next holds those of the one before", text,
        "\npwless_provider_seconds_bucket{call=\"start\",le=\"0.1\"} 5\n");
    has("all of them", text,
        "\npwless_provider_seconds_bucket{call=\"start\",le=\"+Inf\"} 6\n");
    has("sum and count", text,
        "\npwless_provider_seconds_sum{call=\"start\"} 12.500000\n"
        "pwless_provider_seconds_count{call=\"start\"} 6\n");
    has("a histogram without labels", text,
        "\npwless_code_entry_seconds_bucket{le=\"10.0\"} 0\n");
    has("... and its sum", text, "\npwless_code_entry_seconds_sum 0.000000\n");
    tap_int("every series is there, at 0 too",
            count(text, "\n") - count(text, "# "), all_series());
    has("what the tenant told", text,
        "\npwless_provider_ratelimit_remaining{call=\"token\"} 7\n");
    has("and of what is over", text,
        "\npwless_provider_ratelimit_reset_seconds{call=\"jwks\"} 0\n");
    tap_int("what it did not tell is left out",
            count(text, "ratelimit_remaining{") +
                count(text, "ratelimit_reset_seconds{") +
                count(lines, "PwlessProviderRatelimit"),
            4);
    tap_int("each family has one head", count(text, "# TYPE "),
            PWL_METRIC_COUNT + 1);

    has("OpenMetrics: the family has no _total", open,
        "# TYPE pwless_sessions_ended counter\n");
    has("OpenMetrics: its series do", open,
        "\npwless_sessions_ended_total{reason=\"idle\"} 0\n");
    has("OpenMetrics: the version is an info", open, "# TYPE pwless info\n");
    tap_str("OpenMetrics: ends with EOF", open + strlen(open) - 6, "# EOF\n");
    tap_ok(strstr(text, "EOF") == NULL, "Prometheus: does not");

    has("auto: names without underscore or hyphen", lines,
        "\nPwlessStoreLockWaitsSessions: 0\n");
    has("auto: two labels", lines, "\nPwlessProviderCallsStartOk: 0\n");
    has("auto: a reason", lines, "\nPwlessVisitorsRefusedStoreFull: 0\n");
    has("auto: a histogram is two numbers", lines,
        "\nPwlessProviderSecondsStartCount: 6\n"
        "PwlessProviderSecondsStartSum: 12.500000\n");
    apr_terminate();
    return tap_done();
}
