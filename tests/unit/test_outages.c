/* SPDX-License-Identifier: Apache-2.0 */
/* io/outages.c: failures in a row, one probe at a time, several tenants. */
#include "io/outages.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/breaker.h"
#include "tap.h"

#define LIMIT apr_time_from_sec(10)
#define S(seconds) apr_time_from_sec(seconds)

static pwl_outages_t *outages;
static apr_time_t now = 1000000;

static int allows(const char *host)
{
    return pwl_outages_allows(outages, host, now, LIMIT);
}

static int note(const char *host, int answered)
{
    return pwl_outages_note(outages, host,
                            answered ? PWL_OK : PWL_HTTPS_TIMEOUT,
                            answered ? 200 : 0, now);
}

static void fail(const char *host, int times)
{
    while (times-- > 0)
        note(host, 0);
}

static void test_opens(void)
{
    fail("a.example", PWL_OUTAGES_FAILURES - 1);
    tap_ok(allows("a.example"), "U16: four failures in a row: it is asked");
    tap_int("U16: an answer", note("a.example", 1), 0);
    fail("a.example", PWL_OUTAGES_FAILURES - 1);
    tap_ok(allows("a.example"), "U16: ends the row");
    tap_int("U16: the fifth", note("a.example", 0), -1);
    tap_ok(!allows("a.example"), "U16: is the last for now");
    tap_int("U16: a call under way that fails is nothing new",
            note("a.example", 0), 0);
    tap_ok(allows("b.example"), "U16: another tenant is asked");
}

static void test_probe(void)
{
    now += PWL_BREAKER_PAUSE;
    tap_ok(allows("a.example"), "U16: after the pause one call tries");
    tap_ok(!allows("a.example"), "U16: and one alone");
    tap_int("U16: it fails", note("a.example", 0), 0);
    tap_ok(!allows("a.example"), "U16: so nobody waits for it");
    now += PWL_BREAKER_PAUSE;
    tap_ok(allows("a.example"), "U16: the next");
    now += LIMIT;
    tap_ok(!allows("a.example"), "U16: may take its time");
    now += PWL_BREAKER_PAUSE;
    tap_ok(allows("a.example"), "U16: if it died, another tries");
    tap_int("U16: an answer: the tenant is back", note("a.example", 1), 1);
    tap_ok(allows("a.example") && allows("a.example"), "U16: for everybody");
    tap_int("U16: which is said once", note("a.example", 1), 0);
    fail("a.example", PWL_OUTAGES_FAILURES - 1);
    tap_ok(allows("a.example"), "U16: and the row begins anew");
}

static void test_kinds(void)
{
    static const struct {
        pwl_reason_t why;
        int status, is_failure;
    } rows[] = {
        {PWL_HTTPS_RESOLVE, 0, 1},
        {PWL_HTTPS_CONNECT, 0, 1},
        {PWL_HTTPS_TLS, 0, 1},
        {PWL_HTTPS_TIMEOUT, 0, 1},
        {PWL_HTTPS_FAILED, 0, 1},
        {PWL_HTTPS_FAILED, 200, 1},
        {PWL_OK, 502, 1},
        {PWL_OK, 503, 1},
        {PWL_OK, 504, 1},
        {PWL_OK, 200, 0},
        {PWL_OK, 400, 0},
        {PWL_OK, 429, 0},
        {PWL_OK, 500, 0},
        {PWL_OK, 501, 0},
        {PWL_OK, 505, 0},
        {PWL_HTTPS_REDIRECT, 302, 0},
        {PWL_HTTPS_TOO_LARGE, 200, 0},
    };
    char what[80];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        note("a.example", 1);
        fail("a.example", PWL_OUTAGES_FAILURES - 1);
        snprintf(what, sizeof(what), "U16: %s, status %d: %s",
                 pwl_reason_word(rows[i].why), rows[i].status,
                 rows[i].is_failure ? "a failure" : "an answer");
        tap_int(what,
                pwl_outages_note(outages, "a.example", rows[i].why,
                                 rows[i].status, now),
                rows[i].is_failure ? -1 : 0);
    }
    note("a.example", 1);
}

static void test_processes(void)
{
    int i;

    for (i = 0; i < PWL_OUTAGES_FAILURES; i++) {
        if (fork() == 0) {
            note("c.example", 0);
            _exit(0);
        }
    }
    while (wait(NULL) > 0)
        ;
    tap_ok(!allows("c.example"), "U16: failures of several processes add up");
}

/* As many as are told apart; of more, each is asked or refused like another. */
static void test_many(void)
{
    char host[32];
    int right = 0;

    memset(outages, 0, pwl_outages_bytes());
    for (int i = 0; i < PWL_OUTAGES_SLOTS; i += 2) {
        snprintf(host, sizeof(host), "t%d.example", i);
        fail(host, PWL_OUTAGES_FAILURES);
    }
    for (int i = 0; i < PWL_OUTAGES_SLOTS; i++) {
        snprintf(host, sizeof(host), "t%d.example", i);
        right += allows(host) == i % 2;
    }
    tap_int("U16: none of sixty-four shares another's fate", right,
            PWL_OUTAGES_SLOTS);
    fail("more.example", PWL_OUTAGES_FAILURES);
    tap_ok(!allows("more.example"), "U16: one more is watched, too");
}

int main(void)
{
    outages = mmap(NULL, pwl_outages_bytes(), PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (outages == MAP_FAILED)
        abort();
    test_opens();
    test_probe();
    test_kinds();
    test_processes();
    test_many();
    return tap_done();
}
