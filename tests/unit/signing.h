/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys and tokens for tests, made with libcrypto's EVP alone: another
 * implementation than the cjose that the module verifies with, so a mistake
 * the two share is a mistake of the standard.
 *
 * A 2048-bit key takes a tenth of a second, so keys are made once in a process
 * and named by a small number. Nothing here checks for errors beyond abort().
 */
#ifndef PWL_TESTS_SIGNING_H
#define PWL_TESTS_SIGNING_H

#include <apr_strings.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

/* Auth0's client secrets have 64 characters. */
#define SIGNING_SECRET                                                         \
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-"

static inline char *signing_b64(const void *data, size_t len, apr_pool_t *pool)
{
    char *text = apr_palloc(pool, len / 3 * 4 + 5);
    char *p;

    EVP_EncodeBlock((unsigned char *)text, data, (int)len);
    for (p = text; *p && *p != '='; p++)
        *p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
    *p = '\0';
    return text;
}

/** Decode a 2048-bit signature; `out` has room for 258 bytes. */
static inline void signing_unb64(const char *text, unsigned char *out,
                                 apr_pool_t *pool)
{
    char *copy = apr_pstrcat(pool, text, "==", NULL);
    char *p;

    for (p = copy; *p; p++)
        *p = *p == '-' ? '+' : *p == '_' ? '/' : *p;
    EVP_DecodeBlock(out, (unsigned char *)copy, (int)strlen(copy));
}

/** The process's RSA key number `which` (0 to 7); 2048 bits. */
static inline EVP_PKEY *signing_key(int which)
{
    static EVP_PKEY *keys[8];

    if (!keys[which])
        keys[which] = EVP_RSA_gen(2048);
    if (!keys[which])
        abort();
    return keys[which];
}

/** A number of a key ("n" or "e") as base64url. */
static inline char *signing_number(EVP_PKEY *key, const char *name,
                                   apr_pool_t *pool)
{
    unsigned char bytes[2048];
    BIGNUM *number = NULL;
    char *text;

    if (!EVP_PKEY_get_bn_param(key, name, &number))
        abort();
    text = signing_b64(bytes, (size_t)BN_bn2bin(number, bytes), pool);
    BN_free(number);
    return text;
}

/** A JWK: kty, n and e of the key, then `more` members (",\"kid\":\"a\""). */
static inline char *signing_jwk(EVP_PKEY *key, const char *more,
                                apr_pool_t *pool)
{
    return apr_psprintf(pool, "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"%s}",
                        signing_number(key, OSSL_PKEY_PARAM_RSA_N, pool),
                        signing_number(key, OSSL_PKEY_PARAM_RSA_E, pool), more);
}

/** A set of JWKs written by signing_jwk(); up to two, the second may be NULL */
static inline char *signing_jwks(const char *one, const char *two,
                                 apr_pool_t *pool)
{
    return apr_psprintf(pool, "{\"keys\":[%s%s%s]}", one, two ? "," : "",
                        two ? two : "");
}

/** header.payload, both encoded, of bytes that may be anything. */
static inline char *signing_input(const char *header, const char *payload,
                                  apr_size_t payload_len, apr_pool_t *pool)
{
    return apr_pstrcat(pool, signing_b64(header, strlen(header), pool), ".",
                       signing_b64(payload, payload_len, pool), NULL);
}

/** Append the RSA signature: PKCS#1 v1.5, or PSS with `salt` bytes. */
static inline char *signing_rsa(const char *input, EVP_PKEY *key,
                                const EVP_MD *md, int is_pss, int salt,
                                apr_pool_t *pool)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *options;
    unsigned char sig[2048];
    size_t len = sizeof(sig);

    if (EVP_DigestSignInit(ctx, &options, md, NULL, key) != 1)
        abort();
    if (is_pss) {
        EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING);
        EVP_PKEY_CTX_set_rsa_pss_saltlen(options, salt);
    }
    if (EVP_DigestSign(ctx, sig, &len, (const unsigned char *)input,
                       strlen(input)) != 1)
        abort();
    EVP_MD_CTX_free(ctx);
    return apr_pstrcat(pool, input, ".", signing_b64(sig, len, pool), NULL);
}

/** The token with its signature replaced. */
static inline const char *signing_replace(const char *token, const void *sig,
                                          size_t len, apr_pool_t *pool)
{
    const char *dot = strrchr(token, '.');

    return apr_pstrcat(pool, apr_pstrmemdup(pool, token, dot - token), ".",
                       signing_b64(sig, len, pool), NULL);
}

/** The token signed by RSA over a block of 256 bytes of the caller's making. */
static inline const char *signing_raw(const char *token,
                                      const unsigned char *block, EVP_PKEY *key,
                                      apr_pool_t *pool)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    unsigned char sig[256];
    size_t len = sizeof(sig);

    EVP_PKEY_sign_init(ctx);
    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING);
    if (EVP_PKEY_sign(ctx, sig, &len, block, 256) != 1)
        abort();
    EVP_PKEY_CTX_free(ctx);
    return signing_replace(token, sig, len, pool);
}

/** The token signed by PKCS#1 v1.5 with `pad` bytes of 0xff in front of the
 * digest and garbage behind it: what a lenient reader takes for good, and what
 * anybody can make when e is 3. 202 bytes leave no room for garbage. */
static inline const char *signing_pkcs1(const char *token, EVP_PKEY *key,
                                        int pad, apr_pool_t *pool)
{
    static const unsigned char sha256_info[] = {
        0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
        0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
    const char *dot = strrchr(token, '.');
    unsigned char block[256];
    unsigned char *p = block + 2 + pad;

    memset(block, 0xff, sizeof(block));
    block[0] = 0;
    block[1] = 1;
    *p++ = 0;
    memcpy(p, sha256_info, sizeof(sha256_info));
    p += sizeof(sha256_info);
    EVP_Digest(token, (size_t)(dot - token), p, NULL, EVP_sha256(), NULL);
    return signing_raw(token, block, key, pool);
}

static inline char *signing_hmac(const char *input, const void *secret,
                                 size_t secret_len, apr_pool_t *pool)
{
    unsigned char sig[EVP_MAX_MD_SIZE];
    unsigned int len;

    if (!HMAC(EVP_sha256(), secret, (int)secret_len,
              (const unsigned char *)input, strlen(input), sig, &len))
        abort();
    return apr_pstrcat(pool, input, ".", signing_b64(sig, len, pool), NULL);
}

/** A whole RS256 token. */
static inline char *signing_token(const char *header, const char *payload,
                                  EVP_PKEY *key, apr_pool_t *pool)
{
    return signing_rsa(signing_input(header, payload, strlen(payload), pool),
                       key, EVP_sha256(), 0, 0, pool);
}

#endif
