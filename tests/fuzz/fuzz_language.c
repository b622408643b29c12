/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accept-Language: whatever comes in, a language that is offered comes out,
 * and what the tenant is told is a tag that begins with it.
 *
 * The first byte says what is offered; all behind a line end is the header,
 * before it the tag of the environment.
 */
#include "target.h"

#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "core/language.h"
#include "core/limits.h"
#include "core/locales.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const extra[] = {"zh-Hant", "zh-Hans", "nb", "pt-PT"};
    static apr_pool_t *pool;
    const pwl_language_t *list[PWL_LANGUAGES_MAX];
    pwl_language_choice_t choice;
    char *preferred, *accept;
    int count = 0, found = 0;
    int i;

    if (!pool) {
        apr_initialize();
        apr_pool_create(&pool, NULL);
    }
    if (size == 0)
        return 0;
    for (i = 0; pwl_language_built_in(i); i++)
        if (i == 0 || data[0] & 1)
            list[count++] = pwl_language_built_in(i);
    for (i = 0; i < 4; i++)
        if (data[0] & (2 << i))
            list[count++] = pwl_language_make(extra[i], pool);
    preferred = apr_pstrmemdup(pool, (const char *)data + 1, size - 1);
    accept = strchr(preferred, '\n');
    if (accept)
        *accept++ = '\0';
    choice = pwl_language_choose(list, count, preferred, accept, pool);
    for (i = 0; i < count; i++)
        found |= choice.lang == list[i];
    if (!found || !pwl_locales_is_tag(choice.told) ||
        strlen(choice.told) > PWL_LOCALES_TAG_MAX ||
        strncmp(choice.told, choice.lang->tag, strlen(choice.lang->tag)) != 0)
        abort();
    apr_pool_clear(pool);
    return 0;
}
