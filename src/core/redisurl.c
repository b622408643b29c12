/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking a Redis address apart.
 *
 *     redis://  ann  :  s%40crt  @  [::1]  :6379  /2  ?prefix=a:&grace=5m
 *     scheme    user    password    host   port   db  settings
 *
 * What must stay true: no message repeats a byte of the address. A password
 * with a '/' or '@' that nobody encoded moves every border, and then there is
 * no part of which we could say that it is no secret.
 */
#include "core/redisurl.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "core/limits.h"
#include "core/percent.h"
#include "core/setting.h"

#define GOOD                                                                   \
    " (try redis://redis.example.org:6379/0?password=file:redis.secret)"

static const pwl_redisurl_t defaults = {
    .port = 6379,
    .prefix = "auth0:",
    .cache_bytes = 32 * 1024 * 1024,
    .timeout = apr_time_from_sec(1),
    .grace = apr_time_from_sec(300),
};

int pwl_redisurl_is(const char *arg)
{
    return strncmp(arg, "shm", 3) != 0 &&
           (strstr(arg, "://") || strncmp(arg, "redis", 5) == 0);
}

/* Decode [text, end). @return NULL for an encoding that is none, a control
 * byte or nothing at all */
static const char *decoded(const char *text, const char *end, apr_pool_t *pool)
{
    char *out = apr_palloc(pool, (apr_size_t)(end - text) + 1);
    char *to = out;

    while (text < end) {
        int byte = (unsigned char)*text;

        if (byte == '%') {
            byte = pwl_percent_read(text, end);
            text += 2;
        }
        text++;
        if (byte < 0x20 || byte == 0x7f)
            return NULL;
        *to++ = (char)byte;
    }
    *to = '\0';
    return to == out ? NULL : out;
}

/* "2s", "500ms", "5m", "1h". @return 0 for anything else or out of range */
static int read_time(const char *text, apr_interval_time_t least,
                     apr_interval_time_t most, apr_interval_time_t *out)
{
    static const struct {
        const char *unit;
        apr_interval_time_t time;
    } units[] = {{"ms", 1000},
                 {"s", apr_time_from_sec(1)},
                 {"m", apr_time_from_sec(60)},
                 {"h", apr_time_from_sec(3600)}};
    apr_size_t digits = strspn(text, "0123456789");
    apr_interval_time_t value;

    if (digits < 1 || digits > 7)
        return 0;
    value = atoi(text);
    for (apr_size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(text + digits, units[i].unit) != 0)
            continue;
        value *= units[i].time;
        if (value < least || value > most)
            return 0;
        *out = value;
        return 1;
    }
    return 0;
}

static int is_prefix(const char *text)
{
    apr_size_t len = strlen(text);

    if (len > PWL_REDIS_PREFIX_MAX)
        return 0;
    for (; *text; text++) {
        if (!apr_isalnum(*text) && !strchr(":._-{}", *text))
            return 0;
    }
    return len > 0;
}

static int is_source(const char *text)
{
    return (!strncmp(text, "file:", 5) && text[5]) ||
           (!strncmp(text, "env:", 4) && text[4]) ||
           (!strncmp(text, "exec:", 5) && text[5]);
}

static const char *set_one(const char *name, const char *value,
                           pwl_redisurl_t *url, apr_pool_t *pool)
{
    if (!strcmp(name, "prefix")) {
        url->prefix = value;
        return is_prefix(value) ? NULL
                                : "prefix= takes letters, digits and :._-{}";
    }
    if (!strcmp(name, "password")) {
        url->source = value;
        return is_source(value) ? NULL
                                : "password= takes file:PATH, env:NAME or "
                                  "exec:COMMAND";
    }
    if (!strcmp(name, "ca") || !strcmp(name, "cert")) {
        *(name[1] == 'a' ? &url->ca : &url->cert) = value;
        return url->tls ? NULL : "ca= and cert= are for rediss://";
    }
    if (!strcmp(name, "cache"))
        return pwl_setting_size(value, &url->cache_bytes, pool)
                   ? "cache= takes a size such as 32m"
                   : NULL;
    if (!strcmp(name, "timeout"))
        return read_time(value, 10 * 1000, apr_time_from_sec(30), &url->timeout)
                   ? NULL
                   : "timeout= takes a time from 10ms to 30s";
    if (!strcmp(name, "grace"))
        return read_time(value, 0, apr_time_from_sec(24 * 3600), &url->grace)
                   ? NULL
                   : "grace= takes a time from 0s to 24h";
    return "the settings behind \"?\" are prefix, password, ca, cert, cache, "
           "timeout and grace";
}

static const char *read_settings(const char *text, pwl_redisurl_t *url,
                                 apr_pool_t *pool)
{
    const char *seen = "&";

    while (*text) {
        const char *end = text + strcspn(text, "&");
        const char *equals = memchr(text, '=', (apr_size_t)(end - text));
        const char *name, *value, *wrong;

        name = equals ? apr_pstrmemdup(pool, text, (apr_size_t)(equals - text))
                      : "";
        value = equals ? decoded(equals + 1, end, pool) : NULL;
        if (!value)
            return "behind \"?\" stand settings as name=value, with & between";
        if (strstr(seen, apr_pstrcat(pool, "&", name, "&", NULL)))
            return "a setting stands there twice";
        seen = apr_pstrcat(pool, seen, name, "&", NULL);
        wrong = set_one(name, value, url, pool);
        if (wrong)
            return wrong;
        text = *end ? end + 1 : end;
    }
    return NULL;
}

/* user:password, what stands in front of '@' */
static const char *read_login(const char *text, const char *end,
                              pwl_redisurl_t *url, apr_pool_t *pool)
{
    const char *colon = memchr(text, ':', (apr_size_t)(end - text));

    if (text < (colon ? colon : end)) {
        url->user = decoded(text, colon ? colon : end, pool);
        if (!url->user)
            return "the user name is not percent-encoded as it should be";
    }
    if (!colon)
        return url->user ? NULL : "nothing stands before \"@\"";
    url->password = decoded(colon + 1, end, pool);
    return url->password ? NULL
                         : "the password is empty or not percent-encoded as it "
                           "should be";
}

static int read_int(const char *text, const char *end, int most, int *out)
{
    long value = 0;

    if (text == end || end - text > 5)
        return 0;
    for (; text < end; text++) {
        if (!apr_isdigit(*text))
            return 0;
        value = value * 10 + (*text - '0');
    }
    *out = (int)value;
    return value <= most;
}

static const char *read_host(const char *text, const char *end,
                             pwl_redisurl_t *url, apr_pool_t *pool)
{
    const char *close =
        *text == '[' ? memchr(text, ']', (apr_size_t)(end - text)) : NULL;
    const char *host = close ? text + 1 : text;
    const char *host_end, *p;

    if (close)
        host_end = close;
    else if (!(host_end = memchr(text, ':', (apr_size_t)(end - text))))
        host_end = end;
    if (host == host_end || host_end - host > PWL_REDIS_HOST_MAX)
        return "the name of the host is missing or too long; in a password "
               "write %40 for @ and %2F for /";
    for (p = host; p < host_end; p++) {
        if (!apr_isalnum(*p) && !strchr(close ? ":." : "-._", *p))
            return "a host has letters, digits, - . and _, or is an IPv6 "
                   "address in brackets; in a password write %40 for @ and "
                   "%2F for /";
    }
    url->host = apr_pstrmemdup(pool, host, (apr_size_t)(host_end - host));
    p = close ? close + 1 : host_end;
    if (p == end)
        return NULL;
    if (*p != ':' || !read_int(p + 1, end, 65535, &url->port) || !url->port)
        return "behind the host stands :port, from 1 to 65535";
    return NULL;
}

static const char *read_all(const char *arg, pwl_redisurl_t *url,
                            apr_pool_t *pool)
{
    const char *text, *end, *at, *p, *wrong = NULL;

    url->tls = strncmp(arg, "rediss://", 9) == 0;
    text = arg + (url->tls ? 9 : 8);
    if (!url->tls && strncmp(arg, "redis://", 8) != 0)
        return "it begins with redis:// or rediss://";
    if (strlen(arg) > PWL_REDIS_URL_MAX)
        return "it is too long";
    end = text + strcspn(text, "/?");
    at = memchr(text, '@', (apr_size_t)(end - text));
    if (at) {
        wrong = read_login(text, at, url, pool);
        text = at + 1;
    }
    if (!wrong)
        wrong = read_host(text, end, url, pool);
    if (wrong)
        return wrong;
    p = end;
    if (*p == '/') {
        p++;
        end = p + strcspn(p, "?");
        if (p < end && !read_int(p, end, 9999, &url->db))
            return "behind the host's \"/\" stands a database number; in a "
                   "password write %2F for /";
    }
    if (*end == '?')
        wrong = read_settings(end + 1, url, pool);
    if (!wrong && url->password && url->source)
        wrong = "it has two passwords";
    if (!wrong && url->user && !url->password && !url->source)
        wrong = "it has a user without a password";
    return wrong;
}

const char *pwl_redisurl_parse(const char *arg, pwl_redisurl_t *out,
                               apr_pool_t *pool)
{
    pwl_redisurl_t url = defaults;
    const char *wrong = read_all(arg, &url, pool);

    if (wrong)
        return apr_pstrcat(pool, "this is no address of a Redis: ", wrong, GOOD,
                           NULL);
    *out = url;
    return NULL;
}
