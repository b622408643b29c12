/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 by OpenSSL, with the algorithm fetched once.
 *
 * Measured for 32 bytes on OpenSSL 3.0, in instructions and nanoseconds:
 *
 *     SHA256(), or EVP_Digest() with EVP_sha256()    5,750    620 to 750
 *     EVP_Digest() with the algorithm kept (this)    3,400    236
 *     the same with a context kept for each thread   2,950    180
 *     SHA256_Init(), _Update(), _Final()             2,300     77
 *
 * The last is deprecated and missing from libraries built without deprecated
 * calls, and it goes past the FIPS provider. A context for each thread would
 * need a thread key with a destructor, which httpd unloads with the module at
 * a graceful restart while the key stays behind.
 *
 * Two threads may fetch at the same time; the second to finish gives its own
 * back. The one kept is never freed: it is the library's for as long as the
 * process lives.
 */
#include "core/sha256.h"

#include <openssl/evp.h>
#include <stdlib.h>

static EVP_MD *kept;

static const EVP_MD *algorithm(void)
{
    EVP_MD *found = __atomic_load_n(&kept, __ATOMIC_ACQUIRE);
    EVP_MD *none = NULL;

    if (found)
        return found;
    found = EVP_MD_fetch(NULL, "SHA2-256", NULL);
    if (!found || EVP_MD_get_size(found) != PWL_SHA256_BYTES)
        abort();
    if (__atomic_compare_exchange_n(&kept, &none, found, 0, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE))
        return found;
    EVP_MD_free(found);
    return none; /* holds what the other thread stored */
}

void pwl_sha256(const void *data, size_t len,
                unsigned char out[PWL_SHA256_BYTES])
{
    if (EVP_Digest(data, len, out, NULL, algorithm(), NULL) != 1)
        abort();
}

void pwl_sha256_2(const void *a, size_t a_len, const void *b, size_t b_len,
                  unsigned char out[PWL_SHA256_BYTES])
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    if (!ctx || EVP_DigestInit_ex2(ctx, algorithm(), NULL) != 1 ||
        EVP_DigestUpdate(ctx, a, a_len) != 1 ||
        EVP_DigestUpdate(ctx, b, b_len) != 1 ||
        EVP_DigestFinal_ex(ctx, out, NULL) != 1)
        abort();
    EVP_MD_CTX_free(ctx);
}
