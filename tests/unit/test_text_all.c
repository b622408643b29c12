/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/text_*.c: every language built in has every text, with the placeholders
 * of English and a form for each plural category it knows.
 *
 * Covers: text_ar text_de text_es text_fr text_it text_ja text_nl text_pl text_pt_br
 */
#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>

#include "core/language.h"
#include "core/limits.h"
#include "core/plural.h"

static apr_pool_t *pool;

/* What is wrong with a form; NULL: nothing. */
static const char *judge(const pwl_language_t *lang, int key, int category)
{
    const char *form = lang->texts[key].form[category];
    unsigned int wanted =
        pwl_text_slots(pwl_text(&pwl_text_en, (pwl_text_key_t)key));
    unsigned int found = pwl_text_slots(form);

    /* "one second": the number need not be shown where there is but one. */
    if (category != PWL_PLURAL_OTHER &&
        pwl_plural_count(lang->plural, (pwl_plural_t)category) == 1)
        found |= wanted & (1u << pwl_text_counted((pwl_text_key_t)key));
    if (found != wanted)
        return "other placeholders than English";
    if (strpbrk(form, "<>!") || strstr(form, "\xef\xbc\x81"))
        return "markup, or an exclamation mark";
    if (strlen(form) > PWL_MESSAGES_TEXT_MAX)
        return "longer than a file of messages may be";
    if (form[0] == ' ' || form[strlen(form) - 1] == ' ')
        return "a blank at an end";
    return NULL;
}

static const char *judge_text(const pwl_language_t *lang, int key)
{
    const pwl_text_t *text = &lang->texts[key];
    pwl_slot_t counted = pwl_text_counted((pwl_text_key_t)key);
    const char *bad = NULL;
    int forms = 0;
    int i;

    if (!text->form[PWL_PLURAL_OTHER] || !*text->form[PWL_PLURAL_OTHER])
        return "is missing";
    for (i = 0; i < PWL_PLURAL_COUNT; i++)
        forms += text->form[i] != NULL;
    if (forms > 1 && counted == PWL_SLOT_NONE)
        return "has forms, but no number";
    for (i = 0; i < PWL_PLURAL_COUNT && !bad; i++) {
        int has = pwl_plural_count(lang->plural, (pwl_plural_t)i) > 0;

        if (text->form[i])
            bad = has || i == PWL_PLURAL_OTHER ? judge(lang, key, i)
                                               : "has a form too many";
        else if (has && forms > 1)
            bad = apr_pstrcat(pool, "lacks the form ",
                              pwl_plural_word((pwl_plural_t)i), NULL);
    }
    return bad;
}

/* The same stop that the page would add to a paragraph: where English ends
 * in one, so must they, and where it does not, neither. */
static int same_end(const pwl_language_t *lang, int key)
{
    const char *ours = pwl_text(lang, (pwl_text_key_t)key);
    const char *english = pwl_text(&pwl_text_en, (pwl_text_key_t)key);
    apr_size_t stop = strlen(lang->stop);
    int has = strlen(ours) > stop &&
              strcmp(ours + strlen(ours) - stop, lang->stop) == 0;

    return has == (english[strlen(english) - 1] == '.');
}

static void test_language(const pwl_language_t *lang)
{
    int same = 0;
    int key;

    for (key = PWL_TEXT_NONE + 1; key < PWL_TEXT_COUNT; key++) {
        const char *bad = judge_text(lang, key);
        const char *word = pwl_text_word((pwl_text_key_t)key);

        if (!bad && !same_end(lang, key))
            bad = "ends with a full stop where English does not, or without";
        tap_ok(!bad, apr_psprintf(pool, "%s: %s%s%s", lang->tag, word,
                                  bad ? " " : "", bad ? bad : ""));
        same += !bad && !strcmp(pwl_text(lang, (pwl_text_key_t)key),
                                pwl_text(&pwl_text_en, (pwl_text_key_t)key));
    }
    tap_ok(lang == &pwl_text_en || same <= 3,
           apr_psprintf(pool, "%s: translated (%d texts as in English)",
                        lang->tag, same));
}

static void test_words(void)
{
    pwl_text_args_t args = {.k = 2, .minutes = apr_time_from_sec(22 * 60)};

    tap_ok(!!strstr(pwl_text_fill(&pwl_text_pl, PWL_TEXT_CODE_WRONG, &args, pool),
                  "2 pr\xc3\xb3"
                  "by"),
           "two tries are few in Polish");
    tap_str("22 minutes, too",
            pwl_text_duration(&pwl_text_pl, args.minutes, PWL_ROUND_UP, pool),
            "22 minuty");
    tap_ok(
        !strchr(pwl_text_fill(&pwl_text_ar, PWL_TEXT_CODE_WRONG, &args, pool),
                '2'),
        "two tries are a word in Arabic");
}

/* A language that was begun: what it lacks is English, all of it. */
static void test_borrowed(void)
{
    pwl_language_t *sv = pwl_language_make("sv", pool);
    pwl_text_t *texts = (pwl_text_t *)sv->texts;
    pwl_text_args_t args = {.duration = apr_time_from_sec(42)};

    texts[PWL_TEXT_SECONDS].form[PWL_PLURAL_OTHER] = "{n} sekunder";
    tap_ok(pwl_text_spoken(sv, PWL_TEXT_SECONDS) == sv, "a text it has");
    tap_ok(pwl_text_spoken(sv, PWL_TEXT_SEND_WAIT) == &pwl_text_en,
           "a text it lacks is English");
    tap_str("a sentence never mixes two",
            pwl_text_fill(sv, PWL_TEXT_SEND_WAIT, &args, pool),
            "You can ask for a new code in 42 seconds");
}

int main(void)
{
    const pwl_language_t *lang;
    int i;

    apr_initialize();
    atexit(apr_terminate);
    apr_pool_create(&pool, NULL);
    for (i = 0; (lang = pwl_language_built_in(i)); i++)
        test_language(lang);
    test_words();
    test_borrowed();
    return tap_done();
}
