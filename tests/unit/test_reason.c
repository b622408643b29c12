/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of reasons: words for people to grep for.
 */
#include "core/reason.h"

#include "tap.h"

static int is_kebab_case(const char *word)
{
    size_t len = strlen(word);

    return len > 0 &&
           strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-") == len &&
           word[0] != '-' && word[len - 1] != '-' && !strstr(word, "--");
}

static int is_unique(pwl_reason_t why)
{
    for (int i = 0; i < PWL_REASON_COUNT; i++) {
        if (i != (int)why &&
            strcmp(pwl_reason_word((pwl_reason_t)i), pwl_reason_word(why)) == 0)
            return 0;
    }
    return 1;
}

/** PWL_RETURNTO_NOT_LOCAL is "returnto-not-local", and so on. */
static int is_named(const char *name, const char *word)
{
    for (name += strlen("PWL_"); *name && *word; name++, word++) {
        int lower = *name == '_'                   ? '-'
                    : *name >= 'A' && *name <= 'Z' ? *name | 0x20
                                                   : *name;

        if (lower != *word)
            return 0;
    }
    return *name == *word;
}

int main(void)
{
    static const char *const names[] = {
#define X(name, word, audience) #name,
        PWL_REASONS(X)
#undef X
    };

    for (int i = 0; i < PWL_REASON_COUNT; i++) {
        pwl_reason_t why = (pwl_reason_t)i;
        const char *word = pwl_reason_word(why);

        tap_ok(is_kebab_case(word) && is_unique(why) &&
                   is_named(names[i], word) && strcmp(word, "unknown") != 0,
               word);
        tap_int("only ok has no audience",
                pwl_reason_audience(why) == PWL_AUDIENCE_NONE, why == PWL_OK);
        tap_ok(pwl_reason_audience(why) <= PWL_AUDIENCE_OPERATOR,
               "the audience is one of four");
    }
    tap_int("ok is 0", PWL_OK, 0);
    tap_str("a reason past the last", pwl_reason_word(PWL_REASON_COUNT),
            "unknown");
    tap_str("a negative reason", pwl_reason_word((pwl_reason_t)-1), "unknown");
    tap_int("is for the operator", pwl_reason_audience((pwl_reason_t)-1),
            PWL_AUDIENCE_OPERATOR);
    tap_int("so is one past the last", pwl_reason_audience(PWL_REASON_COUNT),
            PWL_AUDIENCE_OPERATOR);
    return tap_done();
}
