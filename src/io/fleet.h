/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions, wherever they are: in this machine's table alone, or in Redis with
 * the table as its cache. httpd's side asks here and need not know which.
 *
 * With Redis:
 *
 *   hit in the table      no question to Redis, if the log was read within
 *                         PWL_FOLLOW_POLL; else one request reads it first
 *   miss                  Redis is asked; nil means unknown, no answer means
 *                         PWL_STORE_FAILED: the two are never mixed up
 *   sign-in, end, touch   Redis first, the table after
 *   new tokens            the same, by who has the session's lease
 *
 * So a session ended on one machine is over on each other after at most
 * PWL_FOLLOW_POLL, one timeout of Redis and PWL_FOLLOW_SLACK. While Redis does
 * not answer, sessions in the table go on for the grace, counted from when the
 * log was last read; after it everything is PWL_STORE_FAILED.
 *
 * `now` is the wall clock at the time of the call.
 */
#ifndef PWL_IO_FLEET_H
#define PWL_IO_FLEET_H

#include "io/follow.h"
#include "io/logouts.h"
#include "io/remote.h"
#include "io/remotelease.h"
#include "io/sessions.h"

typedef struct pwl_fleet_t pwl_fleet_t; /* one child's, shared by threads */

typedef struct {
    pwl_redis_to_t redis;
    const char *prefix;
    apr_interval_time_t grace;
    apr_interval_time_t longest; /* life of any session, at most */
} pwl_fleet_conf_t;

/** Sessions in `table` alone. */
pwl_fleet_t *pwl_fleet_local(pwl_sessions_t *table, apr_pool_t *pool);

/**
 * Sessions in Redis, `table` their cache. Once a child: connections must not
 * cross a fork.
 * @param shared  what the children of this machine share
 * @param keep    connections that stay open, at most
 * @return NULL when libcrypto or a mutex fails
 */
pwl_fleet_t *pwl_fleet_remote(pwl_sessions_t *table,
                              pwl_follow_shared_t *shared,
                              const pwl_fleet_conf_t *conf,
                              const pwl_seal_keys_t *keys, int keep,
                              apr_pool_t *pool);

int pwl_fleet_is_remote(const pwl_fleet_t *fleet);

/** Could a session be made now? Asked before a sign-in costs somebody a code.
 * @return PWL_OK, PWL_STORE_FAILED */
pwl_result_t pwl_fleet_ready(pwl_fleet_t *fleet, apr_time_t now,
                             apr_pool_t *pool);

/** As pwl_sessions_get(). PWL_STORE_FAILED: nobody knows. */
pwl_result_t pwl_fleet_get(pwl_fleet_t *fleet, const unsigned char *skey,
                           apr_time_t now, pwl_session_t *out,
                           apr_pool_t *pool);

/** Look again in Redis, whatever the table says: before a session is refused
 * as idle that another machine may have seen in use.
 * @return as pwl_fleet_get(); without Redis PWL_OK, and `out` as it was */
pwl_result_t pwl_fleet_refresh(pwl_fleet_t *fleet, const unsigned char *skey,
                               apr_time_t now, pwl_session_t *out,
                               apr_pool_t *pool);

/** As pwl_sessions_put(). @param expires  when it may be forgotten */
pwl_result_t pwl_fleet_put(pwl_fleet_t *fleet, const unsigned char *skey,
                           const pwl_session_t *session, apr_time_t expires,
                           apr_time_t now, apr_pool_t *pool);

/** Keep fresh; session->last_seen is what is written.
 * @return PWL_OK; PWL_SESSION_UNKNOWN: it has ended meanwhile;
 *         PWL_STORE_FAILED: it could not be written everywhere */
pwl_result_t pwl_fleet_touch(pwl_fleet_t *fleet, const unsigned char *skey,
                             const pwl_session_t *session, apr_time_t expires,
                             apr_time_t now, apr_pool_t *pool);

/**
 * Write a session anew if it is still there, for who holds its lease.
 * @param expires  as for pwl_fleet_put()
 * @return as pwl_fleet_put(), and PWL_SESSION_UNKNOWN: it has ended meanwhile
 */
pwl_result_t pwl_fleet_replace(pwl_fleet_t *fleet, const unsigned char *skey,
                               const pwl_session_t *session, apr_time_t expires,
                               apr_time_t now, apr_pool_t *pool);

/** Take the lease by which machines agree who writes a session; with the table
 * alone there is nobody to agree with, and all is well.
 * @return as pwl_remotelease_take() */
pwl_result_t pwl_fleet_lease(pwl_fleet_t *fleet, const unsigned char *skey,
                             apr_interval_time_t life, apr_time_t now,
                             pwl_remotelease_held_t *held, apr_pool_t *pool);

void pwl_fleet_unlease(pwl_fleet_t *fleet, const unsigned char *skey,
                       const pwl_remotelease_held_t *held, apr_time_t now,
                       apr_pool_t *pool);

/** End it everywhere. With PWL_STORE_FAILED it has ended nowhere.
 * @param session  NULL if not at hand
 * @return PWL_OK, PWL_SESSION_UNKNOWN, PWL_STORE_FAILED */
pwl_result_t pwl_fleet_remove(pwl_fleet_t *fleet, const unsigned char *skey,
                              const pwl_session_t *session, apr_time_t now,
                              apr_pool_t *pool);

/** End all sessions of a realm, or of one user in it (NULL: of all), with
 * Redis only. @return PWL_OK, PWL_STORE_FAILED: not all may have ended */
pwl_result_t pwl_fleet_remove_many(pwl_fleet_t *fleet,
                                   const unsigned char *realm, const char *user,
                                   int *ended, apr_time_t now,
                                   apr_pool_t *pool);

/* ---- Back-Channel Logout (io/fleet_logout.c) ---- */

/** Where what logout tokens leave behind is kept, with the table alone. */
void pwl_fleet_keep_logouts(pwl_fleet_t *fleet, pwl_logouts_t *logouts);

/**
 * Remember a token: it counts once, on all machines together.
 * @param key    of its `jti`, as pwl_logouttoken_key() makes it
 * @param until  it may be forgotten from then on
 * @return PWL_OK the first time; PWL_LOGOUT_REPLAY; PWL_STORE_FAILED
 */
pwl_result_t pwl_fleet_logout_once(pwl_fleet_t *fleet, const unsigned char *key,
                                   apr_time_t until, apr_time_t now,
                                   apr_pool_t *pool);

/**
 * Remember that sessions of somebody are over, before they are ended: a
 * sign-in that adds one meanwhile asks pwl_fleet_logout_asked() after that.
 * @param key     of the token's `sid` or `sub`
 * @param issued  its `iat`
 * @return PWL_OK, PWL_STORE_FAILED
 */
pwl_result_t pwl_fleet_logout_tell(pwl_fleet_t *fleet, const unsigned char *key,
                                   apr_time_t issued, apr_time_t until,
                                   apr_time_t now, apr_pool_t *pool);

/**
 * Did a token end what begins here?
 * @param keys    `count` of them, two at most
 * @param issued  `iat` of the ID token
 * @return PWL_OK: no; PWL_LOGOUT_BEFORE: one not older than that;
 *         PWL_STORE_FAILED
 */
pwl_result_t pwl_fleet_logout_asked(pwl_fleet_t *fleet,
                                    const unsigned char *const *keys, int count,
                                    apr_time_t issued, apr_time_t now,
                                    apr_pool_t *pool);

/**
 * End the sessions of one user or of one session at the tenant, everywhere.
 *
 * Without Redis that is a walk over the table, without a lock but the one that
 * each ended session takes: a second for a million sessions. With
 * Redis it is four commands for each session in the list of the name.
 * @param whose  says sub or sid at least
 * @param ended  how many were ended, also when not all could be
 * @return PWL_OK, PWL_STORE_FAILED
 */
pwl_result_t pwl_fleet_remove_whose(pwl_fleet_t *fleet,
                                    const pwl_session_whose_t *whose,
                                    int *ended, apr_time_t now,
                                    apr_pool_t *pool);

/** Has Redis failed or come back since somebody was last told?
 * @param detail  in `pool`, why it failed
 * @return 0: nothing new; -1: it failed; 1: it is back */
int pwl_fleet_tidings(pwl_fleet_t *fleet, const char **detail,
                      apr_pool_t *pool);

/** How Redis does, for the status page.
 * @return 0 without Redis, and `out` as it was */
int pwl_fleet_stats(const pwl_fleet_t *fleet, pwl_follow_stats_t *out);

#endif
