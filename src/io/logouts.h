/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What logout tokens leave behind, in shared memory: a digest, a time that
 * goes with it, and an end.
 *
 *   of a `jti`         so that the token counts once
 *   of a sid or a sub  so that a sign-in that was under way when the token
 *                      came is refused: the time says since when
 *
 * Only tokens whose signature was good get here, so nobody but the tenant can
 * fill it. A full set gives up what would end first.
 */
#ifndef PWL_IO_LOGOUTS_H
#define PWL_IO_LOGOUTS_H

#include <apr_pools.h>
#include <apr_time.h>

#include "core/logouttoken.h"
#include "core/reason.h"

/** Two for each token, for five minutes: thirteen tokens a second. */
#define PWL_LOGOUTS_SLOTS 8192

typedef struct pwl_logouts_t pwl_logouts_t; /* one process's handle */

/** Bytes of shared memory needed. */
apr_size_t pwl_logouts_bytes(void);

/**
 * Make an empty table in `base`, aligned as malloc() does, before any fork.
 * @return PWL_OK; PWL_STORE_FAILED with rv or detail
 */
pwl_result_t pwl_logouts_format(void *base, apr_size_t bytes,
                                pwl_logouts_t **out, apr_pool_t *pool);

/** Use a table made in this memory earlier (graceful restart).
 * @return PWL_OK; PWL_STORE_FAILED with detail when it is not one of ours */
pwl_result_t pwl_logouts_attach(void *base, apr_size_t bytes,
                                pwl_logouts_t **out, apr_pool_t *pool);

/**
 * Note something. Of many who note the same at once, one hears PWL_OK.
 * @param since  the time that goes with it; of two the later is kept
 * @param until  forgotten from then on
 * @return PWL_OK: it was not there; PWL_LOGOUT_REPLAY: it was;
 *         PWL_STORE_FAILED with rv: the lock cannot be had
 */
pwl_result_t pwl_logouts_note(pwl_logouts_t *logouts, const unsigned char *key,
                              apr_time_t since, apr_time_t until,
                              apr_time_t now);

/** Ask. @param since  0 when it is not there
 * @return PWL_OK; PWL_STORE_FAILED with rv */
pwl_result_t pwl_logouts_find(pwl_logouts_t *logouts, const unsigned char *key,
                              apr_time_t now, apr_time_t *since);

#endif
