/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/page_client.c: both steps and all words are there, nothing runs but what
 * was asked for, and what auth0.js is told stands in its place.
 */
#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>

#include "core/page.h"
#include "page_fixture.h"

static const pwl_page_client_t plain = {
    .domain = "example.eu.auth0.com",
    .client_id = "AbC\"><script>",
    .redirect_uri = "https://club.example/.auth0/callback",
    .scope = "openid email",
    .connection = "email",
    .state = token,
    .nonce = "nonce-1",
    .challenge = "challenge-1",
    .script = "/a/auth0.0123456789ab.js",
    .hash = "sha384-AAAA",
    .driver = "/a/client.0123456789ab.js",
    .digits = 6,
    .code_lifetime = apr_time_from_sec(180),
    .signin_timeout = apr_time_from_sec(900),
    .resend = {apr_time_from_sec(60), apr_time_from_sec(120),
               apr_time_from_sec(300)},
};

static const char *draw(const pwl_page_site_t *site,
                        const pwl_page_client_t *client)
{
    apr_size_t len;

    return pwl_page_client(site, client, pool, &len);
}

static int count(const char *html, const char *what)
{
    int n = 0;

    while ((html = strstr(html, what))) {
        n++;
        html += strlen(what);
    }
    return n;
}

/* The inside of a template; "" when there is none. */
static const char *template_of(const char *html, const char *id)
{
    const char *from = strstr(
        html, apr_pstrcat(pool, "<template id=\"pwless-", id, "\"", NULL));
    const char *to = from ? strstr(from, "</template>") : NULL;

    return to ? apr_pstrmemdup(pool, from, (apr_size_t)(to - from)) : "";
}

static void test_settings(void)
{
    pwl_page_site_t site = site_of("Club");
    pwl_page_client_t client = plain;
    const char *html = draw(&site, &client);

    tap_ok(strstr(html, " data-pwless-domain=\"example.eu.auth0.com\"") &&
               strstr(html, " data-pwless-callback=\"https://club.example/"
                            ".auth0/callback\"") &&
               strstr(html, " data-pwless-scope=\"openid email\"") &&
               strstr(html, " data-pwless-connection=\"email\"") &&
               strstr(html, " data-pwless-nonce=\"nonce-1\"") &&
               strstr(html, " data-pwless-challenge=\"challenge-1\"") &&
               strstr(html, " data-pwless-resend=\"60 120 300\"") &&
               strstr(html, " data-pwless-ends=\"900\""),
           "what auth0.js is told");
    tap_ok(!!strstr(html, apr_pstrcat(pool, " data-pwless-state=\"", token,
                                      "\"", NULL)),
           "a state of the greatest length is not cut");
    tap_ok(!!strstr(html, "data-pwless-client=\"AbC&quot;&gt;&lt;script&gt;\""),
           "X1: a setting cannot end its attribute");
    tap_ok(!strstr(html, "data-pwless-audience"), "no audience, no attribute");
    client.audience = "https://api.example/";
    tap_ok(!!strstr(draw(&site, &client),
                    " data-pwless-audience=\"https://api.example/\""),
           "an audience");
}

static void test_scripts(void)
{
    pwl_page_site_t site = site_of("Club");
    const char *html = draw(&site, &plain);

    tap_ok(count(html, "<script") == 3 && count(html, " defer></script>") == 3,
           "X10: three scripts, none of them inline");
    tap_ok(
        !!strstr(html, "<script src=\"/a/auth0.0123456789ab.js\" "
                       "integrity=\"sha384-AAAA\" crossorigin=\"anonymous\" "
                       "defer></script>\n<script src=\"/a/client."),
        "X10: auth0.js is held to its hash, and comes before what drives it");
    tap_ok(!!strstr(html, "<noscript>\n<h1>Sign in</h1>\n<p>Sign-in needs "
                          "JavaScript here."),
           "without script it says so");
}

static void test_steps(void)
{
    pwl_page_site_t site = site_of("Club");
    pwl_page_client_t client = plain;
    const char *one = template_of(draw(&site, &client), "one");
    const char *two = template_of(draw(&site, &client), "two");

    tap_ok(strstr(one, "data-pwless-title=\"Sign in\"") &&
               strstr(one, "id=\"pwless-email\"") &&
               strstr(one, "value=\"send\">Email me a code<"),
           "step 1 is that of the form");
    tap_ok(strstr(two, "data-pwless-title=\"Enter your code\"") &&
               strstr(two, "autocomplete=\"one-time-code\"") &&
               strstr(two, "data-pwless-digits=\"6\"") &&
               strstr(two, "data-pwless-left=\"60\"") &&
               strstr(two, "data-pwless-life=\"180\"") &&
               strstr(two, "value=\"change\">Use a different address<"),
           "and so is step 2, with its waits");
    tap_ok(count(two, "<bdi class=\"pwless-id\" dir=\"ltr\"></bdi>") == 2,
           "where the address goes, there is an empty <bdi>");
    client.value = "ann@example.org";
    client.notice = PWL_TEXT_SESSION_IDLE;
    client.args.duration = apr_time_from_sec(3600);
    one = template_of(draw(&site, &client), "one");
    tap_ok(strstr(one, "value=\"ann@example.org\"") &&
               strstr(one,
                      "signed out after <span class=\"pwless-time\">about 1 "
                      "hour"),
           "an address and a notice to begin with");
    site.medium = PWL_PAGE_PHONE_CODE;
    one = template_of(draw(&site, &client), "one");
    tap_ok(!!strstr(one, "id=\"pwless-phone\""),
           "the sms connection: a number");
    tap_ok(!!strstr(template_of(draw(&site, &client), "on-empty"),
                    "<p class=\"pwless-err\" id=\"pwless-phone-err\">"),
           "and errors at its field");
}

static void test_lock(void)
{
    pwl_page_site_t site = site_of("Club");
    pwl_page_client_t client = plain;
    const char *html;

    client.lock = 1;
    client.assets = "/a/";
    client.script = "https://cdn.example/lock.min.js";
    html = draw(&site, &client);
    tap_ok(strstr(html, "<div id=\"pwless-lock\"></div>") &&
               !strstr(html, "<template id=\"pwless-one\"") &&
               strstr(html, "<h1 class=\"pwless-vh\">Sign in</h1>"),
           "Lock: a place for it, a heading, and no steps of ours");
    tap_ok(strstr(html,
                  "<script src=\"https://cdn.example/lock.min.js\" "
                  "integrity=\"sha384-AAAA\" crossorigin=\"anonymous\"") &&
               count(html, "<script") == 3,
           "X10: from elsewhere, it is held to its hash");
    tap_ok(strstr(html, " data-pwless-assets=\"/a/\"") &&
               strstr(html, " data-pwless-challenge=\"challenge-1\""),
           "Lock: what it is told");
    tap_ok(*template_of(html, "on-down") != '\0',
           "Lock: what to say when it is not there");
}

static void test_errors(void)
{
    static const struct {
        const char *word;
        const char *text;
        int of_field;
    } cases[] = {
        {"on-empty", "Enter your email address", 1},
        {"on-format", "Enter an address with an @", 1},
        {"on-long", "That address is too long", 1},
        {"on-blank", "Enter the code from the email", 1},
        {"on-chars", "The code is made of digits only", 1},
        {"on-digits", "The code has 6 digits", 1},
        {"on-wrong-2", "2 tries left with this code", 1},
        {"on-wrong-1", "1 try left with this code", 1},
        {"on-spent", "That was the last try for this code", 0},
        {"on-expired", "it worked for <span class=\"pwless-time\">3 minutes",
         0},
        {"on-mail", "We could not send the email", 0},
        {"on-busy", "Many people are signing in right now", 0},
        {"on-down", "Sign-in is not working right now", 0},
        {"on-refused", "This sign-in was refused", 0},
        {"on-config", "Sign-in is not set up correctly", 0},
    };
    pwl_page_site_t site = site_of("Club");
    const char *html = draw(&site, &plain);
    apr_size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *inside = template_of(html, cases[i].word);

        tap_ok(strstr(inside, "<div role=\"alert\">") &&
                   strstr(inside, cases[i].text) &&
                   !strstr(inside, "pwless-err\"") == !cases[i].of_field,
               cases[i].word);
    }
    tap_ok(!!strstr(template_of(html, "on-again"), "We have sent another code"),
           "another code was sent");
    tap_ok(!!strstr(template_of(html, "on-step"), "value=\"hosted\">Continue<"),
           "more than a code: the tenant's own page is offered");
    tap_ok(
        !strstr(html, "{") && !strstr(html, "Reference"),
        "no placeholder is left, and no reference to a line that no log has");
}

int main(void)
{
    apr_initialize();
    atexit(apr_terminate);
    apr_pool_create(&pool, NULL);
    memset(token, 'x', sizeof(token) - 1);
    test_settings();
    test_scripts();
    test_steps();
    test_lock();
    test_errors();
    return tap_done();
}
