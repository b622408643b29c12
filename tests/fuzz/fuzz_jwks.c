/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key sets from anywhere: what is taken must fit into shared memory when
 * written small, and be the same set when read from there.
 */
#include "target.h"

#include "core/jwks.h"

#include <apr_general.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/limits.h"

static void check_set(const pwl_jwks_t *jwks, apr_pool_t *pool)
{
    const char *text = pwl_jwks_minimal(jwks, pool);
    const pwl_jwk_t *keys[PWL_JWKS_TRIES];
    pwl_jwks_t *again;
    int alg;

    if (strlen(text) > PWL_JWKS_KEEP_BYTES)
        abort();
    if (pwl_jwks_parse(text, strlen(text), &again, pool) != PWL_OK)
        abort();
    if (strcmp(pwl_jwks_minimal(again, pool), text) != 0)
        abort();
    if (pwl_jwks_find(jwks, NULL, PWL_ALG_HS256, keys, PWL_JWKS_TRIES) != 0)
        abort();
    for (alg = 0; alg < PWL_ALG_COUNT; alg++)
        if (pwl_jwks_find(jwks, NULL, (pwl_alg_t)alg, keys, PWL_JWKS_TRIES) !=
            pwl_jwks_find(again, NULL, (pwl_alg_t)alg, keys, PWL_JWKS_TRIES))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int is_ready;
    apr_pool_t *pool;
    pwl_jwks_t *jwks;
    pwl_reason_t why;

    if (!is_ready)
        is_ready = apr_initialize() == APR_SUCCESS;
    apr_pool_create(&pool, NULL);
    why = pwl_jwks_parse((const char *)data, size, &jwks, pool);
    if ((why == PWL_OK) != (jwks != NULL))
        abort();
    if (jwks)
        check_set(jwks, pool);
    apr_pool_destroy(pool);
    return 0;
}
