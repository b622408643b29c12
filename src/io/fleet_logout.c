/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a logout token does to sessions, wherever they are.
 *
 * A sign-in may be under way while the token arrives. What must stay true:
 *
 *     the token   tell, then end what is there
 *     a sign-in   put the session, then ask, and end it if a token was there
 *
 * Whichever comes first, one of the two sees the other. So a session lives on
 * only if its ID token is younger than the logout token.
 */
#include "io/fleet.h"

#include "io/fleet_parts.h"
#include "io/sessions_walk.h"

#define KEYS 2 /* of a session: sid and sub */

void pwl_fleet_keep_logouts(pwl_fleet_t *fleet, pwl_logouts_t *logouts)
{
    fleet->logouts = logouts;
}

static pwl_result_t nowhere(void)
{
    return (pwl_result_t){PWL_STORE_FAILED, 0, "no place for logout tokens"};
}

pwl_result_t pwl_fleet_logout_once(pwl_fleet_t *fleet, const unsigned char *key,
                                   apr_time_t until, apr_time_t now,
                                   apr_pool_t *pool)
{
    pwl_result_t res;

    if (!fleet->remote)
        return fleet->logouts
                   ? pwl_logouts_note(fleet->logouts, key, 0, until, now)
                   : nowhere();
    if (!pwl_follow_may_ask(fleet->follow, now))
        return pwl_follow_refused();
    res = pwl_remotelogout_once(fleet->ended, key, until - now, pool);
    pwl_follow_note(fleet->follow, res, 0, now);
    return res;
}

pwl_result_t pwl_fleet_logout_tell(pwl_fleet_t *fleet, const unsigned char *key,
                                   apr_time_t issued, apr_time_t until,
                                   apr_time_t now, apr_pool_t *pool)
{
    pwl_result_t res = nowhere();

    if (fleet->remote) {
        if (!pwl_follow_may_ask(fleet->follow, now))
            return pwl_follow_refused();
        res =
            pwl_remotelogout_tell(fleet->ended, key, issued, until - now, pool);
        pwl_follow_note(fleet->follow, res, 0, now);
    } else if (fleet->logouts) {
        res = pwl_logouts_note(fleet->logouts, key, issued, until, now);
        /* An earlier token said the same. */
        if (res.why == PWL_LOGOUT_REPLAY)
            res.why = PWL_OK;
    }
    return res;
}

static pwl_result_t ask_here(pwl_fleet_t *fleet,
                             const unsigned char *const *keys, int count,
                             apr_time_t now, apr_time_t *since)
{
    pwl_result_t res = {PWL_OK, 0, NULL};

    for (int i = 0; i < count && fleet->logouts && res.why == PWL_OK; i++)
        res = pwl_logouts_find(fleet->logouts, keys[i], now, &since[i]);
    return res;
}

pwl_result_t pwl_fleet_logout_asked(pwl_fleet_t *fleet,
                                    const unsigned char *const *keys, int count,
                                    apr_time_t issued, apr_time_t now,
                                    apr_pool_t *pool)
{
    apr_time_t since[KEYS] = {0, 0};
    pwl_result_t res;

    if (!fleet->remote) {
        res = ask_here(fleet, keys, count, now, since);
    } else {
        if (!pwl_follow_may_ask(fleet->follow, now))
            return pwl_follow_refused();
        res = pwl_remotelogout_asked(fleet->ended, keys, count, since, pool);
        pwl_follow_note(fleet->follow, res, 0, now);
    }
    for (int i = 0; i < count && res.why == PWL_OK; i++) {
        if (since[i] != 0 && since[i] >= issued)
            res.why = PWL_LOGOUT_BEFORE;
    }
    return res;
}

/* ---- ending them ---- */

typedef struct {
    pwl_sessions_t *table;
    const pwl_session_whose_t *whose;
    int ended;
    pwl_result_t res;
} walk_t;

static int visit(void *ctx, const unsigned char *skey,
                 const pwl_session_t *session, apr_pool_t *scratch)
{
    walk_t *walk = ctx;
    pwl_result_t res;

    if (!pwl_session_is_one_of(session, walk->whose))
        return 1;
    res = pwl_sessions_remove(walk->table, skey);
    walk->ended += res.why == PWL_OK;
    if (res.why == PWL_STORE_FAILED)
        walk->res = res; /* the others all the same */
    return 1;
}

pwl_result_t pwl_fleet_remove_whose(pwl_fleet_t *fleet,
                                    const pwl_session_whose_t *whose,
                                    int *ended, apr_time_t now,
                                    apr_pool_t *pool)
{
    walk_t walk = {fleet->table, whose, 0, {PWL_OK, 0, NULL}};
    pwl_result_t res;

    *ended = 0;
    if (!fleet->remote) {
        pwl_sessions_end_each(fleet->table, visit, &walk, pool);
        *ended = walk.ended;
        return walk.res;
    }
    if (!pwl_follow_may_ask(fleet->follow, now))
        return pwl_follow_refused();
    res = pwl_remote_remove_whose(fleet->remote, whose, ended, pool);
    pwl_follow_note(fleet->follow, res, 0, now);
    /* The table learns it from the log: with the next request. */
    pwl_follow_hurry(fleet->follow, now);
    return res;
}
