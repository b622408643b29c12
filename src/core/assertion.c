/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signing for the tenant.
 *
 * The signature is libcrypto's, over a header and claims of which only client
 * ID and domain are not ours; jansson quotes them.
 */
#include "core/assertion.h"

#include <apr_strings.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "core/b64.h"
#include "core/limits.h"
#include "core/rsakey.h"

#define HEADER "{\"alg\":\"RS256\",\"typ\":\"JWT\"}"
#define LIFE 60 /* seconds */
#define JTI_BYTES 16

struct pwl_assertion_key_t {
    const pwl_rsakey_t *rsa;
};

static pwl_result_t refused(const char *detail)
{
    pwl_result_t res = {PWL_SECRET_KEY, 0, detail};

    return res;
}

pwl_result_t pwl_assertion_key_read(const char *pem, apr_size_t len,
                                    pwl_assertion_key_t **out, apr_pool_t *pool)
{
    pwl_result_t good = {PWL_OK, 0, NULL};
    pwl_rsakey_t *rsa;
    int bits;

    *out = NULL;
    switch (pwl_rsakey_read(pem, len, &rsa, pool)) {
    case PWL_RSAKEY_ENCRYPTED:
        return refused("is encrypted, and nobody is there to type a passphrase "
                       "when httpd starts; write it without one, for root "
                       "alone: openssl pkey -in KEY -out NEW");
    case PWL_RSAKEY_NONE:
        return refused("holds no private key in PEM; make one with: openssl "
                       "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048");
    case PWL_RSAKEY_OTHER:
        return refused("is no RSA key, and RS256 wants one; make one with: "
                       "openssl genpkey -algorithm RSA -pkeyopt "
                       "rsa_keygen_bits:2048");
    case PWL_RSAKEY_OK:
        break;
    }
    bits = pwl_rsakey_bits(rsa);
    if (bits < PWL_ASSERTION_BITS_MIN || bits > PWL_ASSERTION_BITS_MAX)
        return refused(apr_psprintf(
            pool, "is an RSA key of %d bits; the tenant takes %d to %d", bits,
            PWL_ASSERTION_BITS_MIN, PWL_ASSERTION_BITS_MAX));
    *out = apr_palloc(pool, sizeof(**out));
    (*out)->rsa = rsa;
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

static char *sign(const pwl_rsakey_t *rsa, const char *text, apr_pool_t *pool)
{
    EVP_PKEY *pkey = pwl_rsakey_open(rsa);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    unsigned char signature[PWL_ASSERTION_BITS_MAX / 8];
    size_t len = sizeof(signature);
    char *out = NULL;

    if (pkey && ctx &&
        EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, pkey) == 1 &&
        EVP_DigestSign(ctx, signature, &len, (const unsigned char *)text,
                       strlen(text)) == 1)
        out = encode(signature, len, pool);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(pkey);
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
    signature = sign(key->rsa, text, pool);
    if (!signature)
        return NULL;
    out = apr_pstrcat(pool, text, ".", signature, NULL);
    OPENSSL_cleanse(signature, strlen(signature));
    if (strlen(out) <= PWL_ASSERTION_MAX)
        return out;
    OPENSSL_cleanse(out, strlen(out));
    return NULL;
}
