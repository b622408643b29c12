/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A form as a JSON object, for programs that draw the form themselves.
 */
#ifndef PWL_CORE_JSONFORM_H
#define PWL_CORE_JSONFORM_H

#include "core/form.h"

/**
 * Read an object of texts as a form: {"email": "ann@example.org", "t": "..."}
 *
 * A member of another type stands in the form as a value that is no text:
 * whoever asks for it gets PWL_FORM_MALFORMED, and nobody asks for what no form
 * of ours has. A name that comes twice is an error at once, at any depth.
 *
 * @param data       not NUL-terminated; NULL is malformed
 * @param max_bytes  PWL_FORM_MAX_BYTES
 * @param out        the form when PWL_OK, else NULL
 * @return PWL_OK; PWL_FORM_TOO_LARGE (more than `max_bytes`), _TOO_MANY (more
 *         than PWL_FORM_MAX_FIELDS members), _MALFORMED (not one JSON object
 *         in UTF-8, a name twice, a NUL, more than PWL_JSON_MAX_DEPTH
 *         brackets open at once)
 */
pwl_reason_t pwl_jsonform_parse(const char *data, apr_size_t len,
                                apr_size_t max_bytes, pwl_form_t **out,
                                apr_pool_t *pool);

#endif
