/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first to see a request, before any other module acts on it.
 *
 *   post_read_request  scrub identity headers, take our cookies out of Cookie
 *   pre_translate_name
 *   translate_name     claim our own URLs from ProxyPass, rewrite rules, files
 *   map_to_storage     … and from <Directory> sections and .htaccess
 *
 * Scrubbing happens on every request of a host that uses the module, whatever
 * guards the URL, so that no way out lets the client's own headers through.
 */
#include "httpd/request.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>
#include <openssl/crypto.h>
#include <scoreboard.h>

#include "core/cookie.h"
#include "core/limits.h"
#include "core/navigation.h"
#include "core/scrub.h"
#include "httpd/place.h"
#include "io/tenant.h"

/* So long a cookie still tells whose browser it is. */
#define BROWSER_LIFE apr_time_from_sec(86400)

request_rec *pwl_request_top(request_rec *r)
{
    while (r->main || r->prev)
        r = r->main ? r->main : r->prev;
    return r;
}

static pwl_request_t *record(request_rec *r)
{
    return ap_get_module_config(r->request_config, &auth0_pwless_module);
}

pwl_request_t *pwl_request_of(request_rec *r)
{
    return record(pwl_request_top(r));
}

pwl_endpoint_t pwl_request_endpoint(request_rec *r)
{
    const char *asset;
    pwl_request_t *rq;
    pwl_endpoint_t endpoint;

    if (r->main)
        return PWL_ENDPOINT_NONE;
    if (!r->prev) {
        rq = record(r);
        return rq ? rq->endpoint : PWL_ENDPOINT_NONE;
    }
    rq = pwl_request_of(r);
    if (!rq)
        return PWL_ENDPOINT_NONE;
    endpoint = pwl_realm_endpoint(rq->realm, r->uri, &asset);
    return endpoint == PWL_ENDPOINT_DENIED ? endpoint : PWL_ENDPOINT_NONE;
}

/* Drop what a back end could take for our names, in any spelling. */
static void scrub_headers(request_rec *r)
{
    const apr_array_header_t *list = apr_table_elts(r->headers_in);
    const apr_table_entry_t *header = (const void *)list->elts;
    apr_array_header_t *ours = NULL;
    const char *connection;
    int i;

    for (i = 0; i < list->nelts; i++) {
        if (!header[i].key || !pwl_scrub_is_ours(header[i].key))
            continue;
        if (!ours)
            ours = apr_array_make(r->pool, 4, sizeof(char *));
        APR_ARRAY_PUSH(ours, const char *) = header[i].key;
    }
    for (i = 0; ours && i < ours->nelts; i++)
        apr_table_unset(r->headers_in, APR_ARRAY_IDX(ours, i, const char *));

    /* "Connection: X-Auth0-Email" would have mod_proxy drop what we add. */
    connection = apr_table_get(r->headers_in, "Connection");
    if (connection) {
        const char *clean = pwl_scrub_connection(connection, r->pool);

        if (!clean)
            apr_table_unset(r->headers_in, "Connection");
        else if (clean != connection)
            apr_table_setn(r->headers_in, "Connection", clean);
    }
}

/* Our cookies are our business: no back end and no log format needs them. */
static void take_cookies(request_rec *r, pwl_request_t *rq)
{
    const char *names[3] = {rq->realm->session_cookie,
                            rq->realm->pending_cookie, NULL};
    const char *rest;

    rq->cookies = apr_table_get(r->headers_in, "Cookie");
    if (!rq->cookies)
        return;
    rest = pwl_cookie_strip(rq->cookies, names, r->pool);
    if (!rest)
        apr_table_unset(r->headers_in, "Cookie");
    else if (rest != rq->cookies)
        apr_table_setn(r->headers_in, "Cookie", rest);
}

int pwl_request_read(request_rec *r)
{
    const pwl_realm_t *realm = pwl_realm_of(r->server);
    pwl_request_t *rq;

    if (!realm)
        return DECLINED;
    rq = apr_pcalloc(r->pool, sizeof(*rq));
    rq->realm = realm;
    ap_set_module_config(r->request_config, &auth0_pwless_module, rq);
    scrub_headers(r);
    take_cookies(r, rq);
    return DECLINED;
}

/* The path is not decoded yet, which matters to nobody: an encoded spelling
 * of our URLs is met again in translate_name. */
int pwl_request_pre_translate(request_rec *r)
{
    pwl_request_t *rq = record(r);
    const char *asset;

    if (!rq || r->main || r->prev)
        return DECLINED;
    if (pwl_realm_endpoint(rq->realm, r->uri, &asset) == PWL_ENDPOINT_NONE)
        return DECLINED;
    return OK; /* nobody after us may take it for a ProxyPass */
}

/* Sealed tokens and authorization codes stand in queries of our URLs. Whoever
 * looks at a request, now (mod_status) or later (logs), sees that there was a
 * query, and no more. */
static void mask_line(request_rec *r)
{
    if (!r->args)
        return;
    r->the_request =
        apr_pstrcat(r->pool, r->method, " ", r->uri, "?- ", r->protocol, NULL);
    ap_update_child_status(r->connection->sbh, SERVER_BUSY_WRITE, r);
}

int pwl_request_translate(request_rec *r)
{
    pwl_request_t *rq = pwl_request_of(r);

    if (!rq || r->main)
        return DECLINED;
    if (!r->prev) {
        rq->endpoint = pwl_realm_endpoint(rq->realm, r->uri, &rq->asset);
        /* Only an internal redirect of ours gets there. */
        if (rq->endpoint == PWL_ENDPOINT_DENIED)
            rq->endpoint = PWL_ENDPOINT_NONE;
    }
    if (pwl_request_endpoint(r) == PWL_ENDPOINT_NONE)
        return DECLINED;
    if (!r->prev)
        mask_line(r);
    r->filename = apr_pstrcat(r->pool, "auth0-passwordless:", r->uri, NULL);
    r->handler = "auth0-passwordless";
    return OK;
}

int pwl_request_map(request_rec *r)
{
    return pwl_request_endpoint(r) == PWL_ENDPOINT_NONE ? DECLINED : OK;
}

static pwl_result_t find_session(request_rec *r, pwl_request_t *rq)
{
    pwl_result_t res = {PWL_SESSION_MISSING, 0, NULL};
    pwl_cookie_value_t values[PWL_COOKIE_MAX_VALUES];
    pwl_fleet_t *fleet = pwl_place_fleet();
    apr_time_t now = pwl_request_now(r);
    int count = 0;
    int i;

    if (rq->cookies)
        count = pwl_cookie_find(rq->cookies, rq->realm->session_cookie, values,
                                PWL_COOKIE_MAX_VALUES);
    for (i = 0; i < count; i++) {
        res.rv = 0;
        res.why = pwl_session_key(values[i].ptr, values[i].len, rq->skey);
        if (res.why != PWL_OK)
            continue;
        res = pwl_fleet_get(fleet, rq->skey, now, &rq->session, r->pool);
        /* Nobody knows whether this one is good: no other may stand in. */
        if (res.why == PWL_STORE_FAILED)
            break;
        if (res.why != PWL_OK)
            continue;
        if (memcmp(rq->session.realm, rq->realm->id, PWL_REALM_BYTES) == 0)
            return res;
        res.why = PWL_SESSION_FOREIGN;
    }
    return res;
}

pwl_result_t pwl_request_session(request_rec *r, pwl_request_t *rq)
{
    if (!rq->session_looked_up) {
        rq->session_res = find_session(pwl_request_top(r), rq);
        rq->session_looked_up = 1;
        pwl_place_tell(r->server, r->pool);
    }
    return rq->session_res;
}

apr_time_t pwl_request_now(request_rec *r)
{
    return pwl_fleet_is_remote(pwl_place_fleet()) ? apr_time_now()
                                                  : r->request_time;
}

apr_time_t pwl_request_sweep_time(const pwl_session_t *session)
{
    apr_time_t over = session->created + pwl_conf_longest_max();
    apr_time_t idle = session->last_seen + pwl_conf_longest_idle();

    if (idle < over)
        over = idle;
    if (session->expires && session->expires < over)
        over = session->expires;
    return over;
}

/* Another machine may have seen it in use since this one has: once for each
 * request of the client is enough. The record outlives a sub-request, whose
 * pool goes before it. */
static pwl_result_t look_again(request_rec *r, pwl_request_t *rq)
{
    pwl_session_t newest = {{0}};
    pwl_result_t res = {PWL_OK, 0, NULL};

    if (rq->looked_again)
        return res;
    res = pwl_fleet_refresh(pwl_place_fleet(), rq->skey, pwl_request_now(r),
                            &newest, pwl_request_top(r)->pool);
    if (res.why == PWL_OK) {
        rq->session = newest;
        rq->looked_again = 1;
    } else if (res.why == PWL_SESSION_UNKNOWN) {
        rq->session_res = res; /* ended elsewhere: for all that is to come */
    }
    return res;
}

pwl_result_t pwl_request_live_session(request_rec *r, pwl_request_t *rq,
                                      const pwl_dir_conf_t *dir)
{
    pwl_result_t res = pwl_request_session(r, rq);

    if (res.why != PWL_OK)
        return res;
    res.why = pwl_session_limits(&rq->session, r->request_time,
                                 dir->session_max, dir->session_idle);
    if (res.why != PWL_SESSION_IDLE || !pwl_fleet_is_remote(pwl_place_fleet()))
        return res;
    res = look_again(r, rq);
    if (res.why == PWL_OK)
        res.why = pwl_session_limits(&rq->session, r->request_time,
                                     dir->session_max, dir->session_idle);
    return res;
}

static pwl_result_t find_pending(request_rec *r, const pwl_request_t *rq,
                                 apr_interval_time_t life, pwl_pending_t *out)
{
    pwl_result_t res = {PWL_PENDING_MISSING, 0, NULL};
    pwl_cookie_value_t values[PWL_COOKIE_MAX_VALUES];
    int count = 0;
    int i;

    if (rq->cookies)
        count = pwl_cookie_find(rq->cookies, rq->realm->pending_cookie, values,
                                PWL_COOKIE_MAX_VALUES);
    for (i = 0; i < count; i++) {
        res.why = pwl_pending_open(values[i].ptr, values[i].len,
                                   rq->realm->pending_seal, r->request_time,
                                   life, out, r->pool);
        if (res.why == PWL_OK)
            break;
    }
    return res;
}

pwl_result_t pwl_request_pending(request_rec *r, const pwl_request_t *rq,
                                 pwl_pending_t *out)
{
    return find_pending(r, rq, rq->realm->conf->signin_timeout, out);
}

int pwl_request_sealed(request_rec *r, const pwl_request_t *rq,
                       const pwl_token_t *token)
{
    pwl_pending_t pending;
    unsigned char browser[PWL_TXN_BYTES];

    if (find_pending(r, rq, BROWSER_LIFE, &pending).why != PWL_OK)
        return 0;
    pwl_pending_digest(&pending, browser);
    return CRYPTO_memcmp(browser, token->browser, sizeof(browser)) == 0;
}

static pwl_navigation_t navigation(request_rec *r)
{
    const apr_table_t *in = r->headers_in;
    pwl_navigation_t nav = {
        .method = r->method,
        .accept = apr_table_get(in, "Accept"),
        .sec_fetch_mode = apr_table_get(in, "Sec-Fetch-Mode"),
        .sec_fetch_dest = apr_table_get(in, "Sec-Fetch-Dest"),
        .sec_purpose = apr_table_get(in, "Sec-Purpose"),
        .purpose = apr_table_get(in, "Purpose"),
        .x_moz = apr_table_get(in, "X-Moz"),
        .x_requested_with = apr_table_get(in, "X-Requested-With"),
        .hx_request = apr_table_get(in, "HX-Request"),
        .upgrade = apr_table_get(in, "Upgrade"),
    };

    return nav;
}

int pwl_request_is_page(request_rec *r)
{
    pwl_navigation_t nav = navigation(r);

    return pwl_navigation_is_page(&nav);
}

int pwl_request_has_type(request_rec *r, const char *type)
{
    const char *sent = apr_table_get(r->headers_in, "Content-Type");
    apr_size_t len = strlen(type);

    return sent && !ap_cstr_casecmpn(sent, type, len) &&
           (!sent[len] || strchr("; \t", sent[len]));
}

int pwl_request_speaks_json(request_rec *r)
{
    if (pwl_request_endpoint(r) == PWL_ENDPOINT_NONE)
        return 0;
    if (r->method_number == M_POST)
        return pwl_request_has_type(r, "application/json");
    return pwl_navigation_wants_json(apr_table_get(r->headers_in, "Accept"));
}

int pwl_request_is_prefetch(request_rec *r)
{
    const char *purpose = apr_table_get(r->headers_in, "Sec-Purpose");

    if (!purpose)
        purpose = apr_table_get(r->headers_in, "Purpose");
    if (!purpose)
        purpose = apr_table_get(r->headers_in, "X-Moz");
    return purpose && (ap_strcasestr(purpose, "prefetch") ||
                       ap_strcasestr(purpose, "prerender") ||
                       ap_strcasestr(purpose, "preview"));
}

int pwl_request_wrong_scheme(request_rec *r, const pwl_realm_t *realm)
{
    return realm->https && !realm->behind_proxy &&
           strcmp(ap_http_scheme(r), "https") != 0;
}

/* The answer is out, and nobody reads the query any more: logs need not have it
 * in any of their formats. */
int pwl_request_mask(request_rec *r)
{
    pwl_request_t *rq = record(r);

    if (!rq || rq->endpoint == PWL_ENDPOINT_NONE || !r->args)
        return DECLINED;
    r->args = apr_pstrdup(r->pool, "-");
    r->unparsed_uri = apr_pstrcat(r->pool, r->uri, "?-", NULL);
    return DECLINED;
}

const char *pwl_request_client_ip(request_rec *r)
{
    return pwl_tenant_forwarded(r->useragent_ip, r->pool);
}
