/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Step 2: the form that asks for the code.
 *
 *   box or note     what went wrong, or what was done
 *   <h1>, sent line "If ... can sign in to ..., a code is on its way there."
 *   form 1          code                                     op=verify
 *                   of a link: "Continue", once opened       op=continue
 *   form 2          cool-down line, "Send a new code"        op=send
 *   form 3          "Use a different address"                op=change
 *   disclosure      what to do when no mail comes
 *   safety line     where the code may be typed
 *
 * Three forms, each with its own button, so that Enter in the field can never
 * ask for another code. Their order never changes; when the code is of no more
 * use, "Send a new code" takes the main look instead, and after the last try
 * the field is gone. The script does the same when the time runs out.
 *
 * Seconds left are written, not points in time: the script counts them with a
 * monotonic clock, so a wrong clock on the visitor's side does no harm.
 */
#include "core/page_frame.h"

#include <apr_strings.h>

/* A page drawn so soon after the code was sent is the first one. */
#define FRESH apr_time_from_sec(5)

typedef enum {
    SHOW_NOTHING,
    SHOW_NOTE,  /* no error: come back in 42 seconds */
    SHOW_FIELD, /* to be mended in the field */
    SHOW_SEND,  /* to be mended by a new code */
    SHOW_BOX    /* not to be mended here */
} show_t;

/* What the page is made of, worked out before anything is written. */
typedef struct {
    pwl_reason_t why;
    pwl_text_key_t message;
    show_t show;
    int has_field;
    int over; /* the code is of no more use */
    const char *value;
} plan_t;

static show_t show_of(pwl_reason_t why)
{
    switch (why) {
    case PWL_OK:
        return SHOW_NOTHING;
    case PWL_FLOW_WAIT:
    case PWL_FLOW_BUSY:
        return SHOW_NOTE;
    case PWL_OTP_EMPTY:
    case PWL_OTP_LENGTH:
    case PWL_OTP_CHARS:
    case PWL_FLOW_WRONG:
    case PWL_FLOW_SUPERSEDED:
    case PWL_TENANT_WRONG_CODE:
    case PWL_TENANT_BLOCKED:
        return SHOW_FIELD;
    case PWL_FLOW_EXPIRED:
    case PWL_FLOW_SPENT:
    case PWL_TENANT_EXPIRED_CODE:
    case PWL_TENANT_SPENT_CODE:
        return SHOW_SEND;
    default:
        return SHOW_BOX;
    }
}

static int is_wrong(pwl_reason_t why)
{
    return why == PWL_FLOW_WRONG || why == PWL_TENANT_WRONG_CODE ||
           why == PWL_TENANT_BLOCKED;
}

pwl_reason_t pwl_page_code_told(const pwl_page_code_t *code,
                                pwl_text_key_t *message)
{
    pwl_reason_t why = code->why;

    /* "0 tries left" would leave people with a field that cannot work. */
    if (is_wrong(why) && code->tries_left <= 0)
        why = PWL_FLOW_SPENT;
    /* Past its life, even the right code is refused: say what helps. */
    else if (is_wrong(why) && code->left <= 0)
        why = PWL_FLOW_EXPIRED;
    *message = pwl_page_message(why);
    if (*message == PWL_TEXT_PROVIDER_DOWN && code->left > 0)
        *message = PWL_TEXT_PROVIDER_DOWN_CODE;
    return why;
}

static plan_t plan(const pwl_page_site_t *site, const pwl_page_code_t *code)
{
    plan_t it = {0};

    it.why = pwl_page_code_told(code, &it.message);
    it.show = it.message == PWL_TEXT_NONE ? SHOW_NOTHING : show_of(it.why);
    it.over = it.show == SHOW_SEND || code->left <= 0;
    it.has_field = site->medium != PWL_PAGE_EMAIL_LINK &&
                   it.why != PWL_FLOW_SPENT && it.why != PWL_TENANT_SPENT_CODE;
    /* With no field to mend, the only thing that helps is a new one. */
    if (it.show == SHOW_FIELD && !it.has_field)
        it.show = SHOW_SEND;
    if (!it.over && it.why != PWL_FLOW_SUPERSEDED)
        it.value = code->value;
    return it;
}

pwl_text_args_t pwl_page_code_args(const pwl_page_code_t *code)
{
    pwl_text_args_t args = {0};

    args.address = code->address;
    args.ref = code->ref;
    args.n = (apr_uint64_t)(code->digits > 0 ? code->digits : 0);
    args.m = (apr_uint64_t)(code->found > 0 ? code->found : 0);
    args.k = (apr_uint64_t)(code->tries_left > 0 ? code->tries_left : 0);
    args.minutes = code->life;
    args.duration = code->send_wait;
    return args;
}

static void box_and_note(pwl_page_frame_t *page, const plan_t *it,
                         const pwl_page_code_t *code)
{
    const char *target = NULL;

    if (it->show == SHOW_NOTE)
        pwl_page_frame_note(page, it->message,
                            it->why == PWL_FLOW_WAIT ? code->send_wait : 0);
    if (it->show == SHOW_FIELD)
        target = "pwless-code";
    else if (it->show == SHOW_SEND)
        target = "pwless-send";
    else if (it->show == SHOW_BOX && it->why != PWL_FLOW_LIMIT)
        page->args.duration =
            code->retry > 0 ? code->retry : PWL_PAGE_FRAME_RETRY;
    if (it->show > SHOW_NOTE)
        pwl_page_frame_summary(page, it->message, target);
    page->args.duration = code->send_wait;
    if (code->notice != PWL_TEXT_NONE)
        pwl_page_frame_note(page, code->notice, 0);
}

static int is_fresh(const pwl_page_code_t *code)
{
    return code->left + FRESH >= code->life;
}

/* How long the code works, with what the script needs to count it down. */
static void life_line(pwl_page_frame_t *page, const plan_t *it,
                      const pwl_page_code_t *code)
{
    if (it->over) {
        pwl_page_frame_say(page, PWL_TEXT_CODE_OVER);
        return;
    }
    pwl_page_frame_raw(page, "<span id=\"pwless-life\"");
    pwl_page_frame_left(page, "life", code->left, PWL_ROUND_DOWN);
    pwl_page_frame_raw(page, " data-pwless-soon=\"");
    pwl_page_frame_quote(page, PWL_TEXT_CODE_SOON);
    pwl_page_frame_raw(page, "\" data-pwless-over=\"");
    pwl_page_frame_quote(page, PWL_TEXT_CODE_OVER);
    pwl_page_frame_raw(page, "\">");
    /* Rounding down would take a minute off at the first look. */
    page->args.minutes = is_fresh(code) ? code->life : code->left;
    pwl_page_frame_say(page, is_fresh(code) ? PWL_TEXT_CODE_LIFE
                                            : PWL_TEXT_CODE_LEFT);
    page->args.minutes = code->life;
    pwl_page_frame_raw(page, "</span>");
}

static void verify_form(pwl_page_frame_t *page, const plan_t *it,
                        const pwl_page_code_t *code, int lead_send)
{
    int wrong = it->show == SHOW_FIELD;

    pwl_page_frame_form(page, "pwless-form", NULL, code->token);
    pwl_page_frame_raw(page, "<label for=\"pwless-code\">");
    pwl_page_frame_say(page, PWL_TEXT_CODE_LABEL);
    pwl_page_frame_raw(page, "</label>\n<p class=\"pwless-hint\" "
                             "id=\"pwless-code-hint\">");
    pwl_page_frame_say(page, PWL_TEXT_CODE_PASTE);
    pwl_page_frame_raw(page, " ");
    life_line(page, it, code);
    pwl_page_frame_raw(page, "</p>\n");
    if (wrong)
        pwl_page_frame_error(page, "pwless-code", it->message);
    pwl_page_frame_raw(page,
                       "<input type=\"text\" id=\"pwless-code\" name=\"code\" "
                       "size=\"12\" dir=\"ltr\" inputmode=\"numeric\" "
                       "autocomplete=\"one-time-code\" autocapitalize=\"none\" "
                       "autocorrect=\"off\" spellcheck=\"false\" "
                       "enterkeyhint=\"done\"");
    pwl_page_frame_attr(page, " value=\"", it->value, "\"");
    pwl_page_frame_describe(page, "pwless-code", wrong, 1);
    pwl_page_frame_number(page, "digits", code->digits);
    pwl_page_frame_raw(page, code->autofocus ? " autofocus>\n" : ">\n");
    pwl_page_frame_button(
        page, lead_send ? "pwless-btn" : "pwless-btn pwless-primary", "verify",
        PWL_TEXT_CODE_VERIFY);
}

static void send_form(pwl_page_frame_t *page, const plan_t *it,
                      const pwl_page_code_t *code, int lead_send)
{
    pwl_page_frame_form(page, "pwless-form", NULL, code->token);
    if (code->send_wait > 0) {
        pwl_page_frame_raw(page, "<p class=\"pwless-hint\" id=\"pwless-wait\"");
        pwl_page_frame_left(page, "left", code->send_wait, PWL_ROUND_UP);
        pwl_page_frame_raw(page, " data-pwless-now=\"");
        pwl_page_frame_quote(page, PWL_TEXT_SEND_NOW);
        pwl_page_frame_raw(page, "\"");
        pwl_page_frame_paragraph(page, ">", PWL_TEXT_SEND_WAIT);
    }
    pwl_page_frame_raw(page, "<button class=\"pwless-btn");
    pwl_page_frame_raw(page, lead_send ? " pwless-primary" : "");
    pwl_page_frame_raw(page, "\" name=\"op\" value=\"send\" "
                             "id=\"pwless-send\"");
    if (code->send_wait > 0)
        pwl_page_frame_raw(page, " aria-describedby=\"pwless-wait\"");
    if (code->autofocus && !it->has_field && it->over)
        pwl_page_frame_raw(page, " autofocus");
    pwl_page_frame_raw(page, ">");
    pwl_page_frame_say(page, PWL_TEXT_CODE_SEND);
    pwl_page_frame_raw(page, "</button>\n</form>\n");
}

static void disclosure(pwl_page_frame_t *page)
{
    static const pwl_text_key_t lines[] = {
        PWL_TEXT_CODE_HELP_SPAM, PWL_TEXT_CODE_HELP_TYPO,
        PWL_TEXT_CODE_HELP_WINDOW, PWL_TEXT_CODE_HELP_SETUP,
        PWL_TEXT_CODE_HELP_ASK};
    apr_size_t i;

    pwl_page_frame_raw(page, "<details>\n<summary>");
    pwl_page_frame_say(page, PWL_TEXT_CODE_HELP);
    pwl_page_frame_raw(page, "</summary>\n<ul>\n");
    for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        pwl_page_frame_raw(page, "<li>");
        pwl_page_frame_say(page, lines[i]);
        pwl_page_frame_raw(page, "</li>\n");
    }
    pwl_page_frame_raw(page, "</ul>\n</details>\n");
}

/* For browsers without script, and for whoever does not want to wait. */
static void continue_form(pwl_page_frame_t *page, const pwl_page_code_t *code,
                          int lead_send, int waits)
{
    pwl_page_frame_paragraph(page, "<p>", PWL_TEXT_LINK_OPEN);
    if (waits)
        pwl_page_frame_attr(page, "<script src=\"", page->site->assets_link,
                            "\" defer></script>\n");
    pwl_page_frame_form(page, "pwless-form", NULL, code->token);
    pwl_page_frame_button(
        page, lead_send ? "pwless-btn" : "pwless-btn pwless-primary",
        "continue", PWL_TEXT_DO_CONTINUE);
}

static void body(pwl_page_frame_t *page, const plan_t *it,
                 const pwl_page_code_t *code)
{
    int lead_send = code->lead_send || it->over;

    box_and_note(page, it, code);
    pwl_page_frame_raw(page, "<h1>");
    pwl_page_frame_say(page, PWL_TEXT_CODE_HEAD);
    pwl_page_frame_raw(page, "</h1>\n");
    pwl_page_frame_paragraph(page, "<p>", PWL_TEXT_CODE_SENT);
    if (page->site->medium == PWL_PAGE_EMAIL_LINK)
        continue_form(page, code, lead_send, code->goes_on && !it->over);
    if (it->has_field)
        verify_form(page, it, code, lead_send);
    send_form(page, it, code, lead_send);
    pwl_page_frame_form(page, "pwless-form", NULL, code->token);
    pwl_page_frame_button(page, "pwless-btn pwless-quiet", "change",
                          PWL_TEXT_CODE_CHANGE);
    disclosure(page);
    pwl_page_frame_paragraph(page, "<p class=\"pwless-safe\">",
                             PWL_TEXT_CODE_SAFETY);
    pwl_page_frame_small(page, code->ref, 0);
    pwl_page_frame_raw(
        page, "<p class=\"pwless-vh\" id=\"pwless-say\" role=\"status\"></p>\n"
              "<p class=\"pwless-vh\" id=\"pwless-cry\" role=\"alert\"></p>\n");
}

void pwl_page_code_body(pwl_page_frame_t *page, const pwl_page_code_t *code)
{
    plan_t it = plan(page->site, code);
    pwl_text_args_t args = pwl_page_code_args(code);

    args.site = page->args.site;
    args.host = page->args.host;
    args.help = page->args.help;
    page->args = args;
    body(page, &it, code);
}

/* While the link works, the page asks again and again; then it is left to who
 * looks at it. */
static const char *watch(pwl_page_frame_t *page, const plan_t *it,
                         const pwl_page_code_t *code)
{
    const char *common = pwl_page_frame_watch(page, PWL_TEXT_SIGNED_IN_NOW,
                                              PWL_TEXT_DO_CONTINUE, 0);

    if (!common || !code->goes_on || it->over)
        return common;
    return apr_psprintf(page->pool,
                        "%s data-pwless-wait=\"%" APR_TIME_T_FMT "\"", common,
                        apr_time_sec(code->left));
}

const char *pwl_page_code(const pwl_page_site_t *site,
                          const pwl_page_code_t *code, apr_pool_t *pool,
                          apr_size_t *len)
{
    pwl_text_args_t args = pwl_page_code_args(code);
    pwl_page_frame_t page = pwl_page_frame_make(site, &args, pool);
    plan_t it = plan(site, code);

    pwl_page_frame_begin(&page, PWL_TEXT_CODE_TITLE, it.show > SHOW_NOTE,
                         watch(&page, &it, code));
    body(&page, &it, code);
    return pwl_page_frame_end(&page, len);
}
