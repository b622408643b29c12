/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of sign-ins, used by many at once: fifty threads of two processes
 * post codes and states, and an owner is killed in the middle of a change.
 */
#include <apr_general.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crowd.h"
#include "tap.h"
#include "txns_fixture.h"

#define NOW apr_time_from_sec(1700000000)
#define SEC(n) apr_time_from_sec(n)

/* What the threads of fifty() work on. */
static pwl_txns_t *table;

/* Fifty threads in two processes, each does `work` with a code of its own. */
static void fifty(pwl_txns_t *txns, void *(*work)(void *code))
{
    pthread_t thread[THREADS];
    intptr_t p, i;

    table = txns;
    tally = shared(sizeof(*tally));
    fflush(stdout);
    for (p = 0; p < 2; p++) {
        if (fork() != 0)
            continue;
        for (i = 0; i < THREADS; i++)
            pthread_create(&thread[i], NULL, work, (void *)(p * THREADS + i));
        for (i = 0; i < THREADS; i++)
            pthread_join(thread[i], NULL);
        _exit(0);
    }
    while (wait(NULL) > 0)
        ;
}

/* Both work on a copy and take their time to write it back: without a lock
 * they would all begin with the same record. */
static void begin_try(pwl_flow_t *flow, void *baton)
{
    try_t *attempt = baton;
    pwl_flow_t copy = *flow;

    attempt->verdict = pwl_flow_verify(&copy, attempt->digest, NOW, &policy);
    usleep(50);
    *flow = copy;
}

static void end_try(pwl_flow_t *flow, void *baton)
{
    try_t *attempt = baton;
    pwl_flow_t copy = *flow;

    attempt->told = pwl_flow_verified(&copy, attempt->outcome, 0, NULL, 0, NOW);
    usleep(50);
    *flow = copy;
}

static void send_code(pwl_flow_t *flow, void *baton)
{
    pwl_flow_send(flow, baton, NOW, &policy);
    pwl_flow_sent(flow, PWL_OK, 0, 0, NOW);
}

/* Post `code`; who has to call takes a call's time and reports `outcome`, who
 * has to wait waits. */
static void *post_code(intptr_t code, pwl_reason_t outcome)
{
    unsigned char id[PWL_TXN_BYTES];
    try_t attempt = {.outcome = outcome};
    pwl_flow_verdict_t *v = &attempt.verdict;
    int patience = 20000; /* two seconds, then this post fails */

    id_of(1, id);
    memset(attempt.digest, (int)code, sizeof(attempt.digest));
    wait_for_all();
    do {
        usleep(100);
        pwl_txns_with(table, id, 0, NOW, 0, begin_try, &attempt);
    } while (--patience > 0 &&
             (v->act == PWL_FLOW_DO_JOIN || v->why == PWL_FLOW_BUSY));
    if (!must_call(v))
        return NULL;
    usleep(2000);
    pwl_txns_with(table, id, 0, NOW, 0, end_try, &attempt);
    if (attempt.told == PWL_OK)
        add(&tally->firsts);
    return NULL;
}

static void *guess(void *code)
{
    return post_code((intptr_t)code, PWL_TENANT_WRONG_CODE);
}

static void *know(void *code)
{
    return post_code(1, PWL_OK);
}

static void *use(void *code)
{
    unsigned char id[PWL_TXN_BYTES];

    id_of(7, id);
    wait_for_all();
    if (pwl_txns_use_once(table, id, NOW, NOW + SEC(900)).why == PWL_OK)
        add(&tally->firsts);
    return NULL;
}

static pwl_txns_t *table_with_code(void)
{
    unsigned char id[PWL_TXN_BYTES];
    pwl_txns_t *txns = table_of(64);

    pwl_txns_with(txns, id_of(1, id), 1, NOW, NOW + SEC(900), send_code, id);
    return txns;
}

static void parallel(void)
{
    fifty(table_with_code(), guess);

    tap_int("L15: fifty guesses at once make three calls", tally->calls, 3);
    tap_int("L15: and the others are refused", tally->refused, 47);
    fifty(table_with_code(), know);
    tap_int("L15: fifty posts of the right code make one call", tally->calls,
            1);
    tap_int("L15: and one session", tally->firsts, 1);
    tap_int("L15: which the others are told of", tally->repeats, 49);
    fifty(table_of(64), use);
    tap_int("O3: of fifty at once one uses a state", tally->firsts, 1);
}

static void die(pwl_flow_t *flow, void *baton)
{
    flow->sends = 99;
    kill(getpid(), SIGKILL);
    pause();
}

static void no_change(pwl_flow_t *flow, void *baton)
{
}

static int is_there(pwl_txns_t *txns, unsigned n)
{
    unsigned char id[PWL_TXN_BYTES];

    return pwl_txns_with(txns, id_of(n, id), 0, NOW, 0, no_change, NULL).why ==
           PWL_OK;
}

static void killed_owner(void)
{
    unsigned char id[PWL_TXN_BYTES];
    pwl_txns_t *txns = table_of(8);
    pwl_txns_stats_t stats;
    unsigned n;
    pid_t child;

    for (n = 1; n <= 8; n++)
        pwl_txns_with(txns, id_of(n, id), 1, NOW, NOW + SEC(900), no_change,
                      NULL);
    fflush(stdout);
    child = fork();
    if (child == 0) {
        pwl_txns_with(txns, id_of(4, id), 0, NOW, 0, die, NULL);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    tap_ok(!is_there(txns, 4),
           "S16: the record its owner was killed in is gone");
    tap_ok(is_there(txns, 3) && is_there(txns, 5),
           "S16: its neighbours are still there");
    pwl_txns_stats(txns, &stats);
    tap_int("S16: it was one repair", (int)stats.repaired, 1);
    pwl_txns_with(txns, id_of(4, id), 1, NOW, NOW + SEC(900), no_change, NULL);
    pwl_txns_stats(txns, &stats);
    tap_ok(is_there(txns, 4) && stats.evicted == 0,
           "S16: and its slot is used again");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    parallel();
    killed_owner();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
