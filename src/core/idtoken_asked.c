/* SPDX-License-Identifier: Apache-2.0 */
/*
 * organization, acr_values, max_age and prompt=login: asked in a URL that the
 * visitor's browser carries, so true only when the token says so.
 *
 *   organization   org_id when it begins with "org_", else org_name (Auth0
 *                  keeps names in lower case)
 *   acr_values     acr is one of them; the tenant's policy for a second factor
 *                  is kept too when amr has "mfa", which is how Auth0 says it
 *   max_age        auth_time, and not longer ago
 *   prompt=login   auth_time, and not before the visitor was sent there
 */
#include "core/idtoken_asked.h"

#include <string.h>

#include <apr_cstr.h>

#include "core/claims.h"

#define MFA_POLICY                                                             \
    "http://schemas.openid.net/pape/policies/2007/06/multi-factor"

static pwl_result_t yes(void)
{
    return (pwl_result_t){.why = PWL_OK};
}

static pwl_result_t no(pwl_reason_t why, const char *detail)
{
    return (pwl_result_t){.why = why, .detail = detail};
}

static pwl_result_t check_organization(const json_t *claims,
                                       const pwl_idtoken_want_t *want)
{
    const char *asked = want->organization;
    const char *said;

    if (!asked)
        return yes();
    if (strncmp(asked, "org_", 4) == 0) {
        said = json_string_value(json_object_get(claims, "org_id"));
        return said && !strcmp(said, asked)
                   ? yes()
                   : no(PWL_JWT_ORG,
                        "org_id is not the organization asked for");
    }
    said = json_string_value(json_object_get(claims, "org_name"));
    if (!said)
        return no(PWL_JWT_ORG,
                  "no org_name in the token (in the tenant, allow organization "
                  "names in the Authentication API, or ask for an org_... id)");
    if (apr_cstr_casecmp(said, asked) != 0)
        return no(PWL_JWT_ORG, "org_name is not the organization asked for");
    return yes();
}

/** Is `word` one of `list`, words with blanks between? */
static int is_listed(const char *list, const char *word)
{
    apr_size_t len = strlen(word);
    const char *at = list;

    while (*at) {
        apr_size_t one = strcspn(at, " ");

        if (one > 0 && one == len && memcmp(at, word, len) == 0)
            return 1;
        at += one;
        at += strspn(at, " ");
    }
    return 0;
}

static int amr_has_mfa(const json_t *amr)
{
    size_t i;

    for (i = 0; i < json_array_size(amr); i++) {
        const char *one = json_string_value(json_array_get(amr, i));

        if (one && strcmp(one, "mfa") == 0)
            return 1;
    }
    return 0;
}

static pwl_result_t check_acr(const json_t *claims,
                              const pwl_idtoken_want_t *want)
{
    const char *acr = json_string_value(json_object_get(claims, "acr"));

    if (!want->acr_values)
        return yes();
    if (acr && is_listed(want->acr_values, acr))
        return yes();
    if (is_listed(want->acr_values, MFA_POLICY) &&
        amr_has_mfa(json_object_get(claims, "amr")))
        return yes();
    return no(PWL_JWT_ACR, "neither acr nor amr shows one of acr_values");
}

static pwl_result_t check_auth_time(const json_t *claims,
                                    const pwl_idtoken_want_t *want)
{
    const json_t *claim = json_object_get(claims, "auth_time");
    int is_needed = want->max_age > 0 || want->auth_time_needed;
    apr_time_t when;

    if (!claim && !is_needed)
        return yes();
    if (!is_needed && want->fresh_since == 0)
        return yes();
    if (!pwl_claims_seconds(claim, &when))
        return no(PWL_JWT_AUTH_TIME, "auth_time is missing or no time");
    if (want->max_age > 0 && want->now > when + want->max_age + want->skew)
        return no(PWL_JWT_AUTH_TIME, "the person signed in too long ago");
    if (when + want->skew < want->fresh_since)
        return no(PWL_JWT_AUTH_TIME,
                  "the person was to sign in anew and did not");
    return yes();
}

pwl_result_t pwl_idtoken_asked_check(const json_t *claims,
                                     const pwl_idtoken_want_t *want)
{
    pwl_result_t res = check_auth_time(claims, want);

    if (res.why == PWL_OK)
        res = check_organization(claims, want);
    if (res.why == PWL_OK)
        res = check_acr(claims, want);
    return res;
}
