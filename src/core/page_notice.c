/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages that say something and offer a way on.
 *
 *   <h1>         what happened, in two or three words
 *   <p>          why, and what is not wrong
 *   buttons      the first is the main one; each needs a URL (a link) or a
 *                token (a form that posts), else it is left out
 *   small print  reference and status, for whoever is asked for help
 *
 * The table holds what we have to say; addresses, times and URLs come from the
 * caller. A caller may change anything in what pwl_page_notice_make() gives.
 *
 * A link drops the fragment of the page's URL, a form without `url` keeps it.
 * Pages at the callback must use links: what stands behind the '#' there may
 * be a token, and must not travel on.
 */
#include "core/page_frame.h"

#include <string.h>

/* clang-format off */
static const pwl_page_notice_t notices[PWL_PAGE_KINDS] = {
    [PWL_PAGE_NONE] = {
        .title = PWL_TEXT_TITLE_STOPPED,
        .buttons = {{PWL_TEXT_DO_START}}, .status = 200},
    [PWL_PAGE_OUT] = {
        .title = PWL_TEXT_TITLE_OUT,
        .lines = {PWL_TEXT_OUT, PWL_TEXT_OUT_CLOSE},
        .buttons = {{PWL_TEXT_DO_SIGN_IN_AGAIN}, {PWL_TEXT_DO_HOME}},
        .status = 200},
    [PWL_PAGE_ALREADY] = {
        .title = PWL_TEXT_TITLE_ALREADY, .lines = {PWL_TEXT_ALREADY},
        .buttons = {{PWL_TEXT_DO_CONTINUE}, {PWL_TEXT_DO_SIGN_OUT},
                    {PWL_TEXT_DO_OTHER}},
        .status = 200},
    [PWL_PAGE_DENIED] = {
        .title = PWL_TEXT_TITLE_DENIED, .lines = {PWL_TEXT_DENIED},
        .buttons = {{PWL_TEXT_DO_OTHER}, {PWL_TEXT_DO_BACK}},
        .status = 403},
    [PWL_PAGE_DOWN] = {
        .title = PWL_TEXT_TITLE_DOWN, .lines = {PWL_TEXT_PROVIDER_DOWN},
        .buttons = {{PWL_TEXT_DO_RETRY}}, .status = 503, .error = 1},
    [PWL_PAGE_MAIL] = {
        .title = PWL_TEXT_TITLE_MAIL, .lines = {PWL_TEXT_PROVIDER_MAIL},
        .buttons = {{PWL_TEXT_DO_RETRY}}, .status = 503, .error = 1},
    [PWL_PAGE_BUSY] = {
        .title = PWL_TEXT_TITLE_LIMIT, .lines = {PWL_TEXT_LIMIT_PROVIDER},
        .buttons = {{PWL_TEXT_DO_RETRY}}, .status = 429},
    [PWL_PAGE_LIMIT] = {
        .title = PWL_TEXT_TITLE_LIMIT, .lines = {PWL_TEXT_SEND_LIMIT},
        .buttons = {{PWL_TEXT_DO_RETRY}}, .status = 429},
    [PWL_PAGE_ACCOUNT] = {
        .title = PWL_TEXT_TITLE_PAUSED, .lines = {PWL_TEXT_LIMIT_TRIES},
        .buttons = {{PWL_TEXT_DO_START}}, .status = 429},
    [PWL_PAGE_CONFIG] = {
        .title = PWL_TEXT_TITLE_CONFIG, .lines = {PWL_TEXT_CONFIG},
        .buttons = {{PWL_TEXT_DO_RETRY}}, .status = 500, .error = 1},
    [PWL_PAGE_FOREIGN] = {
        .title = PWL_TEXT_TITLE_STOPPED, .lines = {PWL_TEXT_FLOW_FOREIGN},
        .buttons = {{PWL_TEXT_DO_START}}, .status = 403},
    [PWL_PAGE_EXPIRED] = {
        .title = PWL_TEXT_TITLE_STOPPED, .lines = {PWL_TEXT_FLOW_EXPIRED},
        .buttons = {{PWL_TEXT_DO_START}}, .status = 200},
    [PWL_PAGE_WINDOW] = {
        .title = PWL_TEXT_TITLE_STOPPED, .lines = {PWL_TEXT_FLOW_WINDOW},
        .buttons = {{PWL_TEXT_DO_START}}, .status = 200},
    [PWL_PAGE_DONE] = {
        .title = PWL_TEXT_TITLE_STOPPED, .lines = {PWL_TEXT_FLOW_DONE},
        .buttons = {{PWL_TEXT_DO_START}}, .status = 200},
    [PWL_PAGE_WAIT] = {
        .title = PWL_TEXT_TITLE_LIMIT, .lines = {PWL_TEXT_CODE_BUSY},
        .buttons = {{PWL_TEXT_DO_RETRY}}, .status = 429},
    [PWL_PAGE_FORM] = {
        .title = PWL_TEXT_TITLE_STOPPED, .lines = {PWL_TEXT_FORM_BAD},
        .buttons = {{PWL_TEXT_DO_START}}, .status = 400},
    [PWL_PAGE_COOKIES] = {
        .title = PWL_TEXT_TITLE_COOKIES, .lines = {PWL_TEXT_COOKIES},
        .buttons = {{PWL_TEXT_DO_START}}, .status = 200},
    [PWL_PAGE_UNSENT] = {
        .title = PWL_TEXT_TITLE_UNSENT,
        .lines = {PWL_TEXT_UNSENT, PWL_TEXT_UNSENT_KEPT,
                  PWL_TEXT_UNSENT_RELOAD},
        .buttons = {{PWL_TEXT_DO_SIGN_IN_TAB, .new_tab = 1}},
        .status = 401, .unsent = 1},
    [PWL_PAGE_NEEDED] = {
        .title = PWL_TEXT_TITLE_NEEDED, .lines = {PWL_TEXT_SESSION_NEEDED},
        .buttons = {{PWL_TEXT_DO_SIGN_IN}}, .status = 401},
    [PWL_PAGE_LOOP] = {
        .title = PWL_TEXT_TITLE_LOOP,
        .lines = {PWL_TEXT_LOOP, PWL_TEXT_LOOP_TRY},
        .buttons = {{PWL_TEXT_DO_START}}, .status = 403, .error = 1},
    [PWL_PAGE_USED] = {
        .title = PWL_TEXT_TITLE_LINK, .lines = {PWL_TEXT_LINK_USED},
        .buttons = {{PWL_TEXT_DO_START}}, .status = 400},
    [PWL_PAGE_REFUSED] = {
        .title = PWL_TEXT_TITLE_REFUSED, .lines = {PWL_TEXT_REFUSED},
        .buttons = {{PWL_TEXT_DO_START}}, .status = 403},
    [PWL_PAGE_AGAIN] = {
        .title = PWL_TEXT_TITLE_REFUSED, .lines = {PWL_TEXT_AGAIN},
        .buttons = {{PWL_TEXT_DO_START}}, .status = 400},
    [PWL_PAGE_FRAGMENT] = {
        .title = PWL_TEXT_TITLE_REFUSED, .lines = {PWL_TEXT_FRAGMENT},
        .buttons = {{PWL_TEXT_DO_START}}, .status = 400},
    [PWL_PAGE_FULL] = {
        .title = PWL_TEXT_TITLE_DOWN, .lines = {PWL_TEXT_STORE_FULL},
        .buttons = {{PWL_TEXT_DO_RETRY}}, .status = 503, .error = 1},
    [PWL_PAGE_STORE] = {
        .title = PWL_TEXT_TITLE_DOWN, .lines = {PWL_TEXT_PROVIDER_DOWN},
        .buttons = {{PWL_TEXT_DO_RETRY}}, .status = 503, .error = 1},
    [PWL_PAGE_TOO_BIG] = {
        .title = PWL_TEXT_TITLE_REFUSED, .lines = {PWL_TEXT_SESSION_TOO_BIG},
        .buttons = {{PWL_TEXT_DO_OTHER}}, .status = 500, .error = 1},
    [PWL_PAGE_METHOD] = {
        .title = PWL_TEXT_TITLE_METHOD, .lines = {PWL_TEXT_METHOD},
        .buttons = {{PWL_TEXT_DO_START}}, .status = 405},
    [PWL_PAGE_HOSTED] = {
        .title = PWL_TEXT_TITLE_MFA,
        .lines = {PWL_TEXT_HOSTED, PWL_TEXT_HOSTED_BACK},
        .buttons = {{PWL_TEXT_DO_CONTINUE}}, .status = 200},
    [PWL_PAGE_ELSEWHERE] = {
        .title = PWL_TEXT_TITLE_REFUSED,
        .lines = {PWL_TEXT_CLIENT_COOKIES, PWL_TEXT_HOSTED_BACK},
        .buttons = {{PWL_TEXT_DO_CONTINUE}}, .status = 200},
};
/* clang-format on */

pwl_page_notice_t pwl_page_notice_make(pwl_page_kind_t kind)
{
    return notices[(unsigned)kind < PWL_PAGE_KINDS ? kind : PWL_PAGE_NONE];
}

/* A title stands on its own: a sentence about nobody helps nobody. */
static pwl_text_key_t fitting(const pwl_text_args_t *args, pwl_text_key_t key)
{
    if (args->address && *args->address)
        return key;
    if (key == PWL_TEXT_DENIED)
        return PWL_TEXT_DENIED_PLAIN;
    if (key == PWL_TEXT_ALREADY)
        return PWL_TEXT_NONE; /* the title says it */
    return key;
}

static void link_button(pwl_page_frame_t *page, const pwl_page_button_t *button,
                        const char *look)
{
    if (!pwl_html_url_ok(button->url))
        return;
    pwl_page_frame_attr(page, "<p class=\"pwless-form\"><a class=\"", look,
                        "\" href=\"");
    pwl_page_frame_attr(page, "", button->url, "\"");
    if (button->new_tab)
        pwl_page_frame_raw(page, " target=\"_blank\" rel=\"noopener\"");
    pwl_page_frame_raw(page, ">");
    pwl_page_frame_say(page, button->label);
    pwl_page_frame_raw(page, "</a></p>\n");
}

static void post_button(pwl_page_frame_t *page, const pwl_page_button_t *button,
                        const char *look)
{
    pwl_page_frame_form(page, "pwless-form", button->url, button->token);
    pwl_page_frame_button(page, look, button->op, button->label);
}

static void buttons(pwl_page_frame_t *page, const pwl_page_notice_t *notice)
{
    const char *look = "pwless-btn pwless-primary";
    int i;

    for (i = 0; i < PWL_PAGE_BUTTONS; i++) {
        pwl_page_button_t button = notice->buttons[i];

        if (button.label == PWL_TEXT_NONE)
            continue;
        if (button.label == PWL_TEXT_DO_HOME && !button.url)
            button.url = page->site->home;
        if (button.token)
            post_button(page, &button, look);
        else
            link_button(page, &button, look);
        look = "pwless-btn";
    }
}

/* @return whether the reference stands in the text already */
static int paragraphs(pwl_page_frame_t *page, const pwl_page_notice_t *notice)
{
    int told = 0;
    int i;

    for (i = 0; i < PWL_PAGE_LINES; i++) {
        pwl_text_key_t key = fitting(&page->args, notice->lines[i]);

        if (key == PWL_TEXT_NONE)
            continue;
        pwl_page_frame_paragraph(page, "<p>", key);
        told |= strstr(pwl_text(page->lang, key), "{ref}") != NULL;
    }
    return told;
}

const char *pwl_page_notice(const pwl_page_site_t *site,
                            const pwl_page_notice_t *notice, apr_pool_t *pool,
                            apr_size_t *len)
{
    pwl_page_frame_t page = pwl_page_frame_make(site, &notice->args, pool);
    const char *watch = NULL;
    int told;

    if (notice->ref)
        page.args.ref = notice->ref;
    if (!page.args.ref)
        page.args.ref = "\xe2\x80\x93";
    if (page.args.duration <= 0)
        page.args.duration = PWL_PAGE_FRAME_RETRY;
    if (notice->unsent)
        watch = pwl_page_frame_watch(&page, PWL_TEXT_UNSENT_READY,
                                     PWL_TEXT_DO_SEND_NOW, 1);
    pwl_page_frame_begin(&page, notice->title, notice->error, watch);
    pwl_page_frame_raw(&page, "<h1>");
    pwl_page_frame_say(&page, notice->title);
    pwl_page_frame_raw(&page, "</h1>\n");
    told = paragraphs(&page, notice);
    buttons(&page, notice);
    pwl_page_frame_small(&page, told ? NULL : notice->ref, notice->status);
    return pwl_page_frame_end(&page, len);
}
