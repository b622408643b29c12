/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies of forms and query strings: application/x-www-form-urlencoded.
 * core/jsonform.h makes the same of a JSON object.
 *
 * Everything is bounded: bytes, fields, and the work for each of them. A name
 * that comes twice is an error, but only for whoever asks for that name:
 * others' parameters in a query are none of our business.
 */
#ifndef PWL_CORE_FORM_H
#define PWL_CORE_FORM_H

#include <apr_pools.h>

#include "core/reason.h"

typedef struct pwl_form_t pwl_form_t;

/**
 * Read `len` bytes of name=value pairs joined by '&'.
 *
 * '+' is a space; "name" alone and "name=" both mean the empty value; empty
 * pairs are skipped.
 *
 * @param data       not NUL-terminated; NULL with `len` 0 is an empty form
 * @param max_bytes  PWL_FORM_MAX_BYTES or PWL_QUERY_MAX_BYTES
 * @param out        the form when PWL_OK, else NULL
 * @return PWL_OK, PWL_FORM_TOO_LARGE (more than `max_bytes`), _TOO_MANY (more
 *         than PWL_FORM_MAX_FIELDS), _MALFORMED (percent without two hex
 *         digits, or a NUL, raw or as %00)
 */
pwl_reason_t pwl_form_parse(const char *data, apr_size_t len,
                            apr_size_t max_bytes, pwl_form_t **out,
                            apr_pool_t *pool);

/** An empty form, for another notation to fill. */
pwl_form_t *pwl_form_make(apr_pool_t *pool);

/**
 * Add a field. Both texts must live as long as the form.
 * @param value  NULL: a value that is no text, which is an error only for
 *               whoever asks for it
 * @return PWL_OK or PWL_FORM_TOO_MANY
 */
pwl_reason_t pwl_form_add(pwl_form_t *form, const char *name,
                          const char *value);

/**
 * Look a field up by its exact name.
 *
 * @param why  PWL_OK, with a value or without; PWL_FORM_DUPLICATE when the
 *             name comes more than once, even with equal values;
 *             PWL_FORM_MALFORMED when its value is no text
 * @return the decoded value, living as long as the form; NULL when there is
 *         none, more than one, or no text. It may be any bytes but NUL.
 */
const char *pwl_form_get(const pwl_form_t *form, const char *name,
                         pwl_reason_t *why);

#endif
