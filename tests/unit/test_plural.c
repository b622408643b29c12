/* SPDX-License-Identifier: Apache-2.0 */
/* core/plural.c: the plural rules of CLDR, by the samples CLDR gives. */
#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>

#include "core/plural.h"

static apr_pool_t *pool;

/* clang-format off */
static const apr_uint64_t numbers[] = {0, 1, 2, 3, 4, 5, 10, 11, 12, 14, 19, 20, 21, 22, 25, 100, 101, 102, 103, 111, 112, 122, 1000};

/* One letter a number: Zero, one (1), two (2), Few, Many, Other. */
static const struct {
    const char *tag;
    const char *want;
} rows[] = {
    {"en", "o1ooooooooooooooooooooo"},
    {"de", "o1ooooooooooooooooooooo"},
    {"xx", "o1ooooooooooooooooooooo"},
    {"fr-CA", "11ooooooooooooooooooooo"},
    {"pt-BR", "11ooooooooooooooooooooo"},
    {"pt-PT", "o1ooooooooooooooooooooo"},
    {"ja", "ooooooooooooooooooooooo"},
    {"ZH-Hans", "ooooooooooooooooooooooo"},
    {"pl", "m1fffmmmmmmmmfmmmffmmfm"},
    {"cs", "o1fffoooooooooooooooooo"},
    {"ru", "m1fffmmmmmmm1fmm1ffmmfm"},
    {"hr", "o1fffooooooo1foo1ffoofo"},
    {"ro", "f1fffffffffooooofffffoo"},
    {"sl", "o12ffooooooooooo12foooo"},
    {"lt", "o1ffffoooooo1ffo1ffoofo"},
    {"lv", "z1oooozzzzzz1ooz1oozzoz"},
    {"he", "o12oooooooooooooooooooo"},
    {"ar", "z12ffffmmmmmmmmooofmmmo"},
};
/* clang-format on */

static const char letters[PWL_PLURAL_COUNT] = {
    [PWL_PLURAL_OTHER] = 'o', [PWL_PLURAL_ZERO] = 'z', [PWL_PLURAL_ONE] = '1',
    [PWL_PLURAL_TWO] = '2',   [PWL_PLURAL_FEW] = 'f',  [PWL_PLURAL_MANY] = 'm'};

int main(void)
{
    const size_t count = sizeof(numbers) / sizeof(numbers[0]);
    size_t i, k;

    apr_initialize();
    atexit(apr_terminate);
    apr_pool_create(&pool, NULL);
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *found = apr_pcalloc(pool, count + 1);

        for (k = 0; k < count; k++)
            found[k] = letters[pwl_plural_rule(rows[i].tag)(numbers[k])];
        tap_str(rows[i].tag, found, rows[i].want);
    }
    tap_int("English has no two",
            pwl_plural_count(pwl_plural_one, PWL_PLURAL_TWO), 0);
    tap_int("Arabic has one number for two",
            pwl_plural_count(pwl_plural_arabic, PWL_PLURAL_TWO), 1);
    tap_ok(pwl_plural_count(pwl_plural_one_from_zero, PWL_PLURAL_ONE) == 2,
           "French has two numbers for one");
    tap_str("CLDR's words", pwl_plural_word(PWL_PLURAL_FEW), "few");
    tap_str("... and the last", pwl_plural_word(PWL_PLURAL_OTHER), "other");
    return tap_done();
}
