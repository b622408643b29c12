/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Auth0 publishes no order of its checks. Those told apart here come before
 * anything that mails or signs in: credentials, grant and connection are
 * looked at before the address or the code is. An answer that fits none of
 * these is reported as it came, never taken for "good".
 */
#include "core/finding.h"

#include <apr_date.h>
#include <apr_strings.h>
#include <string.h>

#include "core/json.h"
#include "core/limits.h"

static pwl_finding_t finding(pwl_finding_level_t level, const char *topic,
                             const char *text, const char *cure)
{
    pwl_finding_t out = {level, topic, text, cure};

    return out;
}

const char *pwl_finding_word(pwl_finding_level_t level)
{
    static const char *const words[] = {
        [PWL_FINDING_GOOD] = "ok",
        [PWL_FINDING_UNKNOWN] = "?",
        [PWL_FINDING_WARN] = "warn",
        [PWL_FINDING_BAD] = "FAIL",
    };

    return words[level];
}

/* Which of our settings, or whose network, for a call that got no answer. */
static const char *cure_of(pwl_reason_t why)
{
    switch (why) {
    case PWL_HTTPS_RESOLVE:
        return "check Auth0Domain for a typing mistake, and DNS on this "
               "machine (or Auth0Proxy)";
    case PWL_HTTPS_CONNECT:
        return "let this machine reach the tenant on its port: firewall, or "
               "Auth0Proxy";
    case PWL_HTTPS_TLS:
        return "install ca-certificates, or name the right file in "
               "Auth0CAFile; a proxy that opens TLS needs its own CA there";
    case PWL_HTTPS_TIMEOUT:
        return "the way to the tenant is blocked or slow: firewall, "
               "Auth0Proxy, Auth0Timeout";
    case PWL_HTTPS_REDIRECT:
        return "Auth0Domain must be the tenant or its custom domain itself, "
               "not a site that leads there";
    default:
        return "see the text; try again";
    }
}

static const char *no_answer(pwl_result_t res, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%s%s%s", pwl_reason_word(res.why),
                        res.detail ? ": " : "", res.detail ? res.detail : "");
}

static const char *milliseconds(apr_interval_time_t took, apr_pool_t *pool)
{
    return apr_psprintf(pool, "answers, in %" APR_TIME_T_FMT " ms",
                        took / 1000);
}

pwl_finding_t pwl_finding_reach(const pwl_finding_answer_t *answer,
                                apr_pool_t *pool)
{
    if (answer->res.why != PWL_OK)
        return finding(PWL_FINDING_BAD, "reach", no_answer(answer->res, pool),
                       cure_of(answer->res.why));
    if (answer->status == 404)
        return finding(PWL_FINDING_BAD, "reach",
                       "something answers, but no tenant (status 404)",
                       "Auth0Domain is not the domain of a tenant: see "
                       "Applications > Settings > Domain");
    if (answer->status == 429)
        return finding(PWL_FINDING_WARN, "reach",
                       "the tenant refuses calls for their number (429)",
                       "try again in a minute");
    if (answer->status != 200)
        return finding(PWL_FINDING_BAD, "reach",
                       apr_psprintf(pool, "the tenant answers with status %d",
                                    answer->status),
                       "see https://status.auth0.com, and try again");
    return finding(PWL_FINDING_GOOD, "reach", milliseconds(answer->took, pool),
                   NULL);
}

pwl_finding_t pwl_finding_clock(const char *date, apr_time_t now,
                                apr_interval_time_t skew, apr_pool_t *pool)
{
    apr_time_t there = date ? apr_date_parse_http(date) : APR_DATE_BAD;
    apr_int64_t apart;
    const char *text;

    if (there == APR_DATE_BAD)
        return finding(PWL_FINDING_UNKNOWN, "clock",
                       "the tenant does not say what time it is", NULL);
    apart = apr_time_sec(now) - apr_time_sec(there);
    if (apart >= -2 && apart <= 2)
        return finding(PWL_FINDING_GOOD, "clock", "as the tenant's", NULL);
    text = apr_psprintf(pool, "%" APR_INT64_T_FMT " s %s the tenant's",
                        apart < 0 ? -apart : apart,
                        apart < 0 ? "behind" : "ahead of");
    if ((apart < 0 ? -apart : apart) <= apr_time_sec(skew))
        return finding(PWL_FINDING_WARN, "clock", text,
                       "keep time by NTP (timedatectl set-ntp true)");
    return finding(PWL_FINDING_BAD, "clock", text,
                   "ID tokens look expired or not yet good: keep time by NTP "
                   "(timedatectl set-ntp true)");
}

pwl_finding_t pwl_finding_issuer(const pwl_finding_answer_t *answer,
                                 const char *issuer, apr_pool_t *pool)
{
    const char *said;
    json_t *root;

    if (answer->res.why != PWL_OK || answer->status != 200 ||
        pwl_json_parse_pool(answer->body, answer->len, PWL_ANSWER_MAX_BYTES,
                            &root, pool) != PWL_OK ||
        !(said = pwl_json_string(root, "issuer")))
        return finding(PWL_FINDING_BAD, "issuer",
                       "the discovery document cannot be read",
                       "Auth0Domain is not the domain of a tenant");
    if (strcmp(said, issuer) != 0)
        return finding(PWL_FINDING_BAD, "issuer",
                       apr_psprintf(pool, "the tenant calls itself %s, not %s",
                                    pwl_answer_text(said, pool), issuer),
                       "write that domain in Auth0Domain: a custom domain has "
                       "an issuer of its own");
    return finding(PWL_FINDING_GOOD, "issuer", issuer, NULL);
}

static pwl_finding_t wrong_alg(const pwl_jwks_t *jwks, pwl_alg_t alg,
                               apr_pool_t *pool)
{
    pwl_alg_t other;
    const char *text = "the tenant has no key for it";

    if (pwl_jwks_other_alg(jwks, NULL, alg, &other))
        text = apr_psprintf(pool, "the tenant's keys are for %s, not for %s",
                            pwl_jws_alg_word(other), pwl_jws_alg_word(alg));
    return finding(PWL_FINDING_BAD, "keys", text,
                   "make Auth0IDTokenAlg and Applications > Settings > "
                   "Advanced > OAuth > JSON Web Token Signature Algorithm the "
                   "same");
}

pwl_finding_t pwl_finding_keys(const pwl_finding_answer_t *answer,
                               pwl_alg_t alg, apr_pool_t *pool)
{
    const pwl_jwk_t *keys[PWL_JWKS_TRIES];
    pwl_reason_t why = answer->res.why;
    pwl_jwks_t *jwks;
    int count;

    if (alg == PWL_ALG_HS256)
        return finding(PWL_FINDING_GOOD, "keys",
                       "none needed: HS256 takes the client secret", NULL);
    if (why == PWL_OK && answer->status != 200)
        return finding(
            PWL_FINDING_BAD, "keys",
            apr_psprintf(pool, "status %d for the key set", answer->status),
            "try again; see https://status.auth0.com");
    if (why == PWL_OK)
        why = pwl_jwks_parse(answer->body, answer->len, &jwks, pool);
    if (why != PWL_OK)
        return finding(PWL_FINDING_BAD, "keys", pwl_reason_word(why),
                       "see this word in docs/reasons.md");
    count = pwl_jwks_find(jwks, NULL, alg, keys, PWL_JWKS_TRIES);
    if (count == 0)
        return wrong_alg(jwks, alg, pool);
    return finding(
        PWL_FINDING_GOOD, "keys",
        apr_psprintf(pool, "%d for %s", count, pwl_jws_alg_word(alg)), NULL);
}

/* What is not expected here, in the tenant's words. */
static pwl_finding_t strange(const char *topic, pwl_result_t res,
                             const pwl_answer_t *answer, apr_pool_t *pool)
{
    const char *text = apr_psprintf(
        pool, "%s%s%s%s%s", pwl_reason_word(res.why), answer->error ? ", " : "",
        answer->error ? answer->error : "", res.detail ? ": " : "",
        res.detail ? res.detail : "");

    switch (res.why) {
    case PWL_TENANT_CONFIG:
        return finding(PWL_FINDING_BAD, topic, text,
                       answer->hint ? answer->hint
                                    : "see this word in docs/reasons.md");
    case PWL_TENANT_RATE_LIMIT:
    case PWL_TENANT_BLOCKED:
        return finding(PWL_FINDING_UNKNOWN, topic, text,
                       "the tenant refuses calls from here for a while: try "
                       "again later");
    case PWL_TENANT_STEP:
        return finding(PWL_FINDING_WARN, topic, text,
                       answer->hint ? answer->hint
                                    : "visitors go on at the tenant's own page "
                                      "for the further check");
    default:
        return finding(PWL_FINDING_UNKNOWN, topic, text,
                       answer->hint ? answer->hint
                                    : "see this word in docs/reasons.md");
    }
}

pwl_finding_t pwl_finding_secret(pwl_result_t res, const pwl_answer_t *answer,
                                 int by_key, apr_pool_t *pool)
{
    switch (res.why) {
    case PWL_TENANT_WRONG_CODE:
    case PWL_TENANT_EXPIRED_CODE:
    case PWL_TENANT_SPENT_CODE:
        return finding(PWL_FINDING_GOOD, "secret",
                       by_key ? "the key is accepted, and the grant "
                                "Passwordless OTP is on"
                              : "accepted, and the grant Passwordless OTP is "
                                "on",
                       NULL);
    case PWL_OK:
        return finding(PWL_FINDING_BAD, "secret",
                       "the tenant took a code that nobody was sent",
                       "do not use this tenant");
    default:
        return strange("secret", res, answer, pool);
    }
}

pwl_finding_t pwl_finding_connection(pwl_result_t res,
                                     const pwl_answer_t *answer,
                                     const char *connection, apr_pool_t *pool)
{
    switch (res.why) {
    case PWL_TENANT_ADDRESS:
        return finding(
            PWL_FINDING_GOOD, "connection",
            apr_psprintf(pool, "%s is on for this application", connection),
            NULL);
    case PWL_TENANT_CLOSED:
        return finding(PWL_FINDING_GOOD, "connection",
                       apr_psprintf(pool,
                                    "%s is on for this application; sign-ups "
                                    "are closed, so only known users get a "
                                    "code",
                                    connection),
                       NULL);
    default:
        return strange("connection", res, answer, pool);
    }
}

pwl_finding_t pwl_finding_forwarded(int on, int by_key, long first_left,
                                    long second_left)
{
    static const char by_secret[] =
        "tick Applications > Settings > Advanced > OAuth > Trust Token "
        "Endpoint IP Header: else all visitors share one limit of the tenant";
    static const char instead[] =
        "Auth0 documents that trust for the client secret only: with "
        "Auth0ClientKey take all visitors to share one limit of the tenant, or "
        "use Auth0ClientSecret";
    const char *cure = by_key ? instead : by_secret;

    if (!on)
        return finding(PWL_FINDING_WARN, "visitor",
                       "Auth0ForwardClientIP is Off: all visitors share one "
                       "limit of the tenant",
                       "set it On, and tick Applications > Settings > Advanced "
                       "> OAuth > Trust Token Endpoint IP Header");
    if (first_left < 0 || second_left < 0)
        return finding(PWL_FINDING_UNKNOWN, "visitor",
                       "the tenant does not say whether it trusts the "
                       "visitor's address",
                       cure);
    if (second_left < first_left)
        return finding(PWL_FINDING_WARN, "visitor",
                       "two visitors count as one: the tenant does not trust "
                       "the visitor's address",
                       cure);
    return finding(PWL_FINDING_GOOD, "visitor",
                   "each visitor's address has a limit of its own", NULL);
}

pwl_finding_t pwl_finding_callback(const pwl_finding_answer_t *answer,
                                   const char *url, int needed,
                                   apr_pool_t *pool)
{
    const char *cure = apr_pstrcat(pool,
                                   "add it to Applications > Settings > "
                                   "Allowed Callback URLs: ",
                                   url, NULL);

    if (answer->res.why == PWL_HTTPS_REDIRECT)
        return finding(PWL_FINDING_GOOD, "callback", "registered", NULL);
    if (answer->res.why != PWL_OK)
        return finding(PWL_FINDING_UNKNOWN, "callback",
                       no_answer(answer->res, pool), cure);
    if (answer->status < 400 || answer->status >= 500 || answer->status == 429)
        return finding(PWL_FINDING_UNKNOWN, "callback",
                       apr_psprintf(pool, "status %d", answer->status), cure);
    if (needed)
        return finding(PWL_FINDING_BAD, "callback",
                       "our callback URL is not registered", cure);
    return finding(PWL_FINDING_WARN, "callback",
                   "our callback URL is not registered: visitors of whom the "
                   "tenant wants more than a code cannot sign in",
                   cure);
}

pwl_finding_t pwl_finding_logout(const pwl_finding_answer_t *answer,
                                 const char *url, apr_pool_t *pool)
{
    const char *cure = apr_pstrcat(pool,
                                   "add it to Applications > Settings > "
                                   "Allowed Logout URLs: ",
                                   url, NULL);

    if (answer->res.why == PWL_HTTPS_REDIRECT)
        return finding(PWL_FINDING_GOOD, "logout", "registered", NULL);
    if (answer->res.why != PWL_OK)
        return finding(PWL_FINDING_UNKNOWN, "logout",
                       no_answer(answer->res, pool), cure);
    if (answer->status < 400 || answer->status >= 500 || answer->status == 429)
        return finding(PWL_FINDING_UNKNOWN, "logout",
                       apr_psprintf(pool, "status %d", answer->status), cure);
    return finding(PWL_FINDING_WARN, "logout",
                   "our signed-out page is not registered: who signs out ends "
                   "on an error page of the tenant",
                   cure);
}

pwl_finding_t pwl_finding_sent(pwl_result_t res, const pwl_answer_t *answer,
                               apr_pool_t *pool)
{
    if (res.why == PWL_OK)
        return finding(PWL_FINDING_GOOD, "mail",
                       "the tenant says that a code is on its way", NULL);
    if (res.why == PWL_TENANT_CLOSED)
        return finding(PWL_FINDING_BAD, "mail",
                       "sign-ups are closed, and the address is unknown",
                       "make the user under User Management > Users on this "
                       "connection, or turn Disable Sign Ups off");
    if (res.why == PWL_TENANT_ADDRESS)
        return finding(PWL_FINDING_BAD, "mail",
                       "the tenant does not take this address",
                       "write it as the connection wants it");
    return strange("mail", res, answer, pool);
}
