/* SPDX-License-Identifier: Apache-2.0 */
/* One visit of step 2, shared by the form (httpd/code.c) and the check of what
 * was typed (httpd/verify.c). */
#ifndef PWL_HTTPD_CODE_H
#define PWL_HTTPD_CODE_H

#include "core/limits.h"
#include "core/token.h"
#include "httpd/request.h"
#include "io/txns.h"

typedef struct {
    request_rec *r;
    pwl_request_t *rq;
    pwl_pending_t pending;
    pwl_token_t token;
    apr_time_t now;
    pwl_flow_t flow; /* copy of the record, once it was read */
    char digits[PWL_OTP_MAX_DIGITS + 1]; /* the code, when one was posted */
} pwl_code_t;

/** Run `fn` on the record of this transaction, as pwl_codeflow_own(). */
pwl_result_t pwl_code_with(pwl_code_t *post, pwl_txns_fn_t *fn, void *baton);

/** 303 to step 2, which tells what the record knows. A program is told at once,
 * of `why`: by now another post may have been told what stood in the record. */
int pwl_code_back(pwl_code_t *post, pwl_reason_t why);

/** Tell a program of a call to the tenant that failed, or may not be made now,
 * with step 2 to go on with. */
int pwl_code_failed(pwl_code_t *post, pwl_result_t res,
                    apr_interval_time_t wait);

/** The record is gone or finished: step 1, with address and target kept. It
 * cannot be had now: 503, and step 2 again later. */
int pwl_code_restart(pwl_code_t *post, pwl_result_t res);

/** 303 to where the sign-in leads. */
int pwl_code_finish(pwl_code_t *post);

#endif
