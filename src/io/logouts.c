/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets of eight places, one lock:
 *
 *     | magic, version, size | lock | set 0: 8 places | ... | set 1023 |
 *
 * Taken twice for a logout token and once for a sign-in, for nanoseconds.
 *
 * Must stay true:
 *  1. a place counts while now < until; any other is free;
 *  2. a place is written while it is free (until 0). A process that dies in
 *     there leaves a free place, so there is nothing to repair.
 */
#include "io/logouts.h"

#include <string.h>

#include "io/tablehead.h"

#define WAYS 8
#define SETS (PWL_LOGOUTS_SLOTS / WAYS)

typedef struct {
    unsigned char key[PWL_LOGOUTTOKEN_KEY_BYTES];
    apr_time_t since;
    apr_time_t until; /* 0: free */
} place_t;

struct pwl_logouts_t {
    pwl_tablehead_t head;
    place_t places[SETS][WAYS];
};

static const pwl_tablekind_t kind = {0x6c6f676fu, /* "logo" */ 1,
                                     sizeof(pwl_logouts_t), "logout tokens"};

apr_size_t pwl_logouts_bytes(void)
{
    return kind.bytes;
}

pwl_result_t pwl_logouts_format(void *base, apr_size_t bytes,
                                pwl_logouts_t **out, apr_pool_t *pool)
{
    pwl_result_t res = pwl_tablehead_format(base, bytes, &kind, pool);

    *out = res.why == PWL_OK ? base : NULL;
    return res;
}

pwl_result_t pwl_logouts_attach(void *base, apr_size_t bytes,
                                pwl_logouts_t **out, apr_pool_t *pool)
{
    pwl_result_t res = pwl_tablehead_check(base, bytes, &kind, pool);

    *out = res.why == PWL_OK ? base : NULL;
    return res;
}

/* A key is a SHA-256: any of its bytes are spread already. */
static place_t *set_of(pwl_logouts_t *logouts, const unsigned char *key)
{
    return logouts->places[(key[0] | key[1] << 8) % SETS];
}

static place_t *find(pwl_logouts_t *logouts, const unsigned char *key,
                     apr_time_t now)
{
    place_t *set = set_of(logouts, key);

    for (int i = 0; i < WAYS; i++) {
        if (set[i].until > now &&
            !memcmp(set[i].key, key, PWL_LOGOUTTOKEN_KEY_BYTES))
            return &set[i];
    }
    return NULL;
}

/* The place that ends first: a free one, if there is one. */
static place_t *first_to_end(pwl_logouts_t *logouts, const unsigned char *key)
{
    place_t *set = set_of(logouts, key);
    place_t *first = set;

    for (int i = 1; i < WAYS; i++) {
        if (set[i].until < first->until)
            first = &set[i];
    }
    return first;
}

static void mark(place_t *place, const unsigned char *key, apr_time_t since,
                 apr_time_t until)
{
    __atomic_store_n(&place->until, 0, __ATOMIC_SEQ_CST);
    memcpy(place->key, key, PWL_LOGOUTTOKEN_KEY_BYTES);
    place->since = since;
    __atomic_store_n(&place->until, until, __ATOMIC_SEQ_CST);
}

pwl_result_t pwl_logouts_note(pwl_logouts_t *logouts, const unsigned char *key,
                              apr_time_t since, apr_time_t until,
                              apr_time_t now)
{
    pwl_result_t res = {PWL_STORE_FAILED, 0, NULL};
    int owner_died;
    place_t *place;

    res.rv = pwl_robust_lock(&logouts->head.lock, &owner_died, NULL);
    if (res.rv != APR_SUCCESS)
        return res;
    place = find(logouts, key, now);
    res.why = place ? PWL_LOGOUT_REPLAY : PWL_OK;
    if (!place)
        mark(first_to_end(logouts, key), key, since, until);
    else
        mark(place, key, since > place->since ? since : place->since,
             until > place->until ? until : place->until);
    pwl_robust_unlock(&logouts->head.lock);
    return res;
}

pwl_result_t pwl_logouts_find(pwl_logouts_t *logouts, const unsigned char *key,
                              apr_time_t now, apr_time_t *since)
{
    pwl_result_t res = {PWL_STORE_FAILED, 0, NULL};
    const place_t *place;
    int owner_died;

    *since = 0;
    res.rv = pwl_robust_lock(&logouts->head.lock, &owner_died, NULL);
    if (res.rv != APR_SUCCESS)
        return res;
    place = find(logouts, key, now);
    if (place)
        *since = place->since;
    res.why = PWL_OK;
    pwl_robust_unlock(&logouts->head.lock);
    return res;
}
