/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of tokens share: good claims but for one. */
#ifndef PWL_TESTS_CLAIMS_WITH_H
#define PWL_TESTS_CLAIMS_WITH_H

#include <apr_strings.h>
#include <string.h>

typedef struct {
    const char *name, *value; /* the value as JSON */
} claim_t;

/* The object of `good`, which an entry without a name ends, with `value` in the
 * place of the claim `name`, or added to them; NULL takes the claim out. */
static char *claims_with(const claim_t *good, const char *name,
                         const char *value, apr_pool_t *pool)
{
    char *text = "";
    int is_there = 0;

    for (; good->name; good++) {
        int is_it = strcmp(good->name, name) == 0;
        const char *now = is_it ? value : good->value;

        is_there |= is_it;
        if (now)
            text = apr_psprintf(pool, "%s,\"%s\":%s", text, good->name, now);
    }
    if (!is_there && value)
        text = apr_psprintf(pool, "%s,\"%s\":%s", text, name, value);
    return apr_psprintf(pool, "{%s}", text + 1);
}

#endif
