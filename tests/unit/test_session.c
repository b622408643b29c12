/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions: encoding at and past each limit, decoding of what encoding cannot
 * make, limits of time at both sides and with a clock that jumps, ids and keys.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* RAND_set_rand_method, to make it fail   \
                                     */
#include "core/session.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <openssl/rand.h>
#include <stdlib.h>

#include "core/b64.h"
#include "core/limits.h"
#include "core/sha256.h"
#include "tap.h"

#define SEC(n) ((apr_time_t)(n)*APR_USEC_PER_SEC)
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static apr_pool_t *pool;
static unsigned char encoded[PWL_SESSION_MAX_BYTES];

/* A text of `len` times 'x'. */
static const char *xs(apr_size_t len)
{
    char *text = apr_palloc(pool, len + 1);

    memset(text, 'x', len);
    text[len] = '\0';
    return text;
}

static pwl_reason_t encode_one(const char *name, const char *value)
{
    pwl_field_t field = {PWL_FIELD_STRING, name, value};
    apr_size_t len;

    return pwl_session_encode(&field, 1, encoded, &len);
}

static void test_round_trip(void)
{
    static const pwl_field_t in[] = {
        {PWL_FIELD_STRING, "email", "anna@example.com"},
        {PWL_FIELD_OTHER, "email_verified", "true"},
        {PWL_FIELD_ITEM, "groups", "a,b"},
        {PWL_FIELD_ITEM, "groups", ""},
        {PWL_FIELD_STRING, "", "\xc3\xa4\r\n"},
    };
    static const unsigned char first[] = "s\x05\0\x10\0email\0anna@example.com";
    pwl_session_t session;
    apr_size_t len;
    int same = 1;

    tap_int("five fields are encoded", pwl_session_encode(in, 5, encoded, &len),
            PWL_OK);
    tap_ok(memcmp(encoded, first, sizeof(first)) == 0,
           "a field is kind, two lengths, name, NUL, value, NUL");
    tap_int("and decoded",
            pwl_session_decode(encoded, len, &session.fields,
                               &session.field_count, pool),
            PWL_OK);
    tap_int("as five", session.field_count, 5);
    for (int i = 0; i < session.field_count; i++)
        same &= session.fields[i].kind == in[i].kind &&
                strcmp(session.fields[i].name, in[i].name) == 0 &&
                strcmp(session.fields[i].value, in[i].value) == 0;
    tap_ok(same, "with kind, name and value as they were");
    tap_ok((const unsigned char *)session.fields[0].name == encoded + 5,
           "and they lie in the encoded bytes");
    tap_str("a value by its name", pwl_session_value(&session, "email"),
            "anna@example.com");
    tap_str("the first of several", pwl_session_value(&session, "groups"),
            "a,b");
    tap_str("no value for half a name", pwl_session_value(&session, "emai"),
            NULL);
    tap_int("a session without fields is one",
            pwl_session_encode(NULL, 0, encoded, &len), PWL_OK);
    tap_int("of no bytes", (long long)len, 0);
    tap_int("which decode",
            pwl_session_decode(encoded, 0, &session.fields,
                               &session.field_count, pool),
            PWL_OK);
    tap_int("to no field", session.field_count, 0);
}

static void test_sizes(void)
{
    pwl_field_t fields[PWL_SESSION_MAX_FIELDS + 1];
    const pwl_field_t *out;
    apr_size_t len;
    int count;

    tap_int("S10: a name of the limit", encode_one(xs(PWL_CLAIM_NAME_MAX), "v"),
            PWL_OK);
    tap_int("S10: a name one over", encode_one(xs(PWL_CLAIM_NAME_MAX + 1), "v"),
            PWL_SESSION_TOO_BIG);
    tap_int("S10: a value of the limit",
            encode_one("n", xs(PWL_CLAIM_VALUE_MAX)), PWL_OK);
    tap_int("S10: a value one over",
            encode_one("n", xs(PWL_CLAIM_VALUE_MAX + 1)), PWL_SESSION_TOO_BIG);

    for (size_t i = 0; i < COUNT(fields); i++)
        fields[i] = (pwl_field_t){PWL_FIELD_ITEM, "n", "v"};
    tap_int("S10: as many fields as allowed",
            pwl_session_encode(fields, PWL_SESSION_MAX_FIELDS, encoded, &len),
            PWL_OK);
    tap_int("S10: which are read back",
            pwl_session_decode(encoded, len, &out, &count, pool), PWL_OK);
    memcpy(encoded + len, encoded, 9); /* one field is nine bytes */
    tap_int("S10: one field more is not believed",
            pwl_session_decode(encoded, len + 9, &out, &count, pool),
            PWL_SESSION_DAMAGED);
    tap_int(
        "S10: nor encoded",
        pwl_session_encode(fields, PWL_SESSION_MAX_FIELDS + 1, encoded, &len),
        PWL_SESSION_TOO_BIG);

    /* Four fields of 2048 bytes together, to the byte. */
    for (int i = 0; i < 4; i++)
        fields[i].value = xs(PWL_SESSION_MAX_BYTES / 4 - 8);
    tap_int("S10: bytes to the limit",
            pwl_session_encode(fields, 4, encoded, &len), PWL_OK);
    tap_int("S10: which is", (long long)len, PWL_SESSION_MAX_BYTES);
    tap_int("S10: are read back",
            pwl_session_decode(encoded, len, &out, &count, pool), PWL_OK);
    fields[3].name = "nn";
    tap_int("S10: one byte over", pwl_session_encode(fields, 4, encoded, &len),
            PWL_SESSION_TOO_BIG);
    tap_int("S10: leaves no length", (long long)len, 0);
    tap_int("S10: more bytes than the limit are not even looked at",
            pwl_session_decode(encoded, PWL_SESSION_MAX_BYTES + 1, &out, &count,
                               pool),
            PWL_SESSION_DAMAGED);
}

/* clang-format off */
#define BYTES(text) (const unsigned char *)text, sizeof(text) - 1
static const struct { const char *what; const unsigned char *data; apr_size_t len; }
damaged[] = {
    {"S11: an unknown kind",           BYTES("x\1\0\1\0n\0v\0")},
    {"S11: kind NUL",                  BYTES("\0\1\0\1\0n\0v\0")},
    {"S11: half a header",             BYTES("s\1\0\1")},
    {"S11: nothing but a header",      BYTES("s\0\0\0\0")},
    {"S11: the last NUL is missing",   BYTES("s\1\0\1\0n\0v")},
    {"S11: the last NUL is no NUL",    BYTES("s\1\0\1\0n\0vv")},
    {"S11: the name's NUL is no NUL",  BYTES("s\1\0\1\0nnv\0")},
    {"S11: NUL inside the name",       BYTES("s\2\0\1\0\0n\0v\0")},
    {"S11: NUL inside the value",      BYTES("s\1\0\2\0n\0\0v\0")},
    {"S11: value past the end",        BYTES("s\1\0\2\0n\0v\0")},
    {"S11: name past the end",         BYTES("s\x7f\0\1\0n\0v\0")},
    {"S11: lengths of 65535",          BYTES("s\xff\xff\xff\xffn\0v\0")},
    {"S11: a byte after the last",     BYTES("s\1\0\1\0n\0v\0s")},
};
/* clang-format on */

static void test_damage(void)
{
    const pwl_field_t *fields;
    unsigned char big[8 + PWL_CLAIM_VALUE_MAX + 1];
    int count;

    for (size_t i = 0; i < COUNT(damaged); i++)
        tap_str(damaged[i].what,
                pwl_reason_word(pwl_session_decode(
                    damaged[i].data, damaged[i].len, &fields, &count, pool)),
                "session-damaged");
    tap_ok(!fields && count == 0, "S11: damage leaves no field behind");

    memset(big, 'x', sizeof(big));
    memcpy(big, "s\1\0\x01\x08n\0", 7);
    big[sizeof(big) - 1] = '\0';
    tap_int("S11: a value one over the limit",
            pwl_session_decode(big, sizeof(big), &fields, &count, pool),
            PWL_SESSION_DAMAGED);
    big[3] = 0;
    big[sizeof(big) - 2] = '\0';
    tap_int("S11: a value at the limit is none",
            pwl_session_decode(big, sizeof(big) - 1, &fields, &count, pool),
            PWL_OK);
    memcpy(big, "s\x81\0\0\0", 5);
    big[5 + 129] = big[5 + 130] = '\0';
    tap_int("S11: a name one over the limit",
            pwl_session_decode(big, 5 + 131, &fields, &count, pool),
            PWL_SESSION_DAMAGED);
}

#define NOW SEC(1700000000)
#define END_OF_TIME APR_INT64_C(0x7fffffffffffffff)
#define DAWN_OF_TIME (-END_OF_TIME - 1)

/* clang-format off */
static const struct {
    const char *what;
    apr_time_t created, last_seen, expires, now;
    apr_interval_time_t max, idle;
    pwl_reason_t want;
} times[] = {
    {"S3: fresh",                        NOW, NOW, 0, NOW, SEC(9), SEC(9), PWL_OK},
    {"S3: idle to the microsecond",      NOW, NOW, 0, NOW + SEC(5), SEC(9), SEC(5), PWL_OK},
    {"S3: idle a microsecond more",      NOW, NOW, 0, NOW + SEC(5) + 1, SEC(9), SEC(5), PWL_SESSION_IDLE},
    {"S3: idle limit minus a second",    NOW, NOW, 0, NOW + SEC(4), SEC(9), SEC(5), PWL_OK},
    {"S3: idle limit plus a second",     NOW, NOW, 0, NOW + SEC(6), SEC(9), SEC(5), PWL_SESSION_IDLE},
    {"S3: seen just now, as old as may be", NOW, NOW + SEC(9), 0, NOW + SEC(9), SEC(9), SEC(5), PWL_OK},
    {"S3: seen just now, too old",       NOW, NOW + SEC(9), 0, NOW + SEC(9) + 1, SEC(9), SEC(5), PWL_SESSION_MAX},
    {"S3: idle limit of 0",              NOW, NOW, 0, NOW, SEC(9), 0, PWL_SESSION_IDLE},
    {"S3: absolute limit of 0",          NOW, NOW, 0, NOW, 0, SEC(9), PWL_SESSION_MAX},
    {"S3: negative limit",               NOW, NOW, 0, NOW, -1, SEC(9), PWL_SESSION_MAX},
    {"S3: clock went back before the sign-in", NOW, NOW, 0, NOW - SEC(99), SEC(9), SEC(5), PWL_OK},
    {"S3: clock went back, limit of 0",  NOW, NOW, 0, NOW - SEC(99), SEC(9), 0, PWL_SESSION_IDLE},
    {"S3: last_seen ahead, created not", NOW, NOW + SEC(99), 0, NOW + SEC(10), SEC(9), SEC(5), PWL_SESSION_MAX},
    {"S3: a microsecond before the ceiling", NOW, NOW, NOW + SEC(3), NOW + SEC(3) - 1, SEC(9), SEC(9), PWL_OK},
    {"S3: at the ceiling",               NOW, NOW, NOW + SEC(3), NOW + SEC(3), SEC(9), SEC(9), PWL_SESSION_MAX},
    {"S13: a negative ceiling is over",  NOW, NOW, -1, NOW, SEC(9), SEC(9), PWL_SESSION_MAX},
    {"S13: after January 2038",          SEC(2147483640), SEC(2147483640), 0, SEC(2147483650), SEC(11), SEC(11), PWL_OK},
    {"S13: after January 2038, idle",    SEC(2147483640), SEC(2147483640), 0, SEC(2147483652), SEC(99), SEC(11), PWL_SESSION_IDLE},
    {"S13: after February 2106",         SEC(4294967290), SEC(4294967290), 0, SEC(4294967300), SEC(11), SEC(11), PWL_OK},
    {"S13: before 1970",                 -SEC(9), -SEC(9), 0, -SEC(5), SEC(9), SEC(5), PWL_OK},
    {"S13: before 1970, idle",           -SEC(9), -SEC(9), 0, -SEC(3), SEC(9), SEC(5), PWL_SESSION_IDLE},
    {"S13: from the least to the largest time", DAWN_OF_TIME, DAWN_OF_TIME, 0, END_OF_TIME, SEC(9), SEC(9), PWL_SESSION_MAX},
    {"S13: idle since the least time",   NOW, DAWN_OF_TIME, 0, NOW, SEC(9), SEC(9), PWL_SESSION_IDLE},
    {"S13: created at the largest time", END_OF_TIME, END_OF_TIME, 0, DAWN_OF_TIME, SEC(9), SEC(9), PWL_OK},
    {"S13: limits without end",          NOW, NOW, 0, NOW + SEC(1), END_OF_TIME, END_OF_TIME, PWL_OK},
    {"S13: the largest ceiling",         NOW, NOW, END_OF_TIME, NOW, SEC(9), SEC(9), PWL_OK},
};

static const struct {
    const char *what;
    apr_time_t last_seen, now;
    apr_interval_time_t idle;
    int want;
} touches[] = {
    {"a touch at once is not due",             NOW, NOW, SEC(3600), 0},
    {"a sixtieth of an hour less a microsecond", NOW, NOW + SEC(60) - 1, SEC(3600), 0},
    {"a sixtieth of an hour",                  NOW, NOW + SEC(60), SEC(3600), 1},
    {"a sixtieth of ten seconds, but no second", NOW, NOW + SEC(1) - 1, SEC(10), 0},
    {"a second",                               NOW, NOW + SEC(1), SEC(10), 1},
    {"idle limit of 0, no second",             NOW, NOW + 1, 0, 0},
    {"S3: the clock went back",                NOW, NOW - SEC(3600), SEC(10), 0},
    {"S13: idle since the least time",         DAWN_OF_TIME, END_OF_TIME, SEC(10), 1},
};
/* clang-format on */

static void test_times(void)
{
    for (size_t i = 0; i < COUNT(times); i++) {
        pwl_session_t session = {{0}};

        session.created = times[i].created;
        session.last_seen = times[i].last_seen;
        session.expires = times[i].expires;
        tap_str(times[i].what,
                pwl_reason_word(pwl_session_limits(
                    &session, times[i].now, times[i].max, times[i].idle)),
                pwl_reason_word(times[i].want));
    }
    for (size_t i = 0; i < COUNT(touches); i++) {
        pwl_session_t session = {{0}};

        session.last_seen = touches[i].last_seen;
        tap_int(
            touches[i].what,
            pwl_session_touch_due(&session, touches[i].now, touches[i].idle),
            touches[i].want);
    }
}

static int no_bytes(unsigned char *out, int len)
{
    return 0;
}

static void test_ids(void)
{
    static const RAND_METHOD broken = {NULL, no_bytes, NULL, NULL, no_bytes};
    const RAND_METHOD *good = RAND_get_rand_method();
    char sid[PWL_SID_CHARS + 1], other[PWL_SID_CHARS + 1];
    unsigned char skey[PWL_SKEY_BYTES], again[PWL_SKEY_BYTES];

    tap_int("S9: a new id", pwl_session_new_id(sid, skey), PWL_OK);
    tap_int("S9: is 43 characters", (long long)strlen(sid), PWL_SID_CHARS);
    tap_int("S9: read back", pwl_session_key(sid, PWL_SID_CHARS, again),
            PWL_OK);
    tap_ok(memcmp(skey, again, sizeof(skey)) == 0, "S9: it has the same key");
    pwl_session_new_id(other, again);
    tap_ok(strcmp(sid, other) != 0 && memcmp(skey, again, sizeof(skey)) != 0,
           "S9: the next id is another");
    /* SHA-256 of 32 zero bytes. */
    tap_int("S9: an id of zeros is well formed",
            pwl_session_key("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 43,
                            skey),
            PWL_OK);
    tap_str("S9: the key is the hash, not the id",
            pwl_b64_encode(skey, sizeof(skey), pool),
            "Zmh6rfhivXdsj8GLjp-OIAiXFIVu4jOzkCpZHQ1fKSU");

    RAND_set_rand_method(&broken);
    tap_int("S9: without random bytes there is no id",
            pwl_session_new_id(sid, skey), PWL_SEAL_FAILED);
    tap_str("S9: but an empty text", sid, "");
    RAND_set_rand_method(good);
}

static void test_forged(void)
{
    char sid[PWL_SID_CHARS + 1], text[4097];
    unsigned char skey[PWL_SKEY_BYTES], found[PWL_SKEY_BYTES];
    int accepted = 0, same = 0;

    pwl_session_new_id(sid, skey);
    for (int i = 0; i < PWL_SID_CHARS * 8; i++) {
        memcpy(text, sid, sizeof(sid));
        text[i / 8] = (char)(text[i / 8] ^ 1 << i % 8);
        if (pwl_session_key(text, PWL_SID_CHARS, found) == PWL_OK) {
            accepted++;
            same += memcmp(skey, found, sizeof(skey)) == 0;
        }
    }
    tap_ok(accepted > 0, "S8: some ids with one bit changed are well formed");
    tap_int("S8: but none has the key of the true one", same, 0);
    tap_int("S8: a character less",
            pwl_session_key(sid, PWL_SID_CHARS - 1, found), PWL_SESSION_FORGED);
    memset(text, 'A', sizeof(text));
    tap_int("S8: a character more",
            pwl_session_key(text, PWL_SID_CHARS + 1, found),
            PWL_SESSION_FORGED);
    tap_int("S8: twice the id", pwl_session_key(text, 86, found),
            PWL_SESSION_FORGED);
    tap_int("S8: 4 KB", pwl_session_key(text, 4096, found), PWL_SESSION_FORGED);
    tap_int("S8: nothing", pwl_session_key("", 0, found), PWL_SESSION_FORGED);
    text[42] = 'B'; /* the lowest spare bit */
    tap_int("S8: a spare bit", pwl_session_key(text, PWL_SID_CHARS, found),
            PWL_SESSION_FORGED);
}

/* A note of ours is no claim, whatever it is called. */
static void test_notes(void)
{
    static const pwl_field_t fields[] = {
        {PWL_FIELD_NOTE, "network", "192.0.2.0/24"},
        {PWL_FIELD_NOTE, "email", "note@example.org"},
        {PWL_FIELD_STRING, "email", "Ann@example.org"},
        {PWL_FIELD_STRING, "sub", "email|1"},
        {PWL_FIELD_STRING, "phone_number", "+3225550100"},
    };
    unsigned char data[PWL_SESSION_MAX_BYTES];
    pwl_session_t session = {{0}};
    apr_size_t len;

    pwl_session_encode(fields, 5, data, &len);
    tap_str("a note is encoded and decoded",
            pwl_reason_word(pwl_session_decode(data, len, &session.fields,
                                               &session.field_count, pool)),
            "ok");
    tap_str("a note is found as one",
            pwl_session_note(&session, PWL_NOTE_NETWORK), "192.0.2.0/24");
    tap_str("and not as a claim", pwl_session_value(&session, "network"), NULL);
    tap_str("nor in a claim's place", pwl_session_value(&session, "email"),
            "Ann@example.org");
    tap_str("a claim is no note", pwl_session_note(&session, "sub"), NULL);
    tap_str("who: by address, also with a number", pwl_session_who(&session),
            "Ann@example.org");
    tap_ok(pwl_session_is_of(&session, "ann@EXAMPLE.org"), "whose: by address");
    tap_ok(pwl_session_is_of(&session, "email|1"), "whose: by sub");
    tap_ok(pwl_session_is_of(&session, "+3225550100"), "whose: by phone number");
    tap_ok(!pwl_session_is_of(&session, "EMAIL|1"), "a sub in another case is another");
    tap_ok(!pwl_session_is_of(&session, "note@example.org"), "a note is nobody");
    tap_ok(!pwl_session_is_of(&session, ""), "nobody is nobody");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_round_trip();
    test_sizes();
    test_damage();
    test_times();
    test_ids();
    test_forged();
    test_notes();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
