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

#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>

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

void pwl_log_refused(request_rec *r, const char *event, pwl_result_t res)
{
    const pwl_realm_t *realm = pwl_realm_of(r->server);
    const char *word = pwl_reason_word(res.why);
    const char *detail =
        res.detail ? ap_escape_logitem(r->pool, res.detail) : NULL;

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
