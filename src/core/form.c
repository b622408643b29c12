/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading application/x-www-form-urlencoded within limits.
 *
 *   data    email=ann%40example.org&t=abc&flag
 *   fields  {"email", "ann@example.org"} {"t", "abc"} {"flag", ""}
 *
 * All names and values are decoded side by side into one block of memory.
 * Decoding never lengthens, and a NUL takes the place of each '=' and '&', so
 * the block is one byte longer than the data, for the NUL at the very end.
 * With at most PWL_FORM_MAX_FIELDS fields a lookup walks an array, and there
 * is no hash that an attacker could fill one bucket of.
 *
 * What must stay true: a NUL gets into no name and no value, however it is
 * written, since everybody behind us reads them as C strings and would see
 * "a@corp" where the browser sent "a@corp%00.evil".
 *
 * Left to others: the content type of a body (httpd/), and what the bytes
 * mean; they need not be UTF-8.
 */
#include "core/form.h"

#include <string.h>

#include "core/hidden.h"
#include "core/limits.h"
#include "core/percent.h"

typedef struct {
    const char *name, *value; /* value NULL: there is one, and it is no text */
} field_t;

struct pwl_form_t {
    int count;
    field_t fields[PWL_FORM_MAX_FIELDS];
};

pwl_form_t *pwl_form_make(apr_pool_t *pool)
{
    pwl_form_t *form = apr_palloc(pool, sizeof(*form));

    form->count = 0;
    return form;
}

pwl_reason_t pwl_form_add(pwl_form_t *form, const char *name, const char *value)
{
    if (form->count == PWL_FORM_MAX_FIELDS)
        return PWL_FORM_TOO_MANY;
    form->fields[form->count].name = name;
    form->fields[form->count++].value = value;
    return PWL_OK;
}

/** Decode p..end into `*out` with a NUL behind, and move `*out` past it.
 * @return the text, or NULL if it is malformed */
static const char *decode(const char *p, const char *end, char **out)
{
    const char *text = *out;
    char *to = *out;

    while (p < end) {
        int byte = (unsigned char)*p;

        if (byte == '+') {
            byte = ' ';
        } else if (byte == '%') {
            byte = pwl_percent_read(p, end);
            p += 2;
        }
        if (byte <= 0)
            return NULL;
        *to++ = (char)byte;
        p++;
    }
    *to++ = '\0';
    *out = to;
    return text;
}

/** Read the pair p..end as the form's next field. */
static pwl_reason_t add_field(pwl_form_t *form, const char *p, const char *end,
                              char **room)
{
    const char *equals = memchr(p, '=', (apr_size_t)(end - p));
    const char *name = decode(p, equals ? equals : end, room);
    const char *value = equals ? decode(equals + 1, end, room) : "";

    if (!name || !value)
        return PWL_FORM_MALFORMED;
    return pwl_form_add(form, name, value);
}

pwl_reason_t pwl_form_parse(const char *data, apr_size_t len,
                            apr_size_t max_bytes, pwl_form_t **out,
                            apr_pool_t *pool)
{
    const char *p = data, *end;
    pwl_form_t *form;
    char *room;

    *out = NULL;
    if (len > max_bytes)
        return PWL_FORM_TOO_LARGE;
    form = pwl_form_make(pool);
    room = apr_palloc(pool, len + 1);
    pwl_hidden_wipe_with(room, len + 1, pool); /* a code may be in it */
    end = len ? data + len : data;

    while (p < end) {
        const char *amp = memchr(p, '&', (apr_size_t)(end - p));
        const char *stop = amp ? amp : end;

        if (stop > p) {
            pwl_reason_t why = add_field(form, p, stop, &room);

            if (why != PWL_OK)
                return why;
        }
        p = amp ? amp + 1 : end;
    }
    *out = form;
    return PWL_OK;
}

const char *pwl_form_get(const pwl_form_t *form, const char *name,
                         pwl_reason_t *why)
{
    const field_t *found = NULL;
    int i;

    *why = PWL_OK;
    for (i = 0; i < form->count; i++) {
        if (strcmp(form->fields[i].name, name) != 0)
            continue;
        if (found) {
            *why = PWL_FORM_DUPLICATE;
            return NULL;
        }
        found = &form->fields[i];
    }
    if (found && !found->value)
        *why = PWL_FORM_MALFORMED;
    return found ? found->value : NULL;
}
