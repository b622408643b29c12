/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accept-Language: whatever comes in, what goes out is tags with one blank
 * between, few and short.
 */
#include "target.h"

#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "core/limits.h"
#include "core/locales.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static apr_pool_t *pool;
    const char *out;
    char *word, *last;
    char *again;
    int count = 0;

    if (!pool) {
        apr_initialize();
        apr_pool_create(&pool, NULL);
    }
    out = pwl_locales_of(apr_pstrmemdup(pool, (const char *)data, size), pool);
    if (out) {
        char *rest = apr_pstrdup(pool, out);

        again = NULL;
        for (word = apr_strtok(rest, " ", &last); word;
             word = apr_strtok(NULL, " ", &last)) {
            if (!pwl_locales_is_tag(word) || strlen(word) > PWL_LOCALES_TAG_MAX)
                abort();
            again = again ? apr_pstrcat(pool, again, " ", word, NULL) : word;
            count++;
        }
        if (count < 1 || count > PWL_LOCALES_MAX || strcmp(again, out) != 0)
            abort();
    }
    apr_pool_clear(pool);
    return 0;
}
