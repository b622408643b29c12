/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The session table as its callers see it: one session, its times, all lengths,
 * a full table. Many callers at once are in test_sessions_many.c, those that
 * are killed in test_sessions_shard.c.
 */
#include "io/sessions.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sessions_fixture.h"

static apr_pool_t *pool;

static void test_one(void)
{
    pwl_sessions_t *table = fixture_table(pwl_sessions_min_bytes(), pool);
    unsigned char skey[PWL_SKEY_BYTES];
    pwl_session_t session;
    pwl_sessions_stats_t stats;

    fixture_key(1, skey);
    tap_int("S1: an empty table knows nobody",
            fixture_get(table, 1, &session, pool), PWL_SESSION_UNKNOWN);
    tap_int("S11: nobody can be touched",
            pwl_sessions_touch(table, skey, NOW, NOW).why, PWL_SESSION_UNKNOWN);
    tap_int("S11: nor removed", fixture_remove(table, 1), PWL_SESSION_UNKNOWN);
    tap_int("a session is put", fixture_put(table, 1, 0, NOW, NOW + SEC(9)),
            PWL_OK);
    tap_int("and got", fixture_get(table, 1, &session, pool), PWL_OK);
    tap_ok(fixture_is(&session, 1, 0), "with all its fields, times and realm");
    tap_int("and its last_seen", session.last_seen, NOW);
    tap_int("S1: others are still unknown",
            fixture_get(table, 2, &session, pool), PWL_SESSION_UNKNOWN);

    tap_int("S2: one of the same key takes its place",
            fixture_put(table, 1, 7, NOW, NOW + SEC(9)), PWL_OK);
    tap_ok(fixture_has(table, 1, 7, pool), "S2: the new one is seen");
    pwl_sessions_stats(table, &stats);
    tap_int("S2: there is one", (long long)stats.live, 1);
    fixture_check(table, "S2: and nothing of the first is left");

    tap_int("S4: it is removed", fixture_remove(table, 1), PWL_OK);
    tap_int("S4: and unknown", fixture_get(table, 1, &session, pool),
            PWL_SESSION_UNKNOWN);
    tap_int("S11: removed once", fixture_remove(table, 1), PWL_SESSION_UNKNOWN);
    tap_int("S6: touched no more",
            pwl_sessions_touch(table, skey, NOW, NOW).why, PWL_SESSION_UNKNOWN);
    pwl_sessions_stats(table, &stats);
    tap_ok(stats.live == 0 && stats.bytes_used == 0 && stats.created == 2 &&
               stats.removed == 1 && stats.swept == 0 && stats.repaired == 0,
           "the counts say so");
    fixture_check(table, "the table is whole");
}

static apr_time_t last_seen(pwl_sessions_t *table, unsigned int user)
{
    pwl_session_t session;

    if (fixture_get(table, user, &session, pool) != PWL_OK ||
        !fixture_is(&session, user, 0))
        return -1;
    return session.last_seen;
}

static void test_touch(void)
{
    pwl_sessions_t *table = fixture_table(pwl_sessions_min_bytes(), pool);
    unsigned char skey[PWL_SKEY_BYTES];

    fixture_key(1, skey);
    fixture_put(table, 1, 0, NOW, NOW + SEC(9));
    fixture_put(table, 2, 0, NOW, NOW + SEC(9));
    tap_int("S3: a touch",
            pwl_sessions_touch(table, skey, NOW + 5, NOW + 6).why, PWL_OK);
    tap_int("S3: moves last_seen and nothing else", last_seen(table, 1),
            NOW + 5);
    tap_int("S3: of this session only", last_seen(table, 2), NOW);
    pwl_sessions_touch(table, skey, NOW + 4, NOW + SEC(20));
    tap_int("S3: a touch of before changes nothing", last_seen(table, 1),
            NOW + 5);
    pwl_sessions_sweep(table, NOW + SEC(9));
    tap_int("S3: what was touched outlives the sweep that", last_seen(table, 1),
            NOW + 5);
    tap_int("S3: takes the other", last_seen(table, 2), -1);
    pwl_sessions_sweep(table, NOW + SEC(20) - 1);
    tap_int("S3: a microsecond early is too early", last_seen(table, 1),
            NOW + 5);
    pwl_sessions_sweep(table, NOW + SEC(20));
    tap_int("S3: its time has come", last_seen(table, 1), -1);
    fixture_check(table, "the table is whole");
}

static pwl_reason_t replace(pwl_sessions_t *table, unsigned int user,
                            const char *text, apr_time_t seen)
{
    pwl_field_t field = {PWL_FIELD_NOTE, "tokens", text};
    pwl_session_t meta = {.created = NOW, .last_seen = seen};
    unsigned char data[PWL_SESSION_MAX_BYTES], skey[PWL_SKEY_BYTES];
    apr_size_t len;

    fixture_key(user, skey);
    pwl_session_encode(&field, 1, data, &len);
    return pwl_sessions_replace(table, skey, &meta, seen + SEC(9), data, len)
        .why;
}

static void test_replace(void)
{
    pwl_sessions_t *table = fixture_table(pwl_sessions_min_bytes(), pool);
    unsigned char skey[PWL_SKEY_BYTES];
    pwl_sessions_stats_t stats;
    pwl_session_t out;

    tap_int("S6: what is not there is not made",
            replace(table, 1, "new", NOW), PWL_SESSION_UNKNOWN);
    tap_int("S6: and is not there after it", fixture_get(table, 1, &out, pool),
            PWL_SESSION_UNKNOWN);
    fixture_put(table, 1, 0, NOW, NOW + SEC(9));
    fixture_put(table, 2, 0, NOW, NOW + SEC(9));
    fixture_key(1, skey);
    pwl_sessions_touch(table, skey, NOW + 7, NOW + SEC(20));
    tap_int("what is there is replaced", replace(table, 1, "new", NOW + 5),
            PWL_OK);
    tap_int("and is there", fixture_get(table, 1, &out, pool), PWL_OK);
    tap_str("with its new fields", pwl_session_note(&out, "tokens"), "new");
    tap_int("S3: a touch in between is not undone", out.last_seen, NOW + 7);
    pwl_sessions_sweep(table, NOW + SEC(19));
    tap_int("S3: nor is its longer life", fixture_get(table, 1, &out, pool),
            PWL_OK);
    replace(table, 1, "newer", NOW + 9);
    fixture_get(table, 1, &out, pool);
    tap_int("a later time is taken", out.last_seen, NOW + 9);
    fixture_put(table, 2, 0, NOW, NOW + SEC(99));
    pwl_sessions_stats(table, &stats);
    tap_int("nobody else is touched", stats.live, 2);
    fixture_remove(table, 1);
    tap_int("S6: one that ended stays ended", replace(table, 1, "new", NOW),
            PWL_SESSION_UNKNOWN);
    fixture_check(table, "the table is whole");
}

/* One process writes a session anew all the time, the other ends it: it must
 * not be there again when its end was told. */
static void test_replace_race(void)
{
    pwl_sessions_t *table = fixture_table(pwl_sessions_min_bytes(), pool);
    pwl_session_t out;
    int back = 0, written;
    pid_t pid;

    fixture_put(table, 1, 0, NOW, NOW + SEC(9));
    fflush(stdout);
    pid = fork();
    if (pid == 0)
        for (;;)
            replace(table, 1, "refreshed", NOW);
    for (int i = 0; i < 3000; i++) {
        fixture_put(table, 1, 0, NOW, NOW + SEC(9));
        usleep(20);
        fixture_remove(table, 1);
        for (int j = 0; j < 20; j++)
            back += fixture_get(table, 1, &out, pool) == PWL_OK;
    }
    fixture_put(table, 1, 0, NOW, NOW + SEC(9));
    for (written = 0; written < 1000; written++) {
        if (fixture_get(table, 1, &out, pool) == PWL_OK &&
            pwl_session_note(&out, "tokens"))
            break;
        usleep(1000);
    }
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    tap_ok(written < 1000, "S6: the other process was writing");
    tap_int("S6: what ended did not come back, in 3,000 races", back, 0);
    fixture_get(table, 1, &out, pool);
    fixture_check(table, "the table is whole");
}

static void test_times(void)
{
    static const struct {
        const char *what;
        apr_time_t at;
    } times[] = {
        {"S13: after January 2038", SEC(2147483650)},
        {"S13: after February 2106", SEC(4294967300)},
        {"S13: before 1970", -SEC(5)},
        {"S13: none", 0},
        {"S13: the largest", APR_INT64_C(0x7fffffffffffffff)},
        {"S13: the least", -APR_INT64_C(0x7fffffffffffffff) - 1},
    };
    pwl_sessions_t *table = fixture_table(pwl_sessions_min_bytes(), pool);
    unsigned char skey[PWL_SKEY_BYTES];

    fixture_key(1, skey);
    for (size_t i = 0; i < COUNT(times); i++) {
        pwl_session_t in = {{0}}, out;

        in.created = in.last_seen = in.expires = times[i].at;
        pwl_sessions_put(table, skey, &in, times[i].at, NULL, 0);
        tap_ok(pwl_sessions_get(table, skey, &out, pool).why == PWL_OK &&
                   out.created == times[i].at && out.last_seen == times[i].at &&
                   out.expires == times[i].at && out.field_count == 0,
               times[i].what);
        pwl_sessions_sweep(table, times[i].at);
        tap_int("S13: and is swept at that time",
                pwl_sessions_get(table, skey, &out, pool).why,
                PWL_SESSION_UNKNOWN);
    }
}

/* Records of every number of bytes around what one block and more hold. */
static void test_lengths(void)
{
    pwl_sessions_t *table = fixture_table(524288, pool);
    unsigned char data[PWL_SESSION_MAX_BYTES + 1], skey[PWL_SKEY_BYTES];
    char value[PWL_CLAIM_VALUE_MAX + 1];
    pwl_session_t meta = {{0}}, out;
    apr_size_t len;
    int wrong = 0;

    memset(value, 'v', sizeof(value));
    for (unsigned int size = 0; size <= 600; size++) {
        pwl_field_t field = {PWL_FIELD_STRING, "", value};

        value[size] = '\0';
        fixture_key(size, skey);
        pwl_session_encode(&field, 1, data, &len);
        wrong +=
            pwl_sessions_put(table, skey, &meta, NOW, data, len).why != PWL_OK;
        wrong += pwl_sessions_get(table, skey, &out, pool).why != PWL_OK ||
                 strcmp(out.fields[0].value, value) != 0;
        value[size] = 'v';
    }
    tap_int("S10: all lengths come back as they were", wrong, 0);
    tap_int("S10: one byte over the largest is refused",
            pwl_sessions_put(table, skey, &meta, NOW, data,
                             PWL_SESSION_MAX_BYTES + 1)
                .why,
            PWL_SESSION_TOO_BIG);
    fixture_check(table, "S10: and leaves the table as it was");

    memset(data, 'x', sizeof(data));
    fixture_key(9999, skey);
    pwl_sessions_put(table, skey, &meta, NOW, data, 100);
    tap_int("S11: bytes that are no fields are damage",
            pwl_sessions_get(table, skey, &out, pool).why, PWL_SESSION_DAMAGED);
    tap_int("S11: which is dropped",
            pwl_sessions_get(table, skey, &out, pool).why, PWL_SESSION_UNKNOWN);
    fixture_check(table, "S11: and the table is whole");
}

/* Put users from `first` on until the table is full. @return the first who
 * did not fit */
static unsigned int fill(pwl_sessions_t *table, unsigned int first,
                         apr_time_t now)
{
    while (fixture_put(table, first, 0, now, now + SEC(9)) == PWL_OK)
        first++;
    return first;
}

static unsigned int count_there(pwl_sessions_t *table, unsigned int from,
                                unsigned int to)
{
    unsigned int there = 0;

    for (unsigned int user = from; user < to; user++)
        there += fixture_has(table, user, 0, pool);
    return there;
}

static void test_full(apr_size_t bytes, const char *size)
{
    pwl_sessions_t *table = fixture_table(bytes, pool);
    pwl_sessions_stats_t stats;
    unsigned int users = fill(table, 0, NOW);
    unsigned int more;
    char what[128];

#define SAY(text) (snprintf(what, sizeof(what), "%s: %s", size, text), what)
    pwl_sessions_stats(table, &stats);
    tap_ok(users > 10 && stats.refused_full == 1, SAY("D10: it gets full"));
    tap_int(SAY("D10: nobody was driven out"), count_there(table, 0, users),
            users);
    tap_int(SAY("D10: nor is by the next who comes a second too early"),
            fixture_put(table, users, 0, NOW + SEC(8), NOW), PWL_STORE_FULL);
    tap_int(SAY("S10: all are still there"), count_there(table, 0, users),
            users);
    fixture_check(table, SAY("S10: a full table is whole"));

    fixture_remove(table, 0);
    tap_int(SAY("D10: a place that was left is free"),
            fixture_put(table, 0, 0, NOW, NOW + SEC(9)), PWL_OK);
    more = fill(table, users, NOW + SEC(9));
    pwl_sessions_stats(table, &stats);
    tap_ok(stats.swept > 0, SAY("D10: those whose time is over make room"));
    tap_ok(more > users + 10, SAY("D10: it goes on"));
    for (int i = 0; i < 5000; i++)
        pwl_sessions_sweep(table, NOW + SEC(18) - 1);
    tap_int(SAY("D10: sweeping leaves what is alive"),
            count_there(table, users, more), more - users);
    for (int i = 0; i < 5000; i++)
        pwl_sessions_sweep(table, NOW + SEC(18));
    pwl_sessions_stats(table, &stats);
    tap_ok(stats.live == 0 && stats.bytes_used == 0,
           SAY("D10: and takes all that is not"));
    fixture_check(table, SAY("D10: the table is whole"));
#undef SAY
}

/* The least table has as many buckets as one step looks at. */
static void test_one_step(void)
{
    pwl_sessions_t *table = fixture_table(pwl_sessions_min_bytes(), pool);
    unsigned char skey[PWL_SKEY_BYTES];
    pwl_session_t meta = {{0}};
    pwl_sessions_stats_t stats;

    for (unsigned int user = 0; user < 100; user++) {
        fixture_key(user, skey);
        pwl_sessions_put(table, skey, &meta, NOW, NULL, 0);
    }
    pwl_sessions_sweep(table, NOW);
    pwl_sessions_stats(table, &stats);
    tap_int("D12: a step drops 64 records at most, of all buckets together",
            (long long)stats.swept, 64);
    pwl_sessions_sweep(table, NOW);
    pwl_sessions_stats(table, &stats);
    tap_int("D12: the next one goes on where it stopped",
            (long long)stats.swept, 100);
}

/* Keys that all meet in one bucket, which nobody outside can choose: a walk
 * and a step of the sweeper are bounded all the same. */
static void test_one_bucket(void)
{
    pwl_sessions_t *table = fixture_table(pwl_sessions_min_bytes() * 4, pool);
    unsigned char skey[PWL_SKEY_BYTES] = {0};
    pwl_session_t meta = {{0}}, out;
    pwl_sessions_stats_t stats;
    apr_uint64_t before = 0, most = 0;
    int there = 0;

    for (int i = 0; i < 200; i++) {
        skey[31] = (unsigned char)i;
        meta.created = i;
        pwl_sessions_put(table, skey, &meta, NOW, NULL, 0);
    }
    for (int i = 0; i < 200; i++) {
        skey[31] = (unsigned char)i;
        there += pwl_sessions_get(table, skey, &out, pool).why == PWL_OK &&
                 out.created == i;
    }
    tap_int("D13: 200 sessions in one bucket are told apart", there, 200);
    fixture_check(table, "D13: and whole");
    for (int i = 0; i < 100; i++) {
        pwl_sessions_sweep(table, NOW);
        pwl_sessions_stats(table, &stats);
        if (stats.swept - before > most)
            most = stats.swept - before;
        before = stats.swept;
    }
    tap_int("D12: all are swept in the end", (long long)stats.swept, 200);
    tap_int("D12: and 64 at most in one go", (long long)most, 64);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_one();
    test_touch();
    test_replace();
    test_replace_race();
    test_times();
    test_lengths();
    test_full(pwl_sessions_min_bytes(), "smallest table");
    test_full(1048576, "1 MiB");
    test_one_step();
    test_one_bucket();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
