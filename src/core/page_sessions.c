/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of sessions. Ages stand in whole seconds in text and JSON, where a
 * program reads them, and rounded down in HTML, where a person does.
 */
#include "core/page_sessions.h"

#include <apr_strings.h>

#include "core/html.h"
#include "core/json.h"

/* Seconds since `then`; 0 if the clock went back. */
static apr_int64_t age(apr_time_t then, apr_time_t now)
{
    return now > then ? (now - then) / APR_USEC_PER_SEC : 0;
}

static const char *words(apr_int64_t seconds, apr_pool_t *pool)
{
    static const struct {
        apr_int64_t seconds;
        const char *unit;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}};

    for (apr_size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (seconds >= 2 * units[i].seconds)
            return apr_psprintf(pool, "%" APR_INT64_T_FMT " %s",
                                seconds / units[i].seconds, units[i].unit);
    return apr_psprintf(pool, "%" APR_INT64_T_FMT " s", seconds);
}

static void text_row(pwl_html_t *out, const pwl_page_sessions_row_t *row,
                     apr_time_t now, apr_pool_t *pool)
{
    pwl_html_raw(out, apr_psprintf(pool,
                                   "%s\t%s\t%" APR_INT64_T_FMT
                                   "\t%" APR_INT64_T_FMT "\t%s\n",
                                   row->ref, row->user, age(row->created, now),
                                   age(row->last_seen, now),
                                   row->network ? row->network : "-"));
}

static void json_row(pwl_html_t *out, const pwl_page_sessions_row_t *row,
                     apr_time_t now, apr_pool_t *pool)
{
    pwl_html_raw(
        out, apr_psprintf(pool,
                          "{\"ref\": %s, \"user\": %s, \"age\": "
                          "%" APR_INT64_T_FMT ", \"idle\": %" APR_INT64_T_FMT
                          ", \"network\": %s}",
                          pwl_json_escape(row->ref, pool),
                          pwl_json_escape(row->user, pool),
                          age(row->created, now), age(row->last_seen, now),
                          pwl_json_escape(row->network, pool)));
}

static void around(pwl_html_t *out, const char *before, const char *text,
                   const char *after)
{
    pwl_html_raw(out, before);
    pwl_html_text(out, text);
    pwl_html_raw(out, after);
}

static void html_row(pwl_html_t *out, const pwl_page_sessions_row_t *row,
                     apr_time_t now, apr_pool_t *pool)
{
    around(out, "<tr><th scope=\"row\">", row->user, "</th>");
    around(out, "<td>", words(age(row->created, now), pool), "</td>");
    around(out, "<td>", words(age(row->last_seen, now), pool), "</td>");
    around(out, "<td>", row->network ? row->network : "\xe2\x80\x93", "</td>");
    pwl_html_raw(out, "<td><form method=\"post\"><input type=\"hidden\" "
                      "name=\"ref\" value=\"");
    pwl_html_attr(out, row->ref);
    pwl_html_raw(out, "\"><button name=\"op\" "
                      "value=\"end\" aria-label=\"End the session of ");
    pwl_html_attr(out, row->user);
    pwl_html_raw(out, "\">End</button></form></td></tr>\n");
}

static const char *count_words(const pwl_page_sessions_t *page,
                               apr_pool_t *pool)
{
    if (page->total > (apr_uint64_t)page->count)
        return apr_psprintf(pool, "%d of %" APR_UINT64_T_FMT " sessions",
                            page->count, page->total);
    return apr_psprintf(pool, "%d session%s", page->count,
                        page->count == 1 ? "" : "s");
}

static void stylesheet(pwl_html_t *out, const char *url)
{
    if (!url)
        return;
    pwl_html_raw(out, "<link rel=\"stylesheet\" href=\"");
    pwl_html_attr(out, url);
    pwl_html_raw(out, "\">\n");
}

static void html_head(pwl_html_t *out, const pwl_page_site_t *site,
                      const char *style)
{
    pwl_html_raw(out, "<!DOCTYPE html>\n<html lang=\"en\" data-theme=\"");
    pwl_html_attr(out, site->theme ? site->theme : "auto");
    around(out,
           "\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
           "content=\"width=device-width, initial-scale=1\">\n<meta "
           "name=\"robots\" content=\"noindex\">\n<title>Sessions "
           "\xe2\x80\x93 ",
           site->host, "</title>\n");
    stylesheet(out, site->assets_css);
    stylesheet(out, style);
    around(out,
           "</head>\n<body class=\"pwless pwless-status\">\n<header "
           "class=\"pwless-top\"><bdi dir=\"ltr\">",
           site->host, "</bdi></header>\n<main id=\"pwless-main\">\n");
}

static void html_orders(pwl_html_t *out)
{
    pwl_html_raw(
        out,
        "<h2>End sessions</h2>\n<form method=\"post\" class=\"pwless-form\">"
        "<label for=\"pwless-user\">All sessions of a user: e-mail address, "
        "phone number or <code>sub</code></label>\n<input id=\"pwless-user\" "
        "name=\"user\" class=\"pwless-input\" autocomplete=\"off\" "
        "spellcheck=\"false\">\n<button class=\"pwless-btn\" "
        "name=\"op\" value=\"end-user\">End this user\xe2\x80\x99s sessions"
        "</button></form>\n<details><summary>All sessions of this "
        "host</summary>\n<form method=\"post\" class=\"pwless-form\">"
        "<p>Everybody has to sign in again.</p>\n<button class=\"pwless-btn\" "
        "name=\"op\" value=\"end-all\">End all sessions</button></form>"
        "</details>\n");
}

static void html_page(pwl_html_t *out, const pwl_page_site_t *site,
                      const pwl_page_sessions_t *page, apr_pool_t *pool)
{
    html_head(out, site, page->style);
    around(out, "<h1>", count_words(page, pool), "</h1>\n");
    if (page->count > 0)
        pwl_html_raw(out,
                     "<div class=\"pwless-scroll pwless-wide\" role=\"region\" "
                     "tabindex=\"0\" aria-label=\"Sessions\"><table "
                     "class=\"pwless-table\">\n<thead><tr><th "
                     "scope=\"col\">User</th><th scope=\"col\">Signed in "
                     "for</th><th scope=\"col\">Idle for</th><th "
                     "scope=\"col\">Network</th><td></td></tr></thead>\n"
                     "<tbody>\n");
    for (int i = 0; i < page->count; i++)
        html_row(out, &page->rows[i], page->now, pool);
    if (page->count > 0)
        pwl_html_raw(out, "</tbody></table></div>\n");
    html_orders(out);
    pwl_html_raw(out, "</main>\n</body>\n</html>\n");
}

static void json_page(pwl_html_t *out, const pwl_page_sessions_t *page,
                      apr_pool_t *pool)
{
    pwl_html_raw(out, apr_psprintf(pool, "{\"total\": %" APR_UINT64_T_FMT
                                         ", \"sessions\": [",
                                   page->total));
    for (int i = 0; i < page->count; i++) {
        pwl_html_raw(out, i ? ",\n " : "\n ");
        json_row(out, &page->rows[i], page->now, pool);
    }
    pwl_html_raw(out, "]}\n");
}

const char *pwl_page_sessions(const pwl_page_site_t *site,
                              const pwl_page_sessions_t *page,
                              pwl_page_sessions_format_t format,
                              apr_pool_t *pool, apr_size_t *len)
{
    pwl_html_t *out = pwl_html_make(pool);

    if (format == PWL_PAGE_SESSIONS_HTML)
        html_page(out, site, page, pool);
    else if (format == PWL_PAGE_SESSIONS_JSON)
        json_page(out, page, pool);
    else
        for (int i = 0; i < page->count; i++)
            text_row(out, &page->rows[i], page->now, pool);
    return pwl_html_bytes(out, len);
}
