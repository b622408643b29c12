/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks go over blocks, not buckets: a block marked as a head whose checksum is
 * right is a session at every instant, wherever writers are, so no lock and no
 * link is needed to find all that stay where they are.
 *
 * Taking a table over from a file means to believe even less than repair does
 * in a running server: after a crash of the machine each page is of a moment of
 * its own. The one figure repair relies on, how many blocks were ever used, is
 * found out anew.
 */
#include "io/sessions_walk.h"

#include "io/sessions_layout.h"
#include "io/sessions_record.h"
#include "io/sessions_shard.h"

/* Blocks after the last one that anything was ever written to are free. */
static apr_uint32_t count_fresh(const pwl_sessions_place_t *place)
{
    apr_uint32_t count = place->table->block_count;

    for (; count > 0; count--) {
        const pwl_sessions_block_t *block =
            pwl_sessions_block(place, place->first + count - 1);

        for (int i = 0; i < 16; i++)
            if (block->words[i] != 0)
                return count;
    }
    return 0;
}

pwl_result_t pwl_sessions_recover(void *base, apr_size_t bytes,
                                  pwl_sessions_t **out, apr_pool_t *pool)
{
    pwl_result_t res = pwl_sessions_attach(base, bytes, out, pool);
    pwl_sessions_place_t place;

    for (apr_uint32_t i = 0; res.why == PWL_OK && i < (*out)->shard_count;
         i++) {
        pwl_sessions_place_shard(&place, *out, i);
        res.rv = pwl_robust_init(&place.shard->lock);
        if (res.rv != APR_SUCCESS) {
            res.why = PWL_STORE_FAILED;
            return res;
        }
        place.shard->fresh = count_fresh(&place);
        pwl_sessions_shard_repair(&place);
    }
    return res;
}

/* @return 0 if `show` wanted no more */
static int walk_shard(const pwl_sessions_place_t *place,
                      int (*show)(void *ctx, const pwl_sessions_copy_t *copy),
                      void *ctx)
{
    apr_uint32_t fresh = pwl_sessions_load32(&place->shard->fresh);
    pwl_sessions_copy_t copy;

    for (apr_uint32_t i = 0; i < fresh && i < place->table->block_count; i++) {
        apr_uint32_t number = place->first + i;
        const pwl_sessions_block_t *block = pwl_sessions_block(place, number);

        if (__atomic_load_n(&block->head.owner, __ATOMIC_ACQUIRE) ==
                PWL_SESSIONS_HEAD &&
            pwl_sessions_record_copy(place, number, &copy) == PWL_OK &&
            !show(ctx, &copy))
            return 0;
    }
    return 1;
}

static void walk(pwl_sessions_t *table,
                 int (*show)(void *ctx, const pwl_sessions_copy_t *copy),
                 void *ctx)
{
    pwl_sessions_place_t place;

    for (apr_uint32_t i = 0; i < table->shard_count; i++) {
        pwl_sessions_place_shard(&place, table, i);
        if (!walk_shard(&place, show, ctx))
            return;
    }
}

static void meta_of(const pwl_sessions_copy_t *copy, pwl_session_t *out)
{
    memset(out, 0, sizeof(*out));
    memcpy(out->realm, copy->realm, sizeof(out->realm));
    out->created = (apr_time_t)copy->created;
    out->last_seen = (apr_time_t)copy->last_seen;
    out->expires = (apr_time_t)copy->expires;
}

typedef struct {
    pwl_sessions_visitor_t *visit;
    void *ctx;
    apr_pool_t *scratch;
} visit_t;

static int show_session(void *ctx, const pwl_sessions_copy_t *copy)
{
    visit_t *visit = ctx;
    pwl_session_t session;

    apr_pool_clear(visit->scratch);
    meta_of(copy, &session);
    if (pwl_session_decode((const unsigned char *)copy->fields, copy->length,
                           &session.fields, &session.field_count,
                           visit->scratch) != PWL_OK)
        return 1;
    return visit->visit(visit->ctx, (const unsigned char *)copy->key, &session,
                        visit->scratch);
}

void pwl_sessions_each(pwl_sessions_t *table, pwl_sessions_visitor_t *visit,
                       void *ctx, apr_pool_t *pool)
{
    visit_t shown = {visit, ctx, NULL};

    apr_pool_create(&shown.scratch, pool);
    walk(table, show_session, &shown);
    apr_pool_destroy(shown.scratch);
}

void pwl_sessions_end_each(pwl_sessions_t *table, pwl_sessions_visitor_t *visit,
                           void *ctx, apr_pool_t *pool)
{
    pwl_sessions_each(table, visit, ctx, pool);
    pwl_sessions_each(table, visit, ctx, pool);
}

typedef struct {
    pwl_sessions_t *to;
    apr_time_t now;
    apr_uint64_t moved, left;
} move_t;

static int move_session(void *ctx, const pwl_sessions_copy_t *copy)
{
    move_t *move = ctx;
    pwl_session_t meta;

    if ((apr_time_t)copy->sweep_at <= move->now)
        return 1;
    meta_of(copy, &meta);
    if (pwl_sessions_put(move->to, (const unsigned char *)copy->key, &meta,
                         (apr_time_t)copy->sweep_at,
                         (const unsigned char *)copy->fields, copy->length)
            .why == PWL_OK)
        move->moved++;
    else
        move->left++;
    return 1;
}

apr_uint64_t pwl_sessions_move(pwl_sessions_t *from, pwl_sessions_t *to,
                               apr_time_t now, apr_uint64_t *moved)
{
    move_t move = {to, now, 0, 0};

    walk(from, move_session, &move);
    *moved = move.moved;
    return move.left;
}

void pwl_sessions_stats(pwl_sessions_t *table, pwl_sessions_stats_t *out)
{
    memset(out, 0, sizeof(*out));
    out->bytes_total = (apr_uint64_t)table->shard_count * table->block_count *
                       sizeof(pwl_sessions_block_t);
    for (apr_uint32_t i = 0; i < table->shard_count; i++) {
        const pwl_sessions_shard_t *shard = &table->shards[i];

        out->live += pwl_sessions_load64(&shard->live);
        out->bytes_used +=
            pwl_sessions_load64(&shard->used) * sizeof(pwl_sessions_block_t);
        out->created += pwl_sessions_load64(&shard->created);
        out->removed += pwl_sessions_load64(&shard->removed);
        out->swept += pwl_sessions_load64(&shard->swept);
        out->refused_full += pwl_sessions_load64(&shard->refused_full);
        out->repaired += pwl_sessions_load64(&shard->repaired);
        out->lock_waits += pwl_sessions_load64(&shard->lock_waits);
    }
}
