/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last line of a handler, for programs: what a page would have shown goes
 * out as JSON. What may happen, and what is counted, is decided before.
 *
 * What must stay true: a POST that did not do what it was asked is no success.
 * A page can say "wrong code" with status 200 and a form; a program looks at
 * the status first. So each reason has a status here:
 *
 *   422  what was typed cannot be right; nothing was asked of the tenant
 *   429  too early or too often; retry_after says how long
 *   409  the post before is still worked on
 *   403  a wrong code, a code or token of no more use
 *   5xx  as for pages: trouble with the tenant or the store
 *
 * A GET only asks where the sign-in stands. It is answered 200.
 */
#include "httpd/jsonflow.h"

#include "core/page_step.h"
#include "httpd/endpoint.h"
#include "httpd/language.h"
#include "httpd/log.h"
#include "httpd/respond.h"

static int status_of(request_rec *r, pwl_reason_t why)
{
    int status;

    if (why == PWL_OK || why == PWL_FLOW_RESENT || r->method_number != M_POST)
        return HTTP_OK;
    switch (why) {
    case PWL_ADDRESS_EMPTY:
    case PWL_ADDRESS_FORMAT:
    case PWL_ADDRESS_LONG:
    case PWL_OTP_EMPTY:
    case PWL_OTP_LENGTH:
    case PWL_OTP_CHARS:
        return HTTP_UNPROCESSABLE_ENTITY;
    case PWL_FLOW_BUSY:
        return HTTP_CONFLICT;
    case PWL_FLOW_WAIT:
        /* Step 1 leads to step 2 all the same: the code sent before works. */
        if (pwl_request_endpoint(r) == PWL_ENDPOINT_LOGIN)
            return HTTP_OK;
        break;
    default:
        break;
    }
    status = pwl_page_notice_make(pwl_page_kind(why)).status;
    return status < HTTP_BAD_REQUEST ? HTTP_FORBIDDEN : status;
}

static int send_step(request_rec *r, const pwl_realm_t *realm,
                     const pwl_page_step_t *step)
{
    apr_size_t len;
    const char *json =
        pwl_page_step(pwl_language_site(r, realm), step, r->pool, &len);

    return pwl_respond_json(r, realm, HTTP_OK, "application/json", json, len);
}

static pwl_text_key_t title_of(pwl_reason_t why, int status)
{
    pwl_page_kind_t kind = pwl_page_kind(why);

    if (kind != PWL_PAGE_NONE)
        return pwl_page_notice_make(kind).title;
    return status == HTTP_UNPROCESSABLE_ENTITY ? PWL_TEXT_SUMMARY_FIX
                                               : PWL_TEXT_SUMMARY_STOP;
}

pwl_page_step_t pwl_jsonflow_step1(const pwl_realm_t *realm,
                                   const pwl_page_address_t *page)
{
    pwl_page_step_t step = pwl_page_step_address(page);

    step.connection = realm->conf->connection;
    if (realm->conf->send == PWL_SEND_CODE)
        step.digits = realm->conf->code_length;
    return step;
}

pwl_page_step_t pwl_jsonflow_step2(const pwl_realm_t *realm,
                                   const pwl_page_code_t *page)
{
    pwl_page_step_t step = pwl_page_step_code(page);

    if (realm->conf->send == PWL_SEND_LINK)
        step.next = PWL_NEXT_LINK;
    step.connection = realm->conf->connection;
    return step;
}

int pwl_jsonflow_tell(request_rec *r, const pwl_realm_t *realm,
                      const pwl_page_step_t *step)
{
    pwl_page_problem_t problem = {.step = step};
    int status = status_of(r, step->why);

    if (status == HTTP_OK)
        return send_step(r, realm, step);
    if (status >= HTTP_INTERNAL_SERVER_ERROR) /* of a call made before */
        return pwl_respond_step(r, realm, (pwl_result_t){step->why, 0, NULL}, 0,
                                step);
    problem.status = status;
    problem.title = title_of(step->why, status);
    problem.detail = step->detail;
    problem.args = step->args;
    problem.reason = pwl_reason_word(step->why);
    problem.request_id = pwl_log_reference(r);
    if (status == HTTP_TOO_MANY_REQUESTS)
        problem.retry_after =
            step->send_wait > 0 ? step->send_wait : apr_time_from_sec(1);
    return pwl_respond_problem(r, realm, &problem);
}

int pwl_jsonflow_done(request_rec *r, const pwl_realm_t *realm, int signed_in,
                      const char *target)
{
    pwl_page_step_t step = {.signed_in = signed_in, .return_to = target};

    return send_step(r, realm, &step);
}

int pwl_jsonflow_out(request_rec *r, const pwl_realm_t *realm,
                     const char *target, const char *url)
{
    pwl_page_step_t step = {.return_to = target, .url = url};

    return send_step(r, realm, &step);
}

int pwl_jsonflow_hosted(request_rec *r, const pwl_realm_t *realm,
                        pwl_result_t asked, const char *url)
{
    pwl_page_step_t step = {.next = PWL_NEXT_HOSTED, .url = url};

    if (asked.why == PWL_OK)
        return send_step(r, realm, &step);
    return pwl_respond_step(r, realm, asked, 0, &step);
}
