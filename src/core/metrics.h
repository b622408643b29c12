/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is counted: one list of metrics, and the cells their numbers lie in.
 *
 * A metric is a family of series that differ by one or two labels. Each label
 * has a fixed list of values, all words of our own source, so the number of
 * series is fixed when the module is built, and nothing a visitor sends can
 * become a label: no address, no IP address, no id, no host.
 *
 *     family 0          family 1 (4 values)    family 2 (3 histograms)
 *   [ cell ] [ cell cell cell cell ] [ buckets ... sum | buckets ... ]
 *
 * A counter or gauge has one cell a series, the last label changing fastest. A
 * histogram has PWL_METRIC_HISTOGRAM_CELLS: how many fell into each bucket,
 * beyond the last one, and the sum of microseconds. A gauge that somebody else
 * must tell holds the number and one more, or 0 while nobody has told it.
 *
 * Where cells are kept is io/counters.h, how they look core/status.h. A script
 * compares the names with docs/status.md.
 */
#ifndef PWL_CORE_METRICS_H
#define PWL_CORE_METRICS_H

#include <apr.h>
#include <apr_time.h>

#include "core/reason.h"

typedef enum {
    PWL_METRIC_COUNTER,
    PWL_METRIC_GAUGE,
    PWL_METRIC_HISTOGRAM
} pwl_metric_kind_t;

/* What became of asking for a code. */
typedef enum {
    PWL_REQUESTED_SENT,
    PWL_REQUESTED_SUPPRESSED, /* a second click: no call, no mail */
    PWL_REQUESTED_COOLDOWN,   /* too soon after the last */
    PWL_REQUESTED_LIMIT,      /* no more for this sign-in */
    PWL_REQUESTED_THROTTLED,  /* Auth0Throttle */
    PWL_REQUESTED_REFUSED,    /* the tenant sends none to that address */
    PWL_REQUESTED_PROVIDER_LIMIT,
    PWL_REQUESTED_PROVIDER_ERROR,
    PWL_REQUESTED_ERROR, /* ours: shared memory, random bytes */
    PWL_REQUESTED_COUNT
} pwl_metric_requested_t;

/* What became of a code that was typed. */
typedef enum {
    PWL_VERIFIED_OK,
    PWL_VERIFIED_WRONG,
    PWL_VERIFIED_EXPIRED,
    PWL_VERIFIED_SPENT,
    PWL_VERIFIED_MALFORMED, /* cannot be right; not sent */
    PWL_VERIFIED_STALE,     /* of a sign-in that is over */
    PWL_VERIFIED_REFUSED,   /* right perhaps, but the tenant says no */
    PWL_VERIFIED_MFA,       /* the tenant wants a further check */
    PWL_VERIFIED_THROTTLED, /* Auth0Throttle: not looked at */
    PWL_VERIFIED_PROVIDER_LIMIT,
    PWL_VERIFIED_PROVIDER_ERROR,
    PWL_VERIFIED_ERROR, /* ours: the session cannot be kept */
    PWL_VERIFIED_COUNT
} pwl_metric_verified_t;

/* How a session ended. */
typedef enum {
    PWL_ENDED_LOGOUT,
    PWL_ENDED_IDLE,     /* told when the visitor signed in anew */
    PWL_ENDED_MAX,      /* the same */
    PWL_ENDED_REPLACED, /* was good still; the browser signed in anew */
    PWL_ENDED_REVOKED,
    PWL_ENDED_WITHDRAWN, /* the tenant refused to refresh its tokens */
    PWL_ENDED_BACKCHANNEL, /* a logout token of the tenant */
    PWL_ENDED_UNDONE,  /* another post had finished the sign-in */
    PWL_ENDED_EXPIRED, /* swept: past all limits, and nobody came back */
    PWL_ENDED_COUNT
} pwl_metric_ended_t;

/* What a visitor without a usable session was answered. */
typedef enum {
    PWL_UNAUTHENTICATED_LOGIN,
    PWL_UNAUTHENTICATED_401_JSON,
    PWL_UNAUTHENTICATED_401_UNSENT,
    PWL_UNAUTHENTICATED_401_DOCUMENT, /* the site's own ErrorDocument */
    PWL_UNAUTHENTICATED_PASS,
    PWL_UNAUTHENTICATED_COUNT
} pwl_metric_unauthenticated_t;

/* Languages built in, and one place for those of Auth0Messages: their tags
 * come from the configuration. */
#define PWL_METRIC_LANGUAGES 11

typedef enum {
    PWL_CALL_START,
    PWL_CALL_TOKEN,
    PWL_CALL_JWKS,
    PWL_CALL_REFRESH,
    PWL_CALL_REVOKE,
    PWL_CALL_COUNT
} pwl_metric_call_t;

/* How a call to the tenant ended. */
typedef enum {
    PWL_CALLED_OK,
    PWL_CALLED_REFUSED, /* the visitor's business: a wrong code, say */
    PWL_CALLED_LIMIT,
    PWL_CALLED_CONFIG,
    PWL_CALLED_FAILED,
    PWL_CALLED_TIMEOUT,
    PWL_CALLED_UNREACHABLE,
    PWL_CALLED_BUSY, /* none was made: Auth0MaxCalls were under way */
    PWL_CALLED_DOWN, /* none was made: the tenant had failed */
    PWL_CALLED_COUNT
} pwl_metric_called_t;

typedef enum {
    PWL_TABLE_SESSIONS,
    PWL_TABLE_SIGNINS,
    PWL_TABLE_COUNT
} pwl_metric_table_t;

/* How asking Redis ended. */
typedef enum {
    PWL_REDIS_ANSWERED,
    PWL_REDIS_FAILED,   /* no answer, or one that is none */
    PWL_REDIS_WITHHELD, /* it failed a moment ago: not asked */
    PWL_REDIS_COUNT
} pwl_metric_redis_t;

#define PWL_METRIC_BUCKETS 8
#define PWL_METRIC_HISTOGRAM_CELLS (PWL_METRIC_BUCKETS + 2)

/* Constant, number of cells. Those marked (read) are asked of the tables when
 * somebody looks; the one (counted down) is told as a time, in seconds since
 * 1970, and shown as what is left until then; the others are counted. */
/* clang-format off */
#define PWL_METRICS(X) \
    X(PWL_METRIC_SESSIONS_ACTIVE,  1)                         /* (read) */  \
    X(PWL_METRIC_SESSIONS_CREATED, 1)                                       \
    X(PWL_METRIC_SESSIONS_ENDED,   PWL_ENDED_COUNT)                         \
    X(PWL_METRIC_CODES_REQUESTED,  PWL_REQUESTED_COUNT)                     \
    X(PWL_METRIC_CODES_VERIFIED,   PWL_VERIFIED_COUNT)                      \
    X(PWL_METRIC_CODE_ENTRY,       PWL_METRIC_HISTOGRAM_CELLS)              \
    X(PWL_METRIC_LANGUAGE,         PWL_METRIC_LANGUAGES)                    \
    X(PWL_METRIC_FLOOR_EXCEEDED,   1)                                       \
    X(PWL_METRIC_UNAUTHENTICATED,  PWL_UNAUTHENTICATED_COUNT)               \
    X(PWL_METRIC_PROVIDER_CALLS,   PWL_CALL_COUNT * PWL_CALLED_COUNT)       \
    X(PWL_METRIC_PROVIDER_SECONDS, PWL_CALL_COUNT *                         \
                                   PWL_METRIC_HISTOGRAM_CELLS)              \
    X(PWL_METRIC_PROVIDER_LEFT,    PWL_CALL_COUNT)                          \
    X(PWL_METRIC_PROVIDER_RESET,   PWL_CALL_COUNT)     /* (counted down) */ \
    X(PWL_METRIC_STORE_USED,       1)                         /* (read) */  \
    X(PWL_METRIC_STORE_TOTAL,      1)                         /* (read) */  \
    X(PWL_METRIC_LOCK_WAITS,       PWL_TABLE_COUNT)           /* (read) */  \
    X(PWL_METRIC_REPAIRS,          PWL_TABLE_COUNT)           /* (read) */  \
    X(PWL_METRIC_SIGNINS_EVICTED,  1)                         /* (read) */  \
    X(PWL_METRIC_REDIS_UP,         1)                         /* (read) */  \
    X(PWL_METRIC_REDIS_ASKED,      PWL_REDIS_COUNT)           /* (read) */  \
    X(PWL_METRIC_REDIS_FOLLOWED,   1)                         /* (read) */  \
    X(PWL_METRIC_REDIS_ENDED,      1)                         /* (read) */  \
    X(PWL_METRIC_REFUSED,          PWL_REASON_COUNT - 1)                    \
    X(PWL_METRIC_SINCE,            1)
/* clang-format on */

typedef enum {
#define X(name, cells) name,
    PWL_METRICS(X)
#undef X
        PWL_METRIC_COUNT
} pwl_metric_t;

/* Only its size and offsets are used. */
struct pwl_metric_cells {
#define X(name, cells) apr_uint64_t name##_cells[cells];
    PWL_METRICS(X)
#undef X
};
#define PWL_METRIC_CELLS                                                       \
    (sizeof(struct pwl_metric_cells) / sizeof(apr_uint64_t))

/** All numbers at one moment. */
typedef struct {
    apr_uint64_t cell[PWL_METRIC_CELLS];
} pwl_metrics_t;

/** A label and its values; `values` may be reasons, see pwl_metric_value(). */
typedef struct {
    const char *name;
    const char *const *values; /* NULL: the words of core/reason.h but "ok" */
    int count;
} pwl_metric_label_t;

typedef struct {
    const char *name; /* as Prometheus has it, e.g. "pwless_refused_total" */
    pwl_metric_kind_t kind;
    const char *section; /* where JSON and the page have it */
    const char *member;
    const char *help;             /* one sentence */
    pwl_metric_label_t labels[2]; /* name NULL: none */
    const char *const *bounds;    /* a histogram's, in seconds */
    int is_told;                  /* a gauge that may be unknown */
} pwl_metric_row_t;

/** @return what is known of a metric; never NULL */
const pwl_metric_row_t *pwl_metric_row(pwl_metric_t metric);

/** The `index`th value of a label. */
const char *pwl_metric_value(const pwl_metric_label_t *label, int index);

/** How many series a metric has. */
int pwl_metric_series(pwl_metric_t metric);

/** The first cell of a series. */
apr_size_t pwl_metric_cell(pwl_metric_t metric, int series);

/** The number of a counter or gauge. @return 0 when nobody has told it yet */
int pwl_metric_read(const pwl_metrics_t *metrics, pwl_metric_t metric,
                    int series, apr_uint64_t *number);

/** Times of PWL_METRIC_PROVIDER_RESET become seconds from `now`: 0 when they
 * are over, and at most PWL_ANSWER_RESET_MAX should the clock be set back. */
void pwl_metric_count_down(pwl_metrics_t *metrics, apr_time_t now);

/** Of a histogram: the cell that `taken` is counted in, and `*sum`, where its
 * microseconds go. A negative time (the clock was set) counts as 0. */
apr_size_t pwl_metric_bucket(pwl_metric_t metric, int series,
                             apr_interval_time_t taken, apr_size_t *sum);

/** Which series of PWL_METRIC_PROVIDER_CALLS? */
int pwl_metric_call(pwl_metric_call_t call, pwl_reason_t why);

/** Which of PWL_METRIC_CODES_REQUESTED is this outcome? */
pwl_metric_requested_t pwl_metric_requested(pwl_reason_t why);

/** Which of PWL_METRIC_CODES_VERIFIED? */
pwl_metric_verified_t pwl_metric_verified(pwl_reason_t why);

/** Which of PWL_METRIC_LANGUAGE is the language of this tag? */
int pwl_metric_language(const char *tag);

/** A number that differs when the cells mean something else: for memory that
 * may be older than the code. */
apr_uint64_t pwl_metric_layout(void);

#endif
