/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Claims as fields: what is kept, how it is encoded, what is dropped, and the
 * names an application sees.
 */
#include "core/claims.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "core/json.h"
#include "core/limits.h"
#include "tap.h"

static apr_pool_t *pool;

static pwl_claims_t *claims_of(const char *payload)
{
    json_t *json;

    pwl_json_parse_pool(payload, strlen(payload), PWL_JWT_MAX_BYTES, &json,
                        pool);
    return pwl_claims_make(json, pool);
}

/* All fields in one line: "kind:name=value|…", then "-n" if n were dropped. */
static const char *shown(const pwl_claims_t *claims)
{
    const char *text = "";
    const pwl_field_t *fields;
    int count;
    int i;

    fields = pwl_claims_fields(claims, &count);
    for (i = 0; i < count; i++)
        text = apr_psprintf(pool, "%s%s%c:%s=%s", text, i ? "|" : "",
                            fields[i].kind, fields[i].name, fields[i].value);
    return claims->dropped ? apr_psprintf(pool, "%s-%d", text, claims->dropped)
                           : text;
}

/* clang-format off */
static const struct { const char *what, *payload, *want; } payloads[] = {
    {"a string",                             "{\"name\":\"Ann\"}", "s:name=Ann"},
    {"claims keep their order",              "{\"b\":\"1\",\"a\":\"2\"}", "s:b=1|s:a=2"},
    {"H8: an empty string is there",         "{\"a\":\"\"}", "s:a="},
    {"H8: a missing claim is not",           "{}", ""},
    {"H8: 8-bit text stays UTF-8",           "{\"name\":\"Zoë €\"}", "s:name=Zoë €"},
    {"H8: true and false",                   "{\"email_verified\":true,\"x\":false}", "o:email_verified=true|o:x=false"},
    {"H8: an integer",                       "{\"a\":9223372036854775807}", "o:a=9223372036854775807"},
    {"H8: a real number",                    "{\"a\":1.5}", "o:a=1.5"},
    {"H8: null is as missing",               "{\"a\":null}", ""},
    {"H8: an object as compact JSON",        "{\"a\":{ \"b\" : [1, 2] }}", "o:a={\"b\":[1,2]}"},
    {"H8: a line feed in an object is escaped", "{\"a\":{\"b\":\"\\n\"}}", "o:a={\"b\":\"\\n\"}"},
    {"H8: an array, one field an element",   "{\"r\":[\"a\",\"b\"],\"z\":\"1\"}", "i:r=a|i:r=b|s:z=1"},
    {"H8: a delimiter inside an element",    "{\"r\":[\"a,b\",\"c;d|e\"]}", "i:r=a,b|i:r=c;d|e"},
    {"H8: an empty array is as missing",     "{\"r\":[]}", ""},
    {"H8: elements that are no strings",     "{\"r\":[1,true,{\"a\":\"b\"},[\"c\"]]}", "i:r=1|i:r=true|i:r={\"a\":\"b\"}|i:r=[\"c\"]"},
    {"H8: null in an array is left out",     "{\"r\":[\"a\",null]}", "i:r=a"},
    {"H8: LF drops the claim",               "{\"a\":\"x\\ny\",\"b\":\"1\"}", "s:b=1-1"},
    {"H8: CR drops the claim",               "{\"a\":\"x\\ry\"}", "-1"},
    {"H8: TAB drops the claim",              "{\"a\":\"\\t\"}", "-1"},
    {"H8: DEL drops the claim",              "{\"a\":\"\\u007f\"}", "-1"},
    {"H8: DEL in an object drops it",        "{\"a\":{\"b\":\"\\u007f\"}}", "-1"},
    {"H8: LF in one element drops the array", "{\"r\":[\"a\",\"b\\n\"],\"z\":\"1\"}", "s:z=1-1"},
    {"H9: a name with a line feed",          "{\"a\\nb\":\"1\"}", "-1"},
    {"H9: the empty name",                   "{\"\":\"1\"}", "-1"},
    {"H9: a name with space and colon stays", "{\"a b: c\":\"1\"}", "s:a b: c=1"},
    {"claims of the protocol are left out",
     "{\"iss\":\"i\",\"aud\":[\"a\"],\"exp\":1,\"iat\":1,\"nbf\":1,\"nonce\":\"n\",\"azp\":\"z\",\"at_hash\":\"h\",\"c_hash\":\"h\",\"s_hash\":\"h\"}", ""},
    {"sub, sid and auth_time stay",          "{\"sub\":\"s\",\"sid\":\"i\",\"auth_time\":7}", "s:sub=s|s:sid=i|o:auth_time=7"},
    {"a name that begins like one of them",  "{\"issue\":\"1\",\"Iss\":\"2\"}", "s:issue=1|s:Iss=2"},
    {"a list has no claims",                 "[\"a\"]", ""},
};

static const struct { const char *claim, *env, *header; } names[] = {
    {"sub",                       "AUTH0_SUB",                        "X-Auth0-Sub"},
    {"email_verified",            "AUTH0_EMAIL_VERIFIED",             "X-Auth0-Email-Verified"},
    {"updatedAt",                 "AUTH0_UPDATEDAT",                  "X-Auth0-Updatedat"},
    {"MiXeD_cAsE2",               "AUTH0_MIXED_CASE2",                "X-Auth0-Mixed-Case2"},
    {"https://example.org/roles", "AUTH0_HTTPS___EXAMPLE_ORG_ROLES",  "X-Auth0-Https---Example-Org-Roles"},
    {"a b",                       "AUTH0_A_B",                        "X-Auth0-A-B"},
    {"a:b\r\n",                   "AUTH0_A_B__",                      "X-Auth0-A-B--"},
    {"caf\xc3\xa9",               "AUTH0_CAF__",                      "X-Auth0-Caf--"},
    {"Content-Length",            "AUTH0_CONTENT_LENGTH",             "X-Auth0-Content-Length"},
    {"2fa",                       "AUTH0_2FA",                        "X-Auth0-2fa"},
    {"",                          NULL,                               NULL},
};
/* clang-format on */

static void test_payloads(void)
{
    for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++)
        tap_str(payloads[i].what, shown(claims_of(payloads[i].payload)),
                payloads[i].want);
    tap_int("J24: nothing has no claims", pwl_claims_make(NULL, pool)->count,
            0);
}

static void test_names(void)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *quoted = pwl_json_escape(names[i].claim, pool);

        tap_str(apr_pstrcat(pool, "H9: the variable of ", quoted, NULL),
                pwl_claims_env_name(names[i].claim, pool), names[i].env);
        tap_str(apr_pstrcat(pool, "H9: the header of ", quoted, NULL),
                pwl_claims_header_name(names[i].claim, pool), names[i].header);
    }
}

static const char *run_of(char c, int len)
{
    char *text = apr_palloc(pool, (apr_size_t)len + 1);

    memset(text, c, (size_t)len);
    text[len] = '\0';
    return text;
}

static void check_size(const char *what, const char *format, int len,
                       int dropped)
{
    char *payload = apr_psprintf(pool, format, run_of('x', len));

    tap_int(what, claims_of(payload)->dropped, dropped);
}

static void test_limits(void)
{
    check_size("H8: a value of PWL_CLAIM_VALUE_MAX bytes", "{\"a\":\"%s\"}",
               PWL_CLAIM_VALUE_MAX, 0);
    check_size("H8: one byte longer is dropped, not cut", "{\"a\":\"%s\"}",
               PWL_CLAIM_VALUE_MAX + 1, 1);
    check_size("H8: a value of 60 KB", "{\"a\":\"%s\"}", 60000, 1);
    check_size("H8: JSON of that size", "{\"a\":{\"b\":\"%s\"}}",
               PWL_CLAIM_VALUE_MAX - 8, 0);
    check_size("H8: JSON one byte longer", "{\"a\":{\"b\":\"%s\"}}",
               PWL_CLAIM_VALUE_MAX - 7, 1);
    check_size("H8: an element of that size", "{\"a\":[\"%s\",\"b\"]}",
               PWL_CLAIM_VALUE_MAX, 0);
    check_size("H8: an element one byte longer", "{\"a\":[\"b\",\"%s\"]}",
               PWL_CLAIM_VALUE_MAX + 1, 1);
    check_size("H9: a name of PWL_CLAIM_NAME_MAX bytes", "{\"%s\":1}",
               PWL_CLAIM_NAME_MAX, 0);
    check_size("H9: a name one byte longer", "{\"%s\":1}",
               PWL_CLAIM_NAME_MAX + 1, 1);
}

/* clang-format off */
static const struct { const char *what, *payload; int found; apr_time_t want; }
times[] = {
    {"a time in seconds",         "{\"t\":1789000000}", 1, APR_INT64_C(1789000000000000)},
    {"a time with a fraction",    "{\"t\":1789000000.5}", 1, APR_INT64_C(1789000000500000)},
    {"J9: a time as a string",    "{\"t\":\"1789000000\"}", 0, 0},
    {"J9: a negative time",       "{\"t\":-1}", 0, 0},
    {"J9: 1e300",                 "{\"t\":1e300}", 0, 0},
    {"the last second of 9999",   "{\"t\":253402300799}", 1, APR_INT64_C(253402300799000000)},
    {"one second more",           "{\"t\":253402300800}", 0, 0},
    {"the same as a real",        "{\"t\":253402300800.0}", 0, 0},
    {"a boolean is no time",      "{\"t\":true}", 0, 0},
    {"a list is no time",         "{\"t\":[1789000000]}", 0, 0},
    {"a missing time",            "{}", 0, 0},
};
/* clang-format on */

static void test_times(void)
{
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        apr_time_t when = 0;
        int found = pwl_claims_time(claims_of(times[i].payload), "t", &when);

        tap_int(times[i].what, found ? when : -1,
                times[i].found ? times[i].want : -1);
    }
}

static void test_lists(void)
{
    pwl_claims_t *claims = claims_of("{\"a\":\"x\",\"r\":[\"a,b\",\"c\\\"d\","
                                     "\"Zoë\"]}");

    tap_str("H8: a list is JSON, so no delimiter splits an element",
            pwl_claims_list_text(claims->fields + 1, 3, pool),
            "[\"a,b\",\"c\\\"d\",\"Zoë\"]");
    tap_str("a list of one", pwl_claims_list_text(claims->fields, 1, pool),
            "[\"x\"]");
    tap_str("an empty list", pwl_claims_list_text(claims->fields, 0, pool),
            "[]");
    tap_str("a value by name", pwl_claims_value(claims, "a"), "x");
    tap_str("the first of an array", pwl_claims_value(claims, "r"), "a,b");
    tap_str("no value by part of a name", pwl_claims_value(claims, ""), NULL);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_payloads();
    test_names();
    test_limits();
    test_times();
    test_lists();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
