/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of sign-ins that many post to at once share: what they count
 * together, a start at the same moment, and a try. */
#ifndef PWL_TESTS_CROWD_H
#define PWL_TESTS_CROWD_H

#include <sched.h>

#include "core/flow.h"

#define THREADS 25 /* in each of two processes */

static const pwl_flow_policy_t policy = {
    .resend = {apr_time_from_sec(60), apr_time_from_sec(120),
               apr_time_from_sec(300)},
    .code_lifetime = apr_time_from_sec(180),
    .call_limit = apr_time_from_sec(20),
};

/* What the processes share besides the records. */
typedef struct {
    int ready, calls, repeats, refused, firsts, failed;
} tally_t;

static tally_t *tally;

static void add(int *counter)
{
    __atomic_fetch_add(counter, 1, __ATOMIC_SEQ_CST);
}

/* All begin at once, or the first is done before the last was made. */
static void wait_for_all(void)
{
    add(&tally->ready);
    while (__atomic_load_n(&tally->ready, __ATOMIC_SEQ_CST) < 2 * THREADS)
        sched_yield();
}

typedef struct {
    unsigned char digest[16];
    pwl_reason_t outcome, told;
    pwl_flow_verdict_t verdict;
} try_t;

/* How the try went: who must call is counted, and has to do it. */
static int must_call(const pwl_flow_verdict_t *v)
{
    if (v->act == PWL_FLOW_DO_REPEAT)
        add(&tally->repeats);
    if (v->act == PWL_FLOW_DO_REFUSE && v->why != PWL_FLOW_BUSY)
        add(&tally->refused);
    if (v->act == PWL_FLOW_DO_CALL)
        add(&tally->calls);
    return v->act == PWL_FLOW_DO_CALL;
}

#endif
