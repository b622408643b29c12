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

#include "io/robust.h"

#define MAGIC 0x6c6f676fu /* "logo" */
#define VERSION 1u
#define WAYS 8
#define SETS (PWL_LOGOUTS_SLOTS / WAYS)

typedef struct {
    unsigned char key[PWL_LOGOUTTOKEN_KEY_BYTES];
    apr_time_t since;
    apr_time_t until; /* 0: free */
} place_t;

typedef struct {
    apr_uint32_t magic;
    apr_uint32_t version;
    apr_uint64_t bytes;
    pwl_robust_t lock;
    place_t places[SETS][WAYS];
} table_t;

struct pwl_logouts_t {
    table_t *table;
};

static pwl_result_t failed(apr_status_t rv, const char *detail)
{
    return (pwl_result_t){PWL_STORE_FAILED, rv, detail};
}

apr_size_t pwl_logouts_bytes(void)
{
    return sizeof(table_t);
}

static pwl_result_t make_handle(void *base, pwl_logouts_t **out,
                                apr_pool_t *pool)
{
    *out = apr_palloc(pool, sizeof(**out));
    (*out)->table = base;
    return (pwl_result_t){.why = PWL_OK};
}

pwl_result_t pwl_logouts_format(void *base, apr_size_t bytes,
                                pwl_logouts_t **out, apr_pool_t *pool)
{
    table_t *table = base;
    apr_status_t rv;

    *out = NULL;
    if (!base || bytes < sizeof(*table))
        return failed(0, "too little shared memory for logout tokens");
    memset(table, 0, sizeof(*table));
    rv = pwl_robust_init(&table->lock);
    if (rv != APR_SUCCESS)
        return failed(rv, "no mutex for logout tokens");
    table->version = VERSION;
    table->bytes = sizeof(*table);
    table->magic = MAGIC;
    return make_handle(base, out, pool);
}

pwl_result_t pwl_logouts_attach(void *base, apr_size_t bytes,
                                pwl_logouts_t **out, apr_pool_t *pool)
{
    const table_t *table = base;

    *out = NULL;
    if (!base || bytes < sizeof(*table))
        return failed(0, "too little shared memory for logout tokens");
    if (table->magic != MAGIC || table->version != VERSION ||
        table->bytes != sizeof(*table))
        return failed(0, "the memory holds no logout tokens of this version");
    return make_handle(base, out, pool);
}

/* A key is a SHA-256: any of its bytes are spread already. */
static place_t *set_of(table_t *table, const unsigned char *key)
{
    return table->places[(key[0] | key[1] << 8) % SETS];
}

static place_t *find(table_t *table, const unsigned char *key, apr_time_t now)
{
    place_t *set = set_of(table, key);

    for (int i = 0; i < WAYS; i++) {
        if (set[i].until > now &&
            !memcmp(set[i].key, key, PWL_LOGOUTTOKEN_KEY_BYTES))
            return &set[i];
    }
    return NULL;
}

/* The place that ends first: a free one, if there is one. */
static place_t *first_to_end(table_t *table, const unsigned char *key)
{
    place_t *set = set_of(table, key);
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
    table_t *table = logouts->table;
    int owner_died;
    place_t *place;

    res.rv = pwl_robust_lock(&table->lock, &owner_died, NULL);
    if (res.rv != APR_SUCCESS)
        return res;
    place = find(table, key, now);
    res.why = place ? PWL_LOGOUT_REPLAY : PWL_OK;
    if (!place)
        mark(first_to_end(table, key), key, since, until);
    else
        mark(place, key, since > place->since ? since : place->since,
             until > place->until ? until : place->until);
    pwl_robust_unlock(&table->lock);
    return res;
}

pwl_result_t pwl_logouts_find(pwl_logouts_t *logouts, const unsigned char *key,
                              apr_time_t now, apr_time_t *since)
{
    pwl_result_t res = {PWL_STORE_FAILED, 0, NULL};
    table_t *table = logouts->table;
    const place_t *place;
    int owner_died;

    *since = 0;
    res.rv = pwl_robust_lock(&table->lock, &owner_died, NULL);
    if (res.rv != APR_SUCCESS)
        return res;
    place = find(table, key, now);
    if (place)
        *since = place->since;
    res.why = PWL_OK;
    pwl_robust_unlock(&table->lock);
    return res;
}
