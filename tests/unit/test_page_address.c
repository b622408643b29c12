/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/page_address.c: what must and must not stand on step 1.
 */
#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>

#include "core/page.h"
#include "page_fixture.h"

static void test_states_of_step_1(void)
{
    pwl_page_site_t site = site_of("Club");
    pwl_page_address_t page = {.token = token};
    const char *html;
    apr_size_t len;

    html = pwl_page_address(&site, &page, pool, &len);
    tap_ok(strstr(html, "<title>Sign in \xe2\x80\x93 Club</title>") &&
               strstr(html, "type=\"email\" name=\"email\" id=\"pwless-email\" "
                            "autocomplete=\"email\" inputmode=\"email\" "
                            "autocapitalize=\"none\" autocorrect=\"off\" "
                            "spellcheck=\"false\" enterkeyhint=\"send\" "
                            "dir=\"ltr\" autofocus>") &&
               strstr(html, "name=\"op\" value=\"send\">Email me a code<") &&
               strstr(html, "<form method=\"post\" novalidate") &&
               !strstr(html, "value=\"code\""),
           "first look: one field with focus, one button");
    page.why = PWL_ADDRESS_FORMAT;
    page.value = "jane@";
    html = pwl_page_address(&site, &page, pool, &len);
    tap_ok(strstr(html, "<title>Error: Sign in") &&
               strstr(html, "<a href=\"#pwless-email\">Enter an address") &&
               strstr(html, "value=\"jane@\" aria-invalid=\"true\" "
                            "aria-describedby=\"pwless-email-err\" autofocus"),
           "an unusable address stays in its field");
    page.why = PWL_OK;
    page.notice = PWL_TEXT_SESSION_IDLE;
    page.args.duration = apr_time_from_sec(3600);
    page.has_code = 1;
    html = pwl_page_address(&site, &page, pool, &len);
    tap_ok(strstr(html, "about 1 hour</span> without activity") &&
               !strstr(html, "autofocus") &&
               strstr(html, "value=\"code\">I already have a code<"),
           "a note comes before the field, so the focus stays above it");
    page.notice = PWL_TEXT_NONE;
    html = pwl_page_address(&site, &page, pool, &len);
    page.why = PWL_TENANT_CLOSED;
    tap_str("L21: step 1 says nothing about an address that is closed",
            pwl_page_address(&site, &page, pool, &len), html);
    page.why = PWL_TENANT_BLOCKED;
    tap_str("L21: nor about one that is blocked",
            pwl_page_address(&site, &page, pool, &len), html);
    site.medium = PWL_PAGE_PHONE_CODE;
    page.why = PWL_ADDRESS_EMPTY;
    html = pwl_page_address(&site, &page, pool, &len);
    tap_ok(strstr(html, "type=\"tel\" name=\"phone_number\"") &&
               strstr(html, "Enter your mobile number</a>") &&
               !strstr(html, "mail address"),
           "the sms connection asks for a number");
    tap_ok(strstr(html, "Start with + and the country code.") != NULL,
           "and says how it starts");
    site.own_country = 1;
    page.why = PWL_PHONE_PREFIX;
    html = pwl_page_address(&site, &page, pool, &len);
    tap_ok(strstr(html, "For another country, start with +") &&
               strstr(html, "We cannot send codes to numbers of that kind"),
           "of another country, where one has its own; and which get none");
}

int main(void)
{
    apr_initialize();
    atexit(apr_terminate);
    apr_pool_create(&pool, NULL);
    memset(token, 'x', sizeof(token) - 1);
    test_states_of_step_1();
    return tap_done();
}
