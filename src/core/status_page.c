/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The numbers as a page.
 *
 *   tiles     what one looks for first: live, signed in, refused, room
 *   sections  a table for each metric: one column, or a row a label
 *
 * Complete without script. The stylesheet is the page's own (`?format=css`),
 * because a host that does not use the module has no other URL for it. In
 * mod_status's page the tables stand alone, without classes of anybody's.
 *
 * English, as mod_status is: it is read by those who run the server.
 */
#include "core/status.h"

#include <apr_strings.h>
#include <string.h>

#include "core/html.h"

typedef struct {
    const pwl_status_t *status;
    pwl_html_t *html;
    apr_pool_t *pool;
    int level; /* of the sections' headings */
} page_t;

static const struct {
    const char *name; /* as in core/metrics.c */
    const char *title;
} sections[] = {
    {"sessions", "Sessions"},
    {"codes", "Codes"},
    {"provider", "Calls to the tenant"},
    {"visitors", "Visitors turned away"},
    {"store", "Shared memory"},
    {"redis", "Redis"},
};

static apr_uint64_t value(const page_t *page, pwl_metric_t metric, int series)
{
    apr_uint64_t number;

    pwl_metric_read(&page->status->metrics, metric, series, &number);
    return number;
}

static apr_uint64_t total(const page_t *page, pwl_metric_t metric)
{
    apr_uint64_t sum = 0;
    int series;

    for (series = 0; series < pwl_metric_series(metric); series++)
        sum += value(page, metric, series);
    return sum;
}

static void raw(const page_t *page, const char *literal)
{
    pwl_html_raw(page->html, literal);
}

/* Literal, text escaped, literal. */
static void around(const page_t *page, const char *before, const char *text,
                   const char *after)
{
    raw(page, before);
    pwl_html_text(page->html, text);
    raw(page, after);
}

static void number_cell(const page_t *page, apr_uint64_t number)
{
    around(page, number ? "<td>" : "<td class=\"pwless-zero\">",
           apr_psprintf(page->pool, "%" APR_UINT64_T_FMT, number), "</td>");
}

/* Heading and table; a wide one can be moved sideways, by keyboard as well. */
static void begin_table(const page_t *page, const pwl_metric_row_t *row,
                        int wide)
{
    raw(page, wide ? "<div class=\"pwless-wide\">" : "<div>");
    around(page, page->level == 2 ? "<h3>" : "<h4>", row->help,
           page->level == 2 ? "</h3>\n" : "</h4>\n");
    if (wide) {
        raw(page, "<div class=\"pwless-scroll\" role=\"region\" tabindex=\"0\" "
                  "aria-label=\"");
        pwl_html_attr(page->html, row->help);
        raw(page, "\">");
    }
    raw(page, "<table class=\"pwless-table\">\n");
}

static void end_table(const page_t *page, int wide)
{
    raw(page, wide ? "</table></div></div>\n" : "</table></div>\n");
}

/* Reasons that never came up would hide those that did. */
static int is_shown(const page_t *page, pwl_metric_t metric, int series)
{
    return metric != PWL_METRIC_REFUSED || value(page, metric, series) > 0;
}

static void one_label(const page_t *page, pwl_metric_t metric)
{
    const pwl_metric_row_t *row = pwl_metric_row(metric);
    apr_uint64_t number;
    int i;

    begin_table(page, row, 0);
    for (i = 0; i < row->labels[0].count; i++) {
        if (!is_shown(page, metric, i))
            continue;
        around(page, "<tr><th scope=\"row\">",
               pwl_metric_value(&row->labels[0], i), "</th>");
        if (pwl_metric_read(&page->status->metrics, metric, i, &number))
            number_cell(page, number);
        else
            raw(page, "<td class=\"pwless-zero\">\xe2\x80\x93</td>");
        raw(page, "</tr>\n");
    }
    if (metric == PWL_METRIC_REFUSED && total(page, metric) == 0)
        raw(page, "<tr><td>None so far.</td></tr>\n");
    end_table(page, 0);
}

static void two_labels(const page_t *page, pwl_metric_t metric)
{
    const pwl_metric_row_t *row = pwl_metric_row(metric);
    int columns = row->labels[1].count;
    int i, j;

    begin_table(page, row, 1);
    around(page, "<tr><th scope=\"col\">", row->labels[0].name, "</th>");
    for (j = 0; j < columns; j++)
        around(page, "<th scope=\"col\">", pwl_metric_value(&row->labels[1], j),
               "</th>");
    raw(page, "</tr>\n");
    for (i = 0; i < row->labels[0].count; i++) {
        around(page, "<tr><th scope=\"row\">",
               pwl_metric_value(&row->labels[0], i), "</th>");
        for (j = 0; j < columns; j++)
            number_cell(page, value(page, metric, i * columns + j));
        raw(page, "</tr>\n");
    }
    end_table(page, 1);
}

static void histogram_row(const page_t *page, pwl_metric_t metric, int series)
{
    const pwl_metric_row_t *row = pwl_metric_row(metric);
    const apr_uint64_t *cell =
        &page->status->metrics.cell[pwl_metric_cell(metric, series)];
    apr_uint64_t count = pwl_status_count(page->status, metric, series);
    apr_uint64_t sum = cell[PWL_METRIC_HISTOGRAM_CELLS - 1];
    int i;

    around(page, "<tr><th scope=\"row\">",
           row->labels[0].name ? pwl_metric_value(&row->labels[0], series)
                               : "all",
           "</th>");
    for (i = 0; i <= PWL_METRIC_BUCKETS; i++)
        number_cell(page, cell[i]);
    around(page, "<td>",
           count ? apr_psprintf(page->pool, "%.3f s",
                                (double)sum / (double)count /
                                    (double)APR_USEC_PER_SEC)
                 : "\xe2\x80\x93",
           "</td></tr>\n");
}

/* "2.5" for "2.5", "10" for "10.0". */
static const char *plain_bound(const char *bound, apr_pool_t *pool)
{
    apr_size_t len = strlen(bound);

    if (len > 2 && strcmp(bound + len - 2, ".0") == 0)
        len -= 2;
    return apr_pstrmemdup(pool, bound, len);
}

static void histogram(const page_t *page, pwl_metric_t metric)
{
    const pwl_metric_row_t *row = pwl_metric_row(metric);
    int i;

    begin_table(page, row, 1);
    around(page, "<tr><th scope=\"col\">",
           row->labels[0].name ? row->labels[0].name : "", "</th>");
    for (i = 0; i < PWL_METRIC_BUCKETS; i++)
        around(page, "<th scope=\"col\">\xe2\x89\xa4 ",
               plain_bound(row->bounds[i], page->pool), " s</th>");
    raw(page, "<th scope=\"col\">more</th><th scope=\"col\">mean</th></tr>\n");
    for (i = 0; i < pwl_metric_series(metric); i++)
        histogram_row(page, metric, i);
    end_table(page, 1);
}

static void alone(const page_t *page, pwl_metric_t metric)
{
    around(page, "<tr><th scope=\"row\">", pwl_metric_row(metric)->help,
           "</th>");
    number_cell(page, value(page, metric, 0));
    raw(page, "</tr>\n");
}

static int is_alone(const pwl_metric_row_t *row)
{
    return row->kind != PWL_METRIC_HISTOGRAM && !row->labels[0].name;
}

/* Numbers that stand alone share a table; the others have their own. */
static void section(const page_t *page, const char *name)
{
    int any = 0;
    int metric;

    for (metric = 0; metric < PWL_METRIC_COUNT; metric++) {
        const pwl_metric_row_t *row = pwl_metric_row((pwl_metric_t)metric);

        if (strcmp(row->section, name) != 0 || !is_alone(row))
            continue;
        if (!any++)
            raw(page, "<div><table class=\"pwless-table\">\n");
        alone(page, (pwl_metric_t)metric);
    }
    if (any)
        raw(page, "</table></div>\n");
    for (metric = 0; metric < PWL_METRIC_COUNT; metric++) {
        const pwl_metric_row_t *row = pwl_metric_row((pwl_metric_t)metric);

        if (strcmp(row->section, name) != 0 || is_alone(row))
            continue;
        if (row->kind == PWL_METRIC_HISTOGRAM)
            histogram(page, (pwl_metric_t)metric);
        else if (row->labels[1].name)
            two_labels(page, (pwl_metric_t)metric);
        else
            one_label(page, (pwl_metric_t)metric);
    }
}

/* Zeros of a thing that is not there would only worry people. */
static int is_used(const page_t *page, const char *name)
{
    apr_uint64_t number;

    return strcmp(name, "redis") != 0 ||
           pwl_metric_read(&page->status->metrics, PWL_METRIC_REDIS_UP, 0,
                           &number);
}

static void all_sections(const page_t *page)
{
    apr_size_t i;

    for (i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        if (!is_used(page, sections[i].name))
            continue;
        raw(page, "<section>\n");
        raw(page, page->level == 2 ? "<h2>" : "<h3>");
        raw(page, sections[i].title);
        raw(page, page->level == 2 ? "</h2>\n" : "</h3>\n");
        section(page, sections[i].name);
        raw(page, "</section>\n");
    }
}

static const char *utc(apr_uint64_t seconds, apr_pool_t *pool)
{
    char text[32];
    apr_size_t len = 0;
    apr_time_exp_t at;

    apr_time_exp_gmt(&at, apr_time_from_sec((apr_time_t)seconds));
    apr_strftime(text, &len, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &at);
    return apr_pstrmemdup(pool, text, len);
}

static void since(const page_t *page)
{
    around(page, "<p>mod_auth0_pwless ", page->status->version,
           ". Counting since ");
    around(page, "", utc(value(page, PWL_METRIC_SINCE, 0), page->pool), ".");
    around(page, " Now it is ",
           utc((apr_uint64_t)apr_time_sec(page->status->now), page->pool),
           ".</p>\n");
}

static void tile(const page_t *page, const char *label, const char *number,
                 const char *after)
{
    around(page, "<div class=\"pwless-tile\"><dt>", label, "</dt>");
    around(page, "<dd>", number, "</dd>");
    raw(page, after);
    raw(page, "</div>\n");
}

static const char *decimal(const page_t *page, apr_uint64_t number)
{
    return apr_psprintf(page->pool, "%" APR_UINT64_T_FMT, number);
}

static void tiles(const page_t *page)
{
    apr_uint64_t used = value(page, PWL_METRIC_STORE_USED, 0);
    apr_uint64_t size = value(page, PWL_METRIC_STORE_TOTAL, 0);
    char text[8];

    raw(page, "<dl class=\"pwless-tiles\">\n");
    tile(page, "Sessions live",
         decimal(page, value(page, PWL_METRIC_SESSIONS_ACTIVE, 0)), "");
    tile(page, "Signed in",
         decimal(page, value(page, PWL_METRIC_SESSIONS_CREATED, 0)), "");
    tile(page, "Refused", decimal(page, total(page, PWL_METRIC_REFUSED)), "");
    tile(page,
         apr_psprintf(page->pool, "Of %s used",
                      apr_strfsize((apr_off_t)size, text)),
         apr_psprintf(page->pool, "%.1f %%",
                      size ? 100.0 * (double)used / (double)size : 0.0),
         apr_psprintf(page->pool,
                      "<dd class=\"pwless-bar\"><meter max=\"%" APR_UINT64_T_FMT
                      "\" high=\"%" APR_UINT64_T_FMT
                      "\" value=\"%" APR_UINT64_T_FMT "\"></meter></dd>",
                      size, size / 10 * 9, used));
    raw(page, "</dl>\n");
}

static void formats(const page_t *page)
{
    static const char *const words[] = {"json", "prometheus", "auto"};
    static const char *const names[] = {"JSON", "Prometheus", "Plain text"};
    int i;

    for (i = 0; i < 3; i++) {
        raw(page, "<a href=\"");
        pwl_html_attr(page->html, page->status->url);
        raw(page, "?format=");
        raw(page, words[i]);
        around(page, "\">", names[i], "</a>\n");
    }
}

const char *pwl_status_page(const pwl_status_t *status, apr_pool_t *pool)
{
    page_t page = {status, pwl_html_make(pool), pool, 2};

    raw(&page, "<!doctype html>\n<html lang=\"en\" dir=\"ltr\">\n<head>\n"
               "<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
               "content=\"width=device-width, initial-scale=1\">\n"
               "<meta name=\"robots\" content=\"noindex\">\n");
    around(&page, "<title>Status of sign-ins \xe2\x80\x93 ", status->host,
           "</title>\n");
    raw(&page, "<link rel=\"stylesheet\" href=\"");
    pwl_html_attr(page.html, status->url);
    raw(&page, "?format=css\">\n</head>\n<body class=\"pwless pwless-status\">"
               "\n");
    around(&page, "<header class=\"pwless-top\"><bdi dir=\"ltr\">",
           status->host, "</bdi></header>\n");
    raw(&page, "<main id=\"pwless-main\">\n<h1>Status of sign-ins</h1>\n");
    since(&page);
    tiles(&page);
    raw(&page, "<div class=\"pwless-sections\">\n");
    all_sections(&page);
    raw(&page, "</div>\n</main>\n<footer class=\"pwless-foot\">");
    formats(&page);
    raw(&page, "</footer>\n</body>\n</html>\n");
    return pwl_html_bytes(page.html, NULL);
}

const char *pwl_status_tables(const pwl_status_t *status, apr_pool_t *pool)
{
    page_t page = {status, pwl_html_make(pool), pool, 3};

    since(&page);
    all_sections(&page);
    return pwl_html_bytes(page.html, NULL);
}
