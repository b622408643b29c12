/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Did one of our own pages send this form?
 *
 * A browser puts Origin into every POST, also into one that a page of another
 * site sends, and newer ones add Sec-Fetch-Site to every request. Pages have
 * no say in either. Our pages must not be sent with "Referrer-Policy:
 * no-referrer", though: Chromium then makes the Origin of our own forms
 * "null", which is what a sandboxed frame of anybody sends.
 *
 * What must stay true: an Origin is compared as a whole with the configured
 * address, never searched and never cut, so "https://www.example.org.evil",
 * userinfo, a path or a list of two are all just unequal. An Origin that is
 * there but empty is foreign, not absent.
 *
 * Left to others: which requests need this (POSTs that change something), and
 * the token that decides when a browser sends neither header.
 */
#include "core/origin.h"

#include <string.h>

#include <apr_cstr.h>
#include <apr_strings.h>

#include "core/limits.h"

/** Is there no port behind the host? An IPv6 address has colons of its own. */
static int has_no_port(const char *host, size_t len)
{
    return len > 0 && (host[len - 1] == ']' || !memchr(host, ':', len));
}

/** @return how long `url` is without the port that its scheme implies */
static size_t length_without_port(const char *url)
{
    static const struct {
        const char *scheme, *port;
    } defaults[] = {{"https://", ":443"}, {"http://", ":80"}};
    size_t len = strlen(url), i;

    for (i = 0; i < 2; i++) {
        size_t scheme_len = strlen(defaults[i].scheme);
        size_t port_len = strlen(defaults[i].port);

        if (apr_cstr_casecmpn(url, defaults[i].scheme, scheme_len) == 0 &&
            len > scheme_len + port_len &&
            strcmp(url + len - port_len, defaults[i].port) == 0 &&
            has_no_port(url + scheme_len, len - scheme_len - port_len))
            return len - port_len;
    }
    return len;
}

static int is_same(const char *origin, const char *base_url)
{
    size_t len = length_without_port(origin);

    return len == length_without_port(base_url) &&
           apr_cstr_casecmpn(origin, base_url, len) == 0;
}

pwl_reason_t pwl_origin_check(const char *origin, const char *sec_fetch_site,
                              const char *base_url)
{
    if (origin && !is_same(origin, base_url))
        return PWL_ORIGIN_FOREIGN;
    if (sec_fetch_site && strcmp(sec_fetch_site, "same-origin") != 0 &&
        strcmp(sec_fetch_site, "none") != 0)
        return PWL_ORIGIN_FOREIGN;
    return PWL_OK;
}

/* A browser sends no path and no user with it; who does shall not fill a log
 * with what others may read there. */
static const char *shown(const char *origin, apr_pool_t *pool)
{
    const char *host = strstr(origin, "://");
    size_t len, user;

    if (!host)
        return apr_pstrndup(pool, origin, PWL_ORIGIN_SHOWN_MAX);
    host += 3;
    len = strcspn(host, "/?#");
    for (user = len; user > 0 && host[user - 1] != '@'; user--)
        continue;
    return apr_pstrndup(
        pool,
        apr_pstrcat(pool,
                    apr_pstrmemdup(pool, origin, (apr_size_t)(host - origin)),
                    apr_pstrmemdup(pool, host + user, len - user), NULL),
        PWL_ORIGIN_SHOWN_MAX);
}

const char *pwl_origin_explain(const char *origin, const char *sec_fetch_site,
                               const char *base_url, apr_pool_t *pool)
{
    if (origin && !is_same(origin, base_url))
        return apr_pstrcat(pool, "from ",
                           *origin ? shown(origin, pool) : "\"\"",
                           ", expected ", base_url, NULL);
    return apr_pstrcat(pool, "Sec-Fetch-Site: ",
                       apr_pstrndup(pool, sec_fetch_site ? sec_fetch_site : "",
                                    PWL_ORIGIN_SHOWN_MAX),
                       ", expected same-origin at ", base_url, NULL);
}
