/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One shard of the session table: lock, repair, check.
 *
 * A process may die at any instruction, also in here. The next one to lock the
 * shard is told by the mutex, or by the busy mark if the mutex was made anew
 * since, and repairs before it does anything else.
 *
 * Repair believes no link, list or count. It looks at each block ever used:
 *
 *     marked as a head, belongs to this shard, its blocks are its own and no
 *     other record's, checksum right, key not met before  ->  a record
 *     all else                                            ->  wiped, free
 *
 * and builds buckets, free list and counts from that. So a record is lost only
 * by damage to its own blocks, a damaged link costs the record it belongs to
 * at most, and being killed during repair costs nothing: it starts again.
 * Since everything else is unmarked, nothing that was removed later comes back
 * at the next repair.
 *
 * Readers of the shard wait meanwhile: a few milliseconds for a shard of
 * 8 MiB.
 */
#include "io/sessions_shard.h"
#include "io/sessions_record.h"

static apr_uint64_t *bitmap_of(const pwl_sessions_place_t *place)
{
    return place->table->bitmaps + (place->first - 1) / 64;
}

static int is_marked(const pwl_sessions_place_t *place, apr_uint32_t number)
{
    apr_uint32_t bit = number - place->first;

    return bitmap_of(place)[bit / 64] >> bit % 64 & 1;
}

static void mark(const pwl_sessions_place_t *place, apr_uint32_t number)
{
    apr_uint32_t bit = number - place->first;

    bitmap_of(place)[bit / 64] |= (apr_uint64_t)1 << bit % 64;
}

static void clear_marks(const pwl_sessions_place_t *place)
{
    memset(bitmap_of(place), 0, place->table->block_count / 8);
}

/* Mark the blocks of a record, which has been copied before.
 * @return how many there are; 0 if one is marked already or was never given to
 * anybody, or if the last does not say that it is */
static apr_uint32_t mark_record(const pwl_sessions_place_t *place,
                                apr_uint32_t number, apr_uint32_t length)
{
    apr_uint32_t blocks = pwl_sessions_record_blocks(length);
    apr_uint32_t fresh = pwl_sessions_load32(&place->shard->fresh);
    apr_uint32_t at = number;

    for (apr_uint32_t i = 0; i < blocks; i++) {
        if (at - place->first >= fresh || is_marked(place, at))
            return 0;
        at = pwl_sessions_load32(&pwl_sessions_block(place, at)->more.next);
    }
    if (at != 0)
        return 0;
    for (apr_uint32_t i = 0; i < blocks; i++) {
        mark(place, number);
        number =
            pwl_sessions_load32(&pwl_sessions_block(place, number)->more.next);
    }
    return blocks;
}

/* Is it a record of this shard? Then `own` is its place, and `copy` holds it.
 */
static int is_record(const pwl_sessions_place_t *place, apr_uint32_t number,
                     pwl_sessions_place_t *own, pwl_sessions_copy_t *copy)
{
    const pwl_sessions_block_t *block = pwl_sessions_block(place, number);

    if (pwl_sessions_load32(&block->head.owner) != PWL_SESSIONS_HEAD ||
        pwl_sessions_record_copy(place, number, copy) != PWL_OK)
        return 0;
    pwl_sessions_place_key(own, place->table, copy->key);
    return own->shard == place->shard;
}

/* Link all that are records into their buckets, which are empty. */
static void collect_records(const pwl_sessions_place_t *place,
                            apr_uint32_t fresh)
{
    apr_uint64_t live = 0, used = 0;
    pwl_sessions_place_t own;
    pwl_sessions_hit_t hit;
    pwl_sessions_copy_t copy;

    for (apr_uint32_t i = 0; i < fresh; i++) {
        apr_uint32_t number = place->first + i, blocks;

        if (!is_record(place, number, &own, &copy) ||
            pwl_sessions_record_find(&own, &hit) != PWL_SESSION_UNKNOWN)
            continue;
        blocks = mark_record(place, number, copy.length);
        if (blocks == 0)
            continue;
        pwl_sessions_record_link(&own, number);
        live++;
        used += blocks;
    }
    pwl_sessions_store64(&place->shard->live, live);
    pwl_sessions_store64(&place->shard->used, used);
}

void pwl_sessions_shard_repair(const pwl_sessions_place_t *place)
{
    pwl_sessions_shard_t *shard = place->shard;
    apr_uint32_t fresh = pwl_sessions_load32(&shard->fresh);

    pwl_sessions_begin(shard);
    for (apr_uint32_t i = 0; i < place->table->bucket_count; i++) {
        pwl_sessions_open(&place->buckets[i]);
        pwl_sessions_store32(&place->buckets[i].head, 0);
    }
    if (fresh > place->table->block_count) {
        fresh = place->table->block_count;
        pwl_sessions_store32(&shard->fresh, fresh);
    }
    clear_marks(place);
    collect_records(place, fresh);
    pwl_sessions_store32(&shard->free, 0);
    for (apr_uint32_t i = fresh; i > 0; i--)
        if (!is_marked(place, place->first + i - 1))
            pwl_sessions_record_release(place, place->first + i - 1);
    pwl_sessions_store32(&shard->sweep_bucket, 0);
    pwl_sessions_add64(&shard->repaired, 1);
    for (apr_uint32_t i = 0; i < place->table->bucket_count; i++)
        pwl_sessions_close(&place->buckets[i]);
    pwl_sessions_end(shard);
}

/* What follows a lock that was asked for. */
static apr_status_t settle(const pwl_sessions_place_t *place, apr_status_t rv,
                           int owner_died)
{
    if (rv == APR_SUCCESS &&
        (owner_died || pwl_sessions_load32(&place->shard->busy)))
        pwl_sessions_shard_repair(place);
    return rv;
}

apr_status_t pwl_sessions_shard_lock(const pwl_sessions_place_t *place)
{
    int owner_died = 0;
    apr_status_t rv = pwl_robust_lock(&place->shard->lock, &owner_died,
                                      &place->shard->lock_waits);

    return settle(place, rv, owner_died);
}

apr_status_t pwl_sessions_shard_trylock(const pwl_sessions_place_t *place)
{
    int owner_died = 0;
    apr_status_t rv = pwl_robust_trylock(&place->shard->lock, &owner_died);

    return settle(place, rv, owner_died);
}

void pwl_sessions_shard_unlock(const pwl_sessions_place_t *place)
{
    pwl_robust_unlock(&place->shard->lock);
}

/* Check one record of a bucket, and mark it. @return NULL or what is wrong */
static const char *check_record(const pwl_sessions_place_t *place,
                                apr_uint32_t number, apr_uint64_t *used)
{
    pwl_sessions_place_t own;
    pwl_sessions_copy_t copy;
    pwl_sessions_hit_t hit;
    apr_uint32_t blocks;

    if (!is_record(place, number, &own, &copy))
        return "a record is not whole";
    if (own.bucket != place->bucket)
        return "a record is in a bucket it does not belong to";
    blocks = mark_record(place, number, copy.length);
    if (blocks == 0)
        return "a record shares a block, or does not end";
    if (pwl_sessions_record_find(&own, &hit) != PWL_OK || hit.number != number)
        return "two records have the same key";
    *used += blocks;
    return NULL;
}

static const char *check_buckets(pwl_sessions_place_t *place)
{
    apr_uint64_t live = 0, used = 0;

    for (apr_uint32_t i = 0; i < place->table->bucket_count; i++) {
        pwl_sessions_hit_t hit = {0, 0};
        pwl_reason_t why;

        place->bucket = &place->buckets[i];
        if (pwl_sessions_load32(&place->bucket->sequence) & 1)
            return "a bucket was left open";
        /* A circle ends at a record whose blocks are marked already. */
        while ((why = pwl_sessions_record_follow(place, &hit)) == PWL_OK) {
            const char *wrong = check_record(place, hit.number, &used);

            if (wrong)
                return wrong;
            hit.before = hit.number;
            live++;
        }
        if (why != PWL_SESSION_UNKNOWN)
            return "a bucket's chain is not whole";
    }
    if (live != pwl_sessions_load64(&place->shard->live))
        return "the count of records is wrong";
    if (used != pwl_sessions_load64(&place->shard->used))
        return "the count of blocks is wrong";
    return NULL;
}

/* After check_buckets(), whose marks are used. */
static const char *check_free(const pwl_sessions_place_t *place)
{
    apr_uint32_t fresh = pwl_sessions_load32(&place->shard->fresh);
    apr_uint32_t number = pwl_sessions_load32(&place->shard->free);
    apr_uint64_t found = pwl_sessions_load64(&place->shard->used);

    if (fresh > place->table->block_count)
        return "more blocks were used than there are";
    for (; number != 0; found++) {
        const pwl_sessions_block_t *block = pwl_sessions_block(place, number);

        if (number - place->first >= fresh)
            return "the free list leads out of its shard";
        if (is_marked(place, number))
            return "a block is on two lists";
        if (pwl_sessions_load32(&block->more.owner) != 0)
            return "a block on the free list is in use";
        for (int i = 1; i < 16; i++)
            if (pwl_sessions_load64(&block->words[i]) != 0)
                return "a free block was not wiped";
        mark(place, number);
        number = pwl_sessions_load32(&block->more.next);
    }
    return found == fresh ? NULL : "a block is on no list";
}

pwl_reason_t pwl_sessions_check(pwl_sessions_t *table, const char **what)
{
    pwl_sessions_place_t place;

    *what = NULL;
    for (apr_uint32_t i = 0; i < table->shard_count && !*what; i++) {
        pwl_sessions_place_shard(&place, table, i);
        if (pwl_sessions_shard_lock(&place) != APR_SUCCESS) {
            *what = "a lock was not to be had";
            return PWL_SESSION_DAMAGED;
        }
        clear_marks(&place);
        *what = check_buckets(&place);
        if (!*what)
            *what = check_free(&place);
        pwl_sessions_shard_unlock(&place);
    }
    return *what ? PWL_SESSION_DAMAGED : PWL_OK;
}
