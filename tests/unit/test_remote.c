/* SPDX-License-Identifier: Apache-2.0 */
/*
 * io/remote.c and io/remotelog.c with a redis-server of the test's own.
 * Covers: remotelog
 */
#include <apr_general.h>
#include <apr_strings.h>

#include "fake_redis.h"
#include "io/remote.h"
#include "tap.h"

#define NOW apr_time_from_sec(1700000000)
#define HOUR apr_time_from_sec(3600)

static apr_pool_t *pool;
static fake_redis_t server;
static pwl_redis_t *redis;

static const pwl_field_t fields[] = {
    {PWL_FIELD_STRING, "sub", "auth0|ann"},
    {PWL_FIELD_STRING, "email", "ann@example.org"},
};
static const pwl_session_t ann = {.realm = {1},
                                  .created = NOW,
                                  .last_seen = NOW,
                                  .field_count = 2,
                                  .fields = fields};

static pwl_remote_t *with_keys(int first, int second)
{
    pwl_seal_keys_t keys = {.count = second ? 2 : 1};

    memset(keys.key[0], first, PWL_SEAL_KEY_BYTES);
    memset(keys.key[1], second, PWL_SEAL_KEY_BYTES);
    return pwl_remote_make(redis, &keys, "t:", pool);
}

static const unsigned char *key(int n)
{
    unsigned char *skey = apr_pcalloc(pool, PWL_SKEY_BYTES);

    skey[0] = (unsigned char)n;
    return skey;
}

static pwl_result_t end_user(pwl_remote_t *remote, const unsigned char *realm,
                             const char *user, int *ended)
{
    const pwl_session_whose_t whose = {.realm = realm, .user = user};

    return pwl_remote_remove_whose(remote, &whose, ended, pool);
}

static void reason(const char *what, pwl_result_t res, pwl_reason_t want)
{
    if (!tap_str(what, pwl_reason_word(res.why), pwl_reason_word(want)))
        printf("#  %s\n", res.detail ? res.detail : "");
}

static pwl_redis_answer_t tell(const char *a, const char *b, const char *c,
                               const char *d)
{
    pwl_redis_command_t command = pwl_redis_command(a, b, c, d, NULL);
    pwl_redis_answer_t answer = {0};

    pwl_redis_ask(redis, &command, 1, &answer, pool);
    return answer;
}

static void empty(void)
{
    tell("FLUSHALL", NULL, NULL, NULL);
}

static void test_one(void)
{
    pwl_remote_t *remote = with_keys('a', 0);
    pwl_session_t out, later = ann;

    empty();
    reason("nothing there", pwl_remote_get(remote, key(1), &out, pool),
           PWL_SESSION_UNKNOWN);
    reason("put", pwl_remote_put(remote, key(1), &ann, NOW, HOUR, HOUR, pool),
           PWL_OK);
    reason("got", pwl_remote_get(remote, key(1), &out, pool), PWL_OK);
    tap_str("with its fields", pwl_session_value(&out, "email"),
            "ann@example.org");
    tap_ok(out.created == NOW && out.realm[0] == 1, "and times and realm");
    reason("S1: a key that is taken stays taken",
           pwl_remote_put(remote, key(1), &ann, NOW, HOUR, HOUR, pool),
           PWL_STORE_FULL);
    later.last_seen = NOW + 5;
    reason("touched", pwl_remote_touch(remote, key(1), &later, HOUR, pool),
           PWL_OK);
    pwl_remote_get(remote, key(1), &out, pool);
    tap_ok(out.last_seen == NOW + 5, "and seen later");
    reason("ended", pwl_remote_remove(remote, key(1), &ann, pool), PWL_OK);
    reason("is gone", pwl_remote_get(remote, key(1), &out, pool),
           PWL_SESSION_UNKNOWN);
    reason("S6: a touch does not bring it back",
           pwl_remote_touch(remote, key(1), &later, HOUR, pool),
           PWL_SESSION_UNKNOWN);
    reason("still gone", pwl_remote_get(remote, key(1), &out, pool),
           PWL_SESSION_UNKNOWN);
    reason("ended twice", pwl_remote_remove(remote, key(1), &ann, pool),
           PWL_SESSION_UNKNOWN);
    pwl_remote_put(remote, key(2), &ann, NOW, apr_time_from_msec(30), HOUR,
                   pool);
    usleep(60 * 1000);
    reason("S4: it expires by itself",
           pwl_remote_get(remote, key(2), &out, pool), PWL_SESSION_UNKNOWN);
}

/* The only session's key in Redis. */
static const char *only_key(void)
{
    pwl_redis_answer_t answer = tell("KEYS", "t:s:*", NULL, NULL);

    return answer.count == 1 ? answer.items[0].text : "none";
}

static void test_seal(void)
{
    pwl_remote_t *remote = with_keys('a', 0);
    pwl_session_t out;
    const char *first, *value;
    char *bent;

    empty();
    pwl_remote_put(remote, key(1), &ann, NOW, HOUR, HOUR, pool);
    first = only_key();
    value = tell("GET", first, NULL, NULL).text;
    empty();
    pwl_remote_put(remote, key(2), &ann, NOW, HOUR, HOUR, pool);
    tell("SET", only_key(), value, NULL);
    reason("S7: a record in the place of another",
           pwl_remote_get(remote, key(2), &out, pool), PWL_SESSION_DAMAGED);
    bent = apr_pstrdup(pool, value);
    bent[20] = bent[20] == 'A' ? 'B' : 'A';
    tell("SET", first, bent, NULL);
    reason("S10: one bit", pwl_remote_get(remote, key(1), &out, pool),
           PWL_SESSION_DAMAGED);
    tell("SET", first, "x", NULL);
    reason("S10: anything", pwl_remote_get(remote, key(1), &out, pool),
           PWL_SESSION_DAMAGED);
    tell("DEL", first, NULL, NULL);
    tell("LPUSH", first, value, NULL);
    reason("S10: of another type", pwl_remote_get(remote, key(1), &out, pool),
           PWL_STORE_FAILED);
    reason("another seal key has other names",
           pwl_remote_get(with_keys('b', 0), key(2), &out, pool),
           PWL_SESSION_UNKNOWN);
}

static void test_rotation(void)
{
    pwl_remote_t *old = with_keys('a', 0), *both = with_keys('b', 'a');
    pwl_session_t out;

    empty();
    pwl_remote_put(old, key(1), &ann, NOW, HOUR, HOUR, pool);
    reason("C3: a new key in front: the old session is found",
           pwl_remote_get(both, key(1), &out, pool), PWL_OK);
    reason("C3: and touched", pwl_remote_touch(both, key(1), &ann, HOUR, pool),
           PWL_OK);
    reason("C3: and found", pwl_remote_get(both, key(1), &out, pool), PWL_OK);
    reason("C3: and ended", pwl_remote_remove(both, key(1), &ann, pool),
           PWL_OK);
    reason("C3: for good", pwl_remote_get(both, key(1), &out, pool),
           PWL_SESSION_UNKNOWN);
}

static void test_user(void)
{
    pwl_remote_t *remote = with_keys('a', 0);
    pwl_session_t out, bob = ann, elsewhere = ann;
    pwl_field_t of_bob[] = {{PWL_FIELD_STRING, "sub", "auth0|bob"}};
    unsigned char realm[PWL_REALM_BYTES] = {1};
    int ended = -1;

    empty();
    bob.fields = of_bob;
    bob.field_count = 1;
    elsewhere.realm[0] = 2;
    for (int i = 1; i <= 3; i++)
        pwl_remote_put(remote, key(i), &ann, NOW, HOUR, HOUR, pool);
    pwl_remote_put(remote, key(4), &bob, NOW, HOUR, HOUR, pool);
    pwl_remote_put(remote, key(5), &elsewhere, NOW, HOUR, HOUR, pool);
    pwl_remote_remove(remote, key(3), &ann, pool);
    reason("S18: all sessions of a user",
           end_user(remote, realm, "auth0|ann", &ended), PWL_OK);
    tap_int("S18: both that were left", ended, 2);
    reason("S18: the first", pwl_remote_get(remote, key(1), &out, pool),
           PWL_SESSION_UNKNOWN);
    reason("S18: the second", pwl_remote_get(remote, key(2), &out, pool),
           PWL_SESSION_UNKNOWN);
    reason("S18: another user's goes on",
           pwl_remote_get(remote, key(4), &out, pool), PWL_OK);
    reason("S18: another realm's goes on",
           pwl_remote_get(remote, key(5), &out, pool), PWL_OK);
    end_user(remote, realm, "auth0|ann", &ended);
    tap_int("S18: then there is none", ended, 0);
    pwl_remote_put(remote, key(1), &ann, NOW, HOUR, HOUR, pool);
    end_user(remote, realm, "Ann@Example.ORG", &ended);
    tap_int("S18: by e-mail address, in any case", ended, 1);
    pwl_remote_put(remote, key(1), &ann, NOW, HOUR, HOUR, pool);
    end_user(remote, realm, "AUTH0|ANN", &ended);
    tap_int("S18: not by a subject in another case", ended, 0);
    reason("S18: everybody in a realm",
           pwl_remote_remove_all(remote, realm, &ended, pool), PWL_OK);
    tap_int("S18: ann and bob", ended, 2);
    reason("S18: not those of another realm",
           pwl_remote_get(remote, key(5), &out, pool), PWL_OK);
    empty();
    pwl_remote_put(remote, key(6), &ann, NOW - 2 * HOUR, HOUR, 3 * HOUR, pool);
    pwl_remote_put(remote, key(7), &ann, NOW + 2 * HOUR, HOUR, HOUR, pool);
    tap_int("D10: a user's list forgets what is over",
            tell("ZCARD", tell("KEYS", "t:u:*", NULL, NULL).items[0].text, NULL,
                 NULL)
                .number,
            1);
}

/* More than Redis is asked for at once, and all but the last over long ago. */
static void test_long_list(void)
{
    pwl_remote_t *remote = with_keys('a', 0);
    unsigned char realm[PWL_REALM_BYTES] = {1};
    unsigned char skey[PWL_SKEY_BYTES] = {0};
    pwl_session_t out;
    int ended = -1;

    empty();
    for (int i = 0; i < 4100; i++) {
        skey[1] = (unsigned char)(i >> 8);
        skey[2] = (unsigned char)i;
        pwl_remote_put(remote, skey, &ann, NOW, apr_time_from_msec(30), HOUR,
                       pool);
    }
    usleep(100 * 1000);
    pwl_remote_put(remote, key(1), &ann, NOW + apr_time_from_sec(1), HOUR, HOUR,
                   pool);
    reason("S18: behind thousands that are over",
           end_user(remote, realm, "auth0|ann", &ended), PWL_OK);
    tap_int("S18: the one that is not is found", ended, 1);
    reason("S18: and ended", pwl_remote_get(remote, key(1), &out, pool),
           PWL_SESSION_UNKNOWN);
    empty();
}

static void test_log(void)
{
    pwl_remote_t *remote = with_keys('a', 0);
    pwl_remotelog_t *log = pwl_remote_log(remote);
    pwl_remotelog_cursor_t cursor, start;
    pwl_remotelog_news_t news;
    int total = 0;

    empty();
    reason("a place in the log", pwl_remotelog_begin(log, &start, pool),
           PWL_OK);
    pwl_remotelog_read(log, start, &news, pool);
    tap_ok(!news.lost && news.count == 0 && news.cursor == start,
           "nothing new there");
    for (int i = 0; i < 600; i++)
        pwl_remote_remove(remote, key(i % 250), NULL, pool);
    cursor = start;
    do {
        pwl_remotelog_read(log, cursor, &news, pool);
        if (total == 0)
            tap_ok(news.count == PWL_REMOTELOG_STEP - 1 &&
                       !memcmp(news.ended[3], key(3), PWL_SKEY_BYTES),
                   "what ended is told, by key, a piece at a time");
        total += news.count;
        cursor = news.cursor;
    } while (news.more && !news.lost);
    tap_int("S6: all 600, and none twice", total, 600);

    tell("XADD", "t:log", "1-1", NULL); /* an error */
    tell("XTRIM", "t:log", "MAXLEN", "5");
    pwl_remotelog_read(log, start, &news, pool);
    tap_ok(news.lost, "trimmed past us: we are told");
    pwl_remotelog_read(log, cursor, &news, pool);
    tap_ok(!news.lost, "not so from a place that is still there");
    empty();
    pwl_remotelog_read(log, cursor, &news, pool);
    tap_ok(news.lost, "emptied: we are told");
    pwl_remotelog_begin(log, &start, pool);
    pwl_remotelog_read(log, cursor, &news, pool);
    tap_ok(news.lost, "begun anew by somebody else: we are told");
    tell("DEL", "t:log", NULL, NULL);
    tell("SET", "t:log", "x", NULL);
    reason("no log at all", pwl_remotelog_read(log, cursor, &news, pool),
           PWL_STORE_FAILED);
}

static void test_foreign_entries(void)
{
    pwl_remotelog_t *log = pwl_remote_log(with_keys('a', 0));
    pwl_redis_command_t add =
        pwl_redis_command("XADD", "t:log", "*", "e", "forged", "f", "g", NULL);
    pwl_remotelog_cursor_t cursor;
    pwl_remotelog_news_t news;
    pwl_redis_answer_t answer;

    empty();
    pwl_remotelog_begin(log, &cursor, pool);
    pwl_redis_ask(redis, &add, 1, &answer, pool);
    pwl_remote_remove(with_keys('b', 0), key(1), NULL, pool);
    pwl_remote_remove(with_keys('a', 0), key(2), NULL, pool);
    pwl_remotelog_read(log, cursor, &news, pool);
    tap_ok(!news.lost && news.count == 1 &&
               !memcmp(news.ended[0], key(2), PWL_SKEY_BYTES),
           "entries that are not ours end nothing of ours");
}

int main(void)
{
    pwl_redis_to_t there = {.host = "127.0.0.1",
                            .timeout = apr_time_from_sec(5)};

    apr_initialize();
    apr_pool_create(&pool, NULL);
    server = real_start(0, NULL);
    there.port = server.port;
    redis = pwl_redis_make(&there, 4, pool);
    test_one();
    test_seal();
    test_rotation();
    test_user();
    test_long_list();
    test_log();
    test_foreign_entries();
    fake_stop(&server);
    apr_pool_destroy(pool);
    return tap_done();
}
