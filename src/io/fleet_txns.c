/* SPDX-License-Identifier: Apache-2.0 */
#include "io/fleet_txns.h"

#include "io/fleet_parts.h"

void pwl_fleet_keep_txns(pwl_fleet_t *fleet, pwl_txns_t *table)
{
    fleet->txns = table;
}

/* Redis was asked, and this is how it went. */
static pwl_result_t noted(pwl_fleet_t *fleet, pwl_result_t res, apr_time_t now)
{
    pwl_follow_note(fleet->follow, res, 0, now);
    return res;
}

pwl_result_t pwl_fleet_txns_with(pwl_fleet_t *fleet, const unsigned char *txn,
                                 int create, apr_time_t now, apr_time_t expires,
                                 pwl_txns_fn_t *fn, void *baton,
                                 apr_pool_t *pool)
{
    if (!fleet->remote)
        return pwl_txns_with(fleet->txns, txn, create, now, expires, fn, baton);
    if (!pwl_follow_may_ask(fleet->follow, now))
        return pwl_follow_refused();
    return noted(fleet,
                 pwl_remotetxns_with(fleet->signins, txn, create, now, expires,
                                     fn, baton, pool),
                 now);
}

pwl_result_t pwl_fleet_txns_use_once(pwl_fleet_t *fleet,
                                     const unsigned char *id, apr_time_t now,
                                     apr_time_t expires, apr_pool_t *pool)
{
    if (!fleet->remote)
        return pwl_txns_use_once(fleet->txns, id, now, expires);
    if (!pwl_follow_may_ask(fleet->follow, now))
        return pwl_follow_refused();
    return noted(
        fleet, pwl_remotetxns_use_once(fleet->signins, id, now, expires, pool),
        now);
}

pwl_result_t pwl_fleet_txns_newest_set(pwl_fleet_t *fleet,
                                       const unsigned char *who,
                                       const unsigned char *txn, apr_time_t now,
                                       apr_time_t expires, apr_pool_t *pool)
{
    if (!fleet->remote)
        return pwl_txns_newest_set(fleet->txns, who, txn, now, expires);
    if (!pwl_follow_may_ask(fleet->follow, now))
        return pwl_follow_refused();
    return noted(
        fleet,
        pwl_remotetxns_newest_set(fleet->signins, who, txn, now, expires, pool),
        now);
}

pwl_result_t pwl_fleet_txns_newest_get(pwl_fleet_t *fleet,
                                       const unsigned char *who,
                                       unsigned char *txn, apr_time_t now,
                                       apr_pool_t *pool)
{
    if (!fleet->remote)
        return pwl_txns_newest_get(fleet->txns, who, txn, now);
    if (!pwl_follow_may_ask(fleet->follow, now))
        return pwl_follow_refused();
    return noted(
        fleet, pwl_remotetxns_newest_get(fleet->signins, who, txn, pool), now);
}
