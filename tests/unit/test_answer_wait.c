/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/answer.c: how long the tenant asks to wait, from Retry-After and
 * x-ratelimit-reset (auth0-api.md 9 and 11 row 20).
 */
#include "core/answer.h"
#include "tap.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void test_wait(void)
{
    /* Sun, 06 Nov 1994 08:49:37 GMT */
    const apr_time_t then = apr_time_from_sec(APR_INT64_C(784111777));
    /* A present at which a reset looks like one. */
    const apr_time_t now = apr_time_from_sec(APR_INT64_C(1800000000));
    const struct {
        const char *what, *retry_after, *reset;
        apr_time_t now;
        int want;
    } cases[] = {
        {"U8: seconds", "7", NULL, now, 7},
        {"U8: seconds before reset", "7", "99", now, 7},
        {"U8: a date", "Sun, 06 Nov 1994 08:50:37 GMT", NULL, then, 60},
        {"U8: a date in the past", "Sun, 06 Nov 1994 08:49:36 GMT", "99", then,
         1},
        {"U8: a date far away", "Sun, 06 Nov 2094 08:49:37 GMT", NULL, then,
         3600},
        {"U8: negative", "-5", NULL, now, 60},
        {"U8: negative, then reset", "-5", "9", now, 9},
        {"U8: ten years", "315360000", NULL, now, 3600},
        {"U8: beyond any number", "99999999999999999999999999", NULL, now,
         3600},
        {"U8: garbage", "soon", NULL, now, 60},
        {"U8: garbage after digits", "5 s", NULL, now, 60},
        {"U8: empty", "", "", now, 60},
        {"U8: nothing", NULL, NULL, now, 60},
        {"U8: zero", "0", NULL, now, 1},
        {"U8: one", "1", NULL, now, 1},
        {"U8: an hour", "3600", NULL, now, 3600},
        {"U8: an hour and a second", "3601", NULL, now, 3600},
        {"11 row 20: reset as a date", NULL, "1800000030", now, 30},
        {"11 row 20: reset in the past", NULL, "1700000000", now, 1},
        {"11 row 20: reset as a delay", NULL, "45", now, 45},
        {"11 row 20: 10^9 is a delay", NULL, "1000000000", now, 3600},
        {"11 row 20: over 10^9 is a date", NULL, "1000000001", now, 1},
        {"11 row 20: reset garbage", NULL, "0x10", now, 60},
    };
    size_t i;

    for (i = 0; i < COUNT(cases); i++)
        tap_int(cases[i].what,
                apr_time_sec(pwl_answer_wait(cases[i].retry_after,
                                             cases[i].reset, cases[i].now)),
                cases[i].want);
}

static void test_reset(void)
{
    const apr_time_t now = apr_time_from_sec(1800000000) + 250000;
    const struct {
        const char *what, *reset;
        apr_int64_t want; /* microseconds from now; -1: none */
    } cases[] = {
        {"reset: none", NULL, -1},
        {"reset: empty", "", -1},
        {"reset: garbage", "soon", -1},
        {"reset: below nothing", "-5", -1},
        {"reset: a fraction", "1800000030.5", -1},
        {"reset: a date", "1800000030", 30000000},
        {"reset: now", "1800000000", 0},
        {"reset: a date in the past", "1700000000", 0},
        {"reset: a delay", "45", 45000000},
        {"reset: no delay", "0", 0},
        {"reset: a day", "86400", 86400000000},
        {"reset: a day and a second", "86401", 86400000000},
        {"reset: 10^9 is a delay", "1000000000", 86400000000},
        {"reset: a date in a year", "1831536000", 86400000000},
        {"reset: beyond all numbers", "99999999999999999999999999",
         86400000000},
    };
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        apr_time_t at = pwl_answer_reset(cases[i].reset, now);

        tap_int(cases[i].what, at ? at - now : -1, cases[i].want);
    }
}

int main(void)
{
    test_wait();
    test_reset();
    return tap_done();
}
