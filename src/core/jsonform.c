/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A form as a JSON object.
 *
 *   data    {"email": "ann@example.org", "t": "abc", "authParams": {}}
 *   fields  {"email", "ann@example.org"} {"t", "abc"} {"authParams", no text}
 *
 * What the module reads of a form is the same in both notations, so handlers
 * get the same pwl_form_t. Numbers, true and null are no texts: a code that was
 * sent as a number has lost its leading zeros already.
 *
 * Left to others: strictness of the JSON itself (core/json.h), the content
 * type of the body (httpd/), and what the texts mean.
 */
#include "core/jsonform.h"

#include "core/json.h"

static pwl_reason_t fill(pwl_form_t *form, json_t *object)
{
    pwl_reason_t why = PWL_OK;
    const char *name;
    json_t *value;

    json_object_foreach(object, name, value)
    {
        why = pwl_form_add(form, name, json_string_value(value));
        if (why != PWL_OK)
            break;
    }
    return why;
}

pwl_reason_t pwl_jsonform_parse(const char *data, apr_size_t len,
                                apr_size_t max_bytes, pwl_form_t **out,
                                apr_pool_t *pool)
{
    pwl_form_t *form = pwl_form_make(pool);
    pwl_reason_t why;
    json_t *json;

    *out = NULL;
    /* The texts belong to `json`, and that to the pool. */
    why = pwl_json_parse_pool(data, len, max_bytes, &json, pool);
    if (why == PWL_JSON_TOO_LARGE)
        return PWL_FORM_TOO_LARGE;
    if (why != PWL_OK || !json_is_object(json))
        return PWL_FORM_MALFORMED;
    why = fill(form, json);
    if (why == PWL_OK)
        *out = form;
    return why;
}
