/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread a lookup, which shares a record with the one who waits. Whoever is
 * the last to let go of it frees it: the one who asked, as a rule; the thread,
 * when nobody waited for it.
 *
 * A resolver that hangs leaves threads behind for as long as it hangs, but few:
 * io/breaker.h lets one request a second ask.
 */
#include "io/resolve.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/limits.h"
#include "io/wire.h"

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t ended; /* on the monotonic clock */
    int holders;
    int done;
    int error;
    struct addrinfo *found;
    char host[PWL_REDIS_HOST_MAX + 1];
    char port[8];
} lookup_t;

static int ask(const char *host, const char *port, int flags,
               struct addrinfo **found)
{
    struct addrinfo hints = {.ai_flags = flags, .ai_socktype = SOCK_STREAM};

    *found = NULL;
    return getaddrinfo(host, port, &hints, found);
}

static lookup_t *make(const char *host, const char *port)
{
    lookup_t *lookup = calloc(1, sizeof(*lookup));
    pthread_condattr_t monotonic;

    if (!lookup)
        return NULL;
    pthread_mutex_init(&lookup->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&lookup->ended, &monotonic);
    pthread_condattr_destroy(&monotonic);
    lookup->holders = 2;
    snprintf(lookup->host, sizeof(lookup->host), "%s", host);
    snprintf(lookup->port, sizeof(lookup->port), "%s", port);
    return lookup;
}

/* Called with the lock held. */
static void let_go(lookup_t *lookup)
{
    int last = --lookup->holders == 0;

    pthread_mutex_unlock(&lookup->lock);
    if (!last)
        return;
    if (lookup->found)
        freeaddrinfo(lookup->found);
    pthread_cond_destroy(&lookup->ended);
    pthread_mutex_destroy(&lookup->lock);
    free(lookup);
}

static void *work(void *data)
{
    lookup_t *lookup = data;
    struct addrinfo *found;
    int error = ask(lookup->host, lookup->port, 0, &found);

    pthread_mutex_lock(&lookup->lock);
    lookup->found = error ? NULL : found;
    lookup->error = error;
    lookup->done = 1;
    pthread_cond_signal(&lookup->ended);
    let_go(lookup);
    return NULL;
}

/* Start the thread; httpd's signals are for httpd's threads. */
static int start(lookup_t *lookup)
{
    pthread_attr_t detached;
    sigset_t all, before;
    pthread_t thread;
    int error;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    error = pthread_create(&thread, &detached, work, lookup);
    pthread_attr_destroy(&detached);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error == 0;
}

apr_status_t pwl_resolve(const char *host, int port, apr_time_t deadline,
                         struct addrinfo **found)
{
    struct timespec until = {.tv_sec = deadline / APR_USEC_PER_SEC,
                             .tv_nsec = deadline % APR_USEC_PER_SEC * 1000};
    apr_status_t rv = APR_TIMEUP;
    lookup_t *lookup;
    char service[8];

    snprintf(service, sizeof(service), "%d", port);
    if (ask(host, service, AI_NUMERICHOST, found) == 0)
        return APR_SUCCESS;
    lookup = make(host, service);
    if (!lookup)
        return APR_ENOMEM;
    if (!start(lookup))
        lookup->holders--;
    pthread_mutex_lock(&lookup->lock);
    while (!lookup->done && lookup->holders == 2 &&
           pthread_cond_timedwait(&lookup->ended, &lookup->lock, &until) == 0)
        continue;
    if (lookup->done) {
        rv = lookup->error ? APR_EGENERAL : APR_SUCCESS;
        *found = lookup->found;
        lookup->found = NULL;
    }
    let_go(lookup);
    return rv;
}
