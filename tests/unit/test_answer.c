/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/answer.c: each line of the tables of auth0-api.md 1.5, 2.3, 3.1, 4.2,
 * the three shapes of 10.3, and what no tenant should send.
 */
#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>

#include "core/answer.h"
#include "core/limits.h"
#include "answer_cases.h"
#include "tap.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define JSON "application/json"

static apr_pool_t *pool;

static const char *body_of(const case_t *c)
{
    if (!c->error)
        return c->text;
    return apr_psprintf(pool, "{\"error\":\"%s\",\"error_description\":\"%s\"}",
                        c->error, c->text);
}

static void test_start(void)
{
    pwl_answer_t out;
    size_t i;

    for (i = 0; i < COUNT(starts); i++) {
        const char *body = body_of(&starts[i]);
        pwl_result_t res = pwl_answer_judge_start(starts[i].status, JSON, body,
                                                  strlen(body), &out, pool);

        tap_str(starts[i].what, pwl_reason_word(res.why),
                pwl_reason_word(starts[i].want));
    }
}

static void test_token(const case_t *cases, size_t count,
                       pwl_answer_grant_t grant)
{
    pwl_answer_t out;
    size_t i;

    for (i = 0; i < count; i++) {
        const char *body = body_of(&cases[i]);
        pwl_result_t res = pwl_answer_judge_token(
            cases[i].status, JSON, body, strlen(body), grant, &out, pool);

        tap_str(cases[i].what, pwl_reason_word(res.why),
                pwl_reason_word(cases[i].want));
    }
}

static void test_revoke(void)
{
    pwl_answer_t out;

    for (size_t i = 0; i < COUNT(revokes); i++) {
        const char *body = body_of(&revokes[i]);
        pwl_result_t res = pwl_answer_judge_revoke(
            revokes[i].status, JSON, body, strlen(body), &out, pool);

        tap_str(revokes[i].what, pwl_reason_word(res.why),
                pwl_reason_word(revokes[i].want));
    }
}

#define GOOD "\"id_token\":\"a.b.c\",\"token_type\":\"Bearer\""

static void test_success(void)
{
    /* clang-format off */
    static const struct {
        const char *what, *body;
        pwl_reason_t want;
        apr_int64_t expires_in;
    } cases[] = {
        {"2.2: all keys", "{\"access_token\":\"o\",\"refresh_token\":\"r\",\"scope\":\"openid\",\"expires_in\":86400," GOOD "}", PWL_OK, 86400},
        {"2.2: only what we need", "{" GOOD "}", PWL_OK, 0},
        {"U7: token_type in capitals", "{\"id_token\":\"a\",\"token_type\":\"BEARER\"}", PWL_OK, 0},
        {"U7: extra fields", "{\"x\":[1,{\"y\":null}]," GOOD "}", PWL_OK, 0},
        {"U7: expires_in 0", "{\"expires_in\":0," GOOD "}", PWL_OK, 0},
        {"U7: expires_in ten years", "{\"expires_in\":315360000," GOOD "}", PWL_OK, 315360000},
        {"U7: expires_in ten years and a second", "{\"expires_in\":315360001," GOOD "}", PWL_TENANT_NONSENSE, 0},
        {"U7: expires_in a string", "{\"expires_in\":\"86400\"," GOOD "}", PWL_TENANT_NONSENSE, 0},
        {"U7: expires_in negative", "{\"expires_in\":-1," GOOD "}", PWL_TENANT_NONSENSE, 0},
        {"U7: expires_in 1e300", "{\"expires_in\":1e300," GOOD "}", PWL_TENANT_NONSENSE, 0},
        {"U7: expires_in a fraction", "{\"expires_in\":86400.5," GOOD "}", PWL_TENANT_NONSENSE, 0},
        {"U7: expires_in null", "{\"expires_in\":null," GOOD "}", PWL_TENANT_NONSENSE, 0},
        {"U7: no id_token", "{\"access_token\":\"a\",\"token_type\":\"Bearer\"}", PWL_TENANT_NONSENSE, 0},
        {"U7: id_token empty", "{\"id_token\":\"\",\"token_type\":\"Bearer\"}", PWL_TENANT_NONSENSE, 0},
        {"U7: id_token not a string", "{\"id_token\":[\"a\"],\"token_type\":\"Bearer\"}", PWL_TENANT_NONSENSE, 0},
        {"U7: token_type mac", "{\"id_token\":\"a\",\"token_type\":\"mac\"}", PWL_TENANT_NONSENSE, 0},
        {"U7: token_type of more words", "{\"id_token\":\"a\",\"token_type\":\"Bearer x\"}", PWL_TENANT_NONSENSE, 0},
        {"U7: no token_type", "{\"id_token\":\"a\"}", PWL_TENANT_NONSENSE, 0},
        {"U7: NUL in a string", "{\"x\":\"\\u0000\"," GOOD "}", PWL_TENANT_NONSENSE, 0},
        {"U6: HTML", "<html>", PWL_TENANT_NONSENSE, 0},
        {"U6: empty", "", PWL_TENANT_NONSENSE, 0},
        {"U6: truncated", "{" GOOD, PWL_TENANT_NONSENSE, 0},
        {"U6: array", "[{" GOOD "}]", PWL_TENANT_NONSENSE, 0},
        {"U6: BOM", "\xef\xbb\xbf{" GOOD "}", PWL_TENANT_NONSENSE, 0},
        {"U6: duplicate keys", "{\"id_token\":\"x\"," GOOD "}", PWL_TENANT_NONSENSE, 0},
        {"U6: more behind it", "{" GOOD "}{}", PWL_TENANT_NONSENSE, 0},
        {"U6: not UTF-8", "{\"x\":\"\xff\"," GOOD "}", PWL_TENANT_NONSENSE, 0},
        {"U9: an error with 200", "{\"error\":\"invalid_grant\"}", PWL_TENANT_NONSENSE, 0},
    };
    /* clang-format on */
    pwl_answer_t out;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        pwl_result_t res = pwl_answer_judge_token(200, JSON, cases[i].body,
                                                  strlen(cases[i].body),
                                                  PWL_ANSWER_OTP, &out, pool);

        tap_str(cases[i].what, pwl_reason_word(res.why),
                pwl_reason_word(cases[i].want));
        tap_ok((res.why == PWL_OK) == (out.id_token != NULL) &&
                   out.expires_in == cases[i].expires_in,
               "tokens and life come with a good verdict only");
    }
}

static void test_sizes(void)
{
    static const char utf16[] = "\xff\xfe{\0}\0";
    const char *deep = apr_psprintf(pool, "{" GOOD ",\"x\":%0100000d}", 0);
    char *long_token = malloc(PWL_ANSWER_MAX_BYTES * 8);
    pwl_answer_t out;
    char *c;

    for (c = (char *)deep; (c = strchr(c, '0')) != NULL;)
        *c = '[';
    tap_int("U6: depth 100,000",
            pwl_answer_judge_token(200, JSON, deep, strlen(deep),
                                   PWL_ANSWER_OTP, &out, pool)
                .why,
            PWL_TENANT_NONSENSE);
    tap_int("U6: UTF-16",
            pwl_answer_judge_token(200, JSON, utf16, sizeof(utf16) - 1,
                                   PWL_ANSWER_OTP, &out, pool)
                .why,
            PWL_TENANT_NONSENSE);
    memset(long_token, 'a', PWL_ANSWER_MAX_BYTES * 8);
    memcpy(long_token, "{" GOOD ",\"x\":\"", sizeof("{" GOOD ",\"x\":\"") - 1);
    memcpy(long_token + PWL_ANSWER_MAX_BYTES - 2, "\"}", 2);
    tap_int("U7: an answer of the longest length",
            pwl_answer_judge_token(200, JSON, long_token, PWL_ANSWER_MAX_BYTES,
                                   PWL_ANSWER_OTP, &out, pool)
                .why,
            PWL_OK);
    memcpy(long_token + PWL_ANSWER_MAX_BYTES - 2, "a\"}", 3);
    tap_int("U7: an answer one byte longer",
            pwl_answer_judge_token(200, JSON, long_token,
                                   PWL_ANSWER_MAX_BYTES + 1, PWL_ANSWER_OTP,
                                   &out, pool)
                .why,
            PWL_TENANT_NONSENSE);
    tap_int("U7: a token of 1 MB",
            pwl_answer_judge_token(200, JSON, long_token,
                                   PWL_ANSWER_MAX_BYTES * 8, PWL_ANSWER_OTP,
                                   &out, pool)
                .why,
            PWL_TENANT_NONSENSE);
    free(long_token);
}

/** What is told of a refusal, and that nothing else is. */
static void test_telling(void)
{
    /* clang-format off */
    static const struct {
        const char *what;
        int status;
        const char *type, *body, *error, *detail;
    } cases[] = {
        {"shape A", 403, JSON, "{\"error\":\"invalid_grant\",\"error_description\":\"Wrong.\"}", "invalid_grant", "status 403, invalid_grant: Wrong."},
        {"shape B with a text", 400, JSON, "{\"code\":\"invalid_captcha\",\"description\":\"Bad.\"}", "invalid_captcha", "status 400, invalid_captcha: Bad."},
        {"shape B with an object", 400, JSON, "{\"name\":\"X\",\"description\":{\"a\":1},\"statusCode\":400}", "X", "status 400, X"},
        {"shape C prefers errorCode", 404, JSON, "{\"error\":\"Not Found\",\"message\":\"m\",\"errorCode\":\"inexistent\"}", "inexistent", "status 404, inexistent: m"},
        {"shape C with a phrase alone", 404, JSON, "{\"error\":\"Not Found\",\"message\":\"m\"}", "Not_Found", "status 404, Not_Found: m"},
        {"error not a string", 400, JSON, "{\"error\":{\"x\":1},\"code\":\"y\"}", "y", "status 400, y"},
        {"U9: HTML is not quoted", 502, "text/html", "<html><b>1</b>", "http_502", "status 502, http_502: text/html"},
        {"U9: nor is text", 401, "text/plain", "Unauthorized u@x.org", "http_401", "status 401, http_401: text/plain"},
        {"nothing at all", 503, NULL, "", "http_503", "status 503, http_503"},
        {"U9: markup in the code", 400, JSON, "{\"error\":\"<b>\\n'\"}", "http_400", NULL},
        {"G2: an address in the text", 400, JSON, "{\"error\":\"bad.email\",\"error_description\":\"failed: ann@example.org now\"}", "bad.email", "status 400, bad.email: failed: * now"},
        {"L20: mfa_token is not told", 403, JSON, "{\"error\":\"mfa_required\",\"mfa_token\":\"Fe26.2\",\"error_description\":\"m\"}", "mfa_required", "status 403, mfa_required: m"},
    };
    /* clang-format on */
    pwl_answer_t out;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        pwl_result_t res = pwl_answer_judge_token(
            cases[i].status, cases[i].type, cases[i].body,
            strlen(cases[i].body), PWL_ANSWER_OTP, &out, pool);

        if (!cases[i].detail) {
            tap_ok(strspn(out.error, "_b") == strlen(out.error), cases[i].what);
            continue;
        }
        tap_str(cases[i].what, out.error, cases[i].error);
        tap_str("  and the detail", res.detail, cases[i].detail);
    }
}

static void test_hints(void)
{
    static const struct {
        const char *what;
        pwl_answer_grant_t grant;
        int status;
        const char *body, *part;
    } cases[] = {
        {"U10: grant not enabled", PWL_ANSWER_OTP, 403,
         "{\"error\":\"unauthorized_client\"}", "Passwordless OTP"},
        {"U10: grant not enabled, code", PWL_ANSWER_CODE, 403,
         "{\"error\":\"unauthorized_client\"}", "Authorization Code"},
        {"U10: wrong secret", PWL_ANSWER_OTP, 401,
         "{\"error\":\"invalid_client\"}", "Auth0ClientSecret"},
        {"U10: 401 with nothing", PWL_ANSWER_OTP, 401, "", "Auth0ClientSecret"},
        {"wrong audience", PWL_ANSWER_OTP, 403,
         "{\"error\":\"access_denied\",\"error_description\":\"Service not "
         "found: x\"}",
         "Auth0Audience"},
        {"no openid in the scope", PWL_ANSWER_OTP, 200,
         "{\"access_token\":\"a\",\"token_type\":\"Bearer\"}", "Auth0Scope"},
        {"U8: rate limit", PWL_ANSWER_OTP, 429, "", "Trust Token Endpoint"},
    };
    pwl_answer_t out;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        pwl_answer_judge_token(cases[i].status, JSON, cases[i].body,
                               strlen(cases[i].body), cases[i].grant, &out,
                               pool);
        tap_ok(out.hint && strstr(out.hint, cases[i].part), cases[i].what);
    }
    pwl_answer_judge_start(403, JSON, "{\"error\":\"unauthorized_client\"}", 31,
                           &out, pool);
    tap_ok(out.hint && strstr(out.hint, "Client Secret (Post)"),
           "U10: client authentication required");
}

static void test_callback(void)
{
    static const struct {
        const char *error;
        pwl_reason_t want;
    } cases[] = {
        {"access_denied", PWL_TENANT_DENIED},
        {"unauthorized", PWL_TENANT_DENIED},
        {"login_required", PWL_TENANT_STEP},
        {"consent_required", PWL_TENANT_STEP},
        {"interaction_required", PWL_TENANT_STEP},
        {"invalid_request", PWL_TENANT_CONFIG},
        {"invalid_scope", PWL_TENANT_CONFIG},
        {"unsupported_response_type", PWL_TENANT_CONFIG},
        {"unauthorized_client", PWL_TENANT_CONFIG},
        {"server_error", PWL_TENANT_FAILED},
        {"temporarily_unavailable", PWL_TENANT_FAILED},
        {"too_many_requests", PWL_TENANT_RATE_LIMIT},
        {"too_many_attempts", PWL_TENANT_BLOCKED},
        {"Access_Denied", PWL_TENANT_FAILED},
        {"<script>", PWL_TENANT_FAILED},
        {"", PWL_TENANT_FAILED},
        {NULL, PWL_TENANT_FAILED},
    };
    size_t i;

    for (i = 0; i < COUNT(cases); i++)
        tap_str(apr_psprintf(pool, "4.2: %s",
                             cases[i].error ? cases[i].error : "(none)"),
                pwl_reason_word(pwl_answer_judge_callback(cases[i].error)),
                pwl_reason_word(cases[i].want));
}

/** 6.3: a word that stands for several things, and the others as ever. */
static void test_link(void)
{
    static const struct {
        const char *error, *text;
        pwl_reason_t want;
    } cases[] = {
        {"unauthorized",
         "The verification code has expired. Please try to login again.",
         PWL_TENANT_EXPIRED_CODE},
        {"unauthorized", "THE CODE HAS EXPIRED", PWL_TENANT_EXPIRED_CODE},
        {"unauthorized", "Wrong email or verification code.",
         PWL_TENANT_WRONG_CODE},
        {"unauthorized",
         "You've reached the maximum number of attempts. Please try to login "
         "again.",
         PWL_TENANT_SPENT_CODE},
        {"unauthorized", "user is blocked", PWL_TENANT_DENIED},
        {"unauthorized", "Something else", PWL_TENANT_WRONG_CODE},
        {"unauthorized", "", PWL_TENANT_WRONG_CODE},
        {"unauthorized", NULL, PWL_TENANT_WRONG_CODE},
        {"access_denied", "expired", PWL_TENANT_DENIED},
        {"server_error", NULL, PWL_TENANT_FAILED},
        {NULL, "expired", PWL_TENANT_FAILED},
    };
    size_t i;

    for (i = 0; i < COUNT(cases); i++)
        tap_str(apr_psprintf(pool, "6.3: %s, %s",
                             cases[i].error ? cases[i].error : "(none)",
                             cases[i].text ? cases[i].text : "(none)"),
                pwl_reason_word(pwl_answer_judge_link(cases[i].error,
                                                      cases[i].text)),
                pwl_reason_word(cases[i].want));
}

static void test_words(void)
{
    const char *code64 = apr_psprintf(pool, "%064d", 0);
    const char *text160 = apr_psprintf(pool, "%0160d", 0);
    const char *text155 = apr_psprintf(pool, "%0155d ", 0);
    struct {
        const char *what, *got, *want;
    } cases[] = {
        {"a code stays", pwl_answer_code("bad.x_Y-1", pool), "bad.x_Y-1"},
        {"other characters go", pwl_answer_code("a b\n<\xc3>", pool),
         "a_b____"},
        {"no code", pwl_answer_code(NULL, pool), "none"},
        {"an empty code", pwl_answer_code("", pool), "none"},
        {"a code of 64", pwl_answer_code(code64, pool), code64},
        {"a code of 65",
         pwl_answer_code(apr_pstrcat(pool, code64, "1", NULL), pool), code64},
        {"a text stays", pwl_answer_text("A, b: c.", pool), "A, b: c."},
        {"control bytes and others become dots",
         pwl_answer_text("a\r\nb\x7f\xc3\xa9", pool), "a..b..."},
        {"no text", pwl_answer_text(NULL, pool), ""},
        {"a text of 160", pwl_answer_text(text160, pool), text160},
        {"a text of 161",
         pwl_answer_text(apr_pstrcat(pool, text160, "1", NULL), pool), text160},
        {"G2: addresses", pwl_answer_text("a@b c <d@e>, f", pool), "* c * f"},
        {"G2: an encoded address", pwl_answer_text("x=a%40b c", pool), "* c"},
        {"G2: a phone number", pwl_answer_text("to +3225550100", pool), "to *"},
        {"G2: an address at the cut",
         pwl_answer_text(
             apr_pstrcat(pool, text155, "annemarie@example.org", NULL), pool),
         apr_pstrcat(pool, text155, "*", NULL)},
    };
    size_t i;

    for (i = 0; i < COUNT(cases); i++)
        tap_str(cases[i].what, cases[i].got, cases[i].want);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_start();
    test_token(otps, COUNT(otps), PWL_ANSWER_OTP);
    test_token(codes, COUNT(codes), PWL_ANSWER_CODE);
    test_token(refreshes, COUNT(refreshes), PWL_ANSWER_REFRESH);
    test_revoke();
    test_success();
    test_sizes();
    test_telling();
    test_hints();
    test_callback();
    test_link();
    test_words();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
