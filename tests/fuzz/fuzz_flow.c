/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any order of events at any times against the four promises of core/flow.h.
 *
 * Four bytes are one event: what, which code or reason, and how many seconds
 * the clock moves (signed, so it goes back too). A model beside the record
 * counts for itself what went out, by the answers alone, and aborts when a
 * promise is broken.
 */
#include "target.h"

#include "core/flow.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PROMISE(x)                                                             \
    do {                                                                       \
        if (!(x))                                                              \
            abort();                                                           \
    } while (0)

typedef struct {
    pwl_flow_t flow;
    apr_time_t now;
    int sends;                              /* asked for and not given back */
    apr_time_t send_at[PWL_FLOW_SENDS + 1]; /* 0: the clock went back since */
    int tries; /* verify calls for the present code, not given back */
    int knows; /* `code` was answered at `answered`, no new code since */
    int code, calling;
    pwl_reason_t answer;
    apr_time_t answered;
    int sessions;
} model_t;

static const pwl_flow_policy_t policy = {
    .resend = {apr_time_from_sec(60), apr_time_from_sec(120),
               apr_time_from_sec(300)},
    .code_lifetime = apr_time_from_sec(180),
    .call_limit = apr_time_from_sec(20),
};

static const pwl_reason_t outcomes[] = {
    PWL_OK,
    PWL_TENANT_WRONG_CODE,
    PWL_TENANT_EXPIRED_CODE,
    PWL_TENANT_SPENT_CODE,
    PWL_TENANT_CLOSED,
    PWL_TENANT_RATE_LIMIT,
    PWL_HTTPS_TIMEOUT,
    PWL_JWT_BAD_SIGNATURE,
};

static void check_verdict(const model_t *m, pwl_flow_verdict_t v)
{
    PROMISE(v.act != PWL_FLOW_DO_BUG);
    PROMISE(v.wait >= 0 && v.wait <= PWL_FLOW_PAUSE_MAX);
    PROMISE(v.tries_left >= 0 && v.tries_left <= PWL_FLOW_TRIES);
    PROMISE(!m->sessions || v.act != PWL_FLOW_DO_CALL);
}

/* A send that was given up as dead counts as sent: new code, new tries. */
static void settle(model_t *m)
{
    apr_uint32_t before = m->flow.state;

    pwl_flow_settle(&m->flow, m->now, &policy);
    if (before == PWL_FLOW_STATE_SENDING && m->flow.state != before) {
        m->tries = 0;
        m->knows = 0;
    }
}

static void ask(model_t *m, int address)
{
    unsigned char digest[16];
    pwl_flow_verdict_t v;
    apr_interval_time_t least;

    memset(digest, address, sizeof(digest));
    settle(m);
    v = pwl_flow_send(&m->flow, digest, m->now, &policy);
    check_verdict(m, v);
    if (v.act != PWL_FLOW_DO_CALL)
        return;
    PROMISE(m->sends < PWL_FLOW_SENDS);
    if (m->sends > 0 && m->send_at[m->sends] != 0) {
        least = policy.resend[m->sends > 3 ? 2 : m->sends - 1];
        PROMISE(m->now - m->send_at[m->sends] >= least);
    }
    m->sends++;
    m->send_at[m->sends] = m->now;
}

static void asked(model_t *m, pwl_reason_t why, int certain, apr_time_t until)
{
    int waited_for = m->flow.state == PWL_FLOW_STATE_SENDING;

    pwl_flow_sent(&m->flow, why, certain, until, m->now);
    if (!waited_for)
        return;
    if (certain && why != PWL_OK && why != PWL_TENANT_CLOSED) {
        m->sends--;
        return;
    }
    m->tries = 0;
    m->knows = 0;
}

static void try_code(model_t *m, int code)
{
    unsigned char digest[16];
    pwl_flow_verdict_t v;

    memset(digest, code, sizeof(digest));
    settle(m);
    v = pwl_flow_verify(&m->flow, digest, m->now, &policy);
    check_verdict(m, v);
    if (m->knows && m->code == code && m->now >= m->answered &&
        m->now - m->answered < PWL_FLOW_REPEAT)
        PROMISE(m->flow.state == PWL_FLOW_STATE_SENDING ||
                (v.act == PWL_FLOW_DO_REPEAT && v.why == m->answer));
    if (v.act != PWL_FLOW_DO_CALL)
        return;
    m->tries++;
    PROMISE(m->tries <= PWL_FLOW_TRIES);
    m->knows = 0;
    m->calling = code;
}

static void tried(model_t *m, pwl_reason_t why, int certain, apr_time_t until)
{
    static const unsigned char sid[PWL_SID_BYTES] = {1};
    int waited_for = m->flow.state == PWL_FLOW_STATE_CHECKING;
    pwl_reason_t told;

    told = pwl_flow_verified(&m->flow, why, certain, sid, until, m->now);
    if (told == PWL_OK) {
        PROMISE(why == PWL_OK && m->sends > 0);
        m->sessions++;
        PROMISE(m->sessions == 1);
        m->knows = 0; /* unless the outcome was waited for, below */
    }
    if (!waited_for)
        return;
    m->code = m->calling;
    m->answer = told;
    m->answered = m->now;
    m->knows = 1;
    if (certain && why != PWL_OK && why != PWL_TENANT_WRONG_CODE &&
        why != PWL_TENANT_EXPIRED_CODE && why != PWL_TENANT_SPENT_CODE) {
        m->tries--;
        m->knows = 0;
    }
}

/* Whatever happened, nobody is locked out for longer than the policy says. */
static void nobody_is_locked_out(model_t *m)
{
    unsigned char digest[16];

    settle(m);
    m->now += PWL_FLOW_PAUSE_MAX + policy.call_limit + 1;
    settle(m);
    memcpy(digest, m->flow.address, sizeof(digest));
    if (m->flow.state != PWL_FLOW_STATE_DONE && m->sends < PWL_FLOW_SENDS)
        PROMISE(pwl_flow_send(&m->flow, digest, m->now, &policy).act ==
                PWL_FLOW_DO_CALL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    model_t m;
    size_t i;

    memset(&m, 0, sizeof(m));
    m.now = apr_time_from_sec(1000000000);
    for (i = 0; i + 4 <= size && i < 4000; i += 4) {
        int arg = data[i + 1];
        int move = (int16_t)(data[i + 2] | data[i + 3] << 8);
        pwl_reason_t why = outcomes[arg % 8];
        apr_time_t until = arg & 16 ? m.now + apr_time_from_sec(arg * 100) : 0;
        apr_uint32_t before = m.flow.state;

        m.now += apr_time_from_sec(move);
        if (move < 0) {
            memset(m.send_at, 0, sizeof(m.send_at));
            m.knows = 0;
        }
        switch (data[i] % 4) {
        case 0:
            ask(&m, arg % 2);
            break;
        case 1:
            asked(&m, why, arg & 8, until);
            break;
        case 2:
            try_code(&m, arg % 5);
            break;
        default:
            tried(&m, why, arg & 8, until);
        }
        PROMISE(before != PWL_FLOW_STATE_DONE ||
                m.flow.state == PWL_FLOW_STATE_DONE);
    }
    nobody_is_locked_out(&m);
    return 0;
}
