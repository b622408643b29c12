/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON from outside, read strictly, and text made fit for JSON we write.
 *
 * Strict means: one object or array and nothing after it but white space,
 * UTF-8 throughout, no key twice, no NUL in a string, no number too big for
 * its type, bounded size and depth. What two parsers could read differently
 * is refused instead of guessed.
 */
#ifndef PWL_CORE_JSON_H
#define PWL_CORE_JSON_H

#include <apr_pools.h>
#include <jansson.h>

#include "core/reason.h"

/**
 * Parse `len` bytes.
 *
 * @param data       need not be NUL-terminated; NULL is malformed
 * @param max_bytes  longest text accepted
 * @param out        the caller's reference: json_decref() it; NULL unless good
 * @return PWL_OK; PWL_JSON_TOO_LARGE (len > max_bytes), PWL_JSON_DEPTH (more
 *         than PWL_JSON_MAX_DEPTH brackets open at once), PWL_JSON_MALFORMED
 */
pwl_reason_t pwl_json_parse(const char *data, apr_size_t len,
                            apr_size_t max_bytes, json_t **out);

/** The same, but the reference belongs to `pool`: do not json_decref(). */
pwl_reason_t pwl_json_parse_pool(const char *data, apr_size_t len,
                                 apr_size_t max_bytes, json_t **out,
                                 apr_pool_t *pool);

/** @return the member's text, owned by `object`; NULL when `object` is none,
 *          or the member is absent or not a string */
const char *pwl_json_string(const json_t *object, const char *key);

/**
 * Make a JSON string literal, quotes included, of UTF-8 text.
 *
 * Each byte that is not part of well-formed UTF-8 becomes U+FFFD. '<' is
 * written as \u003c, so that the literal can stand inside an HTML script.
 *
 * @param text  NUL-terminated; NULL gives the literal null
 */
const char *pwl_json_escape(const char *text, apr_pool_t *pool);

#endif
