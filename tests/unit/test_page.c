/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/page_*.c: every page there is, looked at as a browser would; what holds
 * for all of them, with harmless and with hostile values. What each page says
 * is in test_page_address.c, test_page_code.c and test_page_notice.c.
 *
 * Hostile means: put into every place a value can come from. The page must
 * then have the same skeleton (tags and names of attributes) as with harmless
 * values: nothing that came from outside became markup.
 */
#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>

#include "core/page.h"
#include "page_fixture.h"

#define FORM_MAX_BYTES 6000 /* ux.md A.0, with a token of 500 characters
 *
 * Covers: page_frame page_logout
 */
#define MAX_PAGES 200

typedef struct {
    const char *name;
    const char *html;
    apr_size_t len;
} seen_t;

static void add(seen_t *pages, int *count, const char *name, const char *html,
                apr_size_t len)
{
    pages[*count].name = name;
    pages[*count].html = html;
    pages[(*count)++].len = len;
}

static void add_forms(seen_t *pages, int *count, const pwl_page_site_t *site,
                      const char *word)
{
    static const pwl_reason_t whys[] = {PWL_OK,
                                        PWL_ADDRESS_FORMAT,
                                        PWL_OTP_LENGTH,
                                        PWL_FLOW_WRONG,
                                        PWL_FLOW_EXPIRED,
                                        PWL_FLOW_SPENT,
                                        PWL_FLOW_WAIT,
                                        PWL_FLOW_LIMIT,
                                        PWL_FLOW_SUPERSEDED,
                                        PWL_HTTPS_TIMEOUT,
                                        PWL_TENANT_CONFIG};
    apr_size_t len;
    size_t i;

    for (i = 0; i < sizeof(whys) / sizeof(whys[0]); i++) {
        const char *why = pwl_reason_word(whys[i]);
        pwl_page_address_t address = {.token = word,
                                      .value = word,
                                      .why = whys[i],
                                      .ref = word,
                                      .has_code = 1};
        pwl_page_code_t code = {.token = word,
                                .address = word,
                                .digits = 6,
                                .found = 5,
                                .tries_left = 2,
                                .life = apr_time_from_sec(180),
                                .left = apr_time_from_sec(100),
                                .send_wait = apr_time_from_sec(42),
                                .why = whys[i],
                                .value = word,
                                .ref = word,
                                .autofocus = 1};
        const char *html = pwl_page_address(site, &address, pool, &len);

        add(pages, count, apr_pstrcat(pool, "step 1, ", why, NULL), html, len);
        html = pwl_page_code(site, &code, pool, &len);
        add(pages, count, apr_pstrcat(pool, "step 2, ", why, NULL), html, len);
    }
}

/* Every page there is, with `word` wherever a value can come from. */
static int all_pages(seen_t *pages, const char *word)
{
    pwl_page_site_t site = site_of(word);
    pwl_page_logout_t logout = {.token = word, .address = word};
    const char *html;
    apr_size_t len;
    int count = 0;
    int i;
    int b;

    add_forms(pages, &count, &site, word);
    site.medium = PWL_PAGE_PHONE_CODE;
    add_forms(pages, &count, &site, word);
    site.medium = PWL_PAGE_EMAIL_LINK;
    add_forms(pages, &count, &site, word);
    site.medium = PWL_PAGE_EMAIL_CODE;
    html = pwl_page_logout(&site, &logout, pool, &len);
    add(pages, &count, "logout", html, len);
    for (i = 0; i < PWL_PAGE_KINDS; i++) {
        pwl_page_notice_t notice = pwl_page_notice_make((pwl_page_kind_t)i);

        notice.args.address = word;
        notice.ref = word;
        for (b = 0; b < PWL_PAGE_BUTTONS; b++)
            notice.buttons[b].url = "/x?y=1&z=2";
        html = pwl_page_notice(&site, &notice, pool, &len);
        add(pages, &count, apr_psprintf(pool, "notice %d", i), html, len);
    }
    return count;
}

/* Tags and attribute names, without texts and values. */
static const char *skeleton(const char *html)
{
    char *out = apr_palloc(pool, strlen(html) + 1);
    char *to = out;
    int in_tag = 0;
    int in_value = 0;

    for (; *html; html++) {
        if (in_value) {
            in_value = *html != '"';
            continue;
        }
        if (*html == '<')
            in_tag = 1;
        if (in_tag)
            *to++ = *html;
        if (in_tag && *html == '"')
            in_value = 1;
        if (*html == '>')
            in_tag = 0;
    }
    *to = '\0';
    return out;
}

static int times(const char *html, const char *what)
{
    int count = 0;

    for (; (html = strstr(html, what)) != NULL; html += strlen(what))
        count++;
    return count;
}

/* Every id of ours begins alike: a deep link's fragment must not hit one. */
static int ids_are_ours(const char *html)
{
    while ((html = strstr(html, " id=\"")) != NULL) {
        html += 5;
        if (strncmp(html, "pwless-", 7) != 0)
            return 0;
    }
    return 1;
}

/* Every id that something points to stands on the page, once. */
static int targets_stand(const char *html)
{
    const char *at = html;

    while ((at = strstr(at, "for=\"")) != NULL) {
        const char *id = at + 5;

        at = strchr(id, '"');
        if (times(html,
                  apr_pstrcat(pool, " id=\"",
                              apr_pstrmemdup(pool, id, (apr_size_t)(at - id)),
                              "\"", NULL)) != 1)
            return 0;
    }
    return 1;
}

static int is_balanced(const char *html)
{
    static const char *const tags[] = {
        "html", "head", "body", "main",    "div", "form", "button", "label",
        "ul",   "li",   "bdi",  "details", "p",   "a",    "span",   "title"};
    size_t i;

    for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        int open = times(html, apr_pstrcat(pool, "<", tags[i], ">", NULL)) +
                   times(html, apr_pstrcat(pool, "<", tags[i], " ", NULL));

        if (open != times(html, apr_pstrcat(pool, "</", tags[i], ">", NULL)))
            return 0;
    }
    return 1;
}

/* What no page of ours may hold, whatever it says. */
static const char *forbidden(const char *html)
{
    static const char *const never[] = {
        "style=",         "<style",    " on",      "maxlength", "placeholder",
        "disabled",       "pattern=",  "required", "<noscript", "javascript:",
        "user-scalable",  "maximum-",  "data:",    "//",        "<iframe",
        "<meta http-equ", "tabindex=", "<font",    "action=",   "Auth0"};
    size_t i;
    const char *bones = skeleton(html);

    for (i = 0; i < sizeof(never) / sizeof(never[0]); i++)
        if (strstr(never[i][0] == ' ' ? bones : html, never[i]))
            return never[i];
    return NULL;
}

static void test_rules_of_all_pages(void)
{
    static seen_t pages[MAX_PAGES];
    int count = all_pages(pages, "example");
    int i;

    for (i = 0; i < count; i++) {
        const char *html = pages[i].html;

        tap_str(apr_pstrcat(pool, pages[i].name,
                            ": nothing inline, nothing "
                            "forbidden",
                            NULL),
                forbidden(html), NULL);
        tap_ok(strncmp(html, "<!doctype html>\n<html lang=\"en\" dir=\"ltr\">",
                       41) == 0 &&
                   times(html, "<h1>") == 1 && times(html, "<main ") == 1 &&
                   times(html, "<title>") == 1 && is_balanced(html) &&
                   times(html, "name=\"viewport\"") == 1 &&
                   times(html, "content=\"noindex\"") == 1 &&
                   times(html, "<script src=\"/a/") == 1 &&
                   times(html, "<script") == 1 && pages[i].len == strlen(html),
               "... one of each, and all tags are closed");
        tap_ok(ids_are_ours(html) && targets_stand(html),
               "... its ids are ours, and labels name them");
    }
}

static void test_hostile_values(void)
{
    static const char *const words[] = {
        "\"><script>alert(1)</script>",
        "'\"`<>&{{x}}%s%n",
        "</pre></title></bdi><img src=x onerror=alert(1)>",
        "a\xff\xc0\xbc\xed\xa0\x80"
        "b",
        "{address}{site}{help}",
        "\xe2\x80\xae"
        "evil\r\n\x01\x7f"};
    static seen_t good[MAX_PAGES];
    static seen_t bad[MAX_PAGES];
    char *long_word = apr_palloc(pool, 8193);
    int count = all_pages(good, "example");
    size_t w;
    int i;

    memset(long_word, '<', 8192);
    long_word[8192] = '\0';
    for (w = 0; w <= sizeof(words) / sizeof(words[0]); w++) {
        int same = 1;
        int bounded = 1;

        all_pages(bad,
                  w < sizeof(words) / sizeof(words[0]) ? words[w] : long_word);
        for (i = 0; i < count; i++) {
            same &= strcmp(skeleton(good[i].html), skeleton(bad[i].html)) == 0;
            bounded &= bad[i].len < 300000;
        }
        tap_ok(same && bounded,
               apr_psprintf(pool,
                            "X1, X2, X3: value %d stays a value, in "
                            "every place of every page",
                            (int)w));
    }
}

static void test_weights(void)
{
    pwl_page_site_t site = site_of("Riverside Rowing Club");
    pwl_page_code_t code = {.token = token,
                            .address = "jane.maria.doe@members.example.org",
                            .digits = 6,
                            .tries_left = 2,
                            .life = apr_time_from_sec(180),
                            .left = apr_time_from_sec(100),
                            .send_wait = apr_time_from_sec(42),
                            .why = PWL_FLOW_WRONG,
                            .notice = PWL_TEXT_SEND_AGAIN,
                            .value = "123 456",
                            .autofocus = 1};
    pwl_page_address_t address = {.token = token,
                                  .value = "jane@",
                                  .why = PWL_ADDRESS_FORMAT,
                                  .notice = PWL_TEXT_SESSION_IDLE,
                                  .has_code = 1};
    apr_size_t len;

    site.host = "members.riverside-rowing.example";
    pwl_page_code(&site, &code, pool, &len);
    tap_ok(len <= FORM_MAX_BYTES, apr_psprintf(pool,
                                               "step 2 at its heaviest "
                                               "weighs %d bytes",
                                               (int)len));
    pwl_page_address(&site, &address, pool, &len);
    tap_ok(len <= FORM_MAX_BYTES, apr_psprintf(pool,
                                               "step 1 at its heaviest "
                                               "weighs %d bytes",
                                               (int)len));
}

static void test_frame(void)
{
    pwl_page_site_t site = site_of("Club");
    pwl_page_logout_t logout = {.token = token};
    const char *html;
    apr_size_t len;

    site.theme = "dark";
    site.logo = "/logo.svg";
    site.assets_js = NULL;
    site.extra_css = "data:text/css,x";
    site.help = NULL;
    html = pwl_page_logout(&site, &logout, pool, &len);
    tap_ok(strstr(html, "dir=\"ltr\" data-theme=\"dark\">") &&
               strstr(html, "src=\"/logo.svg\" alt=\"Club\">") &&
               !strstr(html, "<script") && !strstr(html, "data:") &&
               !strstr(html, "signed in as"),
           "theme, logo, no script, no name");
    site.theme = "\"><script>";
    site.logo = "javascript:x";
    html = pwl_page_logout(&site, &logout, pool, &len);
    tap_ok(!strstr(html, "data-theme") && !strstr(html, "<img"),
           "X4: a theme is one of three words, a logo is a URL");
}

int main(void)
{
    apr_initialize();
    atexit(apr_terminate);
    apr_pool_create(&pool, NULL);
    memset(token, 'x', sizeof(token) - 1);
    test_rules_of_all_pages();
    test_hostile_values();
    test_weights();
    test_frame();
    return tap_done();
}
