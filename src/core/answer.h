/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Auth0's answers mean: status, JSON and error words become a reason.
 *
 * The status is looked at first, then the error code, and the English text
 * only where Auth0 gives one code to different things (answer.c lists those
 * places). Auth0's text is never for the visitor: it may go into `detail` for
 * the log, printable and short and without anything that looks like an
 * address.
 */
#ifndef PWL_CORE_ANSWER_H
#define PWL_CORE_ANSWER_H

#include <apr_pools.h>
#include <apr_time.h>

#include "core/reason.h"

/** Texts are in the caller's pool or static; NULL: none. */
typedef struct {
    const char *error;    /* short code, [A-Za-z0-9._-]{1,64}; "http_502" */
    const char *hint;     /* static text for the log: which setting to mend */
    const char *id_token; /* the rest only after a good token answer */
    const char *access_token;
    const char *refresh_token;
    const char *scope;
    apr_int64_t expires_in; /* seconds; 0: not told */
} pwl_answer_t;

/**
 * Judge the answer to POST /passwordless/start. Any 2xx is PWL_OK, whatever
 * its body.
 *
 * @return PWL_OK, or PWL_TENANT_ADDRESS, _CLOSED, _RATE_LIMIT, _BLOCKED,
 *         _STEP, _DENIED, _CONFIG, _MAIL, _FAILED or _NONSENSE (3xx, 1xx)
 */
pwl_result_t pwl_answer_judge_start(int status, const char *content_type,
                                    const char *body, apr_size_t len,
                                    pwl_answer_t *out, apr_pool_t *pool);

/** Which grant a token answer is for: one code means different things. */
typedef enum {
    PWL_ANSWER_OTP,
    PWL_ANSWER_CODE,
    PWL_ANSWER_REFRESH
} pwl_answer_grant_t;

/**
 * Judge the answer to POST /oauth/token.
 *
 * Good is a 2xx with a JSON object: `id_token` a non-empty string,
 * `token_type` "Bearer" in any case, `expires_in` absent or a whole number
 * from 0 to ten years. A refresh must bring an `access_token`; its `id_token`
 * may be absent. Unknown keys are ignored. No token is looked into here.
 *
 * @return PWL_OK; PWL_TENANT_WRONG_CODE, _EXPIRED_CODE, _SPENT_CODE (grant
 *         OTP); _START_AGAIN (grant CODE); PWL_TOKENS_WITHDRAWN (grant
 *         REFRESH: this person must sign in anew); _RATE_LIMIT, _BLOCKED,
 * _STEP, _DENIED, _CONFIG, _FAILED; _NONSENSE (a 2xx we cannot read)
 */
pwl_result_t pwl_answer_judge_token(int status, const char *content_type,
                                    const char *body, apr_size_t len,
                                    pwl_answer_grant_t grant, pwl_answer_t *out,
                                    apr_pool_t *pool);

/** Judge the answer to POST /oauth/revoke: any 2xx is PWL_OK.
 * @return as pwl_answer_judge_start(), of the rows that fit every call */
pwl_result_t pwl_answer_judge_revoke(int status, const char *content_type,
                                     const char *body, apr_size_t len,
                                     pwl_answer_t *out, apr_pool_t *pool);

/**
 * Judge the `error` word of the callback's query.
 *
 * @return PWL_TENANT_DENIED, _STEP, _CONFIG, _RATE_LIMIT, _BLOCKED or _FAILED
 *         (also for a word nobody documents); never PWL_OK
 */
pwl_reason_t pwl_answer_judge_callback(const char *error);

/**
 * The same where a mailed link led to the tenant.
 *
 * @param text  its `error_description`; NULL: none
 * @return as pwl_answer_judge_callback(), or for `unauthorized`
 *         PWL_TENANT_EXPIRED_CODE, _SPENT_CODE, _DENIED (the account is
 *         blocked) or _WRONG_CODE (used, or not the newest)
 */
pwl_reason_t pwl_answer_judge_link(const char *error, const char *text);

/** @return `error` cut and cleaned to [A-Za-z0-9._-]{1,64}; "none" for NULL
 * and for a text of which nothing is left */
const char *pwl_answer_code(const char *error, apr_pool_t *pool);

/**
 * Text from outside made fit for our log: printable ASCII, at most
 * PWL_ANSWER_TEXT_MAX characters; a word that may be somebody's address (it
 * has '@' or "%40" in it, or starts with '+') becomes "*".
 *
 * @param text  NULL gives ""
 */
const char *pwl_answer_text(const char *text, apr_pool_t *pool);

/**
 * How long to wait after a 429.
 *
 * @param retry_after  seconds or an HTTP date; NULL or unusable: none
 * @param reset        x-ratelimit-reset: over 10^9 seconds since 1970, else
 *                     seconds from now; NULL or unusable: none
 * @return 1 s to 1 h; 60 s if neither is usable
 */
apr_interval_time_t pwl_answer_wait(const char *retry_after, const char *reset,
                                    apr_time_t now);

/**
 * When is the tenant's limit full again?
 *
 * @param reset  as above
 * @return between `now` and PWL_ANSWER_RESET_MAX seconds later; 0 if it is not
 * usable
 */
apr_time_t pwl_answer_reset(const char *reset, apr_time_t now);

#endif
