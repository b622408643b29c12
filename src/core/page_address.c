/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Step 1: the form that asks for an address.
 *
 *   box        what went wrong, if anything did
 *   note       why the visitor is here again ("signed out after 1 hour")
 *   <h1>, lead, field, main button
 *   "I already have a code", when one is on its way
 *
 * An error that the visitor can mend stands at the field too, in the same
 * words, and the field keeps what was typed. All others (the tenant is down,
 * a limit is reached) stand in the box alone: nothing is wrong with the field.
 *
 * The field takes focus unless a note wants to be read first. An error does
 * not keep it away: without script the field's description then carries the
 * message; with script the focus goes to the box.
 */
#include "core/page_frame.h"

/* Can the visitor mend it in the field? */
static int is_of_field(pwl_reason_t why)
{
    return why == PWL_ADDRESS_EMPTY || why == PWL_ADDRESS_FORMAT ||
           why == PWL_ADDRESS_LONG || why == PWL_PHONE_PREFIX ||
           why == PWL_TENANT_ADDRESS;
}

/* What to say on this page. Where it is not told which addresses are unknown or
 * blocked, they never get here by themselves; if one does, it must look like
 * any other. */
static pwl_text_key_t message_of(const pwl_page_site_t *site, pwl_reason_t why)
{
    int tell = site->unknown == PWL_PAGE_UNKNOWN_TELL;

    if (why == PWL_TENANT_CLOSED)
        return tell ? PWL_TEXT_SIGNUP_CLOSED : PWL_TEXT_NONE;
    if (why == PWL_TENANT_BLOCKED)
        return tell ? PWL_TEXT_LIMIT_ACCOUNT : PWL_TEXT_NONE;
    return pwl_page_message(why);
}

static void box_and_note(pwl_page_frame_t *page,
                         const pwl_page_address_t *address,
                         pwl_text_key_t message, const char *id)
{
    apr_interval_time_t of_notice = page->args.duration;
    int waits = address->why == PWL_FLOW_WAIT || address->why == PWL_FLOW_BUSY;

    page->args.duration =
        address->retry > 0 ? address->retry : PWL_PAGE_FRAME_RETRY;
    if (message != PWL_TEXT_NONE && waits)
        pwl_page_frame_note(page, message, 0);
    else if (message != PWL_TEXT_NONE)
        pwl_page_frame_summary(page, message,
                               is_of_field(address->why) ? id : NULL);
    page->args.duration = of_notice;
    if (address->notice != PWL_TEXT_NONE)
        pwl_page_frame_note(page, address->notice, 0);
}

/* The field with what belongs to it: label, hint of phones, error. */
static void field(pwl_page_frame_t *page, const pwl_page_address_t *address,
                  pwl_text_key_t message, const char *id)
{
    int phone = page->site->medium == PWL_PAGE_PHONE_CODE;
    int wrong = message != PWL_TEXT_NONE && is_of_field(address->why);

    pwl_page_frame_attr(page, "<label for=\"", id, "\">");
    pwl_page_frame_say(page, PWL_TEXT_LOGIN_LABEL);
    pwl_page_frame_raw(page, "</label>\n");
    if (phone)
        pwl_page_frame_paragraph(
            page, "<p class=\"pwless-hint\" id=\"pwless-phone-hint\">",
            page->site->own_country ? PWL_TEXT_PHONE_HINT_OWN
                                    : PWL_TEXT_PHONE_HINT);
    if (wrong)
        pwl_page_frame_error(page, id, message);
    if (phone)
        pwl_page_frame_raw(page, "<input type=\"tel\" name=\"phone_number\" "
                                 "id=\"pwless-phone\" autocomplete=\"tel\" "
                                 "inputmode=\"tel\" enterkeyhint=\"send\" "
                                 "dir=\"ltr\"");
    else
        pwl_page_frame_raw(
            page, "<input type=\"email\" name=\"email\" id=\"pwless-email\" "
                  "autocomplete=\"email\" inputmode=\"email\" "
                  "autocapitalize=\"none\" autocorrect=\"off\" "
                  "spellcheck=\"false\" enterkeyhint=\"send\" dir=\"ltr\"");
    pwl_page_frame_attr(page, " value=\"", address->value, "\"");
    pwl_page_frame_describe(page, id, wrong, phone);
    if (address->notice == PWL_TEXT_NONE)
        pwl_page_frame_raw(page, " autofocus");
    pwl_page_frame_raw(page, ">\n");
}

static const char *field_id(const pwl_page_site_t *site)
{
    return site->medium == PWL_PAGE_PHONE_CODE ? "pwless-phone"
                                               : "pwless-email";
}

void pwl_page_address_body(pwl_page_frame_t *page,
                           const pwl_page_address_t *address)
{
    pwl_text_key_t message = message_of(page->site, address->why);
    const char *id = field_id(page->site);

    page->args.ref = address->ref;
    box_and_note(page, address, message, id);
    pwl_page_frame_raw(page, "<h1>");
    pwl_page_frame_say(page, PWL_TEXT_LOGIN_TITLE);
    pwl_page_frame_raw(page, "</h1>\n");
    pwl_page_frame_paragraph(page, "<p>", PWL_TEXT_LOGIN_LEAD);
    pwl_page_frame_form(page, "pwless-form", NULL, address->token);
    field(page, address, message, id);
    pwl_page_frame_button(page, "pwless-btn pwless-primary", "send",
                          PWL_TEXT_LOGIN_SEND);
    if (address->has_code) {
        pwl_page_frame_form(page, "pwless-form", NULL, address->token);
        pwl_page_frame_button(page, "pwless-btn pwless-quiet", "code",
                              PWL_TEXT_LOGIN_HAVE);
    }
    pwl_page_frame_small(page, address->ref, 0);
}

const char *pwl_page_address(const pwl_page_site_t *site,
                             const pwl_page_address_t *address,
                             apr_pool_t *pool, apr_size_t *len)
{
    pwl_page_frame_t page = pwl_page_frame_make(site, &address->args, pool);
    int error = message_of(site, address->why) != PWL_TEXT_NONE &&
                address->why != PWL_FLOW_WAIT && address->why != PWL_FLOW_BUSY;

    pwl_page_frame_begin(&page, PWL_TEXT_LOGIN_TITLE, error,
                         pwl_page_frame_watch(&page, PWL_TEXT_SIGNED_IN_NOW,
                                              PWL_TEXT_DO_CONTINUE, 0));
    pwl_page_address_body(&page, address);
    return pwl_page_frame_end(&page, len);
}
