/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies of calls.
 *
 * JSON is made by jansson, which takes UTF-8 only, so a body is valid or is
 * not made. A form is percent-encoded throughout. Copies that are made on the
 * way hold secrets and codes, and are wiped; the body itself is the caller's.
 */
#include "io/fields.h"

#include <apr_strings.h>
#include <jansson.h>
#include <openssl/crypto.h>

#include "core/authorize.h"

void pwl_fields_wipe(const char *text, apr_size_t len)
{
    if (text)
        OPENSSL_cleanse((char *)text, len);
}

/** Wipe the strings jansson copied. An object within holds none but strings. */
static void wipe_object(json_t *object)
{
    const char *key;
    json_t *value;

    json_object_foreach(object, key, value)
        pwl_fields_wipe(json_string_value(value), json_string_length(value));
}

/** @return an object, or NULL with `bad` */
static json_t *make_object(const pwl_fields_t *fields, const char **bad)
{
    json_t *object = json_object();

    for (*bad = "memory"; object && fields->key; fields++) {
        if (!fields->value)
            continue;
        if (json_object_set_new(object, fields->key,
                                json_string(fields->value)) != 0) {
            *bad = fields->key;
            wipe_object(object);
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

char *pwl_fields_json(const pwl_fields_t *fields, const pwl_fields_t *params,
                      apr_size_t *len, const char **bad, apr_pool_t *pool)
{
    json_t *object = make_object(fields, bad);
    json_t *within = NULL;
    char *out = NULL;

    if (!object)
        return NULL;
    if (params) {
        within = make_object(params, bad);
        /* Takes the reference, whether it works or not. */
        if (json_object_set_new(object, "authParams", within) != 0)
            goto out;
    }
    *len = json_dumpb(object, NULL, 0, JSON_COMPACT);
    if (*len == 0)
        goto out;
    out = apr_palloc(pool, *len);
    json_dumpb(object, out, *len, JSON_COMPACT);
out:
    wipe_object(object);
    json_decref(object);
    return out;
}

char *pwl_fields_form(const pwl_fields_t *fields, apr_size_t *len,
                      apr_pool_t *pool)
{
    const pwl_fields_t *field;
    apr_size_t max = 1;
    char *out, *at;

    for (field = fields; field->key; field++) {
        if (field->value)
            max += strlen(field->key) + 3 * strlen(field->value) + 2;
    }
    at = out = apr_palloc(pool, max);
    for (field = fields; field->key; field++) {
        const char *value;

        if (!field->value)
            continue;
        value = pwl_authorize_encode(field->value, pool);
        at += apr_snprintf(at, max - (apr_size_t)(at - out), "%s%s=%s",
                           at > out ? "&" : "", field->key, value);
        pwl_fields_wipe(value, strlen(value));
    }
    *len = (apr_size_t)(at - out);
    return out;
}
