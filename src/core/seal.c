/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealing with AES-256-GCM, and the two ways of deriving: HKDF for keys, HMAC
 * for values.
 *
 * What must stay true:
 *  1. nothing of a plain text leaves pwl_seal_open() before its tag was found
 *     good, and what was decrypted in vain is wiped;
 *  2. each text has a nonce of its own, from the system's random numbers; if
 *     there are none, nothing is sealed;
 *  3. the tag is always 16 bytes: its length comes from here, not from the
 *     text, so a cut one is only a bad one.
 *
 * The algorithm is looked up once for each seal and not once for each value,
 * because OpenSSL 3 searches its providers by name each time. A context lives
 * for one call: it is not safe to share among threads and cheap to make.
 */
#include "core/seal.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <string.h>

#include "core/b64.h"
#include "core/hidden.h"
#include "core/limits.h"

#define NONCE_BYTES 12
#define TAG_BYTES 16
#define AROUND_BYTES (NONCE_BYTES + TAG_BYTES)

struct pwl_seal_t {
    EVP_CIPHER *cipher;
    int count;
    unsigned char key[2][PWL_SEAL_KEY_BYTES];
    int bound_len; /* of the additional data: purpose NUL realm */
    const unsigned char *bound;
};

static int derive_key(EVP_KDF *kdf, const unsigned char *master,
                      const char *purpose, unsigned char *out)
{
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    OSSL_PARAM params[4];
    int good;

    params[0] = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
                                                 (char *)"SHA256", 0);
    params[1] = OSSL_PARAM_construct_octet_string(
        OSSL_KDF_PARAM_KEY, (void *)master, PWL_SEAL_KEY_BYTES);
    params[2] = OSSL_PARAM_construct_octet_string(
        OSSL_KDF_PARAM_INFO, (void *)purpose, strlen(purpose));
    params[3] = OSSL_PARAM_construct_end();
    good = ctx && EVP_KDF_derive(ctx, out, PWL_SEAL_KEY_BYTES, params) == 1;
    EVP_KDF_CTX_free(ctx);
    return good;
}

static apr_status_t forget(void *data)
{
    pwl_seal_t *seal = data;

    EVP_CIPHER_free(seal->cipher);
    OPENSSL_cleanse(seal, sizeof(*seal));
    return APR_SUCCESS;
}

static void bind_to(pwl_seal_t *seal, const char *purpose, const char *realm,
                    apr_pool_t *pool)
{
    apr_size_t purpose_bytes = strlen(purpose) + 1; /* with the NUL */
    apr_size_t realm_bytes = strlen(realm);
    unsigned char *bound = apr_palloc(pool, purpose_bytes + realm_bytes + 1);

    memcpy(bound, purpose, purpose_bytes);
    memcpy(bound + purpose_bytes, realm, realm_bytes + 1);
    seal->bound = bound;
    seal->bound_len = (int)(purpose_bytes + realm_bytes);
}

pwl_seal_t *pwl_seal_make(const pwl_seal_keys_t *keys, const char *purpose,
                          const char *realm, apr_pool_t *pool)
{
    pwl_seal_t *seal;
    EVP_KDF *kdf;
    int i, good;

    if (keys->count < 1 || keys->count > 2)
        return NULL;
    seal = pwl_hidden_alloc(sizeof(*seal), pool);
    apr_pool_cleanup_register(pool, seal, forget, apr_pool_cleanup_null);
    seal->cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    good = seal->cipher && kdf;
    for (i = 0; good && i < keys->count; i++)
        good = derive_key(kdf, keys->key[i], purpose, seal->key[i]);
    EVP_KDF_free(kdf);
    if (!good)
        return NULL;
    seal->count = keys->count;
    bind_to(seal, purpose, realm, pool);
    return seal;
}

/* @param sealed  room for len + AROUND_BYTES */
static int encrypt(const pwl_seal_t *seal, const void *plain, int len,
                   unsigned char *sealed)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    unsigned char *text = sealed + NONCE_BYTES;
    int out, good = 0;

    if (!ctx || RAND_bytes(sealed, NONCE_BYTES) != 1)
        goto out;
    if (EVP_EncryptInit_ex2(ctx, seal->cipher, seal->key[0], sealed, NULL) != 1)
        goto out;
    if (EVP_EncryptUpdate(ctx, NULL, &out, seal->bound, seal->bound_len) != 1)
        goto out;
    if (EVP_EncryptUpdate(ctx, text, &out, plain, len) != 1)
        goto out;
    if (EVP_EncryptFinal_ex(ctx, text + len, &out) != 1)
        goto out;
    good = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES,
                               text + len) == 1;
out:
    EVP_CIPHER_CTX_free(ctx);
    return good;
}

/* @param len    of the plain text, AROUND_BYTES less than of `sealed`
 * @param plain  room for `len` + 1 bytes; wiped unless good */
static int decrypt(const pwl_seal_t *seal, const unsigned char *key,
                   unsigned char *sealed, int len, unsigned char *plain)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    unsigned char *text = sealed + NONCE_BYTES;
    int out, good = 0;

    if (!ctx)
        goto out;
    if (EVP_DecryptInit_ex2(ctx, seal->cipher, key, sealed, NULL) != 1)
        goto out;
    if (EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES,
                            text + len) != 1)
        goto out;
    if (EVP_DecryptUpdate(ctx, NULL, &out, seal->bound, seal->bound_len) != 1)
        goto out;
    if (EVP_DecryptUpdate(ctx, plain, &out, text, len) != 1)
        goto out;
    good = EVP_DecryptFinal_ex(ctx, plain + len, &out) == 1;
out:
    if (!good)
        OPENSSL_cleanse(plain, (size_t)len);
    EVP_CIPHER_CTX_free(ctx);
    return good;
}

const char *pwl_seal_close(const pwl_seal_t *seal, const void *plain,
                           apr_size_t len, apr_pool_t *pool)
{
    unsigned char *sealed;

    if (len > PWL_SEAL_MAX_BYTES)
        return NULL;
    sealed = apr_palloc(pool, len + AROUND_BYTES);
    /* An empty value may come as NULL, which EVP takes for other data. */
    if (!encrypt(seal, len ? plain : "", (int)len, sealed))
        return NULL;
    return pwl_b64_encode(sealed, len + AROUND_BYTES, pool);
}

pwl_reason_t pwl_seal_open(const pwl_seal_t *seal, const char *text,
                           apr_size_t text_len, const unsigned char **plain,
                           apr_size_t *len, apr_pool_t *pool)
{
    apr_size_t max = PWL_B64_BYTES(text_len), sealed_len;
    unsigned char *sealed, *found;
    int i;

    *plain = NULL;
    *len = 0;
    if (max < AROUND_BYTES || max > PWL_SEAL_MAX_BYTES + AROUND_BYTES)
        return PWL_TOKEN_FORGED;
    sealed = apr_palloc(pool, max);
    if (!pwl_b64_decode(text, text_len, sealed, max, &sealed_len) ||
        sealed_len < AROUND_BYTES)
        return PWL_TOKEN_FORGED;

    found = apr_pcalloc(pool, sealed_len - AROUND_BYTES + 1);
    for (i = 0; i < seal->count; i++) {
        if (!decrypt(seal, seal->key[i], sealed,
                     (int)(sealed_len - AROUND_BYTES), found))
            continue;
        *plain = found;
        *len = sealed_len - AROUND_BYTES;
        return PWL_OK;
    }
    return PWL_TOKEN_FORGED;
}

int pwl_seal_derive(const unsigned char *key, apr_size_t key_len,
                    const char *label, const void *data, apr_size_t data_len,
                    unsigned char out[32])
{
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;
    OSSL_PARAM params[2];
    size_t out_len = 0;
    int good = 0;

    params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                                                 (char *)"SHA256", 0);
    params[1] = OSSL_PARAM_construct_end();
    if (!ctx || key_len == 0)
        goto out;
    if (EVP_MAC_init(ctx, key, key_len, params) != 1)
        goto out;
    /* With its NUL, so that no label is the beginning of another. */
    if (EVP_MAC_update(ctx, (const unsigned char *)label, strlen(label) + 1) !=
        1)
        goto out;
    if (data_len && EVP_MAC_update(ctx, data, data_len) != 1)
        goto out;
    good = EVP_MAC_final(ctx, out, &out_len, 32) == 1 && out_len == 32;
out:
    if (!good)
        memset(out, 0, 32);
    EVP_MAC_CTX_free(ctx);
    EVP_MAC_free(mac);
    return good;
}
