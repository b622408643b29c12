/* SPDX-License-Identifier: Apache-2.0 */
/* core/redisurl.c: addresses of a Redis, good and bad. */
#include <apr_general.h>
#include <apr_strings.h>

#include "core/limits.h"
#include "core/redisurl.h"
#include "tap.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static apr_pool_t *pool;

static const struct {
    const char *what, *url, *want; /* as shown() writes it */
} good[] = {
    {"a host", "redis://redis.example.org",
     "tcp -:-@redis.example.org:6379/0 auth0: - 33554432 1000 300"},
    {"everything",
     "redis://ann:s3cret@10.0.0.1:7000/12?prefix=a:{b}.c_d-e&"
     "cache=1g&timeout=250ms&grace=1h",
     "tcp ann:s3cret@10.0.0.1:7000/12 a:{b}.c_d-e - 1073741824 250 3600"},
    {"a password alone", "redis://:pw@h",
     "tcp -:pw@h:6379/0 auth0: - 33554432 1000 300"},
    {"a password from a file", "redis://ann@h/?password=file:conf/redis.secret",
     "tcp ann:-@h:6379/0 auth0: file:conf/redis.secret 33554432 1000 300"},
    {"from the environment", "redis://h?password=env:REDIS_PASSWORD",
     "tcp -:-@h:6379/0 auth0: env:REDIS_PASSWORD 33554432 1000 300"},
    {"encoded bytes", "redis://a%3Ab:%40%2F%25@h",
     "tcp a:b:@/%@h:6379/0 auth0: - 33554432 1000 300"},
    {"a password with a colon", "redis://a:b:c@h",
     "tcp a:b:c@h:6379/0 auth0: - 33554432 1000 300"},
    {"IPv6", "redis://[::1]:6380",
     "tcp -:-@::1:6380/0 auth0: - 33554432 1000 300"},
    {"TLS", "rediss://h/", "tls -:-@h:6379/0 auth0: - 33554432 1000 300"},
    {"TLS with files", "rediss://h?ca=conf/ca.pem&cert=/etc/x%20y.pem",
     "tls -:-@h:6379/0 auth0: - 33554432 1000 300 conf/ca.pem /etc/x y.pem"},
    {"the longest and the shortest times", "redis://h?timeout=30s&grace=0s",
     "tcp -:-@h:6379/0 auth0: - 33554432 30000 0"},
    {"minutes, and a setting that ends with &", "redis://h?grace=1440m&",
     "tcp -:-@h:6379/0 auth0: - 33554432 1000 86400"},
    {"the highest port and database", "redis://h:65535/9999",
     "tcp -:-@h:65535/9999 auth0: - 33554432 1000 300"},
};

static const char *shown(const pwl_redisurl_t *url)
{
    return apr_psprintf(
        pool, "%s %s:%s@%s:%d/%d %s %s %lu %ld %ld%s%s%s%s",
        url->tls ? "tls" : "tcp", url->user ? url->user : "-",
        url->password ? url->password : "-", url->host, url->port, url->db,
        url->prefix, url->source ? url->source : "-",
        (unsigned long)url->cache_bytes, (long)(url->timeout / 1000),
        (long)apr_time_sec(url->grace), url->ca ? " " : "",
        url->ca ? url->ca : "", url->cert ? " " : "",
        url->cert ? url->cert : "");
}

static const struct {
    const char *what, *url, *says;
} bad[] = {
    {"another scheme", "http://S3CRET@h", "begins with redis://"},
    {"no slashes", "redis:S3CRET", "begins with redis://"},
    {"no host", "redis://:S3CRET@", "host is missing"},
    {"nothing at all", "redis://", "host is missing"},
    {"no host but a port", "redis://:S3CRET@:6379", "host is missing"},
    {"a CA without TLS", "redis://:S3CRET@h?ca=x", "are for rediss://"},
    {"port 0", "redis://:S3CRET@h:0", "from 1 to 65535"},
    {"port 65536", "redis://:S3CRET@h:65536", "from 1 to 65535"},
    {"no port behind the colon", "redis://:S3CRET@h:", "from 1 to 65535"},
    {"a port that is none", "redis://:S3CRET@h:6379x", "from 1 to 65535"},
    {"an open bracket", "redis://:S3CRET@[::1", "IPv6"},
    {"text behind a bracket", "redis://:S3CRET@[::1]x", "from 1 to 65535"},
    {"a blank in the host", "redis://:S3CRET@a b", "a host has letters"},
    {"a password with @ in it", "redis://:S3@CRET@h", "%40 for @"},
    {"a password with / in it", "redis://:S3/CRET@h", "%2F for /"},
    {"a database that is none", "redis://:S3CRET@h/x", "database number"},
    {"database 10000", "redis://:S3CRET@h/10000", "database number"},
    {"an empty password", "redis://ann:@h", "password is empty"},
    {"half an escape", "redis://:S3CRET%4@h", "percent-encoded"},
    {"an encoded line break", "redis://:S3CRET%0a@h", "percent-encoded"},
    {"an encoded NUL", "redis://S3CRET%00:x@h", "percent-encoded"},
    {"nothing before @", "redis://@h", "nothing stands before"},
    {"a user without a password", "redis://S3CRET@h",
     "user without a password"},
    {"two passwords", "redis://:S3CRET@h?password=file:x", "two passwords"},
    {"a password in the query", "redis://h?password=S3CRET", "takes file:PATH"},
    {"file: and nothing", "redis://h?password=file:", "takes file:PATH"},
    {"an unknown setting", "redis://h?S3CRET=1", "the settings behind"},
    {"a setting twice", "redis://h?grace=1s&grace=2s", "twice"},
    {"a setting without a value", "redis://h?grace", "name=value"},
    {"an empty value", "redis://h?grace=", "name=value"},
    {"a prefix with a blank", "redis://h?prefix=a%20b", "prefix= takes"},
    {"a cache of nothing", "redis://h?cache=0", "cache= takes"},
    {"a timeout of 9 ms", "redis://h?timeout=9ms", "timeout= takes"},
    {"a timeout of 31 s", "redis://h?timeout=31s", "timeout= takes"},
    {"a timeout without a unit", "redis://h?timeout=1", "timeout= takes"},
    {"a grace of 25 h", "redis://h?grace=25h", "grace= takes"},
    {"a grace beyond a number", "redis://h?grace=99999999s", "grace= takes"},
};

static void test_bad(void)
{
    for (size_t i = 0; i < COUNT(bad); i++) {
        pwl_redisurl_t url = {.port = 4711};
        const char *error = pwl_redisurl_parse(bad[i].url, &url, pool);

        tap_ok(error && strstr(error, bad[i].says),
               apr_psprintf(pool, "C1: %s: %s", bad[i].what,
                            error ? error : "(taken for good)"));
        tap_ok(error && strstr(error, "(try ") && !strstr(error, "S3") &&
                   !strstr(error, "CRET"),
               "G6:   a good one is shown, and nothing of this one");
        tap_int("  and nothing was written", url.port, 4711);
    }
}

/* A value at its limit, and one past it. */
static const char *long_one(const char *before, int c, int count)
{
    char *text = apr_pcalloc(pool, (apr_size_t)count + 1);

    memset(text, c, (size_t)count);
    return apr_pstrcat(pool, before, text, NULL);
}

static void test_limits(void)
{
    pwl_redisurl_t url;

    tap_ok(!pwl_redisurl_parse(long_one("redis://", 'h', PWL_REDIS_HOST_MAX),
                               &url, pool),
           "the longest host");
    tap_ok(pwl_redisurl_parse(long_one("redis://", 'h', PWL_REDIS_HOST_MAX + 1),
                              &url, pool) != NULL,
           "one character more");
    tap_ok(!pwl_redisurl_parse(
               long_one("redis://h?prefix=", 'p', PWL_REDIS_PREFIX_MAX), &url,
               pool),
           "the longest prefix");
    tap_ok(pwl_redisurl_parse(
               long_one("redis://h?prefix=", 'p', PWL_REDIS_PREFIX_MAX + 1),
               &url, pool) != NULL,
           "one character more");
    tap_ok(!pwl_redisurl_parse(long_one("redis://h?password=file:", 'f',
                                        PWL_REDIS_URL_MAX - 24),
                               &url, pool),
           "the longest address");
    tap_ok(pwl_redisurl_parse(long_one("redis://h?password=file:", 'f',
                                       PWL_REDIS_URL_MAX - 23),
                              &url, pool) != NULL,
           "one character more");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    for (size_t i = 0; i < COUNT(good); i++) {
        pwl_redisurl_t url;
        const char *error = pwl_redisurl_parse(good[i].url, &url, pool);

        tap_str(good[i].what, error ? error : shown(&url), good[i].want);
    }
    test_bad();
    test_limits();
    tap_ok(pwl_redisurl_is("redis://h") && pwl_redisurl_is("rediss:") &&
               pwl_redisurl_is("Rediz://:S3CRET@h") &&
               !pwl_redisurl_is("shm(1m)") && !pwl_redisurl_is("shm://f(1m)"),
           "G6: what is meant for an address is told from what is not");
    return tap_done();
}
