/* SPDX-License-Identifier: Apache-2.0 */
#include "httpd/sending.h"

#include "httpd/floor.h"
#include "httpd/link.h"
#include "httpd/recipient.h"
#include "httpd/signin.h"
#include "httpd/throttle.h"

/* May a visitor learn that an address is unknown or blocked? */
static int tells(const pwl_request_t *rq)
{
    return rq->realm->conf->unknown == PWL_PAGE_UNKNOWN_TELL;
}

int pwl_sending_is_hidden(const pwl_sending_t *sending)
{
    return sending->outcome.why == PWL_TENANT_CLOSED && !sending->told;
}

/* Make the call, if the limits allow. */
static pwl_result_t ask_tenant(request_rec *r, pwl_request_t *rq,
                               const pwl_pending_t *pending,
                               const pwl_token_t *token, pwl_sending_t *sending)
{
    const char *address = token->address;
    pwl_visitor_t visitor = pwl_signin_visitor(r, rq->realm);
    pwl_tenant_reply_t reply = {0};
    apr_interval_time_t wait = 0;
    apr_time_t began;
    pwl_result_t res = pwl_throttle_send(r, rq->realm, address, &wait);

    sending->certain = 1; /* unless a call says otherwise, nothing was sent */
    if (res.why != PWL_OK) {
        sending->retry_after = wait ? r->request_time + wait : 0;
        return res;
    }
    if (pwl_recipient_is_test(rq->realm, address, r->pool))
        return res;
    began = apr_time_now();
    res = rq->realm->conf->send == PWL_SEND_LINK
              ? pwl_link_send(r, rq, pending, token, &visitor, &reply)
              : pwl_tenant_start(pwl_signin_https(), &rq->realm->tenant,
                                 &visitor, address, &reply, r->pool);
    pwl_signin_count_call(rq->realm, PWL_CALL_START, res.why, began, &reply);
    sending->certain = reply.certain;
    sending->retry_after = reply.retry_after;
    res = pwl_signin_explain(r, res, &reply);
    /* A blocked account looks like any other from here (ux.md B.2): the same
     * step 2, where no code is right. The detail tells the log which it was. */
    sending->told = tells(rq) && res.why == PWL_TENANT_CLOSED;
    if (!tells(rq) && (res.why == PWL_TENANT_BLOCKED ||
                       (res.why == PWL_TENANT_DENIED && reply.answer.error &&
                        !strcmp(reply.answer.error, "unauthorized"))))
        res.why = PWL_TENANT_CLOSED;
    /* Nor does a pause for this address alone show. */
    if (res.why == PWL_TENANT_CLOSED && !sending->told)
        sending->retry_after = 0;
    return res;
}

pwl_sending_t pwl_sending_ask(request_rec *r, pwl_request_t *rq,
                              const pwl_pending_t *pending,
                              const pwl_token_t *token)
{
    pwl_sending_t sending = {.outcome = {PWL_HTTPS_BUSY, 0, NULL},
                             .certain = 1};
    pwl_floor_t floor;

    if (!pwl_floor_enter(&floor, rq->realm, PWL_CALL_START))
        return sending;
    sending.outcome = ask_tenant(r, rq, pending, token, &sending);
    pwl_floor_leave(&floor, r, rq->realm,
                    sending.outcome.why == PWL_OK ||
                        pwl_sending_is_hidden(&sending));
    return sending;
}
