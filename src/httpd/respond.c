/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How answers leave: status, headers, body, cookies.
 *
 * Headers go to err_headers_out, which httpd sends with every status. Answers
 * are sent by a handler, or by the gate in the place of one; both ways pass
 * httpd's output filters, so `Header always set` and mod_deflate apply.
 */
#include "httpd/respond.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>
#include <util_filter.h>

#include "core/authorize.h"
#include "core/navigation.h"
#include "httpd/language.h"
#include "httpd/log.h"

/* What every answer of ours carries: nothing cached, nothing from elsewhere. */
static void set_headers(request_rec *r, const pwl_realm_t *realm)
{
    apr_table_t *out = r->err_headers_out;

    apr_table_setn(out, "Cache-Control", "no-store");
    apr_table_setn(out, "Content-Security-Policy", realm->csp);
    apr_table_setn(out, "Referrer-Policy", "same-origin");
    apr_table_setn(out, "X-Content-Type-Options", "nosniff");
    apr_table_mergen(out, "Vary",
                     "Accept, Accept-Language, Cookie, Sec-Fetch-Mode, "
                     "Sec-Fetch-Dest");
}

void pwl_respond_cookie(request_rec *r, const pwl_realm_t *realm,
                        const char *name, const char *value)
{
    apr_table_addn(r->err_headers_out, "Set-Cookie",
                   apr_pstrcat(r->pool, name, "=", value ? value : "",
                               realm->cookie_attributes,
                               value ? NULL : "; Max-Age=0", NULL));
}

static int send_body(request_rec *r, int status, const char *type,
                     const char *body, apr_size_t len)
{
    apr_bucket_brigade *brigade =
        apr_brigade_create(r->pool, r->connection->bucket_alloc);
    apr_bucket_alloc_t *alloc = r->connection->bucket_alloc;

    r->status = status;
    if (type)
        ap_set_content_type(r, type);
    ap_set_content_length(r, (apr_off_t)len);
    if (!r->header_only && len > 0)
        APR_BRIGADE_INSERT_TAIL(
            brigade, apr_bucket_pool_create(body, len, r->pool, alloc));
    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(alloc));
    ap_pass_brigade(r->output_filters, brigade);
    return DONE;
}

static int send_html(request_rec *r, const pwl_realm_t *realm, int status,
                     const char *html, apr_size_t len)
{
    apr_table_setn(r->err_headers_out, "X-Frame-Options", "DENY");
    apr_table_setn(r->err_headers_out, "X-Robots-Tag", "noindex");
    apr_table_setn(r->err_headers_out, "Cross-Origin-Opener-Policy",
                   "same-origin");
    apr_table_setn(r->err_headers_out, "Content-Language",
                   pwl_language_site(r, realm)->lang->tag);
    return send_body(r, status, "text/html; charset=utf-8", html, len);
}

int pwl_respond_html(request_rec *r, const pwl_realm_t *realm, int status,
                     const char *html, apr_size_t len)
{
    set_headers(r, realm);
    return send_html(r, realm, status, html, len);
}

int pwl_respond_form(request_rec *r, const pwl_realm_t *realm, int status,
                     const char *html, apr_size_t len)
{
    set_headers(r, realm);
    apr_table_setn(r->err_headers_out, "Content-Security-Policy",
                   realm->csp_form);
    return send_html(r, realm, status, html, len);
}

int pwl_respond_client(request_rec *r, const pwl_realm_t *realm,
                       const char *html, apr_size_t len)
{
    set_headers(r, realm);
    apr_table_setn(r->err_headers_out, "Content-Security-Policy",
                   realm->client_csp);
    return send_html(r, realm, HTTP_OK, html, len);
}

int pwl_respond_json(request_rec *r, const pwl_realm_t *realm, int status,
                     const char *type, const char *json, apr_size_t len)
{
    set_headers(r, realm);
    return send_body(r, status, type, json, len);
}

static int send_there(request_rec *r, const pwl_realm_t *realm, int status,
                      const char *url)
{
    set_headers(r, realm);
    apr_table_setn(r->err_headers_out, "Location", url);
    return send_body(r, status, NULL, "", 0);
}

int pwl_respond_redirect(request_rec *r, const pwl_realm_t *realm,
                         const char *url)
{
    return send_there(r, realm, HTTP_SEE_OTHER, url);
}

int pwl_respond_found(request_rec *r, const pwl_realm_t *realm, const char *url)
{
    return send_there(r, realm, HTTP_MOVED_TEMPORARILY, url);
}

const char *pwl_respond_url(const char *path, const char *name,
                            const char *value, apr_pool_t *pool)
{
    if (!value || !*value)
        return path;
    return apr_pstrcat(pool, path, "?", name, "=",
                       pwl_authorize_encode(value, pool), NULL);
}

static void retry_after(request_rec *r, apr_interval_time_t wait)
{
    apr_int64_t seconds;

    if (wait <= 0)
        return;
    seconds = (wait + APR_USEC_PER_SEC - 1) / APR_USEC_PER_SEC;
    apr_table_setn(r->err_headers_out, "Retry-After",
                   apr_psprintf(r->pool, "%" APR_INT64_T_FMT, seconds));
}

int pwl_respond_notice(request_rec *r, const pwl_realm_t *realm,
                       const pwl_page_notice_t *notice)
{
    apr_size_t len;
    const char *html =
        pwl_page_notice(pwl_language_site(r, realm), notice, r->pool, &len);

    return pwl_respond_html(r, realm, notice->status ? notice->status : HTTP_OK,
                            html, len);
}

/* Does the client want a page, or is it a program? A form was posted by a
 * browser whatever else it says. */
static int wants_page(request_rec *r)
{
    const char *accept = apr_table_get(r->headers_in, "Accept");

    if (pwl_request_speaks_json(r) || pwl_navigation_wants_json(accept))
        return 0;
    return accept ? ap_strcasestr(accept, "html") != NULL ||
                        ap_strcasestr(accept, "*/*") != NULL
                  : 1;
}

/* What a failure of the tenant looks like from outside: its status. */
static int status_of(pwl_reason_t why, int usual)
{
    switch (why) {
    case PWL_HTTPS_TIMEOUT:
        return HTTP_GATEWAY_TIME_OUT;
    case PWL_HTTPS_BUSY:
    case PWL_HTTPS_DOWN:
        return HTTP_SERVICE_UNAVAILABLE;
    case PWL_LOGOUT_BEFORE:
    case PWL_JWT_ORG:
    case PWL_JWT_ACR:
    case PWL_JWT_EMAIL:
    case PWL_JWT_EMAIL_UNVERIFIED:
        return HTTP_FORBIDDEN; /* about the person, not the machinery */
    case PWL_TENANT_CONFIG:
    case PWL_TENANT_NONSENSE:
    case PWL_HTTPS_TLS:
    case PWL_HTTPS_TOO_LARGE:
    case PWL_HTTPS_REDIRECT:
        return HTTP_BAD_GATEWAY;
    case PWL_FORM_TOO_LARGE:
        return HTTP_REQUEST_ENTITY_TOO_LARGE;
    case PWL_FORM_TYPE:
        return HTTP_UNSUPPORTED_MEDIA_TYPE;
    case PWL_FORM_BODY:
        return HTTP_REQUEST_TIME_OUT;
    default:
        break;
    }
    if (why >= PWL_JSON_MALFORMED && why <= PWL_JWKS_EMPTY)
        return HTTP_BAD_GATEWAY; /* an answer of the tenant did not hold */
    return usual;
}

static int refuse_program(request_rec *r, const pwl_realm_t *realm,
                          pwl_result_t res, const pwl_page_notice_t *notice,
                          apr_interval_time_t retry,
                          const pwl_page_step_t *step)
{
    pwl_page_problem_t problem = {
        .title = notice->title,
        .detail = pwl_page_message(res.why),
        .args = notice->args,
        /* A page that offers a way on may be no error; a problem is one. */
        .status =
            notice->status < HTTP_BAD_REQUEST ? HTTP_FORBIDDEN : notice->status,
        .reason = pwl_reason_word(res.why),
        .request_id = pwl_log_reference(r),
        .retry_after = retry,
        .step = step,
    };

    return pwl_respond_problem(r, realm, &problem);
}

int pwl_respond_refused(request_rec *r, const pwl_realm_t *realm,
                        const char *event, pwl_result_t res,
                        apr_interval_time_t retry, const char *again)
{
    pwl_log_refused(r, event, res);
    return pwl_respond_page(r, realm, res, retry, again);
}

/* The page that tells of `res`, but for its button. Without a wait that
 * somebody named, trouble is given a minute. */
static pwl_page_notice_t notice_of(request_rec *r, const pwl_realm_t *realm,
                                   pwl_result_t res, apr_interval_time_t *retry)
{
    pwl_page_kind_t kind = pwl_page_kind(res.why);
    pwl_page_notice_t notice =
        pwl_page_notice_make(kind ? kind : PWL_PAGE_CONFIG);

    notice.status = status_of(res.why, notice.status);
    /* An answer of the tenant that leads nowhere is never a success (B3). */
    if (notice.status == HTTP_OK &&
        pwl_request_endpoint(r) == PWL_ENDPOINT_CALLBACK)
        notice.status = HTTP_BAD_REQUEST;
    if (notice.status >= 500 && *retry <= 0)
        *retry = apr_time_from_sec(60);
    notice.ref = pwl_log_reference(r);
    notice.args.duration = *retry;
    notice.args.minutes = realm->conf->signin_timeout;
    return notice;
}

int pwl_respond_step(request_rec *r, const pwl_realm_t *realm, pwl_result_t res,
                     apr_interval_time_t retry, const pwl_page_step_t *step)
{
    pwl_page_notice_t notice = notice_of(r, realm, res, &retry);

    return refuse_program(r, realm, res, &notice, retry, step);
}

int pwl_respond_page(request_rec *r, const pwl_realm_t *realm, pwl_result_t res,
                     apr_interval_time_t retry, const char *again)
{
    pwl_page_notice_t notice = notice_of(r, realm, res, &retry);

    if (!wants_page(r))
        return refuse_program(r, realm, res, &notice, retry, NULL);
    notice.buttons[0].url = again ? again : realm->url[PWL_ENDPOINT_LOGIN];
    if (res.why == PWL_FLOW_LOOP || res.why == PWL_LOGOUT_BEFORE)
        notice.lines[1] = pwl_page_message(res.why);
    retry_after(r, retry);
    return pwl_respond_notice(r, realm, &notice);
}

int pwl_respond_method(request_rec *r, const pwl_realm_t *realm,
                       const char *allow)
{
    pwl_page_notice_t notice = pwl_page_notice_make(PWL_PAGE_METHOD);

    apr_table_setn(r->err_headers_out, "Allow", allow);
    if (r->method_number == M_OPTIONS) {
        set_headers(r, realm);
        return send_body(r, HTTP_NO_CONTENT, NULL, "", 0);
    }
    notice.status = HTTP_METHOD_NOT_ALLOWED;
    notice.buttons[0].url = realm->url[PWL_ENDPOINT_LOGIN];
    return pwl_respond_notice(r, realm, &notice);
}

int pwl_respond_problem(request_rec *r, const pwl_realm_t *realm,
                        const pwl_page_problem_t *problem)
{
    const char *accept = apr_table_get(r->headers_in, "Accept");
    const pwl_page_site_t *site = pwl_language_site(r, realm);
    apr_size_t len;
    const char *json;

    apr_table_setn(r->err_headers_out, "Content-Language", site->lang->tag);
    retry_after(r, problem->retry_after);
    if (pwl_request_speaks_json(r))
        accept = NULL; /* it said so by what it sent */
    /* A picture or a stylesheet has no use for words. */
    if (accept && !strstr(accept, "*/*") && !ap_strcasestr(accept, "json") &&
        !ap_strcasestr(accept, "text/"))
        return pwl_respond_json(r, realm, problem->status, "text/plain", "", 0);
    if (accept && ap_strcasestr(accept, "text/plain") &&
        !ap_strcasestr(accept, "json")) {
        json = apr_pstrcat(r->pool, pwl_text(site->lang, problem->title), "\n",
                           NULL);
        return pwl_respond_json(r, realm, problem->status,
                                "text/plain; charset=utf-8", json,
                                strlen(json));
    }
    json = pwl_page_problem(site, problem, r->pool, &len);
    return pwl_respond_json(r, realm, problem->status,
                            "application/problem+json", json, len);
}
