/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strict base64url: RFC 4648 vectors, everything that must be refused, and a
 * round trip of each length with each byte.
 */
#include "core/b64.h"

#include <apr_general.h>
#include <stdlib.h>

#include "tap.h"

static apr_pool_t *pool;

/* clang-format off */
static const struct { const char *what, *bytes; apr_size_t len; const char *text; }
pairs[] = {
    {"nothing",                 "",             0, ""},
    {"one byte",                "f",            1, "Zg"},
    {"two bytes",               "fo",           2, "Zm8"},
    {"three bytes",             "foo",          3, "Zm9v"},
    {"four bytes",              "foob",         4, "Zm9vYg"},
    {"five bytes",              "fooba",        5, "Zm9vYmE"},
    {"six bytes",               "foobar",       6, "Zm9vYmFy"},
    {"the two of the URL set",  "\xfb\xff\xfe", 3, "-__-"},
    {"NUL bytes",               "\0\0\0\0",     4, "AAAAAA"},
};

static const struct { const char *what, *text; } refused[] = {
    {"S8: padding of one",                      "Zm8="},
    {"S8: padding of two",                      "Zg=="},
    {"S8: nothing but padding",                 "===="},
    {"S8: '+' of the other alphabet",           "+__-"},
    {"S8: '/' of the other alphabet",           "-/_-"},
    {"S8: space in front",                      " Zm9"},
    {"S8: line feed at the end",                "Zm8\n"},
    {"S8: TAB inside",                          "Zm\t9"},
    {"S8: one character",                       "Z"},
    {"S8: five characters",                     "Zm9vY"},
    {"S8: high byte",                           "Zm9\xc3"},
    {"S8: foreign first of a rest of two",      ".g"},
    {"S8: foreign second of a rest of two",     "Z."},
    {"S8: foreign third of a rest of three",    "Zm."},
    {"S8: foreign only in the first group",     "Zm!vZm9vZm9v"},
    {"S8: lowest spare bit of a rest of two",   "Zh"},
    {"S8: highest spare bit of a rest of two",  "Zo"},
    {"S8: lowest spare bit of a rest of three", "Zm9"},
    {"S8: highest spare bit of a rest of three", "Zm-"},
};
/* clang-format on */

static void test_pairs(void)
{
    unsigned char out[8];
    char text[16];
    apr_size_t len = 99;

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        apr_size_t chars = strlen(pairs[i].text);

        tap_str(pairs[i].what,
                pwl_b64_encode(pairs[i].bytes, pairs[i].len, pool),
                pairs[i].text);
        tap_ok(pwl_b64_encode_to(text, pairs[i].bytes, pairs[i].len) == chars &&
                   strcmp(text, pairs[i].text) == 0,
               "the same into a buffer");
        tap_ok(PWL_B64_CHARS(pairs[i].len) == chars &&
                   PWL_B64_BYTES(chars) == pairs[i].len,
               "both sums say so beforehand");
        tap_ok(pwl_b64_decode(pairs[i].text, chars, out, pairs[i].len, &len) &&
                   len == pairs[i].len && memcmp(out, pairs[i].bytes, len) == 0,
               "and back, with room for no byte more");
        if (pairs[i].len > 0)
            tap_ok(!pwl_b64_decode(pairs[i].text, chars, out, pairs[i].len - 1,
                                   &len) &&
                       len == 0,
                   "one byte less of room is refused");
    }
}

static void test_refused(void)
{
    unsigned char out[64];
    apr_size_t len;

    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        len = 99;
        tap_ok(!pwl_b64_decode(refused[i].text, strlen(refused[i].text), out,
                               sizeof(out), &len) &&
                   len == 0,
               refused[i].what);
    }
    tap_ok(!pwl_b64_decode("Zm\0v", 4, out, sizeof(out), &len),
           "S8: a NUL inside is a character like others");
    tap_ok(!pwl_b64_decode("ZAAA", 1, out, sizeof(out), &len),
           "S8: one character is too few, whatever follows it");
    tap_ok(!pwl_b64_decode("Zm9vAAAA", 5, out, sizeof(out), &len),
           "S8: so are five");
    tap_ok(pwl_b64_decode("Zm9v!", 4, out, sizeof(out), &len) && len == 3,
           "what stands after text_len is not looked at");
}

/* Exactly the alphabet is accepted, in each of the four places. */
static void test_alphabet(void)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "abcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned char out[3];
    apr_size_t len;
    int wrong = 0;

    for (int place = 0; place < 4; place++)
        for (int c = 0; c < 256; c++) {
            char text[4] = {'A', 'A', 'A', 'A'};
            int want = c != 0 && strchr(alphabet, c) != NULL;

            text[place] = (char)c;
            wrong += pwl_b64_decode(text, 4, out, 3, &len) != want;
        }
    tap_int("S8: 64 of 256 bytes are accepted in each place", wrong, 0);
}

static void test_round_trip(void)
{
    unsigned char data[256], back[256];
    apr_size_t len;
    int wrong = 0;

    for (int i = 0; i < 256; i++)
        data[i] = (unsigned char)(i * 167 + 13);
    for (apr_size_t n = 0; n <= 256; n++) {
        char *text = pwl_b64_encode(data, n, pool);

        if (!pwl_b64_decode(text, strlen(text), back, sizeof(back), &len) ||
            len != n || memcmp(back, data, n) != 0)
            wrong++;
    }
    tap_int("all lengths up to 256 come back as they were", wrong, 0);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_pairs();
    test_refused();
    test_alphabet();
    test_round_trip();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
