/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How text becomes harmless on its way into a page.
 *
 *   bytes --decode--> character --judge--> entity | itself | space | nothing
 *
 * One table of entities serves text and quoted attributes alike: escaping
 * more than a place needs costs a few bytes, escaping less costs the page.
 * Reading is strict (core/utf8.h), so that '<' cannot come in disguise, and
 * goes on after one byte of nonsense, so that nothing behind it is swallowed.
 *
 * The buffer is plain memory of the pool: a page is made in one go, answered,
 * and gone with its request.
 */
#include "core/html.h"

#include <string.h>

#include "core/limits.h"
#include "core/utf8.h"

#define HTML_FIRST_BYTES 4096
#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */
#define ELLIPSIS "\xe2\x80\xa6"    /* U+2026 */

struct pwl_html_t {
    apr_pool_t *pool;
    char *data; /* always NUL-terminated */
    apr_size_t len;
    apr_size_t size;
};

static void append(pwl_html_t *html, const char *bytes, apr_size_t len)
{
    if (len >= html->size - html->len) {
        apr_size_t size = html->size * 2;
        char *data;

        while (len >= size - html->len)
            size *= 2;
        data = apr_palloc(html->pool, size);
        memcpy(data, html->data, html->len);
        html->data = data;
        html->size = size;
    }
    memcpy(html->data + html->len, bytes, len);
    html->len += len;
    html->data[html->len] = '\0';
}

static int is_dropped(apr_uint32_t c)
{
    if (pwl_utf8_is_control(c))
        return 1;
    /* Embeddings, overrides and isolates would let an address reorder the
     * sentence it stands in; <bdi> alone does not stop an override inside. */
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static const char *entity(apr_uint32_t c)
{
    switch (c) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    case '`':
        return "&#96;";
    case '\t':
    case '\n':
    case '\r':
    case 0x2028:
    case 0x2029:
        return " ";
    default:
        return NULL;
    }
}

/* Append `len` bytes of text made harmless. */
static void escape(pwl_html_t *html, const char *text, apr_size_t len)
{
    apr_size_t i = 0;

    while (i < len) {
        apr_uint32_t c = 0;
        int width = pwl_utf8_next(text + i, text + len, &c);
        const char *better = width ? entity(c) : REPLACEMENT;

        if (better)
            append(html, better, strlen(better));
        else if (!is_dropped(c))
            append(html, text + i, (apr_size_t)width);
        i += width ? (apr_size_t)width : 1;
    }
}

/* The longest part of `text` that is no longer than `max` and does not end
 * within a character. */
static apr_size_t cut(const char *text, apr_size_t len, apr_size_t max)
{
    if (len <= max)
        return len;
    /* Four bytes at most belong to one character; further back is nonsense. */
    for (len = max; len > 0 && len + 4 > max; len--)
        if (((unsigned char)text[len] & 0xc0) != 0x80)
            return len;
    return max;
}

pwl_html_t *pwl_html_make(apr_pool_t *pool)
{
    pwl_html_t *html = apr_pcalloc(pool, sizeof(*html));

    html->pool = pool;
    html->size = HTML_FIRST_BYTES;
    html->data = apr_palloc(pool, html->size);
    html->data[0] = '\0';
    return html;
}

void pwl_html_raw(pwl_html_t *html, const char *literal)
{
    append(html, literal, strlen(literal));
}

void pwl_html_text_part(pwl_html_t *html, const char *text, apr_size_t len)
{
    apr_size_t whole = text ? strnlen(text, len) : 0;
    apr_size_t kept = cut(text, whole, PWL_HTML_TEXT_MAX);

    escape(html, text, kept);
    if (kept < whole)
        pwl_html_raw(html, ELLIPSIS);
}

void pwl_html_text(pwl_html_t *html, const char *text)
{
    if (text)
        pwl_html_text_part(html, text, strlen(text));
}

void pwl_html_attr(pwl_html_t *html, const char *text)
{
    if (text)
        escape(html, text, cut(text, strlen(text), PWL_HTML_ATTR_MAX));
}

int pwl_html_url_ok(const char *url)
{
    static const char *const good[] = {"https:", "http:", "mailto:", "tel:"};
    const unsigned char *p = (const unsigned char *)url;
    apr_size_t i;

    if (!url)
        return 0;
    /* Browsers drop TAB, CR and LF and read '\' as '/'. */
    for (; *p; p++)
        if (*p <= 0x20 || *p == 0x7f || *p == '\\')
            return 0;
    if (url[0] == '/')
        return url[1] != '/';
    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        if (strncmp(url, good[i], strlen(good[i])) == 0)
            return 1;
    return 0;
}

const char *pwl_html_bytes(pwl_html_t *html, apr_size_t *len)
{
    if (len)
        *len = html->len;
    return html->data;
}
