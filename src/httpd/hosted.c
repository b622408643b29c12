/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Going to /authorize (auth0-api.md 4.1).
 *
 * `state` is a sealed token naming transaction and return target; nonce and
 * PKCE verifier are derived from the browser secret in the pending cookie and
 * the transaction id, so no table is written for a visitor who may never come
 * back, and a response works in this browser only.
 *
 * This way in needs nobody to press a button, so it can go round by itself:
 * the tenant remembers the person, we lose the session. The callback counts
 * its trips in the pending cookie; here they are looked at. The form cannot go
 * round, it waits for somebody.
 *
 * From our own form the visitor goes on there when the tenant wants more than
 * a code. `state` then carries the address, and nobody else may come back: who
 * typed one address must not end up signed in as another.
 *
 * Where Auth0AuthorizeParam asks for what an ID token must prove, this is the
 * only way in: `login` and `code` send everybody here who would have a code,
 * programs too. Should one be typed all the same, httpd/signin.c finds nothing
 * proved and lets nobody in.
 */
#include "httpd/hosted.h"

#include <apr_strings.h>

#include "core/authorize.h"
#include "core/authparam.h"
#include "core/locales.h"
#include "httpd/endpoint.h"
#include "httpd/jsonflow.h"
#include "httpd/log.h"
#include "httpd/respond.h"

/* The browser's record: the one it has, or a new one. */
static pwl_reason_t pending_of(request_rec *r, const pwl_request_t *rq,
                               pwl_pending_t *pending)
{
    if (pwl_request_pending(r, rq, pending).why != PWL_OK)
        return pwl_pending_new(pending, r->request_time);
    pending->renewed = r->request_time;
    return PWL_OK;
}

/* One way to the tenant. */
typedef struct {
    const pwl_token_t *from; /* return target to keep */
    const char *hint;        /* address to fill in; NULL or "": none */
    const char *bound;       /* nobody else may come back; NULL: anybody */
    int again;               /* with prompt=login */
    pwl_result_t asked;      /* why our own form was not enough, or PWL_OK */
} trip_t;

static const char *seal_state(request_rec *r, const pwl_realm_t *realm,
                              const pwl_pending_t *pending, const trip_t *trip,
                              pwl_token_t *token)
{
    pwl_step_t step = trip->again ? PWL_STEP_AGAIN : PWL_STEP_STATE;

    if (pwl_token_new(token, step, pending, r->request_time) != PWL_OK)
        return NULL;
    token->return_to = trip->from->return_to;
    token->address = trip->bound ? trip->bound : "";
    return pwl_token_seal(token, realm->state_seal, r->pool);
}

/* What the browser asks for, unless the operator decided. */
static const char *locales(request_rec *r, const pwl_server_conf_t *conf)
{
    if (conf->authorize && apr_table_get(conf->authorize, "ui_locales"))
        return NULL;
    return pwl_locales_of(apr_table_get(r->headers_in, "Accept-Language"),
                          r->pool);
}

/* URL of /authorize for this browser; renews its cookie. NULL: no random
 * bytes. */
static const char *authorize_url(request_rec *r, const pwl_realm_t *realm,
                                 const pwl_pending_t *pending,
                                 const trip_t *trip)
{
    const pwl_server_conf_t *conf = realm->conf;
    pwl_authorize_t ask = {0};
    pwl_token_t token;
    const char *sealed;

    ask.state = seal_state(r, realm, pending, trip, &token);
    sealed = pwl_pending_seal(pending, realm->pending_seal, r->pool);
    if (!ask.state || !sealed)
        return NULL;
    ask.domain = conf->domain;
    ask.client_id = conf->client_id;
    ask.redirect_uri = realm->redirect_uri;
    ask.scope = conf->scope;
    ask.audience = conf->audience;
    ask.connection = conf->connection;
    ask.login_hint = trip->hint && *trip->hint ? trip->hint : NULL;
    ask.nonce = pwl_pending_derive(pending, "nonce", token.txn, r->pool);
    ask.code_challenge = pwl_authorize_challenge(
        pwl_pending_derive(pending, "pkce", token.txn, r->pool), r->pool);
    ask.prompt = trip->again ? "login" : NULL;
    ask.ui_locales = locales(r, conf);
    ask.more = conf->authorize;
    if (!ask.code_challenge)
        return NULL;
    pwl_respond_cookie(r, realm, realm->pending_cookie, sealed);
    return pwl_authorize_url(&ask, r->pool);
}

/* Who starts again does so without our cookies: one of them may be the cause,
 * and the count is in the other. */
static int stop_loop(request_rec *r, pwl_request_t *rq, const pwl_token_t *from)
{
    const pwl_realm_t *realm = rq->realm;
    pwl_result_t res = {PWL_FLOW_LOOP, 0, NULL};
    pwl_reason_t session = pwl_request_session(r, rq).why;

    res.detail = session == PWL_OK
                     ? "its session lives, and the location refuses it"
                     : apr_pstrcat(r->pool, "the browser came back with ",
                                   pwl_reason_word(session), NULL);
    pwl_respond_cookie(r, realm, realm->session_cookie, NULL);
    pwl_respond_cookie(r, realm, realm->pending_cookie, NULL);
    return pwl_respond_refused(r, realm, "login", res, 0,
                               pwl_respond_url(realm->url[PWL_ENDPOINT_LOGIN],
                                               "return_to", from->return_to,
                                               r->pool));
}

static int go(request_rec *r, pwl_request_t *rq, pwl_pending_t *pending,
              const trip_t *trip)
{
    pwl_result_t res = {PWL_SEAL_FAILED, 0, NULL};
    const char *url;

    if (pwl_pending_loop(pending, r->request_time))
        return stop_loop(r, rq, trip->from);
    url = authorize_url(r, rq->realm, pending, trip);
    if (!url)
        return pwl_respond_refused(r, rq->realm, "login", res, 0, NULL);
    if (pwl_request_speaks_json(r))
        return pwl_jsonflow_hosted(r, rq->realm, trip->asked, url);
    return pwl_respond_redirect(r, rq->realm, url);
}

int pwl_hosted_go(request_rec *r, pwl_request_t *rq, const pwl_token_t *from,
                  const char *hint, int other)
{
    pwl_result_t res = {PWL_SEAL_FAILED, 0, NULL};
    trip_t trip = {.from = from, .hint = hint, .again = other};
    pwl_pending_t pending;

    /* Nobody is there to follow it: start nothing. */
    if (r->header_only || pwl_request_is_prefetch(r))
        return HTTP_SERVICE_UNAVAILABLE;
    if (pending_of(r, rq, &pending) != PWL_OK)
        return pwl_respond_refused(r, rq->realm, "login", res, 0, NULL);
    /* Somebody signed in asks to be somebody else: that is no loop. */
    if (other && pwl_request_session(r, rq).why == PWL_OK)
        pwl_pending_landed(&pending);
    return go(r, rq, &pending, &trip);
}

int pwl_hosted_continue(request_rec *r, pwl_request_t *rq,
                        const pwl_token_t *token, pwl_result_t asked)
{
    pwl_result_t res = {PWL_SEAL_FAILED, 0, NULL};
    trip_t trip = {.from = token, .hint = token->address};
    pwl_pending_t pending;

    trip.bound = token->address;
    trip.asked = asked;
    pwl_log_refused(r, "hosted", asked);
    if (pending_of(r, rq, &pending) != PWL_OK)
        return pwl_respond_refused(r, rq->realm, "login", res, 0, NULL);
    return go(r, rq, &pending, &trip);
}

const char *pwl_hosted_only(const pwl_realm_t *realm)
{
    return pwl_authparam_proved(realm->conf->authorize);
}

int pwl_hosted_instead(request_rec *r, pwl_request_t *rq,
                       const pwl_token_t *token)
{
    pwl_result_t asked = {PWL_TENANT_STEP, 0, NULL};

    asked.detail =
        apr_pstrcat(r->pool, "no code proves Auth0AuthorizeParam ",
                    pwl_hosted_only(rq->realm), ", so none is sent", NULL);
    return pwl_hosted_continue(r, rq, token, asked);
}

int pwl_hosted_offer(request_rec *r, pwl_request_t *rq,
                     const pwl_token_t *token, pwl_result_t asked)
{
    pwl_page_kind_t kind = pwl_page_kind(asked.why);
    pwl_page_notice_t notice =
        pwl_page_notice_make(kind ? kind : PWL_PAGE_HOSTED);
    pwl_result_t res = {PWL_SEAL_FAILED, 0, NULL};
    trip_t trip = {.from = token, .hint = token->address};
    pwl_pending_t pending;
    const char *url = NULL;

    pwl_log_refused(r, "hosted-offered", asked);
    if (pending_of(r, rq, &pending) == PWL_OK)
        url = authorize_url(r, rq->realm, &pending, &trip);
    if (!url)
        return pwl_respond_refused(r, rq->realm, "login", res, 0, NULL);
    notice.args.address = token->address;
    notice.buttons[0].url = url;
    return pwl_respond_notice(r, rq->realm, &notice);
}
