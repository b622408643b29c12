/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/authorize.c: the /authorize address has each parameter once and ours.
 */
#include <apr_general.h>
#include <apr_strings.h>

#include "core/authorize.h"
#include "tap.h"

static apr_pool_t *pool;

static void test_encode(void)
{
    static const struct {
        const char *what, *text, *want;
    } cases[] = {
        {"unreserved characters stay", "AZaz09-._~", "AZaz09-._~"},
        {"nothing gives nothing", "", ""},
        {"R15: separators of a query", "&=+?#;/", "%26%3D%2B%3F%23%3B%2F"},
        {"R10: CR and LF cannot end a header", "\r\nX: y", "%0D%0AX%3A%20y"},
        {"a percent sign is not taken for an encoding", "%26", "%2526"},
        {"bytes above ASCII, each alone", "\xc3\xa9\xff", "%C3%A9%FF"},
        {"DEL and quotes", "\x7f\"'<>", "%7F%22%27%3C%3E"},
    };
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        tap_str(cases[i].what, pwl_authorize_encode(cases[i].text, pool),
                cases[i].want);
}

static void test_challenge(void)
{
    const char *long_one = apr_psprintf(pool, "%0128d", 0);
    const char *short_one = apr_psprintf(pool, "%043d", 0);

    tap_str("O5: the vector of RFC 7636 appendix B",
            pwl_authorize_challenge(
                "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", pool),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    tap_ok(pwl_authorize_challenge(short_one, pool) != NULL,
           "O5: 43 characters are enough");
    tap_ok(!pwl_authorize_challenge(short_one + 1, pool),
           "O5: 42 characters are too few");
    tap_ok(pwl_authorize_challenge(long_one, pool) != NULL,
           "O5: 128 characters are not too many");
    tap_ok(
        !pwl_authorize_challenge(apr_pstrcat(pool, long_one, "0", NULL), pool),
        "O5: 129 characters are too many");
    tap_ok(
        !pwl_authorize_challenge(apr_pstrcat(pool, short_one, "+", NULL), pool),
        "O5: a character that is not unreserved");
    tap_ok(!pwl_authorize_challenge("", pool), "O5: an empty verifier");
}

/** How often does `part` occur in `text`? */
static int count(const char *text, const char *part)
{
    int n = 0;

    for (; (text = strstr(text, part)) != NULL; text++)
        n++;
    return n;
}

static void test_url(void)
{
    static const char evil[] = "/x&client_id=evil&redirect_uri=evil&prompt=none"
                               "&state=evil#f\r\nSet-Cookie: a=b";
    static const char *const names[] = {
        "response_type=code&",
        "client_id=",
        "redirect_uri=",
        "scope=",
        "audience=",
        "connection=",
        "login_hint=",
        "state=",
        "nonce=",
        "code_challenge=",
        "code_challenge_method=S256&",
        "prompt=",
        "ui_locales=",
    };
    pwl_authorize_t few = {"t.example.org", "cid"};
    pwl_authorize_t all = {"t.example.org",
                           evil,
                           evil,
                           evil,
                           evil,
                           evil,
                           evil,
                           evil,
                           evil,
                           evil,
                           evil,
                           evil};
    const char *url = pwl_authorize_url(&all, pool);
    size_t i;

    tap_str("absent parameters are left out", pwl_authorize_url(&few, pool),
            "https://t.example.org/authorize?response_type=code&client_id=cid");
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *name = apr_pstrcat(pool, i ? "&" : "?", names[i], NULL);

        tap_int(apr_psprintf(pool, "R15: exactly one %s in a hostile URL",
                             names[i]),
                count(url, name), 1);
    }
    tap_int("R15: as many separators as parameters", count(url, "&"), 12);
    tap_ok(!strpbrk(url, "\r\n #") && count(url, "?") == 1,
           "R10: no space, line end or fragment in it");

    few.redirect_uri = "https://app.example.org/.auth0/callback";
    few.scope = "openid profile email";
    few.code_challenge = "abc";
    tap_str("a usual one", pwl_authorize_url(&few, pool),
            "https://t.example.org/authorize?response_type=code&client_id=cid"
            "&redirect_uri=https%3A%2F%2Fapp.example.org%2F.auth0%2Fcallback"
            "&scope=openid%20profile%20email&code_challenge=abc"
            "&code_challenge_method=S256");
}

static void test_more(void)
{
    apr_table_t *more = apr_table_make(pool, 4);
    pwl_authorize_t ask = {"t.example.org", "cid"};

    apr_table_setn(more, "organization", "org_1");
    apr_table_setn(more, "ext-x", "a&client_id=evil#\r\n");
    ask.more = more;
    tap_str("the operator's parameters come behind ours",
            pwl_authorize_url(&ask, pool),
            "https://t.example.org/authorize?response_type=code&client_id=cid"
            "&organization=org_1&ext-x=a%26client_id%3Devil%23%0D%0A");
    apr_table_clear(more);
    apr_table_setn(more, "prompt", "consent");
    apr_table_setn(more, "Client_ID", "evil");
    apr_table_setn(more, "ui_locales", "nl");
    tap_str("R15: none of ours again, in any case of letters",
            pwl_authorize_url(&ask, pool),
            "https://t.example.org/authorize?response_type=code&client_id=cid"
            "&prompt=consent&ui_locales=nl");
    ask.prompt = "login";
    tap_str("R15: what this visitor needs goes before what all get",
            pwl_authorize_url(&ask, pool),
            "https://t.example.org/authorize?response_type=code&client_id=cid"
            "&prompt=login&ui_locales=nl");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_encode();
    test_challenge();
    test_url();
    test_more();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
