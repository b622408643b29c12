/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The status handler, and our section in mod_status.
 *
 * The numbers are those of the whole server: all hosts share one table. They
 * tell what pages hide from strangers (that the tenant sends no code to some
 * address, say), as the error log does, so the page belongs behind a Require.
 */
#include "httpd/status.h"

#include <apr_optional_hooks.h>
#include <apr_strings.h>
#include <http_config.h>
#include <http_core.h>
#include <http_log.h>
#include <http_main.h>
#include <http_protocol.h>
#include <http_request.h>
#include <mod_status.h>

#include "core/assets.h"
#include "core/status.h"
#include "httpd/place.h"
#include "httpd/realm.h"

APLOG_USE_MODULE(auth0_pwless);

#define CSP                                                                    \
    "default-src 'none'; style-src 'self'; frame-ancestors 'none'; "           \
    "base-uri 'none'; form-action 'none'"

/* The store that all realms share; NULL when no host uses the module. */
static const pwl_store_t *find_store(void)
{
    server_rec *s;

    for (s = ap_server_conf; s; s = s->next) {
        const pwl_realm_t *realm = pwl_realm_of(s);

        if (realm)
            return realm->store;
    }
    return NULL;
}

static void set(pwl_metrics_t *metrics, pwl_metric_t metric, int series,
                apr_uint64_t number)
{
    metrics->cell[pwl_metric_cell(metric, series)] = number;
}

static void read_redis(pwl_metrics_t *metrics)
{
    pwl_follow_stats_t redis;

    if (!pwl_fleet_stats(pwl_place_fleet(), &redis))
        return;
    /* One more than the number: 0 is a gauge that nobody has told. */
    set(metrics, PWL_METRIC_REDIS_UP, 0, redis.up ? 2 : 1);
    for (int i = 0; i < PWL_REDIS_COUNT; i++)
        set(metrics, PWL_METRIC_REDIS_ASKED, i, redis.asked[i]);
    set(metrics, PWL_METRIC_REDIS_FOLLOWED, 0, redis.log_read);
    set(metrics, PWL_METRIC_REDIS_ENDED, 0, redis.ended);
}

/* What was counted, and what the tables know of themselves. */
static void read_numbers(const pwl_store_t *store, pwl_metrics_t *metrics)
{
    pwl_sessions_stats_t sessions;
    pwl_txns_stats_t txns;

    pwl_counters_read(store->counters, metrics);
    pwl_sessions_stats(store->sessions, &sessions);
    pwl_txns_stats(store->txns, &txns);
    set(metrics, PWL_METRIC_SESSIONS_ACTIVE, 0, sessions.live);
    metrics
        ->cell[pwl_metric_cell(PWL_METRIC_SESSIONS_ENDED, PWL_ENDED_EXPIRED)] +=
        sessions.swept;
    set(metrics, PWL_METRIC_STORE_USED, 0, sessions.bytes_used);
    set(metrics, PWL_METRIC_STORE_TOTAL, 0, sessions.bytes_total);
    set(metrics, PWL_METRIC_LOCK_WAITS, PWL_TABLE_SESSIONS,
        sessions.lock_waits);
    set(metrics, PWL_METRIC_LOCK_WAITS, PWL_TABLE_SIGNINS, txns.lock_waits);
    set(metrics, PWL_METRIC_REPAIRS, PWL_TABLE_SESSIONS, sessions.repaired);
    set(metrics, PWL_METRIC_REPAIRS, PWL_TABLE_SIGNINS, txns.repaired);
    set(metrics, PWL_METRIC_SIGNINS_EVICTED, 0, txns.evicted);
    read_redis(metrics);
}

static pwl_status_t *look(request_rec *r, const pwl_store_t *store)
{
    pwl_status_t *status = apr_pcalloc(r->pool, sizeof(*status));

    read_numbers(store, &status->metrics);
    pwl_metric_count_down(&status->metrics, r->request_time);
    status->version = PWL_VERSION;
    status->host =
        r->server->server_hostname ? r->server->server_hostname : "this server";
    status->url = ap_os_escape_path(r->pool, r->uri, 1);
    status->now = r->request_time;
    return status;
}

static void send_style(request_rec *r)
{
    static const char *const files[] = {"pwless.css", "status.css"};
    apr_size_t i;

    for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        const pwl_asset_t *asset = pwl_assets_find(pwl_assets_name(files[i]));

        ap_rwrite(asset->data, (int)asset->len, r);
    }
}

static const char *body_of(request_rec *r, const pwl_store_t *store,
                           pwl_status_format_t format)
{
    const pwl_status_t *status = look(r, store);

    switch (format) {
    case PWL_STATUS_AUTO:
        return pwl_status_auto(status, r->pool);
    case PWL_STATUS_JSON:
        return pwl_status_json(status, r->pool);
    case PWL_STATUS_PROMETHEUS:
        return pwl_status_text(status, 0, r->pool);
    case PWL_STATUS_OPENMETRICS:
        return pwl_status_text(status, 1, r->pool);
    case PWL_STATUS_PAGE:
        return pwl_status_page(status, r->pool);
    default:
        r->status = HTTP_BAD_REQUEST;
        return "format is one of html, json, prometheus, openmetrics, auto\n";
    }
}

int pwl_status_handle(request_rec *r)
{
    pwl_status_format_t format;
    const pwl_store_t *store;
    const char *body;

    if (!r->handler || strcmp(r->handler, "auth0-status") != 0)
        return DECLINED;
    apr_table_setn(r->err_headers_out, "Cache-Control", "no-store");
    if (r->method_number != M_GET) {
        ap_allow_standard_methods(r, REPLACE_ALLOW, M_GET, -1);
        return HTTP_METHOD_NOT_ALLOWED;
    }
    store = find_store();
    if (!store) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                      "pwless: no host has an Auth0Domain: there is no status "
                      "to show");
        return HTTP_NOT_FOUND;
    }
    format = pwl_status_format(r->args, apr_table_get(r->headers_in, "Accept"));
    apr_table_mergen(r->headers_out, "Vary", "Accept");
    apr_table_setn(r->headers_out, "Content-Security-Policy", CSP);
    apr_table_setn(r->headers_out, "X-Content-Type-Options", "nosniff");
    apr_table_setn(r->headers_out, "X-Frame-Options", "DENY");
    apr_table_setn(r->headers_out, "X-Robots-Tag", "noindex");
    ap_set_content_type(r, pwl_status_type(format));
    if (format == PWL_STATUS_STYLE) {
        send_style(r);
        return OK;
    }
    body = body_of(r, store, format);
    ap_set_content_length(r, (apr_off_t)strlen(body));
    ap_rputs(body, r);
    return OK;
}

static int add_section(request_rec *r, int flags)
{
    const pwl_store_t *store = find_store();

    if (!store)
        return DECLINED;
    if (flags & AP_STATUS_SHORT) {
        ap_rputs(pwl_status_auto(look(r, store), r->pool), r);
        return OK;
    }
    ap_rputs("<hr />\n<h2>Sign-ins (mod_auth0_pwless)</h2>\n", r);
    ap_rputs(pwl_status_tables(look(r, store), r->pool), r);
    return OK;
}

void pwl_status_register(void)
{
    APR_OPTIONAL_HOOK(ap, status_hook, add_section, NULL, NULL,
                      APR_HOOK_MIDDLE);
}
