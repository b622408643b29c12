/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses of a Redis. A good one has a host, a port and a prefix within
 * their limits; an error is one clean line that repeats nothing.
 */
#include "target.h"

#include <stdlib.h>
#include <string.h>

#include <apr_general.h>

#include "core/limits.h"
#include "core/redisurl.h"

static void check_good(const pwl_redisurl_t *url)
{
    if (!*url->host || strlen(url->host) > PWL_REDIS_HOST_MAX ||
        url->port < 1 || url->port > 65535 || url->db < 0 || url->db > 9999 ||
        !*url->prefix || strlen(url->prefix) > PWL_REDIS_PREFIX_MAX ||
        !url->cache_bytes || url->timeout <= 0 || url->grace < 0 ||
        (url->password && url->source) || (url->password && !*url->password))
        abort();
}

static void check_error(const char *error, const char *arg)
{
    const char *p;

    for (p = error; *p; p++) {
        if (*p < ' ' || *p > '~')
            abort();
    }
    /* Any eight bytes of a login could be the password. Our own sentences have
     * eight bytes that somebody may write there, but none of these signs. */
    p = strchr(arg, '@');
    if (p && p - arg >= 8 + 9) {
        char piece[9] = {0};

        memcpy(piece, p - 8, 8);
        if (strpbrk(piece, "#!$*^~|") && strstr(error, piece))
            abort();
    }
    if (!strstr(error, "(try "))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pwl_redisurl_t url = {.port = -1};
    apr_pool_t *pool;
    const char *error;
    char *arg;

    arg = malloc(size + 1);
    memcpy(arg, data, size);
    arg[size] = '\0';
    apr_initialize();
    apr_pool_create(&pool, NULL);
    error = pwl_redisurl_parse(arg, &url, pool);
    if (!error)
        check_good(&url);
    else if (url.port != -1)
        abort();
    else
        check_error(error, arg);
    apr_pool_destroy(pool);
    free(arg);
    return 0;
}
