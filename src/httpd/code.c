/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Step 2: `code`.
 *
 *   GET   the code form, drawn from the record of the transaction in `t`
 *   POST  op=verify  check the code at the tenant: 303 to the target, or back
 *                    here with what went wrong in the record
 *         op=send    another code (httpd/codeflow.c): 303 back here
 *         op=change  303 to step 1 with the address kept
 *         with Auth0Send link there is nothing to check; any other op looks
 *         whether the link was opened: 303 to the target, or back here
 *
 * A code that cannot be right is answered here and now and never reaches the
 * tenant, which allows three tries only; the others go to httpd/verify.c.
 *
 * A program that posts JSON gets, in place of a redirect, what the page behind
 * it would say.
 */
#include <apr_strings.h>
#include <httpd.h>
#include <openssl/crypto.h>

#include "core/otp.h"
#include "httpd/code.h"
#include "httpd/codeflow.h"
#include "httpd/endpoint.h"
#include "httpd/hosted.h"
#include "httpd/jsonflow.h"
#include "httpd/language.h"
#include "httpd/log.h"
#include "httpd/respond.h"
#include "httpd/verify.h"

/* Copy the record. What it has to tell is told once, by a GET; but why a code
 * is dead stays true until there is another. */
static void copy_flow(pwl_flow_t *flow, void *baton)
{
    pwl_code_t *post = baton;

    pwl_flow_settle(flow, post->now, &post->rq->realm->policy);
    post->flow = *flow;
    if (!post->r->header_only && !pwl_request_is_prefetch(post->r) &&
        flow->state != PWL_FLOW_STATE_SPENT)
        flow->flash = PWL_OK;
}

pwl_result_t pwl_code_with(pwl_code_t *post, pwl_txns_fn_t *fn, void *baton)
{
    return pwl_codeflow_own(post->r, post->rq, &post->pending, &post->token, fn,
                            baton);
}

/* The code typed last, for the person who typed it to compare. */
static const char *typed_before(pwl_code_t *post)
{
    unsigned char typed[sizeof(post->flow.typed)];

    if (post->flow.flash != PWL_FLOW_WRONG &&
        post->flow.flash != PWL_TENANT_FAILED)
        return NULL;
    memcpy(typed, post->flow.typed, sizeof(typed));
    pwl_pending_mask(&post->pending, "typed", post->token.txn, typed,
                     sizeof(typed));
    typed[sizeof(typed) - 1] = '\0';
    return apr_pstrdup(post->r->pool, (char *)typed);
}

static pwl_reason_t page_reason(pwl_code_t *post)
{
    const pwl_flow_policy_t *policy = &post->rq->realm->policy;
    pwl_reason_t flash = post->flow.flash;

    if (post->flow.state == PWL_FLOW_STATE_SPENT)
        return post->flow.flash == PWL_FLOW_EXPIRED ? PWL_FLOW_EXPIRED
                                                    : PWL_FLOW_SPENT;
    if (pwl_codeflow_superseded(post->r, post->rq, &post->pending,
                                &post->token))
        return PWL_FLOW_SUPERSEDED;
    /* Read so late that it is over: the next code can be asked for. */
    if (flash == PWL_FLOW_LIMIT &&
        pwl_codeflow_limit_wait(&post->flow, post->now, policy) <= 0)
        flash = PWL_OK;
    if (flash != PWL_OK)
        return flash;
    if (post->flow.sent &&
        pwl_flow_code_expired(&post->flow, post->now, policy))
        return PWL_FLOW_EXPIRED;
    return PWL_OK;
}

/* No other code in this sign-in: how long until one can be had anew. */
static apr_interval_time_t limit_wait(const pwl_code_t *post)
{
    apr_interval_time_t wait = pwl_codeflow_limit_wait(
        &post->flow, post->now, &post->rq->realm->policy);

    apr_table_setn(post->r->err_headers_out, "Retry-After",
                   apr_psprintf(post->r->pool, "%" APR_TIME_T_FMT,
                                apr_time_sec(wait) + 1));
    return wait;
}

/* Step 2 as the record has it. `why` and `found` come with a post that was
 * refused here. Without a token in the answer it could not be sealed. */
static pwl_page_code_t draw(pwl_code_t *post, pwl_reason_t why, int found)
{
    const pwl_realm_t *realm = post->rq->realm;
    pwl_token_t token = post->token;
    pwl_page_code_t page = {0};
    pwl_pending_t renewed;

    token.step = PWL_STEP_CODE;
    token.issued = post->now;
    page.token = pwl_token_seal(&token, realm->form_seal, post->r->pool);
    page.address = post->token.address;
    page.digits = realm->conf->code_length;
    page.found = found;
    page.tries_left = pwl_flow_tries_left(&post->flow);
    page.life = realm->policy.code_lifetime;
    /* Never sent: what went wrong is told instead of an age. */
    page.left =
        post->flow.sent ? post->flow.sent + page.life - post->now : page.life;
    page.why = why == PWL_OK ? page_reason(post) : why;
    page.send_wait =
        page.why == PWL_FLOW_LIMIT
            ? limit_wait(post)
            : pwl_flow_send_wait(&post->flow, post->now, &realm->policy);
    page.autofocus = 1;
    /* Somebody who is signed in as another would be led round. */
    page.goes_on = realm->conf->send == PWL_SEND_LINK &&
                   pwl_request_session(post->r, post->rq).why != PWL_OK;
    if (page.why == PWL_FLOW_RESENT) {
        page.why = PWL_OK;
        page.notice = PWL_TEXT_SEND_AGAIN;
    }
    if (pwl_endpoint_renew(post->r, post->rq, &renewed) != PWL_OK)
        page.token = NULL;
    return page;
}

static int send_page(pwl_code_t *post, pwl_reason_t why, int found,
                     const char *value, int status)
{
    const pwl_realm_t *realm = post->rq->realm;
    pwl_page_code_t page = draw(post, why, found);
    const char *html;
    apr_size_t len;

    if (!page.token) {
        pwl_result_t res = {PWL_SEAL_FAILED, 0, NULL};

        return pwl_respond_refused(post->r, realm, "code", res, 0, NULL);
    }
    if (pwl_request_speaks_json(post->r)) {
        pwl_page_step_t step = pwl_jsonflow_step2(realm, &page);

        return pwl_jsonflow_tell(post->r, realm, &step);
    }
    if (page.why == PWL_FLOW_LIMIT)
        status = HTTP_TOO_MANY_REQUESTS;
    page.value = value ? value : typed_before(post);
    html = pwl_page_code(pwl_language_site(post->r, realm), &page,
                         post->r->pool, &len);
    return pwl_respond_form(post->r, realm, status, html, len);
}

/* Step 2 is still there, when the store is. */
static int come_back_later(pwl_code_t *post, pwl_result_t res)
{
    return pwl_respond_refused(
        post->r, post->rq->realm, "code", res, 0,
        pwl_codeflow_url(post->r, post->rq, &post->token));
}

/* The record is gone: start again with address and target kept. */
int pwl_code_restart(pwl_code_t *post, pwl_result_t res)
{
    pwl_page_address_t page = {.notice = PWL_TEXT_FLOW_EXPIRED};

    if (res.why == PWL_STORE_FAILED || res.why == PWL_TXNS_FAILED)
        return come_back_later(post, res);
    page.notice_of = res.why;
    page.args.minutes = post->rq->realm->conf->signin_timeout;
    pwl_log_refused(post->r, "code", res);
    return pwl_login_page(post->r, post->rq, &post->token, &page, HTTP_OK);
}

/* The record, as it is now. @return PWL_OK with post->flow, or why there is no
 * step 2 to show */
static pwl_result_t look(pwl_code_t *post)
{
    pwl_result_t res = pwl_code_with(post, copy_flow, post);

    /* Finished, and signed out since: there is nothing left to do here. */
    if (res.why == PWL_OK && post->flow.state == PWL_FLOW_STATE_DONE)
        res.why = PWL_FLOW_DONE;
    return res;
}

/* What a browser would be told after the redirect. */
static int tell_program(pwl_code_t *post, pwl_reason_t why)
{
    pwl_result_t res;

    post->now = apr_time_now(); /* calls were made since the request came */
    res = look(post);
    /* Busy by a call that ended the sign-in just now: asked again, this post
     * hears of it. */
    if (res.why == PWL_FLOW_DONE && why == PWL_FLOW_BUSY)
        res.why = PWL_OK;
    if (res.why != PWL_OK)
        return pwl_code_restart(post, res);
    if (why == PWL_FLOW_WRONG &&
        pwl_codeflow_superseded(post->r, post->rq, &post->pending,
                                &post->token))
        why = PWL_FLOW_SUPERSEDED;
    return send_page(post, why, 0, NULL, HTTP_OK);
}

int pwl_code_back(pwl_code_t *post, pwl_reason_t why)
{
    const char *url;
    pwl_result_t res = {PWL_SEAL_FAILED, 0, NULL};
    pwl_pending_t renewed;

    if (pwl_request_speaks_json(post->r))
        return tell_program(post, why);
    url = pwl_codeflow_url(post->r, post->rq, &post->token);
    if (!url || pwl_endpoint_renew(post->r, post->rq, &renewed) != PWL_OK)
        return pwl_respond_refused(post->r, post->rq->realm, "code", res, 0,
                                   NULL);
    return pwl_respond_redirect(post->r, post->rq->realm, url);
}

int pwl_code_failed(pwl_code_t *post, pwl_result_t res,
                    apr_interval_time_t wait)
{
    pwl_page_step_t step;
    pwl_page_code_t page;

    post->now = apr_time_now();
    if (look(post).why != PWL_OK)
        return pwl_code_restart(post, res);
    page = draw(post, res.why, 0);
    step = pwl_jsonflow_step2(post->rq->realm, &page);
    return pwl_respond_step(post->r, post->rq->realm, res, wait,
                            page.token ? &step : NULL);
}

/* Signed in meanwhile, in another tab, as the one this tab is about. */
static int signed_in_already(pwl_code_t *post)
{
    return pwl_request_session(post->r, post->rq).why == PWL_OK &&
           pwl_session_is_of(&post->rq->session, post->token.address);
}

/* There is no step 2 on this host; step 1 knows who is signed in. */
static int go_hosted(pwl_code_t *post)
{
    const pwl_realm_t *realm = post->rq->realm;

    if (pwl_request_session(post->r, post->rq).why != PWL_OK)
        return pwl_hosted_go(post->r, post->rq, &post->token, NULL, 0);
    return pwl_respond_redirect(
        post->r, realm,
        pwl_respond_url(realm->url[PWL_ENDPOINT_LOGIN], "return_to",
                        post->token.return_to, post->r->pool));
}

int pwl_code_get(request_rec *r, pwl_request_t *rq)
{
    pwl_result_t res = {PWL_OK, 0, NULL};
    pwl_code_t post = {.r = r, .rq = rq, .now = r->request_time};
    pwl_form_t *query;
    const char *t = NULL;

    post.token.address = post.token.return_to = "";
    res.why = pwl_endpoint_query(r, &query);
    if (res.why == PWL_OK)
        t = pwl_form_get(query, "t", &res.why);
    if (res.why != PWL_OK)
        return pwl_respond_refused(r, rq->realm, "code", res, 0, NULL);
    if (!t) /* typed by hand or bookmarked */
        return pwl_respond_redirect(r, rq->realm,
                                    rq->realm->url[PWL_ENDPOINT_LOGIN]);
    res.why =
        pwl_codeflow_open(r, rq, t, PWL_STEP_CODE, &post.pending, &post.token);
    if (res.why == PWL_OK && signed_in_already(&post))
        return pwl_code_finish(&post);
    if (pwl_hosted_only(rq->realm))
        return go_hosted(&post);
    if (res.why != PWL_OK)
        return pwl_codeflow_refuse(r, rq, res.why, &post.token);
    res = look(&post);
    if (res.why != PWL_OK)
        return pwl_code_restart(&post, res);
    return send_page(&post, PWL_OK, 0, NULL, HTTP_OK);
}

static int change_address(pwl_code_t *post)
{
    const pwl_realm_t *realm = post->rq->realm;
    pwl_token_t token = post->token;
    const char *t;

    if (pwl_request_speaks_json(post->r)) {
        pwl_page_address_t page = {0};

        page.has_code =
            pwl_codeflow_waiting(post->r, post->rq, &post->pending, &token);
        return pwl_login_page(post->r, post->rq, &token, &page, HTTP_OK);
    }
    token.step = PWL_STEP_ADDRESS;
    token.issued = post->now;
    t = pwl_token_seal(&token, realm->form_seal, post->r->pool);
    return pwl_respond_redirect(
        post->r, realm,
        pwl_respond_url(realm->url[PWL_ENDPOINT_LOGIN], "t", t, post->r->pool));
}

/* The last code of this sign-in was sent, and may still be used. */
static int tell_limit(pwl_code_t *post)
{
    pwl_result_t res = pwl_code_with(post, copy_flow, post);

    if (res.why != PWL_OK)
        return pwl_code_restart(post, res);
    res.why = PWL_FLOW_LIMIT;
    pwl_log_refused(post->r, "code-asked", res);
    return send_page(post, res.why, 0, NULL, HTTP_OK);
}

static int send_again(pwl_code_t *post)
{
    pwl_result_t res;
    apr_interval_time_t wait;

    res = pwl_codeflow_send(post->r, post->rq, &post->pending, &post->token,
                            &wait);
    if (res.why == PWL_FLOW_LIMIT)
        return tell_limit(post);
    return pwl_codeflow_after_send(post->r, post->rq, &post->pending,
                                   &post->token, res, wait);
}

int pwl_code_finish(pwl_code_t *post)
{
    const char *target = pwl_endpoint_target(&post->token);

    if (pwl_request_speaks_json(post->r))
        return pwl_jsonflow_done(post->r, post->rq->realm, 1, target);
    return pwl_respond_redirect(post->r, post->rq->realm, target);
}

/* Read the code; what cannot be right goes no further. */
static int read_code(pwl_code_t *post, const char *typed)
{
    pwl_result_t res;
    pwl_reason_t why;
    int found = 0;

    why = pwl_otp_read(typed, post->rq->realm->conf->code_length, post->digits,
                       &found);
    if (why == PWL_OK)
        return pwl_verify_post(post);
    res = pwl_code_with(post, copy_flow, post);
    if (res.why != PWL_OK)
        return pwl_code_restart(post, res);
    pwl_counters_add(post->rq->realm->store->counters,
                     PWL_METRIC_CODES_VERIFIED, (int)pwl_metric_verified(why));
    pwl_log_refused(post->r, "code", (pwl_result_t){why, 0, NULL});
    return send_page(post, why, found,
                     strlen(typed ? typed : "") <= 64 ? typed : NULL,
                     HTTP_UNPROCESSABLE_ENTITY);
}

int pwl_code_post(request_rec *r, pwl_request_t *rq)
{
    pwl_result_t res = {PWL_OK, 0, NULL};
    pwl_code_t post = {.r = r, .rq = rq, .now = r->request_time};
    const char *t = NULL, *op = NULL, *typed = NULL;
    pwl_form_t *form;
    int answer;

    post.token.address = post.token.return_to = "";
    res.why = pwl_endpoint_form(r, rq->realm, &form);
    if (res.why == PWL_OK)
        t = pwl_form_get(form, "t", &res.why);
    if (res.why == PWL_OK)
        op = pwl_form_get(form, "op", &res.why);
    if (res.why == PWL_OK)
        typed = pwl_form_get(form, "code", &res.why);
    if (res.why != PWL_OK)
        return pwl_respond_refused(r, rq->realm, "code", res, 0, NULL);
    res.why =
        pwl_codeflow_open(r, rq, t, PWL_STEP_CODE, &post.pending, &post.token);
    /* The form is of before the configuration was read again. */
    if (pwl_hosted_only(rq->realm)) {
        if (res.why != PWL_OK)
            post.token.address = "";
        else if (signed_in_already(&post))
            return pwl_code_finish(&post);
        return pwl_hosted_instead(r, rq, &post.token);
    }
    if (res.why != PWL_OK)
        return pwl_codeflow_refuse(r, rq, res.why, &post.token);
    if (op && !strcmp(op, "change"))
        return change_address(&post);
    if (signed_in_already(&post))
        return pwl_code_finish(&post);
    if (op && !strcmp(op, "send"))
        return send_again(&post);
    /* There is no code to read: somebody looks whether they are signed in. */
    if (rq->realm->conf->send == PWL_SEND_LINK)
        return pwl_code_back(&post, PWL_OK);
    answer = read_code(&post, typed);
    OPENSSL_cleanse(post.digits, sizeof(post.digits));
    return answer;
}
