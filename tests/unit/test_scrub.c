/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Headers that could pass for ours, in every spelling, and those that must
 * not be touched; then the same names in a Connection header.
 */
#include "core/scrub.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>

#include "tap.h"

#define SAME "(same)" /* the header itself comes back */

static apr_pool_t *pool;

/* clang-format off */
static const struct { const char *what, *name; int want; } names[] = {
    {"H1: a claim",                       "X-Auth0-Email", 1},
    {"H1: a claim of a longer name",      "X-Auth0-Email-Verified", 1},
    {"H1: the variable's name",           "AUTH0_EMAIL", 1},
    {"H1: the prefix alone",              "X-Auth0", 1},
    {"H1: the prefix and a hyphen",       "X-Auth0-", 1},
    {"H1: the variable's prefix alone",   "AUTH0", 1},
    {"H2: lower case",                    "x-auth0-email", 1},
    {"H2: upper case",                    "X-AUTH0-EMAIL", 1},
    {"H2: underscores",                   "x_auth0_email", 1},
    {"H2: both",                          "X-Auth0_Email", 1},
    {"H2: dots",                          "X.Auth0.Email", 1},
    {"H2: blanks",                        "X Auth0 Email", 1},
    {"H2: a trailing blank",              "X-Auth0-Email ", 1},
    {"H2: a leading blank",               " X-Auth0-Email", 1},
    {"H2: a leading hyphen",              "-X-Auth0-Email", 1},
    {"H2: several separators",            "X-_ .Auth0--Email", 1},
    {"H2: control and high bytes",        "X\x01" "Auth0\xff" "Email", 1},
    {"H2: other punctuation",             "X!Auth0~Email", 1},
    {"H6: Remote-User",                   "Remote-User", 1},
    {"H6: REMOTE_USER",                   "REMOTE_USER", 1},
    {"H6: remote.user",                   "remote.user", 1},
    {"H6: junk behind",                   "Remote-User-", 1},
    {"H6: more junk behind",              "Remote_User_ .", 1},
    {"H6: Auth-Type",                     "Auth-Type", 1},
    {"H6: AUTH_TYPE",                     "AUTH_TYPE", 1},
    {"H6: HTTP_ in front",                "HTTP_REMOTE_USER", 1},
    {"H6: Http- in front",                "Http-Auth-Type", 1},
    {"H6: HTTP_ twice",                   "HTTP_HTTP_REMOTE_USER", 1},
    {"H6: HTTP_ many times",              "http-HTTP_http.http__X-Auth0-Sub", 1},
    {"H6: HTTP_ behind a separator",      "_HTTP_REMOTE_USER", 1},
    {"H6: Http without a separator",      "HTTPREMOTE_USER", 0},
    {"H6: our prefix behind HTTP_",       "HTTP_AUTH0_SUB", 1},
    {"what we tell the tenant",           "auth0-forwarded-for", 1},
    {"a longer word than ours",           "X-Auth0x-Email", 0},
    {"a longer variable",                 "AUTH0EMAIL", 0},
    {"another user",                      "Remote-User-Name", 0},
    {"a user without a separator",        "RemoteUser", 0},
    {"another type",                      "Auth-Type-Wanted", 0},
    {"ours inside another name",          "Y-X-Auth0-Email", 0},
    {"ours behind X-",                    "X-Remote-User", 0},
    {"Authorization",                     "Authorization", 0},
    {"Accept",                            "Accept", 0},
    {"Host",                              "Host", 0},
    {"Referer",                           "Referer", 0},
    {"X-Forwarded-For",                   "X-Forwarded-For", 0},
    {"Cookie",                            "Cookie", 0},
    {"HTTP alone",                        "HTTP_", 0},
    {"a control byte is no digit",        "X-Auth\x10-Email", 0},
    {"separators only",                   "-_-", 0},
    {"one letter",                        "x", 0},
    {"no name",                           "", 0},
};

static const struct { const char *what, *value, *want; } connections[] = {
    {"H7: none of ours",               "keep-alive, Upgrade",          SAME},
    {"H7: no tokens",                  "",                             SAME},
    {"H7: commas only",                ", ,,",                         SAME},
    {"H7: no header",                  NULL,                           NULL},
    {"H7: ours behind another",        "close, X-Auth0-Email",         "close"},
    {"H7: ours in front",              "X-Auth0-Email, close",         "close"},
    {"H7: ours in the middle",         "close, x_auth0_sub ,Upgrade",  "close, Upgrade"},
    {"H7: ours alone",                 "Remote-User",                  NULL},
    {"H7: several of ours",            "Remote-User,AUTH_TYPE, X-Auth0-Name", NULL},
    {"H7: one of ours twice",          "Remote-User,a,Remote-User",    "a"},
    {"H7: others without blanks",      "a,b,Remote-User,c",            "a, b, c"},
    {"H7: TABs around ours",           "a,\tRemote-User\t,b",          "a, b"},
    {"H7: blanks behind another",      "a \t,Remote-User",             "a"},
    {"H7: empty tokens around ours",   ",,Remote-User,,a,,",           "a"},
    {"H7: a longer name is kept",      "Remote-Users",                 SAME},
    {"H7: ours behind a semicolon",    "close; X-Auth0-Email",         "close"},
    {"H7: without a blank",            "close;X-Auth0-Email",          "close"},
    {"H7: ours behind a blank",        "close X-Auth0-Email",          "close"},
    {"H7: ours behind a TAB",          "close\tX-Auth0-Email",         "close"},
    {"H7: ours before a semicolon",    "X-Auth0-Email;close",          "close"},
    {"H7: ours as a parameter",        "a;Remote-User=1, b",           SAME},
    {"H7: ours between semicolons",    ";Remote-User;;a;",             "a"},
    {"H7: several of ours and blanks", "X-Auth0-Sub X-Auth0-Email",    NULL},
    {"H7: every blank there is",       "a\vRemote-User\fb\rAUTH_TYPE\nc", "a, b, c"},
    {"H7: one byte and one blank",     "a b;Auth0",                    "a, b"},
    {"H7: others and semicolons",      "keep-alive; a b",              SAME},
};
/* clang-format on */

static void test_connections(void)
{
    for (size_t i = 0; i < sizeof(connections) / sizeof(connections[0]); i++) {
        const char *value = connections[i].value;
        const char *got = pwl_scrub_connection(value, pool);

        if (connections[i].want && strcmp(connections[i].want, SAME) == 0)
            tap_ok(got == value, connections[i].what);
        else
            tap_str(connections[i].what, got, connections[i].want);
    }
}

/** Every byte that is no letter and no digit separates. */
static void test_separators(void)
{
    for (int c = 1; c < 256; c++) {
        char name[] = "X?Auth0-Email", what[60];
        int word = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                   (c >= 'a' && c <= 'z');

        name[1] = (char)c;
        snprintf(what, sizeof(what), "H2: byte %02x for the separator", c);
        tap_int(what, pwl_scrub_is_ours(name), !word);
    }
}

int main(void)
{
    char *big = malloc(65537);

    apr_initialize();
    apr_pool_create(&pool, NULL);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        tap_int(names[i].what, pwl_scrub_is_ours(names[i].name), names[i].want);
    test_connections();
    test_separators();

    memset(big, '-', 65536);
    memcpy(big + 65536 - 11, "Remote-User", 12);
    tap_int("H2: behind 64 KB of hyphens", pwl_scrub_is_ours(big), 1);
    for (int i = 0; i + 5 < 65536 - 11; i += 5)
        memcpy(big + i, "HTTP_", 5);
    tap_int("H6: behind 64 KB of HTTP_", pwl_scrub_is_ours(big), 1);
    free(big);
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
