/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole session table at once: taking it over from processes that are
 * gone, moving it into another one, looking at every session.
 */
#ifndef PWL_IO_SESSIONS_WALK_H
#define PWL_IO_SESSIONS_WALK_H

#include "io/sessions.h"

/**
 * Use a table whose users are all gone, wherever they stopped: one that lies
 * in a file. Makes the locks anew and repairs every shard, believing nothing
 * but records that are whole; about a second for a million sessions.
 *
 * @param base, bytes  as for pwl_sessions_attach(); nobody else uses it
 * @return PWL_OK; PWL_STORE_FAILED with rv or detail: not a table of ours
 */
pwl_result_t pwl_sessions_recover(void *base, apr_size_t bytes,
                                  pwl_sessions_t **out, apr_pool_t *pool);

/**
 * Called for one session. What the arguments point to is gone afterwards.
 * @return 0 to stop the walk
 */
typedef int pwl_sessions_visitor_t(void *ctx, const unsigned char *skey,
                                   const pwl_session_t *session,
                                   apr_pool_t *scratch);

/**
 * Visit every session, without a lock: one that comes, goes or moves meanwhile
 * is seen or not, but never half. The visitor may remove what it is shown.
 * Those past their time are shown until they are swept.
 */
void pwl_sessions_each(pwl_sessions_t *table, pwl_sessions_visitor_t *visit,
                       void *ctx, apr_pool_t *pool);

/**
 * Visit every session for a visitor that removes those it means: once more when
 * all were visited. One that is written anew meanwhile (a refresh) moves, and
 * the first walk may be in neither of its places at the right moment; it does
 * not move twice in so short a time.
 */
void pwl_sessions_end_each(pwl_sessions_t *table, pwl_sessions_visitor_t *visit,
                           void *ctx, apr_pool_t *pool);

/**
 * Copy into `to` what is in `from` and not past its time at `now`. Nobody
 * writes to either.
 * @return how many did not fit; *moved is how many did
 */
apr_uint64_t pwl_sessions_move(pwl_sessions_t *from, pwl_sessions_t *to,
                               apr_time_t now, apr_uint64_t *moved);

#endif
