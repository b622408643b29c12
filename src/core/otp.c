/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one-time code as people type and paste it.
 *
 *   typed                          kind of each character   becomes
 *   "123 456", "12-34-56"          digits, noise            123456
 *   "१२३४५६", "１２３４５６"          digits                   123456
 *   "Your code is 123456."         letters: a sentence      123456
 *   "+123456", "123,456"           others, no letters       no code
 *
 * One walk over the text collects all digits, and in case it is a sentence
 * also looks for runs of the right length; which of the two counts is known
 * at the end only. A run ends at whatever can be seen, so "2024 123456" in a
 * sentence has one run of six and "1234567" none.
 *
 * What must stay true: a code that cannot be right costs neither a call nor a
 * try, and one that a person would read out from the text is read.
 *
 * Left to others: whether it is the right one (the tenant), and whether it is
 * too late for it (core/flow.c).
 */
#include "core/otp.h"

#include <assert.h>
#include <string.h>

#include <openssl/crypto.h>

#include "core/utf8.h"

typedef enum {
    KIND_DIGIT,
    KIND_INVISIBLE, /* does not even end a run of digits */
    KIND_NOISE,     /* white space, dashes, dots, quotes, brackets */
    KIND_LETTER,
    KIND_OTHER
} kind_t;

typedef struct {
    char digits[PWL_OTP_MAX_DIGITS]; /* the first ones */
    int count;                       /* all of them */
} run_t;

typedef struct {
    run_t all;   /* every digit of the text */
    run_t run;   /* the run we are in */
    run_t match; /* the last run of the right length */
    int matches, letters, others;
} reading_t;

/* clang-format off */
/* The zeros of all decimal digits (general category Nd) of Unicode 14. */
static const apr_uint32_t zeros[] = {
    0x0030, 0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66,
    0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66, 0x0de6,
    0x0e50, 0x0ed0, 0x0f20, 0x1040, 0x1090, 0x17e0, 0x1810,
    0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40,
    0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50,
    0xabf0, 0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136,
    0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730,
    0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0,
    0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140,
    0x1e2f0, 0x1e950, 0x1fbf0,
};

static const struct {
    apr_uint32_t first, last;
} noise[] = {
    /* ASCII's quotes, parentheses, hyphen and dot, and the other brackets */
    {'"', '"'}, {'\'', ')'}, {'-', '.'}, {'<', '<'}, {'>', '>'}, {'[', '['},
    {']', ']'}, {'`', '`'}, {'{', '{'}, {'}', '}'},
    /* hyphens and dashes */
    {0x058a, 0x058a}, {0x05be, 0x05be}, {0x1400, 0x1400}, {0x1806, 0x1806},
    {0x2010, 0x2015}, {0x2043, 0x2043}, {0x2212, 0x2212}, {0x2e17, 0x2e17},
    {0x2e1a, 0x2e1a}, {0x2e3a, 0x2e3b}, {0x2e40, 0x2e40}, {0x2e5d, 0x2e5d},
    {0x301c, 0x301c}, {0x3030, 0x3030}, {0x30a0, 0x30a0}, {0xfe31, 0xfe32},
    {0xfe58, 0xfe58}, {0xfe63, 0xfe63}, {0x10ead, 0x10ead},
    /* dots and full stops */
    {0x00b7, 0x00b7}, {0x06d4, 0x06d4}, {0x0964, 0x0964}, {0x2022, 0x2022},
    {0x2024, 0x2027}, {0x3002, 0x3002}, {0x30fb, 0x30fb}, {0xfe52, 0xfe52},
    {0xff61, 0xff61}, {0xff65, 0xff65},
    /* quotes */
    {0x00ab, 0x00ab}, {0x00b4, 0x00b4}, {0x00bb, 0x00bb}, {0x2018, 0x201f},
    {0x2032, 0x2037}, {0x2039, 0x203a}, {0x301d, 0x301f},
    /* brackets */
    {0x2045, 0x2046}, {0x207d, 0x207e}, {0x208d, 0x208e}, {0x2308, 0x230b},
    {0x2329, 0x232a}, {0x2768, 0x2775}, {0x27e6, 0x27ef}, {0x2983, 0x2998},
    {0x29fc, 0x29fd}, {0x2e22, 0x2e29}, {0x3008, 0x3011}, {0x3014, 0x301b},
    {0xfe17, 0xfe18}, {0xfe35, 0xfe44}, {0xfe47, 0xfe48}, {0xfe59, 0xfe5e},
    {0xff5f, 0xff60}, {0xff62, 0xff63},
};
/* clang-format on */

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/** @return the value of a decimal digit, or -1 */
static int digit_value(apr_uint32_t cp)
{
    size_t i;

    for (i = 0; i < COUNT(zeros); i++) {
        if (cp - zeros[i] < 10)
            return (int)(cp - zeros[i]);
    }
    return -1;
}

static int is_noise(apr_uint32_t cp)
{
    size_t i;

    for (i = 0; i < COUNT(noise); i++) {
        if (cp >= noise[i].first && cp <= noise[i].last)
            return 1;
    }
    return pwl_utf8_is_space(cp);
}

/** @param digit  the value of a KIND_DIGIT */
static kind_t classify(apr_uint32_t cp, int *digit)
{
    *digit = digit_value(cp);
    if (*digit >= 0)
        return KIND_DIGIT;
    /* Full-width forms are what their ASCII forms are. */
    if (cp >= 0xff01 && cp <= 0xff5e)
        cp = cp - 0xff01 + '!';
    if (pwl_utf8_is_invisible(cp))
        return KIND_INVISIBLE;
    if (is_noise(cp))
        return KIND_NOISE;
    if ((cp | 0x20) >= 'a' && (cp | 0x20) <= 'z')
        return KIND_LETTER;
    /* Of other scripts whatever is none of the above, marks included. */
    return cp > 0x9f ? KIND_LETTER : KIND_OTHER;
}

static void append(run_t *run, int digit)
{
    if (run->count < PWL_OTP_MAX_DIGITS)
        run->digits[run->count] = (char)('0' + digit);
    run->count++;
}

static void end_run(reading_t *reading, int digits)
{
    if (reading->run.count == digits) {
        reading->match = reading->run;
        reading->matches++;
    }
    reading->run.count = 0;
}

/** Walk over the text. @return false if it is not UTF-8, or too long */
static int read_text(reading_t *reading, const char *typed, int digits)
{
    const char *end = memchr(typed, '\0', PWL_OTP_INPUT_MAX + 1);
    apr_uint32_t cp;
    int digit;

    if (!end)
        return 0;
    while (typed < end) {
        int length = pwl_utf8_next(typed, end, &cp);
        kind_t kind;

        if (length == 0)
            return 0;
        typed += length;
        kind = classify(cp, &digit);
        if (kind == KIND_DIGIT) {
            append(&reading->all, digit);
            append(&reading->run, digit);
        } else if (kind != KIND_INVISIBLE) {
            end_run(reading, digits);
        }
        reading->letters += kind == KIND_LETTER;
        reading->others += kind == KIND_OTHER;
    }
    end_run(reading, digits);
    return 1;
}

/** Say which digits are the code. */
static pwl_reason_t judge(const reading_t *reading, int digits,
                          const run_t **code)
{
    *code = reading->letters ? &reading->match : &reading->all;
    if (reading->letters)
        return reading->matches == 1 ? PWL_OK : PWL_OTP_CHARS;
    if (reading->others)
        return PWL_OTP_CHARS;
    if (reading->all.count == 0)
        return PWL_OTP_EMPTY;
    return reading->all.count == digits ? PWL_OK : PWL_OTP_LENGTH;
}

pwl_reason_t pwl_otp_read(const char *typed, int digits,
                          char out[PWL_OTP_MAX_DIGITS + 1], int *found)
{
    pwl_reason_t why = PWL_OTP_CHARS;
    reading_t reading;
    const run_t *code;

    assert(digits >= 1 && digits <= PWL_OTP_MAX_DIGITS);
    memset(&reading, 0, sizeof(reading));
    *out = '\0';
    if (read_text(&reading, typed ? typed : "", digits))
        why = judge(&reading, digits, &code);
    *found = reading.all.count;
    if (why == PWL_OK) {
        memcpy(out, code->digits, (size_t)digits);
        out[digits] = '\0';
    }
    OPENSSL_cleanse(&reading, sizeof(reading));
    return why;
}
