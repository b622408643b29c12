/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses: what is tidied is short, clean UTF-8 with one '@', stays as it
 * is when tidied again, and is never in a log as a whole.
 */
#include "target.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>

#include "core/address.h"
#include "core/limits.h"
#include "core/utf8.h"

#define DNS_NAME_MAX 255

/* A name of DNS in place of the domain may be longer than what was typed. */
static void check_bucket(const char *bucket, apr_pool_t *pool)
{
    if (!strchr(bucket, '@') ||
        strlen(bucket) > PWL_ADDRESS_MAX + DNS_NAME_MAX ||
        strcmp(pwl_address_bucket(bucket, pool), bucket) != 0)
        abort();
}

static void check(const char *address, apr_pool_t *pool)
{
    const char *at = strchr(address, '@'), *again;

    if (!at || at == address || strchr(at + 1, '@') || !strchr(at, '.'))
        abort();
    if (strlen(address) > PWL_ADDRESS_MAX ||
        !pwl_utf8_valid(address, strlen(address)) ||
        strpbrk(address, " \t\r\n\"\\<>(),;:[]\x7f"))
        abort();
    if (pwl_address_tidy(address, &again, pool) != PWL_OK ||
        strcmp(address, again) != 0)
        abort();
    if (!pwl_address_in_domain(address, at + 1) ||
        pwl_address_in_domain(address, at))
        abort();
    if (strlen(pwl_address_key(address, pool)) != strlen(address))
        abort();
    check_bucket(pwl_address_bucket(address, pool), pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *typed = malloc(size + 1);
    const char *tidied, *mask;
    apr_pool_t *pool;

    memcpy(typed, data, size);
    typed[size] = '\0';
    apr_initialize();
    apr_pool_create(&pool, NULL);
    if (pwl_address_tidy(typed, &tidied, pool) == PWL_OK)
        check(tidied, pool);
    else if (tidied)
        abort();
    mask = pwl_address_mask(typed, pool);
    for (const char *p = mask; *p; p++) {
        if (*p <= ' ' || *p > '~')
            abort();
    }
    if (!strstr(mask, "***"))
        abort();
    apr_pool_destroy(pool);
    free(typed);
    return 0;
}
