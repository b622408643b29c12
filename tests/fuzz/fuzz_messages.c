/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of messages: what is taken has no markup, and every text can be filled
 * in every form. The first byte chooses the language beneath.
 */
#include "target.h"

#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "core/language.h"
#include "core/messages.h"

static void walk(const pwl_language_t *lang, apr_pool_t *pool)
{
    static const apr_uint64_t numbers[] = {0, 1, 2, 3, 11, 100};
    pwl_text_args_t args = {0};
    size_t i;
    int key;

    for (key = PWL_TEXT_NONE + 1; key < PWL_TEXT_COUNT; key++)
        for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
            const char *text;

            args.n = args.k = numbers[i];
            text = pwl_text_fill(lang, (pwl_text_key_t)key, &args, pool);
            if (!text || strpbrk(text, "<>\r\n{"))
                abort();
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static apr_pool_t *pool;
    const pwl_language_t *out = NULL;
    const pwl_language_t *base;
    const char *bad;

    if (!pool) {
        apr_initialize();
        apr_pool_create(&pool, NULL);
    }
    if (size == 0)
        return 0;
    base = pwl_language_built_in(data[0] % 11);
    if (!base)
        base = pwl_language_make("sv", pool);
    bad = pwl_messages_lay((const char *)data + 1, size - 1, base, &out, pool);
    if (!bad != !!out)
        abort();
    if (out)
        walk(out, pool);
    apr_pool_clear(pool);
    return 0;
}
