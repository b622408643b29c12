/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking the tenant for a code, once.
 *
 *   record says CALL -> /passwordless/start -> record learns the outcome
 *   record says REPEAT, WAIT, LIMIT or BUSY -> no call, no mail
 *
 * The record is only touched by pwl_codeflow_with(), where one change comes
 * after the other; the call is made between two touches, so a second click
 * finds SENDING and goes to step 2.
 */
#include "httpd/codeflow.h"

#include <apr_strings.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "core/address.h"
#include "httpd/code.h"
#include "httpd/endpoint.h"
#include "httpd/hosted.h"
#include "httpd/language.h"
#include "httpd/log.h"
#include "httpd/place.h"
#include "httpd/respond.h"
#include "httpd/sending.h"
#include "io/fleet_txns.h"

pwl_reason_t pwl_codeflow_open(request_rec *r, pwl_request_t *rq, const char *t,
                               pwl_step_t step, pwl_pending_t *pending,
                               pwl_token_t *token)
{
    int has = pwl_request_pending(r, rq, pending).why == PWL_OK;
    pwl_reason_t why;

    token->address = token->return_to = "";
    why = pwl_token_open(t, rq->realm->form_seal, step, has ? pending : NULL,
                         r->request_time, rq->realm->conf->signin_timeout,
                         token, r->pool);
    /* Whoever finds the URL of somebody's step 2, in a history or a log, must
     * neither read the address in it nor go on with the sign-in. */
    if (why != PWL_OK && !pwl_request_sealed(r, rq, token)) {
        token->address = "";
        memset(token->txn, 0, sizeof(token->txn));
    }
    return why;
}

/* A token of another browser, or no cookie: step 1 anew, with a cookie. */
static int refuse_program(request_rec *r, pwl_request_t *rq,
                          const pwl_token_t *token)
{
    pwl_token_t from = {.address = "", .return_to = token->return_to};
    pwl_page_address_t page = {.notice_of = PWL_TOKEN_BROWSER};
    pwl_pending_t pending;

    if (pwl_request_pending(r, rq, &pending).why == PWL_PENDING_MISSING)
        page.notice_of = PWL_PENDING_MISSING;
    page.notice = pwl_page_message(page.notice_of);
    page.args.minutes = rq->realm->conf->signin_timeout;
    pwl_log_refused(r, "login", (pwl_result_t){page.notice_of, 0, NULL});
    return pwl_login_page(r, rq, &from, &page, HTTP_OK);
}

int pwl_codeflow_refuse(request_rec *r, pwl_request_t *rq, pwl_reason_t why,
                        const pwl_token_t *token)
{
    const char *login = rq->realm->url[PWL_ENDPOINT_LOGIN];
    const char *keep = *token->return_to ? token->return_to : NULL;
    pwl_result_t res = {why, 0, NULL};
    pwl_pending_t pending;
    const char *url = pwl_respond_url(login, "return_to", keep, r->pool);

    if (pwl_request_speaks_json(r) && why == PWL_TOKEN_BROWSER)
        return refuse_program(r, rq, token);
    if (why == PWL_TOKEN_EXPIRED) {
        pwl_page_address_t page = {.notice = PWL_TEXT_FLOW_EXPIRED,
                                   .notice_of = why};

        pwl_log_refused(r, "login", res);
        page.args.minutes = rq->realm->conf->signin_timeout;
        return pwl_login_page(r, rq, token, &page, HTTP_OK);
    }
    /* No cookie at all: it expired, or the browser keeps none. Set one, and
     * see whether it comes back. */
    if (why == PWL_TOKEN_BROWSER &&
        pwl_request_pending(r, rq, &pending).why == PWL_PENDING_MISSING &&
        pwl_endpoint_renew(r, rq, &pending) == PWL_OK) {
        pwl_log_refused(r, "login", res);
        return pwl_respond_redirect(
            r, rq->realm,
            apr_pstrcat(r->pool, url, keep ? "&" : "?", "check=1", NULL));
    }
    return pwl_respond_refused(r, rq->realm, "login", res, 0, url);
}

typedef struct {
    unsigned char address[16];
    apr_time_t now;
    const pwl_flow_policy_t *policy;
    pwl_flow_verdict_t verdict;
    int over; /* the code sent last is of no more use */
    pwl_sending_t call;
} send_t;

static void begin_send(pwl_flow_t *flow, void *baton)
{
    send_t *send = baton;

    send->verdict = pwl_flow_send(flow, send->address, send->now, send->policy);
    send->over = send->verdict.wait == 0 &&
                 pwl_flow_code_expired(flow, send->now, send->policy);
    /* Step 2 tells why nothing was sent; a second click needs no telling. */
    if (send->verdict.act == PWL_FLOW_DO_REFUSE &&
        (send->verdict.why == PWL_FLOW_WAIT ||
         send->verdict.why == PWL_FLOW_LIMIT))
        flow->flash = send->verdict.why;
}

static void end_send(pwl_flow_t *flow, void *baton)
{
    send_t *send = baton;

    pwl_flow_sent(flow,
                  send->call.told ? PWL_TENANT_DENIED : send->call.outcome.why,
                  send->call.certain, send->call.retry_after, send->now);
    if (flow->sends > 1 && flow->flash == PWL_OK)
        flow->flash = PWL_FLOW_RESENT;
}

static void digest(const unsigned char *key, const char *label,
                   const char *address, unsigned char *out)
{
    unsigned char full[32];

    /* Spelled as typed: the exchange must name the address that the code was
     * asked for byte for byte, whatever the tenant holds to be the same. */
    pwl_seal_derive(key, PWL_BROWSER_BYTES, label, address, strlen(address),
                    full);
    memcpy(out, full, 16);
}

/* Names (browser, address), to find the tab with the newest code. */
static void digest_who(const pwl_pending_t *pending, const char *address,
                       unsigned char *who)
{
    digest(pending->browser, "newest", address, who);
}

apr_time_t pwl_codeflow_expires(request_rec *r, const pwl_request_t *rq)
{
    return r->request_time + rq->realm->conf->signin_timeout;
}

pwl_result_t pwl_codeflow_with(request_rec *r, const pwl_request_t *rq,
                               const pwl_token_t *token, int create,
                               pwl_txns_fn_t *fn, void *baton)
{
    return pwl_fleet_txns_with(pwl_place_fleet(), token->txn, create,
                               apr_time_now(), pwl_codeflow_expires(r, rq), fn,
                               baton, r->pool);
}

static void count(const pwl_request_t *rq, pwl_metric_requested_t result)
{
    pwl_counters_add(rq->realm->store->counters, PWL_METRIC_CODES_REQUESTED,
                     (int)result);
}

/* The record wanted no call. A second click is answered like the first. */
static pwl_result_t not_sent(const pwl_request_t *rq, pwl_result_t res)
{
    count(rq, res.why == PWL_OK ? PWL_REQUESTED_SUPPRESSED
                                : pwl_metric_requested(res.why));
    return res;
}

/* Make the call the record asked for, and tell the record. */
static pwl_result_t do_send(request_rec *r, pwl_request_t *rq,
                            const pwl_pending_t *pending,
                            const pwl_token_t *token, send_t *send)
{
    const char *masked = pwl_address_mask(token->address, r->pool);
    pwl_result_t *outcome = &send->call.outcome;
    unsigned char who[16];
    int is_hidden;

    send->call = pwl_sending_ask(r, rq, pending, token);
    is_hidden = pwl_sending_is_hidden(&send->call);
    count(rq, pwl_metric_requested(outcome->why));
    pwl_counters_add(
        rq->realm->store->counters, PWL_METRIC_LANGUAGE,
        pwl_metric_language(pwl_language_site(r, rq->realm)->lang->tag));
    send->now = apr_time_now();
    /* Not told, the record takes the code for sent when the call is too long
     * ago (core/flow.h): it may be, and works then. */
    pwl_codeflow_with(r, rq, token, 0, end_send, send);
    /* Also when nobody knows whether a mail went out: another post for this
     * address must find this record, and its cool-down. */
    if (!send->call.certain || outcome->why == PWL_OK || is_hidden) {
        digest_who(pending, token->address, who);
        pwl_fleet_txns_newest_set(pwl_place_fleet(), who, token->txn,
                                  apr_time_now(), pwl_codeflow_expires(r, rq),
                                  r->pool);
    }
    if (outcome->why != PWL_OK && !is_hidden)
        return *outcome;
    if (is_hidden)
        pwl_log_refused(r, "code-asked", *outcome);
    else
        pwl_log_event(r, "code-asked", masked);
    outcome->why = PWL_OK;
    return *outcome;
}

static void copy_flow(pwl_flow_t *flow, void *baton)
{
    *(pwl_flow_t *)baton = *flow;
}

typedef struct {
    unsigned char address[16];
    int is_ours; /* was the code of the record asked for with this token? */
    pwl_txns_fn_t *fn;
    void *baton;
} guard_t;

static void guarded(pwl_flow_t *flow, void *baton)
{
    guard_t *guard = baton;

    guard->is_ours = CRYPTO_memcmp(flow->address, guard->address,
                                   sizeof(guard->address)) == 0;
    if (guard->is_ours)
        guard->fn(flow, guard->baton);
}

pwl_result_t pwl_codeflow_own(request_rec *r, const pwl_request_t *rq,
                              const pwl_pending_t *pending,
                              const pwl_token_t *token, pwl_txns_fn_t *fn,
                              void *baton)
{
    guard_t guard = {.fn = fn, .baton = baton};
    pwl_result_t res;

    digest(pending->browser, "address", token->address, guard.address);
    res = pwl_codeflow_with(r, rq, token, 0, guarded, &guard);
    if (res.why == PWL_OK && !guard.is_ours)
        res.why = PWL_FLOW_UNKNOWN;
    return res;
}

int pwl_codeflow_waiting(request_rec *r, const pwl_request_t *rq,
                         const pwl_pending_t *pending, const pwl_token_t *token)
{
    pwl_flow_t flow;

    return *token->address &&
           pwl_codeflow_own(r, rq, pending, token, copy_flow, &flow).why ==
               PWL_OK &&
           flow.state != PWL_FLOW_STATE_SPENT &&
           flow.state != PWL_FLOW_STATE_DONE &&
           !pwl_flow_code_expired(&flow, r->request_time, &rq->realm->policy);
}

int pwl_codeflow_superseded(request_rec *r, const pwl_request_t *rq,
                            const pwl_pending_t *pending,
                            const pwl_token_t *token)
{
    unsigned char newest[PWL_TXN_BYTES];
    unsigned char who[16];

    digest_who(pending, token->address, who);
    return pwl_fleet_txns_newest_get(pwl_place_fleet(), who, newest,
                                     apr_time_now(), r->pool)
                   .why == PWL_OK &&
           memcmp(newest, token->txn, PWL_TXN_BYTES) != 0;
}

apr_interval_time_t pwl_codeflow_limit_wait(const pwl_flow_t *flow,
                                            apr_time_t now,
                                            const pwl_flow_policy_t *policy)
{
    apr_interval_time_t wait = pwl_flow_send_wait(flow, now, policy);
    apr_interval_time_t left =
        flow->sent + policy->code_lifetime + PWL_FLOW_GRACE - now;

    return wait > left ? wait : left;
}

/* Another tab of this browser asked for a code for this address, and it is
 * good still: a second mail would kill it. Both tabs share it. */
static void join_other_tab(request_rec *r, const pwl_request_t *rq,
                           const pwl_pending_t *pending, pwl_token_t *token)
{
    pwl_token_t other = *token;
    unsigned char who[16];

    digest_who(pending, token->address, who);
    if (pwl_fleet_txns_newest_get(pwl_place_fleet(), who, other.txn,
                                  apr_time_now(), r->pool)
                .why == PWL_OK &&
        pwl_codeflow_waiting(r, rq, pending, &other))
        memcpy(token->txn, other.txn, sizeof(token->txn));
}

/* A form that was used for another address, is finished, has seen its last code
 * grow old, or whose record cannot be read. */
static int begins_anew(const send_t *send, pwl_result_t asked)
{
    if (asked.why != PWL_OK)
        return asked.why == PWL_FLOW_DAMAGED;
    return send->verdict.act == PWL_FLOW_DO_REFUSE &&
           (send->verdict.why == PWL_FLOW_UNKNOWN ||
            send->verdict.why == PWL_FLOW_DONE ||
            (send->verdict.why == PWL_FLOW_LIMIT && send->over));
}

pwl_result_t pwl_codeflow_send(request_rec *r, pwl_request_t *rq,
                               const pwl_pending_t *pending, pwl_token_t *token,
                               apr_interval_time_t *wait)
{
    send_t send = {.now = r->request_time, .policy = &rq->realm->policy};
    pwl_result_t res;
    int tries;

    *wait = 0;
    digest(pending->browser, "address", token->address, send.address);
    join_other_tab(r, rq, pending, token);
    /* What cannot go on begins as a transaction of its own. */
    res = pwl_codeflow_with(r, rq, token, 1, begin_send, &send);
    for (tries = 0; tries < 2 && begins_anew(&send, res); tries++) {
        if (res.why != PWL_OK)
            pwl_log_refused(r, "code-asked", res);
        if (RAND_bytes(token->txn, sizeof(token->txn)) != 1) {
            res.why = PWL_SEAL_FAILED;
            return not_sent(rq, res);
        }
        res = pwl_codeflow_with(r, rq, token, 1, begin_send, &send);
    }
    if (res.why != PWL_OK)
        return not_sent(rq, res);
    *wait = send.verdict.wait;
    if (send.verdict.act == PWL_FLOW_DO_CALL) {
        res = do_send(r, rq, pending, token, &send);
        *wait = send.call.retry_after ? send.call.retry_after - send.now : 0;
        return res;
    }
    res.why =
        send.verdict.act == PWL_FLOW_DO_REFUSE ? send.verdict.why : PWL_OK;
    return not_sent(rq, res);
}

const char *pwl_codeflow_url(request_rec *r, const pwl_request_t *rq,
                             const pwl_token_t *token)
{
    pwl_token_t next = *token;
    const char *t;

    next.step = PWL_STEP_CODE;
    next.issued = r->request_time;
    t = pwl_token_seal(&next, rq->realm->form_seal, r->pool);
    return t ? pwl_respond_url(rq->realm->url[PWL_ENDPOINT_CODE], "t", t,
                               r->pool)
             : NULL;
}

/* Auth0UnknownAddress tell: step 1 says what is wrong with the address. */
static int tell_unknown(request_rec *r, pwl_request_t *rq,
                        const pwl_token_t *token, pwl_result_t res,
                        apr_interval_time_t wait)
{
    pwl_page_address_t page = {.why = res.why, .retry = wait};

    page.args.address = token->address;
    pwl_log_refused(r, "code-asked", res);
    return pwl_login_page(r, rq, token, &page,
                          res.why == PWL_TENANT_BLOCKED ? HTTP_TOO_MANY_REQUESTS
                                                        : HTTP_OK);
}

int pwl_codeflow_after_send(request_rec *r, pwl_request_t *rq,
                            const pwl_pending_t *pending,
                            const pwl_token_t *token, pwl_result_t res,
                            apr_interval_time_t wait)
{
    pwl_code_t post = {.r = r, .rq = rq, .pending = *pending, .token = *token};
    pwl_pending_t renewed = *pending;
    const char *url;

    if (res.why == PWL_TENANT_STEP)
        return pwl_hosted_continue(r, rq, token, res);
    if (res.why == PWL_OK || res.why == PWL_FLOW_WAIT ||
        res.why == PWL_FLOW_LIMIT || res.why == PWL_FLOW_BUSY) {
        if (res.why == PWL_FLOW_LIMIT)
            pwl_log_refused(r, "code-asked", res);
        if (pwl_request_speaks_json(r))
            return pwl_code_back(&post, res.why);
        url = pwl_codeflow_url(r, rq, token);
        if (url && pwl_endpoint_renew(r, rq, &renewed) == PWL_OK)
            return pwl_respond_redirect(r, rq->realm, url);
        res.why = PWL_SEAL_FAILED;
    }
    if (pwl_request_speaks_json(r)) {
        pwl_log_refused(r, "code-asked", res);
        return pwl_request_endpoint(r) == PWL_ENDPOINT_CODE
                   ? pwl_code_failed(&post, res, wait)
                   : pwl_login_failed(r, rq, token, res, wait);
    }
    if (res.why == PWL_TENANT_CLOSED || res.why == PWL_TENANT_BLOCKED)
        return tell_unknown(r, rq, token, res, wait);
    url = pwl_respond_url(rq->realm->url[PWL_ENDPOINT_LOGIN], "return_to",
                          token->return_to, r->pool);
    return pwl_respond_refused(r, rq->realm, "code-asked", res, wait, url);
}
