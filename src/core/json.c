/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strict JSON over jansson, and string literals for JSON we write.
 *
 * jansson already refuses what is not UTF-8, NUL in strings, text after the
 * value, integers over 64 bits and reals that overflow; we ask it to refuse
 * duplicate keys too. What it does not let us choose is the depth: its parser
 * recurses, so the depth is counted in a loop before jansson sees a byte.
 *
 * The count may be wrong for text that is not JSON, but never too low where it
 * matters: up to the first error both agree on what is inside a string, and
 * at the first error jansson stops.
 *
 * Freeing memory is left to the pool wherever we can: a json_t made for a pool
 * goes with it, on each way out of the caller.
 */
#include "core/json.h"

#include <string.h>

#include "core/limits.h"
#include "core/utf8.h"

/* Most bytes one byte of text can become in a literal: \u00XX. */
#define ESCAPED_MAX 6

static pwl_reason_t check_depth(const char *data, apr_size_t len)
{
    int depth = 0;
    int in_string = 0;
    apr_size_t i;

    for (i = 0; i < len; i++) {
        char c = data[i];

        if (in_string) {
            if (c == '\\')
                i++; /* whatever it escapes, it ends no string */
            else if (c == '"')
                in_string = 0;
        } else if (c == '"') {
            in_string = 1;
        } else if (c == '[' || c == '{') {
            if (++depth > PWL_JSON_MAX_DEPTH)
                return PWL_JSON_DEPTH;
        } else if (c == ']' || c == '}') {
            depth--;
        }
    }
    return PWL_OK;
}

static apr_status_t release(void *json)
{
    json_decref(json);
    return APR_SUCCESS;
}

/* Write one ASCII character as it stands in a literal; give the new end. */
static char *put_ascii(char *p, unsigned char c)
{
    static const char digits[] = "0123456789abcdef";

    if (c == '"' || c == '\\') {
        *p++ = '\\';
        *p++ = (char)c;
    } else if (c < 0x20 || c == 0x7f || c == '<') {
        memcpy(p, "\\u00", 4);
        p[4] = digits[c >> 4];
        p[5] = digits[c & 15];
        p += ESCAPED_MAX;
    } else {
        *p++ = (char)c;
    }
    return p;
}

pwl_reason_t pwl_json_parse(const char *data, apr_size_t len,
                            apr_size_t max_bytes, json_t **out)
{
    pwl_reason_t why;

    *out = NULL;
    if (!data)
        return PWL_JSON_MALFORMED;
    if (len > max_bytes)
        return PWL_JSON_TOO_LARGE;
    why = check_depth(data, len);
    if (why != PWL_OK)
        return why;
    *out = json_loadb(data, len, JSON_REJECT_DUPLICATES, NULL);
    return *out ? PWL_OK : PWL_JSON_MALFORMED;
}

pwl_reason_t pwl_json_parse_pool(const char *data, apr_size_t len,
                                 apr_size_t max_bytes, json_t **out,
                                 apr_pool_t *pool)
{
    pwl_reason_t why = pwl_json_parse(data, len, max_bytes, out);

    if (why == PWL_OK)
        apr_pool_cleanup_register(pool, *out, release, apr_pool_cleanup_null);
    return why;
}

const char *pwl_json_string(const json_t *object, const char *key)
{
    /* Both calls of jansson answer NULL for what is not of their type. */
    return json_string_value(json_object_get(object, key));
}

const char *pwl_json_escape(const char *text, apr_pool_t *pool)
{
    const char *end = text ? text + strlen(text) : NULL;
    apr_uint32_t cp;
    char *literal;
    char *p;

    if (!text)
        return "null";
    literal = p = apr_palloc(pool, (apr_size_t)(end - text) * ESCAPED_MAX + 3);
    *p++ = '"';
    while (text < end) {
        int len = pwl_utf8_next(text, end, &cp);

        if (len == 1) {
            p = put_ascii(p, (unsigned char)*text);
        } else if (len == 0) {
            p += pwl_utf8_put(0xfffd, p); /* in place of one byte */
            len = 1;
        } else {
            memcpy(p, text, (size_t)len);
            p += len;
        }
        text += len;
    }
    *p++ = '"';
    *p = '\0';
    return literal;
}
