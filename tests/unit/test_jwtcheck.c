/* SPDX-License-Identifier: Apache-2.0 */
/* core/jwtcheck.c: what both kinds of tokens are asked. */
#include "core/jwtcheck.h"

#include <string.h>

#include "tap.h"

#define NOW apr_time_from_sec(1789000000)
#define SKEW apr_time_from_sec(60)
#define AGE apr_time_from_sec(300)
#define ISSUER "https://acme.eu.auth0.com/"

/* clang-format off */
static const struct {
    const char *claims;
    pwl_reason_t why;
} issuers[] = {
    {"{\"iss\":\"https://acme.eu.auth0.com/\"}",   PWL_OK},
    {"{\"iss\":\"https://acme.eu.auth0.com\"}",    PWL_JWT_ISS},
    {"{\"iss\":\"https://ACME.eu.auth0.com/\"}",   PWL_JWT_ISS},
    {"{\"iss\":\"https://acme.eu.auth0.com/x\"}",  PWL_JWT_ISS},
    {"{\"iss\":[\"https://acme.eu.auth0.com/\"]}", PWL_JWT_ISS},
    {"{\"iss\":null}",                             PWL_JWT_ISS},
    {"{}",                                         PWL_JWT_ISS},
}, audiences[] = {
    {"{\"aud\":\"us\"}",              PWL_OK},
    {"{\"aud\":[\"us\"]}",            PWL_OK},
    {"{\"aud\":[\"x\",\"us\"]}",      PWL_OK},
    {"{\"aud\":\"Us\"}",              PWL_JWT_AUD},
    {"{\"aud\":\"us \"}",             PWL_JWT_AUD},
    {"{\"aud\":[\"x\",\"y\"]}",       PWL_JWT_AUD},
    {"{\"aud\":[]}",                  PWL_JWT_AUD},
    {"{\"aud\":[\"us\",1]}",          PWL_JWT_AUD},
    {"{\"aud\":{\"us\":\"us\"}}",     PWL_JWT_AUD},
    {"{\"aud\":true}",                PWL_JWT_AUD},
    {"{}",                            PWL_JWT_AUD},
}, ends[] = {
    {"{\"exp\":1789000001}",          PWL_OK},
    {"{\"exp\":1789000000}",          PWL_OK}, /* within the skew */
    {"{\"exp\":1788999941}",          PWL_OK},
    {"{\"exp\":1788999940}",          PWL_JWT_EXP},
    {"{\"exp\":0}",                   PWL_JWT_EXP},
    {"{\"exp\":\"1789000001\"}",      PWL_JWT_EXP},
    {"{\"exp\":null}",                PWL_JWT_EXP},
    {"{}",                            PWL_JWT_EXP},
}, times[] = {
    {"{\"iat\":1789000000}",          PWL_OK},
    {"{\"iat\":1789000060}",          PWL_OK}, /* within the skew */
    {"{\"iat\":1789000061}",          PWL_JWT_IAT},
    {"{\"iat\":1788999700}",          PWL_OK},
    {"{\"iat\":1788999699}",          PWL_JWT_IAT},
    {"{\"iat\":\"1789000000\"}",      PWL_JWT_IAT},
    {"{}",                            PWL_JWT_IAT},
};
/* clang-format on */

static pwl_result_t iss(const json_t *claims)
{
    return pwl_jwtcheck_iss(claims, ISSUER);
}

static pwl_result_t aud(const json_t *claims)
{
    return pwl_jwtcheck_aud(claims, "us");
}

static pwl_result_t exp_(const json_t *claims)
{
    return pwl_jwtcheck_exp(claims, NOW, SKEW);
}

static pwl_result_t iat(const json_t *claims)
{
    return pwl_jwtcheck_iat(claims, NOW, SKEW, AGE, "too old");
}

static pwl_result_t judge(pwl_result_t check(const json_t *), const char *text)
{
    json_t *claims = json_loads(text, 0, NULL);
    pwl_result_t res = check(claims);

    json_decref(claims);
    return res;
}

#define EACH(table, check)                                                     \
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)                \
    tap_str(table[i].claims,                                                   \
            pwl_reason_word(judge(check, table[i].claims).why),                \
            pwl_reason_word(table[i].why))

int main(void)
{
    EACH(issuers, iss);
    EACH(audiences, aud);
    EACH(ends, exp_);
    EACH(times, iat);
    tap_str("too old, in the caller's words", judge(iat, "{\"iat\":1}").detail,
            "too old");
    tap_int("no text is NULL's", pwl_jwtcheck_is_text(NULL, NULL), 0);
    tap_int("DEL is a control", pwl_jwtcheck_has_control("a\x7f"), 1);
    tap_int("so is the last below a blank", pwl_jwtcheck_has_control("\x1f"),
            1);
    tap_int("UTF-8 is none", pwl_jwtcheck_has_control("\xc3\xa9 "), 0);
    return tap_done();
}
