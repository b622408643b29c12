/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/page_step.c: the steps of a sign-in as JSON, alone and as members of a
 * problem, compared byte for byte with what a program is promised.
 */
#include "core/page_step.h"

#include <apr_general.h>
#include <jansson.h>
#include <stdlib.h>

#include "page_fixture.h"

#define SECONDS(n) apr_time_from_sec(n)

static const char *alone(const pwl_page_step_t *step)
{
    pwl_page_site_t site = site_of("Club");
    apr_size_t len;
    const char *text = pwl_page_step(&site, step, pool, &len);
    json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);

    tap_ok(json != NULL && strlen(text) == len, "X11: a step is valid JSON");
    json_decref(json);
    return text;
}

static pwl_page_code_t code_page(void)
{
    pwl_page_code_t page = {
        .token = "T",
        .address = "ann@example.org",
        .digits = 6,
        .tries_left = 3,
        .life = SECONDS(180),
        .left = SECONDS(180) - 1,
        .send_wait = SECONDS(59) + 1,
    };

    return page;
}

static const char *code_json(const pwl_page_code_t *page)
{
    pwl_page_step_t step = pwl_page_step_code(page);

    step.connection = "email";
    return alone(&step);
}

#define CODE_HEAD                                                              \
    "{\"next\": \"code\", \"t\": \"T\", \"connection\": \"email\", "           \
    "\"address\": \"ann@example.org\", \"code_length\": 6, "

static void test_code(void)
{
    pwl_page_code_t page = code_page();

    tap_str("L21: step 2 says that a code is on its way, if", code_json(&page),
            CODE_HEAD "\"tries_left\": 3, \"code_expires_in\": 179, "
                      "\"resend_after\": 60, \"detail\": \"If ann@example.org "
                      "can sign in to Club, a 6-digit code is on its way "
                      "there.\"}\n");
    page.notice = PWL_TEXT_SEND_AGAIN;
    page.send_wait = 0;
    tap_str("L18: another code was sent", code_json(&page),
            CODE_HEAD "\"tries_left\": 3, \"code_expires_in\": 179, "
                      "\"resend_after\": 0, \"reason\": \"flow-resent\", "
                      "\"detail\": \"We have sent another code. Codes from "
                      "earlier emails no longer work.\"}\n");
    page = code_page();
    page.why = PWL_FLOW_WRONG;
    page.tries_left = 2;
    tap_str("L17: a wrong code, with the tries left", code_json(&page),
            CODE_HEAD "\"tries_left\": 2, \"code_expires_in\": 179, "
                      "\"resend_after\": 60, \"reason\": \"flow-wrong\", "
                      "\"detail\": \"That is not the code in the newest email. "
                      "2 tries left with this code\"}\n");
    page.tries_left = 0;
    tap_ok(strstr(code_json(&page),
                  "\"tries_left\": 0, \"code_expires_in\": 179, "
                  "\"resend_after\": 60, \"reason\": \"flow-spent\"") != NULL,
           "L17: a wrong code that was the last try is told as spent");
    page.tries_left = 1;
    page.left = -1;
    tap_ok(strstr(code_json(&page), "\"code_expires_in\": 0") != NULL &&
               strstr(code_json(&page), "\"reason\": \"flow-expired\"") != NULL,
           "L17: one past its life is told as expired, with no time left");
    page = code_page();
    page.why = PWL_OTP_LENGTH;
    page.found = 5;
    tap_ok(strstr(code_json(&page),
                  "\"detail\": \"The code has 6 digits. You entered 5\"") !=
               NULL,
           "L14: what cannot be a code is told with both numbers");
    page = code_page();
    page.why = PWL_TENANT_FAILED;
    tap_ok(strstr(code_json(&page), "and your code is still good") != NULL,
           "a tenant that failed leaves the code good, as on the page");
}

static void test_link(void)
{
    pwl_page_code_t page = code_page();
    pwl_page_step_t step = pwl_page_step_code(&page);

    step.next = PWL_NEXT_LINK;
    step.detail = PWL_TEXT_NONE;
    tap_str("a link has no digits and no tries", alone(&step),
            "{\"next\": \"link\", \"t\": \"T\", \"address\": "
            "\"ann@example.org\", \"link_expires_in\": 179, "
            "\"resend_after\": 60}\n");
}

static void test_address(void)
{
    pwl_page_address_t page = {.token = "T"};
    pwl_page_step_t step = pwl_page_step_address(&page);

    step.connection = "email";
    step.digits = 6;
    tap_str("step 1 at first", alone(&step),
            "{\"next\": \"login\", \"t\": \"T\", \"connection\": \"email\", "
            "\"code_length\": 6, \"has_code\": false}\n");
    page.value = "\"</script>\xff@example.org";
    page.has_code = 1;
    step = pwl_page_step_address(&page);
    tap_str("X1: step 1 with an address kept, which stays a text", alone(&step),
            "{\"next\": \"login\", \"t\": \"T\", \"address\": "
            "\"\\\"\\u003c/script>\xef\xbf\xbd@example.org\", "
            "\"has_code\": true}\n");
    page = (pwl_page_address_t){.token = "T", .why = PWL_ADDRESS_EMPTY};
    step = pwl_page_step_address(&page);
    tap_str("L10: nothing typed", alone(&step),
            "{\"next\": \"login\", \"t\": \"T\", "
            "\"has_code\": false, \"reason\": \"address-empty\", "
            "\"detail\": \"Enter your email address\"}\n");
    page = (pwl_page_address_t){.token = "T",
                                .notice = PWL_TEXT_FLOW_EXPIRED,
                                .notice_of = PWL_TOKEN_EXPIRED,
                                .args = {.minutes = SECONDS(900)}};
    step = pwl_page_step_address(&page);
    tap_ok(strstr(alone(&step), "\"reason\": \"token-expired\", \"detail\": "
                                "\"This sign-in took longer than 15 minutes "
                                "and was stopped.") != NULL,
           "L3: a notice has its reason, too");
}

static void test_over(void)
{
    pwl_page_step_t step = {.signed_in = 1, .return_to = "/a\"b"};

    tap_str("signed in", alone(&step),
            "{\"signed_in\": true, \"return_to\": \"/a\\\"b\"}\n");
    step = (pwl_page_step_t){.return_to = "/"};
    tap_str("signed out", alone(&step),
            "{\"signed_in\": false, \"return_to\": \"/\"}\n");
    step = (pwl_page_step_t){.next = PWL_NEXT_HOSTED,
                             .url = "https://t.example/authorize"};
    tap_str("L20: on to the tenant's own page", alone(&step),
            "{\"next\": \"hosted\", \"url\": "
            "\"https://t.example/authorize\"}\n");
}

static void test_problem(void)
{
    pwl_page_site_t site = site_of("Club");
    pwl_page_code_t page = code_page();
    pwl_page_problem_t problem = {
        .title = PWL_TEXT_SUMMARY_STOP, .status = 403, .reason = "flow-wrong"};
    pwl_page_step_t step;
    apr_size_t len;

    page.tries_left = 0;
    page.left = 0;
    step = pwl_page_step_code(&page);
    problem.step = &step;
    tap_str("X11: a problem carries the step to go on with",
            pwl_page_problem(&site, &problem, pool, &len),
            "{\"type\": \"about:blank\", \"title\": \"That did not work\", "
            "\"status\": 403, \"reason\": \"flow-wrong\", \"next\": \"code\", "
            "\"t\": \"T\", \"address\": \"ann@example.org\", "
            "\"code_length\": 6, \"tries_left\": 0, \"code_expires_in\": 0, "
            "\"resend_after\": 60}\n");
}

int main(void)
{
    (void)token;
    apr_initialize();
    atexit(apr_terminate);
    apr_pool_create(&pool, NULL);
    test_code();
    test_link();
    test_address();
    test_over();
    test_problem();
    return tap_done();
}
