/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking up the name of a host, with a deadline.
 *
 * The C library's resolver has one of its own (resolv.conf: five seconds a
 * try), so a thread asks it, and whoever waits for the thread may leave.
 */
#ifndef PWL_IO_RESOLVE_H
#define PWL_IO_RESOLVE_H

#include <apr_time.h>
#include <netdb.h>

/**
 * Find the addresses of a host for TCP.
 *
 * An address costs no thread. Not for a process that may unload this code
 * while a thread that was left behind is still at work.
 *
 * @param host      name or numeric address
 * @param deadline  of pwl_wire_clock()
 * @param found     the caller's, by freeaddrinfo()
 * @return APR_SUCCESS; APR_TIMEUP; APR_EGENERAL: there is no such name, or
 *         nobody who could tell
 */
apr_status_t pwl_resolve(const char *host, int port, apr_time_t deadline,
                         struct addrinfo **found);

#endif
