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
 */
#include "httpd/hosted.h"

#include <apr_strings.h>

#include "core/authorize.h"
#include "httpd/endpoint.h"
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

/* URL of /authorize for this browser; renews its cookie. NULL: no random
 * bytes. */
static const char *authorize_url(request_rec *r, const pwl_realm_t *realm,
                                 const pwl_pending_t *pending,
                                 const pwl_token_t *from, const char *hint)
{
    pwl_authorize_t ask = {0};
    pwl_token_t token;
    const char *sealed;

    if (pwl_token_new(&token, PWL_STEP_STATE, pending, r->request_time) !=
        PWL_OK)
        return NULL;
    token.return_to = from->return_to;
    ask.domain = realm->conf->domain;
    ask.client_id = realm->conf->client_id;
    ask.redirect_uri = realm->redirect_uri;
    ask.scope = realm->conf->scope;
    ask.audience = realm->conf->audience;
    ask.connection = realm->conf->connection;
    ask.login_hint = hint;
    ask.state = pwl_token_seal(&token, realm->state_seal, r->pool);
    ask.nonce = pwl_pending_derive(pending, "nonce", token.txn, r->pool);
    ask.code_challenge = pwl_authorize_challenge(
        pwl_pending_derive(pending, "pkce", token.txn, r->pool), r->pool);
    sealed = pwl_pending_seal(pending, realm->pending_seal, r->pool);
    if (!ask.state || !ask.code_challenge || !sealed)
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

int pwl_hosted_go(request_rec *r, pwl_request_t *rq, const pwl_token_t *from,
                  int wanted)
{
    pwl_result_t res = {PWL_SEAL_FAILED, 0, NULL};
    pwl_pending_t pending;
    const char *url = NULL;

    /* Nobody is there to follow it: start nothing. */
    if (r->header_only || pwl_request_is_prefetch(r))
        return HTTP_SERVICE_UNAVAILABLE;
    if (pending_of(r, rq, &pending) == PWL_OK) {
        if (wanted)
            pwl_pending_landed(&pending);
        if (pwl_pending_loop(&pending, r->request_time))
            return stop_loop(r, rq, from);
        url = authorize_url(r, rq->realm, &pending, from, NULL);
    }
    if (!url)
        return pwl_respond_refused(r, rq->realm, "login", res, 0, NULL);
    return pwl_respond_redirect(r, rq->realm, url);
}

int pwl_hosted_offer(request_rec *r, pwl_request_t *rq,
                     const pwl_token_t *token, pwl_result_t asked)
{
    pwl_page_kind_t kind = pwl_page_kind(asked.why);
    pwl_page_notice_t notice =
        pwl_page_notice_make(kind ? kind : PWL_PAGE_HOSTED);
    pwl_result_t res = {PWL_SEAL_FAILED, 0, NULL};
    pwl_pending_t pending;
    const char *url = NULL;

    pwl_log_refused(r, "hosted-offered", asked);
    if (pending_of(r, rq, &pending) == PWL_OK)
        url = authorize_url(r, rq->realm, &pending, token,
                            *token->address ? token->address : NULL);
    if (!url)
        return pwl_respond_refused(r, rq->realm, "login", res, 0, NULL);
    notice.args.address = token->address;
    notice.buttons[0].url = url;
    return pwl_respond_notice(r, rq->realm, &notice);
}
