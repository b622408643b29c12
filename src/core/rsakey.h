/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A private RSA key that lives as long as httpd does and is in no core dump.
 *
 * Kept are its numbers, on pages of pwl_hidden_alloc(). libcrypto's own object,
 * which is heap, is made for each use (33 µs) and given back after it, which
 * wipes it.
 */
#ifndef PWL_CORE_RSAKEY_H
#define PWL_CORE_RSAKEY_H

#include <apr_pools.h>
#include <openssl/evp.h>

typedef struct pwl_rsakey_t pwl_rsakey_t;

typedef enum {
    PWL_RSAKEY_OK,
    PWL_RSAKEY_ENCRYPTED, /* would take a passphrase */
    PWL_RSAKEY_NONE,      /* no private key in PEM */
    PWL_RSAKEY_OTHER      /* a key, but not RSA, or for PSS alone */
} pwl_rsakey_verdict_t;

/**
 * Read a key: PEM, PKCS#8 (RFC 5958) or PKCS#1 (RFC 8017, A.1.2), two primes.
 * Nothing of it is left in memory elsewhere, but for `pem`, which is the
 * caller's to wipe.
 * @param out  NULL unless PWL_RSAKEY_OK; wiped with the pool
 */
pwl_rsakey_verdict_t pwl_rsakey_read(const char *pem, apr_size_t len,
                                     pwl_rsakey_t **out, apr_pool_t *pool);

/** @return bits of the modulus */
int pwl_rsakey_bits(const pwl_rsakey_t *key);

/** @return the key for libcrypto, to be freed soon; NULL without memory */
EVP_PKEY *pwl_rsakey_open(const pwl_rsakey_t *key);

#endif
