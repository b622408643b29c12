/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Cookie header: values lie inside it, and nothing of ours is left once
 * it is stripped; stripping twice changes nothing more.
 */
#include "target.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "core/cookie.h"
#include "core/limits.h"

static const char *const names[] = {"__Host-auth0-session",
                                    "__Host-auth0-pending", "s", NULL};

static int find_all(const char *header)
{
    pwl_cookie_value_t values[PWL_COOKIE_MAX_VALUES];
    const char *end = header + strlen(header);
    int count = 0;

    for (int i = 0; names[i]; i++) {
        int found =
            pwl_cookie_find(header, names[i], values, PWL_COOKIE_MAX_VALUES);

        for (int j = 0; j < found; j++) {
            if (values[j].ptr < header || values[j].ptr > end ||
                values[j].len > (apr_size_t)(end - values[j].ptr))
                abort();
        }
        count += found;
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *header = malloc(size + 1);
    const char *rest;
    apr_pool_t *pool;

    memcpy(header, data, size);
    header[size] = '\0';
    apr_initialize();
    apr_pool_create(&pool, NULL);
    rest = pwl_cookie_strip(header, names, pool);
    if (find_all(header) > 0 && rest == header)
        abort();
    if (rest && (strlen(rest) > strlen(header) || find_all(rest) > 0 ||
                 pwl_cookie_strip(rest, names, pool) != rest))
        abort();
    apr_pool_destroy(pool);
    free(header);
    return 0;
}
