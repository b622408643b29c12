/* SPDX-License-Identifier: Apache-2.0 */
/* OpenID Connect Back-Channel Logout 1.0: what it asks of a sign-in. Its URL is
 * in httpd/endpoint.h. */
#ifndef PWL_HTTPD_BACKCHANNEL_H
#define PWL_HTTPD_BACKCHANNEL_H

#include "httpd/request.h"

/**
 * Did the tenant sign this person out while the sign-in was under way? To be
 * asked when the session is in the table already.
 * @param issued  when the ID token was, which the session was made of
 * @return PWL_OK: no; PWL_LOGOUT_BEFORE; PWL_STORE_FAILED
 */
pwl_result_t pwl_backchannel_asked(request_rec *r, const pwl_realm_t *realm,
                                   const pwl_session_t *session,
                                   apr_time_t issued);

#endif
