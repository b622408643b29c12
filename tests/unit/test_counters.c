/* SPDX-License-Identifier: Apache-2.0 */
/* io/counters.c: counting by many processes at once, and over a restart. */
#include "io/counters.h"

#include <apr_general.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define PROCESSES 4
#define TIMES 2000000

static apr_pool_t *pool;

static apr_uint64_t read_one(const pwl_counters_t *counters,
                             pwl_metric_t metric, int series)
{
    static pwl_metrics_t metrics;

    pwl_counters_read(counters, &metrics);
    return metrics.cell[pwl_metric_cell(metric, series)];
}

static void test_counting(pwl_counters_t *counters)
{
    apr_size_t at = pwl_metric_cell(PWL_METRIC_PROVIDER_SECONDS, PWL_CALL_JWKS);
    pwl_metrics_t metrics;
    apr_uint64_t sum = 0;
    apr_size_t i;

    tap_int("begins when it is told",
            (long long)read_one(counters, PWL_METRIC_SINCE, 0), 77);
    pwl_counters_add(counters, PWL_METRIC_SESSIONS_ENDED, PWL_ENDED_LOGOUT);
    pwl_counters_refused(counters, PWL_STORE_FULL);
    pwl_counters_refused(counters, PWL_OK);
    pwl_counters_refused(counters, PWL_REASON_COUNT);
    pwl_counters_call(counters, PWL_CALL_JWKS, PWL_OK, 60000);
    pwl_counters_call(counters, PWL_CALL_JWKS, PWL_HTTPS_TIMEOUT, -1);
    pwl_counters_call(counters, PWL_CALL_JWKS, PWL_HTTPS_BUSY, 5);
    pwl_counters_read(counters, &metrics);
    for (i = 0; i < PWL_METRIC_CELLS; i++)
        sum += metrics.cell[i];
    tap_int("one end of a session",
            (long long)read_one(counters, PWL_METRIC_SESSIONS_ENDED,
                                PWL_ENDED_LOGOUT),
            1);
    tap_int(
        "one refusal; \"ok\" is none",
        (long long)read_one(counters, PWL_METRIC_REFUSED, PWL_STORE_FULL - 1),
        1);
    tap_int("a call of 60 ms is in its bucket", (long long)metrics.cell[at + 1],
            1);
    tap_int("a clock set back counts as nothing", (long long)metrics.cell[at],
            1);
    tap_int("microseconds are added up", (long long)metrics.cell[at + 9],
            60000);
    tap_int("a call that was not made has no time, and nothing else changed",
            (long long)sum, 77 + 1 + 1 + 3 + 2 + 60000);
}

static void test_telling(pwl_counters_t *counters)
{
    pwl_metrics_t metrics;
    apr_uint64_t number;
    int known;

    pwl_counters_tell(counters, PWL_METRIC_PROVIDER_LEFT, PWL_CALL_START, 50);
    pwl_counters_tell(counters, PWL_METRIC_PROVIDER_LEFT, PWL_CALL_START, 0);
    pwl_counters_read(counters, &metrics);
    known = pwl_metric_read(&metrics, PWL_METRIC_PROVIDER_LEFT, PWL_CALL_START,
                            &number);
    tap_int("what was told last holds, 0 too", known ? (long long)number : -1,
            0);
    tap_ok(!pwl_metric_read(&metrics, PWL_METRIC_PROVIDER_LEFT, PWL_CALL_JWKS,
                            &number),
           "what was not told is unknown");
}

static void test_processes(pwl_counters_t *counters)
{
    int start[2];
    char go;
    int i, j;

    if (pipe(start) != 0)
        return;
    /* All wait for the pipe to close, or each would be done before the next
     * one is there. */
    for (i = 0; i < PROCESSES; i++)
        if (fork() == 0) {
            close(start[1]);
            if (read(start[0], &go, 1) != 0)
                _exit(1);
            for (j = 0; j < TIMES; j++)
                pwl_counters_add(counters, PWL_METRIC_SESSIONS_CREATED, 0);
            _exit(0);
        }
    close(start[0]);
    close(start[1]);
    while (wait(NULL) > 0)
        ;
    tap_int("of four processes at once, none is lost",
            (long long)read_one(counters, PWL_METRIC_SESSIONS_CREATED, 0),
            PROCESSES * TIMES);
}

static void test_attach(void *base, apr_size_t bytes)
{
    pwl_counters_t *again = NULL;
    apr_uint64_t kept;

    tap_str("S17: the next configuration goes on",
            pwl_reason_word(pwl_counters_attach(base, bytes, &again, pool).why),
            "ok");
    tap_int("S17: where the last one was",
            (long long)read_one(again, PWL_METRIC_SESSIONS_CREATED, 0),
            PROCESSES * TIMES);
    tap_str(
        "too little memory",
        pwl_reason_word(pwl_counters_attach(base, bytes - 1, &again, pool).why),
        "store-failed");
    tap_str("too little to begin in",
            pwl_reason_word(
                pwl_counters_format(base, bytes - 1, 1, &again, pool).why),
            "store-failed");
    memcpy(&kept, (char *)base + 8, 8);
    memset((char *)base + 8, 1, 8);
    tap_str("counters of another module are refused",
            pwl_reason_word(pwl_counters_attach(base, bytes, &again, pool).why),
            "store-failed");
    memcpy((char *)base + 8, &kept, 8);
    memset(base, 0, 8);
    tap_str("and memory that holds none",
            pwl_reason_word(pwl_counters_attach(base, bytes, &again, pool).why),
            "store-failed");
}

int main(void)
{
    apr_size_t bytes = pwl_counters_bytes();
    pwl_counters_t *counters;
    void *base;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                -1, 0);
    memset(base, 0xff, bytes);
    tap_str(
        "counters are made",
        pwl_reason_word(pwl_counters_format(base, bytes, apr_time_from_sec(77),
                                            &counters, pool)
                            .why),
        "ok");
    test_counting(counters);
    test_telling(counters);
    test_processes(counters);
    test_attach(base, bytes);
    apr_terminate();
    return tap_done();
}
