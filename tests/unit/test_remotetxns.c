/* SPDX-License-Identifier: Apache-2.0 */
/*
 * io/remotetxns.c with a redis-server of the test's own: what a record is
 * there, how long it lives, and what is no record.
 */
#include "redis_signins.h"

/* The only key. docs/operations.md has the figures. */
static void small(const char *what, int most)
{
    long long bytes = tell("MEMORY", "USAGE", a_key(0)).number;

    tap_ok(bytes > 0 && bytes <= most,
           apr_psprintf(pool, "D11: %s takes %d bytes of Redis, %d at most",
                        what, (int)bytes, most));
}

static void test_record(void)
{
    const pwl_remotetxns_t *here = with_keys(1, 0), *there = with_keys(1, 0);
    const char *first, *key;
    deed_t deed = {0};
    long long left;

    tap_str("none", with(here, 1, 0, NOW + LIFE, look, &deed), "flow-unknown");
    tap_int("and nothing was done to it", deed.runs, 0);
    tap_int("nor written", tell("DBSIZE", NULL, NULL).number, 0);
    tap_str("made", with(here, 1, 1, NOW + LIFE, add_one, NULL), "ok");
    tap_int("and there on another machine", sends(there, 1), 1);
    tap_str("changed there", with(there, 1, 0, NOW + LIFE, add_one, NULL),
            "ok");
    tap_int("and so here", sends(here, 1), 2);
    tap_int("another record is another matter", sends(here, 2), -1);
    key = a_key(0);
    tap_ok(strncmp(key, "t:f:", 4) == 0 && strlen(key) == 4 + 43,
           "S9: below the prefix, named by a digest");
    first = tell("GET", key, NULL).text;
    left = tell("PTTL", key, NULL).number;
    tap_ok(left > 890000 && left <= 900000, "it expires with the sign-in");
    sends(here, 1);
    with(here, 1, 0, NOW + LIFE + S(100), look, &deed);
    tap_str("who only looks writes nothing", tell("GET", key, NULL).text,
            first);
    with(here, 1, 0, NOW + LIFE + S(200), look, &deed);
    left = tell("PTTL", key, NULL).number;
    tap_ok(left > 1090000, "but for a life that is an eighth longer");
    with(here, 1, 0, NOW + S(5), add_one, &deed);
    left = tell("PTTL", key, NULL).number;
    tap_ok(left > 1090000, "which never gets shorter");
    small("a record", 512);
    tell("FLUSHALL", NULL, NULL);
}

static void refuse(pwl_flow_t *flow, void *baton)
{
    flow->state = PWL_FLOW_STATE_NONE;
    flow->retry_after = NOW + S(3600);
}

static void try_to_send(pwl_flow_t *flow, void *baton)
{
    flow->state = PWL_FLOW_STATE_SENDING;
}

static void test_unsent(void)
{
    const pwl_remotetxns_t *here = with_keys(1, 0);
    long long left;

    with(here, 1, 1, NOW + LIFE, try_to_send, NULL);
    left = tell("PTTL", a_key(0), NULL).number;
    tap_ok(left > 890000, "L19: while it is tried to send a code");
    with(here, 1, 0, NOW + LIFE, refuse, NULL);
    left = tell("PTTL", a_key(0), NULL).number;
    tap_ok(left > 1000 * (PWL_REDIS_UNSENT_SECONDS - 5) &&
               left <= 1000 * PWL_REDIS_UNSENT_SECONDS,
           "L19: nothing was sent: of that little is left, and not for long");
    with(here, 1, 0, NOW + S(2), refuse, NULL);
    with(here, 1, 0, NOW + LIFE, add_one, NULL);
    left = tell("PTTL", a_key(0), NULL).number;
    tap_ok(left > 890000, "something was: it lives as long as a sign-in");
    tell("FLUSHALL", NULL, NULL);
    with(here, 1, 1, NOW + S(2), refuse, NULL);
    left = tell("PTTL", a_key(0), NULL).number;
    tap_ok(left <= 2000, "and never longer than that");
    tell("FLUSHALL", NULL, NULL);
}

/* What no machine of the site has written. */
static void test_damage(void)
{
    const pwl_remotetxns_t *here = with_keys(1, 0);
    const char *one, *two, *key_one;
    deed_t deed = {0};
    char *text;

    with(here, 1, 1, NOW + LIFE, add_one, NULL);
    key_one = a_key(0);
    one = tell("GET", key_one, NULL).text;
    text = apr_pstrdup(pool, one);
    text[20] = text[20] == 'A' ? 'B' : 'A';
    tell("SET", key_one, text);
    tap_str("S10: a character changed",
            with(here, 1, 1, NOW + LIFE, look, &deed), "flow-damaged");
    tell("SET", key_one, "");
    tap_str("S10: nothing at all", with(here, 1, 1, NOW + LIFE, look, &deed),
            "flow-damaged");
    tell("DEL", key_one, NULL);
    with(here, 2, 1, NOW + LIFE, add_one, NULL);
    two = tell("GET", a_key(0), NULL).text;
    tell("SET", key_one, two);
    tap_str("S10: another record in its place",
            with(here, 1, 1, NOW + LIFE, look, &deed), "flow-damaged");
    tell("FLUSHALL", NULL, NULL);
    with(with_keys(7, 0), 1, 1, NOW + LIFE, add_one, NULL);
    text = apr_pstrdup(pool, tell("GET", a_key(0), NULL).text);
    tell("SET", key_one, text);
    tap_str("S10: sealed with another key",
            with(here, 1, 1, NOW + LIFE, look, &deed), "flow-damaged");
    tell("DEL", key_one, NULL);
    tell("LPUSH", key_one, "x");
    tap_str("another kind of value", with(here, 1, 1, NOW + LIFE, look, &deed),
            "store-failed");
    tap_int("S10: of all these nobody has seen a record", deed.runs, 0);
    tell("FLUSHALL", NULL, NULL);
}

static void test_two_keys(void)
{
    const pwl_remotetxns_t *old = with_keys(1, 0), *both = with_keys(1, 2),
                           *turned = with_keys(2, 1), *new = with_keys(2, 0);
    unsigned char who[16], txn[PWL_TXN_BYTES], got[PWL_TXN_BYTES];

    with(old, 1, 1, NOW + LIFE, add_one, NULL);
    tap_int("rotation: one with both keys finds it", sends(both, 1), 1);
    with(both, 1, 0, NOW + LIFE, add_one, NULL);
    tap_int("and writes it under both", tell("DBSIZE", NULL, NULL).number, 2);
    tap_int("so that one with the old key goes on", sends(old, 1), 2);
    with(old, 1, 0, NOW + LIFE, add_one, NULL);
    tap_int("of two that differ the later one counts", sends(both, 1), 3);
    tap_int("whatever the order of the keys", sends(turned, 1), 3);
    with(turned, 1, 0, NOW + LIFE, add_one, NULL);
    tap_int("the new key alone finds what was written since", sends(new, 1), 4);
    tap_int("and so does who has both", sends(both, 1), 4);
    tell("FLUSHALL", NULL, NULL);

    id_of(5, who);
    pwl_remotetxns_newest_set(both, who, id_of(1, txn), NOW, NOW + LIFE, pool);
    pwl_remotetxns_newest_set(old, who, id_of(2, txn), NOW + S(1), NOW + LIFE,
                              pool);
    pwl_remotetxns_newest_get(turned, who, got, pool);
    tap_ok(memcmp(got, txn, sizeof(got)) == 0, "the newest of both names");
    tap_str("used once under the old key", used(old, 5), "ok");
    tap_str("O3: is used under both", used(turned, 5), "callback-used");
    tap_str("used once under both", used(both, 6), "ok");
    tap_str("O3: is used under the old", used(old, 6), "callback-used");
    tap_str("O3: and the new", used(new, 6), "callback-used");
    tell("FLUSHALL", NULL, NULL);
}

static void test_others(void)
{
    const pwl_remotetxns_t *here = with_keys(1, 0), *there = with_keys(1, 0);
    unsigned char who[16], txn[PWL_TXN_BYTES], got[PWL_TXN_BYTES];
    long long left;

    id_of(5, who);
    id_of(6, txn);
    tap_int("nobody asked yet",
            pwl_remotetxns_newest_get(here, who, got, pool).why,
            PWL_FLOW_UNKNOWN);
    tap_int(
        "set",
        pwl_remotetxns_newest_set(here, who, txn, NOW, NOW + LIFE, pool).why,
        PWL_OK);
    tap_ok(pwl_remotetxns_newest_get(there, who, got, pool).why == PWL_OK &&
               memcmp(got, txn, sizeof(got)) == 0,
           "and known on another machine");
    left = tell("PTTL", a_key(0), NULL).number;
    tap_ok(left > 890000 && left <= 900000, "for as long as the sign-in lives");
    small("a pointer to the newest", 256);
    tell("SET", a_key(0), "nonsense");
    tap_int("S10: what was not sealed by us is damage",
            pwl_remotetxns_newest_get(here, who, got, pool).why,
            PWL_FLOW_DAMAGED);
    tell("FLUSHALL", NULL, NULL);
    tap_str("O3: the first use", used(here, 5), "ok");
    tap_str("O3: is the last, on all machines", used(there, 5),
            "callback-used");
    left = tell("PTTL", a_key(0), NULL).number;
    tap_ok(left > 890000 && left <= 900000, "a use is remembered for as long");
    small("a use", 192);
    tap_str("another id is another matter", used(there, 6), "ok");
    tell("FLUSHALL", NULL, NULL);
}

static void test_refused(void)
{
    static const fake_script_t scripts[] = {
        {.bytes = "-NOPERM this user has no permissions to run 'eval'\r\n"},
        {.bytes = ":1\r\n$-1\r\n"},
        {.bytes = "*2\r\n$1\r\n1\r\n$1\r\n0\r\n:5\r\n"},
    };
    deed_t deed = {0};

    for (int i = 0; i < 3; i++) {
        fake_redis_t fake = fake_start(&scripts[i]);

        tap_str("U9: an answer that is none",
                with(made(to(fake.port), 1, 0, S(2)), 1, 1, NOW + LIFE, look,
                     &deed),
                "store-failed");
        fake_stop(&fake);
    }
    tap_int("U9: nothing was done", deed.runs, 0);
}

int main(void)
{
    begin();
    test_record();
    test_unsent();
    test_damage();
    test_two_keys();
    test_others();
    test_refused();
    fake_stop(&server);
    tap_str("U9: no Redis",
            with(with_keys(1, 0), 1, 1, NOW + LIFE, add_one, NULL),
            "store-failed");
    apr_pool_destroy(pool);
    return tap_done();
}
