/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of directives: the good ones and what is made of them, the bad ones
 * and the cure that the operator is told.
 */
#include "core/setting.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "core/limits.h"
#include "tap.h"

#define L63 "a23456789012345678901234567890123456789012345678901234567890123"

static apr_pool_t *pool;

/* clang-format off */
/* `good` is the outcome; where it is NULL, `cure` is part of the error. */
typedef struct { const char *what, *arg, *good, *cure; } text_t;

static const text_t domains[] = {
    {"a tenant",                    "example.eu.auth0.com", "example.eu.auth0.com", NULL},
    {"in lower case",               "Login.Example.ORG", "login.example.org", NULL},
    {"with a port",                 "127.0.0.1:8443", "127.0.0.1:8443", NULL},
    {"without the port of https",   "example.org:443", "example.org", NULL},
    {"port 80 is not that",         "example.org:80", "example.org:80", NULL},
    {"one label",                   "localhost", "localhost", NULL},
    {"the first and the last port", "a:1", "a:1", NULL},
    {"the last port",               "a:65535", "a:65535", NULL},
    {"a label of 63",               L63 ".org", L63 ".org", NULL},
    {"C2: a scheme",                "https://example.org", NULL, "leave out the scheme"},
    {"C2: a scheme and a path",     "https://example.org/", NULL, "leave out the scheme"},
    {"C2: a path",                  "example.org/x", NULL, "leave out what comes after"},
    {"C2: a slash",                 "example.org/", NULL, "leave out what comes after"},
    {"C2: a query",                 "example.org?x", NULL, "leave out what comes after"},
    {"C2: a fragment",              "example.org#x", NULL, "leave out what comes after"},
    {"C2: userinfo",                "user@example.org", NULL, "leave out user"},
    {"C2: userinfo with a password", "a:b@example.org", NULL, "leave out user"},
    {"C1: nothing",                 "", NULL, "no name at all"},
    {"C1: a port only",             ":443", NULL, "no name at all"},
    {"C1: a blank in front",        " example.org", NULL, "letters, digits"},
    {"C1: a blank inside",          "example .org", NULL, "letters, digits"},
    {"C1: a blank behind",          "example.org ", NULL, "letters, digits"},
    {"C1: an empty label",          "example..org", NULL, "before or after a dot"},
    {"C1: a dot in front",          ".example.org", NULL, "before or after a dot"},
    {"C1: a dot at the end",        "example.org.", NULL, "before or after a dot"},
    {"C1: a hyphen in front",       "-a.org", NULL, "hyphen"},
    {"C1: a hyphen at the end",     "a-.org", NULL, "hyphen"},
    {"C1: a label of 64",           L63 "4.org", NULL, "63 characters"},
    {"C1: an underscore",           "a_b.org", NULL, "letters, digits"},
    {"C1: beyond ASCII",            "b\xc3\xbc" "cher.example", NULL, "xn--"},
    {"C1: a line feed",             "example.org\n", NULL, "letters, digits"},
    {"C1: IPv6 without brackets",   "::1", NULL, "no name at all"},
    {"C1: port 0",                  "example.org:0", NULL, "1 to 65535"},
    {"C1: port 65536",              "example.org:65536", NULL, "1 to 65535"},
    {"C1: a port past 64 bits",     "example.org:18446744073709551617", NULL, "1 to 65535"},
    {"C1: an empty port",           "example.org:", NULL, "1 to 65535"},
    {"C1: a port with junk",        "example.org:443x", NULL, "1 to 65535"},
    {"C1: a negative port",         "example.org:-1", NULL, "1 to 65535"},
    {"C1: a port with zeros",       "example.org:0443", NULL, "1 to 65535"},
    {"C1: two ports",               "example.org:1:2", NULL, "1 to 65535"},
};

static const text_t https_urls[] = {
    {"https and a host",            "https://www.example.org", "https://www.example.org", NULL},
    {"in lower case",               "HTTPS://WWW.Example.org", "https://www.example.org", NULL},
    {"with a port",                 "https://a.example:8443", "https://a.example:8443", NULL},
    {"without the port of https",   "https://a.example:443", "https://a.example", NULL},
    {"IPv6",                        "https://[::1]:8443", "https://[::1]:8443", NULL},
    {"IPv6 in lower case",          "https://[FE80::1]", "https://[fe80::1]", NULL},
    {"the shortest IPv6",           "https://[::]", "https://[::]", NULL},
    {"IPv6 that holds IPv4",        "https://[::ffff:1.2.3.4]", "https://[::ffff:1.2.3.4]", NULL},
    {"C2: http",                    "http://www.example.org", NULL, "Auth0InsecureHTTP On"},
    {"C2: no scheme",               "www.example.org", NULL, "begins with https://"},
    {"C2: another scheme",          "ftp://www.example.org", NULL, "begins with https://"},
    {"C2: a slash at the end",      "https://www.example.org/", NULL, "the last \"/\" too"},
    {"C2: a path",                  "https://www.example.org/app", NULL, "leave out what comes"},
    {"C2: userinfo",                "https://a@www.example.org", NULL, "leave out user"},
    {"C2: a scheme twice",          "https://https://a.example", NULL, "leave out the scheme"},
    {"C1: a scheme only",           "https://", NULL, "no name at all"},
    {"C1: nothing",                 "", NULL, "begins with https://"},
    {"C1: half a scheme",           "https:/a.example", NULL, "begins with https://"},
    {"C1: IPv6 without an end",     "https://[::1", NULL, "and a \"]\""},
    {"C1: empty brackets",          "https://[]", NULL, "and a \"]\""},
    {"C1: junk in brackets",        "https://[example.org]", NULL, "no IPv6 address"},
    {"C1: junk behind brackets",    "https://[::1]x", NULL, "and a \"]\""},
};

static const text_t http_urls[] = {
    {"https still",                 "https://localhost", "https://localhost", NULL},
    {"http when it is allowed",     "http://localhost:8080", "http://localhost:8080", NULL},
    {"without the port of http",    "http://localhost:80", "http://localhost", NULL},
    {"443 is not the port of http", "http://localhost:443", "http://localhost:443", NULL},
};

static const text_t paths[] = {
    {"the default",                 "/.auth0/", "", NULL},
    {"two segments",                "/a/b-c_d~1/", "", NULL},
    {"three dots are a name",       "/.../", "", NULL},
    {"C1: nothing",                 "", NULL, "begins and ends"},
    {"C1: the whole site",          "/", NULL, "with a name between"},
    {"C1: no slash in front",       "auth0/", NULL, "begins and ends"},
    {"C1: no slash at the end",     "/auth0", NULL, "begins and ends"},
    {"C1: two slashes",             "//", NULL, "side by side"},
    {"C1: two in front",            "//auth0/", NULL, "side by side"},
    {"C1: two inside",              "/a//b/", NULL, "side by side"},
    {"C1: two at the end",          "/auth0//", NULL, "side by side"},
    {"C1: a dot segment",           "/a/./", NULL, "are no names"},
    {"C1: two dots",                "/../", NULL, "are no names"},
    {"C1: percent",                 "/a%20b/", NULL, "letters, digits"},
    {"C1: a query",                 "/a?b/", NULL, "letters, digits"},
    {"C1: a fragment",              "/a#b/", NULL, "letters, digits"},
    {"C1: a blank",                 "/a b/", NULL, "letters, digits"},
    {"C1: a backslash",             "/a\\b/", NULL, "letters, digits"},
    {"C1: beyond ASCII",            "/\xc3\xa9/", NULL, "letters, digits"},
    {"C1: a line feed",             "/a\n/", NULL, "letters, digits"},
};

static const text_t tokens[] = {
    {"a client id",                 "AbC123-_.~", "", NULL},
    {"every visible character",     "!\"#$%&'()*+,/:;<=>?@[\\]^`{|}", "", NULL},
    {"C1: nothing",                 "", NULL, "it is empty"},
    {"C1: a blank",                 "a b", NULL, "no blanks"},
    {"C1: a TAB",                   "a\tb", NULL, "no blanks"},
    {"C1: a line feed",             "a\n", NULL, "no blanks"},
    {"C1: DEL",                     "a\x7f", NULL, "visible ASCII"},
    {"C1: beyond ASCII",            "\xc3\xa9", NULL, "visible ASCII"},
};

static const struct { const char *what, *arg; apr_uint64_t good; const char *cure; } sizes[] = {
    {"bytes",                       "4096", 4096, NULL},
    {"kilobytes",                   "64k", 65536, NULL},
    {"megabytes",                   "32m", 33554432, NULL},
    {"gigabytes",                   "1g", 1073741824, NULL},
    {"in upper case",               "2M", 2097152, NULL},
    {"zeros in front",              "0064k", 65536, NULL},
    {"C1: the last number there is", "18446744073709551615", 18446744073709551615u, NULL},
    {"C1: one more",                "18446744073709551616", 0, "fits in memory"},
    {"C1: the last of gigabytes",   "17179869183g", 18446744072635809792u, NULL},
    {"C1: one more gigabyte",       "17179869184g", 0, "more than this machine"},
    {"C1: kilobytes too many",      "18014398509481984k", 0, "more than this machine"},
    {"C1: a huge number",           "99999999999999999999999999", 0, "fits in memory"},
    {"C1: nothing",                 "", 0, "it is a number"},
    {"C1: zero",                    "0", 0, "above zero"},
    {"C1: zero of something",       "0m", 0, "above zero"},
    {"C1: negative",                "-1", 0, "it is a number"},
    {"C1: a plus sign",             "+1", 0, "it is a number"},
    {"C1: a unit only",             "m", 0, "it is a number"},
    {"C1: another unit",            "1t", 0, "k, m or g"},
    {"C1: two units",               "1mb", 0, "k, m or g"},
    {"C1: junk behind",             "300x", 0, "k, m or g"},
    {"C1: a fraction",              "1.5m", 0, "k, m or g"},
    {"C1: a blank",                 "1 m", 0, "k, m or g"},
    {"C1: hexadecimal",             "0x10", 0, "k, m or g"},
};

static const struct { const char *what, *arg; int min, max, good; const char *cure; } ints[] = {
    {"a number",                    "6", 4, 12, 6, NULL},
    {"the least",                   "4", 4, 12, 4, NULL},
    {"the most",                    "12", 4, 12, 12, NULL},
    {"below zero",                  "-3", -5, 5, -3, NULL},
    {"minus zero",                  "-0", -5, 5, 0, NULL},
    {"the last of 32 bits",         "2147483647", 0, 2147483647, 2147483647, NULL},
    {"C1: one less than the least", "3", 4, 12, 0, "from 4 to 12"},
    {"C1: one more than the most",  "13", 4, 12, 0, "from 4 to 12"},
    {"C1: below zero where it may not be", "-6", 4, 12, 0, "from 4 to 12"},
    {"C1: past 32 bits",            "2147483648", 0, 2147483647, 0, "whole number"},
    {"C1: past 64 bits",            "18446744073709551622", 4, 12, 0, "whole number"},
    {"C1: nothing",                 "", 4, 12, 0, "whole number"},
    {"C1: a sign only",             "-", 4, 12, 0, "whole number"},
    {"C1: two signs",               "--6", 4, 12, 0, "whole number"},
    {"C1: a plus sign",             "+6", 4, 12, 0, "whole number"},
    {"C1: junk behind",             "6x", 4, 12, 0, "whole number"},
    {"C1: a blank in front",        " 6", 4, 12, 0, "whole number"},
    {"C1: a fraction",              "6.0", 4, 12, 0, "whole number"},
};

static const struct { const char *what, *arg; apr_int64_t good_ms; const char *cure; } times[] = {
    {"a time in seconds",           "30s", 30000, NULL},
    {"a bare number is seconds",    "900", 900000, NULL},
    {"a time in minutes",           "15m", 900000, NULL},
    {"a time in hours",             "8h", 28800000, NULL},
    {"a time in milliseconds",      "500ms", 500, NULL},
    {"the longest time",            "31622400", 31622400000, NULL},
    {"the longest time in hours",   "8784h", 31622400000, NULL},
    {"the longest, in the least",   "31622400000ms", 31622400000, NULL},
    {"C1: a second too many",       "31622401s", 0, "up to a year"},
    {"C1: an hour too many",        "8785h", 0, "up to a year"},
    {"C1: a millisecond too many",  "31622400001ms", 0, "up to a year"},
    {"C1: two units",               "1h30m", 0, "one of ms, s, m and h"},
    {"C1: a unit as a word",        "8hours", 0, "one of ms, s, m and h"},
    {"httpd's own minutes",         "10min", 600000, NULL},
    {"C1: more than its minutes",   "10mins", 0, "one of ms, s, m and h"},
    {"C1: a unit in capitals",      "8H", 0, "one of ms, s, m and h"},
    {"C1: a blank before the unit", "8 h", 0, "one of ms, s, m and h"},
    {"C1: a blank behind",          "8h ", 0, "one of ms, s, m and h"},
    {"C1: a day",                   "1d", 0, "one of ms, s, m and h"},
    {"C1: half an hour",            "0.5h", 0, "one of ms, s, m and h"},
    {"C1: a unit alone",            "h", 0, "it is a number"},
    {"C1: no time",                 "", 0, "it is a number"},
    {"C1: no time at all",          "0h", 0, "above zero"},
    {"C1: a negative time",         "-1s", 0, "above zero"},
    {"C1: past 64 bits",            "18446744073709551646s", 0, "up to a year"},
};
/* clang-format on */

/** An error quotes the value, tells the cure and shows a good value. */
static void check_error(const char *what, const char *arg, const char *error,
                        const char *cure)
{
    if (!cure) {
        tap_str(what, error, NULL);
        return;
    }
    tap_ok(error && strstr(error, cure) && strstr(error, "(try "), what);
    if (error && !strpbrk(arg, "\t\n\\\"\x7f\xc3"))
        tap_ok(strstr(error, apr_pstrcat(pool, "\"", arg, "\"", NULL)) != NULL,
               apr_pstrcat(pool, what, ": quoted", NULL));
    if (error)
        tap_ok(!strpbrk(error, "\t\n\x7f"), "the error is one clean line");
}

static const char *domain(const char *arg, const char **out)
{
    return pwl_setting_domain(arg, out, pool);
}

static const char *https_url(const char *arg, const char **out)
{
    return pwl_setting_base_url(arg, 0, out, pool);
}

static const char *http_url(const char *arg, const char **out)
{
    return pwl_setting_base_url(arg, 1, out, pool);
}

static const char *path(const char *arg, const char **out)
{
    return pwl_setting_path(arg, pool);
}

static const char *token(const char *arg, const char **out)
{
    return pwl_setting_token(arg, pool);
}

static const struct { const char *what, *arg; apr_uint64_t bytes; const char *file, *cure; } stores[] = {
    {"memory",                      "shm(32m)", 33554432, NULL, NULL},
    {"a file",                      "shm:/var/lib/s(64k)", 65536, "/var/lib/s", NULL},
    {"a file below ServerRoot",     "shm:run/s(64k)", 65536, "run/s", NULL},
    {"parentheses in its name",     "shm:/a(b)(64k)", 65536, "/a(b)", NULL},
    {"C1: nothing",                 "", 0, "", "shm(32m)"},
    {"C1: no size",                 "shm", 0, "", "shm(32m)"},
    {"C1: an empty size",           "shm()", 0, "", "it is a number"},
    {"C1: no end",                  "shm(32m", 0, "", "shm(32m)"},
    {"C1: something behind",        "shm(32m) ", 0, "", "shm(32m)"},
    {"C1: another kind",            "dbm(32m)", 0, "", "shm(32m)"},
    {"C1: no colon",                "shmfile(32m)", 0, "", "shm(32m)"},
    {"C1: no file",                 "shm:(32m)", 0, "", "a file's name"},
    {"C1: a size of nothing",       "shm(0)", 0, "", "above zero"},
    {"C1: a size of a file, bad",   "shm:/a(x)", 0, "", "it is a number"},
};

static void test_texts(const text_t *texts, size_t count,
                       const char *(*set)(const char *, const char **))
{
    for (size_t i = 0; i < count; i++) {
        const char *out = "";

        check_error(texts[i].what, texts[i].arg, set(texts[i].arg, &out),
                    texts[i].cure);
        tap_str(texts[i].what, out, texts[i].good ? texts[i].good : "");
    }
}

static void test_stores(void)
{
    for (size_t i = 0; i < sizeof(stores) / sizeof(stores[0]); i++) {
        const char *file = "";
        apr_size_t bytes = 0;

        check_error(stores[i].what, stores[i].arg,
                    pwl_setting_store(stores[i].arg, &bytes, &file, pool),
                    stores[i].cure);
        tap_ok(bytes == stores[i].bytes, stores[i].what);
        tap_str(stores[i].what, file, stores[i].file);
    }
}

static void test_times(void)
{
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        apr_interval_time_t out = 0;

        check_error(times[i].what, times[i].arg,
                    pwl_setting_interval(times[i].arg, &out, pool),
                    times[i].cure);
        tap_ok(out == times[i].good_ms * 1000, times[i].what);
    }
}

static void test_words(void)
{
    tap_ok(pwl_setting_has_word("openid", "openid"), "the only word");
    tap_ok(pwl_setting_has_word("a openid b", "openid"), "one between others");
    tap_ok(!pwl_setting_has_word("xopenid openidx", "openid"),
           "parts of words");
    tap_ok(!pwl_setting_has_word("", "openid"), "no word at all");
}

static void test_numbers(void)
{
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        apr_size_t bytes = 0;

        check_error(sizes[i].what, sizes[i].arg,
                    pwl_setting_size(sizes[i].arg, &bytes, pool),
                    sizes[i].cure);
        tap_ok(bytes == sizes[i].good, sizes[i].what);
    }
    for (size_t i = 0; i < sizeof(ints) / sizeof(ints[0]); i++) {
        int out = 0;

        check_error(
            ints[i].what, ints[i].arg,
            pwl_setting_int(ints[i].arg, ints[i].min, ints[i].max, &out, pool),
            ints[i].cure);
        tap_int(ints[i].what, out, ints[i].good);
    }
}

/** A host of `len` characters, a token of `len` characters. */
static void test_lengths(void)
{
    char host[256], word[PWL_SETTING_TOKEN_MAX + 2];
    const char *out;

    for (int i = 0; i < 254; i++)
        host[i] = i % 2 ? '.' : 'a';
    host[253] = '\0';
    check_error("as long as a host may be", host, domain(host, &out), NULL);
    memcpy(host + 253, "b", 2);
    check_error("C1: a longer host", host, domain(host, &out), "at most 253");

    memset(word, 'a', sizeof(word));
    word[PWL_SETTING_TOKEN_MAX] = '\0';
    check_error("as long as a token may be", word, token(word, &out), NULL);
    memcpy(word + PWL_SETTING_TOKEN_MAX, "a", 2);
    check_error("C1: a longer token", word, token(word, &out), "at most 256");
}

#define TEXTS(table) table, sizeof(table) / sizeof((table)[0])

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_texts(TEXTS(domains), domain);
    test_texts(TEXTS(https_urls), https_url);
    test_texts(TEXTS(http_urls), http_url);
    test_texts(TEXTS(paths), path);
    test_texts(TEXTS(tokens), token);
    test_numbers();
    test_times();
    test_words();
    test_stores();
    test_lengths();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
