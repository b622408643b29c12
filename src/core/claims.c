/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the payload of a verified token to fields of a session.
 *
 *   "text"        one field STRING, verbatim
 *   7, true, {}   one field OTHER, compact JSON text
 *   [a, b]        one field ITEM for each element, side by side
 *   null, []      nothing
 *
 * A claim is kept whole or dropped whole. Half an array would be as wrong as
 * half a string: a rule "not in group banned" must not come true because one
 * element was too long.
 *
 * Control bytes end here, before any claim can come near a header, the
 * environment or a log: a text with one is dropped, since with the byte taken
 * out it would be another text, perhaps somebody else's name. Bytes over 0x7f
 * stay; the payload was checked to be UTF-8.
 *
 * Names go out in two more alphabets, environment and header. Both mappings
 * lose information, so two claims may meet in one name; nothing here can see
 * that, the caller sends the first (docs/directives.md, Auth0PassClaims).
 */
#include "core/claims.h"

#include <string.h>
#include <apr_strings.h>
#include <apr_tables.h>

#include "core/json.h"
#include "core/limits.h"

#define LAST_SECOND INT64_C(253402300799) /* of the year 9999 */

/* Claims of the protocol: they are checked and say nothing of the person. */
static const char *const protocol_claims[] = {
    "iss",   "aud", "exp",     "iat",    "nbf",
    "nonce", "azp", "at_hash", "c_hash", "s_hash",
};

static int is_of_protocol(const char *name)
{
    size_t i;

    for (i = 0; i < sizeof(protocol_claims) / sizeof(*protocol_claims); i++)
        if (strcmp(name, protocol_claims[i]) == 0)
            return 1;
    return 0;
}

/* Is it short enough, and free of bytes that could end a line or a string? */
static int is_clean(const char *text, apr_size_t len, apr_size_t max)
{
    apr_size_t i;

    if (len > max)
        return 0;
    for (i = 0; i < len; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return 0;
    return 1;
}

/* @return compact JSON text, or NULL when it is over the limit */
static const char *compact(const json_t *value, apr_size_t *len,
                           apr_pool_t *pool)
{
    const size_t flags = JSON_COMPACT | JSON_ENCODE_ANY;
    char *text;

    *len = json_dumpb(value, NULL, 0, flags);
    if (*len > PWL_CLAIM_VALUE_MAX)
        return NULL;
    text = apr_palloc(pool, *len + 1);
    json_dumpb(value, text, *len, flags);
    text[*len] = '\0';
    return text;
}

/* @return 1, and a field added unless the value is null; 0: not to be kept */
static int add_value(apr_array_header_t *fields, pwl_field_kind_t kind,
                     const char *name, const json_t *value)
{
    const char *text = NULL;
    apr_size_t len;
    pwl_field_t *field;

    if (json_is_null(value))
        return 1;
    if (json_is_string(value)) {
        len = json_string_length(value);
        if (len <= PWL_CLAIM_VALUE_MAX)
            text = apr_pstrmemdup(fields->pool, json_string_value(value), len);
    } else {
        text = compact(value, &len, fields->pool);
    }
    if (!text || !is_clean(text, len, PWL_CLAIM_VALUE_MAX))
        return 0;
    field = apr_array_push(fields);
    field->kind = kind;
    field->name = name;
    field->value = text;
    return 1;
}

/* @return 1, or 0 with nothing added: the claim is not to be kept */
static int add_claim(apr_array_header_t *fields, const char *name,
                     const json_t *value)
{
    int before = fields->nelts;
    size_t i;

    if (!*name || !is_clean(name, strlen(name), PWL_CLAIM_NAME_MAX))
        return 0;
    name = apr_pstrdup(fields->pool, name);
    if (!json_is_array(value))
        return add_value(
            fields, json_is_string(value) ? PWL_FIELD_STRING : PWL_FIELD_OTHER,
            name, value);
    for (i = 0; i < json_array_size(value); i++) {
        if (!add_value(fields, PWL_FIELD_ITEM, name,
                       json_array_get(value, i))) {
            fields->nelts = before;
            return 0;
        }
    }
    return 1;
}

pwl_claims_t *pwl_claims_make(const json_t *payload, apr_pool_t *pool)
{
    apr_array_header_t *fields = apr_array_make(pool, 16, sizeof(pwl_field_t));
    pwl_claims_t *claims = apr_pcalloc(pool, sizeof(*claims));
    json_t *object = (json_t *)payload; /* jansson's iterators know no const */
    const char *name;
    json_t *value;

    json_object_foreach(object, name, value)
    {
        if (!is_of_protocol(name) && !add_claim(fields, name, value))
            claims->dropped++;
    }
    claims->fields = (const pwl_field_t *)fields->elts;
    claims->count = fields->nelts;
    if (!pwl_claims_seconds(json_object_get(payload, "iat"), &claims->issued))
        claims->issued = 0;
    return claims;
}

const pwl_field_t *pwl_claims_fields(const pwl_claims_t *claims, int *count)
{
    *count = claims->count;
    return claims->fields;
}

const char *pwl_claims_value(const pwl_claims_t *claims, const char *name)
{
    int i;

    for (i = 0; i < claims->count; i++)
        if (strcmp(claims->fields[i].name, name) == 0)
            return claims->fields[i].value;
    return NULL;
}

int pwl_claims_seconds(const json_t *number, apr_time_t *out)
{
    if (json_is_integer(number)) {
        json_int_t seconds = json_integer_value(number);

        if (seconds < 0 || seconds > LAST_SECOND)
            return 0;
        *out = apr_time_from_sec(seconds);
        return 1;
    }
    if (json_is_real(number)) {
        double seconds = json_real_value(number);

        /* A NaN fails both comparisons. */
        if (!(seconds >= 0.0 && seconds <= (double)LAST_SECOND))
            return 0;
        *out = (apr_time_t)(seconds * APR_USEC_PER_SEC);
        return 1;
    }
    return 0;
}

int pwl_claims_time(const pwl_claims_t *claims, const char *name,
                    apr_time_t *out)
{
    int found = 0;
    int i;

    for (i = 0; i < claims->count && !found; i++) {
        const pwl_field_t *field = &claims->fields[i];
        json_t *number;

        if (field->kind != PWL_FIELD_OTHER || strcmp(field->name, name) != 0)
            continue;
        number = json_loads(field->value, JSON_DECODE_ANY, NULL);
        found = pwl_claims_seconds(number, out);
        json_decref(number); /* behaves like free(NULL) */
    }
    return found;
}

const char *pwl_claims_env_name(const char *claim, apr_pool_t *pool)
{
    char *name;
    char *p;

    if (!*claim)
        return NULL;
    name = apr_pstrcat(pool, "AUTH0_", claim, NULL);
    for (p = name; *p; p++) {
        if (*p >= 'a' && *p <= 'z')
            *p = (char)(*p - 'a' + 'A');
        else if (!(*p >= 'A' && *p <= 'Z') && !(*p >= '0' && *p <= '9'))
            *p = '_';
    }
    return name;
}

const char *pwl_claims_header_name(const char *claim, apr_pool_t *pool)
{
    static const char prefix[] = "X-Auth0-";
    int starts_word = 1;
    char *name;
    char *p;

    if (!*claim)
        return NULL;
    name = apr_pstrcat(pool, prefix, claim, NULL);
    for (p = name + sizeof(prefix) - 1; *p; p++) {
        int is_upper = *p >= 'A' && *p <= 'Z';
        int is_lower = *p >= 'a' && *p <= 'z';

        if (is_lower && starts_word)
            *p = (char)(*p - 'a' + 'A');
        else if (is_upper && !starts_word)
            *p = (char)(*p - 'A' + 'a');
        else if (!is_upper && !is_lower && !(*p >= '0' && *p <= '9'))
            *p = '-';
        starts_word = *p == '-';
    }
    return name;
}

const char *pwl_claims_list_text(const pwl_field_t *fields, int n,
                                 apr_pool_t *pool)
{
    apr_array_header_t *parts = apr_array_make(pool, 16, sizeof(char *));
    int i;

    for (i = 0; i < n; i++)
        APR_ARRAY_PUSH(parts, const char *) =
            pwl_json_escape(fields[i].value, pool);
    return apr_pstrcat(pool, "[", apr_array_pstrcat(pool, parts, ','), "]",
                       NULL);
}
