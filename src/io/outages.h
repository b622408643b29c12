/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tenants that do not answer, in shared memory: after PWL_OUTAGES_FAILURES
 * failures in a row, counted over all processes, nobody waits for that tenant
 * but one call now and then, which finds out whether it is back (io/breaker.h).
 *
 * A failure is a call without an answer, or with one of a gateway: an answer
 * that somebody could provoke for an address of his choice is none. All words
 * are changed by atomic instructions; a process killed at any of them leaves a
 * count that is off by one.
 */
#ifndef PWL_IO_OUTAGES_H
#define PWL_IO_OUTAGES_H

#include <apr.h>
#include <apr_time.h>

#include "core/reason.h"

#define PWL_OUTAGES_FAILURES 5
/** Tenants told apart, as many as that. Of more, some share their fate. */
#define PWL_OUTAGES_SLOTS 64

typedef struct pwl_outages_t pwl_outages_t;

/** Bytes of a table; zeroed memory, aligned for a 64-bit number, is a new
 * one. */
apr_size_t pwl_outages_bytes(void);

/**
 * May this call be made?
 * @param host   host[:port] of the tenant
 * @param now    of a clock that nobody sets, the same for all processes
 * @param limit  what a call takes at most
 * @return 1: yes, and pwl_outages_note() must follow; 0: refuse it
 */
int pwl_outages_allows(pwl_outages_t *outages, const char *host, apr_time_t now,
                       apr_interval_time_t limit);

/**
 * Note how a call ended: PWL_OK or a PWL_HTTPS_* reason, and the status.
 * @return -1: the tenant counts as down from now on; 1: it is back; 0: nothing
 *         new. One caller hears it.
 */
int pwl_outages_note(pwl_outages_t *outages, const char *host, pwl_reason_t why,
                     int status, apr_time_t now);

#endif
