/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making, merging and defaulting the configuration records.
 *
 * Merging is one line a field: what the inner section set wins, else the outer
 * one's. Defaults are put in last, into the merged record, so that "unset" and
 * "set to the default" stay apart while sections merge.
 *
 * One thing is not inherited in silence: a host that names another tenant than
 * the section around it must name its own secret too (httpd/check.c).
 */
#include "httpd/conf.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_request.h>

#include "core/jws.h"
#include "core/page.h"
#include "httpd/language.h"
#include "httpd/recipient.h"

#define INHERIT(field, unset)                                                  \
    out->field = over->field != (unset) ? over->field : base->field

static const apr_interval_time_t default_resend[3] = {
    apr_time_from_sec(60), apr_time_from_sec(120), apr_time_from_sec(300)};

static const pwl_throttle_limit_t default_throttle[PWL_THROTTLE_KINDS] = {
    [PWL_THROTTLE_BY_ADDRESS] = {5, apr_time_from_sec(15 * 60)},
    [PWL_THROTTLE_BY_CLIENT] = {20, apr_time_from_sec(3600)},
    [PWL_THROTTLE_BY_SITE] = {1000, apr_time_from_sec(3600)},
    [PWL_THROTTLE_BY_WRONG] = {50, apr_time_from_sec(7 * 86400)},
};

static const pwl_dir_conf_t dir_defaults = {
    .session_max = apr_time_from_sec(8 * 3600),
    .session_idle = apr_time_from_sec(3600),
    .remote_user = "email",
    .pass = PWL_PASS_BOTH,
    .pass_token = PWL_PASS_TOKEN_NONE,
    .unauth = PWL_UNAUTH_AUTO,
};

/* The configuration is read by one thread of one process; the children only
 * read what it left. */
static apr_interval_time_t longest_max;
static apr_interval_time_t longest_idle;
static int passes_tokens;

void *pwl_conf_make_server(apr_pool_t *pool, server_rec *s)
{
    pwl_server_conf_t *conf = apr_pcalloc(pool, sizeof(*conf));

    conf->send = PWL_UNSET;
    conf->login = PWL_UNSET;
    conf->unknown = PWL_UNSET;
    conf->min_send_time = PWL_UNSET;
    conf->logout = PWL_UNSET;
    conf->alg = PWL_UNSET;
    conf->skew = PWL_UNSET;
    conf->store_bytes = PWL_UNSET;
    for (int i = 0; i < PWL_THROTTLE_KINDS; i++)
        conf->throttle[i].count = PWL_UNSET;
    conf->signin_timeout = PWL_UNSET;
    conf->insecure_http = PWL_UNSET;
    conf->code_lifetime = PWL_UNSET;
    conf->code_length = PWL_UNSET;
    conf->connect_timeout = PWL_UNSET;
    conf->timeout = PWL_UNSET;
    conf->max_calls = PWL_UNSET;
    conf->forward_ip = PWL_UNSET;
    return conf;
}

/* Each parameter is inherited by itself, like a directive. */
static const apr_table_t *
merge_params(apr_pool_t *pool, const apr_table_t *base, const apr_table_t *over)
{
    apr_table_t *out;

    if (!base || !over)
        return over ? over : base;
    out = apr_table_copy(pool, base);
    apr_table_overlap(out, over, APR_OVERLAP_TABLES_SET);
    return out;
}

/* Secret or key, what is named inside takes the place of either outside. */
static void inherit_secret(const pwl_server_conf_t *base,
                           const pwl_server_conf_t *over,
                           pwl_server_conf_t *out)
{
    const pwl_server_conf_t *from = base;

    if (over->client_secret || over->client_key)
        from = over;
    /* Another tenant with the outer secret would send it to a stranger. */
    if (over->domain && base->domain && strcmp(over->domain, base->domain) != 0)
        from = over;
    out->client_secret = from->client_secret;
    out->client_key = from->client_key;
}

void *pwl_conf_merge_server(apr_pool_t *pool, void *base_conf, void *over_conf)
{
    const pwl_server_conf_t *base = base_conf;
    const pwl_server_conf_t *over = over_conf;
    pwl_server_conf_t *out = apr_pcalloc(pool, sizeof(*out));

    INHERIT(where, NULL);
    INHERIT(domain, NULL);
    INHERIT(client_id, NULL);
    inherit_secret(base, over, out);
    INHERIT(connection, NULL);
    INHERIT(phone_country, NULL);
    INHERIT(phone_prefixes, NULL);
    INHERIT(send, PWL_UNSET);
    INHERIT(login, PWL_UNSET);
    INHERIT(unknown, PWL_UNSET);
    INHERIT(min_send_time, PWL_UNSET);
    INHERIT(logout, PWL_UNSET);
    out->authorize = merge_params(pool, base->authorize, over->authorize);
    INHERIT(script, NULL);
    /* The hash belongs to the file it stands beside. */
    out->script_hash = over->script ? over->script_hash : base->script_hash;
    INHERIT(scope, NULL);
    INHERIT(audience, NULL);
    INHERIT(alg, PWL_UNSET);
    INHERIT(skew, PWL_UNSET);
    INHERIT(path, NULL);
    out->base_url = over->base_url; /* each host has its own address */
    INHERIT(seal_key, NULL);
    INHERIT(store_bytes, PWL_UNSET);
    INHERIT(store_file, NULL);
    out->redis = over->store_bytes != PWL_UNSET ? over->redis : base->redis;
    INHERIT(signin_timeout, PWL_UNSET);
    INHERIT(resend, NULL);
    for (int i = 0; i < PWL_THROTTLE_KINDS; i++)
        out->throttle[i] = over->throttle[i].count != PWL_UNSET
                               ? over->throttle[i]
                               : base->throttle[i];
    INHERIT(throttle_exempt, NULL);
    INHERIT(test_address, NULL);
    INHERIT(insecure_http, PWL_UNSET);
    INHERIT(code_lifetime, PWL_UNSET);
    INHERIT(code_length, PWL_UNSET);
    INHERIT(connect_timeout, PWL_UNSET);
    INHERIT(timeout, PWL_UNSET);
    INHERIT(max_calls, PWL_UNSET);
    INHERIT(forward_ip, PWL_UNSET);
    INHERIT(ca_file, NULL);
    INHERIT(proxy, NULL);
    INHERIT(site_name, NULL);
    INHERIT(logo, NULL);
    INHERIT(stylesheet, NULL);
    INHERIT(theme, NULL);
    INHERIT(help, NULL);
    INHERIT(languages, NULL);
    out->messages = pwl_language_merge(base->messages, over->messages, pool);
    return out;
}

void *pwl_conf_make_dir(apr_pool_t *pool, char *dir)
{
    pwl_dir_conf_t *conf = apr_pcalloc(pool, sizeof(*conf));

    conf->session_max = PWL_UNSET;
    conf->session_idle = PWL_UNSET;
    conf->pass = PWL_UNSET;
    conf->pass_token = PWL_UNSET;
    conf->unauth = PWL_UNSET;
    return conf;
}

void *pwl_conf_merge_dir(apr_pool_t *pool, void *base_conf, void *over_conf)
{
    const pwl_dir_conf_t *base = base_conf;
    const pwl_dir_conf_t *over = over_conf;
    pwl_dir_conf_t *out = apr_pcalloc(pool, sizeof(*out));

    INHERIT(session_max, PWL_UNSET);
    INHERIT(session_idle, PWL_UNSET);
    INHERIT(remote_user, NULL);
    INHERIT(pass, PWL_UNSET);
    /* The list of claims belongs to the Auth0PassClaims line it stands on. */
    out->pass_claims =
        over->pass != PWL_UNSET ? over->pass_claims : base->pass_claims;
    INHERIT(pass_token, PWL_UNSET);
    INHERIT(unauth, PWL_UNSET);
    out->unauth_when =
        over->unauth != PWL_UNSET ? over->unauth_when : base->unauth_when;
    return out;
}

pwl_server_conf_t *pwl_conf_server(server_rec *s)
{
    return ap_get_module_config(s->module_config, &auth0_pwless_module);
}

static apr_array_header_t *resend_defaults(void)
{
    static apr_array_header_t list;

    list.elt_size = sizeof(apr_interval_time_t);
    list.nelts = list.nalloc = 3;
    list.elts = (char *)default_resend;
    return &list;
}

#define DEFAULT(field, unset, value)                                           \
    if (conf->field == (unset))                                                \
    conf->field = (value)

void pwl_conf_server_defaults(pwl_server_conf_t *conf)
{
    int is_sms = pwl_recipient_is_phone(conf);

    DEFAULT(connection, NULL, "email");
    DEFAULT(send, PWL_UNSET, PWL_SEND_CODE);
    DEFAULT(login, PWL_UNSET, PWL_LOGIN_FORM);
    DEFAULT(unknown, PWL_UNSET, PWL_PAGE_UNKNOWN_HIDE);
    DEFAULT(min_send_time, PWL_UNSET, apr_time_from_msec(1200));
    DEFAULT(logout, PWL_UNSET, PWL_LOGOUT_LOCAL);
    DEFAULT(scope, NULL,
            is_sms ? "openid profile phone" : "openid profile email");
    DEFAULT(alg, PWL_UNSET, PWL_ALG_RS256);
    DEFAULT(skew, PWL_UNSET, apr_time_from_sec(60));
    DEFAULT(path, NULL, "/.auth0/");
    DEFAULT(store_bytes, PWL_UNSET, 32 * 1024 * 1024);
    DEFAULT(signin_timeout, PWL_UNSET, apr_time_from_sec(15 * 60));
    DEFAULT(resend, NULL, resend_defaults());
    for (int i = 0; i < PWL_THROTTLE_KINDS; i++)
        if (conf->throttle[i].count == PWL_UNSET)
            conf->throttle[i] = default_throttle[i];
    DEFAULT(insecure_http, PWL_UNSET, 0);
    DEFAULT(code_lifetime, PWL_UNSET, apr_time_from_sec(3 * 60));
    DEFAULT(code_length, PWL_UNSET, 6);
    DEFAULT(connect_timeout, PWL_UNSET, apr_time_from_sec(2));
    /* Auth0 waits 30 seconds for the gateway of text messages. */
    conf->start_timeout = conf->timeout != PWL_UNSET ? conf->timeout
                          : is_sms                   ? apr_time_from_sec(35)
                                                     : apr_time_from_sec(10);
    DEFAULT(timeout, PWL_UNSET, apr_time_from_sec(10));
    DEFAULT(forward_ip, PWL_UNSET, 1);
    DEFAULT(theme, NULL, "auto");
}

void pwl_conf_part_hosts(server_rec *main_server, apr_pool_t *pool)
{
    const pwl_server_conf_t *outer = pwl_conf_server(main_server);
    server_rec *s;

    for (s = main_server->next; s; s = s->next) {
        pwl_server_conf_t *conf;

        if (pwl_conf_server(s) != outer)
            continue;
        conf = apr_pmemdup(pool, outer, sizeof(*conf));
        conf->base_url = NULL;
        conf->taken_over = 1;
        ap_set_module_config(s->module_config, &auth0_pwless_module, conf);
    }
}

void pwl_conf_fill_defaults(server_rec *s, apr_pool_t *pool)
{
    for (; s; s = s->next) {
        pwl_server_conf_t *conf =
            apr_pmemdup(pool, pwl_conf_server(s), sizeof(*conf));

        ap_set_module_config(s->module_config, &auth0_pwless_module, conf);
        pwl_conf_server_defaults(conf);
    }
}

#define DIR_DEFAULT(field, unset)                                              \
    if (conf.field == (unset))                                                 \
    conf.field = dir_defaults.field

pwl_dir_conf_t pwl_conf_dir(request_rec *r)
{
    pwl_dir_conf_t conf = *(pwl_dir_conf_t *)ap_get_module_config(
        r->per_dir_config, &auth0_pwless_module);

    DIR_DEFAULT(session_max, PWL_UNSET);
    DIR_DEFAULT(session_idle, PWL_UNSET);
    if (!conf.remote_user && pwl_recipient_is_phone(pwl_conf_server(r->server)))
        conf.remote_user = "phone_number";
    DIR_DEFAULT(remote_user, NULL);
    DIR_DEFAULT(pass, PWL_UNSET);
    DIR_DEFAULT(pass_token, PWL_UNSET);
    DIR_DEFAULT(unauth, PWL_UNSET);
    return conf;
}

apr_interval_time_t pwl_conf_default_max(void)
{
    return dir_defaults.session_max;
}

apr_interval_time_t pwl_conf_longest_max(void)
{
    return longest_max;
}

apr_interval_time_t pwl_conf_longest_idle(void)
{
    return longest_idle;
}

void pwl_conf_note_limit(int is_idle, apr_interval_time_t value)
{
    apr_interval_time_t *longest = is_idle ? &longest_idle : &longest_max;

    if (value > *longest)
        *longest = value;
}

void pwl_conf_forget_limits(void)
{
    longest_max = dir_defaults.session_max;
    longest_idle = dir_defaults.session_idle;
    passes_tokens = 0;
}

int pwl_conf_passes_tokens(void)
{
    return passes_tokens;
}

void pwl_conf_note_token(void)
{
    passes_tokens = 1;
}
