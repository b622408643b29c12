/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/script.c: which files pass for auth0.js and Lock, and their hashes.
 */
#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>

#include "core/script.h"
#include "tap.h"

static apr_pool_t *pool;

static void test_judge(void)
{
    static const struct {
        const char *what;
        pwl_script_kind_t kind;
        const char *text;
        const char *want; /* NULL: it is good */
    } cases[] = {
        {"auth0.js as npm has it", PWL_SCRIPT_AUTH0JS,
         "!function(){t.prototype.passwordlessLogin=f;u(r,\"/co/"
         "authenticate\")}",
         NULL},
        {"auth0.js without sign-in from another origin", PWL_SCRIPT_AUTH0JS,
         "t.prototype.passwordlessLogin=f", "is not auth0.js"},
        {"jQuery", PWL_SCRIPT_AUTH0JS, "!function(){window.$=f}()",
         "is not auth0.js"},
        {"an HTML page", PWL_SCRIPT_AUTH0JS, "<!doctype html>",
         "is not auth0.js"},
        {"the module beside it", PWL_SCRIPT_AUTH0JS,
         "passwordlessLogin \"/co/authenticate\" export{a as WebAuth}",
         "is auth0.js as a module, which a <script> cannot load"},
        {"Lock for auth0.js", PWL_SCRIPT_AUTH0JS,
         "passwordlessLogin \"/co/authenticate\" Auth0LockPasswordless",
         "is Lock, not auth0.js"},
        {"Lock in one file", PWL_SCRIPT_LOCK,
         "window.Auth0LockPasswordless=f;u(r,\"/co/authenticate\")", NULL},
        {"lib/ of Lock", PWL_SCRIPT_LOCK,
         "exports.Auth0LockPasswordless=require('./lock/passwordless')",
         "is a part of Lock that loads the others by require()"},
        {"auth0.js for Lock", PWL_SCRIPT_LOCK,
         "passwordlessLogin \"/co/authenticate\"", "is not Lock"},
        {"nothing", PWL_SCRIPT_AUTH0JS, "", "is empty"},
    };
    apr_size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *found = pwl_script_judge(
            cases[i].text, strlen(cases[i].text), cases[i].kind);

        tap_str(cases[i].what, found ? found : "good",
                cases[i].want ? cases[i].want : "good");
    }
    tap_str("a NUL inside",
            pwl_script_judge("passwordlessLogin\0/co/authenticate", 34,
                             PWL_SCRIPT_AUTH0JS),
            "is not a script");
    tap_ok(!!strstr(pwl_script_cure(PWL_SCRIPT_AUTH0JS), "npm pack auth0-js") &&
               strstr(pwl_script_cure(PWL_SCRIPT_LOCK), "docs/ways-in.md"),
           "the cure names where to get it");
}

static void test_hash(void)
{
    /* printf abc | openssl dgst -sha384 -binary | base64 -w0 */
    const char *want =
        "sha384-ywB1P0WjXou1oD1pmsZQBycsMqsO3tFjGotgWkP/W+2AhgcroefMI"
        "1i67KE0yCWn";
    const char *found = pwl_script_hash("abc", 3, pool);

    tap_str("the hash is that of Subresource Integrity", found, want);
    tap_ok(pwl_script_hash_ok(want), "which may stand in the configuration");
    tap_ok(
        !pwl_script_hash_ok(apr_pstrcat(pool, want, "A", NULL)) &&
            !pwl_script_hash_ok(apr_pstrndup(pool, want, 70)) &&
            !pwl_script_hash_ok("sha384-") && !pwl_script_hash_ok("") &&
            !pwl_script_hash_ok(apr_pstrcat(pool, "sha256-", want + 7, NULL)),
        "a longer, a shorter, an empty one and another kind may not");
    tap_ok(
        !pwl_script_hash_ok("sha384-ywB1P0WjXou1oD1pmsZQBycsMqsO3tFjGotgWkP_W-2"
                            "AhgcroefMI1i67KE0yCWn"),
        "nor base64 for URLs");
    tap_str("the name carries the SHA-256",
            pwl_script_name("abc", 3, PWL_SCRIPT_AUTH0JS, pool),
            "auth0.ba7816bf8f01.js");
    tap_str("Lock has a name of its own",
            pwl_script_name("abc", 3, PWL_SCRIPT_LOCK, pool),
            "lock.ba7816bf8f01.js");
}

int main(void)
{
    apr_initialize();
    atexit(apr_terminate);
    apr_pool_create(&pool, NULL);
    test_judge();
    test_hash();
    return tap_done();
}
