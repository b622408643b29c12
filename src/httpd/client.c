/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nothing waits here for the tenant: codes are asked for and checked by the
 * browser, and the one call of ours is the exchange of the callback. So
 * Auth0Throttle, Auth0MaxCalls and the record of a sign-in have no part in it;
 * the tenant's own limits, for each visitor's address, do their work.
 */
#include "httpd/client.h"

#include <apr_strings.h>

#include "core/authorize.h"
#include "httpd/endpoint.h"
#include "httpd/language.h"
#include "httpd/respond.h"

static int is_client(const pwl_server_conf_t *conf)
{
    return conf->login == PWL_LOGIN_AUTH0JS || conf->login == PWL_LOGIN_LOCK;
}

static pwl_script_kind_t kind_of(const pwl_server_conf_t *conf)
{
    return conf->login == PWL_LOGIN_LOCK ? PWL_SCRIPT_LOCK : PWL_SCRIPT_AUTH0JS;
}

static int is_url(const char *script)
{
    return !strncmp(script, "https://", 8);
}

static const char *read_file(const pwl_server_conf_t *conf,
                             pwl_scriptfile_t *file, apr_pool_t *pool)
{
    return pwl_scriptfile_read(conf->script, conf->script_hash, kind_of(conf),
                               file, pool);
}

const char *pwl_client_check(const pwl_server_conf_t *conf, apr_pool_t *pool)
{
    pwl_scriptfile_t file;

    if (!is_client(conf))
        return NULL;
    if (!conf->script)
        return apr_pstrcat(pool, "is missing, and this Auth0Login needs it: ",
                           pwl_script_cure(kind_of(conf)), NULL);
    if (!is_url(conf->script))
        return read_file(conf, &file, pool);
    if (conf->login == PWL_LOGIN_LOCK)
        return NULL;
    return apr_pstrcat(pool, "names a URL, and auth0.js is served from here: ",
                       pwl_script_cure(PWL_SCRIPT_AUTH0JS), NULL);
}

pwl_result_t pwl_client_make(pwl_realm_t *realm, apr_pool_t *pool)
{
    pwl_result_t res = {PWL_OK, 0, NULL};
    const pwl_server_conf_t *conf = realm->conf;
    const char *assets = realm->url[PWL_ENDPOINT_ASSET];
    pwl_client_t *client;

    if (!is_client(conf))
        return res;
    client = apr_pcalloc(pool, sizeof(*client));
    if (is_url(conf->script)) {
        client->url = conf->script;
        client->file.hash = conf->script_hash;
    } else {
        res.detail = read_file(conf, &client->file, pool);
        if (res.detail) {
            res.why = PWL_SCRIPT_FILE;
            return res;
        }
        client->url = apr_pstrcat(pool, assets, client->file.asset.name, NULL);
    }
    client->driver = apr_pstrcat(pool, assets,
                                 pwl_assets_name(conf->login == PWL_LOGIN_LOCK
                                                     ? "lock.js"
                                                     : "client.js"),
                                 NULL);
    realm->client = client;
    return res;
}

/* What the page hands over that belongs to this browser and this sign-in. */
static pwl_reason_t tie(request_rec *r, pwl_request_t *rq,
                        const pwl_token_t *from, pwl_page_client_t *page)
{
    const pwl_realm_t *realm = rq->realm;
    pwl_pending_t pending;
    pwl_token_t token;

    if (pwl_endpoint_renew(r, rq, &pending) != PWL_OK ||
        pwl_token_new(&token, PWL_STEP_STATE, &pending, r->request_time) !=
            PWL_OK)
        return PWL_SEAL_FAILED;
    token.return_to = from->return_to;
    page->state = pwl_token_seal(&token, realm->state_seal, r->pool);
    page->nonce = pwl_pending_derive(&pending, "nonce", token.txn, r->pool);
    page->challenge = pwl_authorize_challenge(
        pwl_pending_derive(&pending, "pkce", token.txn, r->pool), r->pool);
    return page->state && page->challenge ? PWL_OK : PWL_SEAL_FAILED;
}

int pwl_client_page(request_rec *r, pwl_request_t *rq, const pwl_token_t *from,
                    pwl_text_key_t notice, const pwl_text_args_t *args)
{
    const pwl_realm_t *realm = rq->realm;
    const pwl_server_conf_t *conf = realm->conf;
    pwl_result_t res = {PWL_OK, 0, NULL};
    pwl_page_client_t page = {0};
    const char *html;
    apr_size_t len;

    res.why = tie(r, rq, from, &page);
    if (res.why != PWL_OK)
        return pwl_respond_refused(r, realm, "login", res, 0, NULL);
    page.lock = conf->login == PWL_LOGIN_LOCK;
    page.assets = realm->url[PWL_ENDPOINT_ASSET];
    page.domain = conf->domain;
    page.client_id = conf->client_id;
    page.redirect_uri = realm->redirect_uri;
    page.scope = conf->scope;
    page.audience = conf->audience;
    page.connection = conf->connection;
    page.script = realm->client->url;
    page.hash = realm->client->file.hash;
    page.driver = realm->client->driver;
    page.value = from->address;
    page.notice = notice;
    page.args = *args;
    page.digits = conf->code_length;
    page.code_lifetime = conf->code_lifetime;
    page.signin_timeout = conf->signin_timeout;
    memcpy(page.resend, realm->policy.resend, sizeof(page.resend));
    html = pwl_page_client(pwl_language_site(r, realm), &page, r->pool, &len);
    return pwl_respond_client(r, realm, html, len);
}
