/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One TCP connection, in clear or with TLS, on which nothing waits past its
 * deadline.
 *
 * A deadline is a point of pwl_wire_clock(), and covers everything done until
 * then: a peer that sends a byte now and then gains no time by it. Clocks set
 * forward or back by people change nothing.
 */
#ifndef PWL_IO_WIRE_H
#define PWL_IO_WIRE_H

#include <apr_time.h>

#include "core/reason.h"
#include "io/wiretls.h"

typedef struct pwl_wire_t pwl_wire_t; /* belongs to one thread at a time */

/** Microseconds of a clock that nobody sets. */
apr_time_t pwl_wire_clock(void);

/**
 * Connect, trying every address of the host in turn.
 * @param tls  NULL: bytes travel as they are. Else the handshake is over and
 *             the peer verified as `host` when this is PWL_OK
 * @return PWL_OK and *out; PWL_STORE_FAILED with rv (APR_TIMEUP past the
 *         deadline) and detail
 */
pwl_result_t pwl_wire_open(const char *host, int port, const pwl_wiretls_t *tls,
                           apr_time_t deadline, pwl_wire_t **out);

/** Send all of it. @return as above */
pwl_result_t pwl_wire_write(pwl_wire_t *wire, const char *data, apr_size_t len,
                            apr_time_t deadline);

/**
 * Wait for at least one byte.
 * @return as above; APR_EOF in rv when the peer has closed
 */
pwl_result_t pwl_wire_read(pwl_wire_t *wire, char *out, apr_size_t max,
                           apr_size_t *got, apr_time_t deadline);

/** Is nothing to be read, the end of the connection included? What a kept
 * connection must be before it is used again. */
int pwl_wire_is_quiet(const pwl_wire_t *wire);

/** NULL is none. */
void pwl_wire_close(pwl_wire_t *wire);

/** Close a connection on which a command failed, and forget what the peer has
 * not got of it. The kernel would go on to deliver that for minutes, to a server
 * where others have written since. */
void pwl_wire_drop(pwl_wire_t *wire);

#endif
