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

static void cell(pwl_html_t *out, const char *open, const char *text)
{
    pwl_html_raw(out, open);
    pwl_html_text(out, text);
    pwl_html_raw(out, "</td>");
}

static void html_row(pwl_html_t *out, const pwl_page_sessions_row_t *row,
                     apr_time_t now, apr_pool_t *pool)
{
    cell(out, "<tr><td>", row->user);
    cell(out, "<td class=\"pwless-number\">",
         words(age(row->created, now), pool));
    cell(out, "<td class=\"pwless-number\">",
         words(age(row->last_seen, now), pool));
    cell(out, "<td>", row->network ? row->network : "–");
    pwl_html_raw(out, "<td><form method=\"post\"><input type=\"hidden\" "
                      "name=\"ref\" value=\"");
    pwl_html_attr(out, row->ref);
    pwl_html_raw(out, "\"><button class=\"pwless-link\" name=\"op\" "
                      "value=\"end\">End</button></form></td></tr>\n");
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

static void html_head(pwl_html_t *out, const pwl_page_site_t *site)
{
    pwl_html_raw(out, "<!DOCTYPE html>\n<html lang=\"en\" data-theme=\"");
    pwl_html_attr(out, site->theme ? site->theme : "auto");
    pwl_html_raw(out, "\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
                      "name=\"viewport\" content=\"width=device-width\">\n"
                      "<title>Sessions – ");
    pwl_html_text(out, site->host);
    pwl_html_raw(out, "</title>\n");
    if (site->assets_css) {
        pwl_html_raw(out, "<link rel=\"stylesheet\" href=\"");
        pwl_html_attr(out, site->assets_css);
        pwl_html_raw(out, "\">\n");
    }
    pwl_html_raw(out, "</head>\n<body class=\"pwless pwless-wide\">\n"
                      "<main id=\"pwless-main\">\n<h1>Sessions</h1>\n");
}

static void html_page(pwl_html_t *out, const pwl_page_site_t *site,
                      const pwl_page_sessions_t *page, apr_pool_t *pool)
{
    html_head(out, site);
    pwl_html_raw(out, "<p>");
    pwl_html_text(out, count_words(page, pool));
    pwl_html_raw(out, " on ");
    pwl_html_text(out, site->host);
    pwl_html_raw(out,
                 "</p>\n<div class=\"pwless-scroll\"><table "
                 "class=\"pwless-table\">\n<thead><tr><th "
                 "scope=\"col\">User</th><th scope=\"col\">Age</th><th "
                 "scope=\"col\">Idle</th><th scope=\"col\">Network</th><th "
                 "scope=\"col\"></th></tr></thead>\n<tbody>\n");
    for (int i = 0; i < page->count; i++)
        html_row(out, &page->rows[i], page->now, pool);
    pwl_html_raw(
        out,
        "</tbody></table></div>\n<form method=\"post\" "
        "class=\"pwless-admin\"><label for=\"pwless-user\">E-mail address, "
        "phone number or sub of a user</label>\n<input id=\"pwless-user\" "
        "name=\"user\" class=\"pwless-input\" autocomplete=\"off\" required>\n"
        "<button class=\"pwless-btn\" name=\"op\" value=\"end-user\">End all "
        "sessions of this user</button></form>\n<details><summary>End all "
        "sessions</summary><form method=\"post\"><p>Everybody has to sign in "
        "again.</p><button class=\"pwless-btn\" name=\"op\" "
        "value=\"end-all\">End all sessions now</button></form></details>\n"
        "</main>\n</body>\n</html>\n");
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
