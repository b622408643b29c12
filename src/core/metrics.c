/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of metrics, and how verdicts are sorted into a few results.
 *
 * Names, labels and values are a contract with other people's dashboards and
 * alerts: they may be added to, not changed. A reason has one place in each
 * sorting; what is not named there is a failure of the tenant or its answer.
 */
#include "core/metrics.h"

#include <apr_cstr.h>
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "core/limits.h"

static const char *const requested[PWL_REQUESTED_COUNT] = {
    [PWL_REQUESTED_SENT] = "sent",
    [PWL_REQUESTED_SUPPRESSED] = "suppressed",
    [PWL_REQUESTED_COOLDOWN] = "cooldown",
    [PWL_REQUESTED_LIMIT] = "limit",
    [PWL_REQUESTED_THROTTLED] = "throttled",
    [PWL_REQUESTED_REFUSED] = "refused",
    [PWL_REQUESTED_PROVIDER_LIMIT] = "provider_limit",
    [PWL_REQUESTED_PROVIDER_ERROR] = "provider_error",
    [PWL_REQUESTED_ERROR] = "error",
};

static const char *const verified[PWL_VERIFIED_COUNT] = {
    [PWL_VERIFIED_OK] = "ok",
    [PWL_VERIFIED_WRONG] = "wrong",
    [PWL_VERIFIED_EXPIRED] = "expired",
    [PWL_VERIFIED_SPENT] = "spent",
    [PWL_VERIFIED_MALFORMED] = "malformed",
    [PWL_VERIFIED_STALE] = "stale",
    [PWL_VERIFIED_REFUSED] = "refused",
    [PWL_VERIFIED_THROTTLED] = "throttled",
    [PWL_VERIFIED_MFA] = "mfa",
    [PWL_VERIFIED_PROVIDER_LIMIT] = "provider_limit",
    [PWL_VERIFIED_PROVIDER_ERROR] = "provider_error",
    [PWL_VERIFIED_ERROR] = "error",
};

static const char *const ended[PWL_ENDED_COUNT] = {
    [PWL_ENDED_LOGOUT] = "logout",
    [PWL_ENDED_IDLE] = "idle",
    [PWL_ENDED_MAX] = "max",
    [PWL_ENDED_REPLACED] = "replaced",
    [PWL_ENDED_REVOKED] = "revoked",
    [PWL_ENDED_WITHDRAWN] = "withdrawn",
    [PWL_ENDED_BACKCHANNEL] = "backchannel",
    [PWL_ENDED_UNDONE] = "undone",
    [PWL_ENDED_EXPIRED] = "expired",
};

static const char *const unauthenticated[PWL_UNAUTHENTICATED_COUNT] = {
    [PWL_UNAUTHENTICATED_LOGIN] = "login",
    [PWL_UNAUTHENTICATED_401_JSON] = "401_json",
    [PWL_UNAUTHENTICATED_401_UNSENT] = "401_unsent",
    [PWL_UNAUTHENTICATED_401_DOCUMENT] = "401_document",
    [PWL_UNAUTHENTICATED_PASS] = "pass",
};

static const char *const languages[PWL_METRIC_LANGUAGES] = {
    "en", "ar", "de", "es", "fr", "it", "ja", "nl", "pl", "pt-br", "other",
};

static const char *const calls[PWL_CALL_COUNT] = {
    [PWL_CALL_START] = "start",   [PWL_CALL_TOKEN] = "token",
    [PWL_CALL_JWKS] = "jwks",     [PWL_CALL_REFRESH] = "refresh",
    [PWL_CALL_REVOKE] = "revoke",
};

static const char *const called[PWL_CALLED_COUNT] = {
    [PWL_CALLED_OK] = "ok",
    [PWL_CALLED_REFUSED] = "refused",
    [PWL_CALLED_LIMIT] = "limit",
    [PWL_CALLED_CONFIG] = "config",
    [PWL_CALLED_FAILED] = "failed",
    [PWL_CALLED_TIMEOUT] = "timeout",
    [PWL_CALLED_UNREACHABLE] = "unreachable",
    [PWL_CALLED_BUSY] = "busy",
    [PWL_CALLED_DOWN] = "down",
};

static const char *const tables[PWL_TABLE_COUNT] = {
    [PWL_TABLE_SESSIONS] = "sessions",
    [PWL_TABLE_SIGNINS] = "signins",
};

static const char *const redis[PWL_REDIS_COUNT] = {
    [PWL_REDIS_ANSWERED] = "answered",
    [PWL_REDIS_FAILED] = "failed",
    [PWL_REDIS_WITHHELD] = "withheld",
};

/* As Prometheus writes them, so that both kinds of its text may hold them. */
static const char *const call_bounds[PWL_METRIC_BUCKETS] = {
    "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0"};
static const apr_interval_time_t call_limits[PWL_METRIC_BUCKETS] = {
    50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000};
static const char *const entry_bounds[PWL_METRIC_BUCKETS] = {
    "10.0", "20.0", "30.0", "60.0", "120.0", "180.0", "300.0", "600.0"};
static const apr_interval_time_t entry_limits[PWL_METRIC_BUCKETS] = {
    10000000,  20000000,  30000000,  60000000,
    120000000, 180000000, 300000000, 600000000};

#define LABEL(name, values)                                                    \
    {                                                                          \
        name, values, sizeof(values) / sizeof(*values)                         \
    }

/* clang-format off */
static const pwl_metric_row_t rows[PWL_METRIC_COUNT] = {
    [PWL_METRIC_SESSIONS_ACTIVE] = {
        "pwless_sessions_active", PWL_METRIC_GAUGE, "sessions", "live",
        "Sessions in the table, those that ran out included until they are swept."},
    [PWL_METRIC_SESSIONS_CREATED] = {
        "pwless_sessions_created_total", PWL_METRIC_COUNTER, "sessions", "created",
        "Sign-ins that ended in a session."},
    [PWL_METRIC_SESSIONS_ENDED] = {
        "pwless_sessions_ended_total", PWL_METRIC_COUNTER, "sessions", "ended",
        "Sessions that left the table, by reason.",
        {LABEL("reason", ended)}},
    [PWL_METRIC_CODES_REQUESTED] = {
        "pwless_codes_requested_total", PWL_METRIC_COUNTER, "codes", "requested",
        "Codes asked for, by what became of it.",
        {LABEL("result", requested)}},
    [PWL_METRIC_CODES_VERIFIED] = {
        "pwless_codes_verified_total", PWL_METRIC_COUNTER, "codes", "verified",
        "Codes typed, by what became of it.",
        {LABEL("result", verified)}},
    [PWL_METRIC_CODE_ENTRY] = {
        "pwless_code_entry_seconds", PWL_METRIC_HISTOGRAM, "codes", "entry_seconds",
        "Time from sending a code to signing in with it.",
        .bounds = entry_bounds},
    [PWL_METRIC_LANGUAGE] = {
        "pwless_language_total", PWL_METRIC_COUNTER, "codes", "language",
        "Codes the tenant was asked to send, by the language of the page.",
        {LABEL("lang", languages)}},
    [PWL_METRIC_FLOOR_EXCEEDED] = {
        "pwless_send_floor_exceeded_total", PWL_METRIC_COUNTER, "codes", "floor_exceeded",
        "Answers about an address that took longer than Auth0MinSendTime."},
    [PWL_METRIC_UNAUTHENTICATED] = {
        "pwless_unauthenticated_total", PWL_METRIC_COUNTER, "visitors", "unauthenticated",
        "Requests for guarded URLs without a usable session, by answer.",
        {LABEL("answer", unauthenticated)}},
    [PWL_METRIC_PROVIDER_CALLS] = {
        "pwless_provider_calls_total", PWL_METRIC_COUNTER, "provider", "calls",
        "Calls to the tenant, by how they ended.",
        {LABEL("call", calls), LABEL("result", called)}},
    [PWL_METRIC_PROVIDER_SECONDS] = {
        "pwless_provider_seconds", PWL_METRIC_HISTOGRAM, "provider", "seconds",
        "Time that calls to the tenant took.",
        {LABEL("call", calls)}, call_bounds},
    [PWL_METRIC_PROVIDER_LEFT] = {
        "pwless_provider_ratelimit_remaining", PWL_METRIC_GAUGE, "provider", "ratelimit_remaining",
        "Calls the tenant said it still takes, when it was last called.",
        {LABEL("call", calls)}, .is_told = 1},
    [PWL_METRIC_PROVIDER_RESET] = {
        "pwless_provider_ratelimit_reset_seconds", PWL_METRIC_GAUGE, "provider", "ratelimit_reset_seconds",
        "Seconds until the tenant takes its full number of calls again, as it said.",
        {LABEL("call", calls)}, .is_told = 1},
    [PWL_METRIC_STORE_USED] = {
        "pwless_store_used_bytes", PWL_METRIC_GAUGE, "store", "bytes_used",
        "Bytes of the session table that hold sessions."},
    [PWL_METRIC_STORE_TOTAL] = {
        "pwless_store_size_bytes", PWL_METRIC_GAUGE, "store", "bytes_total",
        "Bytes of the session table that could hold sessions."},
    [PWL_METRIC_LOCK_WAITS] = {
        "pwless_lock_waits_total", PWL_METRIC_COUNTER, "store", "lock_waits",
        "Times a lock of a table was not free at once.",
        {LABEL("table", tables)}},
    [PWL_METRIC_REPAIRS] = {
        "pwless_repairs_total", PWL_METRIC_COUNTER, "store", "repairs",
        "Times a table was put right after a process died in it.",
        {LABEL("table", tables)}},
    [PWL_METRIC_SIGNINS_EVICTED] = {
        "pwless_signins_evicted_total", PWL_METRIC_COUNTER, "store", "signins_evicted",
        "Sign-ins in progress that were forgotten for want of room."},
    [PWL_METRIC_REDIS_UP] = {
        "pwless_redis_up", PWL_METRIC_GAUGE, "redis", "up",
        "1 while Redis answers, 0 since it failed.",
        .is_told = 1},
    [PWL_METRIC_REDIS_ASKED] = {
        "pwless_redis_asked_total", PWL_METRIC_COUNTER, "redis", "asked",
        "Questions to Redis, by how they ended.",
        {LABEL("result", redis)}},
    [PWL_METRIC_REDIS_FOLLOWED] = {
        "pwless_redis_log_read_total", PWL_METRIC_COUNTER, "redis", "log_read",
        "Times the log of ended sessions was read."},
    [PWL_METRIC_REDIS_ENDED] = {
        "pwless_redis_log_ended_total", PWL_METRIC_COUNTER, "redis", "log_ended",
        "Sessions ended here because the log or a request said so."},
    [PWL_METRIC_REFUSED] = {
        "pwless_refused_total", PWL_METRIC_COUNTER, "visitors", "refused",
        "Refusals, by reason.",
        {{"reason", NULL, PWL_REASON_COUNT - 1}}},
    [PWL_METRIC_SINCE] = {
        "pwless_counting_start_time_seconds", PWL_METRIC_GAUGE, "counting", "since",
        "When counting began, in seconds since 1970."},
};

static const struct {
    apr_size_t at, cells;
} places[PWL_METRIC_COUNT] = {
#define X(name, cells)                                                        \
    [name] = {offsetof(struct pwl_metric_cells, name##_cells) /               \
                  sizeof(apr_uint64_t), cells},
    PWL_METRICS(X)
#undef X
};
/* clang-format on */

const pwl_metric_row_t *pwl_metric_row(pwl_metric_t metric)
{
    return &rows[metric];
}

const char *pwl_metric_value(const pwl_metric_label_t *label, int index)
{
    if (!label->values) /* "ok", the first reason, refuses nobody */
        return pwl_reason_word((pwl_reason_t)(index + 1));
    return label->values[index];
}

int pwl_metric_series(pwl_metric_t metric)
{
    const pwl_metric_row_t *row = &rows[metric];
    int series = 1;
    int i;

    for (i = 0; i < 2 && row->labels[i].name; i++)
        series *= row->labels[i].count;
    return series;
}

apr_size_t pwl_metric_cell(pwl_metric_t metric, int series)
{
    apr_size_t step = rows[metric].kind == PWL_METRIC_HISTOGRAM
                          ? PWL_METRIC_HISTOGRAM_CELLS
                          : 1;

    assert(series >= 0 && (apr_size_t)series * step < places[metric].cells);
    return places[metric].at + (apr_size_t)series * step;
}

int pwl_metric_read(const pwl_metrics_t *metrics, pwl_metric_t metric,
                    int series, apr_uint64_t *number)
{
    *number = metrics->cell[pwl_metric_cell(metric, series)];
    if (!rows[metric].is_told)
        return 1;
    return *number > 0 ? (*number)--, 1 : 0;
}

void pwl_metric_count_down(pwl_metrics_t *metrics, apr_time_t now)
{
    apr_uint64_t *cell =
        &metrics->cell[pwl_metric_cell(PWL_METRIC_PROVIDER_RESET, 0)];
    int i;

    for (i = 0; i < PWL_CALL_COUNT; i++) {
        apr_int64_t left = (apr_int64_t)cell[i] - 1 - apr_time_sec(now);

        if (cell[i] == 0) /* nobody has told */
            continue;
        if (left < 0)
            left = 0;
        if (left > PWL_ANSWER_RESET_MAX)
            left = PWL_ANSWER_RESET_MAX;
        cell[i] = (apr_uint64_t)left + 1;
    }
}

apr_size_t pwl_metric_bucket(pwl_metric_t metric, int series,
                             apr_interval_time_t taken, apr_size_t *sum)
{
    const apr_interval_time_t *limits =
        rows[metric].bounds == entry_bounds ? entry_limits : call_limits;
    apr_size_t at = pwl_metric_cell(metric, series);
    apr_size_t i;

    assert(rows[metric].kind == PWL_METRIC_HISTOGRAM);
    for (i = 0; i < PWL_METRIC_BUCKETS && taken > limits[i]; i++)
        ;
    *sum = at + PWL_METRIC_HISTOGRAM_CELLS - 1;
    return at + i;
}

static pwl_metric_called_t sort_call(pwl_reason_t why)
{
    switch (why) {
    case PWL_OK:
        return PWL_CALLED_OK;
    case PWL_TENANT_ADDRESS:
    case PWL_TENANT_CLOSED:
    case PWL_TENANT_WRONG_CODE:
    case PWL_TENANT_EXPIRED_CODE:
    case PWL_TENANT_SPENT_CODE:
    case PWL_TENANT_BLOCKED:
    case PWL_TENANT_STEP:
    case PWL_TENANT_DENIED:
    case PWL_TENANT_START_AGAIN:
    case PWL_TOKENS_WITHDRAWN:
        return PWL_CALLED_REFUSED;
    case PWL_TENANT_RATE_LIMIT:
        return PWL_CALLED_LIMIT;
    case PWL_TENANT_CONFIG:
        return PWL_CALLED_CONFIG;
    case PWL_HTTPS_TIMEOUT:
        return PWL_CALLED_TIMEOUT;
    case PWL_HTTPS_RESOLVE:
    case PWL_HTTPS_CONNECT:
    case PWL_HTTPS_TLS:
        return PWL_CALLED_UNREACHABLE;
    case PWL_HTTPS_BUSY:
        return PWL_CALLED_BUSY;
    case PWL_HTTPS_DOWN:
        return PWL_CALLED_DOWN;
    default:
        return PWL_CALLED_FAILED;
    }
}

int pwl_metric_call(pwl_metric_call_t call, pwl_reason_t why)
{
    return (int)call * PWL_CALLED_COUNT + (int)sort_call(why);
}

int pwl_metric_language(const char *tag)
{
    int i = 0;

    while (i < PWL_METRIC_LANGUAGES - 1 && apr_cstr_casecmp(tag, languages[i]))
        i++;
    return i;
}

pwl_metric_requested_t pwl_metric_requested(pwl_reason_t why)
{
    switch (why) {
    case PWL_OK:
        return PWL_REQUESTED_SENT;
    case PWL_FLOW_BUSY:
        return PWL_REQUESTED_SUPPRESSED;
    case PWL_FLOW_WAIT:
        return PWL_REQUESTED_COOLDOWN;
    case PWL_FLOW_LIMIT:
        return PWL_REQUESTED_LIMIT;
    case PWL_THROTTLE_ADDRESS:
    case PWL_THROTTLE_CLIENT:
    case PWL_THROTTLE_SITE:
    case PWL_THROTTLE_WRONG:
        return PWL_REQUESTED_THROTTLED;
    case PWL_TENANT_ADDRESS:
    case PWL_TENANT_CLOSED:
    case PWL_TENANT_BLOCKED:
    case PWL_TENANT_STEP:
    case PWL_TENANT_DENIED:
        return PWL_REQUESTED_REFUSED;
    case PWL_TENANT_RATE_LIMIT:
        return PWL_REQUESTED_PROVIDER_LIMIT;
    case PWL_FLOW_UNKNOWN:
    case PWL_FLOW_DAMAGED:
    case PWL_FLOW_DONE:
    case PWL_TXNS_FAILED:
    case PWL_STORE_FAILED:
    case PWL_SEAL_FAILED:
        return PWL_REQUESTED_ERROR;
    default:
        return PWL_REQUESTED_PROVIDER_ERROR;
    }
}

pwl_metric_verified_t pwl_metric_verified(pwl_reason_t why)
{
    switch (why) {
    case PWL_OK:
        return PWL_VERIFIED_OK;
    case PWL_TENANT_WRONG_CODE:
        return PWL_VERIFIED_WRONG;
    case PWL_TENANT_EXPIRED_CODE:
    case PWL_FLOW_EXPIRED:
        return PWL_VERIFIED_EXPIRED;
    case PWL_TENANT_SPENT_CODE:
    case PWL_FLOW_SPENT:
        return PWL_VERIFIED_SPENT;
    case PWL_THROTTLE_WRONG:
        return PWL_VERIFIED_THROTTLED;
    case PWL_OTP_EMPTY:
    case PWL_OTP_LENGTH:
    case PWL_OTP_CHARS:
        return PWL_VERIFIED_MALFORMED;
    case PWL_FLOW_UNKNOWN:
    case PWL_FLOW_DONE:
    case PWL_FLOW_BUSY:
    case PWL_TENANT_START_AGAIN:
        return PWL_VERIFIED_STALE;
    case PWL_TENANT_BLOCKED:
    case PWL_TENANT_CLOSED:
    case PWL_TENANT_DENIED:
    case PWL_TENANT_ADDRESS:
    case PWL_JWT_EMAIL:
    case PWL_JWT_EMAIL_UNVERIFIED:
        return PWL_VERIFIED_REFUSED;
    case PWL_TENANT_STEP:
        return PWL_VERIFIED_MFA;
    case PWL_TENANT_RATE_LIMIT:
        return PWL_VERIFIED_PROVIDER_LIMIT;
    case PWL_SESSION_TOO_BIG:
    case PWL_TOKENS_TOO_BIG:
    case PWL_TOKENS_MALFORMED:
    case PWL_STORE_FULL:
    case PWL_FLOW_DAMAGED:
    case PWL_STORE_FAILED:
    case PWL_TXNS_FAILED:
        return PWL_VERIFIED_ERROR;
    default:
        return PWL_VERIFIED_PROVIDER_ERROR;
    }
}

static apr_uint64_t mix(apr_uint64_t sum, const char *text)
{
    for (; *text; text++)
        sum = (sum ^ (unsigned char)*text) * 0x100000001b3u;
    return (sum ^ 0xff) * 0x100000001b3u;
}

apr_uint64_t pwl_metric_layout(void)
{
    apr_uint64_t sum = 0xcbf29ce484222325u; /* FNV-1a over all words */
    int metric, label, i;

    for (metric = 0; metric < PWL_METRIC_COUNT; metric++) {
        const pwl_metric_row_t *row = &rows[metric];

        sum = mix(sum, row->name);
        for (label = 0; label < 2 && row->labels[label].name; label++)
            for (i = 0; i < row->labels[label].count; i++)
                sum = mix(sum, pwl_metric_value(&row->labels[label], i));
        for (i = 0; row->bounds && i < PWL_METRIC_BUCKETS; i++)
            sum = mix(sum, row->bounds[i]);
    }
    return sum;
}
