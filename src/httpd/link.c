/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signing in by a mailed link (auth0-api.md 6).
 *
 *   step 1 -> start with send=link and our state -> step 2 waits
 *   the link -> the tenant checks it -> callback -> session -> target
 *                                          step 2 sees the session and goes on
 *
 * Whoever holds a link can edit it, and programs that look through mail open it
 * first. So nothing it says counts but `state`: sealed here, bound to the
 * pending cookie of the browser that asked, and taken once. It names the
 * sign-in of step 2, the address that was typed and the target; the nonce is
 * derived from the browser's secret. Auth0 knows no PKCE on this way, so the
 * nonce alone ties the tenant's code to this browser.
 *
 * A new link kills the one before, at the tenant. Each has its own state: an
 * old one must not use up the new one's.
 */
#include "httpd/link.h"

#include <openssl/crypto.h>

#include "core/b64.h"
#include "core/sha256.h"
#include "httpd/codeflow.h"
#include "httpd/log.h"
#include "httpd/respond.h"
#include "httpd/signin.h"

pwl_result_t pwl_link_send(request_rec *r, const pwl_request_t *rq,
                           const pwl_pending_t *pending,
                           const pwl_token_t *token,
                           const pwl_visitor_t *visitor,
                           pwl_tenant_reply_t *reply)
{
    const pwl_realm_t *realm = rq->realm;
    pwl_result_t res = {PWL_SEAL_FAILED, 0, NULL};
    pwl_token_t state = *token;
    pwl_tenant_link_t link = {.address = token->address,
                              .redirect_uri = realm->redirect_uri};

    state.step = PWL_STEP_LINK;
    state.issued = r->request_time;
    link.state = pwl_token_seal(&state, realm->state_seal, r->pool);
    link.nonce = pwl_pending_derive(pending, "nonce", token->txn, r->pool);
    if (!link.state) {
        reply->certain = 1;
        return res;
    }
    return pwl_tenant_link(pwl_signin_https(), &realm->tenant, visitor, &link,
                           reply, r->pool);
}

int pwl_link_is_foreign(request_rec *r, const pwl_realm_t *realm,
                        const char *state)
{
    pwl_token_t token;

    return pwl_token_open(state, realm->state_seal, PWL_STEP_LINK, NULL,
                          r->request_time, realm->conf->signin_timeout, &token,
                          r->pool) == PWL_TOKEN_BROWSER;
}

void pwl_link_once(const pwl_token_t *token, unsigned char *id)
{
    unsigned char key[PWL_TXN_BYTES + sizeof(apr_time_t)];
    unsigned char digest[32];

    memcpy(key, token->txn, PWL_TXN_BYTES);
    memcpy(key + PWL_TXN_BYTES, &token->issued, sizeof(token->issued));
    pwl_sha256(key, sizeof(key), digest);
    memcpy(id, digest, PWL_TXN_BYTES);
}

typedef struct {
    apr_time_t now;
    apr_time_t issued;                /* of the link */
    unsigned char sid[PWL_SID_BYTES]; /* masked */
    int over;                         /* there is no step 2 to go to */
} change_t;

static void end_flow(pwl_flow_t *flow, void *baton)
{
    change_t *how = baton;

    pwl_flow_verified(flow, PWL_OK, 1, how->sid, 0, how->now);
}

void pwl_link_done(request_rec *r, const pwl_request_t *rq,
                   const pwl_pending_t *pending, const pwl_token_t *token,
                   const char *sid)
{
    change_t how = {.now = apr_time_now()};
    pwl_result_t res;
    apr_size_t len;

    pwl_b64_decode(sid, PWL_SID_CHARS, how.sid, sizeof(how.sid), &len);
    pwl_pending_mask(pending, "sid", token->txn, how.sid, sizeof(how.sid));
    /* The record may be gone: the session counts, not what led to it. */
    res = pwl_codeflow_with(r, rq, token, 0, end_flow, &how);
    if (res.why != PWL_OK && res.why != PWL_FLOW_UNKNOWN)
        pwl_log_refused(r, "callback", res);
    OPENSSL_cleanse(how.sid, sizeof(how.sid));
}

static void tell_flow(pwl_flow_t *flow, void *baton)
{
    change_t *how = baton;

    how->over = flow->state == PWL_FLOW_STATE_DONE;
    /* Another was asked for since; a state keeps whole seconds. */
    if (!how->over)
        flow->flash = apr_time_sec(flow->began) > apr_time_sec(how->issued)
                          ? PWL_FLOW_SUPERSEDED
                          : PWL_FLOW_EXPIRED;
}

static int is_of_no_use(pwl_reason_t why)
{
    return why == PWL_CALLBACK_USED || why == PWL_TENANT_EXPIRED_CODE ||
           why == PWL_TENANT_WRONG_CODE || why == PWL_TENANT_SPENT_CODE;
}

int pwl_link_refused(request_rec *r, const pwl_request_t *rq,
                     const pwl_token_t *token, pwl_result_t res)
{
    change_t how = {.now = r->request_time, .issued = token->issued};
    const char *url;

    if (!is_of_no_use(res.why) ||
        pwl_codeflow_with(r, rq, token, 0, tell_flow, &how).why != PWL_OK ||
        how.over)
        return DECLINED;
    url = pwl_codeflow_url(r, rq, token);
    if (!url)
        return DECLINED;
    pwl_log_refused(r, "callback", res);
    return pwl_respond_redirect(r, rq->realm, url);
}
