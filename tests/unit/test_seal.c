/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealing: a value that another program sealed, everything that must not open,
 * nonces that never repeat, and keys that are gone with their pool.
 *
 * The fixed values below were made with Python (hmac, cryptography) from the
 * description in core/seal.h, not with the code under test.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* RAND_set_rand_method */

#include "core/seal.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdlib.h>

#include "core/b64.h"
#include "core/limits.h"
#include "tap.h"

#define MADE_ELSEWHERE "ZGVmZ2hpamtsbW5vmyc8AFSudz60gm---XjSHhakM8bT"
#define MADE_WITH_A_KEY_OF_ZEROS "ZGVmZ2hpamtsbW5vEBFcrwf_yXiDdOhfVrOorMjK50aZ"
#define NONCES 100000

static const unsigned char form_key[32] = {
    0x09, 0x90, 0x70, 0x73, 0x58, 0xea, 0x24, 0x58, 0x44, 0x07, 0x2f,
    0x4e, 0xe1, 0xcf, 0x9a, 0xa4, 0xd4, 0x01, 0x9d, 0x0d, 0x51, 0x86,
    0x08, 0xa4, 0x60, 0x51, 0xbf, 0xc1, 0x76, 0x1f, 0x93, 0xa6};
static const unsigned char with_data[32] = {
    0xee, 0x4d, 0x56, 0xb0, 0xcd, 0xe4, 0xcf, 0xb3, 0xe3, 0x31, 0xc7,
    0x7f, 0x36, 0xb4, 0x23, 0x95, 0x69, 0xf2, 0xbe, 0xf4, 0x2e, 0x72,
    0x92, 0x4d, 0xd1, 0xed, 0x00, 0xa7, 0x68, 0xcc, 0x95, 0xd7};
static const unsigned char without_data[32] = {
    0x71, 0xa0, 0x7e, 0xaa, 0x40, 0xdd, 0x64, 0x5c, 0x5c, 0xb1, 0xab,
    0xeb, 0x25, 0xa1, 0x9b, 0x82, 0x34, 0x04, 0xcb, 0xf5, 0x97, 0x07,
    0x83, 0x18, 0x27, 0xe1, 0x44, 0x0b, 0x13, 0xce, 0x18, 0xee};

static apr_pool_t *pool;

/* Master keys whose bytes count up from `first` and from `second`. */
static pwl_seal_keys_t keys_of(int count, int first, int second)
{
    pwl_seal_keys_t keys;
    int i;

    keys.count = count;
    for (i = 0; i < PWL_SEAL_KEY_BYTES; i++) {
        keys.key[0][i] = (unsigned char)(first + i);
        keys.key[1][i] = (unsigned char)(second + i);
    }
    return keys;
}

static pwl_seal_t *make(int count, int first, int second, const char *purpose,
                        const char *realm)
{
    pwl_seal_keys_t keys = keys_of(count, first, second);

    return pwl_seal_make(&keys, purpose, realm, pool);
}

static const char *open_word(const pwl_seal_t *seal, const char *text,
                             apr_size_t text_len, const char **plain)
{
    const unsigned char *found;
    apr_size_t len;
    pwl_reason_t why = pwl_seal_open(seal, text, text_len, &found, &len, pool);

    if (plain)
        *plain = (const char *)found;
    if (why != PWL_OK && (found || len))
        return "something came out";
    return pwl_reason_word(why);
}

/* clang-format off */
static const struct {
    const char *what;
    int count, first, second;
    const char *purpose, *realm, *want;
} openers[] = {
    {"K7: a value sealed by another program to the description opens",
        1, 0, 0, "form", "example.org", "ok"},
    {"K9: the same under another purpose does not",
        1, 0, 0, "state", "example.org", "token-forged"},
    {"K9: nor in another realm",
        1, 0, 0, "form", "example.com", "token-forged"},
    {"K9: nor where purpose and realm are cut elsewhere",
        1, 0, 0, "for", "mexample.org", "token-forged"},
    {"K9: nor where the realm is empty", 1, 0, 0, "form", "", "token-forged"},
    {"K13: nor with another master key",
        1, 9, 0, "form", "example.org", "token-forged"},
    {"K13: the key before the change still opens",
        2, 9, 0, "form", "example.org", "ok"},
    {"K13: two keys, neither of them it",
        2, 9, 8, "form", "example.org", "token-forged"},
};
/* clang-format on */

static void what_opens(void)
{
    const char *plain;
    size_t i;

    for (i = 0; i < sizeof(openers) / sizeof(openers[0]); i++) {
        pwl_seal_t *seal =
            make(openers[i].count, openers[i].first, openers[i].second,
                 openers[i].purpose, openers[i].realm);

        tap_str(openers[i].what,
                open_word(seal, MADE_ELSEWHERE, strlen(MADE_ELSEWHERE), &plain),
                openers[i].want);
        if (!strcmp(openers[i].want, "ok"))
            tap_str("and gives the plain text back", plain, "hello");
    }
    tap_str("K13: where there is one key, an empty second one opens nothing",
            open_word(make(1, 0, 0, "form", "example.org"),
                      MADE_WITH_A_KEY_OF_ZEROS,
                      strlen(MADE_WITH_A_KEY_OF_ZEROS), NULL),
            "token-forged");
    tap_ok(!make(0, 0, 0, "form", "") && !make(3, 0, 0, "form", ""),
           "no key and three keys make no seal");
}

static void rotation(void)
{
    pwl_seal_t *both = make(2, 50, 0, "form", "r");
    const char *text = pwl_seal_close(both, "x", 1, pool);
    apr_size_t len = strlen(text);

    tap_str("K13: the first key seals",
            open_word(make(1, 50, 0, "form", "r"), text, len, NULL), "ok");
    tap_str("K13: the second does not",
            open_word(make(1, 0, 0, "form", "r"), text, len, NULL),
            "token-forged");
}

static void changed_texts(void)
{
    pwl_seal_t *seal = make(2, 0, 50, "form", "example.org");
    char text[sizeof(MADE_ELSEWHERE)];
    char twice[2 * sizeof(MADE_ELSEWHERE)];
    apr_size_t len = strlen(MADE_ELSEWHERE), i;
    int bit, good = 0;

    for (i = 0; i < len; i++)
        for (bit = 0; bit < 8; bit++) {
            memcpy(text, MADE_ELSEWHERE, sizeof(text));
            text[i] = (char)(text[i] ^ (1 << bit));
            good += !strcmp(open_word(seal, text, len, NULL), "ok");
        }
    tap_int("K7: one bit changed at any position: never opens", good, 0);
    for (good = 0, i = 0; i < len; i++)
        good += !strcmp(open_word(seal, MADE_ELSEWHERE, i, NULL), "ok");
    tap_int("K7: cut at any position: never opens", good, 0);
    apr_snprintf(twice, sizeof(twice), "%s%s", MADE_ELSEWHERE, MADE_ELSEWHERE);
    tap_str("K7: doubled: does not open",
            open_word(seal, twice, strlen(twice), NULL), "token-forged");
}

static void cut_tags(void)
{
    static const int kept[] = {15, 12, 8, 4, 0};
    pwl_seal_t *seal = make(1, 0, 0, "form", "example.org");
    unsigned char raw[64];
    char what[40];
    apr_size_t len;
    size_t i;

    pwl_b64_decode(MADE_ELSEWHERE, strlen(MADE_ELSEWHERE), raw, sizeof(raw),
                   &len);
    for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        const char *text =
            pwl_b64_encode(raw, len - 16 + (apr_size_t)kept[i], pool);

        apr_snprintf(what, sizeof(what), "K10: tag cut to %d bytes", kept[i]);
        tap_str(what, open_word(seal, text, strlen(text), NULL),
                "token-forged");
    }
}

static void lengths(void)
{
    pwl_seal_t *seal = make(1, 0, 0, "form", "r");
    char *big = apr_pcalloc(pool, PWL_SEAL_MAX_BYTES + 64);
    const unsigned char *plain = NULL;
    const char *text, *found;
    apr_size_t len = 9;

    text = pwl_seal_close(seal, NULL, 0, pool);
    tap_str("K6: nothing can be sealed",
            open_word(seal, text, strlen(text), &found), "ok");
    tap_str("K6: and comes back as nothing", found, "");
    text = pwl_seal_close(seal, big, PWL_SEAL_MAX_BYTES, pool);
    tap_ok(pwl_seal_open(seal, text, strlen(text), &plain, &len, pool) ==
                   PWL_OK &&
               len == PWL_SEAL_MAX_BYTES && plain[len] == '\0',
           "K6: the longest value comes back, with a NUL behind it");
    tap_ok(!pwl_seal_close(seal, big, PWL_SEAL_MAX_BYTES + 1, pool),
           "K6: one byte longer is not sealed");
    text = pwl_b64_encode(big, PWL_SEAL_MAX_BYTES + 29, pool);
    tap_str("K6: nor opened", open_word(seal, text, strlen(text), NULL),
            "token-forged");
}

static int by_nonce(const void *a, const void *b)
{
    return memcmp(a, b, 12);
}

static void nonces(void)
{
    pwl_seal_t *seal = make(1, 0, 0, "form", "r");
    unsigned char(*seen)[12] = malloc(NONCES * sizeof(*seen));
    apr_pool_t *sub;
    int i, same = 0;

    apr_pool_create(&sub, pool);
    for (i = 0; i < NONCES; i++) {
        const char *text = pwl_seal_close(seal, "x", 1, sub);
        apr_size_t len;

        pwl_b64_decode(text, 16, seen[i], 12, &len);
        if (i % 1000 == 0)
            apr_pool_clear(sub);
    }
    qsort(seen, NONCES, sizeof(*seen), by_nonce);
    for (i = 1; i < NONCES; i++)
        same += by_nonce(seen[i - 1], seen[i]) == 0;
    tap_int("K8: a hundred thousand values, no nonce twice", same, 0);
    free(seen);
}

static int no_random_bytes(unsigned char *out, int len)
{
    return 0;
}

static void no_randomness(void)
{
    static RAND_METHOD broken = {.bytes = no_random_bytes};
    pwl_seal_t *seal = make(1, 0, 0, "form", "r");
    const RAND_METHOD *was = RAND_get_rand_method();
    const char *text;

    RAND_set_rand_method(&broken);
    text = pwl_seal_close(seal, "x", 1, pool);
    RAND_set_rand_method(was);
    tap_ok(!text, "S9: without random bytes nothing is sealed");
}

static void derived_values(void)
{
    const pwl_seal_keys_t keys = keys_of(1, 0, 0);
    unsigned char out[32], zero[32] = {0};

    tap_ok(pwl_seal_derive(keys.key[0], 32, "nonce", "data", 4, out) == 1 &&
               memcmp(out, with_data, 32) == 0,
           "a derived value is the HMAC of label, NUL and data");
    tap_ok(pwl_seal_derive(keys.key[0], 32, "nonce", NULL, 0, out) == 1 &&
               memcmp(out, without_data, 32) == 0,
           "without data too");
    tap_ok(pwl_seal_derive(keys.key[0], 0, "nonce", "data", 4, out) == 0 &&
               memcmp(out, zero, 32) == 0,
           "an empty key derives nothing");
}

/* The bytes at the seal, looked at by a cleanup that runs before and one that
 * runs after the seal's own. */
typedef struct {
    const unsigned char *seal;
    int holds_key;
} look_t;

static apr_status_t look(void *data)
{
    unsigned char seen[64] = {0};
    look_t *at = data;
    int ends[2], i;

    /* The kernel says whether the pages are still there. */
    if (pipe(ends) != 0)
        return APR_EGENERAL;
    if (write(ends[1], at->seal, sizeof(seen)) == sizeof(seen) &&
        read(ends[0], seen, sizeof(seen)) != sizeof(seen))
        seen[0] = 0;
    close(ends[0]);
    close(ends[1]);
    for (at->holds_key = i = 0; i < 32; i++)
        at->holds_key |= memcmp(seen + i, form_key, 32) == 0;
    return APR_SUCCESS;
}

static void keys_wiped(void)
{
    pwl_seal_keys_t keys = keys_of(1, 0, 0);
    look_t before = {NULL, 0}, after = {NULL, 1};
    apr_pool_t *sub;

    apr_pool_create(&sub, pool);
    apr_pool_cleanup_register(sub, &after, look, apr_pool_cleanup_null);
    before.seal = after.seal =
        (const unsigned char *)pwl_seal_make(&keys, "form", "r", sub);
    apr_pool_cleanup_register(sub, &before, look, apr_pool_cleanup_null);
    apr_pool_destroy(sub);
    tap_ok(before.holds_key, "K8: the key of a purpose is HKDF of the master");
    tap_ok(!after.holds_key, "G9: keys are wiped with their pool");
}

static void *seal_and_open(void *data)
{
    apr_pool_t *own;
    const unsigned char *plain;
    apr_size_t len;
    long i, bad = 0;

    apr_pool_create(&own, NULL);
    for (i = 0; i < 2000; i++) {
        const char *text = pwl_seal_close(data, &i, sizeof(i), own);

        bad += pwl_seal_open(data, text, strlen(text), &plain, &len, own) !=
                   PWL_OK ||
               memcmp(plain, &i, sizeof(i)) != 0;
        apr_pool_clear(own);
    }
    apr_pool_destroy(own);
    return (void *)bad;
}

static void threads(void)
{
    pwl_seal_t *seal = make(1, 0, 0, "form", "r");
    pthread_t thread[4];
    void *result;
    long bad = 0;
    int i;

    for (i = 0; i < 4; i++)
        pthread_create(&thread[i], NULL, seal_and_open, seal);
    for (i = 0; i < 4; i++) {
        pthread_join(thread[i], &result);
        bad += (long)result;
    }
    tap_int("four threads share one seal", bad, 0);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    what_opens();
    rotation();
    changed_texts();
    cut_tags();
    lengths();
    nonces();
    no_randomness();
    derived_values();
    keys_wiped();
    threads();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
