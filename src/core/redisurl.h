/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The address of a Redis, as Auth0SessionStore takes it:
 *
 *   redis[s]://[user][:password@]host[:port][/db][?name=value&...]
 *
 *   prefix    what our keys begin with (default auth0:)
 *   password  file:PATH, env:NAME or exec:COMMAND, so that it need not stand
 *             in the configuration; instead of :password@
 *   ca, cert  with rediss://: PEM files, see io/wiretls.h
 *   cache     size of the table in front of it (default 32m)
 *   timeout   what one request may spend on Redis (default 1s)
 *   grace     how long cached sessions go on without Redis (default 5m)
 */
#ifndef PWL_CORE_REDISURL_H
#define PWL_CORE_REDISURL_H

#include <apr_network_io.h>
#include <apr_pools.h>
#include <apr_time.h>

typedef struct {
    int tls;
    const char *ca;       /* NULL: the system's authorities */
    const char *cert;     /* NULL: none */
    const char *user;     /* NULL: Redis's default user */
    const char *password; /* NULL: none. Never to be shown */
    const char *source;   /* file:, env: or exec: in place of `password` */
    const char *host;     /* name or address, an IPv6 one without brackets */
    int port;
    int db;
    const char *prefix;
    apr_size_t cache_bytes;
    apr_interval_time_t timeout;
    apr_interval_time_t grace;
} pwl_redisurl_t;

/** Is `arg` meant for one, good or not? A scheme with a slip of the pen may
 * have a password behind it: no other parser may quote it. */
int pwl_redisurl_is(const char *arg);

/**
 * Read the address.
 * @param out  untouched unless the value is good
 * @return NULL; else one line that says what is wrong and shows a good value.
 *         It quotes nothing of `arg`, because a password may stand anywhere in
 *         one that is wrong
 */
const char *pwl_redisurl_parse(const char *arg, pwl_redisurl_t *out,
                               apr_pool_t *pool);

#endif
