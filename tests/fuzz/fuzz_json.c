/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pwl_json_parse() with any bytes, and pwl_json_escape() with the same bytes as
 * text: what we write must be read back by our own strict parser. (D20: what
 * is deeper than the limit is refused, however deep.)
 */
#include "target.h"

#include "core/json.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/limits.h"
#include "core/utf8.h"

static int depth_of(const json_t *json)
{
    json_t *each = (json_t *)json;
    const char *key;
    json_t *value;
    size_t i;
    int deepest = 0;

    json_object_foreach(each, key, value)
    {
        int depth = depth_of(value);

        if (depth > deepest)
            deepest = depth;
    }
    json_array_foreach(each, i, value)
    {
        int depth = depth_of(value);

        if (depth > deepest)
            deepest = depth;
    }
    return json_is_object(json) || json_is_array(json) ? deepest + 1 : 0;
}

static void check_literal(const char *text, apr_pool_t *pool)
{
    const char *literal = pwl_json_escape(text, pool);
    const char *list = apr_pstrcat(pool, "[", literal, "]", NULL);
    const char *back;
    json_t *json;

    if (strchr(literal, '<') || strchr(literal, '\n'))
        abort();
    if (pwl_json_parse_pool(list, strlen(list), strlen(list), &json, pool) !=
        PWL_OK)
        abort();
    back = json_string_value(json_array_get(json, 0));
    if (pwl_utf8_valid(text, strlen(text)) && strcmp(back, text) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int is_ready;
    apr_pool_t *pool;
    json_t *json;

    if (!is_ready)
        is_ready = apr_initialize() == APR_SUCCESS;
    apr_pool_create(&pool, NULL);
    if (pwl_json_parse_pool((const char *)data, size, 65536, &json, pool) ==
        PWL_OK) {
        if (depth_of(json) > PWL_JSON_MAX_DEPTH)
            abort();
        pwl_json_string(json, "a");
    } else if (json) {
        abort();
    }
    check_literal(apr_pstrmemdup(pool, (const char *)data, size), pool);
    apr_pool_destroy(pool);
    return 0;
}
