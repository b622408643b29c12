/* SPDX-License-Identifier: Apache-2.0 */
/* core/locales.c: what of Accept-Language the tenant's page is told. */
#include <apr_general.h>
#include <apr_strings.h>

#include "core/limits.h"
#include "core/locales.h"
#include "tap.h"

/* clang-format off */
static const struct { const char *what, *header, *want; } rows[] = {
    {"no header", NULL, NULL},
    {"an empty one", "", NULL},
    {"one language", "nl", "nl"},
    {"what browsers send", "nl-BE,nl;q=0.9,en-US;q=0.8,en;q=0.7", "nl-BE nl en-US en"},
    {"blanks around everything", " nl-BE ,\t nl ; q=0.9 , en;q=0.8 ", "nl-BE nl en"},
    {"the one liked best comes first", "en;q=0.5,fr;q=0.9,de", "de fr en"},
    {"weights of three digits", "en;q=0.899,fr;q=0.9,de;q=0.901", "de fr en"},
    {"as much liked: the header's order", "en;q=0.5,fr;q=0.5,de;q=0.5", "en fr de"},
    {"a weight of 1 and of 1.000", "en;q=0.9,fr;q=1,de;q=1.000", "fr de en"},
    {"Q in a capital", "en;Q=0.5,fr", "fr en"},
    {"a weight of 0 says no", "nl,en;q=0,fr;q=0.000", "nl"},
    {"anything else is no language", "*,nl;q=0.5,*;q=0.1", "nl"},
    {"any other alone", "*", NULL},
    {"a weight above 1", "en;q=1.001,nl", "nl"},
    {"a weight in words", "en;q=high,nl", "nl"},
    {"a weight without a number", "en;q=,nl", "nl"},
    {"a parameter that is no weight", "en;level=1,nl", "nl"},
    {"a weight with junk behind", "en;q=0.5x,de;q=0.5;y=1,nl", "nl"},
    {"R15: separators of a URL", "en&prompt=none,nl#,nl?x,fr", "fr"},
    {"R10: line ends", "en\r\nX: y,fr", "fr"},
    {"bytes above ASCII", "\xc3\xa9n,fr", "fr"},
    {"two words in one range", "en gb,fr", "en fr"},
    {"one letter, four letters", "e,engl,fr", "fr"},
    {"a subtag of nine characters, and none", "en-abcdefghi,en-,en--us,fr", "fr"},
    {"commas only", ",,,", NULL},
};

static const struct { const char *what, *text; int want; } tags[] = {
    {"two letters", "nl", 1}, {"three letters", "nds", 1},
    {"a region", "nl-BE", 1}, {"a script and a region", "zh-Hant-TW", 1},
    {"a subtag of eight", "de-abcdefgh", 1}, {"of nine", "de-abcdefghi", 0},
    {"nothing", "", 0}, {"one letter", "x", 0}, {"four letters", "engl", 0},
    {"a digit first", "1en", 0}, {"an underscore", "nl_BE", 0},
    {"a hyphen at the end", "nl-", 0}, {"a blank", "nl BE", 0},
};
/* clang-format on */

int main(void)
{
    apr_pool_t *pool;
    char *many;
    size_t i;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        tap_str(rows[i].what, pwl_locales_of(rows[i].header, pool),
                rows[i].want);
    for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
        tap_int(apr_pstrcat(pool, "tag: ", tags[i].what, NULL),
                pwl_locales_is_tag(tags[i].text), tags[i].want);

    tap_str("eight are passed on, the ninth is not",
            pwl_locales_of("aa,bb,cc,dd,ee,ff,gg,hh,ii", pool),
            "aa bb cc dd ee ff gg hh");
    many = "*";
    for (i = 1; i < PWL_LOCALES_RANGES_MAX - 1; i++)
        many = apr_pstrcat(pool, many, ",*", NULL);
    tap_str("the twentieth is looked at, the next is not",
            pwl_locales_of(apr_pstrcat(pool, many, ",nl,fr", NULL), pool),
            "nl");
    tap_str("a tag of 35 characters",
            pwl_locales_of("abc-abcdefgh-abcdefgh-abcdefgh-abcd", pool),
            "abc-abcdefgh-abcdefgh-abcdefgh-abcd");
    tap_str("a tag of 36 characters",
            pwl_locales_of("abc-abcdefgh-abcdefgh-abcdefgh-abcde", pool), NULL);
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
