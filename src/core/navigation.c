/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is a person looking at this request, or a program?
 *
 * Browsers of today say it in so many words (Sec-Fetch-*). For the others
 * there is Accept: a browser that loads a page always names HTML, while curl,
 * libraries and old scripts send none, or one wildcard for all types; so a
 * wildcard does not count as HTML here.
 *
 *   text/html,application/xhtml+xml,application/xml;q=0.9   a page
 *   application/json, text/plain                            a script
 *   none, or a wildcard                                     a program
 *
 * What must stay true: every doubt is a "no". A program that gets 401 can
 * react to it; one that is redirected takes our form for its answer. A HEAD
 * counts like the GET whose headers it wants to know.
 *
 * Left to others: what an operator's Auth0Unauthenticated says instead.
 */
#include "core/navigation.h"

#include <string.h>

#include <apr_cstr.h>

#define QUALITY_ONE 1000

/** What an Accept header says about one kind of type. */
typedef struct {
    int quality; /* 0 to 1000; 0 is "not named", or named as unwanted */
    int place;   /* which item of the list it is */
} rank_t;

/** Read "q=0.8" at `p`. @return 0 to QUALITY_ONE, 0 for what is no number */
static int read_quality(const char *p)
{
    int quality, digit = 100;

    if (*p != '0' && *p != '1')
        return 0;
    quality = *p++ == '1' ? QUALITY_ONE : 0;
    if (*p == '.') {
        for (p++; *p >= '0' && *p <= '9'; p++, digit /= 10)
            quality += (*p - '0') * digit;
    }
    if (*p && !strchr(" \t,;", *p))
        return 0;
    return quality > QUALITY_ONE ? QUALITY_ONE : quality;
}

/** @return the quality in the parameters at `p`, up to the next ',' */
static int find_quality(const char *p)
{
    while (*p == ';') {
        p++;
        p += strspn(p, " \t");
        if (apr_cstr_casecmpn(p, "q=", 2) == 0)
            return read_quality(p + 2);
        p += strcspn(p, ";,");
    }
    return QUALITY_ONE;
}

static int is_word(const char *p, size_t len, const char *word)
{
    return len == strlen(word) && apr_cstr_casecmpn(p, word, len) == 0;
}

static int is_html(const char *type, size_t len)
{
    return is_word(type, len, "text/html") ||
           is_word(type, len, "application/xhtml+xml");
}

static int is_json(const char *type, size_t len)
{
    return is_word(type, len, "application/json") ||
           (len > 5 && is_word(type + len - 5, 5, "+json"));
}

/** Keep the better of two places; the earlier one of equals. */
static void improve(rank_t *rank, int quality, int place)
{
    if (quality > rank->quality) {
        rank->quality = quality;
        rank->place = place;
    }
}

static void rank_types(const char *accept, rank_t *html, rank_t *json)
{
    const char *p = accept ? accept : "";
    int place = 0;

    memset(html, 0, sizeof(*html));
    memset(json, 0, sizeof(*json));
    while (*(p += strspn(p, " \t,"))) {
        size_t len = strcspn(p, " \t;,");
        const char *parameters = p + len + strspn(p + len, " \t");
        int quality = find_quality(parameters);

        place++;
        if (is_html(p, len))
            improve(html, quality, place);
        else if (is_json(p, len))
            improve(json, quality, place);
        p += strcspn(p, ",");
    }
}

/** Is JSON named, and HTML not, or with less weight, or later? */
static int is_json_first(const rank_t *html, const rank_t *json)
{
    if (json->quality != html->quality)
        return json->quality > html->quality;
    return json->quality > 0 && json->place < html->place;
}

int pwl_navigation_wants_json(const char *accept)
{
    rank_t html, json;

    rank_types(accept, &html, &json);
    return is_json_first(&html, &json);
}

/** Does a list or sentence of a header hold `word`, in any case? */
static int mentions(const char *value, const char *word)
{
    return value && strcasestr(value, word) != NULL;
}

/** Browsers fetch pages that nobody has asked for yet. */
static int is_prefetch(const pwl_navigation_t *nav)
{
    const char *const purposes[] = {nav->sec_purpose, nav->purpose, nav->x_moz};
    size_t i;

    for (i = 0; i < sizeof(purposes) / sizeof(purposes[0]); i++) {
        if (mentions(purposes[i], "prefetch") ||
            mentions(purposes[i], "prerender") ||
            mentions(purposes[i], "preview"))
            return 1;
    }
    return 0;
}

/** Requests that scripts make, by the marks they carry. */
static int is_from_script(const pwl_navigation_t *nav)
{
    /* Android's WebView sends its package name there with every page. */
    if (nav->x_requested_with &&
        apr_cstr_casecmp(nav->x_requested_with, "XMLHttpRequest") == 0)
        return 1;
    return nav->hx_request || mentions(nav->upgrade, "websocket");
}

int pwl_navigation_is_page(const pwl_navigation_t *nav)
{
    rank_t html, json;

    if (!nav->method ||
        (strcmp(nav->method, "GET") != 0 && strcmp(nav->method, "HEAD") != 0))
        return 0;
    if (nav->sec_fetch_mode && strcmp(nav->sec_fetch_mode, "navigate") != 0)
        return 0;
    if (nav->sec_fetch_dest && strcmp(nav->sec_fetch_dest, "document") != 0)
        return 0;
    if (is_prefetch(nav) || is_from_script(nav))
        return 0;
    rank_types(nav->accept, &html, &json);
    return html.quality > 0 && !is_json_first(&html, &json);
}
