/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From directives to a realm. Every string and key a request needs is made
 * here, once, so that a signed-in request only reads.
 */
#include "httpd/realm.h"

#include <apr_strings.h>
#include <apr_uri.h>
#include <http_main.h>
#include <openssl/crypto.h>

#include "core/setting.h"
#include "core/sha256.h"
#include "core/text.h"
#include "core/tokens.h"
#include "httpd/client.h"
#include "httpd/language.h"
#include "httpd/recipient.h"
#include "io/secret.h"

static const struct {
    const char *name;
    pwl_endpoint_t endpoint;
} endpoints[] = {
    {"login", PWL_ENDPOINT_LOGIN},
    {"code", PWL_ENDPOINT_CODE},
    {"callback", PWL_ENDPOINT_CALLBACK},
    {"logout", PWL_ENDPOINT_LOGOUT},
    {"backchannel-logout", PWL_ENDPOINT_BACKCHANNEL},
    {"session", PWL_ENDPOINT_SESSION},
    {"denied", PWL_ENDPOINT_DENIED},
};

const pwl_realm_t *pwl_realm_of(server_rec *s)
{
    return pwl_conf_server(s)->realm;
}

const pwl_asset_t *pwl_realm_asset(const pwl_realm_t *realm, const char *name)
{
    if (realm->client && realm->client->file.asset.name &&
        !strcmp(name, realm->client->file.asset.name))
        return &realm->client->file.asset;
    return pwl_assets_find(name);
}

pwl_endpoint_t pwl_realm_endpoint(const pwl_realm_t *realm, const char *path,
                                  const char **asset)
{
    apr_size_t len = strlen(realm->conf->path);
    apr_size_t i;

    if (strncmp(path, realm->conf->path, len) != 0)
        return PWL_ENDPOINT_NONE;
    path += len;
    for (i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++) {
        if (strcmp(path, endpoints[i].name) == 0)
            return endpoints[i].endpoint;
    }
    if (strncmp(path, "assets/", 7) != 0 || !pwl_realm_asset(realm, path + 7))
        return PWL_ENDPOINT_NONE;
    *asset = path + 7;
    return PWL_ENDPOINT_ASSET;
}

/* The port a host is known by: ServerName's, else the one it listens on. A
 * host on port 80 of a site with TLS is there to redirect, and known by 443. */
static apr_port_t public_port(server_rec *s, const char *scheme)
{
    apr_port_t port = s->addrs ? s->addrs->host_port : 0;

    if (s->port)
        return s->port;
    return port == 80 && !strcmp(scheme, "https") ? 443 : port;
}

const char *pwl_realm_base_url(server_rec *s, const pwl_server_conf_t *conf,
                               apr_pool_t *pool)
{
    const char *scheme = conf->insecure_http == 1 ? "http" : "https";
    apr_port_t usual;
    apr_port_t port;

    if (conf->base_url)
        return conf->base_url;
    if (!s->server_hostname)
        return NULL;
    if (s->server_scheme)
        scheme = s->server_scheme;
    port = public_port(s, scheme);
    usual = apr_uri_port_of_scheme(scheme);
    if (port == 0 || port == usual)
        return apr_pstrcat(pool, scheme, "://", s->server_hostname, NULL);
    return apr_psprintf(pool, "%s://%s:%u", scheme, s->server_hostname, port);
}

static pwl_result_t read_secret(pwl_realm_t *realm, apr_pool_t *pool)
{
    const pwl_server_conf_t *conf = realm->conf;
    pwl_assertion_key_t *key;
    const char *secret;
    pwl_result_t res;

    if (conf->client_key) {
        res =
            pwl_secret_client_key(conf->client_key, ap_server_root, &key, pool);
        realm->tenant.key = key;
        return res;
    }
    res = pwl_secret_read(conf->client_secret, ap_server_root, &secret, pool);
    if (res.why != PWL_OK)
        return res;
    realm->tenant.client_secret = secret;
    if (conf->alg != PWL_ALG_HS256)
        return res;
    realm->secret_key = pwl_jwk_from_secret(secret, strlen(secret), pool);
    if (!realm->secret_key) {
        res.why = PWL_SECRET_KEY;
        res.detail = "Auth0IDTokenAlg HS256 needs the client secret of an "
                     "application, of at least 16 bytes";
    }
    return res;
}

/* Somebody has a use for tokens: a location that passes them on, or we, who
 * learn by refreshing that the tenant has withdrawn somebody's rights. */
static int keeps_tokens(const pwl_server_conf_t *conf)
{
    return pwl_conf_passes_tokens() ||
           pwl_setting_has_word(conf->scope, "offline_access");
}

static pwl_result_t make_seals(pwl_realm_t *realm, apr_pool_t *pool)
{
    pwl_result_t res = {PWL_OK, 0, NULL};
    pwl_seal_keys_t keys = {.count = 1};
    const char *name =
        apr_pstrcat(pool, realm->base_url, " ", realm->conf->domain, " ",
                    realm->conf->client_id, NULL);
    unsigned char digest[32];

    pwl_sha256(name, strlen(name), digest);
    memcpy(realm->id, digest, sizeof(realm->id));
    memcpy(keys.key[0], realm->store->seal_key, PWL_SEAL_KEY_BYTES);
    if (realm->conf->seal_key)
        res = pwl_secret_seal_keys(realm->conf->seal_key, ap_server_root, &keys,
                                   pool);
    if (res.why != PWL_OK)
        return res;
    realm->form_seal = pwl_seal_make(&keys, "form", name, pool);
    realm->state_seal = pwl_seal_make(&keys, "state", name, pool);
    realm->pending_seal = pwl_seal_make(&keys, "pending", name, pool);
    if (keeps_tokens(realm->conf))
        realm->tokens_seal =
            pwl_seal_make(&keys, PWL_TOKENS_PURPOSE, name, pool);
    OPENSSL_cleanse(&keys, sizeof(keys));
    if (!realm->form_seal || !realm->state_seal || !realm->pending_seal ||
        (keeps_tokens(realm->conf) && !realm->tokens_seal))
        res.why = PWL_SEAL_FAILED;
    return res;
}

static void name_urls(pwl_realm_t *realm, apr_pool_t *pool)
{
    const char *path = realm->conf->path;
    apr_size_t i;

    for (i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++)
        realm->url[endpoints[i].endpoint] =
            apr_pstrcat(pool, path, endpoints[i].name, NULL);
    realm->url[PWL_ENDPOINT_ASSET] = apr_pstrcat(pool, path, "assets/", NULL);
    realm->redirect_uri = apr_pstrcat(pool, realm->base_url,
                                      realm->url[PWL_ENDPOINT_CALLBACK], NULL);
    realm->logout_uri = apr_pstrcat(pool, realm->base_url,
                                    realm->url[PWL_ENDPOINT_LOGOUT], NULL);
    realm->issuer =
        apr_pstrcat(pool, "https://", realm->conf->domain, "/", NULL);
    /* Without TLS the browser refuses both the prefix and `Secure`. */
    realm->session_cookie =
        realm->https ? "__Host-auth0-session" : "auth0-session";
    realm->pending_cookie =
        realm->https ? "__Host-auth0-pending" : "auth0-pending";
    realm->cookie_attributes = realm->https
                                   ? "; Path=/; Secure; HttpOnly; SameSite=Lax"
                                   : "; Path=/; HttpOnly; SameSite=Lax";
}

static void name_site(pwl_realm_t *realm, apr_pool_t *pool)
{
    const pwl_server_conf_t *conf = realm->conf;
    const char *assets = realm->url[PWL_ENDPOINT_ASSET];
    pwl_page_site_t *site = &realm->site;

    site->host = strstr(realm->base_url, "://") + 3;
    site->site = conf->site_name ? conf->site_name : site->host;
    site->assets_css =
        apr_pstrcat(pool, assets, pwl_assets_name("pwless.css"), NULL);
    site->assets_js =
        apr_pstrcat(pool, assets, pwl_assets_name("pwless.js"), NULL);
    site->assets_link =
        apr_pstrcat(pool, assets, pwl_assets_name("link.js"), NULL);
    site->extra_css = conf->stylesheet;
    site->logo = conf->logo;
    site->help = conf->help;
    site->theme = conf->theme;
    site->home = "/";
    if (pwl_recipient_is_phone(conf))
        site->medium = PWL_PAGE_PHONE_CODE;
    else if (conf->send == PWL_SEND_LINK)
        site->medium = PWL_PAGE_EMAIL_LINK;
    site->unknown = (pwl_page_unknown_t)conf->unknown;
    site->own_country = conf->phone_country != NULL;
    site->session = realm->url[PWL_ENDPOINT_SESSION];
    realm->languages = pwl_language_offered(conf, pool);
    site->lang = APR_ARRAY_IDX(realm->languages, 0, const pwl_language_t *);
}

/* " scheme://host[:port]" of a URL elsewhere; "" for a path on this site. */
static const char *origin_of(const char *url, apr_pool_t *pool)
{
    const char *end;

    if (!url || strncmp(url, "https://", 8) != 0)
        return "";
    end = strpbrk(url + 8, "/?#");
    return apr_pstrcat(
        pool, " ",
        end ? apr_pstrmemdup(pool, url, (apr_size_t)(end - url)) : url, NULL);
}

/* The strict policy, and what a page needs besides. */
typedef struct {
    const char *style, *script, *connect, *form;
} more_t;

static const char *policy(const pwl_realm_t *realm, const more_t *more,
                          apr_pool_t *pool)
{
    return apr_pstrcat(
        pool, "default-src 'none'; style-src 'self'", more->style,
        origin_of(realm->conf->stylesheet, pool), "; script-src 'self'",
        more->script, "; connect-src 'self'", more->connect, "; img-src 'self'",
        origin_of(realm->conf->logo, pool), "; form-action 'self'", more->form,
        "; frame-ancestors 'none'; base-uri 'none'", NULL);
}

/* auth0.js talks to the tenant. Lock does, too; it loads what the application
 * is (client/ID.js) as a script from there, and itself perhaps from a host the
 * operator named; and it writes a <style> that nobody can vouch for. */
static void name_csp(pwl_realm_t *realm, apr_pool_t *pool)
{
    const pwl_server_conf_t *conf = realm->conf;
    more_t more = {"", "", "", ""};

    realm->csp = policy(realm, &more, pool);
    /* Browsers hold form-action against what a form's answer redirects to. */
    more.form = origin_of(realm->issuer, pool);
    realm->csp_form = policy(realm, &more, pool);
    more.form = "";
    more.connect = apr_pstrcat(pool, " https://", conf->domain, NULL);
    if (conf->login == PWL_LOGIN_LOCK) {
        more.style = " 'unsafe-inline'";
        more.script = apr_pstrcat(pool, more.connect,
                                  origin_of(conf->script, pool), NULL);
    }
    realm->client_csp = policy(realm, &more, pool);
}

static void set_policy(pwl_realm_t *realm)
{
    const pwl_server_conf_t *conf = realm->conf;
    const apr_interval_time_t *resend = (void *)conf->resend->elts;
    int last = conf->resend->nelts - 1;
    apr_interval_time_t limit;
    int i;

    for (i = 0; i < 3; i++)
        realm->policy.resend[i] = resend[i < last ? i : last];
    realm->policy.code_lifetime = conf->code_lifetime;
    realm->min_send =
        conf->unknown == PWL_PAGE_UNKNOWN_TELL ? 0 : conf->min_send_time;
    /* The call itself, or what it takes at least (httpd/floor.h), and a second
     * for everything around it. */
    limit = conf->timeout > conf->start_timeout ? conf->timeout
                                                : conf->start_timeout;
    if (limit < realm->min_send)
        limit = realm->min_send;
    realm->policy.call_limit = limit + apr_time_from_sec(1);
}

static void set_tenant(pwl_realm_t *realm)
{
    const pwl_server_conf_t *conf = realm->conf;
    pwl_tenant_t *tenant = &realm->tenant;

    tenant->domain = conf->domain;
    tenant->client_id = conf->client_id;
    tenant->connection = conf->connection;
    tenant->scope = conf->scope;
    tenant->audience = conf->audience;
    tenant->https.ca_file = conf->ca_file;
    tenant->https.proxy = conf->proxy;
    tenant->https.connect_timeout = conf->connect_timeout;
    tenant->https.timeout = conf->timeout;
    tenant->start_timeout = conf->start_timeout;
}

static pwl_result_t make_one(server_rec *s, pwl_server_conf_t *conf,
                             pwl_store_t *store, apr_pool_t *pool)
{
    pwl_realm_t *realm = apr_pcalloc(pool, sizeof(*realm));
    pwl_result_t res;

    realm->conf = conf;
    realm->store = store;
    realm->base_url = pwl_realm_base_url(s, conf, pool);
    realm->https = strncmp(realm->base_url, "https:", 6) == 0;
    realm->behind_proxy = conf->base_url != NULL;
    name_urls(realm, pool);
    name_site(realm, pool);
    name_csp(realm, pool);
    set_policy(realm);
    set_tenant(realm);
    res = read_secret(realm, pool);
    if (res.why == PWL_OK)
        res = make_seals(realm, pool);
    if (res.why == PWL_OK)
        res = pwl_client_make(realm, pool);
    if (res.why == PWL_OK)
        conf->realm = realm;
    return res;
}

pwl_result_t pwl_realm_make_all(server_rec *main_server, pwl_store_t *store,
                                server_rec **bad, apr_pool_t *pool)
{
    pwl_result_t res = {PWL_OK, 0, NULL};
    server_rec *s;

    for (s = main_server; s; s = s->next) {
        pwl_server_conf_t *conf = pwl_conf_server(s);

        if (!conf->domain)
            continue;
        res = make_one(s, conf, store, pool);
        if (res.why != PWL_OK) {
            *bad = s;
            return res;
        }
    }
    return res;
}
