/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/assets.c: names, hashes and weights of what we serve; and of the files
 * themselves: colours that can be read in both schemes, nothing that a strict
 * policy would stop, nothing that leads elsewhere.
 */
#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "core/assets.h"

static apr_pool_t *pool;

static const char *text_of(const char *base)
{
    const pwl_asset_t *asset = pwl_assets_find(pwl_assets_name(base));

    return apr_pstrmemdup(pool, (const char *)asset->data, asset->len);
}

static void test_file(const char *base, apr_size_t max_bytes, const char *type)
{
    const char *name = pwl_assets_name(base);
    const pwl_asset_t *asset = pwl_assets_find(name);
    unsigned char digest[EVP_MAX_MD_SIZE];
    const char *want = "";
    char *other = apr_pstrdup(pool, name);
    int i;

    tap_ok(asset && asset->len > 500 && asset->len <= max_bytes,
           apr_psprintf(pool, "%s weighs %d bytes", base,
                        asset ? (int)asset->len : 0));
    EVP_Digest(asset->data, asset->len, digest, NULL, EVP_sha256(), NULL);
    for (i = 0; i < 6; i++)
        want = apr_psprintf(pool, "%s%02x", want, digest[i]);
    tap_str("... its name carries the hash of its bytes", name,
            apr_pstrcat(pool,
                        apr_pstrmemdup(pool, base,
                                       (apr_size_t)(strchr(base, '.') - base)),
                        ".", want, strchr(base, '.'), NULL));
    tap_str("... and so does its ETag", asset->etag,
            apr_pstrcat(pool, "\"", want, "\"", NULL));
    tap_str("... its type", asset->content_type, type);
    other[8] = other[8] == '0' ? '1' : '0';
    tap_ok(!pwl_assets_find(other), "... another hash finds nothing");
}

static void test_names(void)
{
    static const char *const strange[] = {"",
                                          "pwless.css",
                                          "pwless..css",
                                          "../pwless.css",
                                          "assets_data.h",
                                          "pwless.000000000000.css%00"};
    size_t i;

    for (i = 0; i < sizeof(strange) / sizeof(strange[0]); i++)
        tap_ok(!pwl_assets_find(strange[i]),
               apr_psprintf(pool, "\"%s\" is none of our files", strange[i]));
    tap_ok(!pwl_assets_find(NULL) && !pwl_assets_name(NULL) &&
               !pwl_assets_name("other.css"),
           "what we do not have is NULL");
}

/* x to the power of 2.4, without libm: x * x times the fifth root of that. */
static double power(double x)
{
    double square = x * x;
    double root = 1;
    int i;

    for (i = 0; i < 60; i++)
        root -= (root - square / (root * root * root * root)) / 5;
    return square * root;
}

/* Linear light of one channel, WCAG 2.2. */
static double channel(long value)
{
    double c = (double)value / 255;

    return c <= 0.03928 ? c / 12.92 : power((c + 0.055) / 1.055);
}

/* The luminance of a token in the block that begins at `block`. */
static double luminance(const char *block, const char *token)
{
    const char *at = strstr(block, apr_pstrcat(pool, token, ": #", NULL));
    const char *hex = at ? at + strlen(token) + 3 : "000;";
    char *end;
    long rgb = strtol(hex, &end, 16);

    if (end - hex == 3)
        rgb = (rgb >> 8 & 15) * 0x110000 + (rgb >> 4 & 15) * 0x1100 +
              (rgb & 15) * 0x11;
    return 0.2126 * channel(rgb >> 16 & 255) +
           0.7152 * channel(rgb >> 8 & 255) + 0.0722 * channel(rgb & 255);
}

static double contrast(const char *block, const char *one, const char *other)
{
    double a = luminance(block, one);
    double b = luminance(block, other);

    return a > b ? (a + 0.05) / (b + 0.05) : (b + 0.05) / (a + 0.05);
}

static void test_contrast(void)
{
    static const struct {
        const char *one;
        const char *other;
        double least;
    } pairs[] = {
        {"--pwless-accent-text", "--pwless-accent", 4.5},
        {"--pwless-accent", "--pwless-surface", 4.5},
        {"--pwless-accent", "--pwless-bg", 4.5},
        {"--pwless-text", "--pwless-surface", 4.5},
        {"--pwless-text", "--pwless-bg", 4.5},
        {"--pwless-muted", "--pwless-surface", 4.5},
        {"--pwless-muted", "--pwless-bg", 4.5},
        {"--pwless-error", "--pwless-surface", 4.5},
        {"--pwless-border", "--pwless-surface", 3},
        {"--pwless-focus", "--pwless-surface", 3},
    };
    static const char *const blocks[] = {":where(:root) {",
                                         "@media (prefers-color-scheme: dark)",
                                         ":where(:root[data-theme=\"dark\"])"};
    const char *css = text_of("pwless.css");
    size_t b;
    size_t i;

    for (b = 0; b < 3; b++)
        for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
            const char *block = strstr(css, blocks[b]);
            double ratio =
                block ? contrast(block, pairs[i].one, pairs[i].other) : 0;

            tap_ok(ratio >= pairs[i].least,
                   apr_psprintf(pool, "scheme %d: %s on %s has %.2f:1", (int)b,
                                pairs[i].one, pairs[i].other, ratio));
        }
}

static void test_words(void)
{
    static const struct {
        const char *file;
        const char *word;
        int stands;
    } rows[] = {
        {"pwless.js", "'use strict'", 1},
        {"pwless.js", "innerHTML", 0},
        {"pwless.js", "insertAdjacent", 0},
        {"pwless.js", "document.write", 0},
        {"pwless.js", "eval", 0},
        {"pwless.js", "new Function", 0},
        {"pwless.js", "localStorage", 0},
        {"pwless.js", "http", 0},
        {"pwless.js", "Date", 0}, /* the visitor's clock may be wrong */
        {"client.js", "'use strict'", 1},
        {"client.js", "innerHTML", 0},
        {"client.js", "insertAdjacent", 0},
        {"client.js", "document.write", 0},
        {"client.js", "eval", 0},
        {"client.js", "new Function", 0},
        {"client.js", "localStorage", 0},
        {"client.js", "Date", 0},
        {"lock.js", "'use strict'", 1},
        {"lock.js", "avatar: null", 1},
        {"lock.js", "responseType: 'code'", 1},
        {"lock.js", "innerHTML", 0},
        {"link.js", "'use strict'", 1},
        {"link.js", "innerHTML", 0},
        {"lock.js", "cdn.", 0},
        {"pwless.css", "color-scheme: dark", 1},
        {"pwless.css", "prefers-reduced-motion", 1},
        {"pwless.css", "forced-colors: active", 1},
        {"pwless.css", ":focus-visible { outline: 2px", 1},
        {"pwless.css", "url(", 0},
        {"status.css", "url(", 0},
        {"status.css", "!important", 0},
        {"status.css", "text-align: left", 0},
        {"pwless.css", "@import", 0},
        {"pwless.css", "!important", 0}, /* would beat the operator's */
        {"pwless.css", "margin-left", 0},
        {"pwless.css", "margin-right", 0},
        {"pwless.css", "padding-left", 0},
        {"pwless.css", "text-align: left", 0},
    };
    static const char *const tokens[] = {
        "accent", "accent-text", "bg",         "surface", "text",
        "muted",  "border",      "error",      "focus",   "radius",
        "font",   "width",       "logo-height"};
    const char *css = text_of("pwless.css");
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        tap_ok((strstr(text_of(rows[i].file), rows[i].word) != NULL) ==
                   rows[i].stands,
               apr_psprintf(pool, "%s %s \"%s\"", rows[i].file,
                            rows[i].stands ? "has" : "has no", rows[i].word));
    for (i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++)
        tap_ok(strstr(css, apr_pstrcat(pool, "  --pwless-", tokens[i], ": ",
                                       NULL)) != NULL,
               apr_pstrcat(pool, "the token --pwless-", tokens[i], " stands",
                           NULL));
}

int main(void)
{
    apr_initialize();
    atexit(apr_terminate);
    apr_pool_create(&pool, NULL);
    test_file("pwless.css", 8000, "text/css; charset=utf-8");
    test_file("pwless.js", 4000, "text/javascript; charset=utf-8");
    test_file("client.js", 8000, "text/javascript; charset=utf-8");
    test_file("lock.js", 4000, "text/javascript; charset=utf-8");
    test_file("link.js", 1000, "text/javascript; charset=utf-8");
    test_file("status.css", 4000, "text/css; charset=utf-8");
    test_names();
    test_contrast();
    test_words();
    return tap_done();
}
