/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256: the one place that hashes.
 *
 * A signed-in request hashes once, its cookie, so this stands on the hottest
 * path we have. OpenSSL looks an algorithm up by name each time it is given
 * EVP_sha256(), which costs more than the hash of a cookie itself; here it is
 * looked up once in the life of the process.
 */
#ifndef PWL_CORE_SHA256_H
#define PWL_CORE_SHA256_H

#include <stddef.h>

#define PWL_SHA256_BYTES 32

/**
 * Hash `len` bytes.
 *
 * Safe in all threads, and after a fork. Should the library fail, which it
 * does only when memory is out, the process ends: a digest of nothing would
 * make all visitors equal.
 */
void pwl_sha256(const void *data, size_t len,
                unsigned char out[PWL_SHA256_BYTES]);

/** Hash `a` followed by `b`, as if they were one. */
void pwl_sha256_2(const void *a, size_t a_len, const void *b, size_t b_len,
                  unsigned char out[PWL_SHA256_BYTES]);

#endif
