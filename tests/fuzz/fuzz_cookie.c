/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Cookie header: values lie inside it, a cookie of ours begins the header
 * or stands behind a ';', and nothing of ours is left once it is stripped, not
 * for those either who end cookies at ','; stripping twice changes nothing
 * more.
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

/** Does nothing but blanks and `name` stand between `value` with its '=' and
 * the ';' before it? */
static int is_first_of_pair(const char *header, const char *value,
                            const char *name)
{
    const char *start = value;

    while (start > header && start[-1] != ';')
        start--;
    start += strspn(start, " \t");
    if (strncmp(start, name, strlen(name)) != 0)
        return 0;
    start += strlen(name);
    start += strspn(start, " \t");
    if (*start != '=')
        return 0;
    start++;
    return start + strspn(start, " \t") == value;
}

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
            if (!is_first_of_pair(header, values[j].ptr, names[i]))
                abort();
        }
        count += found;
    }
    return count;
}

/** The header as somebody reads it for whom a ',' ends cookies, too. */
static const char *as_semicolons(const char *header, apr_pool_t *pool)
{
    char *copy = apr_pstrdup(pool, header);

    for (char *p = copy; *p; p++) {
        if (*p == ',')
            *p = ';';
    }
    return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *header = malloc(size + 1);
    const char *rest, *semicolons = NULL;
    apr_pool_t *pool;

    memcpy(header, data, size);
    header[size] = '\0';
    apr_initialize();
    apr_pool_create(&pool, NULL);
    rest = pwl_cookie_strip(header, names, pool);
    if (rest)
        semicolons = as_semicolons(rest, pool);
    if (find_all(header) > 0 && rest == header)
        abort();
    if (rest && (strlen(rest) > strlen(header) || find_all(semicolons) > 0 ||
                 pwl_cookie_strip(rest, names, pool) != rest))
        abort();
    apr_pool_destroy(pool);
    free(header);
    return 0;
}
