/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One sign-in by code between the two forms: opening its token, asking the
 * tenant for a code, going on to step 2.
 */
#ifndef PWL_HTTPD_CODEFLOW_H
#define PWL_HTTPD_CODEFLOW_H

#include "core/flow.h"
#include "core/token.h"
#include "httpd/request.h"
#include "io/txns.h"

/** Open a posted or linked form token. `token` always gets address and target
 * as far as the seal opened. @return as pwl_token_open() */
pwl_reason_t pwl_codeflow_open(request_rec *r, pwl_request_t *rq, const char *t,
                               pwl_step_t step, pwl_pending_t *pending,
                               pwl_token_t *token);

/** Answer a form whose token is not good, keeping what can be kept. */
int pwl_codeflow_refuse(request_rec *r, pwl_request_t *rq, pwl_reason_t why,
                        const pwl_token_t *token);

/**
 * Have a code sent to token->address, unless the record of token->txn says
 * that one was just sent. May give the token a new transaction.
 * @return PWL_OK: a code is, or may be, on its way (step 2 tells);
 *         PWL_FLOW_WAIT, _LIMIT, _BUSY: step 2 tells that, too;
 *         else why the tenant did not send
 * @param wait  how long the visitor should wait; 0: nobody said
 */
pwl_result_t pwl_codeflow_send(request_rec *r, pwl_request_t *rq,
                               const pwl_pending_t *pending, pwl_token_t *token,
                               apr_interval_time_t *wait);

/** Answer the POST that called pwl_codeflow_send(). */
int pwl_codeflow_after_send(request_rec *r, pwl_request_t *rq,
                            const pwl_pending_t *pending,
                            const pwl_token_t *token, pwl_result_t res,
                            apr_interval_time_t wait);

/** Does this transaction wait for a code that may still be good? */
int pwl_codeflow_waiting(request_rec *r, const pwl_request_t *rq,
                         const pwl_pending_t *pending,
                         const pwl_token_t *token);

/** URL of step 2 for this transaction, or NULL when it cannot be sealed. */
const char *pwl_codeflow_url(request_rec *r, const pwl_request_t *rq,
                             const pwl_token_t *token);

/** When the record of a transaction may go. */
apr_time_t pwl_codeflow_expires(request_rec *r, const pwl_request_t *rq);

/** Run `fn` on the record of a transaction, wherever it is.
 * @return as pwl_fleet_txns_with(); `fn` may run more than once, as there */
pwl_result_t pwl_codeflow_with(request_rec *r, const pwl_request_t *rq,
                               const pwl_token_t *token, int create,
                               pwl_txns_fn_t *fn, void *baton);

/** As pwl_codeflow_with(), for the token that the code of the record was asked
 * for with: two may name one transaction, since a form that was refused for one
 * address can be sent for another.
 * @return PWL_FLOW_UNKNOWN, too, when it was another */
pwl_result_t pwl_codeflow_own(request_rec *r, const pwl_request_t *rq,
                              const pwl_pending_t *pending,
                              const pwl_token_t *token, pwl_txns_fn_t *fn,
                              void *baton);

/** Did another tab of this browser ask for a newer code for this address? */
int pwl_codeflow_superseded(request_rec *r, const pwl_request_t *rq,
                            const pwl_pending_t *pending,
                            const pwl_token_t *token);

/** After PWL_FLOW_LIMIT: how long until pwl_codeflow_send() begins anew, the
 * last code being too old. */
apr_interval_time_t pwl_codeflow_limit_wait(const pwl_flow_t *flow,
                                            apr_time_t now,
                                            const pwl_flow_policy_t *policy);

#endif
