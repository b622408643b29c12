/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forms in JSON: what is read, what is refused, and each limit from both sides.
 * Data is copied to a block of its very size, so that AddressSanitizer sees a
 * byte read past its end.
 */
#include "core/jsonform.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>

#include "core/limits.h"
#include "tap.h"

#define OK PWL_OK
#define BAD PWL_FORM_MALFORMED
#define BYTES(s) (s), sizeof(s) - 1

static apr_pool_t *pool;

/* clang-format off */
static const struct {
    const char *what, *data;
    apr_size_t len;
    const char *name;   /* the field to ask for */
    pwl_reason_t parse; /* what pwl_jsonform_parse() says */
    pwl_reason_t get;   /* what pwl_form_get() says */
    const char *value;
} cases[] = {
    {"one text",                      BYTES("{\"a\":\"1\"}"),        "a", OK, OK, "1"},
    {"the last of three",             BYTES("{\"a\":\"1\",\"b\":\"2\",\"c\":\"3\"}"), "c", OK, OK, "3"},
    {"white space around all",        BYTES(" {\n\t\"a\" :\r\"1\" } \n"), "a", OK, OK, "1"},
    {"a field that is not there",     BYTES("{\"a\":\"1\"}"),        "b", OK, OK, NULL},
    {"a name in another case",        BYTES("{\"A\":\"1\"}"),        "a", OK, OK, NULL},
    {"an empty text",                 BYTES("{\"a\":\"\"}"),         "a", OK, OK, ""},
    {"an empty name",                 BYTES("{\"\":\"v\"}"),         "",  OK, OK, "v"},
    {"D2: no fields",                 BYTES("{}"),                   "a", OK, OK, NULL},
    {"nothing is decoded as a form",  BYTES("{\"a\":\"b+c%41&d=e\"}"), "a", OK, OK, "b+c%41&d=e"},
    {"escapes are read once",         BYTES("{\"a\":\"\\u0041\\\\u0041\\n\"}"), "a", OK, OK, "A\\u0041\n"},
    {"an escaped name",               BYTES("{\"\\u0061\":\"1\"}"),  "a", OK, OK, "1"},
    {"a pair of surrogates",          BYTES("{\"a\":\"\\ud83d\\ude00\"}"), "a", OK, OK, "\xf0\x9f\x98\x80"},
    {"L14: leading zeros are kept",   BYTES("{\"a\":\"000042\"}"),   "a", OK, OK, "000042"},
    {"L14: a code as a number",       BYTES("{\"a\":123456}"),       "a", OK, BAD, NULL},
    {"true is no text",               BYTES("{\"a\":true}"),         "a", OK, BAD, NULL},
    {"null is no text",               BYTES("{\"a\":null}"),         "a", OK, BAD, NULL},
    {"L10: nor is a list of texts",   BYTES("{\"a\":[\"1\"]}"),      "a", OK, BAD, NULL},
    {"nor an object",                 BYTES("{\"a\":{\"a\":\"1\"}}"), "a", OK, BAD, NULL},
    {"L6: what nobody asks for may be anything",
        BYTES("{\"authParams\":{\"scope\":[1,null]},\"send\":0,\"a\":\"1\"}"), "a", OK, OK, "1"},
    {"a name is not found deeper",    BYTES("{\"x\":{\"a\":\"1\"}}"), "a", OK, OK, NULL},
    {"J11: a name twice",             BYTES("{\"a\":\"1\",\"a\":\"2\"}"), "a", BAD, OK, NULL},
    {"J11: with the same text",       BYTES("{\"a\":\"1\",\"a\":\"1\"}"), "a", BAD, OK, NULL},
    {"J11: spelled differently",      BYTES("{\"a\":\"1\",\"\\u0061\":\"2\"}"), "a", BAD, OK, NULL},
    {"J11: one that nobody asks for", BYTES("{\"a\":\"1\",\"b\":{\"c\":1,\"c\":2}}"), "a", BAD, OK, NULL},
    {"L25: a NUL in a text",          BYTES("{\"a\":\"corp\\u0000.evil\"}"), "a", BAD, OK, NULL},
    {"L25: a NUL in a name",          BYTES("{\"a\\u0000b\":\"1\"}"), "a", BAD, OK, NULL},
    {"L25: a raw NUL",                BYTES("{\"a\":\"b\0c\"}"),     "a", BAD, OK, NULL},
    {"a raw line break in a text",    BYTES("{\"a\":\"b\nc\"}"),     "a", BAD, OK, NULL},
    {"L7: not UTF-8",                 BYTES("{\"a\":\"b\xff\"}"),    "a", BAD, OK, NULL},
    {"L7: overlong UTF-8",            BYTES("{\"a\":\"b\xc0\xaf\"}"), "a", BAD, OK, NULL},
    {"L7: half a pair of surrogates", BYTES("{\"a\":\"\\ud800\"}"),  "a", BAD, OK, NULL},
    {"U6: a byte order mark",         BYTES("\xef\xbb\xbf{\"a\":\"1\"}"), "a", BAD, OK, NULL},
    {"no bytes",                      BYTES(""),                     "a", BAD, OK, NULL},
    {"a list",                        BYTES("[\"a\",\"1\"]"),        "a", BAD, OK, NULL},
    {"a text alone",                  BYTES("\"a\""),                "a", BAD, OK, NULL},
    {"null alone",                    BYTES("null"),                 "a", BAD, OK, NULL},
    {"something behind the object",   BYTES("{\"a\":\"1\"}x"),       "a", BAD, OK, NULL},
    {"two objects",                   BYTES("{\"a\":\"1\"}{}"),      "a", BAD, OK, NULL},
    {"cut off",                       BYTES("{\"a\":\"1\""),         "a", BAD, OK, NULL},
    {"a comma too many",              BYTES("{\"a\":\"1\",}"),       "a", BAD, OK, NULL},
    {"quotes of another kind",        BYTES("{'a':'1'}"),            "a", BAD, OK, NULL},
    {"L2: a form",                    BYTES("a=1&t=2"),              "a", BAD, OK, NULL},
    {"L2: a form made to look like it", BYTES("{\"a\":\"1\",\"x\":\"=\"}\r\n"), "a", OK, OK, "1"},
};
/* clang-format on */

static pwl_reason_t parse(const char *data, apr_size_t len, apr_size_t max,
                          pwl_form_t **form)
{
    char *block = malloc(len ? len : 1);
    pwl_reason_t why;

    memcpy(block, data, len);
    why = pwl_jsonform_parse(block, len, max, form, pool);
    free(block);
    return why;
}

static void test_cases(void)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pwl_form_t *form = NULL;
        pwl_reason_t got = PWL_OK;
        const char *value;

        tap_str(cases[i].what,
                pwl_reason_word(parse(cases[i].data, cases[i].len,
                                      PWL_FORM_MAX_BYTES, &form)),
                pwl_reason_word(cases[i].parse));
        if (cases[i].parse != PWL_OK || !form) {
            tap_ok(form == NULL, cases[i].what);
            continue;
        }
        value = pwl_form_get(form, cases[i].name, &got);
        tap_str(cases[i].what, value, cases[i].value);
        tap_str(cases[i].what, pwl_reason_word(got),
                pwl_reason_word(cases[i].get));
    }
}

static void test_fields(const char *what, int count, pwl_reason_t want)
{
    const char *many = "{";
    pwl_form_t *form;

    for (int i = 0; i < count; i++)
        many = apr_psprintf(pool, "%s%s\"f%d\":%d", many, i ? "," : "", i, i);
    many = apr_pstrcat(pool, many, "}", NULL);
    tap_str(
        what,
        pwl_reason_word(parse(many, strlen(many), PWL_FORM_MAX_BYTES, &form)),
        pwl_reason_word(want));
}

static void test_bytes(const char *what, apr_size_t len, pwl_reason_t want)
{
    char *data = malloc(len);
    pwl_form_t *form;
    pwl_reason_t why;

    memset(data, 'x', len);
    memcpy(data, "{\"a\":\"", 6);
    memcpy(data + len - 2, "\"}", 2);
    why = parse(data, len, PWL_FORM_MAX_BYTES, &form);
    tap_str(what, pwl_reason_word(why), pwl_reason_word(want));
    if (why == PWL_OK)
        tap_int("and nothing is lost", strlen(pwl_form_get(form, "a", &why)),
                len - 8);
    free(data);
}

/* `depth` brackets open at once, the object's own included. */
static void test_depth(const char *what, int depth, pwl_reason_t want)
{
    const char *text = "";
    pwl_form_t *form;

    for (int i = 1; i < depth; i++)
        text = apr_pstrcat(pool, "[", text, "]", NULL);
    text = apr_pstrcat(pool, "{\"x\":", text, "}", NULL);
    tap_str(
        what,
        pwl_reason_word(parse(text, strlen(text), PWL_FORM_MAX_BYTES, &form)),
        pwl_reason_word(want));
}

int main(void)
{
    pwl_form_t *form;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_cases();
    test_fields("L25: as many fields as may be", PWL_FORM_MAX_FIELDS, PWL_OK);
    test_fields("L25: one more", PWL_FORM_MAX_FIELDS + 1, PWL_FORM_TOO_MANY);
    test_bytes("D6: as many bytes as may be", PWL_FORM_MAX_BYTES, PWL_OK);
    test_bytes("D6: one more", PWL_FORM_MAX_BYTES + 1, PWL_FORM_TOO_LARGE);
    test_depth("U6: as deep as may be", PWL_JSON_MAX_DEPTH, PWL_OK);
    test_depth("U6: one deeper", PWL_JSON_MAX_DEPTH + 1, PWL_FORM_MALFORMED);
    test_depth("U6: a thousand", 1000, PWL_FORM_MALFORMED);
    tap_str("no body at all",
            pwl_reason_word(
                pwl_jsonform_parse(NULL, 0, PWL_FORM_MAX_BYTES, &form, pool)),
            "form-malformed");
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
