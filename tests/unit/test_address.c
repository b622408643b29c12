/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses: what people type and paste, what nobody may smuggle through, and
 * that tidying a second time changes nothing.
 */
#include "core/address.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "core/limits.h"
#include "tap.h"

#define OK PWL_OK
#define NIL PWL_ADDRESS_EMPTY
#define BAD PWL_ADDRESS_FORMAT

#define ZWSP "\xe2\x80\x8b"
#define RLM "\xe2\x80\x8f"
#define RLO "\xe2\x80\xae"
#define NBSP "\xc2\xa0"
#define BOM "\xef\xbb\xbf"
#define FULL_AT "\xef\xbc\xa0"
#define FULL_DOT "\xef\xbc\x8e"

static apr_pool_t *pool;

/* clang-format off */
static const struct {
    const char *what, *typed;
    pwl_reason_t why;
    const char *tidied;
} cases[] = {
    {"a plain address",               "ann@example.org",      OK, "ann@example.org"},
    {"the local part stays as typed", "Ann.B@example.org",    OK, "Ann.B@example.org"},
    {"the domain becomes lower case", "ann@EXAMPLE.Org",      OK, "ann@example.org"},
    {"blanks around",                 "  ann@example.org \t", OK, "ann@example.org"},
    {"a line feed behind",            "ann@example.org\r\n",  OK, "ann@example.org"},
    {"ideographic and thin space around", "\xe3\x80\x80" "a@b.example\xe2\x80\x89", OK, "a@b.example"},
    {"plus, apostrophe, braces",      "o'b+x{1}@example.org", OK, "o'b+x{1}@example.org"},
    {"a double dot that Docomo gave", "a..b.@example.org",    OK, "a..b.@example.org"},
    {"letters of other scripts",      "j\xc3\xb6rg@example.org", OK, "j\xc3\xb6rg@example.org"},
    {"a domain of other scripts",     "a@B\xc3\x9c" "cher.Example", OK, "a@b\xc3\x9c" "cher.example"},
    {"an xn-- domain",                "a@XN--bcher-kva.example", OK, "a@xn--bcher-kva.example"},
    {"many labels",                   "a@b.c.d.e.example",    OK, "a@b.c.d.e.example"},
    {"mailto",                        "mailto:ann@example.org", OK, "ann@example.org"},
    {"mailto in any case, a blank",   "MailTo: ann@example.org", OK, "ann@example.org"},
    {"mailto with a subject",         "mailto:a@b.example?subject=Hi@x", OK, "a@b.example"},
    {"a name and angle brackets",     "Ann B <ann@example.org>", OK, "ann@example.org"},
    {"a name in quotes with a comma", "\"B, Ann\" <ann@example.org>", OK, "ann@example.org"},
    {"angle brackets alone",          "<ann@example.org>",    OK, "ann@example.org"},
    {"blanks inside them",            "Ann < ann@example.org > ", OK, "ann@example.org"},
    {"mailto inside them",            "Ann <mailto:ann@example.org>", OK, "ann@example.org"},
    {"mailto outside them",           "mailto:<ann@example.org>", OK, "ann@example.org"},
    {"nothing typed",                 "",                     NIL, NULL},
    {"no field at all",               NULL,                   NIL, NULL},
    {"blanks only",                   " \t ",                 NIL, NULL},
    {"invisible characters only",     ZWSP BOM NBSP,          NIL, NULL},
    {"mailto only",                   "mailto:",              NIL, NULL},
    {"an empty pair of brackets",     "Ann <>",               NIL, NULL},
    {"no at-sign",                    "ann.example.org",      BAD, NULL},
    {"no local part",                 "@example.org",         BAD, NULL},
    {"no domain",                     "ann@",                 BAD, NULL},
    {"no dot in the domain",          "ann@example",          BAD, NULL},
    {"an empty label in front",       "ann@.example.org",     BAD, NULL},
    {"an empty label inside",         "ann@example..org",     BAD, NULL},
    {"a dot at the end",              "ann@example.org.",     BAD, NULL},
    {"a dot only",                    "ann@.",                BAD, NULL},
    {"L7: a quote",                   "a\"b@example.org",     BAD, NULL},
    {"L7: a backslash",               "a\\b@example.org",     BAD, NULL},
    {"L7: the end of a script",       "</script>@example.org", BAD, NULL},
    {"L7: the same in the domain",    "a@b.</script>",        BAD, NULL},
    {"L7: a control byte",            "a\x01@example.org",    BAD, NULL},
    {"L7: DEL in the domain",         "a@example\x7f.org",    BAD, NULL},
    {"L7: a C1 control",              "a\xc2\x9f@example.org", BAD, NULL},
    {"L7: a C1 control in the domain", "a@b\xc2\x9f.example", BAD, NULL},
    {"L7: JSON",                      "{\"a\":1}",            BAD, NULL},
    {"L7: JSON with an at-sign",      "{\"a\":1}@b.example",  BAD, NULL},
    {"L7: an escaped NUL",            "\\u0000@example.org",  BAD, NULL},
    {"L7: invalid UTF-8",             "a\xff@example.org",    BAD, NULL},
    {"L7: an overlong at-sign",       "a\xc1\x80" "b.example", BAD, NULL},
    {"L7: UTF-8 cut short",           "a@b.example\xc3",      BAD, NULL},
    {"L7: a percent sign in the domain", "a@b.example%00.evil", BAD, NULL},
    {"L7: a slash in the domain",     "a@b.example/x",        BAD, NULL},
    {"L8: a full-width at-sign",      "ann" FULL_AT "example.org", OK, "ann@example.org"},
    {"L8: a full-width full stop",    "ann@example" FULL_DOT "org", OK, "ann@example.org"},
    {"L8: full-width letters",        "\xef\xbd\x81@b.\xef\xbc\xa3om", OK, "a@b.com"},
    {"L8: an ideographic full stop",  "ann@example\xe3\x80\x82org", OK, "ann@example.org"},
    {"L8: a small at-sign",           "ann\xef\xb9\xab" "example.org", OK, "ann@example.org"},
    {"L8: two at-signs, one full-width", "a" FULL_AT "b@example.org", BAD, NULL},
    {"L8: a full-width quote",        "a\xef\xbc\x82" "b@example.org", BAD, NULL},
    {"L8: a full-width angle bracket", "a\xef\xbc\x9c" "b@example.org", BAD, NULL},
    {"L8: zero-width space inside",   "an" ZWSP "n@exa" ZWSP "mple.org", OK, "ann@example.org"},
    {"L8: marks of direction",        RLM "ann" RLO "@example.org", OK, "ann@example.org"},
    {"L8: no-break space inside",     "ann@" NBSP "example.org", OK, "ann@example.org"},
    {"L8: other no-break spaces",     "an\xe2\x80\x87n@example\xe2\x80\xaf.org", OK, "ann@example.org"},
    {"L8: the first and last full-width forms", "\xef\xbc\x81\xef\xbd\x9e@b.example", OK, "!~@b.example"},
    {"L8: a byte order mark",         BOM "ann@example.org",  OK, "ann@example.org"},
    {"L8: a homograph is another domain", "ann@\xd0\xb5xample.org", OK, "ann@\xd0\xb5xample.org"},
    {"L8: a line separator inside",   "a@b.example\xe2\x80\xa8" "x", BAD, NULL},
    {"L9: a quoted local part",       "\"a@b\"@example.org",  BAD, NULL},
    {"L9: a comment",                 "ann(x)@example.org",   BAD, NULL},
    {"L9: a comment in the domain",   "ann@(x)example.org",   BAD, NULL},
    {"L9: an address literal",        "ann@[1.2.3.4]",        BAD, NULL},
    {"L9: a source route",            "@a.example,@b.example:ann@example.org", BAD, NULL},
    {"L9: a group",                   "all:ann@example.org;", BAD, NULL},
    {"L9: a bang path",               "ann@b.example!c",      BAD, NULL},
    {"L10: a comma between two",      "a@b.example,c@d.example", BAD, NULL},
    {"L10: a semicolon",              "a@b.example;c@d.example", BAD, NULL},
    {"L10: a blank",                  "a@b.example c@d.example", BAD, NULL},
    {"L10: a line feed",              "a@b.example\nc@d.example", BAD, NULL},
    {"L10: a carriage return",        "a@b.example\rBcc: c",  BAD, NULL},
    {"L10: a TAB",                    "a@b.example\tx",       BAD, NULL},
    {"L10: a no-break space",         "a@b.example" NBSP "c@d.example", BAD, NULL},
    {"L10: an ideographic space",     "a@b.example\xe3\x80\x80" "c", BAD, NULL},
    {"L10: a comma and a word",       "a@b.example,c",        BAD, NULL},
    {"L10: a comma before one",       "x,a@b.example",        BAD, NULL},
    {"L10: two in angle brackets",    "<a@b.example><c@d.example>", BAD, NULL},
    {"L10: two of them with names",   "A <a@b.example>, C <c@d.example>", BAD, NULL},
    {"L10: an address for a name",    "a@b.example <c@d.example>", BAD, NULL},
    {"L10: two inside one pair",      "A <a@b.example, c@d.example>", BAD, NULL},
    {"L10: text behind the bracket",  "A <a@b.example> c",    BAD, NULL},
    {"L10: a bracket never closed",   "A <a@b.example",       BAD, NULL},
    {"L10: a bracket never opened",   "a@b.example>",         BAD, NULL},
    {"L10: brackets in brackets",     "A <B <a@b.example>>",  BAD, NULL},
    {"L11: two at-signs",             "a@evil@corp.example",  BAD, NULL},
};

static const struct { const char *what, *address, *bucket; } buckets[] = {
    {"L12: as it is",           "ann@example.org",         "ann@example.org"},
    {"L12: another case",       "ANN@example.org",         "ann@example.org"},
    {"L12: dots",               "a.n.n@example.org",       "ann@example.org"},
    {"L12: a tag",              "ann+shop@example.org",    "ann@example.org"},
    {"L12: all of them",        "A.nn+a.b+c@example.org",  "ann@example.org"},
    {"L12: dots of the domain stay", "ann@ex.ample.org",   "ann@ex.ample.org"},
    {"L12: another alphabet as DNS has it", "ann@xn--bcher-kva.example", "ann@xn--bcher-kva.example"},
    {"L12: as people write it", "ann@b\xc3\xbc" "cher.example", "ann@xn--bcher-kva.example"},
    {"L12: in capitals",        "ann@B\xc3\x9c" "CHER.example", "ann@xn--bcher-kva.example"},
    {"L12: with a mark of its own", "a.nn@bu\xcc\x88" "cher.example", "ann@xn--bcher-kva.example"},
    {"L12: what DNS has no name for", "ann@\xe2\x80\xa6.example", "ann@\xe2\x80\xa6.example"},
    {"L12: without an at-sign", "+491234",                 "+491234"},
};

static const struct { const char *what, *address, *mask; } masks[] = {
    {"an address",              "jane@example.org",        "j***@e***.org"},
    {"with many labels",        "jane@mail.example.co.uk", "j***@m***.uk"},
    {"with short parts",        "a@b.cc",                  "a***@b***.cc"},
    {"G1: of other scripts",    "\xc3\xb6@\xc3\xbc.example", "***@***.example"},
    {"G4: with a line feed",    "\n@\n.example",           "***@***.example"},
    {"G4: ending in one",       "a@b.c\n",                 "***"},
    {"a number of a phone",     "+491234567",              "+49***67"},
    {"no local part",           "@example.org",            "***"},
    {"no dot",                  "a@localhost",             "***"},
    {"two at-signs",            "a@b@c.example",           "***"},
    {"nothing",                 "",                        "***"},
    {"no string",               NULL,                      "***"},
};

static const struct { const char *what, *address, *domain; int want; } domains[] = {
    {"L11: the domain",              "a@corp.example",            "corp.example", 1},
    {"L11: in any case",             "a@CORP.Example",            "corp.eXample", 1},
    {"L11: a domain without a dot",  "a@corp",                    "corp", 1},
    {"L11: two at-signs",            "a@evil@corp.example",       "corp.example", 0},
    {"L11: a longer domain",         "a@corp.example.evil",       "corp.example", 0},
    {"L11: a subdomain",             "a@x.corp.example",          "corp.example", 0},
    {"L11: a domain that ends alike", "a@xcorp.example",          "corp.example", 0},
    {"L11: a parent domain",         "a@example",                 "corp.example", 0},
    {"L11: a dot at the end",        "a@CORP.EXAMPLE.",           "corp.example", 0},
    {"L11: no local part",           "@corp.example",             "corp.example", 0},
    {"L11: an encoded NUL",          "a@corp.example%00.evil",    "corp.example", 0},
    {"L11: a name and brackets",     "Ann <a@corp.example>",      "corp.example", 0},
    {"L11: an open bracket",         "<a@corp.example",           "corp.example", 0},
    {"L11: a blank behind",          "a@corp.example ",           "corp.example", 0},
    {"L11: a blank in front",        " a@corp.example",           "corp.example", 0},
    {"L11: a quoted local part",     "\"x\"@corp.example",        "corp.example", 0},
    {"L11: two addresses",           "a,b@corp.example",          "corp.example", 0},
    {"L11: the domain alone",        "corp.example",              "corp.example", 0},
    {"L11: invalid UTF-8",           "\xff@corp.example",         "corp.example", 0},
    {"L11: no address",              NULL,                        "corp.example", 0},
    {"L11: an empty rule",           "a@",                        "", 0},
};
/* clang-format on */

static void test_cases(void)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *tidied, *again;
        pwl_reason_t why = pwl_address_tidy(cases[i].typed, &tidied, pool);

        tap_str(cases[i].what, pwl_reason_word(why),
                pwl_reason_word(cases[i].why));
        tap_str(cases[i].what, tidied, cases[i].tidied);
        if (!tidied)
            continue;
        pwl_address_tidy(tidied, &again, pool);
        tap_str("L8: tidied twice it is the same", again, tidied);
    }
}

static void test_derived(void)
{
    for (size_t i = 0; i < sizeof(buckets) / sizeof(buckets[0]); i++)
        tap_str(buckets[i].what, pwl_address_bucket(buckets[i].address, pool),
                buckets[i].bucket);
    for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++)
        tap_str(masks[i].what, pwl_address_mask(masks[i].address, pool),
                masks[i].mask);
    for (size_t i = 0; i < sizeof(domains) / sizeof(domains[0]); i++)
        tap_int(domains[i].what,
                pwl_address_in_domain(domains[i].address, domains[i].domain),
                domains[i].want);
    tap_str("the key is in lower case, tag and dots in place",
            pwl_address_key("A.nn+X@b.example", pool), "a.nn+x@b.example");
    tap_str("the key leaves what is not ASCII",
            pwl_address_key("\xc3\x96@b.example", pool), "\xc3\x96@b.example");
}

/** An address of `len` bytes, behind `blanks` blanks. */
static void test_length(const char *what, int len, int blanks,
                        pwl_reason_t want)
{
    char *typed = apr_palloc(pool, (apr_size_t)(blanks + len) + 1);
    const char *tidied;

    memset(typed, ' ', (apr_size_t)blanks);
    memset(typed + blanks, 'a', (apr_size_t)len);
    typed[blanks + 1] = '@';
    typed[blanks + 3] = '.';
    typed[blanks + len] = '\0';
    tap_str(what, pwl_reason_word(pwl_address_tidy(typed, &tidied, pool)),
            pwl_reason_word(want));
    tap_int(what, tidied ? (int)strlen(tidied) : 0, want == PWL_OK ? len : 0);
}

int main(void)
{
    const int max = PWL_ADDRESS_MAX, input = PWL_ADDRESS_INPUT_MAX;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_cases();
    test_derived();
    test_length("L7: as long as may be", max, 0, PWL_OK);
    test_length("L7: one byte longer", max + 1, 0, PWL_ADDRESS_LONG);
    test_length("L7: as much typed as may be", max, input - max, PWL_OK);
    test_length("L7: one byte more", max, input - max + 1, PWL_ADDRESS_LONG);
    test_length("L7: 10 KB", 10240, 0, PWL_ADDRESS_LONG);
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
