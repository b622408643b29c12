/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one place that writes to the error log while requests are served.
 *
 * The audience of a reason gives the level: VISITOR info, ATTACK warning,
 * OPERATOR error. What comes from outside is escaped, because a line break in
 * a log is a forged event. What is refused is also counted here, so that log
 * and status page agree. Codes, tokens, cookies, keys and full addresses are
 * passed in here by nobody; tests search every log for them.
 */
#include "httpd/log.h"

#include <apr_atomic.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>

#include "core/origin.h"
#include "httpd/realm.h"

APLOG_USE_MODULE(auth0_pwless);

static const int levels[] = {
    [PWL_AUDIENCE_NONE] = APLOG_INFO,
    [PWL_AUDIENCE_VISITOR] = APLOG_INFO,
    [PWL_AUDIENCE_ATTACK] = APLOG_WARNING,
    [PWL_AUDIENCE_OPERATOR] = APLOG_ERR,
};

const char *pwl_log_reference(request_rec *r)
{
    const char *id = apr_table_get(r->subprocess_env, "UNIQUE_ID");

    if (id)
        return id;
    if (!r->log_id)
        ap_run_generate_log_id(r->connection, r, &r->log_id);
    return r->log_id ? r->log_id : "none";
}

static void note(request_rec *r, const char *event, const char *reason)
{
    apr_table_setn(r->notes, "pwless-event", event);
    apr_table_setn(r->notes, "pwless-reason", reason);
}

/* What the operator compares Auth0BaseURL with. */
static const char *detail_of(request_rec *r, const pwl_realm_t *realm,
                             pwl_result_t res)
{
    if (!res.detail && realm && res.why == PWL_ORIGIN_FOREIGN)
        return pwl_origin_explain(
            apr_table_get(r->headers_in, "Origin"),
            apr_table_get(r->headers_in, "Sec-Fetch-Site"), realm->base_url,
            r->pool);
    return res.detail;
}

void pwl_log_refused(request_rec *r, const char *event, pwl_result_t res)
{
    const pwl_realm_t *realm = pwl_realm_of(r->server);
    const char *word = pwl_reason_word(res.why);
    const char *detail = detail_of(r, realm, res);

    if (detail)
        detail = ap_escape_logitem(r->pool, detail);

    note(r, event, word);
    if (realm)
        pwl_counters_refused(realm->store->counters, res.why);
    ap_log_rerror(APLOG_MARK, levels[pwl_reason_audience(res.why)], res.rv, r,
                  "pwless: %s, reason=%s ref=%s%s%s", event, word,
                  pwl_log_reference(r), detail ? ": " : "",
                  detail ? detail : "");
}

void pwl_log_event(request_rec *r, const char *event, const char *detail)
{
    note(r, event, pwl_reason_word(PWL_OK));
    ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r, "pwless: %s%s%s", event,
                  detail ? ", " : "",
                  detail ? ap_escape_logitem(r->pool, detail) : "");
}

/* Once a minute a child: what every request may bring about could fill the
 * log. */
static int is_due(volatile apr_uint32_t *minute, apr_time_t now)
{
    apr_uint32_t told = apr_atomic_read32(minute);
    apr_uint32_t this_one = (apr_uint32_t)(apr_time_sec(now) / 60);

    return told != this_one && apr_atomic_cas32(minute, this_one, told) == told;
}

/* Of several proxies the first is the one the browser talked to. */
static int says_https(const char *proto)
{
    return proto && !ap_cstr_casecmpn(proto, "https", 5) &&
           (!proto[5] || strchr(", ", proto[5]));
}

void pwl_log_plain(request_rec *r, const pwl_realm_t *realm)
{
    static const char event[] = "came by plain http";
    static volatile apr_uint32_t minute;

    note(r, event, pwl_reason_word(PWL_OK));
    if (!says_https(apr_table_get(r->headers_in, "X-Forwarded-Proto")))
        pwl_log_event(r, event, realm->base_url);
    else if (is_due(&minute, r->request_time))
        ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, r,
                      "pwless: came by plain http, sent to %s: but "
                      "X-Forwarded-Proto says https, so TLS seems to end in "
                      "front of httpd and this would go round for ever; add "
                      "\"Auth0BaseURL %s\" to this host",
                      realm->base_url, realm->base_url);
}

void pwl_log_slow(request_rec *r, const pwl_realm_t *realm)
{
    static volatile apr_uint32_t minute;

    if (is_due(&minute, r->request_time))
        ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, r,
                      "pwless: the tenant took longer than Auth0MinSendTime, "
                      "so the time of the answer may tell whether it knows the "
                      "address: set more than %" APR_TIME_T_FMT "ms",
                      apr_time_as_msec(realm->min_send));
}
