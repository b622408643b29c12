/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The session table against a model that remembers one number a user.
 *
 * Input: one byte (odd: with damage), then operations of three bytes. Without
 * damage the table must agree with the model in each answer, refuse nobody for
 * whom there is room, lose nobody whose time is not over, show nobody who was
 * ended, and pass its own check; also when it is taken over from the dead,
 * moved into another table, or walked while sessions are ended. (D10: full of
 * live sessions, it refuses new ones and drops none.)
 *
 * With damage, bits of buckets and blocks are flipped in between, and of all
 * of the memory before it is taken over: then it must not crash, hang or show
 * a wrong session, and be whole after repair.
 */
#include "io/sessions_record.h"

#include "../unit/sessions_fixture.h"
#include "io/sessions_shard.h"
#include "io/sessions_walk.h"
#include "target.h"

#define USERS 64

typedef struct {
    unsigned int version; /* 0: not there */
    apr_time_t last_seen, sweep_at;
    apr_uint32_t blocks;
} known_t;

typedef struct {
    void *memory, *spare; /* the table's, and that of the next one */
    apr_size_t bytes;
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

/* Blocks of all that may still be there. */
static apr_uint32_t blocks_there(const model_t *model)
{
    apr_uint32_t blocks = 0;

    for (int i = 0; i < USERS; i++)
        if (model->users[i].version)
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

/* Write it anew, as after a refresh of its tokens. */
static void try_replace(model_t *model, unsigned int user, unsigned int arg)
{
    known_t *known = &model->users[user];
    unsigned int version = 1 + arg;
    apr_time_t at = model->now - SEC(arg % 3), sweep_at = at + SEC(arg % 8);
    apr_uint32_t blocks = blocks_of(user, version);
    pwl_reason_t why =
        fixture_replace(model->table, user, version, at, sweep_at);

    if (why == PWL_SESSION_UNKNOWN) {
        must(model, !known->version || known->sweep_at <= model->now);
        known->version = 0;
        return;
    }
    must(model, known->version != 0);
    if (why == PWL_STORE_FULL) {
        /* Not swept for: with the clock of the call, not with ours. */
        must(model, blocks_there(model) + blocks > model->table->block_count);
        return;
    }
    must(model, why == PWL_OK);
    known->version = version;
    known->blocks = blocks;
    known->last_seen = at > known->last_seen ? at : known->last_seen;
    known->sweep_at = sweep_at > known->sweep_at ? sweep_at : known->sweep_at;
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

typedef struct {
    model_t *model;
    unsigned int whose; /* ended on the way */
    int seen[USERS];
} walk_t;

static int visit(void *ctx, const unsigned char *skey,
                 const pwl_session_t *session, apr_pool_t *scratch)
{
    walk_t *walk = ctx;
    unsigned int user = (unsigned int)(session->created - NOW);
    unsigned char own[PWL_SKEY_BYTES];

    if (user >= USERS ||
        !fixture_is(session, user,
                    (unsigned int)(session->expires - NOW - SEC(1))))
        abort();
    fixture_key(user, own);
    if (memcmp(skey, own, sizeof(own)) != 0)
        abort();
    must(walk->model, walk->model->users[user].version != 0);
    must(walk->model, !walk->seen[user]++);
    if (user == walk->whose)
        try_remove(walk->model, user);
    return 1;
}

/* Look at all; end those of one on the way. */
static void try_walk(model_t *model, unsigned int whose)
{
    walk_t walk = {model, whose, {0}};
    known_t before[USERS];

    memcpy(before, model->users, sizeof(before));
    pwl_sessions_each(model->table, visit, &walk, model->pool);
    for (unsigned int user = 0; user < USERS; user++)
        must(model, walk.seen[user] || !before[user].version ||
                        before[user].sweep_at <= model->now);
    try_get(model, whose);
}

static void make_table(model_t *model)
{
    memset(model->users, 0, sizeof(model->users));
    if (pwl_sessions_format(model->memory, model->bytes, &model->table,
                            model->pool)
            .why != PWL_OK)
        abort();
}

/* Its users are all gone: take over what they left. */
static void try_recover(model_t *model, unsigned int place, unsigned int arg)
{
    const char *what;

    if (model->damage && arg)
        ((unsigned char *)model->memory)[(place * 977 + arg * 13) %
                                         (arg & 1 ? 512 : model->bytes)] ^=
            (unsigned char)(1 << arg % 8);
    if (pwl_sessions_recover(model->memory, model->bytes, &model->table,
                             model->pool)
            .why != PWL_OK) {
        must(model, 0);
        make_table(model);
    }
    if (pwl_sessions_check(model->table, &what) != PWL_OK)
        abort();
}

/* Into a table of its own, as when the size was changed. */
static void try_move(model_t *model)
{
    void *old = model->memory;
    pwl_sessions_t *from = model->table;
    apr_uint64_t moved, left;
    known_t users[USERS];
    unsigned int alive = 0;

    memcpy(users, model->users, sizeof(users));
    model->memory = model->spare;
    model->spare = old;
    make_table(model);
    left = pwl_sessions_move(from, model->table, model->now, &moved);
    for (unsigned int user = 0; user < USERS; user++)
        alive += users[user].version && users[user].sweep_at > model->now;
    must(model, left == 0 && moved == alive);
    memcpy(model->users, users, sizeof(users));
    for (unsigned int user = 0; user < USERS; user++)
        if (users[user].sweep_at <= model->now)
            model->users[user].version = 0;
}

static void step(model_t *model, const uint8_t *op)
{
    unsigned int user = op[1] % USERS;

    switch (op[0] % 12) {
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
    case 7:
        try_replace(model, user, op[2]);
        break;
    case 8:
        try_walk(model, user);
        break;
    case 9:
        try_recover(model, op[1], op[2]);
        break;
    case 10:
        try_move(model);
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
    static void *memory, *spare;
    model_t model = {.bytes = pwl_sessions_min_bytes()};

    if (size == 0)
        return 0;
    apr_initialize();
    if (!memory) {
        memory = fixture_map(model.bytes);
        spare = fixture_map(model.bytes);
    }
    apr_pool_create(&model.pool, NULL);
    model.memory = memory;
    model.spare = spare;
    model.damage = data[0] & 1;
    model.now = NOW;
    make_table(&model);
    for (size_t at = 1; at + 3 <= size && at < 1200; at += 3)
        step(&model, data + at);
    finish(&model);
    apr_pool_destroy(model.pool);
    return 0;
}
