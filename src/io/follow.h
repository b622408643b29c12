/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Following the other machines: is Redis answering, has its log been read
 * lately, and may the table here still be believed?
 *
 * The children of a machine share one pwl_follow_shared_t. One request at a
 * time reads the log, when it was read longer ago than PWL_FOLLOW_POLL.
 */
#ifndef PWL_IO_FOLLOW_H
#define PWL_IO_FOLLOW_H

#include "core/metrics.h"
#include "io/remotelog.h"
#include "io/sessions.h"

#define PWL_FOLLOW_POLL apr_time_from_sec(2)
/** How much older the log may be before those wait who only see that somebody
 * else is reading it. */
#define PWL_FOLLOW_SLACK apr_time_from_sec(1)

typedef struct pwl_follow_shared_t pwl_follow_shared_t; /* in shared memory */
typedef struct pwl_follow_t pwl_follow_t; /* one child's, shared by threads */

typedef struct {
    int up; /* Redis answered when it was last asked, or was not asked yet */
    apr_uint64_t asked[PWL_REDIS_COUNT];
    apr_uint64_t log_read; /* times the log was read to its end */
    apr_uint64_t ended;    /* sessions that were ended */
} pwl_follow_stats_t;

/** Bytes of a pwl_follow_shared_t; zeroed memory is a new one. */
apr_size_t pwl_follow_shared_bytes(void);

/** @param timeout  of one call to Redis
 *  @param grace    how long the table is believed while the log cannot be
 *                  read, counted from when it last was */
pwl_follow_t *pwl_follow_make(pwl_follow_shared_t *shared,
                              pwl_sessions_t *table, const pwl_remotelog_t *log,
                              apr_interval_time_t timeout,
                              apr_interval_time_t grace, apr_pool_t *pool);

/** May Redis be asked now? @return 1: yes, and pwl_follow_note() must follow;
 * 0: it failed a moment ago, and pwl_follow_refused() is the answer */
int pwl_follow_may_ask(pwl_follow_t *follow, apr_time_t now);

pwl_result_t pwl_follow_refused(void);

/**
 * Note how a call to Redis went. An error answer (rv 0) to a write is no reason
 * to stop asking: a server that answers makes nobody wait.
 * @param must_work  take an error answer for a failure, too
 * @param now        as given to pwl_follow_may_ask()
 */
void pwl_follow_note(pwl_follow_t *follow, pwl_result_t res, int must_work,
                     apr_time_t now);

int pwl_follow_is_broken(const pwl_follow_t *follow);

/**
 * See to it that the table may be believed: nothing that ended elsewhere more
 * than a moment ago is in it. Takes one timeout of Redis at most when somebody
 * else reads, three when this request does.
 * @return PWL_OK, or PWL_STORE_FAILED: the grace is over
 */
pwl_result_t pwl_follow_catch_up(pwl_follow_t *follow, apr_time_t now,
                                 apr_pool_t *pool);

/** Of this machine, since it began to follow; each number is right, they need
 * not be of one moment. */
void pwl_follow_stats(const pwl_follow_t *follow, pwl_follow_stats_t *out);

/** Copies made in another epoch are worth nothing: the log lost track since. */
apr_uint64_t pwl_follow_epoch(const pwl_follow_t *follow);

/** Grows with every session that ended. Who copies a session into the table
 * compares it before asking Redis and after writing the copy. */
apr_uint64_t pwl_follow_applied(const pwl_follow_t *follow);

/** A session ended: count it, then take it out of the table. */
void pwl_follow_ended(pwl_follow_t *follow, const unsigned char *skey);

/** Have the log read with the next request. */
void pwl_follow_hurry(pwl_follow_t *follow, apr_time_t now);

/** Has Redis failed or come back since somebody was last told?
 * @param detail  in `pool`, why it failed
 * @return 0: nothing new; -1: it failed; 1: it is back */
int pwl_follow_tidings(pwl_follow_t *follow, const char **detail,
                       apr_pool_t *pool);

#endif
