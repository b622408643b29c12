/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is posted to the tenant with bytes of visitors in it, parted by NUL: as
 * JSON and as a form it says what it was given, no more and no less, and bytes
 * that are no UTF-8 are told by the name of their field.
 */
#include "target.h"

#include "core/form.h"
#include "core/json.h"
#include "core/utf8.h"
#include "input.h"
#include "io/fields.h"

#define FIELDS 4

static void check_json(const pwl_fields_t *fields, const pwl_fields_t *params,
                       size_t size, apr_pool_t *pool)
{
    const char *bad = NULL, *text;
    const char *worst = NULL;
    json_t *json, *within;
    apr_size_t len = 0;

    for (int i = 0; i < FIELDS; i++)
        if (fields[i].value &&
            !pwl_utf8_valid(fields[i].value, strlen(fields[i].value)))
            worst = "one";
    text = pwl_fields_json(fields, params, &len, &bad, pool);
    PROMISE(!!text == !worst && (text || bad));
    if (!text)
        return;
    PROMISE(pwl_json_parse_pool(text, len, 12 * size + 1000, &json, pool) ==
            PWL_OK);
    within = json_object_get(json, "authParams");
    PROMISE(json_object_size(json) <= FIELDS + 1 && within);
    for (int i = 0; i < FIELDS; i++) {
        const char *key = fields[i].key;
        const char *back = pwl_json_string(json, key);
        const char *inner = pwl_json_string(within, key);

        PROMISE(!!back == !!fields[i].value && !!inner == !!fields[i].value);
        PROMISE(!back || strcmp(back, fields[i].value) == 0);
        PROMISE(!inner || strcmp(inner, fields[i].value) == 0);
    }
}

static void check_form(const pwl_fields_t *fields, size_t size,
                       apr_pool_t *pool)
{
    pwl_form_t *form;
    pwl_reason_t why;
    apr_size_t len;
    const char *text = pwl_fields_form(fields, &len, pool);

    PROMISE(len <= 3 * size + 100);
    PROMISE(pwl_form_parse(text, len, len, &form, pool) == PWL_OK);
    for (int i = 0; i < FIELDS; i++) {
        const char *back = pwl_form_get(form, fields[i].key, &why);

        PROMISE(!!back == !!fields[i].value && why == PWL_OK);
        PROMISE(!back || strcmp(back, fields[i].value) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input_t in = {data, data + size};
    apr_pool_t *pool = input_pool();
    pwl_fields_t fields[FIELDS + 1] = {
        {"client_id"}, {"email"}, {"otp"}, {"scope"}};

    for (int i = 0; i < FIELDS; i++)
        fields[i].value = input_word(&in, pool);
    check_json(fields, fields, size, pool);
    check_form(fields, size, pool);
    apr_pool_destroy(pool);
    return 0;
}
