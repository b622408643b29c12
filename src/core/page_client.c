/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Both steps in one page, for auth0.js to work behind.
 *
 *   <noscript>        this way in cannot do without script
 *   #pwless-client    what client.js hands to auth0.js
 *   #pwless-one       step 1, as core/page_address.c draws it
 *   #pwless-two       step 2, as core/page_code.c draws it
 *   #pwless-on-WORD   what to say when something goes wrong, for each thing
 *
 * Steps and errors are templates: client.js puts copies of them into <main> and
 * has no word of its own, so this page looks, reads and speaks like the two
 * that are drawn here. An address is not known yet; script fills the empty
 * <bdi>.
 *
 * State, nonce and the PKCE challenge are ours. The verifier stays with us, so
 * what comes back through the callback is held to the same as any other.
 */
#include "core/page_frame.h"

#include <apr_strings.h>

#define TRIES 3 /* the tenant takes so many for a code */

/* What client.js tells, by the word it knows. */
static const struct {
    const char *word;
    pwl_text_key_t text;
    const char *target; /* id of what mends it, or NULL */
    int tries_left;
} errors[] = {
    {"empty", PWL_TEXT_ADDRESS_EMPTY, "address", 0},
    {"format", PWL_TEXT_ADDRESS_FORMAT, "address", 0},
    {"long", PWL_TEXT_ADDRESS_LONG, "address", 0},
    {"blank", PWL_TEXT_CODE_EMPTY, "pwless-code", 0},
    {"chars", PWL_TEXT_CODE_CHARS, "pwless-code", 0},
    {"digits", PWL_TEXT_CLIENT_DIGITS, "pwless-code", 0},
    {"wrong-2", PWL_TEXT_CODE_WRONG, "pwless-code", TRIES - 1},
    {"wrong-1", PWL_TEXT_CODE_WRONG, "pwless-code", TRIES - 2},
    {"spent", PWL_TEXT_CODE_SPENT, "pwless-send", 0},
    {"expired", PWL_TEXT_CODE_EXPIRED, "pwless-send", 0},
    {"mail", PWL_TEXT_PROVIDER_MAIL, NULL, 0},
    {"busy", PWL_TEXT_LIMIT_PROVIDER, NULL, 0},
    {"down", PWL_TEXT_PROVIDER_DOWN, NULL, 0},
    {"refused", PWL_TEXT_REFUSED, NULL, 0},
    {"config", PWL_TEXT_CLIENT_CONFIG, NULL, 0},
};

/* The id of the address field goes by the medium. */
static const char *target_of(const pwl_page_frame_t *page, const char *target)
{
    if (!target || strcmp(target, "address") != 0)
        return target;
    return page->site->medium == PWL_PAGE_PHONE_CODE ? "pwless-phone"
                                                     : "pwless-email";
}

static void begin_template(pwl_page_frame_t *page, const char *id,
                           const char *word)
{
    pwl_page_frame_attr(page, "<template id=\"pwless-", id, "");
    pwl_page_frame_attr(page, "", word, "\"");
}

static void error_templates(pwl_page_frame_t *page)
{
    apr_size_t i;

    page->args.duration = PWL_PAGE_FRAME_RETRY;
    for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        const char *target = target_of(page, errors[i].target);

        page->args.k = (apr_uint64_t)errors[i].tries_left;
        begin_template(page, "on-", errors[i].word);
        pwl_page_frame_raw(page, ">\n");
        pwl_page_frame_summary(page, errors[i].text, target);
        if (target && strcmp(target, "pwless-send") != 0)
            pwl_page_frame_error(page, target, errors[i].text);
        pwl_page_frame_raw(page, "</template>\n");
    }
    begin_template(page, "on-", "again");
    pwl_page_frame_raw(page, ">\n");
    pwl_page_frame_note(page, PWL_TEXT_SEND_AGAIN, 0);
    pwl_page_frame_raw(page, "</template>\n");
    /* A second factor or a CAPTCHA: the tenant's own page can do it. */
    begin_template(page, "on-", "step");
    pwl_page_frame_raw(page, ">\n<div class=\"pwless-note\" id=\"pwless-sum\">"
                             "<div role=\"alert\">\n");
    pwl_page_frame_paragraph(page, "<p>", PWL_TEXT_HOSTED);
    pwl_page_frame_paragraph(page, "<p>", PWL_TEXT_HOSTED_BACK);
    pwl_page_frame_raw(page, "<button type=\"button\" class=\"pwless-btn "
                             "pwless-primary\" value=\"hosted\">");
    pwl_page_frame_say(page, PWL_TEXT_DO_CONTINUE);
    pwl_page_frame_raw(page, "</button>\n</div></div>\n</template>\n");
}

/* A template and the title that goes with it. */
static void begin_step(pwl_page_frame_t *page, const char *id,
                       pwl_text_key_t title)
{
    begin_template(page, id, "");
    pwl_page_frame_raw(page, " data-pwless-title=\"");
    pwl_page_frame_quote(page, title);
    pwl_page_frame_raw(page, "\">\n");
}

static void steps(pwl_page_frame_t *page, const pwl_page_client_t *client)
{
    pwl_page_address_t one = {.value = client->value, .notice = client->notice};
    pwl_page_code_t two = {0};

    begin_step(page, "one", PWL_TEXT_LOGIN_TITLE);
    pwl_page_address_body(page, &one);
    pwl_page_frame_raw(page, "</template>\n");
    two.address = "";
    two.digits = client->digits;
    two.life = two.left = client->code_lifetime;
    two.send_wait = client->resend[0];
    begin_step(page, "two", PWL_TEXT_CODE_TITLE);
    pwl_page_code_body(page, &two);
    pwl_page_frame_raw(page, "</template>\n");
}

static void setting(pwl_page_frame_t *page, const char *name, const char *value)
{
    pwl_page_frame_attr(page, " data-pwless-", value ? name : NULL, "=\"");
    pwl_page_frame_attr(page, "", value, "\"");
}

/* What auth0.js is told. None of it is a secret: the browser would hear all of
 * it on the way to the tenant's own page. */
static void settings(pwl_page_frame_t *page, const pwl_page_client_t *client)
{
    const char *waits = apr_psprintf(
        page->pool,
        "%" APR_INT64_T_FMT " %" APR_INT64_T_FMT " %" APR_INT64_T_FMT,
        apr_time_sec(client->resend[0]), apr_time_sec(client->resend[1]),
        apr_time_sec(client->resend[2]));

    pwl_page_frame_raw(page, "<div id=\"pwless-client\" hidden");
    setting(page, "domain", client->domain);
    setting(page, "client", client->client_id);
    setting(page, "callback", client->redirect_uri);
    setting(page, "scope", client->scope);
    setting(page, "audience", client->audience);
    setting(page, "connection", client->connection);
    setting(page, "state", client->state);
    setting(page, "nonce", client->nonce);
    setting(page, "challenge", client->challenge);
    setting(page, "resend", waits);
    if (client->lock) {
        setting(page, "assets", client->assets);
        setting(page, "site", page->site->site);
        setting(page, "logo", page->site->logo);
        setting(page, "value", client->value);
    }
    pwl_page_frame_number(page, "life", apr_time_sec(client->code_lifetime));
    pwl_page_frame_number(page, "ends", apr_time_sec(client->signin_timeout));
    pwl_page_frame_number(page, "tries", TRIES);
    pwl_page_frame_raw(page, " data-pwless-error=\"");
    pwl_page_frame_quote(page, PWL_TEXT_ERROR);
    pwl_page_frame_raw(page, "\"></div>\n");
}

/* Lock draws itself; ours are the frame, a heading for those who cannot see its
 * own, and what to say when it is not there. */
static void lock_parts(pwl_page_frame_t *page, const pwl_page_client_t *client)
{
    pwl_page_frame_raw(page, "<h1 class=\"pwless-vh\">");
    pwl_page_frame_say(page, PWL_TEXT_LOGIN_TITLE);
    pwl_page_frame_raw(page, "</h1>\n");
    if (client->notice != PWL_TEXT_NONE)
        pwl_page_frame_note(page, client->notice, 0);
    pwl_page_frame_raw(page, "<div id=\"pwless-lock\"></div>\n");
    error_templates(page);
}

static void scripts(pwl_page_frame_t *page, const pwl_page_client_t *client)
{
    pwl_page_frame_attr(page, "<script src=\"", client->script, "\"");
    pwl_page_frame_attr(page, " integrity=\"", client->hash,
                        "\" crossorigin=\"anonymous\"");
    pwl_page_frame_raw(page, " defer></script>\n");
    pwl_page_frame_attr(page, "<script src=\"", client->driver,
                        "\" defer></script>\n");
}

const char *pwl_page_client(const pwl_page_site_t *site,
                            const pwl_page_client_t *client, apr_pool_t *pool,
                            apr_size_t *len)
{
    pwl_page_frame_t page = pwl_page_frame_make(site, &client->args, pool);

    pwl_page_frame_begin(&page, PWL_TEXT_LOGIN_TITLE, 0,
                         pwl_page_frame_watch(&page, PWL_TEXT_SIGNED_IN_NOW,
                                              PWL_TEXT_DO_CONTINUE, 0));
    pwl_page_frame_raw(&page, "<noscript>\n<h1>");
    pwl_page_frame_say(&page, PWL_TEXT_LOGIN_TITLE);
    pwl_page_frame_raw(&page, "</h1>\n");
    pwl_page_frame_paragraph(&page, "<p>", PWL_TEXT_CLIENT_SCRIPT);
    pwl_page_frame_raw(&page, "</noscript>\n");
    settings(&page, client);
    if (client->lock) {
        lock_parts(&page, client);
    } else {
        steps(&page, client);
        error_templates(&page);
    }
    scripts(&page, client);
    return pwl_page_frame_end(&page, len);
}
