/* SPDX-License-Identifier: Apache-2.0 */
/* core/tokens.c: there and back again, for one session only, and when what is
 * due. */
#include <apr_general.h>
#include <apr_strings.h>

#include "core/limits.h"
#include "core/tokens.h"
#include "tap.h"

#define S(n) apr_time_from_sec(n)
#define NOW S(1700000000)

static apr_pool_t *pool;
static const unsigned char ann[PWL_SKEY_BYTES] = {1};
static const unsigned char bob[PWL_SKEY_BYTES] = {2};

static const pwl_seal_t *seal_of(int key, const char *realm)
{
    pwl_seal_keys_t keys = {.count = 1};

    memset(keys.key[0], key, PWL_SEAL_KEY_BYTES);
    return pwl_seal_make(&keys, PWL_TOKENS_PURPOSE, realm, pool);
}

static const char *xs(apr_size_t len)
{
    char *text = apr_palloc(pool, len + 1);

    memset(text, 'x', len);
    text[len] = '\0';
    return text;
}

static void word(const char *what, pwl_reason_t got, pwl_reason_t want)
{
    tap_str(what, pwl_reason_word(got), pwl_reason_word(want));
}

static void test_round_trip(void)
{
    const pwl_seal_t *seal = seal_of(7, "site");
    const pwl_tokens_t all = {"access", "v1.refresh", NOW, NOW + S(86400)};
    const pwl_tokens_t one = {NULL, "v1.refresh", NOW, 0};
    pwl_tokens_t out;
    const char *note = pwl_tokens_seal(&all, ann, seal, pool);

    tap_ok(!strstr(note, "access") && !strstr(note, "refresh"),
           "S9: a note shows no token");
    word("what was sealed opens", pwl_tokens_open(note, ann, seal, &out, pool),
         PWL_OK);
    tap_str("the access token is there", out.access, "access");
    tap_str("the refresh token, too", out.refresh, "v1.refresh");
    tap_int("when it came", out.got, NOW);
    tap_int("and when it is over", out.expires, NOW + S(86400));

    pwl_tokens_open(pwl_tokens_seal(&one, ann, seal, pool), ann, seal, &out,
                    pool);
    tap_str("no access token is none, not an empty one", out.access, NULL);
    tap_int("an end that was not told is 0", out.expires, 0);

    word("S8: a note of another session does not open",
         pwl_tokens_open(note, bob, seal, &out, pool), PWL_TOKENS_UNREADABLE);
    tap_ok(!out.access && !out.refresh, "S8: and gives nothing");
    word("S8: nor one of another realm",
         pwl_tokens_open(note, ann, seal_of(7, "other"), &out, pool),
         PWL_TOKENS_UNREADABLE);
    word("S8: nor one under another key",
         pwl_tokens_open(note, ann, seal_of(8, "site"), &out, pool),
         PWL_TOKENS_UNREADABLE);
    word("nor one that is none", pwl_tokens_open("", ann, seal, &out, pool),
         PWL_TOKENS_UNREADABLE);
    word("no note is no tokens", pwl_tokens_open(NULL, ann, seal, &out, pool),
         PWL_OK);
    tap_ok(!out.access && !out.refresh, "and an empty answer");
}

/* What somebody with the key, another version of ours, could have sealed. */
static void test_plain(void)
{
    const pwl_seal_t *seal = seal_of(7, "site");
    const pwl_tokens_t all = {"access", "v1.refresh", NOW, NOW + S(86400)};
    const unsigned char *plain;
    unsigned char copy[256];
    pwl_tokens_t out;
    apr_size_t len;
    int taken = 0;

    pwl_seal_open(seal, pwl_tokens_seal(&all, ann, seal, pool),
                  strlen(pwl_tokens_seal(&all, ann, seal, pool)), &plain, &len,
                  pool);
    for (apr_size_t cut = 0; cut < len; cut++)
        taken += pwl_tokens_open(pwl_seal_close(seal, plain, cut, pool), ann,
                                 seal, &out, pool) == PWL_OK;
    tap_int("S10: cut short they do not open, wherever they are cut", taken, 0);
    memcpy(copy, plain, len);
    copy[len] = 'x';
    word("S10: nor with a byte behind them",
         pwl_tokens_open(pwl_seal_close(seal, copy, len + 1, pool), ann, seal,
                         &out, pool),
         PWL_TOKENS_UNREADABLE);
    copy[0]++;
    word("S10: nor of another version",
         pwl_tokens_open(pwl_seal_close(seal, copy, len, pool), ann, seal, &out,
                         pool),
         PWL_TOKENS_UNREADABLE);
    copy[0]--;
    copy[len - 1] = '\0';
    word("S10: nor with a NUL in a token",
         pwl_tokens_open(pwl_seal_close(seal, copy, len, pool), ann, seal, &out,
                         pool),
         PWL_TOKENS_UNREADABLE);
    copy[len - 1] = '\n';
    word("H9: nor with a line break in a token",
         pwl_tokens_open(pwl_seal_close(seal, copy, len, pool), ann, seal, &out,
                         pool),
         PWL_TOKENS_UNREADABLE);
}

static void test_limits(void)
{
    const pwl_seal_t *seal = seal_of(7, "site");
    pwl_tokens_t most = {xs(PWL_TOKENS_MAX_BYTES - 10), xs(10), NOW, 0};
    pwl_tokens_t more = {xs(PWL_TOKENS_MAX_BYTES - 10), xs(11), NOW, 0};
    static const char *const odd[] = {"a b", "a\r\nX: y", "a\tb", "\x7f",
                                      "caf\xc3\xa9"};
    pwl_field_t field = {PWL_FIELD_NOTE, PWL_NOTE_TOKENS, NULL};
    unsigned char data[PWL_SESSION_MAX_BYTES];
    pwl_tokens_t out;
    apr_size_t len;

    word("PWL_TOKENS_MAX_BYTES may be kept", pwl_tokens_check(&most), PWL_OK);
    word("one byte more may not", pwl_tokens_check(&more), PWL_TOKENS_TOO_BIG);
    tap_str("and is not sealed", pwl_tokens_seal(&more, ann, seal, pool), NULL);
    field.value = pwl_tokens_seal(&most, ann, seal, pool);
    word("the largest opens again",
         pwl_tokens_open(field.value, ann, seal, &out, pool), PWL_OK);
    word("and fits a session", pwl_session_encode(&field, 1, data, &len),
         PWL_OK);
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        pwl_tokens_t bad = {odd[i], NULL, NOW, 0};

        word("H9: a token that cannot stand in a header",
             pwl_tokens_check(&bad), PWL_TOKENS_MALFORMED);
    }
}

static void test_note(void)
{
    static const pwl_field_t fields[] = {
        {PWL_FIELD_STRING, "sub", "auth0|ann"},
        {PWL_FIELD_NOTE, PWL_NOTE_NETWORK, "192.0.2.0/24"},
    };
    static const pwl_field_t claim = {PWL_FIELD_STRING, PWL_NOTE_TOKENS, "x"};
    pwl_session_t session = {.field_count = 2, .fields = fields};
    pwl_session_t named = {.field_count = 1, .fields = &claim};
    pwl_session_t none = {.field_count = 0};

    tap_str("a session without tokens has no note", pwl_tokens_note(&session),
            NULL);
    tap_str("nor has one without fields", pwl_tokens_note(&none), NULL);
    tap_str("a claim of that name is no note", pwl_tokens_note(&named), NULL);
    pwl_tokens_put(&session, "one", pool);
    tap_int("a note is one field more", session.field_count, 3);
    tap_str("and is found", pwl_tokens_note(&session), "one");
    pwl_tokens_put(&session, "two", pool);
    tap_int("another takes its place", session.field_count, 3);
    tap_str("and is found", pwl_tokens_note(&session), "two");
    tap_str("the other fields are what they were",
            pwl_session_value(&session, "sub"), "auth0|ann");
    pwl_tokens_put(&session, NULL, pool);
    tap_int("without it all is as before", session.field_count, 2);
    tap_str("the last field is the one that was last",
            pwl_session_note(&session, PWL_NOTE_NETWORK), "192.0.2.0/24");
}

static void test_times(void)
{
    static const struct {
        const char *what;
        int life, at, due, usable; /* seconds */
    } cases[] = {
        {"a token of a day, fresh", 86400, 0, 0, 1},
        {"61 s before its end", 86400, 86339, 0, 1},
        {"60 s before its end", 86400, 86340, 1, 1},
        {"at its end", 86400, 86400, 1, 0},
        {"a day after it", 86400, 172800, 1, 0},
        {"a token of 10 s after 7", 10, 7, 0, 1},
        {"a token of 10 s after 8: four fifths", 10, 8, 1, 1},
        {"a token of 300 s after 239", 300, 239, 0, 1},
        {"a token of 300 s after 240", 300, 240, 1, 1},
        {"the clock went back by a minute", 86400, -60, 0, 1},
        {"the clock went back by more", 86400, -61, 1, 1},
    };
    pwl_tokens_t tokens = {"access", "refresh", NOW, 0};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        tokens.expires = NOW + S(cases[i].life);
        tap_int(apr_pstrcat(pool, cases[i].what, ": due", NULL),
                pwl_tokens_due(&tokens, NOW + S(cases[i].at)), cases[i].due);
        tap_int(apr_pstrcat(pool, cases[i].what, ": usable", NULL),
                pwl_tokens_usable(&tokens, NOW + S(cases[i].at)),
                cases[i].usable);
    }
    tokens.refresh = NULL;
    tap_int("without a refresh token nothing is due",
            pwl_tokens_due(&tokens, NOW + S(86400)), 0);
    tokens.refresh = "refresh";
    tokens.expires = 0;
    tap_int("nor without an end", pwl_tokens_due(&tokens, NOW + S(864000)), 0);
    tap_int("a token without an end is usable",
            pwl_tokens_usable(&tokens, NOW + S(864000)), 1);
    tokens.access = NULL;
    tap_int("no access token is not", pwl_tokens_usable(&tokens, NOW), 0);
}

static void test_given(void)
{
    pwl_answer_t answer = {.access_token = "a2", .expires_in = 30};
    const pwl_tokens_t had = {"a1", "r1", NOW - S(100), NOW};
    pwl_tokens_t tokens = pwl_tokens_given(&answer, &had, NOW);

    tap_str("the new access token", tokens.access, "a2");
    tap_str("without rotation the refresh token stays", tokens.refresh, "r1");
    tap_int("the new end counts from now", tokens.expires, NOW + S(30));
    answer.refresh_token = "r2";
    tap_str("with rotation it is the new one",
            pwl_tokens_given(&answer, &had, NOW).refresh, "r2");
    answer.refresh_token = answer.access_token = "";
    answer.expires_in = 0;
    tokens = pwl_tokens_given(&answer, NULL, NOW);
    tap_ok(!tokens.access && !tokens.refresh, "an empty token is none");
    tap_int("no expires_in is no end", tokens.expires, 0);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_round_trip();
    test_plain();
    test_limits();
    test_note();
    test_times();
    test_given();
    apr_pool_destroy(pool);
    return tap_done();
}
