/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Origin and Sec-Fetch-Site, parted by NUL (nothing is absent). Whatever is let
 * through must name the scheme, host and port of our site, taken apart here by
 * other means; and an own page must be let through.
 */
#include "target.h"

#include <ctype.h>

#include "core/origin.h"
#include "input.h"

typedef struct {
    const char *scheme, *host;
    long port;
} parts_t;

/* @return 0 unless it is scheme://host[:port] and nothing else */
static int take_apart(const char *origin, parts_t *out, apr_pool_t *pool)
{
    char *text = apr_pstrdup(pool, origin), *c;
    char *host = strstr(text, "://"), *port;

    for (c = text; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    if (!host)
        return 0;
    *host = '\0';
    host += 3;
    port = strrchr(host, ':');
    out->scheme = text;
    out->host = host;
    out->port = strcmp(text, "https") == 0 ? 443 : 80;
    if (port) {
        *port++ = '\0';
        out->port = strtol(port, &c, 10);
        if (*c || c == port)
            return 0;
    }
    return strpbrk(host, "/?#@ ,") == NULL;
}

static void check(const char *origin, const char *site, const char *base,
                  apr_pool_t *pool)
{
    int good = pwl_origin_check(origin, site, base) == PWL_OK;
    parts_t its, ours;

    if (site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0)
        PROMISE(!good);
    if (!good || !origin)
        return;
    PROMISE(take_apart(origin, &its, pool) && take_apart(base, &ours, pool));
    PROMISE(strcmp(its.scheme, ours.scheme) == 0 &&
            strcmp(its.host, ours.host) == 0 && its.port == ours.port);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const bases[] = {
        "https://www.example.org", "https://www.example.org:8443",
        "http://localhost", "http://127.0.0.1:80"};
    input_t in = {data, data + size};
    apr_pool_t *pool = input_pool();
    const char *origin = input_word(&in, pool);
    const char *site = input_word(&in, pool);

    for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
        check(origin, site, bases[i], pool);
        PROMISE(pwl_origin_check(bases[i], "same-origin", bases[i]) == PWL_OK);
    }
    apr_pool_destroy(pool);
    return 0;
}
