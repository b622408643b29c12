/* SPDX-License-Identifier: Apache-2.0 */
/* core/messages.c: files that are laid over a language, and those refused. */
#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>

#include "core/language.h"
#include "core/limits.h"
#include "core/messages.h"

static apr_pool_t *pool;

/* clang-format off */
static const struct {
    const char *what;
    const char *tag;
    const char *json;
    const char *want; /* part of the complaint; NULL: good */
} rows[] = {
    {"nothing at all", "en", "{}", NULL},
    {"one text", "en", "{\"login.title\": \"Come in\"}", NULL},
    {"forms for a number", "en", "{\"code.wrong_one\": \"{k} try\", \"code.wrong_other\": \"{k} tries\"}", NULL},
    {"one form for all numbers", "en", "{\"code.wrong\": \"Tries: {k}\"}", NULL},
    {"a form that needs no number, for one number", "en", "{\"code.wrong_one\": \"last try\", \"code.wrong_other\": \"{k} tries\"}", NULL},
    {"Polish without the form for fractions", "pl", "{\"code.wrong_one\": \"a {k}\", \"code.wrong_few\": \"b {k}\", \"code.wrong_many\": \"c {k}\"}", NULL},
    {"Arabic with all six", "ar", "{\"code.wrong_zero\": \"0\", \"code.wrong_one\": \"1\", \"code.wrong_two\": \"2\", \"code.wrong_few\": \"{k} f\", \"code.wrong_many\": \"{k} m\", \"code.wrong_other\": \"{k} o\"}", NULL},
    {"an ampersand that is one", "en", "{\"login.title\": \"You & me; us\"}", NULL},
    {"X7: an unknown key", "en", "{\"login.titel\": \"x\"}", "\"login.titel\": there is no such text"},
    {"an unknown key of two lines", "en", "{\"a\\nb\\u001b\": \"x\"}", "\"a?b?\": there is no such text"},
    {"a long one", "en", "{\"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk\": \"x\"}", "\"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk...\": there is no such text"},
    {"one as long as is shown", "en", "{\"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk\": \"x\"}", "\"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk\": there is no such text"},
    {"no token of JSON", "en", "{\x1b}", "is not JSON: line 1: string or '}' expected near '?'"},
    {"the key of nothing", "en", "{\"none\": \"x\"}", "no such text"},
    {"an empty key", "en", "{\"\": \"x\"}", "no such text"},
    {"X7: an unknown placeholder", "en", "{\"out\": \"{site} {name}\"}", "\"out\": only the placeholders of the English text"},
    {"X7: a placeholder of another text", "en", "{\"out\": \"{site} {address}\"}", "\"You are signed out of {site}\""},
    {"a brace that is none", "en", "{\"out\": \"{site} {\"}", "only the placeholders"},
    {"X7: a missing placeholder", "en", "{\"out\": \"Bye\"}", "\"out\": {site} is missing"},
    {"X7: %n is text", "en", "{\"login.title\": \"%n%s\"}", NULL},
    {"a missing number", "en", "{\"code.wrong_one\": \"{k} try\", \"code.wrong_other\": \"tries\"}", "{k} is missing"},
    {"in French one is also for none", "fr", "{\"code.wrong_one\": \"un essai\", \"code.wrong_other\": \"{k} essais\"}", "\"code.wrong_one\": {k} is missing"},
    {"a missing plural", "en", "{\"code.wrong_one\": \"{k} try\"}", "code.wrong_other is missing (en has: one, other)"},
    {"a missing plural of Polish", "pl", "{\"code.wrong_one\": \"{k}\", \"code.wrong_many\": \"{k}\"}", "code.wrong_few is missing (pl has: one, few, many)"},
    {"a plural the language does not have", "en", "{\"code.wrong_few\": \"{k}\"}", "the plural forms of en are: one, other"},
    {"a plural nobody has", "en", "{\"code.wrong_lots\": \"{k}\"}", "the plural forms of en are"},
    {"a plural of a text without a number", "en", "{\"login.title_one\": \"x\"}", "goes with no number"},
    {"with plurals and without", "en", "{\"code.wrong\": \"{k}\", \"code.wrong_one\": \"{k}\"}", "given with plural forms and without"},
    {"the other way round", "en", "{\"code.wrong_one\": \"{k}\", \"code.wrong\": \"{k}\"}", "given with plural forms and without"},
    {"a key twice", "en", "{\"out\": \"{site}\",\n\"out\": \"{site}\"}", "is not JSON: line 2"},
    {"markup", "en", "{\"login.title\": \"<b>In</b>\"}", "\"login.title\": texts are plain"},
    {"an entity", "en", "{\"login.title\": \"In&nbsp;\"}", "write the character itself"},
    {"an entity in digits", "en", "{\"login.title\": \"In&#160;\"}", "write the character itself"},
    {"a line end", "en", "{\"login.title\": \"In\\n\"}", "control character"},
    {"an empty text", "en", "{\"login.title\": \"\"}", "the text is empty"},
    {"a number for a text", "en", "{\"login.title\": 1}", "the value is no text"},
    {"an object in the object", "en", "{\"login\": {\"title\": \"x\"}}", "no such text"},
    {"... of a known key", "en", "{\"login.title\": {\"one\": \"x\"}}", "the value is no text"},
    {"an array", "en", "[]", "is not a JSON object"},
    {"no JSON", "en", "{\n\"login.title\" \"x\"}", "is not JSON: line 2"},
    {"no UTF-8", "en", "{\"login.title\": \"\xff\"}", "is not JSON"},
    {"an empty file", "en", "", "is not JSON"},
    {"a BOM", "en", "\xef\xbb\xbf{}", "is not JSON"},
    {"a NUL", "en", "{\"login.title\": \"a\\u0000b\"}", "is not JSON"},
};
/* clang-format on */

static const char *lay(const char *tag, const char *json,
                       const pwl_language_t **out)
{
    const pwl_language_t *base = NULL;
    int i;

    for (i = 0; (base = pwl_language_built_in(i)); i++)
        if (!strcmp(base->tag, tag))
            break;
    if (!base)
        base = pwl_language_make(tag, pool);
    return pwl_messages_lay(json, strlen(json), base, out, pool);
}

static void test_rows(void)
{
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const pwl_language_t *lang = NULL;
        const char *bad = lay(rows[i].tag, rows[i].json, &lang);

        tap_ok(rows[i].want ? bad && strstr(bad, rows[i].want) && !lang
                            : !bad && lang,
               apr_psprintf(pool, "%s%s%s", rows[i].what, bad ? ": " : "",
                            bad ? bad : ""));
    }
}

static void test_laid(void)
{
    const pwl_language_t *lang = NULL;
    pwl_text_args_t args = {.k = 3};

    tap_ok(!lay("en", "{\"login.title\": \"Come in\"}", &lang), "a file over "
                                                                "English");
    tap_str("its text", pwl_text(lang, PWL_TEXT_LOGIN_TITLE), "Come in");
    tap_str("another stays", pwl_text(lang, PWL_TEXT_TITLE_OUT), "Signed out");
    tap_str("the built-in language is untouched",
            pwl_text(&pwl_text_en, PWL_TEXT_LOGIN_TITLE), "Sign in");
    tap_ok(!pwl_messages_missing(lang, pool), "nothing is missing");

    tap_ok(!lay("pl", rows[5].json, &lang), "a file over Polish");
    tap_str("a form", pwl_text_fill(lang, PWL_TEXT_CODE_WRONG, &args, pool),
            "b 3");
    tap_str("fractions take the form of many",
            pwl_text(lang, PWL_TEXT_CODE_WRONG), "c {k}");
    tap_ok(!lay("pl", "{\"code.wrong\": \"{k}!\"}", &lang), "one form for all");
    tap_str("... and no other is left over",
            pwl_text_fill(lang, PWL_TEXT_CODE_WRONG, &args, pool), "3!");

    tap_ok(!lay("sv", "{\"login.title\": \"Logga in\"}", &lang),
           "a language that is not built in");
    tap_str("its text", pwl_text(lang, PWL_TEXT_LOGIN_TITLE), "Logga in");
    tap_str("what it lacks is English", pwl_text(lang, PWL_TEXT_TITLE_OUT),
            "Signed out");
    tap_str(
        "that is told",
        apr_pstrndup(pool, strchr(pwl_messages_missing(lang, pool), ' '), 13),
        " texts (error");
    tap_ok(!!strstr(pwl_messages_missing(lang, pool), ", ...)"),
           "without naming all");
}

static const char *sized(apr_size_t len)
{
    char *text = apr_palloc(pool, len + 1);

    memset(text, 'x', len);
    text[len] = '\0';
    return apr_pstrcat(pool, "{\"login.title\": \"", text, "\"}", NULL);
}

static void test_limits(void)
{
    const pwl_language_t *lang = NULL;
    char *json = apr_palloc(pool, PWL_MESSAGES_MAX_BYTES + 2);
    const char *bad;

    tap_ok(!lay("en", sized(PWL_MESSAGES_TEXT_MAX), &lang),
           "a text of 600 bytes");
    bad = lay("en", sized(PWL_MESSAGES_TEXT_MAX + 1), &lang);
    tap_str("one more", bad,
            "\"login.title\": the text is longer than 600 bytes");
    memset(json, ' ', PWL_MESSAGES_MAX_BYTES + 1);
    json[PWL_MESSAGES_MAX_BYTES + 1] = '\0';
    memcpy(json, "{}", 2);
    bad = pwl_messages_lay(json, PWL_MESSAGES_MAX_BYTES, &pwl_text_en, &lang,
                           pool);
    tap_ok(!bad, "X7: the largest file");
    bad = lay("en", json, &lang);
    tap_str("X7: one byte more", bad, "is larger than 262144 bytes");
    memset(json, '[', 40);
    json[40] = '\0';
    tap_str("X7: too deep", lay("en", json, &lang),
            "is nested too deep: one object of texts is all there is");
}

int main(void)
{
    apr_initialize();
    atexit(apr_terminate);
    apr_pool_create(&pool, NULL);
    test_rows();
    test_laid();
    test_limits();
    return tap_done();
}
