/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Step 1: `login`.
 *
 *   GET   the address form; already signed in: on to the target;
 *         `Auth0Login hosted`: on to the tenant's own page (httpd/callback.c);
 *         `Auth0Login auth0js`: the page with both steps (httpd/client.c)
 *   POST  ask the tenant for a code, then 303 to step 2; `op=code`: back to
 *         step 2, whose code is still good
 *
 * Query of GET: `return_to`; `t`, a form token, to come back with the address
 * kept; `why`: idle or max, with `limit` in seconds, when a location's limits
 * ended a session that still lives for others, or other, to sign in as somebody
 * else; `login_hint`, an address for the field, which nothing submits but the
 * visitor; `check`, set by a POST that came without our cookie, to see whether
 * the browser sends cookies at all.
 *
 * Programs that draw the form themselves ask and post the same in JSON
 * (httpd/jsonflow.c), whoever draws it for browsers (Auth0Login). Where a code
 * would not do (pwl_hosted_only()) all of them are sent to the tenant.
 *
 * No failure here depends on whether an address is known: "sign-ups are
 * closed" goes on to step 2 like success, where every code is wrong.
 */
#include <apr_lib.h>
#include <apr_strings.h>
#include <httpd.h>

#include "core/limits.h"
#include "core/returnto.h"
#include "httpd/client.h"
#include "httpd/codeflow.h"
#include "httpd/endpoint.h"
#include "httpd/hosted.h"
#include "httpd/jsonflow.h"
#include "httpd/language.h"
#include "httpd/log.h"
#include "httpd/recipient.h"
#include "httpd/respond.h"
#include "httpd/signin.h"

/* Step 1 is drawn from a token: a new one, with what `from` held. Without a
 * token in the answer it could not be sealed. */
static pwl_page_address_t draw(request_rec *r, pwl_request_t *rq,
                               const pwl_token_t *from,
                               const pwl_page_address_t *page)
{
    pwl_page_address_t shown = *page;
    pwl_pending_t pending;
    pwl_token_t token = {.address = ""};

    if (pwl_endpoint_renew(r, rq, &pending) == PWL_OK &&
        pwl_token_new(&token, PWL_STEP_ADDRESS, &pending, r->request_time) ==
            PWL_OK) {
        if (from) {
            static const unsigned char none[PWL_TXN_BYTES];

            token.address = from->address;
            token.return_to = from->return_to;
            /* Coming back from step 2: its cool-down goes on. */
            if (memcmp(from->txn, none, sizeof(none)) != 0)
                memcpy(token.txn, from->txn, sizeof(token.txn));
        }
        shown.token = pwl_token_seal(&token, rq->realm->form_seal, r->pool);
    }
    if (!shown.value && *token.address)
        shown.value = token.address;
    return shown;
}

int pwl_login_page(request_rec *r, pwl_request_t *rq, const pwl_token_t *from,
                   const pwl_page_address_t *page, int status)
{
    pwl_page_address_t shown = draw(r, rq, from, page);
    pwl_result_t res = {PWL_SEAL_FAILED, 0, NULL};
    const char *html;
    apr_size_t len;

    if (!shown.token)
        return pwl_respond_refused(r, rq->realm, "login", res, 0, NULL);
    if (pwl_request_speaks_json(r)) {
        pwl_page_step_t step = pwl_jsonflow_step1(rq->realm, &shown);

        return pwl_jsonflow_tell(r, rq->realm, &step);
    }
    html = pwl_page_address(pwl_language_site(r, rq->realm), &shown, r->pool,
                            &len);
    return pwl_respond_form(r, rq->realm, status, html, len);
}

int pwl_login_failed(request_rec *r, pwl_request_t *rq, const pwl_token_t *from,
                     pwl_result_t res, apr_interval_time_t wait)
{
    static const pwl_page_address_t page;
    pwl_page_address_t shown = draw(r, rq, from, &page);
    pwl_page_step_t step = pwl_jsonflow_step1(rq->realm, &shown);

    return pwl_respond_step(r, rq->realm, res, wait,
                            shown.token ? &step : NULL);
}

static int say_already(request_rec *r, const pwl_request_t *rq)
{
    pwl_page_notice_t notice = pwl_page_notice_make(PWL_PAGE_ALREADY);
    const pwl_realm_t *realm = rq->realm;

    notice.args.address = pwl_session_who(&rq->session);
    notice.buttons[0].url = realm->site.home;
    notice.buttons[1].url = realm->url[PWL_ENDPOINT_LOGOUT];
    notice.buttons[2].url = apr_pstrcat(r->pool, realm->url[PWL_ENDPOINT_LOGIN],
                                        "?why=other", NULL);
    return pwl_respond_notice(r, realm, &notice);
}

/* What GET login was asked, read and judged. */
typedef struct {
    pwl_token_t token;     /* address and target to keep */
    pwl_pending_t pending; /* of the browser, when the token is its own */
    int return_to_bad;     /* one was given and is not to be followed */
    int has_target;
    const char *why;           /* idle, max, other, or NULL */
    apr_interval_time_t limit; /* with idle and max; or 0 */
    int check;
    const char *hint; /* an address to begin with, or NULL */
} ask_t;

/* A token to come back with: of another browser or too old, it still knows
 * address and target, but names no transaction of ours. */
static void read_token(request_rec *r, pwl_request_t *rq, const char *t,
                       pwl_pending_t *pending, pwl_token_t *token)
{
    if (pwl_codeflow_open(r, rq, t, PWL_STEP_ADDRESS, pending, token) != PWL_OK)
        memset(token->txn, 0, sizeof(token->txn));
}

/* Seconds of the limit that was passed, a year at most; 0 for nonsense. */
static apr_interval_time_t known_limit(const char *text)
{
    char *end;
    long seconds;

    if (!text || !apr_isdigit(*text) || strlen(text) > 8)
        return 0;
    seconds = strtol(text, &end, 10);
    return *end || seconds > 366L * 24 * 3600 ? 0 : apr_time_from_sec(seconds);
}

static const char *known_why(const char *why)
{
    static const char *const words[] = {"idle", "max", "other"};
    apr_size_t i;

    for (i = 0; why && i < sizeof(words) / sizeof(words[0]); i++) {
        if (!strcmp(why, words[i]))
            return words[i];
    }
    return NULL;
}

static pwl_reason_t read_ask(request_rec *r, pwl_request_t *rq, ask_t *ask)
{
    const pwl_server_conf_t *conf = rq->realm->conf;
    pwl_reason_t why;
    pwl_form_t *query;
    const char *target;
    const char *t;

    memset(ask, 0, sizeof(*ask));
    ask->token.address = ask->token.return_to = "";
    why = pwl_endpoint_query(r, &query);
    if (why != PWL_OK)
        return why;
    target = pwl_form_get(query, "return_to", &why);
    if (why != PWL_OK)
        return why;
    t = pwl_form_get(query, "t", &why);
    if (why != PWL_OK)
        return why;
    ask->why = known_why(pwl_form_get(query, "why", &why));
    ask->limit = known_limit(pwl_form_get(query, "limit", &why));
    ask->check = pwl_form_get(query, "check", &why) != NULL;
    if (pwl_recipient_read(rq->realm, pwl_form_get(query, "login_hint", &why),
                           &ask->hint, r->pool) != PWL_OK)
        ask->hint = NULL;
    if (t)
        read_token(r, rq, t, &ask->pending, &ask->token);
    if (target) {
        why = pwl_returnto_check(target, conf->path);
        ask->return_to_bad = why != PWL_OK && why != PWL_RETURNTO_MISSING;
        ask->token.return_to = why == PWL_OK ? target : "";
        if (ask->return_to_bad)
            pwl_log_refused(r, "return-to", (pwl_result_t){why, 0, NULL});
    }
    ask->has_target = *ask->token.return_to != '\0';
    return PWL_OK;
}

static pwl_text_key_t notice_for(const ask_t *ask)
{
    if (ask->why && ask->limit && !strcmp(ask->why, "idle"))
        return PWL_TEXT_SESSION_IDLE;
    if (ask->why && ask->limit && !strcmp(ask->why, "max"))
        return PWL_TEXT_SESSION_MAX;
    return ask->check ? PWL_TEXT_FLOW_EXPIRED : PWL_TEXT_NONE;
}

/* A POST came without our cookie, and we set one and asked again. */
static int cookies_are_off(request_rec *r, const pwl_request_t *rq,
                           const ask_t *ask)
{
    pwl_pending_t pending;

    return ask->check &&
           pwl_request_pending(r, rq, &pending).why == PWL_PENDING_MISSING;
}

static int say_cookies(request_rec *r, const pwl_realm_t *realm,
                       const ask_t *ask)
{
    pwl_page_notice_t notice = pwl_page_notice_make(PWL_PAGE_COOKIES);

    pwl_log_refused(r, "login", (pwl_result_t){PWL_PENDING_MISSING, 0, NULL});
    notice.buttons[0].url =
        pwl_respond_url(realm->url[PWL_ENDPOINT_LOGIN], "return_to",
                        ask->token.return_to, r->pool);
    return pwl_respond_notice(r, realm, &notice);
}

int pwl_login_get(request_rec *r, pwl_request_t *rq)
{
    const pwl_server_conf_t *conf = rq->realm->conf;
    pwl_page_address_t page = {0};
    pwl_result_t res = {PWL_OK, 0, NULL};
    ask_t ask;
    int json = pwl_request_speaks_json(r);

    res.why = read_ask(r, rq, &ask);
    if (res.why != PWL_OK)
        return pwl_respond_refused(r, rq->realm, "login", res, 0, NULL);
    /* A location may be stricter than we are here: `why` says it was. */
    if (!ask.why && pwl_request_session(r, rq).why == PWL_OK) {
        if (json)
            return pwl_jsonflow_done(r, rq->realm, 1,
                                     pwl_endpoint_target(&ask.token));
        if (!ask.has_target && !ask.return_to_bad)
            return say_already(r, rq);
        return pwl_respond_redirect(r, rq->realm,
                                    pwl_endpoint_target(&ask.token));
    }
    if (!json && cookies_are_off(r, rq, &ask))
        return say_cookies(r, rq->realm, &ask);
    if (pwl_hosted_only(rq->realm) ||
        (!json && conf->login == PWL_LOGIN_HOSTED))
        return pwl_hosted_go(r, rq, &ask.token,
                             *ask.token.address ? ask.token.address : ask.hint,
                             ask.why && !strcmp(ask.why, "other"));
    if (!json && rq->realm->client) {
        pwl_text_args_t args = {.duration = ask.limit,
                                .minutes = conf->signin_timeout};

        return pwl_client_page(r, rq, &ask.token, notice_for(&ask), &args);
    }
    page.notice = notice_for(&ask);
    page.args.duration = ask.limit;
    page.args.minutes = conf->signin_timeout;
    page.value = *ask.token.address ? NULL : ask.hint;
    page.has_code = pwl_codeflow_waiting(r, rq, &ask.pending, &ask.token);
    return pwl_login_page(r, rq, &ask.token, &page, HTTP_OK);
}

static int bad_address(request_rec *r, pwl_request_t *rq, pwl_reason_t why,
                       const pwl_token_t *token, const char *typed)
{
    pwl_page_address_t page = {.why = why, .value = typed};

    pwl_log_refused(r, "login", (pwl_result_t){why, 0, NULL});
    if (typed && strlen(typed) > PWL_ADDRESS_INPUT_MAX)
        page.value = NULL;
    return pwl_login_page(r, rq, token, &page, HTTP_UNPROCESSABLE_ENTITY);
}

/* A program may name the target here: it need not ask for a token of its own
 * for each. One that is not to be followed is left out, as from GET. */
static pwl_reason_t read_target(request_rec *r, const pwl_request_t *rq,
                                const pwl_form_t *form, pwl_token_t *token)
{
    const char *target;
    pwl_reason_t bad;
    pwl_reason_t why;

    if (!pwl_request_speaks_json(r))
        return PWL_OK;
    target = pwl_form_get(form, "return_to", &why);
    if (why != PWL_OK || !target)
        return why;
    bad = pwl_returnto_check(target, rq->realm->conf->path);
    token->return_to = bad == PWL_OK ? target : "";
    if (bad != PWL_OK && bad != PWL_RETURNTO_MISSING)
        pwl_log_refused(r, "return-to", (pwl_result_t){bad, 0, NULL});
    return PWL_OK;
}

/* No code will do on this host: on to the tenant, with what the form held. */
static int send_on(request_rec *r, pwl_request_t *rq, const pwl_form_t *form,
                   const char *t, const char *typed)
{
    pwl_result_t res = {PWL_OK, 0, NULL};
    pwl_token_t token = {.return_to = ""};
    pwl_pending_t pending;

    if (t)
        read_token(r, rq, t, &pending, &token);
    res.why = read_target(r, rq, form, &token);
    if (res.why != PWL_OK)
        return pwl_respond_refused(r, rq->realm, "login", res, 0, NULL);
    if (pwl_recipient_read(rq->realm, typed, &token.address, r->pool) != PWL_OK)
        token.address = "";
    return pwl_hosted_instead(r, rq, &token);
}

int pwl_login_post(request_rec *r, pwl_request_t *rq)
{
    pwl_result_t res = {PWL_OK, 0, NULL};
    pwl_pending_t pending;
    pwl_token_t token;
    pwl_form_t *form;
    const char *address;
    const char *typed;
    const char *op;
    const char *t;
    apr_interval_time_t wait;

    res.why = pwl_endpoint_form(r, rq->realm, &form);
    if (res.why == PWL_OK)
        t = pwl_form_get(form, "t", &res.why);
    if (res.why == PWL_OK)
        typed = pwl_form_get(form, pwl_recipient_field(rq->realm), &res.why);
    if (res.why == PWL_OK)
        op = pwl_form_get(form, "op", &res.why);
    if (res.why != PWL_OK)
        return pwl_respond_refused(r, rq->realm, "login", res, 0, NULL);
    if (pwl_hosted_only(rq->realm))
        return send_on(r, rq, form, t, typed);
    res.why = pwl_codeflow_open(r, rq, t, PWL_STEP_ADDRESS, &pending, &token);
    if (res.why != PWL_OK)
        return pwl_codeflow_refuse(r, rq, res.why, &token);
    res.why = read_target(r, rq, form, &token);
    if (res.why != PWL_OK)
        return pwl_respond_refused(r, rq->realm, "login", res, 0, NULL);
    if (op && !strcmp(op, "code") &&
        pwl_codeflow_waiting(r, rq, &pending, &token))
        return pwl_codeflow_after_send(r, rq, &pending, &token, res, 0);
    res.why = pwl_recipient_read(rq->realm, typed, &address, r->pool);
    if (res.why != PWL_OK)
        return bad_address(r, rq, res.why, &token, typed);
    token.address = address;
    res = pwl_codeflow_send(r, rq, &pending, &token, &wait);
    if (res.why == PWL_TENANT_ADDRESS)
        return bad_address(r, rq, PWL_ADDRESS_FORMAT, &token, typed);
    return pwl_codeflow_after_send(r, rq, &pending, &token, res, wait);
}
