/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The session table against a model that remembers one number a user.
 *
 * Input: one byte (odd: with damage), then operations of three bytes. Without
 * damage the table must agree with the model in each answer, refuse nobody for
 * whom there is room, lose nobody whose time is not over, and pass its own
 * check. With damage, bits of buckets and blocks are flipped in between: then
 * it must not crash, hang or show a wrong session, and be whole after repair.
 */
#include "io/sessions_record.h"

#include "../unit/sessions_fixture.h"
#include "io/sessions_shard.h"
#include "target.h"

#define USERS 64

typedef struct {
    unsigned int version; /* 0: not there */
    apr_time_t last_seen, sweep_at;
    apr_uint32_t blocks;
} known_t;

typedef struct {
    pwl_sessions_t *table;
    apr_pool_t *pool;
    int damage;
    apr_time_t now;
    known_t users[USERS];
} model_t;

static void must(const model_t *model, int good)
{
    if (!good && !model->damage)
        abort();
}

static apr_uint32_t blocks_of(unsigned int user, unsigned int version)
{
    fixture_user_t it;

    fixture_fill(&it, user, version);
    if (pwl_session_encode(it.fields, 4, it.data, &it.len) != PWL_OK)
        abort();
    return pwl_sessions_record_blocks((apr_uint32_t)it.len);
}

/* Blocks of all whose time is not over. */
static apr_uint32_t blocks_alive(const model_t *model)
{
    apr_uint32_t blocks = 0;

    for (int i = 0; i < USERS; i++)
        if (model->users[i].version && model->users[i].sweep_at > model->now)
            blocks += model->users[i].blocks;
    return blocks;
}

static void try_get(model_t *model, unsigned int user)
{
    known_t *known = &model->users[user];
    pwl_session_t session;
    pwl_reason_t why = fixture_get(model->table, user, &session, model->pool);

    if (why == PWL_OK && !model->damage) {
        must(model, known->version != 0 &&
                        fixture_is(&session, user, known->version) &&
                        session.last_seen == known->last_seen);
    } else if (why == PWL_OK) {
        unsigned int version = (unsigned int)(session.expires - NOW - SEC(1));

        if (!fixture_is(&session, user, version))
            abort(); /* never, damage or not */
    } else {
        must(model, why == PWL_SESSION_UNKNOWN &&
                        (!known->version || known->sweep_at <= model->now));
        known->version = 0; /* swept */
    }
}

static void try_put(model_t *model, unsigned int user, unsigned int arg)
{
    known_t *known = &model->users[user];
    apr_time_t sweep_at = model->now + SEC(arg % 8);
    unsigned int version = 1 + arg;
    apr_uint32_t blocks = blocks_of(user, version);
    pwl_reason_t why =
        fixture_put(model->table, user, version, model->now, sweep_at);

    if (why == PWL_STORE_FULL) {
        must(model, blocks_alive(model) + blocks > model->table->block_count);
        return;
    }
    must(model, why == PWL_OK);
    *known = (known_t){version, model->now, sweep_at, blocks};
}

static void try_remove(model_t *model, unsigned int user)
{
    known_t *known = &model->users[user];
    pwl_reason_t why = fixture_remove(model->table, user);

    must(model, why == PWL_OK
                    ? known->version != 0
                    : why == PWL_SESSION_UNKNOWN &&
                          (!known->version || known->sweep_at <= model->now));
    known->version = 0;
}

static void try_touch(model_t *model, unsigned int user, unsigned int arg)
{
    known_t *known = &model->users[user];
    apr_time_t at = model->now + (int)arg - 128;
    apr_time_t sweep_at = at + SEC(arg % 8);
    unsigned char skey[PWL_SKEY_BYTES];

    fixture_key(user, skey);
    if (pwl_sessions_touch(model->table, skey, at, sweep_at).why != PWL_OK) {
        must(model, !known->version || known->sweep_at <= model->now);
        known->version = 0;
        return;
    }
    must(model, known->version != 0);
    known->last_seen = at > known->last_seen ? at : known->last_seen;
    known->sweep_at = sweep_at > known->sweep_at ? sweep_at : known->sweep_at;
}

static void try_damage(model_t *model, unsigned int place, unsigned int arg)
{
    unsigned char *from = (unsigned char *)model->table->buckets;
    unsigned char *end = (unsigned char *)model->table->bitmaps;

    if (model->damage)
        from[(place * 509 + arg * 131071) % (apr_size_t)(end - from)] ^=
            (unsigned char)(1 << arg % 8);
}

static void step(model_t *model, const uint8_t *op)
{
    unsigned int user = op[1] % USERS;

    switch (op[0] % 8) {
    case 0:
    case 1:
        try_put(model, user, op[2]);
        break;
    case 2:
        try_remove(model, user);
        break;
    case 3:
        try_touch(model, user, op[2]);
        break;
    case 4:
        model->now += SEC(op[2] % 4);
        break;
    case 5:
        pwl_sessions_sweep(model->table, model->now);
        break;
    case 6:
        try_damage(model, op[1], op[2]);
        break;
    default:
        try_get(model, user);
    }
}

static void finish(model_t *model)
{
    pwl_sessions_place_t place;
    const char *what;

    for (unsigned int user = 0; user < USERS; user++)
        try_get(model, user);
    must(model, pwl_sessions_check(model->table, &what) == PWL_OK);
    pwl_sessions_place_shard(&place, model->table, 0);
    if (pwl_sessions_shard_lock(&place) != APR_SUCCESS)
        abort();
    pwl_sessions_shard_repair(&place);
    pwl_sessions_shard_unlock(&place);
    if (pwl_sessions_check(model->table, &what) != PWL_OK)
        abort();
    for (unsigned int user = 0; user < USERS; user++)
        try_get(model, user);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void *memory;
    model_t model = {0};
    apr_size_t bytes = pwl_sessions_min_bytes();

    if (size == 0)
        return 0;
    apr_initialize();
    if (!memory)
        memory = fixture_map(bytes);
    apr_pool_create(&model.pool, NULL);
    model.damage = data[0] & 1;
    model.now = NOW;
    if (pwl_sessions_format(memory, bytes, &model.table, model.pool).why !=
        PWL_OK)
        abort();
    for (size_t at = 1; at + 3 <= size; at += 3)
        step(&model, data + at);
    finish(&model);
    apr_pool_destroy(model.pool);
    return 0;
}
