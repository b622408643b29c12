/* SPDX-License-Identifier: Apache-2.0 */
/*
 * io/fleet.c and io/follow.c: two machines in one process, a redis-server of
 * the test's own, and a clock that the test moves. Covers: follow
 */
#include <apr_general.h>
#include <apr_strings.h>
#include <sys/mman.h>

#include "core/tokens.h"
#include "fake_redis.h"
#include "io/fleet.h"
#include "tap.h"

#define TABLE_BYTES (4 * 1024 * 1024)
#define S(n) apr_time_from_sec(n)
#define GRACE S(60)
#define TIMEOUT S(2)

static apr_pool_t *pool;
static fake_redis_t server;
static apr_time_t now = S(1700000000);

static const pwl_field_t fields[] = {
    {PWL_FIELD_STRING, "sub", "auth0|ann"},
    {PWL_FIELD_STRING, "email", "ann@example.org"},
};

typedef struct {
    pwl_sessions_t *table;
    pwl_follow_shared_t *shared;
    pwl_fleet_t *fleet;
} machine_t;

static pwl_sessions_t *table(void)
{
    pwl_sessions_t *made;
    void *memory = mmap(NULL, TABLE_BYTES, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (pwl_sessions_format(memory, TABLE_BYTES, &made, pool).why != PWL_OK)
        abort();
    return made;
}

/* What a child of a machine makes for itself. */
static pwl_fleet_t *fleet_on(const machine_t *machine)
{
    pwl_fleet_conf_t conf = {
        .redis = {.host = "127.0.0.1", .port = server.port, .timeout = TIMEOUT},
        .prefix = "f:",
        .grace = GRACE,
        .longest = S(8 * 3600),
    };
    pwl_seal_keys_t keys = {.count = 1};

    return pwl_fleet_remote(machine->table, machine->shared, &conf, &keys, 4,
                            pool);
}

static machine_t machine(void)
{
    machine_t made = {.table = table()};

    made.shared = mmap(NULL, pwl_follow_shared_bytes(), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    made.fleet = fleet_on(&made);
    return made;
}

static const unsigned char *key(int n)
{
    unsigned char *skey = apr_pcalloc(pool, PWL_SKEY_BYTES);

    skey[0] = (unsigned char)n;
    return skey;
}

static pwl_session_t a_session(void)
{
    pwl_session_t session = {
        .created = now, .last_seen = now, .field_count = 2, .fields = fields};

    return session;
}

static void put(const machine_t *at, int n)
{
    pwl_session_t session = a_session();

    pwl_fleet_put(at->fleet, key(n), &session, now + S(3600), now, pool);
}

static const char *get(const machine_t *at, int n)
{
    pwl_session_t out;
    pwl_result_t res = pwl_fleet_get(at->fleet, key(n), now, &out, pool);

    if (res.why == PWL_OK && out.field_count != 2)
        return "with a mark that no claim may show";
    return pwl_reason_word(res.why);
}

/* Is there a copy in the table here, good or not? */
static int has_copy(const machine_t *at, int n)
{
    pwl_session_t out;

    return pwl_sessions_get(at->table, key(n), &out, pool).why == PWL_OK;
}

static void test_local(void)
{
    pwl_fleet_t *fleet = pwl_fleet_local(table(), pool);
    machine_t alone = {.fleet = fleet};
    pwl_session_t session = a_session();
    pwl_follow_stats_t stats;
    pwl_remotelease_held_t held;
    const char *detail;

    put(&alone, 1);
    tap_str("without Redis: put and got", get(&alone, 1), "ok");
    tap_ok(!pwl_fleet_is_remote(fleet) &&
               pwl_fleet_ready(fleet, now, pool).why == PWL_OK &&
               pwl_fleet_refresh(fleet, key(1), now, &session, pool).why ==
                   PWL_OK &&
               pwl_fleet_tidings(fleet, &detail, pool) == 0 &&
               !pwl_fleet_stats(fleet, &stats),
           "and nothing else is asked of anybody");
    tap_int("touched",
            pwl_fleet_touch(fleet, key(1), &session, now, now, pool).why,
            PWL_OK);
    pwl_tokens_put(&session, "new", pool);
    tap_int("written anew",
            pwl_fleet_replace(fleet, key(1), &session, now, now, pool).why,
            PWL_OK);
    pwl_fleet_get(fleet, key(1), now, &session, pool);
    tap_str("and there", pwl_tokens_note(&session), "new");
    tap_ok(pwl_fleet_lease(fleet, key(1), S(1), now, &held, pool).why ==
                   PWL_OK &&
               pwl_fleet_lease(fleet, key(1), S(1), now, &held, pool).why ==
                   PWL_OK,
           "there is no other machine to agree with");
    tap_int("ended", pwl_fleet_remove(fleet, key(1), NULL, now, pool).why,
            PWL_OK);
    tap_str("gone", get(&alone, 1), "session-unknown");
    tap_str("S6: writing anew makes nothing",
            pwl_reason_word(
                pwl_fleet_replace(fleet, key(1), &session, now, now, pool).why),
            "session-unknown");
    tap_str("S6: a touch finds nothing",
            pwl_reason_word(
                pwl_fleet_touch(fleet, key(1), &session, now, now, pool).why),
            "session-unknown");
}

static void test_two(machine_t *one, machine_t *two)
{
    pwl_session_t session = a_session(), out;
    int ended = 0;

    put(one, 1);
    tap_str("made on one, known on two", get(two, 1), "ok");
    tap_ok(has_copy(two, 1), "which keeps a copy");
    pwl_fleet_remove(one->fleet, key(1), &session, now, pool);
    tap_str("S4: ended on one: gone there at once", get(one, 1),
            "session-unknown");
    tap_str("S4: within two seconds two need not know", get(two, 1), "ok");
    now += PWL_FOLLOW_POLL + 1;
    tap_str("S4: after that it does", get(two, 1), "session-unknown");
    tap_ok(!has_copy(two, 1), "and keeps no copy");

    put(one, 2);
    put(two, 3);
    get(two, 2);
    tap_int("S18: all sessions of a user",
            pwl_fleet_remove_many(one->fleet, session.realm, "auth0|ann",
                                  &ended, now, pool)
                .why,
            PWL_OK);
    tap_int("S18: both", ended, 2);
    tap_str("S18: the first is gone at once", get(one, 2), "session-unknown");
    now += PWL_FOLLOW_POLL + 1;
    tap_str("S18: on the other machine soon", get(two, 2), "session-unknown");

    put(one, 4);
    get(two, 4);
    session = a_session();
    session.last_seen = now + S(30);
    pwl_fleet_touch(one->fleet, key(4), &session, now + S(3600), now, pool);
    pwl_fleet_get(two->fleet, key(4), now, &out, pool);
    tap_ok(out.last_seen == now, "S3: two has an older copy");
    pwl_fleet_refresh(two->fleet, key(4), now, &out, pool);
    tap_ok(out.last_seen == now + S(30), "S3: and sees more when it looks");
    pwl_fleet_get(two->fleet, key(4), now, &out, pool);
    tap_ok(out.last_seen == now + S(30), "S3: and keeps that");
    pwl_fleet_remove(one->fleet, key(4), &session, now, pool);
    tap_str("S6: a touch on two, before it has heard of the end",
            pwl_reason_word(pwl_fleet_touch(two->fleet, key(4), &session,
                                            now + S(3600), now, pool)
                                .why),
            "session-unknown");
    tap_str("S6: brings nothing back", get(two, 4), "session-unknown");
    tap_str("S6: anywhere", get(one, 4), "session-unknown");
}

static pwl_session_t with_tokens(const char *note, apr_time_t seen)
{
    pwl_session_t session = a_session();

    session.last_seen = seen;
    pwl_tokens_put(&session, note, pool);
    return session;
}

/* The note of a session as Redis has it. */
static const char *note_of(const machine_t *at, int n)
{
    pwl_session_t out;

    if (pwl_fleet_refresh(at->fleet, key(n), now, &out, pool).why != PWL_OK)
        return NULL;
    return pwl_tokens_note(&out);
}

static void test_tokens(machine_t *one, machine_t *two)
{
    pwl_session_t old = with_tokens("old", now), out;
    pwl_session_t fresh = with_tokens("new", now + S(1));
    pwl_remotelease_held_t held, other;

    pwl_fleet_put(one->fleet, key(50), &old, now + S(3600), now, pool);
    pwl_fleet_get(two->fleet, key(50), now, &out, pool);
    tap_str("a session with tokens, on the other machine",
            pwl_tokens_note(&out), "old");
    tap_int("one takes its lease",
            pwl_fleet_lease(one->fleet, key(50), S(30), now, &held, pool).why,
            PWL_OK);
    tap_int("two does not get it",
            pwl_fleet_lease(two->fleet, key(50), S(30), now, &other, pool).why,
            PWL_SESSION_LEASED);
    out.last_seen = now + S(5);
    tap_int("S13: two, which has the old tokens, touches it",
            pwl_fleet_touch(two->fleet, key(50), &out, now + S(3600), now, pool)
                .why,
            PWL_OK);
    tap_int(
        "one writes new tokens",
        pwl_fleet_replace(one->fleet, key(50), &fresh, now + S(3600), now, pool)
            .why,
        PWL_OK);
    pwl_fleet_unlease(one->fleet, key(50), &held, now, pool);
    pwl_fleet_get(one->fleet, key(50), now, &out, pool);
    tap_str("which are in its copy", pwl_tokens_note(&out), "new");

    out = with_tokens("old", now + S(9));
    pwl_fleet_touch(two->fleet, key(50), &out, now + S(3600), now, pool);
    tap_str("S13: a touch with old tokens writes no old tokens",
            note_of(one, 50), "new");
    pwl_fleet_get(one->fleet, key(50), now, &out, pool);
    tap_int("S13: but its time", out.last_seen, now + S(9));
    tap_int("S13: and leaves no lease behind",
            pwl_fleet_lease(two->fleet, key(50), S(30), now, &other, pool).why,
            PWL_OK);
    pwl_fleet_unlease(two->fleet, key(50), &other, now, pool);

    pwl_fleet_remove(two->fleet, key(50), &out, now, pool);
    tap_int(
        "S6: ended elsewhere, new tokens are written nowhere",
        pwl_fleet_replace(one->fleet, key(50), &fresh, now + S(3600), now, pool)
            .why,
        PWL_SESSION_UNKNOWN);
    tap_ok(!has_copy(one, 50), "S6: not here either");
    tap_str("S6: it is over", get(one, 50), "session-unknown");
}

static void test_outage(machine_t *one, machine_t *two)
{
    int ended;
    pwl_session_t session = a_session();
    const char *detail = NULL;
    pwl_follow_stats_t before, after;
    apr_time_t began;

    put(one, 10);
    put(two, 11);
    pwl_fleet_stats(one->fleet, &before);
    kill(server.pid, SIGSTOP);
    now += PWL_FOLLOW_POLL + 1;
    tap_str("D10: Redis hangs: a copy goes on", get(one, 10), "ok");
    began = apr_time_now();
    for (int i = 0; i < 100; i++)
        get(one, 10);
    tap_str("D10: what is not here is not known to be gone", get(one, 11),
            "store-failed");
    tap_str("D10: a sign-in is refused",
            pwl_reason_word(pwl_fleet_ready(one->fleet, now, pool).why),
            "store-failed");
    tap_str("D10: ending is refused, and said so",
            pwl_reason_word(
                pwl_fleet_remove(one->fleet, key(10), &session, now, pool).why),
            "store-failed");
    tap_ok(apr_time_now() - began < TIMEOUT / 2,
           "D10: and none of these waited for anything");
    pwl_fleet_stats(one->fleet, &after);
    tap_ok(before.up && !after.up, "D10: the status says that it is down");
    tap_int(
        "D10: one question failed",
        (long)(after.asked[PWL_REDIS_FAILED] - before.asked[PWL_REDIS_FAILED]),
        1);
    tap_ok(after.asked[PWL_REDIS_WITHHELD] - before.asked[PWL_REDIS_WITHHELD] >=
               3,
           "D10: the others were not asked");
    tap_int("it is told", pwl_fleet_tidings(one->fleet, &detail, pool), -1);
    tap_ok(detail && strstr(detail, "in time"), "with the reason");
    tap_int("once", pwl_fleet_tidings(one->fleet, &detail, pool), 0);
    now += GRACE - PWL_FOLLOW_POLL - 10;
    tap_str("D10: ending all is refused, too",
            pwl_reason_word(pwl_fleet_remove_many(one->fleet, session.realm,
                                                  NULL, &ended, now, pool)
                                .why),
            "store-failed");
    tap_str("D10: to the end of the grace", get(one, 10), "ok");
    now += S(1);
    tap_str("D10: and no longer", get(one, 10), "store-failed");
    kill(server.pid, SIGCONT);
    now += S(5);
    tap_str("D10: back", get(one, 10), "ok");
    tap_str("D10: and the rest with it", get(one, 11), "ok");
    pwl_fleet_stats(one->fleet, &before);
    tap_ok(before.up && before.log_read > after.log_read &&
               before.asked[PWL_REDIS_ANSWERED] >
                   after.asked[PWL_REDIS_ANSWERED],
           "D10: the status says so");
    tap_int("it is told", pwl_fleet_tidings(one->fleet, &detail, pool), 1);
}

static void test_lost(machine_t *one, machine_t *two)
{
    put(one, 20);
    get(two, 20);
    fake_stop(&server);
    server = real_start(server.port, NULL);
    now += PWL_FOLLOW_POLL + 1;
    tap_str("S17: Redis lost everything: so has one", get(one, 20),
            "session-unknown");
    tap_str("S17: and two", get(two, 20), "session-unknown");
    put(one, 21);
    tap_str("and a new session works", get(two, 21), "ok");
}

/* Whoever reads Redis just before a session ends must not keep a copy. Here
 * Redis is slow to answer, and another child ends the session meanwhile. */
static void test_race(machine_t *one)
{
    pwl_redis_to_t there = {
        .host = "127.0.0.1", .port = server.port, .timeout = TIMEOUT};
    pwl_redis_t *redis = pwl_redis_make(&there, 1, pool);
    pwl_redis_command_t command;
    pwl_redis_answer_t answer;
    pwl_session_t session = a_session(), out;
    machine_t slow = *one;
    fake_script_t script = {.pause_ms = 800};
    fake_redis_t real = server;
    pid_t pid;

    command = pwl_redis_command("FLUSHALL", NULL);
    pwl_redis_ask(redis, &command, 1, &answer, pool);
    put(one, 30);
    command = pwl_redis_command("KEYS", "f:s:*", NULL);
    pwl_redis_ask(redis, &command, 1, &answer, pool);
    command = pwl_redis_command("GET", answer.items[0].text, NULL);
    pwl_redis_ask(redis, &command, 1, &answer, pool);
    script.bytes =
        apr_psprintf(pool, "$%d\r\n%s\r\n", (int)answer.len, answer.text);
    server = fake_start(&script);
    slow.fleet = fleet_on(&slow);
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        server = real;
        usleep(50 * 1000);
        pwl_fleet_remove(fleet_on(one), key(30), &session, now, pool);
        _exit(0);
    }
    tap_int("S6: read just before it ended",
            pwl_fleet_refresh(slow.fleet, key(30), now, &out, pool).why,
            PWL_OK);
    waitpid(pid, NULL, 0);
    tap_ok(!has_copy(one, 30), "S6: and no copy is left behind");
    fake_stop(&server);
    server = real;
    tap_str("S6: it is over", get(one, 30), "session-unknown");
}

int main(void)
{
    machine_t one, two;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    server = real_start(0, NULL);
    test_local();
    one = machine();
    two = machine();
    test_two(&one, &two);
    test_tokens(&one, &two);
    test_outage(&one, &two);
    test_lost(&one, &two);
    test_race(&one);
    fake_stop(&server);
    apr_pool_destroy(pool);
    return tap_done();
}
