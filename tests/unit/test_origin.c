/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a form came from, by Origin and Sec-Fetch-Site.
 */
#include <apr_general.h>

#include "core/origin.h"
#include "tap.h"

#define BASE "https://www.example.org"
#define YES PWL_OK
#define NO PWL_ORIGIN_FOREIGN

/* clang-format off */
static const struct {
    const char *what, *origin, *site, *base;
    pwl_reason_t want;
} cases[] = {
    {"L2: neither: the token decides",     NULL, NULL,                BASE, YES},
    {"L2: our own page",                   BASE, NULL,                BASE, YES},
    {"L2: our own page, both headers",     BASE, "same-origin",       BASE, YES},
    {"L2: typed or from a bookmark",       NULL, "none",              BASE, YES},
    {"L2: Sec-Fetch-Site alone",           NULL, "same-origin",       BASE, YES},
    {"L2: the host in another case",       "https://WWW.Example.ORG", NULL, BASE, YES},
    {"L2: the scheme's port written",      BASE ":443", NULL,         BASE, YES},
    {"L2: the same in the base",           BASE, NULL,                BASE ":443", YES},
    {"L2: in both",                        BASE ":443", NULL,         BASE ":443", YES},
    {"L2: another port on both sides",     BASE ":8443", NULL,        BASE ":8443", YES},
    {"L2: http where the base is http",    "http://localhost:80", NULL, "http://localhost", YES},
    {"L2: IPv6",                           "https://[::1]:443", NULL, "https://[::1]", YES},
    {"L2: IPv6 that ends like the port",   "https://[1::443]", NULL,  "https://[1::443]", YES},
    {"L2: a sandboxed frame",              "null", NULL,              BASE, NO},
    {"L2: an empty Origin",                "", NULL,                  BASE, NO},
    {"L2: another host",                   "https://evil.example", NULL, BASE, NO},
    {"L2: another scheme",                 "http://www.example.org", NULL, BASE, NO},
    {"L2: another scheme, our port",       "http://www.example.org:443", NULL, BASE, NO},
    {"L2: another port",                   BASE ":8443", NULL,        BASE, NO},
    {"L2: no port where the base has one", BASE, NULL,                BASE ":8443", NO},
    {"L2: the port of http on https",      BASE ":80", NULL,          BASE, NO},
    {"L2: the port twice",                 BASE ":443:443", NULL,     BASE, NO},
    {"L2: behind another port",            BASE ":8443:443", NULL,    BASE ":8443", NO},
    {"L2: an empty port",                  BASE ":", NULL,            BASE, NO},
    {"L2: a port with a zero in front",    BASE ":0443", NULL,        BASE, NO},
    {"L2: a longer host",                  BASE ".evil", NULL,        BASE, NO},
    {"L2: a shorter host",                 "https://www.example.or", NULL, BASE, NO},
    {"L2: a host that ends in ours",       "https://xwww.example.org", NULL, BASE, NO},
    {"L2: a sister host",                  "https://example.org", NULL, BASE, NO},
    {"L2: a dot at the end",               BASE ".", NULL,            BASE, NO},
    {"L2: a slash at the end",             BASE "/", NULL,            BASE, NO},
    {"L2: a path",                         BASE "/x", NULL,           BASE, NO},
    {"L2: userinfo",                       "https://a@www.example.org", NULL, BASE, NO},
    {"L2: our host as userinfo",           BASE "@evil", NULL,        BASE, NO},
    {"L2: blanks around",                  " " BASE, NULL,            BASE, NO},
    {"L2: two of them",                    BASE " " BASE, NULL,       BASE, NO},
    {"L2: two headers joined",             BASE ", " BASE, NULL,      BASE, NO},
    {"L2: no scheme",                      "www.example.org", NULL,   BASE, NO},
    {"L2: a scheme only",                  "https://", NULL,          BASE, NO},
    {"L2: a port only",                    "https://:443", NULL,      BASE, NO},
    {"L2: another site",                   NULL, "cross-site",        BASE, NO},
    {"L2: a sister host by its site",      NULL, "same-site",         BASE, NO},
    {"L2: a site we do not know",          NULL, "Same-Origin",       BASE, NO},
    {"L2: an empty site",                  NULL, "",                  BASE, NO},
    {"L2: our Origin from another site",   BASE, "cross-site",        BASE, NO},
    {"L2: a foreign Origin, our site",     "https://evil.example", "same-origin", BASE, NO},
};

/* L100: a host that is as long as the log shows, scheme and all. */
#define S10 "aaaaaaaaaa"
#define L100 "https://" S10 S10 S10 S10 S10 S10 S10 S10 S10 "aa"

static const struct {
    const char *what, *origin, *site, *want;
} told[] = {
    {"L2: another host", "https://evil.example:8443", NULL,
     "from https://evil.example:8443, expected " BASE},
    {"L2: a frame", "null", "cross-site", "from null, expected " BASE},
    {"L2: an empty one", "", NULL, "from \"\", expected " BASE},
    {"L2: no path, no query", "https://evil.example/a?code=1#b", NULL,
     "from https://evil.example, expected " BASE},
    {"L2: no user", "https://ann:secret@evil.example", NULL,
     "from https://evil.example, expected " BASE},
    {"L2: no user of two", "https://ann@b:secret@evil.example/x@y", NULL,
     "from https://evil.example, expected " BASE},
    {"L2: by Sec-Fetch-Site", BASE, "cross-site",
     "Sec-Fetch-Site: cross-site, expected same-origin at " BASE},
    {"L2: by that alone", NULL, "same-site",
     "Sec-Fetch-Site: same-site, expected same-origin at " BASE},
    {"L2: as long as is shown", L100, NULL, "from " L100 ", expected " BASE},
    {"L2: one more", L100 "b", NULL, "from " L100 ", expected " BASE},
};
/* clang-format on */

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
        tap_str(told[i].what,
                pwl_origin_explain(told[i].origin, told[i].site, BASE, pool),
                told[i].want);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        tap_str(cases[i].what,
                pwl_reason_word(pwl_origin_check(cases[i].origin, cases[i].site,
                                                 cases[i].base)),
                pwl_reason_word(cases[i].want));
    apr_pool_destroy(pool);
    return tap_done();
}
