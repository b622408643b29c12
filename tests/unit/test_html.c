/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/html.c: what may come out of text and attributes, whatever went in.
 */
#include "tap.h"

#include <apr_general.h>
#include <stdlib.h>

#include "core/html.h"
#include "core/limits.h"

static apr_pool_t *pool;

static const char *text_of(const char *in)
{
    pwl_html_t *html = pwl_html_make(pool);

    pwl_html_text(html, in);
    return pwl_html_bytes(html, NULL);
}

static const char *attr_of(const char *in)
{
    pwl_html_t *html = pwl_html_make(pool);

    pwl_html_attr(html, in);
    return pwl_html_bytes(html, NULL);
}

/* clang-format off */
static const struct {
    const char *what;
    const char *in;
    const char *want;
} texts[] = {
    {"plain words stay as they are", "Jane Doe", "Jane Doe"},
    {"no text is no bytes", "", ""},
    {"NULL is no text", NULL, ""},
    {"X1: a tag", "<script>", "&lt;script&gt;"},
    {"X1: an ampersand", "a&b&amp;", "a&amp;b&amp;amp;"},
    {"X1: quotes of both kinds", "\"'", "&quot;&#39;"},
    {"X1: the backtick, a quote for old browsers", "`", "&#96;"},
    {"X1: braces and percent signs mean nothing", "{{x}} %s %n", "{{x}} %s %n"},
    {"X1: control bytes are dropped", "a\x01\x08\x1b\x7f" "b", "ab"},
    {"X1: line breaks and tabs become spaces", "a\tb\r\nc", "a b  c"},
    {"X1: C1 controls are dropped", "a\xc2\x85" "b", "ab"},
    {"X1: a byte that is not UTF-8", "a\xff" "b", "a\xef\xbf\xbd" "b"},
    {"X1: an overlong '<'", "\xc0\xbc", "\xef\xbf\xbd\xef\xbf\xbd"},
    {"X1: a surrogate", "\xed\xa0\x80",
     "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"X1: a character cut short keeps the tag behind it harmless",
     "\xe2\x82<", "\xef\xbf\xbd\xef\xbf\xbd&lt;"},
    {"X1: a lead byte at the very end", "a\xf0", "a\xef\xbf\xbd"},
    {"X3: a right-to-left override is dropped",
     "a\xe2\x80\xae" "b\xe2\x80\xac" "c", "abc"},
    {"X3: an isolate is dropped", "a\xe2\x81\xa7" "b", "ab"},
    {"a line separator becomes a space", "a\xe2\x80\xa8" "b", "a b"},
    {"other scripts stay", "\xd9\xa1 \xe6\xbc\xa2 \xf0\x9f\x9a\xa3",
     "\xd9\xa1 \xe6\xbc\xa2 \xf0\x9f\x9a\xa3"},
};

static const struct {
    const char *what;
    const char *url;
    int good;
} urls[] = {
    {"a path on this site", "/.auth0/login?return_to=%2Fx", 1},
    {"the front page", "/", 1},
    {"https", "https://example.org/help", 1},
    {"http", "http://example.org/help", 1},
    {"an address to write to", "mailto:it@example.org", 1},
    {"a number to call", "tel:+441632960961", 1},
    {"no URL", NULL, 0},
    {"an empty one", "", 0},
    {"X1: javascript:", "javascript:alert(1)", 0},
    {"X1: JavaScript: in capitals", "JavaScript:alert(1)", 0},
    {"X1: data:", "data:text/html,x", 0},
    {"X1: another host without a scheme", "//evil.example", 0},
    {"X1: a backslash that browsers read as a slash", "/\\evil.example", 0},
    {"X1: a TAB that browsers drop", "/\t/evil.example", 0},
    {"X1: a space before the scheme", " javascript:x", 0},
    {"a relative path", "login", 0},
};
/* clang-format on */

/* What `filler` bytes of 'a' and a tail of "<" come out as. */
static apr_size_t length_after(apr_size_t filler, int attr, int *ellipsis)
{
    char *in = apr_palloc(pool, filler + 1);
    const char *out;

    memset(in, 'a', filler);
    in[filler] = '\0';
    out = attr ? attr_of(in) : text_of(in);
    *ellipsis = strstr(out, "\xe2\x80\xa6") != NULL;
    return strlen(out);
}

static void test_limits(void)
{
    static const struct {
        const char *what;
        int attr;
        apr_size_t bytes;
        apr_size_t want;
        int ellipsis;
    } rows[] = {
        {"X1: a text at its limit is whole", 0, PWL_HTML_TEXT_MAX,
         PWL_HTML_TEXT_MAX, 0},
        {"X1: one past it is cut, and says so", 0, PWL_HTML_TEXT_MAX + 1,
         PWL_HTML_TEXT_MAX + 3, 1},
        {"X1: an attribute at its limit is whole", 1, PWL_HTML_ATTR_MAX,
         PWL_HTML_ATTR_MAX, 0},
        {"X1: one past it is cut", 1, PWL_HTML_ATTR_MAX + 1, PWL_HTML_ATTR_MAX,
         0},
        {"X1: 8 KB of text are cut", 0, 8192, PWL_HTML_TEXT_MAX + 3, 1},
    };
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int ellipsis;
        apr_size_t len = length_after(rows[i].bytes, rows[i].attr, &ellipsis);

        tap_ok(len == rows[i].want && ellipsis == rows[i].ellipsis,
               rows[i].what);
    }
}

static void test_cut_between_characters(void)
{
    char in[PWL_HTML_TEXT_MAX + 3];
    const char *out;

    memset(in, 'a', sizeof(in));
    memcpy(in + PWL_HTML_TEXT_MAX - 1, "\xe2\x82\xac", 4);
    out = text_of(in);
    tap_ok(strstr(out, "\xef\xbf\xbd") == NULL &&
               strlen(out) == PWL_HTML_TEXT_MAX - 1 + 3,
           "X1: the cut does not fall within a character");
    memset(in, 0x80, sizeof(in) - 1);
    in[sizeof(in) - 1] = '\0';
    out = text_of(in);
    tap_int("X1: a text of nothing but nonsense is cut too",
            (long long)strlen(out), PWL_HTML_TEXT_MAX * 3 + 3);
}

static void test_growth(void)
{
    pwl_html_t *html = pwl_html_make(pool);
    apr_size_t len;
    int i;

    for (i = 0; i < 20000; i++)
        pwl_html_raw(html, "<p>");
    tap_ok(strlen(pwl_html_bytes(html, &len)) == 60000 && len == 60000,
           "a buffer grows as far as it must and counts its bytes");
    html = pwl_html_make(pool);
    pwl_html_text_part(html, "abcdef", 3);
    pwl_html_text_part(html, "ab", 9);
    tap_str("a part stops at its length or at a NUL",
            pwl_html_bytes(html, NULL), "abcab");
}

int main(void)
{
    size_t i;

    apr_initialize();
    atexit(apr_terminate);
    apr_pool_create(&pool, NULL);
    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        tap_str(texts[i].what, text_of(texts[i].in), texts[i].want);
        tap_ok(strcmp(attr_of(texts[i].in), texts[i].want) == 0,
               "... and the same in an attribute");
    }
    for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
        tap_int(urls[i].what, pwl_html_url_ok(urls[i].url), urls[i].good);
    test_limits();
    test_cut_between_characters();
    test_growth();
    return tap_done();
}
