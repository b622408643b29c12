/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A breaker in shared memory: after a failure nobody waits for the broken
 * thing but one request now and then, which finds out whether it is back.
 *
 *            failed                   after PWL_BREAKER_PAUSE
 *   closed ---------> open: refused -----------------------> one probe
 *      ^                ^------------- failed ---------------'   |
 *      '----------------------------- good ----------------------'
 *
 * A probe whose process died is given up after its limit.
 */
#ifndef PWL_IO_BREAKER_H
#define PWL_IO_BREAKER_H

#include <apr_time.h>

#define PWL_BREAKER_PAUSE apr_time_from_sec(1)

/** All zero is closed. Lies in shared memory; touched by io/breaker.c only. */
typedef struct {
    apr_time_t again; /* when it may be tried next; 0: closed */
} pwl_breaker_t;

/**
 * May this request try?
 * @param limit  what a try takes at most; the next probe waits that long
 * @return 1: yes, and pwl_breaker_good() or _failed() must follow; 0: refuse
 */
int pwl_breaker_allows(pwl_breaker_t *breaker, apr_time_t now,
                       apr_interval_time_t limit);

int pwl_breaker_is_open(const pwl_breaker_t *breaker);

/** @return 1 when this closed it */
int pwl_breaker_good(pwl_breaker_t *breaker);

/** @return 1 when this opened it, 0 when it was open */
int pwl_breaker_failed(pwl_breaker_t *breaker, apr_time_t now);

#endif
