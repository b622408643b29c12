/* SPDX-License-Identifier: Apache-2.0 */
/* The whole table: taken over after a crash, moved, walked. */
#include "io/sessions_walk.h"

#include <sys/wait.h>
#include <unistd.h>

#include "io/sessions_layout.h"
#include "io/sessions_shard.h"
#include "sessions_fixture.h"

#define USERS 300u
#define BYTES (2u * 1024 * 1024)
#define FAR (NOW + SEC(3600))

static apr_pool_t *pool;

static pwl_sessions_t *full_table(apr_size_t bytes, unsigned int users)
{
    pwl_sessions_t *table = fixture_table(bytes, pool);

    for (unsigned int i = 0; i < users; i++)
        if (fixture_put(table, i, 1, NOW, FAR) != PWL_OK)
            abort();
    return table;
}

static unsigned int count_whole(pwl_sessions_t *table, unsigned int users)
{
    unsigned int whole = 0;

    for (unsigned int i = 0; i < users; i++)
        whole += (unsigned int)fixture_has(table, i, 1, pool);
    return whole;
}

/* Every page may be of another moment: links, counts and the count of blocks
 * used are worth nothing, records that are whole count. */
static void recovers(const char *what, void (*spoil)(pwl_sessions_t *),
                     unsigned int want)
{
    pwl_sessions_t *table = full_table(BYTES, USERS);
    pwl_result_t res;

    spoil(table);
    res = pwl_sessions_recover(table->header, BYTES, &table, pool);
    tap_str(what, pwl_reason_word(res.why), "ok");
    tap_int(what, count_whole(table, USERS), want);
    fixture_check(table, what);
    tap_str("S17: and it can be written to",
            pwl_reason_word(fixture_put(table, USERS, 1, NOW, FAR)), "ok");
}

static void spoil_nothing(pwl_sessions_t *table)
{
}

static void spoil_locks(pwl_sessions_t *table)
{
    for (apr_uint32_t i = 0; i < table->shard_count; i++)
        memset(table->shards[i].lock_room, 0xa5,
               sizeof(table->shards[i].lock_room));
}

static void spoil_counts(pwl_sessions_t *table)
{
    for (apr_uint32_t i = 0; i < table->shard_count; i++) {
        table->shards[i].fresh = i % 2 ? 0 : 0xffffffff;
        table->shards[i].free = 7;
        table->shards[i].live = table->shards[i].used = ~(apr_uint64_t)0;
        table->shards[i].sweep_bucket = 0xfffffff0;
    }
}

static void spoil_buckets(pwl_sessions_t *table)
{
    memset(table->buckets, 0xff,
           (apr_size_t)table->shard_count * table->bucket_count *
               sizeof(*table->buckets));
}

static void spoil_one_record(pwl_sessions_t *table)
{
    pwl_sessions_place_t place;
    unsigned char skey[PWL_SKEY_BYTES];
    apr_uint64_t key[4];

    fixture_key(17, skey);
    memcpy(key, skey, sizeof(key));
    pwl_sessions_place_key(&place, table, key);
    pwl_sessions_block(&place, place.bucket->head)->head.fields[1] ^= 1;
}

static void locked_by_the_dead(pwl_sessions_t *table)
{
    pid_t pid = fork();

    if (pid == 0) {
        for (apr_uint32_t i = 0; i < table->shard_count; i++) {
            pwl_sessions_place_t place;

            pwl_sessions_place_shard(&place, table, i);
            pwl_sessions_shard_lock(&place);
        }
        _exit(0);
    }
    waitpid(pid, NULL, 0);
}

static void test_recover(void)
{
    unsigned char *base = fixture_map(BYTES);
    pwl_sessions_t *table;

    recovers("S17: a table that was closed well", spoil_nothing, USERS);
    recovers("S17: locks of another life", spoil_locks, USERS);
    recovers("S16: locks held by the dead", locked_by_the_dead, USERS);
    recovers("S17: counts of another moment", spoil_counts, USERS);
    recovers("S17: links of another moment", spoil_buckets, USERS);
    recovers("S17: damage in one record costs that one", spoil_one_record,
             USERS - 1);
    tap_str(
        "S17: no table at all",
        pwl_reason_word(pwl_sessions_recover(base, BYTES, &table, pool).why),
        "store-failed");
}

/* After a crash of the machine each page is of a moment of its own: mix those
 * of many moments of a table in use. */
#define MOMENTS 8

static int mixed_is_sound(unsigned char *const moments[MOMENTS],
                          unsigned char *mix)
{
    pwl_sessions_t *table;
    pwl_session_t session;
    const char *what;
    int sound;

    for (apr_size_t at = 0; at < BYTES; at += 4096)
        memcpy(mix + at, moments[rand() % MOMENTS] + at, 4096);
    if (pwl_sessions_recover(mix, BYTES, &table, pool).why != PWL_OK)
        return 0;
    sound = pwl_sessions_check(table, &what) == PWL_OK;
    for (unsigned int i = 0; i < USERS; i++)
        if (fixture_get(table, i, &session, pool) == PWL_OK &&
            !fixture_is(&session, i,
                        (unsigned int)(session.expires - NOW - SEC(1))))
            sound = 0;
    return sound && fixture_has(table, USERS, 1, pool);
}

static void test_pages(void)
{
    unsigned char *moments[MOMENTS], *mix = fixture_map(BYTES);
    pwl_sessions_t *table = full_table(BYTES, USERS);
    int sound = 0;

    /* The last one never changes: its bytes are the same at all moments. */
    fixture_put(table, USERS, 1, NOW, FAR);
    for (int i = 0; i < MOMENTS; i++) {
        for (int k = 0; k < 2000; k++) {
            unsigned int user = (unsigned int)rand() % USERS;

            if (rand() % 3)
                fixture_put(table, user, (unsigned int)rand() % 1000, NOW, FAR);
            else
                fixture_remove(table, user);
        }
        moments[i] = fixture_map(BYTES);
        memcpy(moments[i], table->header, BYTES);
    }
    for (int i = 0; i < 200; i++)
        sound += mixed_is_sound(moments, mix);
    tap_int("S17: pages of many moments: the table is sound, and nobody gets "
            "another one's session or half of one",
            sound, 200);
}

static int count_one(void *ctx, const unsigned char *skey,
                     const pwl_session_t *session, apr_pool_t *scratch)
{
    unsigned char *seen = ctx, want[PWL_SKEY_BYTES];
    unsigned int user = (unsigned int)(session->created - NOW);

    fixture_key(user, want);
    if (user < USERS && fixture_is(session, user, 1) &&
        memcmp(want, skey, sizeof(want)) == 0)
        seen[user]++;
    return 1;
}

typedef struct {
    pwl_sessions_t *table;
    unsigned int left;
} end_t;

static int end_one(void *ctx, const unsigned char *skey,
                   const pwl_session_t *session, apr_pool_t *scratch)
{
    end_t *end = ctx;

    pwl_sessions_remove(end->table, skey);
    return --end->left > 0;
}

static void test_each(void)
{
    pwl_sessions_t *table = full_table(BYTES, USERS);
    unsigned char seen[USERS] = {0};
    unsigned int once = 0;
    end_t end = {table, 100};

    pwl_sessions_each(table, count_one, seen, pool);
    for (unsigned int i = 0; i < USERS; i++)
        once += seen[i] == 1;
    tap_int("each session is shown once, with its key", once, USERS);
    pwl_sessions_each(table, end_one, &end, pool);
    tap_int("what is shown may be removed, and the walk stopped",
            count_whole(table, USERS), USERS - 100);
    fixture_check(table, "and the table is whole");
    pwl_sessions_each(fixture_table(BYTES, pool), end_one, &end, pool);
    tap_int("an empty table shows nothing", end.left, 0);
}

typedef struct {
    pwl_sessions_t *table;
    unsigned int left; /* to visit before the others move */
} moving_t;

static int is_meant(const pwl_session_t *session)
{
    return (session->created - NOW) % 2 == 1;
}

/* Ends those that are meant. At some moment all others are written anew, in the
 * places of those that are gone. */
static int end_and_move(void *ctx, const unsigned char *skey,
                        const pwl_session_t *session, apr_pool_t *scratch)
{
    moving_t *moving = ctx;

    if (is_meant(session))
        pwl_sessions_remove(moving->table, skey);
    if (moving->left-- != 0)
        return 1;
    for (unsigned int i = 0; i < USERS; i++)
        if (fixture_has(moving->table, i, 1, scratch))
            fixture_put(moving->table, i, 2, NOW, FAR);
    return 1;
}

static int count_meant(void *ctx, const unsigned char *skey,
                       const pwl_session_t *session, apr_pool_t *scratch)
{
    *(unsigned int *)ctx += (unsigned int)is_meant(session);
    return 1;
}

/* @return how many were missed, over all moments */
static unsigned int missed_by(void (*walk)(pwl_sessions_t *,
                                           pwl_sessions_visitor_t *, void *,
                                           apr_pool_t *))
{
    unsigned int missed = 0;

    for (unsigned int when = 0; when < USERS; when += 7) {
        moving_t moving = {full_table(BYTES, USERS), when};

        walk(moving.table, end_and_move, &moving, pool);
        pwl_sessions_each(moving.table, count_meant, &missed, pool);
    }
    return missed;
}

static void test_end_each(void)
{
    tap_ok(missed_by(pwl_sessions_each) > 0,
           "one walk may miss a session that is written anew");
    tap_int("two end all the same", missed_by(pwl_sessions_end_each), 0);
}

static void test_move(void)
{
    pwl_sessions_t *from = full_table(BYTES, USERS);
    pwl_sessions_t *to = fixture_table(BYTES * 2, pool);
    apr_uint64_t moved, left;

    fixture_put(from, USERS, 1, NOW, NOW + SEC(1));
    left = pwl_sessions_move(from, to, NOW + SEC(2), &moved);
    tap_int("S17: all move into a larger table", (long long)moved, USERS);
    tap_int("S17: and none is left", (long long)left, 0);
    tap_int("S17: each is whole there", count_whole(to, USERS), USERS);
    tap_ok(!fixture_has(to, USERS, 1, pool), "what is past its time stays");
    fixture_check(to, "the larger table is whole");

    to = fixture_table(pwl_sessions_min_bytes(), pool);
    left = pwl_sessions_move(from, to, NOW, &moved);
    tap_ok(moved > 10 && left > 10, "S17: of a smaller one what fits");
    tap_int("S17: none forgotten", (long long)(moved + left), USERS + 1);
    tap_int("S17: each is whole there", count_whole(to, USERS + 1),
            (long long)moved);
    fixture_check(to, "the smaller table is whole");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_recover();
    test_pages();
    test_each();
    test_end_each();
    test_move();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
