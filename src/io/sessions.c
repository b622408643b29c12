/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The session table: get, put, touch, remove, sweep.
 *
 * A request with a session reads and takes no lock, because a lock that all
 * requests of one busy session share makes them queue. Each bucket has a
 * sequence number that is odd while the bucket is being changed:
 *
 *     reader                             writer, holding the shard's lock
 *     s = sequence; odd: wait            sequence + 1, now odd
 *     walk, copy out, compare checksum   change links, free blocks
 *     sequence still s?  no: again       sequence + 1, now even
 *
 * What was copied counts, a miss included, only if the sequence is the same
 * afterwards. A reader that has waited or gone round for too long, and one that
 * met damage, takes the lock and looks again; locking repairs the shard if its
 * last writer died.
 *
 * Writers build a new record in free blocks, which no reader can be believing
 * in, and link it with one store. Touch changes one word each of last_seen and
 * sweep_at and disturbs no reader. Full means full: a record is dropped only
 * when its time is over, and that is looked for a few buckets at a time, so
 * that nobody holds a lock for long.
 *
 * Left to others: ids (core/session.c), what times mean, whose realm it is.
 */
#include "io/sessions.h"

#include <apr_strings.h>

#include "io/sessions_layout.h"
#include "io/sessions_record.h"
#include "io/sessions_shard.h"

/* A writer keeps a bucket open for about a microsecond. One that keeps it
 * longer was put off its processor, or killed. */
#define READ_TRIES 200
#define SWEEP_MOST 64 /* buckets looked at, or records dropped, in one lock */

static void place_of(pwl_sessions_place_t *place, pwl_sessions_t *table,
                     const unsigned char *skey)
{
    apr_uint64_t key[4];

    memcpy(key, skey, sizeof(key));
    pwl_sessions_place_key(place, table, key);
}

static pwl_result_t answer(pwl_reason_t why, apr_status_t rv)
{
    pwl_result_t res = {why, rv, NULL};

    return res;
}

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Find and copy. @return PWL_OK, PWL_SESSION_UNKNOWN, PWL_SESSION_DAMAGED */
static pwl_reason_t look_up(const pwl_sessions_place_t *place,
                            pwl_sessions_copy_t *copy)
{
    pwl_sessions_hit_t hit;
    pwl_reason_t why = pwl_sessions_record_find(place, &hit);

    if (why != PWL_OK)
        return why;
    return pwl_sessions_record_copy(place, hit.number, copy);
}

/* look_up() without the lock. @return its answer, proven to be of one moment;
 * PWL_STORE_FAILED when writers never left that long a gap */
static pwl_reason_t look_up_unlocked(const pwl_sessions_place_t *place,
                                     pwl_sessions_copy_t *copy)
{
    const apr_uint32_t *sequence = &place->bucket->sequence;

    for (int i = 0; i < READ_TRIES; i++) {
        apr_uint32_t before = __atomic_load_n(sequence, __ATOMIC_ACQUIRE);
        pwl_reason_t why;

        if (before & 1) {
            relax();
            continue;
        }
        why = look_up(place, copy);
        PWL_SESSIONS_FENCE(__ATOMIC_ACQUIRE);
        if (pwl_sessions_load32(sequence) == before)
            return why;
    }
    return PWL_STORE_FAILED;
}

/* look_up() under the lock, which the caller holds. Damage is repaired: what
 * was not whole is gone, and others that hid behind it are found again. */
static pwl_reason_t look_up_repairing(const pwl_sessions_place_t *place,
                                      pwl_sessions_copy_t *copy)
{
    pwl_reason_t why = look_up(place, copy);

    if (why != PWL_SESSION_DAMAGED)
        return why;
    pwl_sessions_shard_repair(place);
    why = look_up(place, copy);
    return why == PWL_SESSION_UNKNOWN ? PWL_SESSION_DAMAGED : why;
}

static pwl_result_t look_up_locked(const pwl_sessions_place_t *place,
                                   pwl_sessions_copy_t *copy)
{
    apr_status_t rv = pwl_sessions_shard_lock(place);
    pwl_reason_t why;

    if (rv != APR_SUCCESS)
        return answer(PWL_STORE_FAILED, rv);
    why = look_up_repairing(place, copy);
    pwl_sessions_shard_unlock(place);
    return answer(why, APR_SUCCESS);
}

pwl_result_t pwl_sessions_get(pwl_sessions_t *table, const unsigned char *skey,
                              pwl_session_t *out, apr_pool_t *pool)
{
    pwl_result_t res = {PWL_STORE_FAILED, APR_SUCCESS, NULL};
    pwl_sessions_place_t place;
    pwl_sessions_copy_t copy;

    place_of(&place, table, skey);
    res.why = look_up_unlocked(&place, &copy);
    if (res.why == PWL_STORE_FAILED || res.why == PWL_SESSION_DAMAGED)
        res = look_up_locked(&place, &copy);
    if (res.why != PWL_OK)
        return res;
    memcpy(out->realm, copy.realm, sizeof(out->realm));
    out->created = (apr_time_t)copy.created;
    out->last_seen = (apr_time_t)copy.last_seen;
    out->expires = (apr_time_t)copy.expires;
    res.why =
        pwl_session_decode(apr_pmemdup(pool, copy.fields, copy.length),
                           copy.length, &out->fields, &out->field_count, pool);
    if (res.why != PWL_OK)
        pwl_sessions_remove(table, skey);
    return res;
}

/* Touch may have written these since the caller read the record. */
static void keep_later(const pwl_sessions_place_t *place,
                       const pwl_sessions_hit_t *old, pwl_sessions_copy_t *copy)
{
    const pwl_sessions_block_t *head = pwl_sessions_block(place, old->number);
    apr_uint64_t seen = pwl_sessions_load64(&head->head.last_seen);
    apr_uint64_t sweep = pwl_sessions_load64(&head->head.sweep_at);

    if ((apr_time_t)seen > (apr_time_t)copy->last_seen)
        copy->last_seen = seen;
    if ((apr_time_t)sweep > (apr_time_t)copy->sweep_at)
        copy->sweep_at = sweep;
}

/* Put what is in `copy` where it belongs, in place of an older one.
 * @param only_there  and nowhere else: what is gone stays gone
 * @return PWL_OK, PWL_STORE_FULL, PWL_SESSION_DAMAGED, PWL_SESSION_UNKNOWN */
static pwl_reason_t insert(const pwl_sessions_place_t *place,
                           pwl_sessions_copy_t *copy, int only_there)
{
    pwl_sessions_hit_t old;
    apr_uint32_t number;
    pwl_reason_t found = pwl_sessions_record_find(place, &old);
    pwl_reason_t why;

    if (found == PWL_SESSION_DAMAGED || (only_there && found != PWL_OK))
        return found;
    if (only_there)
        keep_later(place, &old, copy);
    pwl_sessions_begin(place->shard);
    why = pwl_sessions_record_write(place, copy, &number);
    if (why == PWL_OK && found == PWL_OK) {
        pwl_sessions_open(place->bucket);
        why = pwl_sessions_record_free(place, &old, number);
        pwl_sessions_close(place->bucket);
    } else if (why == PWL_OK) {
        pwl_sessions_open(place->bucket);
        pwl_sessions_record_link(place, number);
        pwl_sessions_add64(&place->shard->live, 1);
        pwl_sessions_close(place->bucket);
    }
    if (why == PWL_OK && !only_there)
        pwl_sessions_add64(&place->shard->created, 1);
    /* Damage is left marked as busy until the caller has repaired it. */
    if (why != PWL_SESSION_DAMAGED)
        pwl_sessions_end(place->shard);
    return why;
}

/* Take a record out. @return PWL_OK or PWL_SESSION_DAMAGED */
static pwl_reason_t take_out(const pwl_sessions_place_t *place,
                             const pwl_sessions_hit_t *hit)
{
    pwl_reason_t why;

    pwl_sessions_begin(place->shard);
    pwl_sessions_open(place->bucket);
    why = pwl_sessions_record_free(place, hit, 0);
    pwl_sessions_add64(&place->shard->live, -(apr_uint64_t)1);
    pwl_sessions_close(place->bucket);
    if (why == PWL_OK)
        pwl_sessions_end(place->shard);
    return why;
}

static int is_expired(const pwl_sessions_place_t *place, apr_uint32_t number,
                      apr_time_t now)
{
    const pwl_sessions_block_t *head = pwl_sessions_block(place, number);

    return (apr_time_t)pwl_sessions_load64(&head->head.sweep_at) <= now;
}

/* Drop what has expired in place->bucket, at most `most` records.
 * @return how many, or -1: damaged */
static int sweep_bucket(const pwl_sessions_place_t *place, apr_time_t now,
                        int most)
{
    pwl_sessions_hit_t hit = {0, 0};
    int dropped = 0;

    for (apr_uint32_t i = place->table->block_count; i > 0; i--) {
        pwl_reason_t why = pwl_sessions_record_follow(place, &hit);

        if (why == PWL_SESSION_DAMAGED)
            return -1;
        if (why != PWL_OK || dropped == most)
            return dropped;
        if (!is_expired(place, hit.number, now)) {
            hit.before = hit.number;
            continue;
        }
        if (take_out(place, &hit) != PWL_OK)
            return -1;
        pwl_sessions_add64(&place->shard->swept, 1);
        dropped++;
    }
    return -1;
}

/* Sweep on from where the last one stopped. Under the lock. */
static void sweep_some(const pwl_sessions_place_t *shard, apr_time_t now)
{
    pwl_sessions_place_t place = *shard;
    apr_uint32_t *cursor = &place.shard->sweep_bucket;
    int left = SWEEP_MOST;

    for (int i = 0; i < SWEEP_MOST && left > 0; i++) {
        apr_uint32_t at = pwl_sessions_load32(cursor);
        int dropped;

        at = at < place.table->bucket_count ? at : 0;
        place.bucket = &place.buckets[at];
        dropped = sweep_bucket(&place, now, left);
        if (dropped < 0) {
            pwl_sessions_shard_repair(shard);
            return;
        }
        left -= dropped;
        /* With none left to drop, the rest of this bucket comes next time. */
        if (left > 0)
            pwl_sessions_store32(cursor, at + 1);
    }
}

static pwl_reason_t insert_repairing(const pwl_sessions_place_t *place,
                                     pwl_sessions_copy_t *copy, int only_there)
{
    pwl_reason_t why = insert(place, copy, only_there);

    if (why != PWL_SESSION_DAMAGED)
        return why;
    pwl_sessions_shard_repair(place);
    why = insert(place, copy, only_there);
    return why == PWL_SESSION_DAMAGED ? PWL_STORE_FAILED : why;
}

/* Lock and insert, sweeping once round the shard if that is what it takes. The
 * lock is given up between two steps, so that others wait for one only. */
static pwl_result_t insert_sweeping(const pwl_sessions_place_t *place,
                                    pwl_sessions_copy_t *copy, int only_there)
{
    apr_uint32_t steps = place->table->bucket_count / SWEEP_MOST + 1;
    apr_time_t now = (apr_time_t)copy->last_seen; /* of this call: insert() may
                                                   * find a later one */
    pwl_result_t res = {PWL_STORE_FAILED, APR_SUCCESS, NULL};

    for (;;) {
        res.rv = pwl_sessions_shard_lock(place);
        if (res.rv != APR_SUCCESS)
            return answer(PWL_STORE_FAILED, res.rv);
        res.why = insert_repairing(place, copy, only_there);
        if (res.why != PWL_STORE_FULL || steps-- == 0)
            break;
        sweep_some(place, now);
        pwl_sessions_shard_unlock(place);
    }
    if (res.why == PWL_STORE_FULL)
        pwl_sessions_add64(&place->shard->refused_full, 1);
    pwl_sessions_shard_unlock(place);
    return res;
}

static pwl_result_t store(pwl_sessions_t *table, const unsigned char *skey,
                          const pwl_session_t *meta, apr_time_t expires_hint,
                          const unsigned char *data, apr_size_t len,
                          int only_there)
{
    pwl_sessions_place_t place;
    pwl_sessions_copy_t copy;

    if (len > PWL_SESSION_MAX_BYTES)
        return answer(PWL_SESSION_TOO_BIG, APR_SUCCESS);
    place_of(&place, table, skey);
    memcpy(copy.key, place.key, sizeof(copy.key));
    memcpy(copy.realm, meta->realm, sizeof(copy.realm));
    copy.created = (apr_uint64_t)meta->created;
    copy.expires = (apr_uint64_t)meta->expires;
    copy.last_seen = (apr_uint64_t)meta->last_seen;
    copy.sweep_at = (apr_uint64_t)expires_hint;
    copy.length = (apr_uint32_t)len;
    if (len > 0) {
        copy.fields[(len - 1) / 8] = 0; /* the bytes after the last field */
        memcpy(copy.fields, data, len);
    }
    return insert_sweeping(&place, &copy, only_there);
}

pwl_result_t pwl_sessions_put(pwl_sessions_t *table, const unsigned char *skey,
                              const pwl_session_t *meta,
                              apr_time_t expires_hint,
                              const unsigned char *data, apr_size_t len)
{
    return store(table, skey, meta, expires_hint, data, len, 0);
}

pwl_result_t pwl_sessions_replace(pwl_sessions_t *table,
                                  const unsigned char *skey,
                                  const pwl_session_t *meta,
                                  apr_time_t expires_hint,
                                  const unsigned char *data, apr_size_t len)
{
    return store(table, skey, meta, expires_hint, data, len, 1);
}

/* Lock the shard and find the record. @return PWL_OK or PWL_SESSION_UNKNOWN
 * with the lock held, PWL_STORE_FAILED without it */
static pwl_result_t find_locked(const pwl_sessions_place_t *place,
                                pwl_sessions_hit_t *hit)
{
    pwl_result_t res = {PWL_STORE_FAILED, APR_SUCCESS, NULL};

    res.rv = pwl_sessions_shard_lock(place);
    if (res.rv != APR_SUCCESS)
        return res;
    res.why = pwl_sessions_record_find(place, hit);
    if (res.why == PWL_SESSION_DAMAGED) {
        pwl_sessions_shard_repair(place);
        res.why = pwl_sessions_record_find(place, hit);
    }
    return res;
}

/* Time never goes back: a slow request must not undo what a faster one of the
 * same session has written. */
static void move_on(apr_uint64_t *at, apr_time_t to)
{
    if ((apr_time_t)pwl_sessions_load64(at) < to)
        pwl_sessions_store64(at, (apr_uint64_t)to);
}

pwl_result_t pwl_sessions_touch(pwl_sessions_t *table,
                                const unsigned char *skey, apr_time_t now,
                                apr_time_t expires_hint)
{
    pwl_sessions_place_t place;
    pwl_sessions_hit_t hit;
    pwl_result_t res;

    place_of(&place, table, skey);
    res = find_locked(&place, &hit);
    if (res.why == PWL_STORE_FAILED)
        return res;
    if (res.why == PWL_OK) {
        pwl_sessions_block_t *head = pwl_sessions_block(&place, hit.number);

        move_on(&head->head.last_seen, now);
        move_on(&head->head.sweep_at, expires_hint);
    }
    pwl_sessions_shard_unlock(&place);
    return res;
}

pwl_result_t pwl_sessions_remove(pwl_sessions_t *table,
                                 const unsigned char *skey)
{
    pwl_sessions_place_t place;
    pwl_sessions_hit_t hit;
    pwl_result_t res;

    place_of(&place, table, skey);
    res = find_locked(&place, &hit);
    if (res.why == PWL_STORE_FAILED)
        return res;
    if (res.why == PWL_OK) {
        if (take_out(&place, &hit) != PWL_OK)
            pwl_sessions_shard_repair(&place);
        pwl_sessions_add64(&place.shard->removed, 1);
    }
    pwl_sessions_shard_unlock(&place);
    return res;
}

void pwl_sessions_sweep(pwl_sessions_t *table, apr_time_t now)
{
    apr_uint32_t turn =
        __atomic_fetch_add(&table->header->sweep_next, 1, __ATOMIC_RELAXED);
    pwl_sessions_place_t place;

    pwl_sessions_place_shard(&place, table, turn % table->shard_count);
    if (pwl_sessions_load64(&place.shard->live) == 0)
        return;
    if (pwl_sessions_shard_trylock(&place) != APR_SUCCESS)
        return;
    sweep_some(&place, now);
    pwl_sessions_shard_unlock(&place);
}
