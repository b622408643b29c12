/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same answers for programs: application/problem+json (RFC 9457).
 *
 *   title, detail   words for people, in the language of the page
 *   reason          the stable word a program decides by
 *   the rest        facts: status, where to sign in, when to come back, and
 *                   the step a sign-in goes on with (core/page_step.c)
 *
 * What must stay true: every string goes through pwl_json_escape(); a member
 * without a value is left out, so nobody has to tell null from absent.
 */
#include <apr_strings.h>

#include "core/json.h"
#include "core/page_frame.h"

void pwl_page_frame_member(pwl_html_t *out, const char *name, const char *value,
                           apr_pool_t *pool)
{
    if (!value)
        return;
    pwl_html_raw(out, apr_pstrcat(pool, ", \"", name,
                                  "\": ", pwl_json_escape(value, pool), NULL));
}

void pwl_page_frame_integer(pwl_html_t *out, const char *name,
                            apr_int64_t value, apr_pool_t *pool)
{
    pwl_html_raw(
        out, apr_psprintf(pool, ", \"%s\": %" APR_INT64_T_FMT, name, value));
}

static void number(pwl_html_t *out, const char *name, apr_int64_t value,
                   apr_pool_t *pool)
{
    if (value > 0)
        pwl_page_frame_integer(out, name, value, pool);
}

const char *pwl_page_problem(const pwl_page_site_t *site,
                             const pwl_page_problem_t *problem,
                             apr_pool_t *pool, apr_size_t *len)
{
    pwl_page_frame_t words = pwl_page_frame_make(site, &problem->args, pool);
    pwl_html_t *out = pwl_html_make(pool);
    const char *detail = NULL;

    if (!words.args.ref)
        words.args.ref =
            problem->request_id ? problem->request_id : "\xe2\x80\x93";
    if (words.args.duration <= 0)
        words.args.duration = problem->retry_after;
    if (words.args.duration <= 0)
        words.args.duration = PWL_PAGE_FRAME_RETRY;
    if (problem->detail != PWL_TEXT_NONE)
        detail = pwl_text_fill(words.lang,
                               pwl_page_frame_variant(site, problem->detail),
                               &words.args, pool);
    pwl_html_raw(out, "{\"type\": ");
    pwl_html_raw(out, pwl_json_escape(
                          problem->type ? problem->type : "about:blank", pool));
    pwl_page_frame_member(
        out, "title",
        pwl_text_fill(words.lang, problem->title, &words.args, pool), pool);
    number(out, "status", problem->status, pool);
    pwl_page_frame_member(out, "detail", detail, pool);
    pwl_page_frame_member(out, "instance", problem->instance, pool);
    pwl_page_frame_member(out, "reason", problem->reason, pool);
    pwl_page_frame_member(out, "login_url", problem->login_url, pool);
    pwl_page_frame_member(out, "request_id", problem->request_id, pool);
    number(out, "retry_after",
           (problem->retry_after + APR_USEC_PER_SEC - 1) / APR_USEC_PER_SEC,
           pool);
    if (problem->step) {
        pwl_html_raw(out, ", ");
        pwl_page_step_members(out, problem->step, pool);
    }
    pwl_html_raw(out, "}\n");
    return pwl_html_bytes(out, len);
}
