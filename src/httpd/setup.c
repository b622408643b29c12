/* SPDX-License-Identifier: Apache-2.0 */
/*
 * post_config makes what all children share, child_init what must not cross a
 * fork.
 *
 * httpd runs post_config twice at a start; the first is a rehearsal whose
 * memory is thrown away, so it is left alone. The shared segment is kept over
 * graceful restarts by ap_retained_data; a host that is loaded but not used
 * makes none.
 */
#include "httpd/setup.h"

#include <apr_strings.h>
#include <ap_mpm.h>
#include <http_core.h>
#include <http_log.h>
#include <unixd.h>

#include "core/address.h"
#include "httpd/conf.h"
#include "httpd/floor.h"
#include "httpd/place.h"
#include "httpd/realm.h"
#include "httpd/signin.h"
#include "io/secret.h"

APLOG_USE_MODULE(auth0_pwless);

int pwl_setup_pre_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp)
{
    pwl_conf_forget_limits();
    return OK;
}

static int in_use(server_rec *s)
{
    for (; s; s = s->next) {
        if (pwl_conf_server(s)->domain)
            return 1;
    }
    return 0;
}

/* A graceful restart leaves children of the old configuration at work; what
 * they write to a table that was copied already would be lost. */
static int is_alone(void)
{
    return !ap_unixd_mpm_get_retained_data()->was_graceful;
}

static int report(server_rec *s, pwl_result_t res, const char *what)
{
    ap_log_error(APLOG_MARK, APLOG_CRIT, res.rv, s, "pwless: %s, reason=%s%s%s",
                 what, pwl_reason_word(res.why), res.detail ? ": " : "",
                 res.detail ? res.detail : "");
    return HTTP_INTERNAL_SERVER_ERROR;
}

static void warn_insecure(server_rec *s)
{
    for (; s; s = s->next) {
        const pwl_server_conf_t *conf = pwl_conf_server(s);

        if (conf->domain && conf->insecure_http)
            ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s,
                         "pwless: Auth0InsecureHTTP is On for %s: cookies can "
                         "be read and stolen on the way; for development only",
                         s->server_hostname);
    }
}

static void warn_test_address(server_rec *s, apr_pool_t *pool)
{
    for (; s; s = s->next) {
        const pwl_server_conf_t *conf = pwl_conf_server(s);

        if (conf->domain && conf->test_address)
            ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s,
                         "pwless: Auth0TestAddress is %s for %s: codes asked "
                         "for it are not sent, none is right, and it can sign "
                         "nobody in; for monitoring only",
                         pwl_address_mask(conf->test_address, pool),
                         s->server_hostname);
    }
}

static const char *secret_source(const pwl_server_conf_t *conf)
{
    if (conf->client_key)
        return "a private key";
    switch (pwl_secret_kind(conf->client_secret)) {
    case PWL_SECRET_FROM_FILE:
        return "a secret from a file";
    case PWL_SECRET_FROM_ENV:
        return "a secret from the environment";
    case PWL_SECRET_FROM_EXEC:
        return "a secret from a program";
    default:
        return "a secret in the configuration";
    }
}

static const char *seal_source(const pwl_realm_t *realm,
                               const pwl_store_t *store)
{
    if (realm->conf->seal_key)
        return "Auth0SealKey";
    return store->file->path[0] ? "a seal key kept with the sessions"
                                : "a seal key made at start";
}

/* What an operator compares with what was meant, a line a host. */
static void announce_hosts(server_rec *s, const pwl_store_t *store,
                           apr_pool_t *temp)
{
    for (; s; s = s->next) {
        const pwl_realm_t *realm = pwl_realm_of(s);
        const char *languages = "";
        int i;

        if (!realm)
            continue;
        for (i = 0; i < realm->languages->nelts; i++)
            languages = apr_pstrcat(
                temp, languages, " ",
                APR_ARRAY_IDX(realm->languages, i, const pwl_language_t *)->tag,
                NULL);
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, s,
                     "pwless: %s: tenant %s, %s, %s, languages%s",
                     realm->base_url, realm->conf->domain,
                     secret_source(realm->conf), seal_source(realm, store),
                     languages);
    }
}

static void announce(server_rec *s, const pwl_store_t *store, apr_pool_t *temp)
{
    const pwl_store_note_t *notes = (const void *)store->notes->elts;

    for (int i = 0; i < store->notes->nelts; i++)
        ap_log_error(APLOG_MARK, notes[i].warn ? APLOG_WARNING : APLOG_NOTICE,
                     0, s, "pwless: %s", notes[i].text);
    ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, s,
                 "pwless: version " PWL_VERSION
                 " ready, session table of %" APR_SIZE_T_FMT " KB%s%s",
                 store->session_bytes / 1024,
                 store->file->path[0] ? " in " : "", store->file->path);
    announce_hosts(s, store, temp);
    warn_insecure(s);
    warn_test_address(s, temp);
}

int pwl_setup_post_config(apr_pool_t *pconf, apr_pool_t *plog,
                          apr_pool_t *ptemp, server_rec *s)
{
    pwl_server_conf_t *conf;
    pwl_store_want_t want;
    pwl_store_t *store;
    server_rec *bad = s;
    pwl_result_t res;

    pwl_conf_fill_defaults(s, pconf);
    conf = pwl_conf_server(s);
    if (!in_use(s) ||
        ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG)
        return OK;
    want.session_bytes = (apr_size_t)conf->store_bytes;
    want.file = conf->store_file;
    want.alone = is_alone();
    want.now = apr_time_now();
    want.afresh = pwl_place_compare(conf, s->process->pool);
    res = pwl_store_open(&want, pwl_place_kept(), &store, pconf);
    if (res.why != PWL_OK)
        return report(s, res, "no session table");
    res = pwl_place_open(s, store, pconf, ptemp);
    if (res.why != PWL_OK)
        return report(s, res, "Auth0SessionStore cannot be used");
    res = pwl_realm_make_all(s, store, &bad, pconf);
    if (res.why != PWL_OK)
        return report(bad, res, "this host cannot be set up");
    announce(s, store, ptemp);
    return OK;
}

int pwl_setup_monitor(apr_pool_t *pool, server_rec *s)
{
    pwl_sessionfile_flush(&pwl_place_kept()->sessions);
    return DECLINED;
}

static int limit_of(int query)
{
    int limit = 1;

    ap_mpm_query(query, &limit);
    return limit;
}

/* A quarter of the workers may wait for the tenant; the rest serve pages. A
 * child without threads is one worker itself, so all are counted together. */
static int default_calls(int of_all)
{
    int workers = limit_of(of_all ? AP_MPMQ_MAX_DAEMONS : AP_MPMQ_MAX_THREADS);

    return workers > 4 ? workers / 4 : 1;
}

void pwl_setup_child_init(apr_pool_t *pchild, server_rec *s)
{
    const pwl_server_conf_t *conf = pwl_conf_server(s);
    int children = limit_of(AP_MPMQ_MAX_DAEMONS);
    int of_all = limit_of(AP_MPMQ_IS_THREADED) == AP_MPMQ_NOT_SUPPORTED;
    int calls = conf->max_calls > 0 ? conf->max_calls : default_calls(of_all);

    pwl_floor_child_init(children * limit_of(AP_MPMQ_MAX_THREADS),
                         calls * (of_all ? 1 : children));
    if (in_use(s) && !pwl_place_child_init(pchild)) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, 0, s,
                     "pwless: no way to the sessions can be made in this "
                     "child; it ends");
        exit(APEXIT_CHILDINIT);
    }
    if (in_use(s) && !pwl_signin_child_init(calls, of_all, pchild))
        ap_log_error(APLOG_MARK, APLOG_CRIT, 0, s,
                     "pwless: libcurl cannot be set up; sign-ins will fail");
}
