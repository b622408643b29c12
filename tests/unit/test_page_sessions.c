/* SPDX-License-Identifier: Apache-2.0 */
/* The operator's list of sessions, in each format. */
#include "core/page_sessions.h"

#include <apr_general.h>
#include <jansson.h>
#include <string.h>

#include "tap.h"

#define NOW apr_time_from_sec(1700000000)
#define AGO(seconds) (NOW - apr_time_from_sec(seconds))

static apr_pool_t *pool;
static const pwl_page_site_t site = {.site = "Site",
                                     .host = "www.example.org",
                                     .assets_css = "/.auth0/assets/a.css"};
static const pwl_page_sessions_row_t rows[] = {
    {"00112233aabbccdd", "a***@e***.org", "192.0.2.0/24", AGO(7260), AGO(59)},
    {"\"><script>", "<b>&", NULL, AGO(-5), AGO(200000)},
};

static const char *page(pwl_page_sessions_format_t format, int count,
                        apr_uint64_t total)
{
    pwl_page_sessions_t it = {rows, count, total, NOW, "/.auth0/assets/status.css"};
    apr_size_t len;
    const char *text = pwl_page_sessions(&site, &it, format, pool, &len);

    tap_int("the length is right", (long long)len, (long long)strlen(text));
    return text;
}

static void has(const char *what, const char *text, const char *part)
{
    if (!tap_ok(strstr(text, part) != NULL, what))
        printf("# no %s in:\n# %s\n", part, text);
}

static void test_html(void)
{
    const char *html = page(PWL_PAGE_SESSIONS_HTML, 2, 5000);

    has("its own stylesheet", html, "href=\"/.auth0/assets/status.css\"");
    has("how many", html, "2 of 5000 sessions");
    has("whose host", html, "<bdi dir=\"ltr\">www.example.org</bdi>");
    has("the user", html, "<th scope=\"row\">a***@e***.org</th>");
    has("hours", html, ">2 h</td>");
    has("seconds", html, ">59 s</td>");
    has("days", html, ">2 d</td>");
    has("a clock that went back", html, ">0 s</td>");
    has("X1: text is escaped", html, ">&lt;b&gt;&amp;</th>");
    has("X1: an attribute too", html, "value=\"&quot;&gt;&lt;script&gt;\"");
    tap_ok(!strstr(html, "<script"), "X1: and no markup gets in");
    has("a button ends one", html, "name=\"op\" value=\"end\"");
    has("one ends a user's", html, "value=\"end-user\"");
    has("one ends all", html, "value=\"end-all\"");
    has("one session is one", page(PWL_PAGE_SESSIONS_HTML, 1, 1), "<h1>1 session</h1>");
    has("none are none", page(PWL_PAGE_SESSIONS_HTML, 0, 0), "<h1>0 sessions</h1>");
}

static void test_programs(void)
{
    const char *text = page(PWL_PAGE_SESSIONS_TEXT, 1, 1);
    json_t *json = json_loads(page(PWL_PAGE_SESSIONS_JSON, 2, 2), 0, NULL);
    const json_t *first = json_array_get(json_object_get(json, "sessions"), 0);
    const json_t *second = json_array_get(json_object_get(json, "sessions"), 1);

    tap_str("a line a session", text,
            "00112233aabbccdd\ta***@e***.org\t7260\t59\t192.0.2.0/24\n");
    tap_int("JSON: how many", json_integer_value(json_object_get(json, "total")),
            2);
    tap_str("JSON: reference", json_string_value(json_object_get(first, "ref")),
            "00112233aabbccdd");
    tap_int("JSON: age", json_integer_value(json_object_get(first, "age")), 7260);
    tap_int("JSON: idle", json_integer_value(json_object_get(first, "idle")), 59);
    tap_ok(json_is_null(json_object_get(second, "network")),
           "JSON: no network is null");
    tap_str("X1: JSON: text is escaped",
            json_string_value(json_object_get(second, "ref")), "\"><script>");
    json_decref(json);
    json = json_loads(page(PWL_PAGE_SESSIONS_JSON, 0, 0), 0, NULL);
    tap_ok(json_is_array(json_object_get(json, "sessions")), "JSON: none");
    json_decref(json);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_html();
    test_programs();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
