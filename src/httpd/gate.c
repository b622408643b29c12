/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every request to a guarded URL comes through here:
 *
 *   access_checker_ex  before the rules: our own URLs need no session; of all
 *                      others nobody may have said who it is
 *                      after them, where they miss a user only: may visitors
 *                      pass without one (`Auth0Unauthenticated pass`)?
 *   check_authn        cookie -> table -> limits -> export, or a challenge
 *   fixups             what an internal redirect leads to is told who it is
 *                      even where httpd asks nobody about it
 *   note_auth_failure  signed in, but Require says no: 403 with an account
 *                      name, not 401
 *
 * A live session costs no network, no lock, no counter and no log line above
 * debug, except when its tokens are due (httpd/refresh.h).
 * Sub-requests and internal redirects ask for the main request's session, so
 * they cannot differ from it.
 */
#include "httpd/gate.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>
#include <mod_core.h>

#include "httpd/identity.h"
#include "httpd/log.h"
#include "httpd/place.h"
#include "httpd/refresh.h"
#include "httpd/request.h"
#include "httpd/respond.h"
#include "httpd/tokens.h"

APLOG_USE_MODULE(auth0_pwless);

static int guarded(request_rec *r)
{
    const char *type = ap_auth_type(r);

    return type && !ap_cstr_casecmp(type, PWL_AUTH_TYPE);
}

/* Judge the session by this location's limits and keep it fresh. */
static pwl_result_t live_session(request_rec *r, pwl_request_t *rq,
                                 const pwl_dir_conf_t *dir)
{
    pwl_result_t res = pwl_request_live_session(r, rq, dir);

    if (rq->realm->tokens_seal && res.why == PWL_OK)
        rq->session_res = res = pwl_refresh_session(r, rq);
    if (res.why == PWL_OK &&
        pwl_session_touch_due(&rq->session, r->request_time,
                              dir->session_idle)) {
        pwl_result_t touched;

        rq->session.last_seen = r->request_time;
        touched = pwl_fleet_touch(pwl_place_fleet(), rq->skey, &rq->session,
                                  pwl_request_sweep_time(&rq->session),
                                  pwl_request_now(r), pwl_request_top(r)->pool);
        /* A touch that fails costs at most this much idle time. One that finds
         * nothing to touch: the session has ended since it was read. */
        if (touched.why == PWL_SESSION_UNKNOWN)
            rq->session_res = res = touched;
    }
    return res;
}

static pwl_unauth_t unauthenticated_mode(request_rec *r,
                                         const pwl_dir_conf_t *dir)
{
    const char *error = NULL;

    if (!dir->unauth_when)
        return dir->unauth;
    if (ap_expr_exec(r, dir->unauth_when, &error) > 0 && !error)
        return dir->unauth;
    return PWL_UNAUTH_AUTO;
}

static void count(const pwl_request_t *rq, pwl_metric_unauthenticated_t answer)
{
    pwl_counters_add(rq->realm->store->counters, PWL_METRIC_UNAUTHENTICATED,
                     (int)answer);
}

/* What depends on the visitor is not for caches that many share: mod_cache in
 * front of us would store one person's page and hand it to anybody, unasked.
 * mod_proxy replaces the other table of headers by the back end's. */
static void keep_private(request_rec *r)
{
    apr_table_setn(r->err_headers_out, "Cache-Control", "private");
}

/* A guarded location that leads to this one, or includes it, may pass a token
 * on; identity belongs to the page around, a token to whom it was meant for. */
static void take_tokens_back(request_rec *r)
{
    const pwl_request_t *rq = r->main || r->prev ? pwl_request_of(r) : NULL;

    if (rq)
        pwl_tokens_take_back(r, rq);
}

int pwl_gate_exempt(request_rec *r)
{
    pwl_dir_conf_t dir;
    pwl_request_t *rq;

    if (pwl_request_endpoint(r) != PWL_ENDPOINT_NONE)
        return OK;
    if (!guarded(r)) {
        take_tokens_back(r);
        return DECLINED;
    }
    /* An earlier module may have named somebody (SSLUserName, mod_lua), which
     * would do for Require: here only those have a name who signed in. */
    r->user = NULL;
    if (!(rq = pwl_request_of(r)))
        return DECLINED;
    /* Here, because rules may let somebody in of whom we are not asked. */
    dir = pwl_conf_dir(r);
    pwl_tokens_withhold(r, rq, &dir);
    return DECLINED;
}

int pwl_gate_pass(request_rec *r)
{
    pwl_dir_conf_t dir;
    pwl_request_t *rq;

    if (!guarded(r) || !(rq = pwl_request_of(r)))
        return DECLINED;
    dir = pwl_conf_dir(r);
    if (unauthenticated_mode(r, &dir) != PWL_UNAUTH_PASS ||
        live_session(r, rq, &dir).why == PWL_OK)
        return DECLINED;
    keep_private(r);
    if (!r->main && !r->prev) /* once for each request of the client */
        count(rq, PWL_UNAUTHENTICATED_PASS);
    return OK; /* no identity at all: headers were scrubbed, user is unset */
}

/* Words a location's refusal adds to the sign-in page, and which tell it that
 * a session that still lives elsewhere will not do here. */
static const char *login_url(request_rec *r, const pwl_request_t *rq,
                             const pwl_dir_conf_t *dir, pwl_reason_t why)
{
    const char *url = pwl_respond_url(rq->realm->url[PWL_ENDPOINT_LOGIN],
                                      "return_to", r->unparsed_uri, r->pool);

    if (why == PWL_SESSION_IDLE)
        return apr_psprintf(r->pool, "%s&why=idle&limit=%" APR_TIME_T_FMT, url,
                            apr_time_sec(dir->session_idle));
    if (why == PWL_SESSION_MAX)
        return apr_psprintf(r->pool, "%s&why=max&limit=%" APR_TIME_T_FMT, url,
                            apr_time_sec(dir->session_max));
    return url;
}

static int send_unsent(request_rec *r, const pwl_request_t *rq)
{
    pwl_page_notice_t notice = pwl_page_notice_make(PWL_PAGE_UNSENT);

    count(rq, PWL_UNAUTHENTICATED_401_UNSENT);
    notice.status = HTTP_UNAUTHORIZED;
    notice.unsent = 1;
    notice.buttons[0].url = rq->realm->url[PWL_ENDPOINT_LOGIN];
    notice.buttons[0].new_tab = 1;
    return pwl_respond_notice(r, rq->realm, &notice);
}

static const char *reason_for_program(pwl_reason_t why)
{
    switch (why) {
    case PWL_SESSION_IDLE:
        return "idle";
    case PWL_SESSION_MAX:
        return "max-age";
    default:
        return "no-session";
    }
}

static int send_401(request_rec *r, const pwl_request_t *rq, pwl_reason_t why)
{
    pwl_page_problem_t problem = {
        .title = PWL_TEXT_TITLE_NEEDED,
        .detail = why == PWL_SESSION_MISSING ? PWL_TEXT_SESSION_NEEDED
                                             : PWL_TEXT_SESSION_ENDED,
        .status = HTTP_UNAUTHORIZED,
        .reason = reason_for_program(why),
        .login_url = rq->realm->url[PWL_ENDPOINT_LOGIN],
        .request_id = pwl_log_reference(r),
    };

    count(rq, PWL_UNAUTHENTICATED_401_JSON);
    return pwl_respond_problem(r, rq->realm, &problem);
}

static int challenge_person(request_rec *r, const pwl_request_t *rq,
                            const pwl_dir_conf_t *dir, pwl_reason_t why)
{
    const char *url = login_url(r, rq, dir, why);

    count(rq, PWL_UNAUTHENTICATED_LOGIN);
    if (pwl_request_wrong_scheme(r, rq->realm)) {
        pwl_log_plain(r, rq->realm);
        url = apr_pstrcat(r->pool, rq->realm->base_url, url, NULL);
    }
    return pwl_respond_found(r, rq->realm, url);
}

static int challenge_form(request_rec *r)
{
    const char *mode = apr_table_get(r->headers_in, "Sec-Fetch-Mode");
    const char *accept = apr_table_get(r->headers_in, "Accept");

    if (mode)
        return !strcmp(mode, "navigate");
    return accept && ap_strcasestr(accept, "text/html") != NULL;
}

/* Somebody without a usable session asks for something guarded. */
static int challenge(request_rec *r, const pwl_request_t *rq,
                     const pwl_dir_conf_t *dir, pwl_result_t res)
{
    pwl_unauth_t mode = unauthenticated_mode(r, dir);
    const char *realm_name = ap_auth_name(r);
    int page = pwl_request_is_page(r);

    ap_log_rerror(APLOG_MARK, APLOG_DEBUG, res.rv, r,
                  "pwless: challenged, reason=%s", pwl_reason_word(res.why));
    if (r->main)
        return HTTP_UNAUTHORIZED; /* a sub-request answers nobody */
    /* Who has no cookie was not refused: they were asked in. */
    if (res.why != PWL_SESSION_MISSING)
        pwl_counters_refused(rq->realm->store->counters, res.why);
    ap_run_insert_error_filter(r);
    if (mode == PWL_UNAUTH_LOGIN || (mode != PWL_UNAUTH_401 && page))
        return challenge_person(r, rq, dir, res.why);
    apr_table_setn(
        r->err_headers_out, "WWW-Authenticate",
        apr_psprintf(r->pool, PWL_AUTH_TYPE " realm=\"%s\"",
                     ap_escape_quotes(r->pool, realm_name
                                                   ? realm_name
                                                   : rq->realm->site.site)));
    if (mode != PWL_UNAUTH_401 && r->method_number == M_POST &&
        challenge_form(r))
        return send_unsent(r, rq);
    if (ap_response_code_string(r, ap_index_of_response(HTTP_UNAUTHORIZED))) {
        count(rq, PWL_UNAUTHENTICATED_401_DOCUMENT);
        return HTTP_UNAUTHORIZED; /* the site has its own ErrorDocument */
    }
    return send_401(r, rq, res.why);
}

/* The store does not answer: nobody knows who this is. */
static int refuse_unjudged(request_rec *r, const pwl_request_t *rq,
                           pwl_result_t res)
{
    /* A sub-request answers nobody: the page would stand in the middle of what
     * another URL answers. That the store is gone has its own log line. */
    if (r->main)
        return HTTP_SERVICE_UNAVAILABLE;
    return pwl_respond_refused(r, rq->realm, "refused", res, 0, NULL);
}

/* There is no record of the request the client sent. */
static int refuse_unknown(request_rec *r)
{
    /* httpd could not read it, so post_read_request never saw it, and here is
     * an ErrorDocument that only somebody with a session may see. */
    if (pwl_realm_of(r->server))
        return HTTP_FORBIDDEN;
    ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                  "pwless: AuthType " PWL_AUTH_TYPE " guards this URL, but "
                  "host %s has no Auth0Domain: add it to that host",
                  r->server->server_hostname);
    return HTTP_INTERNAL_SERVER_ERROR;
}

static void export_tokens(request_rec *r, pwl_request_t *rq,
                          const pwl_dir_conf_t *dir)
{
    if (dir->pass_token != PWL_PASS_TOKEN_NONE || rq->bearer)
        pwl_tokens_pass(r, rq, dir);
}

int pwl_gate_redirected(request_rec *r)
{
    pwl_request_t *rq;
    pwl_dir_conf_t dir;

    if (!r->prev || r->prev->per_dir_config != r->per_dir_config || !r->user ||
        !guarded(r) || !(rq = pwl_request_of(r)))
        return DECLINED;
    dir = pwl_conf_dir(r);
    if (pwl_request_live_session(r, rq, &dir).why == PWL_OK &&
        pwl_identity_export(r, &dir, &rq->session).why == PWL_OK)
        export_tokens(r, rq, &dir);
    return DECLINED;
}

int pwl_gate_check(request_rec *r)
{
    pwl_request_t *rq;
    pwl_dir_conf_t dir;
    pwl_result_t res;

    if (!guarded(r))
        return DECLINED;
    rq = pwl_request_of(r);
    if (!rq)
        return refuse_unknown(r);
    dir = pwl_conf_dir(r);
    res = live_session(r, rq, &dir);
    if (res.why == PWL_OK)
        res = pwl_identity_export(r, &dir, &rq->session);
    if (res.why == PWL_OK) {
        keep_private(r);
        export_tokens(r, rq, &dir);
        return OK;
    }
    if (res.why == PWL_REQUIRE_DENIED) {
        pwl_log_refused(r, "denied", res);
        return HTTP_FORBIDDEN;
    }
    if (res.why == PWL_STORE_FAILED)
        return refuse_unjudged(r, rq, res);
    /* A cookie that no store knows is of no use to anybody. */
    if (res.why == PWL_SESSION_UNKNOWN || res.why == PWL_SESSION_FORGED)
        pwl_respond_cookie(r, rq->realm, rq->realm->session_cookie, NULL);
    return challenge(r, rq, &dir, res);
}

int pwl_gate_denied(request_rec *r, const char *auth_type)
{
    pwl_request_t *rq = pwl_request_of(r);

    if (ap_cstr_casecmp(auth_type, PWL_AUTH_TYPE) != 0 || !rq)
        return DECLINED;
    if (!r->user || r->main)
        return OK;
    ap_custom_response(r, HTTP_UNAUTHORIZED,
                       rq->realm->url[PWL_ENDPOINT_DENIED]);
    return OK;
}
