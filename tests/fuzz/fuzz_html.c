/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of core/html.c, and of the pages by way of it.
 *
 * What comes out must be valid UTF-8 without control characters, overrides or
 * characters that mean something in HTML, and must be bounded; a page with the
 * bytes in every place must have as many '<' as one without.
 */
#include "target.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/html.h"
#include "core/limits.h"
#include "core/page.h"
#include "core/utf8.h"

static void must(int good)
{
    if (!good)
        abort();
}

static int count(const char *text, char c)
{
    int n = 0;

    for (; *text; text++)
        n += *text == c;
    return n;
}

static void check_escaped(const char *out, apr_size_t len, apr_size_t max)
{
    const char *end = out + len;

    must(len == strlen(out) && len <= max * 6 + 3);
    must(!strpbrk(out, "<>\"'`"));
    while (out < end) {
        apr_uint32_t c;
        int width = pwl_utf8_next(out, end, &c);

        must(width > 0 && !pwl_utf8_is_control(c));
        must(c < 0x202a || (c > 0x202e && c < 0x2066) || c > 0x2069);
        must(c != '&' || strncmp(out, "&lt;", 4) == 0 ||
             strncmp(out, "&gt;", 4) == 0 || strncmp(out, "&amp;", 5) == 0 ||
             strncmp(out, "&quot;", 6) == 0 || strncmp(out, "&#39;", 5) == 0 ||
             strncmp(out, "&#96;", 5) == 0);
        out += width;
    }
}

static const char *page_with(const char *word, pwl_reason_t why,
                             apr_pool_t *pool)
{
    pwl_page_site_t site = {.site = word, .host = word, .help_text = word};
    pwl_page_code_t code = {.token = word,
                            .address = word,
                            .digits = 6,
                            .tries_left = 2,
                            .life = APR_USEC_PER_SEC * 180,
                            .left = APR_USEC_PER_SEC * 100,
                            .why = why,
                            .value = word,
                            .ref = word};
    apr_size_t len;

    return pwl_page_code(&site, &code, pool, &len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int ready;
    pwl_reason_t why = PWL_OK;
    apr_pool_t *pool;
    pwl_html_t *html;
    const char *word;
    const char *out;
    apr_size_t len;

    if (!ready++)
        apr_initialize();
    apr_pool_create(&pool, NULL);
    if (size > 0)
        why = (pwl_reason_t)(data[0] % PWL_REASON_COUNT);
    word = apr_pstrmemdup(pool, (const char *)data, size);

    html = pwl_html_make(pool);
    pwl_html_text(html, word);
    out = pwl_html_bytes(html, &len);
    check_escaped(out, len, PWL_HTML_TEXT_MAX);

    html = pwl_html_make(pool);
    pwl_html_attr(html, word);
    out = pwl_html_bytes(html, &len);
    check_escaped(out, len, PWL_HTML_ATTR_MAX);

    out = page_with(word, why, pool);
    word = page_with("example", why, pool);
    must(count(out, '<') == count(word, '<') &&
         count(out, '"') == count(word, '"'));
    (void)pwl_html_url_ok(out);
    apr_pool_destroy(pool);
    return 0;
}
