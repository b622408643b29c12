/* SPDX-License-Identifier: Apache-2.0 */
/*
 * io/fleet_logout.c: whose sessions a logout token ends, in the table alone and
 * with a redis-server of the test's own between two machines.
 */
#include <apr_general.h>
#include <apr_strings.h>
#include <sys/mman.h>

#include "fake_redis.h"
#include "io/fleet.h"
#include "tap.h"

#define TABLE_BYTES (4 * 1024 * 1024)
#define S(n) apr_time_from_sec(n)

static apr_pool_t *pool;
static fake_redis_t server;
static apr_time_t now = S(1700000000);
static pwl_fleet_t *here, *there; /* one and the same without Redis */

static const unsigned char realm[PWL_REALM_BYTES] = "a realm";
static const unsigned char other_realm[PWL_REALM_BYTES] = "another";

/* clang-format off */
static const struct { const unsigned char *realm; const char *sub, *sid; } all[] = {
    {realm,       "email|ann", "s1"}, /* 0 */
    {realm,       "email|ann", "s2"},
    {realm,       "email|ann", NULL}, /* 2: of our own form */
    {realm,       "email|bob", "s3"},
    {other_realm, "email|ann", "s1"}, /* 4 */
    {realm,       "s1",        "S1"},
    {realm,       "EMAIL|ANN", NULL}, /* 6 */
};

static const struct { const char *what, *sub, *sid; int ended; const char *left; }
cases[] = {
    {"by sid",                        NULL,        "s1",  1, "-++++++"},
    {"by sid and sub",                "email|ann", "s1",  1, "-++++++"},
    {"by a sid of somebody else",     "email|bob", "s1",  0, "+++++++"},
    {"by sub, those without sid too", "email|ann", NULL,  3, "---++++"},
    {"by an unknown sid",             NULL,        "s9",  0, "+++++++"},
    {"by an unknown sub",             "email|eve", NULL,  0, "+++++++"},
    {"a sub that is another's sid",   "s1",        NULL,  1, "+++++-+"},
};
/* clang-format on */

#define COUNT(list) (int)(sizeof(list) / sizeof((list)[0]))

static void *shared(apr_size_t bytes)
{
    return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                -1, 0);
}

static pwl_sessions_t *table(void)
{
    pwl_sessions_t *made;

    if (pwl_sessions_format(shared(TABLE_BYTES), TABLE_BYTES, &made, pool)
            .why != PWL_OK)
        abort();
    return made;
}

static pwl_fleet_t *remote(void)
{
    pwl_fleet_conf_t conf = {
        .redis = {.host = "127.0.0.1",
                  .port = server.port,
                  .timeout = apr_time_from_sec(5)},
        .prefix = "f:",
        .grace = S(60),
        .longest = S(8 * 3600),
    };
    pwl_seal_keys_t keys = {.count = 1};

    return pwl_fleet_remote(table(), shared(pwl_follow_shared_bytes()), &conf,
                            &keys, 4, pool);
}

static pwl_fleet_t *local(void)
{
    pwl_fleet_t *fleet = pwl_fleet_local(table(), pool);
    pwl_logouts_t *logouts;

    if (pwl_logouts_format(shared(pwl_logouts_bytes()), pwl_logouts_bytes(),
                           &logouts, pool)
            .why != PWL_OK)
        abort();
    pwl_fleet_keep_logouts(fleet, logouts);
    return fleet;
}

static const unsigned char *key(int n)
{
    unsigned char *made = apr_pcalloc(pool, PWL_SKEY_BYTES);

    made[0] = (unsigned char)n;
    return made;
}

static void put_all(void)
{
    for (int i = 0; i < COUNT(all); i++) {
        pwl_field_t fields[] = {{PWL_FIELD_STRING, "sub", all[i].sub},
                                {PWL_FIELD_STRING, "sid", all[i].sid}};
        pwl_session_t session = {.created = now,
                                 .last_seen = now,
                                 .field_count = all[i].sid ? 2 : 1,
                                 .fields = fields};

        memcpy(session.realm, all[i].realm, PWL_REALM_BYTES);
        pwl_fleet_remove(here, key(i), &session, now, pool);
        pwl_fleet_put(here, key(i), &session, now + S(3600), now, pool);
    }
}

/* '+' for each that is there. */
static const char *left(pwl_fleet_t *fleet)
{
    char *text = apr_pstrdup(pool, "????????");
    pwl_session_t out;
    int i;

    for (i = 0; i < COUNT(all); i++)
        text[i] = pwl_fleet_get(fleet, key(i), now, &out, pool).why == PWL_OK
                      ? '+'
                      : '-';
    text[i] = '\0';
    return text;
}

static void test_whose(const char *where)
{
    for (int i = 0; i < COUNT(cases); i++) {
        pwl_session_whose_t whose = {
            .realm = realm, .sub = cases[i].sub, .sid = cases[i].sid};
        int ended = -1;

        put_all();
        now += S(10);
        left(there); /* copies them there */
        pwl_fleet_remove_whose(here, &whose, &ended, now, pool);
        tap_int(apr_psprintf(pool, "%s: %s: how many", where, cases[i].what),
                ended, cases[i].ended);
        tap_str("which", left(here), cases[i].left);
        now += S(10);
        tap_str("and on the other machine", left(there), cases[i].left);
    }
}

static const char *asked(int one, int other, apr_time_t issued)
{
    const unsigned char *const keys[] = {key(one), key(other)};

    return pwl_reason_word(
        pwl_fleet_logout_asked(there, keys, 2, issued, now, pool).why);
}

static void test_memory(const char *where)
{
    apr_time_t end = now + S(300);

    tap_str(apr_psprintf(pool, "O20: %s: a token counts", where),
            pwl_reason_word(
                pwl_fleet_logout_once(here, key(100), end, now, pool).why),
            "ok");
    tap_str("O20: jti twice, on another machine",
            pwl_reason_word(
                pwl_fleet_logout_once(there, key(100), end, now, pool).why),
            "logout-replay");
    tap_str("nobody was signed out", asked(101, 102, now), "ok");
    pwl_fleet_logout_tell(here, key(102), now, end, now, pool);
    tap_str("a sign-in of the second before", asked(101, 102, now - S(1)),
            "logout-before");
    tap_str("of the same second", asked(101, 102, now), "logout-before");
    tap_str("of the next", asked(101, 102, now + S(1)), "ok");
    tap_str("of somebody else", asked(101, 103, now), "ok");
    tap_str("told twice is no error",
            pwl_reason_word(
                pwl_fleet_logout_tell(here, key(102), now, end, now, pool).why),
            "ok");
}

static void test_nowhere(void)
{
    pwl_fleet_t *fleet = pwl_fleet_local(table(), pool);

    tap_str("without a place for them no token counts",
            pwl_reason_word(
                pwl_fleet_logout_once(fleet, key(1), now + 1, now, pool).why),
            "store-failed");
}

static void test_failure(void)
{
    const unsigned char *const keys[] = {key(1)};
    pwl_session_whose_t whose = {.realm = realm, .sid = "s1"};
    int ended;

    fake_stop(&server);
    tap_str("U9: Redis is gone: no token counts",
            pwl_reason_word(
                pwl_fleet_logout_once(here, key(1), now + 1, now, pool).why),
            "store-failed");
    tap_str("no sign-in is believed",
            pwl_reason_word(
                pwl_fleet_logout_asked(here, keys, 1, now, now, pool).why),
            "store-failed");
    tap_str("and nobody says that sessions have ended",
            pwl_reason_word(
                pwl_fleet_remove_whose(here, &whose, &ended, now, pool).why),
            "store-failed");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    here = there = local();
    test_whose("the table");
    test_memory("the table");
    test_nowhere();
    server = real_start(0, NULL);
    here = remote();
    there = remote();
    test_whose("Redis");
    test_memory("Redis");
    test_failure();
    apr_pool_destroy(pool);
    return tap_done();
}
