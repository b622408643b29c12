/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lookup, one range of the visitor's after the other:
 *
 *   zh-TW --offered?--> zh-TW's other name, zh-Hant --> zh --> zh-Hans
 *     cut at '-' from the right, and at each length try the tag itself, then
 *     what people who ask for it can read; at last any of that language
 *
 * What the tenant is told is never the visitor's own text: it is put together
 * of letters and digits that have the shape of a script or region.
 */
#include "core/language.h"

#include <apr_lib.h>
#include <apr_cstr.h>
#include <apr_strings.h>
#include <string.h>

#include "core/limits.h"
#include "core/locales.h"
#include "core/plural.h"

typedef struct {
    const pwl_language_t *const *list;
    int count;
    char refused[PWL_LANGUAGES_MAX]; /* "de;q=0" */
} offer_t;

static const pwl_language_t *const built_in[] = {
    &pwl_text_en, &pwl_text_ar, &pwl_text_de, &pwl_text_es, &pwl_text_fr,
    &pwl_text_it, &pwl_text_ja, &pwl_text_nl, &pwl_text_pl, &pwl_text_pt_br,
};

/* Who asks for the one can read the other. */
static const struct {
    const char *asked, *read;
} kin[] = {
    {"zh-TW", "zh-Hant"}, {"zh-HK", "zh-Hant"}, {"zh-MO", "zh-Hant"},
    {"zh", "zh-Hans"},    {"no", "nb"},         {"nb", "no"},
    {"nn", "nb"},         {"pt", "pt-PT"},      {"pt", "pt-BR"},
};

const pwl_language_t *pwl_language_built_in(int i)
{
    return i < (int)(sizeof(built_in) / sizeof(built_in[0])) ? built_in[i]
                                                             : NULL;
}

const pwl_language_t *pwl_language_find(const pwl_language_t *const *offered,
                                        int count, const char *tag)
{
    int i;

    for (i = 0; i < count; i++)
        if (apr_cstr_casecmp(offered[i]->tag, tag) == 0)
            return offered[i];
    return NULL;
}

/* Is the language of `tag` in a list with a blank around each? */
static int is_of(const char *tag, const char *languages, apr_pool_t *pool)
{
    char *word = apr_pstrcat(
        pool, " ", apr_pstrmemdup(pool, tag, strcspn(tag, "-")), " ", NULL);
    char *p;

    for (p = word; *p; p++)
        *p = (char)apr_tolower(*p);
    return strstr(languages, word) != NULL;
}

pwl_language_t *pwl_language_make(const char *tag, apr_pool_t *pool)
{
    pwl_language_t *lang = apr_pcalloc(pool, sizeof(*lang));

    lang->tag = apr_pstrdup(pool, tag);
    lang->dir =
        is_of(tag, " ar ckb dv fa he iw ps sd ug ur yi ", pool) ? "rtl" : "ltr";
    lang->stop = is_of(tag, " ja zh ", pool)      ? "\xe3\x80\x82"
                 : is_of(tag, " hi ne mr ", pool) ? "\xe0\xa5\xa4"
                 : is_of(tag, " th lo ", pool)    ? ""
                                                  : ".";
    lang->plural = pwl_plural_rule(tag);
    lang->texts = apr_pcalloc(pool, PWL_TEXT_COUNT * sizeof(*lang->texts));
    return lang;
}

/* Is `tag` the range itself, or more of it ("en-GB" of "en")? */
static int extends(const char *tag, const char *range)
{
    apr_size_t len = strlen(range);

    return apr_cstr_casecmpn(tag, range, len) == 0 &&
           (tag[len] == '\0' || tag[len] == '-');
}

static const pwl_language_t *willing(const offer_t *offer, const char *tag)
{
    int i;

    for (i = 0; i < offer->count; i++)
        if (!offer->refused[i] &&
            apr_cstr_casecmp(offer->list[i]->tag, tag) == 0)
            return offer->list[i];
    return NULL;
}

/* Any that was not refused and begins with `range`; "" takes the first. */
static const pwl_language_t *first_of(const offer_t *offer, const char *range)
{
    int i;

    for (i = 0; i < offer->count; i++)
        if (!offer->refused[i] &&
            (!*range || extends(offer->list[i]->tag, range)))
            return offer->list[i];
    return NULL;
}

static const pwl_language_t *lookup(const offer_t *offer, const char *tag,
                                    apr_pool_t *pool)
{
    const pwl_language_t *found = NULL;
    char *range = apr_pstrdup(pool, tag);
    char *cut;
    size_t i;

    do {
        found = willing(offer, range);
        for (i = 0; !found && i < sizeof(kin) / sizeof(kin[0]); i++)
            if (apr_cstr_casecmp(range, kin[i].asked) == 0)
                found = willing(offer, kin[i].read);
        cut = strrchr(range, '-');
        if (cut)
            *cut = '\0';
    } while (!found && cut);
    return found ? found : first_of(offer, range);
}

/* Write a subtag as RFC 5646 (2.1.1) does: Latn, GB, 419. @return where it
 * ends in `to`, or NULL: it is neither script nor region */
static char *put_subtag(char *to, const char *from, apr_size_t len)
{
    int letters = 1, digits = 1;
    apr_size_t i;

    for (i = 0; i < len; i++) {
        letters &= apr_isalpha(from[i]) != 0;
        digits &= apr_isdigit(from[i]) != 0;
    }
    if (!(letters && (len == 2 || len == 4)) && !(digits && len == 3))
        return NULL;
    *to++ = '-';
    for (i = 0; i < len; i++)
        *to++ = (char)(len == 4 && i > 0 ? apr_tolower(from[i])
                                         : apr_toupper(from[i]));
    *to = '\0';
    return to;
}

/* The page's tag, and what the visitor's has besides. */
static const char *told(const pwl_language_t *lang, const char *asked,
                        apr_pool_t *pool)
{
    apr_size_t len = strlen(lang->tag);
    char *out, *end;

    if (!asked || !extends(asked, lang->tag) || !asked[len])
        return lang->tag;
    out = apr_palloc(pool, strlen(asked) + 1);
    memcpy(out, lang->tag, len + 1);
    end = out + len;
    for (asked += len; end && *asked == '-'; asked += len) {
        len = 1 + strcspn(asked + 1, "-");
        end = put_subtag(end, asked + 1, len - 1);
    }
    return out;
}

/* What is refused: "de;q=0" refuses de and de-AT, whatever comes before it. */
static void refuse(offer_t *offer, const pwl_locales_range_t *ranges, int count)
{
    int i, k;

    for (i = 0; i < count; i++)
        for (k = 0; ranges[i].weight == 0 && k < offer->count; k++)
            if (extends(offer->list[k]->tag, ranges[i].tag))
                offer->refused[k] = 1;
}

pwl_language_choice_t pwl_language_choose(const pwl_language_t *const *offered,
                                          int count, const char *preferred,
                                          const char *accept, apr_pool_t *pool)
{
    pwl_locales_range_t ranges[PWL_LOCALES_RANGES_MAX];
    pwl_language_choice_t choice = {0};
    offer_t offer = {.list = offered, .count = count};
    const char *asked = NULL;
    int i, n;

    if (offer.count > PWL_LANGUAGES_MAX)
        offer.count = PWL_LANGUAGES_MAX;
    if (preferred && strlen(preferred) <= PWL_LOCALES_TAG_MAX &&
        pwl_locales_is_tag(preferred))
        choice.lang = lookup(&offer, asked = preferred, pool);
    if (!choice.lang && accept && strlen(accept) <= PWL_LANGUAGE_HEADER_MAX) {
        n = pwl_locales_read(accept, ranges, pool);
        refuse(&offer, ranges, n);
        for (i = 0; !choice.lang && i < n && ranges[i].weight > 0; i++)
            choice.lang = strcmp(asked = ranges[i].tag, "*") == 0
                              ? first_of(&offer, "")
                              : lookup(&offer, asked, pool);
    }
    if (!choice.lang) {
        choice.lang = offered[0];
        asked = NULL;
    }
    choice.told = told(choice.lang, asked, pool);
    return choice;
}
