/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Session tables of all sizes, and memory that is not the table it should be.
 */
#include "io/sessions_layout.h"

#include "sessions_fixture.h"

static apr_pool_t *pool;

/* Fill a table; each session must be there. @return how many fitted */
static unsigned int fill(pwl_sessions_t *table, unsigned int most)
{
    unsigned int users = 0;

    while (users < most &&
           fixture_put(table, users, 0, NOW, NOW + SEC(9)) == PWL_OK)
        users++;
    for (unsigned int i = 0; i < users; i++)
        if (!fixture_has(table, i, 0, pool))
            return 0;
    return users;
}

static void test_sizes(void)
{
    /* clang-format off */
    static const struct { const char *what; apr_size_t more, times; unsigned int shards; }
    sizes[] = {
        {"D15: the smallest table",            0, 1, 1},
        {"D15: a byte more",                   1, 1, 1},
        {"D15: an odd size",                4095, 3, 1},
        {"D15: one byte before two shards",   -1, 0, 1},
        {"D15: two shards",                    0, 0, 2},
        {"D15: a page more",                4096, 0, 2},
    };
    /* clang-format on */
    pwl_sessions_t *table;
    char what[128];

    for (size_t i = 0; i < COUNT(sizes); i++) {
        apr_size_t base = sizes[i].times ? pwl_sessions_min_bytes() : 524288;
        apr_size_t bytes =
            base * (sizes[i].times ? sizes[i].times : 1) + sizes[i].more;
        unsigned char *memory = fixture_map(bytes + 4096);

        memset(memory + bytes, 0x5a, 4096);
        tap_int(sizes[i].what,
                pwl_sessions_format(memory, bytes, &table, pool).why, PWL_OK);
        snprintf(what, sizeof(what), "%s: has so many shards", sizes[i].what);
        tap_int(what, table->shard_count, sizes[i].shards);
        snprintf(what, sizeof(what), "%s: takes sessions", sizes[i].what);
        tap_ok(fill(table, 5000) > 20, what);
        snprintf(what, sizeof(what), "%s: is whole", sizes[i].what);
        fixture_check(table, what);
        for (int at = 0; at < 4096; at++)
            if (memory[bytes + at] != 0x5a)
                tap_ok(0, "D15: the bytes behind are left alone");
    }
}

static void test_large(void)
{
    pwl_sessions_t *table = fixture_table(33554432, pool);

    tap_int("D15: 32 MiB have 64 shards", table->shard_count, 64);
    tap_int("D15: and take the sessions of 20,000 users",
            (long long)fill(table, 20000), 20000);
    fixture_check(table, "D15: 32 MiB: is whole");
    apr_pool_clear(pool);
}

/* The largest session must fit the smallest table, and a typical one cost what
 * was promised. */
static void test_room(void)
{
    static const pwl_field_t typical[] = {
        {PWL_FIELD_STRING, "sub", "email|5f7c8ec7c33c6c004bbafe82"},
        {PWL_FIELD_STRING, "email", "anna.schmidt@example.com"},
        {PWL_FIELD_STRING, "name", "Anna Schmidt"},
        {PWL_FIELD_STRING, "nickname", "anna.schmidt"},
        {PWL_FIELD_OTHER, "email_verified", "true"},
        {PWL_FIELD_STRING, "updated_at", "2024-05-01T12:00:00.000Z"},
        {PWL_FIELD_STRING, "picture",
         "https://s.gravatar.com/avatar/0123456789abcdef0123456789abcdef"
         "?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fan.png"},
    };
    pwl_sessions_t *table = fixture_table(pwl_sessions_min_bytes(), pool);
    unsigned char data[PWL_SESSION_MAX_BYTES], skey[PWL_SKEY_BYTES] = {0};
    pwl_session_t meta = {{0}};
    pwl_sessions_stats_t stats;
    apr_size_t len;

    memset(data, 'x', sizeof(data));
    tap_int("S10: the smallest table holds a session of the largest size",
            pwl_sessions_put(table, skey, &meta, NOW, data, sizeof(data)).why,
            PWL_OK);

    table = fixture_table(33554432, pool);
    pwl_session_encode(typical, COUNT(typical), data, &len);
    for (unsigned int i = 0; i < 50000; i++) {
        fixture_key(i, skey);
        if (pwl_sessions_put(table, skey, &meta, NOW, data, len).why != PWL_OK)
            tap_ok(0, "32 MiB hold 50,000 typical sessions");
    }
    pwl_sessions_stats(table, &stats);
    tap_int("50,000 typical sessions are counted", (long long)stats.live,
            50000);
    printf("# %d bytes of fields: %.0f in blocks, %.0f with all else\n",
           (int)len, (double)stats.bytes_used / 50000,
           33554432.0 * (double)stats.bytes_used / (double)stats.bytes_total /
               50000);
    tap_ok(33554432 / 600 * stats.bytes_used / stats.bytes_total < 50000,
           "a typical session costs 600 bytes at most, all else included");
    apr_pool_clear(pool);
}

static void test_refused(void)
{
    apr_size_t least = pwl_sessions_min_bytes();
    char *memory = fixture_map(least + 4096);
    pwl_sessions_t *table;

    tap_int("D15: a byte less than the smallest is refused",
            pwl_sessions_format(memory, least - 1, &table, pool).why,
            PWL_STORE_FAILED);
    tap_ok(table == NULL, "D15: and gives no table");
    tap_int("D15: so is no size",
            pwl_sessions_format(memory, 0, &table, pool).why, PWL_STORE_FAILED);
    tap_int("D15: so is memory at an odd address",
            pwl_sessions_format(memory + 1, least, &table, pool).why,
            PWL_STORE_FAILED);
    tap_str("D15: with a word about it",
            pwl_sessions_format(memory + 8, least, &table, pool).detail,
            "the session table's memory is not aligned to a page");
}

static void test_attach(void)
{
    /* clang-format off */
    static const struct { const char *what; apr_size_t at; const char *want; }
    changes[] = {
        {"S17: another magic", 0, "this memory holds no session table"},
        {"S17: another version", offsetof(pwl_sessions_header_t, version),
         "the session table is of another version"},
        {"S17: another size in the header", offsetof(pwl_sessions_header_t, bytes),
         "the session table is of another size"},
        {"S17: another byte order", offsetof(pwl_sessions_header_t, byte_order),
         "the session table is of another layout, or damaged"},
        {"S17: other locks", offsetof(pwl_sessions_header_t, lock_bytes),
         "the session table is of another layout, or damaged"},
        {"S17: more shards", offsetof(pwl_sessions_header_t, shard_count),
         "the session table is of another layout, or damaged"},
        {"S17: more blocks", offsetof(pwl_sessions_header_t, block_count),
         "the session table is of another layout, or damaged"},
        {"S17: another seed", offsetof(pwl_sessions_header_t, seed),
         "the session table's header is damaged"},
        {"S17: another checksum", offsetof(pwl_sessions_header_t, checksum),
         "the session table's header is damaged"},
    };
    /* clang-format on */
    apr_size_t bytes = pwl_sessions_min_bytes() + 4096;
    char *memory = fixture_map(bytes);
    pwl_sessions_t *table, *again;

    tap_str("S17: fresh memory is no table",
            pwl_sessions_attach(memory, bytes, &again, pool).detail,
            "this memory holds no session table");
    pwl_sessions_format(memory, bytes, &table, pool);
    fixture_put(table, 7, 0, NOW, NOW);
    tap_int("S17: a table is found again",
            pwl_sessions_attach(memory, bytes, &again, pool).why, PWL_OK);
    tap_ok(fixture_has(again, 7, 0, pool), "S17: with the session in it");
    tap_str("S17: but not as one of another size",
            pwl_sessions_attach(memory, bytes - 1, &again, pool).detail,
            "the session table is of another size");
    tap_ok(again == NULL, "S17: which gives no table");
    for (size_t i = 0; i < COUNT(changes); i++) {
        memory[changes[i].at] ^= 1;
        tap_str(changes[i].what,
                pwl_sessions_attach(memory, bytes, &again, pool).detail,
                changes[i].want);
        memory[changes[i].at] ^= 1;
    }
    tap_int("S17: as it was, it is found again",
            pwl_sessions_attach(memory, bytes, &again, pool).why, PWL_OK);
    pwl_sessions_format(memory, bytes, &table, pool);
    tap_ok(!fixture_has(table, 7, 0, pool), "formatted anew, it is empty");
    fixture_check(table, "and whole");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_sizes();
    test_large();
    test_room();
    test_refused();
    test_attach();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
