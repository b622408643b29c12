/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies of calls: JSON with and without authParams, forms, and values that
 * cannot stand in them.
 */
#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>

#include "io/fields.h"
#include "tap.h"

static apr_pool_t *pool;

static const pwl_fields_t plain[] = {
    {"a", "1 \"&\xc3\xa9"}, {"left-out", NULL}, {"b", ""}, {NULL, NULL}};
static const pwl_fields_t more[] = {
    {"state", "s"}, {"none", NULL}, {NULL, NULL}};
static const pwl_fields_t bad_one[] = {{"a", "1"}, {"c", "\xff"}, {NULL, NULL}};
static const pwl_fields_t none[] = {{NULL, NULL}};

static const char *json(const pwl_fields_t *fields, const pwl_fields_t *params)
{
    const char *bad = "?";
    apr_size_t len = 0;
    char *text = pwl_fields_json(fields, params, &len, &bad, pool);

    return text ? apr_pstrmemdup(pool, text, len)
                : apr_pstrcat(pool, "bad ", bad, NULL);
}

static const char *form(const pwl_fields_t *fields)
{
    apr_size_t len;
    char *text = pwl_fields_form(fields, &len, pool);

    return apr_pstrmemdup(pool, text, len);
}

int main(void)
{
    char secret[] = "secret";

    apr_initialize();
    atexit(apr_terminate);
    apr_pool_create(&pool, NULL);

    tap_str("JSON: quoted, what is NULL is left out", json(plain, NULL),
            "{\"a\":\"1 \\\"&\xc3\xa9\",\"b\":\"\"}");
    tap_str("JSON: parameters are an object of their own", json(plain, more),
            "{\"a\":\"1 \\\"&\xc3\xa9\",\"b\":\"\",\"authParams\":{\"state\":"
            "\"s\"}}");
    tap_str("JSON: nothing at all", json(none, none), "{\"authParams\":{}}");
    tap_str("JSON: a field that is not UTF-8", json(bad_one, NULL), "bad c");
    tap_str("JSON: a parameter that is not UTF-8", json(plain, bad_one),
            "bad c");
    tap_str("a form: encoded, what is NULL is left out", form(plain),
            "a=1%20%22%26%C3%A9&b=");
    tap_str("a form: nothing at all", form(none), "");
    pwl_fields_wipe(secret, 6);
    tap_str("wiped is wiped", secret, "");
    pwl_fields_wipe(NULL, 6);
    return tap_done();
}
