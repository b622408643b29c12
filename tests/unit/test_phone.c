/* SPDX-License-Identifier: Apache-2.0 */
/* core/phone.c: many spellings, one number. */
#include <apr_general.h>
#include <apr_strings.h>

#include "core/address.h"
#include "core/limits.h"
#include "core/phone.h"
#include "tap.h"

static apr_pool_t *pool;

/* clang-format off */
static const struct { const char *what, *typed, *country, *want; pwl_reason_t why; }
rows[] = {
    {"E.164 as it is", "+32470123456", NULL, "+32470123456", PWL_OK},
    {"L12: blanks and punctuation", " +32 470/12.34-56 ", NULL, "+32470123456", PWL_OK},
    {"L12: 00 in place of +", "0032 470 123456", NULL, "+32470123456", PWL_OK},
    {"L12: the zero in brackets", "+32 (0)470 12 34 56", NULL, "+32470123456", PWL_OK},
    {"L12: the same behind 00", "0032(0)470123456", NULL, "+32470123456", PWL_OK},
    {"L12: brackets around an area", "+1 (415) 555-0100", NULL, "+14155550100", PWL_OK},
    {"L12: no-break spaces and invisible characters", "+32\xc2\xa0" "470\xe2\x80\x8b" "123456", NULL, "+32470123456", PWL_OK},
    {"L12: long dashes and a minus", "+32\xe2\x80\x93" "470\xe2\x88\x92" "123456", NULL, "+32470123456", PWL_OK},
    {"L12: full-width", "\xef\xbc\x8b\xef\xbc\x93\xef\xbc\x92" "470123456", NULL, "+32470123456", PWL_OK},
    {"L12: Arabic digits", "+32\xd9\xa4\xd9\xa7\xd9\xa0" "123456", NULL, "+32470123456", PWL_OK},
    {"a link pasted", "tel:+32-470-123456", NULL, "+32470123456", PWL_OK},
    {"inside the country", "0470 12 34 56", "+32", "+32470123456", PWL_OK},
    {"inside, with brackets", "(0)470 12 34 56", "+32", "+32470123456", PWL_OK},
    {"inside, without the zero", "470123456", "+32", "+32470123456", PWL_OK},
    {"inside, from abroad all the same", "+31612345678", "+32", "+31612345678", PWL_OK},
    {"one zero is the country's, a second one is not", "0047012345", NULL, "+47012345", PWL_OK},
    {"inside, and nobody said where", "0470123456", NULL, NULL, PWL_ADDRESS_FORMAT},
    {"nothing", "", "+32", NULL, PWL_ADDRESS_EMPTY},
    {"nothing at all", NULL, "+32", NULL, PWL_ADDRESS_EMPTY},
    {"blanks", " \t ", "+32", NULL, PWL_ADDRESS_EMPTY},
    {"an e-mail address", "ann@example.org", "+32", NULL, PWL_ADDRESS_FORMAT},
    {"letters", "+1 800 FLOWERS", NULL, NULL, PWL_ADDRESS_FORMAT},
    {"L13: an extension", "+32470123456 ext 5", NULL, NULL, PWL_ADDRESS_FORMAT},
    {"L13: a pause and more digits", "+32470123456,99", NULL, NULL, PWL_ADDRESS_FORMAT},
    {"L13: two numbers", "+32470123456;+32470123457", NULL, NULL, PWL_ADDRESS_FORMAT},
    {"L13: two numbers in two lines", "+32470123456\n+32470123457", NULL, NULL, PWL_ADDRESS_LONG},
    {"L13: a plus inside", "32+470123456", "+32", NULL, PWL_ADDRESS_FORMAT},
    {"L13: two of them", "++32470123456", NULL, NULL, PWL_ADDRESS_FORMAT},
    {"L13: a star and a hash", "*31#0470123456", "+32", NULL, PWL_ADDRESS_FORMAT},
    {"no country begins with 0", "+0470123456", NULL, NULL, PWL_ADDRESS_FORMAT},
    {"a plus alone", "+", NULL, NULL, PWL_ADDRESS_FORMAT},
    {"seven digits", "+1234567", NULL, "+1234567", PWL_OK},
    {"six digits", "+123456", NULL, NULL, PWL_ADDRESS_FORMAT},
    {"fifteen digits", "+123456789012345", NULL, "+123456789012345", PWL_OK},
    {"sixteen digits", "+1234567890123456", NULL, NULL, PWL_ADDRESS_LONG},
    {"not UTF-8", "+32470\xff" "123456", NULL, NULL, PWL_ADDRESS_FORMAT},
};

static const struct { const char *what, *number, *want; } masks[] = {
    {"G1: country and the last two digits", "+32470123456", "+32***56"},
    {"G1: the shortest", "+1234567", "+12***67"},
    {"G1: a digit less", "+123456", "***"},
    {"G1: no number", "0470123456", "***"},
    {"G1: with a line end", "+32470123456\n", "***"},
    {"G1: nothing", "", "***"},
};
/* clang-format on */

static void tidied(void)
{
    char *long_one =
        apr_psprintf(pool, "+32%*s470123456", PWL_ADDRESS_INPUT_MAX - 12, "");
    const char *out;
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        out = "unset";
        tap_str(rows[i].what,
                pwl_reason_word(
                    pwl_phone_tidy(rows[i].typed, rows[i].country, &out, pool)),
                pwl_reason_word(rows[i].why));
        tap_str("and comes out", out, rows[i].want);
    }
    tap_str("1024 bytes typed",
            pwl_reason_word(pwl_phone_tidy(long_one, NULL, &out, pool)), "ok");
    tap_str("1025 bytes typed",
            pwl_reason_word(pwl_phone_tidy(
                apr_pstrcat(pool, long_one, " ", NULL), NULL, &out, pool)),
            "address-long");
}

static void prefixes(void)
{
    apr_array_header_t *list = apr_array_make(pool, 2, sizeof(char *));

    tap_int("L13: no list: all numbers", pwl_phone_allowed("+881234567", NULL),
            1);
    tap_int("L13: an empty list: none", pwl_phone_allowed("+32470123456", list),
            0);
    APR_ARRAY_PUSH(list, const char *) = "+32";
    APR_ARRAY_PUSH(list, const char *) = "+3161";
    tap_int("L13: the first of them", pwl_phone_allowed("+32470123456", list),
            1);
    tap_int("L13: the second", pwl_phone_allowed("+31612345678", list), 1);
    tap_int("L13: nearly the second", pwl_phone_allowed("+31622345678", list),
            0);
    tap_int("L13: a premium number abroad",
            pwl_phone_allowed("+8821612345", list), 0);
    tap_int("a country code", pwl_phone_is_prefix("+352", 3), 1);
    tap_int("of four digits", pwl_phone_is_prefix("+3521", 3), 0);
    tap_int("without a plus", pwl_phone_is_prefix("32", 3), 0);
    tap_int("a plus alone", pwl_phone_is_prefix("+", 3), 0);
    tap_int("with a zero first", pwl_phone_is_prefix("+032", 3), 0);
    tap_int("with a blank", pwl_phone_is_prefix("+3 2", 3), 0);
}

int main(void)
{
    size_t i;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    tidied();
    prefixes();
    for (i = 0; i < sizeof(masks) / sizeof(masks[0]); i++)
        tap_str(masks[i].what, pwl_phone_mask(masks[i].number, pool),
                masks[i].want);
    tap_str("G1: a log line masks numbers like addresses",
            pwl_address_mask("+32470123456", pool), "+32***56");
    tap_str("L12: and limits count them as they are",
            pwl_address_bucket("+32470123456", pool), "+32470123456");
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
