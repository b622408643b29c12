/* SPDX-License-Identifier: Apache-2.0 */
/* core/authparam.c: what an operator may add to /authorize, and what of it an
 * ID token has to show. */
#include <apr_general.h>
#include <apr_strings.h>

#include "core/authparam.h"
#include "core/limits.h"
#include "tap.h"

static apr_pool_t *pool;

/* clang-format off */
static const struct { const char *what, *name, *value, *want; /* a part of the message */ }
rows[] = {
    {"an organization by id", "organization", "org_AbC123", NULL},
    {"an organization by name", "organization", "rowing-club", NULL},
    {"a parameter of the tenant's own page", "ext-theme", "rowing club", NULL},
    {"a parameter of Auth0's", "screen_hint", "signup", NULL},
    {"any bytes but controls", "ext-x", "\xc3\xa9 &=#?", NULL},
    {"an empty name", "", "x", "not the name of a parameter"},
    {"a name with a separator", "a&b", "x", "not the name of a parameter"},
    {"a name with a blank", "a b", "x", "not the name of a parameter"},
    {"a name above ASCII", "\xc3\xa9", "x", "not the name of a parameter"},
    {"G4: a name with a line end is told in one line", "a\nb", "x", "\"a\\nb\" is not"},
    {"an empty value", "organization", "", "1 to 512 bytes"},
    {"R10: a line end in a value", "ext-x", "a\r\nb", "control character"},
    {"R15: client_id", "client_id", "x", "Auth0ClientID"},
    {"R15: redirect_uri", "redirect_uri", "x", "Auth0BaseURL and Auth0Path"},
    {"R15: scope", "scope", "x", "Auth0Scope"},
    {"R15: audience", "audience", "x", "Auth0Audience"},
    {"R15: connection", "connection", "x", "Auth0Connection"},
    {"R15: login_hint", "login_hint", "x", "login?login_hint="},
    {"R15: response_type", "response_type", "x", "module's own"},
    {"R15: response_mode", "response_mode", "x", "module's own"},
    {"R15: state", "state", "x", "module's own"},
    {"R15: nonce", "nonce", "x", "module's own"},
    {"R15: code_challenge", "code_challenge", "x", "module's own"},
    {"R15: code_challenge_method", "code_challenge_method", "plain", "module's own"},
    {"R15: code_verifier", "code_verifier", "x", "module's own"},
    {"R15: iss", "iss", "x", "the tenant's answer"},
    {"R15: code", "code", "x", "the tenant's answer"},
    {"R15: error", "error", "x", "the tenant's answer"},
    {"R15: request", "request", "x", "take the place"},
    {"R15: request_uri", "request_uri", "x", "take the place"},
    {"a secret", "client_secret", "x", "belongs in no URL"},
    {"an assertion", "client_assertion", "x", "belongs in no URL"},
    {"login_ticket", "login_ticket", "x", "another way in"},
    {"dpop_jkt", "dpop_jkt", "x", "a key that the module does not have"},
    {"R15: ours in another case", "Client_ID", "x", "Auth0ClientID"},
    {"O17: max_age in another case is no max_age", "Max_Age", "60", "is written max_age"},
    {"O17: Prompt likewise", "Prompt", "login", "is written prompt"},
    {"prompt login", "prompt", "login", NULL},
    {"prompt with two words", "prompt", "login consent", NULL},
    {"prompt select_account", "prompt", "select_account", NULL},
    {"prompt none", "prompt", "none", "never could be"},
    {"prompt none among others", "prompt", "login none", "never could be"},
    {"prompt of blanks", "prompt", "  ", "takes login"},
    {"prompt in capitals", "prompt", "LOGIN", "takes login"},
    {"max_age of a second", "max_age", "1", NULL},
    {"max_age of a year", "max_age", "31622400", NULL},
    {"max_age of a year and a second", "max_age", "31622401", "takes seconds"},
    {"max_age of 0", "max_age", "0", "prompt login"},
    {"max_age below it", "max_age", "-1", "takes seconds"},
    {"max_age with a unit", "max_age", "5m", "takes seconds"},
    {"max_age that overflows", "max_age", "99999999999999999999", "takes seconds"},
    {"ui_locales", "ui_locales", "nl-BE nl", NULL},
    {"ui_locales as a header has them", "ui_locales", "nl-BE,nl;q=0.5", "blanks between"},
    {"two organizations", "organization", "org_a org_b", "without blanks"},
    {"acr_values", "acr_values", "urn:a urn:b", NULL},
    {"acr_values of blanks", "acr_values", " ", "names of policies"},
};
/* clang-format on */

static void checked(void)
{
    const char *longest =
        apr_psprintf(pool, "%0*d", PWL_AUTHPARAM_VALUE_MAX, 1);
    const char *name =
        apr_psprintf(pool, "x%0*d", PWL_AUTHPARAM_NAME_MAX - 1, 1);
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *got =
            pwl_authparam_check(rows[i].name, rows[i].value, pool);

        if (!rows[i].want)
            tap_str(rows[i].what, got, NULL);
        else if (!tap_ok(got && strstr(got, rows[i].want), rows[i].what))
            printf("#  got: %s\n# want: %s\n", got ? got : "(none)",
                   rows[i].want);
    }
    tap_str("a value of 512 bytes", pwl_authparam_check("x", longest, pool),
            NULL);
    tap_ok(pwl_authparam_check("x", apr_pstrcat(pool, longest, "0", NULL),
                               pool) != NULL,
           "a value of 513 bytes");
    tap_str("a name of 64 characters", pwl_authparam_check(name, "x", pool),
            NULL);
    tap_ok(pwl_authparam_check(apr_pstrcat(pool, name, "0", NULL), "x", pool) !=
               NULL,
           "a name of 65 characters");
}

static void asked(void)
{
    apr_table_t *params = apr_table_make(pool, 4);
    pwl_authparam_asked_t none = pwl_authparam_asked(NULL);
    pwl_authparam_asked_t got;

    tap_ok(!none.organization && !none.acr_values && !none.max_age &&
               !none.login,
           "nothing is asked where there are no parameters");
    tap_str("and nothing is to be proved", pwl_authparam_proved(NULL), NULL);
    apr_table_setn(params, "screen_hint", "signup");
    apr_table_setn(params, "ui_locales", "nl");
    apr_table_setn(params, "prompt", "consent select_account");
    tap_str("a page in Dutch needs no proof", pwl_authparam_proved(params),
            NULL);
    apr_table_setn(params, "prompt", "consent login");
    tap_str("O17: signing in anew does", pwl_authparam_proved(params),
            "prompt");
    apr_table_setn(params, "max_age", "300");
    tap_str("O17: so does max_age", pwl_authparam_proved(params), "max_age");
    apr_table_setn(params, "acr_values", "urn:a");
    tap_str("O18: so does a policy", pwl_authparam_proved(params),
            "acr_values");
    apr_table_setn(params, "organization", "org_1");
    tap_str("and an organization", pwl_authparam_proved(params),
            "organization");
    got = pwl_authparam_asked(params);
    tap_str("the organization", got.organization, "org_1");
    tap_str("the policies", got.acr_values, "urn:a");
    tap_int("max_age in microseconds", got.max_age, 300000000);
    tap_int("prompt has login in it", got.login, 1);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    checked();
    asked();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
