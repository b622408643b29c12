/* SPDX-License-Identifier: Apache-2.0 */
#include "io/throttles.h"

#include <string.h>

#include "io/robust.h"

#define MAGIC "PWLTHRO"
#define VERSION 1
#define SHARDS 16
#define SET_SLOTS 8

typedef struct {
    unsigned char key[PWL_THROTTLES_KEY_BYTES];
    apr_time_t at; /* 0: free */
    apr_uint64_t room;
} slot_t;

typedef struct {
    pwl_robust_t lock;
    char room[128 - sizeof(pwl_robust_t)];
} shard_t;

typedef struct {
    char magic[8];
    apr_uint64_t version;
    apr_uint64_t sets;
    char room[104];
    shard_t shard[SHARDS];
} header_t;

_Static_assert(sizeof(slot_t) == 32, "a slot is 32 bytes");

struct pwl_throttles_t {
    header_t *header;
    slot_t *slots;
    apr_uint64_t sets;
};

static apr_uint64_t sets_in(apr_size_t bytes)
{
    return bytes < sizeof(header_t)
               ? 0
               : (bytes - sizeof(header_t)) / (SET_SLOTS * sizeof(slot_t));
}

apr_size_t pwl_throttles_bytes(apr_size_t slots)
{
    apr_size_t sets = (slots + SET_SLOTS - 1) / SET_SLOTS;

    return sizeof(header_t) + (sets ? sets : 1) * SET_SLOTS * sizeof(slot_t);
}

static pwl_throttles_t *handle(void *base, apr_pool_t *pool)
{
    pwl_throttles_t *table = apr_palloc(pool, sizeof(*table));

    table->header = base;
    table->slots = (slot_t *)(void *)(table->header + 1);
    table->sets = table->header->sets;
    return table;
}

pwl_result_t pwl_throttles_format(void *base, apr_size_t bytes,
                                  pwl_throttles_t **out, apr_pool_t *pool)
{
    pwl_result_t res = {PWL_STORE_FAILED, 0, "too little memory for throttles"};
    header_t *header = base;

    if (sets_in(bytes) == 0)
        return res;
    res.detail = NULL;
    memset(base, 0, bytes);
    header->version = VERSION;
    header->sets = sets_in(bytes);
    for (int i = 0; i < SHARDS; i++) {
        res.rv = pwl_robust_init(&header->shard[i].lock);
        if (res.rv != APR_SUCCESS)
            return res;
    }
    memcpy(header->magic, MAGIC, sizeof(MAGIC));
    *out = handle(base, pool);
    res.why = PWL_OK;
    return res;
}

pwl_result_t pwl_throttles_attach(void *base, apr_size_t bytes,
                                  pwl_throttles_t **out, apr_pool_t *pool)
{
    pwl_result_t res = {PWL_STORE_FAILED, 0,
                        "the throttles are of another version or size"};
    const header_t *header = base;

    if (memcmp(header->magic, MAGIC, sizeof(MAGIC)) != 0 ||
        header->version != VERSION || header->sets != sets_in(bytes))
        return res;
    *out = handle(base, pool);
    res.why = PWL_OK;
    res.detail = NULL;
    return res;
}

typedef struct {
    pwl_robust_t *lock;
    slot_t *set;
} place_t;

/* Lock the set of a key. A set whose last owner died is as good as any: each
 * slot is a bucket by itself, and `at` is written in one piece. */
static apr_status_t lock_set(pwl_throttles_t *table, const unsigned char *key,
                             place_t *place)
{
    apr_uint64_t number;
    int owner_died;

    memcpy(&number, key, sizeof(number));
    number %= table->sets;
    place->set = &table->slots[number * SET_SLOTS];
    place->lock = &table->header->shard[number % SHARDS].lock;
    return pwl_robust_lock(place->lock, &owner_died, NULL);
}

static slot_t *find(const place_t *place, const unsigned char *key)
{
    for (int i = 0; i < SET_SLOTS; i++)
        if (place->set[i].at != 0 &&
            memcmp(place->set[i].key, key, PWL_THROTTLES_KEY_BYTES) == 0)
            return &place->set[i];
    return NULL;
}

/* Write a slot: the one of this key, else the one with the least to tell. */
static void write_slot(const place_t *place, slot_t *slot,
                       const unsigned char *key, apr_time_t at)
{
    if (!slot) {
        slot = place->set;
        for (int i = 1; i < SET_SLOTS; i++)
            if (place->set[i].at < slot->at)
                slot = &place->set[i];
        slot->at = 0; /* a death in between leaves it free */
        memcpy(slot->key, key, PWL_THROTTLES_KEY_BYTES);
    }
    slot->at = at;
}

static pwl_result_t ask(pwl_throttles_t *table, const unsigned char *key,
                        const pwl_throttle_limit_t *limit, apr_time_t now,
                        int is_taken, apr_interval_time_t *wait)
{
    pwl_result_t res = {PWL_OK, APR_SUCCESS, NULL};
    apr_time_t was, at;
    place_t place;
    slot_t *slot;

    *wait = 0;
    if (limit->count == 0)
        return res;
    res.rv = lock_set(table, key, &place);
    if (res.rv != APR_SUCCESS) {
        res.why = PWL_STORE_FAILED;
        return res;
    }
    slot = find(&place, key);
    at = was = slot ? slot->at : 0;
    *wait = pwl_throttle_take(&at, now, limit);
    /* One that says no may have been set back to full. */
    if (*wait == 0 ? is_taken : at != was)
        write_slot(&place, slot, key, at);
    pwl_robust_unlock(place.lock);
    return res;
}

pwl_result_t pwl_throttles_take(pwl_throttles_t *table,
                                const unsigned char *key,
                                const pwl_throttle_limit_t *limit,
                                apr_time_t now, apr_interval_time_t *wait)
{
    return ask(table, key, limit, now, 1, wait);
}

pwl_result_t pwl_throttles_look(pwl_throttles_t *table,
                                const unsigned char *key,
                                const pwl_throttle_limit_t *limit,
                                apr_time_t now, apr_interval_time_t *wait)
{
    return ask(table, key, limit, now, 0, wait);
}

void pwl_throttles_give_back(pwl_throttles_t *table, const unsigned char *key,
                             const pwl_throttle_limit_t *limit)
{
    place_t place;
    slot_t *slot;

    if (limit->count == 0 || lock_set(table, key, &place) != APR_SUCCESS)
        return;
    slot = find(&place, key);
    if (slot)
        pwl_throttle_give_back(&slot->at, limit);
    pwl_robust_unlock(place.lock);
}

void pwl_throttles_remember(pwl_throttles_t *table, const unsigned char *key,
                            apr_time_t now, apr_time_t until)
{
    place_t place;

    if (until <= now || lock_set(table, key, &place) != APR_SUCCESS)
        return;
    write_slot(&place, find(&place, key), key, until);
    pwl_robust_unlock(place.lock);
}

apr_interval_time_t pwl_throttles_knows(pwl_throttles_t *table,
                                        const unsigned char *key,
                                        apr_time_t now)
{
    apr_interval_time_t knows;
    place_t place;
    slot_t *slot;

    if (lock_set(table, key, &place) != APR_SUCCESS)
        return 0;
    slot = find(&place, key);
    knows = slot && slot->at > now ? slot->at - now : 0;
    pwl_robust_unlock(place.lock);
    return knows;
}

const char *pwl_throttle_name(const pwl_throttle_bucket_t *bucket, int known)
{
    return known && bucket->own ? bucket->own : bucket->name;
}
