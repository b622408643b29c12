/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frame of every page, and how a text stands in it.
 *
 *   <head>     title, one stylesheet (and the operator's), one script
 *   <header>   logo or name of the site; no link, so nothing comes before the
 *              field when one walks the page by keyboard
 *   <main>     what the page is about: its caller's
 *   <footer>   help and host, in the same place on every page
 *
 * What must stay true: only literals of this source enter through raw();
 * everything else, the operator's settings included, is escaped; a URL goes
 * into href or src after pwl_html_url_ok() alone.
 *
 * Texts are walked piece by piece, so that an address stands in its own <bdi>
 * (a right-to-left one must not reorder the sentence) and a length of time in
 * <span>, where the script finds what to count down.
 */
#include "core/page_frame.h"

#include <apr_strings.h>
#include <string.h>

/* Where another medium needs another text than an e-mailed code does. */
static const struct {
    pwl_text_key_t email;
    pwl_text_key_t phone;
    pwl_text_key_t link;
} variants[] = {
    {PWL_TEXT_LOGIN_LEAD, PWL_TEXT_PHONE_LEAD, PWL_TEXT_LINK_LEAD},
    {PWL_TEXT_LOGIN_LABEL, PWL_TEXT_PHONE_LABEL, 0},
    {PWL_TEXT_LOGIN_SEND, PWL_TEXT_PHONE_SEND, PWL_TEXT_LINK_SEND},
    {PWL_TEXT_LOGIN_HAVE, 0, PWL_TEXT_LINK_HAVE},
    {PWL_TEXT_ADDRESS_EMPTY, PWL_TEXT_PHONE_EMPTY, 0},
    {PWL_TEXT_ADDRESS_FORMAT, PWL_TEXT_PHONE_FORMAT, 0},
    {PWL_TEXT_ADDRESS_LONG, PWL_TEXT_PHONE_LONG, 0},
    {PWL_TEXT_CODE_TITLE, 0, PWL_TEXT_LINK_TITLE},
    {PWL_TEXT_CODE_HEAD, PWL_TEXT_PHONE_HEAD, 0},
    {PWL_TEXT_CODE_SENT, 0, PWL_TEXT_LINK_SENT},
    {PWL_TEXT_CODE_SENT_OPEN, PWL_TEXT_PHONE_SENT_OPEN,
     PWL_TEXT_LINK_SENT_OPEN},
    {PWL_TEXT_CODE_LIFE, PWL_TEXT_PHONE_LIFE, 0},
    {PWL_TEXT_CODE_LEFT, PWL_TEXT_PHONE_LEFT, 0},
    {PWL_TEXT_CODE_SEND, 0, PWL_TEXT_LINK_RESEND},
    {PWL_TEXT_CODE_CHANGE, PWL_TEXT_PHONE_CHANGE, 0},
    {PWL_TEXT_CODE_HELP, PWL_TEXT_PHONE_HELP, 0},
    {PWL_TEXT_CODE_HELP_SPAM, PWL_TEXT_PHONE_HELP_SPAM, 0},
    {PWL_TEXT_CODE_HELP_WINDOW, 0, PWL_TEXT_LINK_HELP_WINDOW},
    {PWL_TEXT_CODE_HELP_SETUP, PWL_TEXT_PHONE_HELP_SETUP, 0},
    {PWL_TEXT_CODE_SAFETY, 0, PWL_TEXT_LINK_SAFETY},
    {PWL_TEXT_CODE_EMPTY, PWL_TEXT_PHONE_CODE_EMPTY, 0},
    {PWL_TEXT_CODE_WRONG, PWL_TEXT_PHONE_WRONG, 0},
    {PWL_TEXT_CODE_EXPIRED, 0, PWL_TEXT_LINK_EXPIRED},
    {PWL_TEXT_CODE_SUPERSEDED, PWL_TEXT_PHONE_SUPERSEDED,
     PWL_TEXT_LINK_SUPERSEDED},
    {PWL_TEXT_SEND_WAIT, 0, PWL_TEXT_LINK_WAIT},
    {PWL_TEXT_SEND_NOW, 0, PWL_TEXT_LINK_NOW},
    {PWL_TEXT_SEND_AGAIN, PWL_TEXT_PHONE_AGAIN, PWL_TEXT_LINK_AGAIN},
    {PWL_TEXT_SEND_LIMIT, 0, PWL_TEXT_LINK_LIMIT},
    {PWL_TEXT_LIMIT_PROVIDER, PWL_TEXT_PHONE_PROVIDER, 0},
    {PWL_TEXT_LIMIT_ACCOUNT, PWL_TEXT_PHONE_ACCOUNT, 0},
    {PWL_TEXT_LIMIT_TRIES, PWL_TEXT_PHONE_TRIES, 0},
    {PWL_TEXT_PROVIDER_MAIL, PWL_TEXT_PHONE_MAIL, 0},
    {PWL_TEXT_PROVIDER_DOWN_CODE, 0, PWL_TEXT_PROVIDER_DOWN},
    {PWL_TEXT_FLOW_WINDOW, 0, PWL_TEXT_LINK_WINDOW},
};

pwl_text_key_t pwl_page_frame_variant(const pwl_page_site_t *site,
                                      pwl_text_key_t key)
{
    apr_size_t i;

    if (key == PWL_TEXT_CODE_SENT && site->unknown == PWL_PAGE_UNKNOWN_OPEN)
        key = PWL_TEXT_CODE_SENT_OPEN;
    for (i = 0; i < sizeof(variants) / sizeof(variants[0]); i++)
        if (variants[i].email == key) {
            pwl_text_key_t other = PWL_TEXT_NONE;

            if (site->medium == PWL_PAGE_PHONE_CODE)
                other = variants[i].phone;
            else if (site->medium == PWL_PAGE_EMAIL_LINK)
                other = variants[i].link;
            return other ? other : key;
        }
    return key;
}

pwl_page_frame_t pwl_page_frame_make(const pwl_page_site_t *site,
                                     const pwl_text_args_t *args,
                                     apr_pool_t *pool)
{
    pwl_page_frame_t page = {0};

    page.html = pwl_html_make(pool);
    page.site = site;
    page.lang = site->lang ? site->lang : &pwl_text_en;
    page.pool = pool;
    if (args)
        page.args = *args;
    page.args.site = site->site;
    page.args.host = site->host;
    page.args.help = site->help_text;
    if (!page.args.help)
        page.args.help =
            pwl_text_fill(page.lang, PWL_TEXT_HELP_DEFAULT, &page.args, pool);
    return page;
}

void pwl_page_frame_raw(pwl_page_frame_t *page, const char *literal)
{
    pwl_html_raw(page->html, literal);
}

void pwl_page_frame_attr(pwl_page_frame_t *page, const char *before,
                         const char *value, const char *after)
{
    if (!value)
        return;
    pwl_html_raw(page->html, before);
    pwl_html_attr(page->html, value);
    pwl_html_raw(page->html, after);
}

void pwl_page_frame_quote(pwl_page_frame_t *page, pwl_text_key_t key)
{
    key = pwl_page_frame_variant(page->site, key);
    pwl_html_attr(page->html,
                  pwl_text_fill(page->lang, key, &page->args, page->pool));
}

/* What stands around a value of this kind; NULL: nothing. */
static const char *opening(const pwl_page_frame_t *page, pwl_slot_t slot)
{
    switch (slot) {
    case PWL_SLOT_ADDRESS:
    case PWL_SLOT_HOST:
        return "<bdi class=\"pwless-id\" dir=\"ltr\">";
    case PWL_SLOT_REF:
        return "<bdi dir=\"ltr\">";
    case PWL_SLOT_SITE:
        return "<bdi>";
    case PWL_SLOT_DURATION:
    case PWL_SLOT_MINUTES:
        return "<span class=\"pwless-time\">";
    case PWL_SLOT_HELP:
        return pwl_html_url_ok(page->site->help) ? "<a href=\"" : NULL;
    default:
        return NULL;
    }
}

static const char *closing(pwl_slot_t slot)
{
    if (slot == PWL_SLOT_HELP)
        return "</a>";
    return slot == PWL_SLOT_DURATION || slot == PWL_SLOT_MINUTES ? "</span>"
                                                                 : "</bdi>";
}

static void say_part(pwl_page_frame_t *page, const pwl_text_part_t *part)
{
    const char *open = opening(page, part->slot);

    if (open)
        pwl_html_raw(page->html, open);
    if (open && part->slot == PWL_SLOT_HELP)
        pwl_page_frame_attr(page, "", page->site->help, "\">");
    pwl_html_text_part(page->html, part->text, part->len);
    if (open)
        pwl_html_raw(page->html, closing(part->slot));
}

void pwl_page_frame_say(pwl_page_frame_t *page, pwl_text_key_t key)
{
    const pwl_language_t *spoken;
    const char *cursor;
    pwl_text_part_t part;

    key = pwl_page_frame_variant(page->site, key);
    cursor = pwl_text_form(page->lang, key, &page->args);
    spoken = pwl_text_spoken(page->lang, key);
    /* Screen readers pronounce it as what it is (WCAG 3.1.2). */
    if (spoken != page->lang) {
        pwl_page_frame_attr(page, "<span lang=\"", spoken->tag, "\" dir=\"");
        pwl_page_frame_attr(page, "", spoken->dir, "\">");
    }
    while (pwl_text_next(spoken, &page->args, &cursor, &part, page->pool))
        say_part(page, &part);
    if (spoken != page->lang)
        pwl_html_raw(page->html, "</span>");
}

void pwl_page_frame_paragraph(pwl_page_frame_t *page, const char *open,
                              pwl_text_key_t key)
{
    pwl_text_key_t variant = pwl_page_frame_variant(page->site, key);
    const char *stop = pwl_text_spoken(page->lang, variant)->stop;
    const char *text = pwl_text(page->lang, variant);
    apr_size_t len = strlen(text);

    pwl_html_raw(page->html, open);
    pwl_page_frame_say(page, key);
    if (len < strlen(stop) || strcmp(text + len - strlen(stop), stop) != 0)
        pwl_html_raw(page->html, stop);
    pwl_html_raw(page->html, "</p>\n");
}

static void link_asset(pwl_page_frame_t *page, const char *before,
                       const char *url, const char *after)
{
    if (pwl_html_url_ok(url))
        pwl_page_frame_attr(page, before, url, after);
}

static void head(pwl_page_frame_t *page, pwl_text_key_t title, int error)
{
    const pwl_page_site_t *site = page->site;

    pwl_page_frame_attr(page, "<!doctype html>\n<html lang=\"", page->lang->tag,
                        "\" dir=\"");
    pwl_page_frame_attr(page, "", page->lang->dir, "\"");
    if (site->theme && strcmp(site->theme, "dark") == 0)
        pwl_html_raw(page->html, " data-theme=\"dark\"");
    if (site->theme && strcmp(site->theme, "light") == 0)
        pwl_html_raw(page->html, " data-theme=\"light\"");
    pwl_html_raw(page->html,
                 ">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
                 "content=\"width=device-width, initial-scale=1\">\n"
                 "<meta name=\"robots\" content=\"noindex\">\n<title>");
    if (error) {
        pwl_page_frame_quote(page, PWL_TEXT_ERROR);
        pwl_html_raw(page->html, " ");
    }
    pwl_page_frame_quote(page, title);
    pwl_html_raw(page->html, " \xe2\x80\x93 ");
    pwl_html_text(page->html, site->site);
    pwl_html_raw(page->html, "</title>\n");
    link_asset(page, "<link rel=\"stylesheet\" href=\"", site->assets_css,
               "\">\n");
    link_asset(page, "<link rel=\"stylesheet\" href=\"", site->extra_css,
               "\">\n");
    link_asset(page, "<script src=\"", site->assets_js, "\" defer></script>\n");
}

void pwl_page_frame_begin(pwl_page_frame_t *page, pwl_text_key_t title,
                          int error, const char *attributes)
{
    const pwl_page_site_t *site = page->site;

    head(page, title, error);
    pwl_html_raw(page->html, "</head>\n<body class=\"pwless\">\n"
                             "<header class=\"pwless-top\">");
    if (pwl_html_url_ok(site->logo)) {
        pwl_page_frame_attr(page, "<img class=\"pwless-logo\" src=\"",
                            site->logo, "\" alt=\"");
        pwl_page_frame_attr(page, "", site->site ? site->site : "", "\">");
    } else {
        pwl_html_text(page->html, site->site);
    }
    pwl_html_raw(page->html, "</header>\n<main id=\"pwless-main\"");
    if (attributes)
        pwl_html_raw(page->html, attributes);
    pwl_html_raw(page->html, ">\n");
}

const char *pwl_page_frame_end(pwl_page_frame_t *page, apr_size_t *len)
{
    const pwl_page_site_t *site = page->site;

    pwl_html_raw(page->html, "</main>\n<footer class=\"pwless-foot\">");
    if (pwl_html_url_ok(site->help)) {
        pwl_page_frame_attr(page, "<a href=\"", site->help, "\">");
        if (site->help_text)
            pwl_html_text(page->html, site->help_text);
        else
            pwl_page_frame_say(page, PWL_TEXT_FOOT_HELP);
        pwl_html_raw(page->html, "</a> ");
    }
    if (site->host) {
        pwl_html_raw(page->html, "<bdi dir=\"ltr\">");
        pwl_html_text(page->html, site->host);
        pwl_html_raw(page->html, "</bdi>");
    }
    pwl_html_raw(page->html, "</footer>\n</body>\n</html>\n");
    return pwl_html_bytes(page->html, len);
}

void pwl_page_frame_summary(pwl_page_frame_t *page, pwl_text_key_t key,
                            const char *target)
{
    pwl_html_raw(page->html, "<div class=\"pwless-sum\" id=\"pwless-sum\">"
                             "<div role=\"alert\">\n<h2>");
    pwl_page_frame_say(page,
                       target ? PWL_TEXT_SUMMARY_FIX : PWL_TEXT_SUMMARY_STOP);
    pwl_html_raw(page->html, "</h2>\n");
    if (target) {
        pwl_page_frame_attr(page, "<p><a href=\"#", target, "\">");
        pwl_page_frame_say(page, key);
        pwl_html_raw(page->html, "</a></p>\n");
    } else {
        pwl_page_frame_paragraph(page, "<p>", key);
    }
    pwl_html_raw(page->html, "</div></div>\n");
}

void pwl_page_frame_number(pwl_page_frame_t *page, const char *name,
                           apr_int64_t number)
{
    pwl_html_raw(page->html,
                 apr_psprintf(page->pool,
                              " data-pwless-%s=\"%" APR_INT64_T_FMT "\"", name,
                              number));
}

void pwl_page_frame_left(pwl_page_frame_t *page, const char *name,
                         apr_interval_time_t left, pwl_round_t round)
{
    apr_interval_time_t up = round == PWL_ROUND_UP ? APR_USEC_PER_SEC - 1 : 0;

    pwl_page_frame_number(page, name, (left + up) / APR_USEC_PER_SEC);
}

void pwl_page_frame_note(pwl_page_frame_t *page, pwl_text_key_t key,
                         apr_interval_time_t left)
{
    pwl_html_raw(page->html, "<p class=\"pwless-note\" id=\"pwless-note\"");
    if (left > 0)
        pwl_page_frame_left(page, "left", left, PWL_ROUND_UP);
    pwl_page_frame_paragraph(page, ">", key);
}

void pwl_page_frame_form(pwl_page_frame_t *page, const char *class_name,
                         const char *url, const char *token)
{
    pwl_page_frame_attr(page, "<form method=\"post\" novalidate class=\"",
                        class_name, "\"");
    if (pwl_html_url_ok(url))
        pwl_page_frame_attr(page, " action=\"", url, "\"");
    pwl_page_frame_attr(page, ">\n<input type=\"hidden\" name=\"t\" value=\"",
                        token ? token : "", "\">\n");
}

void pwl_page_frame_button(pwl_page_frame_t *page, const char *class_name,
                           const char *op, pwl_text_key_t label)
{
    pwl_page_frame_attr(page, "<button class=\"", class_name, "\"");
    pwl_page_frame_attr(page, " name=\"op\" value=\"", op, "\"");
    pwl_html_raw(page->html, ">");
    pwl_page_frame_say(page, label);
    pwl_html_raw(page->html, "</button>\n</form>\n");
}

void pwl_page_frame_error(pwl_page_frame_t *page, const char *id,
                          pwl_text_key_t key)
{
    pwl_page_frame_attr(page, "<p class=\"pwless-err\" id=\"", id,
                        "-err\"><span class=\"pwless-vh\">");
    pwl_page_frame_say(page, PWL_TEXT_ERROR);
    pwl_html_raw(page->html, "</span> ");
    pwl_page_frame_say(page, key);
    pwl_html_raw(page->html, "</p>\n");
}

void pwl_page_frame_describe(pwl_page_frame_t *page, const char *id, int error,
                             int hint)
{
    if (error)
        pwl_html_raw(page->html, " aria-invalid=\"true\"");
    if (!error && !hint)
        return;
    pwl_html_raw(page->html, " aria-describedby=\"");
    if (error)
        pwl_page_frame_attr(page, "", id, hint ? "-err " : "-err");
    if (hint)
        pwl_page_frame_attr(page, "", id, "-hint");
    pwl_html_raw(page->html, "\"");
}

void pwl_page_frame_small(pwl_page_frame_t *page, const char *ref, int status)
{
    if (!ref && status < 400)
        return;
    page->args.ref = ref;
    page->args.n = (apr_uint64_t)status;
    pwl_html_raw(page->html, "<p class=\"pwless-small\">");
    if (ref)
        pwl_page_frame_say(page, PWL_TEXT_FOOT_REF);
    if (ref && status >= 400)
        pwl_html_raw(page->html, " \xc2\xb7 ");
    if (status >= 400)
        pwl_page_frame_say(page, PWL_TEXT_FOOT_STATUS);
    pwl_html_raw(page->html, "</p>\n");
}

const char *pwl_page_frame_watch(pwl_page_frame_t *page, pwl_text_key_t say,
                                 pwl_text_key_t button, int unsent)
{
    pwl_page_frame_t part = *page;

    if (!pwl_html_url_ok(page->site->session) || !page->site->assets_js)
        return NULL;
    part.html = pwl_html_make(page->pool);
    pwl_page_frame_attr(&part, " data-pwless-session=\"", page->site->session,
                        "\" data-pwless-say=\"");
    pwl_page_frame_quote(&part, say);
    pwl_html_raw(part.html, "\" data-pwless-go=\"");
    pwl_page_frame_quote(&part, button);
    pwl_html_raw(part.html, unsent ? "\" data-pwless-unsent=\"1\"" : "\"");
    return pwl_html_bytes(part.html, NULL);
}
