/* SPDX-License-Identifier: Apache-2.0 */
/* The call that has a code (or a link, httpd/link.c) sent: whether it is made,
 * and what of its outcome is hidden. */
#ifndef PWL_HTTPD_SENDING_H
#define PWL_HTTPD_SENDING_H

#include "core/token.h"
#include "httpd/request.h"
#include "io/tenant.h"

typedef struct {
    pwl_result_t outcome;
    int certain; /* a code was sent, or none: the tenant's word, not a guess */
    int told;    /* that the address is unknown: no code is said to be sent */
    apr_time_t retry_after; /* 0: nobody said */
} pwl_sending_t;

/**
 * Have a code sent to token->address, within Auth0Throttle and
 * Auth0MinSendTime.
 * @return the outcome; PWL_TENANT_CLOSED: the tenant sends none to this
 *         address, whatever its reason. Unless `told` nobody may learn that
 */
pwl_sending_t pwl_sending_ask(request_rec *r, pwl_request_t *rq,
                              const pwl_pending_t *pending,
                              const pwl_token_t *token);

/** Does it look as if a code was sent, and none was? */
int pwl_sending_is_hidden(const pwl_sending_t *sending);

#endif
