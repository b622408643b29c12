/* SPDX-License-Identifier: Apache-2.0 */
#include "io/fleet_throttle.h"

#include <string.h>

#include "io/fleet_parts.h"

void pwl_fleet_keep_throttles(pwl_fleet_t *fleet, pwl_throttles_t *table,
                              pwl_throttles_t *known, const unsigned char *key)
{
    fleet->throttles = table;
    fleet->known = known;
    fleet->throttle_key = key;
}

static void digest_of(const pwl_fleet_t *fleet, const char *name,
                      unsigned char *key)
{
    unsigned char digest[32];

    pwl_seal_derive(fleet->throttle_key, PWL_SEAL_KEY_BYTES, "throttle", name,
                    strlen(name), digest);
    memcpy(key, digest, PWL_THROTTLES_KEY_BYTES);
}

static void bucket_key(const pwl_fleet_t *fleet,
                       const pwl_throttle_bucket_t *bucket, int known,
                       unsigned char *key)
{
    digest_of(fleet, pwl_throttle_name(bucket, known), key);
}

static apr_interval_time_t known_here(const pwl_fleet_t *fleet,
                                      const char *name, apr_time_t now)
{
    unsigned char key[PWL_THROTTLES_KEY_BYTES];

    if (!name || !fleet->known)
        return 0;
    digest_of(fleet, name, key);
    return pwl_throttles_knows(fleet->known, key, now);
}

static void give_back_here(const pwl_fleet_t *fleet,
                           const pwl_throttle_ask_t *ask,
                           const pwl_throttle_told_t *told)
{
    unsigned char key[PWL_THROTTLES_KEY_BYTES];

    for (int i = 0; i < ask->count; i++) {
        if (!(told->noted & 1U << i))
            continue;
        bucket_key(fleet, &ask->bucket[i], told->known, key);
        pwl_throttles_give_back(fleet->throttles, key, &ask->bucket[i].limit);
    }
}

/* In turn; what was taken is put back when a later one says no, so that none
 * ever gives more than it has. */
static pwl_result_t take_here(const pwl_fleet_t *fleet,
                              const pwl_throttle_ask_t *ask, apr_time_t now,
                              pwl_throttle_told_t *told)
{
    unsigned char key[PWL_THROTTLES_KEY_BYTES];
    pwl_result_t res = {PWL_OK, 0, NULL};

    told->here = 1;
    told->known = known_here(fleet, ask->known, now) > 0;
    for (int i = 0; i < ask->count; i++) {
        const pwl_throttle_bucket_t *one = &ask->bucket[i];

        bucket_key(fleet, one, told->known, key);
        res = (one->look ? pwl_throttles_look : pwl_throttles_take)(
            fleet->throttles, key, &one->limit, now, &told->wait);
        if (told->wait > 0)
            told->which = i;
        if (res.why != PWL_OK || told->which >= 0) {
            give_back_here(fleet, ask, told);
            told->noted = 0;
            break;
        }
        if (!one->look)
            told->noted |= 1U << i;
    }
    return res;
}

/* Redis has counted: this machine's own share, for when it does not answer. A
 * bucket that is full here already, or a failure, changes nothing, and nothing
 * of it is put back. */
static void note_here(const pwl_fleet_t *fleet, const pwl_throttle_ask_t *ask,
                      apr_time_t now, pwl_throttle_told_t *told)
{
    unsigned char key[PWL_THROTTLES_KEY_BYTES];
    apr_interval_time_t wait;

    for (int i = 0; i < ask->count; i++) {
        if (ask->bucket[i].look)
            continue;
        bucket_key(fleet, &ask->bucket[i], told->known, key);
        if (pwl_throttles_take(fleet->throttles, key, &ask->bucket[i].limit,
                               now, &wait)
                    .why == PWL_OK &&
            wait == 0)
            told->noted |= 1U << i;
    }
}

pwl_result_t pwl_fleet_throttle_take(pwl_fleet_t *fleet,
                                     const pwl_throttle_ask_t *ask,
                                     apr_time_t now, pwl_throttle_told_t *told,
                                     apr_pool_t *pool)
{
    pwl_throttle_told_t nothing = {.which = -1};
    pwl_result_t res = {PWL_STORE_FAILED, 0, "no place to count"};

    *told = nothing;
    if (!fleet->throttles)
        return res;
    if (!fleet->remote || !pwl_follow_may_ask(fleet->follow, now))
        return take_here(fleet, ask, now, told);
    res = pwl_remotethrottle_take(
        fleet->counts, ask, known_here(fleet, ask->known, now), told, pool);
    pwl_follow_note(fleet->follow, res, 0, now);
    if (res.why != PWL_OK) {
        *told = nothing;
        told->detail = res.rv == 0 ? res.detail : NULL;
        return take_here(fleet, ask, now, told);
    }
    if (told->which < 0)
        note_here(fleet, ask, now, told);
    return res;
}

void pwl_fleet_throttle_give_back(pwl_fleet_t *fleet,
                                  const pwl_throttle_ask_t *ask,
                                  const pwl_throttle_told_t *told,
                                  apr_time_t now, apr_pool_t *pool)
{
    if (told->which >= 0 || !fleet->throttles)
        return;
    give_back_here(fleet, ask, told);
    for (int i = 0; i < ask->count && !told->here; i++) {
        const pwl_throttle_bucket_t *one = &ask->bucket[i];

        if (one->look || one->limit.count == 0)
            continue;
        if (!pwl_follow_may_ask(fleet->follow, now))
            return;
        pwl_follow_note(
            fleet->follow,
            pwl_remotethrottle_give_back(fleet->counts, one, told, pool), 0,
            now);
    }
}

void pwl_fleet_throttle_remember(pwl_fleet_t *fleet, const char *name,
                                 apr_interval_time_t life, apr_time_t now,
                                 apr_pool_t *pool)
{
    unsigned char key[PWL_THROTTLES_KEY_BYTES];

    if (fleet->known) {
        digest_of(fleet, name, key);
        pwl_throttles_remember(fleet->known, key, now, now + life);
    }
    if (!fleet->remote || !pwl_follow_may_ask(fleet->follow, now))
        return;
    pwl_follow_note(
        fleet->follow,
        pwl_remotethrottle_remember(fleet->counts, name, life, pool), 0, now);
}
