/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens from anywhere. The first byte picks the algorithm we are configured
 * for, the rest is the token, verified with keys whose other half nobody has:
 * no input may ever turn out to be good.
 */
#include "target.h"

#include "core/jws.h"

#include <apr_general.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/jwks.h"
#include "core/limits.h"

/* A modulus drawn at random, so that it has no known factors. */
#define MODULUS                                                                \
    "upyMxn2sqXmRq_ZTwtQ1nCCT-1u_IzDuw5cVTiX8WxoRNi4-35WS-U0o53Lm36ODha-i"     \
    "JyZ223TwhS_PCKlTkc_TiMeQkeLXqafLLZ90Y7rcCnTmcZd8KtqXbvs8QI85-KIJK5mG"     \
    "65SSxXT-Kw_QfbpDn58JPWZIYcnk-NTTwWO3x5RN1aS2Cs3fAJ3cCnK6bNEkPq0cGwjP"     \
    "aKrF21inkLKNFg3QM_pkZE9SE05GfaH8KNJky5odfaCZKWPatb7Pl57MNiAHKFkatevZ"     \
    "hpUptntBIKcSbzsbaqMsfmjMoxL8WJ39si1tgkyjrz1XaLdOvXjulwnHa6PPYbtTzFyu"     \
    "cQ"
#define SECRET "AnswerOfNobodyKnowsWhatThisSecretIsButUsInHere"

static const pwl_jwk_t *key_for(pwl_alg_t alg, apr_pool_t *pool)
{
    static const char text[] =
        "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"" MODULUS "\",\"e\":\"AQAB\"}]}";
    const pwl_jwk_t *key;
    pwl_jwks_t *jwks;

    if (alg == PWL_ALG_HS256)
        return pwl_jwk_from_secret(SECRET, strlen(SECRET), pool);
    if (pwl_jwks_parse(text, strlen(text), &jwks, pool) != PWL_OK ||
        !pwl_jwks_find(jwks, NULL, alg, &key, 1))
        abort();
    return key;
}

static void check_read(const pwl_jws_t *jws, pwl_alg_t alg)
{
    const char *p = jws->kid ? jws->kid : "k";

    if (jws->alg != alg || strlen(jws->text) != jws->text_len ||
        jws->payload[jws->payload_len] != '\0' || jws->signature_len == 0)
        abort();
    if (!*p || strlen(p) > PWL_JWT_KID_MAX)
        abort();
    for (; *p; p++)
        if (*p < 0x21 || *p > 0x7e)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int is_ready;
    const char *text = (const char *)data + 1;
    apr_pool_t *pool;
    pwl_alg_t alg;
    pwl_jws_t jws;

    if (size == 0)
        return 0;
    if (!is_ready)
        is_ready = apr_initialize() == APR_SUCCESS;
    apr_pool_create(&pool, NULL);
    alg = data[0] % PWL_ALG_COUNT;
    if (pwl_jws_read(text, size - 1, alg, &jws, pool) == PWL_OK) {
        check_read(&jws, alg);
        if (pwl_jws_verify(&jws, alg, key_for(alg, pool)) !=
            PWL_JWT_BAD_SIGNATURE)
            abort();
        if (pwl_jws_read_logout(text, size - 1, alg, &jws, pool) != PWL_OK)
            abort();
    }
    apr_pool_destroy(pool);
    return 0;
}
