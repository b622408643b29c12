/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Telephone numbers: the first line is what was typed, with a country and
 * without. A number comes out in E.164, once and for all, or none does.
 */
#include "target.h"

#include <stdlib.h>
#include <string.h>

#include <apr_general.h>

#include "core/limits.h"
#include "core/phone.h"

static void check(const char *typed, const char *country, apr_pool_t *pool)
{
    const char *number, *again, *p;

    if (pwl_phone_tidy(typed, country, &number, pool) != PWL_OK) {
        if (number)
            abort();
        return;
    }
    if (number[0] != '+' || number[1] < '1' || number[1] > '9' ||
        strlen(number) > PWL_PHONE_MAX_DIGITS + 1 ||
        strlen(number) < PWL_PHONE_MIN_DIGITS + 1 ||
        strspn(number + 1, "0123456789") != strlen(number) - 1)
        abort();
    if (pwl_phone_tidy(number, country, &again, pool) != PWL_OK ||
        strcmp(number, again) != 0)
        abort();
    p = pwl_phone_mask(number, pool);
    if (!strstr(p, "***") || strlen(p) != 8)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *typed = malloc(size + 1);
    apr_pool_t *pool;

    memcpy(typed, data, size);
    typed[size] = '\0';
    apr_initialize();
    apr_pool_create(&pool, NULL);
    check(typed, NULL, pool);
    check(typed, "+32", pool);
    apr_pool_destroy(pool);
    free(typed);
    return 0;
}
