/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gathering an answer as libcurl hands it over: header lines, then pieces of
 * the body, each counted before it is kept.
 *
 * The functions have the types of CURLOPT_HEADERFUNCTION and
 * CURLOPT_WRITEFUNCTION. An answer over its limit is broken off: they take
 * nothing more, and libcurl closes the connection.
 */
#ifndef PWL_IO_GATHER_H
#define PWL_IO_GATHER_H

#include <apr_pools.h>
#include <stddef.h>

#include "io/https.h"

/** Zeroed but for the first two. */
typedef struct {
    pwl_https_answer_t *answer;
    apr_pool_t *pool;
    apr_size_t body_max; /* bytes of room behind answer->body */
    apr_size_t header_bytes;
    int head_ended; /* the empty line came that ends the header lines */
    int too_large;  /* PWL_ANSWER_MAX_BYTES or _HEADER_BYTES exceeded */
} pwl_gather_t;

/** Keep the values an answer's struct has a place for: printable ones of at
 * most PWL_ANSWER_VALUE_MAX (request id: PWL_ANSWER_REQUEST_ID_MAX)
 * characters, the first of each name. @return `size * count`, or 0 */
size_t pwl_gather_header(char *line, size_t size, size_t count, void *gather);

/** Append to answer->body, NUL-terminated. @return `size * count`, or 0 */
size_t pwl_gather_body(char *data, size_t size, size_t count, void *gather);

#endif
