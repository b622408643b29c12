/* SPDX-License-Identifier: Apache-2.0 */
/* core/status_page.c: every metric is in the page, nothing breaks it. */
#include "core/status.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "tap.h"

static apr_pool_t *pool;

static void has(const char *what, const char *html, const char *part)
{
    if (!tap_ok(strstr(html, part) != NULL, what))
        printf("#  want: %s\n", part);
}

static int count(const char *text, const char *part)
{
    int found = 0;

    for (; (text = strstr(text, part)); text++)
        found++;
    return found;
}

static void test_page(const pwl_status_t *status)
{
    const char *html = pwl_status_page(status, pool);
    int metric;

    for (metric = 0; metric < PWL_METRIC_COUNT; metric++)
        if (metric != PWL_METRIC_SINCE)
            has(apr_psprintf(pool, "%s is there",
                             pwl_metric_row((pwl_metric_t)metric)->name),
                html, pwl_metric_row((pwl_metric_t)metric)->help);
    has("when counting began", html, "since 2020-09-13 12:26:40 UTC");
    has("Redis that is down", html,
        "1 while Redis answers, 0 since it failed.</th>"
        "<td class=\"pwless-zero\">0</td>");
    has("sessions live", html, "<dd>7</dd>");
    has("a part of the room", html, "<dd>25.0 %</dd>");
    has("a number of two labels", html, "<td>5</td>");
    has("the mean of a histogram", html, "<td>0.250 s</td>");
    has("what nobody told", html,
        "<th scope=\"row\">jwks</th><td class=\"pwless-zero\">"
        "\xe2\x80\x93</td>");
    has("a reason that came up", html,
        "<th scope=\"row\">store-full</th><td>3</td>");
    tap_ok(!strstr(html, "session-idle"), "none that did not");
    has("X1: the host is escaped", html, "&lt;b&gt;.example");
    tap_ok(!strstr(html, "<b>"), "X1: and never as it is");
    has("X1: the address as well", html, "href=\"/a&quot;&gt;?format=css\"");
    tap_ok(!strstr(html, "<script") && !strstr(html, "style=\"") &&
               !strstr(html, "<style"),
           "nothing inline, no script");
    tap_int("one h1", count(html, "<h1>"), 1);
    tap_int("as many tables end as begin", count(html, "<table"),
            count(html, "</table>"));
    tap_int("as many blocks", count(html, "<div"), count(html, "</div>"));
}

static void test_tables(const pwl_status_t *status)
{
    const char *html = pwl_status_tables(status, pool);

    tap_ok(!strstr(html, "<html") && !strstr(html, "<h1") &&
               !strstr(html, "<h2"),
           "in mod_status's page: no head of our own");
    has("sections under its heading", html, "<h3>Sessions</h3>");
    has("the same numbers", html,
        "<th scope=\"row\">store-full</th><td>3</td>");
}

int main(void)
{
    pwl_status_t status = {
        .version = "1.0", .host = "<b>.example", .url = "/a\">"};
    apr_uint64_t *cell = status.metrics.cell;
    apr_size_t seconds = pwl_metric_cell(PWL_METRIC_PROVIDER_SECONDS, 1);

    apr_initialize();
    apr_pool_create(&pool, NULL);
    has("without a refusal", pwl_status_page(&status, pool), "None so far.");
    has("without a size of the table", pwl_status_page(&status, pool),
        "<dd>0.0 %</dd>");
    tap_ok(!strstr(pwl_status_page(&status, pool), "<h2>Redis</h2>"),
           "without Redis, nothing is said of it");
    cell[pwl_metric_cell(PWL_METRIC_REDIS_UP, 0)] = 1;
    cell[pwl_metric_cell(PWL_METRIC_SINCE, 0)] = 1600000000;
    cell[pwl_metric_cell(PWL_METRIC_SESSIONS_ACTIVE, 0)] = 7;
    cell[pwl_metric_cell(PWL_METRIC_STORE_USED, 0)] = 25;
    cell[pwl_metric_cell(PWL_METRIC_STORE_TOTAL, 0)] = 100;
    cell[pwl_metric_cell(PWL_METRIC_PROVIDER_CALLS,
                         pwl_metric_call(PWL_CALL_TOKEN, PWL_OK))] = 5;
    cell[pwl_metric_cell(PWL_METRIC_REFUSED, PWL_STORE_FULL - 1)] = 3;
    cell[seconds + 2] = 4;
    cell[seconds + 9] = 1000000;
    test_page(&status);
    test_tables(&status);
    apr_terminate();
    return tap_done();
}
