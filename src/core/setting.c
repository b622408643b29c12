/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of directives.
 *
 * A value is taken as it is written or not at all: no blanks are trimmed, no
 * scheme guessed, no number cut at the first letter. An operator who wrote
 * something else than we understood finds out when the server starts, from
 * one line that names the cure, and not from visitors.
 *
 *   "https://x.eu.auth0.com/" is not a domain: leave out "https://"
 *   (try example.eu.auth0.com)
 *
 * What must stay true: what leaves here is fit for URLs, headers and cookies
 * as it stands, so nobody further on has to escape or judge it again. A host
 * has the letters, digits and hyphens of DNS; names beyond ASCII are written
 * in their "xn--" form, as certificates and Auth0 have them.
 */
#include "core/setting.h"

#include <string.h>

#include <apr_cstr.h>
#include <apr_escape.h>
#include <apr_lib.h>
#include <apr_strings.h>

#include "core/limits.h"

#define HOST_MAX 253 /* DNS */
#define LABEL_MAX 63

/** Put an error together: `"arg" is not WHAT: CURE (try GOOD)`. */
static const char *refuse(const char *arg, const char *what, const char *cure,
                          const char *good, apr_pool_t *pool)
{
    return apr_pstrcat(pool, "\"", apr_pescape_echo(pool, arg, 1), "\" is not ",
                       what, ": ", cure, " (try ", good, ")", NULL);
}

/** Read a whole number of digits only. @return false if it is none, or above
 * `max` */
static int read_number(const char *p, apr_uint64_t max, const char **rest,
                       apr_uint64_t *number)
{
    const char *start = p;
    apr_uint64_t value = 0;

    for (; *p >= '0' && *p <= '9'; p++) {
        unsigned digit = (unsigned)(*p - '0');

        if (digit > max || value > (max - digit) / 10)
            return 0;
        value = value * 10 + digit;
    }
    *rest = p;
    *number = value;
    return p > start;
}

/** @return what is wrong with the label p..p+len of a host name, or NULL */
static const char *check_label(const char *p, apr_size_t len)
{
    apr_size_t i;

    if (len == 0)
        return "there is nothing before or after a dot, or no name at all";
    if (len > LABEL_MAX)
        return "a part between dots has more than 63 characters";
    if (p[0] == '-' || p[len - 1] == '-')
        return "a part between dots begins or ends with a hyphen";
    for (i = 0; i < len; i++) {
        if (!apr_isalnum(p[i]) && p[i] != '-')
            return "a host name has letters, digits, hyphens and dots, "
                   "others are written as xn--";
    }
    return NULL;
}

/** @return what is wrong with the host name p..p+len, or NULL */
static const char *check_name(const char *p, apr_size_t len)
{
    const char *end = p + len;

    if (len > HOST_MAX)
        return "a host name has at most 253 characters";
    for (;;) {
        const char *dot = memchr(p, '.', (apr_size_t)(end - p));
        const char *wrong = check_label(p, (apr_size_t)((dot ? dot : end) - p));

        if (wrong || !dot)
            return wrong;
        p = dot + 1;
    }
}

/** @return what is wrong with the numeric IPv6 host p..p+len in brackets, or
 * NULL. Whether its groups add up is for whoever resolves it to say. */
static const char *check_ipv6(const char *p, apr_size_t len)
{
    apr_size_t i;

    if (len < 4 || p[len - 1] != ']')
        return "a \"[\" needs an IPv6 address and a \"]\"";
    for (i = 1; i < len - 1; i++) {
        if (!apr_isxdigit(p[i]) && p[i] != ':' && p[i] != '.')
            return "that is no IPv6 address between \"[\" and \"]\"";
    }
    return NULL;
}

/** What stands where a host and port should, in the operator's words. */
static const char *check_shape(const char *p)
{
    if (strstr(p, "://"))
        return "leave out the scheme";
    if (strchr(p, '@'))
        return "leave out user and password";
    if (strpbrk(p, "/?#\\"))
        return "leave out what comes after the host, the last \"/\" too";
    return NULL;
}

/**
 * Check host[:port] and write it in lower case.
 *
 * @param default_port  left out of the result
 * @return what is wrong, or NULL
 */
static const char *read_authority(const char *p, apr_uint64_t default_port,
                                  const char **out, apr_pool_t *pool)
{
    const char *bracket = *p == '[' ? strchr(p, ']') : NULL;
    const char *colon = strchr(bracket ? bracket : p, ':');
    apr_size_t len = colon ? (apr_size_t)(colon - p) : strlen(p);
    apr_uint64_t port = default_port;
    const char *wrong = check_shape(p), *rest;
    char *host, *at;

    if (!wrong)
        wrong = *p == '[' ? check_ipv6(p, len) : check_name(p, len);
    if (wrong)
        return wrong;
    if (colon && (!read_number(colon + 1, 65535, &rest, &port) || *rest ||
                  port == 0 || colon[1] == '0'))
        return "a port is a number from 1 to 65535";
    host = apr_pstrmemdup(pool, p, len);
    for (at = host; *at; at++)
        *at = (char)apr_tolower(*at);
    *out = port == default_port
               ? host
               : apr_psprintf(pool, "%s:%" APR_UINT64_T_FMT, host, port);
    return NULL;
}

const char *pwl_setting_domain(const char *arg, const char **out,
                               apr_pool_t *pool)
{
    const char *wrong = read_authority(arg, 443, out, pool);

    return wrong ? refuse(arg, "a domain", wrong, "example.eu.auth0.com", pool)
                 : NULL;
}

/** @return `arg` behind `scheme`, or NULL */
static const char *behind(const char *arg, const char *scheme)
{
    apr_size_t len = strlen(scheme);

    return apr_cstr_casecmpn(arg, scheme, len) == 0 ? arg + len : NULL;
}

const char *pwl_setting_base_url(const char *arg, int allow_http,
                                 const char **out, apr_pool_t *pool)
{
    const char *https = behind(arg, "https://");
    const char *http = behind(arg, "http://");
    const char *wrong, *authority;

    if (https)
        wrong = read_authority(https, 443, &authority, pool);
    else if (!http)
        wrong = "it begins with https://";
    else if (!allow_http)
        wrong = "http:// needs Auth0InsecureHTTP On";
    else
        wrong = read_authority(http, 80, &authority, pool);
    if (wrong)
        return refuse(arg, "an address of this site", wrong,
                      "https://www.example.org", pool);
    *out = apr_pstrcat(pool, https ? "https://" : "http://", authority, NULL);
    return NULL;
}

/** @return what is wrong with a path of our own, or NULL */
static const char *check_path(const char *arg)
{
    apr_size_t len = strlen(arg);
    const char *p;

    if (len < 2 || arg[0] != '/' || arg[len - 1] != '/')
        return "it begins and ends with \"/\", with a name between";
    for (p = arg; *p; p++) {
        if (!apr_isalnum(*p) && !strchr("/-._~", *p))
            return "it has letters, digits and - . _ ~ between slashes";
    }
    for (p = arg; p[1]; p += 1 + strcspn(p + 1, "/")) {
        apr_size_t segment = strcspn(p + 1, "/");

        if (segment == 0)
            return "it has no two slashes side by side";
        if (segment <= 2 && strspn(p + 1, ".") == segment)
            return "\".\" and \"..\" are no names";
    }
    return NULL;
}

const char *pwl_setting_path(const char *arg, apr_pool_t *pool)
{
    const char *wrong = check_path(arg);

    return wrong ? refuse(arg, "a path for our pages", wrong, "/.auth0/", pool)
                 : NULL;
}

const char *pwl_setting_size(const char *arg, apr_size_t *bytes,
                             apr_pool_t *pool)
{
    static const char units[] = "kmg";
    const apr_uint64_t max = ~(apr_size_t)0;
    const char *rest, *unit, *wrong = NULL;
    apr_uint64_t number;
    int shift = 0;

    if (!read_number(arg, max, &rest, &number)) {
        wrong = "it is a number that fits in memory, with k, m or g behind";
    } else if (*rest) {
        unit = strchr(units, apr_tolower(*rest));
        if (unit)
            shift = 10 * (int)(unit - units + 1);
        if (!unit || rest[1])
            wrong = "behind the number stands k, m or g, or nothing";
    }
    if (!wrong && number == 0)
        wrong = "it is above zero";
    if (!wrong && number > max >> shift)
        wrong = "that is more than this machine can address";
    if (wrong)
        return refuse(arg, "a size", wrong, "32m", pool);
    *bytes = (apr_size_t)(number << shift);
    return NULL;
}

const char *pwl_setting_interval(const char *arg, apr_interval_time_t *out,
                                 apr_pool_t *pool)
{
    static const struct {
        const char *name;
        apr_uint64_t per_second, seconds; /* one of the two is 1 */
    } units[] = {
        {"", 1, 1},     {"ms", 1000, 1}, {"s", 1, 1},
        {"m", 1, 60},   {"min", 1, 60}, /* as httpd's own directives have it */
        {"h", 1, 3600},
    };
    const apr_uint64_t max = PWL_SETTING_TIME_MAX;
    apr_uint64_t number;
    const char *rest;
    apr_size_t i;

    /* A thousand times as many milliseconds as seconds, and no overflow. */
    if (!read_number(arg, max * 1000, &rest, &number) || number == 0)
        goto wrong;
    for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(rest, units[i].name) != 0)
            continue;
        if (number > max * units[i].per_second / units[i].seconds)
            break;
        *out = (apr_interval_time_t)(number * units[i].seconds *
                                     APR_USEC_PER_SEC / units[i].per_second);
        return NULL;
    }
wrong:
    return refuse(arg, "a time above zero and up to a year",
                  "it is a number and one of ms, s, m and h, or nothing for "
                  "seconds",
                  "30s, 15m or 8h", pool);
}

int pwl_setting_has_word(const char *list, const char *word)
{
    apr_size_t len = strlen(word);
    const char *at;

    for (at = list; (at = strstr(at, word)) != NULL; at += len) {
        if ((at == list || at[-1] == ' ') && (!at[len] || at[len] == ' '))
            return 1;
    }
    return 0;
}

const char *pwl_setting_store(const char *arg, apr_size_t *bytes,
                              const char **file, apr_pool_t *pool)
{
    const char *open = strrchr(arg, '(');
    const char *path = NULL;
    const char *bad;

    if (strncmp(arg, "shm", 3) != 0 || !open || arg[strlen(arg) - 1] != ')' ||
        (open != arg + 3 && arg[3] != ':'))
        return refuse(arg, "a session store",
                      "it is shm(SIZE) or "
                      "shm:FILE(SIZE)",
                      "shm(32m)", pool);
    if (open != arg + 3) {
        path = apr_pstrmemdup(pool, arg + 4, open - arg - 4);
        if (!*path)
            return refuse(arg, "a session store",
                          "between the colon and the "
                          "size stands a file's name",
                          "shm:/var/lib/auth0_pwless/sessions(32m)", pool);
    }
    bad = pwl_setting_size(apr_pstrmemdup(pool, open + 1, strlen(open) - 2),
                           bytes, pool);
    if (bad)
        return apr_psprintf(pool, "%s, in \"%s\"", bad, arg);
    *file = path;
    return NULL;
}

const char *pwl_setting_token(const char *arg, apr_pool_t *pool)
{
    const char *wrong = NULL, *p;

    if (!*arg)
        wrong = "it is empty";
    if (strlen(arg) > PWL_SETTING_TOKEN_MAX)
        wrong = apr_psprintf(pool, "it has at most %d characters",
                             PWL_SETTING_TOKEN_MAX);
    for (p = arg; *p && !wrong; p++) {
        if (*p <= ' ' || *p > '~')
            wrong = "it has visible ASCII characters only, no blanks";
    }
    return wrong ? refuse(arg, "an id", wrong, "AbC123", pool) : NULL;
}

const char *pwl_setting_int(const char *arg, int min, int max, int *out,
                            apr_pool_t *pool)
{
    apr_uint64_t magnitude;
    const char *rest;
    int minus = *arg == '-';
    apr_int64_t value;

    if (!read_number(arg + minus, APR_INT32_MAX, &rest, &magnitude) || *rest)
        goto wrong;
    value = minus ? -(apr_int64_t)magnitude : (apr_int64_t)magnitude;
    if (value < min || value > max)
        goto wrong;
    *out = (int)value;
    return NULL;
wrong:
    return refuse(
        arg, "a number that will do",
        apr_psprintf(pool, "it is a whole number from %d to %d", min, max),
        apr_psprintf(pool, "%d", min), pool);
}
