/* SPDX-License-Identifier: Apache-2.0 */
/* JSON from outside: what is read, what is refused, what we write. */
#include "core/json.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "core/limits.h"
#include "tap.h"

#define MAX 4096

static const struct {
    const char *what;
    const char *text;
    pwl_reason_t want;
} texts[] = {
    {"an object", "{\"a\":1}", PWL_OK},
    {"an array", "[1,2]", PWL_OK},
    {"white space around the value", " \r\n\t{} \r\n", PWL_OK},
    {"the empty text", "", PWL_JSON_MALFORMED},
    {"white space only", "  ", PWL_JSON_MALFORMED},
    {"J21: a string instead of an object", "\"a\"", PWL_JSON_MALFORMED},
    {"J21: a number instead of an object", "7", PWL_JSON_MALFORMED},
    {"J21: null instead of an object", "null", PWL_JSON_MALFORMED},
    {"J11: a key twice", "{\"sub\":\"a\",\"sub\":\"b\"}", PWL_JSON_MALFORMED},
    {"J11: a key twice, once escaped", "{\"sub\":1,\"s\\u0075b\":1}",
     PWL_JSON_MALFORMED},
    {"J11: a key twice, deep inside", "{\"a\":[{\"b\":1,\"b\":1}]}",
     PWL_JSON_MALFORMED},
    {"text after the value", "{}x", PWL_JSON_MALFORMED},
    {"a second value after the first", "{}{}", PWL_JSON_MALFORMED},
    {"a value that is cut off", "{\"a\":", PWL_JSON_MALFORMED},
    {"a trailing comma", "[1,]", PWL_JSON_MALFORMED},
    {"single quotes", "{'a':1}", PWL_JSON_MALFORMED},
    {"a comment", "{}/**/", PWL_JSON_MALFORMED},
    {"a byte order mark", "\xef\xbb\xbf{}", PWL_JSON_MALFORMED},
    {"an escaped NUL in a string", "[\"a\\u0000b\"]", PWL_JSON_MALFORMED},
    {"an escaped NUL in a key", "{\"a\\u0000b\":1}", PWL_JSON_MALFORMED},
    {"a raw line feed in a string", "[\"a\nb\"]", PWL_JSON_MALFORMED},
    {"J21: a byte that is not UTF-8", "[\"\xff\"]", PWL_JSON_MALFORMED},
    {"J21: an overlong slash", "[\"\xc0\xaf\"]", PWL_JSON_MALFORMED},
    {"J21: a raw surrogate", "[\"\xed\xa0\x80\"]", PWL_JSON_MALFORMED},
    {"J21: half a surrogate pair, escaped", "[\"\\ud800\"]",
     PWL_JSON_MALFORMED},
    {"a surrogate pair, escaped", "[\"\\ud83d\\ude00\"]", PWL_OK},
    {"H8: number 1e400", "[1e400]", PWL_JSON_MALFORMED},
    {"number 1e300", "[1e300]", PWL_OK},
    {"the greatest integer of 64 bits", "[9223372036854775807]", PWL_OK},
    {"one more than that", "[9223372036854775808]", PWL_JSON_MALFORMED},
    {"Infinity", "[Infinity]", PWL_JSON_MALFORMED},
    {"NaN", "[NaN]", PWL_JSON_MALFORMED},
    {"a number with leading zero", "[012]", PWL_JSON_MALFORMED},
    {"a hexadecimal number", "[0x12]", PWL_JSON_MALFORMED},
    {"brackets in a string are no depth",
     "[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"]", PWL_OK},
    {"nor are those after an escaped quote",
     "[\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"]", PWL_OK},
    {"but those after a string that ends with a backslash are",
     "[\"\\\\\",[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"",
     PWL_JSON_DEPTH},
};

static void test_texts(apr_pool_t *pool)
{
    json_t *json;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        pwl_reason_t why = pwl_json_parse_pool(
            texts[i].text, strlen(texts[i].text), MAX, &json, pool);

        tap_str(texts[i].what, pwl_reason_word(why),
                pwl_reason_word(texts[i].want));
        if ((why == PWL_OK) != (json != NULL))
            tap_ok(0, "a value exactly when the text is good");
    }
}

static pwl_reason_t parse(const char *text, apr_size_t len, apr_size_t max)
{
    json_t *json;
    pwl_reason_t why = pwl_json_parse(text, len, max, &json);

    json_decref(json);
    return why;
}

/* `depth` brackets, `c` and its counterpart in turn with arrays' */
static char *nested(int depth, apr_pool_t *pool)
{
    char *text = apr_palloc(pool, (apr_size_t)depth * 2 + 1);

    memset(text, '[', (size_t)depth);
    memset(text + depth, ']', (size_t)depth);
    text[2 * depth] = '\0';
    return text;
}

static void test_limits(apr_pool_t *pool)
{
    char *deep = nested(100000, pool);

    tap_str("a depth of PWL_JSON_MAX_DEPTH",
            pwl_reason_word(parse(nested(PWL_JSON_MAX_DEPTH, pool),
                                  PWL_JSON_MAX_DEPTH * 2, MAX)),
            "ok");
    tap_str("one bracket deeper",
            pwl_reason_word(parse(nested(PWL_JSON_MAX_DEPTH + 1, pool),
                                  PWL_JSON_MAX_DEPTH * 2 + 2, MAX)),
            "json-depth");
    tap_str("J21, D20: a depth of 100,000 recurses nowhere",
            pwl_reason_word(parse(deep, 200000, 200000)), "json-depth");
    tap_str("side by side is not deep",
            pwl_reason_word(parse("[[],[],{\"a\":[]}]", 16, MAX)), "ok");
    tap_str("as long as allowed", pwl_reason_word(parse("[1234]", 6, 6)), "ok");
    tap_str("one byte longer", pwl_reason_word(parse("[12345]", 7, 6)),
            "json-too-large");
    tap_str("J24: no text at all", pwl_reason_word(parse(NULL, 0, MAX)),
            "json-malformed");
    tap_str("no NUL after the text is needed",
            pwl_reason_word(parse("[1]]]]", 3, MAX)), "ok");
    tap_str("a raw NUL in a string",
            pwl_reason_word(parse("[\"a\0\"]", 6, MAX)), "json-malformed");
    tap_str("a NUL after the value", pwl_reason_word(parse("[]\0", 3, MAX)),
            "json-malformed");
    tap_str("a backslash as the last byte",
            pwl_reason_word(parse("[\"\\", 3, MAX)), "json-malformed");
}

static void test_string(apr_pool_t *pool)
{
    const char *text = "{\"a\":\"x\",\"n\":1,\"e\":\"\",\"z\":null}";
    json_t *json;

    pwl_json_parse_pool(text, strlen(text), MAX, &json, pool);
    tap_str("the text of a string", pwl_json_string(json, "a"), "x");
    tap_str("the text of an empty string", pwl_json_string(json, "e"), "");
    tap_str("a number has no text", pwl_json_string(json, "n"), NULL);
    tap_str("null has no text", pwl_json_string(json, "z"), NULL);
    tap_str("an absent member has no text", pwl_json_string(json, "q"), NULL);
    tap_str("an array has no members",
            pwl_json_string(json_object_get(json, "a"), "a"), NULL);
    tap_str("nothing has no members", pwl_json_string(NULL, "a"), NULL);
}

static const struct {
    const char *what;
    const char *text;
    const char *want;
} literals[] = {
    {"plain text", "abc", "\"abc\""},
    {"the empty text", "", "\"\""},
    {"no text", NULL, "null"},
    {"quote and backslash", "a\"b\\c", "\"a\\\"b\\\\c\""},
    {"control bytes", "\n\x01\x7f", "\"\\u000a\\u0001\\u007f\""},
    {"the end of an HTML script", "</script>", "\"\\u003c/script>\""},
    {"two, three and four bytes of UTF-8", "é€😀", "\"é€😀\""},
    {"a byte that begins nothing",
     "a\xff"
     "b",
     "\"a\xef\xbf\xbd"
     "b\""},
    {"a sequence that is cut off", "\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
    {"an overlong slash", "\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
    {"a surrogate", "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
};

static void test_escape(apr_pool_t *pool)
{
    for (size_t i = 0; i < sizeof(literals) / sizeof(literals[0]); i++)
        tap_str(literals[i].what, pwl_json_escape(literals[i].text, pool),
                literals[i].want);
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_texts(pool);
    test_limits(pool);
    test_string(pool);
    test_escape(pool);
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
