/* SPDX-License-Identifier: Apache-2.0 */
/* core/finding.c: what is good, what is not, and what nobody can tell. */
#include "core/finding.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "signing.h"
#include "tap.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define NOW apr_time_from_sec(APR_INT64_C(1800000000))
#define DATE(seconds) "Fri, 15 Jan 2027 08:" seconds " GMT"

static apr_pool_t *pool;

/* "ok reach: answers, in 5 ms" */
static const char *line(pwl_finding_t found)
{
    return apr_psprintf(pool, "%s %s: %s", pwl_finding_word(found.level),
                        found.topic, found.text);
}

static pwl_finding_answer_t answer(pwl_reason_t why, int status,
                                   const char *body)
{
    pwl_finding_answer_t out = {
        {why, 0, "as curl says"}, status, body, strlen(body), NULL, 5000};

    return out;
}

static void test_reach(void)
{
    static const struct {
        pwl_reason_t why;
        int status;
        const char *want, *cure;
    } rows[] = {
        {PWL_OK, 200, "ok reach: answers, in 5 ms", NULL},
        {PWL_OK, 404,
         "FAIL reach: something answers, but no tenant (status 404)",
         "Auth0Domain is not"},
        {PWL_OK, 429,
         "warn reach: the tenant refuses calls for their number (429)",
         "in a minute"},
        {PWL_OK, 503, "FAIL reach: the tenant answers with status 503",
         "status.auth0.com"},
        {PWL_HTTPS_RESOLVE, 0, "FAIL reach: https-resolve: as curl says",
         "typing mistake"},
        {PWL_HTTPS_CONNECT, 0, "FAIL reach: https-connect: as curl says",
         "firewall"},
        {PWL_HTTPS_TLS, 0, "FAIL reach: https-tls: as curl says",
         "Auth0CAFile"},
        {PWL_HTTPS_TIMEOUT, 0, "FAIL reach: https-timeout: as curl says",
         "Auth0Timeout"},
        {PWL_HTTPS_REDIRECT, 302, "FAIL reach: https-redirect: as curl says",
         "custom domain itself"},
        {PWL_HTTPS_FAILED, 0, "FAIL reach: https-failed: as curl says",
         "try again"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        pwl_finding_answer_t given = answer(rows[i].why, rows[i].status, "");
        pwl_finding_t found = pwl_finding_reach(&given, pool);

        tap_str(rows[i].want, line(found), rows[i].want);
        tap_ok(rows[i].cure ? found.cure && strstr(found.cure, rows[i].cure)
                            : !found.cure,
               "  and its cure");
    }
}

static void test_clock(void)
{
    static const struct {
        const char *date, *want;
    } rows[] = {
        {DATE("00:00"), "ok clock: as the tenant's"},
        {DATE("00:02"), "ok clock: as the tenant's"},
        {DATE("00:03"), "warn clock: 3 s behind the tenant's"},
        {DATE("01:00"), "warn clock: 60 s behind the tenant's"},
        {DATE("01:01"), "FAIL clock: 61 s behind the tenant's"},
        {"Fri, 15 Jan 2027 07:59:00 GMT",
         "warn clock: 60 s ahead of the tenant's"},
        {"Fri, 15 Jan 2027 07:58:59 GMT",
         "FAIL clock: 61 s ahead of the tenant's"},
        {"yesterday", "? clock: the tenant does not say what time it is"},
        {NULL, "? clock: the tenant does not say what time it is"},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        tap_str(rows[i].want,
                line(pwl_finding_clock(rows[i].date, NOW, apr_time_from_sec(60),
                                       pool)),
                rows[i].want);
}

static void test_issuer(void)
{
    static const struct {
        const char *body, *want;
    } rows[] = {
        {"{\"issuer\":\"https://a.example/\"}",
         "ok issuer: https://a.example/"},
        {"{\"issuer\":\"https://b.example/\"}",
         "FAIL issuer: the tenant calls itself https://b.example/, not "
         "https://a.example/"},
        {"{\"issuer\":\"https://a.example\"}",
         "FAIL issuer: the tenant calls itself https://a.example, not "
         "https://a.example/"},
        {"{\"issuer\":\"\\u001b[1m\"}",
         "FAIL issuer: the tenant calls itself .[1m, not https://a.example/"},
        {"{\"issuer\":7}",
         "FAIL issuer: the discovery document cannot be read"},
        {"{}", "FAIL issuer: the discovery document cannot be read"},
        {"<html>", "FAIL issuer: the discovery document cannot be read"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        pwl_finding_answer_t given = answer(PWL_OK, 200, rows[i].body);

        tap_str(rows[i].want,
                line(pwl_finding_issuer(&given, "https://a.example/", pool)),
                rows[i].want);
    }
}

static void test_keys(void)
{
    const char *set = signing_jwks(
        signing_jwk(signing_key(0), ",\"kid\":\"a\",\"alg\":\"RS256\"", pool),
        NULL, pool);
    pwl_finding_answer_t good = answer(PWL_OK, 200, set);
    pwl_finding_answer_t none = answer(PWL_OK, 200, "{\"keys\":[]}");
    pwl_finding_answer_t down = answer(PWL_OK, 503, "");
    pwl_finding_answer_t lost = answer(PWL_HTTPS_TIMEOUT, 0, "");

    tap_str("a key", line(pwl_finding_keys(&good, PWL_ALG_RS256, pool)),
            "ok keys: 1 for RS256");
    tap_str("J3: a key of another algorithm",
            line(pwl_finding_keys(&good, PWL_ALG_PS256, pool)),
            "FAIL keys: the tenant's keys are for RS256, not for PS256");
    tap_str("HS256 needs none",
            line(pwl_finding_keys(&lost, PWL_ALG_HS256, pool)),
            "ok keys: none needed: HS256 takes the client secret");
    tap_str("J16: an empty set",
            line(pwl_finding_keys(&none, PWL_ALG_RS256, pool)),
            "FAIL keys: jwks-empty");
    tap_str("J16: 503", line(pwl_finding_keys(&down, PWL_ALG_RS256, pool)),
            "FAIL keys: status 503 for the key set");
    tap_str("no answer", line(pwl_finding_keys(&lost, PWL_ALG_RS256, pool)),
            "FAIL keys: https-timeout");
}

typedef pwl_finding_t judge_t(pwl_result_t res, const pwl_answer_t *said);

static pwl_finding_t secret(pwl_result_t res, const pwl_answer_t *said)
{
    return pwl_finding_secret(res, said, 0, pool);
}

static pwl_finding_t connection(pwl_result_t res, const pwl_answer_t *said)
{
    return pwl_finding_connection(res, said, "email", pool);
}

static pwl_finding_t sent(pwl_result_t res, const pwl_answer_t *said)
{
    return pwl_finding_sent(res, said, pool);
}

static void test_calls(void)
{
    static const struct {
        judge_t *judge;
        pwl_reason_t why;
        const char *want;
    } rows[] = {
        {secret, PWL_TENANT_WRONG_CODE,
         "ok secret: accepted, and the grant Passwordless OTP is on"},
        {secret, PWL_TENANT_EXPIRED_CODE,
         "ok secret: accepted, and the grant Passwordless OTP is on"},
        {secret, PWL_TENANT_SPENT_CODE,
         "ok secret: accepted, and the grant Passwordless OTP is on"},
        {secret, PWL_OK,
         "FAIL secret: the tenant took a code that nobody was sent"},
        {secret, PWL_TENANT_CONFIG, "FAIL secret: tenant-config, some_code"},
        {secret, PWL_TENANT_BLOCKED, "? secret: tenant-blocked, some_code"},
        {secret, PWL_TENANT_FAILED, "? secret: tenant-failed, some_code"},
        {secret, PWL_TENANT_STEP, "warn secret: tenant-step, some_code"},
        {connection, PWL_TENANT_ADDRESS,
         "ok connection: email is on for this application"},
        {connection, PWL_TENANT_CLOSED,
         "ok connection: email is on for this application; sign-ups are "
         "closed, so only known users get a code"},
        {connection, PWL_OK, "? connection: ok, some_code"},
        {connection, PWL_TENANT_CONFIG,
         "FAIL connection: tenant-config, some_code"},
        {connection, PWL_TENANT_RATE_LIMIT,
         "? connection: tenant-rate-limit, some_code"},
        {sent, PWL_OK, "ok mail: the tenant says that a code is on its way"},
        {sent, PWL_TENANT_CLOSED,
         "FAIL mail: sign-ups are closed, and the address is unknown"},
        {sent, PWL_TENANT_ADDRESS,
         "FAIL mail: the tenant does not take this address"},
        {sent, PWL_TENANT_CONFIG, "FAIL mail: tenant-config, some_code"},
    };
    static const pwl_answer_t said = {.error = "some_code"};

    for (size_t i = 0; i < COUNT(rows); i++) {
        pwl_result_t res = {rows[i].why, 0, NULL};
        pwl_finding_t found = rows[i].judge(res, &said);

        tap_str(rows[i].want, line(found), rows[i].want);
        tap_ok(found.level == PWL_FINDING_GOOD || found.cure,
               "  which comes with a cure unless it is good");
    }
}

static void test_visitor(void)
{
    static const struct {
        int on;
        long first, second;
        pwl_finding_level_t want;
    } rows[] = {
        {1, 49, 49, PWL_FINDING_GOOD},    {1, 40, 49, PWL_FINDING_GOOD},
        {1, 49, 48, PWL_FINDING_WARN},    {1, -1, 48, PWL_FINDING_UNKNOWN},
        {1, 49, -1, PWL_FINDING_UNKNOWN}, {0, 49, 49, PWL_FINDING_WARN},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        tap_int(
            apr_psprintf(pool, "U13: forwarded %d, %ld and %ld left",
                         rows[i].on, rows[i].first, rows[i].second),
            pwl_finding_forwarded(rows[i].on, 0, rows[i].first, rows[i].second)
                .level,
            rows[i].want);
}

static void test_key(void)
{
    static const pwl_answer_t said = {.error = "invalid_grant"};
    pwl_result_t res = {PWL_TENANT_WRONG_CODE, 0, NULL};
    pwl_finding_t found = pwl_finding_forwarded(1, 1, 49, 48);

    tap_str("a key is called one",
            line(pwl_finding_secret(res, &said, 1, pool)),
            "ok secret: the key is accepted, and the grant Passwordless OTP is "
            "on");
    tap_ok(found.level == PWL_FINDING_WARN && strstr(found.cure, "share one"),
           "U13: with a key, visitors' addresses are taken not to be trusted");
    tap_ok(strcmp(found.cure, pwl_finding_forwarded(1, 0, 49, 48).cure) != 0,
           "U13: and the switch of the secret is not named");
}

static void test_callback(void)
{
    static const struct {
        pwl_reason_t why;
        int status, needed;
        pwl_finding_level_t want;
    } rows[] = {
        {PWL_HTTPS_REDIRECT, 302, 0, PWL_FINDING_GOOD},
        {PWL_HTTPS_REDIRECT, 302, 1, PWL_FINDING_GOOD},
        {PWL_OK, 400, 0, PWL_FINDING_WARN},
        {PWL_OK, 403, 1, PWL_FINDING_BAD},
        {PWL_OK, 429, 1, PWL_FINDING_UNKNOWN},
        {PWL_OK, 502, 1, PWL_FINDING_UNKNOWN},
        {PWL_OK, 200, 1, PWL_FINDING_UNKNOWN},
        {PWL_HTTPS_TIMEOUT, 0, 1, PWL_FINDING_UNKNOWN},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        pwl_finding_answer_t given = answer(rows[i].why, rows[i].status, "");
        pwl_finding_t found = pwl_finding_callback(
            &given, "https://a.example/cb", rows[i].needed, pool);

        tap_int(apr_psprintf(pool, "callback: %s, %d, needed %d",
                             pwl_reason_word(rows[i].why), rows[i].status,
                             rows[i].needed),
                found.level, rows[i].want);
        if (found.cure)
            tap_ok(strstr(found.cure, "https://a.example/cb") != NULL,
                   "  the cure names the URL");
    }
}

static void test_logout(void)
{
    static const struct {
        pwl_reason_t why;
        int status;
        pwl_finding_level_t want;
    } rows[] = {
        {PWL_HTTPS_REDIRECT, 302, PWL_FINDING_GOOD},
        {PWL_OK, 400, PWL_FINDING_WARN},
        {PWL_OK, 429, PWL_FINDING_UNKNOWN},
        {PWL_OK, 200, PWL_FINDING_UNKNOWN},
        {PWL_HTTPS_TIMEOUT, 0, PWL_FINDING_UNKNOWN},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        pwl_finding_answer_t given = answer(rows[i].why, rows[i].status, "");
        pwl_finding_t found =
            pwl_finding_logout(&given, "https://a.example/out", pool);

        tap_int(apr_psprintf(pool, "logout: %s, %d",
                             pwl_reason_word(rows[i].why), rows[i].status),
                found.level, rows[i].want);
        if (found.cure)
            tap_ok(strstr(found.cure, "https://a.example/out") != NULL,
                   "  the cure names the URL");
    }
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_reach();
    test_clock();
    test_issuer();
    test_keys();
    test_calls();
    test_visitor();
    test_key();
    test_callback();
    test_logout();
    apr_terminate();
    return tap_done();
}
