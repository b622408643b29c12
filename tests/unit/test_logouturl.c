/* SPDX-License-Identifier: Apache-2.0 */
/* core/logouturl.c: which page of the tenant, and how one comes back. */
#include "core/logouturl.h"

#include <apr_general.h>

#include "tap.h"

#define BACK "https://a.example/.auth0/logout"
#define BACK_ENCODED "https%3A%2F%2Fa.example%2F.auth0%2Flogout"

/* clang-format off */
static const struct { const char *what; pwl_logouturl_t url; const char *want; }
cases[] = {
    {"a session that came through /authorize",
     {"t.eu", "id", "s1", BACK, "st"},
     "https://t.eu/oidc/logout?client_id=id&logout_hint=s1"
     "&post_logout_redirect_uri=" BACK_ENCODED "&state=st"},
    {"the same without a way on",
     {"t.eu", "id", "s1", BACK, NULL},
     "https://t.eu/oidc/logout?client_id=id&logout_hint=s1"
     "&post_logout_redirect_uri=" BACK_ENCODED},
    {"a session of our own form",
     {"t.eu:8443", "id", NULL, BACK, "st"},
     "https://t.eu:8443/v2/logout?client_id=id&returnTo=" BACK_ENCODED "%3Fstate%3Dst"},
    {"the same without a way on",
     {"t.eu", "id", NULL, BACK, NULL},
     "https://t.eu/v2/logout?client_id=id&returnTo=" BACK_ENCODED},
    {"no value gets out of its parameter",
     {"t.eu", "i&d", "s&client_id=evil\r\n", BACK, "a b"},
     "https://t.eu/oidc/logout?client_id=i%26d&logout_hint=s%26client_id%3Devil%0D%0A"
     "&post_logout_redirect_uri=" BACK_ENCODED "&state=a%20b"},
};
/* clang-format on */

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        tap_str(cases[i].what, pwl_logouturl_make(&cases[i].url, pool),
                cases[i].want);
    return tap_done();
}
