/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ID tokens that are perfect but for one thing, and what we say to each.
 *
 * A row names one claim of a good token and the text to put in its place; NULL
 * takes the claim out, and the text may go on with more members.
 */
#include "idtoken_fixture.h"

#include <apr_general.h>

#include "core/limits.h"
#include "tap.h"

/* clang-format off */
static const struct { const char *what, *name, *value; pwl_reason_t want; }
rows[] = {
    {"a token of the OTP grant",          "x", "1", PWL_OK},
    {"J6: iss of another tenant",         "iss", "\"https://evil.eu.auth0.com/\"", PWL_JWT_ISS},
    {"OIDF invalid-iss: another issuer",  "iss", "\"https://acme.eu.auth0.com/x\"", PWL_JWT_ISS},
    {"J6: iss without the slash",         "iss", "\"https://acme.eu.auth0.com\"", PWL_JWT_ISS},
    {"J6: iss with one slash more",       "iss", "\"https://acme.eu.auth0.com//\"", PWL_JWT_ISS},
    {"J6: iss in capitals",               "iss", "\"https://ACME.eu.auth0.com/\"", PWL_JWT_ISS},
    {"J6: iss with http",                 "iss", "\"http://acme.eu.auth0.com/\"", PWL_JWT_ISS},
    {"J6: iss with userinfo",             "iss", "\"https://acme.eu.auth0.com@evil.example/\"", PWL_JWT_ISS},
    {"J6: iss a list with ours in it",    "iss", "[\"https://acme.eu.auth0.com/\"]", PWL_JWT_ISS},
    {"J6: iss a prefix of ours",          "iss", "\"https://acme.eu.\"", PWL_JWT_ISS},
    {"J6: iss that ours is a prefix of",  "iss", "\"https://acme.eu.auth0.com/.evil\"", PWL_JWT_ISS},
    {"J6: iss of the regional twin",      "iss", "\"https://acme.us.auth0.com/\"", PWL_JWT_ISS},
    {"J6: iss custom domain for tenant's", "iss", "\"https://login.acme.example/\"", PWL_JWT_ISS},
    {"J6: iss missing",                   "iss", NULL, PWL_JWT_ISS},
    {"J6: iss null",                      "iss", "null", PWL_JWT_ISS},
    {"J7: aud another client",            "aud", "\"Other\"", PWL_JWT_AUD},
    {"OIDF invalid-aud: another client",  "aud", "\"Cl13nt2\"", PWL_JWT_AUD},
    {"OIDF missing-aud: no aud",          "aud", NULL, PWL_JWT_AUD},
    {"J7: aud a list without us",         "aud", "[\"a\",\"b\"],\"azp\":\"Cl13nt\"", PWL_JWT_AUD},
    {"J7: aud a list of us alone",        "aud", "[\"Cl13nt\"]", PWL_OK},
    {"J7: aud us and another, no azp",    "aud", "[\"Cl13nt\",\"b\"]", PWL_JWT_AZP},
    {"J7: aud us and another, azp us",    "aud", "[\"b\",\"Cl13nt\"],\"azp\":\"Cl13nt\"", PWL_OK},
    {"J7: aud us and another, azp other", "aud", "[\"Cl13nt\",\"b\"],\"azp\":\"b\"", PWL_JWT_AZP},
    {"J7: aud us, azp other",             "azp", "\"b\"", PWL_JWT_AZP},
    {"J7: azp a list",                    "azp", "[\"Cl13nt\"]", PWL_JWT_AZP},
    {"J7: azp null",                      "azp", "null", PWL_JWT_AZP},
    {"J7: azp us",                        "azp", "\"Cl13nt\"", PWL_OK},
    {"J7: aud an empty list",             "aud", "[]", PWL_JWT_AUD},
    {"J7: aud a number",                  "aud", "13", PWL_JWT_AUD},
    {"J7: aud null",                      "aud", "null", PWL_JWT_AUD},
    {"J7: aud empty",                     "aud", "\"\"", PWL_JWT_AUD},
    {"J7: aud in other case",             "aud", "\"cl13nt\"", PWL_JWT_AUD},
    {"J7: aud with a number beside us",   "aud", "[\"Cl13nt\",1],\"azp\":\"Cl13nt\"", PWL_JWT_AUD},
    {"J22: aud nested",                   "aud", "[[\"Cl13nt\"]]", PWL_JWT_AUD},
    {"J22: aud an object",                "aud", "{\"Cl13nt\":\"Cl13nt\"}", PWL_JWT_AUD},
    {"J8: an access token's aud",         "aud", "[\"https://api.example/\",\"https://acme.eu.auth0.com/userinfo\"],\"azp\":\"Cl13nt\",\"scope\":\"openid\"", PWL_JWT_AUD},
    {"J8: a logout token",                "events", "{\"http://schemas.openid.net/event/backchannel-logout\":{}}", PWL_JWT_TYP},
    {"J9: exp past",                      "exp", "1788990000", PWL_JWT_EXP},
    {"J9: exp at the end of the leeway",  "exp", "1789000040", PWL_JWT_EXP},
    {"J9: exp a second before that",      "exp", "1789000041", PWL_OK},
    {"J9: exp a string",                  "exp", "\"1789036000\"", PWL_JWT_EXP},
    {"J9: exp a real number",             "exp", "1789036000.25", PWL_OK},
    {"J9: exp 1e300",                     "exp", "1e300", PWL_JWT_EXP},
    {"J9: exp 1e400",                     "exp", "1e400", PWL_JWT_CLAIMS},
    {"J9: exp negative",                  "exp", "-1", PWL_JWT_EXP},
    {"J9: exp the least integer",         "exp", "-9223372036854775808", PWL_JWT_EXP},
    {"J9: exp the greatest integer",      "exp", "9223372036854775807", PWL_JWT_EXP},
    {"J9: exp missing",                   "exp", NULL, PWL_JWT_EXP},
    {"J9: exp null",                      "exp", "null", PWL_JWT_EXP},
    {"J9: exp true",                      "exp", "true", PWL_JWT_EXP},
    {"J9: iat missing",                   "iat", NULL, PWL_JWT_IAT},
    {"OIDF missing-iat: no iat",          "iat", NULL, PWL_JWT_IAT},
    {"J9: iat a string",                  "iat", "\"1789000000\"", PWL_JWT_IAT},
    {"J9: iat as far ahead as allowed",   "iat", "1789000160", PWL_OK},
    {"J9: iat a second beyond leeway",    "iat", "1789000161", PWL_JWT_IAT},
    {"J9: iat ancient",                   "iat", "1", PWL_JWT_IAT},
    {"J9: iat PWL_JWT_IAT_MAX_AGE ago",   "iat", "1788913700", PWL_OK},
    {"J9: iat a second before that",      "iat", "1788913699", PWL_JWT_IAT},
    {"J9: nbf past",                      "nbf", "1789000000", PWL_OK},
    {"J9: nbf at the end of the leeway",  "nbf", "1789000160", PWL_OK},
    {"J9: nbf future",                    "nbf", "1789000161", PWL_JWT_NBF},
    {"J9: nbf a string",                  "nbf", "\"1789000000\"", PWL_JWT_NBF},
    {"J10: sub missing",                  "sub", NULL, PWL_JWT_SUB},
    {"OIDF missing-sub: no sub",          "sub", NULL, PWL_JWT_SUB},
    {"J10: sub empty",                    "sub", "\"\"", PWL_JWT_SUB},
    {"J10: sub a number",                 "sub", "66", PWL_JWT_SUB},
    {"J10: sub a list",                   "sub", "[\"a\"]", PWL_JWT_SUB},
    {"J10: sub with NUL",                 "sub", "\"a\\u0000b\"", PWL_JWT_CLAIMS},
    {"J10: sub with a line feed",         "sub", "\"a\\nb\"", PWL_JWT_SUB},
    {"J11: sub twice",                    "sub", "\"a\",\"sub\":\"b\"", PWL_JWT_CLAIMS},
    {"J11: iss twice, the same",          "iss", "\"https://acme.eu.auth0.com/\",\"iss\":\"https://acme.eu.auth0.com/\"", PWL_JWT_CLAIMS},
    {"a nonce nobody sent",               "nonce", "\"n0nce\"", PWL_JWT_NONCE},
    {"a nonce nobody sent, null",         "nonce", "null", PWL_JWT_NONCE},
    {"L22: another e-mail",               "email", "\"user2@example.org\"", PWL_JWT_EMAIL},
    {"L22: e-mail in other case",         "email", "\"User1@EXAMPLE.org\"", PWL_OK},
    {"L22: e-mail missing",               "email", NULL, PWL_JWT_EMAIL},
    {"L22: e-mail null",                  "email", "null", PWL_JWT_EMAIL},
    {"L22: e-mail empty",                 "email", "\"\"", PWL_JWT_EMAIL},
    {"L22: e-mail a list",                "email", "[\"user1@example.org\"]", PWL_JWT_EMAIL},
    {"L22: ours is a prefix",             "email", "\"user1@example.org.evil\"", PWL_JWT_EMAIL},
    {"L22: e-mail with a line feed",      "email", "\"user1@example.org\\n\"", PWL_JWT_EMAIL},
    {"J25: e-mail with a space",          "email", "\"user1@example.org \"", PWL_JWT_EMAIL},
    {"J25: e-mail with 01 for 1",         "email", "\"user01@example.org\"", PWL_JWT_EMAIL},
    {"L22: Kelvin sign is no k",          "email", "\"user1@example.or\\u212a\"", PWL_JWT_EMAIL},
    {"L22: email_verified false",         "email_verified", "false", PWL_JWT_EMAIL_UNVERIFIED},
    {"L22: email_verified missing",       "email_verified", NULL, PWL_JWT_EMAIL_UNVERIFIED},
    {"L22: email_verified \"false\"",     "email_verified", "\"false\"", PWL_JWT_EMAIL_UNVERIFIED},
    {"L22: email_verified \"true\"",      "email_verified", "\"true\"", PWL_JWT_EMAIL_UNVERIFIED},
    {"L22: email_verified 1",             "email_verified", "1", PWL_JWT_EMAIL_UNVERIFIED},
    {"L22: email_verified null",          "email_verified", "null", PWL_JWT_EMAIL_UNVERIFIED},
    {"a wrong at_hash and no access token at hand", "at_hash", "\"x\"", PWL_OK},
    {"J21: payload not UTF-8",            "x", "\"\xff\"", PWL_JWT_CLAIMS},
};
/* clang-format on */

static pwl_result_t judge(const char *payload, const pwl_idtoken_want_t *want)
{
    pwl_claims_t *claims;
    pwl_result_t res;

    res = pwl_idtoken_claims(payload, strlen(payload), want, &claims, pool);
    if ((res.why == PWL_OK) != (claims != NULL))
        tap_ok(0, "claims exactly when the token is good");
    if ((res.why == PWL_OK) != (res.detail == NULL))
        tap_ok(0, "a detail exactly when it is not");
    return res;
}

static void row(const char *what, const pwl_idtoken_want_t *want,
                const char *name, const char *value, pwl_reason_t why)
{
    tap_str(what, pwl_reason_word(judge(payload_with(name, value), want).why),
            pwl_reason_word(why));
}

static void test_rows(void)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        row(rows[i].what, &code_want, rows[i].name, rows[i].value,
            rows[i].want);
}

static void test_callback(void)
{
    pwl_idtoken_want_t want = code_want;

    want.nonce = "n0nce";
    want.email = NULL;
    want.access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    row("the nonce we sent", &want, "nonce", "\"n0nce\"", PWL_OK);
    row("J22: a list with our nonce in it", &want, "nonce", "[\"n0nce\"]",
        PWL_JWT_NONCE);
    row("OIDF nonce-invalid: another nonce", &want, "nonce", "\"n0ncf\"",
        PWL_JWT_NONCE);
    row("OIDF nonce-unless-code-flow: no nonce", &want, "nonce", NULL,
        PWL_JWT_NONCE);
    row("J25: a nonce with a space", &want, "nonce", "\"n0nce \"",
        PWL_JWT_NONCE);
    row("J25: a nonce that looks alike in natural order", &want, "nonce",
        "\"n00nce\"", PWL_JWT_NONCE);
    /* The pair of OpenID Connect Core A.3. */
    row("J23: at_hash of our access token", &want, "nonce",
        "\"n0nce\",\"at_hash\":\"77QmUPtjPfzWtF2AnpK9RQ\"", PWL_OK);
    row("J23: at_hash missing in the code flow", &want, "nonce", "\"n0nce\"",
        PWL_OK);
    row("OIDF invalid-athash: at_hash of another token", &want, "nonce",
        "\"n0nce\",\"at_hash\":\"77QmUPtjPfzWtF2AnpK9RR\"", PWL_JWT_AT_HASH);
    row("J23: at_hash with padding", &want, "nonce",
        "\"n0nce\",\"at_hash\":\"77QmUPtjPfzWtF2AnpK9RQ==\"", PWL_JWT_AT_HASH);
    row("J23: at_hash null", &want, "nonce", "\"n0nce\",\"at_hash\":null",
        PWL_JWT_AT_HASH);
    want.nonce = NULL;
    row("L22: any address, verified", &want, "email", "\"a@b.example\"",
        PWL_OK);
    row("L22: any address, but not the empty one", &want, "email", "\"\"",
        PWL_JWT_EMAIL);
    row("L22: any address, but none with a line feed", &want, "email",
        "\"a@b.example\\n\"", PWL_JWT_EMAIL);
    row("L22: any address, not verified", &want, "email_verified", "false",
        PWL_JWT_EMAIL_UNVERIFIED);
    row("L22: no address where none was asked for", &want, "email", NULL,
        PWL_OK);
}

static void test_sms(void)
{
    pwl_idtoken_want_t want = code_want;
#define PHONE(rest) "\"u1\",\"phone_number\":" rest

    want.connection = "sms";
    want.email = "+4915112345678";
    row("sms: the number asked for", &want, "nickname",
        PHONE("\"+4915112345678\",\"phone_number_verified\":true"), PWL_OK);
    row("L22: sms, another number", &want, "nickname",
        PHONE("\"+4915112345679\",\"phone_verified\":true"), PWL_JWT_EMAIL);
    row("L22: sms, a number as JSON number", &want, "nickname",
        PHONE("4915112345678"), PWL_JWT_EMAIL);
    row("L22: sms, number not verified", &want, "nickname",
        PHONE("\"+4915112345678\",\"phone_verified\":false"),
        PWL_JWT_EMAIL_UNVERIFIED);
    row("L22: sms, number verified \"true\"", &want, "nickname",
        PHONE("\"+4915112345678\",\"phone_number_verified\":\"true\""),
        PWL_JWT_EMAIL_UNVERIFIED);
    row("L22: sms, verified by one name and not by the other", &want,
        "nickname",
        PHONE("\"+4915112345678\",\"phone_number_verified\":true,"
              "\"phone_verified\":false"),
        PWL_JWT_EMAIL_UNVERIFIED);
    row("L22: sms, nobody says that it is verified", &want, "nickname",
        PHONE("\"+4915112345678\""), PWL_JWT_EMAIL_UNVERIFIED);
    row("L22: sms, verified null", &want, "nickname",
        PHONE("\"+4915112345678\",\"phone_verified\":null"),
        PWL_JWT_EMAIL_UNVERIFIED);
    row("L22: sms, a token without the number", &want, "x", "1", PWL_JWT_EMAIL);
    row("L22: sms, an empty number", &want, "nickname",
        PHONE("\"\",\"phone_verified\":true"), PWL_JWT_EMAIL);
    row("L22: sms, an e-mail beside it that is not verified", &want,
        "email_verified",
        "false,\"phone_number\":\"+4915112345678\",\"phone_verified\":true",
        PWL_JWT_EMAIL_UNVERIFIED);
    want.email = NULL;
    row("sms: anybody, with a number", &want, "nickname",
        PHONE("\"+4915112345679\",\"phone_verified\":true"), PWL_OK);
    row("L22: sms, anybody needs a number", &want, "x", "1", PWL_JWT_EMAIL);
#undef PHONE
}

static void test_wants(void)
{
    pwl_idtoken_want_t want = code_want;

    want.sub = "email|66f0a1b2c3d4e5f601234567";
    row("J20: a later token of the same sub", &want, "x", "1", PWL_OK);
    row("J20: a later token of another sub", &want, "sub", "\"email|1\"",
        PWL_JWT_SUB);
    row("J20: a later token of another iss", &want, "iss", "\"https://a/\"",
        PWL_JWT_ISS);
    row("J20: a later token of another aud", &want, "aud", "\"a\"",
        PWL_JWT_AUD);
    want = code_want;
    want.max_age = apr_time_from_sec(300);
    row("max_age and no auth_time", &want, "x", "1", PWL_JWT_AUTH_TIME);
    row("max_age and a sign-in just in time", &want, "auth_time", "1788999740",
        PWL_OK);
    row("max_age and a sign-in a second older", &want, "auth_time",
        "1788999739", PWL_JWT_AUTH_TIME);
    row("max_age and auth_time as a string", &want, "auth_time",
        "\"1789000000\"", PWL_JWT_AUTH_TIME);
    want = code_want;
    want.issuer = NULL;
    row("J24: no issuer configured matches nothing", &want, "iss", NULL,
        PWL_JWT_ISS);
    want = code_want;
    want.client_id = NULL;
    row("J24: no client id configured matches nothing", &want, "aud", NULL,
        PWL_JWT_AUD);
}

static const char *sub_of(int len)
{
    char *sub = apr_palloc(pool, (apr_size_t)len + 3);

    memset(sub, 's', (size_t)len + 2);
    sub[0] = sub[len + 1] = '"';
    sub[len + 2] = '\0';
    return sub;
}

/* clang-format off */
static const struct { const char *what, *payload; } no_objects[] = {
    {"J21: payload a list",       "[{\"sub\":\"a\"}]"},
    {"J21: payload a string",     "\"sub\""},
    {"J21: payload a number",     "7"},
    {"J21: payload empty",        ""},
    {"J24: payload no JSON",      "sub=a"},
};
/* clang-format on */

static void test_shapes(void)
{
    char *deep = apr_palloc(pool, 20001);
    char *huge = apr_palloc(pool, 5000001);

    for (size_t i = 0; i < sizeof(no_objects) / sizeof(*no_objects); i++)
        tap_str(no_objects[i].what,
                pwl_reason_word(judge(no_objects[i].payload, &code_want).why),
                "jwt-claims");
    memset(deep, '[', 10000);
    memset(deep + 10000, ']', 10000);
    deep[20000] = '\0';
    row("J21: depth 10,000", &code_want, "x", deep, PWL_JWT_CLAIMS);
    memset(huge, ' ', 5000000);
    huge[5000000] = '\0';
    row("J21: 5 MB", &code_want, "x", apr_pstrcat(pool, "1", huge, NULL),
        PWL_JWT_CLAIMS);
    row("J10: sub of PWL_JWT_SUB_MAX bytes", &code_want, "sub",
        sub_of(PWL_JWT_SUB_MAX), PWL_OK);
    row("J10: sub one byte longer", &code_want, "sub",
        sub_of(PWL_JWT_SUB_MAX + 1), PWL_JWT_SUB);
    row("J10: sub of 300 bytes", &code_want, "sub", sub_of(300), PWL_JWT_SUB);
}

static void test_result(void)
{
    const char *payload = payload_with("x", "[1]");
    pwl_claims_t *claims = NULL;
    pwl_result_t res;

    pwl_idtoken_claims(payload, strlen(payload), &code_want, &claims, pool);
    tap_str("the claims come with a good token",
            pwl_claims_value(claims, "email"), "user1@example.org");
    tap_int("those of the protocol stay behind", claims->count, 5);
    tap_int("nothing was dropped", claims->dropped, 0);
    res = judge(payload_with("email", "\"secret@example.org\""), &code_want);
    tap_ok(res.detail && !strstr(res.detail, "secret") &&
               !strstr(res.detail, "user1"),
           "the detail shows neither address");
    res = judge("not JSON", &code_want);
    tap_str("the detail says what is wrong with the payload", res.detail,
            "json-malformed");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_rows();
    test_callback();
    test_sms();
    test_wants();
    test_shapes();
    test_result();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
