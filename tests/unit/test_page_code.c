/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/page_code.c: what must and must not stand on step 2, state by state.
 */
#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>

#include "core/page.h"
#include "page_fixture.h"

/* clang-format off */
static const struct {
    const char *what;
    pwl_reason_t why;
    int left; /* seconds */
    int wait;
    const char *has[5];
    const char *not[4];
} states[] = {
    {"first look: the field has focus, no tries are named", PWL_OK, 180, 60,
     {"<title>Enter your code \xe2\x80\x93 Club</title>", " autofocus>",
      "works for <span class=\"pwless-time\">3 minutes</span>. Only",
      "data-pwless-left=\"60\"", "data-pwless-life=\"180\""},
     {"tries left", "aria-invalid", "role=\"alert\">\n", "Error:"}},
    {"the field is as ux.md A.2 wants it", PWL_OK, 180, 0,
     {"type=\"text\" id=\"pwless-code\" name=\"code\"",
      "inputmode=\"numeric\" autocomplete=\"one-time-code\"",
      "autocapitalize=\"none\" autocorrect=\"off\" spellcheck=\"false\"",
      "enterkeyhint=\"done\"", "size=\"12\" dir=\"ltr\""},
     {"pwless-wait", "type=\"number\"", "autocomplete=\"off\"", NULL}},
    {"L27: host and site are named", PWL_OK, 100, 0,
     {"Type the code only on <bdi class=\"pwless-id\" dir=\"ltr\">www.example"
      "</bdi>. Nobody from <bdi>Club</bdi>", "can sign in to <bdi>Club</bdi>",
      "If <bdi class=\"pwless-id\" dir=\"ltr\">jane@example.org</bdi>",
      "works for about <span class=\"pwless-time\">1 minute</span> more", NULL},
     {NULL}},
    {"a wrong code stays to be compared", PWL_FLOW_WRONG, 100, 9,
     {"<title>Error: Enter your code", "value=\"123 456\"",
      "<div role=\"alert\">\n<h2>One thing to fix</h2>\n<p><a href=\"#pwless-"
      "code\">That is not the code in the newest email. 2 tries left",
      "id=\"pwless-code-err\"><span class=\"pwless-vh\">Error:</span> That is",
      "aria-invalid=\"true\" aria-describedby=\"pwless-code-err pwless-code-hint\""},
     {NULL}},
    {"a moment after the mail, its life has not lost a minute", PWL_OK, 178, 60,
     {"works for <span class=\"pwless-time\">3 minutes</span>. Only",
      "data-pwless-life=\"178\"", NULL},
     {NULL}},
    {"past its life a wrong code is an old one", PWL_FLOW_WRONG, -1, 0,
     {"That code is too old", "<a href=\"#pwless-send\">", NULL},
     {"tries left", "aria-invalid", "value=\"123 456\"", NULL}},
    {"a code of the wrong length: both numbers", PWL_OTP_LENGTH, 100, 9,
     {"The code has 6 digits. You entered 5", "value=\"123 456\"", NULL},
     {"tries left", NULL}},
    {"an expired code is cleared, the new one leads", PWL_FLOW_EXPIRED, -1, 0,
     {"it worked for <span class=\"pwless-time\">3 minutes</span>",
      "pwless-primary\" name=\"op\" value=\"send\"", "href=\"#pwless-send\"",
      "<button class=\"pwless-btn\" name=\"op\" value=\"verify\">",
      "<title>Error: "},
     {"value=\"123 456\"", "pwless-life", NULL}},
    {"after the last try there is no field", PWL_FLOW_SPENT, 100, 0,
     {"That was the last try for this code",
      "pwless-primary\" name=\"op\" value=\"send\" id=\"pwless-send\" autofocus",
      "href=\"#pwless-send\"", NULL},
     {"name=\"code\"", "value=\"verify\"", "value=\"123 456\"", NULL}},
    {"a newer code elsewhere", PWL_FLOW_SUPERSEDED, 100, 0,
     {"A newer code was asked for in another tab", "name=\"code\"", NULL},
     {"value=\"123 456\"", NULL}},
    {"an early press is no error", PWL_FLOW_WAIT, 100, 42,
     {"<p class=\"pwless-note\" id=\"pwless-note\" data-pwless-left=\"42\">You "
      "can ask for a new code in <span class=\"pwless-time\">42 seconds</span>",
      "aria-describedby=\"pwless-wait\"", "value=\"123 456\"", NULL},
     {"Error:", "role=\"alert\">\n", "aria-invalid", NULL}},
    {"too many codes", PWL_FLOW_LIMIT, 100, 1800,
     {"You can ask again in <span class=\"pwless-time\">30 minutes</span>",
      NULL}, {"aria-invalid", NULL}},
    {"the tenant is down: the code is still good", PWL_HTTPS_TIMEOUT, 100, 0,
     {"The fault is not yours, and your code is still good. Try again in",
      "<h2>That did not work</h2>", "value=\"123 456\"", "Reference <bdi", NULL},
     {"aria-invalid", NULL}},
    {"the tenant is down: the code is not good any more", PWL_HTTPS_TIMEOUT,
     -1, 0, {"The fault is not yours. Try again in", NULL},
     {"still good", NULL}},
};
/* clang-format on */

static const char *code_page(pwl_reason_t why, int left, int wait, int tries)
{
    pwl_page_site_t site = site_of("Club");
    pwl_page_code_t code = {.token = token,
                            .address = "jane@example.org",
                            .digits = 6,
                            .found = 5,
                            .tries_left = tries,
                            .life = apr_time_from_sec(180),
                            .left = apr_time_from_sec(left),
                            .send_wait = apr_time_from_sec(wait),
                            .why = why,
                            .value = "123 456",
                            .ref = "R1",
                            .autofocus = 1};
    apr_size_t len;

    if (why == PWL_OK)
        code.value = NULL;
    site.host = "www.example";
    return pwl_page_code(&site, &code, pool, &len);
}

static const char *link_page(pwl_reason_t why, int goes_on)
{
    pwl_page_site_t site = site_of("Club");
    pwl_page_code_t code = {.token = token,
                            .address = "jane@example.org",
                            .life = apr_time_from_sec(180),
                            .left = apr_time_from_sec(100),
                            .why = why,
                            .goes_on = goes_on,
                            .autofocus = 1};
    apr_size_t len;

    site.medium = PWL_PAGE_EMAIL_LINK;
    site.assets_link = "/a/link.js";
    return pwl_page_code(&site, &code, pool, &len);
}

static void test_link(void)
{
    const char *html = link_page(PWL_OK, 1);

    tap_ok(!strstr(html, "autofocus") && !strstr(html, "name=\"code\"") &&
               strstr(html, "a sign-in link is on its way there"),
           "a link is not typed, and Enter must not ask for another one");
    tap_ok(strstr(html, "pwless-primary\" name=\"op\" value=\"continue\"") !=
               NULL,
           "without script, who has opened it goes on by a button");
    tap_ok(strstr(html, " data-pwless-wait=\"100\"") &&
               strstr(html, "<script src=\"/a/link.js\" defer></script>"),
           "with script, the page waits as long as the link works");
    tap_ok(!strstr(link_page(PWL_OK, 0), "data-pwless-wait") &&
               !strstr(link_page(PWL_OK, 0), "link.js"),
           "but not where it would lead round");
    html = link_page(PWL_FLOW_EXPIRED, 1);
    tap_ok(!strstr(html, "data-pwless-wait") && !strstr(html, "link.js") &&
               strstr(html, "That link is too old") &&
               strstr(html, "pwless-primary\" name=\"op\" value=\"send\""),
           "nothing is waited for past that, and a new link is the way on");
    html = link_page(PWL_TENANT_FAILED, 1);
    tap_ok(strstr(html, "The fault is not yours") && !strstr(html, "your code"),
           "nothing is said of a code");
    tap_ok(!strstr(code_page(PWL_OK, 100, 0, 2), "data-pwless-wait") &&
               !strstr(code_page(PWL_OK, 100, 0, 2), "value=\"continue\""),
           "a code is typed, not waited for");
}

static void test_states_of_step_2(void)
{
    size_t i;
    size_t j;

    for (i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        const char *html =
            code_page(states[i].why, states[i].left, states[i].wait, 2);
        const char *missing = NULL;

        for (j = 0; j < 5 && states[i].has[j]; j++)
            if (!strstr(html, states[i].has[j]))
                missing = states[i].has[j];
        for (j = 0; j < 4 && states[i].not [j]; j++)
            if (strstr(html, states[i].not [j]))
                missing = states[i].not [j];
        tap_str(states[i].what, missing, NULL);
    }
    test_link();
    tap_str("L21: a blocked person reads what a wrong code says",
            code_page(PWL_TENANT_BLOCKED, 100, 9, 2),
            code_page(PWL_FLOW_WRONG, 100, 9, 2));
    tap_ok(!strstr(code_page(PWL_TENANT_CLOSED, 100, 9, 2), "pwless-sum") &&
               !strstr(code_page(PWL_TENANT_CLOSED, 100, 9, 2), "Error"),
           "L21: an unknown person reads nothing about it");
    tap_ok(!strstr(code_page(PWL_FLOW_WRONG, 100, 9, 0), "name=\"code\""),
           "no tries left is the last try, whatever the reason says");
}

int main(void)
{
    apr_initialize();
    atexit(apr_terminate);
    apr_pool_create(&pool, NULL);
    memset(token, 'x', sizeof(token) - 1);
    test_states_of_step_2();
    return tap_done();
}
