/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test Anything Protocol for our C tests: a sentence and a verdict a line.
 * tap_done() prints the plan and gives main() its exit status.
 */
#ifndef PWL_TESTS_TAP_H
#define PWL_TESTS_TAP_H

#include <stdio.h>
#include <string.h>

static int tap_count;
static int tap_failed;

static inline int tap_ok(int good, const char *what)
{
    printf("%sok %d - %s\n", good ? "" : "not ", ++tap_count, what);
    fflush(stdout); /* a fork would copy what is still in the buffer */
    if (!good)
        tap_failed++;
    return good;
}

/** Equal strings; NULL equals NULL only. */
static inline int tap_str(const char *what, const char *got, const char *want)
{
    int good = (!got || !want) ? got == want : strcmp(got, want) == 0;

    if (!tap_ok(good, what))
        printf("#   got: %s\n#  want: %s\n", got ? got : "(null)",
               want ? want : "(null)");
    return good;
}

static inline int tap_int(const char *what, long long got, long long want)
{
    if (!tap_ok(got == want, what))
        printf("#   got: %lld\n#  want: %lld\n", got, want);
    return got == want;
}

static inline int tap_done(void)
{
    printf("1..%d\n", tap_count);
    return tap_failed ? 1 : 0;
}

#endif
