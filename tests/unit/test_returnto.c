/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Return targets: every row of section R, three times.
 *
 * A row is a target as the parameter gives it once it is decoded. The two
 * other columns are for the same target with everything but letters, digits
 * and a leading '/' percent-encoded, once and twice: what reaches us when a
 * link was encoded more often than it is decoded.
 */
#include "core/returnto.h"

#include <stdlib.h>

#include "core/limits.h"
#include "tap.h"

#define OURS "/.auth0/"

#define OK PWL_OK
#define NONE PWL_RETURNTO_MISSING
#define AWAY PWL_RETURNTO_NOT_LOCAL
#define CTRL PWL_RETURNTO_CONTROL
#define CODE PWL_RETURNTO_ENCODING
#define SELF PWL_RETURNTO_OURS

/* clang-format off */
static const struct {
    const char *what, *target;
    pwl_reason_t raw, once, twice;
} cases[] = {
    /* Other hosts. */
    {"R1: another host",               "//evil.example",             AWAY, AWAY, AWAY},
    {"R1: and a way back",             "//evil.example/%2f..",       AWAY, AWAY, AWAY},
    {"R1: and a path",                 "//evil.example/x",           AWAY, AWAY, AWAY},
    {"R1: two slashes and no more",    "//",                         AWAY, AWAY, AWAY},
    {"R2: slash, backslash",           "/\\evil.example",            AWAY, AWAY, AWAY},
    {"R2: backslash pair",             "\\\\evil",                   AWAY, AWAY, AWAY},
    {"R2: backslash, slash",           "\\/evil",                    AWAY, AWAY, AWAY},
    {"R2: an encoded backslash",       "/%5cevil",                   AWAY, AWAY, OK},
    {"R2: an upper-case one",          "/%5Cevil",                   AWAY, AWAY, OK},
    {"R2: a scheme and backslashes",   "https:\\\\evil",             AWAY, AWAY, AWAY},
    {"R2: a backslash further on",     "/a\\b",                      AWAY, OK,   OK},
    {"R2: an encoded slash",           "/%2fevil.example",           AWAY, AWAY, OK},
    {"R2: a slash encoded twice",      "/%252fevil.example",         AWAY, OK,   OK},
    {"R3: three slashes",              "///evil",                    AWAY, AWAY, AWAY},
    {"R3: four slashes",               "////evil",                   AWAY, AWAY, AWAY},
    {"R3: five slashes",               "/////evil",                  AWAY, AWAY, AWAY},
    {"R3: a scheme and three",         "https:///evil",              AWAY, AWAY, AWAY},
    {"R3: slash, backslash, slash",    "/\\/evil",                   AWAY, AWAY, AWAY},
    {"R4: an encoded TAB",             "/%09/evil",                  CTRL, CTRL, OK},
    {"R4: an encoded line feed",       "/%0a/evil",                  CTRL, CTRL, OK},
    {"R4: an encoded return",          "/%0d/evil",                  CTRL, CTRL, OK},
    {"R4: a TAB that browsers drop",   "/\t/evil",                   CTRL, CTRL, CTRL},
    {"R4: a line feed they drop",      "/\n/evil",                   CTRL, CTRL, CTRL},
    {"R4: a return they drop",         "/\r/evil",                   CTRL, CTRL, CTRL},
    {"R4: a blank in front, encoded",  "%20//evil",                  AWAY, AWAY, AWAY},
    {"R4: a control in front, encoded", "%01https://evil",           AWAY, AWAY, AWAY},
    {"R4: a leading TAB",              "\t//evil",                   AWAY, AWAY, AWAY},
    {"R4: a leading blank",            " /app",                      AWAY, AWAY, AWAY},
    {"R4: a leading byte order mark",  "\xef\xbb\xbf//evil",         AWAY, AWAY, AWAY},
    {"R4: one behind the slash",       "/\xef\xbb\xbf/evil",         CTRL, CTRL, CTRL},
    {"R4: a trailing blank",           "/app ",                      CTRL, OK,   OK},
    {"R4: a blank inside",             "/a b",                       CTRL, OK,   OK},
    {"R4: DEL",                        "/a\x7f",                     CTRL, CTRL, CTRL},
    {"R5: javascript",                 "javascript:alert(1)",        AWAY, AWAY, AWAY},
    {"R5: in any case",                "JaVaScRiPt:alert(1)",        AWAY, AWAY, AWAY},
    {"R5: with a line feed in it",     "java%0ascript:alert(1)",     AWAY, AWAY, AWAY},
    {"R5: data",                       "data:text/html,x",           AWAY, AWAY, AWAY},
    {"R5: vbscript",                   "vbscript:x",                 AWAY, AWAY, AWAY},
    {"R5: blob",                       "blob:https://evil/x",        AWAY, AWAY, AWAY},
    {"R5: view-source",                "view-source:/x",             AWAY, AWAY, AWAY},
    {"R5: about",                      "about:blank",                AWAY, AWAY, AWAY},
    {"R5: a scheme's name as a path",  "/javascript:alert(1)",       OK,   OK,   OK},
    {"R6: a host that looks like ours", "https://example.com.evil/", AWAY, AWAY, AWAY},
    {"R6: our host by name",           "https://example.com/",       AWAY, AWAY, AWAY},
    {"R6: our host without a scheme",  "example.com/app",            AWAY, AWAY, AWAY},
    {"R7: a scheme without slashes",   "https:evil",                 AWAY, AWAY, AWAY},
    {"R7: a scheme with one",          "http:/evil",                 AWAY, AWAY, AWAY},
    {"R7: a port",                     "//evil:80",                  AWAY, AWAY, AWAY},
    {"R7: an encoded port",            "//evil%3a80",                AWAY, AWAY, AWAY},
    {"R7: IPv6",                       "https://[::1]/",             AWAY, AWAY, AWAY},
    {"R7: a hexadecimal address",      "//0x7f.1",                   AWAY, AWAY, AWAY},
    {"R7: a number for an address",    "//2130706433",               AWAY, AWAY, AWAY},
    {"R8: user and password",          "https://user:pw@our.host/",  AWAY, AWAY, AWAY},
    {"R8: our host as a user",         "https://our.host@evil",      AWAY, AWAY, AWAY},
    {"R8: a user without a host",      "//@evil",                    AWAY, AWAY, AWAY},
    /* Text that is not what it looks like. */
    {"R9: full-width slashes",         "\xef\xbc\x8f\xef\xbc\x8f" "evil",  AWAY, AWAY, AWAY},
    {"R9: a full-width second one",    "/\xef\xbc\x8f" "evil",       AWAY, AWAY, AWAY},
    {"R9: a full-width backslash",     "/\xef\xbc\xbc" "evil",       AWAY, AWAY, AWAY},
    {"R9: an ideographic stop is text", "/\xe3\x80\x82\xe3\x80\x82/", OK,  OK,   OK},
    {"R9: line separator",             "/a\xe2\x80\xa8" "b",         CTRL, CTRL, CTRL},
    {"R9: direction override",         "/a\xe2\x80\xae" "b",         CTRL, CTRL, CTRL},
    {"R9: direction isolate",          "/a\xe2\x81\xa6" "b",         CTRL, CTRL, CTRL},
    {"R9: end of an isolate",          "/a\xe2\x81\xa9" "b",         CTRL, CTRL, CTRL},
    {"R9: byte order mark",            "/a\xef\xbb\xbf",             CTRL, CTRL, CTRL},
    {"R9: a C1 control",               "/a\xc2\x85" "b",             CTRL, CTRL, CTRL},
    {"R9: an overlong slash",          "/%c0%af",                    CODE, CODE, OK},
    {"R9: an overlong slash, raw",     "/\xc0\xaf" "evil",           CODE, CODE, CODE},
    {"R9: invalid UTF-8",              "/\xff",                      CODE, CODE, CODE},
    {"R9: UTF-8 cut short",            "/a\xe2\x82",                 CODE, CODE, CODE},
    {"R9: a surrogate",                "/%ed%a0%80",                 CODE, CODE, OK},
    {"R9: invalid in a query, raw",    "/a?\xff",                    CODE, CODE, CODE},
    {"R9: Latin-1 in a query, encoded", "/a?q=caf%e9",               OK,   CODE, OK},
    {"R10: a header of its own",       "/%0d%0aSet-Cookie:x=1",      CTRL, CTRL, OK},
    {"R10: the same in raw bytes",     "/\r\nSet-Cookie:x=1",        CTRL, CTRL, CTRL},
    {"R10: raw in a query",            "/a?\r\nSet-Cookie:x=1",      CTRL, CTRL, CTRL},
    {"R10: encoded without a path",    "%0d%0aSet-Cookie:x=1",       AWAY, AWAY, AWAY},
    {"R10: low bytes that are CR LF",  "/%e5%98%8a%e5%98%8dx",       OK,   OK,   OK},
    {"R10: an encoded NUL",            "/a%00b",                     CTRL, CTRL, OK},
    {"R10: a NUL encoded twice",       "/a%2500b",                   CTRL, OK,   OK},
    {"R10: a NUL in a query",          "/a?b%00c",                   CTRL, CTRL, OK},
    {"R10: vertical tab",              "/a%0bb",                     CTRL, CTRL, OK},
    {"R10: ESC in a query",            "/a?b%1bc",                   CTRL, CTRL, OK},
    /* Dot segments. */
    {"R12: away by dot segments",      "/path/../..//evil",          AWAY, AWAY, AWAY},
    {"R12: by one",                    "/a/..//evil",                AWAY, AWAY, AWAY},
    {"R12: by a single dot",           "/.//evil",                   AWAY, AWAY, AWAY},
    {"R12: by encoded dots",           "/a/%2e%2e//evil",            AWAY, AWAY, AWAY},
    {"R12: by half encoded dots",      "/a/.%2E//evil",              AWAY, AWAY, AWAY},
    {"R12: past an encoded slash",     "/a%2fb/%2e%2e//evil",        AWAY, AWAY, AWAY},
    {"R12: by backslashes, encoded",   "/a/..%5c%5cevil",            AWAY, AWAY, OK},
    {"R12: by a full-width slash",     "/a/../\xef\xbc\x8f" "evil",  AWAY, AWAY, AWAY},
    {"R12: hidden by a question mark", "/%3f/..//evil",              AWAY, AWAY, AWAY},
    {"R12: ended by a question mark",  "/a/..//b%3f/../../..",       AWAY, AWAY, OK},
    {"R12: empty segments alone",      "/a//b///c",                  OK,   OK,   OK},
    {"R12: dots that lead nowhere bad", "/a/./b/../c",               OK,   OK,   OK},
    {"R12: one dot",                   "/./",                        OK,   OK,   OK},
    {"R12: two at the end",            "/a/..",                      OK,   OK,   OK},
    {"R12: more dots than segments",   "/../../a",                   OK,   OK,   OK},
    {"R12: encoded letters are no dots", "/a/%41%41//b",             OK,   OK,   OK},
    {"R12: three dots are a name",     "/.../a",                     OK,   OK,   OK},
    {"R12: a parameter and an at-sign", "/;@evil",                   OK,   OK,   OK},
    {"R12: the same without a path",   ";@evil",                     AWAY, AWAY, AWAY},
    {"R12: a query that holds a URL",  "/?next=//evil",              OK,   OK,   OK},
    {"R12: a query with dot segments", "/?/..//evil",                OK,   AWAY, AWAY},
    {"R12: a fragment behind a path",  "/#@evil",                    OK,   OK,   OK},
    {"R12: a route in a fragment",     "/app#//x/../y",              OK,   OK,   OK},
    {"R12: a fragment alone",          "#@evil",                     AWAY, AWAY, AWAY},
    /* What is hardly there. */
    {"R14: an empty value",            "",                           NONE, NONE, NONE},
    {"R14: a slash",                   "/",                          OK,   OK,   OK},
    {"R14: a question mark",           "?",                          AWAY, AWAY, AWAY},
    {"R14: an ampersand",              "&",                          AWAY, AWAY, AWAY},
    {"R14: a dot",                     ".",                          AWAY, AWAY, AWAY},
    {"R15: parameters of /authorize",  "/x&client_id=evil&prompt=none", OK, OK,  OK},
    {"R16: a percent sign alone",      "/%",                         CODE, OK,   OK},
    {"R16: not hexadecimal",           "/%g1",                       CODE, OK,   OK},
    {"R16: cut short",                 "/a%f",                       CODE, OK,   OK},
    {"R16: in a query",                "/?q=100%",                   CODE, OK,   OK},
    {"R16: a sign for a digit",        "/%+1",                       CODE, OK,   OK},
    {"R16: encoded it is text",        "/100%25",                    OK,   OK,   OK},
    /* Our own pages. */
    {"R17: sign-in",                   OURS "login",                 SELF, SELF, SELF},
    {"R17: sign-out",                  OURS "logout",                SELF, SELF, SELF},
    {"R17: callback",                  OURS "callback?code=1",       SELF, SELF, SELF},
    {"R17: code",                      OURS "code#x",                SELF, SELF, SELF},
    {"R17: back-channel sign-out",     OURS "backchannel-logout",    SELF, SELF, SELF},
    {"R17: nothing behind our path",   OURS,                         SELF, SELF, SELF},
    {"R17: with path parameters",      OURS "logout;x=y",            SELF, SELF, SELF},
    {"R17: by dot segments",           "/x/../.auth0/logout",        SELF, SELF, SELF},
    {"R17: by a dot segment",          "/./.auth0/logout",           SELF, SELF, SELF},
    {"R17: by dots at the end",        OURS "x/..",                  SELF, SELF, SELF},
    {"R17: by a dot at the end",       OURS ".",                     SELF, SELF, SELF},
    {"R17: out again by dots",         OURS "../x",                  OK,   OK,   OK},
    {"R17: by encoded dots",           "/%2e/x/%2e%2e/.auth0/logout", SELF, SELF, SELF},
    {"R17: an encoded letter",         "/.auth0/%6cogout",           SELF, SELF, SELF},
    {"R17: an encoded first dot",      "/%2eauth0/logout",           SELF, SELF, OK},
    {"R17: a letter encoded twice",    "/.auth%2530/logout",         SELF, OK,   OK},
    {"R17: an encoded slash",          "/.auth0%2flogout",           SELF, SELF, OK},
    {"R17: slashes that httpd merges", "/x//../../.auth0/logout",    SELF, SELF, SELF},
    {"R17: merged before the dots",    "/x//../.auth0/logout",       SELF, SELF, SELF},
    {"R17: two behind our path",       "/.auth0//logout",            SELF, SELF, SELF},
    {"R17: ended by a question mark",  "/.auth0/login%3f/../../x",   SELF, SELF, OK},
    {"R17: a path that begins alike",  "/.auth0x/login",             OK,   OK,   OK},
    {"R17: our path further on",       "/app/.auth0/login",          OK,   OK,   OK},
    {"R17: our path in a query",       "/app?next=/.auth0/logout",   OK,   OK,   OK},
    {"R17: upper case is another path", "/.AUTH0/login",             OK,   OK,   OK},
    /* What must come back byte for byte. */
    {"R19: a page of this site",       "/app?tab=2",                 OK,   OK,   OK},
    {"R19: an encoded slash",          "/a%2fb",                     OK,   OK,   OK},
    {"R19: a plus",                    "/a+b?c+d",                   OK,   OK,   OK},
    {"R19: a semicolon",               "/a;b=c",                     OK,   OK,   OK},
    {"R19: UTF-8",                     "/caf\xc3\xa9",               OK,   OK,   OK},
    {"R19: encoded UTF-8",             "/caf%c3%a9",                 OK,   OK,   OK},
    {"R19: a zero-width non-joiner",   "/\xd9\x85\xe2\x80\x8c\xd9\x87", OK, OK,  OK},
    {"R19: beyond the BMP",            "/\xf0\x9f\x98\x80",          OK,   OK,   OK},
    {"R19: an empty query",            "/app?",                      OK,   OK,   OK},
    {"R19: lines of a text area",      "/app?t=a%0D%0Ab",            OK,   CTRL, OK},
    {"R19: an encoded blank in a query", "/app?q=a%20b",             OK,   OK,   OK},
    {"R19: a backslash in a query",    "/app?re=\\d",                OK,   OK,   OK},
    {"R19: a colon and an at-sign",    "/user:ann@example.org",      OK,   OK,   OK},
    {"R19: an encoded blank",          "/a%20b",                     OK,   OK,   OK},
};
/* clang-format on */

/** Encode all but letters, digits and a leading '/'. */
static char *encode(const char *target)
{
    char *out = malloc(3 * strlen(target) + 1), *to = out;

    for (const char *p = target; *p; p++) {
        int plain = (*p >= '0' && *p <= '9') || (*p >= 'A' && *p <= 'Z') ||
                    (*p >= 'a' && *p <= 'z') || (*p == '/' && p == target);

        if (plain)
            *to++ = *p;
        else
            to += sprintf(to, "%%%02x", (unsigned)(unsigned char)*p);
    }
    *to = '\0';
    return out;
}

static void check(const char *what, const char *how, const char *target,
                  pwl_reason_t want)
{
    char sentence[200];

    snprintf(sentence, sizeof(sentence), "%s%s", what, how);
    tap_str(sentence, pwl_reason_word(pwl_returnto_check(target, OURS)),
            pwl_reason_word(want));
}

static void test_cases(void)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *once = encode(cases[i].target);
        char *twice = encode(once);

        check(cases[i].what, "", cases[i].target, cases[i].raw);
        check(cases[i].what, ", encoded", once, cases[i].once);
        check(cases[i].what, ", encoded twice", twice, cases[i].twice);
        free(once);
        free(twice);
    }
}

static void test_length(void)
{
    static const struct {
        const char *what;
        size_t len;
        pwl_reason_t want;
    } lengths[] = {
        {"R11: one below the limit", PWL_RETURNTO_MAX - 1, PWL_OK},
        {"R11: at the limit", PWL_RETURNTO_MAX, PWL_OK},
        {"R11: one past it", PWL_RETURNTO_MAX + 1, PWL_RETURNTO_TOO_LONG},
        {"R11: 8 KB", 8192, PWL_RETURNTO_TOO_LONG},
        {"R11: 64 KB", 65536, PWL_RETURNTO_TOO_LONG},
    };

    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        size_t len = lengths[i].len;
        char *target = malloc(len + 1);

        memset(target, 'a', len);
        target[0] = '/';
        target[len] = '\0';
        check(lengths[i].what, "", target, lengths[i].want);
        memset(target, '/', len);
        check(lengths[i].what, ", all slashes", target,
              lengths[i].want == PWL_OK ? AWAY : lengths[i].want);
        for (size_t j = 0; j + 2 < len; j += 3)
            memcpy(target + j, "/..", 3);
        check(lengths[i].what, ", all dot segments", target,
              len % 3 == 2 && lengths[i].want == OK ? AWAY : lengths[i].want);
        free(target);
    }
}

int main(void)
{
    test_cases();
    test_length();
    check("R14: no value at all", "", NULL, PWL_RETURNTO_MISSING);
    tap_str("R17: without a path of ours nothing is ours",
            pwl_reason_word(pwl_returnto_check(OURS "login", NULL)), "ok");
    tap_str("R17: a longer path of ours",
            pwl_reason_word(pwl_returnto_check("/a/b/../b/x", "/a/b/")),
            "returnto-ours");
    return tap_done();
}
