/* SPDX-License-Identifier: Apache-2.0 */
/* The sign-in as a state machine: no hole in the table, then stories. */
#include "flow_rows.h"
#include "tap.h"

#define START apr_time_from_sec(1700000000)

static const pwl_flow_policy_t policy = {
    .resend = {apr_time_from_sec(60), apr_time_from_sec(120),
               apr_time_from_sec(300)},
    .code_lifetime = apr_time_from_sec(180),
    .call_limit = apr_time_from_sec(20),
};

static const unsigned char sid[PWL_SID_BYTES] =
    "the masked id of a session made";

static void fill(unsigned char *digest, int byte)
{
    memset(digest, byte, 16);
}

/* Do one row; outcomes come back as a verdict with their reason. */
static pwl_flow_verdict_t perform(pwl_flow_t *flow, const row_t *row)
{
    apr_time_t now = START + apr_time_from_sec(row->at);
    apr_time_t until = now + apr_time_from_sec(row->arg);
    pwl_reason_t why = (pwl_reason_t)row->arg;
    pwl_flow_policy_t hasty = policy;
    pwl_flow_verdict_t v = {0};
    unsigned char digest[16];

    fill(digest, row->arg);
    switch (row->op) {
    case NEW:
    case MAIL:
        memset(flow, 0, sizeof(*flow));
        if (row->op == MAIL)
            (void)pwl_flow_send(flow, digest, now, &policy);
        pwl_flow_sent(flow, PWL_OK, 0, 0, now);
        break;
    case SEND:
        return pwl_flow_send(flow, digest, now, &policy);
    case SEND_4S:
        hasty.resend[0] = apr_time_from_sec(4);
        return pwl_flow_send(flow, digest, now, &hasty);
    case TRY:
        return pwl_flow_verify(flow, digest, now, &policy);
    case SENT:
        pwl_flow_sent(flow, why, 0, 0, now);
        break;
    case UNSENT:
        pwl_flow_sent(flow, why, 1, 0, now);
        break;
    case PAUSED:
        pwl_flow_sent(flow, PWL_TENANT_RATE_LIMIT, 1, until, now);
        break;
    case CAME:
    case UNSEEN:
        v.why = pwl_flow_verified(flow, why, row->op == UNSEEN,
                                  why == PWL_OK ? sid : NULL, 0, now);
        break;
    case LATER:
        v.why =
            pwl_flow_verified(flow, PWL_TENANT_RATE_LIMIT, 1, NULL, until, now);
    }
    if (row->op == SENT || row->op == UNSENT || row->op == PAUSED)
        v.why = (pwl_reason_t)flow->flash;
    v.tries_left = pwl_flow_tries_left(flow);
    return v;
}

static void stories(void)
{
    pwl_flow_t flow = {0};
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const row_t *row = &rows[i];
        pwl_flow_verdict_t v = perform(&flow, row);

        if (!row->what)
            continue;
        if (!tap_ok(v.act == row->act && v.why == row->why &&
                        v.wait == apr_time_from_sec(row->wait) &&
                        flow.state == (apr_uint32_t)row->state &&
                        v.tries_left == row->left &&
                        (memcmp(flow.sid, sid, sizeof(sid)) == 0) ==
                            (flow.state == DONE),
                    row->what))
            printf("#  got act %d %s wait %ld state %u left %d\n", v.act,
                   pwl_reason_word(v.why), (long)apr_time_sec(v.wait),
                   flow.state, v.tries_left);
    }
}

static void no_hole(void)
{
    char what[80];
    int state, event;

    for (state = 0; state < PWL_FLOW_STATE_COUNT; state++)
        for (event = 0; event < PWL_FLOW_EV_COUNT; event++) {
            snprintf(what, sizeof(what), "state %d knows event %d", state,
                     event);
            tap_ok(pwl_flow_has_step((pwl_flow_state_t)state,
                                     (pwl_flow_event_t)event),
                   what);
        }
    tap_ok(!pwl_flow_has_step(PWL_FLOW_STATE_COUNT, PWL_FLOW_EV_SEND) &&
               !pwl_flow_has_step(PWL_FLOW_STATE_NONE, PWL_FLOW_EV_COUNT),
           "no state and no event past the last");
}

static void damaged_state(void)
{
    pwl_flow_t flow = {.state = PWL_FLOW_STATE_COUNT}, before = flow;
    unsigned char digest[16] = {0};

    tap_int("a state that is none is a bug for a send",
            pwl_flow_send(&flow, digest, START, &policy).act, PWL_FLOW_DO_BUG);
    tap_int("a state that is none is a bug for a code",
            pwl_flow_verify(&flow, digest, START, &policy).act,
            PWL_FLOW_DO_BUG);
    tap_ok(pwl_flow_verified(&flow, PWL_OK, 1, sid, 0, START) != PWL_OK &&
               memcmp(&flow, &before, sizeof(flow)) == 0,
           "a state that is none makes no session and is left alone");
}

/* Fifty posts as the lock of io/txns.c lines them up, each outcome reported
 * before the next. @return the calls made */
static int fifty_posts(int different, pwl_reason_t outcome)
{
    pwl_flow_t flow = {0};
    row_t mail = {"", MAIL, 7}, post = {"", TRY, 1}, came = {"", CAME};
    int i, calls = 0;

    (void)perform(&flow, &mail);
    came.arg = outcome;
    for (i = 0; i < 50; i++) {
        post.arg = different ? i : 1;
        if (perform(&flow, &post).act != CALL)
            continue;
        calls++;
        (void)perform(&flow, &came);
    }
    return calls;
}

static void cleared_by_a_new_code(void)
{
    static const unsigned char zero[16];
    static const row_t steps[] = {{"", MAIL, 7},
                                  {"", TRY, 1},
                                  {"", CAME, WRONG},
                                  {"", SEND, 7, 60},
                                  {"", SENT, PWL_OK, 60}};
    pwl_flow_t flow = {0};
    size_t i;

    for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        (void)perform(&flow, &steps[i]);
        if (steps[i].op == TRY)
            fill(flow.typed, 9);
        if (steps[i].op == CAME)
            tap_int("a miss leaves a notice for the page", flow.flash,
                    PWL_FLOW_WRONG);
    }
    tap_ok(memcmp(flow.last_code, zero, 16) == 0 &&
               memcmp(flow.typed, zero, 16) == 0 && flow.tries == 0 &&
               flow.flash == PWL_OK,
           "a new code clears tries, last code, typed text and notice");
}

int main(void)
{
    pwl_flow_t ahead = {.sends = 1, .sent = START + 1};

    tap_ok(pwl_flow_send_wait(&ahead, START, &policy) == policy.resend[0],
           "O4: a page that only looks shows no wait above the cool-down");
    no_hole();
    damaged_state();
    stories();
    tap_int("L15: fifty different codes make three calls",
            fifty_posts(1, WRONG), 3);
    tap_int("L15: fifty times the right code make one call",
            fifty_posts(0, PWL_OK), 1);
    cleared_by_a_new_code();
    return tap_done();
}
