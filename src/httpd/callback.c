/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `callback`: the tenant sends the browser back (auth0-api.md 4.2).
 *
 *   state opens in this browser -> first use -> no error -> code exchange
 *   with PKCE (without, after a mailed link: httpd/link.c) -> ID token with our
 * nonce -> session -> 303 to the target
 *
 * Nothing of the query is believed before `state` is. A response that comes
 * twice (Back, bookmark) leads a signed-in visitor on and tells everybody else
 * what to do; it never starts a sign-in by itself, which would loop.
 */
#include <apr_strings.h>
#include <httpd.h>

#include "core/limits.h"
#include "httpd/codeflow.h"
#include "httpd/endpoint.h"
#include "httpd/hosted.h"
#include "httpd/link.h"
#include "httpd/log.h"
#include "httpd/place.h"
#include "httpd/respond.h"
#include "httpd/signin.h"
#include "io/fleet_txns.h"

typedef struct {
    const char *code, *state, *error, *text, *iss;
    pwl_pending_t pending;
    pwl_token_t token;
} reply_t;

static pwl_reason_t read_reply(request_rec *r, reply_t *reply)
{
    const struct {
        const char *name;
        const char **value;
    } fields[] = {{"code", &reply->code},
                  {"state", &reply->state},
                  {"error", &reply->error},
                  {"error_description", &reply->text},
                  {"iss", &reply->iss}};
    pwl_form_t *query;
    pwl_reason_t why = pwl_endpoint_query(r, &query);
    apr_size_t i;

    /* Tokens behind a '#' do not reach a server, and are not wanted: somebody
     * asked for response_type=token. */
    if (why == PWL_OK && (!r->args || !*r->args))
        return PWL_CALLBACK_FRAGMENT;
    for (i = 0; why == PWL_OK && i < sizeof(fields) / sizeof(fields[0]); i++)
        *fields[i].value = pwl_form_get(query, fields[i].name, &why);
    if (why == PWL_FORM_DUPLICATE)
        return PWL_CALLBACK_AMBIGUOUS;
    if (why != PWL_OK)
        return why;
    if (!reply->state || !*reply->state)
        return PWL_CALLBACK_NO_STATE;
    if (!reply->code == !reply->error)
        return PWL_CALLBACK_AMBIGUOUS; /* both, or neither */
    if (reply->code &&
        (!*reply->code || strlen(reply->code) > PWL_CALLBACK_CODE_MAX))
        return PWL_CALLBACK_AMBIGUOUS;
    return PWL_OK;
}

static pwl_reason_t open_token(request_rec *r, const pwl_realm_t *realm,
                               pwl_step_t step, reply_t *reply)
{
    return pwl_token_open(reply->state, realm->state_seal, step,
                          &reply->pending, r->request_time,
                          realm->conf->signin_timeout, &reply->token, r->pool);
}

static int is_link(const reply_t *reply)
{
    return reply->token.step == PWL_STEP_LINK;
}

static pwl_reason_t open_state(request_rec *r, pwl_request_t *rq,
                               reply_t *reply)
{
    static const pwl_step_t steps[] = {PWL_STEP_STATE, PWL_STEP_AGAIN,
                                       PWL_STEP_LINK};
    const pwl_realm_t *realm = rq->realm;
    pwl_reason_t why = pwl_request_pending(r, rq, &reply->pending).why;
    apr_size_t i;

    reply->token.address = reply->token.return_to = "";
    if (why != PWL_OK)
        return pwl_link_is_foreign(r, realm, reply->state) ? PWL_TOKEN_BROWSER
                                                           : why;
    why = PWL_TOKEN_STEP;
    for (i = 0; why == PWL_TOKEN_STEP && i < sizeof(steps) / sizeof(steps[0]);
         i++)
        why = open_token(r, realm, steps[i], reply);
    if (why != PWL_OK)
        return why;
    /* RFC 9207: whoever answers says who it is; another is a mix-up. */
    if (reply->iss && strcmp(reply->iss, realm->issuer) != 0)
        return PWL_CALLBACK_ISS;
    return PWL_OK;
}

static pwl_result_t use_state(request_rec *r, const pwl_request_t *rq,
                              const reply_t *reply)
{
    unsigned char id[PWL_TXN_BYTES];

    memcpy(id, reply->token.txn, sizeof(id));
    if (is_link(reply))
        pwl_link_once(&reply->token, id);
    return pwl_fleet_txns_use_once(pwl_place_fleet(), id, apr_time_now(),
                                   pwl_codeflow_expires(r, rq), r->pool);
}

/* What the token must say because of what this visitor was sent there with. */
static pwl_signin_want_t wanted(const pwl_realm_t *realm, const reply_t *reply)
{
    pwl_signin_want_t want = {0};

    if (*reply->token.address)
        want.email = reply->token.address;
    if (pwl_authparam_asked(realm->conf->authorize).login ||
        reply->token.step == PWL_STEP_AGAIN)
        want.fresh_since = reply->token.issued;
    return want;
}

static pwl_result_t exchange(request_rec *r, pwl_request_t *rq,
                             const reply_t *reply, apr_interval_time_t *wait)
{
    const pwl_realm_t *realm = rq->realm;
    pwl_visitor_t visitor = pwl_signin_visitor(r, realm);
    pwl_tenant_reply_t answer = {0};
    pwl_signin_want_t want = wanted(realm, reply);
    char sid[PWL_SID_CHARS + 1];
    apr_time_t began = apr_time_now();
    pwl_result_t res;

    res = pwl_tenant_code(
        pwl_signin_https(), &realm->tenant, &visitor, reply->code,
        realm->redirect_uri,
        /* The tenant takes no challenge with a link, so no verifier either. */
        is_link(reply) ? NULL
                       : pwl_pending_derive(&reply->pending, "pkce",
                                            reply->token.txn, r->pool),
        &answer, r->pool);
    pwl_signin_count_call(realm, PWL_CALL_TOKEN, res.why, began, &answer);
    *wait = answer.retry_after ? answer.retry_after - apr_time_now() : 0;
    if (res.why != PWL_OK)
        return pwl_signin_explain(r, res, &answer);
    want.nonce =
        pwl_pending_derive(&reply->pending, "nonce", reply->token.txn, r->pool);
    want.access_token = answer.answer.access_token;
    want.given = &answer.answer;
    res = pwl_signin_finish(r, rq, answer.answer.id_token, &want, sid);
    if (res.why == PWL_OK && is_link(reply))
        pwl_link_done(r, rq, &reply->pending, &reply->token, sid);
    return res;
}

/* A client in our page had the code checked, and the browser did not take the
 * tenant's cookie for it along: third-party cookies are blocked. */
static pwl_reason_t judge_error(const pwl_realm_t *realm, const reply_t *reply)
{
    if (is_link(reply))
        return pwl_answer_judge_link(reply->error, reply->text);
    if (realm->client && !strcmp(reply->error, "login_required"))
        return PWL_CALLBACK_COOKIES;
    return pwl_answer_judge_callback(reply->error);
}

/* The browser was at the tenant and is back, whatever comes of it; should it
 * arrive at the sign-in page without a session, that went round. */
static void count_trip(request_rec *r, const pwl_request_t *rq, reply_t *reply)
{
    const pwl_realm_t *realm = rq->realm;
    const char *sealed;

    pwl_pending_trip(&reply->pending, r->request_time);
    sealed = pwl_pending_seal(&reply->pending, realm->pending_seal, r->pool);
    if (sealed) /* else the sign-in fails by itself */
        pwl_respond_cookie(r, realm, realm->pending_cookie, sealed);
}

static int refuse(request_rec *r, pwl_request_t *rq, const reply_t *reply,
                  pwl_result_t res, apr_interval_time_t wait)
{
    const pwl_realm_t *realm = rq->realm;
    int status;

    /* Back, a bookmark or a second click, and the session is there. */
    if ((res.why == PWL_CALLBACK_USED || res.why == PWL_TOKEN_EXPIRED) &&
        pwl_request_session(r, rq).why == PWL_OK)
        return pwl_respond_redirect(r, realm,
                                    pwl_endpoint_target(&reply->token));
    if (is_link(reply) &&
        (status = pwl_link_refused(r, rq, &reply->token, res)) != DECLINED)
        return status;
    /* auth0.js got as far as here: the tenant's own page gets further. */
    if (res.why == PWL_CALLBACK_COOKIES ||
        (realm->client && res.why == PWL_TENANT_STEP))
        return pwl_hosted_offer(r, rq, &reply->token, res);
    return pwl_respond_refused(
        r, realm, "callback", res, wait,
        pwl_respond_url(realm->url[PWL_ENDPOINT_LOGIN], "return_to",
                        reply->token.return_to, r->pool));
}

int pwl_callback_get(request_rec *r, pwl_request_t *rq)
{
    pwl_result_t res = {PWL_OK, 0, NULL};
    reply_t reply = {.token = {.return_to = ""}};
    apr_interval_time_t wait = 0;

    if (pwl_request_is_prefetch(r))
        return HTTP_SERVICE_UNAVAILABLE;
    res.why = read_reply(r, &reply);
    if (res.why == PWL_OK)
        res.why = open_state(r, rq, &reply);
    if (res.why == PWL_OK)
        res = use_state(r, rq, &reply);
    if (res.why == PWL_OK)
        count_trip(r, rq, &reply);
    if (res.why == PWL_OK && reply.error) {
        res.why = judge_error(rq->realm, &reply);
        res.detail = apr_pstrcat(
            r->pool, "error=", pwl_answer_code(reply.error, r->pool), NULL);
    }
    if (res.why == PWL_OK)
        res = exchange(r, rq, &reply, &wait);
    if (res.why != PWL_OK)
        return refuse(r, rq, &reply, res, wait);
    return pwl_respond_redirect(r, rq->realm,
                                pwl_endpoint_target(&reply.token));
}
