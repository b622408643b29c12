/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strict UTF-8: every code point there and back, and all that only looks like
 * UTF-8. Each sequence lies in a block of its very size.
 */
#include "core/utf8.h"

#include <stdlib.h>

#include "tap.h"

#define BYTES(s) (s), sizeof(s) - 1

/* clang-format off */
static const struct { const char *what, *bytes; apr_size_t len; int taken; apr_uint32_t cp; }
cases[] = {
    {"NUL",                           BYTES("\0"),               1, 0},
    {"the last of one byte",          BYTES("\x7f"),             1, 0x7f},
    {"the first of two bytes",        BYTES("\xc2\x80"),         2, 0x80},
    {"the last of two bytes",         BYTES("\xdf\xbf"),         2, 0x7ff},
    {"the first of three bytes",      BYTES("\xe0\xa0\x80"),     3, 0x800},
    {"the last of three bytes",       BYTES("\xef\xbf\xbf"),     3, 0xffff},
    {"the first of four bytes",       BYTES("\xf0\x90\x80\x80"), 4, 0x10000},
    {"the last of four bytes",        BYTES("\xf4\x8f\xbf\xbf"), 4, 0x10ffff},
    {"the last before surrogates",    BYTES("\xed\x9f\xbf"),     3, 0xd7ff},
    {"the first after surrogates",    BYTES("\xee\x80\x80"),     3, 0xe000},
    {"bytes behind are left alone",   BYTES("a\xff"),            1, 'a'},
    {"R9: NUL in two bytes",          BYTES("\xc0\x80"),         0, 0},
    {"R9: a slash in two bytes",      BYTES("\xc0\xaf"),         0, 0},
    {"R9: DEL in two bytes",          BYTES("\xc1\xbf"),         0, 0},
    {"R9: a slash in three bytes",    BYTES("\xe0\x80\xaf"),     0, 0},
    {"R9: two bytes' worth in three", BYTES("\xe0\x9f\xbf"),     0, 0},
    {"R9: a slash in four bytes",     BYTES("\xf0\x80\x80\xaf"), 0, 0},
    {"R9: three bytes' worth in four", BYTES("\xf0\x8f\xbf\xbf"), 0, 0},
    {"R9: the first surrogate",       BYTES("\xed\xa0\x80"),     0, 0},
    {"R9: the last surrogate",        BYTES("\xed\xbf\xbf"),     0, 0},
    {"R9: above the last code point", BYTES("\xf4\x90\x80\x80"), 0, 0},
    {"R9: five bytes",                BYTES("\xf8\x88\x80\x80\x80"), 0, 0},
    {"R9: bytes that are never used", BYTES("\xff\xfe"),         0, 0},
    {"R9: a continuation byte first of four", BYTES("\x81\x80\x80\x80"), 0, 0},
    {"R9: an overlong start of four", BYTES("\xc1\x80\x80\x80"), 0, 0},
    {"R9: a start of six cut to four", BYTES("\xfc\x80\x80\x80"), 0, 0},
    {"R9: a continuation byte alone", BYTES("\x80"),             0, 0},
    {"R9: cut after one of two",      BYTES("\xc3"),             0, 0},
    {"R9: cut after two of three",    BYTES("\xe2\x82"),         0, 0},
    {"R9: cut after three of four",   BYTES("\xf0\x9f\x98"),     0, 0},
    {"R9: a letter for a second byte", BYTES("\xc3" "a"),        0, 0},
    {"R9: a letter for a third byte", BYTES("\xe2\x82" "a"),     0, 0},
    {"R9: a new start for a fourth",  BYTES("\xf0\x9f\x98\xc3"), 0, 0},
};

static const struct { const char *what; apr_uint32_t cp; int space, invisible, control; }
classes[] = {
    {"a letter",                  'a',     0, 0, 0},
    {"a blank",                   ' ',     1, 0, 0},
    {"TAB",                       '\t',    1, 0, 1},
    {"line feed",                 '\n',    1, 0, 1},
    {"carriage return",           '\r',    1, 0, 1},
    {"backspace",                 8,       0, 0, 1},
    {"shift out",                 14,      0, 0, 1},
    {"NUL",                       0,       0, 0, 1},
    {"the last C0 control",       0x1f,    0, 0, 1},
    {"tilde",                     0x7e,    0, 0, 0},
    {"DEL",                       0x7f,    0, 0, 1},
    {"next line",                 0x85,    1, 0, 1},
    {"the last C1 control",       0x9f,    0, 0, 1},
    {"no-break space",            0xa0,    1, 0, 0},
    {"soft hyphen",               0xad,    0, 1, 0},
    {"Arabic letter mark",        0x61c,   0, 1, 0},
    {"hair space",                0x200a,  1, 0, 0},
    {"zero-width space",          0x200b,  0, 1, 0},
    {"right-to-left mark",        0x200f,  0, 1, 0},
    {"hyphen",                    0x2010,  0, 0, 0},
    {"line separator",            0x2028,  1, 0, 0},
    {"left-to-right embedding",   0x202a,  0, 1, 0},
    {"right-to-left override",    0x202e,  0, 1, 0},
    {"narrow no-break space",     0x202f,  1, 0, 0},
    {"per mille sign",            0x2030,  0, 0, 0},
    {"word joiner",               0x2060,  0, 1, 0},
    {"pop isolate",               0x2069,  0, 1, 0},
    {"superscript zero",          0x2070,  0, 0, 0},
    {"ideographic space",         0x3000,  1, 0, 0},
    {"ideographic comma",         0x3001,  0, 0, 0},
    {"variation selector",        0xfe0f,  0, 1, 0},
    {"byte order mark",           0xfeff,  0, 1, 0},
    {"an emoji",                  0x1f600, 0, 0, 0},
    {"a tag",                     0xe0001, 0, 1, 0},
};
/* clang-format on */

static void test_cases(void)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *block = malloc(cases[i].len);
        apr_uint32_t cp = 0;

        memcpy(block, cases[i].bytes, cases[i].len);
        tap_int(cases[i].what, pwl_utf8_next(block, block + cases[i].len, &cp),
                cases[i].taken);
        tap_int(cases[i].what, cp, cases[i].cp);
        free(block);
    }
}

static void test_classes(void)
{
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        apr_uint32_t cp = classes[i].cp;

        tap_int(classes[i].what, pwl_utf8_is_space(cp), classes[i].space);
        tap_int(classes[i].what, pwl_utf8_is_invisible(cp),
                classes[i].invisible);
        tap_int(classes[i].what, pwl_utf8_is_control(cp), classes[i].control);
    }
}

/** Every code point is written and read back, surrogates are not read. */
static void test_round_trip(void)
{
    int wrong = 0;

    for (apr_uint32_t cp = 0; cp <= 0x10ffff; cp++) {
        apr_uint32_t back = ~cp;
        char bytes[4];
        int len = pwl_utf8_put(cp, bytes);
        int taken = pwl_utf8_next(bytes, bytes + len, &back);

        if (cp >= 0xd800 && cp <= 0xdfff)
            wrong += taken != 0;
        else
            wrong += taken != len || back != cp;
    }
    tap_int("all code points there and back", wrong, 0);
}

int main(void)
{
    test_cases();
    test_classes();
    test_round_trip();
    tap_ok(pwl_utf8_valid("", 0), "no bytes are UTF-8");
    tap_ok(pwl_utf8_valid(BYTES("a\xc3\xa9\0\xf0\x9f\x98\x80")),
           "a text with a NUL is UTF-8");
    tap_ok(!pwl_utf8_valid(BYTES("a\xc3")), "R9: a text cut short is not");
    tap_ok(!pwl_utf8_valid(BYTES("caf\xe9 x")), "R9: Latin-1 is not");
    tap_ok(pwl_utf8_valid("\xc3\xa9\xff", 2), "bytes behind do not count");
    return tap_done();
}
