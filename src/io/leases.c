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

#include "io/robust.h"

#define MAGIC 0x6c656173u /* "leas" */
#define VERSION 1u
#define WAYS 8
#define SETS (PWL_LEASES_SLOTS / WAYS)

typedef struct {
    unsigned char skey[PWL_SKEY_BYTES];
    apr_time_t until; /* 0: free */
    int paused;
} place_t;

typedef struct {
    apr_uint32_t magic;
    apr_uint32_t version;
    apr_uint64_t bytes;
    pwl_robust_t lock;
    place_t places[SETS][WAYS];
} table_t;

struct pwl_leases_t {
    table_t *table;
};

static pwl_result_t failed(apr_status_t rv, const char *detail)
{
    return (pwl_result_t){PWL_STORE_FAILED, rv, detail};
}

apr_size_t pwl_leases_bytes(void)
{
    return sizeof(table_t);
}

static pwl_result_t make_handle(void *base, pwl_leases_t **out,
                                apr_pool_t *pool)
{
    *out = apr_palloc(pool, sizeof(**out));
    (*out)->table = base;
    return (pwl_result_t){.why = PWL_OK};
}

pwl_result_t pwl_leases_format(void *base, apr_size_t bytes, pwl_leases_t **out,
                               apr_pool_t *pool)
{
    table_t *table = base;
    apr_status_t rv;

    *out = NULL;
    if (!base || bytes < sizeof(*table))
        return failed(0, "too little shared memory for the leases");
    memset(table, 0, sizeof(*table));
    rv = pwl_robust_init(&table->lock);
    if (rv != APR_SUCCESS)
        return failed(rv, "no mutex for the leases");
    table->version = VERSION;
    table->bytes = sizeof(*table);
    table->magic = MAGIC;
    return make_handle(base, out, pool);
}

pwl_result_t pwl_leases_attach(void *base, apr_size_t bytes, pwl_leases_t **out,
                               apr_pool_t *pool)
{
    const table_t *table = base;

    *out = NULL;
    if (!base || bytes < sizeof(*table))
        return failed(0, "too little shared memory for the leases");
    if (table->magic != MAGIC || table->version != VERSION ||
        table->bytes != sizeof(*table))
        return failed(0, "the memory holds no leases of this version");
    return make_handle(base, out, pool);
}

/* A key is a SHA-256: any of its bytes are spread already. */
static place_t *set_of(table_t *table, const unsigned char *skey)
{
    return table->places[(skey[0] | skey[1] << 8) % SETS];
}

static place_t *find(table_t *table, const unsigned char *skey)
{
    place_t *set = set_of(table, skey);

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

static place_t *find_free(table_t *table, const unsigned char *skey,
                          apr_time_t now)
{
    place_t *set = set_of(table, skey);

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

    if (pwl_robust_lock(&leases->table->lock, &owner_died, NULL))
        return state;
    place = find(leases->table, skey);
    if (place && counts(place, now)) {
        state = place->paused ? PWL_LEASES_PAUSED : PWL_LEASES_BUSY;
    } else {
        if (!place)
            place = find_free(leases->table, skey, now);
        if (place) {
            mark(place, skey, now + life, 0);
            state = PWL_LEASES_MINE;
        }
    }
    pwl_robust_unlock(&leases->table->lock);
    return state;
}

/* Nothing to do when it cannot be locked: the lease ends by itself. */
static void change(pwl_leases_t *leases, const unsigned char *skey,
                   apr_time_t until)
{
    int owner_died;
    place_t *place;

    if (pwl_robust_lock(&leases->table->lock, &owner_died, NULL))
        return;
    place = find(leases->table, skey);
    if (place)
        mark(place, skey, until, 1);
    pwl_robust_unlock(&leases->table->lock);
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
