/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Further parameters of /authorize (Auth0AuthorizeParam).
 *
 * What a visitor's browser carries to the tenant a visitor can change or leave
 * out. So the parameters that restrict who may come back, or how, are worth
 * what the ID token shows of them afterwards: pwl_authparam_asked() says what
 * that is, core/idtoken.c looks.
 *
 * Names that the module sets itself are refused. Two of one name in a URL are
 * read as the first by some and as the last by others.
 */
#include "core/authparam.h"

#include <apr_cstr.h>
#include <apr_escape.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#include "core/limits.h"
#include "core/locales.h"

#define MAX_AGE_MOST 31622400 /* 366 days, as of all times in directives */

#define OWN "is the module's own, made anew for each sign-in: leave it out"
#define ANSWER "is a part of the tenant's answer, not of what it is asked"
#define INSTEAD                                                                \
    "would take the place of all other parameters: give them one "             \
    "by one"
#define SECRET                                                                 \
    "belongs in no URL: browsers keep those; Auth0ClientSecret is "            \
    "the place for it"
#define OTHER_WAY "is of another way in, which starts with a page of its own"

static const struct {
    const char *name;
    const char *why;
} refused[] = {
    {"client_id", "is what Auth0ClientID says"},
    {"redirect_uri", "is made of Auth0BaseURL and Auth0Path"},
    {"scope", "is what Auth0Scope says"},
    {"audience", "is what Auth0Audience says"},
    {"connection", "is what Auth0Connection says"},
    {"login_hint", "goes with the visitor: link to login?login_hint=ADDRESS"},
    {"response_type", OWN},
    {"response_mode", OWN},
    {"state", OWN},
    {"nonce", OWN},
    {"code_challenge", OWN},
    {"code_challenge_method", OWN},
    {"code_verifier", OWN},
    {"iss", ANSWER},
    {"code", ANSWER},
    {"error", ANSWER},
    {"error_description", ANSWER},
    {"request", INSTEAD},
    {"request_uri", INSTEAD},
    {"client_secret", SECRET},
    {"client_assertion", SECRET},
    {"client_assertion_type", SECRET},
    {"login_ticket", OTHER_WAY},
    {"realm", OTHER_WAY},
    {"dpop_jkt", "binds tokens to a key that the module does not have"},
};

static const char *check_name(const char *name, apr_pool_t *pool)
{
    apr_size_t len = strlen(name);
    apr_size_t i;

    for (i = 0; i < len; i++) {
        if (!apr_isalnum(name[i]) && !strchr("._-", name[i]))
            break;
    }
    if (len == 0 || i < len || len > PWL_AUTHPARAM_NAME_MAX)
        return apr_psprintf(pool,
                            "\"%.64s\" is not the name of a parameter: 1 to "
                            "%d letters, digits, \".\", \"-\" and \"_\" (try "
                            "organization)",
                            apr_pescape_echo(pool, name, 1),
                            PWL_AUTHPARAM_NAME_MAX);
    for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        if (!apr_cstr_casecmp(name, refused[i].name))
            return apr_pstrcat(pool, "\"", name, "\" ", refused[i].why, NULL);
    }
    return NULL;
}

/** Do all words of the value pass? There is one, at least. */
static int all_words(const char *value, int (*is_good)(const char *),
                     apr_pool_t *pool)
{
    char *rest = apr_pstrdup(pool, value);
    char *last;
    char *word = apr_strtok(rest, " ", &last);
    int good = word != NULL;

    for (; word && good; word = apr_strtok(NULL, " ", &last))
        good = is_good(word);
    return good;
}

static int is_prompt(const char *word)
{
    return !strcmp(word, "login") || !strcmp(word, "consent") ||
           !strcmp(word, "select_account");
}

static int is_word(const char *word)
{
    return *word != '\0';
}

static int is_seconds(const char *value)
{
    apr_size_t len = strlen(value);

    return len > 0 && len < 10 && strspn(value, "0123456789") == len &&
           apr_atoi64(value) > 0 && apr_atoi64(value) <= MAX_AGE_MOST;
}

/** What OpenID Connect says of the values of its own parameters. */
static const char *check_known(const char *name, const char *value,
                               apr_pool_t *pool)
{
    if (!strcmp(name, "prompt") && !all_words(value, is_prompt, pool))
        return "prompt takes login, consent and select_account; with none, "
               "who is not signed in at the tenant never could be";
    if (!strcmp(name, "max_age") && !is_seconds(value))
        return "max_age takes seconds, 1 to 31622400 (for none at all, write "
               "prompt login)";
    if (!strcmp(name, "ui_locales") &&
        !all_words(value, pwl_locales_is_tag, pool))
        return "ui_locales takes language tags with blanks between (try "
               "\"nl-BE nl en\")";
    if (!strcmp(name, "organization") && strchr(value, ' '))
        return "organization takes one id or name, without blanks (try "
               "org_AbC123 or rowing-club)";
    if (!strcmp(name, "acr_values") && !all_words(value, is_word, pool))
        return "acr_values takes one or more names of policies";
    return NULL;
}

const char *pwl_authparam_check(const char *name, const char *value,
                                apr_pool_t *pool)
{
    static const char *const known[] = {"prompt", "max_age", "ui_locales",
                                        "organization", "acr_values"};
    const char *bad = check_name(name, pool);
    const unsigned char *p;
    apr_size_t i;

    if (bad)
        return bad;
    if (!*value || strlen(value) > PWL_AUTHPARAM_VALUE_MAX)
        return apr_psprintf(pool, "%s takes a value of 1 to %d bytes", name,
                            PWL_AUTHPARAM_VALUE_MAX);
    for (p = (const unsigned char *)value; *p; p++) {
        if (*p < 0x20 || *p == 0x7f)
            return apr_pstrcat(pool, "the value of ", name,
                               " holds a control character", NULL);
    }
    /* "Max_Age" is no parameter anybody knows; it would be asked and not
     * proved. */
    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (!apr_cstr_casecmp(name, known[i]) && strcmp(name, known[i]) != 0)
            return apr_pstrcat(pool, "\"", name, "\" is written ", known[i],
                               NULL);
    }
    return check_known(name, value, pool);
}

static int has_login(const char *prompt)
{
    const char *at = prompt ? strstr(prompt, "login") : NULL;

    return at != NULL; /* of the three words, in one only */
}

pwl_authparam_asked_t pwl_authparam_asked(const apr_table_t *params)
{
    pwl_authparam_asked_t asked = {0};
    const char *max_age;

    if (!params)
        return asked;
    asked.organization = apr_table_get(params, "organization");
    asked.acr_values = apr_table_get(params, "acr_values");
    asked.login = has_login(apr_table_get(params, "prompt"));
    max_age = apr_table_get(params, "max_age");
    if (max_age)
        asked.max_age = apr_time_from_sec(apr_atoi64(max_age));
    return asked;
}

const char *pwl_authparam_proved(const apr_table_t *params)
{
    pwl_authparam_asked_t asked = pwl_authparam_asked(params);

    return asked.organization ? "organization"
           : asked.acr_values ? "acr_values"
           : asked.max_age    ? "max_age"
           : asked.login      ? "prompt"
                              : NULL;
}
