/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Header names, judged as a CGI would see them by a second, slower way; and
 * Connection headers, in which nothing of ours may be left.
 */
#include "target.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "core/scrub.h"

/** Write the name in upper case, with single underscores, none at the ends. */
static char *canonical(const char *name, apr_pool_t *pool)
{
    char *out = apr_palloc(pool, strlen(name) + 1), *to = out;

    for (; *name; name++) {
        if (isalnum((unsigned char)*name) && (unsigned char)*name < 0x80)
            *to++ = (char)toupper((unsigned char)*name);
        else if (to > out && to[-1] != '_')
            *to++ = '_';
    }
    while (to > out && to[-1] == '_')
        to--;
    *to = '\0';
    return out;
}

static int is_ours(const char *name, apr_pool_t *pool)
{
    name = canonical(name, pool);
    while (strncmp(name, "HTTP_", 5) == 0)
        name += 5;
    return strcmp(name, "REMOTE_USER") == 0 || strcmp(name, "AUTH_TYPE") == 0 ||
           strcmp(name, "AUTH0") == 0 || strncmp(name, "AUTH0_", 6) == 0 ||
           strcmp(name, "X_AUTH0") == 0 || strncmp(name, "X_AUTH0_", 8) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char ends[] = ",; \t\n\v\f\r";
    char *text = malloc(size + 1), *token, *state;
    const char *rest;
    apr_pool_t *pool;

    memcpy(text, data, size);
    text[size] = '\0';
    apr_initialize();
    apr_pool_create(&pool, NULL);
    if (pwl_scrub_is_ours(text) != is_ours(text, pool))
        abort();
    rest = pwl_scrub_connection(text, pool);
    if (rest) {
        /* As ap_get_token() ends them, by which mod_proxy reads the header. */
        token = apr_strtok(apr_pstrdup(pool, rest), ends, &state);
        for (; token; token = apr_strtok(NULL, ends, &state)) {
            if (is_ours(token, pool))
                abort();
        }
        if (pwl_scrub_connection(rest, pool) != rest)
            abort();
    }
    apr_pool_destroy(pool);
    free(text);
    return 0;
}
