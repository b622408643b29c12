/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forms and queries: what is read, what is refused, and each limit from both
 * sides. Data is copied to a block of its very size, so that AddressSanitizer
 * sees a byte read past its end.
 */
#include "core/form.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>

#include "core/limits.h"
#include "tap.h"

#define OK PWL_OK
#define BAD PWL_FORM_MALFORMED
#define TWICE PWL_FORM_DUPLICATE
#define BYTES(s) (s), sizeof(s) - 1

static apr_pool_t *pool;

/* clang-format off */
static const struct {
    const char *what, *data;
    apr_size_t len;
    const char *name;   /* the field to ask for */
    pwl_reason_t parse; /* what pwl_form_parse() says */
    pwl_reason_t get;   /* what pwl_form_get() says */
    const char *value;
} cases[] = {
    {"one field",                      BYTES("a=1"),             "a", OK, OK, "1"},
    {"the last of three",              BYTES("a=1&b=2&c=3"),     "c", OK, OK, "3"},
    {"a field that is not there",      BYTES("a=1"),             "b", OK, OK, NULL},
    {"a name is not a prefix",         BYTES("ab=1"),            "a", OK, OK, NULL},
    {"a name in another case",         BYTES("A=1"),             "a", OK, OK, NULL},
    {"an equals sign in a value",      BYTES("a=b=c"),           "a", OK, OK, "b=c"},
    {"a plus is a space",              BYTES("a=b+c"),           "a", OK, OK, "b c"},
    {"an encoded plus is a plus",      BYTES("a=b%2Bc"),         "a", OK, OK, "b+c"},
    {"a plus in a name",               BYTES("a+b=1"),           "a b", OK, OK, "1"},
    {"percent in both cases",          BYTES("a=%c3%A9"),        "a", OK, OK, "\xc3\xa9"},
    {"an encoded name",                BYTES("%61=1"),           "a", OK, OK, "1"},
    {"an encoded ampersand",           BYTES("a=%26b%3D2"),      "a", OK, OK, "&b=2"},
    {"decoded once only",              BYTES("a=%2561"),         "a", OK, OK, "%61"},
    {"a semicolon separates nothing",  BYTES("a=1;b=2"),         "a", OK, OK, "1;b=2"},
    {"raw high bytes pass",            BYTES("a=\xff\x80"),      "a", OK, OK, "\xff\x80"},
    {"raw control bytes pass",         BYTES("a=\r\n\x01"),      "a", OK, OK, "\r\n\x01"},
    {"R14: a name only",               BYTES("a"),               "a", OK, OK, ""},
    {"R14: an empty value",            BYTES("a="),              "a", OK, OK, ""},
    {"names only use no more room",    BYTES("a&b&c&d&e"),       "e", OK, OK, ""},
    {"a value without a name",         BYTES("=v"),              "",  OK, OK, "v"},
    {"D2: no bytes",                   BYTES(""),                "a", OK, OK, NULL},
    {"D3: one ampersand",              BYTES("&"),               "a", OK, OK, NULL},
    {"D3: only ampersands",            BYTES("&&&&"),            "a", OK, OK, NULL},
    {"D3: one equals sign",            BYTES("="),               "",  OK, OK, ""},
    {"D3: only equals signs",          BYTES("==="),             "",  OK, OK, "=="},
    {"D3: both by turns",              BYTES("&=&="),            "",  OK, TWICE, NULL},
    {"D3: the same with a name asked", BYTES("&=&=&a=1"),        "a", OK, OK, "1"},
    {"empty pairs around a field",     BYTES("&&a=1&&"),         "a", OK, OK, "1"},
    {"L10: a name with another value", BYTES("a=1&a=2"),         "a", OK, TWICE, NULL},
    {"L10: a name with the same value", BYTES("a=1&b=2&a=1"),    "a", OK, TWICE, NULL},
    {"L10: a name encoded differently", BYTES("a=1&%61=2"),      "a", OK, TWICE, NULL},
    {"L10: a name once without value", BYTES("a&a=2"),           "a", OK, TWICE, NULL},
    {"L10: brackets are another name", BYTES("a[]=1"),           "a", OK, OK, NULL},
    {"O9: other names may come twice", BYTES("x=1&a=1&x=2"),     "a", OK, OK, "1"},
    {"O9: three times is twice too",   BYTES("a=1&a=2&a=3"),     "a", OK, TWICE, NULL},
    {"L25: a NUL in a value",          BYTES("a=corp%00.evil"),  "a", BAD, OK, NULL},
    {"L25: a NUL in a name",           BYTES("a%00b=1"),         "a", BAD, OK, NULL},
    {"L25: a raw NUL in a value",      BYTES("a=b\0c"),          "a", BAD, OK, NULL},
    {"L25: a raw NUL in a name",       BYTES("a\0=b"),           "a", BAD, OK, NULL},
    {"a NUL in a field nobody asks for", BYTES("a=1&b=%00"),     "a", BAD, OK, NULL},
    {"R16: a percent sign at the end", BYTES("a=%"),             "a", BAD, OK, NULL},
    {"R16: one digit at the end",      BYTES("a=%4"),            "a", BAD, OK, NULL},
    {"R16: no hexadecimal digits",     BYTES("a=%zz"),           "a", BAD, OK, NULL},
    {"R16: a second digit that is none", BYTES("a=%4g"),         "a", BAD, OK, NULL},
    {"R16: a sign for a digit",        BYTES("a=%+1"),           "a", BAD, OK, NULL},
    {"R16: broken by the next field",  BYTES("a=%4&1=b"),        "a", BAD, OK, NULL},
    {"R16: broken by the equals sign", BYTES("a%=41"),           "a", BAD, OK, NULL},
    {"D9: a format string is text",    BYTES("a=%25s%25n"),      "a", OK, OK, "%s%n"},
};
/* clang-format on */

static pwl_reason_t parse(const char *data, apr_size_t len, apr_size_t max,
                          pwl_form_t **form)
{
    char *block = malloc(len ? len : 1);
    pwl_reason_t why;

    memcpy(block, data, len);
    why = pwl_form_parse(block, len, max, form, pool);
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
        if (cases[i].parse != PWL_OK) {
            tap_ok(form == NULL, cases[i].what);
            continue;
        }
        value = pwl_form_get(form, cases[i].name, &got);
        tap_str(cases[i].what, value, cases[i].value);
        tap_str(cases[i].what, pwl_reason_word(got),
                pwl_reason_word(cases[i].get));
    }
}

/** A form of `count` fields, then of `count` fields of the same name. */
static void test_fields(const char *what, int count, pwl_reason_t want)
{
    const char *many = "", *same = "";
    pwl_reason_t why;
    pwl_form_t *form;

    for (int i = 0; i < count; i++) {
        many = apr_psprintf(pool, "%s&f%d=%d", many, i, i);
        same = apr_psprintf(pool, "%s&email=a", same);
    }
    why = parse(many, strlen(many), PWL_FORM_MAX_BYTES, &form);
    tap_str(what, pwl_reason_word(why), pwl_reason_word(want));
    if (why == PWL_OK)
        tap_str(what, pwl_form_get(form, apr_itoa(pool, 0), &why), NULL);
    why = parse(same, strlen(same), PWL_FORM_MAX_BYTES, &form);
    tap_str(what, pwl_reason_word(why), pwl_reason_word(want));
}

static void test_bytes(const char *what, apr_size_t max, apr_size_t len,
                       pwl_reason_t want)
{
    char *data = malloc(len);
    pwl_form_t *form;
    pwl_reason_t why;

    memset(data, 'x', len);
    memcpy(data, "a=", 2);
    why = pwl_form_parse(data, len, max, &form, pool);
    tap_str(what, pwl_reason_word(why), pwl_reason_word(want));
    if (why == PWL_OK)
        tap_int("and nothing is lost", strlen(pwl_form_get(form, "a", &why)),
                len - 2);
    free(data);
}

int main(void)
{
    pwl_form_t *form;
    pwl_reason_t why;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_cases();
    test_fields("L25: as many fields as may be", PWL_FORM_MAX_FIELDS, PWL_OK);
    test_fields("L25: one more", PWL_FORM_MAX_FIELDS + 1, PWL_FORM_TOO_MANY);
    test_fields("L25: a thousand", 1000, PWL_FORM_TOO_MANY);
    test_bytes("D6: as many bytes of a query as may be", PWL_QUERY_MAX_BYTES,
               PWL_QUERY_MAX_BYTES, PWL_OK);
    test_bytes("D6: one more", PWL_QUERY_MAX_BYTES, PWL_QUERY_MAX_BYTES + 1,
               PWL_FORM_TOO_LARGE);
    test_bytes("D6: as many bytes of a body as may be", PWL_FORM_MAX_BYTES,
               PWL_FORM_MAX_BYTES, PWL_OK);
    test_bytes("D6: one more", PWL_FORM_MAX_BYTES, PWL_FORM_MAX_BYTES + 1,
               PWL_FORM_TOO_LARGE);
    why = pwl_form_parse(NULL, 0, PWL_QUERY_MAX_BYTES, &form, pool);
    tap_str("a request without a query", pwl_reason_word(why), "ok");
    tap_str("has no fields", pwl_form_get(form, "a", &why), NULL);
    tap_str("and that is all right", pwl_reason_word(why), "ok");
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
