/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Only whole numbers are said on our pages, and none near a million: what CLDR
 * lays down for fractions, and "many" of French, Italian, Portuguese and
 * Spanish (a million of), has no place here.
 */
#include "core/plural.h"

#include <apr_cstr.h>
#include <string.h>

#define TRIED 200 /* every rule below repeats after a hundred */

pwl_plural_t pwl_plural_none(apr_uint64_t n)
{
    (void)n;
    return PWL_PLURAL_OTHER;
}

pwl_plural_t pwl_plural_one(apr_uint64_t n)
{
    return n == 1 ? PWL_PLURAL_ONE : PWL_PLURAL_OTHER;
}

pwl_plural_t pwl_plural_one_from_zero(apr_uint64_t n)
{
    return n <= 1 ? PWL_PLURAL_ONE : PWL_PLURAL_OTHER;
}

/* 2, 3, 4, 22, 23, 24, 32, ... but not 12, 13, 14 */
static int few_of_tens(apr_uint64_t n)
{
    return n % 10 >= 2 && n % 10 <= 4 && (n % 100 < 12 || n % 100 > 14);
}

pwl_plural_t pwl_plural_polish(apr_uint64_t n)
{
    if (n == 1)
        return PWL_PLURAL_ONE;
    return few_of_tens(n) ? PWL_PLURAL_FEW : PWL_PLURAL_MANY;
}

static pwl_plural_t czech(apr_uint64_t n)
{
    if (n == 1)
        return PWL_PLURAL_ONE;
    return n >= 2 && n <= 4 ? PWL_PLURAL_FEW : PWL_PLURAL_OTHER;
}

static pwl_plural_t russian(apr_uint64_t n)
{
    if (n % 10 == 1 && n % 100 != 11)
        return PWL_PLURAL_ONE;
    return few_of_tens(n) ? PWL_PLURAL_FEW : PWL_PLURAL_MANY;
}

static pwl_plural_t croatian(apr_uint64_t n)
{
    if (n % 10 == 1 && n % 100 != 11)
        return PWL_PLURAL_ONE;
    return few_of_tens(n) ? PWL_PLURAL_FEW : PWL_PLURAL_OTHER;
}

static pwl_plural_t romanian(apr_uint64_t n)
{
    if (n == 1)
        return PWL_PLURAL_ONE;
    return n == 0 || (n % 100 >= 1 && n % 100 <= 19) ? PWL_PLURAL_FEW
                                                     : PWL_PLURAL_OTHER;
}

static pwl_plural_t slovenian(apr_uint64_t n)
{
    switch (n % 100) {
    case 1:
        return PWL_PLURAL_ONE;
    case 2:
        return PWL_PLURAL_TWO;
    case 3:
    case 4:
        return PWL_PLURAL_FEW;
    default:
        return PWL_PLURAL_OTHER;
    }
}

static pwl_plural_t lithuanian(apr_uint64_t n)
{
    if (n % 100 >= 11 && n % 100 <= 19)
        return PWL_PLURAL_OTHER;
    if (n % 10 == 1)
        return PWL_PLURAL_ONE;
    return n % 10 >= 2 ? PWL_PLURAL_FEW : PWL_PLURAL_OTHER;
}

static pwl_plural_t latvian(apr_uint64_t n)
{
    if (n % 10 == 0 || (n % 100 >= 11 && n % 100 <= 19))
        return PWL_PLURAL_ZERO;
    return n % 10 == 1 ? PWL_PLURAL_ONE : PWL_PLURAL_OTHER;
}

static pwl_plural_t hebrew(apr_uint64_t n)
{
    if (n == 1)
        return PWL_PLURAL_ONE;
    return n == 2 ? PWL_PLURAL_TWO : PWL_PLURAL_OTHER;
}

pwl_plural_t pwl_plural_arabic(apr_uint64_t n)
{
    if (n == 0)
        return PWL_PLURAL_ZERO;
    if (n == 1)
        return PWL_PLURAL_ONE;
    if (n == 2)
        return PWL_PLURAL_TWO;
    if (n % 100 >= 3 && n % 100 <= 10)
        return PWL_PLURAL_FEW;
    return n % 100 >= 11 ? PWL_PLURAL_MANY : PWL_PLURAL_OTHER;
}

static const struct {
    const char *languages; /* a blank around each */
    pwl_plural_rule_t rule;
} rules[] = {
    {" ja ko zh vi th id ms lo my ", pwl_plural_none},
    {" fr pt hi fa hy bn gu kn am zu ", pwl_plural_one_from_zero},
    {" pl ", pwl_plural_polish},
    {" cs sk ", czech},
    {" ru uk be ", russian},
    {" hr sr bs ", croatian},
    {" ro mo ", romanian},
    {" sl ", slovenian},
    {" lt ", lithuanian},
    {" lv ", latvian},
    {" he iw ", hebrew},
    {" ar ", pwl_plural_arabic},
};

pwl_plural_rule_t pwl_plural_rule(const char *tag)
{
    char word[8] = " ";
    apr_size_t len = strcspn(tag, "-");
    size_t i;

    if (len > 3)
        return pwl_plural_one;
    for (i = 0; i < len; i++) /* tags are ASCII */
        word[1 + i] = (char)(tag[i] | 0x20);
    word[1 + len] = ' ';
    if (apr_cstr_casecmp(tag, "pt-PT") == 0)
        return pwl_plural_one;
    for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (strstr(rules[i].languages, word))
            return rules[i].rule;
    return pwl_plural_one;
}

int pwl_plural_count(pwl_plural_rule_t rule, pwl_plural_t category)
{
    apr_uint64_t n;
    int count = 0;

    for (n = 0; n < TRIED; n++)
        count += rule(n) == category;
    return count;
}

const char *pwl_plural_word(pwl_plural_t category)
{
    static const char *const words[PWL_PLURAL_COUNT] = {
        [PWL_PLURAL_OTHER] = "other", [PWL_PLURAL_ZERO] = "zero",
        [PWL_PLURAL_ONE] = "one",     [PWL_PLURAL_TWO] = "two",
        [PWL_PLURAL_FEW] = "few",     [PWL_PLURAL_MANY] = "many",
    };

    return words[category];
}
