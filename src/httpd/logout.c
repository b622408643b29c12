/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `logout`: GET shows one button, or that nobody is signed in; POST ends the
 * session on the server.
 *
 * The form token is bound to the session by a digest of its key, so a link, an
 * image or a form of another site can end nothing.
 *
 * With Auth0Logout tenant the browser then goes to the tenant and comes back
 * here with a `state`: sealed, so that nobody else can name a return target,
 * and bound to this browser. Any other `state`, or none, is no error: whoever
 * comes is signed out, and is told so.
 */
#include <apr_strings.h>
#include <httpd.h>
#include <openssl/crypto.h>

#include "core/logouturl.h"
#include "core/returnto.h"
#include "httpd/endpoint.h"
#include "httpd/jsonflow.h"
#include "httpd/language.h"
#include "httpd/log.h"
#include "httpd/place.h"
#include "httpd/respond.h"
#include "httpd/tokens.h"

/* A token is bound to a browser by a digest; here, to a session by its key. */
static pwl_pending_t bound_to_session(const pwl_request_t *rq)
{
    pwl_pending_t bound = {.loops = 0};

    memcpy(bound.browser, rq->skey, sizeof(bound.browser));
    return bound;
}

static int signed_out(request_rec *r, const pwl_realm_t *realm)
{
    pwl_page_notice_t notice = pwl_page_notice_make(PWL_PAGE_OUT);

    notice.buttons[0].url = realm->url[PWL_ENDPOINT_LOGIN];
    notice.buttons[1].url = realm->site.home;
    return pwl_respond_notice(r, realm, &notice);
}

const char *pwl_logout_token(request_rec *r, const pwl_request_t *rq)
{
    pwl_pending_t bound = bound_to_session(rq);
    pwl_token_t token;

    if (pwl_token_new(&token, PWL_STEP_LOGOUT, &bound, r->request_time) !=
        PWL_OK)
        return NULL;
    return pwl_token_seal(&token, rq->realm->form_seal, r->pool);
}

/* Back from the tenant: where to, if the `state` says. NULL: it does not. */
static const char *way_on(request_rec *r, const pwl_request_t *rq)
{
    const pwl_server_conf_t *conf = rq->realm->conf;
    pwl_pending_t pending;
    pwl_token_t token;
    pwl_form_t *query;
    pwl_reason_t why;
    const char *state;

    if (pwl_endpoint_query(r, &query) != PWL_OK)
        return NULL;
    state = pwl_form_get(query, "state", &why);
    if (!state || pwl_request_pending(r, rq, &pending).why != PWL_OK ||
        pwl_token_open(state, rq->realm->state_seal, PWL_STEP_OUT, &pending,
                       r->request_time, conf->signin_timeout, &token,
                       r->pool) != PWL_OK ||
        pwl_returnto_check(token.return_to, conf->path) != PWL_OK)
        return NULL;
    return token.return_to;
}

static int show_button(request_rec *r, const pwl_realm_t *realm,
                       const pwl_page_logout_t *page)
{
    apr_size_t len;
    const char *html =
        pwl_page_logout(pwl_language_site(r, realm), page, r->pool, &len);

    /* Browsers hold form-action against what the answer redirects to. */
    return realm->conf->logout == PWL_LOGOUT_TENANT
               ? pwl_respond_form(r, realm, HTTP_OK, html, len)
               : pwl_respond_html(r, realm, HTTP_OK, html, len);
}

int pwl_logout_get(request_rec *r, pwl_request_t *rq)
{
    const char *target = way_on(r, rq);
    pwl_result_t res;
    pwl_page_logout_t page = {0};

    if (target)
        return pwl_respond_redirect(r, rq->realm, target);
    res = pwl_request_session(r, rq);
    if (res.why == PWL_STORE_FAILED)
        return pwl_respond_refused(r, rq->realm, "logout", res, 0, NULL);
    if (res.why != PWL_OK)
        return signed_out(r, rq->realm);
    res.why = PWL_SEAL_FAILED;
    page.token = pwl_logout_token(r, rq);
    if (!page.token)
        return pwl_respond_refused(r, rq->realm, "logout", res, 0, NULL);
    page.address = pwl_session_who(&rq->session);
    return show_button(r, rq->realm, &page);
}

static pwl_reason_t judge(request_rec *r, pwl_request_t *rq,
                          const char **target)
{
    const pwl_server_conf_t *conf = rq->realm->conf;
    pwl_pending_t bound = bound_to_session(rq);
    pwl_token_t token;
    pwl_form_t *form;
    pwl_reason_t why;
    const char *t;

    why = pwl_endpoint_form(r, rq->realm, &form);
    if (why != PWL_OK)
        return why;
    t = pwl_form_get(form, "t", &why);
    if (why != PWL_OK)
        return why;
    *target = pwl_form_get(form, "return_to", &why);
    if (why != PWL_OK)
        return why;
    if (*target && pwl_returnto_check(*target, conf->path) != PWL_OK)
        *target = NULL;
    return pwl_token_open(t, rq->realm->form_seal, PWL_STEP_LOGOUT, &bound,
                          r->request_time, conf->signin_timeout, &token,
                          r->pool);
}

/* A button left open for long, or while somebody else signed in: what is said
 * of sign-ins in that case would make no sense here. */
static int say_too_old(request_rec *r, const pwl_realm_t *realm,
                       pwl_result_t res)
{
    pwl_page_notice_t notice = pwl_page_notice_make(PWL_PAGE_FOREIGN);

    pwl_log_refused(r, "logout", res);
    if (pwl_request_speaks_json(r)) {
        pwl_page_problem_t problem = {
            .title = notice.title,
            .detail = PWL_TEXT_FLOW_FOREIGN,
            .status = notice.status,
            .reason = pwl_reason_word(res.why),
            .request_id = pwl_log_reference(r),
        };

        return pwl_respond_problem(r, realm, &problem);
    }
    notice.buttons[0].url = realm->url[PWL_ENDPOINT_LOGOUT];
    return pwl_respond_notice(r, realm, &notice);
}

/* Signed out: a browser goes on to `url`, a program is told of it. */
static int go_on(request_rec *r, const pwl_realm_t *realm, const char *url)
{
    if (pwl_request_speaks_json(r))
        return pwl_jsonflow_done(r, realm, 0, url);
    return pwl_respond_redirect(r, realm, url);
}

/* The `state` that brings this browser back to `target`, and a cookie for it:
 * a new one, as the next person at this browser has a secret of their own.
 * NULL when it cannot be made: the way back ends at our signed-out page. */
static const char *seal_state(request_rec *r, const pwl_realm_t *realm,
                              const char *target)
{
    pwl_pending_t pending;
    const char *state, *cookie;
    pwl_token_t token;

    if (pwl_pending_new(&pending, r->request_time) != PWL_OK ||
        pwl_token_new(&token, PWL_STEP_OUT, &pending, r->request_time) !=
            PWL_OK)
        return NULL;
    token.return_to = target;
    state = pwl_token_seal(&token, realm->state_seal, r->pool);
    cookie = pwl_pending_seal(&pending, realm->pending_seal, r->pool);
    if (!state || !cookie)
        return NULL;
    pwl_respond_cookie(r, realm, realm->pending_cookie, cookie);
    return state;
}

/* On to the tenant, whose session is to end as well. */
static int go_to_tenant(request_rec *r, const pwl_request_t *rq,
                        const char *target)
{
    const pwl_realm_t *realm = rq->realm;
    pwl_logouturl_t url = {
        .domain = realm->conf->domain,
        .client_id = realm->conf->client_id,
        .sid = pwl_session_value(&rq->session, "sid"),
        .back = realm->logout_uri,
    };
    const char *there;

    if (target)
        url.state = seal_state(r, realm, target);
    if (!url.state)
        pwl_respond_cookie(r, realm, realm->pending_cookie, NULL);
    there = pwl_logouturl_make(&url, r->pool);
    if (pwl_request_speaks_json(r))
        return pwl_jsonflow_out(
            r, realm, target ? target : realm->url[PWL_ENDPOINT_LOGOUT], there);
    return pwl_respond_redirect(r, realm, there);
}

static pwl_result_t end_session(request_rec *r, pwl_request_t *rq)
{
    pwl_result_t res = pwl_fleet_remove(
        pwl_place_fleet(), rq->skey, &rq->session, pwl_request_now(r), r->pool);

    if (res.why == PWL_SESSION_UNKNOWN)
        res.why = PWL_OK;
    else if (res.why == PWL_OK)
        pwl_counters_add(rq->realm->store->counters, PWL_METRIC_SESSIONS_ENDED,
                         PWL_ENDED_LOGOUT);
    return res;
}

int pwl_logout_post(request_rec *r, pwl_request_t *rq)
{
    const pwl_realm_t *realm = rq->realm;
    const char *out = realm->url[PWL_ENDPOINT_LOGOUT];
    const char *target = NULL;
    pwl_result_t res;

    res = pwl_request_session(r, rq);
    if (res.why == PWL_STORE_FAILED)
        return pwl_respond_refused(r, realm, "logout", res, 0, out);
    /* Nothing to end: a second click, or the session ran out meanwhile. */
    if (res.why != PWL_OK)
        return go_on(r, realm, out);
    res.why = judge(r, rq, &target);
    if (res.why == PWL_TOKEN_BROWSER || res.why == PWL_TOKEN_EXPIRED)
        return say_too_old(r, realm, res);
    if (res.why == PWL_OK)
        res = end_session(r, rq);
    if (res.why != PWL_OK)
        return pwl_respond_refused(r, realm, "logout", res, 0, out);
    pwl_tokens_end(r, rq);
    OPENSSL_cleanse(rq->skey, sizeof(rq->skey));
    pwl_respond_cookie(r, realm, realm->session_cookie, NULL);
    pwl_log_event(r, "signed-out", NULL);
    if (realm->conf->logout == PWL_LOGOUT_TENANT)
        return go_to_tenant(r, rq, target);
    /* The next person at this browser begins with a secret of their own. */
    pwl_respond_cookie(r, realm, realm->pending_cookie, NULL);
    return go_on(r, realm, target ? target : out);
}
