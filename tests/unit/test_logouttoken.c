/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logout tokens that are perfect but for one thing, and what we say to each.
 *
 * A row names one claim of a good token and the text to put in its place; NULL
 * takes the claim out, and the text may go on with more members.
 */
#include "core/logouttoken.h"

#include <apr_general.h>

#include "claims_with.h"
#include "core/limits.h"
#include "signing.h"
#include "tap.h"

#define NOW 1789000010 /* ten seconds after the good token was made */
#define EVENT "http://schemas.openid.net/event/backchannel-logout"
#define HEADER "{\"alg\":\"RS256\",\"typ\":\"logout+jwt\",\"kid\":\"k1\"}"

static apr_pool_t *pool;

/* clang-format off */
static const claim_t good_claims[] = {
    {"iss",    "\"https://acme.eu.auth0.com/\""},
    {"sub",    "\"email|66f0a1b2c3d4e5f601234567\""},
    {"aud",    "\"Cl13nt\""},
    {"iat",    "1789000000"},
    {"exp",    "1789000120"},
    {"jti",    "\"0d1c\""},
    {"sid",    "\"375U32\""},
    {"events", "{\"" EVENT "\":{}}"},
    {NULL, NULL},
};

static const pwl_logouttoken_want_t want = {
    .issuer = "https://acme.eu.auth0.com/", .client_id = "Cl13nt",
    .alg = PWL_ALG_RS256,
    .now = APR_INT64_C(NOW) * APR_USEC_PER_SEC,
    .skew = APR_INT64_C(60) * APR_USEC_PER_SEC,
};

static const struct { const char *what, *name, *value; pwl_reason_t want; }
rows[] = {
    {"O20: a token as Auth0 makes them",     "trace_id", "\"81b3\"", PWL_OK},
    {"O20: iss of another tenant",           "iss", "\"https://evil.eu.auth0.com/\"", PWL_JWT_ISS},
    {"O20: iss without the slash",           "iss", "\"https://acme.eu.auth0.com\"", PWL_JWT_ISS},
    {"O20: iss a list with ours in it",      "iss", "[\"https://acme.eu.auth0.com/\"]", PWL_JWT_ISS},
    {"O20: iss missing",                     "iss", NULL, PWL_JWT_ISS},
    {"O20: aud another client",              "aud", "\"Other\"", PWL_JWT_AUD},
    {"O20: aud missing",                     "aud", NULL, PWL_JWT_AUD},
    {"O20: aud a list of us alone",          "aud", "[\"Cl13nt\"]", PWL_OK},
    {"O20: aud us and another",              "aud", "[\"b\",\"Cl13nt\"]", PWL_OK},
    {"O20: aud a list without us",           "aud", "[\"a\",\"b\"]", PWL_JWT_AUD},
    {"O20: aud with a number beside us",     "aud", "[\"Cl13nt\",1]", PWL_JWT_AUD},
    {"O20: aud an empty list",               "aud", "[]", PWL_JWT_AUD},
    {"O20: aud an object",                   "aud", "{\"Cl13nt\":\"Cl13nt\"}", PWL_JWT_AUD},
    {"O20: aud in other case",               "aud", "\"cl13nt\"", PWL_JWT_AUD},
    {"O20: without iat",                     "iat", NULL, PWL_JWT_IAT},
    {"O20: iat a string",                    "iat", "\"1789000000\"", PWL_JWT_IAT},
    {"O20: iat as far ahead as allowed",     "iat", "1789000070", PWL_OK},
    {"O20: iat a second beyond leeway",      "iat", "1789000071", PWL_JWT_IAT},
    {"O20: iat PWL_LOGOUT_MAX_AGE ago",      "iat", "1788999710", PWL_OK},
    {"O20: iat a second before that",        "iat", "1788999709", PWL_JWT_IAT},
    {"O20: 1 h old, exp in the future",      "iat", "1788996410", PWL_JWT_IAT},
    {"O20: exp past",                        "exp", "1788999000", PWL_JWT_EXP},
    {"O20: exp at the end of the leeway",    "exp", "1788999950", PWL_JWT_EXP},
    {"O20: exp a second before that",        "exp", "1788999951", PWL_OK},
    {"O20: without exp",                     "exp", NULL, PWL_JWT_EXP},
    {"O20: exp a string",                    "exp", "\"1789000120\"", PWL_JWT_EXP},
    {"O20: exp the greatest integer",        "exp", "9223372036854775807", PWL_JWT_EXP},
    {"O20: without jti",                     "jti", NULL, PWL_JWT_JTI},
    {"O20: jti empty",                       "jti", "\"\"", PWL_JWT_JTI},
    {"O20: jti a number",                    "jti", "7", PWL_JWT_JTI},
    {"O20: jti with a line feed",            "jti", "\"a\\nb\"", PWL_JWT_JTI},
    {"O20: a nonce",                         "nonce", "\"n\"", PWL_JWT_NONCE},
    {"O20: a nonce that is null",            "nonce", "null", PWL_JWT_NONCE},
    {"O20: sid alone",                       "sub", NULL, PWL_OK},
    {"O20: sub alone",                       "sid", NULL, PWL_OK},
    {"O20: sub empty",                       "sub", "\"\"", PWL_JWT_SUB},
    {"O20: sub null",                        "sub", "null", PWL_JWT_SUB},
    {"O20: sub a list",                      "sub", "[\"a\"]", PWL_JWT_SUB},
    {"O20: sub with NUL",                    "sub", "\"a\\u0000b\"", PWL_JWT_CLAIMS},
    {"O20: sid empty",                       "sid", "\"\"", PWL_JWT_SID},
    {"O20: sid a number",                    "sid", "3", PWL_JWT_SID},
    {"O20: sid with DEL",                    "sid", "\"a\\u007f\"", PWL_JWT_SID},
    {"OIDF no-event: no events",             "events", NULL, PWL_JWT_EVENTS},
    {"OIDF wrong-event: another",            "events", "{\"http://schemas.openid.net/event/other\":{}}", PWL_JWT_EVENTS},
    {"OIDF wrong-event: none in it",         "events", "{}", PWL_JWT_EVENTS},
    {"OIDF wrong-event: its name in a list", "events", "[\"" EVENT "\"]", PWL_JWT_EVENTS},
    {"OIDF wrong-event: no object",          "events", "{\"" EVENT "\":true}", PWL_JWT_EVENTS},
    {"events with one more",                 "events", "{\"" EVENT "\":{},\"x\":{}}", PWL_OK},
    {"a claim twice",                        "jti", "\"a\",\"jti\":\"b\"", PWL_JWT_CLAIMS},
};

static const struct { const char *what, *header; pwl_reason_t want; } headers[] = {
    {"O20: typ logout+jwt",          HEADER, PWL_OK},
    {"O20: typ LOGOUT+JWT",          "{\"alg\":\"RS256\",\"typ\":\"LOGOUT+JWT\",\"kid\":\"k1\"}", PWL_OK},
    {"O20: typ JWT, as older ones",  "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"k1\"}", PWL_OK},
    {"O20: no typ",                  "{\"alg\":\"RS256\",\"kid\":\"k1\"}", PWL_OK},
    {"O20: typ at+jwt",              "{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}", PWL_JWT_TYP},
    {"O20: typ a number",            "{\"alg\":\"RS256\",\"typ\":1,\"kid\":\"k1\"}", PWL_JWT_TYP},
    {"OIDF alg-none: none",          "{\"alg\":\"none\",\"typ\":\"logout+jwt\"}", PWL_JWT_ALG},
    {"OIDF wrong-alg: PS256",        "{\"alg\":\"PS256\",\"typ\":\"logout+jwt\",\"kid\":\"k1\"}", PWL_JWT_ALG},
    {"OIDF wrong-alg: HS256",        "{\"alg\":\"HS256\",\"typ\":\"logout+jwt\",\"kid\":\"k1\"}", PWL_JWT_ALG},
    {"O20: a kid the tenant has not", "{\"alg\":\"RS256\",\"typ\":\"logout+jwt\",\"kid\":\"k9\"}", PWL_JWT_KEY},
};
/* clang-format on */

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static char *payload_with(const char *name, const char *value)
{
    return claims_with(good_claims, name, value, pool);
}

static const char *judge(const char *claims, pwl_logouttoken_t *out)
{
    return pwl_reason_word(
        pwl_logouttoken_claims(claims, strlen(claims), &want, out, pool).why);
}

static void test_claims(void)
{
    pwl_logouttoken_t token;

    for (size_t i = 0; i < COUNT(rows); i++) {
        tap_str(rows[i].what,
                judge(payload_with(rows[i].name, rows[i].value), &token),
                pwl_reason_word(rows[i].want));
        if (rows[i].want != PWL_OK)
            tap_ok(!token.jti && !token.sid && !token.sub,
                   "and nothing is given out");
    }
    tap_str("no object", judge("[]", &token), "jwt-claims");
    tap_str("no JSON", judge("{", &token), "jwt-claims");
    tap_str("O20: neither sub nor sid",
            judge("{\"iss\":\"https://acme.eu.auth0.com/\",\"aud\":\"Cl13nt\","
                  "\"iat\":1789000000,\"exp\":1789000120,\"jti\":\"a\","
                  "\"events\":{\"" EVENT "\":{}}}",
                  &token),
            "jwt-sid");
}

static void test_limit(const char *name, int most, const char *word)
{
    pwl_logouttoken_t token;
    char *long_one = apr_palloc(pool, (apr_size_t)most + 4);

    memset(long_one, 'a', (apr_size_t)most + 3);
    long_one[0] = long_one[most + 1] = '"';
    long_one[most + 2] = '\0';
    tap_str(apr_psprintf(pool, "%s as long as may be", name),
            judge(payload_with(name, long_one), &token), "ok");
    long_one[most + 1] = 'a';
    long_one[most + 2] = '"';
    long_one[most + 3] = '\0';
    tap_str(apr_psprintf(pool, "%s one longer", name),
            judge(payload_with(name, long_one), &token), word);
}

static void test_what_it_says(void)
{
    pwl_logouttoken_t token;

    judge(payload_with("x", "1"), &token);
    tap_str("jti", token.jti, "0d1c");
    tap_str("sid", token.sid, "375U32");
    tap_str("sub", token.sub, "email|66f0a1b2c3d4e5f601234567");
    tap_int("iat", apr_time_sec(token.issued), 1789000000);
    tap_int("it is to be remembered as long as it is taken",
            apr_time_sec(token.until), 1789000000 + PWL_LOGOUT_MAX_AGE + 1);
    judge(payload_with("sid", NULL), &token);
    tap_ok(token.sid == NULL, "no sid");
}

static const char *verify(const char *text, const pwl_jwks_t *jwks)
{
    pwl_logouttoken_t token;

    return pwl_reason_word(pwl_logouttoken_verify(text, strlen(text), jwks,
                                                  NULL, &want, &token, pool)
                               .why);
}

static void test_signature(void)
{
    const char *set = signing_jwks(
        signing_jwk(signing_key(0), ",\"kid\":\"k1\"", pool), NULL, pool);
    const char *claims = payload_with("x", "1");
    pwl_jwks_t *jwks;
    char *token;

    if (pwl_jwks_parse(set, strlen(set), &jwks, pool) != PWL_OK)
        abort();
    for (size_t i = 0; i < COUNT(headers); i++)
        tap_str(headers[i].what,
                verify(signing_token(headers[i].header, claims, signing_key(0),
                                     pool),
                       jwks),
                pwl_reason_word(headers[i].want));
    tap_str("O20: signed by somebody else",
            verify(signing_token(HEADER, claims, signing_key(1), pool), jwks),
            "jwt-bad-signature");
    token =
        apr_pstrdup(pool, signing_token(HEADER, claims, signing_key(0), pool));
    strrchr(token, '.')[1] = '\0';
    tap_str("O20: not signed", verify(token, jwks), "jwt-bad-signature");
    tap_str("O20: no token", verify("x", jwks), "jwt-malformed");
}

static void test_key(void)
{
    pwl_logouttoken_want_t other = want;
    unsigned char a[PWL_LOGOUTTOKEN_KEY_BYTES], b[PWL_LOGOUTTOKEN_KEY_BYTES];

    pwl_logouttoken_key("sid", &want, "1", a);
    pwl_logouttoken_key("sid", &want, "1", b);
    tap_ok(memcmp(a, b, sizeof(a)) == 0, "the same for the same");
    pwl_logouttoken_key("sub", &want, "1", b);
    tap_ok(memcmp(a, b, sizeof(a)) != 0, "another for another kind");
    pwl_logouttoken_key("sid", &want, "2", b);
    tap_ok(memcmp(a, b, sizeof(a)) != 0, "another for another value");
    other.client_id = "Cl13nt2";
    pwl_logouttoken_key("sid", &other, "1", b);
    tap_ok(memcmp(a, b, sizeof(a)) != 0, "another for another application");
    other.client_id = "Cl13nt";
    other.issuer = "https://b.eu.auth0.com/";
    pwl_logouttoken_key("sid", &other, "1", b);
    tap_ok(memcmp(a, b, sizeof(a)) != 0, "another for another tenant");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_claims();
    test_limit("jti", PWL_LOGOUT_ID_MAX, "jwt-jti");
    test_limit("sid", PWL_LOGOUT_ID_MAX, "jwt-sid");
    test_limit("sub", PWL_JWT_SUB_MAX, "jwt-sub");
    test_what_it_says();
    test_signature();
    test_key();
    apr_pool_destroy(pool);
    return tap_done();
}
