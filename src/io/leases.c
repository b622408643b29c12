/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leases in shared memory: sets of eight places, one lock.
 *
 *     | magic, version, size | lock | set 0: 8 places | ... | set 255 |
 *
 * One lock is enough: it is taken once or twice for each access token's life,
 * never by a request whose token is good for longer, and for nanoseconds.
 *
 * Must stay true:
 *  1. a place counts while now < until <= now + PWL_LEASES_LONGEST; any other
 *     is free, so nothing that a dead process or an old clock left lasts;
 *  2. a key is written while its place is free (until 0). A process that dies
 *     in there leaves a free place, so there is nothing to repair;
 *  3. a place that counts is never given to another session: a full set
 *     answers PAUSED.
 */
#include "io/leases.h"

#include <string.h>

#include "io/tablehead.h"

#define WAYS 8
#define SETS (PWL_LEASES_SLOTS / WAYS)

typedef struct {
    unsigned char skey[PWL_SKEY_BYTES];
    apr_time_t until; /* 0: free */
    int paused;
} place_t;

struct pwl_leases_t {
    pwl_tablehead_t head;
    place_t places[SETS][WAYS];
};

static const pwl_tablekind_t kind = {0x6c656173u, /* "leas" */ 1,
                                     sizeof(pwl_leases_t), "the leases"};

apr_size_t pwl_leases_bytes(void)
{
    return kind.bytes;
}

pwl_result_t pwl_leases_format(void *base, apr_size_t bytes, pwl_leases_t **out,
                               apr_pool_t *pool)
{
    pwl_result_t res = pwl_tablehead_format(base, bytes, &kind, pool);

    *out = res.why == PWL_OK ? base : NULL;
    return res;
}

pwl_result_t pwl_leases_attach(void *base, apr_size_t bytes, pwl_leases_t **out,
                               apr_pool_t *pool)
{
    pwl_result_t res = pwl_tablehead_check(base, bytes, &kind, pool);

    *out = res.why == PWL_OK ? base : NULL;
    return res;
}

/* A key is a SHA-256: any of its bytes are spread already. */
static place_t *set_of(pwl_leases_t *leases, const unsigned char *skey)
{
    return leases->places[(skey[0] | skey[1] << 8) % SETS];
}

static place_t *find(pwl_leases_t *leases, const unsigned char *skey)
{
    place_t *set = set_of(leases, skey);

    for (int i = 0; i < WAYS; i++) {
        if (set[i].until != 0 && !memcmp(set[i].skey, skey, PWL_SKEY_BYTES))
            return &set[i];
    }
    return NULL;
}

static int counts(const place_t *place, apr_time_t now)
{
    return now < place->until && place->until - now <= PWL_LEASES_LONGEST;
}

static place_t *find_free(pwl_leases_t *leases, const unsigned char *skey,
                          apr_time_t now)
{
    place_t *set = set_of(leases, skey);

    for (int i = 0; i < WAYS; i++) {
        if (!counts(&set[i], now))
            return &set[i];
    }
    return NULL;
}

static void mark(place_t *place, const unsigned char *skey, apr_time_t until,
                 int paused)
{
    __atomic_store_n(&place->until, 0, __ATOMIC_SEQ_CST);
    memcpy(place->skey, skey, PWL_SKEY_BYTES);
    place->paused = paused;
    __atomic_store_n(&place->until, until, __ATOMIC_SEQ_CST);
}

pwl_leases_state_t pwl_leases_take(pwl_leases_t *leases,
                                   const unsigned char *skey, apr_time_t now,
                                   apr_interval_time_t life)
{
    pwl_leases_state_t state = PWL_LEASES_PAUSED; /* until it is ours */
    int owner_died;
    place_t *place;

    if (pwl_robust_lock(&leases->head.lock, &owner_died, NULL))
        return state;
    place = find(leases, skey);
    if (place && counts(place, now)) {
        state = place->paused ? PWL_LEASES_PAUSED : PWL_LEASES_BUSY;
    } else {
        if (!place)
            place = find_free(leases, skey, now);
        if (place) {
            mark(place, skey, now + life, 0);
            state = PWL_LEASES_MINE;
        }
    }
    pwl_robust_unlock(&leases->head.lock);
    return state;
}

/* Nothing to do when it cannot be locked: the lease ends by itself. */
static void change(pwl_leases_t *leases, const unsigned char *skey,
                   apr_time_t until)
{
    int owner_died;
    place_t *place;

    if (pwl_robust_lock(&leases->head.lock, &owner_died, NULL))
        return;
    place = find(leases, skey);
    if (place)
        mark(place, skey, until, 1);
    pwl_robust_unlock(&leases->head.lock);
}

void pwl_leases_give(pwl_leases_t *leases, const unsigned char *skey)
{
    change(leases, skey, 0);
}

void pwl_leases_pause(pwl_leases_t *leases, const unsigned char *skey,
                      apr_time_t until)
{
    change(leases, skey, until);
}
