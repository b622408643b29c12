/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/idtoken_asked.c: tokens that are good in all but what was asked of the
 * tenant with /authorize. A row is the text behind the claims of a good token.
 */
#include <apr_general.h>
#include <apr_strings.h>

#include "core/idtoken.h"
#include "tap.h"

#define NOW 1789000100
#define AT(seconds) ((apr_time_t)(seconds)*APR_USEC_PER_SEC)
#define MFA "http://schemas.openid.net/pape/policies/2007/06/multi-factor"

static apr_pool_t *pool;

static const pwl_idtoken_want_t plain = {
    .issuer = "https://acme.eu.auth0.com/",
    .client_id = "Cl13nt",
    .alg = PWL_ALG_RS256,
    .now = AT(NOW),
    .skew = AT(60),
};

static void row(const char *what, const pwl_idtoken_want_t *want,
                const char *more, pwl_reason_t why)
{
    const char *payload = apr_pstrcat(
        pool,
        "{\"iss\":\"https://acme.eu.auth0.com/\",\"aud\":\"Cl13nt\","
        "\"sub\":\"email|66f0\",\"iat\":1789000000,\"exp\":1789036000,"
        "\"email\":\"ann@example.org\",\"email_verified\":true",
        *more ? "," : "", more, "}", NULL);
    pwl_claims_t *claims = NULL;
    pwl_result_t res =
        pwl_idtoken_claims(payload, strlen(payload), want, &claims, pool);

    if (!tap_str(what, pwl_reason_word(res.why), pwl_reason_word(why)))
        printf("#  detail: %s\n", res.detail ? res.detail : "none");
    tap_ok(!claims == (why != PWL_OK), "and claims only then");
}

static void organization(void)
{
    pwl_idtoken_want_t want = plain;

    row("nothing asked, nothing said", &plain, "", PWL_OK);
    row("nothing asked: any organization will do", &plain,
        "\"org_id\":\"org_2\"", PWL_OK);
    want.organization = "org_AbC1";
    row("the organization asked for", &want, "\"org_id\":\"org_AbC1\"", PWL_OK);
    row("another one", &want, "\"org_id\":\"org_AbC2\"", PWL_JWT_ORG);
    row("none at all", &want, "", PWL_JWT_ORG);
    row("an id in another case", &want, "\"org_id\":\"org_abc1\"", PWL_JWT_ORG);
    row("a name that looks like the id", &want, "\"org_name\":\"org_AbC1\"",
        PWL_JWT_ORG);
    row("an id in a list", &want, "\"org_id\":[\"org_AbC1\"]", PWL_JWT_ORG);
    want.organization = "Rowing-Club";
    row("by name, which Auth0 keeps in lower case", &want,
        "\"org_id\":\"org_1\",\"org_name\":\"rowing-club\"", PWL_OK);
    row("another name", &want, "\"org_name\":\"rowing-club2\"", PWL_JWT_ORG);
    row("by name, and only an id in the token", &want, "\"org_id\":\"org_1\"",
        PWL_JWT_ORG);
    row("an id that looks like the name", &want, "\"org_id\":\"Rowing-Club\"",
        PWL_JWT_ORG);
}

static void policy(void)
{
    pwl_idtoken_want_t want = plain;

    want.acr_values = "urn:silver urn:gold";
    row("O18: the first of two policies", &want, "\"acr\":\"urn:silver\"",
        PWL_OK);
    row("O18: the second", &want, "\"acr\":\"urn:gold\"", PWL_OK);
    row("O18: both in one word", &want, "\"acr\":\"urn:silver urn:gold\"",
        PWL_JWT_ACR);
    row("O18: a part of one", &want, "\"acr\":\"urn:gol\"", PWL_JWT_ACR);
    row("O18: one with something behind", &want, "\"acr\":\"urn:golden\"",
        PWL_JWT_ACR);
    row("O18: none", &want, "", PWL_JWT_ACR);
    row("O18: an empty one", &want, "\"acr\":\"\"", PWL_JWT_ACR);
    row("O18: in a list", &want, "\"acr\":[\"urn:gold\"]", PWL_JWT_ACR);
    row("O18: a second factor where none was asked for", &want,
        "\"amr\":[\"mfa\"]", PWL_JWT_ACR);
    want.acr_values = "urn:gold " MFA;
    row("O18: the policy of a second factor, by acr", &want,
        "\"acr\":\"" MFA "\"", PWL_OK);
    row("O18: the same, by amr as Auth0 says it", &want,
        "\"amr\":[\"pwd\",\"mfa\"]", PWL_OK);
    row("O18: amr without it", &want, "\"amr\":[\"pwd\",\"mfa2\"]",
        PWL_JWT_ACR);
    row("O18: amr that is no list", &want, "\"amr\":\"mfa\"", PWL_JWT_ACR);
    row("O18: amr with a list in it", &want, "\"amr\":[[\"mfa\"]]",
        PWL_JWT_ACR);
}

static void time_of_it(void)
{
    pwl_idtoken_want_t want = plain;

    want.max_age = AT(300);
    row("O17: max_age, just in time with the skew", &want,
        "\"auth_time\":1788999740", PWL_OK);
    row("O17: max_age, a second older", &want, "\"auth_time\":1788999739",
        PWL_JWT_AUTH_TIME);
    row("O17: max_age, and nobody says when", &want, "", PWL_JWT_AUTH_TIME);
    row("O17: max_age, and a text", &want, "\"auth_time\":\"1789000000\"",
        PWL_JWT_AUTH_TIME);
    want = plain;
    want.fresh_since = AT(NOW - 10);
    row("O17: prompt=login, and no word of when: the page asked all the same",
        &want, "", PWL_OK);
    row("O17: prompt=login, signed in since", &want, "\"auth_time\":1789000095",
        PWL_OK);
    row("O17: prompt=login, before it, within the skew", &want,
        "\"auth_time\":1789000030", PWL_OK);
    row("O17: prompt=login, a second earlier", &want,
        "\"auth_time\":1789000029", PWL_JWT_AUTH_TIME);
    row("O17: prompt=login, and a text", &want, "\"auth_time\":\"now\"",
        PWL_JWT_AUTH_TIME);
    want.auth_time_needed = 1;
    row("O17: prompt=login always, and no word of when", &want, "",
        PWL_JWT_AUTH_TIME);
    row("O17: prompt=login always, signed in since", &want,
        "\"auth_time\":1789000095", PWL_OK);
    row("O17: prompt=login always, long before", &want,
        "\"auth_time\":1788990000", PWL_JWT_AUTH_TIME);
    row("nothing asked: an old sign-in will do", &plain,
        "\"auth_time\":1700000000", PWL_OK);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    organization();
    policy();
    time_of_it();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
