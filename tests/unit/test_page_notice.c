/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/page_notice.c: what we have to say, and the ways on from there.
 */
#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>

#include "core/page.h"
#include "page_fixture.h"

static int times(const char *html, const char *what)
{
    int count = 0;

    for (; (html = strstr(html, what)) != NULL; html += strlen(what))
        count++;
    return count;
}

static void test_notices(void)
{
    pwl_page_site_t site = site_of("Club");
    pwl_page_notice_t notice = pwl_page_notice_make(PWL_PAGE_DENIED);
    const char *html;
    apr_size_t len;

    notice.ref = "R1";
    notice.args.address = "jane@example.org";
    notice.buttons[0].token = token;
    notice.buttons[0].op = "change";
    notice.buttons[1].url = "javascript:alert(1)";
    html = pwl_page_notice(&site, &notice, pool, &len);
    tap_ok(strstr(html, "value=\"change\">Sign in as someone else<") &&
               !strstr(html, "javascript") && !strstr(html, "Go back") &&
               strstr(html, "Reference <bdi dir=\"ltr\">R1</bdi> \xc2\xb7 "
                            "Status 403"),
           "X1: a button with a URL that is none is left out");
    notice.args.address = NULL;
    html = pwl_page_notice(&site, &notice, pool, &len);
    tap_ok(strstr(html, "not open to the account you are signed") != NULL,
           "nobody is named when nobody is known");
    notice = pwl_page_notice_make(PWL_PAGE_CONFIG);
    notice.ref = "R1";
    html = pwl_page_notice(&site, &notice, pool, &len);
    tap_int("X8: a reference that stands in the text is not said twice",
            times(html, "R1"), 1);
    notice = pwl_page_notice_make(PWL_PAGE_UNSENT);
    notice.buttons[0].url = "/login";
    html = pwl_page_notice(&site, &notice, pool, &len);
    tap_ok(strstr(html, "data-pwless-session=\"/a/session\"") &&
               strstr(html, "data-pwless-unsent=\"1\"") &&
               strstr(html, "data-pwless-go=\"Send it now\"") &&
               strstr(html, "target=\"_blank\" rel=\"noopener\""),
           "what did not go through can be sent again");
    notice = pwl_page_notice_make(PWL_PAGE_FRAGMENT);
    notice.buttons[0].url = "/login";
    html = pwl_page_notice(&site, &notice, pool, &len);
    tap_ok(!strstr(html, "<form") && strstr(html, "href=\"/login\""),
           "O11: the page for a fragment leaves it behind");
    notice = pwl_page_notice_make(PWL_PAGE_OUT);
    html = pwl_page_notice(&site, &notice, pool, &len);
    tap_ok(strstr(html, "href=\"/\">Go to the start page") &&
               !strstr(html, "Status"),
           "signed out: the way home needs no URL from the caller");
    notice = pwl_page_notice_make((pwl_page_kind_t)99);
    tap_int("X4: a kind out of range is the plain one", notice.title,
            PWL_TEXT_TITLE_STOPPED);
}

int main(void)
{
    apr_initialize();
    atexit(apr_terminate);
    apr_pool_create(&pool, NULL);
    memset(token, 'x', sizeof(token) - 1);
    test_notices();
    return tap_done();
}
