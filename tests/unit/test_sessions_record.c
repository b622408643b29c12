/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Damage: each bit of a record, its links, its bucket and its shard's free list
 * is changed once. That costs this record at most; all others are still there,
 * nobody sees a changed one, and the table is whole again afterwards.
 */
#include "io/sessions_record.h"

#include "io/sessions_shard.h"
#include "sessions_fixture.h"

#define USERS 40 /* in one shard, so that they are neighbours */
#define VICTIM 17

static apr_pool_t *pool;
static apr_size_t bytes;

/* A table of USERS users, all in place. */
static pwl_sessions_t *users_table(void *memory)
{
    pwl_sessions_t *table;

    pwl_sessions_format(memory, bytes, &table, pool);
    for (unsigned int user = 0; user < USERS; user++)
        if (fixture_put(table, user, 0, NOW, NOW + SEC(9)) != PWL_OK)
            abort();
    return table;
}

static void place_user(pwl_sessions_t *table, unsigned int user,
                       pwl_sessions_place_t *place, pwl_sessions_hit_t *hit)
{
    unsigned char skey[PWL_SKEY_BYTES];
    apr_uint64_t key[4];

    fixture_key(user, skey);
    memcpy(key, skey, sizeof(key));
    pwl_sessions_place_key(place, table, key);
    if (pwl_sessions_record_find(place, hit) != PWL_OK)
        abort();
}

/* Is the table useful after damage? The victim may be gone, but whole if it is
 * not; others are there; anybody new fits in and out. */
static int recovers(pwl_sessions_t *table, int victim_may_go)
{
    pwl_session_t session;
    pwl_sessions_place_t place;
    const char *what;
    pwl_reason_t why = fixture_get(table, VICTIM, &session, pool);

    if (why == PWL_OK ? !fixture_is(&session, VICTIM, 0) : !victim_may_go)
        return 0;
    for (unsigned int user = 0; user < USERS; user++)
        if (user != VICTIM && !fixture_has(table, user, 0, pool))
            return 0;
    if (fixture_put(table, 1000, 0, NOW, NOW + SEC(9)) != PWL_OK ||
        !fixture_has(table, 1000, 0, pool) ||
        fixture_remove(table, 1000) != PWL_OK)
        return 0;
    /* What nobody met since is for check to find, and for repair to mend. */
    pwl_sessions_place_shard(&place, table, 0);
    pwl_sessions_shard_lock(&place);
    pwl_sessions_shard_repair(&place);
    pwl_sessions_shard_unlock(&place);
    if (pwl_sessions_check(table, &what) != PWL_OK)
        return 0;
    for (unsigned int user = 0; user < USERS; user++)
        if (user != VICTIM && !fixture_has(table, user, 0, pool))
            return 0;
    return 1;
}

/* Change each bit of the 16 words of one block of the victim. */
static void test_block(void *memory, int second, const char *sentence)
{
    void *saved = malloc(bytes);
    pwl_sessions_t *table = users_table(memory);
    pwl_sessions_place_t place;
    pwl_sessions_hit_t hit;
    pwl_sessions_block_t *block;
    int wrong = 0;

    memcpy(saved, memory, bytes);
    place_user(table, VICTIM, &place, &hit);
    block = pwl_sessions_block(&place, hit.number);
    if (second)
        block = pwl_sessions_block(&place, block->head.next);
    for (int bit = 0; bit < 1024; bit++) {
        memcpy(memory, saved, bytes);
        block->words[bit / 64] ^= (apr_uint64_t)1 << bit % 64;
        wrong += !recovers(table, 1);
        apr_pool_clear(pool);
        pwl_sessions_attach(memory, bytes, &table, pool);
    }
    tap_int(sentence, wrong, 0);
    free(saved);
}

/* The checksum does not cover two times and the link: every other change must
 * be noticed by whoever asks for the session. */
static void test_noticed(void *memory)
{
    void *saved = malloc(bytes);
    pwl_sessions_t *table = users_table(memory);
    pwl_sessions_place_t place;
    pwl_sessions_hit_t hit;
    pwl_sessions_block_t *head;
    pwl_session_t session;
    int shown = 0;

    memcpy(saved, memory, bytes);
    place_user(table, VICTIM, &place, &hit);
    head = pwl_sessions_block(&place, hit.number);
    for (int word = 1; word < 16; word++) {
        if (&head->words[word] == &head->head.last_seen ||
            &head->words[word] == &head->head.sweep_at ||
            &head->words[word] == &head->head.link)
            continue; /* the link is for others, who are asked above */
        for (int bit = 0; bit < 64; bit++) {
            memcpy(memory, saved, bytes);
            head->words[word] ^= (apr_uint64_t)1 << bit;
            shown += fixture_get(table, VICTIM, &session, pool) == PWL_OK;
        }
    }
    tap_int("S11: no session is shown with a bit changed", shown, 0);
    free(saved);
}

static void test_dropped(void *memory)
{
    pwl_sessions_t *table = users_table(memory);
    pwl_sessions_place_t place;
    pwl_sessions_hit_t hit;
    pwl_session_t session;
    pwl_sessions_stats_t stats;
    apr_uint32_t other;

    place_user(table, VICTIM, &place, &hit);
    pwl_sessions_block(&place, hit.number)->head.realm[0] ^= 1;
    tap_int("S11: whoever meets a damaged record is told",
            fixture_get(table, VICTIM, &session, pool), PWL_SESSION_DAMAGED);
    tap_int("S11: once, then it is gone",
            fixture_get(table, VICTIM, &session, pool), PWL_SESSION_UNKNOWN);
    pwl_sessions_stats(table, &stats);
    tap_int("S11: and nobody else", (long long)stats.live, USERS - 1);
    tap_int("S11: one repair was counted", (long long)stats.repaired, 1);
    fixture_check(table, "S11: the table is whole");

    table = users_table(memory);
    place_user(table, VICTIM, &place, &hit);
    pwl_sessions_block(&place, hit.number)->head.link |= (apr_uint64_t)8192
                                                         << 48;
    tap_int("S11: a damaged record can be signed out",
            fixture_remove(table, VICTIM), PWL_OK);
    fixture_check(table, "S11: and the table is whole");

    table = users_table(memory);
    place_user(table, VICTIM, &place, &hit);
    pwl_sessions_block(&place, hit.number)->head.link &= 0xffffffffffffu;
    fixture_remove(table, VICTIM);
    fixture_check(table, "S11: also if it says that it is shorter");

    table = users_table(memory);
    place_user(table, 3, &place, &hit);
    other = pwl_sessions_block(&place, hit.number)->head.next;
    place_user(table, VICTIM, &place, &hit);
    pwl_sessions_block(&place, hit.number)->head.next = other;
    fixture_remove(table, VICTIM);
    tap_ok(recovers(table, 1),
           "S11: nobody loses blocks to a damaged record that is signed out");

    table = users_table(memory);
    place_user(table, VICTIM, &place, &hit);
    pwl_sessions_block(&place, hit.number)->head.next = 3;
    tap_int("S11: and replaced",
            fixture_put(table, VICTIM, 4, NOW, NOW + SEC(9)), PWL_OK);
    tap_ok(fixture_has(table, VICTIM, 4, pool), "S11: by one that is whole");
    fixture_check(table, "S11: and the table is whole");
}

/* Three records of one bucket: a link that leads past the second. */
static void test_links(void *memory)
{
    unsigned char skey[PWL_SKEY_BYTES] = {0};
    pwl_session_t meta = {{0}}, out;
    pwl_sessions_place_t place;
    pwl_sessions_hit_t hit;
    pwl_sessions_t *table;
    apr_uint64_t key[4];
    int there = 0;

    pwl_sessions_format(memory, bytes, &table, pool);
    for (unsigned char i = 1; i <= 3; i++) {
        skey[31] = i;
        pwl_sessions_put(table, skey, &meta, NOW, (unsigned char *)"", 0);
    }
    memcpy(key, skey, sizeof(key)); /* of the last, which is the first now */
    pwl_sessions_place_key(&place, table, key);
    pwl_sessions_record_find(&place, &hit);
    pwl_sessions_block(&place, hit.number)->head.link &=
        ~(apr_uint64_t)0xffffffffu;
    for (unsigned char i = 1; i <= 3; i++) {
        skey[31] = i;
        there += pwl_sessions_get(table, skey, &out, pool).why == PWL_OK;
    }
    tap_int("S11: a damaged link hides nobody", there, 3);
    fixture_check(table, "S11: and is mended");
}

/* What is not of the session must not be of somebody else's stack. */
static void test_padding(void *memory)
{
    static const unsigned char want[8] = {0x5a};
    unsigned char skey[PWL_SKEY_BYTES] = {0};
    pwl_session_t meta = {{0}};
    pwl_sessions_place_t place;
    pwl_sessions_hit_t hit;
    pwl_sessions_t *table;
    apr_uint64_t key[4] = {0};

    pwl_sessions_format(memory, bytes, &table, pool);
    pwl_sessions_put(table, skey, &meta, NOW, want, 1);
    pwl_sessions_place_key(&place, table, key);
    pwl_sessions_record_find(&place, &hit);
    tap_ok(memcmp(pwl_sessions_block(&place, hit.number)->head.fields, want,
                  8) == 0,
           "S10: behind the last byte of a session there are zeros");
}

/* A record that leads into a block nobody was given yet, where by chance stands
 * what stood in its own: whoever is given that block later would share it. */
static void test_stale(void *memory)
{
    pwl_sessions_t *table = users_table(memory);
    pwl_sessions_place_t place;
    pwl_sessions_hit_t hit;
    pwl_sessions_block_t *head, *stale;
    apr_uint32_t number;

    place_user(table, VICTIM, &place, &hit);
    head = pwl_sessions_block(&place, hit.number);
    number = place.first + place.shard->fresh;
    stale = pwl_sessions_block(&place, number);
    *stale = *pwl_sessions_block(&place, head->head.next);
    head->head.next = number;
    pwl_sessions_shard_repair(&place);
    fixture_check(table, "S11: no record keeps a block that was never given");
}

/* Words outside all records: no record may be lost for any of these. */
static void test_outside(void *memory)
{
    static const apr_uint32_t values[] = {0, 1, 2, 5, 77, 4096, 0xffffffffu};
    pwl_sessions_t *table = users_table(memory);
    pwl_sessions_place_t place;
    pwl_sessions_hit_t hit;
    int wrong = 0;

    for (size_t i = 0; i < COUNT(values); i++) {
        table = users_table(memory);
        fixture_remove(table, VICTIM);
        table->shards[0].free = values[i];
        wrong += !recovers(table, 1);
    }
    tap_int("S11: a damaged free list costs nobody", wrong, 0);

    wrong = 0;
    for (size_t i = 0; i < COUNT(values); i++) {
        table = users_table(memory);
        table->shards[0].used = values[i];
        table->shards[0].live = values[i];
        table->shards[0].sweep_bucket = values[i];
        pwl_sessions_sweep(table, NOW);
        fixture_put(table, 2000, 0, NOW, NOW + SEC(9));
        wrong += table->shards[0].used > table->block_count;
        wrong += !recovers(table, 0);
    }
    tap_int("S11: damaged counts cost nobody", wrong, 0);

    /* A head of 0 is a whole chain of none: found by repair, not by readers. */
    wrong = 0;
    for (size_t i = 1; i < COUNT(values); i++) {
        table = users_table(memory);
        place_user(table, VICTIM, &place, &hit);
        place.bucket->head = values[i];
        fixture_has(table, VICTIM, 0, pool);
        fixture_put(table, 2000, 0, NOW, NOW + SEC(9));
        fixture_remove(table, 2000);
        pwl_sessions_shard_lock(&place);
        pwl_sessions_shard_repair(&place);
        pwl_sessions_shard_unlock(&place);
        wrong += !recovers(table, 0);
    }
    tap_int("S11: a damaged bucket costs nobody after repair", wrong, 0);

    table = users_table(memory);
    place_user(table, VICTIM, &place, &hit);
    place.bucket->sequence |= 1;
    tap_ok(fixture_has(table, VICTIM, 0, pool),
           "S16: a bucket left open is read under the lock");
    place.bucket->head = 0;
    place.shard->busy = 1;
    tap_ok(fixture_has(table, VICTIM, 0, pool),
           "S16: and believed only after repair");
}

int main(void)
{
    void *memory;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    bytes = pwl_sessions_min_bytes() * 3 + 8192;
    memory = fixture_map(bytes);
    test_block(memory, 0, "S11: a bit of a head costs its record at most");
    test_block(memory, 1, "S11: so does a bit of a further block");
    test_noticed(memory);
    test_dropped(memory);
    test_links(memory);
    test_padding(memory);
    test_stale(memory);
    test_outside(memory);
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
