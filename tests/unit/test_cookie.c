/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Cookie header: what is found, and what a back end still sees of it.
 * Each row goes through both functions: what is found must also be cut out.
 */
#include "core/cookie.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "core/limits.h"
#include "tap.h"

#define S "__Host-auth0-session"
#define P "__Host-auth0-pending"
#define SAME "(same)" /* the header itself comes back */

static apr_pool_t *pool;
static const char *const ours[] = {S, P, NULL};

/* clang-format off */
static const struct {
    const char *what, *header;
    const char *found; /* the values of S, each with a '|' behind */
    const char *rest;  /* SAME, NULL for nothing left, or the new header */
} cases[] = {
    {"no header",                        NULL,                   "", NULL},
    {"ours alone",                       S "=abc",               "abc|", NULL},
    {"ours first",                       S "=abc; a=1",          "abc|", "a=1"},
    {"ours last",                        "a=1; " S "=abc",       "abc|", "a=1"},
    {"ours in the middle",               "a=1; " S "=x; b=2",    "x|", "a=1; b=2"},
    {"both of ours and no other",        S "=x; " P "=y",        "x|", NULL},
    {"both of ours in front",            S "=x; " P "=y; a=1",   "x|", "a=1"},
    {"both of ours behind",              "a=1; " P "=y; " S "=x", "x|", "a=1"},
    {"both of ours around another",      S "=x; a=1; " P "=y",   "x|", "a=1"},
    {"ours between each of three",       "a=1;" S "=x;b=2;" P "=y;c=3", "x|", "a=1;b=2;c=3"},
    {"without blanks, first",            S "=x;" P "=y;a=1",     "x|", "a=1"},
    {"blanks and TABs around",           " \t" S "\t = x \t; a=1", "x|", "a=1"},
    {"H12: others stay byte for byte",   "a=\"1 \"; b = 2;" S "=x;  c==;;d", "x|", "a=\"1 \"; b = 2;  c==;;d"},
    {"H12: nothing of ours",             "a=1; b=2",             "", SAME},
    {"H12: a header of junk left",       " ; " S "=x ;,",        "x|", NULL},
    {"K3: the empty header",             "",                     "", SAME},
    {"K3: a semicolon",                  ";",                    "", SAME},
    {"K3: an equals sign",               "=",                    "", SAME},
    {"K3: semicolons and a blank",       "; ;",                  "", SAME},
    {"K3: a value without a name",       "=v",                   "", SAME},
    {"K3: a name without a value",       "a",                    "", SAME},
    {"K3: commas",                       ",,,",                  "", SAME},
    {"K3: two headers joined",           "a=1, " S "=x",         "", "a=1"},
    {"K3: ours in both of two headers",  S "=x, " S "=y; a=1",   "x, " S "=y|", "a=1"},
    {"K3: two headers with ours first",  S "=x; b=1, c=2",       "x|", "b=1, c=2"},
    {"S1: ours planted in another's value", "a=1," S "=x",       "", "a=1"},
    {"S1: the same before ours",         "a=1," S "=x; " S "=y", "y|", "a=1"},
    {"S1: the same behind ours",         S "=y; a=1, " S "=x",   "y|", "a=1"},
    {"S1: behind a comma and a TAB",     "a=1,\t" S " = x; b=2", "", "a=1; b=2"},
    {"S1: behind commas alone",          ",," S "=x",            "", NULL},
    {"S1: the pending cookie as well",   S "=y; a=1," P "=x",    "y|", "a=1"},
    {"K3: commas in the value of another", "a=x,y; b=\"p, q\"",  "", SAME},
    {"K3: control and high bytes",       "\x01=\xff; " S "=\xc3\xa9", "\xc3\xa9|", "\x01=\xff"},
    {"K3: quotes belong to the value",   S "=\"abc\"",           "\"abc\"|", NULL},
    {"K3: an equals sign in the value",  S "=a=b",               "a=b|", NULL},
    {"K3: a blank in the value",         S "=a b; c=1",          "a b|", "c=1"},
    {"K4: ours without an equals sign",  S,                      "", NULL},
    {"K4: the same before another",      S "; a=1",              "", "a=1"},
    {"K4: ours with an empty value",     S "=",                  "|", NULL},
    {"K4: ours empty before another",    S "=; a=1",             "|", "a=1"},
    {"K4: ours with blanks only",        S "=  ;",               "|", NULL},
    {"K12: twice, in their order",       S "=bad; " S "=good",   "bad|good|", NULL},
    {"K12: twice around another",        S "=bad; a=1; " S "=good", "bad|good|", "a=1"},
    {"a longer name is not ours",        S "x=1",                "", SAME},
    {"a shorter name is not ours",       "__Host-auth0-sessio=1", "", SAME},
    {"a name that ends in ours",         "x" S "=1",             "", SAME},
    {"our name in another case",         "__host-auth0-session=1", "", SAME},
    {"our name in the value of another", "a=" S "=1",            "", SAME},
    {"our name with words in it",        S " x=1",               "", SAME},
    {"our name behind a comma in quotes", "a=\"1," S "=x\"",     "", "a=\"1"},
};
/* clang-format on */

static const char *found(const char *header, const char *name)
{
    pwl_cookie_value_t values[PWL_COOKIE_MAX_VALUES];
    int count = pwl_cookie_find(header, name, values, PWL_COOKIE_MAX_VALUES);
    const char *text = "";

    for (int i = 0; i < count; i++)
        text = apr_psprintf(pool, "%s%.*s|", text, (int)values[i].len,
                            values[i].ptr);
    return text;
}

static void test_cases(void)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *header = cases[i].header, *rest;

        tap_str(cases[i].what, found(header, S), cases[i].found);
        rest = pwl_cookie_strip(header, ours, pool);
        if (cases[i].rest && strcmp(cases[i].rest, SAME) == 0)
            tap_ok(rest == header, cases[i].what);
        else
            tap_str(cases[i].what, rest, cases[i].rest);
        if (rest)
            tap_str("none of ours is found in what is left", found(rest, S),
                    "");
    }
}

/** @return `count` times S, each with its number as the value */
static const char *many(int count)
{
    const char *header = "";

    for (int i = 1; i <= count; i++)
        header = apr_psprintf(pool, "%s" S "=%d; ", header, i);
    return header;
}

static void test_limits(void)
{
    pwl_cookie_value_t values[PWL_COOKIE_MAX_VALUES + 1];
    char *big = apr_pcalloc(pool, 8192);
    int max = PWL_COOKIE_MAX_VALUES;

    tap_int("K12: as many as may be",
            pwl_cookie_find(many(max), S, values, max), max);
    tap_int("K12: one more is not looked at",
            pwl_cookie_find(many(max + 1), S, values, max), max);
    tap_int("K12: the last that counts", values[max - 1].ptr[0], '0' + max);
    tap_int("no room at all", pwl_cookie_find(many(1), S, values, 0), 0);
    tap_str("K3: three hundred of ours all go",
            pwl_cookie_strip(many(300), ours, pool), NULL);
    memset(big, ',', 8191);
    tap_ok(pwl_cookie_strip(big, ours, pool) == big, "K3: 8 KB of commas");
    memset(big, ';', 8191);
    tap_ok(pwl_cookie_strip(big, ours, pool) == big, "K3: 8 KB of semicolons");
    memset(big, '_', 8191);
    tap_ok(pwl_cookie_strip(big, ours, pool) == big, "K3: 8 KB of one name");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_cases();
    test_limits();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
