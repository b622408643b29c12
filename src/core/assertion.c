/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signing for the tenant.
 *
 * The signature is libcrypto's, over a header and claims of which only client
 * ID and domain are not ours; jansson quotes them. An encrypted key is refused
 * by its first line: asking for a passphrase would stop a server that starts
 * at night.
 */
#include "core/assertion.h"

#include <apr_strings.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "core/b64.h"
#include "core/limits.h"

#define HEADER "{\"alg\":\"RS256\",\"typ\":\"JWT\"}"
#define LIFE 60 /* seconds */
#define JTI_BYTES 16

struct pwl_assertion_key_t {
    EVP_PKEY *pkey;
};

static pwl_result_t refused(const char *detail)
{
    pwl_result_t res = {PWL_SECRET_KEY, 0, detail};

    return res;
}

static apr_status_t free_key(void *data)
{
    EVP_PKEY_free(data);
    return APR_SUCCESS;
}

/* Of an encrypted key libcrypto asks the terminal, unless it is told this. */
static int no_passphrase(char *out, int size, int writing, void *data)
{
    (void)out, (void)size, (void)writing, (void)data;
    return -1;
}

static int has(const char *pem, apr_size_t len, const char *words)
{
    apr_size_t n = strlen(words), i;

    for (i = 0; i + n <= len; i++) {
        if (memcmp(pem + i, words, n) == 0)
            return 1;
    }
    return 0;
}

static EVP_PKEY *parse(const char *pem, apr_size_t len)
{
    BIO *bio = BIO_new_mem_buf(pem, (int)len);
    EVP_PKEY *pkey =
        bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;

    BIO_free(bio);
    ERR_clear_error();
    return pkey;
}

pwl_result_t pwl_assertion_key_read(const char *pem, apr_size_t len,
                                    pwl_assertion_key_t **out, apr_pool_t *pool)
{
    pwl_result_t good = {PWL_OK, 0, NULL};
    EVP_PKEY *pkey;
    int bits;

    *out = NULL;
    if (has(pem, len, "BEGIN ENCRYPTED") || has(pem, len, "4,ENCRYPTED"))
        return refused("is encrypted, and nobody is there to type a passphrase "
                       "when httpd starts; write it without one, for root "
                       "alone: openssl pkey -in KEY -out NEW");
    pkey = parse(pem, len);
    if (!pkey)
        return refused("holds no private key in PEM; make one with: openssl "
                       "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048");
    apr_pool_cleanup_register(pool, pkey, free_key, apr_pool_cleanup_null);
    if (EVP_PKEY_base_id(pkey) != EVP_PKEY_RSA)
        return refused("is no RSA key, and RS256 wants one; make one with: "
                       "openssl genpkey -algorithm RSA -pkeyopt "
                       "rsa_keygen_bits:2048");
    bits = EVP_PKEY_bits(pkey);
    if (bits < PWL_ASSERTION_BITS_MIN || bits > PWL_ASSERTION_BITS_MAX)
        return refused(apr_psprintf(
            pool, "is an RSA key of %d bits; the tenant takes %d to %d", bits,
            PWL_ASSERTION_BITS_MIN, PWL_ASSERTION_BITS_MAX));
    *out = apr_palloc(pool, sizeof(**out));
    (*out)->pkey = pkey;
    return good;
}

static char *encode(const void *bytes, apr_size_t len, apr_pool_t *pool)
{
    char *out = apr_palloc(pool, PWL_B64_CHARS(len) + 1);

    pwl_b64_encode_to(out, bytes, len);
    return out;
}

/** @return the claims as JSON text to free(), or NULL */
static char *make_claims(const char *client_id, const char *audience,
                         apr_time_t now, apr_pool_t *pool)
{
    unsigned char jti[JTI_BYTES];
    json_int_t seconds = apr_time_sec(now);
    json_t *claims;
    char *text;

    if (RAND_bytes(jti, sizeof(jti)) != 1)
        return NULL;
    claims = json_pack("{s:s, s:s, s:s, s:I, s:I, s:s}", "iss", client_id,
                       "sub", client_id, "aud", audience, "iat", seconds, "exp",
                       seconds + LIFE, "jti", encode(jti, sizeof(jti), pool));
    text = claims ? json_dumps(claims, JSON_COMPACT) : NULL;
    json_decref(claims);
    return text;
}

static char *sign(EVP_PKEY *pkey, const char *text, apr_pool_t *pool)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    unsigned char signature[PWL_ASSERTION_BITS_MAX / 8];
    size_t len = sizeof(signature);
    char *out = NULL;

    if (ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, pkey) == 1 &&
        EVP_DigestSign(ctx, signature, &len, (const unsigned char *)text,
                       strlen(text)) == 1)
        out = encode(signature, len, pool);
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return out;
}

char *pwl_assertion_make(const pwl_assertion_key_t *key, const char *client_id,
                         const char *audience, apr_time_t now, apr_pool_t *pool)
{
    char *claims = make_claims(client_id, audience, now, pool);
    char *text, *signature, *out;

    if (!claims)
        return NULL;
    text = apr_pstrcat(pool, encode(HEADER, strlen(HEADER), pool), ".",
                       encode(claims, strlen(claims), pool), NULL);
    free(claims);
    signature = sign(key->pkey, text, pool);
    if (!signature)
        return NULL;
    out = apr_pstrcat(pool, text, ".", signature, NULL);
    OPENSSL_cleanse(signature, strlen(signature));
    if (strlen(out) <= PWL_ASSERTION_MAX)
        return out;
    OPENSSL_cleanse(out, strlen(out));
    return NULL;
}
