/* SPDX-License-Identifier: Apache-2.0 */
/* What is posted to the tenant, as JSON or as a form. */
#ifndef PWL_IO_FIELDS_H
#define PWL_IO_FIELDS_H

#include <apr_pools.h>

/** A list of these ends with a NULL key. */
typedef struct {
    const char *key;
    const char *value; /* NULL: left out */
} pwl_fields_t;

/**
 * The fields as a JSON object.
 * @param params  more of them, as the object `authParams`; NULL: none
 * @return NULL if one is not UTF-8 (`bad` is its key), or memory is out
 */
char *pwl_fields_json(const pwl_fields_t *fields, const pwl_fields_t *params,
                      apr_size_t *len, const char **bad, apr_pool_t *pool);

/** The fields as a form. */
char *pwl_fields_form(const pwl_fields_t *fields, apr_size_t *len,
                      apr_pool_t *pool);

/** Overwrite what held a secret; NULL: nothing. */
void pwl_fields_wipe(const char *text, apr_size_t len);

#endif
