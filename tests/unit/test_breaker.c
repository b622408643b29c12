/* SPDX-License-Identifier: Apache-2.0 */
/* io/breaker.c: who may try, and who may not. */
#include "io/breaker.h"
#include "tap.h"

#define S(n) apr_time_from_sec(n)

int main(void)
{
    pwl_breaker_t breaker = {0};
    apr_time_t now = S(1700000000), limit = S(2);
    int probes = 0;

    tap_ok(pwl_breaker_allows(&breaker, now, limit) &&
               pwl_breaker_allows(&breaker, now, limit),
           "closed: everybody may");
    tap_int("what went well closes nothing", pwl_breaker_good(&breaker), 0);
    tap_int("a failure opens it", pwl_breaker_failed(&breaker, now), 1);
    tap_int("a second one does not open it again",
            pwl_breaker_failed(&breaker, now), 0);
    tap_ok(pwl_breaker_is_open(&breaker), "it is open");
    tap_ok(!pwl_breaker_allows(&breaker, now, limit), "open: nobody may");
    tap_ok(!pwl_breaker_allows(&breaker, now + PWL_BREAKER_PAUSE - 1, limit),
           "nor at the end of the pause");
    for (int i = 0; i < 100; i++)
        probes += pwl_breaker_allows(&breaker, now + PWL_BREAKER_PAUSE, limit);
    tap_int("after it one of a hundred may", probes, 1);
    now += PWL_BREAKER_PAUSE;
    tap_ok(!pwl_breaker_allows(&breaker, now + limit, limit),
           "and nobody else while it tries");
    tap_ok(pwl_breaker_allows(&breaker, now + limit + PWL_BREAKER_PAUSE, limit),
           "S16: one that never comes back is given up");
    tap_int("the next success closes it", pwl_breaker_good(&breaker), 1);
    tap_ok(!pwl_breaker_is_open(&breaker) &&
               pwl_breaker_allows(&breaker, now, limit),
           "and everybody may");
    pwl_breaker_failed(&breaker, now);
    tap_ok(pwl_breaker_allows(&breaker, now - S(3600), limit),
           "S3: a clock set back an hour does not keep it open that long");
    return tap_done();
}
