/* SPDX-License-Identifier: Apache-2.0 */
/* Who may have another code sent or checked, before the tenant is asked. */
#ifndef PWL_HTTPD_THROTTLE_H
#define PWL_HTTPD_THROTTLE_H

#include "httpd/request.h"
#include "io/throttles.h"

/**
 * Count a code that is about to be sent: for its recipient, the client's
 * network and the host. Refused, too, while too many codes for the recipient
 * were wrong.
 *
 * A client's network from which the recipient has signed in lately has buckets
 * of its own for that recipient, so that strangers who ask for codes for an
 * address, or guess them, cannot keep its owner out.
 *
 * @param wait  how long until it would not be refused; 0 when it is not
 * @return PWL_OK; PWL_THROTTLE_ADDRESS, _CLIENT, _SITE or _WRONG;
 *         PWL_STORE_FAILED
 */
pwl_result_t pwl_throttle_send(request_rec *r, const pwl_realm_t *realm,
                               const char *address, apr_interval_time_t *wait);

/** What pwl_throttle_try() took. */
typedef struct {
    pwl_throttle_ask_t ask;
    pwl_throttle_told_t told;
} pwl_throttle_try_t;

/**
 * Count a code that is about to be checked as a wrong one. Fifty posts at once
 * are fifty, and a crash can cost one and never give one.
 * @return PWL_OK, and pwl_throttle_not_wrong() follows if it was not wrong;
 *         PWL_THROTTLE_WRONG with `wait`; PWL_STORE_FAILED
 */
pwl_result_t pwl_throttle_try(request_rec *r, const pwl_realm_t *realm,
                              const char *address, pwl_throttle_try_t *taken,
                              apr_interval_time_t *wait);

/** It was right, or nobody looked at it. */
void pwl_throttle_not_wrong(request_rec *r, const pwl_throttle_try_t *taken);

/** The recipient has signed in from where this request comes from. */
void pwl_throttle_signed_in(request_rec *r, const pwl_realm_t *realm,
                            const char *address);

#endif
