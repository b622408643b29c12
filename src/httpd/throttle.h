/* SPDX-License-Identifier: Apache-2.0 */
/* Who may have another code sent, before the tenant is asked. */
#ifndef PWL_HTTPD_THROTTLE_H
#define PWL_HTTPD_THROTTLE_H

#include "httpd/request.h"

/**
 * Count a code that is about to be sent: for its recipient, the client's
 * network and the host.
 *
 * A client's network from which the recipient has signed in lately has a
 * bucket of its own for that recipient, so that strangers who ask for codes for
 * an address cannot keep its owner out.
 *
 * @param wait  set when refused: how long until it would not be
 * @return PWL_OK; PWL_THROTTLE_ADDRESS, _CLIENT or _SITE;
 *         PWL_STORE_FAILED
 */
pwl_result_t pwl_throttle_send(request_rec *r, const pwl_realm_t *realm,
                               const char *address, apr_interval_time_t *wait);

/** The recipient has signed in from where this request comes from. */
void pwl_throttle_signed_in(request_rec *r, const pwl_realm_t *realm,
                            const char *address);

#endif
