/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS on a non-blocking socket, one step at a time: io/wire.c waits between
 * them and keeps the deadline.
 *
 * TLS 1.2 or later; the peer's certificate and name (or address) are verified
 * always, as RFC 6125 has it, by libssl.
 */
#ifndef PWL_IO_WIRETLS_H
#define PWL_IO_WIRETLS_H

#include <apr_pools.h>

#include "core/reason.h"

typedef struct pwl_wiretls_t pwl_wiretls_t; /* settings, shared by threads */
typedef struct pwl_wiretls_session_t pwl_wiretls_session_t; /* one socket's */

typedef enum {
    PWL_WIRETLS_DONE,
    PWL_WIRETLS_WANTS_READ, /* the same call again when bytes have come */
    PWL_WIRETLS_WANTS_WRITE,
    PWL_WIRETLS_END,   /* the peer has closed */
    PWL_WIRETLS_BROKEN /* pwl_wiretls_explain() says why */
} pwl_wiretls_step_t;

/**
 * Read what stands in files, so that children need not be able to.
 *
 * @param ca    PEM file of the authorities to trust; NULL: the system's
 * @param cert  PEM file with a certificate of ours and its key without a
 *              passphrase, for nobody else to read (io/secret.h); NULL: none
 * @return PWL_OK and *out, until `pool` is cleared; PWL_STORE_FAILED with
 *         detail
 */
pwl_result_t pwl_wiretls_make(const char *ca, const char *cert,
                              pwl_wiretls_t **out, apr_pool_t *pool);

/** Begin on a connected socket, which stays the caller's.
 * @param host  a name or an address, to be found in the certificate
 * @return NULL when there is no memory; to be ended by pwl_wiretls_end() */
pwl_wiretls_session_t *pwl_wiretls_begin(const pwl_wiretls_t *tls, int fd,
                                         const char *host);

/** Nothing may be sent before this is DONE. */
pwl_wiretls_step_t pwl_wiretls_handshake(pwl_wiretls_session_t *session);

/** @param n  with DONE: how many bytes were taken, at least one */
pwl_wiretls_step_t pwl_wiretls_send(pwl_wiretls_session_t *session,
                                    const char *data, apr_size_t len,
                                    apr_size_t *n);

/** @param n  with DONE: how many bytes came, at least one */
pwl_wiretls_step_t pwl_wiretls_receive(pwl_wiretls_session_t *session,
                                       char *out, apr_size_t max,
                                       apr_size_t *n);

/** Are there neither bytes that came and were not asked for yet, nor the
 * peer's goodbye? */
int pwl_wiretls_is_quiet(const pwl_wiretls_session_t *session);

/** After BROKEN: what to do about it. A literal. */
const char *pwl_wiretls_explain(const pwl_wiretls_session_t *session);

/** NULL is none. */
void pwl_wiretls_end(pwl_wiretls_session_t *session);

#endif
