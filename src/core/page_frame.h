/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all our pages share: head, header, error box, footer, and the way a
 * text becomes HTML. For src/core/page_*.c; others use core/page.h.
 */
#ifndef PWL_CORE_PAGE_FRAME_H
#define PWL_CORE_PAGE_FRAME_H

#include "core/html.h"
#include "core/page.h"

/** The wait we name when nobody told us one. */
#define PWL_PAGE_FRAME_RETRY apr_time_from_sec(60)

/** A page being written. */
typedef struct {
    pwl_html_t *html;
    const pwl_page_site_t *site;
    const pwl_language_t *lang;
    pwl_text_args_t args; /* for all texts; site, host and help are set */
    apr_pool_t *pool;
} pwl_page_frame_t;

/** Start a page. `args` may be NULL; its site, host and help are replaced. */
pwl_page_frame_t pwl_page_frame_make(const pwl_page_site_t *site,
                                     const pwl_text_args_t *args,
                                     apr_pool_t *pool);

/** All up to the inside of <main>. `error` puts "Error: " before the title;
 * `attributes` is raw markup for <main>, or NULL. */
void pwl_page_frame_begin(pwl_page_frame_t *page, pwl_text_key_t title,
                          int error, const char *attributes);

/** From the inside of <main> to the end. @return all bytes */
const char *pwl_page_frame_end(pwl_page_frame_t *page, apr_size_t *len);

/** A literal of ours. */
void pwl_page_frame_raw(pwl_page_frame_t *page, const char *literal);

/** A text for a place between tags: addresses, hosts and references stand in
 * <bdi>, lengths of time in a <span>, whom to ask becomes a link. */
void pwl_page_frame_say(pwl_page_frame_t *page, pwl_text_key_t key);

/** The same, with a full stop where it has none: a paragraph of its own. */
void pwl_page_frame_paragraph(pwl_page_frame_t *page, const char *open,
                              pwl_text_key_t key);

/** The text as plain words, for an attribute. */
void pwl_page_frame_quote(pwl_page_frame_t *page, pwl_text_key_t key);

/** Raw `before`, the value escaped, raw `after`; nothing if value is NULL. */
void pwl_page_frame_attr(pwl_page_frame_t *page, const char *before,
                         const char *value, const char *after);

/** The variant of a text that fits what is sent to whom. */
pwl_text_key_t pwl_page_frame_variant(const pwl_page_site_t *site,
                                      pwl_text_key_t key);

/** The box over <h1> that says what went wrong.
 * @param target  id of what mends it, or NULL */
void pwl_page_frame_summary(pwl_page_frame_t *page, pwl_text_key_t key,
                            const char *target);

/** A notice that is no error; `left` >= 0: seconds for the countdown. */
void pwl_page_frame_note(pwl_page_frame_t *page, pwl_text_key_t key,
                         apr_interval_time_t left);

/** <form> with the hidden token; close it with raw "</form>". */
void pwl_page_frame_form(pwl_page_frame_t *page, const char *class_name,
                         const char *url, const char *token);

/** A button named `op`, and the end of its form. */
void pwl_page_frame_button(pwl_page_frame_t *page, const char *class_name,
                           const char *op, pwl_text_key_t label);

/** The error beside the field `id`, in the words of the summary. */
void pwl_page_frame_error(pwl_page_frame_t *page, const char *id,
                          pwl_text_key_t key);

/** What tells a screen reader about the field `id`: error, then hint. */
void pwl_page_frame_describe(pwl_page_frame_t *page, const char *id, int error,
                             int hint);

/** Reference and status in small print, what there is of them. */
void pwl_page_frame_small(pwl_page_frame_t *page, const char *ref, int status);

/** ` data-pwless-left="42"` of a wait, in whole seconds rounded up. */
void pwl_page_frame_left(pwl_page_frame_t *page, const char *name,
                         apr_interval_time_t left, pwl_round_t round);

/** ` data-pwless-digits="6"`, for the script. */
void pwl_page_frame_number(pwl_page_frame_t *page, const char *name,
                           apr_int64_t number);

/** Markup for <main> that lets the script notice a sign-in in another tab. */
const char *pwl_page_frame_watch(pwl_page_frame_t *page, pwl_text_key_t say,
                                 pwl_text_key_t button, int unsent);

/** `, "name": "value"` of a JSON object; nothing if value is NULL. */
void pwl_page_frame_member(pwl_html_t *out, const char *name, const char *value,
                           apr_pool_t *pool);

/** `, "name": 42` of a JSON object. */
void pwl_page_frame_integer(pwl_html_t *out, const char *name,
                            apr_int64_t value, apr_pool_t *pool);

/** The members of a step, without braces, as core/page_step.h has them. */
void pwl_page_step_members(pwl_html_t *out, const struct pwl_page_step_t *step,
                           apr_pool_t *pool);

/** What step 2 tells: the reason, and its text. A wrong code that was the last
 * try is told as spent, one past its life as expired. */
pwl_reason_t pwl_page_code_told(const pwl_page_code_t *code,
                                pwl_text_key_t *message);

/** What stands in for the placeholders of step 2's texts. */
pwl_text_args_t pwl_page_code_args(const pwl_page_code_t *code);

/** All of step 1, and of step 2, between box and small print: what stands in
 * <main> of their pages, and in the templates of core/page_client.c. */
void pwl_page_address_body(pwl_page_frame_t *page,
                           const pwl_page_address_t *address);
void pwl_page_code_body(pwl_page_frame_t *page, const pwl_page_code_t *code);

/** Does core/page_reason.c have a row for `why`? For its test. */
int pwl_page_reason_known(pwl_reason_t why);

#endif
