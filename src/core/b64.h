/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strict base64url (RFC 4648 section 5) without padding.
 *
 * Each sequence of bytes has exactly one text and each text at most one
 * sequence of bytes: padding, '+', '/', white space, a length of 4n+1 and
 * spare bits that are not zero are all refused. So two cookies that differ
 * never name the same session, and a signature cannot be respelt.
 */
#ifndef PWL_CORE_B64_H
#define PWL_CORE_B64_H

#include <apr_pools.h>

/** Characters of `len` bytes encoded, without the NUL. */
#define PWL_B64_CHARS(len) ((len) / 3 * 4 + ((len) % 3 * 8 + 5) / 6)

/** Bytes that `chars` characters can hold. */
#define PWL_B64_BYTES(chars) ((chars) / 4 * 3 + (chars) % 4 * 6 / 8)

/** Encode `len` bytes. @return NUL-terminated text in `pool` */
char *pwl_b64_encode(const void *data, apr_size_t len, apr_pool_t *pool);

/**
 * Encode `len` bytes into the caller's buffer.
 * @param out  room for PWL_B64_CHARS(len) + 1; NUL-terminated
 * @return number of characters without the NUL
 */
apr_size_t pwl_b64_encode_to(char *out, const void *data, apr_size_t len);

/**
 * Decode `text_len` characters; no NUL is looked for.
 *
 * Every character costs the same work whether it is good or not, and the
 * verdict is reached at the end, so time tells the length only.
 *
 * @param out      may be NULL when out_max is 0
 * @param out_len  bytes written; 0 when bad
 * @return 1 when good; 0 for any text pwl_b64_encode_to() would not have
 *         written or that needs more than out_max bytes. What stands in
 *         `out` after a 0 is not defined.
 */
int pwl_b64_decode(const char *text, apr_size_t text_len, unsigned char *out,
                   apr_size_t out_max, apr_size_t *out_len);

#endif
