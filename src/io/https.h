/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTPS calls to the tenant: one pool of libcurl handles per child process.
 *
 * A handle keeps its connection, its TLS session and its CA store, so a
 * hundred calls one after another cost one handshake. At most `max` calls are
 * under way at once; one more is refused at once, never queued: a slow tenant
 * may then occupy `max` workers and no more.
 *
 * What a caller may rely on:
 *  1. only https, TLS 1.2 or later, peer and host name verified;
 *  2. no redirect is followed, no environment variable, .netrc or cookie read;
 *  3. a request with a body leaves at most once (https.c says how);
 *  4. a call ends within `timeout`, whatever resolver, network or peer do;
 *  5. an answer larger than PWL_ANSWER_MAX_BYTES is dropped, not cut;
 *  6. `detail` holds libcurl's own text: no header, no body, no URL query.
 */
#ifndef PWL_IO_HTTPS_H
#define PWL_IO_HTTPS_H

#include <apr_pools.h>
#include <apr_time.h>

#include "core/reason.h"
#include "io/bulkhead.h"
#include "io/outages.h"

typedef struct pwl_https_t pwl_https_t; /* shared by the threads of a child */

/** Settings of one virtual host. Calls with equal settings and origin share
 * handles; the texts are copied. */
typedef struct {
    const char *ca_file; /* PEM bundle; NULL: the system's */
    const char *proxy;   /* proxy URL; NULL: none, whatever the environment */
    apr_interval_time_t connect_timeout; /* resolver, TCP and TLS together */
    apr_interval_time_t timeout;         /* the whole call */
} pwl_https_options_t;

typedef struct {
    const char *method;       /* "GET" or "POST" */
    const char *url;          /* https://host[:port]/path, already encoded */
    const char *content_type; /* of `body`; NULL without one */
    const char *body;         /* NULL: none; stays the caller's, to be wiped */
    apr_size_t body_len;
    const char *const *headers; /* NULL-terminated "Name: value"; may be NULL */
} pwl_https_request_t;

/** Texts are in the caller's pool; NULL: the answer had none. */
typedef struct {
    int status;               /* 0: no answer */
    const char *content_type; /* visible ASCII and spaces, at most 128 */
    const char *body;         /* NUL-terminated as well; never NULL */
    apr_size_t body_len;
    const char *request_id; /* x-auth0-requestid: visible ASCII, at most 64 */
    const char *retry_after;
    const char *ratelimit_reset; /* x-ratelimit-reset */
    const char *ratelimit_remaining;
    const char *date;
    int tidings;     /* as pwl_outages_note() says; 0 without a guard */
    int sent;        /* a byte of the request may have left this machine */
    long handshakes; /* new connections this call made */
} pwl_https_answer_t;

/**
 * Make an empty pool. Call it in child_init, once per process.
 *
 * @param max   calls under way at once, at least 1
 * @param pool  its cleanup closes idle handles; it must outlive all calls
 * @return NULL when libcurl or the mutex cannot be set up
 */
pwl_https_t *pwl_https_make(int max, apr_pool_t *pool);

/** Refuse calls at once to a tenant that does not answer: PWL_HTTPS_DOWN.
 * @param outages  shared by all children; must outlive all calls */
void pwl_https_guard(pwl_https_t *https, pwl_outages_t *outages);

/** Refuse a call at once when `max` are under way in all processes together:
 * PWL_HTTPS_BUSY.
 * @param bulkhead  shared by all children; must outlive all calls */
void pwl_https_share(pwl_https_t *https, pwl_bulkhead_t *bulkhead, int max);

/**
 * Make one call, and wait for the whole answer.
 *
 * Any status but 3xx is PWL_OK: what it means is the caller's business.
 *
 * @param answer  always filled in as far as things went: `sent`, `handshakes`
 * @return PWL_OK; PWL_HTTPS_BUSY (as many as may be are under way),
 * PWL_HTTPS_DOWN (it failed a moment ago): nothing was sent; _RESOLVE,
 * _CONNECT, _TLS, _TIMEOUT, _TOO_LARGE, _REDIRECT, or _FAILED (anything else,
 * also a URL or header with control bytes)
 */
pwl_result_t pwl_https_call(pwl_https_t *https,
                            const pwl_https_options_t *options,
                            const pwl_https_request_t *request,
                            pwl_https_answer_t *answer, apr_pool_t *pool);

#endif
