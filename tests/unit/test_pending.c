/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pending cookie: what opens it, what it counts, what is derived from it.
 *
 * The derived values stand here as another program (Python's hmac) gave them
 * for a secret of the bytes 0 to 31 and a transaction of 200 to 215.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* RAND_set_rand_method */

#include "core/pending.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <openssl/rand.h>

#include "core/b64.h"
#include "core/limits.h"
#include "tap.h"

#define NOW apr_time_from_sec(1700000000)
#define LIFE apr_time_from_sec(900)
#define PLAIN_BYTES 50

#define NONCE "wiKc-dD-vpzXH0wqA-z_F6JquEGhLuk3UAR127SG9M0"
#define PKCE "35haK0c54Is6rulNbgSK6cZ4JIndiW0hn_jh3Vtun1I"
#define BROWSER "NLgUbS0llMRs8RWoz2tvMA"
#define MASK "VbFTZxibLA_Otlnu1QQf68n_wuK0_lca8hLb5Aq68Yo"

static apr_pool_t *pool;
static const pwl_seal_t *seal;

static pwl_seal_t *seal_for(const char *purpose, const char *realm)
{
    pwl_seal_keys_t keys = {1, {{1}}};

    return pwl_seal_make(&keys, purpose, realm, pool);
}

static const char *open_word(const char *value, apr_size_t len, apr_time_t now,
                             pwl_pending_t *out)
{
    static const pwl_pending_t zero;
    pwl_pending_t pending;
    pwl_reason_t why =
        pwl_pending_open(value, len, seal, now, LIFE, &pending, pool);

    if (out)
        *out = pending;
    if (why != PWL_OK && memcmp(&pending, &zero, sizeof(zero)) != 0)
        return "something came out";
    return pwl_reason_word(why);
}

/* A secret of the bytes from `first` on. */
static pwl_pending_t pending_of(int first)
{
    pwl_pending_t pending = {.renewed = NOW, .loop_since = NOW};
    int i;

    for (i = 0; i < PWL_BROWSER_BYTES; i++)
        pending.browser[i] = (unsigned char)(first + i);
    return pending;
}

static void round_trip(void)
{
    pwl_pending_t pending = pending_of(0), back;
    const char *value;

    pending.loops = 2;
    pending.loop_since = NOW - apr_time_from_sec(7);
    value = pwl_pending_seal(&pending, seal, pool);
    tap_str("a cookie comes back", open_word(value, strlen(value), NOW, &back),
            "ok");
    tap_ok(memcmp(back.browser, pending.browser, PWL_BROWSER_BYTES) == 0 &&
               back.renewed == NOW && back.loops == 2 &&
               back.loop_since == pending.loop_since,
           "as it was");
    tap_int("K14: its value has always the same length", (int)strlen(value),
            PWL_B64_CHARS(PLAIN_BYTES + 28));
    pending.loops = 256;
    value = pwl_pending_seal(&pending, seal, pool);
    open_word(value, strlen(value), NOW, &back);
    tap_int("a count over one byte stays at the most one byte holds",
            back.loops, 255);
    pending = pending_of(0);
    pending.renewed = NOW + 999999;
    value = pwl_pending_seal(&pending, seal, pool);
    open_word(value, strlen(value), NOW, &back);
    tap_ok(back.renewed == NOW, "times are kept to the second");
}

/* clang-format off */
static const struct { const char *what; int later; const char *want; }
ages[] = {
    {"O4: at the end of its life",             900, "ok"},
    {"O4: one second past it",                 901, "pending-expired"},
    {"O4: the clock back by its life",        -900, "ok"},
    {"O4: the clock back by a second more",   -901, "pending-expired"},
    {"O4: the clock back to the epoch", -1700000000, "pending-expired"},
};

/* Sealed by us, written by somebody else: `at` is set to `byte`. */
static const struct { const char *what; int len, at, byte; const char *want; }
plains[] = {
    {"as written",                          50, 0, 1,    "ok"},
    {"K5: another version",                 50, 0, 2,    "pending-forged"},
    {"K5: version 0",                       50, 0, 0,    "pending-forged"},
    {"K6: one byte short",                  49, 0, 1,    "pending-forged"},
    {"K6: one byte over",                   51, 0, 1,    "pending-forged"},
    {"K6: nothing",                          0, 0, 1,    "pending-forged"},
    {"K5: renewed at a time past all time", 50, 33, 0xff, "pending-forged"},
    {"K5: renewed at 2^48 seconds",         50, 34, 0x01, "pending-forged"},
    {"K5: renewed far ahead",               50, 36, 0x01, "pending-expired"},
    {"K5: loops since a time past all time", 50, 42, 0xff, "pending-forged"},
    {"K5: 255 loops",                       50, 41, 0xff, "ok"},
};
/* clang-format on */

static void what_opens(void)
{
    pwl_pending_t pending = pending_of(0);
    const char *value = pwl_pending_seal(&pending, seal, pool);
    unsigned char plain[PLAIN_BYTES + 1];
    size_t i;

    for (i = 0; i < sizeof(ages) / sizeof(ages[0]); i++)
        tap_str(ages[i].what,
                open_word(value, strlen(value),
                          NOW + apr_time_from_sec(ages[i].later), NULL),
                ages[i].want);
    for (i = 0; i < sizeof(plains) / sizeof(plains[0]); i++) {
        memset(plain, 0, sizeof(plain));
        plain[0] = 1;
        memcpy(plain + 33, "\0\0\0\0\x65\x53\xf1\0", 8); /* NOW */
        plain[plains[i].at] = (unsigned char)plains[i].byte;
        value = pwl_seal_close(seal, plain, (apr_size_t)plains[i].len, pool);
        tap_str(plains[i].what, open_word(value, strlen(value), NOW, NULL),
                plains[i].want);
    }
}

static void forged(void)
{
    pwl_pending_t pending = pending_of(0);
    const char *value = pwl_pending_seal(&pending, seal, pool), *other;
    char *text = apr_pstrdup(pool, value), *big;
    apr_size_t len = strlen(value), i;
    int bit, good = 0;

    for (i = 0; i < len; i++)
        for (bit = 0; bit < 8; bit++) {
            text[i] = (char)(value[i] ^ (1 << bit));
            good += !strcmp(open_word(text, len, NOW, NULL), "ok");
            text[i] = value[i];
        }
    tap_int("K7: one bit changed at any position: never opens", good, 0);
    for (good = 0, i = 0; i < len; i++)
        good += !strcmp(open_word(value, i, NOW, NULL), "ok");
    tap_int("K7: cut at any position: never opens", good, 0);
    other = pwl_pending_seal(&pending, seal_for("form", "r"), pool);
    tap_str("K9: a value of another purpose", open_word(other, len, NOW, NULL),
            "pending-forged");
    other = pwl_pending_seal(&pending, seal_for("pending", "s"), pool);
    tap_str("K9: a value of another realm", open_word(other, len, NOW, NULL),
            "pending-forged");
    big = apr_palloc(pool, PWL_PENDING_MAX + 1);
    memset(big, 'A', PWL_PENDING_MAX + 1);
    tap_str("K6: the longest text that is looked at",
            open_word(big, PWL_PENDING_MAX, NOW, NULL), "pending-forged");
    tap_str("K6: one character longer",
            open_word(big, PWL_PENDING_MAX + 1, NOW, NULL), "pending-forged");
}

static int no_random_bytes(unsigned char *out, int len)
{
    return 0;
}

static void fresh(void)
{
    static RAND_METHOD broken = {.bytes = no_random_bytes};
    const RAND_METHOD *was = RAND_get_rand_method();
    pwl_pending_t a, b;
    pwl_reason_t why;

    tap_ok(pwl_pending_new(&a, NOW) == PWL_OK &&
               pwl_pending_new(&b, NOW) == PWL_OK &&
               memcmp(a.browser, b.browser, sizeof(a.browser)) != 0,
           "two browsers get two secrets");
    tap_ok(a.renewed == NOW && a.loops == 0 && a.loop_since == NOW,
           "a fresh one is of now and has seen no loop");
    RAND_set_rand_method(&broken);
    why = pwl_pending_new(&a, NOW);
    RAND_set_rand_method(was);
    tap_str("S9: without random bytes there is none", pwl_reason_word(why),
            "seal-failed");
}

/* clang-format off */
static const struct {
    const char *what;
    char did; /* went to the tenant, came back, landed */
    int at, want;
} trips[] = {
    {"R17: going to the tenant",                      'w',   0, 0},
    {"B1: going there in another tab, too",           'w',   0, 0},
    {"B1: and once more",                             'w',   0, 0},
    {"B1: a fourth time counts for nothing",          'w',   0, 0},
    {"R17: coming back once is no loop",              'b',   1, 0},
    {"R17: nor twice",                                'b',  20, 0},
    {"R17: three times within a minute is one",       'b',  40, 1},
    {"R17: and stays one until the minute is over",   'w',  61, 1},
    {"R17: after which it is forgotten",              'w',  62, 0},
    {"R17: the next is the first of a new minute",    'b',  62, 0},
    {"R17: second of it",                             'b',  63, 0},
    {"B1: a session in use makes up for both",        'l',  64, 0},
    {"B1: so this is the first",                      'b',  65, 0},
    {"B1: this the second",                           'b',  66, 0},
    {"B1: and this the third",                        'b', 125, 1},
    {"R17: a trip too late begins a new minute",      'b', 126, 0},
    {"R17: the clock going back forgets it as well",  'b',  50, 0},
    {"R17: second since",                             'b',  50, 0},
    {"R17: third since",                              'b',  50, 1},
    {"R17: the clock going back again is no loop",    'w',  49, 0},
};
/* clang-format on */

static void loops(void)
{
    pwl_pending_t pending = pending_of(0);
    size_t i;

    for (i = 0; i < sizeof(trips) / sizeof(trips[0]); i++) {
        apr_time_t now = NOW + apr_time_from_sec(trips[i].at);

        if (trips[i].did == 'b')
            pwl_pending_trip(&pending, now);
        if (trips[i].did == 'l')
            pwl_pending_landed(&pending);
        tap_int(trips[i].what, pwl_pending_loop(&pending, now), trips[i].want);
    }
}

static void derived_values(void)
{
    pwl_pending_t pending = pending_of(0), other = pending_of(1);
    unsigned char txn[PWL_TXN_BYTES], digest[PWL_TXN_BYTES];
    unsigned char bytes[33] = {0};
    int i;

    for (i = 0; i < PWL_TXN_BYTES; i++)
        txn[i] = (unsigned char)(200 + i);
    tap_str("O6: nonce", pwl_pending_derive(&pending, "nonce", txn, pool),
            NONCE);
    tap_str("O5: PKCE verifier of 43 characters",
            pwl_pending_derive(&pending, "pkce", txn, pool), PKCE);
    tap_ok(strcmp(pwl_pending_derive(&other, "nonce", txn, pool), NONCE) != 0,
           "O6: another browser has another nonce");
    pwl_pending_digest(&pending, digest);
    tap_str("L3: digest of the browser",
            pwl_b64_encode(digest, sizeof(digest), pool), BROWSER);
    pwl_pending_mask(&pending, "sid", txn, bytes, 32);
    tap_str("a mask over zeros is the mask", pwl_b64_encode(bytes, 32, pool),
            MASK);
    tap_int("and goes no further than told", bytes[32], 0);
    pwl_pending_mask(&pending, "sid", txn, bytes, 5);
    tap_ok(memcmp(bytes, "\0\0\0\0\0", 5) == 0 && bytes[5] != 0,
           "twice gives back as many bytes as asked for");
    memset(bytes, 0, sizeof(bytes));
    pwl_pending_mask(&pending, "typed", txn, bytes, 32);
    tap_ok(strcmp(pwl_b64_encode(bytes, 32, pool), MASK) != 0,
           "another label is another mask");
    txn[0]++;
    tap_ok(strcmp(pwl_pending_derive(&pending, "nonce", txn, pool), NONCE) != 0,
           "O6: another transaction has another nonce");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    seal = seal_for("pending", "r");
    round_trip();
    what_opens();
    forged();
    fresh();
    loops();
    derived_values();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
