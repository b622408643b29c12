/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `session`: what a page's script may ask about its own visitor, and the page
 * a visitor sees who is signed in but not let in.
 */
#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>
#include <httpd.h>
#include <mod_core.h>

#include "core/json.h"
#include "httpd/endpoint.h"
#include "httpd/log.h"
#include "httpd/respond.h"

static int no_session(request_rec *r, const pwl_request_t *rq,
                      const char *reason)
{
    pwl_page_problem_t problem = {
        .title = PWL_TEXT_TITLE_NEEDED,
        .detail = PWL_TEXT_SESSION_NEEDED,
        .status = HTTP_UNAUTHORIZED,
        .reason = reason,
        .login_url = rq->realm->url[PWL_ENDPOINT_LOGIN],
        .request_id = pwl_log_reference(r),
    };

    apr_table_setn(r->err_headers_out, "WWW-Authenticate",
                   PWL_AUTH_TYPE " realm=\"session\"");
    return pwl_respond_problem(r, rq->realm, &problem);
}

int pwl_visit_get(request_rec *r, pwl_request_t *rq)
{
    pwl_dir_conf_t dir = pwl_conf_dir(r);
    const char *user;
    const char *json;
    apr_time_t ends;
    pwl_result_t res;

    res = pwl_request_live_session(r, rq, &dir);
    if (res.why == PWL_STORE_FAILED)
        return pwl_respond_refused(r, rq->realm, "refused", res, 0, NULL);
    if (res.why != PWL_OK)
        return no_session(r, rq,
                          res.why == PWL_SESSION_IDLE  ? "idle"
                          : res.why == PWL_SESSION_MAX ? "max-age"
                                                       : "no-session");
    user = pwl_session_value(&rq->session, dir.remote_user);
    ends = rq->session.created + dir.session_max;
    if (rq->session.expires && rq->session.expires < ends)
        ends = rq->session.expires;
    json = apr_psprintf(
        r->pool,
        "{\"user\":%s,\"sub\":%s,\"signed_in\":%" APR_TIME_T_FMT
        ",\"ends\":%" APR_TIME_T_FMT ",\"idle_ends\":%" APR_TIME_T_FMT
        ",\"t\":%s}",
        pwl_json_escape(user ? user : "", r->pool),
        pwl_json_escape(pwl_session_value(&rq->session, "sub"), r->pool),
        apr_time_sec(rq->session.created), apr_time_sec(ends),
        apr_time_sec(rq->session.last_seen + dir.session_idle),
        pwl_json_escape(pwl_logout_token(r, rq), r->pool));
    return pwl_respond_json(r, rq->realm, HTTP_OK, "application/json", json,
                            strlen(json));
}

/* May the visitor see the document about a refusal, or does the same rule
 * refuse that, too? */
static int may_see(request_rec *r, const char *url)
{
    request_rec *sub = ap_sub_req_lookup_uri(url, r, NULL);
    int good = sub->status == HTTP_OK;

    ap_destroy_sub_req(sub);
    return good;
}

/* An internal redirect that httpd/gate.c set up in place of a 401. */
int pwl_denied_get(request_rec *r, pwl_request_t *rq)
{
    pwl_result_t res = {PWL_REQUIRE_DENIED, 0, NULL};
    pwl_page_notice_t notice = pwl_page_notice_make(PWL_PAGE_DENIED);
    /* The document is that of the location that was refused. */
    const char *own = ap_response_code_string(
        r->prev ? r->prev : r, ap_index_of_response(HTTP_FORBIDDEN));

    pwl_log_refused(r, "denied", res);
    r->status = HTTP_FORBIDDEN;
    if (own && own[0] == '/' && may_see(r, own)) {
        ap_internal_redirect(own, r);
        return OK;
    }
    if (r->prev && !pwl_request_is_page(r->prev)) {
        pwl_page_problem_t problem = {
            .title = PWL_TEXT_TITLE_DENIED,
            .status = HTTP_FORBIDDEN,
            .reason = pwl_reason_word(res.why),
            .request_id = pwl_log_reference(r),
        };

        return pwl_respond_problem(r, rq->realm, &problem);
    }
    notice.status = HTTP_FORBIDDEN;
    notice.args.address = pwl_session_who(&rq->session);
    notice.ref = pwl_log_reference(r);
    notice.buttons[0].url = apr_pstrcat(
        r->pool, rq->realm->url[PWL_ENDPOINT_LOGIN], "?why=other", NULL);
    notice.buttons[1].url = rq->realm->site.home;
    return pwl_respond_notice(r, rq->realm, &notice);
}
