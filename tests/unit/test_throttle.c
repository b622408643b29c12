/* SPDX-License-Identifier: Apache-2.0 */
/* Buckets: how many at once, when the next, what the wait is. */
#include "core/throttle.h"

#include <apr_general.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

#define SEC(n) apr_time_from_sec(n)
#define NOW SEC(1700000000)

static const pwl_throttle_limit_t five = {5, SEC(900)};

static void test_bucket(void)
{
    apr_time_t at = 0;
    apr_interval_time_t wait;
    int taken = 0;

    while (pwl_throttle_take(&at, NOW, &five) == 0)
        taken++;
    tap_int("L19: five at once, not six", taken, 5);
    wait = pwl_throttle_take(&at, NOW, &five);
    tap_int("L19: the next after a fifth of the time", wait, SEC(180));
    tap_ok(pwl_throttle_take(&at, NOW + wait - 1, &five) > 0,
           "L19: not a microsecond before");
    tap_int("L19: the wait is true", pwl_throttle_take(&at, NOW + wait, &five),
            0);
    tap_int("L19: and then one more is due",
            pwl_throttle_take(&at, NOW + wait, &five), SEC(180));
    tap_int("after a long pause", pwl_throttle_take(&at, NOW + SEC(9999), &five),
            0);
    for (taken = 1; pwl_throttle_take(&at, NOW + SEC(9999), &five) == 0;)
        taken++;
    tap_int("five at once again, and not more", taken, 5);
}

static void test_edges(void)
{
    static const pwl_throttle_limit_t none = {0, 0}, one = {1, SEC(60)};
    apr_time_t at = 0;

    for (int i = 0; i < 100; i++)
        if (pwl_throttle_take(&at, NOW, &none) != 0)
            at = -1;
    tap_int("no limit is none", at, 0);
    tap_int("a limit of one: the first", pwl_throttle_take(&at, NOW, &one), 0);
    tap_int("a limit of one: the second waits",
            pwl_throttle_take(&at, NOW, &one), SEC(60));
    at = NOW + SEC(999999);
    tap_int("a clock set back: no longer than from full",
            pwl_throttle_take(&at, NOW, &five), SEC(180));
    tap_int("and that wait is true",
            pwl_throttle_take(&at, NOW + SEC(180), &five), 0);
    at = 0;
    pwl_throttle_take(&at, NOW, &one);
    pwl_throttle_give_back(&at, &one);
    tap_int("what is given back can be taken", pwl_throttle_take(&at, NOW, &one),
            0);
    pwl_throttle_give_back(&at, &none);
    tap_ok(at > NOW, "to no limit nothing is given back");
}

static const struct {
    const char *arg;
    int kind, count;
    long seconds;
    const char *wrong;
} rows[] = {
    {"address=5/15m", PWL_THROTTLE_BY_ADDRESS, 5, 900, NULL},
    {"client=20/1h", PWL_THROTTLE_BY_CLIENT, 20, 3600, NULL},
    {"site=1000/1d", PWL_THROTTLE_BY_SITE, 1000, 86400, NULL},
    {"site=1/1s", PWL_THROTTLE_BY_SITE, 1, 1, NULL},
    {"site=1000000/7d", PWL_THROTTLE_BY_SITE, 1000000, 604800, NULL},
    {"address=off", PWL_THROTTLE_BY_ADDRESS, 0, 0, NULL},
    {"wrong=50/7d", PWL_THROTTLE_BY_WRONG, 50, 604800, NULL},
    {"wrong=off", PWL_THROTTLE_BY_WRONG, 0, 0, NULL},
    {"wrong=0/7d", 0, 0, 0, "is no limit"},
    {"", 0, 0, 0, "names no limit"},
    {"address", 0, 0, 0, "names no limit"},
    {"Address=5/15m", 0, 0, 0, "names no limit"},
    {"addresses=5/15m", 0, 0, 0, "names no limit"},
    {"address=", 0, 0, 0, "is no limit"},
    {"address=0/15m", 0, 0, 0, "is no limit"},
    {"address=-1/15m", 0, 0, 0, "is no limit"},
    {"address=5", 0, 0, 0, "is no limit"},
    {"address=5/", 0, 0, 0, "is no limit"},
    {"address=5/15", 0, 0, 0, "is no limit"},
    {"address=5/m", 0, 0, 0, "is no limit"},
    {"address=5/0m", 0, 0, 0, "is no limit"},
    {"address=5/15min", 0, 0, 0, "is no limit"},
    {"address=5/8d", 0, 0, 0, "is no limit"},
    {"address=5/604801s", 0, 0, 0, "is no limit"},
    {"address=1000001/1h", 0, 0, 0, "is no limit"},
    {"address=99999999999999999999/1h", 0, 0, 0, "is no limit"},
    {"address=5/99999999999999999999h", 0, 0, 0, "is no limit"},
    {"address=5 / 15m", 0, 0, 0, "is no limit"},
    {"address=Off", 0, 0, 0, "is no limit"},
};

static void test_parse(apr_pool_t *pool)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pwl_throttle_kind_t kind = PWL_THROTTLE_KINDS;
        pwl_throttle_limit_t limit = {-7, -7};
        const char *wrong = pwl_throttle_parse(rows[i].arg, &kind, &limit, pool);

        if (rows[i].wrong) {
            tap_ok(wrong && strstr(wrong, rows[i].wrong) &&
                       strstr(wrong, rows[i].arg) && strstr(wrong, "try "),
                   rows[i].arg);
            tap_ok(kind == PWL_THROTTLE_KINDS && limit.count == -7,
                   "  C1: and nothing is set");
            continue;
        }
        tap_str(rows[i].arg, wrong, NULL);
        tap_ok(kind == (pwl_throttle_kind_t)rows[i].kind &&
                   limit.count == rows[i].count &&
                   limit.period == SEC(rows[i].seconds),
               "  is read right");
    }
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_bucket();
    test_edges();
    test_parse(pool);
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
