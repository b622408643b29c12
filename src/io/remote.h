/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions as they lie in Redis, below a prefix:
 *
 *   s:NAME   a session: core/record.h, sealed; expires by itself
 *   u:NAME   names of one user's sessions in one realm, by time of expiry; and
 *            of those that came of one session at the tenant (`sid`)
 *   log      a stream: keys of sessions that were ended, each sealed
 *
 * A NAME is an HMAC under a key derived from the seal key, of a session's key
 * or of realm and user (`sub`, e-mail address, phone number: a list for each).
 * So whoever reads all of Redis has no cookie, no name, no address, and cannot
 * tell which record a cookie belongs to; and whoever writes to it can lose
 * sessions, not make any.
 *
 * With two seal keys (rotation) both names are looked under; new ones get the
 * first. The log is io/remotelog.h's.
 */
#ifndef PWL_IO_REMOTE_H
#define PWL_IO_REMOTE_H

#include "core/seal.h"
#include "core/session.h"
#include "io/redis.h"
#include "io/remotelog.h"

typedef struct pwl_remote_t pwl_remote_t; /* read-only, shared by threads */

/** @param prefix  stays the caller's. @return NULL when libcrypto fails */
pwl_remote_t *pwl_remote_make(pwl_redis_t *redis, const pwl_seal_keys_t *keys,
                              const char *prefix, apr_pool_t *pool);

/** @return PWL_OK; PWL_SESSION_UNKNOWN: Redis says there is none;
 *          PWL_SESSION_DAMAGED: it is none of ours; PWL_STORE_FAILED */
pwl_result_t pwl_remote_get(pwl_remote_t *remote, const unsigned char *skey,
                            pwl_session_t *out, apr_pool_t *pool);

/**
 * Add a session.
 * @param life  until it expires by itself, above 0
 * @param most  longest life of any session: the user's list is kept that long
 * @return PWL_OK; PWL_STORE_FULL: there is one of that key;
 * PWL_SESSION_TOO_BIG; PWL_SEAL_FAILED; PWL_STORE_FAILED
 */
pwl_result_t pwl_remote_put(pwl_remote_t *remote, const unsigned char *skey,
                            const pwl_session_t *session, apr_time_t now,
                            apr_interval_time_t life, apr_interval_time_t most,
                            apr_pool_t *pool);

/** Write a session anew, if it is still there. @return as pwl_remote_put(),
 * and PWL_SESSION_UNKNOWN */
pwl_result_t pwl_remote_touch(pwl_remote_t *remote, const unsigned char *skey,
                              const pwl_session_t *session,
                              apr_interval_time_t life, apr_pool_t *pool);

/**
 * End a session and write that to the log, both or neither.
 * @param session  NULL: its user's list keeps the name until it expires
 * @return PWL_OK, PWL_SESSION_UNKNOWN, PWL_SEAL_FAILED, PWL_STORE_FAILED
 */
pwl_result_t pwl_remote_remove(pwl_remote_t *remote, const unsigned char *skey,
                               const pwl_session_t *session, apr_pool_t *pool);

/**
 * End the sessions of one user, or of one session at the tenant.
 * @param whose  says user, sub or sid at least
 * @param ended  how many were ended, also when not all could be
 * @return PWL_OK; PWL_STORE_FAILED
 */
pwl_result_t pwl_remote_remove_whose(pwl_remote_t *remote,
                                     const pwl_session_whose_t *whose,
                                     int *ended, apr_pool_t *pool);

/** End all sessions of a realm, one after another: three commands each.
 * @return as pwl_remote_remove_whose() */
pwl_result_t pwl_remote_remove_all(pwl_remote_t *remote,
                                   const unsigned char *realm, int *ended,
                                   apr_pool_t *pool);

/** The log that pwl_remote_remove() writes to. */
pwl_remotelog_t *pwl_remote_log(pwl_remote_t *remote);

#endif
