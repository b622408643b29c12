/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mistake in a file is found when httpd reads it, never by a visitor: what
 * comes through here fits the page it is for. Texts are plain and are escaped
 * like any other, so that markup is refused to spare somebody the surprise of
 * seeing it, and for no other reason.
 *
 *   object --each member--> key and category --> text --> forms[key]
 *          --each key that was given--> all categories there? --> language
 */
#include "core/messages.h"

#include <apr_strings.h>
#include <jansson.h>
#include <string.h>

#include "core/json.h"
#include "core/limits.h"
#include "core/plural.h"

#define NAMED 5  /* keys named of those that are missing */
#define SHOWN 80 /* characters of the file that are named */

typedef struct {
    const pwl_language_t *base;
    pwl_text_t given[PWL_TEXT_COUNT];
    char plain[PWL_TEXT_COUNT]; /* given without a category */
    apr_pool_t *pool;
} file_t;

static int has(const file_t *file, pwl_plural_t category)
{
    return pwl_plural_count(file->base->plural, category) > 0;
}

/* "one, few, many" */
static const char *categories(const file_t *file)
{
    const char *list = "";
    int i;

    for (i = 1; i <= PWL_PLURAL_COUNT; i++) {
        pwl_plural_t category = (pwl_plural_t)(i % PWL_PLURAL_COUNT);

        if (has(file, category))
            list = apr_pstrcat(file->pool, list, *list ? ", " : "",
                               pwl_plural_word(category), NULL);
    }
    return list;
}

/* What the file has could end the line, or be a long one. */
static const char *one_line(const char *text, apr_pool_t *pool)
{
    char *line = apr_pstrndup(pool, text, SHOWN);

    for (char *at = line; *at; at++)
        if (*at < ' ' || *at > '~')
            *at = '?';
    return strlen(text) > SHOWN ? apr_pstrcat(pool, line, "...", NULL) : line;
}

static const char *wrong(const file_t *file, const char *name, const char *what)
{
    return apr_pstrcat(file->pool, "\"", one_line(name, file->pool),
                       "\": ", what, NULL);
}

/* Which key, and which form of it? @return NULL, or what is wrong */
static const char *find_key(const file_t *file, const char *name, int *key,
                            int *category)
{
    const char *suffix = strchr(name, '_');
    apr_size_t len = suffix ? (apr_size_t)(suffix - name) : strlen(name);

    for (*key = PWL_TEXT_NONE + 1; *key < PWL_TEXT_COUNT; ++*key) {
        const char *word = pwl_text_word((pwl_text_key_t)*key);

        if (strlen(word) == len && strncmp(word, name, len) == 0)
            break;
    }
    if (*key == PWL_TEXT_COUNT)
        return "there is no such text (docs/languages.md lists them)";
    *category = PWL_PLURAL_OTHER;
    if (!suffix)
        return NULL;
    if (pwl_text_counted((pwl_text_key_t)*key) == PWL_SLOT_NONE)
        return "this text goes with no number: leave out what follows \"_\"";
    for (*category = 0; *category < PWL_PLURAL_COUNT; ++*category)
        if (strcmp(suffix + 1, pwl_plural_word((pwl_plural_t)*category)) == 0)
            break;
    if (*category == PWL_PLURAL_COUNT ||
        (*category != PWL_PLURAL_OTHER && !has(file, *category)))
        return apr_pstrcat(file->pool, "the plural forms of ", file->base->tag,
                           " are: ", categories(file), NULL);
    return NULL;
}

/* The first placeholder whose bit is set, for a message. */
static const char *slot_name(const file_t *file, unsigned int slots,
                             const char *english)
{
    for (; *english; english++) {
        const char *end = strchr(english, '}');
        const char *name;

        if (*english != '{' || !end)
            continue;
        name = apr_pstrmemdup(file->pool, english,
                              (apr_size_t)(end - english) + 1);
        if (pwl_text_slots(name) & slots)
            return name;
    }
    return "a placeholder";
}

static const char *judge_slots(const file_t *file, int key, int category,
                               const char *text)
{
    const char *english = pwl_text(&pwl_text_en, (pwl_text_key_t)key);
    unsigned int wanted = pwl_text_slots(english);
    unsigned int found = pwl_text_slots(text);
    unsigned int lacking = wanted & ~found;

    if (found & ~wanted)
        return apr_pstrcat(file->pool,
                           "only the placeholders of the English "
                           "text can be filled: \"",
                           english, "\"", NULL);
    /* "one try left", where one is the only number that takes this form */
    if (category != PWL_PLURAL_OTHER &&
        pwl_plural_count(file->base->plural, (pwl_plural_t)category) == 1)
        lacking &= ~(1u << pwl_text_counted((pwl_text_key_t)key));
    if (lacking)
        return apr_pstrcat(file->pool, slot_name(file, lacking, english),
                           " is missing", NULL);
    return NULL;
}

static const char *judge_text(const file_t *file, int key, int category,
                              const char *text)
{
    const char *p;

    if (!*text)
        return "the text is empty: leave the key out to keep what is built in";
    if (strlen(text) > PWL_MESSAGES_TEXT_MAX)
        return apr_psprintf(file->pool, "the text is longer than %d bytes",
                            PWL_MESSAGES_TEXT_MAX);
    for (p = text; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            return "the text holds a control character";
    if (strpbrk(text, "<>"))
        return "texts are plain: no \"<\" or \">\"";
    for (p = strchr(text, '&'); p; p = strchr(p + 1, '&'))
        if (p[1 + strspn(p + 1, "#abcdefghijklmnopqrstuvwxyz0123456789")] ==
            ';')
            return "texts are plain: write the character itself, not &...;";
    return judge_slots(file, key, category, text);
}

static const char *take(file_t *file, const char *name, const json_t *value)
{
    const char *bad;
    const char *text = json_string_value(value);
    int key, category;

    bad = find_key(file, name, &key, &category);
    if (!bad && !text)
        bad = "the value is no text";
    if (!bad)
        bad = judge_text(file, key, category, text);
    if (bad)
        return wrong(file, name, bad);
    if (!strchr(name, '_'))
        file->plain[key] = 1;
    else if (file->plain[key])
        return wrong(file, name, "given with plural forms and without");
    if (file->given[key].form[category])
        return wrong(file, name, "given twice");
    file->given[key].form[category] = apr_pstrdup(file->pool, text);
    return NULL;
}

/* Are all forms there that the language has? */
static const char *complete(file_t *file, int key)
{
    pwl_text_t *text = &file->given[key];
    const char *word = pwl_text_word((pwl_text_key_t)key);
    int any = 0;
    int i;

    for (i = 0; i < PWL_PLURAL_COUNT; i++)
        any |= text->form[i] != NULL;
    if (!any)
        return NULL;
    for (i = 1; i < PWL_PLURAL_COUNT && file->plain[key]; i++)
        if (text->form[i])
            return wrong(file, word, "given with plural forms and without");
    if (file->plain[key])
        return NULL;
    for (i = 0; i < PWL_PLURAL_COUNT; i++)
        if (!text->form[i] && has(file, (pwl_plural_t)i))
            return wrong(file, word,
                         apr_pstrcat(file->pool, word, "_",
                                     pwl_plural_word((pwl_plural_t)i),
                                     " is missing (", file->base->tag,
                                     " has: ", categories(file), ")", NULL));
    /* Languages whose "other" is for fractions only. */
    if (!text->form[PWL_PLURAL_OTHER])
        text->form[PWL_PLURAL_OTHER] = text->form[PWL_PLURAL_MANY];
    return NULL;
}

/* What keeps it from being one flat object; jansson knows the line. */
static const char *judge_json(const char *json, apr_size_t len, json_t **object,
                              apr_pool_t *pool)
{
    pwl_reason_t why =
        pwl_json_parse_pool(json, len, PWL_MESSAGES_MAX_BYTES, object, pool);
    json_error_t error;

    if (why == PWL_OK)
        return json_is_object(*object) ? NULL
                                       : "is not a JSON object: {\"key\": "
                                         "\"text\", ...}";
    if (why == PWL_JSON_TOO_LARGE)
        return apr_psprintf(pool, "is larger than %d bytes",
                            PWL_MESSAGES_MAX_BYTES);
    if (why == PWL_JSON_DEPTH)
        return "is nested too deep: one object of texts is all there is";
    *object = json_loadb(json, len, JSON_REJECT_DUPLICATES, &error);
    if (!*object)
        return apr_psprintf(pool, "is not JSON: line %d: %s", error.line,
                            one_line(error.text, pool));
    json_decref(*object);
    return "is not JSON as we read it: no NUL in a text, UTF-8 throughout";
}

const char *pwl_messages_lay(const char *json, apr_size_t len,
                             const pwl_language_t *base,
                             const pwl_language_t **out, apr_pool_t *pool)
{
    file_t *file = apr_pcalloc(pool, sizeof(*file));
    pwl_language_t *lang;
    pwl_text_t *texts;
    const char *name;
    const char *bad;
    json_t *object;
    json_t *value;
    int key;

    file->base = base;
    file->pool = pool;
    bad = judge_json(json, len, &object, pool);
    if (bad)
        return bad;
    json_object_foreach(object, name, value)
    {
        bad = take(file, name, value);
        if (bad)
            return bad;
    }
    texts = apr_pmemdup(pool, base->texts, sizeof(file->given));
    for (key = 0; key < PWL_TEXT_COUNT; key++) {
        bad = complete(file, key);
        if (bad)
            return bad;
        if (file->given[key].form[PWL_PLURAL_OTHER])
            texts[key] = file->given[key];
    }
    lang = apr_pmemdup(pool, base, sizeof(*base));
    lang->texts = texts;
    *out = lang;
    return NULL;
}

const char *pwl_messages_missing(const pwl_language_t *lang, apr_pool_t *pool)
{
    const char *names = "";
    int count = 0;
    int key;

    for (key = PWL_TEXT_NONE + 1; key < PWL_TEXT_COUNT; key++) {
        if (lang->texts[key].form[PWL_PLURAL_OTHER])
            continue;
        if (count++ < NAMED)
            names = apr_pstrcat(pool, names, *names ? ", " : "",
                                pwl_text_word((pwl_text_key_t)key), NULL);
    }
    if (!count)
        return NULL;
    return apr_psprintf(pool, "%d text%s (%s%s)", count, count == 1 ? "" : "s",
                        names, count > NAMED ? ", ..." : "");
}
