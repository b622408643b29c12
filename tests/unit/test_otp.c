/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The code as it is typed and pasted: what is read, and what is refused
 * without a call to the tenant.
 */
#include "core/otp.h"

#include <stdlib.h>

#include "tap.h"

#define OK PWL_OK
#define NIL PWL_OTP_EMPTY
#define LEN PWL_OTP_LENGTH
#define CHR PWL_OTP_CHARS

#define ARABIC_123456 "\xd9\xa1\xd9\xa2\xd9\xa3\xd9\xa4\xd9\xa5\xd9\xa6"
#define NBSP "\xc2\xa0"
#define ZWSP "\xe2\x80\x8b"

/* clang-format off */
static const struct {
    const char *what, *typed;
    int digits;
    pwl_reason_t why;
    const char *out;
    int found;
} cases[] = {
    {"six digits",                     "123456",              6, OK, "123456", 6},
    {"L14: leading zeros are kept",    "000012",              6, OK, "000012", 6},
    {"four digits where four are due", "1234",                4, OK, "1234", 4},
    {"as many digits as there can be", "123456789012",       12, OK, "123456789012", 12},
    {"one more than there can be",     "1234567890123",      12, LEN, "", 13},
    {"one digit where one is due",     "7",                   1, OK, "7", 1},
    /* Step 1: digits of any script. */
    {"L14: Arabic-Indic digits",       ARABIC_123456,         6, OK, "123456", 6},
    {"Persian digits",                 "\xdb\xb1\xdb\xb2\xdb\xb3\xdb\xb4\xdb\xb5\xdb\xb6", 6, OK, "123456", 6},
    {"Devanagari digits",              "\xe0\xa5\xa7\xe0\xa5\xa8\xe0\xa5\xa9\xe0\xa5\xaa", 4, OK, "1234", 4},
    {"Bengali digits",                 "\xe0\xa7\xa6\xe0\xa7\xa7\xe0\xa7\xa8\xe0\xa7\xaf", 4, OK, "0129", 4},
    {"Thai digits",                    "\xe0\xb9\x91\xe0\xb9\x92\xe0\xb9\x93\xe0\xb9\x99", 4, OK, "1239", 4},
    {"full-width digits",              "\xef\xbc\x90\xef\xbc\x91\xef\xbc\x99\xef\xbc\x98", 4, OK, "0198", 4},
    {"mathematical digits",            "\xf0\x9d\x9f\x8e\xf0\x9d\x9f\x97\xf0\x9d\x9f\x98\xf0\x9d\x9f\xbf", 4, OK, "0909", 4},
    {"scripts mixed",                  "12" ARABIC_123456,    8, OK, "12123456", 8},
    {"superscripts are no digits",     "\xc2\xb9\xc2\xb2\xc2\xb3", 3, CHR, "", 0},
    {"circled digits are no digits",   "\xe2\x91\xa0\xe2\x91\xa1", 2, CHR, "", 0},
    /* Step 2: what is left out. */
    {"a space in the middle",          "123 456",             6, OK, "123456", 6},
    {"L14: spaces everywhere",         " 1 2 3 4 5 6 ",       6, OK, "123456", 6},
    {"L14: a hyphen",                  "123-456",             6, OK, "123456", 6},
    {"TAB and line breaks",            "\t123\r\n456\v\f",    6, OK, "123456", 6},
    {"no-break and narrow spaces",     "12" NBSP "34\xe2\x80\xaf" "56", 6, OK, "123456", 6},
    {"an ideographic space",           "123\xe3\x80\x80" "456", 6, OK, "123456", 6},
    {"an en dash and a minus sign",    "12\xe2\x80\x93" "34\xe2\x88\x92" "56", 6, OK, "123456", 6},
    {"a non-breaking hyphen",          "123\xe2\x80\x91" "456", 6, OK, "123456", 6},
    {"a full-width hyphen",            "123\xef\xbc\x8d" "456", 6, OK, "123456", 6},
    {"a soft hyphen",                  "123\xc2\xad" "456",   6, OK, "123456", 6},
    {"dots",                           "123.456.",            6, OK, "123456", 6},
    {"a middle dot and a bullet",      "12\xc2\xb7" "34\xe2\x80\xa2" "56", 6, OK, "123456", 6},
    {"a full-width full stop",         "123\xef\xbc\x8e" "456", 6, OK, "123456", 6},
    {"zero-width space and BOM",       "\xef\xbb\xbf" "123" ZWSP "456", 6, OK, "123456", 6},
    {"marks of direction",             "\xe2\x80\xaa" "123456\xe2\x80\xac\xe2\x80\x8e", 6, OK, "123456", 6},
    {"isolates",                       "\xe2\x81\xa8" "123456\xe2\x81\xa9", 6, OK, "123456", 6},
    {"quotes",                         "\"123456\"",          6, OK, "123456", 6},
    {"typographic quotes",             "\xe2\x80\x9e" "123456\xe2\x80\x9c", 6, OK, "123456", 6},
    {"single quotes and backticks",    "'123`456'",           6, OK, "123456", 6},
    {"angle quotes",                   "\xc2\xab" "123456\xc2\xbb", 6, OK, "123456", 6},
    {"brackets of ASCII",              "([{<123456>}])",      6, OK, "123456", 6},
    {"brackets of East Asia",          "\xe3\x80\x90" "123456\xe3\x80\x91", 6, OK, "123456", 6},
    {"full-width parentheses",         "\xef\xbc\x88" "123456\xef\xbc\x89", 6, OK, "123456", 6},
    /* Step 3: sentences. */
    {"a sentence",                     "Your code is 123456", 6, OK, "123456", 6},
    {"a sentence with punctuation",    "Your code is: 123456!", 6, OK, "123456", 6},
    {"a sentence with other numbers",  "In 2024 the code 123456 works 3 minutes", 6, OK, "123456", 11},
    {"a sentence of another script",   "\xe4\xbb\xa3\xe7\xa0\x81\xef\xbc\x9a" "123456", 6, OK, "123456", 6},
    {"a sentence with other digits",   "Code " ARABIC_123456, 6, OK, "123456", 6},
    {"a sentence with invisible marks", "Code 123" ZWSP "456", 6, OK, "123456", 6},
    {"the code at the beginning",      "123456 is your code", 6, OK, "123456", 6},
    {"letters glued to the code",      "code123456x",         6, OK, "123456", 6},
    {"a sentence of one word",         "a 123456",            6, OK, "123456", 6},
    {"a sentence of one capital",      "Z 123456",            6, OK, "123456", 6},
    {"two codes in a sentence",        "123456 or 654321",    6, CHR, "", 12},
    {"the same code twice",            "123456 that is 123456", 6, CHR, "", 12},
    {"a sentence without a code",      "Your code is below",  6, CHR, "", 0},
    {"a code in two parts in a sentence", "code 123 456",     6, CHR, "", 6},
    {"a longer number in a sentence",  "code 1234567",        6, CHR, "", 7},
    {"a shorter number in a sentence", "code 12345",          6, CHR, "", 5},
    {"L14: letters",                   "abcdef",              6, CHR, "", 0},
    {"L14: a letter among digits",     "12345o",              6, CHR, "", 5},
    {"L14: hexadecimal",               "0x1234",              6, CHR, "", 5},
    {"L14: an exponent",               "1e5",                 3, CHR, "", 2},
    {"L14: JSON around a code",        "{\"code\":\"123456\"}", 6, OK, "123456", 6},
    {"L14: JSON around none",          "\"},{\"a\":\"",       6, CHR, "", 0},
    /* Characters that remain, and are no letters. */
    {"L14: a plus sign",               "+123456",             6, CHR, "", 6},
    {"L14: a full-width plus sign",    "\xef\xbc\x8b" "123456", 6, CHR, "", 6},
    {"L14: the first full-width form", "\xef\xbc\x81" "123456", 6, CHR, "", 6},
    {"L14: the last full-width form",  "123456\xef\xbd\x9e",   6, CHR, "", 6},
    {"L14: a comma",                   "123,456",             6, CHR, "", 6},
    {"L14: an underscore",             "123_456",             6, CHR, "", 6},
    {"L14: a slash",                   "123/456",             6, CHR, "", 6},
    {"L14: a percent sign",            "%s%n12",              6, CHR, "", 2},
    {"L14: a backslash",               "\\123456",            6, CHR, "", 6},
    {"L14: a control byte",            "123\x01" "456",       6, CHR, "", 6},
    {"L14: DEL",                       "123456\x7f",          6, CHR, "", 6},
    {"L14: a C1 control",              "123456\xc2\x80",      6, CHR, "", 6},
    {"L14: the last C1 control",       "123456\xc2\x9f",      6, CHR, "", 6},
    {"L14: invalid UTF-8",             "123456\xff",          6, CHR, "", 6},
    {"L14: an overlong digit",         "\xc0\xb1" "23456",    6, CHR, "", 0},
    {"L14: UTF-8 cut short",           "123456\xe2\x80",      6, CHR, "", 6},
    /* Step 4: the length. */
    {"L14: nothing",                   "",                    6, NIL, "", 0},
    {"L14: no field",                  NULL,                  6, NIL, "", 0},
    {"L14: blanks only",               "   ",                 6, NIL, "", 0},
    {"L14: dashes and quotes only",    "-- \"\"",             6, NIL, "", 0},
    {"L14: invisible marks only",      ZWSP NBSP,             6, NIL, "", 0},
    {"L14: one digit",                 "1",                   6, LEN, "", 1},
    {"L14: five digits",               "12345",               6, LEN, "", 5},
    {"L14: seven digits",              "1234567",             6, LEN, "", 7},
    {"L14: twenty digits",             "12345678901234567890", 6, LEN, "", 20},
    {"L14: two codes without a word",  "123456 654321",       6, LEN, "", 12},
};
/* clang-format on */

static void test_cases(void)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char out[PWL_OTP_MAX_DIGITS + 1];
        int found = -1;

        tap_str(cases[i].what,
                pwl_reason_word(
                    pwl_otp_read(cases[i].typed, cases[i].digits, out, &found)),
                pwl_reason_word(cases[i].why));
        tap_str(cases[i].what, out, cases[i].out);
        tap_int(cases[i].what, found, cases[i].found);
    }
}

/** A code behind so many blanks that `len` bytes are typed. */
static void test_length(const char *what, size_t len, pwl_reason_t want)
{
    char *typed = malloc(len + 1), out[PWL_OTP_MAX_DIGITS + 1];
    int found;

    memset(typed, ' ', len);
    memcpy(typed + len - 6, "123456", 7);
    tap_str(what, pwl_reason_word(pwl_otp_read(typed, 6, out, &found)),
            pwl_reason_word(want));
    free(typed);
}

int main(void)
{
    test_cases();
    test_length("L14: as much typed as may be", PWL_OTP_INPUT_MAX, PWL_OK);
    test_length("L14: one byte more", PWL_OTP_INPUT_MAX + 1, PWL_OTP_CHARS);
    test_length("L14: 4 KB", 4096, PWL_OTP_CHARS);
    return tap_done();
}
