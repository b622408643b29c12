/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A code that was typed, from the record's leave to the session.
 *
 *   record says CALL   -> /oauth/token -> session -> record says GOOD, once
 *   record says JOIN   -> the same post is on its way: wait, answer alike
 *   record says REPEAT -> answer as before, with the same session
 *   record says REFUSE -> step 2 tells why
 *
 * The session is made before the record is told, and ended again if the record
 * does not take it: fifty posts at once end in one session or none.
 */
#include "httpd/verify.h"

#include <apr_strings.h>
#include <openssl/crypto.h>

#include "core/b64.h"
#include "httpd/codeflow.h"
#include "httpd/endpoint.h"
#include "httpd/floor.h"
#include "httpd/hosted.h"
#include "httpd/log.h"
#include "httpd/place.h"
#include "httpd/recipient.h"
#include "httpd/respond.h"
#include "httpd/signin.h"
#include "httpd/throttle.h"

/* How often who waits for another's call looks again: with Redis each look is a
 * question to it. Two wait for one call at most (core/flow.h). */
#define JOIN_POLL apr_time_from_msec(50)
#define JOIN_POLL_REMOTE apr_time_from_msec(200)

typedef struct {
    pwl_code_t *post;
    unsigned char code[16]; /* keyed digest of the digits */
    pwl_flow_verdict_t verdict;
    pwl_result_t outcome; /* of the call */
    int certain;
    apr_time_t retry_after;
    apr_interval_time_t wait;         /* of Auth0Throttle */
    unsigned char sid[PWL_SID_BYTES]; /* of the session made, masked */
    pwl_reason_t told;                /* what the record made of the outcome */
} check_t;

static void mask(const pwl_code_t *post, const char *label,
                 unsigned char *bytes, apr_size_t len)
{
    pwl_pending_mask(&post->pending, label, post->token.txn, bytes, len);
}

static void count(const pwl_code_t *post, pwl_reason_t why)
{
    pwl_counters_add(post->rq->realm->store->counters,
                     PWL_METRIC_CODES_VERIFIED, (int)pwl_metric_verified(why));
}

static void begin_check(pwl_flow_t *flow, void *baton)
{
    check_t *check = baton;
    pwl_code_t *post = check->post;

    check->verdict =
        pwl_flow_verify(flow, check->code, post->now, &post->rq->realm->policy);
    if (check->verdict.act == PWL_FLOW_DO_CALL) {
        memset(flow->typed, 0, sizeof(flow->typed));
        memcpy(flow->typed, post->digits, strlen(post->digits));
        mask(post, "typed", flow->typed, sizeof(flow->typed));
    } else if (check->verdict.act == PWL_FLOW_DO_REFUSE) {
        flow->flash = check->verdict.why;
    }
    post->flow = *flow;
}

static void end_check(pwl_flow_t *flow, void *baton)
{
    check_t *check = baton;

    check->told =
        pwl_flow_verified(flow, check->outcome.why, check->certain, check->sid,
                          check->retry_after, check->post->now);
}

static void look(pwl_flow_t *flow, void *baton)
{
    pwl_code_t *post = baton;

    pwl_flow_settle(flow, post->now, &post->rq->realm->policy);
    post->flow = *flow;
}

static int answer_done(check_t *check)
{
    pwl_code_t *post = check->post;
    char sid[PWL_SID_CHARS + 1];
    unsigned char raw[PWL_SID_BYTES];

    memcpy(raw, post->flow.sid, sizeof(raw));
    mask(post, "sid", raw, sizeof(raw));
    pwl_b64_encode_to(sid, raw, sizeof(raw));
    pwl_signin_cookie(post->r, post->rq->realm, sid);
    OPENSSL_cleanse(raw, sizeof(raw));
    OPENSSL_cleanse(sid, sizeof(sid));
    return pwl_code_finish(post);
}

/* No session came of it: the same as the first post of this code was told.
 * Another code may have been asked for meanwhile, which clears the record; that
 * is no answer to this post. */
static int back(pwl_code_t *post, pwl_reason_t why)
{
    if (why == PWL_TENANT_STEP)
        return pwl_hosted_continue(post->r, post->rq, &post->token,
                                   (pwl_result_t){why, 0, "asked before"});
    return pwl_code_back(post, why != PWL_OK ? why : PWL_FLOW_BUSY);
}

/* The first post of this code is at the tenant: wait for what it learns, and
 * never call on its behalf. */
static int join(check_t *check)
{
    pwl_code_t *post = check->post;
    apr_time_t give_up = apr_time_now() + post->rq->realm->policy.call_limit;
    apr_interval_time_t poll =
        pwl_fleet_is_remote(pwl_place_fleet()) ? JOIN_POLL_REMOTE : JOIN_POLL;

    while (post->flow.state == PWL_FLOW_STATE_CHECKING &&
           apr_time_now() < give_up) {
        apr_sleep(poll);
        post->now = apr_time_now();
        if (pwl_code_with(post, look, post).why != PWL_OK)
            break;
    }
    if (post->flow.state == PWL_FLOW_STATE_DONE)
        return answer_done(check);
    return back(post, post->flow.state == PWL_FLOW_STATE_CHECKING
                          ? PWL_FLOW_BUSY
                          : (pwl_reason_t)post->flow.answer);
}

static void remember_sid(check_t *check, const char *sid)
{
    apr_size_t len;

    pwl_b64_decode(sid, PWL_SID_CHARS, check->sid, sizeof(check->sid), &len);
    mask(check->post, "sid", check->sid, sizeof(check->sid));
}

static int is_wrong(pwl_reason_t why)
{
    return why == PWL_TENANT_WRONG_CODE || why == PWL_TENANT_EXPIRED_CODE ||
           why == PWL_TENANT_SPENT_CODE;
}

/* Of an address it knows the tenant says more than of one it does not: that an
 * account is blocked, and of a code that it sent that it is old, or was tried
 * too often (in another browser, too). Nobody hears of that who might be a
 * stranger: the code is wrong, and when it is old or its tries are used up our
 * own record says so. (A refusal by an Action of the tenant is another matter:
 * it comes after the right code only.) */
static void hide_account(check_t *check, pwl_result_t *res, const char *error)
{
    int tell = check->post->rq->realm->conf->unknown == PWL_PAGE_UNKNOWN_TELL;

    if (res->why == PWL_TENANT_BLOCKED)
        res->why = PWL_TENANT_SPENT_CODE;
    if (res->why == PWL_TENANT_DENIED && error &&
        !strcmp(error, "unauthorized"))
        res->why = PWL_TENANT_WRONG_CODE;
    if (!is_wrong(res->why) || tell)
        return;
    res->why = PWL_TENANT_WRONG_CODE;
    check->retry_after = 0;
}

/* The tenant's word on the code, and the session that comes of it. */
static pwl_result_t exchange(check_t *check, char *sid)
{
    pwl_code_t *post = check->post;
    request_rec *r = post->r;
    pwl_visitor_t visitor = pwl_signin_visitor(r, post->rq->realm);
    pwl_signin_want_t want = {.email = post->token.address};
    pwl_tenant_reply_t reply = {0};
    apr_time_t began = apr_time_now();
    pwl_result_t res;

    if (pwl_recipient_is_test(post->rq->realm, post->token.address, r->pool)) {
        check->certain = 1;
        res = (pwl_result_t){PWL_TENANT_WRONG_CODE, 0, NULL};
        count(post, res.why);
        pwl_log_refused(r, "code", res);
        return res;
    }
    res = pwl_tenant_otp(pwl_signin_https(), &post->rq->realm->tenant, &visitor,
                         post->token.address, post->digits, &reply, r->pool);

    pwl_signin_count_call(post->rq->realm, PWL_CALL_TOKEN, res.why, began,
                          &reply);
    check->certain = reply.certain;
    check->retry_after = reply.retry_after;
    if (res.why == PWL_OK) {
        want.access_token = reply.answer.access_token;
        want.given = &reply.answer;
        res = pwl_signin_finish(r, post->rq, reply.answer.id_token, &want, sid);
    } else {
        res = pwl_signin_explain(r, res, &reply);
    }
    if (res.why != PWL_OK) {
        count(post, res.why);
        pwl_log_refused(r, "code", res);
    }
    hide_account(check, &res, reply.answer.error);
    return res;
}

/* Counted as a wrong code before the call, so that posts that come at once are
 * counted one by one. */
static pwl_result_t try_code(check_t *check, char *sid)
{
    pwl_code_t *post = check->post;
    const pwl_realm_t *realm = post->rq->realm;
    pwl_throttle_try_t taken;
    pwl_result_t res = pwl_throttle_try(post->r, realm, post->token.address,
                                        &taken, &check->wait);

    if (res.why != PWL_OK) {
        check->certain = 1; /* no code was looked at */
        count(post, res.why);
        pwl_log_refused(post->r, "code", res);
        return res;
    }
    res = exchange(check, sid);
    /* After hide_account(): known, unknown and blocked addresses count alike.
     */
    if (res.why != PWL_TENANT_WRONG_CODE && res.why != PWL_TENANT_SPENT_CODE)
        pwl_throttle_not_wrong(post->r, &taken);
    return res;
}

/* The tenant may take longer over a wrong code of an address it knows. */
static pwl_result_t try_in_time(check_t *check, char *sid)
{
    const pwl_realm_t *realm = check->post->rq->realm;
    pwl_result_t res = {PWL_HTTPS_BUSY, 0, NULL};
    pwl_floor_t floor;

    if (pwl_floor_enter(&floor, realm, PWL_CALL_TOKEN)) {
        res = try_code(check, sid);
        pwl_floor_leave(&floor, check->post->r, realm, is_wrong(res.why));
        return res;
    }
    check->certain = 1; /* no code was looked at */
    count(check->post, res.why);
    pwl_log_refused(check->post->r, "code", res);
    return res;
}

/* Neither right nor wrong: the visitor gets a page that says what to do. */
static int tell_failure(check_t *check)
{
    pwl_code_t *post = check->post;
    apr_interval_time_t wait =
        check->retry_after ? check->retry_after - post->now : check->wait;

    if (check->outcome.why == PWL_TENANT_STEP)
        return pwl_hosted_continue(post->r, post->rq, &post->token,
                                   check->outcome);
    if (pwl_request_speaks_json(post->r))
        return pwl_code_failed(post, check->outcome, wait);
    return pwl_respond_page(post->r, post->rq->realm, check->outcome, wait,
                            pwl_codeflow_url(post->r, post->rq, &post->token));
}

static int call(check_t *check)
{
    pwl_code_t *post = check->post;
    char sid[PWL_SID_CHARS + 1] = "";
    pwl_result_t told;

    check->outcome = try_in_time(check, sid);
    if (check->outcome.why == PWL_OK)
        remember_sid(check, sid);
    post->now = apr_time_now();
    told = pwl_code_with(post, end_check, check);
    if (check->outcome.why == PWL_OK &&
        (told.why != PWL_OK || check->told != PWL_OK)) {
        /* Another post ended this sign-in, its record is gone, or nobody knows
         * whether it has heard of this. */
        pwl_signin_undo(post->r, post->rq, sid);
        if (told.why == PWL_OK)
            told.why = PWL_FLOW_UNKNOWN;
        check->outcome = told;
        count(post, check->outcome.why);
        return pwl_code_restart(post, check->outcome);
    }
    OPENSSL_cleanse(sid, sizeof(sid));
    if (check->outcome.why == PWL_OK) {
        count(post, PWL_OK);
        pwl_counters_time(post->rq->realm->store->counters,
                          PWL_METRIC_CODE_ENTRY, 0,
                          post->now - post->flow.sent);
        return pwl_code_finish(post);
    }
    return is_wrong(check->outcome.why) ? back(post, check->told)
                                        : tell_failure(check);
}

static int refuse(check_t *check)
{
    pwl_code_t *post = check->post;
    pwl_result_t res = {check->verdict.why, 0, NULL};

    count(post, res.why);
    if (res.why == PWL_FLOW_UNKNOWN || res.why == PWL_FLOW_DONE)
        return pwl_code_restart(post, res);
    pwl_log_refused(post->r, "code", res);
    if (res.why != PWL_TENANT_RATE_LIMIT)
        return back(post, res.why);
    if (pwl_request_speaks_json(post->r))
        return pwl_code_failed(post, res, check->verdict.wait);
    return pwl_respond_page(post->r, post->rq->realm, res, check->verdict.wait,
                            pwl_codeflow_url(post->r, post->rq, &post->token));
}

int pwl_verify_post(pwl_code_t *post)
{
    check_t check = {.post = post};
    unsigned char full[32];
    pwl_result_t res;

    pwl_seal_derive(post->pending.browser, sizeof(post->pending.browser),
                    "code", post->digits, strlen(post->digits), full);
    memcpy(check.code, full, sizeof(check.code));
    res = pwl_code_with(post, begin_check, &check);
    if (res.why != PWL_OK) {
        count(post, res.why);
        return pwl_code_restart(post, res);
    }
    switch (check.verdict.act) {
    case PWL_FLOW_DO_CALL:
        return call(&check);
    case PWL_FLOW_DO_JOIN:
        return join(&check);
    case PWL_FLOW_DO_REPEAT:
        return check.verdict.why == PWL_OK ? answer_done(&check)
                                           : back(post, check.verdict.why);
    default:
        return refuse(&check);
    }
}
