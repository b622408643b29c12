/* SPDX-License-Identifier: Apache-2.0 */
/* core/language.c: which language a request is answered in, and which one the
 * tenant is told. */
#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>

#include "core/language.h"
#include "core/limits.h"
#include "core/locales.h"

static apr_pool_t *pool;

/* clang-format off */
static const struct {
    const char *what;
    const char *offered; /* tags with a blank between */
    const char *preferred;
    const char *accept;
    const char *want; /* page, then what the tenant is told */
} rows[] = {
    {"nobody asked", "en de", NULL, NULL, "en en"},
    {"the first is for whom none suits", "de en", NULL, "fr", "de de"},
    {"an exact match", "en de", NULL, "de", "de de"},
    {"letter case does not matter", "en de pt-BR", NULL, "PT-br", "pt-BR pt-BR"},
    {"a region falls back to its parent and is told", "en fr", NULL, "fr-CA", "fr fr-CA"},
    {"what is told is in canonical case", "en fr", NULL, "FR-cA", "fr fr-CA"},
    {"a script and a region are told", "en fr", NULL, "fr-latn-ca", "fr fr-Latn-CA"},
    {"a region in digits is told", "en es", NULL, "es-419", "es es-419"},
    {"X12: nothing else of a tag is told", "en fr", NULL, "fr-CA-x-evil", "fr fr-CA"},
    {"X12: not even in the place of a region", "en fr", NULL, "fr-evilevil", "fr fr"},
    {"a parent keeps the weight", "en fr", NULL, "en-GB;q=0.9, fr;q=0.8", "en en-GB"},
    {"the best weight wins", "en fr de", NULL, "fr;q=0.5, de;q=0.7", "de de"},
    {"of one weight the first wins", "en fr de", NULL, "fr, de", "fr fr"},
    {"what is not offered is passed over", "en fr", NULL, "sv, fr;q=0.1", "fr fr"},
    {"a star is the first", "de en", NULL, "*", "de de"},
    {"a star comes by its weight", "en fr", NULL, "*;q=0.1, fr;q=0.5", "fr fr"},
    {"a star is the first that was not refused", "de en", NULL, "de;q=0, *", "en en"},
    {"a refused region leaves its parent", "en de", NULL, "de-AT;q=0, de", "de de"},
    {"a refused parent refuses its regions", "en de-AT", NULL, "de;q=0, de-AT", "en en"},
    {"all refused: the first all the same", "de", NULL, "de;q=0, *;q=0", "de de"},
    {"pt is pt-PT where that is offered", "en pt-BR pt-PT", NULL, "pt", "pt-PT pt-PT"},
    {"pt is pt-BR otherwise", "en pt-BR", NULL, "pt", "pt-BR pt-BR"},
    {"pt-PT can be read in pt-BR", "en pt-BR", NULL, "pt-PT, en;q=0.5", "pt-BR pt-BR"},
    {"no is nb", "en nb", NULL, "no", "nb nb"},
    {"nb is no", "en no", NULL, "nb-NO", "no no"},
    {"zh-TW is zh-Hant", "en zh-Hans zh-Hant", NULL, "zh-TW", "zh-Hant zh-Hant"},
    {"zh-HK is zh-Hant", "en zh-Hans zh-Hant", NULL, "zh-HK", "zh-Hant zh-Hant"},
    {"other zh is zh-Hans", "en zh-Hant zh-Hans", NULL, "zh-CN", "zh-Hans zh-Hans"},
    {"en reads en-GB where no other is offered", "de en-GB", NULL, "en-US", "en-GB en-GB"},
    {"a longer language is another one", "en fr", NULL, "frr", "en en"},
    {"the environment goes first", "en fr de", "fr", "de", "fr fr"},
    {"... with its region", "en fr de", "fr-CA", "de", "fr fr-CA"},
    {"... unless it is not offered", "en fr de", "sv", "de", "de de"},
    {"... or is no tag", "en fr de", "fr\r\nX: y", "de", "de de"},
    {"X12: q=NaN", "en fr", NULL, "fr;q=NaN", "en en"},
    {"X12: q=1e9", "en fr", NULL, "fr;q=1e9", "en en"},
    {"X12: q=-1", "en fr", NULL, "fr;q=-1", "en en"},
    {"X12: q=1.5", "en fr", NULL, "fr;q=1.5", "en en"},
    {"X12: q without a number", "en fr", NULL, "fr;q=", "en en"},
    {"X12: junk", "en fr", NULL, ";;,,\xff\xfe,<script>,fr\x01", "en en"},
    {"X12: an empty header", "en fr", NULL, "", "en en"},
};
/* clang-format on */

static int offer(const char *tags, const pwl_language_t **list)
{
    char *last;
    char *tag;
    int count = 0;

    for (tag = apr_strtok(apr_pstrdup(pool, tags), " ", &last); tag;
         tag = apr_strtok(NULL, " ", &last))
        list[count++] = pwl_language_make(tag, pool);
    return count;
}

static const char *chosen(const char *tags, const char *preferred,
                          const char *accept)
{
    const pwl_language_t *list[PWL_LANGUAGES_MAX + 1];
    int count = offer(tags, list);
    pwl_language_choice_t choice =
        pwl_language_choose(list, count, preferred, accept, pool);

    return apr_pstrcat(pool, choice.lang->tag, " ", choice.told, NULL);
}

/* `count` times "sv, " and then `last`. */
static const char *many(int count, const char *last)
{
    const char *header = last;

    while (count-- > 0)
        header = apr_pstrcat(pool, "sv, ", header, NULL);
    return header;
}

static const char *padded(apr_size_t len, const char *text)
{
    char *header = apr_palloc(pool, len + 1);

    memset(header, ' ', len);
    header[len] = '\0';
    memcpy(header, text, strlen(text));
    return header;
}

static void test_limits(void)
{
    const char *tag = "fr-CA-aaaaaaaa-bbbbbbbb-cccccccc-dd";

    tap_str("X12: the 20th range is read",
            chosen("en fr", NULL, many(PWL_LOCALES_RANGES_MAX - 1, "fr")),
            "fr fr");
    tap_str("X12: the 21st is not",
            chosen("en fr", NULL, many(PWL_LOCALES_RANGES_MAX, "fr")), "en en");
    tap_str("X12: a header of 8 KB is read",
            chosen("en fr", NULL, padded(PWL_LANGUAGE_HEADER_MAX, "fr")),
            "fr fr");
    tap_str("X12: one byte more is not",
            chosen("en fr", NULL, padded(PWL_LANGUAGE_HEADER_MAX + 1, "fr")),
            "en en");
    tap_str("a tag of 35 characters is read", chosen("en fr", NULL, tag),
            "fr fr-CA");
    tap_str("one more is not",
            chosen("en fr", NULL, apr_pstrcat(pool, tag, "d", NULL)), "en en");
    tap_str("the same of the environment",
            chosen("en fr", apr_pstrcat(pool, tag, "d", NULL), NULL), "en en");
}

static void test_built_in(void)
{
    const pwl_language_t *lang;
    int i;

    tap_ok(pwl_language_built_in(0) == &pwl_text_en, "English is the first");
    for (i = 0; (lang = pwl_language_built_in(i)); i++) {
        const pwl_language_t *made = pwl_language_make(lang->tag, pool);

        tap_ok(
            !strcmp(lang->dir, made->dir) && !strcmp(lang->stop, made->stop) &&
                lang->plural == made->plural && pwl_locales_is_tag(lang->tag),
            apr_psprintf(pool,
                         "%s: direction, full stop and plurals are "
                         "those of its tag",
                         lang->tag));
    }
    tap_int("ten are built in", i, 10);
    tap_str("Persian runs from right to left",
            pwl_language_make("fa-IR", pool)->dir, "rtl");
    tap_str("Swedish does not", pwl_language_make("sv", pool)->dir, "ltr");
    tap_str("Chinese has a full stop of its own",
            pwl_language_make("zh-Hant", pool)->stop, "\xe3\x80\x82");
}

int main(void)
{
    size_t i;

    apr_initialize();
    atexit(apr_terminate);
    apr_pool_create(&pool, NULL);
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        tap_str(rows[i].what,
                chosen(rows[i].offered, rows[i].preferred, rows[i].accept),
                rows[i].want);
    test_limits();
    test_built_in();
    return tap_done();
}
