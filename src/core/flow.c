/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sign-in as a table: a row for each state, a column for each event, and
 * a small function in each cell.
 *
 * Two kinds of event come in. What a person does (SEND, VERIFY) is answered
 * with a verdict: call the tenant, repeat, wait, refuse. What became of a call
 * (SENT to UNCHECKED) moves the record on; STALE is the outcome nobody
 * reported. The httpd layer performs the calls and reports them, io/txns.c
 * keeps two events of one record apart.
 *
 * A try is counted when its call begins, not when it ends: so a crash, a late
 * outcome or one that is reported twice can only cost a person a try, never
 * give an attacker one more. Everything that gives something back (UNSENT,
 * UNCHECKED) therefore works in one state only, the one of its own call.
 *
 * The state before a send is not stored but read off the record: never sent
 * is NONE, all tries used is SPENT, else WAITING. This is why SPENT always has
 * tries == PWL_FLOW_TRIES, also when the tenant ended the code early.
 */
#include "core/flow.h"

#include <openssl/crypto.h>
#include <string.h>

/* All that an event brings along. */
typedef struct {
    const unsigned char *bytes; /* address, code, or masked session id */
    pwl_reason_t why;           /* outcome: what to tell and to keep */
    apr_time_t until;           /* outcome: pause the tenant asked for */
    apr_time_t now;
    const pwl_flow_policy_t *policy; /* SEND, VERIFY and STALE only */
} input_t;

typedef pwl_flow_verdict_t step_fn_t(pwl_flow_t *flow, const input_t *in);

static pwl_flow_verdict_t verdict(const pwl_flow_t *flow, pwl_flow_do_t act,
                                  pwl_reason_t why, apr_interval_time_t wait)
{
    return (pwl_flow_verdict_t){act, why, wait, pwl_flow_tries_left(flow)};
}

static pwl_flow_verdict_t refuse(const pwl_flow_t *flow, pwl_reason_t why)
{
    return verdict(flow, PWL_FLOW_DO_REFUSE, why, 0);
}

/* Of a repeated post, or of an outcome: what the person is to hear. */
static pwl_flow_verdict_t tell(const pwl_flow_t *flow, pwl_reason_t why)
{
    return verdict(flow, PWL_FLOW_DO_REPEAT, why, 0);
}

/* A clock that was set back has let no time pass. */
static apr_interval_time_t elapsed(apr_time_t now, apr_time_t since)
{
    return now > since ? now - since : 0;
}

static int same(const unsigned char *a, const unsigned char *b)
{
    return CRYPTO_memcmp(a, b, 16) == 0;
}

/* A far-off or absurd date must not keep a person out for years. */
static apr_time_t pause_until(apr_time_t until, apr_time_t now)
{
    if (until > now + PWL_FLOW_PAUSE_MAX)
        return now + PWL_FLOW_PAUSE_MAX;
    return until > now ? until : 0;
}

static apr_interval_time_t cool_down(const pwl_flow_t *flow,
                                     const pwl_flow_policy_t *policy)
{
    if (flow->sends == 0)
        return 0;
    return policy->resend[flow->sends < 3 ? flow->sends - 1 : 2];
}

static pwl_flow_state_t resting_state(const pwl_flow_t *flow)
{
    if (flow->sent == 0)
        return PWL_FLOW_STATE_NONE;
    return flow->tries < PWL_FLOW_TRIES ? PWL_FLOW_STATE_WAITING
                                        : PWL_FLOW_STATE_SPENT;
}

/* Is this the code answered last, and is that so short a time ago that it is
 * a second click rather than a second thought? */
static int is_repeat(const pwl_flow_t *flow, const input_t *in)
{
    return flow->answered != 0 &&
           elapsed(in->now, flow->answered) < PWL_FLOW_REPEAT &&
           same(flow->last_code, in->bytes);
}

static pwl_flow_verdict_t ask_first(pwl_flow_t *flow, const input_t *in)
{
    apr_interval_time_t wait = pwl_flow_send_wait(flow, in->now, in->policy);

    /* Whoever asked last may see step 2, which tells the wait. */
    memcpy(flow->address, in->bytes, sizeof(flow->address));
    if (wait > 0)
        return verdict(flow, PWL_FLOW_DO_REFUSE, PWL_FLOW_WAIT, wait);
    flow->state = PWL_FLOW_STATE_SENDING;
    flow->sends++;
    flow->began = in->now;
    return verdict(flow, PWL_FLOW_DO_CALL, PWL_OK, 0);
}

static pwl_flow_verdict_t ask_again(pwl_flow_t *flow, const input_t *in)
{
    apr_interval_time_t window = cool_down(flow, in->policy);

    if (!same(flow->address, in->bytes))
        return refuse(flow, PWL_FLOW_UNKNOWN);
    if (flow->state == PWL_FLOW_STATE_SENDING)
        return tell(flow, PWL_OK);
    /* An operator who sets a shorter cool-down wants mail after it, not the
     * claim that mail was sent. */
    if (window > PWL_FLOW_REPEAT)
        window = PWL_FLOW_REPEAT;
    if (elapsed(in->now, flow->sent) < window)
        return tell(flow, PWL_OK);
    if (flow->sends >= PWL_FLOW_SENDS)
        return verdict(flow, PWL_FLOW_DO_REFUSE, PWL_FLOW_LIMIT,
                       pwl_flow_send_wait(flow, in->now, in->policy));
    return ask_first(flow, in);
}

/* While CHECKING, since a new mail would kill the code that is just being
 * looked at; and when DONE. */
static pwl_flow_verdict_t ask_in_vain(pwl_flow_t *flow, const input_t *in)
{
    pwl_reason_t why =
        flow->state == PWL_FLOW_STATE_DONE ? PWL_FLOW_DONE : PWL_FLOW_BUSY;

    return refuse(flow,
                  same(flow->address, in->bytes) ? why : PWL_FLOW_UNKNOWN);
}

static pwl_flow_verdict_t code_sent(pwl_flow_t *flow, const input_t *in)
{
    flow->state = PWL_FLOW_STATE_WAITING;
    flow->sent = in->now;
    flow->tries = 0;
    flow->flash = in->why;
    flow->answer = PWL_OK;
    flow->answered = 0;
    flow->retry_after = pause_until(in->until, in->now);
    OPENSSL_cleanse(flow->last_code, sizeof(flow->last_code));
    OPENSSL_cleanse(flow->typed, sizeof(flow->typed));
    return tell(flow, in->why);
}

static pwl_flow_verdict_t send_undone(pwl_flow_t *flow, const input_t *in)
{
    flow->state = resting_state(flow);
    if (flow->sends > 0)
        flow->sends--;
    flow->flash = in->why;
    flow->retry_after = pause_until(in->until, in->now);
    return tell(flow, in->why);
}

static pwl_flow_verdict_t send_abandoned(pwl_flow_t *flow, const input_t *in)
{
    input_t as_if = *in;

    /* Whoever asked died before the answer; the mail may be on its way. */
    as_if.now = flow->began;
    return code_sent(flow, &as_if);
}

static pwl_flow_verdict_t judge_unsent(pwl_flow_t *flow, const input_t *in)
{
    return refuse(flow, flow->sent == 0 ? PWL_FLOW_UNKNOWN : PWL_FLOW_BUSY);
}

static pwl_flow_verdict_t judge_code(pwl_flow_t *flow, const input_t *in)
{
    if (is_repeat(flow, in))
        return tell(flow, flow->answer);
    if (flow->tries >= PWL_FLOW_TRIES) /* always so in SPENT */
        return refuse(flow, PWL_FLOW_SPENT);
    if (pwl_flow_code_expired(flow, in->now, in->policy))
        return refuse(flow, PWL_FLOW_EXPIRED);
    if (flow->check_after > in->now)
        return verdict(flow, PWL_FLOW_DO_REFUSE, PWL_TENANT_RATE_LIMIT,
                       flow->check_after - in->now);
    flow->state = PWL_FLOW_STATE_CHECKING;
    flow->began = in->now;
    flow->tries++;
    flow->flash = PWL_OK;
    flow->answered = 0;
    flow->joined = 0;
    memcpy(flow->last_code, in->bytes, sizeof(flow->last_code));
    return verdict(flow, PWL_FLOW_DO_CALL, PWL_OK, 0);
}

static pwl_flow_verdict_t judge_second(pwl_flow_t *flow, const input_t *in)
{
    if (!same(flow->last_code, in->bytes) || flow->joined >= PWL_FLOW_JOINS)
        return refuse(flow, PWL_FLOW_BUSY);
    flow->joined++;
    return verdict(flow, PWL_FLOW_DO_JOIN, PWL_OK, 0);
}

static pwl_flow_verdict_t judge_done(pwl_flow_t *flow, const input_t *in)
{
    /* Longer than for a refusal: the second click must reach the session even
     * if the page it leads to is slow. */
    if (flow->answered != 0 &&
        elapsed(in->now, flow->done) < PWL_FLOW_REPEAT * 3 &&
        same(flow->last_code, in->bytes))
        return tell(flow, PWL_OK);
    return refuse(flow, PWL_FLOW_DONE);
}

static void answer(pwl_flow_t *flow, const input_t *in, pwl_reason_t why)
{
    flow->answer = why;
    flow->answered = in->now;
    flow->flash = why;
    flow->check_after = pause_until(in->until, in->now);
}

static pwl_flow_verdict_t signed_in(pwl_flow_t *flow, const input_t *in)
{
    answer(flow, in, PWL_OK);
    flow->state = PWL_FLOW_STATE_DONE;
    flow->done = in->now;
    if (in->bytes)
        memcpy(flow->sid, in->bytes, sizeof(flow->sid));
    OPENSSL_cleanse(flow->typed, sizeof(flow->typed));
    return tell(flow, PWL_OK);
}

static pwl_flow_verdict_t signed_in_late(pwl_flow_t *flow, const input_t *in)
{
    if (flow->sent == 0)
        return tell(flow, PWL_FLOW_UNKNOWN);
    (void)signed_in(flow, in);
    /* Which code it was is no longer known: let none count as a repeat. */
    flow->answered = 0;
    OPENSSL_cleanse(flow->last_code, sizeof(flow->last_code));
    return tell(flow, PWL_OK);
}

static pwl_flow_verdict_t signed_in_twice(pwl_flow_t *flow, const input_t *in)
{
    return tell(flow, PWL_FLOW_DONE);
}

static pwl_flow_verdict_t code_dead(pwl_flow_t *flow, const input_t *in)
{
    flow->tries = PWL_FLOW_TRIES;
    flow->state = PWL_FLOW_STATE_SPENT;
    answer(flow, in, in->why);
    return tell(flow, in->why);
}

/* The tenant said no, or nothing that we understood: the try is used. */
static pwl_flow_verdict_t code_refused(pwl_flow_t *flow, const input_t *in)
{
    pwl_reason_t why = in->why;

    flow->state = resting_state(flow);
    if (why == PWL_FLOW_WRONG && flow->state == PWL_FLOW_STATE_SPENT)
        why = PWL_FLOW_SPENT;
    answer(flow, in, why);
    return tell(flow, why);
}

static pwl_flow_verdict_t check_undone(pwl_flow_t *flow, const input_t *in)
{
    if (flow->tries > 0)
        flow->tries--;
    (void)code_refused(flow, in);
    /* Nothing was asked, so the same code posted again is no repeat. */
    flow->answered = 0;
    return tell(flow, in->why);
}

static pwl_flow_verdict_t check_abandoned(pwl_flow_t *flow, const input_t *in)
{
    flow->state = resting_state(flow);
    return tell(flow, PWL_OK);
}

/* An outcome of a call given up before, or of no call at all. */
static pwl_flow_verdict_t too_late(pwl_flow_t *flow, const input_t *in)
{
    return tell(flow, in->why);
}

/* A row a state, the columns in the order of pwl_flow_event_t:
 *    SEND, SENT, UNSENT,
 *    VERIFY, GOOD, WRONG, DEAD, FAILED, UNCHECKED,
 *    STALE */
/* clang-format off */
static step_fn_t *const steps[PWL_FLOW_STATE_COUNT][PWL_FLOW_EV_COUNT] = {
    [PWL_FLOW_STATE_NONE] = {
        ask_first, too_late, too_late,
        judge_unsent, signed_in_late, too_late, too_late, too_late, too_late,
        too_late},
    [PWL_FLOW_STATE_SENDING] = {
        ask_again, code_sent, send_undone,
        judge_unsent, signed_in_late, too_late, too_late, too_late, too_late,
        send_abandoned},
    [PWL_FLOW_STATE_WAITING] = {
        ask_again, too_late, too_late,
        judge_code, signed_in_late, too_late, too_late, too_late, too_late,
        too_late},
    [PWL_FLOW_STATE_CHECKING] = {
        ask_in_vain, too_late, too_late,
        judge_second, signed_in, code_refused, code_dead, code_refused,
        check_undone, check_abandoned},
    [PWL_FLOW_STATE_SPENT] = {
        ask_again, too_late, too_late,
        judge_code, signed_in_late, too_late, too_late, too_late, too_late,
        too_late},
    [PWL_FLOW_STATE_DONE] = {
        ask_in_vain, too_late, too_late,
        judge_done, signed_in_twice, too_late, too_late, too_late, too_late,
        too_late},
};
/* clang-format on */

int pwl_flow_has_step(pwl_flow_state_t state, pwl_flow_event_t event)
{
    return (unsigned)state < PWL_FLOW_STATE_COUNT &&
           (unsigned)event < PWL_FLOW_EV_COUNT && steps[state][event];
}

static pwl_flow_verdict_t take_step(pwl_flow_t *flow, pwl_flow_event_t event,
                                    const input_t *in)
{
    if (!pwl_flow_has_step((pwl_flow_state_t)flow->state, event))
        return verdict(flow, PWL_FLOW_DO_BUG, PWL_FLOW_UNKNOWN, 0);
    return steps[flow->state][event](flow, in);
}

pwl_flow_verdict_t pwl_flow_send(pwl_flow_t *flow, const unsigned char *address,
                                 apr_time_t now,
                                 const pwl_flow_policy_t *policy)
{
    input_t in = {.bytes = address, .now = now, .policy = policy};

    pwl_flow_settle(flow, now, policy);
    return take_step(flow, PWL_FLOW_EV_SEND, &in);
}

void pwl_flow_sent(pwl_flow_t *flow, pwl_reason_t why, int certain,
                   apr_time_t retry_after, apr_time_t now)
{
    input_t in = {.why = why, .until = retry_after, .now = now};
    pwl_flow_event_t event = PWL_FLOW_EV_SENT;

    if (why == PWL_TENANT_CLOSED)
        in.why = PWL_OK;
    else if (why != PWL_OK && certain)
        event = PWL_FLOW_EV_UNSENT;
    (void)take_step(flow, event, &in);
}

pwl_flow_verdict_t pwl_flow_verify(pwl_flow_t *flow, const unsigned char *code,
                                   apr_time_t now,
                                   const pwl_flow_policy_t *policy)
{
    input_t in = {.bytes = code, .now = now, .policy = policy};

    pwl_flow_settle(flow, now, policy);
    return take_step(flow, PWL_FLOW_EV_VERIFY, &in);
}

pwl_reason_t pwl_flow_verified(pwl_flow_t *flow, pwl_reason_t why, int certain,
                               const unsigned char *sid, apr_time_t retry_after,
                               apr_time_t now)
{
    input_t in = {.bytes = sid, .why = why, .until = retry_after, .now = now};
    pwl_flow_event_t event =
        certain ? PWL_FLOW_EV_UNCHECKED : PWL_FLOW_EV_FAILED;

    if (why == PWL_OK)
        event = PWL_FLOW_EV_GOOD;
    if (why == PWL_TENANT_WRONG_CODE) {
        event = PWL_FLOW_EV_WRONG;
        in.why = PWL_FLOW_WRONG;
    }
    if (why == PWL_TENANT_EXPIRED_CODE || why == PWL_TENANT_SPENT_CODE) {
        event = PWL_FLOW_EV_DEAD;
        in.why =
            why == PWL_TENANT_SPENT_CODE ? PWL_FLOW_SPENT : PWL_FLOW_EXPIRED;
    }
    if (why == PWL_TENANT_STEP) /* it was right, and is used up by that */
        event = PWL_FLOW_EV_DEAD;
    return take_step(flow, event, &in).why;
}

static void not_ahead(apr_time_t *when, apr_time_t now)
{
    *when = *when > now ? now : *when;
}

void pwl_flow_settle(pwl_flow_t *flow, apr_time_t now,
                     const pwl_flow_policy_t *policy)
{
    input_t in = {.now = now, .policy = policy};
    int is_calling = flow->state == PWL_FLOW_STATE_SENDING ||
                     flow->state == PWL_FLOW_STATE_CHECKING;

    not_ahead(&flow->began, now);
    not_ahead(&flow->sent, now);
    not_ahead(&flow->answered, now);
    not_ahead(&flow->done, now);
    flow->retry_after = pause_until(flow->retry_after, now);
    flow->check_after = pause_until(flow->check_after, now);

    if (is_calling && elapsed(now, flow->began) > policy->call_limit)
        (void)take_step(flow, PWL_FLOW_EV_STALE, &in);
}

int pwl_flow_code_expired(const pwl_flow_t *flow, apr_time_t now,
                          const pwl_flow_policy_t *policy)
{
    return elapsed(now, flow->sent) > policy->code_lifetime + PWL_FLOW_GRACE;
}

apr_interval_time_t pwl_flow_send_wait(const pwl_flow_t *flow, apr_time_t now,
                                       const pwl_flow_policy_t *policy)
{
    apr_time_t since =
        flow->state == PWL_FLOW_STATE_SENDING ? flow->began : flow->sent;
    apr_interval_time_t gone = elapsed(now, since);
    apr_interval_time_t wait = cool_down(flow, policy);
    apr_time_t pause = pause_until(flow->retry_after, now);

    wait = wait > gone ? wait - gone : 0;
    if (pause - now > wait)
        wait = pause - now;
    return wait;
}

int pwl_flow_tries_left(const pwl_flow_t *flow)
{
    return flow->tries < PWL_FLOW_TRIES ? PWL_FLOW_TRIES - (int)flow->tries : 0;
}
