/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A step of a sign-in as JSON, alone or as members of a problem.
 *
 * What must stay true: every member that belongs to `next` is there, whoever
 * the address belongs to; nothing else differs between two answers than what
 * the page would show (ux.md B.2). Times are whole seconds, waits rounded up
 * and lives rounded down, as in the words for people.
 */
#include "core/page_step.h"

#include "core/page_frame.h"

pwl_page_step_t pwl_page_step_address(const pwl_page_address_t *page)
{
    pwl_page_step_t step = {
        .next = PWL_NEXT_LOGIN,
        .token = page->token,
        .address = page->value,
        .has_code = page->has_code,
        .why = page->why != PWL_OK ? page->why : page->notice_of,
        .detail = page->notice,
        .args = page->args,
    };

    if (page->why != PWL_OK)
        step.detail = pwl_page_message(page->why);
    return step;
}

pwl_page_step_t pwl_page_step_code(const pwl_page_code_t *page)
{
    pwl_page_step_t step = {
        .next = PWL_NEXT_CODE,
        .token = page->token,
        .address = page->address,
        .digits = page->digits,
        .tries_left = page->tries_left,
        .left = page->left,
        .send_wait = page->send_wait,
        .args = pwl_page_code_args(page),
    };

    step.why = pwl_page_code_told(page, &step.detail);
    if (step.why != PWL_OK)
        return step;
    if (page->notice == PWL_TEXT_SEND_AGAIN)
        step.why = PWL_FLOW_RESENT;
    step.detail =
        page->notice != PWL_TEXT_NONE ? page->notice : PWL_TEXT_CODE_SENT;
    return step;
}

static apr_int64_t seconds_up(apr_interval_time_t wait)
{
    return wait > 0 ? (wait + APR_USEC_PER_SEC - 1) / APR_USEC_PER_SEC : 0;
}

static apr_int64_t seconds_down(apr_interval_time_t life)
{
    return life > 0 ? life / APR_USEC_PER_SEC : 0;
}

/* The first member says which of the others are there. */
static const char *first_member(const pwl_page_step_t *step)
{
    switch (step->next) {
    case PWL_NEXT_LOGIN:
        return "\"next\": \"login\"";
    case PWL_NEXT_CODE:
        return "\"next\": \"code\"";
    case PWL_NEXT_LINK:
        return "\"next\": \"link\"";
    case PWL_NEXT_HOSTED:
        return "\"next\": \"hosted\"";
    default:
        return step->signed_in ? "\"signed_in\": true" : "\"signed_in\": false";
    }
}

void pwl_page_step_members(pwl_html_t *out, const pwl_page_step_t *step,
                           apr_pool_t *pool)
{
    pwl_html_raw(out, first_member(step));
    pwl_page_frame_member(out, "return_to", step->return_to, pool);
    pwl_page_frame_member(out, "url", step->url, pool);
    if (step->next == PWL_NEXT_NONE || step->next == PWL_NEXT_HOSTED)
        return;
    pwl_page_frame_member(out, "t", step->token, pool);
    pwl_page_frame_member(out, "connection", step->connection, pool);
    pwl_page_frame_member(out, "address", step->address, pool);
    if (step->digits > 0 && step->next != PWL_NEXT_LINK)
        pwl_page_frame_integer(out, "code_length", step->digits, pool);
    if (step->next == PWL_NEXT_LOGIN) {
        pwl_html_raw(out, step->has_code ? ", \"has_code\": true"
                                         : ", \"has_code\": false");
        return;
    }
    if (step->next == PWL_NEXT_CODE)
        pwl_page_frame_integer(out, "tries_left", step->tries_left, pool);
    pwl_page_frame_integer(out,
                           step->next == PWL_NEXT_CODE ? "code_expires_in"
                                                       : "link_expires_in",
                           seconds_down(step->left), pool);
    pwl_page_frame_integer(out, "resend_after", seconds_up(step->send_wait),
                           pool);
}

const char *pwl_page_step(const pwl_page_site_t *site,
                          const pwl_page_step_t *step, apr_pool_t *pool,
                          apr_size_t *len)
{
    pwl_page_frame_t words = pwl_page_frame_make(site, &step->args, pool);
    pwl_html_t *out = pwl_html_make(pool);

    pwl_html_raw(out, "{");
    pwl_page_step_members(out, step, pool);
    if (step->why != PWL_OK)
        pwl_page_frame_member(out, "reason", pwl_reason_word(step->why), pool);
    if (step->detail != PWL_TEXT_NONE)
        pwl_page_frame_member(
            out, "detail",
            pwl_text_fill(words.lang,
                          pwl_page_frame_variant(site, step->detail),
                          &words.args, pool),
            pool);
    pwl_html_raw(out, "}\n");
    return pwl_html_bytes(out, len);
}
