/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The form token: whose it is, for which step, for how long; and that nothing
 * but what pwl_token_seal() wrote is read.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* RAND_set_rand_method */

#include "core/token.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <openssl/rand.h>

#include "core/b64.h"
#include "core/limits.h"
#include "tap.h"

#define NOW apr_time_from_sec(1700000000)
#define LIFE apr_time_from_sec(900)
#define ADDRESS "jane@example.org"
#define TARGET "/app?tab=2"

static apr_pool_t *pool;
static const pwl_seal_t *seal;
static pwl_pending_t mine, other;

static pwl_seal_t *seal_for(const char *purpose, const char *realm)
{
    pwl_seal_keys_t keys = {1, {{1}}};

    return pwl_seal_make(&keys, purpose, realm, pool);
}

static pwl_token_t token_of(pwl_step_t step, const pwl_pending_t *pending)
{
    pwl_token_t token;

    pwl_token_new(&token, step, pending, NOW);
    token.address = ADDRESS;
    token.return_to = TARGET;
    return token;
}

/* Does sealed text, decoded, hold these words as they are? */
static int shows(const char *text, const char *words)
{
    unsigned char bytes[PWL_TOKEN_MAX];
    apr_size_t len = 0;

    if (!pwl_b64_decode(text, strlen(text), bytes, sizeof bytes, &len))
        return 1;
    for (apr_size_t i = 0; i + strlen(words) <= len; i++)
        if (memcmp(bytes + i, words, strlen(words)) == 0)
            return 1;
    return 0;
}

static const char *open_word(const char *text, pwl_token_t *out)
{
    pwl_token_t token;
    pwl_reason_t why = pwl_token_open(text, seal, PWL_STEP_CODE, &mine, NOW,
                                      LIFE, &token, pool);

    if (out)
        *out = token;
    if ((why == PWL_TOKEN_MISSING || why == PWL_TOKEN_FORGED) &&
        (token.step || token.issued || *token.address || *token.return_to))
        return "something came out";
    return pwl_reason_word(why);
}

static void round_trip(void)
{
    pwl_token_t token = token_of(PWL_STEP_CODE, &mine), back;
    const char *text = pwl_token_seal(&token, seal, pool);

    tap_str("a token comes back", open_word(text, &back), "ok");
    tap_ok(memcmp(back.txn, token.txn, PWL_TXN_BYTES) == 0 &&
               memcmp(back.browser, token.browser, PWL_TXN_BYTES) == 0 &&
               back.step == PWL_STEP_CODE && back.issued == NOW,
           "with transaction, browser, step and time");
    tap_str("with its address", back.address, ADDRESS);
    tap_str("with its return target", back.return_to, TARGET);
    tap_ok(!shows(text, ADDRESS) && !shows(text, TARGET),
           "G1: and shows neither");
    token.address = token.return_to = NULL;
    text = pwl_token_seal(&token, seal, pool);
    tap_str("NULL texts are sealed", open_word(text, &back), "ok");
    tap_ok(back.address && !*back.address && back.return_to && !*back.return_to,
           "and come back empty");
    tap_str("no token", open_word(NULL, NULL), "token-missing");
    tap_str("an empty token", open_word("", NULL), "token-missing");
}

/* clang-format off */
static const struct {
    const char *what;
    pwl_step_t step;
    pwl_pending_t *asks; /* whose cookie comes with it */
    int later;           /* seconds after it was issued */
    const char *want;
} judgements[] = {
    {"in time, in its browser, at its step", PWL_STEP_CODE, &mine, 1, "ok"},
    {"L1: in a browser that never asked for a code",
        PWL_STEP_CODE, NULL, 1, "token-browser"},
    {"L1: in the browser of somebody else, with a cookie of its own",
        PWL_STEP_CODE, &other, 1, "token-browser"},
    {"L3: at the end of its life", PWL_STEP_CODE, &mine, 900, "ok"},
    {"L3: one second past it",
        PWL_STEP_CODE, &mine, 901, "token-expired"},
    {"O4: issued sixty seconds ahead", PWL_STEP_CODE, &mine, -60, "ok"},
    {"O4: issued a second more ahead",
        PWL_STEP_CODE, &mine, -61, "token-expired"},
    {"O4: the clock back to the epoch",
        PWL_STEP_CODE, &mine, -1700000000, "token-expired"},
    {"L3: posted to the address form",
        PWL_STEP_ADDRESS, &mine, 1, "token-step"},
    {"L3: posted to the sign-out", PWL_STEP_LOGOUT, &mine, 1, "token-step"},
    {"K9: as state of the callback", PWL_STEP_STATE, &mine, 1, "token-step"},
    {"O17: as state of a sign-in anew",
        PWL_STEP_AGAIN, &mine, 1, "token-step"},
    {"L3: another step, expired and foreign: the step is told",
        PWL_STEP_STATE, &other, 901, "token-step"},
    {"L3: expired and foreign: the age is told",
        PWL_STEP_CODE, &other, 901, "token-expired"},
};
/* clang-format on */

static void judged(void)
{
    pwl_token_t token = token_of(PWL_STEP_CODE, &mine), back;
    const char *text = pwl_token_seal(&token, seal, pool);
    size_t i;

    for (i = 0; i < sizeof(judgements) / sizeof(judgements[0]); i++) {
        memset(&back, 0, sizeof(back));
        tap_str(judgements[i].what,
                pwl_reason_word(pwl_token_open(
                    text, seal, judgements[i].step, judgements[i].asks,
                    NOW + apr_time_from_sec(judgements[i].later), LIFE, &back,
                    pool)),
                judgements[i].want);
        tap_str("and a page can keep its address", back.address, ADDRESS);
    }
}

static void forged(void)
{
    pwl_token_t token = token_of(PWL_STEP_CODE, &mine);
    const char *text = pwl_token_seal(&token, seal, pool);
    char *copy = apr_pstrdup(pool, text), *big;
    apr_size_t len = strlen(text), i;
    int bit, good = 0;

    for (i = 0; i < len; i++)
        for (bit = 0; bit < 8; bit++) {
            copy[i] = (char)(text[i] ^ (1 << bit));
            good += !strcmp(open_word(copy, NULL), "ok");
            copy[i] = text[i];
        }
    tap_int("L3: one bit changed at any position: never good", good, 0);
    for (good = 0, i = len; i-- > 0;) {
        copy[i] = '\0';
        good += !strcmp(open_word(copy, NULL), "ok");
    }
    tap_int("L3: cut at any position: never good", good, 0);
    tap_str("L3: doubled", open_word(apr_pstrcat(pool, text, text, NULL), NULL),
            "token-forged");
    tap_str(
        "L3: of another realm",
        open_word(pwl_token_seal(&token, seal_for("form", "s"), pool), NULL),
        "token-forged");
    tap_str(
        "K9: of another purpose",
        open_word(pwl_token_seal(&token, seal_for("state", "r"), pool), NULL),
        "token-forged");
    big = apr_pcalloc(pool, PWL_TOKEN_MAX + 2);
    memset(big, 'A', PWL_TOKEN_MAX);
    tap_str("K6: the longest text that is looked at", open_word(big, NULL),
            "token-forged");
    big[PWL_TOKEN_MAX] = 'A';
    tap_str("K6: one character longer", open_word(big, NULL), "token-forged");
}

static const char *letters(apr_size_t len)
{
    char *text = apr_pcalloc(pool, len + 1);

    memset(text, 'x', len);
    return text;
}

static void lengths(void)
{
    pwl_token_t token = token_of(PWL_STEP_CODE, &mine), back;
    const char *text;

    token.address = letters(PWL_ADDRESS_MAX);
    token.return_to = letters(PWL_RETURNTO_MAX);
    text = pwl_token_seal(&token, seal, pool);
    tap_int("K6: the longest address and target make a token",
            text ? (int)strlen(text) : 0, 3168);
    tap_ok(strlen(text) <= PWL_TOKEN_MAX, "K6: within the limit");
    tap_str("K6: that opens", open_word(text, &back), "ok");
    tap_ok(!strcmp(back.address, token.address) &&
               !strcmp(back.return_to, token.return_to),
           "K6: and gives both back");
    token.address = letters(PWL_ADDRESS_MAX + 1);
    tap_ok(!pwl_token_seal(&token, seal, pool),
           "K6: an address one byte longer is not sealed");
    token.address = "";
    token.return_to = letters(PWL_RETURNTO_MAX + 1);
    tap_ok(!pwl_token_seal(&token, seal, pool),
           "K6: a target one byte longer is not sealed");
}

/* Sealed by us, written by somebody else: version, step, time and texts, each
 * with the length that is claimed for it. The rest of the head is zero. */
/* clang-format off */
static const struct {
    const char *what;
    int version;
    const char *seconds; /* 8 bytes */
    int claimed;         /* length of the address, which is "ab" */
    const char *tail;    /* what follows the address, `tail_len` bytes */
    int tail_len;
    const char *want;
} plains[] = {
#define ZERO "\0\0\0\0\0\0\0\0"
    {"K5: as written", 1, ZERO, 2, "\0\1/", 3, "token-expired"},
    {"K5: another version", 2, ZERO, 2, "\0\1/", 3, "token-forged"},
    {"K5: a time past all time",
        1, "\xff\0\0\0\0\0\0\0", 2, "\0\1/", 3, "token-forged"},
    {"K5: the last time that can be kept", /* 9223372036854 */
        1, "\0\0\x08\x63\x7b\xd0\x5a\xf6", 2, "\0\1/", 3, "token-expired"},
    {"K5: one second past it",
        1, "\0\0\x08\x63\x7b\xd0\x5a\xf7", 2, "\0\1/", 3, "token-forged"},
    {"K6: the address claims a byte of the next length",
        1, ZERO, 3, "\0\1/", 3, "token-forged"},
    {"K6: the address runs past the end",
        1, ZERO, 6, "\0\1/", 3, "token-forged"},
    {"K6: the address claims 65535 bytes",
        1, ZERO, 65535, "\0\1/", 3, "token-forged"},
    {"K6: the target runs past the end",
        1, ZERO, 2, "\0\2/", 3, "token-forged"},
    {"K6: a byte follows", 1, ZERO, 2, "\0\1//", 4, "token-forged"},
    {"K6: the last length is cut", 1, ZERO, 2, "\0", 1, "token-forged"},
    {"K6: the last length is missing", 1, ZERO, 2, "", 0, "token-forged"},
    {"R10: a NUL in the target",
        1, ZERO, 2, "\0\3/\0/", 5, "token-forged"},
    {"K6: empty texts", 1, ZERO, 2, "\0\0", 2, "token-expired"},
};
/* clang-format on */

static void other_plains(void)
{
    unsigned char plain[128];
    char *at;
    apr_size_t len;
    size_t i;

    for (i = 0; i < sizeof(plains) / sizeof(plains[0]); i++) {
        memset(plain, 0, sizeof(plain));
        plain[0] = (unsigned char)plains[i].version;
        plain[1] = PWL_STEP_CODE;
        at = (char *)plain + 2 + 2 * PWL_TXN_BYTES;
        memcpy(at, plains[i].seconds, 8);
        at[8] = (char)(plains[i].claimed >> 8);
        at[9] = (char)plains[i].claimed;
        memcpy(at + 10, "ab", 2);
        memcpy(at + 12, plains[i].tail, (size_t)plains[i].tail_len);
        len = 2 + 2 * PWL_TXN_BYTES + 12 + (apr_size_t)plains[i].tail_len;
        tap_str(plains[i].what,
                open_word(pwl_seal_close(seal, plain, len, pool), NULL),
                plains[i].want);
    }
    for (i = 0; i < 2 + 2 * PWL_TXN_BYTES + 8; i++)
        if (strcmp(open_word(pwl_seal_close(seal, plain, i, pool), NULL),
                   "token-forged") != 0)
            break;
    tap_int("K6: no beginning of a head is read", (int)i,
            2 + 2 * PWL_TXN_BYTES + 8);
}

/* A text one byte over its limit, in a plain text that is else in order. */
static void long_texts(void)
{
    static const int over[][2] = {{PWL_ADDRESS_MAX, PWL_RETURNTO_MAX},
                                  {PWL_ADDRESS_MAX + 1, 0},
                                  {0, PWL_RETURNTO_MAX + 1}};
    static const char *const want[] = {"token-expired", "token-forged",
                                       "token-forged"};
    unsigned char plain[4096];
    size_t i;

    for (i = 0; i < 3; i++) {
        int address = over[i][0], target = over[i][1];
        unsigned char *at = plain + 42;

        memset(plain, 'x', sizeof(plain));
        memset(plain, 0, 42);
        plain[0] = 1;
        plain[1] = PWL_STEP_CODE;
        at[0] = (unsigned char)(address >> 8);
        at[1] = (unsigned char)address;
        at[2 + address] = (unsigned char)(target >> 8);
        at[3 + address] = (unsigned char)target;
        tap_str(
            "K6: address and target at their limits, then one past",
            open_word(pwl_seal_close(seal, plain,
                                     (apr_size_t)(46 + address + target), pool),
                      NULL),
            want[i]);
    }
}

static int no_random_bytes(unsigned char *out, int len)
{
    return 0;
}

static void fresh(void)
{
    static RAND_METHOD broken = {.bytes = no_random_bytes};
    const RAND_METHOD *was = RAND_get_rand_method();
    pwl_token_t a = token_of(PWL_STEP_CODE, &mine);
    pwl_token_t b = token_of(PWL_STEP_CODE, &mine);
    pwl_reason_t why;

    tap_ok(memcmp(a.txn, b.txn, PWL_TXN_BYTES) != 0,
           "two sign-ins are two transactions");
    tap_ok(memcmp(a.browser, b.browser, PWL_TXN_BYTES) == 0, "of one browser");
    RAND_set_rand_method(&broken);
    why = pwl_token_new(&a, PWL_STEP_CODE, &mine, NOW);
    RAND_set_rand_method(was);
    tap_str("S9: without random bytes there is none", pwl_reason_word(why),
            "seal-failed");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    seal = seal_for("form", "r");
    pwl_pending_new(&mine, NOW);
    pwl_pending_new(&other, NOW);
    round_trip();
    judged();
    forged();
    lengths();
    other_plains();
    long_texts();
    fresh();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
