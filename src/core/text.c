/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a key and some values to words.
 *
 *   key --plural of the number that rules it--> form --next, next--> parts
 *
 * A form is read once, from left to right, and a value goes out as it came in:
 * an address of "{site}" stays exactly that. The words themselves lie in
 * text_en.c, one file a language.
 *
 * Times speak of one unit only. Below an hour they keep to the side they round
 * to. From there on they say "about": a wait may be a quarter of an hour, or of
 * a day, longer than said; of a life only whole hours and days are named.
 */
#include "core/text.h"

#include <apr_strings.h>
#include <string.h>

#define HOUR_MINUTES 60
#define DAY_HOURS 24
#define HOURS_SAID 48 /* two days and more are said in days */

static const struct {
    const char *word;
    pwl_slot_t count; /* the number that rules the plural form */
} keys[PWL_TEXT_COUNT] = {
#define X(name, word, count) [name] = {word, PWL_SLOT_##count},
    PWL_TEXTS(X)
#undef X
};

static const char *const slots[PWL_SLOT_COUNT] = {
    [PWL_SLOT_NONE] = "",
    [PWL_SLOT_ADDRESS] = "address",
    [PWL_SLOT_SITE] = "site",
    [PWL_SLOT_HOST] = "host",
    [PWL_SLOT_HELP] = "help",
    [PWL_SLOT_REF] = "ref",
    [PWL_SLOT_N] = "n",
    [PWL_SLOT_M] = "m",
    [PWL_SLOT_K] = "k",
    [PWL_SLOT_DURATION] = "duration",
    [PWL_SLOT_MINUTES] = "minutes",
};

static const pwl_text_args_t no_args;

/* @return the placeholder that begins at `text`, and its length with braces */
static pwl_slot_t slot_at(const char *text, apr_size_t *len)
{
    int slot;

    for (slot = PWL_SLOT_NONE + 1; slot < PWL_SLOT_COUNT; slot++) {
        apr_size_t name = strlen(slots[slot]);

        if (strncmp(text + 1, slots[slot], name) == 0 &&
            text[1 + name] == '}') {
            *len = name + 2;
            return (pwl_slot_t)slot;
        }
    }
    return PWL_SLOT_NONE;
}

static const char *value_of(const pwl_language_t *lang, pwl_slot_t slot,
                            const pwl_text_args_t *args, apr_pool_t *pool)
{
    switch (slot) {
    case PWL_SLOT_ADDRESS:
        return args->address;
    case PWL_SLOT_SITE:
        return args->site;
    case PWL_SLOT_HOST:
        return args->host;
    case PWL_SLOT_HELP:
        return args->help;
    case PWL_SLOT_REF:
        return args->ref;
    case PWL_SLOT_N:
        return apr_psprintf(pool, "%" APR_UINT64_T_FMT, args->n);
    case PWL_SLOT_M:
        return apr_psprintf(pool, "%" APR_UINT64_T_FMT, args->m);
    case PWL_SLOT_K:
        return apr_psprintf(pool, "%" APR_UINT64_T_FMT, args->k);
    case PWL_SLOT_DURATION:
        return pwl_text_duration(lang, args->duration, PWL_ROUND_UP, pool);
    case PWL_SLOT_MINUTES:
        return pwl_text_duration(lang, args->minutes, PWL_ROUND_DOWN, pool);
    default:
        return NULL;
    }
}

const pwl_language_t *pwl_text_spoken(const pwl_language_t *lang,
                                      pwl_text_key_t key)
{
    return lang->texts[key].form[PWL_PLURAL_OTHER] ? lang : &pwl_text_en;
}

const char *pwl_text_form(const pwl_language_t *lang, pwl_text_key_t key,
                          const pwl_text_args_t *args)
{
    const pwl_text_t *text;
    pwl_plural_t plural = PWL_PLURAL_OTHER;

    lang = pwl_text_spoken(lang, key);
    text = &lang->texts[key];
    if (!args)
        args = &no_args;
    if (keys[key].count == PWL_SLOT_N)
        plural = lang->plural(args->n);
    else if (keys[key].count == PWL_SLOT_K)
        plural = lang->plural(args->k);
    return text->form[plural] ? text->form[plural]
                              : text->form[PWL_PLURAL_OTHER];
}

const char *pwl_text(const pwl_language_t *lang, pwl_text_key_t key)
{
    return pwl_text_spoken(lang, key)->texts[key].form[PWL_PLURAL_OTHER];
}

const char *pwl_text_word(pwl_text_key_t key)
{
    return keys[key].word;
}

pwl_slot_t pwl_text_counted(pwl_text_key_t key)
{
    return keys[key].count;
}

unsigned int pwl_text_slots(const char *form)
{
    unsigned int found = 0;
    apr_size_t len;

    for (form = strchr(form, '{'); form; form = strchr(form + 1, '{'))
        found |= 1u << slot_at(form, &len);
    return found;
}

int pwl_text_next(const pwl_language_t *lang, const pwl_text_args_t *args,
                  const char **cursor, pwl_text_part_t *part, apr_pool_t *pool)
{
    const char *at = *cursor;
    apr_size_t len = 0;

    if (!*at)
        return 0;
    part->slot = *at == '{' ? slot_at(at, &len) : PWL_SLOT_NONE;
    if (part->slot == PWL_SLOT_NONE) {
        part->text = at;
        /* A brace that begins no placeholder is a word like any other. */
        part->len = 1 + strcspn(at + 1, "{");
        *cursor = at + part->len;
        return 1;
    }
    part->text = value_of(lang, part->slot, args ? args : &no_args, pool);
    if (!part->text)
        part->text = "";
    part->len = strlen(part->text);
    *cursor = at + len;
    return 1;
}

const char *pwl_text_fill(const pwl_language_t *lang, pwl_text_key_t key,
                          const pwl_text_args_t *args, apr_pool_t *pool)
{
    const char *cursor = pwl_text_form(lang, key, args);
    const char *text = "";
    pwl_text_part_t part;

    lang = pwl_text_spoken(lang, key);
    /* Quadratic, but a text has at most a handful of parts. */
    while (pwl_text_next(lang, args, &cursor, &part, pool))
        text = apr_pstrcat(pool, text,
                           apr_pstrmemdup(pool, part.text, part.len), NULL);
    return text;
}

/* `time` divided by `unit`, to the side that `round` names */
static apr_int64_t divide(apr_int64_t time, apr_int64_t unit, pwl_round_t round)
{
    return time / unit + (round == PWL_ROUND_UP && time % unit > 0);
}

const char *pwl_text_duration(const pwl_language_t *lang,
                              apr_interval_time_t time, pwl_round_t round,
                              apr_pool_t *pool)
{
    /* "About 2 hours" for a wait of 61 minutes would help nobody. */
    const int slack = round == PWL_ROUND_UP;
    pwl_text_key_t key = PWL_TEXT_SECONDS;
    pwl_text_args_t args = {0};
    apr_int64_t number;

    if (time < 0)
        time = 0;
    number = divide(time, APR_USEC_PER_SEC, round);
    if (round == PWL_ROUND_UP && number == 0)
        number = 1;
    if (number >= 60) {
        key = PWL_TEXT_MINUTES;
        number = divide(number, 60, round);
    }
    if (key == PWL_TEXT_MINUTES && number >= HOUR_MINUTES) {
        key = PWL_TEXT_HOURS;
        number = divide(number - slack * HOUR_MINUTES / 4, HOUR_MINUTES, round);
    }
    if (key == PWL_TEXT_HOURS && number >= HOURS_SAID) {
        key = PWL_TEXT_DAYS;
        number = divide(number - slack * DAY_HOURS / 4, DAY_HOURS, round);
    }
    args.n = (apr_uint64_t)number;
    return pwl_text_fill(lang, key, &args, pool);
}
