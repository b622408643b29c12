/* SPDX-License-Identifier: Apache-2.0 */
/* The way out to the tenant's own sign-in page (GET /authorize). */
#ifndef PWL_HTTPD_HOSTED_H
#define PWL_HTTPD_HOSTED_H

#include "core/token.h"
#include "httpd/request.h"

/**
 * Redirect to /authorize with state, nonce and PKCE bound to this browser.
 * Stops with a page, and takes our cookies back, when the browser keeps coming
 * back without a session.
 * @param from    return target and address to keep
 * @param wanted  somebody signed in asks to be somebody else: no loop
 */
int pwl_hosted_go(request_rec *r, pwl_request_t *rq, const pwl_token_t *from,
                  int wanted);

/** The tenant wants more than a code (a second factor, a CAPTCHA): offer the
 * way to its own page, with the address filled in.
 * @param asked  what the tenant said, for the log */
int pwl_hosted_offer(request_rec *r, pwl_request_t *rq,
                     const pwl_token_t *token, pwl_result_t asked);

#endif
