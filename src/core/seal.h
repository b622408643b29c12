/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealing: AES-256-GCM with a key for each purpose, as base64url text.
 *
 * Layout before base64url: nonce (12, random) | ciphertext | tag (16).
 * The key of a purpose is HKDF-SHA256(master, info = purpose); the additional
 * data is purpose NUL realm. So a value sealed for one purpose, cookie name or
 * realm opens nowhere else, and a change of one bit anywhere is seen before
 * anything is decoded.
 *
 * No key id stands in the text: with two keys at most, trying both costs less
 * than a byte that tells when the key was changed.
 *
 * Random nonces of 96 bits are safe up to 2^32 values a key (NIST SP 800-38D,
 * 8.3): a hundred a second for more than a year. A key is meant to be changed
 * more often than that.
 */
#ifndef PWL_CORE_SEAL_H
#define PWL_CORE_SEAL_H

#include <apr_pools.h>

#include "core/reason.h"

#define PWL_SEAL_KEY_BYTES 32

/** One or two master keys: the first seals, both open (rotation). */
typedef struct {
    int count;
    unsigned char key[2][PWL_SEAL_KEY_BYTES];
} pwl_seal_keys_t;

typedef struct pwl_seal_t pwl_seal_t; /* derived keys of one purpose; read-only
                                       * and shared by threads */

/**
 * Derive the keys of `purpose` ("form", "state", "pending"…).
 * @return NULL when libcrypto fails or keys->count is neither 1 nor 2; memory
 *         and wiping go with `pool`, and nothing may be sealed after it
 */
pwl_seal_t *pwl_seal_make(const pwl_seal_keys_t *keys, const char *purpose,
                          const char *realm, apr_pool_t *pool);

/**
 * Seal `len` bytes; 0 bytes are a value too.
 * @return base64url text in `pool`; NULL when libcrypto fails (RNG) or `len`
 *         is over PWL_SEAL_MAX_BYTES
 */
const char *pwl_seal_close(const pwl_seal_t *seal, const void *plain,
                           apr_size_t len, apr_pool_t *pool);

/**
 * Open text that pwl_seal_close() made.
 * @param text   need not be NUL-terminated
 * @param plain  in `pool`, a NUL after its last byte; NULL unless PWL_OK. The
 *               caller wipes it if it is secret
 * @return PWL_OK or PWL_TOKEN_FORGED
 */
pwl_reason_t pwl_seal_open(const pwl_seal_t *seal, const char *text,
                           apr_size_t text_len, const unsigned char **plain,
                           apr_size_t *len, apr_pool_t *pool);

/**
 * HMAC-SHA256(key, label NUL data) for values that must be found again
 * without being kept: nonce, PKCE verifier, masks, digests.
 * @return 1; 0 with 32 zero bytes when libcrypto fails or the key is empty
 */
int pwl_seal_derive(const unsigned char *key, apr_size_t key_len,
                    const char *label, const void *data, apr_size_t data_len,
                    unsigned char out[32]);

#endif
